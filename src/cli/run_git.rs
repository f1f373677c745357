//! Asks the `git` binary, as plumbing: it is told which repository is meant, and everything is switched off that the
//! environment, a configuration or an attribute could make it do besides: hooks, filters, monitors, fetching, locks.
//! `docs/doors.md` lists it.

use super::Failure;
use super::door::{Refused, is_below, variable, variables};
use super::git;
use super::terminal::reason;
use crate::limits::MOST_PRINTED;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What git is told of configuration, over that of the user and of the repository.
const SETTINGS: [&str; 9] = [
    // These would run a program.
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    // A repository is only one if there is a `.git`: a stranger can commit the files of a bare one.
    "safe.bareRepository=explicit",
    "core.attributesFile=/dev/null",
    "core.untrackedCache=false",
    // Names are quoted in one way.
    "core.quotePath=true",
    "submodule.recurse=false",
    "diff.ignoreSubmodules=all",
    "advice.graftFileDeprecated=false",
];

/// What git is told in its environment. No other variable that begins with `GIT_` reaches it.
const ENVIRONMENT: [(&str, &str); 9] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // Older versions fetch all the same: then by no protocol.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// Where the user's own configuration is. It says which repositories of others he trusts.
const KEPT: [&str; 3] = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];

/// Runs git and gives what it printed.
pub(super) fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let told = run(root, arguments)?;
    told.map_err(|said| in_its_words(command_of(arguments), &said))
}

/// The same, where nothing may be the answer: git then fails and says nothing.
pub(super) fn ask(root: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, Failure> {
    match run(root, arguments)? {
        Ok(printed) => Ok(Some(printed)),
        Err(said) if said.trim().is_empty() => Ok(None),
        Err(said) => Err(in_its_words(command_of(arguments), &said)),
    }
}

/// The command, behind its settings.
fn command_of<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.chunks(2).find(|pair| pair[0] != "-c").map_or("", |pair| pair[0])
}

/// What git printed, or what it said when it failed.
fn run(root: &Path, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, Failure> {
    let mut command = command(root, arguments);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("cannot run git: {}", reason(&error))))?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let mut printed = Vec::new();
    let (said, read) = std::thread::scope(|scope| {
        let said = scope.spawn(|| start_of(errors));
        let read = output.map_or(Ok(0), |output| output.take(MOST_PRINTED + 1).read_to_end(&mut printed));
        if printed.len() as u64 > MOST_PRINTED || read.is_err() {
            _ = child.kill();
        }
        (said.join().unwrap_or_default(), read)
    });
    let status = child.wait().map_err(failed)?;
    if printed.len() as u64 > MOST_PRINTED {
        let command = command_of(arguments);
        return Err(Failure::new(format!("git {command} printed more than {} MiB", MOST_PRINTED >> 20)));
    }
    // One that was stopped has said nothing, and that is no answer.
    if let Err(error) = read {
        let command = command_of(arguments);
        return Err(Failure::new(format!("cannot read what git {command} prints: {}", reason(&error))));
    }
    Ok(if status.success() { Ok(printed) } else { Err(said) })
}

/// What git says when it fails fits into this.
fn start_of(errors: Option<impl Read>) -> String {
    let mut said = Vec::new();
    if let Some(mut errors) = errors {
        _ = errors.by_ref().take(64 << 10).read_to_end(&mut said);
        // It waits for whoever does not read on.
        _ = io::copy(&mut errors, &mut io::sink());
    }
    text(&said)
}

/// The sentence in which git says why.
fn in_its_words(command: &str, said: &str) -> Failure {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let word = |line: &str, word: &str| line.strip_prefix(word).map(str::to_owned);
    let told = lines().find_map(|line| word(line, "fatal: ").or_else(|| word(line, "error: ")));
    let told = told.or_else(|| lines().next_back().map(str::to_owned)).unwrap_or("it says nothing".into());
    let failure = Failure::new(format!("git {command}: {}", without_login(&told)));
    let way_out = lines().find(|line| line.starts_with("git config "));
    match way_out {
        Some(line) => failure.hint(format!("if you trust it: {}", without_login(line))),
        None if ["promisor", "missing", "unable to read", "bad object"]
            .iter()
            .any(|word| told.contains(word)) =>
        {
            failure.hint("objects are missing, and pintle fetches none: does the clone have a `--filter`?")
        }
        None => failure,
    }
}

/// A text without user names and passwords of addresses.
fn without_login(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("://") {
        let host = after.find(['/', ' ', '\'', '"']).unwrap_or(after.len());
        let login = after[..host].rfind('@');
        out.push_str(before);
        out.push_str(if login.is_some() { "://****" } else { "://" });
        rest = &after[login.unwrap_or(0)..];
    }
    out + rest
}

/// A command of git for a repository. No other program is ever run.
#[allow(clippy::disallowed_methods)]
pub(super) fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    for name in variables().filter(|name| name.to_string_lossy().to_ascii_uppercase().starts_with("GIT_")) {
        command.env_remove(name);
    }
    for name in KEPT {
        if let Some(value) = variable(name) {
            command.env(name, value);
        }
    }
    command.envs(ENVIRONMENT);
    // Nothing above the root is asked, nor another folder that a configuration calls the working tree.
    command.env("GIT_WORK_TREE", root);
    if let Some(above) = root.parent() {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
    if let Some(index) = index_of_hook(root) {
        command.env("GIT_INDEX_FILE", index);
    }
    if let Some(path) = variable("PATH") {
        command.env("PATH", absolute_only(&path));
    }
    command.arg("-C").arg(root);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    for trusted in trusted_folders() {
        command.arg("-c").arg(trusted);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// A search path without what depends on the working directory: a repository may hold a program called `git`.
pub(super) fn absolute_only(path: &OsString) -> OsString {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    std::env::join_paths(folders).unwrap_or_default()
}

/// The index that git hands to a hook: `git commit FILE` and `git commit -a` make one of their own.
fn index_of_hook(root: &Path) -> Option<PathBuf> {
    let index = root.join(variable("GIT_INDEX_FILE").filter(|value| !value.is_empty())?);
    is_of(root, &index).then_some(index)
}

/// The index that the environment names, if it is none of this repository's: it is not used.
pub(super) fn foreign_index(root: &Path) -> Option<PathBuf> {
    let index = root.join(variable("GIT_INDEX_FILE").filter(|value| !value.is_empty())?);
    (!is_of(root, &index)).then_some(index)
}

/// Whether a file is in git's own folder of this repository.
fn is_of(root: &Path, index: &Path) -> bool {
    git::checkout(root).is_some_and(|checkout| is_below(&checkout.git, index).is_some())
}

/// The folders that `GIT_CONFIG_COUNT` and its like trust: CI sets them where a container has another user.
fn trusted_folders() -> Vec<OsString> {
    let count = variable("GIT_CONFIG_COUNT").and_then(|count| count.to_str()?.parse::<usize>().ok());
    let trusted = |at: usize| {
        let key = variable(&format!("GIT_CONFIG_KEY_{at}"))?;
        let is_trust = key.to_str()?.eq_ignore_ascii_case("safe.directory");
        let value = variable(&format!("GIT_CONFIG_VALUE_{at}")).filter(|_| is_trust)?;
        let mut setting = OsString::from("safe.directory=");
        setting.push(value);
        Some(setting)
    };
    (0..count.unwrap_or(0).min(1000)).filter_map(trusted).collect()
}

/// Settings that switch off every filter there is, for commands that look at files on the disk: an attribute names
/// one, but only a configuration says what it runs.
pub(super) fn without_filters(root: &Path) -> Result<Vec<String>, Failure> {
    let mut listing = command(root, &["config", "--null", "--name-only", "--get-regexp", "^filter\\."]);
    let listing = listing.output().map_err(failed)?;
    let mut names: Vec<String> = names(&listing.stdout)
        .filter_map(|key| Some(key.strip_prefix("filter.")?.rsplit_once('.')?.0.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    if let Some(name) = names.iter().find(|name| name.contains('=')) {
        return Err(Failure::new(format!("git has a filter called `{name}`, which cannot be switched off")));
    }
    let off = |name: &String| {
        ["clean=", "process=", "required=false"].map(|key| ["-c".to_owned(), format!("filter.{name}.{key}")])
    };
    Ok(names.iter().flat_map(off).flatten().collect())
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Entries with a NUL behind each.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty())
}

/// The same as text.
pub(super) fn names(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    entries(bytes).map(super::names::told)
}

/// A running `git cat-file --batch`: bytes as they were committed, whatever attributes say.
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
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| Failure::new("cannot read from git: it has no output"))?;
        Ok(Blobs { child, input, output: BufReader::new(output) })
    }

    /// The content of a blob of at most so many bytes.
    pub(super) fn read_up_to(&mut self, hash: &str, limit: u64) -> Result<Vec<u8>, Refused> {
        let input = self.input.as_mut().ok_or_else(|| Refused::System(io::ErrorKind::BrokenPipe.into()))?;
        // One question at a time: the pipe might not hold more.
        writeln!(input, "{hash}").and_then(|()| input.flush()).map_err(Refused::System)?;
        let mut header = String::new();
        if self.output.read_line(&mut header).map_err(Refused::System)? == 0 {
            // It does so in a clone that holds only some objects, where it must not fetch others.
            return Err(Refused::System(io::Error::other("git does not have it, and has ended")));
        }
        let size = header.trim().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        let missing = || io::Error::new(io::ErrorKind::NotFound, "git does not have it");
        let size = size.ok_or_else(|| Refused::System(missing()))?;
        if size > limit {
            io::copy(&mut self.output.by_ref().take(size + 1), &mut io::sink()).map_err(Refused::System)?;
            return Err(Refused::TooLarge { size, limit });
        }
        let mut content = Vec::new();
        self.output.by_ref().take(size + 1).read_to_end(&mut content).map_err(Refused::System)?;
        if content.pop().is_none() || content.len() as u64 != size {
            return Err(Refused::System(io::ErrorKind::UnexpectedEof.into()));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_says_why_and_no_password() {
        for (said, expected) in [
            ("", "git x: it says nothing"),
            ("warning: a\nfatal: b\nhint: c\n", "git x: b"),
            ("a\n\nb\n\n", "git x: b"),
            (
                "fatal: unable to access 'https://me:pass@h.example/a': no",
                "git x: unable to access 'https://****@h.example/a': no",
            ),
            (
                "error: see https://h.example/@a and ssh://git@h",
                "git x: see https://h.example/@a and ssh://****@h",
            ),
        ] {
            assert_eq!(in_its_words("x", said).says, expected, "{said}");
        }
        let owned =
            in_its_words("x", "fatal: dubious\nTo add\n\n\tgit config --global --add safe.directory /r\n");
        assert_eq!(
            owned.hint.as_deref(),
            Some("if you trust it: git config --global --add safe.directory /r")
        );
    }

    #[test]
    fn programs_come_from_absolute_folders() {
        assert_eq!(absolute_only(&"/a:.::b/c:/d".into()), "/a:/d");
    }
}
