//! What changed, asked of the `git` binary: lines since a revision, lines that are staged, and what is staged.

use super::Failure;
use super::names::told;
use super::run_git::{ask, entries, git, names, text, without_filters};
use super::staged::Blob;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Changed lines (from 1, both ends included) by file.
pub(super) type Lines = BTreeMap<Str, Vec<(u32, u32)>>;

/// What a patch says.
#[derive(Debug, Default)]
pub(super) struct Patch {
    pub(super) lines: Lines,
    /// Whether a file of the earlier revision is another one or gone.
    pub(super) changes_old: bool,
}

/// `diff-index` asks no configuration how to look. Drivers of attributes are switched off by name.
const DIFF: [&str; 9] = [
    "diff-index",
    "-p",
    "-U0",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--ignore-submodules=all",
    "--full-index",
];
const PREFIXES: [&str; 2] = ["--src-prefix=a/", "--dst-prefix=b/"];

/// Lines that differ from a commit, on the disk as it is now. Files that git does not know yet are new from end to end.
pub(super) fn since(root: &Path, fork: &str, files: &[&str]) -> Result<Patch, Failure> {
    let off = without_filters(root)?;
    let arguments: Vec<&str> =
        off.iter().map(String::as_str).chain(DIFF).chain(PREFIXES).chain([fork, "--"]).collect();
    let mut patch = read_patch(&git(root, &arguments)?);
    let tracked: BTreeSet<String> = names(&git(root, &["ls-files", "-z"])?).collect();
    for name in files.iter().filter(|name| !tracked.contains(**name)) {
        patch.lines.insert((*name).into(), vec![(1, u32::MAX)]);
    }
    Ok(patch)
}

/// The files that differ between a commit and the disk, as git knows it. All others have on the disk what they have there.
pub(super) fn names_since(root: &Path, commit: &str) -> Result<BTreeSet<String>, Failure> {
    let off = without_filters(root)?;
    let quiet =
        ["diff-index", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--ignore-submodules=all"];
    let arguments: Vec<&str> = off.iter().map(String::as_str).chain(quiet).chain([commit, "--"]).collect();
    Ok(names(&git(root, &arguments)?).collect())
}

/// The commit that a revision is.
pub(super) fn commit(root: &Path, revision: &str) -> Result<String, Failure> {
    let name = format!("{revision}^{{commit}}");
    let commit = ask(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
    let commit = commit.ok_or_else(|| {
        Failure::new(format!("there is no revision `{revision}` here"))
            .hint("a shallow clone has few: fetch it, or set `fetch-depth: 0` on the checkout step")
    })?;
    Ok(text(&commit).trim().to_owned())
}

/// The commit where another one left a revision, and that other commit: asked in one go, as to start git takes longer than
/// what it is asked for.
pub(super) fn ends(root: &Path, revision: &str, head: &str) -> Result<(String, String), Failure> {
    // What may mean something else to git in one word is asked for one by one, and so is what it does not know.
    let is_plain = |name: &str| !name.starts_with(['-', '^']) && !name.contains("..") && !name.is_empty();
    if is_plain(revision) && is_plain(head) {
        let both = format!("{revision}^{{commit}}...{head}^{{commit}}");
        let told = git(root, &["rev-parse", &both, "--"]).map(|told| text(&told)).unwrap_or_default();
        let mut lines = told.lines();
        let fork = told.lines().find_map(|line| line.strip_prefix('^'));
        if let (Some(head), Some(fork)) = (lines.next(), fork) {
            return Ok((fork.to_owned(), head.to_owned()));
        }
    }
    let head = commit(root, head)?;
    Ok((fork_of(root, revision, &head)?, head))
}

/// The commit where this branch left a revision.
pub(super) fn fork(root: &Path, revision: &str) -> Result<String, Failure> {
    fork_of(root, revision, "HEAD")
}

/// The commit where another one left a revision.
pub(super) fn fork_of(root: &Path, revision: &str, head: &str) -> Result<String, Failure> {
    let commit = commit(root, revision)?;
    let base = ask(root, &["merge-base", &commit, head])?.ok_or_else(|| {
        Failure::new(format!("`{revision}` and {head} have no common ancestor here")).hint(
            "a shallow clone may lack it: `git fetch --unshallow`, or `fetch-depth: 0` on the checkout step",
        )
    })?;
    Ok(text(&base).trim().to_owned())
}

/// Lines that the next commit changes. Before the first commit every line is one.
pub(super) fn staged(root: &Path) -> Result<Patch, Failure> {
    let head = match ask(root, &["rev-parse", "--verify", "--quiet", "HEAD^{tree}"])? {
        Some(tree) => tree,
        None => git(root, &["hash-object", "-t", "tree", "--stdin"])?,
    };
    let head = text(&head).trim().to_owned();
    let arguments = [&DIFF[..], &PREFIXES, &["--cached", &head, "--"]].concat();
    Ok(read_patch(&git(root, &arguments)?))
}

/// The files of the next commit: their names, and their contents by git's name.
pub(super) fn staged_files(root: &Path) -> Result<Vec<(Vec<u8>, Blob)>, Failure> {
    let index = git(root, &["ls-files", "--stage", "-z"])?;
    Ok(entries(&index).filter_map(staged_file).collect())
}

/// Reads `100644 5f1a… 0\tapps/db.yaml`.
fn staged_file(entry: &[u8]) -> Option<(Vec<u8>, Blob)> {
    let tab = memchr::memchr(b'\t', entry)?;
    let stats = std::str::from_utf8(&entry[..tab]).ok()?;
    let [mode, hash, stage] = stats.split(' ').collect::<Vec<_>>()[..] else { return None };
    // Links and submodules hold no text; a file in a merge conflict cannot be committed.
    let is_file = mode.starts_with("100") && stage == "0";
    is_file.then(|| (entry[tab + 1..].to_vec(), Blob(hash.to_owned())))
}

/// Reads a patch without context. Lines that are gone touch the lines on both sides.
fn read_patch(patch: &[u8]) -> Patch {
    let mut out = Patch::default();
    let lines = &mut out.lines;
    let (mut file, mut left) = (None, (0, 0));
    for line in patch.split(|&byte| byte == b'\n') {
        // The body of a hunk is counted off, since it may look like a header.
        match (line.first(), left) {
            (Some(b'-'), (old, new)) if old > 0 => left = (old - 1, new),
            (Some(b'+'), (old, new)) if new > 0 => left = (old, new - 1),
            _ => {
                let line = text(line);
                out.changes_old |= line.strip_prefix("--- ").is_some_and(|name| name != "/dev/null")
                    || line.starts_with("Binary files ") && !line.starts_with("Binary files /dev/null and ");
                if let Some(name) = binary(&line) {
                    lines.insert(name, vec![(1, u32::MAX)]);
                } else if let Some(name) = line.strip_prefix("+++ ") {
                    file = unquote(name.trim_end_matches('\t')).strip_prefix("b/").map(Str::from);
                } else if let Some((old, first, new)) = hunk(&line) {
                    left = (old, new);
                    let touched = if new > 0 {
                        (first, first.saturating_add(new - 1))
                    } else {
                        (first.max(1), first.saturating_add(1))
                    };
                    if let Some(file) = &file {
                        lines.entry(file.clone()).or_default().push(touched);
                    }
                }
            }
        }
    }
    out
}

/// The name of a file that is no text and so has no lines: `Binary files a/x and b/x differ`.
fn binary(line: &str) -> Option<Str> {
    let names = line.strip_prefix("Binary files ")?.strip_suffix(" differ")?;
    let at = names.rfind(" and b/").or_else(|| names.rfind(" and \"b/"))?;
    unquote(&names[at + " and ".len()..]).strip_prefix("b/").map(Str::from)
}

/// How many lines are gone, where the new ones begin, and how many they are: `@@ -1,2 +3,4 @@`.
fn hunk(line: &str) -> Option<(u32, u32, u32)> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let range = |text: &str| match text.split_once(',') {
        Some((first, number)) => Some((first.parse().ok()?, number.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    let ((_, gone), (first, new)): ((u32, u32), (u32, u32)) = (range(old)?, range(rest.split(' ').next()?)?);
    Some((gone, first, new))
}

/// A name as git writes it in a patch: in quotes and with escapes if anything in it is unusual.
fn unquote(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.to_owned();
    };
    let (mut out, mut bytes) = (Vec::new(), inner.bytes().peekable());
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b't') => out.push(b'\t'),
            Some(b'n') => out.push(b'\n'),
            Some(b'v') => out.push(11),
            Some(b'f') => out.push(12),
            Some(b'r') => out.push(b'\r'),
            Some(digit @ b'0'..=b'3') => {
                let mut value = digit - b'0';
                while let Some(next @ b'0'..=b'7') = bytes.peek().copied() {
                    if value >= 32 {
                        break;
                    }
                    value = value * 8 + (next - b'0');
                    bytes.next();
                }
                out.push(value);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    told(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_tell_their_lines() {
        let patch = "diff --git a/a.yaml b/a.yaml\nindex 1..2 100644\n--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1,2 @@ kind: x\n-old\n+++ b/not-a-name\n+@@ -1 +99 @@\n@@ -9,2 +9,0 @@\n--- a/x\n-y\n@@ -20,0 +19 @@\n+new\n\\ No newline at end of file\ndiff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git \"a/\\303\\251 \\\"\\n\" \"b/\\303\\251 \\\"\\n\"\n--- /dev/null\n+++ \"b/\\303\\251 \\\"\\n\"\n@@ -0,0 +1,3 @@\n+a\n+b\n+c\nBinary files /dev/null and b/k and.p12 differ\nBinary files a/gone and /dev/null differ\n";
        let patch = read_patch(patch.as_bytes());
        assert!(patch.changes_old);
        let lines = patch.lines;
        let told: Vec<(&str, &[(u32, u32)])> =
            lines.iter().map(|(name, lines)| (name.as_str(), lines.as_slice())).collect();
        assert_eq!(
            told,
            [
                ("a.yaml", &[(1, 2), (9, 10), (19, 19)][..]),
                ("k and.p12", &[(1, u32::MAX)][..]),
                ("é \"\n", &[(1, 3)][..])
            ]
        );
    }

    #[test]
    fn no_patch_panics() {
        for patch in [
            "@@ -1,999 +4294967295,4294967295 @@\n",
            "+++ b/x\n@@ -,1 +a @@\n",
            "+++ \"b/\\777\\\"\n@@ -1 +1 @@\n",
        ] {
            read_patch(patch.as_bytes());
        }
    }
}
