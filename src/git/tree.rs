//! Folders as git stores them, and what differs between one and those it was made of. No file is read for it.

use super::ObjectName;
use std::cmp::Ordering;

/// One file, link, submodule or folder of a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    pub name: &'a [u8],
    pub what: Thing,
    pub object: ObjectName,
    /// Whether it can be run: two files that differ in this alone are two.
    pub is_executable: bool,
}

/// What a folder holds under a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing {
    File,
    Link,
    Folder,
    Submodule,
}

/// The entries of a folder, up to where they can be read.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    hash: usize,
    first: Option<Entry<'a>>,
    /// Whether something is there that is no entry.
    pub(super) is_broken: bool,
}

impl<'a> Entries<'a> {
    pub(super) fn new(bytes: &'a [u8], hash: usize) -> Entries<'a> {
        let mut entries = Entries { rest: bytes, hash, first: None, is_broken: false };
        entries.advance();
        entries
    }

    /// Passes over the entries with which both begin, without reading what they say.
    pub(super) fn skip_common(&mut self, other: &mut Entries<'a>) {
        if self.first.is_none() || self.first != other.first {
            return;
        }
        let (mut at, hash) = (0, self.hash);
        while let Some(end) = self.rest.get(at..).and_then(|rest| memchr::memchr(0, rest)) {
            let next = at + end + 1 + hash;
            match (self.rest.get(at..next), other.rest.get(at..next)) {
                (Some(mine), Some(theirs)) if mine == theirs => at = next,
                _ => break,
            }
        }
        (self.rest, other.rest) = (&self.rest[at..], &other.rest[at..]);
        self.advance();
        other.advance();
    }

    pub(super) fn first(&self) -> Option<Entry<'a>> {
        self.first
    }

    pub(super) fn advance(&mut self) {
        self.first = None;
        if !self.rest.is_empty() {
            self.first = self.take();
            self.is_broken |= self.first.is_none();
        }
    }

    /// Mode in octal digits, a space, the name, a NUL, the object.
    fn take(&mut self) -> Option<Entry<'a>> {
        let space = self.rest.iter().take(8).position(|&byte| byte == b' ')?;
        let digit = |mode: Option<u32>, &byte: &u8| match byte {
            b'0'..=b'7' => Some(mode? << 3 | u32::from(byte - b'0')),
            _ => None,
        };
        let mode = self.rest[..space].iter().fold(Some(0), digit)?;
        let rest = &self.rest[space + 1..];
        let end = memchr::memchr(0, rest)?;
        let object = ObjectName::new(rest.get(end + 1..end + 1 + self.hash)?)?;
        self.rest = &rest[end + 1 + self.hash..];
        let what = match mode & 0o170_000 {
            0o100_000 => Thing::File,
            0o120_000 => Thing::Link,
            0o040_000 => Thing::Folder,
            _ => Thing::Submodule,
        };
        let is_executable = what == Thing::File && mode & 0o100 != 0;
        Some(Entry { name: &rest[..end], what, object, is_executable })
    }
}

/// The order of a folder: by bytes, the name of a folder with a slash behind it.
pub(super) fn order(one: &Entry, other: &Entry) -> Ordering {
    let common = one.name.len().min(other.name.len());
    one.name[..common].cmp(&other.name[..common]).then_with(|| {
        let next = |entry: &Entry| match entry.name.get(common) {
            Some(&byte) => byte,
            None if entry.what == Thing::Folder => b'/',
            None => 0,
        };
        let by_next = next(one).cmp(&next(other));
        by_next.then_with(|| one.name.len().cmp(&other.name.len()))
    })
}
