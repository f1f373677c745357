//! One side of a change: what a run made of a repository.

use super::objects::Objects;
use crate::finding::Report;
use crate::join::Joined;

/// A repository as it was read on one side.
pub struct Side {
    pub objects: Objects,
    pub report: Report,
    pub joined: Joined,
}
