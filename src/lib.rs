//! pintle lints GitOps repositories: what will really run, where the data will live, did a secret slip in.
//!
//! The modules below are the floors of the house, from the ground up; each imports only what stands above it in
//! this list. ARCHITECTURE.md draws the same picture with its reasons.

pub mod text;

pub mod facts;
pub mod finding;

pub mod syntax;

pub mod config;
pub mod world;

pub mod formats;
pub mod secrets;

pub mod fix;
pub mod join;
pub mod judge;
pub mod rules;

pub mod engine;
pub mod examples;
pub mod history;
pub mod inventory;
pub mod redact;

pub mod emit;

#[cfg(feature = "cli")]
pub mod cli;
