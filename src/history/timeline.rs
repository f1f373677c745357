//! From changes of files to credentials that are gone from them: when each came, when it went, where it still is.
//! Knows commits, paths and contents by number only; what a content holds, `look` has seen.

use super::look::Print;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A commit, as it is told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Commit {
    /// The first digits of its name.
    pub name: Str,
    /// The day its author gave, `2026-11-20`.
    pub day: Str,
}

/// What one commit made of one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    pub commit: u32,
    pub path: u32,
    /// The contents before and after; nothing if there was, or is, no such file.
    pub old: Option<u32>,
    pub new: Option<u32>,
}

/// The changes of a history, newest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub commits: Vec<Commit>,
    pub paths: Vec<Str>,
    pub changes: Vec<Change>,
    /// The content of each path in HEAD.
    pub head: BTreeMap<u32, u32>,
}

/// What the contents that hold a credential hold.
pub type Seen = HashMap<u32, Vec<Print>>;

/// A credential that stood in a file and does not stand there in HEAD.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relic {
    pub print: Print,
    /// Where it first stood: commit, path, content.
    pub commit: u32,
    pub path: u32,
    pub content: u32,
    /// The commit that took it out of the last file that held it, if there is one.
    pub gone: Option<u32>,
    /// A file of HEAD in which it still stands.
    pub elsewhere: Option<u32>,
    /// How many more paths it stood in.
    pub others: usize,
}

#[derive(Debug, Default)]
struct Life {
    /// Per path, the oldest commit and content that held it.
    first: BTreeMap<u32, (u32, u32)>,
    gone: Option<u32>,
}

/// Every credential of a history that a file has lost, oldest first. One that still stands in HEAD wherever it ever
/// stood is left out.
pub fn relics(timeline: &Timeline, seen: &Seen) -> Vec<Relic> {
    let mut lives: BTreeMap<(Print, Option<u32>), Life> = BTreeMap::new();
    let prints =
        |content: Option<u32>| content.and_then(|content| seen.get(&content)).map_or(&[][..], Vec::as_slice);
    for change in &timeline.changes {
        for &print in prints(change.new) {
            let life = lives.entry(key(print, change.path)).or_default();
            // The changes come newest first, so the last one told is the oldest.
            if let Some(content) = change.new {
                life.first.insert(change.path, (change.commit, content));
            }
        }
        for &print in prints(change.old).iter().filter(|print| !prints(change.new).contains(print)) {
            let life = lives.entry(key(print, change.path)).or_default();
            // Whatever held it later, on any branch, has been told before.
            if life.first.is_empty() && life.gone.is_none() {
                life.gone = Some(change.commit);
            }
        }
    }
    let mut here: BTreeMap<(Print, Option<u32>), BTreeSet<u32>> = BTreeMap::new();
    for (&path, &content) in &timeline.head {
        for &print in prints(Some(content)) {
            here.entry(key(print, path)).or_default().insert(path);
        }
    }
    let mut out: Vec<Relic> = lives
        .into_iter()
        .filter_map(|(key, mut life)| {
            let here = here.get(&key);
            life.first.retain(|path, _| !here.is_some_and(|paths| paths.contains(path)));
            let (&path, &(commit, content)) =
                life.first.iter().max_by_key(|(path, (commit, _))| (*commit, u32::MAX - **path))?;
            let elsewhere = here.and_then(|paths| paths.first().copied());
            let others = life.first.len() - 1;
            Some(Relic { print: key.0, commit, path, content, gone: life.gone, elsewhere, others })
        })
        .collect();
    out.sort_by_key(|relic| (u32::MAX - relic.commit, relic.path, relic.content, relic.print));
    out
}

impl Timeline {
    /// When a credential came and went, in words: `committed in 1a2b3c on 2024-02-29, taken out in …`.
    pub fn story(&self, relic: &Relic) -> String {
        let commit = |at: u32| {
            let commit = self.commits.get(at as usize).cloned().unwrap_or_default();
            format!("in {} on {}", commit.name, commit.day)
        };
        let path = |at: u32| self.paths.get(at as usize).map_or("", Str::as_str);
        let mut story = format!("committed {}", commit(relic.commit));
        match (relic.elsewhere, relic.gone) {
            (Some(at), _) => story.push_str(&format!(", and still stands in `{}`", path(at))),
            (None, Some(gone)) => story.push_str(&format!(", taken out {}", commit(gone))),
            (None, None) => story.push_str(", not in HEAD"),
        }
        match relic.others {
            0 => {}
            1 => story.push_str("; it stood in another file too"),
            number => story.push_str(&format!("; it stood in {number} other files too")),
        }
        story
    }
}

/// A value is one credential wherever it stands; a file that should not be there is one at each place.
fn key(print: Print, path: u32) -> (Print, Option<u32>) {
    (print, (print == Print::File).then_some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits from newest to oldest: what each made of which file.
    fn timeline(changes: &[(u32, u32, Option<u32>, Option<u32>)], head: &[(u32, u32)]) -> Timeline {
        let changes = changes.iter().map(|&(commit, path, old, new)| Change { commit, path, old, new });
        let commits = (0..9).map(|at| Commit { name: format!("c{at}").into(), day: "2024-02-29".into() });
        Timeline {
            commits: commits.collect(),
            paths: ["a", "b", "c"].map(Str::from).to_vec(),
            changes: changes.collect(),
            head: head.iter().copied().collect(),
        }
    }

    #[test]
    fn lives_are_told() {
        // Content 1 and 2 hold the credential, 3 does not, 4 is a file that should not be there.
        let seen: Seen =
            [(1, vec![Print::Value(7)]), (2, vec![Print::Value(7)]), (4, vec![Print::File])].into();
        let table: &[(&str, Timeline, &[&str])] = &[
            (
                "came, was touched, went",
                timeline(
                    &[(0, 0, Some(2), Some(3)), (1, 0, Some(1), Some(2)), (2, 0, None, Some(1))],
                    &[(0, 3)],
                ),
                &["a1: committed in c2 on 2024-02-29, taken out in c0 on 2024-02-29"],
            ),
            ("is still there", timeline(&[(0, 0, Some(1), Some(2)), (1, 0, None, Some(1))], &[(0, 2)]), &[]),
            (
                "moved to another file",
                timeline(&[(0, 1, None, Some(1)), (0, 0, Some(1), None), (1, 0, None, Some(1))], &[(1, 1)]),
                &["a1: committed in c1 on 2024-02-29, and still stands in `b`"],
            ),
            (
                "lives on in another branch",
                timeline(&[(0, 0, None, Some(2)), (1, 0, Some(1), None), (2, 0, None, Some(1))], &[]),
                &["a1: committed in c2 on 2024-02-29, not in HEAD"],
            ),
            (
                "a value is one credential in two files, and each file is one",
                timeline(
                    &[
                        (0, 0, Some(1), None),
                        (0, 1, Some(2), None),
                        (0, 2, Some(4), None),
                        (1, 0, None, Some(1)),
                        (1, 1, None, Some(2)),
                        (1, 2, None, Some(4)),
                        (2, 0, None, Some(4)),
                    ],
                    &[],
                ),
                &[
                    "a4: committed in c2 on 2024-02-29, not in HEAD",
                    "a1: committed in c1 on 2024-02-29, taken out in c0 on 2024-02-29; it stood in another file too",
                    "c4: committed in c1 on 2024-02-29, taken out in c0 on 2024-02-29",
                ],
            ),
        ];
        for (name, timeline, expected) in table {
            let told: Vec<String> = relics(timeline, &seen)
                .iter()
                .map(|relic| {
                    format!(
                        "{}{}: {}",
                        timeline.paths[relic.path as usize],
                        relic.content,
                        timeline.story(relic)
                    )
                })
                .collect();
            assert_eq!(told, *expected, "{name}");
        }
    }
}
