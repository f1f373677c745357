//! What `verify` says of pins that are right, wrong, or not to be known.

use crate::content::{Image, Shelf, sha256};
use crate::stub::{Question, Reply, Stub};
use crate::{Folder, told};
use std::process::Output;

/// A compose file with these images, one a line from the third line on.
fn compose(images: &[String]) -> String {
    let lines = images.iter().enumerate().map(|(at, image)| format!("  s{at}: {{image: \"{image}\"}}\n"));
    format!("name: shop\nservices:\n{}", lines.collect::<String>())
}

fn repository(images: &[String]) -> Folder {
    let folder = Folder::new();
    folder.write("compose.yaml", compose(images).as_bytes());
    folder
}

fn run(folder: &Folder, stub: &Stub, more: &[&str]) -> Output {
    let mirror = format!("*={}", stub.address);
    folder.run(&[&["verify", "-o", "concise", "--mirror", &mirror], more].concat())
}

/// `compose.yaml:3 error image-digest-gone` of each line that tells a finding.
fn findings(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|line| !line.contains(": problem[")).filter_map(|line| {
        let mut parts = line.splitn(4, ':');
        let (file, number) = (parts.next()?, parts.next()?);
        let rest = parts.nth(1)?;
        let rule = rest.split('[').nth(1)?.split(']').next()?;
        Some(format!("{file}:{number} {rule}"))
    });
    lines.collect()
}

/// The seven lies, each on a line of its own, and one truth.
#[test]
fn planted_lies_are_caught() {
    let mut shelf = Shelf::default();
    let (good, _) = shelf.put_index("team/app", "good");
    shelf.tag("team/app", "1.0.0", &good);
    let (of_child, children) = shelf.put_index("team/app", "children");
    shelf.tag("team/app", "1.1.0", &of_child);
    let (new, _) = shelf.put_index("team/app", "new");
    shelf.tag("team/app", "1.2.0", &new);
    let (other, _) = shelf.put_index("team/other", "other");
    shelf.tag("team/other", "3.0.0", &other);
    let (old, _) = shelf.put_index("team/app", "pushed over");
    shelf.tag("team/app", "2.0.0", &new);
    let (latest, _) = shelf.put_index("team/app", "latest");
    shelf.tag("team/app", "latest", &latest);
    let nothing = sha256(b"nothing has this digest");
    let configuration = sha256(children[0].configuration.as_bytes());
    let app = |tag: &str, digest: &str| format!("ghcr.io/team/app:{tag}@{digest}");
    let images = [
        app("1.0.0", &good),
        // The digest is gone.
        app("1.0.0", &nothing),
        // It is that of another tag, which no file and no lock names.
        app("1.0.0", &latest),
        // It is that of another repository.
        app("1.0.0", &other),
        format!("ghcr.io/team/other:3.0.0@{other}"),
        // It is one of two platforms.
        app("1.1.0", &children[0].digest()),
        // It is that of a configuration.
        app("1.1.0", &configuration),
        // The tag was raised from 1.0.0, and the digest stayed.
        app("1.2.0", &good),
        // The tag was pushed again.
        app("2.0.0", &old),
    ];
    let folder = repository(&images);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    let output = run(&folder, &stub, &["--ignore", "image-digest-drift"]);
    assert_eq!(
        findings(&output),
        [
            "compose.yaml:4 image-digest-gone",
            "compose.yaml:5 image-tag-moved",
            "compose.yaml:6 image-digest-gone",
            "compose.yaml:8 image-digest-single-platform",
            "compose.yaml:9 image-digest-of-config",
            "compose.yaml:10 image-tag-inert",
            "compose.yaml:11 image-tag-moved",
        ],
        "{}",
        told(&output)
    );
    let said = told(&output);
    for text in [
        "it lacks linux/arm64",
        "it is that of `ghcr.io/team/other:3.0.0`",
        "the digest of `1.0.0` at the registry",
    ] {
        assert!(said.contains(text), "`{text}` is not told: {said}");
    }
    assert_eq!(output.status.code(), Some(1));
}

/// A pin that is right costs one head, however many places have it, and nothing is told.
#[test]
fn what_is_right_costs_one_head() {
    let mut shelf = Shelf::default();
    let (digest, _) = shelf.put_index("team/app", "good");
    shelf.tag("team/app", "1.0.0", &digest);
    let folder = repository(&vec![format!("ghcr.io/team/app:1.0.0@{digest}"); 12]);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    let output = run(&folder, &stub, &[]);
    assert_eq!((findings(&output), output.status.code()), (Vec::new(), Some(0)), "{}", told(&output));
    let asked: Vec<String> = stub.asked().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    assert_eq!(asked, ["HEAD /v2/team/app/manifests/1.0.0"]);
}

/// Some registries say that they are broken, where a digest is that of a blob. The blob tells.
#[test]
fn a_configuration_is_known_though_the_registry_breaks() {
    let mut shelf = Shelf::default();
    let (digest, images) = shelf.put_index("team/app", "good");
    shelf.tag("team/app", "1.0.0", &digest);
    let configuration = sha256(images[0].configuration.as_bytes());
    let (wrong, layer) =
        (format!("/v2/team/app/manifests/{configuration}"), sha256(images[0].layer.as_bytes()));
    let folder = repository(&[
        format!("ghcr.io/team/app:1.0.0@{configuration}"),
        format!("ghcr.io/team/app:1.0.0@{layer}"),
    ]);
    let stub =
        Stub::start(move |question, _| match question.path == wrong || question.path.ends_with(&layer) {
            true => Reply::new("500 Oops").with("retry-after", "0"),
            false => shelf.answer(question),
        });
    let output = run(&folder, &stub, &["--ignore", "image-digest-drift", "--fail-on-blind=false"]);
    assert_eq!(findings(&output), ["compose.yaml:3 image-digest-of-config"], "{}", told(&output));
    assert!(
        told(&output).contains("compose.yaml:4") && told(&output).contains("answers 500"),
        "{}",
        told(&output)
    );
}

/// What is there of a digest alone, and of a tag that was taken back.
#[test]
fn digests_alone_and_tags_that_are_gone() {
    let mut shelf = Shelf::default();
    let (digest, _) = shelf.put_index("team/app", "good");
    let folder =
        repository(&[format!("ghcr.io/team/app@{digest}"), format!("ghcr.io/team/app:1.0.0@{digest}")]);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    let output = run(&folder, &stub, &[]);
    assert_eq!(findings(&output), ["compose.yaml:4 image-tag-gone"], "{}", told(&output));
}

/// Platforms that the configuration wants: of an index and of a single image, whose configuration says what it is for.
#[test]
fn platforms_are_held_against_the_configuration() {
    let mut shelf = Shelf::default();
    let (index, _) = shelf.put_index("team/app", "two");
    shelf.tag("team/app", "1.0.0", &index);
    let single = shelf.put_image("team/app", &Image::new("linux/amd64", "one"));
    shelf.tag("team/app", "2.0.0", &single);
    let folder =
        repository(&[format!("ghcr.io/team/app:1.0.0@{index}"), format!("ghcr.io/team/app:2.0.0@{single}")]);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    for (wanted, found) in [
        ("[linux/amd64]", vec![]),
        ("[linux/amd64, linux/arm64]", vec!["compose.yaml:4 image-platform-missing"]),
        (
            "linux/s390x",
            vec!["compose.yaml:3 image-platform-missing", "compose.yaml:4 image-platform-missing"],
        ),
    ] {
        folder.write(".pintle.yaml", format!("images: {{platforms: {wanted}}}\n").as_bytes());
        let output = run(&folder, &stub, &[]);
        assert_eq!(findings(&output), found, "{wanted}: {}", told(&output));
    }
}

/// Whoever does not answer, or wants another login, has not said that something is missing.
#[test]
fn what_nobody_knows_is_a_problem_and_no_finding() {
    type Answer = fn(&Question, usize) -> Reply;
    let cases: [(&str, Answer, &str); 6] = [
        ("limited", |_, _| Reply::new("429 Too Many Requests").with("retry-after", "0"), "answers 429"),
        ("refused", |_, _| Reply::new("401 Unauthorized").with("www-authenticate", "Basic"), "wants a login"),
        ("forbidden", |_, _| Reply::new("403 Forbidden"), "wants a login"),
        ("broken", |_, _| Reply::new("502 Bad Gateway").with("retry-after", "0"), "answers 502"),
        ("no manifest", |_, _| Reply::new("200 OK").body("<html>"), "no manifest"),
        (
            "other bytes than the digest says",
            |question, _| match question.path.ends_with("/1.0.0") {
                true => Reply::new("404 Not Found"),
                false => Reply::new("200 OK").body("{\"schemaVersion\": 2}"),
            },
            "something else than the digest says",
        ),
    ];
    for (name, answer, says) in cases {
        let stub = Stub::start(answer);
        let folder = repository(&[format!("ghcr.io/team/app:1.0.0@{}", sha256(b"x"))]);
        let output = run(&folder, &stub, &["--fail-on-blind=false"]);
        assert_eq!(
            (findings(&output), output.status.code()),
            (Vec::new(), Some(0)),
            "{name}: {}",
            told(&output)
        );
        assert!(told(&output).contains(says), "{name}: {}", told(&output));
        // Where a run that could not look does not count, this one does not.
        let output = run(&folder, &stub, &["--fail-on-blind"]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", told(&output));
    }
}

/// The tag led to an index when its head was asked for, and that is gone when it is wanted whole.
#[test]
fn a_tag_that_goes_meanwhile_is_a_problem_and_no_finding() {
    let mut shelf = Shelf::default();
    let (index, children) = shelf.put_index("team/app", "children");
    shelf.tag("team/app", "1.0.0", &index);
    let folder = repository(&[format!("ghcr.io/team/app:1.0.0@{}", children[0].digest())]);
    let stub = Stub::start(move |question, _| match question.method == "GET" {
        true => Reply::new("404 Not Found"),
        false => shelf.answer(question),
    });
    let output = run(&folder, &stub, &["--fail-on-blind"]);
    assert_eq!((findings(&output), output.status.code()), (Vec::new(), Some(2)), "{}", told(&output));
    assert!(told(&output).contains("there is no such tag"), "{}", told(&output));
}

/// Without a registry the lock is asked, and what it does not have is told.
#[test]
fn offline_the_lock_is_asked() {
    let stub = Stub::start(|_, _| Reply::new("500 Oops"));
    let (old, new) = (sha256(b"old"), sha256(b"new"));
    let folder = repository(&[
        format!("ghcr.io/team/app:1.0.1@{old}"),
        format!("ghcr.io/team/app:1.0.2@{new}"),
        format!("ghcr.io/team/api:1.0.0@{new}"),
    ]);
    let lock = format!(
        "pintle.lock 1\nimage ghcr.io/team/app:1.0.0 {old} - 2026-11-02\nimage ghcr.io/team/app:1.0.1 {new} - 2026-11-02\nimage ghcr.io/team/app:1.0.2 {new} - 2026-11-02\n"
    );
    folder.write("pintle.lock", lock.as_bytes());
    let output =
        run(&folder, &stub, &["--offline", "--ignore", "image-digest-drift", "--fail-on-blind=false"]);
    assert_eq!(findings(&output), ["compose.yaml:3 image-tag-inert"], "{}", told(&output));
    let said = told(&output);
    assert!(said.contains("team/api:1.0.0: not asked for") && !said.contains("team/app:1.0.2:"), "{said}");
    assert!(stub.asked().is_empty());
}

#[test]
fn only_what_is_meant_is_asked_for() {
    let stub = Stub::start(|_, _| Reply::new("404 Not Found"));
    let digest = sha256(b"x");
    let folder = repository(&[
        format!("ghcr.io/team/app:1.0.0@{digest}"),
        format!("ghcr.io/other/app:1.0.0@{digest}"),
    ]);
    folder.write("b/compose.yaml", compose(&[format!("ghcr.io/team/b:1.0.0@{digest}")]).as_bytes());
    let output = run(&folder, &stub, &["--only", "ghcr.io/team/*", "compose.yaml"]);
    assert_eq!(findings(&output), ["compose.yaml:3 image-digest-gone"], "{}", told(&output));
    assert!(stub.asked().iter().all(|one| one.path.starts_with("/v2/team/app/")), "{:?}", stub.asked());
}

/// Findings of registries are allowed as others are, and such an allow is no idle one where no registry is asked.
#[test]
fn findings_are_allowed_and_told_in_every_output() {
    let mut shelf = Shelf::default();
    let (old, _) = shelf.put_index("team/app", "old");
    let (new, _) = shelf.put_index("team/app", "new");
    shelf.tag("team/app", "1.0.0", &new);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    let folder = repository(&[format!("ghcr.io/team/app:1.0.0@{old}")]);
    let mirror = format!("*={}", stub.address);
    for output in pintle::OUTPUTS.iter().map(|output| output.name) {
        let told = told(&folder.run(&["verify", "-o", output, "--mirror", &mirror]));
        let is_told = told.contains("image-tag-moved") || told.contains("another image is pinned");
        assert!(is_told, "{output}: {told}");
    }
    let text = folder.read("compose.yaml").replace("}\n", "} # pintle: allow image-tag-moved we know\n");
    folder.write("compose.yaml", text.as_bytes());
    let output = run(&folder, &stub, &[]);
    assert_eq!((findings(&output), output.status.code()), (Vec::new(), Some(0)), "{}", told(&output));
    let output = folder.run(&["lint", "-o", "concise", "--fail-on", "note"]);
    assert!(!told(&output).contains("image-tag-moved"), "{}", told(&output));
}

#[test]
fn signatures_are_told_and_not_judged() {
    let mut shelf = Shelf::default();
    let (signed, _) = shelf.put_index("team/app", "signed");
    let (unsigned, _) = shelf.put_index("team/app", "unsigned");
    shelf.tag("team/app", "1.0.0", &signed);
    shelf.tag("team/app", "2.0.0", &unsigned);
    let signature = Image::new("linux/amd64", "a signature");
    shelf.put_image("team/app", &signature);
    shelf.put(
        "team/app",
        &format!("{}.sig", signed.replace(':', "-")),
        crate::content::MANIFEST,
        &signature.manifest,
    );
    let folder = repository(&[
        format!("ghcr.io/team/app:1.0.0@{signed}"),
        format!("ghcr.io/team/app:2.0.0@{unsigned}"),
    ]);
    let stub = Stub::start(move |question, _| shelf.answer(question));
    let output = run(&folder, &stub, &["--signatures"]);
    let said = told(&output);
    assert!(said.contains("1 of 2 images have a signature of cosign"), "{said}");
    assert!(said.contains("none: ghcr.io/team/app:2.0.0"), "{said}");
    assert_eq!((findings(&output), output.status.code()), (Vec::new(), Some(0)), "{said}");
}

/// A stranger's change would say who is asked; and what is wrong is not mended here.
#[test]
fn what_does_not_go_with_it_is_refused() {
    let stub = Stub::start(|_, _| Reply::new("404 Not Found"));
    let folder = repository(&[format!("ghcr.io/team/app:1.0.0@{}", sha256(b"x"))]);
    for more in
        [&["--untrusted", "--base", "HEAD"][..], &["--fix"], &["--diff"], &["--select", "image-latest"]]
    {
        assert_eq!(run(&folder, &stub, more).status.code(), Some(2), "{more:?}");
    }
    assert!(stub.asked().is_empty());
}
