//! The papers of the package agree with one another: versions, names of archives, hooks; and everything the workflows
//! take from elsewhere is held to one commit, one digest or one hash.
#![allow(clippy::disallowed_methods)] // a test reads the files of the package

use pintle::SourceId;
use pintle::testing::{Node, yaml};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}")).replace('\r', "")
}

/// The only document of a YAML file, which must be without faults.
fn document(name: &str) -> Node {
    let mut read = yaml::read(SourceId(0), &read(name));
    assert_eq!(read.problems, [], "{name}");
    assert_eq!(read.documents.len(), 1, "{name}");
    read.documents.remove(0).root
}

const WORKFLOWS: [&str; 2] = [".github/workflows/ci.yml", ".github/workflows/release.yml"];

/// The targets that the release workflow builds.
fn targets() -> Vec<String> {
    let release = document(WORKFLOWS[1]);
    let build = release.get("jobs").and_then(|jobs| jobs.get("build")).expect("the job that builds");
    let matrix = build.get("strategy").and_then(|strategy| strategy.get("matrix")).expect("its matrix");
    let rows = matrix.get("include").expect("the rows of the matrix").items();
    rows.iter().map(|row| row.text_at("target").expect("a target").to_string()).collect()
}

#[test]
fn every_paper_says_the_same_version() {
    let version = env!("CARGO_PKG_VERSION");
    // The wheel takes its version from Cargo.toml, so that there is nothing to forget.
    assert!(read("pyproject.toml").contains("dynamic = [\"version\""));
    let told = [
        ("README.md", format!("rev: v{version}")),
        ("README.md", format!("# v{version}")),
        ("docs/integrations.md", format!("rev: v{version}")),
        ("docs/integrations.md", format!("# v{version}")),
        ("docs/integrations.md", format!("pintle:v{version}")),
        ("docs/integrations.md", format!("pintle-lint=={version}")),
    ];
    for (name, says) in told {
        assert!(read(name).contains(&says), "{name} does not say `{says}`");
    }
    for name in ["README.md", "docs/integrations.md"] {
        for rest in read(name).split("pintle-lint==").skip(1) {
            assert!(rest.starts_with(version), "{name}: pintle-lint=={}", &rest[..rest.len().min(8)]);
        }
    }
}

#[test]
fn every_hook_is_told_of_and_runs_what_is_there() {
    let hooks = document(".pre-commit-hooks.yaml");
    let ids: Vec<&str> = hooks.items().iter().filter_map(|hook| hook.text_at("id")).collect();
    assert_eq!(ids, ["pintle", "pintle-all", "pintle-secrets"]);
    for hook in hooks.items() {
        let id = hook.text_at("id").expect("a hook has an id");
        // A committed file may be called like an option.
        let takes_names = hook.text_at("pass_filenames") != Some("false");
        let last = hook.get("args").and_then(|list| list.items().last()).and_then(|item| item.text());
        assert!(!takes_names || last == Some("--"), "{id}: names of files must not be read as options");
        assert!(hook.text_at("entry").is_some_and(|entry| entry.starts_with("pintle ")), "{id}");
        for page in ["README.md", "docs/integrations.md"] {
            assert!(
                read(page).contains(&format!("`{id}`")) || read(page).contains(&format!("id: {id}")),
                "{page}: {id}"
            );
        }
        // pip builds the wheel, cargo the crate: both give this command.
        assert!(["rust", "python"].contains(&hook.text_at("language").expect("a language")), "{id}");
    }
}

#[test]
fn archives_have_the_names_under_which_they_are_looked_for() {
    let (action, cargo, release) = (read("action.yml"), read("Cargo.toml"), read(WORKFLOWS[1]));
    let targets = targets();
    assert!(targets.len() >= 5);
    for target in &targets {
        if target.contains("windows") {
            assert!(cargo.contains(&format!("[package.metadata.binstall.overrides.{target}]")), "{target}");
        } else {
            assert!(action.contains(&format!("target={target} ;;")), "action.yml does not know {target}");
        }
    }
    // What the action looks for must be built, too.
    for word in action.split("target=").skip(1).filter_map(|rest| rest.split(' ').next()) {
        if word.is_empty() {
            continue; // a system without a release builds from source
        }
        assert!(targets.iter().any(|target| target == word), "nothing is released for {word}");
    }
    assert!(action.contains("asset=\"pintle-$target.tar.gz\""));
    assert!(action.contains("$asset.sha256"));
    assert!(
        release.contains("archives/pintle-$TARGET.tar.gz") && release.contains("archives/pintle-$TARGET.zip")
    );
    assert!(release.contains("\"$archive.sha256\""));
    assert!(
        cargo.contains("/v{ version }/pintle-{ target }.tar.gz\"")
            && cargo.contains("/v{ version }/pintle-{ target }.zip\"")
    );
}

#[test]
fn whatever_a_workflow_uses_is_held_to_a_commit_that_says_its_version() {
    let mut seen = 0;
    for name in WORKFLOWS.into_iter().chain(["action.yml"]) {
        for line in read(name).lines() {
            let Some(used) = line.trim_start().trim_start_matches("- ").strip_prefix("uses: ") else {
                continue;
            };
            let (action, remark) = used.split_once(" # ").unwrap_or((used, ""));
            if action == "./" {
                continue;
            }
            seen += 1;
            let commit = action.split_once('@').map_or("", |(_, commit)| commit);
            let is_commit = commit.len() == 40
                && commit.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            assert!(is_commit, "{name}: {used}");
            let number = remark.strip_prefix('v').unwrap_or("");
            assert!(
                number.split('.').count() == 3 && number.split('.').all(|part| part.parse::<u32>().is_ok()),
                "{name}: {used}"
            );
        }
    }
    assert!(seen >= 10, "the steps were not found");
}

#[test]
fn one_action_has_one_commit() {
    let mut known = std::collections::BTreeMap::new();
    for name in WORKFLOWS.into_iter().chain(["README.md", "docs/integrations.md"]) {
        for (action, commit) in read(name).split_whitespace().filter_map(|word| word.split_once('@')) {
            if commit.len() == 40 {
                let action = action.trim_start_matches("https://github.com/").to_string();
                let held = known.entry(action).or_insert_with(|| commit.to_string());
                assert_eq!(held, commit, "{name}");
            }
        }
    }
    assert!(known.len() >= 5);
}

#[test]
fn workflows_may_do_nothing_that_they_do_not_say() {
    for name in WORKFLOWS {
        let workflow = document(name);
        assert!(
            workflow.get("permissions").is_some_and(|all| all.is_map() && all.entries().is_empty()),
            "{name}"
        );
        for (job, body) in workflow.get("jobs").expect("jobs").entries() {
            let job = job.text().unwrap_or_default();
            assert!(body.get("permissions").is_some(), "{name}: {job} does not say what it may do");
            assert!(body.get("timeout-minutes").is_some(), "{name}: {job} may run for ever");
        }
    }
}

#[test]
fn the_base_of_the_image_is_pinned_and_what_runs_is_alone() {
    let recipe = read("Dockerfile");
    let from: Vec<&str> = recipe.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    let [build, last] = from.as_slice() else { panic!("two stages are expected: {from:?}") };
    let digest = build.split_once("@sha256:").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or(""));
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{build}");
    assert_eq!(*last, "scratch");
    assert!(recipe.contains("\nUSER 65532:65532\n"));
    // The toolchain is that of the workflows.
    let version =
        build.split_once("rust:").and_then(|(_, rest)| rest.split('-').next()).expect("a version of Rust");
    for name in WORKFLOWS {
        let toolchain =
            document(name).get("env").and_then(|env| env.text_at("RUSTUP_TOOLCHAIN").map(str::to_string));
        assert_eq!(toolchain.as_deref(), Some(version), "{name}");
    }
}

/// What is there twice is named with its reason, and nothing is named that is there once. The versions are those of Cargo.lock.
#[test]
fn crates_that_are_there_twice_are_named() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let lock = read("Cargo.lock");
    for block in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
            line.map(|text| text.trim_matches('"').to_owned()).unwrap_or_default()
        };
        versions.entry(value("name")).or_default().push(value("version"));
    }
    versions.retain(|_, versions| versions.len() > 1);
    let deny = read("deny.toml");
    let named: Vec<(&str, &str)> = deny
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ crate = \""))
        .filter_map(|rest| rest.split_once('"')?.0.split_once('@'))
        .collect();
    let names: BTreeSet<&str> = named.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, versions.keys().map(String::as_str).collect());
    for (name, version) in named {
        let own = versions[name].iter().filter(|one| one.starts_with(&format!("{version}."))).count();
        assert_eq!(own, 1, "{name}@{version}: {:?}", versions[name]);
        assert_eq!(versions[name].len(), 2, "{name}");
    }
}

/// The oldest Rust that is promised is that of the manifest, and CI builds with it.
#[test]
fn the_oldest_rust_is_built_with() {
    let manifest = read("Cargo.toml");
    let oldest = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let oldest = oldest.expect("the manifest says it").trim_matches('"').to_owned();
    assert!(read("README.md").contains(&format!("Rust {oldest}")), "the README says {oldest}");
    assert!(
        read(".github/workflows/ci.yml")
            .contains("sed -n 's/^rust-version = \"\\(.*\\)\"$/\\1/p' Cargo.toml")
    );
}
