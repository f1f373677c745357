//! `pin --update`: newer tags, and images that are too young or say nothing of their age.

use crate::content::{Shelf, sha256};
use crate::stub::{Reply, Stub};
use crate::{Folder, told};
use std::process::Output;
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment so many hours ago, in the way of RFC 3339: days are counted from one that is known.
fn hours_ago(hours: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - hours * 3_600;
    let (mut days, rest) = (now / 86_400, now % 86_400);
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        month += 1;
        if days < length {
            break;
        }
        days -= length;
    }
    format!(
        "{year}-{month:02}-{:02}T{:02}:{:02}:{:02}.123Z",
        days + 1,
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

fn old_digest() -> String {
    sha256(b"of long ago")
}

fn run(folder: &Folder, stub: &Stub, more: &[&str]) -> Output {
    let mirror = format!("*={}", stub.address);
    folder.run(&[&["pin", "--mirror", &mirror, "--update"], more].concat())
}

/// A registry with these tags, each with the moment at which its image was made; and the digest of each.
fn registry(tags: &[(&str, Option<&str>)]) -> (Stub, Vec<String>) {
    let mut shelf = Shelf::default();
    let digests = tags.iter().map(|(tag, created)| {
        let (digest, _) = shelf.put_made("team/app", tag, *created);
        shelf.tag("team/app", tag, &digest);
        digest
    });
    let digests = digests.collect();
    (Stub::start(move |question, _| shelf.answer(question)), digests)
}

fn compose(image: &str) -> String {
    format!("services:\n  app:\n    image: \"{image}\" # ours\n")
}

/// What a tag becomes, by how far it may be raised. The registry tells two tags a page.
#[test]
fn newer_tags_of_the_same_shape() {
    let tags: Vec<(&str, Option<&str>)> =
        ["1.9.0", "1.9.1", "1.10.0", "1.10.0-alpine", "1.11.0-rc1", "2.0.0", "latest", "v1.12.0"]
            .map(|tag| (tag, Some("2024-05-01T10:00:00Z")))
            .to_vec();
    let (stub, digests) = registry(&tags);
    for (how, tag, becomes) in [
        (&["patch"][..], "1.9.0", "1.9.1"),
        (&["minor"], "1.9.0", "1.10.0"),
        (&[], "1.9.0", "1.9.0"),
        (&["digest"], "1.9.0", "1.9.0"),
        (&["minor"], "1.10.0", "1.10.0"),
        (&["minor"], "latest", "latest"),
    ] {
        let folder = Folder::new();
        folder.write("compose.yaml", compose(&format!("ghcr.io/team/app:{tag}@{}", old_digest())).as_bytes());
        let output = run(&folder, &stub, how);
        let digest = &digests[tags.iter().position(|(known, _)| *known == becomes).unwrap()];
        let want = compose(&format!("ghcr.io/team/app:{becomes}@{digest}"));
        assert_eq!(folder.read("compose.yaml"), want, "{how:?} {tag}: {}", told(&output));
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let row = if tag == becomes { "app:".to_owned() } else { format!("{tag} → {becomes}") };
        assert!(told(&output).contains(&row) && told(&output).contains("moved:"), "{}", told(&output));
        let lock = folder.read("pintle.lock");
        assert!(lock.contains(&format!("ghcr.io/team/app:{becomes} {digest}")), "{lock}");
        // A second run changes nothing.
        let again = run(&folder, &stub, how);
        assert_eq!(folder.read("compose.yaml"), want, "{}", told(&again));
        assert!(told(&again).contains("nothing pinned"), "{}", told(&again));
    }
}

/// Tag and digest move together, wherever they are written.
#[test]
fn tag_and_digest_move_together() {
    let (stub, digests) = registry(&[("v1.9.0", None), ("v1.10.0", None)]);
    let (old, new) = (old_digest(), &digests[1]);
    let kustomization = |tag: &str, digest: &str| {
        format!(
            "resources: [pod.yaml]\nimages:\n  - name: ghcr.io/team/app\n    newTag: {tag} # raise me\n    digest: {digest}\n"
        )
    };
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: ghcr.io/team/app}]}\n";
    let values = |tag: &str, digest: &str| {
        format!("image:\n  repository: ghcr.io/team/app\n  digest: \"{digest}\"\n  tag: '{tag}'\n")
    };
    let dockerfile =
        |tag: &str, digest: &str| format!("FROM ghcr.io/team/app:{tag}@{digest} AS base\nUSER 1000\n");
    let unpinned = |image: &str| format!("services:\n  app: {{image: ghcr.io/team/app:{image}}}\n");
    let folder = Folder::new();
    folder.write("kustomization.yaml", kustomization("v1.9.0", &old).as_bytes());
    folder.write("pod.yaml", pod.as_bytes());
    folder.write("values.yaml", values("v1.9.0", &old).as_bytes());
    folder.write("Dockerfile", dockerfile("v1.9.0", &old).as_bytes());
    folder.write("compose.yaml", unpinned("v1.9.0").as_bytes());
    let output = run(&folder, &stub, &["minor"]);
    assert_eq!(folder.read("kustomization.yaml"), kustomization("v1.10.0", new), "{}", told(&output));
    assert_eq!(folder.read("values.yaml"), values("v1.10.0", new), "{}", told(&output));
    assert_eq!(folder.read("Dockerfile"), dockerfile("v1.10.0", new), "{}", told(&output));
    assert_eq!(folder.read("compose.yaml"), unpinned(&format!("v1.10.0@{new}")), "{}", told(&output));
    assert_eq!(folder.read("pod.yaml"), pod);
    let again = run(&folder, &stub, &["minor"]);
    assert!(told(&again).contains("nothing pinned"), "{}", told(&again));
}

/// A tag that two images take, each with a digest of its own, stays; their digests move.
#[test]
fn a_tag_that_others_take_stays() {
    let (stub, digests) = registry(&[("1.9.0", None), ("1.9.1", None)]);
    let old = old_digest();
    let text = |digest: &str| {
        format!(
            "ARG VERSION=1.9.0\nFROM ghcr.io/team/app:${{VERSION}}@{digest} AS one\nFROM ghcr.io/team/other:${{VERSION}} AS two\n"
        )
    };
    let folder = Folder::new();
    folder.write("Dockerfile", text(&old).as_bytes());
    let output = run(&folder, &stub, &["patch"]);
    assert_eq!(folder.read("Dockerfile"), text(&digests[0]), "{}", told(&output));
}

/// What is too young, or of no age, is not moved to, and told.
#[test]
fn young_images_are_held_back() {
    let (young, old) = (hours_ago(5), hours_ago(24 * 30));
    for (created, moves, says) in [
        (
            Some(young.as_str()),
            false,
            "held back: ghcr.io/team/app:1.9.0: what the tag is today (made 5 hours ago)",
        ),
        (Some(old.as_str()), true, "30 days"),
        (Some("1970-01-01T00:00:00Z"), false, "nobody says when it was made"),
        (Some("0001-01-01T00:00:00Z"), false, "nobody says when it was made"),
        (Some("2999-01-01T00:00:00Z"), false, "it says that it is yet to be made"),
        (Some("yesterday"), false, "nobody says when it was made"),
        (None, false, "nobody says when it was made"),
    ] {
        let (stub, digests) = registry(&[("1.9.0", created)]);
        let folder = Folder::new();
        let before = compose(&format!("ghcr.io/team/app:1.9.0@{}", old_digest()));
        folder.write("compose.yaml", before.as_bytes());
        let output = run(&folder, &stub, &["--min-age", "3d"]);
        let want = if moves { before.replace(&old_digest(), &digests[0]) } else { before };
        assert_eq!(folder.read("compose.yaml"), want, "{created:?}: {}", told(&output));
        assert!(told(&output).contains(says), "{created:?}: {}", told(&output));
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(folder.0.join("pintle.lock").exists(), moves, "{created:?}");
    }
}

/// The age of a commit is not asked for, so that no action moves; one that has none yet gets its own.
#[test]
fn actions_have_no_age() {
    let stub = Stub::start(crate::stub::says_of_all);
    let old = "0c366fd6a839edf440554fa01a7085ccba70ac98";
    let text = |one: &str, two: &str| {
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: a/b@{one}\n      - uses: a/c@{two}\n"
        )
    };
    let folder = Folder::new();
    folder.write(".github/workflows/a.yaml", text(&format!("{old} # v4"), "v4").as_bytes());
    let output = run(&folder, &stub, &["--min-age", "3d"]);
    let want = text(&format!("{old} # v4"), &format!("{} # v4", crate::stub::COMMIT));
    assert_eq!(folder.read(".github/workflows/a.yaml"), want, "{}", told(&output));
    assert!(
        told(&output).contains("held back: github.com/a/b@v4: what the tag is today"),
        "{}",
        told(&output)
    );
}

/// The newest that is old enough is taken, and what it was chosen over is told.
#[test]
fn the_newest_that_is_old_enough_is_taken() {
    let (young, old) = (hours_ago(30), hours_ago(24 * 30));
    let (stub, digests) = registry(&[
        ("1.9.0", Some(&old)),
        ("1.10.0", Some(&old)),
        ("1.11.0", Some(&young)),
        ("1.12.0", None),
    ]);
    let folder = Folder::new();
    folder.write("compose.yaml", compose(&format!("ghcr.io/team/app:1.9.0@{}", old_digest())).as_bytes());
    let output = run(&folder, &stub, &["minor", "--min-age", "3d"]);
    assert_eq!(
        folder.read("compose.yaml"),
        compose(&format!("ghcr.io/team/app:1.10.0@{}", digests[1])),
        "{}",
        told(&output)
    );
    assert!(
        told(&output).contains("held back: ghcr.io/team/app:1.9.0: 1.12.0 (nobody says"),
        "{}",
        told(&output)
    );
}

/// An image that nothing pins yet has nothing to be moved from: it is pinned to what its tag is, however young.
#[test]
fn the_first_pin_has_no_age() {
    let young = hours_ago(1);
    let (stub, digests) = registry(&[("1.9.0", Some(&young))]);
    let folder = Folder::new();
    folder.write("compose.yaml", compose("ghcr.io/team/app:1.9.0").as_bytes());
    let output = run(&folder, &stub, &["--min-age", "3d"]);
    assert_eq!(
        folder.read("compose.yaml"),
        compose(&format!("ghcr.io/team/app:1.9.0@{}", digests[0])),
        "{}",
        told(&output)
    );
}

/// Lists of tags that lie, have no end or lead elsewhere: told, and nothing is moved.
#[test]
fn lists_of_tags_may_be_anything() {
    type Answer = fn(&str, usize) -> Reply;
    let rows: [(&str, Answer, &str); 6] = [
        ("none", |_, _| Reply::new("404 Not Found"), "there is no such tag"),
        ("a page", |_, _| Reply::new("200 OK").body("<html>"), "no list of tags"),
        ("another thing", |_, _| Reply::new("200 OK").body("{}"), "no list of tags"),
        (
            "without an end",
            |_, _| {
                Reply::new("200 OK")
                    .body("{\"tags\":[\"1.9.1\"]}")
                    .with("link", "</v2/team/app/tags/list?last=1.9.1>; rel=\"next\"")
            },
            "more tags than are read",
        ),
        (
            "on elsewhere",
            |_, _| {
                Reply::new("200 OK")
                    .body("{\"tags\":[]}")
                    .with("link", "<https://registry.invalid/>; rel=\"next\"")
            },
            "goes on elsewhere",
        ),
        (
            "with what is gone",
            |_, _| Reply::new("200 OK").body("{\"tags\":[\"1.9.1\",\"1.9.2\",7]}"),
            "1 image pinned",
        ),
    ];
    for (name, answer, says) in rows {
        let mut shelf = Shelf::default();
        let (digest, _) = shelf.put_index("team/app", "good");
        shelf.tag("team/app", "1.9.0", &digest);
        let stub = Stub::start(move |question, before| match question.path.contains("/tags/list") {
            true => answer(&question.path, before),
            false => shelf.answer(question),
        });
        let folder = Folder::new();
        let before = compose(&format!("ghcr.io/team/app:1.9.0@{}", old_digest()));
        folder.write("compose.yaml", before.as_bytes());
        let output = run(&folder, &stub, &["patch"]);
        assert!(told(&output).contains(says), "{name}: {}", told(&output));
        let is_moved = name == "with what is gone";
        let want = if is_moved { before.replace(&old_digest(), &digest) } else { before };
        assert_eq!(folder.read("compose.yaml"), want, "{name}: {}", told(&output));
        assert!(stub.asked().len() <= 501, "{name}: {} questions", stub.asked().len());
    }
}

/// The same run as the message of a commit and for programs; a dry one shows what would be done, and nothing else.
#[test]
fn outputs_tell_what_was_done() {
    let (stub, digests) = registry(&[("1.9.0", None), ("1.10.0", Some("2024-05-01T10:00:00Z"))]);
    let old = old_digest();
    let folder = Folder::new();
    let both =
        compose(&format!("ghcr.io/team/app:1.9.0@{old}")) + "  gone: {image: \"ghcr.io/team/gone:1\"}\n";
    folder.write("compose.yaml", both.as_bytes());
    folder.write("run.sh", b"#!/bin/sh\ndocker run ghcr.io/team/app:1.9.0\n");
    let (start, end) = (&digests[1]["sha256:".len()..][..12], "1.9.0` → `1.10.0` (`");
    let message =
        String::from_utf8(run(&folder, &stub, &["minor", "--dry-run", "-o", "markdown"]).stdout).unwrap();
    assert!(message.starts_with("Move 1 pin\n\n- `ghcr.io/team/app`: `"), "{message}");
    assert!(message.contains(&format!("{end}{start}`, ")) && !message.contains("+++"), "{message}");
    assert!(message.contains("- `ghcr.io/team/gone:1`: there is no such tag"), "{message}");
    assert!(message.contains("- 1 place: a command names it"), "{message}");
    let output = run(&folder, &stub, &["minor", "-o", "json"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let pins = value["pins"].as_array().unwrap();
    assert_eq!(pins.len(), 1, "{value}");
    let of = |key: &str| pins[0][key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (of("name"), of("tag"), of("digest")),
        ("ghcr.io/team/app".into(), "1.10.0".into(), digests[1].clone())
    );
    assert_eq!(pins[0]["from"], serde_json::json!({"tag": "1.9.0", "digest": old}));
    assert_eq!((of("created"), &pins[0]["files"][0]["file"]), ("2024-05-01".into(), &"compose.yaml".into()));
    assert_eq!(
        (&value["missing"][0]["name"], &value["left"][0]["places"][0]["line"]),
        (&"ghcr.io/team/gone:1".into(), &2.into())
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = Folder::new();
    for arguments in [
        &["--min-age", "3d"][..],
        &["--update", "major"],
        &["--update", "--min-age", "3"],
        &["--update", "--offline"],
    ] {
        let output = folder.run(&[&["pin"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", told(&output));
    }
}
