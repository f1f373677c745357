//! What surrounds the run: variables, the working directory, the clock, the standard streams.

use std::ffi::OsString;
use std::io::{self, Stderr, Stdin, Stdout};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

pub(in crate::cli) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The value of a variable, if it is Unicode.
pub(in crate::cli) fn variable_text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The names of all variables.
pub(in crate::cli) fn variables() -> impl Iterator<Item = OsString> {
    std::env::vars_os().map(|(name, _)| name)
}

/// The working directory, without links.
pub(in crate::cli) fn here() -> io::Result<PathBuf> {
    super::named::real(&std::env::current_dir()?)
}

pub(in crate::cli) fn standard_input() -> Stdin {
    io::stdin()
}

pub(in crate::cli) fn standard_output() -> Stdout {
    io::stdout()
}

pub(in crate::cli) fn standard_error() -> Stderr {
    io::stderr()
}

pub(in crate::cli) fn now() -> Instant {
    Instant::now()
}

pub(in crate::cli) fn today() -> SystemTime {
    SystemTime::now()
}
