//! What the data pages say, as the join asks for it.

use crate::facts::{Engines, Moves, Provisioners};

/// What the data pages say.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub moves: &'a Moves,
    pub engines: &'a Engines,
    pub provisioners: &'a Provisioners,
}
