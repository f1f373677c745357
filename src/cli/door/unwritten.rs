//! Why a file was not written.

use super::opened::Refused;
use std::io;

/// Why a file was not written. It is then as it was.
#[derive(Debug)]
pub(in crate::cli) enum Unwritten {
    /// It is a link, or behind one.
    Link,
    /// The path ends in no name.
    NoName,
    /// It is no file, but this.
    Folder,
    /// Another process holds the lock.
    Locked,
    /// Somebody wrote it after it was read.
    Changed,
    /// There is one already.
    There,
    /// It has another owner, and the new one would not.
    Owner,
    /// What is there cannot be read.
    Old(Refused),
    System(io::Error),
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Unwritten {
        Unwritten::System(error)
    }
}
