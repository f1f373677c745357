//! What is known of a file besides its text.

use super::promises::Promises;
use super::tables::Tables;
use crate::facts::Keeping;
use crate::text::Date;

/// What a file is judged with.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub tables: &'a Tables,
    /// Why the file is kept, if no cluster gets it: what people copy or tests use is less likely to be a credential.
    pub keeping: Option<Keeping>,
    /// What files beside it say should be encrypted.
    pub promises: &'a Promises,
    /// A compose file beside it starts something with the values of this one.
    pub starts: bool,
    /// The day, if somebody knows it: tokens end.
    pub today: Option<Date>,
}

static NONE: Promises = Promises::none();

impl<'a> Context<'a> {
    /// Of a file of which nothing is known.
    pub fn new(tables: &'a Tables) -> Context<'a> {
        Context { tables, keeping: None, promises: &NONE, starts: false, today: None }
    }
}
