//! Runs of the real binary: arguments, exit codes, files, outputs, hostile repositories.
#![allow(clippy::disallowed_methods)]

mod arguments;
mod files;
mod hostile;
mod outputs;
mod stage;
