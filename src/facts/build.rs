//! How images are built: the stages of a Dockerfile.

use crate::text::{Part, Str};

/// One stage of a Dockerfile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stage {
    /// Its number, from 0, and its name if it has one.
    pub number: usize,
    pub name: Option<Part>,
    pub base: Option<Part>,
    /// It is the last stage: what the build gives.
    pub last: bool,
    /// The last `USER` of the stage.
    pub user: Option<Part>,
    /// Build tools that the stage installs: compilers, headers.
    pub toolchain: Vec<Part>,
    /// `ARG` and `ENV` with a value.
    pub arguments: Vec<StageArgument>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageArgument {
    pub instruction: Str,
    pub name: Part,
    pub value: Option<Part>,
}
