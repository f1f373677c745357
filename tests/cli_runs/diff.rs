//! `pintle diff`: sides, outputs, exit codes, and that no value of a Secret is in any of them.

use crate::stage::{BAD, GOOD, Ran, Stage};

const KUSTOMIZATION: &str = "resources: [pod.yaml]\n";

/// A folder under git whose first commit holds these files; nothing if there is no git.
fn committed(files: &[(&str, &str)]) -> Option<Stage> {
    let stage = Stage::new(files);
    stage.git(&["init", "-q"])?;
    commit(&stage);
    Some(stage)
}

fn commit(stage: &Stage) {
    stage.git(&["add", "-A"]).unwrap();
    stage.git(&["commit", "-qm", "a commit"]).unwrap();
}

fn diff(stage: &Stage, arguments: &[&str]) -> Ran {
    stage.run(&[&["diff"], arguments].concat())
}

/// The changes and the verdict, as data.
fn told(ran: &Ran) -> (Vec<String>, String) {
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let changes = json["changes"].as_array().unwrap();
    let says = changes.iter().map(|one| one["says"].as_str().unwrap().to_owned()).collect();
    (says, json["verdict"].as_str().unwrap().to_owned())
}

#[test]
fn every_pair_of_sides_is_held_against_each_other() {
    let Some(stage) = committed(&[("prod/kustomization.yaml", KUSTOMIZATION), ("prod/pod.yaml", BAD)]) else {
        return;
    };
    let nothing = (Vec::new(), "routine".to_owned());
    assert_eq!(told(&diff(&stage, &["-o", "json"])), nothing);
    stage.write("prod/pod.yaml", BAD.replace("nginx:latest", "nginx:1.27").as_bytes());
    let one = (vec!["nginx latest → 1.27 (no digest)".to_owned()], "not-routine".to_owned());
    assert_eq!(told(&diff(&stage, &["-o", "json"])), one, "the disk");
    assert_eq!(told(&diff(&stage, &["--staged", "-o", "json"])), nothing, "nothing is staged");
    stage.git(&["add", "-A"]).unwrap();
    stage.write("prod/pod.yaml", GOOD.as_bytes());
    assert_eq!(
        told(&diff(&stage, &["--staged", "-o", "json"])),
        one,
        "what is staged, not what is on the disk"
    );
    stage.git(&["checkout", "-q", "--", "."]).unwrap();
    stage.git(&["commit", "-qm", "second"]).unwrap();
    assert_eq!(told(&diff(&stage, &["HEAD~1", "HEAD", "-o", "json"])), one, "two revisions");
    assert_eq!(
        told(&diff(&stage, &["HEAD", "HEAD~1", "-o", "json"])),
        nothing,
        "where HEAD~1 left HEAD is HEAD~1"
    );
    // What happened on the other branch since is not this branch's change.
    stage.git(&["checkout", "-qb", "side", "HEAD~1"]).unwrap();
    assert_eq!(told(&diff(&stage, &["main", "-o", "json"])), nothing);
    let folders = Stage::new(&[
        ("old/prod/kustomization.yaml", KUSTOMIZATION),
        ("old/prod/pod.yaml", BAD),
        ("new/prod/kustomization.yaml", KUSTOMIZATION),
        ("new/prod/pod.yaml", &BAD.replace("nginx:latest", "nginx:1.27")),
    ]);
    assert_eq!(told(&diff(&folders, &["old", "new", "-o", "json"])), one, "two folders");
}

#[test]
fn a_base_that_is_not_there_or_cannot_be_read_ends_with_two() {
    let Some(stage) = committed(&[("pod.yaml", BAD)]) else { return };
    let ran = diff(&stage, &["nowhere"]);
    assert!(
        ran.code == 2 && ran.err.contains("there is no revision `nowhere`") && ran.out.is_empty(),
        "{ran:?}"
    );
    let blob = stage.git(&["rev-parse", "HEAD:pod.yaml"]).unwrap();
    let (folder, file) = blob.trim().split_at(2);
    std::fs::remove_file(stage.path(&format!(".git/objects/{folder}/{file}"))).unwrap();
    stage.write("pod.yaml", GOOD.as_bytes());
    let ran = diff(&stage, &["HEAD"]);
    assert!(ran.code == 2 && ran.err.contains("HEAD cannot be read") && ran.out.is_empty(), "{ran:?}");
    let ran = diff(&Stage::new(&[("pod.yaml", BAD)]), &["HEAD"]);
    assert!(ran.code == 2 && ran.err.contains("needs a git repository"), "{ran:?}");
}

#[test]
fn the_exit_code_says_what_was_asked_for() {
    let Some(stage) = committed(&[("pod.yaml", GOOD)]) else { return };
    stage.write("pod.yaml", BAD.as_bytes());
    for (arguments, code) in [
        (&[][..], 0),
        (&["--fail-on", "error"], 1),
        (&["--fail-on", "warning"], 1),
        (&["--fail-on", "never"], 0),
        (&["--routine"], 1),
        (&["--fail-on", "bad"], 2),
    ] {
        let ran = diff(&stage, arguments);
        assert_eq!(ran.code, code, "{arguments:?} {ran:?}");
    }
    commit(&stage);
    stage.write("pod.yaml", (BAD.to_owned() + "# a remark\n").as_bytes());
    let ran = diff(&stage, &["--routine", "--fail-on", "note"]);
    assert!(ran.code == 0 && ran.out.starts_with("nothing changes in any cluster"), "{ran:?}");
}

#[test]
fn no_value_of_a_secret_is_in_any_output() {
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\nstringData:\n  password: {value}\n  pin: \"{}\"\n",
            value.len()
        )
    };
    let map = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: db}}\ndata:\n  url: \"postgres://shop:{value}@db/shop\"\n"
        )
    };
    let (old, new) = ("kestrel-lime-otter-91", "otter-kestrel-lime-73x");
    let Some(stage) = committed(&[("a.yaml", &secret(old)), ("b.yaml", &map(old))]) else { return };
    stage.write("a.yaml", secret(new).as_bytes());
    stage.write("b.yaml", map(new).as_bytes());
    for output in ["table", "markdown", "json", "images", "github", "rdjson"] {
        let ran = diff(&stage, &["-v", "-o", output]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.out.contains("kestrel") && !ran.out.contains("otter"), "{output}: {}", ran.out);
    }
    let (says, _) = told(&diff(&stage, &["-o", "json"]));
    assert_eq!(says, ["Secret/shop/db: ~password, ~pin", "data.url"]);
}

#[test]
fn a_comment_fits_and_tells_the_most_important_first() {
    let pods = |tag: usize| -> String {
        let pod = |at: usize| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: pod-{at}}}\nspec:\n  containers:\n    - name: web\n      image: example.org/some/rather/long/name-{at}:{tag}.0.{at}\n---\n"
            )
        };
        (0..900).map(pod).collect()
    };
    let Some(stage) = committed(&[("pods.yaml", &pods(1))]) else { return };
    stage.write("pods.yaml", pods(2).as_bytes());
    let out = diff(&stage, &["-o", "markdown"]).out;
    assert!(out.starts_with("<!-- pintle diff -->\n### pintle: not routine"), "{out}");
    assert!(out.len() < 65_536, "{}", out.len());
    let first = out.split("<details>").next().unwrap();
    assert!(first.len() < 4_096 && first.contains("images major"), "{first}");
    assert_eq!(out.matches("<details").count(), out.matches("</details>").count());
    assert!(out.contains("that do not fit into a comment"), "{}", &out[out.len() - 300..]);
    let images = diff(&stage, &["-o", "images"]).out;
    assert_eq!(images.lines().count(), 900);
    assert!(images.starts_with("example.org/some/rather/long/name-0:2.0.0\n"), "{images}");
}

#[test]
fn a_table_is_as_wide_as_its_terminal() {
    let long = "kubernetes/apps/a-rather-long-namespace/a-rather-long-application/app";
    let name = format!("{long}/pod.yaml");
    let pod = |tag: &str| {
        BAD.replace("nginx:latest", &format!("registry.example.org/some/team/application:{tag}"))
            .replace("name: web}", "name: web, namespace: a-rather-long-namespace}")
    };
    let Some(stage) = committed(&[(&name, &pod("1.0.0"))]) else { return };
    stage.write(&name, pod("2.0.0").as_bytes());
    for width in [80, 100, 120] {
        let mut command = stage.command(&["diff"]);
        let ran = Ran::of(command.env("COLUMNS", width.to_string()).output().unwrap());
        let wide: Vec<&str> =
            ran.out.lines().filter(|line| line.chars().count() > width && !line.contains(long)).collect();
        assert!(wide.is_empty(), "{width}: {wide:?}");
        assert!(ran.out.contains("images     1 major"), "{}", ran.out);
    }
}
