//! The credentials of one version of a file, as a whole history can keep them: by their hashes.

use crate::config::Config;
use crate::engine::{letters, text};
use crate::facts::{Fact, Keeping, Secret, SecretKind};
use crate::judge::{self, Scope};
use crate::rules::{Book, rule_of};
use crate::secrets::{self, Context, Trees};
use crate::syntax::yaml;
use crate::text::{Date, File, SourceId};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A credential as a whole history can keep it: by a hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Print {
    Value(u128),
    /// The file itself, whatever stands in it.
    File,
}

/// What one version of a file gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Look {
    Binary,
    Text(Vec<Print>),
    /// A bug in pintle.
    Failed,
}

/// A path, and what it says whatever stands there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    name: &'a str,
    keeping: Option<Keeping>,
    /// The day on which it is judged, where severities count.
    today: Option<Date>,
}

impl<'a> Place<'a> {
    /// `whole` is what the repository is kept for as a whole.
    pub fn new(book: &Book, config: &Config, whole: Option<Keeping>, name: &'a str) -> Place<'a> {
        Place { name, keeping: book.keeping(config, whole, name), today: None }
    }

    /// The same, judged on a day.
    pub(super) fn on(self, today: Option<Date>) -> Place<'a> {
        Place { today, ..self }
    }
}

/// Looks at one version of a file.
pub fn look(book: &Book, scope: &Scope, place: Place, bytes: &[u8]) -> Look {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let (text, is_binary) = opened(bytes);
        let facts = credentials(book, SourceId(0), place, &text, is_binary);
        let wanted = facts.iter().filter(|fact| scope.wants(rule_of(&fact.says)));
        let mut prints: Vec<Print> = wanted.map(print).collect();
        prints.sort();
        prints.dedup();
        if is_binary && prints.is_empty() { Look::Binary } else { Look::Text(prints) }
    }));
    done.unwrap_or(Look::Failed)
}

/// The bytes of a version as text, and whether they are none.
pub(super) fn opened(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match text(SourceId(0), bytes, &mut Vec::new()) {
        Some(text) => (text, false),
        None => (letters(bytes).into(), true),
    }
}

/// Every credential of a version, by its bytes, its structure and its name.
pub(super) fn credentials(
    book: &Book,
    id: SourceId,
    place: Place,
    text: &str,
    is_binary: bool,
) -> Vec<Fact<Secret>> {
    let file = &File { id, name: place.name, text };
    let context = Context { keeping: place.keeping, today: place.today, ..Context::new(&book.tables) };
    if is_binary {
        return secrets::read_forms(file, &context);
    }
    let unread = || yaml::read_without_schemas(file.id, file.text);
    secrets::read(file, Trees::Unread(&unread), &context).facts
}

/// What is kept of a credential.
pub(super) fn print(fact: &Fact<Secret>) -> Print {
    if fact.says.kind == SecretKind::Committed {
        return Print::File;
    }
    let hash = judge::hash(&["value", &fact.says.value.text]);
    Print::Value(u128::from_str_radix(&hash, 16).expect("a hash is 32 hexadecimal digits"))
}
