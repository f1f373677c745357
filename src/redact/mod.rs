//! What of a report and of a repository's texts may be shown: secrets are covered, and what would steer a terminal
//! or a log is drawn. Writes nothing itself. [`Shown`] is the type of what may leave the house; it is made here alone.

mod clean;
#[cfg(feature = "cli")]
mod drawn;
#[cfg(feature = "cli")]
mod places;
mod redactor;
mod report;
mod shown;
mod spans;
mod strength;
mod values;

pub use clean::{clean, escape_json};
pub(crate) use clean::{floor, picture};
#[cfg(feature = "cli")]
pub(crate) use drawn::Drawn;
#[cfg(feature = "cli")]
pub(crate) use places::{Hidden, Places};
pub use redactor::Redactor;
pub use shown::{Cover, Manner, Shown, Text};
pub(crate) use spans::Spans;

/// What is in the place of a secret, whatever its length.
use crate::facts::MASK as COVER;
