//! The rules of a SARIF run, described by their pages. Knows no result.

use super::page_url;
use super::words::sentence;
use crate::finding::Severity;
use crate::redact::clean;
use crate::rules::{Book, Page};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of the book, and those that fired without a page, each with its index. Of the pages of vendors, of
/// which there are hundreds, only those that fired: a run stays small enough to be uploaded after every push.
///
/// Forges take the severity of an alert from its rule. So a rule that fired with another severity than its page's has a
/// descriptor for that severity, too: `secret-in-values/warning`.
pub(super) struct Rules<'a> {
    book: &'a Book,
    index: BTreeMap<(&'a str, Option<Severity>), usize>,
}

impl<'a> Rules<'a> {
    /// `fired` are the rules of the findings that are told.
    pub(super) fn of(book: &'a Book, fired: impl Iterator<Item = (&'a str, Severity)>) -> Rules<'a> {
        let told = book.pages().iter().filter(|page| page.about != "data" && page.vendor.is_none());
        let told = told.map(|page| (page.id.as_str(), None));
        let fired = fired.map(|(id, severity)| (id, other_severity(book, id, severity)));
        let ids: BTreeSet<_> = told.chain(fired).collect();
        Rules { book, index: ids.into_iter().enumerate().map(|(at, id)| (id, at)).collect() }
    }

    /// The id of the descriptor of a rule's findings of a severity, and its index.
    pub(super) fn find(&self, rule: &str, severity: Severity) -> (String, usize) {
        let other = other_severity(self.book, rule, severity);
        let index = self.index.get(&(rule, other)).copied().unwrap_or(0);
        (descriptor_id(rule, other), index)
    }

    pub(super) fn descriptors(&self) -> Vec<Value> {
        let describe = |(id, other): &(&str, Option<Severity>)| match self.book.page(id) {
            Some(page) => descriptor(page, *other),
            None => bare(id),
        };
        self.index.keys().map(describe).collect()
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

/// The severity, where it is not that of the rule's page.
fn other_severity(book: &Book, rule: &str, severity: Severity) -> Option<Severity> {
    book.page(rule).filter(|page| page.severity != severity).map(|_| severity)
}

fn descriptor_id(rule: &str, other: Option<Severity>) -> String {
    other.map_or_else(|| rule.to_owned(), |severity| format!("{rule}/{}", severity.name()))
}

fn descriptor(page: &Page, other: Option<Severity>) -> Value {
    let severity = other.unwrap_or(page.severity);
    let (level, enabled) = match severity {
        Severity::Error => ("error", true),
        Severity::Warning => ("warning", true),
        Severity::Note => ("note", true),
        Severity::Off => ("note", false),
    };
    let summary = page.summary();
    let summary = if summary.is_empty() { page.title.as_str() } else { &summary };
    let summary = &links(summary, |label, _| label.to_owned());
    let help = if page.help.is_empty() { summary.as_str() } else { &page.help };
    // On the web page of an alert there is nothing that a relative link could be relative to.
    let folder = page_url(page).and_then(|url| url.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    let absolute = |label: &str, target: &str| match &folder {
        Some(folder) if !target.contains("://") => format!("[{label}]({folder}/{target})"),
        _ => format!("[{label}]({target})"),
    };
    let mut properties = json!({
        "tags": tags(page),
        "precision": "high",
        "problem.severity": match severity { Severity::Error => "error", Severity::Warning => "warning", _ => "recommendation" },
    });
    if is_about_secrets(page) {
        // With this a finding becomes a security alert; the numbers are the ends of critical, high and medium.
        let score = match severity {
            Severity::Error => "9.0",
            Severity::Warning => "7.0",
            _ => "4.0",
        };
        properties["security-severity"] = score.into();
    }
    let mut rule = json!({
        "id": descriptor_id(&page.id, other),
        "name": pascal(&page.id),
        "shortDescription": {"text": sentence(&clean(&page.title))},
        "fullDescription": {"text": sentence(&clean(summary))},
        "help": {"text": sentence(&clean(help)), "markdown": links(&page_text(page), absolute)},
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
    let is_storage =
        ["cnpg-", "database-", "postgres-", "storage-"].iter().any(|head| page.id.starts_with(head));
    match page.about.as_str() {
        _ if is_about_secrets(page) => vec!["gitops", "secrets", "security"],
        _ if is_storage => vec!["gitops", "reliability", "storage"],
        "pintle" => vec!["gitops", "maintainability"],
        _ => vec!["gitops", "images", "supply-chain"],
    }
}

fn is_about_secrets(page: &Page) -> bool {
    page.about == "secret" || page.id.split('-').any(|word| word == "secret")
}

/// A page as people read it: what only its tests read behind a fence becomes a line above it.
pub fn page_text(page: &Page) -> String {
    markdown(&page.prose)
}

/// The text with each `[label](target)` written anew.
fn links(text: &str, write: impl Fn(&str, &str) -> String) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("](") {
        let whole = before.rsplit_once('[').zip(after.split_once(')'));
        match whole.filter(|((_, label), (target, _))| !label.contains('\n') && !target.contains([' ', '\n']))
        {
            Some(((before, label), (target, after))) => {
                out.push_str(before);
                out.push_str(&write(label, target));
                rest = after;
            }
            None => {
                out.push_str(before);
                out.push_str("](");
                rest = after;
            }
        }
    }
    out + rest
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
        out.push_str(&clean(line));
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
        let mut report = sample::everything();
        report.findings[0].rule = "without-a-page".into();
        let fired = report.findings.iter().map(|finding| (finding.rule.as_str(), finding.severity));
        let (known, rules) = (Book::built_in().0, Rules::of(&sample::BOOK, fired));
        assert_eq!(
            rules.descriptors()[rules.find("without-a-page", Severity::Error).1]["name"],
            "WithoutAPage"
        );
        for rule in known.pages().iter().map(|page| descriptor(page, None)) {
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
    fn a_severity_that_is_not_the_page_s_has_a_descriptor_of_its_own() {
        let book = Book::built_in().0;
        let fired = [("secret-in-values", Severity::Error), ("secret-in-values", Severity::Warning)];
        let rules = Rules::of(&book, fired.into_iter());
        let described = rules.descriptors();
        for (severity, id, level, score) in [
            (Severity::Error, "secret-in-values", "error", "9.0"),
            (Severity::Warning, "secret-in-values/warning", "warning", "7.0"),
        ] {
            let (told, at) = rules.find("secret-in-values", severity);
            assert_eq!((told.as_str(), &described[at]["id"]), (id, &json!(id)));
            assert_eq!(described[at]["defaultConfiguration"]["level"], level);
            assert_eq!(described[at]["properties"]["security-severity"], score);
        }
    }

    #[test]
    fn fences_tell_people_what_they_tell_tests() {
        let prose = "# A\n```yaml bad file=a.yaml\na: b c\n```\n```sh\nx\n```\n```yaml file=c.yaml\n```\n";
        let shown =
            "# A\nBad, `a.yaml`:\n\n```yaml\na: b c\n```\n```sh\nx\n```\nWith `c.yaml`:\n\n```yaml\n```\n";
        assert_eq!(markdown(prose), shown);
        let bare = |text| links(text, |label, target| format!("{label}<{target}>"));
        for (text, shown) in
            [("a [b](c.md) d [e](f)", "a b<c.md> d e<f>"), ("x](y) [](", "x](y) []("), ("[a](b", "[a](b")]
        {
            assert_eq!(bare(text), shown);
        }
        assert_eq!(pascal("image-no-digest"), "ImageNoDigest");
        assert_eq!(pascal("lonely"), "LonelyRule");
    }
}
