//! `pintle verify`: asks registries what they have of each pinned image, and tells what is otherwise like any other finding.

use super::args::Verify;
use super::lint::{self, Topic};
use super::{End, Failure};

pub(super) fn run(verify: &Verify) -> Result<End, Failure> {
    if verify.lint.fix || verify.lint.diff {
        return Err(Failure::new("`pintle verify` mends nothing")
            .hint("`pintle pin --update` writes the digests that the tags have today"));
    }
    if verify.lint.untrusted {
        return Err(Failure::new("`pintle verify` takes no --untrusted")
            .hint("the change of a stranger could name any address to be asked"));
    }
    lint::check(&verify.lint, Topic::Pins(verify))
}
