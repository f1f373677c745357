//! `pintle rules`: the list, and the test of a repository's own pages.

use super::args::{Rules, RulesCommand};
use super::door::{Opened, Root, list, open_own};
use super::{End, Failure, explain, said, terminal};
use crate::emit::page_url;
use crate::examples::{Outcome, prove};
use crate::limits::CONFIGURATION;
use crate::redact::{clean, escape_json};
use crate::rules::{Book, Page};
use crate::text::{SourceId, Sources};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn run(rules: &Rules) -> Result<End, Failure> {
    if let Some(RulesCommand::Test { folder }) = &rules.test {
        return test(folder);
    }
    let book = explain::book()?;
    let out = if rules.json { as_json(&book) } else { as_table(&book) };
    terminal::print(&said(out)).map_err(Failure::new)?;
    Ok(End::Clean)
}

fn as_table(book: &Book) -> String {
    let width = book.pages().iter().map(|page| page.id.len()).max().unwrap_or(0);
    let line = |page: &Page| {
        format!("{:width$}  {:7}  {}\n", clean(&page.id), page.severity.name(), clean(&page.title))
    };
    book.pages().iter().map(line).collect()
}

fn as_json(book: &Book) -> String {
    let rule = |page: &Page| -> Value {
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
    let list: Vec<Value> = book.pages().iter().map(rule).collect();
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
