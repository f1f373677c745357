//! Files that are no files of the run: packed, or in folders elsewhere. Who holds them hands them over by number; what is
//! in them is not known here.

use super::Str;

/// Packages at hand: folders and archives that the user named, a cache, what was fetched.
pub trait Packages: Sync {
    /// What each is called, as people are told it. Of two that fit equally the first is taken.
    fn names(&self) -> &[Str];
    /// Reads a package by its number, or says why it cannot be read.
    fn read(&self, package: usize, portion: Portion) -> Result<Package, String>;
}

/// How much of a package is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Portion<'p> {
    /// This file is enough; an archive is given as a whole all the same.
    File(&'p str),
    Whole,
}

/// The bytes of a package.
#[derive(Debug)]
pub enum Package {
    Archive(Vec<u8>),
    /// Names relative to the folder, and bytes.
    Folder(Vec<(Str, Vec<u8>)>),
}
