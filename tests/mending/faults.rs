//! Registries that lie, break, lead astray and ask for what is not theirs, through a server of the test's own. What each row
//! makes of a run is written as one line, `asked` is what the registry and the other host were asked, `login` who was told
//! one; the log of both servers says so. Whatever happens, a file is pinned or as it was.

use crate::registry::{login, pod};
use crate::stub::{Manner, Question, Reply, Stub, digest};
use crate::{Folder, told};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The registry that the files name, and somebody else.
struct Hosts {
    home: String,
    other: String,
}

type Answer = fn(&Hosts, &Question, usize) -> Reply;

struct Row {
    name: &'static str,
    home: Answer,
    other: Answer,
    /// How many images of the registry the repository has.
    images: usize,
    /// What is seen of the run: its exit code, how many images are pinned, questions, and who was told a login.
    seen: &'static str,
    says: &'static str,
}

const fn row(name: &'static str, home: Answer, seen: &'static str, says: &'static str) -> Row {
    Row { name, home, other: |_, _, _| digest(), images: 1, seen, says }
}

/// More than a manifest may have, and less than anybody waits for.
const HUGE: usize = 256 << 20;
/// What is taken of an endless answer at most: the bound of a manifest, and what lies around in buffers.
const TAKEN: usize = 32 << 20;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "{\"schemaVersion\": 2}";

fn is_head(question: &Question) -> bool {
    question.method == "HEAD"
}

/// An answer to a head that tells no digest, so that the whole is asked for.
fn untold() -> Reply {
    Reply::new("200 OK").with("content-type", INDEX)
}

fn wants(challenge: impl Into<String>) -> Reply {
    Reply::new("401 Unauthorized").with("www-authenticate", challenge)
}

fn to(address: impl Into<String>) -> Reply {
    Reply::new("307 Temporary Redirect").with("location", address)
}

fn rows() -> Vec<Row> {
    let lies = [
        row(
            "a digest that is not that of the bytes",
            |_, question, _| match is_head(question) {
                true => untold(),
                false => digest().body(MANIFEST),
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "something else than the digest says",
        ),
        row(
            "a page of a portal with a digest",
            |_, _, _| digest().with("content-type", "text/html; charset=utf-8").body("<html>"),
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "something else than the digest says",
        ),
        row(
            "a configuration where a manifest should be",
            |_, _, _| {
                let kind = "application/vnd.oci.image.config.v1+json";
                Reply::new("200 OK").with("content-type", kind).body("{\"architecture\": \"amd64\"}")
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "no manifest",
        ),
        row(
            "a manifest of the first edition",
            |_, _, _| {
                let kind = "application/vnd.docker.distribution.manifest.v1+prettyjws";
                Reply::new("200 OK").with("content-type", kind).body("{\"schemaVersion\": 1}")
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "no manifest",
        ),
        row(
            "an index by its true name, with the manifest beside it",
            |_, question, _| match is_head(question) {
                true => Reply::new("200 OK").with("docker-content-digest", "sha512:00"),
                false => Reply::new("200 OK").with("content-type", INDEX).body(MANIFEST),
            },
            "exit 0, 1 pinned, asked 2 + 0, login none",
            "1 image pinned",
        ),
        row(
            "a manifest without an end",
            |_, question, _| match is_head(question) {
                true => untold(),
                false => Reply::new("200 OK").sent(Manner::Endless(HUGE)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "not known now",
        ),
        row(
            "a header that is too long",
            |_, _, _| digest().with("x-long", "x".repeat(4 << 20)),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not known now",
        ),
    ];
    let astray = [
        row(
            "from address to address",
            |hosts, question, _| to(format!("http://{}{}x", hosts.home, question.path)),
            "exit 1, 0 pinned, asked 5 + 0, login none",
            "on and on",
        ),
        Row {
            other: |hosts, _, _| to(format!("http://{}/v2/back", hosts.home)),
            ..row(
                "back and forth",
                |hosts, _, _| to(format!("http://{}/v2/there", hosts.other)),
                "exit 1, 0 pinned, asked 3 + 2, login none",
                "on and on",
            )
        },
        row(
            "to an address without encryption",
            |_, _, _| to("http://registry.invalid/v2/"),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not followed",
        ),
        row(
            "to a host that hides behind a user",
            |_, _, _| to("http://127.0.0.1:1@registry.invalid/v2/"),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not followed",
        ),
        row(
            "to a host that hides behind a question",
            |_, _, _| to("http://localhost?@registry.invalid/v2/"),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not known now",
        ),
    ];
    let slow = [
        row(
            "bytes one by one",
            |_, _, _| digest().sent(Manner::Dripping(Duration::from_millis(200))),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not known now",
        ),
        row(
            "a body byte by byte",
            |_, question, _| match is_head(question) {
                true => untold(),
                false => Reply::new("200 OK")
                    .body(&" ".repeat(4096))
                    .sent(Manner::Dripping(Duration::from_millis(20))),
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "not known now",
        ),
        row(
            "half a header",
            |_, _, _| digest().sent(Manner::Torn(30)),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "not known now",
        ),
        row(
            "half a manifest",
            |_, question, _| match is_head(question) {
                true => untold(),
                false => Reply::new("200 OK").body(MANIFEST).sent(Manner::Torn(45)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "not known now",
        ),
        Row {
            images: 40,
            ..row(
                "nothing more after the first three",
                |_, _, before| match before {
                    0..3 => digest(),
                    _ => Reply::new("").sent(Manner::Torn(0)),
                },
                "exit 1, 3 pinned, asked few + 0, login none",
                "it had no answer for 3 others",
            )
        },
    ];
    let busy = [
        row(
            "no time, twice",
            |_, _, before| match before {
                0 | 1 => Reply::new("429 Too Many Requests").with("retry-after", "0"),
                _ => digest(),
            },
            "exit 0, 1 pinned, asked 3 + 0, login none",
            "1 image pinned",
        ),
        row(
            "no time, without a word when",
            |_, _, before| match before {
                0 => Reply::new("429 Too Many Requests").with("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"),
                _ => digest(),
            },
            "exit 0, 1 pinned, asked 2 + 0, login none",
            "1 image pinned",
        ),
        Row {
            images: 40,
            ..row(
                "no time before an hour is over",
                |_, _, _| Reply::new("429 Too Many Requests").with("retry-after", "3600"),
                "exit 1, 0 pinned, asked few + 0, login none",
                "it wants to be asked again in 3600 seconds",
            )
        },
    ];
    let gone = [
        row(
            "a tag that goes between the head and the whole",
            |_, question, _| match is_head(question) {
                true => untold(),
                false => Reply::new("404 Not Found"),
            },
            "exit 1, 0 pinned, asked 2 + 0, login none",
            "there is no such tag",
        ),
        row(
            "a tag that is pushed between the head and the whole",
            |_, question, _| match is_head(question) {
                true => untold().with("docker-content-digest", "none yet"),
                false => Reply::new("200 OK").body(MANIFEST),
            },
            "exit 0, 1 pinned, asked 2 + 0, login none",
            "1 image pinned",
        ),
    ];
    let credentials = [
        row(
            "a login for the registry that asks",
            |_, question, _| match question.header("authorization") {
                Some(_) => digest(),
                None => wants("Basic realm=\"x\""),
            },
            "exit 0, 1 pinned, asked 2 + 0, login home",
            "1 image pinned",
        ),
        row(
            "whoever is led to is told nothing",
            |hosts, question, _| match question.header("authorization") {
                Some(_) => to(format!("http://{}/blob", hosts.other)),
                None => wants("Basic realm=\"x\""),
            },
            "exit 0, 1 pinned, asked 2 + 1, login home",
            "1 image pinned",
        ),
        Row {
            other: |_, _, _| wants("Basic realm=\"x\""),
            ..row(
                "whoever is led to asks for a login",
                |hosts, _, _| to(format!("http://{}/blob", hosts.other)),
                "exit 1, 0 pinned, asked 1 + 1, login none",
                "wants a login",
            )
        },
        Row {
            other: |hosts, question, _| match question.path.starts_with("/token") {
                true => Reply::new("200 OK").body("{\"token\": \"letter-of-passage\"}"),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.other)),
            },
            ..row(
                "whoever is led to names an address for tokens",
                |hosts, _, _| to(format!("http://{}/blob", hosts.other)),
                "exit 1, 0 pinned, asked 1 + 1, login none",
                "wants a login",
            )
        },
        row(
            "tokens without encryption",
            |_, _, _| wants("Bearer realm=\"http://tokens.invalid/token\""),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "without encryption",
        ),
        row(
            "tokens of a host that hides behind a user",
            |_, _, _| wants("Bearer realm=\"http://127.0.0.1:1@tokens.invalid/token\""),
            "exit 1, 0 pinned, asked 1 + 0, login none",
            "without encryption",
        ),
        row(
            "tokens that are elsewhere again",
            |hosts, question, _| match question.path.starts_with("/token") {
                true => to(format!("http://{}/token", hosts.other)),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.home)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login home",
            "wants a login",
        ),
        row(
            "tokens that are a page",
            |hosts, question, _| match question.path.starts_with("/token") {
                true => Reply::new("200 OK").body("<html>"),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.home)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login home",
            "answered something else",
        ),
        row(
            "tokens without an end",
            |hosts, question, _| match question.path.starts_with("/token") {
                true => Reply::new("200 OK").sent(Manner::Endless(HUGE)),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.home)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login home",
            "not known now",
        ),
        row(
            "a token that nobody takes",
            |hosts, question, _| match question.path.starts_with("/token") {
                true => Reply::new("200 OK").body("{\"token\": \"letter-of-passage\"}"),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.home)),
            },
            "exit 1, 0 pinned, asked 3 + 0, login home",
            "wants a login",
        ),
        row(
            "a token with a line of its own in it",
            |hosts, question, _| match question.path.starts_with("/token") {
                true => Reply::new("200 OK").body("{\"token\": \"a\\r\\nx-more: b\"}"),
                false => wants(format!("Bearer realm=\"http://{}/token\"", hosts.home)),
            },
            "exit 1, 0 pinned, asked 2 + 0, login home",
            "not known now",
        ),
    ];
    let mut all = Vec::new();
    all.extend(lies);
    all.extend(astray);
    all.extend(slow);
    all.extend(busy);
    all.extend(gone);
    all.extend(credentials);
    all
}

/// Two servers that know each other.
fn start(home: Answer, other: Answer) -> [Stub; 2] {
    let hosts: Arc<OnceLock<Hosts>> = Arc::default();
    let both = [home, other].map(|answer| {
        let hosts = hosts.clone();
        Stub::start(move |question, before| answer(hosts.get().unwrap(), question, before))
    });
    let addresses = Hosts { home: both[0].address.clone(), other: both[1].address.clone() };
    assert!(hosts.set(addresses).is_ok());
    both
}

fn was_told(stub: &Stub) -> bool {
    stub.asked().iter().any(|question| question.header("authorization").is_some())
}

/// How the pod of each image stands, whose digest nobody but the registry says.
fn pinned(folder: &Folder, images: usize, before: &[String]) -> Result<usize, String> {
    let mut count = 0;
    for (at, before) in before.iter().enumerate().take(images) {
        let now = folder.read(&format!("{at}.yaml"));
        let (image, digest) = now.trim_end().split_once("@sha256:").unwrap_or((now.trim_end(), ""));
        match digest.len() {
            0 if now == *before => {}
            64 if image == before.trim_end() => count += 1,
            _ => return Err(format!("a file is half of something: {now}")),
        }
    }
    Ok(count)
}

#[test]
fn whatever_registries_do_is_told_and_nothing_else_happens() {
    let mut wrong = Vec::new();
    for Row { name, home, other, images, seen, says } in rows() {
        let [home, other] = start(home, other);
        let folder = Folder::new();
        let tag = |at: usize| pod(&format!("{}/team/app:v1.2.{at}", home.address));
        let before: Vec<String> = (0..images).map(tag).collect();
        for (at, text) in before.iter().enumerate() {
            folder.write(&format!("{at}.yaml"), text.as_bytes());
        }
        login(&folder, &home.address);
        let output = folder.run(&["pin", "--timeout", "2"]);
        let count = pinned(&folder, images, &before);
        let lock = std::fs::read_to_string(folder.0.join("pintle.lock")).unwrap_or_default();
        let asked = home.asked().len();
        // Six are asked at once, and a connection that was kept may be tried twice: how many, the clock decides.
        let asked = if images > 1 && asked < images / 2 { "few".into() } else { asked.to_string() };
        let login = match [was_told(&home), was_told(&other)] {
            [false, false] => "none",
            [true, false] => "home",
            _ => "other",
        };
        let is = match &count {
            Ok(count) => format!(
                "exit {}, {count} pinned, asked {asked} + {}, login {login}",
                output.status.code().unwrap_or(-1),
                other.asked().len()
            ),
            Err(why) => why.clone(),
        };
        let said = told(&output);
        let mut line = |what: String| wrong.push(format!("{name}: {what}\n{said}"));
        if is != seen {
            line(format!("`{is}` and must be `{seen}`"));
        }
        if !said.contains(says) {
            line(format!("`{says}` is not told"));
        }
        if said.contains("not-a-password") || said.contains("dXNlcjpub3Q") || said.contains("of-passage") {
            line("a login is told".into());
        }
        if lock.matches("\nimage ").count() != count.unwrap_or_default() {
            line(format!("the lock is\n{lock}"));
        }
        if home.sent() > TAKEN {
            line(format!("{} bytes of an answer were taken", home.sent()));
        }
    }
    assert!(wrong.is_empty(), "{} rows do not hold:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Servers of git are told no login at all, whoever they are and wherever they lead.
#[test]
fn servers_of_git_are_told_no_login() {
    let rows: [(&str, Answer, &str); 4] = [
        ("wants one", |_, _, _| wants("Basic realm=\"x\""), "exit 1, asked 1 + 0"),
        (
            "leads elsewhere",
            |hosts, question, _| to(format!("http://{}{}", hosts.other, question.path)),
            "exit 0, asked 1 + 2",
        ),
        (
            "drips",
            |_, _, _| Reply::new("200 OK").sent(Manner::Dripping(Duration::from_millis(200))),
            "exit 1, asked 1 + 0",
        ),
        (
            "is torn",
            |_, _, _| Reply::new("200 OK").body("0000").sent(Manner::Torn(42)),
            "exit 1, asked 1 + 0",
        ),
    ];
    for (name, home, seen) in rows {
        let [home, other] = start(home, |_, question, before| crate::stub::says_of_all(question, before));
        let folder = Folder::new();
        let text = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n";
        folder.write(".github/workflows/a.yaml", text.as_bytes());
        login(&folder, &home.address);
        let mirror = format!("github.com={}", home.address);
        let output = folder.run(&["pin", "--timeout", "1", "--mirror", &mirror]);
        let is = format!(
            "exit {}, asked {} + {}",
            output.status.code().unwrap_or(-1),
            home.asked().len(),
            other.asked().len()
        );
        assert_eq!(is, seen, "{name}: {}", told(&output));
        assert!(!was_told(&home) && !was_told(&other), "{name}");
    }
}
