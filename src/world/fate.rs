//! What becomes of a manifest: the one answer for who judges it, counts it and draws it.

use super::view::View;
use crate::facts::Why;
use crate::text::SourceId;

/// What becomes of a manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Something that is delivered reads it, or it declares what is delivered.
    Live,
    /// Something is delivered from here, and not this: `LeftOut` or `Outside`, and the words for why.
    Dead(Why, String),
    /// Nothing tells: nothing is delivered from here, or a chart may hold it.
    Unknown,
}

impl View<'_> {
    pub fn fate(&self, source: SourceId) -> Fate {
        if self.forest.live.contains(&source) || self.forest.begins_in(source) {
            return Fate::Live;
        }
        if self.forest.loaded.contains(&source) {
            return Fate::Dead(Why::Outside, "only what is not delivered itself loads it".into());
        }
        if let Some(reason) = self.left_out(source) {
            return Fate::Dead(Why::LeftOut, reason);
        }
        match self.is_outside(source) {
            true => Fate::Dead(Why::Outside, "nothing that is delivered loads it".into()),
            false => Fate::Unknown,
        }
    }
}
