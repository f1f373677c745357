//! The rules of a SARIF run, described by their pages. Knows no result.

use super::sarif::sentence;
use super::{clean, page_url};
use crate::finding::{Finding, Severity};
use crate::rules::{Book, Page};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of the book, and those that fired without a page, each with its index. Of the pages of vendors, of
/// which there are hundreds, only those that fired: a run stays small enough to be uploaded after every push.
pub(super) struct Rules<'a> {
    book: &'a Book,
    index: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    /// Pages that are no rules (tables of data) fire never and are left out.
    pub(super) fn of(book: &'a Book, findings: &[&'a Finding]) -> Rules<'a> {
        let told = book.pages().iter().filter(|page| page.about != "data" && page.vendor.is_none());
        let told = told.map(|page| page.id.as_str());
        let ids: BTreeSet<&str> = told.chain(findings.iter().map(|finding| finding.rule.as_str())).collect();
        Rules { book, index: ids.into_iter().enumerate().map(|(at, id)| (id, at)).collect() }
    }

    pub(super) fn index(&self, rule: &str) -> usize {
        self.index.get(rule).copied().unwrap_or(0)
    }

    pub(super) fn descriptors(&self) -> Vec<Value> {
        self.index.keys().map(|id| self.book.page(id).map_or_else(|| bare(id), descriptor)).collect()
    }
}

fn bare(id: &str) -> Value {
    let text = json!({"text": sentence(&id.replace('-', " "))});
    json!({
        "id": id,
        "name": pascal(id),
        "shortDescription": text,
        "fullDescription": text,
        "help": text,
        "messageStrings": {"default": {"text": "'{0}'."}},
    })
}

fn descriptor(page: &Page) -> Value {
    let (level, enabled) = match page.severity {
        Severity::Error => ("error", true),
        Severity::Warning => ("warning", true),
        Severity::Note => ("note", true),
        Severity::Off => ("note", false),
    };
    let summary = if page.summary.is_empty() { &page.title } else { &page.summary };
    let help = if page.help.is_empty() { summary } else { &page.help };
    let mut properties = json!({
        "tags": tags(page),
        "precision": "high",
        "problem.severity": match page.severity { Severity::Error => "error", Severity::Warning => "warning", _ => "recommendation" },
    });
    if page.about == "secret" {
        // With this a finding becomes a security alert; the numbers are the ends of critical, high and medium.
        let score = match page.severity {
            Severity::Error => "9.0",
            Severity::Warning => "7.0",
            _ => "4.0",
        };
        properties["security-severity"] = score.into();
    }
    let mut rule = json!({
        "id": page.id.as_str(),
        "name": pascal(&page.id),
        "shortDescription": {"text": sentence(&clean(&page.title))},
        "fullDescription": {"text": sentence(&clean(summary))},
        "help": {"text": sentence(&clean(help)), "markdown": page_text(page)},
        "messageStrings": {"default": {"text": "'{0}'."}},
        "defaultConfiguration": {"level": level, "enabled": enabled},
        "properties": properties,
    });
    if let Some(url) = page_url(page) {
        rule["helpUri"] = url.into();
    }
    rule
}

/// What people filter by. Code scanning takes at most twenty.
fn tags(page: &Page) -> Vec<&'static str> {
    match page.about.as_str() {
        "secret" => vec!["gitops", "secrets", "security"],
        "image" | "chart" | "action" => vec!["gitops", "images", "supply-chain"],
        _ if page.id.starts_with("image-") => vec!["gitops", "images", "supply-chain"],
        _ if page.id.starts_with("secret-") => vec!["gitops", "secrets", "security"],
        "pintle" => vec!["gitops", "maintainability"],
        _ => vec!["gitops", "reliability", "storage"],
    }
}

/// A page as people read it: what only its tests read behind a fence becomes a line above it.
pub fn page_text(page: &Page) -> String {
    markdown(&page.prose)
}

/// "```yaml bad file=deploy.yaml" becomes "Bad, `deploy.yaml`:" and a plain fence.
fn markdown(prose: &str) -> String {
    let (mut out, mut open) = (String::new(), false);
    for line in prose.lines() {
        let fence = line.trim_start().starts_with("```");
        open ^= fence;
        let mut line = line;
        if fence && open {
            let mut words = line.split(' ');
            line = words.next().unwrap_or(line);
            out.push_str(&caption(words));
        }
        out.extend(line.chars().map(super::clean::picture));
        out.push('\n');
    }
    out
}

fn caption<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let (mut verdict, mut file) = (None, None);
    for word in words {
        match (word, word.strip_prefix("file=")) {
            ("bad", _) => verdict = Some("Bad"),
            ("good", _) => verdict = Some("Good"),
            ("fixed", _) => verdict = Some("Fixed"),
            (_, Some(name)) => file = Some(name),
            _ => {}
        }
    }
    match (verdict, file) {
        (Some(verdict), Some(file)) => format!("{verdict}, `{file}`:\n\n"),
        (Some(verdict), None) => format!("{verdict}:\n\n"),
        (None, Some(file)) => format!("With `{file}`:\n\n"),
        (None, None) => String::new(),
    }
}

/// `ImageLatest` of `image-latest`. Validators want a name that is not the id, so a single word gets a second.
pub(super) fn pascal(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).collect::<String>() + chars.as_str()
    };
    let name: String = id.split('-').map(word).collect();
    if id.contains('-') { name } else { name + "Rule" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;

    #[test]
    fn every_rule_is_described() {
        for rule in Rules::of(&sample::BOOK, &[]).descriptors() {
            for field in ["shortDescription", "fullDescription", "help"] {
                assert!(rule[field]["text"].as_str().is_some_and(|text| text.len() > 1), "{rule}");
            }
            assert!(rule["help"]["markdown"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
            assert!(rule["properties"]["tags"].as_array().is_some_and(|tags| (1..=20).contains(&tags.len())));
            let secret = rule["properties"].get("security-severity");
            assert!(
                secret.is_none_or(|score| score.as_str().is_some_and(|score| score.parse::<f32>().is_ok()))
            );
        }
    }

    #[test]
    fn fences_tell_people_what_they_tell_tests() {
        let prose = "# A\n```yaml bad file=a.yaml\na: b c\n```\n```sh\nx\n```\n```yaml file=c.yaml\n```\n";
        let shown =
            "# A\nBad, `a.yaml`:\n\n```yaml\na: b c\n```\n```sh\nx\n```\nWith `c.yaml`:\n\n```yaml\n```\n";
        assert_eq!(markdown(prose), shown);
        assert_eq!(pascal("image-no-digest"), "ImageNoDigest");
        assert_eq!(pascal("lonely"), "LonelyRule");
    }
}
