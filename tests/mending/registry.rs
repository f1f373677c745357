//! Registries that ask for logins, lie, refuse and give up: what `pin` makes of them, and whom it tells what.

use crate::stub::{COMMIT, DIGEST, Question, Reply, Stub, digest, says_of_all};
use crate::{Folder, told};

/// A repository with one image of this registry.
fn repository(address: &str) -> Folder {
    let folder = Folder::new();
    folder.write("pod.yaml", pod(&format!("{address}/team/app:v1.2.3")).as_bytes());
    folder
}

pub(crate) fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      image: {image}\n"
    )
}

/// A login as Docker keeps it: no real one.
pub(crate) fn login(folder: &Folder, host: &str) {
    let auth = "dXNlcjpub3QtYS1wYXNzd29yZA==";
    folder.write(
        "nobody/.docker/config.json",
        format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"{auth}\"}}}}}}").as_bytes(),
    );
}

fn is_pinned(folder: &Folder) -> bool {
    folder.read("pod.yaml").contains(&format!("v1.2.3@{DIGEST}"))
}

#[test]
fn one_head_is_enough() {
    let stub = Stub::start(|_, _| digest());
    let folder = repository(&stub.address);
    let output = folder.run(&["pin"]);
    assert!(is_pinned(&folder), "{}", told(&output));
    let asked = stub.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("HEAD", "/v2/team/app/manifests/v1.2.3"));
    assert!(asked[0].header("accept").unwrap().starts_with("application/vnd.oci.image.index.v1+json"));
    assert_eq!(asked[0].header("authorization"), None);
}

#[test]
fn an_image_is_asked_for_once() {
    let stub = Stub::start(|_, _| digest());
    let folder = repository(&stub.address);
    for number in 0..20 {
        folder.write(&format!("{number}.yaml"), pod(&format!("{}/team/app:v1.2.3", stub.address)).as_bytes());
    }
    folder.run(&["pin"]);
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn a_basic_login_is_sent_to_its_registry() {
    let stub = Stub::start(|question: &Question, _| match question.header("authorization") {
        Some("Basic dXNlcjpub3QtYS1wYXNzd29yZA==") => digest(),
        _ => Reply::new("401 Unauthorized").with("www-authenticate", "Basic realm=\"Registry\""),
    });
    let folder = repository(&stub.address);
    let output = folder.run(&["pin"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("wants a login"), "{}", told(&output));
    login(&folder, &stub.address);
    let output = folder.run(&["pin"]);
    assert!(is_pinned(&folder), "{}", told(&output));
    assert!(!told(&output).contains("dXNlcjpub3Q"));
}

#[test]
fn a_token_is_fetched_by_challenge() {
    let tokens = Stub::start(|question: &Question, _| {
        assert!(
            question.path.contains("service=test&scope=repository%3Ateam%2Fapp%3Apull"),
            "{}",
            question.path
        );
        Reply::new("200 OK").body("{\"token\": \"letter-of-passage\"}")
    });
    let realm = format!("http://{}/token", tokens.address);
    let stub = Stub::start(move |question: &Question, _| match question.header("authorization") {
        Some("Bearer letter-of-passage") => digest(),
        _ => Reply::new("401 Unauthorized").with(
            "www-authenticate",
            format!("Bearer realm=\"{realm}\",service=\"test\",scope=\"repository:team/app:pull\""),
        ),
    });
    let folder = repository(&stub.address);
    let output = folder.run(&["pin"]);
    assert!(is_pinned(&folder), "{}", told(&output));
    assert_eq!((stub.asked().len(), tokens.asked().len()), (2, 1));
}

#[test]
fn another_host_is_told_nothing() {
    let other = Stub::start(|_, _| digest());
    let to = format!("http://{}/elsewhere", other.address);
    let stub = Stub::start(move |question: &Question, _| match question.header("authorization") {
        None => Reply::new("401 Unauthorized").with("www-authenticate", "Basic realm=\"x\""),
        Some(_) => Reply::new("307 Temporary Redirect").with("location", to.clone()),
    });
    let folder = repository(&stub.address);
    login(&folder, &stub.address);
    let output = folder.run(&["pin"]);
    assert!(is_pinned(&folder), "{}", told(&output));
    assert!(stub.asked().iter().any(|question| question.header("authorization").is_some()));
    assert!(other.asked().iter().all(|question| question.header("authorization").is_none()));
    assert_eq!(other.asked().len(), 1);
}

/// What registries say when they have no digest, and what is told of it.
#[test]
fn what_is_no_answer_changes_nothing() {
    type Answer = fn(&Question, usize) -> Reply;
    let cases: [(&str, Answer, &str); 9] = [
        ("gone", |_, _| Reply::new("404 Not Found"), "no such tag"),
        ("forbidden", |_, _| Reply::new("403 Forbidden"), "wants a login"),
        (
            "refused for ever",
            |_, _| Reply::new("401 Unauthorized").with("www-authenticate", "Negotiate"),
            "wants a login",
        ),
        ("busy for ever", |_, _| Reply::new("429 Too Many Requests").with("retry-after", "0"), "answers 429"),
        ("broken", |_, _| Reply::new("500 Oops").with("retry-after", "0"), "answers 500"),
        (
            "in a circle",
            |_, _| Reply::new("302 Found").with("location", "/v2/team/app/manifests/v1.2.3"),
            "on and on",
        ),
        ("to a file", |_, _| Reply::new("302 Found").with("location", "file:///etc/passwd"), "not followed"),
        ("no manifest", |_, _| Reply::new("200 OK").body("<html>"), "no manifest"),
        (
            "a wrong digest",
            |_, _| Reply::new("200 OK").with("docker-content-digest", "sha256:abc").body("[]"),
            "no manifest",
        ),
    ];
    for (name, answer, says) in cases {
        let stub = Stub::start(answer);
        let folder = repository(&stub.address);
        let before = folder.read("pod.yaml");
        let output = folder.run(&["pin"]);
        assert!(told(&output).contains(says), "{name}: {}", told(&output));
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_eq!(folder.read("pod.yaml"), before, "{name}");
        assert!(!folder.0.join("pintle.lock").exists(), "{name}");
        assert!(stub.asked().len() <= 10, "{name}: {} questions", stub.asked().len());
    }
}

#[test]
fn who_has_no_time_is_asked_again() {
    let stub = Stub::start(|_, before| match before {
        0 => Reply::new("503 Busy").with("retry-after", "0"),
        _ => digest(),
    });
    let folder = repository(&stub.address);
    folder.run(&["pin"]);
    assert!(is_pinned(&folder));
}

/// Who does not say the digest in the head is asked for the whole, and the bytes are hashed.
#[test]
fn a_digest_is_counted_where_none_is_told() {
    let body = "{\"schemaVersion\": 2}";
    let stub = Stub::start(move |question: &Question, _| match question.method.as_str() {
        "HEAD" => Reply::new("405 Method Not Allowed"),
        _ => Reply::new("200 OK").body(body),
    });
    let folder = repository(&stub.address);
    let output = folder.run(&["pin"]);
    let hash = "sha256:c5d902c53b4afcf32ad746fd9d696431650d3fbe8f7b10ca10519543fefd772c";
    assert!(folder.read("pod.yaml").contains(&format!("v1.2.3@{hash}")), "{}", told(&output));
}

#[test]
fn nobody_there_is_told() {
    // A port that nobody listens on: it was given back.
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let folder = repository(&address);
    let output = folder.run(&["pin"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("not known now"), "{}", told(&output));
}

#[test]
fn update_moves_what_the_tag_has_left() {
    let stub = Stub::start(|_, _| digest());
    let folder = repository(&stub.address);
    let old = format!("sha256:{}", "a".repeat(64));
    let text = pod(&format!("{}/team/app:v1.2.3@{old}", stub.address));
    folder.write("pod.yaml", text.as_bytes());
    folder.run(&["pin"]);
    assert_eq!(folder.read("pod.yaml"), text, "a pin stays a pin");
    assert!(stub.asked().is_empty());
    let output = folder.run(&["pin", "--update", "--dry-run"]);
    assert_eq!(folder.read("pod.yaml"), text);
    assert!(
        told(&output).contains(&format!("+      image: {}/team/app:v1.2.3@{DIGEST}", stub.address)),
        "{}",
        told(&output)
    );
    folder.run(&["pin", "--update"]);
    assert_eq!(folder.read("pod.yaml"), text.replace(&old, DIGEST));
}

#[test]
fn only_what_is_meant_is_pinned() {
    let stub = Stub::start(|_, _| digest());
    let folder = Folder::new();
    folder.write("a/pod.yaml", pod("ghcr.io/acme/web:1.2.3").as_bytes());
    folder.write("b/pod.yaml", pod("quay.io/acme/api:1.2.3").as_bytes());
    let mirror = format!("*={}", stub.address);
    folder.run(&["pin", "--mirror", &mirror, "--only", "quay.io/*/*"]);
    assert!(!folder.read("a/pod.yaml").contains("sha256") && folder.read("b/pod.yaml").contains("sha256"));
    folder.write("b/pod.yaml", pod("quay.io/acme/api:1.2.3").as_bytes());
    folder.run(&["pin", "--mirror", &mirror, "a"]);
    assert!(folder.read("a/pod.yaml").contains("sha256") && !folder.read("b/pod.yaml").contains("sha256"));
}

fn workflow(reference: &str) -> String {
    format!(
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@{reference}\n"
    )
}

/// The repository of an action is asked once, for the names that are wanted, and nobody's login goes along.
#[test]
fn actions_are_asked_for_once() {
    let stub = Stub::start(says_of_all);
    let folder = Folder::new();
    folder.write(".github/workflows/a.yaml", workflow("v4").as_bytes());
    folder.write(".github/workflows/b.yaml", workflow("v4.2.2").as_bytes());
    login(&folder, &stub.address);
    let mirror = format!("github.com={}", stub.address);
    let output = folder.run(&["pin", "--mirror", &mirror]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let asked: Vec<String> = stub.asked().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    let page = "/actions/checkout";
    assert_eq!(
        asked,
        [format!("GET {page}/info/refs?service=git-upload-pack"), format!("POST {page}/git-upload-pack")]
    );
    let body = stub.asked()[1].body.clone();
    assert_eq!(body.matches("ref-prefix").count(), 4, "{body}");
    assert!(stub.asked().iter().all(|one| one.header("authorization").is_none()));
    let lock = folder.read("pintle.lock");
    for tag in ["v4", "v4.2.2"] {
        assert!(lock.contains(&format!("action github.com/actions/checkout@{tag} {COMMIT} - ")), "{lock}");
    }
    // The lock alone does the same without a network, in a fix as in a pin.
    let pinned = folder.read(".github/workflows/a.yaml");
    assert_eq!(pinned, workflow(&format!("{COMMIT} # v4")));
    for arguments in [&["pin", "--offline"][..], &["lint", "--fix", "--fail-on", "never"]] {
        folder.write(".github/workflows/a.yaml", workflow("v4").as_bytes());
        let output = folder.run(arguments);
        assert_eq!(folder.read(".github/workflows/a.yaml"), pinned, "{}", told(&output));
    }
    assert_eq!(stub.asked().len(), 2);
}

/// A commit moves to what its tag is today, and the comment stays; what has no tag beside it stays as it is.
#[test]
fn update_moves_commits() {
    let stub = Stub::start(says_of_all);
    let (folder, old) = (Folder::new(), "0c366fd6a839edf440554fa01a7085ccba70ac98");
    let mirror = format!("github.com={}", stub.address);
    let text = workflow(&format!("{old} # v4"))
        + &format!("      - uses: a/b@{old} # by hand\n      - uses: a/c@{old}\n");
    folder.write(".github/workflows/a.yaml", text.as_bytes());
    let output = folder.run(&["pin", "--mirror", &mirror]);
    assert_eq!(folder.read(".github/workflows/a.yaml"), text, "{}", told(&output));
    let output = folder.run(&["pin", "--update", "--mirror", &mirror]);
    assert_eq!(folder.read(".github/workflows/a.yaml"), text.replacen(old, COMMIT, 1), "{}", told(&output));
}

/// What servers of git say when they have no answer, and servers that know the first edition of the protocol only.
#[test]
fn servers_of_git_may_say_anything() {
    type Answer = fn(&Question, usize) -> Reply;
    let cases: [(&str, Answer, &str); 8] = [
        ("gone", |_, _| Reply::new("404 Not Found"), "no such tag"),
        ("private", |_, _| Reply::new("401 Unauthorized"), "wants a login"),
        ("busy", |_, _| Reply::new("503 Busy").with("retry-after", "0"), "answers 503"),
        ("in a circle", |_, _| Reply::new("301 Moved").with("location", "/a/b/info/refs"), "on and on"),
        ("to a file", |_, _| Reply::new("301 Moved").with("location", "file:///etc/passwd"), "not followed"),
        ("a page", |_, _| Reply::new("200 OK").body("<html>"), "not what git says"),
        ("torn", |_, _| Reply::new("200 OK").body("00ff"), "not what git says"),
        ("nothing", |_, _| Reply::new("200 OK").body("0000"), "no such tag"),
    ];
    for (name, answer, says) in cases {
        let stub = Stub::start(answer);
        let folder = Folder::new();
        folder.write(".github/workflows/a.yaml", workflow("v4").as_bytes());
        let output = folder.run(&["pin", "--mirror", &format!("github.com={}", stub.address)]);
        assert!(told(&output).contains(says), "{name}: {}", told(&output));
        assert_eq!(
            (output.status.code(), folder.read(".github/workflows/a.yaml")),
            (Some(1), workflow("v4")),
            "{name}"
        );
        assert!(stub.asked().len() <= 10, "{name}: {} questions", stub.asked().len());
    }
    let all = Stub::start(|_, _| {
        let packet = |line: &str| format!("{:04x}{line}\n", line.len() + 5);
        let lines = [
            format!("{} HEAD\0agent=git", "7".repeat(40)),
            format!("{} refs/tags/v4", "7".repeat(40)),
            format!("{COMMIT} refs/tags/v4^{{}}"),
        ];
        let lines: String = lines.iter().map(|line| packet(line)).collect();
        Reply::new("200 OK").body(&format!("{}0000{lines}0000", packet("# service=git-upload-pack")))
    });
    let folder = Folder::new();
    folder.write(".github/workflows/a.yaml", workflow("v4").as_bytes());
    let output = folder.run(&["pin", "--mirror", &format!("github.com={}", all.address)]);
    assert_eq!(
        folder.read(".github/workflows/a.yaml"),
        workflow(&format!("{COMMIT} # v4")),
        "{}",
        told(&output)
    );
}
