//! What pintle writes into files: `lint --fix` and `pin`, by tables of files as they were and as they must become, and `pin`
//! against registries of the test's own that lie, refuse and give up.
//!
//! ```text
//! == a tag in a scalar
//! -- pod.yaml
//! image: nginx:1.27«→@DIGEST»
//! ```
//!
//! `«a→b»` is `a` before and `b` after; whatever is not between these signs stays to the byte. `DIGEST` is what the registry
//! says of every tag, `HEX` its digits, and `COMMIT` what a server of git says. A line `> text` says that the run must tell this, `! text` that it must not. A second
//! run must change nothing.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stderr, clippy::unwrap_used)]

mod content;
mod faults;
#[cfg(unix)]
mod helpers;
mod interrupted;
mod newer;
mod real;
mod registry;
#[path = "../skipped/mod.rs"]
mod skipped;
mod stub;
mod verify;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pintle-mending-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Runs pintle with this folder for the repository, and without anybody's credentials.
    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    /// The same with these variables.
    fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(arguments).args(["--root", "."]).current_dir(&self.0);
        for name in ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "CI"]
        {
            command.env_remove(name);
        }
        command.env("HOME", self.0.join("nobody")).envs(variables.iter().copied()).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

struct Case {
    name: String,
    files: Vec<(String, String)>,
    tells: Vec<String>,
    never: Vec<String>,
}

fn cases(table: &str) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    for line in table.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            out.push(Case { name: name.into(), files: Vec::new(), tells: Vec::new(), never: Vec::new() });
            continue;
        }
        let Some(case) = out.last_mut() else { continue };
        if let Some(name) = line.strip_prefix("-- ") {
            case.files.push((name.into(), String::new()));
        } else if let Some(text) = line.strip_prefix("> ") {
            case.tells.push(text.into());
        } else if let Some(text) = line.strip_prefix("! ") {
            case.never.push(text.into());
        } else if let Some((_, text)) = case.files.last_mut() {
            text.push_str(&line.replace("{cr}", "\r"));
            text.push('\n');
        }
    }
    out
}

/// One side of a text: as it was, or as it must become.
fn side(text: &str, after: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once('«') {
        let (inner, behind) = marked.split_once('»').expect("an end of `«`");
        let (was, is) = inner.split_once('→').expect("`→` between `«` and `»`");
        out.push_str(before);
        out.push_str(if after { is } else { was });
        rest = behind;
    }
    out.push_str(rest);
    let hex = stub::DIGEST.trim_start_matches("sha256:");
    out.replace("\\n", "\n")
        .replace("DIGEST", stub::DIGEST)
        .replace("HEX", hex)
        .replace("COMMIT", stub::COMMIT)
}

/// Holds a table: what each case becomes, and that nothing is left to do.
fn hold(table: &str, arguments: &[&str], least: usize) {
    let cases = cases(table);
    assert!(cases.len() >= least, "the table has {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let folder = Folder::new();
        for (name, text) in &case.files {
            folder.write(name, side(text, false).as_bytes());
        }
        let first = told(&folder.run(arguments));
        let mut says = Vec::new();
        for (name, text) in &case.files {
            let (want, is) = (side(text, true), folder.read(name));
            if is != want {
                says.push(format!("{name} is\n{is}and must be\n{want}"));
            }
        }
        let again = told(&folder.run(arguments));
        says.extend(
            case.files
                .iter()
                .filter(|(name, text)| folder.read(name) != side(text, true))
                .map(|(name, _)| format!("a second run leaves {name} as\n{}", folder.read(name))),
        );
        says.extend(
            case.tells
                .iter()
                .filter(|text| !first.contains(*text))
                .map(|text| format!("does not tell `{text}`")),
        );
        says.extend(
            case.never.iter().filter(|text| first.contains(*text)).map(|text| format!("tells `{text}`")),
        );
        if !says.is_empty() {
            wrong.push(format!("{}\n{}\n{first}{again}", case.name, says.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases do not hold:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn fixes_mend() {
    hold(include_str!("fix.txt"), &["lint", "--fix", "--unsafe", "--fail-on", "never", "-o", "concise"], 10);
}

#[test]
fn safe_fixes_alone_are_made_unasked() {
    let folder = Folder::new();
    folder.write("class.yaml", CLASS.as_bytes());
    folder.run(&["lint", "--fix"]);
    assert_eq!(folder.read("class.yaml"), CLASS);
    folder.run(&["lint", "--fix", "--unsafe"]);
    assert_eq!(folder.read("class.yaml"), CLASS.replace("Delete", "Retain"));
}

const CLASS: &str = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: local-ssd}\nprovisioner: rancher.io/local-path\nreclaimPolicy: Delete\n---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: main}\nspec:\n  instances: 3\n  storage: {size: 20Gi, storageClass: local-ssd}\n";

#[test]
fn a_diff_is_shown_and_nothing_written() {
    let folder = Folder::new();
    let text = "image:\n  repository: ghcr.io/acme/web\n  tag: 1.10\n";
    folder.write("values.yaml", text.as_bytes());
    let output = folder.run(&["lint", "--diff"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let want = "--- a/values.yaml\n+++ b/values.yaml\n@@ -1,3 +1,3 @@\n image:\n   repository: ghcr.io/acme/web\n-  tag: 1.10\n+  tag: \"1.10\"\n";
    assert_eq!(said, want);
    assert_eq!(folder.read("values.yaml"), text);
}

#[test]
fn a_diff_covers_secrets() {
    let folder = Folder::new();
    let value = format!("{}{}", "Kq83nf9aLz", "0Wv5pXr2");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: web\n      env: [{{name: DB_PASSWORD, value: {value}}}]\n      image: ghcr.io/acme/web:1.2.3@{}\n",
        stub::DIGEST.replace("sha256:", "SHA256:").to_uppercase().replace("SHA256", "sha256")
    );
    folder.write("pod.yaml", text.as_bytes());
    let said = told(&folder.run(&["lint", "--diff"]));
    assert!(said.contains("+      image:"), "{said}");
    assert!(!said.contains(&value), "{said}");
}

#[test]
fn one_finding_is_mended_by_its_place() {
    let folder = Folder::new();
    let text = "web:\n  image:\n    repository: ghcr.io/acme/web\n    tag: 1.10\napi:\n  image:\n    repository: ghcr.io/acme/api\n    tag: 1.20\n";
    folder.write("values.yaml", text.as_bytes());
    let output = folder.run(&["fix", "values.yaml:8:image-tag-number"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(folder.read("values.yaml"), text.replace("1.20", "\"1.20\""));
    let output = folder.run(&["fix", "values.yaml:4:image-tag-may-move"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
}

#[test]
fn images_are_pinned() {
    let stub = stub::Stub::start(stub::says_of_all);
    let mirror = format!("*={}", stub.address);
    hold(include_str!("pin.txt"), &["pin", "--mirror", &mirror], 40);
}

#[test]
fn actions_are_pinned() {
    let stub = stub::Stub::start(stub::says_of_all);
    let mirror = format!("*={}", stub.address);
    hold(include_str!("actions.txt"), &["pin", "--mirror", &mirror], 12);
}

/// The lock is enough: another machine makes the same bytes of it without any registry.
#[test]
fn a_lock_pins_without_a_registry() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: ghcr.io/acme/web:1.2.3}]\n";
    let (first, second) = (Folder::new(), Folder::new());
    first.write("pod.yaml", pod.as_bytes());
    second.write("pod.yaml", pod.as_bytes());
    let stub = stub::Stub::start(stub::says_of_all);
    first.run(&["pin", "--mirror", &format!("*={}", stub.address), "--lock-only"]);
    assert_eq!(first.read("pod.yaml"), pod);
    second.write("pintle.lock", first.read("pintle.lock").as_bytes());
    assert_eq!(second.run(&["pin", "--offline"]).status.code(), Some(0));
    assert_eq!(second.read("pod.yaml"), pod.replace("1.2.3", &format!("1.2.3@{}", stub::DIGEST)));
    assert_eq!(second.read("pintle.lock"), first.read("pintle.lock"));
    // `lint --fix` takes what the lock has, too, and asks nobody.
    let asked = stub.asked().len();
    second.write("pod.yaml", pod.as_bytes());
    let output = second.run(&["lint", "--fix"]);
    assert_eq!(second.read("pod.yaml"), pod.replace("1.2.3", &format!("1.2.3@{}", stub::DIGEST)));
    assert_eq!((output.status.code(), stub.asked().len()), (Some(0), asked), "{}", told(&output));
}

/// A file whose bytes are not its text is left alone, and so is the mark of byte order.
#[test]
fn encodings_stay() {
    let text = "image:\n  repository: ghcr.io/acme/web\n  tag: 1.10\n";
    let folder = Folder::new();
    folder.write("marked/values.yaml", format!("\u{feff}{text}").as_bytes());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [vec![0xff, 0xfe], wide].concat();
    folder.write("wide/values.yaml", &wide);
    let output = folder.run(&["lint", "--fix", "--fail-on", "never"]);
    assert_eq!(folder.read("marked/values.yaml"), format!("\u{feff}{}", text.replace("1.10", "\"1.10\"")));
    assert_eq!(fs::read(folder.0.join("wide/values.yaml")).unwrap(), wide);
    assert_eq!(output.status.code(), Some(2), "what could not be written is told: {}", told(&output));
}
