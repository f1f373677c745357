//! `pintle init`: what it infers from a repository and its history, where it writes, and what it leaves alone.

use crate::stage::{BAD, GOOD, Stage};

const FLUX: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n";
const ARGO: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\nspec:\n  source: {repoURL: 'https://github.com/a/b', path: apps}\n  destination: {namespace: web, name: in-cluster}\n";

/// A pod with an image of a project that nobody here knows.
fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      image: {image}\n"
    )
}

fn claim(class: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{storageClassName: {class}}}\n"
    )
}

fn class(name: &str, provisioner: &str) -> String {
    format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\nprovisioner: {provisioner}\n"
    )
}

fn digest(of: char) -> String {
    format!("@sha256:{}", of.to_string().repeat(64))
}

/// A repository, version after version.
struct Case<'a> {
    shows: &'a str,
    /// Each commit writes these files.
    commits: Vec<Vec<(&'a str, String)>>,
    remote: Option<&'a str>,
    /// Lines of the configuration, without their indentation.
    says: &'a [&'a str],
    /// What no line of the configuration that counts begins with.
    never: &'a [&'a str],
}

impl Case<'_> {
    fn stage(&self) -> Option<Stage> {
        let stage = Stage::new(&[]);
        stage.git(&["init", "-q"])?;
        if let Some(remote) = self.remote {
            stage.git(&["remote", "add", "origin", remote])?;
        }
        for (number, files) in self.commits.iter().enumerate() {
            files.iter().for_each(|(name, text)| stage.write(name, text.as_bytes()));
            stage.git(&["add", "-A"])?;
            stage.git(&["commit", "-qm", &number.to_string()])?;
        }
        Some(stage)
    }
}

fn case<'a>(shows: &'a str, commits: Vec<Vec<(&'a str, String)>>) -> Case<'a> {
    Case { shows, commits, remote: None, says: &[], never: &[] }
}

fn versions<'a>(images: &[String]) -> Vec<Vec<(&'a str, String)>> {
    images.iter().map(|image| vec![("pod.yaml", pod(image))]).collect()
}

fn cases() -> Vec<Case<'static>> {
    let app = |tag: &str| format!("ghcr.io/team/app:{tag}");
    let none: &[&str] = &["images:", "storage:", "moving-tags:", "immutable-tags:"];
    vec![
        Case {
            says: &["# - 1 Flux Kustomization, for the cluster home", "# - images in 1 file: kubernetes 1"],
            never: none,
            ..case(
                "what Flux delivers",
                vec![vec![("clusters/home/apps.yaml", FLUX.into()), ("apps/pod.yaml", pod("nginx:1.27.3"))]],
            )
        },
        Case {
            says: &["# - 1 Argo CD Application, for the cluster web"],
            never: none,
            remote: Some("https://github.com/a/b.git"),
            ..case(
                "what Argo CD delivers",
                vec![vec![("argo/web.yaml", ARGO.into()), ("apps/pod.yaml", GOOD.into())]],
            )
        },
        Case {
            says: &["# - images in 2 files: compose 1, dockerfile 1"],
            never: none,
            ..case(
                "Compose and Dockerfiles",
                vec![vec![
                    ("compose.yaml", "services:\n  web:\n    image: nginx:1.27.3\n".into()),
                    ("Dockerfile", "FROM debian:12.8\n".into()),
                ]],
            )
        },
        Case {
            says: &[
                "images:",
                "moving-tags:",
                "# it was seen with 2 digests: r7",
                "- {images: \"ghcr.io/team/app\", tags: '^r7$'}",
            ],
            never: &["immutable-tags:"],
            ..case(
                "a tag that was seen with two digests moves",
                versions(&[app("r7") + &digest('a'), app("r7") + &digest('b')]),
            )
        },
        Case {
            says: &[
                "# they were seen with 2 digests: 2024.1, 2024.2",
                "- {images: \"ghcr.io/team/app\", tags: '^[0-9]+\\.[0-9]+$'}",
            ],
            never: &["immutable-tags:"],
            ..case(
                "where two tags of one form move, the form does",
                versions(&[
                    app("2024.1") + &digest('a'),
                    app("2024.1") + &digest('b'),
                    app("2024.2") + &digest('c'),
                    app("2024.2") + &digest('d'),
                ]),
            )
        },
        Case {
            says: &[
                "immutable-tags:",
                "# they climb, and none came back: 2024.1, 2024.2, 2024.10",
                "- {images: \"ghcr.io/team/app\", tags: '^[0-9]+\\.[0-9]+$'}",
            ],
            never: &["moving-tags:"],
            ..case("tags that climb do not move", versions(&[app("2024.1"), app("2024.2"), app("2024.10")]))
        },
        Case { never: none, ..case("two tags are no habit", versions(&[app("2024.1"), app("2024.2")])) },
        Case {
            never: none,
            ..case(
                "tags that go up and down",
                versions(&[app("2024.1"), app("2024.3"), app("2024.2"), app("2024.3")]),
            )
        },
        Case {
            says: &["moving-tags:"],
            never: &["immutable-tags:"],
            ..case(
                "tags that climb, one of which has moved",
                versions(&[
                    app("2024.1"),
                    app("2024.2") + &digest('a'),
                    app("2024.2") + &digest('b'),
                    app("2024.3"),
                ]),
            )
        },
        Case {
            never: none,
            ..case(
                "whole versions, and what is known to move, need no word",
                versions(&[
                    "nginx:1.27.1".into(),
                    "nginx:1.27.2".into(),
                    "nginx:1.27.3".into(),
                    "postgres:15".into(),
                    "postgres:16".into(),
                    "postgres:17".into(),
                    "nginx:latest".to_owned() + &digest('a'),
                    "nginx:latest".to_owned() + &digest('b'),
                ]),
            )
        },
        Case {
            says: &[
                "storage:",
                "local:",
                "# its provisioner is `disks.example.com/local-nvme`: class.yaml:4",
                "- \"nvme\"",
            ],
            never: &["replicated:"],
            ..case(
                "a class by a provisioner that nobody here knows and that says what it is",
                vec![vec![
                    ("claim.yaml", claim("nvme")),
                    ("class.yaml", class("nvme", "disks.example.com/local-nvme")),
                ]],
            )
        },
        Case {
            says: &[
                "# - nobody here says what makes the class `gold`: does it keep copies on other nodes (replicated), or none (local)?",
            ],
            never: &["storage:", "local:", "replicated:"],
            ..case(
                "a class of which nothing is known is a question",
                vec![vec![("claim.yaml", claim("gold"))]],
            )
        },
        Case {
            never: none,
            ..case("a class that is known needs no word", vec![vec![("claim.yaml", claim("local-path"))]])
        },
        Case {
            says: &[
                "# - 1 file that is meant to be encrypted, and 1 is not as it should be: `pintle secrets --sealed`",
            ],
            never: none,
            ..case(
                "files that are meant to be encrypted",
                vec![vec![
                    (".gitattributes", "secrets/* filter=git-crypt diff=git-crypt\n".into()),
                    ("secrets/a.yaml", "a: b\n".into()),
                ]],
            )
        },
    ]
}

#[test]
fn it_looks_before_it_writes() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(stage) = case.stage() else { return };
        let ran = stage.run(&["init"]);
        assert_eq!(ran.code, 0, "{}: {ran:?}", case.shows);
        let text = stage.read(".pintle.yaml");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for says in case.says.iter().filter(|says| !lines.contains(says)) {
            wrong.push(format!("{}: no line `{says}` in\n{}", case.shows, head(&text)));
        }
        for never in case.never.iter().filter(|never| lines.contains(never)) {
            wrong.push(format!("{}: a line `{never}` in\n{}", case.shows, head(&text)));
        }
        // What it has written is read, and counts.
        let ran = stage.run(&["lint", "--output", "concise"]);
        assert!(ran.code < 2, "{}: {ran:?}\n{text}", case.shows);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What counts of a configuration, and what is said at its head.
fn head(text: &str) -> String {
    let counts = |line: &&str| !line.starts_with('#') && !line.is_empty();
    let first = text.lines().take(8);
    first.chain(text.lines().skip(8).filter(counts)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_it_infers_counts() {
    let tags = ["2024.1", "2024.2", "2024.3"].map(|tag| format!("ghcr.io/team/app:{tag}"));
    let Some(stage) = case("", versions(&tags)).stage() else { return };
    let said = |stage: &Stage| stage.run(&["lint", "--output", "concise"]).out;
    assert!(said(&stage).contains("note[image-tag-may-move]"));
    stage.run(&["init"]);
    let after = said(&stage);
    assert!(after.contains("note[image-no-digest]") && after.contains("only an agreement"), "{after}");
    assert_eq!(after.lines().count(), 1, "{after}");
}

#[test]
fn it_writes_at_the_root_a_hook_and_a_workflow_and_offers_a_baseline() {
    let commits = || vec![vec![("apps/web/pod.yaml", BAD.to_owned())]];
    let on_github = Case { remote: Some("git@github.com:a/b.git"), ..case("", commits()) };
    let Some(stage) = on_github.stage() else { return };
    let ran = stage.run(&["init", "apps/web"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 finding today") && ran.out.contains("pintle baseline"), "{ran:?}");
    assert!(!stage.path("apps/web/.pintle.yaml").exists());
    for name in [".pintle.yaml", ".pre-commit-config.yaml", ".github/workflows/pintle.yml"] {
        assert!(stage.path(name).exists() && ran.out.contains(name), "{name}: {ran:?}");
    }
    assert!(stage.read(".pre-commit-config.yaml").contains("- id: pintle\n"));
    let workflow = stage.read(".github/workflows/pintle.yml");
    let uses: Vec<&str> = workflow.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")).collect();
    let is_commit = |uses: &str| {
        let commit = uses.split('@').nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    assert!(uses.iter().any(|uses| uses.starts_with("pintle/pintle@")), "{workflow}");
    let loose: Vec<&&str> = uses.iter().filter(|uses| !is_commit(uses)).collect();
    // A build that no release was made of knows no commit of its own: whoever knows it says how to get one.
    assert!(loose.is_empty() || ran.out.contains("pintle pin"), "{loose:?} {ran:?}");
    assert!(loose.iter().all(|uses| uses.starts_with("pintle/pintle@v")), "{loose:?}");
    let before = stage.read(".pintle.yaml");
    let again = stage.run(&["init"]);
    assert!(again.code == 2 && again.err.contains("is there already"), "{again:?}");
    assert_eq!(stage.read(".pintle.yaml"), before);
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let commits = || {
        vec![vec![
            ("pod.yaml", GOOD.to_owned()),
            (".pre-commit-config.yaml", "repos: []\n".to_owned()),
            (".github/workflows/pintle.yml", "on: push\njobs: {}\n".to_owned()),
        ]]
    };
    let Some(stage) = case("", commits()).stage() else { return };
    let ran = stage.run(&["init"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(stage.read(".pre-commit-config.yaml"), "repos: []\n");
    assert_eq!(stage.read(".github/workflows/pintle.yml"), "on: push\njobs: {}\n");
    assert!(ran.out.contains("- id: pintle") && ran.out.contains("was left as it is"), "{ran:?}");
    assert!(!ran.out.contains("pintle baseline"), "nothing to write down: {ran:?}");
    // A configuration by its other name is one.
    let Some(stage) = case("", vec![vec![(".pintle.yml", "preset: strict\n".into())]]).stage() else {
        return;
    };
    let ran = stage.run(&["init"]);
    assert!(ran.code == 2 && ran.err.contains("is there already"), "{ran:?}");
    assert!(!stage.path(".pintle.yaml").exists() && !stage.path(".pre-commit-config.yaml").exists());
}

#[test]
fn other_forges_get_lines_and_no_workflow() {
    let elsewhere = Case {
        remote: Some("https://gitlab.com/a/b.git"),
        ..case("", vec![vec![("pod.yaml", GOOD.to_owned())]])
    };
    let Some(stage) = elsewhere.stage() else { return };
    let ran = stage.run(&["init"]);
    assert!(ran.code == 0 && !stage.path(".github").exists(), "{ran:?}");
    assert!(ran.out.contains("pintle lint --output"), "{ran:?}");
    // Where no git is, there is neither a hook nor a workflow.
    let plain = Stage::new(&[("pod.yaml", GOOD)]);
    let ran = plain.run(&["init"]);
    assert!(ran.code == 0 && ran.out.contains("- id: pintle"), "{ran:?}");
    assert!(plain.path(".pintle.yaml").exists() && !plain.path(".pre-commit-config.yaml").exists());
}

/// What git could be made to run besides, it does not; and a history that cannot be read is no reason to stop.
#[test]
fn the_history_is_asked_and_nothing_is_run() {
    let tags = ["7", "8"].map(|tag| format!("ghcr.io/team/app:{tag}"));
    let Some(stage) = case("", versions(&tags)).stage() else { return };
    let ran = stage.path("ran").display().to_string();
    for (key, value) in [
        ("log.showSignature", "true"),
        ("gpg.program", &format!("touch {ran}")),
        ("diff.external", &format!("touch {ran}")),
        ("core.fsmonitor", &format!("touch {ran}; false")),
        ("diff.x.textconv", &format!("touch {ran}; cat")),
        ("core.pager", &format!("touch {ran}")),
    ] {
        stage.git(&["config", key, value]).unwrap();
    }
    stage.write(".git/info/attributes", b"*.yaml diff=x\n");
    assert_eq!(stage.run(&["init"]).code, 0);
    assert!(!stage.path("ran").exists());
    let Some(empty) = case("", vec![]).stage() else { return };
    empty.write("pod.yaml", GOOD.as_bytes());
    assert_eq!(empty.run(&["init"]).code, 0, "before the first commit");
}
