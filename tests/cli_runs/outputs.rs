//! Where outputs go and what they look like there.

use crate::stage::{BAD, Stage};
use std::process::Stdio;

#[test]
fn several_outputs_go_to_their_places() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    let ran =
        stage.run(&["lint", "-o", "concise", "-o", "github", "-o", "sarif=p.sarif", "-o", "json=p.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.starts_with("pod.yaml:7:20: error[image-latest]")
            && ran.out.contains("\n::error file=pod.yaml,"),
        "{ran:?}"
    );
    let sarif: serde_json::Value = serde_json::from_str(&stage.read("p.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "image-latest");
    let json: serde_json::Value = serde_json::from_str(&stage.read("p.json")).unwrap();
    assert_eq!(json["findings"][0]["start"]["column"], 20);
    assert_eq!(json["summary"]["read"], 1);
}

#[test]
fn what_was_said_last_time_is_not_read_this_time() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    let all = [
        "lint",
        "-o",
        "sarif=p.sarif",
        "-o",
        "json=p.json",
        "-o",
        "markdown=p.md",
        "-o",
        "pretty=p.txt",
        "-o",
        "concise",
    ];
    let first = stage.run(&all);
    assert_eq!((first.code, first.out.lines().count()), (1, 1), "{first:?}");
    assert_eq!(stage.run(&all).out, first.out);
    for file in ["p.json", "p.md", "p.txt"] {
        std::fs::remove_file(stage.path(file)).unwrap();
    }
    assert_eq!(
        stage.run(&["lint", "-o", "concise"]).out,
        first.out,
        "SARIF is never read unless git tracks it"
    );
}

#[test]
fn the_same_input_gives_the_same_bytes_at_any_number_of_threads() {
    let files: Vec<(String, String)> = (0..60)
        .map(|at| (format!("d{}/f{at}.yaml", at % 7), BAD.replace("web", &format!("web{at}"))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let stage = Stage::new(&files);
    for format in ["concise", "sarif", "github", "gitlab", "checkstyle", "rdjson"] {
        let one = stage.run(&["lint", "-o", format, "--jobs", "1"]);
        assert!(one.out.len() > 1000, "{format}");
        for jobs in ["2", "16"] {
            assert_eq!(stage.run(&["lint", "-o", format, "--jobs", jobs]).out, one.out, "{format} {jobs}");
        }
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    // Arguments, environment, coloured. Standard output is a pipe here.
    type Row<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], bool);
    let rows: &[Row] = &[
        (&["lint"], &[], false),
        (&["lint", "--color", "always"], &[], true),
        (&["lint", "--color", "always"], &[("NO_COLOR", "1")], true),
        (&["lint"], &[("CLICOLOR_FORCE", "1")], true),
        (&["lint"], &[("CLICOLOR_FORCE", "0")], false),
        (&["lint"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&["lint"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true),
        (&["lint", "--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
        (&["lint", "--color", "always", "-o", "concise"], &[], false),
        (&["explain", "image-latest", "--color", "always"], &[], true),
    ];
    for (arguments, environment, coloured) in rows {
        let ran = stage.command(arguments).envs(environment.iter().copied()).output().unwrap();
        assert_eq!(ran.stdout.contains(&0x1b), *coloured, "{arguments:?} {environment:?}");
    }
    stage.run(&["lint", "--color", "always", "-o", "pretty=out.txt"]);
    assert!(!stage.read("out.txt").contains('\u{1b}'), "a file is no terminal");
}

#[test]
fn the_width_of_the_terminal_is_kept() {
    let long = BAD
        .replace("nginx:latest", &format!("registry.example.org/{}/nginx:latest", "a-long-name/".repeat(20)));
    let stage = Stage::new(&[("pod.yaml", &long)]);
    for columns in [80, 100, 120] {
        let ran = stage.command(&["lint"]).env("COLUMNS", columns.to_string()).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        for line in out.lines().filter(|line| !line.contains("https://")) {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let files: Vec<(String, &str)> = (0..300).map(|at| (format!("f{at}.yaml"), BAD)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let stage = Stage::new(&files);
    let mut child =
        stage.command(&["lint", "-o", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), String::from_utf8(ran.stderr).unwrap()), (Some(1), String::new()));
}
