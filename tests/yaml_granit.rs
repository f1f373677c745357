//! Our reading of YAML against granit-parser's: the same values of the same style at the same bytes, and the same
//! comments, wherever both read a document and it holds no alias, no tag and no template.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod yaml_support;

use granit_parser::{Event, Parser, ScalarStyle};
use pintle::SourceId;
use pintle::testing::yaml::read;
use pintle::testing::{Node, Style, Value};
use std::collections::BTreeMap;
use yaml_support::{Chance, mutate, samples};

#[test]
fn granit_reads_what_we_read() {
    let samples = samples();
    let mut chance = Chance(11);
    let broken: Vec<String> =
        (0..10_000).map(|_| mutate(&samples[chance.below(samples.len())].text, &mut chance)).collect();
    // Breaks of YAML 1.1 are letters in 1.2: there we read as Go does.
    let broken: Vec<String> =
        broken.into_iter().filter(|text| !text.contains(['\u{85}', '\u{2028}', '\u{2029}'])).collect();
    let mut tally: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for text in samples.iter().map(|sample| &sample.text).chain(&broken) {
        let verdict = compare(text);
        if std::env::var_os("PINTLE_SHOW").is_some_and(|wanted| verdict.contains(&*wanted.to_string_lossy()))
        {
            eprintln!("=== {verdict}: {text:?}");
        }
        tally.entry(verdict).or_insert((0, text)).0 += 1;
    }
    for (verdict, (count, first)) in &tally {
        let first: String = first.chars().take(200).collect();
        eprintln!(
            "{count:>7} {verdict}{}",
            if verdict.starts_with("DIFFERS") { format!(": {first:?}") } else { String::new() }
        );
    }
    let count = |prefix: &str| -> usize {
        tally.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(_, (count, _))| count).sum()
    };
    assert!(
        count("the same") > 100 && count("DIFFERS") * 200 <= count("the same"),
        "{} differ",
        count("DIFFERS")
    );
}

/// A token: where it stands and what it says.
type Token = (usize, usize, &'static str, String);

fn compare(text: &str) -> &'static str {
    let yaml = read(SourceId(0), text);
    if yaml.masked || yaml.second_reader > 0 {
        return "left out: templates, or read by the second reader";
    }
    let theirs = theirs(text);
    match (theirs, yaml.problems.is_empty()) {
        (Theirs::Error, false) => return "rejected by both",
        (Theirs::Error, true) => return "read by us alone",
        (_, false) => return "rejected by us alone, or with a duplicate key",
        (Theirs::Beyond, true) => return "left out: aliases or tags",
        (Theirs::Read(tokens, comments), true) => {
            let (mut ours, mut remarks) = (Vec::new(), Vec::new());
            for document in &yaml.documents {
                walk(&document.root, &mut ours);
                remarks.extend(
                    document
                        .remarks
                        .iter()
                        .map(|remark| (remark.span.start as usize, remark.text.to_string())),
                );
            }
            // Of a text that is nothing but comments we make a document of nothing.
            if ours != tokens && !tokens.is_empty() {
                return "DIFFERS in values";
            }
            if remarks != comments {
                return "DIFFERS in comments";
            }
        }
    }
    "the same"
}

fn walk(node: &Node, tokens: &mut Vec<Token>) {
    let span = node.span();
    match &node.value {
        Value::Scalar(scalar) => {
            let (style, quotes) = match scalar.style {
                Style::Plain => ("plain", 0),
                Style::Single => ("single", 1),
                Style::Double => ("double", 1),
                Style::Literal => ("literal", 0),
                Style::Folded => ("folded", 0),
            };
            // What stands in quotes verbatim has the place between them.
            let widen = if node.origin.editable().is_some() { quotes } else { 0 };
            let block = matches!(scalar.style, Style::Literal | Style::Folded);
            let (start, end) =
                if block { (0, 0) } else { (span.start as usize - widen, span.end as usize + widen) };
            // At the end of a text granit ends the last line of a block that has no break; Go does not.
            let text = if block { scalar.text.trim_end_matches('\n') } else { &scalar.text };
            tokens.push((start, end, style, text.to_string()));
        }
        Value::List(items) => {
            tokens.push((0, 0, "[", String::new()));
            items.iter().for_each(|item| walk(item, tokens));
            tokens.push((0, 0, "]", String::new()));
        }
        Value::Map(entries) => {
            tokens.push((0, 0, "{", String::new()));
            entries.iter().for_each(|(key, value)| {
                walk(key, tokens);
                walk(value, tokens);
            });
            tokens.push((0, 0, "}", String::new()));
        }
        _ => tokens.push((0, 0, "null", String::new())),
    }
}

enum Theirs {
    Read(Vec<Token>, Vec<(usize, String)>),
    /// Something we expand and they do not.
    Beyond,
    Error,
}

fn theirs(text: &str) -> Theirs {
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    let mut beyond = false;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { return Theirs::Error };
        let range = span.byte_range().unwrap_or(0..0);
        let sign = |sign| (0, 0, sign, String::new());
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                beyond |= anchor > 0 || tag.is_some() || value == "<<";
                let null = matches!(&*value, "" | "~" | "null" | "Null" | "NULL");
                tokens.push(match style {
                    ScalarStyle::Plain if null => sign("null"),
                    ScalarStyle::Plain => (range.start, range.end, "plain", value.to_string()),
                    ScalarStyle::SingleQuoted => (range.start, range.end, "single", value.to_string()),
                    ScalarStyle::DoubleQuoted => (range.start, range.end, "double", value.to_string()),
                    ScalarStyle::Literal => (0, 0, "literal", value.trim_end_matches('\n').to_string()),
                    ScalarStyle::Folded => (0, 0, "folded", value.trim_end_matches('\n').to_string()),
                });
            }
            Event::SequenceStart(_, anchor, tag) => {
                beyond |= anchor > 0 || tag.is_some();
                tokens.push(sign("["));
            }
            Event::MappingStart(_, anchor, tag) => {
                beyond |= anchor > 0 || tag.is_some();
                tokens.push(sign("{"));
            }
            Event::SequenceEnd => tokens.push(sign("]")),
            Event::MappingEnd => tokens.push(sign("}")),
            Event::Alias(_) => beyond = true,
            Event::Comment(..) => comments.push((range.start, text[range].to_owned())),
            _ => {}
        }
    }
    if beyond { Theirs::Beyond } else { Theirs::Read(tokens, comments) }
}
