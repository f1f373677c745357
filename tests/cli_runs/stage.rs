//! A folder with files in it, and the binary run in it.

#[path = "../skipped/mod.rs"]
pub(crate) mod skipped;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A pod whose image floats: one error.
pub(crate) const BAD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: nginx:latest\n";

/// A pod with nothing wrong.
pub(crate) const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: nginx:1.27.3@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496\n";

/// A folder of its own outside any repository; gone when dropped.
pub(crate) struct Stage {
    pub(crate) root: PathBuf,
}

static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Stage {
    pub(crate) fn new(files: &[(&str, &str)]) -> Stage {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("pintle-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let stage = Stage { root: fs::canonicalize(root).unwrap() };
        for (name, text) in files {
            stage.write(name, text.as_bytes());
        }
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        // `CI` makes a run stricter: what these tests see may not depend on where they are run.
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM_PROGRAM", "VTE_VERSION", "CI"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let written = child.stdin.take().unwrap().write_all(input.as_bytes());
        // Who refuses its arguments ends before it reads.
        assert!(written.is_ok() || written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe));
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Runs git in the folder; nothing if there is no git.
    pub(crate) fn git(&self, arguments: &[&str]) -> Option<String> {
        let quiet = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        let ran = Command::new("git").args(quiet).args(arguments).current_dir(&self.root).output();
        let Ok(ran) = ran else {
            skipped::skipped("there is no git here");
            return None;
        };
        assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        Some(String::from_utf8(ran.stdout).unwrap())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Whether this user may read everything, so that permissions cannot be tested.
pub(crate) fn is_root(stage: &Stage) -> bool {
    use std::os::unix::fs::PermissionsExt;
    stage.write("locked", b"");
    let path: &Path = &stage.path("locked");
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    let readable = fs::read(path).is_ok();
    fs::remove_file(path).unwrap();
    readable
}
