//! `pintle secrets --sealed`, run as people run it: every file that is meant to be encrypted, whoever means it.

use super::stage::Stage;
use pintle::testing::secrets::expand;
use serde_json::{Value, json};

/// One file of each kind of promise, kept and broken.
fn repository() -> Stage {
    let sops = |data: &str, rule: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nstringData:\n{data}sops:\n  {rule}\n  mac: {{mac}}\n  version: 3.9.4\n"
        )
    };
    let rule = "encrypted_regex: ^(data|stringData)$";
    let files = [
        ("apps/one.sops.yaml", sops("  a: {sops}\n  b: {sops}\n", rule)),
        ("apps/two.sops.yaml", sops("  a: {sops}\n  # plain\n  b: otter\n  c: \"\"\n", rule)),
        ("apps/slip.sops.yaml", sops("  a: otter\n", "encrypted_regex: ^(Data)$")),
        ("apps/new.sops.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  a: otter-of-acme\n  b: ${B}\n".into()),
        ("apps/login.env", "A={sops}\nsops_mac={mac}\nsops_version=3.9.4\nB=otter\n".into()),
        ("apps/sealed.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: {kubeseal}\n    token: otter\n".into()),
        ("group_vars/vault.yml", "{ansible:0}\n".into()),
        ("group_vars/broken.yml", "$ANSIBLE_VAULT;1.1;AES256\nword: otter\n".into()),
        ("group_vars/all.yml", "password: !vault |\n  {ansible:2}\nsecret_user: app\n".into()),
        ("keys/one.key", "otter\n".into()),
        ("keys/db.enc", "otter\n".into()),
        ("values.yaml", "auth:\n  password: otter\n".into()),
        (".gitattributes", "*.key filter=git-crypt diff=git-crypt\n".into()),
        (".sops.yaml", "creation_rules:\n  - path_regex: .*\\.sops\\.yaml$\n    encrypted_regex: ^(data|stringData)$\n".into()),
    ];
    let files: Vec<(&str, String)> = files.iter().map(|(name, recipe)| (*name, expand(recipe, 5))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Stage::new(&files)
}

#[test]
fn the_table_fits_its_terminal() {
    let stage = repository();
    for width in ["80", "120"] {
        let ran = stage.command(&["secrets", "--sealed"]).env("COLUMNS", width).output().unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        assert_eq!((ran.status.code(), String::from_utf8(ran.stderr).unwrap().as_str()), (Some(0), ""));
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width.parse().unwrap(), "{longest} columns of {width}\n{text}");
        let file = format!("{}/tests/sealed/listing.{width}.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("PINTLE_BLESS").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&file).unwrap(), "{width} columns");
    }
}

#[test]
fn the_json_tells_every_count() {
    let ran = repository().run(&["secrets", "--sealed", "-o", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["schema"], "pintle/v1");
    let row = |file: &str| {
        let rows = told["sealed"].as_array().unwrap();
        rows.iter().find(|row| row["file"] == file).cloned().unwrap_or_default()
    };
    assert_eq!(
        row("apps/two.sops.yaml"),
        json!({
            "file": "apps/two.sops.yaml", "start": {"line": 6, "column": 6}, "state": "partly", "tool": "SOPS",
            "rule": "encrypted_regex: ^(data|stringData)$", "covered": 3, "encrypted": 1, "plain": 1,
            "outside": 2, "plain_comments": 1,
        })
    );
    let states: Vec<(&str, &str)> = [
        ("apps/slip.sops.yaml", "nothing"),
        ("apps/new.sops.yaml", "plain"),
        ("apps/login.env", "partly"),
        ("apps/sealed.yaml", "partly"),
        ("apps/one.sops.yaml", "encrypted"),
        ("group_vars/vault.yml", "encrypted"),
        ("group_vars/all.yml", "encrypted"),
        ("group_vars/broken.yml", "plain"),
        ("keys/one.key", "plain"),
        ("keys/db.enc", "plain"),
    ]
    .to_vec();
    for (file, state) in &states {
        assert_eq!(row(file)["state"], *state, "{file}");
    }
    assert_eq!(told["sealed"].as_array().unwrap().len(), states.len() + 1);
    for value in ["otter", "ENC["] {
        assert!(!ran.out.contains(value), "{value} is a value, and values are not shown");
    }
}

#[test]
fn only_its_own_outputs_are_there() {
    let ran = repository().run(&["secrets", "--sealed", "-o", "sarif"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--sealed has no output `sarif`"), "{}", ran.err);
}
