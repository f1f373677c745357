//! What keeps objects from a cluster: builds that fail, paths that are not there, manifests that nobody delivers.

use super::{Ask, Fact};
use crate::text::{Origin, Str};

/// One thing that keeps something from being delivered as it was meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Obstacle {
    /// `refused`, `missing`, `undefined`, `values`, `left-out`, `remote`, `chart` or `plugin`.
    pub why: &'static str,
    /// What is wrong, in a sentence without its beginning.
    pub says: Str,
}

impl Ask for Fact<Obstacle> {
    const ABOUT: &'static str = "obstacle";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("why", "refused, missing, undefined, values, left-out, remote, chart or plugin"),
        ("says", "what keeps it from being delivered"),
        ("what", "what is kept: the build, or the set of Applications"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        match name {
            "why" => Some(Str::new_static(self.says.why)),
            "says" => Some(self.says.says.clone()),
            "what" if self.owner.kind == "ApplicationSet" => Some(Str::new_static("set")),
            "what" => Some(Str::new_static("build")),
            _ => None,
        }
    }

    fn place(&self, _name: &str) -> Option<&Origin> {
        None
    }
}
