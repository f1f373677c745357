//! What keeps a build from being whole: refusals of the tool, and what nobody can know from here.

use super::super::files::Absence;
use crate::finding::Problem;
use crate::syntax::yaml::Yaml;
use crate::text::Span;

/// Why something is not as it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// The tool would not build this.
    Refused,
    /// The path of a delivery is not there.
    PathMissing,
    /// A variable that nobody gives a value.
    Undefined,
    /// It lies outside the repository.
    Remote,
    /// A chart makes it.
    Chart,
    /// A program makes it.
    Plugin,
    /// It may go on without end: pintle does not follow it further, and the tool might.
    Bound,
}

impl Why {
    /// One word, as rule pages ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Why::Refused => "refused",
            Why::PathMissing => "missing",
            Why::Undefined => "undefined",
            Why::Remote => "remote",
            Why::Chart => "chart",
            Why::Plugin => "plugin",
            Why::Bound => "bound",
        }
    }

    /// Whether something may be there that nobody here can see.
    pub fn hides(self) -> bool {
        !matches!(self, Why::Refused | Why::PathMissing | Why::Undefined)
    }
}

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
        Absence::Unseen(why) => (Why::Remote, format!("`{path}` is not here: {why}")),
    }
}
