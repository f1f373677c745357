//! Bytes to trees with exact places. Knows the grammar of a file, not what it is about.

pub mod dockerfile;
pub mod dotenv;
pub mod envsubst;
pub mod expand;
pub mod forms;
mod front;
pub mod glob;
pub mod hcl;
pub mod ini;
pub mod jinja;
pub mod jsonc;
mod node;
pub mod provide;
pub mod sealed;
pub mod shell;
pub mod starlark;
pub mod yaml;

pub use front::Front;
pub use node::{Document, Node, Remark, Scalar, Style, Tag, Value, remark_behind};
