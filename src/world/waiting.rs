//! The order in which Flux Kustomizations are built: Flux knows none, and waits until what they ask for is there.

use super::delivery::{ClusterId, DeliveryId};
use super::flux;
use super::object::Object;
use crate::text::Str;
use std::collections::{HashMap, VecDeque};

/// A Flux Kustomization that is to be built.
pub(super) struct Child {
    pub(super) object: Object,
    pub(super) parent: Option<DeliveryId>,
    /// The cluster that it is in.
    pub(super) home: ClusterId,
}

/// Those that are to be built, each after what delivers the ConfigMaps that it takes variables from, if something does.
#[derive(Default)]
pub(super) struct Waiting {
    ready: VecDeque<Child>,
    /// Some ConfigMap of theirs is not there yet.
    put_off: Vec<Child>,
    /// Those that wait for nothing more: nobody delivers what they lack.
    last: VecDeque<Child>,
}

impl Waiting {
    pub(super) fn push(&mut self, child: Child) {
        self.ready.push_back(child);
    }

    /// The next one: whoever has what it needs, in the order of their coming; then the others, by who depends on whom.
    pub(super) fn next(&mut self, mut has_maps: impl FnMut(&Child) -> bool) -> Option<Child> {
        loop {
            while let Some(child) = self.ready.pop_front() {
                if has_maps(&child) {
                    return Some(child);
                }
                self.put_off.push(child);
            }
            if let Some(child) = self.last.pop_front() {
                return Some(child);
            }
            let (ready, still): (Vec<Child>, Vec<Child>) =
                std::mem::take(&mut self.put_off).into_iter().partition(&mut has_maps);
            if !ready.is_empty() {
                (self.ready, self.put_off) = (ready.into(), still);
                continue;
            }
            self.last = in_order(still).into();
            if self.last.is_empty() {
                return None;
            }
        }
    }
}

/// Each behind those that it depends on. Those that depend on each other keep their order, at the end.
fn in_order(children: Vec<Child>) -> Vec<Child> {
    let by_name: HashMap<(Str, Str), usize> =
        children.iter().enumerate().map(|(at, child)| (flux::key(&child.object), at)).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); children.len()];
    let mut lacks = vec![0usize; children.len()];
    for (at, child) in children.iter().enumerate() {
        for before in flux::depends_on(&child.object).filter_map(|name| by_name.get(&name)) {
            followers[*before].push(at);
            lacks[at] += 1;
        }
    }
    let mut free: VecDeque<usize> = (0..children.len()).filter(|&at| lacks[at] == 0).collect();
    let mut places = vec![usize::MAX; children.len()];
    let mut place = 0;
    while let Some(at) = free.pop_front() {
        places[at] = place;
        place += 1;
        for &follower in &followers[at] {
            lacks[follower] -= 1;
            if lacks[follower] == 0 {
                free.push_back(follower);
            }
        }
    }
    let mut placed: Vec<(usize, Child)> = places.into_iter().zip(children).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, child)| child).collect()
}
