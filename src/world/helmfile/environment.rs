//! An environment of helmfile: its name and its values.

use super::super::edit;
use super::merge;
use crate::syntax::Node;
use crate::text::{Origin, Part, Span, Str};

/// An environment, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) name: Str,
    pub(super) context: Option<Part>,
    /// Its own values.
    pub(super) values: Node,
    /// The `values` of helmfiles, which its own are put over.
    pub(super) defaults: Node,
    /// There are values that nobody here can read.
    pub(super) is_open: bool,
}

impl Environment {
    pub(super) fn new(name: &Str, at: Span) -> Environment {
        let empty = edit::empty_map(&Origin::spelled(at));
        let (name, context) = (name.clone(), None);
        Environment { name, context, values: empty.clone(), defaults: empty, is_open: false }
    }

    /// All values, as templates see them.
    pub(super) fn merged(&self) -> Node {
        let mut out = self.defaults.clone();
        merge::layers(&mut out, &self.values);
        out
    }

    /// With what a helmfile that includes this one puts over its values.
    pub(super) fn with(mut self, over: Option<&Node>) -> Environment {
        over.into_iter().for_each(|over| merge::layers(&mut self.values, over));
        self
    }
}

/// What is told where values are not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    Refused,
    Skipped,
}

impl Missing {
    /// What the first of these that says something says.
    pub(super) fn of(some: &[Option<&Node>]) -> Missing {
        let said = some.iter().flatten().find_map(|node| node.text()).unwrap_or("Error");
        if said == "Error" { Missing::Refused } else { Missing::Skipped }
    }
}
