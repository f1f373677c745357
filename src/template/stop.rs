//! Why a function gives nothing, and how much it may make.

use crate::limits::MOST_OF_TEXT;

/// Why an action gives nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The tool stops here, too, for this reason.
    Refused(String),
    /// It asks for more than is understood here.
    Unknown(String),
    /// It takes more steps or bytes than are followed here, or a value holds itself.
    TooMuch(String),
    /// It takes more levels than fit on this stack.
    TooDeep(String),
}

impl Stop {
    pub fn refused<T>(says: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::Refused(says.into()))
    }
}

/// Whether a text of this length may be made.
pub fn fits(len: usize) -> Result<(), Stop> {
    if len <= MOST_OF_TEXT {
        return Ok(());
    }
    Err(Stop::TooMuch(format!("it makes a text of more than {MOST_OF_TEXT} bytes")))
}
