//! Runs the cases of a table, each in a folder of its own, and tells those that do not hold.

use crate::cases::{Case, Line, read};
use crate::skipped;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What hangs for so long will never end. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

const BAD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: nginx:latest\n";

/// How root becomes somebody who may not read everything.
const NOBODY: &str = "--reuid 65534 --clear-groups";

pub(crate) fn binary() -> OsString {
    std::env::var_os("PINTLE_BINARY").unwrap_or(env!("CARGO_BIN_EXE_pintle").into())
}

/// Holds every case of a table against the binary.
pub(crate) fn hold(table: &str, section: &str) {
    let home = std::env::temp_dir().join(format!("pintle-hostile-{section}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&home);
    let (cases, mut wrong, mut skipped) = (read(table), Vec::new(), 0);
    let all = cases.len();
    for (number, case) in cases.into_iter().enumerate() {
        if let Some(missing) = case.needs.iter().find(|need| !is_here(need)) {
            skipped::skipped(format!("{section}: {}: {missing} is not here", case.name));
            skipped += 1;
            continue;
        }
        let mut stage = Stage::new(&home.join(number.to_string()));
        if is_here("root") && case.needs.iter().any(|need| need == "user") {
            stage.become_nobody();
        }
        if let Err(says) = stage.play(&case) {
            wrong.push(format!("{}\n    {}", case.name, says.replace('\n', "\n    ")));
        }
        if wrong.last().is_none_or(|said| !said.starts_with(&case.name)) {
            let _ = fs::remove_dir_all(home.join(number.to_string()));
        }
    }
    eprintln!("{section}: {} of {all} cases hold, {skipped} skipped", all - skipped - wrong.len());
    assert!(wrong.is_empty(), "{} cases of {section} do not hold:\n\n{}", wrong.len(), wrong.join("\n\n"));
    let _ = fs::remove_dir_all(&home);
}

fn is_here(need: &str) -> bool {
    let says = |script: &str| {
        Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|ran| ran.status.success())
    };
    match need {
        "root" => says("test \"$(id -u)\" = 0"),
        // Root may become somebody else, if that one may run the binary.
        "user" => {
            says("test \"$(id -u)\" != 0") || {
                let binary = binary();
                says(&format!("setpriv {NOBODY} test -x '{}'", binary.to_string_lossy()))
            }
        }
        // Others write the options of sed and stat otherwise.
        "gnu" => says("sed --version && stat --version"),
        "linux" => cfg!(target_os = "linux"),
        program => says(&format!("command -v {program}")),
    }
}

/// A folder with `repo`, the repository; `out`, what is elsewhere; and `bin`, where `pintle` is.
struct Stage {
    home: PathBuf,
    /// Whether root runs the scripts as somebody else.
    is_nobody: bool,
}

/// How a script ended, and all that it said.
struct Seen {
    code: i32,
    said: String,
}

impl Stage {
    fn new(home: &Path) -> Stage {
        for folder in ["repo", "out", "bin", "home"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        let home = fs::canonicalize(home).unwrap();
        fs::write(home.join("bad.yaml"), BAD).unwrap();
        let good = BAD.replace(
            ":latest",
            ":1.27.3@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496",
        );
        fs::write(home.join("good.yaml"), good).unwrap();
        std::os::unix::fs::symlink(binary(), home.join("bin/pintle")).unwrap();
        let commit = home.join("bin/commit");
        fs::write(&commit, "#!/bin/sh\nset -e\ngit init -q .\ngit add -A -f\ngit commit -qm x\n").unwrap();
        fs::set_permissions(commit, fs::Permissions::from_mode(0o755)).unwrap();
        Stage { home, is_nobody: false }
    }

    fn become_nobody(&mut self) {
        let owned = Command::new("chown").args(["-R", "65534"]).arg(&self.home).status();
        assert!(owned.is_ok_and(|status| status.success()), "root may give files away");
        self.is_nobody = true;
    }

    /// Plays a case; says what was expected and what was seen.
    fn play(&self, case: &Case) -> Result<(), String> {
        let mut seen = Seen { code: -1, said: String::new() };
        for line in &case.lines {
            match line {
                Line::Setup(script) => {
                    let ran = self.sh(script);
                    if ran.code != 0 {
                        return Err(format!("cannot prepare `{script}`: {}", ran.said));
                    }
                }
                Line::Run(script) => seen = self.sh(script),
                Line::Exit(code) if seen.code != *code => {
                    return Err(format!("expected: exit {code}\nseen: exit {}\n{}", seen.code, seen.said));
                }
                Line::Sees(text) if !seen.said.contains(text.as_str()) => {
                    return Err(format!("expected: {text}\nseen: exit {}\n{}", seen.code, seen.said));
                }
                Line::Never(text) if seen.said.contains(text.as_str()) => {
                    return Err(format!("expected: no {text}\nseen: exit {}\n{}", seen.code, seen.said));
                }
                Line::Then(script) => {
                    let ran = self.sh(script);
                    if ran.code != 0 {
                        return Err(format!(
                            "expected: {script}\nseen: {}\nthe run said: {}",
                            ran.said, seen.said
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn sh(&self, script: &str) -> Seen {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::split_paths(&path);
        let path = std::env::join_paths(std::iter::once(self.home.join("bin")).chain(path)).unwrap();
        let mut command = Command::new(if self.is_nobody { "setpriv" } else { "sh" });
        if self.is_nobody {
            command.args(NOBODY.split(' ')).arg("sh");
        }
        command.args(["-euc", script]).current_dir(self.home.join("repo")).env_clear();
        command.envs([("PATH", path), ("HOME", self.home.join("home").into())]);
        for (name, file) in [("OUT", "out"), ("BAD", "bad.yaml"), ("GOOD", "good.yaml"), ("REPO", "repo")] {
            command.env(name, self.home.join(file));
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@t");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        wait(command.spawn().unwrap())
    }
}

/// Waits for a script, but not for ever.
fn wait(mut child: Child) -> Seen {
    let group = child.id();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let out = scope.spawn(|| said(out));
        let err = scope.spawn(|| said(err));
        let step = Duration::from_millis(5);
        let mut left = PATIENCE.as_millis() / step.as_millis();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if left == 0 => {
                    // The group is the script's own: nobody else is in it.
                    let _ = Command::new("kill").args(["-9", "--", &format!("-{group}")]).status();
                    let _ = child.wait();
                    break None;
                }
                None => {
                    left -= 1;
                    thread::sleep(step);
                }
            }
        };
        let mut told = out.join().unwrap() + &err.join().unwrap();
        let code = match status {
            Some(status) => status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            None => {
                told.push_str("\nit hangs");
                -1
            }
        };
        Seen { code, said: told }
    })
}

fn said(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
