//! Kustomize, natively: a folder with a kustomization becomes objects, every value with the road it came by.
//!
//! The tool's quirks are the specification. What it would refuse is a fault with a place, and the build goes on with
//! what could be loaded; what cannot be known without the network or a plugin is a fault of its own kind.

mod build;
mod charts;
mod fault;
mod fields;
mod file;
mod finish;
mod gathered;
mod generate;
mod hash;
mod images;
mod json_patch;
mod loader;
mod marks;
mod merge;
mod names;
mod patch;
mod pattern;
mod plugins;
mod replace;
mod schema;
mod schemas;
mod select;
mod write;

pub use build::{Built, Cache, build};
pub(super) use build::{build_of, build_over, files_of};
pub(super) use fault::missing;
pub use fault::{Fault, Why};
pub(super) use file::{Kustomization, Strictness, candidates, read_with};
pub use gathered::Outcome;
pub use loader::Reach;
