//! Test only: what our reader accepts, yaml-rust2 must read as the same tree at the same places.

use super::arena::Tree;
use super::decode::Page;
use super::lift::{Lifter, Place, Sheet};
use super::swift::Stream;
use super::{Document, second};
use crate::syntax::{Node, Value};
use crate::text::SourceId;
use std::collections::BTreeMap;

#[path = "../../../tests/yaml_support/mod.rs"]
mod support;

#[test]
fn both_readers_read_the_same() {
    let samples = support::samples();
    let mut tally: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut note = |key: &'static str, text: &str| {
        let entry = tally.entry(key).or_insert_with(|| (0, text.chars().take(300).collect()));
        entry.0 += 1;
    };
    let mut chance = support::Chance(3);
    let broken =
        (0..20_000).map(|_| support::mutate(&samples[chance.below(samples.len())].text, &mut chance));
    for text in samples.iter().map(|sample| sample.text.clone()).chain(broken) {
        let sheet = Sheet {
            page: Page { text: &text, seen: text.as_bytes() },
            place: Place::File(SourceId(0)),
            masks: &[],
            breaks: &[],
        };
        let (mut stream, mut tree, mut other) =
            (Stream::new(text.as_bytes()), Tree::default(), Tree::default());
        while let Some((extent, read)) = stream.document(&mut tree) {
            let spoken = second::read(&text, extent, &mut other);
            match (read.is_ok(), spoken) {
                // The mark of a joined file is a letter to yaml-rust2.
                (true, true) if text.contains("\n\u{feff}") => {}
                (true, true) => {
                    let ours = Lifter::new(sheet, false).document(&tree, extent.end);
                    let theirs = Lifter::new(sheet, false).document(&other, extent.end);
                    note(differ(&ours, &theirs).unwrap_or("the same"), &text[extent.start..extent.end]);
                }
                (true, false) => note("read by ours alone", &text[extent.start..extent.end]),
                (false, true) => note("declined by ours", &text[extent.start..extent.end]),
                (false, false) => note("read by neither", ""),
            }
        }
    }
    for (key, (count, text)) in &tally {
        eprintln!(
            "{count:>7} {key}{}",
            if *key == "the same" { String::new() } else { format!(": first {text:?}") }
        );
    }
    let count = |key: &str| tally.get(key).map_or(0, |entry| entry.0);
    let judged: usize = ["a value", "a style", "a span", "a kind", "a mark", "a length", "remarks"]
        .into_iter()
        .map(count)
        .sum();
    assert!(
        count("the same") > 100 && judged * 200 <= count("the same"),
        "{judged} documents read differently"
    );
}

fn differ(ours: &Document, theirs: &Document) -> Option<&'static str> {
    if ours.remarks != theirs.remarks {
        return Some("remarks");
    }
    node(&ours.root, &theirs.root)
}

fn node(ours: &Node, theirs: &Node) -> Option<&'static str> {
    if ours.tag() != theirs.tag() {
        return Some("a mark");
    }
    match (&ours.value, &theirs.value) {
        (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => return None,
        (Value::Scalar(mine), Value::Scalar(other)) if mine.text != other.text => return Some("a value"),
        (Value::Scalar(mine), Value::Scalar(other)) if mine.style != other.style => return Some("a style"),
        (Value::Scalar(mine), Value::Scalar(_)) if mine.text.is_empty() => return None,
        (Value::Scalar(_), Value::Scalar(_)) => {}
        (Value::List(mine), Value::List(other)) => {
            if mine.len() != other.len() {
                return Some("a length");
            }
            if let Some(why) = mine.iter().zip(other.iter()).find_map(|(mine, other)| node(mine, other)) {
                return Some(why);
            }
        }
        (Value::Map(mine), Value::Map(other)) => {
            if mine.len() != other.len() {
                return Some("a length");
            }
            let entry = |((k, v), (l, w)): (&(Node, Node), &(Node, Node))| node(k, l).or_else(|| node(v, w));
            if let Some(why) = mine.iter().zip(other.iter()).find_map(entry) {
                return Some(why);
            }
        }
        _ => return Some("a kind"),
    }
    (ours.span() != theirs.span()).then_some("a span")
}
