//! The credentials of one version of a file, as a whole history can keep them: by their hashes.

use crate::config::Config;
use crate::engine::{letters, text};
use crate::facts::{Fact, Secret, SecretKind};
use crate::judge::{self, Scope};
use crate::rules::{Book, rule_of};
use crate::secrets::{self, Answer, Calm, Context, Trees};
use crate::syntax::yaml;
use crate::text::{File, SourceId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

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

/// The last version that was met of each file and holds nothing: the next differs in a few lines.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    texts: HashMap<String, Arc<(String, Calm)>>,
    bytes: usize,
}

/// A longer text is not kept, and no more than this of all.
const MOST_OF_ONE: usize = 256 << 10;
const MOST_OF_ALL: usize = 64 << 20;

impl Memory {
    fn get(&self, name: &str) -> Option<Arc<(String, Calm)>> {
        self.0.lock().ok()?.texts.get(name).cloned()
    }

    fn keep(&self, name: &str, text: String, calm: Calm) {
        let Ok(mut kept) = self.0.lock() else { return };
        if text.len() > MOST_OF_ONE {
            return;
        }
        if kept.bytes > MOST_OF_ALL {
            *kept = Kept::default();
        }
        kept.bytes += text.len() + name.len();
        let before = kept.texts.insert(name.to_owned(), Arc::new((text, calm)));
        kept.bytes -= before.map_or(0, |before| before.0.len() + name.len());
    }
}

/// Looks at one version of a file.
pub fn look(book: &Book, config: &Config, scope: &Scope, name: &str, bytes: &[u8], memory: &Memory) -> Look {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let (text, is_binary) = opened(bytes);
        let file = File { id: SourceId(0), name, text: &text };
        let context = context(book, config, &file);
        let known = memory.get(name).filter(|_| !is_binary);
        let calm = known.and_then(|known| known.1.of_next(&known.0, &file, &context));
        if let Some(calm) = calm {
            memory.keep(name, text.into_owned(), calm);
            return Look::Text(Vec::new());
        }
        let answer = read(&file, is_binary, &context);
        if let Some(calm) = Calm::of(&file, &answer, &context) {
            memory.keep(name, text.to_string(), calm);
        }
        let wanted = answer.facts.iter().filter(|fact| scope.wants(rule_of(&fact.says)));
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
pub(super) fn credentials(book: &Book, config: &Config, file: &File, is_binary: bool) -> Vec<Fact<Secret>> {
    read(file, is_binary, &context(book, config, file)).facts
}

fn context<'a>(book: &'a Book, config: &Config, file: &File) -> Context<'a> {
    Context { keeping: book.keeping(config, file.name), ..Context::new(&book.tables) }
}

fn read(file: &File, is_binary: bool, context: &Context) -> Answer {
    if is_binary {
        return Answer { facts: secrets::read_forms(file, context), ..Answer::default() };
    }
    let unread = || yaml::read_without_schemas(file.id, file.text);
    secrets::read(file, Trees::Unread(&unread), context)
}

/// What is kept of a credential.
pub(super) fn print(fact: &Fact<Secret>) -> Print {
    if fact.says.kind == SecretKind::Committed {
        return Print::File;
    }
    let hash = judge::hash(&["value", &fact.says.value.text]);
    Print::Value(u128::from_str_radix(&hash, 16).expect("a hash is 32 hexadecimal digits"))
}
