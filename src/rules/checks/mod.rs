//! The checks that join facts and so cannot be a page's conditions alone: one file and one line in [`CHECKS`] each.
//! Their words (title, severity, help, prose, examples) are on their page like any other rule's.

mod postgres_on_longhorn;

use super::{Case, Page};
use crate::finding::Finding;

/// A check written by hand: the id of its page, and the function.
pub(super) type Check = (&'static str, fn(&Case, &Page) -> Vec<Finding>);

/// Every check, sorted by id. A test holds that each has a page that says `about: joined`, and the reverse.
pub(super) const CHECKS: &[Check] = &[("postgres-on-longhorn", postgres_on_longhorn::check)];

/// Runs a page: its conditions, or the check that goes by its name.
pub(crate) fn run(case: &Case, page: &Page) -> Vec<Finding> {
    match CHECKS.iter().find(|(id, _)| page.id == *id) {
        Some((_, check)) => check(case, page),
        None => case.ask(page),
    }
}
