//! Programs that hold logins: which one is asked, what it is told, and what becomes of answers that are none.

use crate::registry::pod;
use crate::stub::{Question, Reply, Stub, digest};
use crate::{Folder, told};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// What the right login is in a header: no real one.
const LOGIN: &str = "Basic dXNlcjpub3QtYS1wYXNzd29yZA==";

const ANSWER: &str = r#"echo '{"ServerURL": "x", "Username": "user", "Secret": "not-a-password"}'"#;

fn registry() -> Stub {
    Stub::start(|question: &Question, _| match question.header("authorization") {
        Some(LOGIN) => digest(),
        _ => Reply::new("401 Unauthorized").with("www-authenticate", "Basic realm=\"x\""),
    })
}

/// A program that notes what it is told, and then does this.
fn program(folder: &Folder, path: &str, script: &str) {
    let log = folder.0.join("asked");
    let text = format!("#!/bin/sh\n{{ echo \"$1\"; cat; echo; }} >> '{}'\n{script}\n", log.display());
    folder.write(path, text.as_bytes());
    fs::set_permissions(folder.0.join(path), fs::Permissions::from_mode(0o755)).unwrap();
}

/// `HOST` is the registry, `LOGIN` a login in the file itself.
fn run(folder: &Folder, stub: &Stub, configuration: &str) -> std::process::Output {
    folder.write("pod.yaml", pod(&format!("{}/team/app:v1", stub.address)).as_bytes());
    let login = LOGIN.trim_start_matches("Basic ");
    let text = configuration.replace("HOST", &stub.address).replace("LOGIN", login);
    folder.write("nobody/.docker/config.json", text.as_bytes());
    let path = format!("bin:{}:{}", folder.0.join("tools").display(), std::env::var("PATH").unwrap());
    folder.run_with(&["pin", "--timeout", "2"], &[("PATH", &path)])
}

#[test]
fn programs_are_asked_for_logins() {
    // What the file says, what the program does, whether the image is pinned, and whether the program was asked.
    let rows: [(&str, &str, bool, bool); 13] = [
        (r#"{"credHelpers": {"HOST": "test"}}"#, ANSWER, true, true),
        (r#"{"credsStore": "test"}"#, ANSWER, true, true),
        (r#"{"credHelpers": {"other.example": "test"}}"#, ANSWER, false, false),
        (r#"{"credHelpers": {"HOST": "none"}, "credsStore": "test"}"#, ANSWER, false, false),
        (
            r#"{"credsStore": "test", "auths": {"HOST": {"auth": "LOGIN"}}}"#,
            "echo 'credentials not found'; exit 1",
            true,
            true,
        ),
        (r#"{"credsStore": "test"}"#, "exit 1", false, true),
        (r#"{"credsStore": "test"}"#, "echo '<html>'", false, true),
        (
            r#"{"credsStore": "test"}"#,
            r#"echo '{"Username": "<token>", "Secret": "not-a-password"}'"#,
            false,
            true,
        ),
        (r#"{"credsStore": "test"}"#, "exec sleep 60", false, true),
        (
            r#"{"credsStore": "test"}"#,
            "while :; do echo 0123456789012345678901234567890123456789; done",
            false,
            true,
        ),
        // It leaves somebody behind who holds its output open.
        (r#"{"credsStore": "test"}"#, "sleep 9 & exit 0", false, true),
        (r#"{"credsStore": "../tools/docker-credential-test"}"#, ANSWER, false, false),
        (r#"{"credsStore": 7, "credHelpers": []}"#, ANSWER, false, false),
    ];
    for (configuration, script, pinned, asked) in rows {
        let (stub, folder) = (registry(), Folder::new());
        program(&folder, "tools/docker-credential-test", script);
        let output = run(&folder, &stub, configuration);
        let name = format!("{configuration} {script}: {}", told(&output));
        assert_eq!(folder.read("pod.yaml").contains("@sha256:"), pinned, "{name}");
        let log = fs::read_to_string(folder.0.join("asked")).unwrap_or_default();
        let want = if asked { format!("get\n{}\n", stub.address) } else { String::new() };
        assert_eq!(log, want, "{name}");
        assert!(!told(&output).contains("not-a-password"), "{name}");
    }
}

/// A program in the repository is none, though the search path begins there.
#[test]
fn no_program_of_the_repository_is_run() {
    let (stub, folder) = (registry(), Folder::new());
    program(&folder, "bin/docker-credential-test", ANSWER);
    let output = run(&folder, &stub, r#"{"credsStore": "test"}"#);
    assert!(!folder.read("pod.yaml").contains("@sha256:"), "{}", told(&output));
    assert!(!folder.0.join("asked").exists());
}

/// A registry that asks nobody for a login is no reason to ask the program; and many images of one registry are one question.
#[test]
fn a_program_is_asked_once_and_only_if_needed() {
    for (needs, number) in [(true, 1), (false, 0)] {
        let stub = Stub::start(move |question: &Question, _| match question.header("authorization") {
            None if needs => Reply::new("401 Unauthorized").with("www-authenticate", "Basic realm=\"x\""),
            _ => digest(),
        });
        let folder = Folder::new();
        program(&folder, "tools/docker-credential-test", ANSWER);
        for at in 0..12 {
            folder
                .write(&format!("{at}.yaml"), pod(&format!("{}/team/app-{at}:v1", stub.address)).as_bytes());
        }
        let output = run(&folder, &stub, r#"{"credHelpers": {"HOST": "test"}}"#);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let log = fs::read_to_string(folder.0.join("asked")).unwrap_or_default();
        assert_eq!(log.matches("get").count(), number, "{log}");
    }
}
