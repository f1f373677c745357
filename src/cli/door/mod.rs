//! The doors to the outside: disk, environment, clock. Nothing else in pintle opens, lists or writes a file; clippy
//! holds that.
//!
//! - [`Root`] and [`open_own`]: files of the repository, which a stranger may have written. Below the root by handle, through
//!   no link, and only what is a file of its own.
//! - [`open_gits`]: files of git's own folder, which may lie elsewhere (worktrees, submodules) and hold links.
//! - [`open_named`]: paths that the user names on the command line or in his environment.
//! - [`write_report`], [`keep`], [`change`], [`create`]: the one way in which a file is written.
//!
//! All know the size before they read, and read no more than the limit that they were given.
#![allow(clippy::disallowed_methods)]

#[cfg(unix)]
mod beneath;
mod environment;
mod gits;
mod listing;
mod named;
mod opened;
mod own;
#[cfg(any(test, not(unix)))]
mod step_by_step;
mod unwritten;
#[cfg(unix)]
mod writing;
#[cfg(any(test, not(unix)))]
mod writing_by_path;

pub(super) use environment::{
    here, now, standard_error, standard_input, standard_output, today, variable, variable_text, variables,
};
pub(super) use gits::{is_gits_folder, open_gits};
pub(super) use listing::{list, list_below};
pub(super) use named::{is_below, is_link, is_own_folder, is_there, open_named, real};
pub(super) use opened::{Opened, Refused};
pub(super) use own::{Root, is_own_file, leads_down, open_own};
pub(super) use unwritten::Unwritten;
#[cfg(unix)]
pub(super) use writing::{change, create, keep, store, write_report};
#[cfg(not(unix))]
pub(super) use writing_by_path::{change, create, keep, store, write_report};
