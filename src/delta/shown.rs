//! Which texts of a delta may hold something secret: all that a repository has written.

use super::Delta;
use super::change::{Change, Reached, Spot, Touched};
use super::findings::{Finds, NewFinding};
use crate::redact::{Cover, Text};

type Each<'e> = &'e mut dyn FnMut(&mut dyn Text);

impl Cover for Delta {
    fn texts(&mut self, each: Each) {
        let Delta { changes, objects, finds, has_clusters: _ } = self;
        changes.texts(each);
        let Touched { added, changed, removed, rolled } = objects;
        [added, changed, removed, rolled].into_iter().for_each(|all| all.texts(each));
        let Finds { new, resolved } = finds;
        new.texts(each);
        resolved.texts(each);
    }
}

impl Cover for Change {
    fn texts(&mut self, each: Each) {
        let Change {
            topic: _,
            what: _,
            subject,
            before,
            after,
            notes: _,
            is_routine: _,
            at,
            reaches,
            reference,
        } = self;
        each(subject);
        before.texts(each);
        after.texts(each);
        at.texts(each);
        reaches.texts(each);
        reference.texts(each);
    }
}

impl Cover for Reached {
    fn texts(&mut self, each: Each) {
        let Reached { object, cluster } = self;
        each(object);
        each(cluster);
    }
}

impl Cover for Spot {
    fn texts(&mut self, _: Each) {
        // A file is called as it is: under another name nobody finds it.
        let Spot { which: _, file: _, start: _ } = self;
    }
}

impl Cover for NewFinding {
    fn texts(&mut self, each: Each) {
        let NewFinding { rule: _, severity: _, says, fingerprint: _, at } = self;
        each(says);
        at.texts(each);
    }
}
