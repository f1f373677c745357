//! What of a report and of a repository's texts may be shown: secrets are covered, and what would steer a terminal
//! or a log is drawn. Writes nothing itself.

mod clean;
mod cover;
#[cfg(feature = "cli")]
mod places;
mod spans;

#[cfg(test)]
pub(crate) use clean::COMMAND;
pub use clean::{clean, escape_json};
pub(crate) use clean::{is_hidden, picture};
#[cfg(feature = "cli")]
pub(crate) use cover::Shown;
pub(crate) use cover::{Veil, floor};
#[cfg(feature = "cli")]
pub(crate) use places::{Hidden, Places};
