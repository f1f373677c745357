//! `pintle rules`: the list, and the test of a repository's own pages.

use super::args::{Rules, RulesCommand, RulesOutput};
use super::door::{Opened, Root, list, open_own};
use super::{End, Failure, explain, said, terminal, work};
use crate::emit::page_url;
use crate::examples::{Outcome, prove};
use crate::limits::CONFIGURATION;
use crate::redact::{clean, escape_json};
use crate::rules::{Book, Page};
use crate::text::{SourceId, Sources};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) fn run(rules: &Rules) -> Result<End, Failure> {
    if let Some(RulesCommand::Test { folder }) = &rules.test {
        return test(folder);
    }
    let book = explain::book()?;
    let pages: Vec<&Page> = book.pages().iter().filter(|page| is_wanted(rules, page)).collect();
    if let (true, Some(word)) = (pages.is_empty(), rules.words.first()) {
        return Err(work::unknown_rule(word, &book.ids()));
    }
    let out = match rules.output {
        _ if rules.json => as_json(&pages),
        RulesOutput::Json => as_json(&pages),
        RulesOutput::Markdown => as_markdown(&pages),
        RulesOutput::Table => as_table(&pages, !rules.all && rules.words.is_empty()),
    };
    terminal::print(&said(out)).map_err(Failure::new)?;
    Ok(End::Clean)
}

/// Whether all the words are in the name or the title of a rule, or are its severity, what it is about, or its vendor.
fn is_wanted(rules: &Rules, page: &Page) -> bool {
    rules.words.iter().all(|word| {
        let word = word.to_lowercase();
        let is = |text: &str| text.to_lowercase() == word;
        page.id.contains(word.trim_end_matches('*'))
            || page.title.to_lowercase().contains(&word)
            || is(page.severity.name())
            || is(&page.about)
            || page.vendor.as_deref().is_some_and(is)
    })
}

/// A line for each rule. Those about tokens of vendors are as many as vendors, and are counted where nobody asks for them.
fn as_table(pages: &[&Page], is_folded: bool) -> String {
    let (folded, shown): (Vec<&Page>, Vec<&Page>) =
        pages.iter().partition(|page| is_folded && page.vendor.is_some());
    let width = shown.iter().map(|page| page.id.len()).max().unwrap_or(0);
    let line = |page: &&Page| {
        format!("{:width$}  {:7}  {}\n", clean(&page.id), page.severity.name(), clean(&page.title))
    };
    let mut out: String = shown.iter().map(line).collect();
    if !folded.is_empty() {
        let vendors: BTreeSet<&str> = folded.iter().filter_map(|page| page.vendor.as_deref()).collect();
        out.push_str(&format!(
            "\nand {} rules for what {} vendors issue: `pintle rules --all`, `pintle rules github`\n",
            folded.len(),
            vendors.len()
        ));
    }
    out
}

fn as_markdown(pages: &[&Page]) -> String {
    let cell = |text: &str| clean(text).replace('|', "\\|");
    let row = |page: &&Page| {
        let id = match page_url(page) {
            Some(url) => format!("[{}]({url})", page.id),
            None => cell(&page.id),
        };
        format!("| {id} | {} | {} |\n", page.severity.name(), cell(&page.title))
    };
    "| rule | severity | |\n|---|---|---|\n".to_owned() + &pages.iter().map(row).collect::<String>()
}

fn as_json(pages: &[&Page]) -> String {
    let rule = |page: &&Page| -> Value {
        json!({
            "id": page.id.as_str(),
            "title": page.title.as_str(),
            "severity": page.severity.name(),
            "about": page.about.as_str(),
            "since": page.since.as_str(),
            "summary": page.summary(),
            "help": page.help.as_str(),
            "vendor": page.vendor.as_deref(),
            "url": page_url(page),
        })
    };
    let list: Vec<Value> = pages.iter().map(rule).collect();
    escape_json(format!("{:#}", json!({"schema": "pintle/v1", "rules": list}))) + "\n"
}

/// Runs the examples of every page in a folder.
fn test(folder: &Path) -> Result<End, Failure> {
    let (mut out, mut bad, pages) = (String::new(), 0, pages(folder)?);
    for (path, text) in &pages {
        let name = clean(&path.to_string_lossy()).into_owned();
        let wrong = wrong_with(path, text);
        out.push_str(&format!("{} {name}\n", if wrong.is_empty() { "ok  " } else { "FAIL" }));
        bad += usize::from(!wrong.is_empty());
        for says in wrong {
            out.push_str(&format!("       {}\n", clean(&says)));
        }
    }
    out.push_str(&format!("{} pages, {bad} wrong\n", pages.len()));
    terminal::print(&said(out)).map_err(Failure::new)?;
    Ok(if bad > 0 { End::Found } else { End::Clean })
}

fn pages(folder: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let failed = |path: &Path, why: String| Failure::new(format!("cannot read {}: {why}", path.display()));
    let root = Root::open(folder).map_err(|error| failed(folder, terminal::reason(&error)))?;
    let mut pages = Vec::new();
    for entry in list(folder) {
        let entry = entry.map_err(|error| failed(folder, error.to_string()))?;
        let path = entry.path().to_owned();
        if path.extension().is_some_and(|extension| extension == "md") {
            let opened = open_own(&root, entry.file_name(), CONFIGURATION);
            let text = opened.and_then(Opened::text).map_err(|why| failed(&path, why.to_string()))?;
            pages.push((path, text));
        }
    }
    pages.sort();
    if pages.is_empty() {
        return Err(Failure::new(format!("there is no rule page in {}", folder.display())));
    }
    Ok(pages)
}

/// What is wrong with one page, read beside the rules of the binary.
fn wrong_with(path: &Path, text: &str) -> Vec<String> {
    let (mut book, _) = Book::built_in();
    let name = path.to_string_lossy();
    let mut sources = Sources::default();
    let id: SourceId = sources.add(&name, text.into());
    let before: Vec<String> = book.ids().into_iter().map(str::to_owned).collect();
    let problems = book.add(id, &name, text);
    if !problems.is_empty() {
        let line = |at: crate::text::Span| format!("line {}: ", sources.places(at).0.line);
        return problems
            .iter()
            .map(|problem| format!("{}{}", problem.at.map_or(String::new(), line), problem.says))
            .collect();
    }
    let added = book.pages().iter().find(|page| !before.iter().any(|id| *id == page.id));
    let outcomes = added.map(|page| prove(&book, page)).unwrap_or_default();
    outcomes.iter().map(told).collect()
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Missing { line, says } => format!("missing (example at line {line}): {says}"),
        Outcome::Noisy { line, says } => format!("noisy (example at line {line}): {says}"),
        Outcome::Misplaced { line, says } => format!("misplaced (example at line {line}): {says}"),
        Outcome::Unfixed { line, says } => format!("unfixed (example at line {line}): {says}"),
        Outcome::Weightless { condition } => {
            format!("weightless: no good example needs the condition on `{condition}`")
        }
        Outcome::Unproven { says } => format!("unproven: {says}"),
    }
}
