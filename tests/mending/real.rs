//! A registry that others wrote, Debian's `docker-registry`, on loopback: pins against it, from the first digest to the
//! image that is gone. Skipped, and counted as such, where it is not installed.

use crate::content::{INDEX, Image, MANIFEST, index, sha256};
use crate::skipped::skipped;
use crate::stub::{Reply, Stub};
use crate::{Folder, told};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PROGRAM: &str = "docker-registry";

/// How often it is looked whether a registry listens by now, twenty times a second.
const LOOKS: usize = 400;

/// Who may pull where a login is wanted: no real one.
const USER: &str = "reader";
const WORD: &str = "not-a-password";

/// A registry that ends with the test.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts one over what is below a folder; `auth` is its section of the configuration.
    fn start(folder: &Path, name: &str, auth: &str) -> Server {
        // A port that nobody listens on: it was given back.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\nhttp: {{addr: '{address}', secret: of-a-test}}\n{auth}",
            folder.join("storage").display()
        );
        let file = folder.join(format!("{name}.yml"));
        fs::write(&file, text).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server { child: command.spawn().unwrap(), address };
        let listens = (0..LOOKS).any(|_| {
            thread::sleep(Duration::from_millis(50));
            TcpStream::connect(&server.address).is_ok()
        });
        assert!(listens, "{PROGRAM} does not listen on {}", server.address);
        server
    }

    /// One question; gives the status and the headers.
    fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        (status, answer)
    }

    fn push_blob(&self, repository: &str, text: &str) {
        let (status, answer) =
            self.ask("POST", &format!("/v2/{repository}/blobs/uploads/"), "text/plain", "");
        assert_eq!(status, 202, "{answer}");
        let header = answer.lines().find_map(|line| {
            line.split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("location"))
                .map(|(_, at)| at.trim())
        });
        let at = header.unwrap().trim_start_matches(&format!("http://{}", self.address)).to_owned();
        let path = format!("{at}&digest={}", sha256(text.as_bytes()));
        let (status, answer) = self.ask("PUT", &path, "application/octet-stream", text);
        assert_eq!(status, 201, "{answer}");
    }

    fn push_manifest(&self, repository: &str, reference: &str, kind: &str, text: &str) {
        let path = format!("/v2/{repository}/manifests/{reference}");
        let (status, answer) = self.ask("PUT", &path, kind, text);
        assert_eq!(status, 201, "{answer}");
    }

    /// Pushes an index of two platforms under a tag.
    fn push(&self, repository: &str, tag: &str, seed: &str) -> (String, Vec<Image>) {
        let images = ["linux/amd64", "linux/arm64"]
            .map(|platform| Image::new(platform, &format!("{seed} {platform}")));
        for image in &images {
            self.push_blob(repository, &image.configuration);
            self.push_blob(repository, &image.layer);
            self.push_manifest(repository, &image.digest(), MANIFEST, &image.manifest);
        }
        let text = index(&images);
        self.push_manifest(repository, tag, INDEX, &text);
        (sha256(text.as_bytes()), images.to_vec())
    }

    fn delete(&self, repository: &str, digest: &str) {
        let (status, answer) =
            self.ask("DELETE", &format!("/v2/{repository}/manifests/{digest}"), "text/plain", "");
        assert_eq!(status, 202, "{answer}");
    }
}

/// Says aloud, on a line of its own, that there is nothing to try with.
fn is_skipped() -> bool {
    let is_there = Command::new(PROGRAM).arg("--version").output().is_ok();
    if !is_there {
        skipped(format!("a real registry; {PROGRAM} is not installed (apt-get install docker-registry)"));
    }
    !is_there
}

fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      image: {image}\n"
    )
}

#[test]
fn a_pin_is_followed_through_a_real_registry() {
    if is_skipped() {
        return;
    }
    let storage = Folder::new();
    let server = Server::start(&storage.0, "open", "");
    let mirror = format!("*={}", server.address);
    let (first, children) = server.push("team/app", "v1.0.0", "first");
    let folder = Folder::new();
    folder.write("pod.yaml", pod("ghcr.io/team/app:v1.0.0").as_bytes());
    let verify = |text: &str, says: &str| {
        let output = folder.run(&["verify", "-o", "concise", "--mirror", &mirror]);
        let said = told(&output);
        let rules: Vec<&str> =
            said.lines().filter_map(|line| line.split('[').nth(1)?.split(']').next()).collect();
        assert_eq!(rules.join(" "), says, "{text}: {said}");
    };
    let pin = |more: &[&str]| told(&folder.run(&[&["pin", "--mirror", &mirror], more].concat()));
    let said = pin(&[]);
    let pinned = |digest: &str| pod(&format!("ghcr.io/team/app:v1.0.0@{digest}"));
    assert_eq!(folder.read("pod.yaml"), pinned(&first), "{said}");
    verify("pinned", "");

    let (second, _) = server.push("team/app", "v1.0.0", "second");
    assert_ne!(first, second);
    verify("pushed again", "image-tag-moved");
    pin(&[]);
    assert_eq!(folder.read("pod.yaml"), pinned(&first), "a pin stays a pin");
    let said = pin(&["--update"]);
    assert_eq!(folder.read("pod.yaml"), pinned(&second), "{said}");
    verify("updated", "");

    let (third, children_of_third) = server.push("team/app", "v1.0.0", "third");
    for (text, digest, says) in [
        ("an image of the index", children_of_third[0].digest(), "image-digest-single-platform"),
        (
            "an image of the index before",
            children[0].digest(),
            "image-tag-moved image-digest-single-platform",
        ),
        ("a configuration", sha256(children_of_third[0].configuration.as_bytes()), "image-digest-of-config"),
        // This registry says of a blob that it has no time, where it has no manifest of that digest.
        ("a layer", sha256(children_of_third[0].layer.as_bytes()), "registry"),
        ("nothing", sha256(b"nothing"), "image-digest-gone"),
        ("the index", third.clone(), ""),
    ] {
        folder.write("pod.yaml", pinned(&digest).as_bytes());
        fs::remove_file(folder.0.join("pintle.lock")).ok();
        verify(text, says);
    }
    server.delete("team/app", &third);
    verify("deleted", "image-digest-gone");
    folder.write("pod.yaml", pinned(&first).as_bytes());
    verify("its tag was deleted", "image-tag-gone");
    folder.write("pod.yaml", pod("ghcr.io/team/app:v1.0.0").as_bytes());
    assert!(pin(&[]).contains("no such tag"));
}

/// A hash of the word as `htpasswd` makes it; nothing without Perl, which Debian always has.
fn hash_of_word() -> Option<String> {
    let script = format!("print crypt('{WORD}', '$2y$05$' . 'a' x 22)");
    let output = Command::new("perl").args(["-e", &script]).output().ok()?;
    let hash = String::from_utf8(output.stdout).ok()?;
    hash.starts_with("$2y$").then_some(hash)
}

#[test]
fn a_real_registry_takes_basic_logins() {
    if is_skipped() {
        return;
    }
    let Some(hash) = hash_of_word() else {
        skipped("basic logins at a real registry; there is no perl to make a hash of them");
        return;
    };
    let storage = Folder::new();
    storage.write("users", format!("{USER}:{hash}\n").as_bytes());
    let open = Server::start(&storage.0, "open", "");
    let auth = format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", storage.0.join("users").display());
    let closed = Server::start(&storage.0, "closed", &auth);
    let (digest, _) = open.push("team/app", "v1.0.0", "behind a login");
    let folder = Folder::new();
    folder.write("pod.yaml", pod("ghcr.io/team/app:v1.0.0").as_bytes());
    let mirror = format!("*={}", closed.address);
    let output = folder.run(&["pin", "--mirror", &mirror]);
    assert!(told(&output).contains("wants a login"), "{}", told(&output));
    let login = base64(format!("{USER}:{WORD}"));
    let file = format!("{{\"auths\": {{\"{}\": {{\"auth\": \"{login}\"}}}}}}", closed.address);
    folder.write("nobody/.docker/config.json", file.as_bytes());
    let output = folder.run(&["pin", "--mirror", &mirror]);
    assert!(folder.read("pod.yaml").contains(&digest), "{}", told(&output));
    let output = folder.run(&["verify", "--mirror", &mirror, "--fail-on-blind"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

/// `base64url` is the same with two other signs, and without padding.
fn base64(text: impl AsRef<[u8]>) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_ref().chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at)) as usize & 63] as char;
            out.push(if at <= three.len() { sign } else { '=' });
        }
    }
    out
}

fn base64_url(text: impl AsRef<[u8]>) -> String {
    base64(text).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Runs openssl in a folder; nothing if it is not there.
fn openssl(folder: &Folder, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(arguments).current_dir(&folder.0).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// Whoever pulls gets a token by what the registry asks for, and the registry believes it by its signature.
#[test]
fn a_real_registry_takes_tokens() {
    if is_skipped() {
        return;
    }
    let storage = Folder::new();
    let request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=test";
    if openssl(&storage, &request.split(' ').collect::<Vec<_>>()).is_none() {
        skipped("tokens at a real registry; there is no openssl to sign them");
        return;
    }
    let certificate: String =
        storage.read("cert.pem").lines().filter(|line| !line.starts_with("--")).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let head = base64_url(format!("{{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"{certificate}\"]}}"));
    let claims = base64_url(format!(
        "{{\"iss\":\"tests\",\"sub\":\"\",\"aud\":\"shelf\",\"exp\":{},\"nbf\":{},\"iat\":{now},\"jti\":\"1\",\"access\":[{{\"type\":\"repository\",\"name\":\"team/app\",\"actions\":[\"pull\"]}}]}}",
        now + 3600,
        now - 60
    ));
    storage.write("signed", format!("{head}.{claims}").as_bytes());
    let signature = openssl(&storage, &["dgst", "-sha256", "-sign", "key.pem", "signed"]).unwrap();
    let token = format!("{head}.{claims}.{}", base64_url(signature));
    let tokens = Stub::start(move |_, _| Reply::new("200 OK").body(&format!("{{\"token\": \"{token}\"}}")));
    let auth = format!(
        "auth: {{token: {{realm: 'http://{}/token', service: shelf, issuer: tests, rootcertbundle: {}}}}}\n",
        tokens.address,
        storage.0.join("cert.pem").display()
    );
    let open = Server::start(&storage.0, "open", "");
    let closed = Server::start(&storage.0, "closed", &auth);
    let (digest, children) = open.push("team/app", "v1.0.0", "behind a token");
    let folder = Folder::new();
    folder.write("pod.yaml", pod("ghcr.io/team/app:v1.0.0").as_bytes());
    let mirror = format!("*={}", closed.address);
    let output = folder.run(&["pin", "--mirror", &mirror]);
    assert!(folder.read("pod.yaml").contains(&digest), "{}", told(&output));
    assert_eq!(tokens.asked().len(), 1);
    assert!(tokens.asked()[0].path.contains("scope=repository%3Ateam%2Fapp%3Apull"), "{:?}", tokens.asked());
    // What is asked for besides the tag goes with the same token.
    let text = folder.read("pod.yaml").replace(&digest, &children[0].digest());
    folder.write("pod.yaml", text.as_bytes());
    let output = folder.run(&["verify", "-o", "concise", "--mirror", &mirror]);
    assert!(told(&output).contains("image-digest-single-platform"), "{}", told(&output));
    assert_eq!(tokens.asked().len(), 2);
}
