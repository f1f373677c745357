//! What is wrong: rule pages, their conditions, and the checks that join facts. Rules see facts, never a tree.

pub(crate) mod book;
mod case;
pub(crate) mod checks;
mod data;
mod engines;
mod entry;
mod example;
mod moves;
mod names;
mod operators;
pub(crate) mod page;
mod places;
mod provisioners;
mod readme;
#[cfg(feature = "cli")]
mod schema;
mod secrets;
pub(crate) mod when;

pub use book::Book;
pub use case::Case;
pub use example::{Example, Expect, Fence, examples};
pub use page::Page;
#[cfg(feature = "cli")]
pub use schema::schema as front_schema;
pub use secrets::{rule_of, severity as severity_of};
pub use when::Condition;
