//! Our reading of YAML against sigs.k8s.io/yaml, which is what the cluster's tools read with. Needs `go` and, once,
//! the network; skipped with a word where either is missing.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod yaml_support;

use pintle::SourceId;
use pintle::testing::yaml::read;
use pintle::testing::{Node, Tag, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use yaml_support::skipped::skipped;
use yaml_support::{Chance, mutate, pieces, samples};

#[test]
fn go_reads_what_we_read() {
    let Some(oracle) = build() else {
        skipped("no go, or no network to fetch sigs.k8s.io/yaml with");
        return;
    };
    let samples = samples();
    let mut texts: Vec<(String, String)> = Vec::new();
    for sample in &samples {
        for (at, piece) in pieces(&sample.text).into_iter().enumerate() {
            texts.push((format!("{}#{at}", sample.name), piece.to_owned()));
        }
    }
    let real = texts.len();
    let mutations =
        std::env::var("PINTLE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(4_000);
    let mut chance = Chance(7);
    for at in 0..mutations {
        let sample = &samples[chance.below(samples.len())];
        let broken = mutate(&sample.text, &mut chance);
        if pieces(&broken).len() == 1 {
            texts.push((format!("{} mutation {at}", sample.name), broken));
        }
    }
    let answers = ask(&oracle, texts.iter().map(|(_, text)| text.clone()).collect());
    assert_eq!(answers.len(), texts.len());
    let mut tally: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((name, text), answer) in texts.iter().zip(&answers) {
        lists.entry(images(text, answer)).or_default().push(name);
    }
    for (verdict, names) in &lists {
        eprintln!("{:>7} lists of images: {verdict}, first {}", names.len(), names[0]);
    }
    assert_eq!(lists.get(DIFFER), None, "texts of which we tell other images than Go reads, and say nothing");
    for (at, ((name, text), answer)) in texts.iter().zip(&answers).enumerate() {
        let verdict = compare(text, answer);
        let key = format!("{} {verdict}", if at < real { "real" } else { "mutated" });
        tally.entry(key).or_default().push(format!("{name} {:?}", answer.get("error")));
        if std::env::var_os("PINTLE_SHOW").is_some_and(|wanted| verdict.contains(&*wanted.to_string_lossy()))
        {
            eprintln!("=== {verdict}: {name}: {:?}\n{text}\n", answer.get("error"));
        }
    }
    for (verdict, names) in &tally {
        eprintln!("{:>7} {verdict}, first {}", names.len(), names[0]);
    }
    let count = |wanted: &dyn Fn(&str) -> bool| -> usize {
        tally.iter().filter(|(key, _)| wanted(key)).map(|(_, names)| names.len()).sum()
    };
    assert_eq!(count(&|key| key.starts_with("real WRONG")), 0, "real texts that Go reads otherwise");
    assert_eq!(
        count(&|key| key.ends_with("differs")),
        0,
        "texts that our own reader reads otherwise than Go"
    );
    let odd = count(&|key| key.starts_with("mutated WRONG"));
    assert!(odd * 200 <= texts.len() - real, "{odd} broken texts that Go reads otherwise");
}

fn build() -> Option<std::path::PathBuf> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/goyaml");
    let binary = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("goyaml");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&binary)
        .arg(".")
        .current_dir(directory)
        .output()
        .ok()?;
    built.status.success().then_some(binary)
}

fn ask(oracle: &std::path::Path, texts: Vec<String>) -> Vec<Json> {
    let mut child = Command::new(oracle).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::Builder::new().spawn(move || {
        for text in texts {
            write!(input, "{}\n{text}", text.len()).unwrap();
        }
    });
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answers = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap_or(Json::Null)).collect();
    writer.unwrap().join().unwrap();
    assert!(child.wait().unwrap().success());
    answers
}

/// What the two make of one document, in a word; `WRONG` if that must not be.
fn compare(text: &str, answer: &Json) -> String {
    let yaml = read(SourceId(0), text);
    let fault = yaml.problems.iter().find(|problem| problem.kind != "yaml-duplicate-key");
    let second = if yaml.second_reader > 0 { " (second reader)" } else { "" };
    let accepted = fault.is_none() && !yaml.masked;
    let Some(theirs) = answer.get("value") else {
        if !accepted {
            return "rejected by both".into();
        }
        let error = answer.get("error").and_then(Json::as_str).unwrap_or("no answer");
        // Their words, without the place and the value.
        let reason = error.split(": ").last().unwrap_or(error);
        return format!(
            "accepted by us alone{second}: {}",
            reason.chars().filter(|c| !c.is_ascii_digit()).take(48).collect::<String>()
        );
    };
    if !accepted {
        return format!(
            "WRONG: accepted by Go alone{second}: {}",
            fault.map_or("masked", |fault| fault.says.as_str())
        );
    }
    let null = Json::Null;
    if text.match_indices('\u{feff}').any(|(at, _)| at > 0) {
        // Go takes the mark of a joined file for the first letter of a key; we do not.
        return "byte order mark within".into();
    }
    match yaml.documents.first() {
        // A document of nothing is null to Go.
        None if theirs == &null => "equal".into(),
        None => format!("WRONG: nothing read{second}"),
        Some(document) => {
            match differ(&document.root, theirs, text.contains(['\u{85}', '\u{2028}', '\u{2029}'])) {
                None => format!("equal{second}"),
                Some(why) => format!("WRONG: {why} differs{second}"),
            }
        }
    }
}

const DIFFER: &str = "differ";

/// Whether both read the same images, in a word.
fn images(text: &str, answer: &Json) -> &'static str {
    let yaml = read(SourceId(0), text);
    let declines = yaml.masked || yaml.problems.iter().any(|problem| problem.kind != "yaml-duplicate-key");
    let (mut ours, mut theirs, mut has_hole) = (Vec::new(), Vec::new(), false);
    if let Some(document) = yaml.documents.first() {
        images_in(&document.root, &mut ours);
        document.root.walk(&mut |_, node| {
            has_hole |= node.is_hole();
            true
        });
    }
    let Some(value) = answer.get("value") else {
        return if declines { "rejected by both" } else { "rejected by Go alone" };
    };
    images_of(value, &mut theirs);
    ours.sort();
    theirs.sort();
    match ours == theirs {
        true => "equal",
        false if declines => "we decline",
        false if has_hole => "we do not know all",
        // A mark of a joined file is the first letter of a key to Go.
        false if text.match_indices('\u{feff}').any(|(at, _)| at > 0) => "a byte order mark within",
        false => DIFFER,
    }
}

fn images_in(node: &Node, out: &mut Vec<String>) {
    for (key, value) in node.entries() {
        let image = value.scalar().filter(|scalar| key.text() == Some("image") && scalar.is_text());
        out.extend(image.map(|scalar| scalar.text.to_string()));
        images_in(value, out);
    }
    node.items().iter().for_each(|item| images_in(item, out));
}

fn images_of(json: &Json, out: &mut Vec<String>) {
    match json {
        Json::Object(entries) => entries.iter().for_each(|(key, value)| {
            out.extend(value.as_str().filter(|_| key == "image").map(str::to_owned));
            images_of(value, out);
        }),
        Json::Array(items) => items.iter().for_each(|item| images_of(item, out)),
        _ => {}
    }
}

/// Why a tree is not this JSON; nothing if it is.
fn differ(node: &Node, json: &Json, has_break: bool) -> Option<&'static str> {
    match (&node.value, json) {
        (Value::Null, Json::Null) => None,
        // What is in a text with a break of YAML 1.1, we do not say.
        (Value::Hole, Json::String(_)) if has_break => None,
        (Value::Scalar(scalar), Json::String(text)) => match node.tag() {
            Tag::Binary => None,
            _ if scalar.text != *text => Some("text"),
            Tag::None => (!scalar.is_text()).then_some("should be text"),
            _ => None,
        },
        (Value::Scalar(scalar), Json::Bool(truth)) => {
            (node.tag() == Tag::None && (!scalar.is_bool() || scalar.is_true() != *truth)).then_some("truth")
        }
        (Value::Scalar(scalar), Json::Number(_)) => {
            (node.tag() == Tag::None && !scalar.is_number()).then_some("number")
        }
        (Value::List(items), Json::Array(theirs)) => {
            if items.len() != theirs.len() {
                return Some("length of a list");
            }
            items.iter().zip(theirs).find_map(|(item, json)| differ(item, json, has_break))
        }
        (Value::Map(entries), Json::Object(theirs)) => {
            // Keys that are no text are written anew by Go: 1.0 becomes 1, `on` and `y` both become true.
            let key = |node: &Node| match node.scalar() {
                Some(scalar) if scalar.is_text() => Some(scalar.text.clone()),
                _ => None,
            };
            if entries.len() != theirs.len() && entries.iter().all(|(name, _)| key(name).is_some()) {
                return Some("size of a map");
            }
            entries.iter().find_map(|(name, value)| match key(name) {
                Some(name) => {
                    theirs.get(name.as_str()).map_or(Some("a key"), |json| differ(value, json, has_break))
                }
                None => None,
            })
        }
        _ => Some("kind"),
    }
}
