//! Runs of the real binary: arguments, exit codes, files, outputs, hostile repositories.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod arguments;
mod changed;
mod files;
mod hostile;
mod outputs;
mod stage;
