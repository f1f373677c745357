//! The type of what may leave the house. Only this room makes one, and whatever prints or writes takes nothing else.

#[cfg(feature = "cli")]
use super::clean::without_orders;
use crate::facts::Affected;
use crate::finding::{About, Fix, LeftOut, Problem, Row, Status, Unseen};
use crate::text::{Edit, Span, Str};
#[cfg(feature = "cli")]
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::ops::Deref;

/// Something in which no text holds a secret.
#[derive(Clone, Debug, Default)]
pub struct Shown<T>(T);

impl<T> Shown<T> {
    /// Of what has been covered.
    pub(super) fn new(covered: T) -> Shown<T> {
        Shown(covered)
    }

    /// Both of two things.
    pub fn and<U>(self, other: Shown<U>) -> Shown<(T, U)> {
        Shown((self.0, other.0))
    }

    /// What is told of it. Who tells is a plain function, so that it knows nothing else than this and the manner.
    pub fn told<M: Manner>(&self, how: fn(&T, &M) -> String, manner: &M) -> Shown<String> {
        Shown(how(&self.0, manner))
    }
}

impl Shown<String> {
    /// The same for a log: no line of it is a command to the runner of CI.
    #[cfg(feature = "cli")]
    pub fn for_a_log(&self) -> Shown<Cow<'_, str>> {
        Shown(without_orders(&self.0))
    }

    /// Words of our own.
    pub fn own(words: &'static str) -> Shown<String> {
        Shown(words.to_owned())
    }
}

impl<T> Deref for Shown<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// How something is told: what it holds of a repository is shown already.
pub trait Manner {}

impl Manner for () {}

/// A text in something that is to be shown.
pub trait Text {
    fn read(&self) -> &str;
    fn write(&mut self, text: String);
}

impl Text for String {
    fn read(&self) -> &str {
        self
    }

    fn write(&mut self, text: String) {
        *self = text;
    }
}

impl Text for Str {
    fn read(&self) -> &str {
        self
    }

    fn write(&mut self, text: String) {
        *self = text.into();
    }
}

/// What is to be shown: it names every text in it. Whoever implements it takes the whole apart, so that a new field does
/// not compile until somebody has said whether it is one.
pub trait Cover {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text));

    /// Brings what was covered into the order that it has: of what is covered nothing may decide that.
    fn settle(&mut self) {}
}

impl Cover for String {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        each(self);
    }
}

impl Cover for Str {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        each(self);
    }
}

impl<T: Cover> Cover for Option<T> {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        self.iter_mut().for_each(|one| one.texts(each));
    }
}

impl<T: Cover> Cover for Vec<T> {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        self.iter_mut().for_each(|one| one.texts(each));
    }
}

impl<A: Cover, B: Cover> Cover for (A, B) {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        self.0.texts(each);
        self.1.texts(each);
    }
}

impl Cover for Span {
    fn texts(&mut self, _: &mut dyn FnMut(&mut dyn Text)) {}
}

impl Cover for Problem {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Problem { kind: _, says, at: _, weight: _ } = self;
        each(says);
    }
}

impl Cover for Affected {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Affected { object, cluster, delivered: _ } = self;
        each(object);
        each(cluster);
    }
}

impl Cover for About {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let About { before, after } = self;
        each(before);
        each(after);
    }
}

impl Cover for Row {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        match self {
            Row::Sentence | Row::Value(_) => {}
            Row::Line(line) => each(line),
            Row::Key { object, key, sure: _ } => {
                each(object);
                each(key);
            }
        }
    }
}

impl Cover for Status {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        match self {
            Status::Live | Status::Baselined | Status::OutOfDiff => {}
            Status::Suppressed(_, reason) => each(reason),
        }
    }
}

impl Cover for Fix {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Fix { title, safety: _, edits } = self;
        each(title);
        for Edit { span: _, text } in edits {
            each(text);
        }
    }
}

impl Cover for Unseen {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Unseen { why: _, subject, reason, at: _ } = self;
        each(subject);
        each(reason);
    }
}

impl Cover for LeftOut {
    fn texts(&mut self, _: &mut dyn FnMut(&mut dyn Text)) {
        // A file is called as it is: under another name nobody finds it.
        let LeftOut { why: _, name: _ } = self;
    }
}
