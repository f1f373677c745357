//! What earlier versions of files held: what one version holds (`look`), what is gone from the files (`timeline`), and
//! the report over it (`report`). Which versions there are is told from outside; nothing here knows git.

mod look;
mod report;
mod timeline;

#[cfg(feature = "cli")]
pub use look::Print;
pub use look::{Look, Place, look};
pub use report::{RULE, Told, report};
pub use timeline::{Change, Commit, Seen, Timeline, relics};
