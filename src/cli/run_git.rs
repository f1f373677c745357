//! Runs the `git` binary, with everything switched off that a configuration could make it run in turn, and without
//! locks.

use super::Failure;
use super::terminal::reason;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The contents of some blobs, in order.
pub(super) fn blobs(root: &Path, wanted: &[(usize, String)]) -> Result<Vec<Vec<u8>>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut blobs = Blobs::open(root)?;
    wanted.iter().map(|(_, hash)| blobs.read(hash)).collect()
}

/// Runs git and gives what it printed.
pub(super) fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let ran = command(root, arguments).output();
    let ran = ran.map_err(|error| Failure::new(format!("cannot run git: {}", reason(&error))))?;
    if ran.status.success() {
        return Ok(ran.stdout);
    }
    let said = text(&ran.stderr);
    let said = said.trim().lines().last().unwrap_or("it says nothing");
    Err(Failure::new(format!("git {}: {said}", arguments.first().unwrap_or(&""))))
}

pub(super) fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(root)
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args(arguments);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Names with a NUL behind each.
pub(super) fn names(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty()).map(text)
}

/// A running `git cat-file --batch`.
#[derive(Debug)]
pub(super) struct Blobs {
    child: Child,
    /// Nothing once it is closed, which ends the child.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Blobs {
    pub(super) fn open(root: &Path) -> Result<Blobs, Failure> {
        let mut command = command(root, &["cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| Failure::new("cannot read from git: it has no output"))?;
        Ok(Blobs { child, input, output: BufReader::new(output) })
    }

    /// The content of a blob.
    pub(super) fn read(&mut self, hash: &str) -> Result<Vec<u8>, Failure> {
        let Some(input) = &mut self.input else {
            return Err(Failure::new("cannot read from git: it has no input"));
        };
        // One question at a time: the pipe might not hold more.
        writeln!(input, "{hash}").and_then(|()| input.flush()).map_err(failed)?;
        let mut header = String::new();
        self.output.read_line(&mut header).map_err(failed)?;
        let size = header.trim().rsplit(' ').next().and_then(|size| size.parse().ok());
        let size: usize = size.ok_or_else(|| Failure::new(format!("git does not have the blob {hash}")))?;
        let mut content = vec![0; size + 1];
        self.output.read_exact(&mut content).map_err(failed)?;
        content.pop();
        Ok(content)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(self.input.take());
        // It has nothing left to say, and how it ends changes nothing.
        _ = self.child.wait();
    }
}

fn failed(error: io::Error) -> Failure {
    Failure::new(format!("cannot read from git: {}", reason(&error)))
}
