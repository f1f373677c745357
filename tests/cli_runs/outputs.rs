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

/// A release, a base of another repository, a manifest that is left out, and an object that is delivered.
fn half_seen() -> Stage {
    let release = |name: usize| {
        format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web-{name}, namespace: shop}}\nspec:\n  chart:\n    spec: {{chart: nginx, version: 1.2.3, sourceRef: {{kind: HelmRepository, name: bitnami}}}}\n"
        )
    };
    Stage::new(&[
        (
            "kustomization.yaml",
            "resources:\n  - releases.yaml\n  - pod.yaml\n  - https://git.example/acme/base?ref=v1\n  # - old.yaml\n",
        ),
        ("releases.yaml", &(0..205).map(release).collect::<String>()),
        ("pod.yaml", crate::stage::GOOD),
        ("old.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n"),
    ])
}

#[test]
fn what_was_not_seen_is_counted_and_told_by_name() {
    let stage = half_seen();
    let said = "205 releases whose charts are not here · 1 remote base · 1 manifest that nothing delivers (-v: which)";
    let wide = |arguments: &[&str]| {
        let mut command = stage.command(arguments);
        String::from_utf8(command.env("COLUMNS", "200").output().unwrap().stdout).unwrap()
    };
    let out = wide(&["lint", "--fail-on", "never"]);
    assert!(out.contains(&format!("  not seen: {said}\n  206 objects rendered for . · ")), "{out}");
    let out = wide(&["lint", "--fail-on", "never", "--verbose"]);
    for line in [
        "  not seen: 205 releases whose charts are not here:\n  - releases.yaml:7:19 HelmRelease/shop/web-0: `nginx` 1.2.3\n",
        "  not seen: 1 remote base:\n  - kustomization.yaml:4:5 Kustomization: `https://git.example/acme/base?ref=v1` lies outside",
        "  not seen: 1 manifest that nothing delivers:\n  - old.yaml:2:7 ConfigMap/old: it is commented out in kustomization.yaml:5\n",
        "  and 5 more\n",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let ran = stage.run(&["lint", "--fail-on", "never", "--output", "json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let coverage = &told["coverage"];
    let unseen = coverage["unseen"].as_array().unwrap();
    assert_eq!((unseen.len(), &coverage["unnamed"], &coverage["charts"]), (202, &5.into(), &205.into()));
    let left_out = serde_json::json!({
        "kind": "left-out",
        "name": "ConfigMap/old",
        "message": "it is commented out in kustomization.yaml:5",
        "file": "old.yaml",
        "start": {"line": 2, "column": 7},
    });
    assert_eq!(unseen.last(), Some(&left_out));
}

#[test]
fn what_is_not_here_is_told_even_if_nothing_is_rendered() {
    type Files<'a> = &'a [(&'a str, &'a str)];
    let table: [(Files, &str, &str); 3] = [
        (
            &[("o/kustomization.yaml", "resources: [github.com/foo/bar//deploy?ref=v1.2.3]\n")],
            "  no objects rendered for o · 1 file read",
            "  - o/kustomization.yaml:1:13 Kustomization/o: `github.com/foo/bar//deploy?ref=v1.2.3` lies outside",
        ),
        (
            &[
                ("kustomization.yaml", "resources: [pod.yaml, local.yaml]\n"),
                ("pod.yaml", crate::stage::GOOD),
                (".gitignore", "local.yaml\n"),
            ],
            "  not seen: 1 entry that git ignores:\n",
            "  - kustomization.yaml:1:23 Kustomization: `local.yaml` is not here: git ignores it (.gitignore:1)\n",
        ),
        // Another repository is one, wherever its files are put.
        (
            &[
                ("kustomization.yaml", "resources: [pod.yaml, vendor/lib]\n"),
                ("pod.yaml", crate::stage::GOOD),
                (
                    ".gitmodules",
                    "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://git.example/lib\n",
                ),
            ],
            "  not seen: 1 remote base:\n",
            "`vendor/lib` is not here: it is in the submodule `vendor/lib`\n",
        ),
    ];
    for (files, counted, named) in table {
        let stage = Stage::new(files);
        let mut command = stage.command(&["lint", "--fail-on", "never", "--verbose"]);
        let out = String::from_utf8(command.env("COLUMNS", "200").output().unwrap().stdout).unwrap();
        assert!(out.contains(counted) && out.contains(named), "{counted}\n{out}");
    }
}

#[test]
fn coverage_counts_all_that_nothing_delivers() {
    let root = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: root, namespace: flux-system}\nspec: {path: ./clusters/prod}\n";
    let object = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    let [old, held, beside] = ["old", "held", "beside"].map(object);
    let stage = Stage::new(&[
        ("clusters/prod/kustomization.yaml", "resources: [root.yaml]\n"),
        ("clusters/prod/root.yaml", root),
        ("clusters/prod/beside.yaml", &beside),
        ("attic/old.yaml", &old),
        ("attic/k/kustomization.yaml", "resources: [held.yaml]\n"),
        ("attic/k/held.yaml", &held),
    ]);
    let mut command = stage.command(&["lint", "--fail-on", "never", "--verbose"]);
    let out = String::from_utf8(command.env("COLUMNS", "200").output().unwrap().stdout).unwrap();
    let expected = "  not seen: 3 manifests that nothing delivers:
  - clusters/prod/beside.yaml:2:7 ConfigMap/beside: clusters/prod/kustomization.yaml does not load it
  - attic/k/held.yaml:2:7 ConfigMap/held: only what is not delivered itself loads it
  - attic/old.yaml:2:7 ConfigMap/old: nothing that is delivered loads it
  1 object rendered for prod · 6 files read";
    assert!(out.contains(expected), "{out}");
    let tree = stage.run(&["render", "--tree"]).out;
    let below: Vec<&str> = tree.lines().skip_while(|line| *line != "not delivered").collect();
    let expected = [
        "not delivered",
        "   attic/                     1 manifest and 1 build: nothing that is delivered loads it",
        "   clusters/prod/beside.yaml  clusters/prod/kustomization.yaml does not load it",
    ];
    assert_eq!(below, expected);
}

#[test]
fn what_nobody_asked_for_is_not_told() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: far, namespace: x}\nspec:\n  chart: {spec: {chart: redis, version: 20.1.0, sourceRef: {kind: HelmRepository, name: far}}}\n";
    let stage = Stage::new(&[
        ("asked/pod.yaml", crate::stage::GOOD),
        ("loose/template.yaml", "{{ if .x }}\napiVersion: v1\nkind: Pod\n{{ end }}\n"),
        ("other/twice.yaml", "a: 1\na: 2\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
        ("other/main.tf", "resource {{{\n"),
        ("other/release.yaml", release),
        (
            "flux.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all}\nspec: {path: ./other}\n",
        ),
    ]);
    let told = |path: &str| {
        let out = stage.run(&["lint", "--root", ".", path, "--fail-on", "never", "-o", "json"]).out;
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        let problems = told["problems"].as_array().unwrap().len();
        (problems, told["summary"]["unread"].as_u64(), told["coverage"]["charts"].as_u64())
    };
    let (all, asked, other, loose) = (told("."), told("asked"), told("other"), told("loose"));
    assert_eq!(asked, (0, Some(0), Some(0)));
    assert!(all.0 > 0 && all.1 > Some(0) && all.2 > Some(0), "{all:?}");
    assert_eq!((other.0 + loose.0, loose.1, other.2), all, "what is wrong is there");
    let out = stage.run(&["lint", "--root", ".", "asked"]).out;
    assert!(!out.contains("not read") && !out.contains("releases"), "{out}");
}
