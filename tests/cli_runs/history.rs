//! `pintle secrets --history`, on repositories that the test makes.

use crate::secrets::password;
use crate::stage::Stage;

fn env(seed: u64) -> String {
    format!("DATABASE_PASSWORD={}\n", password(seed))
}

/// A repository without commits; nothing if there is no git.
fn repository() -> Option<Stage> {
    let stage = Stage::new(&[]);
    stage.git(&["init", "-q"])?;
    Some(stage)
}

fn commit(stage: &Stage, day: u32) {
    stage.git(&["add", "-A"]).unwrap();
    let date = format!("--date=2024-02-{day:02}T12:00:00Z");
    stage.git(&["commit", "-qm", "x", "--allow-empty", &date]).unwrap();
}

fn told(stage: &Stage, arguments: &[&str]) -> (i32, Vec<String>) {
    let ran = stage.run(&[&["secrets", "-o", "concise"], arguments].concat());
    assert_eq!(ran.err, "", "{arguments:?}");
    // The names of commits depend on the clock.
    let line = |line: &str| {
        let words = line.split(' ').map(|word| {
            let head = word.split([':', ',']).next().unwrap();
            let is_commit = head.len() == 10 && head.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_commit { word.replacen(head, "COMMIT", 1) } else { word.to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    (ran.code, ran.out.lines().map(line).collect())
}

/// One judgement: what the README of now says holds for what was there before, as it does for what is there.
#[test]
fn the_readme_counts_for_the_past_too() {
    for (readme, severity) in [("# Ferry Examples\n", "warning"), ("# Ferry\n", "error")] {
        let Some(stage) = repository() else { return };
        stage.write("README.md", readme.as_bytes());
        stage.write("web.ini", b"DB_PASSWORD=Hidden-Harbor-77x\n");
        commit(&stage, 1);
        stage.write("web.ini", b"\n");
        commit(&stage, 2);
        let (_, lines) = told(&stage, &["--history"]);
        let own = lines.iter().find(|line| line.contains("web.ini"));
        assert!(own.is_some_and(|line| line.contains(&format!(": {severity}["))), "{readme}{lines:#?}");
    }
}

#[test]
fn what_came_and_went_is_told() {
    let Some(stage) = repository() else { return };
    stage.write("app/gone.ini", env(1).as_bytes());
    stage.write("app/stays.ini", env(2).as_bytes());
    stage.write("app/moves.ini", env(3).as_bytes());
    stage.write("key.p12", b"\0\x01\0");
    commit(&stage, 1);
    stage.write("app/gone.ini", format!("# more\n{}", env(1)).as_bytes());
    stage.write("app/stays.ini", format!("# more\n{}", env(2)).as_bytes());
    commit(&stage, 2);
    stage.write("app/gone.ini", b"DATABASE_PASSWORD=${DATABASE_PASSWORD}\n");
    stage.git(&["mv", "app/moves.ini", "app/moved.ini"]).unwrap();
    stage.git(&["rm", "-q", "key.p12"]).unwrap();
    commit(&stage, 3);
    let says = "password `DATABASE_PASSWORD` looks like a real one (random)";
    let (code, lines) = told(&stage, &["--history"]);
    let expected = [
        format!(
            "COMMIT:app/gone.ini:1:19: error[secret-in-history] {says}: committed in COMMIT on 2024-02-01, taken out in COMMIT on 2024-02-03 (secret-generic)"
        ),
        format!(
            "COMMIT:app/moves.ini:1:19: error[secret-in-history] {says}: committed in COMMIT on 2024-02-01, and still stands in `app/moved.ini` (secret-generic)"
        ),
    ];
    assert_eq!((code, &lines[..2]), (1, &expected[..]), "{lines:#?}");
    assert!(lines.len() == 3 && lines[2].starts_with("COMMIT:key.p12:1:1: "), "{lines:#?}");
    assert_eq!(told(&stage, &["app/gone.ini", "--history"]).1, expected[..1]);
    assert_eq!(told(&stage, &["--select", "secret-file-*", "--history"]).1, lines[2..]);
    // Every output holds the finding, and none the value.
    for output in ["pretty", "json", "sarif", "markdown", "gitlab"] {
        let ran = stage.run(&["secrets", "--history", "-o", output, "-v"]);
        assert!(ran.code == 1 && ran.out.contains("gone.ini"), "{output}: {ran:?}");
        for seed in 1..=3 {
            assert!(!ran.out.contains(&password(seed)[4..]), "{output}: {ran:?}");
        }
    }
}

#[test]
fn a_range_limits_what_is_read() {
    let Some(stage) = repository() else { return };
    stage.write("a.ini", env(1).as_bytes());
    commit(&stage, 1);
    stage.write("a.ini", b"x\n");
    commit(&stage, 2);
    stage.write("b.ini", env(2).as_bytes());
    commit(&stage, 3);
    stage.write("b.ini", b"x\n");
    commit(&stage, 4);
    let places = |arguments: &[&str]| -> Vec<String> {
        told(&stage, arguments).1.iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(places(&["--history"]), ["COMMIT:a.ini:1:19", "COMMIT:b.ini:1:19"]);
    assert_eq!(places(&["--history", "HEAD~2..HEAD"]), ["COMMIT:b.ini:1:19"]);
    assert_eq!(places(&["--history=HEAD~2"]), ["COMMIT:a.ini:1:19"]);
    // Put back by a commit that the range does not reach: it is left to `lint`.
    stage.write("a.ini", env(1).as_bytes());
    commit(&stage, 5);
    assert_eq!(places(&["--history=HEAD~3"]), [""; 0]);
    let ran = stage.run(&["secrets", "--history", "nowhere..HEAD"]);
    assert!(ran.code == 2 && ran.err.contains("there is no range `nowhere..HEAD`"), "{ran:?}");
    let ran = stage.run(&["secrets", "--history=--output=/tmp/x"]);
    assert!(ran.code == 2 && ran.err.contains("there is no range"), "{ran:?}");
}

#[test]
fn branches_merges_and_names_are_read() {
    let Some(stage) = repository() else { return };
    stage.write("a.txt", b"a\n");
    stage.write("é \"\n:x.ini", env(1).as_bytes());
    commit(&stage, 1);
    stage.git(&["checkout", "-qb", "side"]).unwrap();
    stage.write("side.ini", env(2).as_bytes());
    commit(&stage, 2);
    stage.git(&["checkout", "-q", "main"]).unwrap();
    std::fs::remove_file(stage.path("é \"\n:x.ini")).unwrap();
    commit(&stage, 3);
    // A merge that brings what none of its parents has.
    stage.git(&["checkout", "-qb", "third", "HEAD~1"]).unwrap();
    commit(&stage, 4);
    stage.git(&["merge", "-q", "--no-commit", "--no-ff", "main"]).unwrap();
    stage.write("merge.ini", env(3).as_bytes());
    commit(&stage, 5);
    stage.git(&["checkout", "-q", "main"]).unwrap();
    let (code, lines) = told(&stage, &["--history"]);
    let of = |name: &str| lines.iter().filter(|line| line.contains(name)).count();
    assert_eq!((code, lines.len()), (1, 3), "{lines:#?}");
    assert_eq!((of(":x.ini"), of("side.ini"), of("merge.ini")), (1, 1, 1), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("side.ini") && line.contains("not in HEAD")), "{lines:#?}");
}

#[test]
fn what_is_allowed_or_sealed_is_quiet() {
    let Some(stage) = repository() else { return };
    let sealed = pintle::testing::secrets::expand("{kubeseal}", 9);
    let manifest = format!(
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: db}}\nspec:\n  encryptedData:\n    password: {sealed}\n"
    );
    stage.write("sealed.yaml", manifest.as_bytes());
    stage.write("tests/a.ini", env(1).as_bytes());
    stage.write("b.ini", env(2).as_bytes());
    stage.write("c.ini", env(3).replace('\n', " # pintle: allow secret-generic (thrown away)\n").as_bytes());
    commit(&stage, 1);
    for name in ["sealed.yaml", "tests/a.ini", "b.ini", "c.ini"] {
        std::fs::remove_file(stage.path(name)).unwrap();
    }
    let allow = "allow:\n  - {rule: secret-generic, paths: \"tests/**\", reason: made up}\n  - {rule: secret-in-history, paths: b.ini, reason: changed}\n";
    stage.write(".pintle.yaml", allow.as_bytes());
    commit(&stage, 2);
    assert_eq!(told(&stage, &["--history"]), (0, vec![]));
    let ran = stage.run(&["secrets", "--history", "-v"]);
    assert!(ran.code == 0 && ran.out.contains("3 suppressed"), "{ran:?}");
    assert_eq!(told(&stage, &["--history", "--no-config"]).1.len(), 2);
}

#[test]
fn nothing_read_is_no_clean_run() {
    let Some(stage) = repository() else { return };
    stage.write("a.ini", b"x\n");
    let ran = stage.run(&["secrets", "--history"]);
    assert!(ran.code == 2 && ran.err.contains("no commit"), "{ran:?}");
    commit(&stage, 1);
    assert_eq!(told(&stage, &["--history"]), (0, vec![]));
    commit(&stage, 2);
    stage.git(&["clone", "-q", "--depth=1", &format!("file://{}", stage.root.display()), "shallow"]).unwrap();
    let mut command = stage.command(&["secrets", "--history", "-o", "concise"]);
    let ran = command.current_dir(stage.path("shallow")).output().unwrap();
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(out.contains("problem[git-shallow]"), "{out}");
    let bare = Stage::new(&[("a.ini", "x\n")]);
    let ran = bare.run(&["secrets", "--history"]);
    assert!(ran.code == 2 && ran.err.contains("needs a git repository"), "{ran:?}");
}

/// A value that the file's own settings say is encrypted was not, once.
#[test]
fn mistakes_with_sops_are_told() {
    let Some(stage) = repository() else { return };
    let file = |password: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  user: {{sops}}\n  password: {password}\nsops:\n  encrypted_regex: ^stringData$\n  mac: {{mac}}\n  version: 3.9.4\n"
        );
        pintle::testing::secrets::expand(&text, 5)
    };
    stage.write("db.sops.yaml", file(&password(5)).as_bytes());
    commit(&stage, 1);
    stage.write("db.sops.yaml", file("{sops}").as_bytes());
    commit(&stage, 2);
    let (code, lines) = told(&stage, &["--history"]);
    assert!(code == 1 && lines.len() == 1, "{lines:?}");
    assert!(
        lines[0].contains(
            "committed in COMMIT on 2024-02-01, taken out in COMMIT on 2024-02-02 (sops-plaintext-leaf)"
        ),
        "{lines:?}"
    );
}

/// However git stores it, the same is told.
#[test]
fn every_way_of_storing_tells_the_same() {
    let Some(stage) = repository() else { return };
    for version in 0..20 {
        let filler: String = (0..100).map(|at| format!("# line {at} of {}\n", at * version / 19)).collect();
        stage.write("a.ini", format!("{filler}{}", env(if version < 10 { 1 } else { 2 })).as_bytes());
        commit(&stage, version + 1);
    }
    let expected = told(&stage, &["--history"]);
    assert!(expected.0 == 1 && expected.1.len() == 1, "{expected:?}");
    let hold = |case: &str, folder: &str| {
        let mut command = stage.command(&["secrets", "--history", "-o", "concise"]);
        let ran = command.current_dir(stage.path(folder)).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        // The commits are the same, so their names are.
        let plain = stage.run(&["secrets", "--history", "-o", "concise"]).out;
        assert_eq!((out, String::from_utf8(ran.stderr).unwrap()), (plain, String::new()), "{case}");
    };
    stage.git(&["repack", "-q", "-d"]).unwrap();
    assert_eq!(told(&stage, &["--history"]), expected, "packed");
    stage.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adf"]).unwrap();
    assert_eq!(told(&stage, &["--history"]), expected, "deltas by name");
    stage.git(&["clone", "-q", "--shared", ".", "borrows"]).unwrap();
    assert!(stage.read("borrows/.git/objects/info/alternates").contains("objects"));
    hold("alternates", "borrows");
    stage.git(&["worktree", "add", "-q", "--detach", "beside"]).unwrap();
    hold("a worktree", "beside");
    stage.git(&["-c", "pack.indexVersion=1", "repack", "-q", "-adf"]).unwrap();
    assert_eq!(told(&stage, &["--history"]), expected, "an index that we do not read: git does");
}

/// What stands in for another commit would hide what is stored.
#[test]
fn replacements_hide_nothing() {
    let Some(stage) = repository() else { return };
    stage.write("a.ini", b"x\n");
    commit(&stage, 1);
    stage.write("a.ini", env(1).as_bytes());
    commit(&stage, 2);
    stage.write("a.ini", b"x\n");
    commit(&stage, 3);
    let expected = told(&stage, &["--history"]);
    assert_eq!(expected.1.len(), 1, "{expected:?}");
    stage.git(&["replace", "HEAD~1", "HEAD~2"]).unwrap();
    assert_eq!(told(&stage, &["--history"]), expected);
    stage.git(&["replace", "-d", "HEAD~1"]).unwrap();
    let names = stage.git(&["rev-parse", "HEAD", "HEAD~2"]).unwrap().replace('\n', " ");
    stage.write(".git/info/grafts", format!("{}\n", names.trim()).as_bytes());
    assert_eq!(told(&stage, &["--history"]), expected);
}

#[test]
fn names_of_thirty_two_bytes_are_read() {
    let stage = Stage::new(&[]);
    if stage.git(&["init", "-q", "--object-format=sha256"]).is_none() {
        return;
    }
    stage.write("a.ini", env(1).as_bytes());
    commit(&stage, 1);
    stage.write("a.ini", b"x\n");
    commit(&stage, 2);
    let loose = told(&stage, &["--history"]);
    assert_eq!(loose.1.len(), 1, "{loose:?}");
    stage.git(&["repack", "-q", "-ad"]).unwrap();
    assert_eq!(told(&stage, &["--history"]), loose);
}

/// What nobody can read is told, and the rest is read all the same.
#[test]
fn a_damaged_store_is_told() {
    let Some(stage) = repository() else { return };
    stage.write("a.ini", env(1).as_bytes());
    stage.write("b.ini", env(2).as_bytes());
    stage.write("folder/c.ini", env(3).as_bytes());
    commit(&stage, 1);
    stage.write("a.ini", b"x\n");
    stage.write("b.ini", b"x\n");
    commit(&stage, 2);
    std::fs::remove_dir_all(stage.path("folder")).unwrap();
    commit(&stage, 3);
    assert_eq!(told(&stage, &["--history"]).1.len(), 3);
    let place = |what: &str| {
        let name = stage.git(&["rev-parse", what]).unwrap();
        format!(".git/objects/{}/{}", &name[..2], name[2..].trim())
    };
    let break_it = |what: &str, bytes: &[u8]| {
        let place = place(what);
        std::fs::remove_file(stage.path(&place)).unwrap();
        stage.write(&place, bytes);
    };
    break_it("HEAD~2:a.ini", b"no object");
    let lines = told(&stage, &["--history"]).1;
    let of = |lines: &[String], name: &str| lines.iter().filter(|line| line.contains(name)).count();
    assert_eq!((of(&lines, "b.ini:1"), of(&lines, "c.ini:1")), (1, 1), "{lines:#?}");
    assert_eq!(of(&lines, "problem[git-damaged] 1 versions of files"), 1, "{lines:#?}");
    break_it("HEAD~2:folder", b"no folder");
    let lines = told(&stage, &["--history"]).1;
    assert_eq!((of(&lines, "b.ini:1"), of(&lines, "c.ini:1")), (1, 0), "{lines:#?}");
    assert_eq!(of(&lines, "problem[git-damaged] 2 folders of commits"), 1, "{lines:#?}");
    std::fs::remove_file(stage.path(&place("HEAD~2:b.ini"))).unwrap();
    let lines = told(&stage, &["--history"]).1;
    assert_eq!(of(&lines, "problem[git-objects] 1 versions of files are not in this clone"), 1, "{lines:#?}");
}
