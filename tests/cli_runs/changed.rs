//! Changed lines: `--since` and `--staged`, with the real git.

use crate::stage::{BAD, GOOD, Stage};

/// A folder under git with one commit of these files; nothing if there is no git.
fn committed(files: &[(&str, &str)]) -> Option<Stage> {
    let stage = Stage::new(files);
    stage.git(&["init", "-q"])?;
    stage.git(&["add", "-A"])?;
    stage.git(&["commit", "-qm", "first"])?;
    Some(stage)
}

fn concise(stage: &Stage, arguments: &[&str]) -> (i32, String) {
    let ran = stage.run(&[&["lint", "-o", "concise"], arguments].concat());
    assert_eq!(ran.err, "", "{arguments:?}");
    (ran.code, ran.out)
}

#[test]
fn only_changed_lines_count() {
    let two = BAD.to_owned() + "    - name: side\n      image: redis:latest\n";
    let Some(stage) = committed(&[("old.yaml", BAD), ("pod.yaml", &two)]) else { return };
    assert_eq!(concise(&stage, &["--since", "HEAD"]), (0, String::new()));
    stage.write("pod.yaml", two.replace("redis", "valkey").as_bytes());
    stage.write("new \u{e9}\t\".yaml", BAD.as_bytes());
    let (code, out) = concise(&stage, &["--since", "HEAD"]);
    assert_eq!(code, 1);
    let places: Vec<&str> = out.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["new \u{e9}\t\".yaml:7:20", "pod.yaml:9:21"], "{out}");
    let ran = stage.run(&["lint", "--since", "HEAD"]);
    assert!(ran.out.contains("2 outside the diff"), "{ran:?}");
    stage.git(&["add", "-A"]).unwrap();
    stage.git(&["commit", "-qm", "second"]).unwrap();
    assert_eq!(concise(&stage, &["--since", "HEAD~1"]).1.lines().count(), 2);
    // What happened on the other branch since is not this branch's change.
    stage.git(&["checkout", "-qb", "side", "HEAD~1"]).unwrap();
    assert_eq!(concise(&stage, &["--since", "main"]).0, 0);
}

#[test]
fn a_revision_that_is_not_there_is_told() {
    let Some(stage) = committed(&[("pod.yaml", BAD)]) else { return };
    for revision in ["nowhere", "--output=x", "HEAD~7"] {
        let ran = stage.run(&["lint", &format!("--since={revision}")]);
        assert!(ran.code == 2 && ran.err.contains("there is no revision"), "{ran:?}");
        assert!(ran.err.contains("fetch-depth: 0"), "{ran:?}");
    }
    stage.git(&["checkout", "-q", "--orphan", "other"]).unwrap();
    stage.git(&["commit", "-qm", "unrelated"]).unwrap();
    let ran = stage.run(&["lint", "--since", "main"]);
    assert!(ran.code == 2 && ran.err.contains("no common ancestor"), "{ran:?}");
    let bare = Stage::new(&[("pod.yaml", BAD)]);
    for arguments in [&["lint", "--since", "main"][..], &["lint", "--staged"]] {
        let ran = bare.run(arguments);
        assert!(ran.code == 2 && ran.err.contains("needs a git repository"), "{ran:?}");
    }
}

#[test]
fn what_is_staged_is_what_is_judged() {
    let Some(stage) = committed(&[("pod.yaml", GOOD), ("other.yaml", BAD)]) else { return };
    assert_eq!(concise(&stage, &["--staged"]), (0, String::new()));
    // Staged bad, mended on the disk: the commit would be bad.
    stage.write("pod.yaml", BAD.as_bytes());
    stage.git(&["add", "pod.yaml"]).unwrap();
    stage.write("pod.yaml", GOOD.as_bytes());
    let (code, out) = concise(&stage, &["--staged"]);
    assert_eq!((code, out.lines().count()), (1, 1), "{out}");
    assert!(out.starts_with("pod.yaml:7:20"), "{out}");
    // Staged good, spoilt on the disk, and a new file that is not staged: the commit would be good.
    stage.git(&["add", "pod.yaml"]).unwrap();
    stage.write("pod.yaml", BAD.as_bytes());
    stage.write("untracked.yaml", BAD.as_bytes());
    assert_eq!(concise(&stage, &["--staged"]), (0, String::new()));
    // Staged, then deleted on the disk.
    stage.git(&["add", "untracked.yaml"]).unwrap();
    std::fs::remove_file(stage.path("untracked.yaml")).unwrap();
    assert!(concise(&stage, &["--staged"]).1.starts_with("untracked.yaml:7:20"));
    assert_eq!(concise(&stage, &["--staged", "pod.yaml"]).0, 0, "paths limit this too");
}

#[test]
fn the_first_commit_has_staged_lines_too() {
    let stage = Stage::new(&[("pod.yaml", BAD)]);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.git(&["add", "-A"]).unwrap();
    assert_eq!(concise(&stage, &["--staged"]).0, 1);
}

const SET: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {template: {spec: {containers: [{name: db, image: \"postgres:16\"}]}}}\n";

/// Only the overlay changes: what it changes is in files that did not.
#[test]
fn the_earlier_revision_is_read_whole() {
    let overlay =
        |tag: &str| format!("resources: [../base]\nimages: [{{name: postgres, newTag: \"{tag}\"}}]\n");
    let Some(stage) = committed(&[
        ("base/db.yaml", SET),
        ("base/kustomization.yaml", "resources: [db.yaml]\n"),
        ("prod/kustomization.yaml", &overlay("16")),
    ]) else {
        return;
    };
    let asked = ["--select", "postgres-major-jump"];
    stage.write("prod/kustomization.yaml", overlay("17").as_bytes());
    let since = [&asked[..], &["--since", "HEAD"]].concat();
    let (code, out) = concise(&stage, &since);
    assert!(code == 1 && out.contains("goes from 16 to 17"), "{out}");
    assert!(out.starts_with("prod/kustomization.yaml:2:"), "{out}");
    let staged = [&asked[..], &["--staged"]].concat();
    assert_eq!(concise(&stage, &staged), (0, String::new()));
    stage.git(&["add", "-A"]).unwrap();
    assert_eq!(concise(&stage, &staged).0, 1);
    // A submodule is no file to read.
    let submodule = "160000,1111111111111111111111111111111111111111,sub";
    stage.git(&["update-index", "--add", "--cacheinfo", submodule]).unwrap();
    stage.git(&["commit", "-qm", "second"]).unwrap();
    assert_eq!(concise(&stage, &[&asked[..], &["--since", "HEAD~1"]].concat()).0, 1);
    stage.write("prod/kustomization.yaml", overlay("18").as_bytes());
    let (code, out) = concise(&stage, &since);
    assert!(code == 1 && out.contains("goes from 17 to 18"), "{out}");
}

/// A tag that was raised beside a digest that stayed: told of the change that does it, without a registry, and at its line.
#[test]
fn a_tag_that_is_raised_alone_is_told() {
    let values = |tag: &str| {
        let digest = "9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496";
        format!("image:\n  repository: ghcr.io/acme/web\n  tag: {tag}\n  digest: sha256:{digest}\n")
    };
    let Some(stage) = committed(&[("values.yaml", &values("v1.9.0"))]) else { return };
    stage.write("values.yaml", values("v1.10.0").as_bytes());
    for arguments in [&["--since", "HEAD"][..], &["--staged"]] {
        let (code, out) = concise(&stage, arguments);
        assert!(code == 1 && out.starts_with("values.yaml:3:"), "{out}");
        assert!(out.contains("image-bump-inert") && !out.contains("image-tag-inert"), "{out}");
        stage.git(&["add", "-A"]).unwrap();
    }
    assert!(!concise(&stage, &[]).1.contains("image-bump-inert"));
}

/// Before the first commit nothing ran.
#[test]
fn without_a_commit_there_is_no_earlier_revision() {
    let stage = Stage::new(&[("db.yaml", SET)]);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.git(&["add", "-A"]).unwrap();
    let ran = stage.run(&["lint", "--staged", "--select", "postgres-major-jump"]);
    assert!(ran.code == 0 && ran.err.is_empty(), "{ran:?}");
}

/// What decides was there before: the changed line speaks, and SARIF says of which repository and of which commit.
#[test]
fn an_image_that_became_a_database_is_told_at_the_image() {
    let workload = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: db\n          image: {image}\n          volumeMounts: [{{name: data, mountPath: /var/lib/postgresql/data}}]\n      volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]\n"
        )
    };
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: longhorn}\n";
    let Some(stage) = committed(&[("db.yaml", &workload("nginx:1.27.3")), ("kept.yaml", claim)]) else {
        return;
    };
    stage.git(&["remote", "add", "origin", "git@github.com:a/b.git"]).unwrap();
    stage.write("db.yaml", workload("postgres:16.1").as_bytes());
    let asked = ["--select", "postgres-on-longhorn"];
    let since = [&asked[..], &["--since", "HEAD"]].concat();
    let (code, out) = concise(&stage, &since);
    assert!(code == 1 && out.starts_with("db.yaml:9:18: error[postgres-on-longhorn]"), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(
        concise(&stage, &asked).1.starts_with("kept.yaml:4:26:"),
        "without a change what decides is told"
    );
    stage.git(&["add", "-A"]).unwrap();
    assert_eq!(concise(&stage, &[&asked[..], &["--staged"]].concat()).1, out);
    let ran = stage.run(&[&["lint", "-o", "sarif"][..], &since].concat());
    let log: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "pintle/lint/github.com/a/b/");
    let commit = stage.git(&["rev-parse", "HEAD"]).unwrap();
    assert_eq!(run["versionControlProvenance"][0]["revisionId"], commit.trim());
    assert_eq!(run["versionControlProvenance"][0]["repositoryUri"], "https://github.com/a/b");
    let ran = stage.run(&["secrets", "-o", "sarif"]);
    assert!(ran.out.contains("\"id\": \"pintle/secrets/github.com/a/b/\""), "{}", ran.out);
}
