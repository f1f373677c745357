//! What is told of a comparison.

use crate::delta::Delta;
use crate::redact::{Cover, Text};

/// What a change does, and between what.
#[derive(Clone, Default, Debug)]
pub struct Compared {
    pub delta: Delta,
    /// The two sides as people call them.
    pub before: String,
    pub after: String,
    /// Every row is told.
    pub is_whole: bool,
}

impl Cover for Compared {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Compared { delta, before, after, is_whole: _ } = self;
        delta.texts(each);
        each(before);
        each(after);
    }
}
