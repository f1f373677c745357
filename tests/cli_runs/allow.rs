//! `pintle allow`: what it writes, and that it is heeded.

use crate::secrets::password;
use crate::stage::{BAD, Stage};

fn leak() -> String {
    format!("a=b\nDATABASE_PASSWORD={}\n", password(1))
}

fn fingerprints(stage: &Stage) -> Vec<(String, String)> {
    let ran = stage.run(&["lint", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = json["findings"].as_array().unwrap().iter().filter(|finding| finding["status"] == "live");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings.map(|finding| (text(&finding["rule"]), text(&finding["fingerprint"]))).collect()
}

#[test]
fn what_is_allowed_is_quiet_and_all_else_stays() {
    let comments = "# ours\nallow: # why\n  # first\n  - rule: image-latest # x\n    reason: r\n\n# end\npreset: strict # really\n";
    for (config, expected) in [
        (None, "allow:\n  - rule: secret-generic\n".to_owned()),
        (Some("# nothing yet"), "# nothing yet\nallow:\n  - rule: secret-generic\n".to_owned()),
        (
            Some("allow: [{rule: image-latest, reason: r}] # x\n"),
            "allow: [{rule: image-latest, reason: r}, {rule: secret-generic, ".to_owned(),
        ),
        (
            Some(comments),
            comments
                .replace("reason: r\n", "reason: r\n  - rule: secret-generic\n")
                .split("generic\n")
                .next()
                .unwrap()
                .to_owned(),
        ),
    ] {
        let stage = Stage::new(&[("pod.yaml", BAD), ("app/db.ini", &leak()), ("app/other.ini", &leak())]);
        if let Some(config) = config {
            stage.write(".pintle.yaml", config.as_bytes());
        }
        let ran =
            stage.run(&["allow", "app/db.ini:2", "--reason", "a \"dummy\": #1", "--until", "2999-01-01"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        assert!(ran.out.starts_with("allowed secret-generic in app/db.ini: "), "{ran:?}");
        let written = stage.read(".pintle.yaml");
        assert!(written.starts_with(&expected), "{written}");
        assert!(!written.contains(&password(1)), "{written}");
        if config == Some(comments) {
            let rest: Vec<&str> =
                written.lines().filter(|line| comments.lines().any(|old| old == *line)).collect();
            assert_eq!(rest, comments.lines().collect::<Vec<_>>());
        }
        let ran = stage.run(&["secrets", "-o", "concise"]);
        assert!(
            ran.code == 1 && ran.out.lines().count() == 1 && ran.out.starts_with("app/other.ini"),
            "{ran:?}"
        );
        let ran = stage.run(&["allow", "app/db.ini:2"]);
        assert!(ran.code == 2 && ran.err.contains("allowed already, in .pintle.yaml:"), "{ran:?}");
        assert_eq!(stage.read(".pintle.yaml"), written);
        // Another value at the same place is another finding, and the entry is then of no use.
        stage.write("app/db.ini", leak().replace(&password(1), &password(2)).as_bytes());
        let ran = stage.run(&["lint", "-o", "concise"]);
        assert!(ran.out.contains("app/db.ini:2:19") && ran.out.contains("[allow-unused]"), "{ran:?}");
    }
}

#[test]
fn a_finding_is_named_by_its_fingerprint_or_place() {
    let two = BAD.replace("nginx:latest", "nginx:latest # x") + "    - {name: b, image: a:latest}\n";
    let stage = Stage::new(&[("pod.yaml", &two), ("root.ini", &leak())]);
    let (rule, print) = fingerprints(&stage).into_iter().find(|(rule, _)| rule == "secret-generic").unwrap();
    assert_eq!(stage.run(&["allow", &print[..10]]).code, 0);
    assert!(fingerprints(&stage).iter().all(|(other, _)| *other != rule), "{}", stage.read(".pintle.yaml"));
    assert!(stage.read(".pintle.yaml").contains("paths: /root.ini"), "only the file at the root");
    let ran = stage.run(&["allow", "./pod.yaml:8:20:"]);
    assert!(ran.code == 2 && ran.err.contains("there is no finding"), "{ran:?}");
    for wanted in ["nowhere.yaml:1", "0123456789ab", "pod.yaml:1", "pod.yaml:7:image-untagged"] {
        let ran = stage.run(&["allow", wanted]);
        assert!(ran.code == 2 && ran.err.contains("there is no finding"), "{wanted} {ran:?}");
    }
    assert_eq!(stage.run(&["allow", "pod.yaml:8:image-latest", "--reason", "x"]).code, 0);
    assert!(!stage.read(".pintle.yaml").contains("value: \"\""));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let stage = Stage::new(&[("db.ini", &leak())]);
    for (config, says) in [
        ("allow: [\n", ""),
        ("alow: []\n", "there is no key `alow`"),
        ("{preset: strict}\n", "put it under `allow:` by hand"),
    ] {
        stage.write(".pintle.yaml", config.as_bytes());
        let ran = stage.run(&["allow", "db.ini:2"]);
        assert!(ran.code == 2 && ran.err.contains(says), "{ran:?}");
        assert_eq!(stage.read(".pintle.yaml"), config);
    }
    std::fs::remove_file(stage.path(".pintle.yaml")).unwrap();
    let ran = stage.run(&["allow", "db.ini:2", "--until", "tomorrow"]);
    assert!(ran.code == 2 && ran.err.contains("`tomorrow` is no day"), "{ran:?}");
    std::os::unix::fs::symlink("/tmp/elsewhere-pintle", stage.path(".pintle.yaml")).unwrap();
    let ran = stage.run(&["allow", "db.ini:2"]);
    assert!(ran.code == 2 && ran.err.contains("no file of its own"), "{ran:?}");
}

#[test]
fn what_is_gone_can_be_allowed_too() {
    let stage = Stage::new(&[("app/db.ini", &leak())]);
    if stage.git(&["init", "-q"]).is_none() {
        return;
    }
    for text in [leak(), leak().replace(&password(1), &password(2)), "a=b\n".into()] {
        stage.write("app/db.ini", text.as_bytes());
        stage.git(&["add", "-A"]).unwrap();
        stage.git(&["commit", "-qm", "x"]).unwrap();
    }
    let told = || stage.run(&["secrets", "--history", "-o", "concise"]).out;
    let before = told();
    assert_eq!(before.lines().count(), 2, "{before}");
    let place = before.split(": ").next().unwrap();
    let ran = stage.run(&["allow", "--history", place, "--reason", "changed"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(
        stage.read(".pintle.yaml").contains("rule: secret-in-history\n    paths: app/db.ini\n    value: ")
    );
    assert_eq!(told(), before.lines().nth(1).unwrap().to_owned() + "\n");
    let ran = stage.run(&["allow", "--history", place]);
    assert!(ran.code == 2 && ran.err.contains("allowed already, in .pintle.yaml:2"), "{ran:?}");
    // A run that does not read the history cannot say that the entry is of no use.
    assert_eq!(stage.run(&["lint"]).code, 0);
}
