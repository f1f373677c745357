//! How a run ends, and why pintle could not do its work.

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

impl Failure {
    pub(super) fn new(says: impl Into<String>) -> Failure {
        Failure { says: says.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }
}
