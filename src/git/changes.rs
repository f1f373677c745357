//! What a commit changed, told by folders alone: those that are the same on both sides are not opened, and no file is
//! compared.

use super::ObjectName;
use super::object::{Fault, Object, ObjectKind};
use super::tree::{Entries, Entry, Thing, order};
use crate::limits::DEEPEST_FOLDER;
use std::rc::Rc;

/// A path that a commit changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Changed<'a> {
    pub path: &'a [u8],
    /// What was there before; of a merge nothing is told here.
    pub old: Option<(Thing, ObjectName)>,
    pub new: Option<(Thing, ObjectName)>,
}

/// Reads folders, and tells what could not be read.
pub struct Walk<'a> {
    /// How an object is had.
    pub read: &'a mut dyn FnMut(&ObjectName) -> Result<Rc<Object>, Fault>,
    /// Whether a folder is worth being opened; its path ends with a slash.
    pub enter: &'a mut dyn FnMut(&[u8]) -> bool,
    /// The length of a name.
    pub hash: usize,
    /// How many entries are looked at for one commit: a few folders that hold each other many times over would never come
    /// to an end.
    pub most_entries: usize,
    /// How many folders could not be read, whole or in part.
    pub unread: usize,
}

impl Walk<'_> {
    /// Tells every path in which a folder differs from each of those it was made of, in the order of the paths.
    ///
    /// With one of them: what was added, changed and taken out. With several, as a merge has: what is in none of them
    /// as it is now. With none: everything.
    pub fn changes(&mut self, new: ObjectName, olds: &[ObjectName], tell: &mut dyn FnMut(Changed)) {
        let mut steps = 0;
        let olds: Vec<Option<ObjectName>> = match olds {
            [] => vec![None],
            olds => olds.iter().copied().map(Some).collect(),
        };
        if !olds.contains(&Some(new)) {
            self.folder(&mut Vec::new(), Some(new), &olds, &mut steps, 0, tell);
        }
    }

    fn folder(
        &mut self,
        path: &mut Vec<u8>,
        new: Option<ObjectName>,
        olds: &[Option<ObjectName>],
        steps: &mut usize,
        level: usize,
        tell: &mut dyn FnMut(Changed),
    ) {
        if level > DEEPEST_FOLDER || *steps > self.most_entries {
            self.unread += 1;
            return;
        }
        let (new, olds) = match (self.open(new), olds.iter().map(|&old| self.open(old)).collect()) {
            (Ok(new), Ok::<Vec<_>, Fault>(olds)) => (new, olds),
            _ => {
                self.unread += 1;
                return;
            }
        };
        let hash = self.hash;
        let empty: &[u8] = &[];
        let mut now = Entries::new(new.as_ref().map_or(empty, |folder| &folder.bytes), hash);
        let mut before: Vec<Entries> = olds
            .iter()
            .map(|old| Entries::new(old.as_ref().map_or(empty, |folder| &folder.bytes), hash))
            .collect();
        let mut theirs = Vec::with_capacity(before.len());
        loop {
            if let [before] = &mut before[..] {
                now.skip_common(before);
            }
            let firsts = before.iter().filter_map(Entries::first).chain(now.first());
            let Some(first) = firsts.min_by(order) else { break };
            let mine = named(&now, &first);
            theirs.clear();
            theirs.extend(before.iter().map(|entries| named(entries, &first)));
            *steps += 1;
            self.entry(path, mine, &theirs, steps, level, tell);
            for (entries, _) in before.iter_mut().zip(&theirs).filter(|(_, their)| their.is_some()) {
                entries.advance();
            }
            if mine.is_some() {
                now.advance();
            }
        }
        self.unread += usize::from(now.is_broken || before.iter().any(|entries| entries.is_broken));
    }

    fn entry(
        &mut self,
        path: &mut Vec<u8>,
        mine: Option<Entry>,
        theirs: &[Option<Entry>],
        steps: &mut usize,
        level: usize,
        tell: &mut dyn FnMut(Changed),
    ) {
        let is_same = match mine {
            Some(_) => theirs.contains(&mine),
            None => theirs.iter().any(Option::is_none),
        };
        let Some(any) = mine.or_else(|| theirs.iter().copied().flatten().next()) else { return };
        if is_same {
            return;
        }
        let length = path.len();
        path.extend_from_slice(any.name);
        if any.what == Thing::Folder {
            path.push(b'/');
            if (self.enter)(path) {
                let object = |entry: Option<Entry>| entry.map(|entry| entry.object);
                let olds: Vec<_> = theirs.iter().map(|&their| object(their)).collect();
                self.folder(path, object(mine), &olds, steps, level + 1, tell);
            }
        } else {
            let thing = |entry: Option<Entry>| entry.map(|entry| (entry.what, entry.object));
            let old = if let [their] = theirs { thing(*their) } else { None };
            tell(Changed { path, old, new: thing(mine) });
        }
        path.truncate(length);
    }

    fn open(&mut self, folder: Option<ObjectName>) -> Result<Option<Rc<Object>>, Fault> {
        let Some(name) = folder else { return Ok(None) };
        let object = (self.read)(&name)?;
        if object.kind == ObjectKind::Tree { Ok(Some(object)) } else { Err(Fault::Damaged) }
    }
}

/// The next entry, if it has the name of that one.
fn named<'a>(entries: &Entries<'a>, wanted: &Entry) -> Option<Entry<'a>> {
    entries.first().filter(|entry| order(entry, wanted).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Folders by number: each line is `KIND NUMBER NAME`, with `d` for a folder, `f`, `x`, `l` and `s` for files, those
    /// that can be run, links and submodules.
    fn folders(told: &[(u8, &str)]) -> HashMap<ObjectName, Rc<Object>> {
        let folder = |&(number, lines): &(u8, &str)| {
            let mut bytes = Vec::new();
            for line in lines.split(", ").filter(|line| !line.is_empty()) {
                let words: Vec<&str> = line.splitn(3, ' ').collect();
                let mode = match words[0] {
                    "d" => "40000",
                    "f" => "100644",
                    "x" => "100755",
                    "l" => "120000",
                    _ => "160000",
                };
                bytes.extend([mode.as_bytes(), b" ", words[2].as_bytes(), &[0]].concat());
                bytes.extend([words[1].parse::<u8>().unwrap(); 20]);
            }
            (name(number), Rc::new(Object { kind: ObjectKind::Tree, bytes }))
        };
        told.iter().map(folder).collect()
    }

    fn name(number: u8) -> ObjectName {
        ObjectName::new(&[number; 20]).unwrap()
    }

    /// Folders by number.
    type Told<'a> = &'a [(u8, &'a str)];

    /// What is told, as `path old new`, and how many folders were not read.
    fn told(told: &[(u8, &str)], new: u8, olds: &[u8]) -> (Vec<String>, usize) {
        let folders = folders(told);
        let mut walk = Walk {
            read: &mut |name| folders.get(name).cloned().ok_or(Fault::Missing),
            enter: &mut |folder| folder != b"skipped/",
            hash: 20,
            most_entries: 10_000,
            unread: 0,
        };
        let olds: Vec<ObjectName> = olds.iter().map(|&old| name(old)).collect();
        let mut lines = Vec::new();
        walk.changes(name(new), &olds, &mut |changed| {
            let side = |side: Option<(Thing, ObjectName)>| {
                side.map_or("-".into(), |(_, object)| object.as_bytes()[0].to_string())
            };
            let path = String::from_utf8_lossy(changed.path);
            lines.push(format!("{path} {} {}", side(changed.old), side(changed.new)));
        });
        (lines, walk.unread)
    }

    #[test]
    fn what_differs_is_told_in_order() {
        type Case<'a> = (&'a str, Told<'a>, &'a [u8], &'a [&'a str]);
        #[rustfmt::skip]
        let table: &[Case] = &[
            ("a first commit", &[(1, "f 50 a, d 2 b, l 51 c"), (2, "f 52 x")], &[], &["a - 50", "b/x - 52", "c - 51"]),
            ("nothing", &[(1, "f 50 a"), (2, "f 50 a")], &[2], &[]),
            ("the same folder", &[], &[1], &[]),
            ("added, changed, taken out", &[(1, "f 50 a, f 51 b"), (2, "f 52 b, f 53 c")], &[2], &["a - 50", "b 52 51", "c 53 -"]),
            ("in a folder", &[(1, "d 3 a, f 50 z"), (2, "d 4 a, f 50 z"), (3, "f 51 x, f 52 y"), (4, "f 51 x, f 53 y")], &[2], &["a/y 53 52"]),
            ("a folder comes", &[(1, "d 3 a"), (2, ""), (3, "f 51 x")], &[2], &["a/x - 51"]),
            ("a file becomes a folder", &[(1, "f 50 a.b, d 3 a"), (2, "f 51 a, f 50 a.b"), (3, "f 52 x")], &[2], &["a 51 -", "a/x - 52"]),
            ("it can be run now", &[(1, "x 50 a"), (2, "f 50 a")], &[2], &["a 50 50"]),
            ("a file becomes a link", &[(1, "l 50 a"), (2, "f 51 a")], &[2], &["a 51 50"]),
            ("a folder that nobody enters", &[(1, "d 9 skipped"), (2, "")], &[2], &[]),
            ("a merge of what both had", &[(1, "f 50 a, f 51 b"), (2, "f 50 a, f 9 b"), (3, "f 8 a, f 51 b")], &[2, 3], &[]),
            ("a merge that makes something new", &[(1, "f 50 a, f 52 c"), (2, "f 51 a"), (3, "f 53 a")], &[2, 3], &["a - 50", "c - 52"]),
            ("a merge that drops what both had", &[(1, ""), (2, "f 51 a, f 9 b"), (3, "f 53 a")], &[2, 3], &["a - -"]),
            ("a merge of folders", &[(1, "d 4 d"), (2, "d 5 d"), (3, ""), (4, "f 50 a, f 51 b"), (5, "f 50 a, f 52 b")], &[2, 3], &["d/b - 51"]),
            ("a merge of three", &[(1, "f 50 a"), (2, "f 51 a"), (3, "f 52 a"), (4, "f 50 a")], &[2, 3, 4], &[]),
        ];
        for (case, folders, olds, expected) in table {
            let (lines, unread) = told(folders, 1, olds);
            assert_eq!(
                (lines.iter().map(String::as_str).collect::<Vec<_>>(), unread),
                (expected.to_vec(), 0),
                "{case}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_comes_to_an_end() {
        let circle = (0..200).map(|number| format!("d 1 {number:03}")).collect::<Vec<_>>().join(", ");
        type Case<'a> = (&'a str, Told<'a>, &'a [&'a str]);
        #[rustfmt::skip]
        let table: &[Case] = &[
            ("a folder is missing", &[(1, "f 50 a, d 9 b, f 51 c"), (2, "")], &["a - 50", "c - 51"]),
            ("the one before is missing", &[(1, "f 50 a")], &[]),
            ("a folder holds itself", &[(1, "d 1 a, f 50 b"), (2, "d 2 a, f 50 b")], &[]),
            ("a folder holds itself many times", &[(1, circle.as_str()), (2, "")], &[]),
        ];
        for (case, folders, expected) in table {
            let (lines, unread) = told(folders, 1, &[2]);
            assert!(unread > 0, "{case}: {lines:?}");
            for line in *expected {
                assert!(lines.iter().any(|told| told == line), "{case}: {lines:?}");
            }
        }
    }

    #[test]
    fn a_broken_folder_is_read_up_to_there() {
        let good = folders(&[(1, "f 50 a, f 51 b")])[&name(1)].bytes.clone();
        let empty = Rc::new(Object { kind: ObjectKind::Tree, bytes: Vec::new() });
        for end in 1..good.len() {
            let cut = Rc::new(Object { kind: ObjectKind::Tree, bytes: good[..end].to_vec() });
            let read = |wanted: &ObjectName| Ok(if *wanted == name(1) { cut.clone() } else { empty.clone() });
            let (mut read, mut lines) = (read, 0);
            let mut walk =
                Walk { read: &mut read, enter: &mut |_| true, hash: 20, most_entries: 100, unread: 0 };
            walk.changes(name(1), &[name(2)], &mut |_| lines += 1);
            let is_whole = end == good.len() / 2;
            assert_eq!((lines, walk.unread), (end / (good.len() / 2), usize::from(!is_whole)), "{end}");
        }
    }
}
