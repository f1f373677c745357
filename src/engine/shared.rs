//! What two runs over nearly the same files find only once: beside the trees and builds of `world`, what files that are equal
//! say, and what objects say that are the same tree.

use super::unit::{Said, Unit};
use crate::facts::{Keeping, Scene};
use crate::formats;
use crate::syntax::Node;
use crate::text::{File, SourceId, Span, Str};
use crate::world::{Delivery, Fate, Means, Object, SharedBuilds, SharedFiles, View};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What the first of two runs leaves for the second. Their jobs differ in the files alone, and files that both have have the same
/// numbers.
#[derive(Debug)]
pub struct Shared {
    pub(super) files: SharedFiles,
    pub(super) builds: SharedBuilds,
    /// A file that others are read with is another one.
    is_beside_changed: bool,
    units: Vec<OnceLock<KeptUnit>>,
    objects: Mutex<HashMap<(usize, Span), Vec<KeptObject>>>,
}

#[derive(Debug)]
struct KeptUnit {
    around: AroundUnit,
    unit: Unit,
    text: Option<Arc<str>>,
}

/// What decides what a file says besides its text, if nothing else was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AroundUnit {
    is_spoken_for: bool,
    gives_values: bool,
    is_silent: bool,
    is_expected: bool,
    keeping: Option<Keeping>,
}

impl AroundUnit {
    /// Nothing where too much else decides.
    pub(super) fn of(
        view: View,
        is_expected: bool,
        keeping: Option<Keeping>,
        id: SourceId,
    ) -> Option<AroundUnit> {
        let file = File { id, name: view.files.name(id), text: "" };
        let is_dead = || file.is_yaml() && matches!(view.fate(id), Fate::Dead(..));
        let is_plain = !view.are_rendered(id) && !is_dead();
        is_plain.then(|| AroundUnit {
            is_spoken_for: view.speaks_for(id),
            gives_values: view.gives_values(id),
            is_silent: view.is_silent(id),
            is_expected,
            keeping,
        })
    }
}

#[derive(Debug)]
struct KeptObject {
    around: AroundObject,
    /// As long as it is kept, no other tree has its address.
    root: Node,
    said: Said,
}

/// The same for an object.
#[derive(PartialEq, Debug)]
pub(super) struct AroundObject {
    scene: Scene,
    is_of_chart: bool,
    is_rendered: bool,
    /// The chart that a release takes.
    chart: Option<Str>,
}

impl AroundObject {
    /// Nothing where too much else decides.
    pub(super) fn of(
        view: View,
        (build, delivery, object): (usize, &Delivery, &Object),
        scene: &Scene,
    ) -> Option<AroundObject> {
        let build = build as u32;
        let takes_others = object.root.at(&["spec", "valuesFrom"]).is_some();
        let kind = view.kind_of_release(&object.root);
        let is_rendered = kind.is_some() && view.is_rendered(build, &object.root);
        let is_release = kind == Some("HelmRelease");
        let chart = || view.release(build, &object.root).chart.map(|chart| chart.text);
        (!takes_others).then(|| AroundObject {
            scene: scene.clone(),
            is_of_chart: delivery.means == Means::Chart,
            is_rendered,
            chart: if is_release { chart() } else { None },
        })
    }
}

impl Shared {
    /// For files of which these are the names on each side; `is_same` says of a file whether it is equal on both. Nothing where
    /// a chart comes or goes: by it, the files around it are others.
    pub fn new(sides: [&[&str]; 2], is_same: impl Fn(&str) -> bool) -> Option<Shared> {
        let files = SharedFiles::new(sides, is_same);
        let is_called = |name: &String, base: &str| name.rsplit('/').next() == Some(base);
        if !files.are_all_on_both() && files.changed().iter().any(|name| is_called(name, "Chart.yaml")) {
            return None;
        }
        // That a compose file is there says what the files of variables beside it are.
        let is_compose = |name: &String| !files.are_all_on_both() && formats::is_called_compose(name);
        let is_beside =
            |name: &String| formats::is_beside(name) || is_called(name, ".gitattributes") || is_compose(name);
        Some(Shared {
            is_beside_changed: files.changed().iter().any(is_beside),
            units: sides[0].iter().map(|_| OnceLock::new()).collect(),
            objects: Mutex::default(),
            builds: SharedBuilds::default(),
            files,
        })
    }

    /// The first of the two runs is over.
    pub fn complete(&self) {
        self.files.complete();
    }

    /// What a file said, and its text if somebody has to see it again.
    pub(super) fn unit(&self, id: SourceId, around: AroundUnit) -> Option<(Unit, Option<Arc<str>>)> {
        let kept = self.units.get(id.0 as usize)?.get()?;
        (self.files.is_complete() && kept.around == around).then(|| (kept.unit.clone(), kept.text.clone()))
    }

    /// Whether what a file says is worth being kept.
    pub(super) fn takes_unit(&self, id: SourceId) -> bool {
        self.files.is_same(id) && !self.is_beside_changed
    }

    pub(super) fn keep_unit(&self, id: SourceId, around: AroundUnit, unit: &Unit, text: Option<Arc<str>>) {
        if let Some(slot) = self.units.get(id.0 as usize).filter(|_| !self.files.is_complete()) {
            _ = slot.set(KeptUnit { around, unit: unit.clone(), text });
        }
    }

    /// What the same tree said in the same place of the same delivery.
    pub(super) fn object(&self, object: &Object, around: &AroundObject) -> Option<Said> {
        if !self.files.is_complete() {
            return None;
        }
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = objects.get(&key(object))?;
        let is_it = |kept: &&KeptObject| kept.around == *around && kept.root.is_same(&object.root);
        kept.iter().find(is_it).map(|kept| kept.said.clone())
    }

    pub(super) fn keep_object(&self, object: &Object, around: AroundObject, said: &Said) {
        if !self.files.is_complete() {
            let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = KeptObject { around, root: object.root.clone(), said: said.clone() };
            objects.entry(key(object)).or_default().push(kept);
        }
    }
}

fn key(object: &Object) -> (usize, Span) {
    (object.root.entries().as_ptr() as usize, object.written.span)
}
