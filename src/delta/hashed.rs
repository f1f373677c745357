//! Names with a hash behind them, which kustomize changes with what a map holds.

use super::objects::Objects;
use crate::text::Str;
use std::collections::HashMap;

/// Names with a hash of what they hold, and the names without it.
#[derive(Default)]
pub(super) struct Hashed {
    names: HashMap<Str, Str>,
}

impl Hashed {
    pub(super) fn of(before: &Objects, after: &Objects) -> Hashed {
        let all = before.things.iter().chain(&after.things);
        let hashed = all.filter(|thing| thing.name != thing.id.name);
        Hashed { names: hashed.map(|thing| (thing.id.name.clone(), thing.name.clone())).collect() }
    }

    /// The name that a text is, without its hash.
    pub(super) fn plain<'t>(&'t self, text: &'t str) -> &'t str {
        if self.names.is_empty() {
            return text;
        }
        self.names.get(text).map_or(text, Str::as_str)
    }
}
