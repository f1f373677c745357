//! Which files are read: ignore files, what git tracks, links, sizes, paths on the command line.

use crate::stage::skipped::skipped;
use crate::stage::{BAD, GOOD, Stage, is_root};
use std::fs;
use std::os::unix::fs::symlink;

/// The files with a finding, sorted.
fn found(stage: &Stage, arguments: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["lint", "-o", "concise"].iter().chain(arguments).copied().collect();
    let ran = stage.run(&arguments);
    let mut files: Vec<String> =
        ran.out.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    files.dedup();
    files
}

#[test]
fn ignored_files_are_left_out_and_tracked_ones_are_not() {
    let stage = Stage::new(&[
        ("a.yaml", BAD),
        ("build/a.yaml", BAD),
        ("build/deep/tracked.yaml", BAD),
        ("vendor/tracked.yaml", BAD),
        ("excluded.yaml", BAD),
        ("sub/.gitignore", "!kept.tmp.yaml\nlocal.yaml\n"),
        ("sub/kept.tmp.yaml", BAD),
        ("sub/other.tmp.yaml", BAD),
        ("sub/local.yaml", BAD),
        (".gitignore", "build/\n*.tmp.yaml\n"),
        (".pintleignore", "vendor\n"),
    ]);
    let without_git = ["a.yaml", "excluded.yaml", "sub/kept.tmp.yaml"];
    assert_eq!(found(&stage, &[]), without_git);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    stage.write(".git/info/exclude", b"excluded.yaml\n");
    stage.git(&["add", "-A"]).unwrap();
    for tracked in ["build/deep/tracked.yaml", "vendor/tracked.yaml"] {
        stage.git(&["add", "-f", tracked]).unwrap();
    }
    for version in ["2", "3", "4"] {
        stage.git(&["update-index", "--index-version", version]).unwrap();
        let expected = ["a.yaml", "build/deep/tracked.yaml", "sub/kept.tmp.yaml"];
        assert_eq!(found(&stage, &[]), expected, "index version {version}");
    }
    stage.git(&["commit", "-qm", "x"]).unwrap();
    stage.git(&["worktree", "add", "-q", "tree"]).unwrap();
    let tree = Stage { root: stage.path("tree") };
    tree.write("build/untracked.yaml", BAD.as_bytes());
    assert_eq!(found(&tree, &[]), ["a.yaml", "build/deep/tracked.yaml", "sub/kept.tmp.yaml"]);
    drop(tree);
    stage.git(&["update-index", "--split-index"]).unwrap();
    let ran = stage.run(&["lint"]);
    assert!(ran.out.contains("it is split in two files"), "a list that is not complete is told: {}", ran.out);
}

#[test]
fn paths_limit_what_is_reported_and_not_what_is_read() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  storageClassName: fast\n  accessModes: [ReadWriteOnce]\n";
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: driver.longhorn.io\n";
    let database = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  template:\n    spec:\n      containers:\n        - name: db\n          image: postgres:16.2@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496\n          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]\n      volumes:\n        - name: data\n          persistentVolumeClaim: {claimName: data}\n";
    let stage = Stage::new(&[
        ("db/claim.yaml", claim),
        ("class.yaml", class),
        ("db/set.yaml", database),
        ("x/pod.yaml", BAD),
    ]);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    let ran = stage.run(&["lint", "db/claim.yaml", "-o", "concise"]);
    assert!(ran.out.contains("db/claim.yaml:5:21: error[postgres-on-longhorn]"), "{ran:?}");
    assert!(!ran.out.contains("image-latest"), "{ran:?}");
    let inside = Stage { root: stage.path("x") };
    assert_eq!(found(&inside, &["."]), ["x/pod.yaml"], "names are those of the repository");
    std::mem::forget(inside);
}

#[test]
fn links_are_not_followed() {
    let outside = Stage::new(&[("secret.yaml", BAD)]);
    let stage = Stage::new(&[("good.yaml", GOOD)]);
    symlink(outside.path("secret.yaml"), stage.path("link.yaml")).unwrap();
    symlink(&outside.root, stage.path("folder")).unwrap();
    symlink(".", stage.path("circle")).unwrap();
    assert_eq!(stage.run(&["lint"]).code, 0);
    let ran = stage.run(&["lint", "-o", "json"]);
    assert!(ran.out.contains("\"files\": 1,"), "{ran:?}");
    if stage.git(&["init", "-q"]).is_some() {
        // A tracked file whose folder has become a link to somewhere else.
        stage.write("real/secret.yaml", GOOD.as_bytes());
        stage.git(&["add", "-A"]).unwrap();
        fs::remove_dir_all(stage.path("real")).unwrap();
        symlink(&outside.root, stage.path("real")).unwrap();
        assert_eq!(stage.run(&["lint"]).code, 0);
    }
    symlink(outside.path("secret.yaml"), stage.path("out.json")).unwrap();
    let ran = stage.run(&["lint", "-o", "json=out.json"]);
    assert!(ran.code == 2 && ran.err.contains("it is a link"), "{ran:?}");
    let ran = stage.run(&["lint", "-o", "json=out.json", "-o", "concise=other.txt"]);
    assert!(ran.code == 2 && stage.read("other.txt").is_empty(), "the other output is written: {ran:?}");
    assert_eq!(outside.read("secret.yaml"), BAD, "nothing is written through a link");
}

#[test]
fn what_a_link_leads_to_is_unknown_and_not_missing() {
    let outside = Stage::new(&[("pod.yaml", GOOD)]);
    let stage = Stage::new(&[("kustomization.yaml", "resources: [link.yaml, folder/deep]\n")]);
    let ran = stage.run(&["lint", "-o", "concise"]);
    assert!(ran.code == 1 && ran.out.contains("`link.yaml` is not there"), "{ran:?}");
    symlink(outside.path("pod.yaml"), stage.path("link.yaml")).unwrap();
    symlink(&outside.root, stage.path("folder")).unwrap();
    let ran = stage.run(&["lint", "-o", "json"]);
    assert!(
        ran.code == 0 && ran.out.contains("`link.yaml` is a link, and links are not followed"),
        "{ran:?}"
    );
    assert!(ran.out.contains("`folder` is a link"), "{ran:?}");
}

#[test]
fn what_is_not_read_is_counted() {
    let stage = Stage::new(&[("good.yaml", GOOD), ("picture.png", "\u{89}PNG\0\0")]);
    let mut large = b"key: value\n".to_vec();
    large.resize((16 << 20) + 1, b' ');
    stage.write("large.yaml", &large);
    large.fill(0);
    stage.write("large.bin", &large);
    let ran = stage.run(&["lint", "--explain-skips"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("2 binary files")
            && ran.out.contains(
                "large.yaml:1:1: 16 MiB are over the limit of 16 MiB: only secrets were looked for, line by line"
            ),
        "{ran:?}"
    );
    let json: serde_json::Value = serde_json::from_str(&stage.run(&["lint", "-o", "json"]).out).unwrap();
    let count = |what: &str| json["summary"][what].as_u64().unwrap();
    assert_eq!((count("files"), count("read"), count("binary"), count("large")), (4, 4, 2, 1));
    assert_eq!(stage.run(&["secrets"]).code, 0, "all that secrets need is read");
}

/// Something that any archive may hold, by the names of the archives around it.
fn archived() -> Vec<(&'static str, Vec<u8>)> {
    let env = |seed| format!("DATABASE_PASSWORD={}\n", crate::secrets::password(seed)).into_bytes();
    let tgz = |files: &[(&str, Vec<u8>)]| {
        let files: Vec<_> = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        crate::pack::tgz(&files)
    };
    let inner = tgz(&[("web/relay.env", env(2))]);
    let deep = tgz(&[("a.tgz", tgz(&[("b.tgz", tgz(&[("c.env", env(4))]))]))]);
    vec![
        ("a.tgz", tgz(&[("web/relay.env", env(1)), ("web/picture.png", b"\x89PNG\0\0".to_vec())])),
        ("b.tgz", tgz(&[("charts/web.tgz", inner)])),
        ("c.env.gz", crate::pack::gzip(&env(3))),
        ("d.tgz", deep),
    ]
}

#[test]
fn archives_are_listed_or_read() {
    let stage = Stage::new(&[("good.yaml", GOOD)]);
    for (name, bytes) in archived() {
        stage.write(name, &bytes);
    }
    let ran = stage.run(&["lint", "--explain-skips"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("4 archives; --archives reads them for secrets\n    a.tgz\n    b.tgz\n"),
        "{ran:?}"
    );
    let ran = stage.run(&["secrets", "--archives", "-o", "concise"]);
    for told in ["a.tgz:1:1: ", "(in web/relay.env)", "(in charts/web.tgz!web/relay.env)", "(in c.env)"] {
        assert!(ran.out.contains(told), "{told}: {ran:?}");
    }
    assert!(
        ran.out.contains("d.tgz:1:1: problem[archive] not all of it is read: archives are opened 2 deep"),
        "{ran:?}"
    );
    for seed in 1..=4 {
        for output in ["concise", "json", "sarif", "pretty", "github"] {
            let ran = stage.run(&["secrets", "--archives", "-o", output]);
            assert!(!ran.out.contains(&crate::secrets::password(seed)), "{output}: {ran:?}");
        }
    }
}

/// A megabyte of zeros in a few hundred bytes, over and over: what is unpacked has a bound.
#[test]
fn a_decode_bomb_is_told_and_not_unpacked() {
    let stage = Stage::new(&[("good.yaml", GOOD)]);
    stage.write("bomb.gz", &crate::pack::gzip(&vec![b'a'; 80 << 20]));
    let ran = stage.run(&["secrets", "--archives", "-o", "concise"]);
    assert!(ran.out.contains("not all of it is read: 64 MiB of an archive are unpacked"), "{ran:?}");
}

/// Whatever a text is encoded in, what it holds is seen.
#[test]
fn encodings_hide_nothing() {
    let env = format!("DATABASE_PASSWORD={}\n", crate::secrets::password(9));
    let token = pintle::testing::secrets::expand("ghp_{base62*30}{crc32-base62}", 9);
    let wide = |width: usize, is_little: bool, mark: &str| -> Vec<u8> {
        let text = format!("{mark}{env}");
        let units = text.chars().flat_map(|letter| {
            let mut bytes = u32::from(letter).to_be_bytes()[4 - width..].to_vec();
            if is_little {
                bytes.reverse();
            }
            bytes
        });
        units.collect()
    };
    let stage = Stage::new(&[("good.yaml", GOOD)]);
    let mut names = Vec::new();
    for (width, is_little) in [(2, true), (2, false), (4, true), (4, false)] {
        for mark in ["", "\u{feff}"] {
            let name = format!("w{width}{is_little}{}.ini", mark.len());
            stage.write(&name, &wide(width, is_little, mark));
            names.push(name);
        }
    }
    stage.write("zero.ini", format!("# a text with a zero in it: \0\n{env}").as_bytes());
    stage.write(
        "bytes.bin",
        [b"\x7fELF\x02\x01\0\0\0", token.as_bytes(), b"\0\0\xff\xfe\0"].concat().as_slice(),
    );
    names.extend(["zero.ini".to_owned(), "bytes.bin".to_owned()]);
    let ran = stage.run(&["secrets", "-o", "concise"]);
    for name in names {
        assert!(ran.out.contains(&format!("{name}:")), "{name}: {ran:?}");
    }
    assert!(!ran.out.contains(&token), "{ran:?}");
}

#[test]
fn what_no_format_was_asked_for_is_named_with_the_reason() {
    let stage = Stage::new(&[
        ("good.yaml", GOOD),
        ("picture.png", "\u{89}PNG\0\0"),
        (".gitignore", "made/\n*.log\n"),
        ("made/a/b.yaml", BAD),
        ("run.log", "x"),
        ("said.sarif", "{}"),
        ("skip/a.yaml", BAD),
        (".pintle.yaml", "exclude: ['skip/**']\n"),
    ]);
    std::os::unix::fs::symlink("good.yaml", stage.path("link.yaml")).unwrap();
    let ran = stage.run(&["lint", "--explain-skips"]);
    let told = ran.out.split_once(" read").map_or("", |(_, rest)| rest);
    for (reason, names) in [
        ("1 binary file\n", &["picture.png"][..]),
        ("1 file that the configuration excludes\n", &["skip/a.yaml"]),
        ("2 names in ignore files\n", &["made/", "run.log"]),
        ("1 link, not followed\n", &["link.yaml"]),
        ("1 report in SARIF\n", &["said.sarif"]),
    ] {
        let list: String = names.iter().map(|name| format!("    {name}\n")).collect();
        assert!(told.contains(&format!("  {reason}{list}")), "{reason}{ran:?}");
    }
    assert!(!told.contains("good.yaml\n"), "{ran:?}");
    assert!(!stage.run(&["lint"]).out.contains("said.sarif"), "only where it is asked for");
}

#[test]
fn nothing_read_is_said_loudly() {
    let stage = Stage::new(&[]);
    let ran = stage.run(&["lint"]);
    assert!(ran.code == 2 && ran.out.contains("0 files read in"), "{ran:?}");
    stage.write("a.yaml", GOOD.as_bytes());
    stage.write(".pintle.yaml", b"include: /etc/**\n");
    let ran = stage.run(&["lint"]);
    assert!(
        ran.code == 2 && ran.out.contains("0 files read in"),
        "a configuration that leaves all out: {ran:?}"
    );
    stage.write(".pintle.yaml", b"");
    stage.write("skipped/b.yaml", BAD.as_bytes());
    stage.write(".pintleignore", b"skipped\n");
    let ran = stage.run(&["lint", "skipped/b.yaml"]);
    assert!(ran.code == 0 && ran.out.contains("0 files read in skipped/b.yaml"), "{ran:?}");
}

#[test]
fn what_cannot_be_opened_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new(&[("good.yaml", GOOD), ("locked.yaml", BAD), ("closed/a.yaml", BAD)]);
    if is_root(&stage) {
        skipped("this user may read everything");
        return;
    }
    let set =
        |name: &str, mode| fs::set_permissions(stage.path(name), fs::Permissions::from_mode(mode)).unwrap();
    set("locked.yaml", 0o000);
    set("closed", 0o000);
    let ran = stage.run(&["lint"]);
    assert!(ran.out.contains("cannot read the file: permission denied"), "{ran:?}");
    assert!(ran.out.contains("cannot list the folder closed: permission denied"), "{ran:?}");
    let ran = stage.run(&["lint", "closed"]);
    set("closed", 0o755);
    assert!(ran.code == 2 && ran.err.contains("permission denied"), "{ran:?}");
}
