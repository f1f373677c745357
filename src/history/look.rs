//! The credentials of one version of a file, as a whole history can keep them: by their hashes.

use crate::config::Config;
use crate::engine::text;
use crate::facts::{Fact, Secret, SecretKind};
use crate::judge::{self, Scope};
use crate::rules::{Book, rule_of};
use crate::secrets::{self, Context, Trees};
use crate::syntax::yaml;
use crate::text::{File, SourceId};
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

/// Looks at one version of a file.
pub fn look(book: &Book, config: &Config, scope: &Scope, name: &str, bytes: &[u8]) -> Look {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let (text, binary) = match text(SourceId(0), bytes, &mut Vec::new()) {
            Some(text) => (text, false),
            None => ("".into(), true),
        };
        let facts = credentials(book, config, &File { id: SourceId(0), name, text: &text });
        let wanted = facts.iter().filter(|fact| scope.wants(rule_of(&fact.says)));
        let mut prints: Vec<Print> = wanted.map(print).collect();
        prints.sort();
        prints.dedup();
        if binary && prints.is_empty() { Look::Binary } else { Look::Text(prints) }
    }));
    done.unwrap_or(Look::Failed)
}

/// Every credential of a text, by its bytes, its structure and its name.
pub(super) fn credentials(book: &Book, config: &Config, file: &File) -> Vec<Fact<Secret>> {
    let unread = || yaml::read_without_schemas(file.id, file.text);
    let context = Context { keeping: book.keeping(config, file.name), ..Context::new(&book.tables) };
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
