//! What git stores, read from its bytes: packs, loose objects and folders. Whoever owns the disk opens the files and hands
//! them in; what is in a file of the repository, nobody here knows.

mod changes;
mod commit;
mod delta;
#[cfg(test)]
mod hostile;
mod index;
mod inflate;
mod name;
mod object;
mod pack;
mod store;
mod tree;

pub use changes::{Changed, Walk};
pub use commit::{Commit, newest_first};
pub use name::ObjectName;
pub use object::{Fault, Object, ObjectKind};
pub use pack::PackFile;
pub use store::{Reader, Store};
pub use tree::Thing;
