//! What keeps a build from being whole: refusals of the tool, and what nobody can know from here.

use super::super::files::Absence;
pub use crate::facts::Why;
use crate::finding::Problem;
use crate::syntax::yaml::Yaml;
use crate::text::Span;

/// Something that keeps a build from being whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    pub why: Why,
    pub says: String,
    pub at: Option<Span>,
}

/// What the tool does not read. Of equal keys it takes one, or stumbles over them when it writes what it has built.
pub(super) fn broken(yaml: &Yaml) -> impl Iterator<Item = &Problem> {
    yaml.problems.iter().filter(|problem| matches!(problem.kind, "yaml-syntax" | "yaml-alias"))
}

/// What to say of something that is not there.
pub(in super::super) fn missing(path: &str, absence: &Absence) -> (Why, String) {
    match absence {
        Absence::Gone => (Why::Refused, format!("`{path}` is not there")),
        Absence::LeftOut(by) => (Why::Refused, format!("`{path}` is not in the source: {by} leaves it out")),
        Absence::Unseen(why, says) => (*why, format!("`{path}` is not here: {says}")),
    }
}
