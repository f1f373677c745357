//! Charts and what their templates are given, held in tables; the tables held against helm itself where it is named in
//! `PINTLE_HELM`.
//!
//! A case begins with `=== ` and its name. Before its files stand settings: `chart FOLDER`, `values FILE`, `set a=b`
//! (and `set-string`, `set-json`, `set-file`, `set-literal`), `kube VERSION`, `helm 4`, `not asked of helm`. `@@ name` begins a file;
//! `@@ name.tgz packs FOLDER` packs the files of a folder, which are nowhere else. Then come `=> ` lines, each with
//! what is expected:
//!
//! * `values PATH JSON` for each chart of the tree, the root being `.`; `refused: words [text]` instead, if helm does;
//! * `absent: PATH`, `warns: words [text]`, `breach: PATH: words [text of the value] by [text of the schema]`;
//! * where a case asks for them, `files PATH: names`, `templates: names`, and `from PATH KEY: place`, with the places
//!   of the values that it beat.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

#[path = "charts/cases.rs"]
mod cases;
#[path = "charts/dump.rs"]
mod dump;
#[path = "charts/hostile.rs"]
mod hostile;
#[path = "charts/manifests.rs"]
mod manifests;
#[path = "charts/pack.rs"]
mod pack;
#[path = "charts/real.rs"]
mod real;
mod skipped;

use cases::{Case, cases};
use pintle::testing::world::helm::{
    Capabilities, Chart, Prepared, Release, ScopeId, Told, UserValues, load, load_archive, prepare,
    values_file,
};
use pintle::testing::world::{Files, with_files};
use pintle::testing::{Lines, Node, Origin, Part};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};
use serde_json::Value;
use skipped::skipped;
use std::collections::BTreeSet;

#[test]
fn charts_become_what_the_tables_say() {
    let mut wrong = Vec::new();
    let all = cases();
    for case in &all {
        let found = ours(case);
        if found != case.told {
            wrong.push(format!(
                "=== {}\nexpected\n{}\ngot\n{}",
                case.name,
                case.told.join("\n"),
                found.iter().map(|line| format!("=> {line}")).collect::<Vec<_>>().join("\n")
            ));
        }
    }
    let names: BTreeSet<&str> = all.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "two cases of one name");
    assert!(wrong.is_empty(), "{} of {} cases\n\n{}", wrong.len(), all.len(), wrong.join("\n\n"));
}

#[test]
fn helm_says_the_same() {
    let Some(tool) = std::env::var_os("PINTLE_HELM") else {
        skipped(format!("helm {} is not named in PINTLE_HELM", real::VERSION));
        return;
    };
    let (all, mut wrong, mut count) = (cases(), Vec::new(), 0);
    for case in all.iter().filter(|case| real::can_say(case)) {
        count += 1;
        let expected: Vec<&String> = case.told.iter().filter(|line| line.starts_with("values ")).collect();
        match real::says(tool.as_ref(), case) {
            Ok(found) if found.iter().eq(expected.iter().copied()) && !case.is_refused() => {}
            Err(_) if case.is_refused() => {}
            Ok(found) => wrong.push(format!("=== {}\n=> {}", case.name, found.join("\n=> "))),
            Err(says) => wrong.push(format!("=== {}\nhelm refuses it: {says}", case.name)),
        }
    }
    eprintln!("{count} of {} cases are asked of helm", all.len());
    assert!(wrong.is_empty(), "{} of {count} cases\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What a case comes to, line by line.
fn ours(case: &Case) -> Vec<String> {
    let mut all = case.files.clone();
    all.push((SETTINGS.into(), case.settings.join("\n").into_bytes()));
    let repo = MemoryRepo::new(all);
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, |files| {
        let mut told = Told::default();
        let given = given(files, case, &mut told);
        let release = release(case);
        let chart: Option<Chart> = match case.folder.ends_with(".tgz") {
            true => load_archive(files, files.find(&case.folder).unwrap(), case.helm, &mut told),
            false => load(files, &case.folder, case.helm, &mut told),
        };
        let prepared = chart.map(|chart| prepare(files, chart, &given, &release)).unwrap_or_default();
        told.faults.extend(prepared.told.faults.iter().cloned());
        told.warnings.extend(prepared.told.warnings.iter().cloned());
        let mut out = lines(files, &prepared, &told);
        let asked = case.told.iter().filter_map(|line| asked(files, &prepared, line));
        out.extend(asked);
        out
    })
}

/// The file in which the settings of a case have their places.
const SETTINGS: &str = "SETTINGS";

fn release(case: &Case) -> Release {
    let capabilities = Capabilities::parse(case.setting("kube").unwrap_or("v1.34.0")).unwrap();
    Release { capabilities, helm: case.helm, ..Release::default() }
}

fn given(files: &Files, case: &Case, told: &mut Told) -> pintle::testing::Node {
    let (mut out, mut at) = (UserValues::default(), 0);
    let source = files.find(SETTINGS).unwrap();
    for line in &case.settings {
        let (key, text) = line.split_once(' ').unwrap();
        let from = at + key.len() + 1;
        let part = Part::new(text, Origin::verbatim(Span::new(source, from, from + text.len())));
        match key {
            "values" => out.files.extend(values_file(files, files.find(text).unwrap(), case.helm, told)),
            "set" => out.set.push(part),
            "set-string" => out.set_string.push(part),
            "set-json" => out.set_json.push(part),
            "set-file" => out.set_file.push(part),
            "set-literal" => out.set_literal.push(part),
            _ => {}
        }
        at += line.len() + 1;
    }
    let read = |name: &Part| {
        let id = files.find(&name.text).ok_or("it is not there")?;
        let text = files.text(id).unwrap();
        let len = text.len();
        Ok(Part::new(text, Origin::verbatim(Span::new(id, 0, len))))
    };
    out.together(Span::new(source, 0, 0), &read, case.helm, told)
}

fn lines(files: &Files, prepared: &Prepared, told: &Told) -> Vec<String> {
    let slice = |at: Option<Span>| shown(files, at);
    let mut out: Vec<String> =
        told.faults.iter().map(|fault| format!("refused: {} {}", fault.says, slice(fault.at))).collect();
    for breach in &prepared.breaches {
        let (value, schema) = (slice(Some(breach.at)), slice(Some(breach.schema)));
        out.push(format!("breach: {}: {} {value} by {schema}", breach.path, breach.says));
    }
    if out.is_empty() && !prepared.scopes.is_empty() {
        values(&dump::scope(prepared, ScopeId(0)), "", &mut out);
    }
    out.extend(prepared.absent.iter().map(|absent| {
        let version = absent.other_version.as_ref().map(|version| format!(", there is {version}"));
        let off = if absent.enabled { "" } else { ", switched off" };
        format!("absent: {}{}{off}", absent.path, version.unwrap_or_default())
    }));
    out.extend(told.warnings.iter().map(|one| format!("warns: {} {}", one.says, slice(Some(one.at)))));
    out
}

/// One line for the values of each chart.
pub(crate) fn values(scope: &Value, path: &str, out: &mut Vec<String>) {
    out.push(format!(
        "values {} {}",
        if path.is_empty() { "." } else { path },
        cases::compact(&scope["values"])
    ));
    for (name, inner) in scope["charts"].as_object().unwrap() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        values(inner, &path, out);
    }
}

/// The first line of the text at a place, and its file.
fn shown(files: &Files, at: Option<Span>) -> String {
    let Some(at) = at else { return "[]".into() };
    let text = files.text(at.source).unwrap_or_default();
    let slice = text.get(at.range()).unwrap_or_default();
    format!("[{}]", slice.lines().next().unwrap_or_default())
}

/// What a line asks for besides.
fn asked(files: &Files, prepared: &Prepared, line: &str) -> Option<String> {
    let (head, _) = line.split_once(": ")?;
    let words: Vec<&str> = head.split(' ').collect();
    let find = |path: &str| {
        let mut keys = path.split('.').filter(|key| !key.is_empty());
        keys.try_fold(prepared.scopes.first()?, |scope, key| {
            let (_, id) = scope.charts.iter().find(|(name, _)| name == key)?;
            Some(&prepared.scopes[id.0 as usize])
        })
    };
    Some(match words.as_slice() {
        ["templates"] => {
            let names: Vec<&str> = prepared.templates.iter().map(|one| one.name.as_str()).collect();
            format!("templates: {}", names.join(" "))
        }
        ["files", path] => {
            let mut names: Vec<&str> = find(path)?.files.iter().map(|file| file.name.as_str()).collect();
            names.sort_unstable();
            format!("{head}: {}", names.join(" "))
        }
        ["definitions"] => {
            let names: Vec<&str> = prepared.definitions.iter().map(|(name, _)| name.as_str()).collect();
            format!("definitions: {}", names.join(" "))
        }
        ["from", path, key] => {
            let keys: Vec<&str> = key.split('.').collect();
            let node = find(path)?.values.at(&keys);
            format!("{head}: {}", node.map_or("nothing".into(), |node| place(files, node)))
        }
        _ => return None,
    })
}

/// `web/values.yaml:3 over values.yaml:1`, and whether a change there is a change of the value.
fn place(files: &Files, node: &Node) -> String {
    let at = |span: Span| {
        let text = files.text(span.source).unwrap_or_default();
        let place = Lines::new(&text).place(span.start as usize, &text);
        format!("{}:{}", files.name(span.source), place.line)
    };
    let exact = if node.origin.editable().is_some() { "" } else { "about " };
    let losers: String = node.origin.road().map(|(_, span)| format!(" over {}", at(span))).collect();
    format!("{exact}{}{losers}", at(node.span()))
}

const SIGNS: &[u8] = b" :-{}[]\n\"#&*!|0a";

#[test]
fn broken_charts_are_no_trouble() {
    let all = cases();
    let mut chance = cases::Chance(7);
    for _ in 0..3_000 {
        let mut case = all[chance.below(all.len())].clone();
        let at = chance.below(case.files.len());
        let bytes = &mut case.files[at].1;
        for _ in 0..=chance.below(4) {
            let place = chance.below(bytes.len().max(1));
            match chance.below(3) {
                0 if !bytes.is_empty() => bytes[place] = SIGNS[chance.below(SIGNS.len())],
                1 if !bytes.is_empty() => _ = bytes.remove(place),
                _ => bytes.insert(place.min(bytes.len()), b'{'),
            }
        }
        ours(&case);
    }
}

/// No place of a value is outside of its file, and one that says that it is the value spells it.
#[test]
fn every_value_knows_its_place() {
    let mut count = 0;
    for case in cases() {
        let mut all = case.files.clone();
        all.push((SETTINGS.into(), case.settings.join("\n").into_bytes()));
        let repo = MemoryRepo::new(all);
        let sources = Sources::new(repo.names());
        with_files(&repo, &sources, |files| {
            let given = given(files, &case, &mut Told::default());
            let Some(chart) = load(files, &case.folder, case.helm, &mut Told::default()) else { return };
            let prepared = prepare(files, chart, &given, &release(&case));
            for template in &prepared.templates {
                let part = template.file.part(files).unwrap();
                let span = part.origin.editable();
                assert!(span.is_none_or(|span| files.text(span.source).unwrap()[span.range()] == part.text));
            }
            for scope in prepared.scopes {
                count += placed(files, &scope.values, &case.name) + placed(files, &scope.chart, &case.name);
            }
        });
    }
    assert!(count > 1_000, "only {count} values");
}

fn placed(files: &Files, node: &Node, case: &str) -> usize {
    let entries = node.entries().iter().flat_map(|(key, value)| [key, value]);
    let inner: usize = entries.chain(node.items()).map(|inner| placed(files, inner, case)).sum();
    let Some(text) = node.text() else { return inner };
    for (end, origin) in node.origin.pieces(text.len()) {
        assert!(end <= text.len(), "{case}: {text}");
        let file = |id: SourceId| files.text(id).unwrap_or_default();
        if let Some(span) = origin.editable().filter(|_| node.origin.editable().is_some()) {
            assert_eq!(&file(span.source)[span.range()], text, "{case}");
        }
    }
    inner + 1
}
