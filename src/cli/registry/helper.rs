//! Programs that hold logins: `docker-credential-NAME get`, which the files of credentials name, never a repository. It is told
//! the address of a registry and answers with a login, within bounds of time and bytes.

use crate::cli::door::variable;
use crate::cli::run_git::absolute_only;
use crate::limits::HELPER;
use crate::text::base64;
use serde_json::Value;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How often it is looked whether the program has ended, within its time.
const LOOKS: u32 = 200;

/// Whoever has a token for somebody else's service says this for a name: it is no login of a registry.
const NO_NAME: &str = "<token>";

/// `user:password` in base64, as the program of this name has it for an address.
pub(super) fn login(name: &str, address: &str, patience: Duration) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_plain) {
        return None;
    }
    let answer: Value = serde_json::from_slice(&run(name, address, patience)?).ok()?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (user, secret) = (text("Username").filter(|user| *user != NO_NAME)?, text("Secret")?);
    Some(base64(format!("{user}:{secret}").as_bytes()))
}

fn run(name: &str, address: &str, patience: Duration) -> Option<Vec<u8>> {
    let mut child = start(name)?;
    // Nobody waits for this thread: a program may leave another one behind that holds its output open for ever.
    let (said, heard) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::Builder::new()
            .spawn(move || {
                let mut bytes = Vec::new();
                let is_whole =
                    output.take(HELPER).read_to_end(&mut bytes).is_ok_and(|length| (length as u64) < HELPER);
                _ = said.send(is_whole.then_some(bytes));
            })
            .ok()?;
    }
    if let Some(mut input) = child.stdin.take() {
        // It may have ended without reading.
        _ = input.write_all(address.as_bytes());
    }
    let bytes = heard.recv_timeout(patience).ok().flatten();
    let has_answered = bytes.is_some() && ends_well(&mut child, patience);
    if !has_answered {
        _ = child.kill();
        _ = child.wait();
    }
    bytes.filter(|_| has_answered)
}

/// Whether a program whose output has ended does so too, with success.
fn ends_well(child: &mut Child, patience: Duration) -> bool {
    for _ in 0..LOOKS {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(patience / LOOKS),
            Err(_) => return false,
        }
    }
    false
}

#[allow(clippy::disallowed_methods)] // by a name without a path, from folders that the user has named
fn start(name: &str) -> Option<Child> {
    let mut command = Command::new(format!("docker-credential-{name}"));
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(path) = variable("PATH") {
        command.env("PATH", absolute_only(&path));
    }
    command.spawn().ok()
}
