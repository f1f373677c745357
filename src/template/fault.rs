//! Why a template gives nothing, with the place. Nothing else is lost by it.

use super::stop::Stop;
use crate::text::{Span, Str};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub says: String,
    /// The action that cannot be executed.
    pub at: Span,
    /// That action as it is written; empty for what is none.
    pub action: Str,
    pub why: Why,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Helm refuses it, too.
    Refused,
    /// It asks for more than is understood here, or for a value that is not known.
    Unknown,
    /// There is no value to be written.
    Absent,
    /// It takes more steps or bytes than are followed here.
    TooMuch,
    /// It takes more levels than fit on this stack; on a larger one it may end.
    TooDeep,
}

impl Fault {
    pub fn new(stop: Stop, at: Span, action: &str) -> Fault {
        let (says, why) = match stop {
            Stop::Refused(says) => (says, Why::Refused),
            Stop::Unknown(says) => (says, Why::Unknown),
            Stop::TooMuch(says) => (says, Why::TooMuch),
            Stop::TooDeep(says) => (says, Why::TooDeep),
        };
        Fault { says, at, action: action.into(), why }
    }
}
