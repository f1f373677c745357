//! `pintle secrets`: only the rules about secrets, and only the files that count.

use crate::stage::{BAD, Stage};

/// A value that no repository should hold, different for each seed and written nowhere.
pub(crate) fn password(seed: u64) -> String {
    pintle::testing::secrets::expand("{base62*24}", seed)
}

fn env(seed: u64) -> String {
    format!("DATABASE_PASSWORD={}\n", password(seed))
}

#[test]
fn only_secrets_are_told() {
    let stage = Stage::new(&[
        ("pod.yaml", BAD),
        ("broken.yaml", "a: [\n"),
        ("app/settings.ini", &env(1)),
        ("other.ini", &env(2)),
    ]);
    stage.write("keys/store.p12", b"\0\x01\0");
    let ran = stage.run(&["secrets", "-o", "concise"]);
    let rules: Vec<&str> = ran.out.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(
        (ran.code, rules.as_slice()),
        (1, &["app/settings.ini:1:19", "keys/store.p12:1:1", "other.ini:1:19"][..]),
        "{ran:?}"
    );
    assert!(!ran.out.contains(&password(1)), "{ran:?}");
    let ran = stage.run(&["secrets", "-o", "concise", "app"]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    let ran = stage.run(&["secrets", "-o", "concise", "--select", "secret-file-*"]);
    assert!(
        ran.code == 1 && ran.out.starts_with("keys/store.p12") && ran.out.lines().count() == 1,
        "{ran:?}"
    );
    let ran = stage.run(&["secrets", "--select", "image-latest"]);
    assert!(ran.code == 2 && ran.err.contains("`image-latest` is no rule about secrets"), "{ran:?}");
    // `lint` asks no registry, and does not call clean what it never looked at.
    let ran = stage.run(&["lint", "--select", "image-tag-moved"]);
    assert!(ran.code == 2 && ran.err.contains("`pintle verify` asks them"), "{ran:?}");
    assert_eq!(stage.run(&["secrets", "pod.yaml"]).code, 0);
}

#[test]
fn what_lint_says_of_secrets_secrets_says_too() {
    let manifest = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  password: {}\n",
        password(3)
    );
    let stage = Stage::new(&[("pod.yaml", BAD), ("db.yaml", &manifest), ("run.env", &env(4))]);
    let whole = stage.run(&["lint", "-o", "concise"]);
    let secrets: String = whole.out.split_inclusive('\n').filter(|line| !line.contains("[image-")).collect();
    assert_eq!(stage.run(&["secrets", "-o", "concise"]).out, secrets);
    assert!(secrets.lines().count() >= 2, "{secrets}");
}

#[test]
fn what_is_staged_is_read_from_the_index() {
    let stage = Stage::new(&[("old.ini", &env(5)), ("new.ini", "a=b\n")]);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.git(&["add", "-A"]).unwrap();
    stage.git(&["commit", "-qm", "first"]).unwrap();
    let staged = |stage: &Stage| stage.run(&["secrets", "--staged", "-o", "concise"]);
    let ran = staged(&stage);
    let nothing = "problem[nothing-read] no line has changed: nothing was read\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, nothing), "nothing is staged: {ran:?}");
    stage.write("new.ini", env(6).as_bytes());
    stage.write("store.jks", b"\xfe\xed\0\0");
    stage.git(&["add", "-A"]).unwrap();
    stage.write("new.ini", b"a=b\n");
    let ran = staged(&stage);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(ran.code == 1 && lines.len() == 2, "{ran:?}");
    assert!(lines[0].starts_with("new.ini:1:19") && lines[1].starts_with("store.jks:1:1"), "{ran:?}");
    let ran = stage.run(&["secrets", "--since", "HEAD", "-o", "concise"]);
    assert!(ran.code == 1 && ran.out.starts_with("store.jks"), "new.ini is clean on the disk: {ran:?}");
    // Something is staged, and nothing of it may be read: that is no clean run.
    stage.write(".pintle.yaml", b"exclude: ['*.ini', '*.jks']\n");
    let ran = stage.run(&["secrets", "--staged", "--config", ".pintle.yaml"]);
    assert!(ran.code == 2 && ran.out.contains("0 files read"), "{ran:?}");
}

#[test]
fn a_file_of_variables_is_what_the_compose_file_beside_it_starts() {
    let compose = "services:\n  db:\n    image: postgres:16.4\n    env_file: db.env\n";
    let stage = Stage::new(&[
        ("examples/one/compose.yaml", compose),
        ("examples/one/.env", "POSTGRES_PASSWORD=changeme\n"),
        ("examples/one/db.env", "POSTGRES_PASSWORD=changeme\n"),
        ("examples/one/.env.example", "POSTGRES_PASSWORD=changeme\n"),
        ("examples/one/sample.env", "POSTGRES_PASSWORD=changeme\n"),
        ("examples/two/.env", "POSTGRES_PASSWORD=changeme\n"),
    ]);
    let ran = stage.run(&["secrets", "-o", "concise", "--fail-on", "never"]);
    let told: Vec<&str> = ran.out.lines().filter(|line| line.contains("to be changed")).collect();
    let files: Vec<&str> = told.iter().map(|line| line.split_once(':').unwrap().0).collect();
    assert_eq!(files, ["examples/one/.env", "examples/one/db.env"], "{ran:?}");
}

#[test]
fn defaults_of_roles_are_milder_where_the_repository_sets_another_value() {
    let defaults = "shop_database_password: some-password\nstall_database_password: some-password\n";
    let files = [
        ("roles/custom/shop/defaults/main.yml", defaults),
        ("group_vars/servers", "shop_database_password: \"{{ derived }}\"\n"),
        ("roles/custom/stall/vars/main.yml", "stall_database_password: \"{{ derived }}\"\n"),
    ];
    let ran = Stage::new(&files).run(&["secrets", "-o", "json", "--fail-on", "never"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let told: Vec<_> = findings.iter().map(|one| (one["path"].as_str(), one["severity"].as_str())).collect();
    let expected = [("shop_database_password", "note"), ("stall_database_password", "warning")]
        .map(|(a, b)| (Some(a), Some(b)));
    assert_eq!(told, expected, "{ran:?}");
    assert!(ran.out.contains("overrides"), "{ran:?}");
}
