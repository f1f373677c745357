//! A file that is meant to be encrypted, and how much of it is.

use crate::text::Str;

/// What one file promises, and what it keeps. Counts are of values; a file that is encrypted as a whole is one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sealing {
    /// Who encrypts it: `SOPS`, `git-crypt`.
    pub tool: Str,
    /// What says that it is encrypted, as it is written: `encrypted_regex: ^data$`.
    pub rule: Str,
    /// Values that must be encrypted, and those of them that are, and that are not. Empty ones are neither.
    pub covered: usize,
    pub encrypted: usize,
    pub plain: usize,
    /// Values that the rule leaves as they are.
    pub outside: usize,
    /// Comments that must be encrypted, and are not.
    pub comments: usize,
    /// What one must know to read this right; empty for most.
    pub note: Str,
}

/// How far the promise is kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SealState {
    /// It covers nothing that is there.
    Nothing,
    /// It should be encrypted, and no value is.
    Plain,
    Partly,
    Encrypted,
}

impl SealState {
    pub const ALL: [SealState; 4] =
        [SealState::Nothing, SealState::Plain, SealState::Partly, SealState::Encrypted];

    pub fn name(self) -> &'static str {
        match self {
            SealState::Nothing => "nothing",
            SealState::Plain => "plain",
            SealState::Partly => "partly",
            SealState::Encrypted => "encrypted",
        }
    }
}

impl Sealing {
    pub fn state(&self) -> SealState {
        match (self.covered, self.encrypted, self.plain) {
            (0, 0, _) => SealState::Nothing,
            (_, 0, 1..) => SealState::Plain,
            (_, _, 1..) => SealState::Partly,
            _ => SealState::Encrypted,
        }
    }
}
