//! What a build has gathered so far: objects, the fields that transformers reach, variables, faults.

use super::super::object::{Object, ObjectId};
use super::fault::{Fault, Why};
use super::fields::{self, Fields};
use super::replace::Variable;
use crate::text::{SourceId, Span};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// What became of an entry of `images:` or of a patch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// It changed something.
    pub changed: bool,
    /// Nothing that it could have changed is out of sight.
    pub seen_whole: bool,
}

impl Outcome {
    /// The outcome here and in another build that shares the entry.
    pub fn join(&mut self, other: Outcome) {
        self.changed |= other.changed;
        self.seen_whole &= other.seen_whole;
    }
}

/// What one kustomization gives to the one that loads it.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    pub(super) objects: Vec<Object>,
    pub(super) fields: Option<Arc<Fields>>,
    pub(super) variables: Vec<Variable>,
    pub(super) faults: Vec<Fault>,
    pub(super) read: BTreeSet<SourceId>,
    /// Something is missing that may hold what others ask for.
    pub(super) unseen: bool,
    /// The files whose objects were loaded.
    pub(super) loaded: BTreeSet<SourceId>,
    /// Entries that ask for a change, and whether they changed anything. A patch file is told by its beginning.
    pub(super) asked: BTreeMap<Span, Outcome>,
    /// The ids of the objects, while nothing but additions happened.
    pub(super) ids: Option<HashSet<ObjectId>>,
}

impl Gathered {
    pub(super) fn fields(&self) -> Arc<Fields> {
        self.fields.clone().unwrap_or_else(|| fields::BUILT_IN.clone())
    }

    pub(super) fn fault(&mut self, why: Why, says: impl Into<String>, at: Option<Span>) {
        self.unseen |= why.hides();
        self.faults.push(Fault { why, says: says.into(), at });
    }

    /// Remembers whether an entry changed something among what is gathered by now.
    pub(super) fn ask(&mut self, entry: Span, changed: bool) {
        let own = Outcome { changed, seen_whole: !self.unseen };
        self.asked.entry(entry).or_insert(own).join(own);
    }

    /// Takes what a step could not do as a refusal.
    pub(super) fn try_at(&mut self, at: Span, outcome: Result<(), String>) {
        if let Err(says) = outcome {
            self.fault(Why::Refused, says, Some(at));
        }
    }

    /// Adds objects; one that is there already is refused.
    pub(super) fn add(&mut self, objects: impl IntoIterator<Item = Object>, asked: Span) {
        let of = |object: &Object| {
            let id = object.id();
            ObjectId { namespace: id.home().into(), ..id }
        };
        let mut ids = self.ids.take().unwrap_or_else(|| self.objects.iter().map(of).collect());
        for object in objects {
            let id = of(&object);
            if ids.insert(id.clone()) {
                self.objects.push(object);
            } else {
                self.fault(Why::Refused, format!("{} is loaded twice", id.label()), Some(asked));
            }
        }
        self.ids = Some(ids);
    }
}
