//! One more entry under `allow:` of a configuration's text, with every byte around it left as it is. Whatever this
//! cannot place for certain it refuses; files are not touched here.

use super::Config;
use crate::syntax::{Node, yaml};
use crate::text::{Date, SourceId};

/// An entry to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    pub rule: &'a str,
    /// The name of the one file.
    pub file: &'a str,
    /// The hash of the one value.
    pub value: Option<&'a str>,
    pub reason: &'a str,
    pub until: Option<Date>,
}

/// The text with the entry in it; nothing if there is no certain place for it, or if the text is no configuration.
///
/// The result was read again: it is the old configuration and this entry, and nothing is wrong with it.
pub fn allow(text: &str, rules: &[&str], entry: &Entry) -> Option<String> {
    let source = SourceId(0);
    let (before, problems) = Config::read(source, text, rules);
    if !problems.is_empty() {
        return None;
    }
    let documents = yaml::read(source, text).documents;
    let root = documents.first().map(|document| &document.root).filter(|root| !root.is_null());
    let found = root.and_then(|root| root.entries().iter().find(|(key, _)| key.text() == Some("allow")));
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let block = |indent: usize| {
        let lines = fields(entry).into_iter().enumerate().map(|(at, (key, value))| {
            let sign = if at == 0 { "- " } else { "  " };
            format!("{:indent$}{sign}{key}: {value}{line_break}", "")
        });
        lines.collect::<String>()
    };
    let (at, new) = match found {
        None => (text.len(), format!("allow:{line_break}{}", block(2))),
        Some((_, list)) if text[list.span().range()].starts_with('[') => {
            let close = list.span().end as usize - 1;
            let inside = text.get(..close)?.trim_end();
            let comma = if inside.ends_with(['[', ',']) { "" } else { ", " };
            (close, format!("{comma}{}", braced(entry)))
        }
        Some((_, list)) => {
            let (first, last) = (list.items().first()?, list.items().last()?);
            (line_after(text, end(last)), block(dash(text, first)?))
        }
    };
    let (head, tail) = text.split_at_checked(at)?;
    let gap = if at > 0 && !head.ends_with('\n') && !new.starts_with(['{', ',']) { line_break } else { "" };
    let text = format!("{head}{gap}{new}{tail}");
    let (after, problems) = Config::read(source, &text, rules);
    let same = |a: &super::Allow, b: &super::Allow| {
        (&a.rule, &a.value, &a.reason, a.until) == (&b.rule, &b.value, &b.reason, b.until)
    };
    let (last, rest) = after.allows.split_last()?;
    let kept = rest.len() == before.allows.len() && rest.iter().zip(&before.allows).all(|(a, b)| same(a, b));
    let right = last.rule == entry.rule
        && last.value.as_deref() == entry.value
        && last.reason == entry.reason
        && last.until == entry.until
        && last.paths.len() == 1
        && last.paths[0].is_match(entry.file);
    (problems.is_empty() && kept && right).then_some(text)
}

/// The entry on a line, for somebody who has to write it by hand.
pub fn spelled(entry: &Entry) -> String {
    format!("- {}", braced(entry))
}

fn braced(entry: &Entry) -> String {
    let pairs: Vec<String> = fields(entry).iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn fields(entry: &Entry) -> Vec<(&'static str, String)> {
    let mut fields = vec![("rule", scalar(entry.rule)), ("paths", scalar(&glob(entry.file)))];
    fields.extend(entry.value.map(|value| ("value", quoted(value))));
    fields.push(("reason", quoted(entry.reason)));
    fields.extend(entry.until.map(|until| ("until", until.to_string())));
    fields
}

/// The glob that matches this one name.
fn glob(file: &str) -> String {
    let escaped: String = file
        .chars()
        .map(|c| {
            if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
                format!("[{c}]")
            } else {
                c.to_string()
            }
        })
        .collect();
    // A glob without a slash would match at any depth.
    if file.contains('/') { escaped } else { format!("/{escaped}") }
}

/// A text that YAML reads as itself without quotes, or else in quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.contains(['/', '-'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    if plain { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".into(),
        c if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
            format!("\\u{:04x}", c as u32)
        }
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Where a node's last byte ends. A block's own span may reach over the blank lines and comments behind it.
fn end(node: &Node) -> usize {
    let inner = node.entries().iter().map(|(key, value)| end(value).max(end(key)));
    inner.chain(node.items().iter().map(end)).max().unwrap_or(node.span().end as usize)
}

/// The start of the line behind the one that `at` ends in.
fn line_after(text: &str, at: usize) -> usize {
    if text[..at].ends_with('\n') {
        return at;
    }
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

/// The column of the dash before an item.
fn dash(text: &str, item: &Node) -> Option<usize> {
    let start = item.span().start as usize;
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let column = text[line..start].find('-')?;
    text[line..line + column].bytes().all(|byte| byte == b' ').then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [&str; 3] = ["secret-generic", "image-latest", "image-untagged"];

    fn entry() -> Entry<'static> {
        Entry {
            rule: "secret-generic",
            file: "app/a.ini",
            value: Some("0123456789012345"),
            reason: "it is \"made up\": #1",
            until: Date::parse("2030-01-31"),
        }
    }

    const BLOCK: &str = "- rule: secret-generic\n  paths: app/a.ini\n  value: \"0123456789012345\"\n  reason: \"it is \\\"made up\\\": #1\"\n  until: 2030-01-31\n";
    const FLOW: &str = "{rule: secret-generic, paths: app/a.ini, value: \"0123456789012345\", reason: \"it is \\\"made up\\\": #1\", until: 2030-01-31}";

    fn indented(by: usize) -> String {
        BLOCK.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
    }

    #[test]
    fn an_entry_finds_its_place_and_moves_nothing() {
        // `@` is where the entry goes.
        let table = [
            ("", format!("allow:\n{}", indented(2))),
            ("# all is well\n@", format!("allow:\n{}", indented(2))),
            ("preset: strict # yes@", format!("\nallow:\n{}", indented(2))),
            ("allow: []@", String::new()),
            (
                "# a\nallow:\n  # one\n  - rule: image-latest # x\n    reason: r # y\n@\n# behind\npreset: strict # z\n",
                indented(2),
            ),
            ("allow:\n- rule: image-latest\n  reason: >\n    a\n    b\n@\npreset: strict\n", indented(0)),
            ("allow:\n    - {rule: image-latest, reason: r} # y\n@rules: {image-latest: off}\n", indented(4)),
            ("allow:\n  - rule: image-latest\n    reason: \"r\"@", format!("\n{}", indented(2))),
            ("allow: [{rule: image-latest, reason: r}@] # x\n", format!(", {FLOW}")),
            ("allow: [\n  {rule: image-latest, reason: r},\n@] # x\nrules: {}\n", FLOW.to_owned()),
        ];
        for (place, new) in table {
            let text = place.replace('@', "");
            let at = place.find('@').unwrap_or(text.len());
            let expected = match place {
                "allow: []@" => format!("allow: [{FLOW}]"),
                _ => format!("{}{new}{}", &text[..at], &text[at..]),
            };
            assert_eq!(allow(&text, &RULES, &entry()).as_deref(), Some(expected.as_str()), "{place}");
            // And once more behind it.
            let other = Entry { rule: "image-latest", value: None, until: None, ..entry() };
            assert!(allow(&expected, &RULES, &other).is_some(), "{expected}");
        }
        let windows = allow("preset: strict\r\n", &RULES, &entry()).unwrap_or_default();
        assert_eq!(windows.matches("\r\n").count(), windows.matches('\n').count(), "{windows:?}");
    }

    #[test]
    fn what_is_uncertain_is_refused() {
        for text in [
            "allow: [\n",
            "alow: []\n",
            "allow: {}\n",
            "allow: nothing\n",
            "allow: ~\n",
            "allow:\npreset: strict\n",
            "{preset: strict}\n",
            "preset: strict\n---\npreset: strict\n",
            "preset: strict\n...\n",
            "allow: [{rule: image-latest, reason: r}, # x\n]\n",
            "- a\n",
        ] {
            assert_eq!(allow(text, &RULES, &entry()), None, "{text}");
        }
    }

    #[test]
    fn any_name_and_reason_comes_back() {
        for file in ["a.ini", "yes", "a b/[c]*.yaml", "{x}/é\"\n.ini", "- a: #b", "1.2", "x\\y/z"] {
            for reason in ["", "yes", "a: b # c", "é\u{85}\u{7}\t\"\\", "two\nlines"] {
                for text in ["", "allow: []\n"] {
                    let entry = Entry { file, reason, ..entry() };
                    assert!(allow(text, &RULES, &entry).is_some(), "{file} {reason}");
                }
            }
        }
    }
}
