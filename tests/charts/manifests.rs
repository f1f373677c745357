//! The table of what templates print, held against the objects that pintle and helm make of it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

use crate::cases::{Case, compact, read_table};
use crate::skipped::skipped;
use pintle::testing::world::Fault;
use pintle::testing::world::helm::{Helm, Manifest, Printed, Reader, Shown};
use pintle::testing::world::typed;
use pintle::testing::yaml::{Schemas, read};
use pintle::testing::{Lines, Origin};
use pintle::{SourceId, Span};
use std::path::Path;
use std::process::{Command, Stdio};

fn table() -> Vec<Case> {
    read_table(include_str!("manifests.txt"))
}

#[test]
fn printed_text_becomes_what_the_table_says() {
    let mut wrong = Vec::new();
    for case in table() {
        let found = ours(&case);
        if found != case.told {
            wrong.push(format!(
                "=== {}\nexpected\n{}\ngot\n=> {}",
                case.name,
                case.told.join("\n"),
                found.join("\n=> ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn helm_makes_the_same_of_it() {
    let Some(tool) = std::env::var_os("PINTLE_HELM") else {
        skipped("helm is not named in PINTLE_HELM");
        return;
    };
    for case in table().iter().filter(|case| case.helm == Helm::Three) {
        let mut expected: Vec<String> = case
            .told
            .iter()
            .filter(|line| line.starts_with("object "))
            .map(|line| without_hooks(line))
            .collect();
        expected.sort();
        match theirs(tool.as_ref(), case) {
            Ok(mut found) => {
                found.sort();
                assert_eq!(found, expected, "{}", case.name);
                assert!(!case.is_refused(), "{}", case.name);
            }
            Err(says) => assert!(case.is_refused(), "{}: {says}", case.name),
        }
    }
}

fn without_hooks(line: &str) -> String {
    line.split(" at ").next().unwrap().into()
}

/// Helm ends every document with a line break; a text that ends without one makes the same of it.
#[test]
fn the_end_of_a_text_needs_no_line_break() {
    let told = |text: &str| {
        let span = Span::new(SourceId(0), 0, text.len());
        let printed = Printed::plain("a", text, Origin::verbatim(span));
        let (objects, faults) = manifests(&[printed], Helm::Three);
        let objects: Vec<String> =
            objects.iter().map(|object| compact(&typed::json(&object.document.root))).collect();
        (objects, faults.into_iter().map(|fault| fault.says).collect::<Vec<_>>())
    };
    for (text, object) in [
        ("a: x", r#"{"a":"x"}"#),
        ("a: |\n  x", r#"{"a":"x\n"}"#),
        ("a: |-\n  x", r#"{"a":"x"}"#),
        ("a: >\n  x\n  y", r#"{"a":"x y\n"}"#),
        ("a:\n- b: |\n    x", r#"{"a":[{"b":"x\n"}]}"#),
        ("z: 1\n---\na: |\n  x # y", r#"{"a":"x # y\n"}"#),
        ("a: x # y", r#"{"a":"x"}"#),
    ] {
        assert_eq!(told(text).0.last().map(String::as_str), Some(object), "{text}");
        assert_eq!(told(text), told(&format!("{text}\n")), "{text}");
    }
    assert_eq!(told("a: [").1.len(), 1);
}

fn manifests(printed: &[Printed], helm: Helm) -> (Vec<Manifest>, Vec<Fault>) {
    let mut reader = Reader::new(helm, Schemas::Read);
    printed.iter().for_each(|one| reader.take(Shown::Printed(one)));
    reader.finish()
}

fn ours(case: &Case) -> Vec<String> {
    let texts: Vec<&str> = case.files.iter().map(|(_, bytes)| std::str::from_utf8(bytes).unwrap()).collect();
    let printed: Vec<Printed> = case
        .files
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let span = Span::new(SourceId(at as u32), 0, texts[at].len());
            Printed::plain(&format!("web/{name}"), texts[at], Origin::verbatim(span))
        })
        .collect();
    let (objects, faults) = manifests(&printed, case.helm);
    let mut out: Vec<String> = faults
        .iter()
        .map(|fault| {
            let at = fault.at.unwrap();
            let text = texts[at.source.0 as usize];
            let line = Lines::new(text).place(at.start as usize, text).line;
            format!("refused: {} {}:{line}", fault.says, case.files[at.source.0 as usize].0)
        })
        .collect();
    out.extend(objects.iter().map(|object| {
        let root = &object.document.root;
        // The place of an object is where the template has it.
        let span = root.get("kind").map_or(root.span(), |kind| kind.span());
        let text = texts[span.source.0 as usize];
        let line = Lines::new(text).place(span.start as usize, text).line;
        let hooks =
            if object.hooks.is_empty() { String::new() } else { format!(" on {}", object.hooks.join(",")) };
        format!("object {} {} at {line}{hooks}", object.template, compact(&typed::json(root)))
    }));
    out
}

fn theirs(tool: &Path, case: &Case) -> Result<Vec<String>, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("manifests-{}", std::process::id()));
    let chart = ("Chart.yaml".to_string(), b"{apiVersion: v2, name: web, version: 1.0.0}".to_vec());
    for (name, bytes) in case.files.iter().chain([&chart]) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let done = Command::new(tool)
        .args(["template", "."])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    let printed = String::from_utf8_lossy(&done.stdout);
    let text = format!("\n{}", printed.strip_suffix('\n').unwrap_or(&printed));
    let documents = text.split("\n---\n# Source: ").skip(1).map(|part| part.split_once('\n').unwrap());
    Ok(documents
        .map(|(template, text)| {
            // The line break that ends a document is also the one before the next.
            let text = format!("{text}\n");
            let root = read(SourceId(0), &text).documents.into_iter().next().map(|document| document.root);
            let json = root.map_or("null".into(), |root| compact(&typed::json(&root)));
            format!("object {template} {json}")
        })
        .filter(|line| !line.ends_with(" null"))
        .collect())
}
