//! Commits as git stores them, and the order in which a history is told: newest first, by when they were committed.

use super::ObjectName;
use std::collections::{BinaryHeap, HashSet};

/// What a commit says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    pub name: ObjectName,
    /// The folder that it holds.
    pub tree: ObjectName,
    pub parents: Vec<ObjectName>,
    /// When it was written, on the clock of its author: seconds since 1970, there.
    pub written: Option<i64>,
    /// When it was committed: seconds since 1970; 0 if it does not say.
    committed: u64,
}

impl Commit {
    /// Reads `tree …`, `parent …` for each, `author NAME <MAIL> SECONDS ZONE` and `committer` likewise.
    pub fn parse(name: ObjectName, bytes: &[u8]) -> Option<Commit> {
        let mut lines = bytes.split(|&byte| byte == b'\n').peekable();
        let object = |hex: &[u8]| ObjectName::parse(std::str::from_utf8(hex).ok()?);
        let tree = object(lines.next()?.strip_prefix(b"tree ")?)?;
        let mut parents = Vec::new();
        while let Some(parent) = lines.peek().and_then(|line| line.strip_prefix(b"parent ")) {
            parents.push(object(parent)?);
            lines.next();
        }
        let author = lines.next().and_then(|line| time(line.strip_prefix(b"author ")?));
        let committer = lines.next().and_then(|line| time(line.strip_prefix(b"committer ")?));
        let written = author.map(|(seconds, zone)| seconds + zone);
        let committed = committer.map_or(0, |(seconds, _)| seconds.max(0) as u64);
        Some(Commit { name, tree, parents, written, committed })
    }
}

/// The seconds of `… <mail> 1708000000 +0130`, and by how many that clock is ahead.
fn time(line: &[u8]) -> Option<(i64, i64)> {
    let end = memchr::memrchr(b'>', line)?;
    let mut words = std::str::from_utf8(&line[end + 1..]).ok()?.split_ascii_whitespace();
    // Beyond the year 9999 nobody commits, and days have other lengths of names.
    const LAST: i64 = 253_402_000_000;
    let seconds: i64 = words.next()?.parse().ok().filter(|seconds| (0..=LAST).contains(seconds))?;
    let zone: i64 = words.next()?.parse().ok().filter(|zone: &i64| zone.abs() < 10_000)?;
    Some((seconds, (zone / 100 * 60 + zone % 100) * 60))
}

/// Every commit from which these come, newest first; of those committed in the same second the one that was met first.
/// Ends with the name of one that cannot be read.
pub fn newest_first(
    tips: &[ObjectName],
    read: &mut dyn FnMut(&ObjectName) -> Option<Commit>,
) -> Result<Vec<Commit>, ObjectName> {
    let (mut met, mut commits) = (HashSet::new(), Vec::new());
    // By time, then by when it was met: the earlier the larger.
    let mut waiting: BinaryHeap<(u64, usize)> = BinaryHeap::new();
    let mut waiting_commits: Vec<Option<Commit>> = Vec::new();
    let mut todo: Vec<ObjectName> = tips.to_vec();
    loop {
        for name in todo.drain(..) {
            if met.insert(name) {
                let commit = read(&name).ok_or(name)?;
                waiting.push((commit.committed, usize::MAX - waiting_commits.len()));
                waiting_commits.push(Some(commit));
            }
        }
        let Some((_, place)) = waiting.pop() else { return Ok(commits) };
        if let Some(commit) = waiting_commits[usize::MAX - place].take() {
            todo.extend(&commit.parents);
            commits.push(commit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u8) -> ObjectName {
        ObjectName::new(&[number; 20]).unwrap()
    }

    #[test]
    fn commits_are_read_or_refused() {
        let (tree, parent) = (name(1).hex(), name(2).hex());
        let people = "author A > B <a@b> 1708000000 +0130\ncommitter C <c@d> 1709000000 -0800\n";
        let read = |text: &str| {
            let commit = Commit::parse(name(9), text.as_bytes())?;
            Some((commit.tree, commit.parents.len(), commit.written, commit.committed))
        };
        #[rustfmt::skip]
        let table = [
            (format!("tree {tree}\nparent {parent}\nparent {parent}\n{people}\nwords\n"), Some((2, Some(1_708_005_400), 1_709_000_000))),
            (format!("tree {tree}\n{people}gpgsig x\n y\n\nparent {parent}\n"), Some((0, Some(1_708_005_400), 1_709_000_000))),
            (format!("tree {tree}\nauthor A <a@b> 10 -0200\ncommitter C <c@d>\n\n"), Some((0, Some(-7190), 0))),
            (format!("tree {tree}\nauthor A <a@b> soon +0000\ncommitter C <c@d> -5 +0000\n\n"), Some((0, None, 0))),
            (format!("tree {tree}\nauthor A <a@b> 99999999999999 +0000\ncommitter C 5 +0000\n\n"), Some((0, None, 0))),
            (format!("tree {tree}\n"), Some((0, None, 0))),
            (format!("tree {tree}\nparent x\n{people}\n"), None),
            (format!("parent {parent}\n{people}\n"), None),
            ("tree 00\n".into(), None),
            (String::new(), None),
        ];
        for (text, expected) in table {
            let expected =
                expected.map(|(parents, written, committed)| (name(1), parents, written, committed));
            assert_eq!(read(&text), expected, "{text}");
        }
    }

    /// Commits by number: when each was committed, and its parents.
    #[test]
    fn histories_are_told_newest_first() {
        type Case<'a> = (&'a str, &'a [(u64, &'a [u8])], &'a [u8], Result<&'a [u8], u8>);
        #[rustfmt::skip]
        let table: &[Case] = &[
            ("a line", &[(1, &[]), (2, &[1]), (3, &[2])], &[3], Ok(&[3, 2, 1])),
            ("a merge", &[(1, &[]), (2, &[1]), (3, &[1]), (4, &[2, 3])], &[4], Ok(&[4, 3, 2, 1])),
            ("several ends and beginnings", &[(1, &[]), (2, &[]), (3, &[1]), (4, &[2])], &[3, 4, 3], Ok(&[4, 3, 2, 1])),
            ("the same second", &[(1, &[]), (1, &[1]), (1, &[1]), (1, &[2, 3])], &[4], Ok(&[4, 2, 3, 1])),
            ("a clock that went back", &[(9, &[]), (2, &[1]), (3, &[2])], &[3], Ok(&[3, 2, 1])),
            ("one is missing", &[(1, &[]), (2, &[7])], &[2], Err(7)),
            ("a circle", &[(1, &[2]), (2, &[1])], &[2], Ok(&[2, 1])),
            ("nothing", &[], &[], Ok(&[])),
        ];
        for (case, commits, tips, expected) in table {
            let mut read = |wanted: &ObjectName| {
                let (committed, parents) = commits.get(usize::from(wanted.as_bytes()[0]) - 1)?;
                let parents = parents.iter().map(|&parent| name(parent)).collect();
                Some(Commit { name: *wanted, tree: name(99), parents, written: None, committed: *committed })
            };
            let tips: Vec<ObjectName> = tips.iter().map(|&tip| name(tip)).collect();
            let told = newest_first(&tips, &mut read);
            let told = told.map(|commits| commits.iter().map(|commit| commit.name).collect::<Vec<_>>());
            let expected = expected.map(|numbers| numbers.iter().map(|&number| name(number)).collect());
            assert_eq!(told, expected.map_err(name), "{case}");
        }
    }
}
