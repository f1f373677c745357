//! Files over the limit: read in windows for secrets alone, so that most of them never are in memory as a whole. Only of
//! one that holds something the text is needed.

use super::encoding::letters;
use super::repo::Repo;
use crate::facts::{Fact, Secret};
use crate::finding::Problem;
use crate::limits::MOST_OF_LONG;
use crate::secrets::{self, Context, Trees};
use crate::text::{File, SourceId};

/// What is read at once.
const WINDOW: usize = 2 << 20;
/// How far windows overlap: no finder looks further around what caught its eye, and no key is longer.
const OVERLAP: usize = 64 << 10;

/// What a long file gave.
#[derive(Debug, Default)]
pub(super) struct Long {
    /// Its text, if it holds something.
    pub(super) text: Option<String>,
    pub(super) facts: Vec<Fact<Secret>>,
    pub(super) bytes: u64,
    pub(super) is_binary: bool,
}

/// Reads a long file; nothing if it is too long, or not there in parts.
pub(super) fn read(repo: &dyn Repo, id: SourceId, name: &str, context: &Context) -> Option<Long> {
    let (mut at, mut buffer) = (0, Vec::new());
    let mut long = Long::default();
    loop {
        part(repo, id, at, WINDOW, &mut buffer)?;
        if at == 0 {
            long.is_binary = memchr::memchr(0, &buffer[..buffer.len().min(8192)]).is_some();
        }
        let is_last = buffer.len() < WINDOW;
        if !found(&readable(&mut buffer), id, name, long.is_binary, context).is_empty() {
            return whole(repo, id, name, context, long.is_binary);
        }
        if is_last {
            long.bytes = at + buffer.len() as u64;
            return Some(long);
        }
        at += (WINDOW - OVERLAP) as u64;
        if at > MOST_OF_LONG {
            return None;
        }
    }
}

fn part(repo: &dyn Repo, id: SourceId, at: u64, most: usize, buffer: &mut Vec<u8>) -> Option<()> {
    let read: Result<bool, Problem> = repo.read_part(id, at, most, buffer);
    read.ok()?.then_some(())
}

fn whole(repo: &dyn Repo, id: SourceId, name: &str, context: &Context, is_binary: bool) -> Option<Long> {
    let mut buffer = Vec::new();
    part(repo, id, 0, MOST_OF_LONG as usize, &mut buffer)?;
    let bytes = buffer.len() as u64;
    let text = readable(&mut buffer);
    let facts = found(&text, id, name, is_binary, context);
    Some(Long { text: (!facts.is_empty()).then(|| text.into_owned()), facts, bytes, is_binary })
}

/// A window as text; whatever is none, letter by letter.
fn readable(buffer: &mut [u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(buffer) {
        Ok(text) => text.into(),
        Err(_) => letters(buffer).into(),
    }
}

/// No tree is made of a long file: its lines are read, and of bytes that are no text only what has a form of its own.
fn found(text: &str, id: SourceId, name: &str, is_binary: bool, context: &Context) -> Vec<Fact<Secret>> {
    let file = File { id, name, text };
    match is_binary {
        true => secrets::read_forms(&file, context),
        false => secrets::read(&file, Trees::Broken(&[]), context).facts,
    }
}
