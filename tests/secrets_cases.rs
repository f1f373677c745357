//! The table of what is told of which value under which name in which kind of file, each with each.

use pintle::testing::secrets::{Context, Trees, expand, read, rule_of, severity_of};
use pintle::testing::{File, yaml};
use pintle::{Book, Date, Severity, SourceId};
use std::collections::BTreeMap;

/// The file's name and text by the kind's name.
type Kinds = BTreeMap<&'static str, (&'static str, &'static str)>;

fn kinds() -> Kinds {
    // Those of which the sweep is made, and those in which what is beside the value counts.
    let all = [include_str!("secrets/kinds.txt"), include_str!("secrets/beside.txt")];
    let blocks = all.into_iter().flat_map(|text| text.split("=== ")).filter(|block| !block.is_empty());
    blocks
        .map(|block| {
            let (head, text) = block.split_once('\n').expect("a block has a head");
            let (called, file) = head.split_once(' ').expect("a head is a name and a file");
            (called, (file, text))
        })
        .collect()
}

/// The strongest that is told of a file, the file itself aside.
fn verdict(book: &Book, name: &str, text: &str, starts: bool) -> &'static str {
    let file = File { id: SourceId(0), name, text };
    let unread = || yaml::read(file.id, text);
    let (keeping, today) = (book.places().of(name), Date::parse("2026-11-20"));
    let context = Context { keeping, starts, today, ..Context::new(&book.tables) };
    let facts = read(&file, Trees::Unread(&unread), &context).facts;
    let values = facts.iter().filter(|fact| !fact.says.kind.is_of_file());
    let severity = |rule: &str| book.page(rule).map_or(Severity::Off, |page| page.severity);
    let worst = values.map(|fact| severity_of(severity(rule_of(&fact.says)), &fact.says)).max();
    worst.map_or("nothing", Severity::name)
}

#[test]
fn every_case_is_told_as_the_table_says() {
    let (book, _) = Book::built_in();
    let (kinds, mut wrong) = (kinds(), Vec::new());
    let (mut leaks, mut clean) = (0, 0);
    let rows = include_str!("secrets/cases.txt").lines().filter(|line| line.contains(" | "));
    for (seed, row) in rows.filter(|line| !line.starts_with('#')).enumerate() {
        let [expected, where_, names, values] = row.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let folder = where_.split(' ').find_map(|kind| kind.strip_prefix("at:"));
        for kind in where_.split(' ').filter(|kind| !kind.starts_with("at:")) {
            let (file, text) = kinds.get(kind).unwrap_or_else(|| panic!("no kind `{kind}`"));
            for (name, value) in
                names.split(' ').flat_map(|name| values.split(' ').map(move |value| (name, value)))
            {
                let value = expand(&value.replace('~', " "), seed as u64);
                let text = expand(&text.replace("@NAME@", name).replace("@VALUE@", &value), 1);
                let path = folder.map_or((*file).to_owned(), |folder| format!("{folder}/{file}"));
                match expected {
                    "nothing" => clean += 1,
                    _ => leaks += 1,
                }
                let found = verdict(&book, &path, &text, kind.starts_with("started"));
                if found != expected {
                    wrong.push(format!("{expected}, told as {found}: {kind} {path} {name} {value}"));
                }
            }
        }
    }
    assert!(leaks >= 400 && clean >= 400, "{leaks} leaks, {clean} clean");
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), leaks + clean, wrong.join("\n"));
}
