//! Whole files as people have them, with a credential in each and as its clean twin: what is marked is found, and
//! nothing else is. `tests/secrets/probes/` holds them, a topic a file.
//!
//! `=== path` begins a file. `«leak¦twin¦twin»` marks what must be found, and what stands there in the clean twins; a file
//! without a mark is clean. Values are recipes: `{R}` is a random one, `{H}` one that a person made up.

use pintle::testing::secrets::{Context, Trees, expand, read, rule_of, severity_of};
use pintle::testing::{File, yaml};
use pintle::{Book, Severity, SourceId};
use std::collections::BTreeMap;
use std::ops::Range;

const TOPICS: &[(&str, &str)] = &[
    ("kubernetes", include_str!("secrets/probes/kubernetes.txt")),
    ("terraform", include_str!("secrets/probes/terraform.txt")),
    ("markup", include_str!("secrets/probes/markup.txt")),
    ("lines", include_str!("secrets/probes/lines.txt")),
    ("requests", include_str!("secrets/probes/requests.txt")),
    ("shell", include_str!("secrets/probes/shell.txt")),
    ("machines", include_str!("secrets/probes/machines.txt")),
    ("services", include_str!("secrets/probes/services.txt")),
];

/// The values in every file; others are drawn where they stand.
const VALUES: &[(&str, &str)] = &[
    ("{B}", "{base64*43}="),
    ("{R}", "{letters*1}{base62*18}{digits*2}{letters*1}"),
    ("{H}", "Kite{lower*2}-{digits*2}-wombat"),
];

/// A file to read: its path, its text and where credentials are in it.
struct Probe {
    path: &'static str,
    text: String,
    leaks: Vec<Range<usize>>,
}

/// The probes of one block: the leak, and as many twins as its marks have.
fn probes(block: &'static str, seed: u64) -> Vec<Probe> {
    let (path, text) = block.split_once('\n').expect("a block has a path and a text");
    let most = text.split('«').skip(1).map(|mark| alternatives(mark).len()).max().unwrap_or(0);
    let twins = if most == 0 { 0..1 } else { 0..most };
    twins.map(|twin| probe(path, text, twin, seed)).collect()
}

/// What may stand in a mark that begins here.
fn alternatives(mark: &str) -> Vec<&str> {
    mark.split_once('»').expect("a mark is closed").0.split('¦').collect()
}

fn probe(path: &'static str, text: &str, twin: usize, seed: u64) -> Probe {
    let mut recipe = String::new();
    for (at, piece) in text.split('«').enumerate() {
        if at == 0 {
            recipe.push_str(piece);
            continue;
        }
        let all = alternatives(piece);
        let chosen = all[twin.min(all.len() - 1)];
        let mark = if twin == 0 { format!("«{chosen}»") } else { chosen.to_owned() };
        recipe.push_str(&mark);
        recipe.push_str(piece.split_once('»').expect("a mark is closed").1);
    }
    for (name, value) in VALUES {
        recipe = recipe.replace(name, value);
    }
    let mut leaks = Vec::new();
    let mut text = String::new();
    for (at, piece) in expand(&recipe, seed).split('«').enumerate() {
        let (marked, rest) = piece.split_once('»').unwrap_or(("", piece));
        if at > 0 {
            leaks.push(text.len()..text.len() + marked.len());
            text.push_str(marked);
        }
        text.push_str(rest);
    }
    Probe { path, text, leaks }
}

/// What is found in a probe: where, by which rule and how severe.
fn found(book: &Book, probe: &Probe) -> Vec<(Range<usize>, String, Severity)> {
    let file = File { id: SourceId(0), name: probe.path, text: &probe.text };
    let unread = || yaml::read(file.id, &probe.text);
    let context = Context { keeping: book.places().of(probe.path), ..Context::new(&book.tables) };
    let facts = read(&file, Trees::Unread(&unread), &context).facts;
    // That such a file is here at all is another finding.
    let values = facts.iter().filter(|fact| !fact.says.kind.is_of_file());
    let told = values.map(|fact| {
        let rule = rule_of(&fact.says);
        let strongest = book.page(rule).map_or(Severity::Off, |page| page.severity);
        (fact.origin.span().range(), rule.to_owned(), severity_of(strongest, &fact.says))
    });
    told.collect()
}

#[test]
fn what_is_marked_is_found_and_nothing_else() {
    let (book, _) = Book::built_in();
    let mut faults = Vec::new();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut leaks, mut clean) = (0, 0);
    for (topic, text) in TOPICS {
        for block in text.split("=== ").filter(|block| !block.is_empty()) {
            for probe in probes(block, 1).iter().chain(&probes(block, 2)) {
                let found = found(&book, probe);
                let meets = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
                for leak in &probe.leaks {
                    let best = found.iter().filter(|(range, ..)| meets(range, leak)).map(|one| one.2).max();
                    *told.entry(best.map_or("missed", Severity::name)).or_default() += 1;
                    if best.is_none() {
                        faults.push(format!("{topic}, missed: {}: {}", probe.path, line_of(probe, leak)));
                    }
                }
                for (range, rule, _) in &found {
                    if !probe.leaks.iter().any(|leak| meets(range, leak)) {
                        faults.push(format!("{topic}, {rule}: {}: {}", probe.path, line_of(probe, range)));
                    }
                }
                *(if probe.leaks.is_empty() { &mut clean } else { &mut leaks }) += 1;
            }
        }
    }
    println!("{leaks} leaks, {clean} clean files; values told as {told:?}");
    assert!(leaks >= 800 && clean >= 800, "{leaks} leaks, {clean} clean files, with two seeds each");
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn line_of(probe: &Probe, range: &Range<usize>) -> String {
    let start = probe.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = probe.text[range.start..].find('\n').map_or(probe.text.len(), |at| range.start + at);
    probe.text[start..end].chars().take(160).collect()
}
