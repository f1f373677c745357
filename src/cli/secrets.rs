//! `pintle secrets`: the rules about secrets alone, on every text file or on the history of git.

use super::args::Secrets;
use super::lint::{self, Topic};
use super::{End, Failure};

pub(super) fn run(secrets: &Secrets) -> Result<End, Failure> {
    lint::check(&secrets.lint, Topic::Secrets)
}
