//! Which test holds which sentence of the README and of the pages: a sentence that is written otherwise, and a test that is
//! gone, are told, so that nobody promises what nothing holds any more.
#![allow(clippy::disallowed_methods)] // a test reads pages and tests

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const TABLE: &str = include_str!("promises.txt");

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a file has a test of that name.
fn has_test(text: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    text.match_indices(&head).any(|(at, _)| text[..at].trim_end().ends_with("#[test]"))
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for row in TABLE.lines().skip(2) {
        rows += 1;
        let [page, words, tests] = row.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("three cells: {row}")
        };
        if !texts.entry(page).or_insert_with(|| read(page)).contains(words) {
            wrong.push(format!("{page} does not say: {words}"));
        }
        for test in tests.split(' ') {
            let (file, name) = test.split_once("::").expect("a file and a test");
            if !has_test(texts.entry(file).or_insert_with(|| read(file)), name) {
                wrong.push(format!("there is no test {test}"));
            }
        }
    }
    assert!(rows > 30 && wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(has_test("x #[test] fn a() {}", "a") && !has_test("fn a() {}", "a"));
}
