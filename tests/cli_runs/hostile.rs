//! Repositories that try to steer the terminal, the CI log or the run.

use crate::stage::skipped::skipped;
use crate::stage::{BAD, Stage};

const NAMES: [&str; 8] = [
    "##[add-mask]x.yaml",
    "a\nb.yaml",
    "::error::x.yaml",
    "p%0A::set-output name=a::b.yaml",
    "e\u{1b}]0;title\u{7}\u{1b}[31m.yaml",
    "r\u{202e}lmay.yaml",
    "z\u{200b}\u{feff}.yaml",
    "<b>|`$(id)`,:&\"'.yaml",
];

#[test]
fn no_name_reaches_an_output_raw() {
    let image = "evil\u{1b}[2J\u{202e}\u{9b}31m:latest";
    let text = BAD.replace(
        "nginx:latest",
        &format!("\"{image}\" # \u{1b}]8;;http://x\u{7}\u{2066} ##[stop-commands]y"),
    ) + &format!("\u{1b}[41m: {BAD}");
    let files: Vec<(&str, &str)> =
        NAMES.iter().map(|name| (*name, BAD)).chain([("text.yaml", text.as_str())]).collect();
    let stage = Stage::new(&files);
    for format in [
        "pretty",
        "concise",
        "json",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "checkstyle",
        "rdjson",
        "markdown",
    ] {
        let ran = stage.run(&["lint", "--verbose", "--explain-skips", "-o", format]);
        assert_eq!(ran.code, 1, "{format}: {ran:?}");
        for bad in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\r'] {
            assert!(!ran.out.contains(bad), "{format}: {bad:?} in {}", ran.out);
            assert!(!ran.err.contains(bad), "{format}: {bad:?} in {}", ran.err);
        }
        assert!(!ran.out.contains("##["), "{format}: {}", ran.out);
        if format != "github" {
            assert!(
                !ran.out.lines().any(|line| line.trim_start().starts_with("::")),
                "{format}: {}",
                ran.out
            );
        } else {
            for line in ran.out.lines() {
                let (_, rest) = line.split_once("::").unwrap();
                assert!(
                    ["error ", "warning ", "notice "].iter().any(|word| rest.starts_with(word)),
                    "{line}"
                );
                assert!(line.starts_with("::"), "{line}");
            }
            assert!(ran.out.contains("file=p%250A%3A%3Aset-output name=a%3A%3Ab.yaml"), "{}", ran.out);
        }
    }
    // At any width, where a long message is broken.
    stage.write(
        "w.yaml",
        BAD.replace("nginx", &format!("\"{} ::error::x", "x ".repeat(30)))
            .replace("latest", "latest\"")
            .as_bytes(),
    );
    for columns in 40..100 {
        let ran = stage.command(&["lint", "w.yaml"]).env("COLUMNS", columns.to_string()).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{columns}: {out}");
    }
    // Names keep their meaning where the format can carry it.
    let json: serde_json::Value = serde_json::from_str(&stage.run(&["lint", "-o", "json"]).out).unwrap();
    let files: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["file"].as_str().unwrap())
        .collect();
    for name in NAMES {
        assert!(files.contains(&name), "{name:?} in {files:?}");
    }
}

#[test]
fn errors_do_not_carry_what_they_were_given() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    let ran = stage.run(&["lint", "no\u{1b}[31m\u{202e}where"]);
    assert!(ran.code == 2 && !ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{ran:?}");
}

#[test]
fn a_name_that_is_not_unicode_is_read_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let stage = Stage::new(&[]);
    let path = stage.root.join(std::ffi::OsStr::from_bytes(b"caf\xe9.yaml"));
    if std::fs::write(path, BAD).is_err() {
        skipped("this disk takes Unicode names only");
        return;
    }
    let ran = stage.run(&["lint", "-o", "concise"]);
    assert!(ran.code == 1 && ran.out.starts_with("caf\\xe9.yaml:7:20"), "{ran:?}");
}

#[test]
fn a_configuration_cannot_point_outside() {
    let outside = Stage::new(&[("pod.yaml", BAD)]);
    let config = format!("include: [\"{}/**\", \"../**\"]\n", outside.root.display());
    let stage = Stage::new(&[(".pintle.yaml", &config), ("pod.yaml", BAD)]);
    let ran = stage.run(&["lint", "-o", "json"]);
    assert!(!ran.out.contains(&*outside.root.to_string_lossy()), "{ran:?}");
    std::fs::remove_file(stage.path(".pintle.yaml")).unwrap();
    std::os::unix::fs::symlink(outside.path("pod.yaml"), stage.path(".pintle.yaml")).unwrap();
    let ran = stage.run(&["lint", "-o", "concise"]);
    assert!(ran.code == 2 && ran.out.is_empty(), "a link is not read as a configuration: {ran:?}");
    assert!(ran.err.contains(".pintle.yaml is no file of its own"), "{ran:?}");
}
