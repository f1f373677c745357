//! What is known of a change that silences something, for judging it.

use crate::config::Config;
use crate::text::Span;

/// The rule under which it is told.
pub const SILENCE: &str = "silence-added";

/// Whether what a change silences counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Trust {
    /// It counts, and is told.
    #[default]
    Trusted,
    /// The change is a stranger's: it does not count.
    Untrusted,
}

/// Something in a change that keeps findings from being told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Silence {
    pub at: Span,
    pub says: String,
}

/// What a change silences, for judging it.
#[derive(Clone, Copy, Debug)]
pub struct Silenced<'a> {
    pub trust: Trust,
    /// The configuration before the change: it alone says how severe its silences are.
    pub before: &'a Config,
    pub silences: &'a [Silence],
}
