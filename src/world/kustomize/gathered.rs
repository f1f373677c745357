//! What a build has gathered so far: objects, the fields that transformers reach, variables, faults.

use super::super::object::{Object, ObjectId};
use super::fault::{self, Fault, Why};
use super::fields::{self, Fields};
use super::replace::Variable;
use crate::facts::Beyond;
use crate::limits::MOST_COPIES;
use crate::syntax::yaml::Yaml;
use crate::text::{SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What became of an entry of `images:` or of a patch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// It changed something.
    pub changed: bool,
    /// Nothing that it could have changed is out of sight.
    pub seen_whole: bool,
    /// It changed nothing, and its image is named where the tool does not look.
    pub beyond: Option<Beyond>,
}

impl Outcome {
    /// The outcome here and in another build that shares the entry.
    pub fn join(&mut self, other: Outcome) {
        self.changed |= other.changed;
        self.seen_whole &= other.seen_whole;
        self.beyond = self.beyond.max(other.beyond);
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
    /// The names that were looked for and not found, or not taken.
    pub(super) missed: BTreeSet<Str>,
    /// The folders of which every file was looked at: those of charts.
    pub(super) listed: BTreeSet<Str>,
    /// Something is missing that may hold what others ask for.
    pub(super) unseen: bool,
    /// A chart in it goes where whoever loads it says.
    pub(super) takes_namespace: bool,
    /// The files whose objects were loaded.
    pub(super) loaded: BTreeSet<SourceId>,
    /// The files of values that charts were rendered with, as a build tells them.
    pub(super) values: BTreeMap<SourceId, BTreeSet<Str>>,
    /// What was taken for granted of charts that charts depend on, and where they are asked for.
    pub(super) assumed: Vec<(String, Span)>,
    /// Entries that ask for a change, and whether they changed anything. A patch file is told by its beginning.
    pub(super) asked: BTreeMap<Span, Outcome>,
    /// The keys that are given twice in their maps.
    pub(super) doubled: BTreeSet<Span>,
    /// The ids of the objects, while nothing but additions happened.
    pub(super) ids: Option<HashSet<ObjectId>>,
    /// The objects by each name that they have or had. Who gives objects other names, or takes some out, forgets it.
    pub(super) by_name: Option<HashMap<Str, Vec<usize>>>,
    /// The faults that bases had.
    taken: BTreeSet<Fault>,
    /// From how many objects on copies are counted again.
    counted_at: usize,
}

impl Gathered {
    pub(super) fn with(faults: Vec<Fault>) -> Gathered {
        Gathered { faults, ..Gathered::default() }
    }

    pub(super) fn fields(&self) -> Arc<Fields> {
        self.fields.clone().unwrap_or_else(|| fields::BUILT_IN.clone())
    }

    pub(super) fn fault(&mut self, why: Why, says: impl Into<String>, at: Option<Span>) {
        self.unseen |= why.hides();
        self.faults.push(Fault { why, says: says.into(), at });
    }

    /// What of a text the tool does not read is refused.
    pub(super) fn refuse_broken(&mut self, yaml: &Yaml) {
        for problem in fault::broken(yaml) {
            self.fault(Why::Refused, problem.says.clone(), problem.at);
        }
    }

    /// Remembers the keys of a text that are given twice: the tool stumbles over those that are still there when it
    /// writes an object.
    pub(super) fn note_doubled(&mut self, yaml: &Yaml) {
        let doubled = yaml.problems.iter().filter(|problem| problem.kind == "yaml-duplicate-key");
        self.doubled.extend(doubled.filter_map(|problem| problem.at));
    }

    /// Remembers whether an entry changed something among what is gathered by now.
    pub(super) fn ask(&mut self, entry: Span, changed: bool) {
        self.note(entry, Outcome { changed, seen_whole: !self.unseen, beyond: None });
    }

    /// Remembers an entry of `images:` that changed nothing, and where its image is named instead.
    pub(super) fn ask_in_vain(&mut self, entry: Span, beyond: Option<Beyond>) {
        self.note(entry, Outcome { changed: false, seen_whole: !self.unseen, beyond });
    }

    fn note(&mut self, entry: Span, own: Outcome) {
        self.asked.entry(entry).or_insert(own).join(own);
    }

    /// Takes over the faults of a base: those of one that is loaded several times once.
    pub(super) fn take_faults(&mut self, faults: &[Fault]) {
        let told = &mut self.taken;
        self.faults.extend(faults.iter().filter(|fault| told.insert((*fault).clone())).cloned());
    }

    /// Takes over the files of values of charts.
    pub(super) fn take_values(&mut self, values: &BTreeMap<SourceId, BTreeSet<Str>>) {
        for (file, open) in values {
            self.values.entry(*file).or_default().extend(open.iter().cloned());
        }
    }

    /// Takes what a step could not do as a refusal.
    pub(super) fn try_at(&mut self, at: Span, outcome: Result<(), String>) {
        if let Err(says) = outcome {
            self.fault(Why::Refused, says, Some(at));
        }
    }

    /// The objects that are this one, or were.
    pub(super) fn all_of(&mut self, id: &ObjectId) -> Vec<usize> {
        let by_name = self.by_name.get_or_insert_with(|| {
            let mut by_name: HashMap<Str, Vec<usize>> = HashMap::new();
            for (at, object) in self.objects.iter().enumerate() {
                for id in object.ids() {
                    let known = by_name.entry(id.name).or_default();
                    if known.last() != Some(&at) {
                        known.push(at);
                    }
                }
            }
            by_name
        });
        let named = by_name.get(&id.name).map_or(&[][..], Vec::as_slice);
        let is_it = |at: &&usize| self.objects[**at].ids().any(|other| other.is(id));
        named.iter().filter(is_it).copied().collect()
    }

    /// Whether a base would make the same objects far too often: it is loaded twice by what is loaded twice, and so on.
    /// Counted only now and then, so that it costs nothing.
    pub(super) fn multiplies(&mut self, inner: &Gathered) -> bool {
        let len = self.objects.len() + inner.objects.len();
        if len < self.counted_at.max(MOST_COPIES) {
            return false;
        }
        self.counted_at = len * 2;
        let all = self.objects.iter().chain(&inner.objects);
        let written: HashSet<_> = all.map(|object| Arc::as_ptr(&object.written)).collect();
        len - written.len() > MOST_COPIES
    }

    /// Gives back what only whoever adds more asks for.
    pub(super) fn settle(&mut self) {
        (self.ids, self.by_name, self.taken) = (None, None, BTreeSet::new());
        self.objects.shrink_to_fit();
    }

    /// Adds one object of a new name.
    pub(super) fn push(&mut self, object: Object) {
        if let Some(by_name) = &mut self.by_name {
            by_name.entry(object.id().name).or_default().push(self.objects.len());
        }
        self.objects.push(object);
    }

    /// Adds objects; one that is there already is refused.
    pub(super) fn add(&mut self, objects: impl IntoIterator<Item = Object>, asked: Span) {
        let of = |object: &Object| {
            let id = object.id();
            ObjectId { namespace: id.home().into(), ..id }
        };
        self.by_name = None;
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
