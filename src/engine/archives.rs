//! Archives that are files of the repository: what is in them, read for secrets alone, within bounds. Nothing is unpacked
//! but into memory.

use super::encoding::{letters, text};
use crate::facts::{Fact, Secret};
use crate::limits::{DEEPEST_ARCHIVE, MOST_ARCHIVED, MOST_OF_ARCHIVE};
use crate::secrets::{self, Context, Trees};
use crate::syntax::yaml;
use crate::text::{File, Origin, Part, SourceId, Span, Str, Tar, gunzip, gzip_header, zip};

/// What an archive gave.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) facts: Vec<Fact<Secret>>,
    /// Why not all of it was read.
    pub(super) cut: Option<String>,
}

/// Whether bytes are an archive that can be read.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    gzip_header(bytes).is_some() || bytes.starts_with(b"PK\x03\x04") || Tar::is(bytes)
}

/// Everything that is secret in the files of an archive. `name` is its own.
pub(super) fn read(id: SourceId, name: &str, bytes: &[u8], context: &Context) -> Archive {
    let mut reader = Reader {
        id,
        context,
        bytes: MOST_OF_ARCHIVE,
        files: MOST_ARCHIVED,
        out: Archive { facts: Vec::new(), cut: None },
    };
    let base = name.rsplit('/').next().unwrap_or(name);
    reader.open(base, bytes, &mut Vec::new());
    reader.out
}

struct Reader<'a> {
    id: SourceId,
    context: &'a Context<'a>,
    /// What is left of the bounds.
    bytes: usize,
    files: usize,
    out: Archive,
}

impl Reader<'_> {
    /// Reads an archive, or a file; `road` names the archives around it, but the outermost.
    fn open(&mut self, name: &str, bytes: &[u8], road: &mut Vec<String>) {
        if road.len() >= DEEPEST_ARCHIVE && is_archive(bytes) {
            self.out.cut = Some(format!("archives are opened {DEEPEST_ARCHIVE} deep"));
            return;
        }
        if let Some((inner, is_whole)) = gunzip(bytes, self.bytes) {
            self.take(inner.len(), is_whole);
            let stem = name.strip_suffix(".gz").unwrap_or(name);
            // A tar archive that gzip packed is one archive, not two.
            return if Tar::is(&inner) { self.tar(&inner, road) } else { self.file(stem, &inner, road) };
        }
        if let Some(entries) = zip(bytes) {
            for entry in entries {
                let (inner, is_whole) = entry.bytes(self.bytes);
                self.take(inner.len(), is_whole || self.bytes > inner.len());
                if !self.member(&entry.name, &inner, road) {
                    return;
                }
            }
        } else {
            self.tar(bytes, road);
        }
    }

    fn tar(&mut self, bytes: &[u8], road: &mut Vec<String>) {
        for entry in Tar::new(bytes) {
            match entry {
                Err(why) => self.out.cut = Some(why.to_owned()),
                Ok(entry) if entry.kind == b'5' || entry.name.ends_with('/') => {}
                Ok(entry) if !self.member(&entry.name, entry.bytes, road) => return,
                Ok(_) => {}
            }
        }
    }

    fn take(&mut self, bytes: usize, is_whole: bool) {
        self.bytes -= bytes.min(self.bytes);
        if !is_whole || self.bytes == 0 {
            self.out.cut = Some(format!("{} MiB of an archive are unpacked", MOST_OF_ARCHIVE >> 20));
        }
    }

    /// A file of the archive; whether there may be more.
    fn member(&mut self, name: &str, bytes: &[u8], road: &mut Vec<String>) -> bool {
        if self.files == 0 {
            self.out.cut = Some(format!("{MOST_ARCHIVED} files of an archive are read"));
            return false;
        }
        self.files -= 1;
        if is_archive(bytes) {
            road.push(name.to_owned());
            self.open(name, bytes, road);
            road.pop();
        } else {
            self.file(name, bytes, road);
        }
        self.bytes > 0
    }

    fn file(&mut self, name: &str, bytes: &[u8], road: &[String]) {
        let (id, context) = (self.id, self.context);
        let facts = match text(id, bytes, &mut Vec::new()) {
            Some(text) => {
                let unread = || yaml::read_without_schemas(id, &text);
                secrets::read(&File { id, name, text: &text }, Trees::Unread(&unread), context).facts
            }
            None => secrets::read_forms(&File { id, name, text: &letters(bytes) }, context),
        };
        let mut inner = road.to_vec();
        inner.push(name.to_owned());
        let inner = Str::from(inner.join("!"));
        self.out.facts.extend(facts.into_iter().map(|fact| within(fact, id, &inner)));
    }
}

/// The same fact at the place of the archive, with the name of the file in it.
fn within(mut fact: Fact<Secret>, id: SourceId, inner: &Str) -> Fact<Secret> {
    let place = || Origin::spelled(Span::new(id, 0, 0)).inside(inner.clone());
    let moved = |part: &Part| Part::new(part.text.clone(), place());
    fact.path = format!("{inner}!{}", fact.path).into();
    fact.says.value = moved(&fact.says.value);
    fact.says.name = fact.says.name.as_ref().map(moved);
    fact.origin = place();
    fact
}
