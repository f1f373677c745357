//! How a run ends, and why pintle could not do its work.

use crate::redact::{Cover, Redactor, Shown, Text};
use crate::rules::Book;

/// How a run ends. The numbers are a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Nothing was found that is as bad as `--fail-on` asks.
    Clean = 0,
    /// Something was.
    Found = 1,
    /// pintle could not do its work.
    Failed = 2,
}

/// Why pintle could not do its work, for people: lower case, no full stop.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) says: String,
    pub(super) hint: Option<String>,
}

impl Cover for Failure {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Failure { says, hint } = self;
        each(says);
        hint.texts(each);
    }
}

/// What is said besides reports: it may hold what somebody typed, or what a file said. What has the form of a secret is
/// covered.
pub(super) fn said<T: Cover>(what: T) -> Shown<T> {
    Redactor::forms(&Book::built_in().0.tables).show(what)
}

impl Failure {
    pub(super) fn new(says: impl Into<String>) -> Failure {
        Failure { says: says.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }
}
