//! Which tags images had in earlier versions of the files that name them, asked of git, and what that says of the next
//! ones: a tag that was seen with two digests moves, tags that climb do not.

use super::run_git::git;
use crate::limits::{MOST_ASKED_FILES, MOST_EARLIER};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What files said of an image, the oldest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Seen {
    pub(super) tag: String,
    pub(super) digest: Option<String>,
}

/// By image as it is written, and by file.
pub(super) type Past = BTreeMap<String, BTreeMap<String, Vec<Seen>>>;

/// What the last versions of these files said of these images. Nothing where git cannot tell.
pub(super) fn past(root: &Path, files: &BTreeSet<&str>, images: &BTreeSet<&str>) -> Past {
    let asked: Vec<String> =
        files.iter().take(MOST_ASKED_FILES).map(|file| format!(":(top,literal){file}")).collect();
    if asked.is_empty() {
        return Past::new();
    }
    let number = format!("-n{MOST_EARLIER}");
    // Of a merge the first side is the branch. What a configuration or an attribute would run is switched off.
    let mut arguments = vec!["-c", "log.showSignature=false", "-c", "log.follow=false", "log", "-p", "-U0"];
    arguments.extend([
        "--first-parent",
        "-m",
        "--reverse",
        "--format=",
        &number,
        "--no-color",
        "--no-renames",
    ]);
    arguments.extend(["--no-ext-diff", "--no-textconv", "--no-notes", "--ignore-submodules=all", "--"]);
    arguments.extend(asked.iter().map(String::as_str));
    let patch = git(root, &arguments).unwrap_or_default();
    read(&String::from_utf8_lossy(&patch), images)
}

/// Reads patches without context.
fn read(patches: &str, images: &BTreeSet<&str>) -> Past {
    let mut past = Past::new();
    let (mut file, mut is_header) = ("", false);
    for line in patches.lines() {
        // Bodies begin with `+`, `-` and `\`.
        if line.starts_with("diff --git ") {
            is_header = true;
        } else if line.starts_with("@@") {
            is_header = false;
        } else if let Some(name) = line.strip_prefix("+++ ").filter(|_| is_header) {
            file = name;
        } else if let Some(added) = line.strip_prefix('+') {
            for (image, seen) in named(added) {
                if images.contains(image) {
                    past.entry(image.into()).or_default().entry(file.into()).or_default().push(seen);
                }
            }
        }
    }
    past
}

/// The images with a tag that a line names.
fn named(line: &str) -> impl Iterator<Item = (&str, Seen)> {
    let is_between = |c: char| c.is_whitespace() || "\"'`,[](){}=<>|#".contains(c);
    line.split(is_between).filter_map(|word| {
        let (name, digest) = match word.split_once('@') {
            Some((name, digest)) => (name, Some(digest.strip_prefix("sha256:")?)),
            None => (word, None),
        };
        let is_digest = |hex: &str| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (image, tag) = name.rsplit_once(':')?;
        let is_tag = !tag.is_empty()
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        let is_known = is_tag && digest.is_none_or(is_digest);
        is_known.then(|| (image, Seen { tag: tag.into(), digest: digest.map(Into::into) }))
    })
}

/// What the past of an image says of its tags: of each of these forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Habit {
    /// A regular expression for the whole tag.
    pub(super) form: String,
    /// The tags that show it, in the order of their numbers.
    pub(super) tags: Vec<String>,
    pub(super) moves: bool,
}

/// So many tags that climb are a habit.
const HABIT: usize = 3;

/// The habits of an image, by what its files said of it.
pub(super) fn habits(files: &BTreeMap<String, Vec<Seen>>) -> Vec<Habit> {
    let mut digests: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for seen in files.values().flatten() {
        digests.entry(&seen.tag).or_default().extend(seen.digest.as_deref());
    }
    let mut forms: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    digests.keys().for_each(|tag| forms.entry(form(tag)).or_default().push(tag));
    let mut out = Vec::new();
    for (form, mut tags) in forms {
        tags.sort_by_key(|tag| numbers(tag));
        let told = |tags: &[&str]| tags.iter().map(ToString::to_string).collect::<Vec<String>>();
        let moved: Vec<&str> = tags.iter().copied().filter(|tag| digests[tag].len() > 1).collect();
        match moved.as_slice() {
            [] if tags.len() >= HABIT && files.values().all(|seen| climb(seen, &form)) => {
                out.push(Habit { form, tags: told(&tags), moves: false });
            }
            [] => {}
            [only] => out.push(Habit { form: literal(only), tags: told(&[only]), moves: true }),
            several => out.push(Habit { form, tags: told(several), moves: true }),
        }
    }
    out
}

/// Whether each tag of a form is above the one before it: none came back.
fn climb(seen: &[Seen], of: &str) -> bool {
    let mut tags: Vec<&str> =
        seen.iter().map(|seen| seen.tag.as_str()).filter(|tag| form(tag) == of).collect();
    tags.dedup();
    tags.windows(2).all(|pair| numbers(pair[0]) < numbers(pair[1]))
}

/// The numbers in a tag. Those that are too long to count are alike.
fn numbers(tag: &str) -> Vec<u64> {
    let digits = tag.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(u64::MAX)).collect()
}

/// What tags are that are alike but for their numbers.
fn form(tag: &str) -> String {
    let mut out = String::from("^");
    let mut rest = tag;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        match first.is_ascii_digit() {
            true => out.push_str("[0-9]+"),
            false => out.push_str(&rest[..end].replace('.', "\\.")),
        }
        rest = &rest[end..];
    }
    out + "$"
}

fn literal(tag: &str) -> String {
    format!("^{}$", tag.replace('.', "\\."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_images() {
        let hex = "0123456789abcdef".repeat(4);
        let line = format!("image: \"a/b:1.2@sha256:{hex}\" # c:3, d:x@sha256:12 e:1@md5:x f: g:");
        let told: Vec<(&str, String, bool)> =
            named(&line).map(|(image, seen)| (image, seen.tag, seen.digest.is_some())).collect();
        assert_eq!(told, [("a/b", "1.2".into(), true), ("c", "3".into(), false)]);
    }

    #[test]
    fn patches_are_read_file_by_file() {
        let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+image: a:1\n+++ a:2\n-image: a:3\ndiff --git a/y b/y\n+++ b/y\n@@ -1 +1 @@\n+image: a:4\n+image: other:4\n";
        let past = read(patch, &BTreeSet::from(["a"]));
        let told: Vec<(&str, Vec<&str>)> = past["a"]
            .iter()
            .map(|(file, seen)| (file.as_str(), seen.iter().map(|seen| seen.tag.as_str()).collect()))
            .collect();
        assert_eq!(told, [("b/x", vec!["1", "2"]), ("b/y", vec!["4"])]);
        assert_eq!(past.len(), 1);
    }

    #[test]
    fn forms_are_tags_without_their_numbers() {
        for (tag, expected) in [
            ("1.27", "^[0-9]+\\.[0-9]+$"),
            ("v2024-alpine3.19", "^v[0-9]+-alpine[0-9]+\\.[0-9]+$"),
            ("x", "^x$"),
            ("", "^$"),
        ] {
            assert_eq!(form(tag), expected);
            assert!(regex::Regex::new(&form(tag)).unwrap().is_match(tag));
        }
    }

    #[test]
    fn habits_are_what_tags_do() {
        let seen = |words: &[&str]| -> Vec<Seen> {
            let one = |word: &&str| {
                let (tag, digest) = word.split_once('@').map_or((*word, None), |(tag, own)| (tag, Some(own)));
                Seen { tag: tag.into(), digest: digest.map(Into::into) }
            };
            words.iter().map(one).collect()
        };
        let told = |files: &[&[&str]]| -> Vec<String> {
            let files = files.iter().enumerate().map(|(at, words)| (at.to_string(), seen(words))).collect();
            let one = |habit: &Habit| {
                let what = if habit.moves { "moves" } else { "climbs" };
                format!("{what} {} {}", habit.form, habit.tags.join(","))
            };
            habits(&files).iter().map(one).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(told(&[&["1.1", "1.2"]]), none);
        assert_eq!(told(&[&["1.1", "1.2", "1.10"]]), ["climbs ^[0-9]+\\.[0-9]+$ 1.1,1.2,1.10"]);
        assert_eq!(told(&[&["1.1", "1.2"], &["1.2", "1.3"]]), ["climbs ^[0-9]+\\.[0-9]+$ 1.1,1.2,1.3"]);
        assert_eq!(told(&[&["1.1", "1.2", "1.3", "1.1"]]), none, "it went back");
        assert_eq!(told(&[&["1.1", "1.2", "1.3"], &["1.3", "1.1"]]), none, "in one of its files");
        assert_eq!(told(&[&["1.1@a", "1.1@b", "1.2", "1.3"]]), ["moves ^1\\.1$ 1.1"]);
        assert_eq!(told(&[&["1.1@a", "1.1@a", "1.2@a"]]), none, "two tags may be one image");
        assert_eq!(told(&[&["r1", "r2", "r3", "x"]]), ["climbs ^r[0-9]+$ r1,r2,r3"]);
        let moved = told(&[&["1.1@a", "1.2@a"], &["1.1@b", "1.2@b"]]);
        assert_eq!(moved, ["moves ^[0-9]+\\.[0-9]+$ 1.1,1.2"]);
    }
}
