//! The floor everyone stands on: bytes with places. Knows no file format, no rule and no disk.
//!
//! A *source* is one file of the repository. A [`Span`] is a range of its bytes. An [`Origin`] is a span with a
//! memory: where a value was written, and the road it took from there to where somebody reads it. Everything
//! above this floor passes origins along instead of searching a text for a value it once saw there.

mod conflict;
mod covers;
mod date;
mod digest;
mod edit;
mod encode;
mod file;
mod hole;
mod lines;
mod near;
mod needles;
mod origin;
mod packages;
mod packed;
pub mod paths;
pub mod patterns;
mod source;
mod span;
mod steering;

pub use conflict::is_conflict;
pub use covers::Covers;
pub use date::Date;
#[cfg(feature = "cli")]
pub use date::seconds;
pub use digest::{is_commit, is_digest};
pub use edit::{Edit, apply};
pub use encode::{Sha256, base64, first_of_base64, from_base64};
pub use file::File;
pub use hole::{Hole, Reason};
pub use lines::{Lines, Place};
pub use near::nearest;
pub use needles::Needles;
pub use origin::{How, Origin, Part, Pieces, Step, Weave};
pub use packages::{Package, Packages, Portion};
pub use packed::{Tar, TarEntry, gunzip, gzip_header, zip};
pub use source::{Source, Sources};
pub use span::{SourceId, Span};
pub use steering::{begins_command, has_command, is_command, is_hidden};

/// A short text that is cheap to clone: up to 23 bytes stand in place, longer ones are shared.
pub type Str = smol_str::SmolStr;
