//! Runs of the real binary: arguments, exit codes, files, outputs, hostile repositories.
#![cfg(unix)] // links, permissions and names that other systems do not have
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod action;
mod allow;
mod arguments;
mod changed;
mod charts;
mod charts_fetch;
mod clusters;
mod diff;
mod files;
mod history;
mod hostile;
mod init;
mod outputs;
#[path = "../charts/pack.rs"]
mod pack;
mod remotes;
mod render;
mod secrets;
mod stage;
