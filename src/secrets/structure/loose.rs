//! Secrets in texts that are no YAML file: behind a document in a script, in Markdown, in a template, in a file of any
//! name. Read line by line, by indentation: what the reader of trees needs not be whole.

use super::super::found::part;
use super::super::judge::{self, Question, Setting};
use super::super::writing;
use super::reader::{MANIFEST, Reader};
use crate::facts::{Evidence, Fact, Names, Secret, Softer};
use crate::text::Part;
use std::ops::Range;

/// What a Secret says of itself.
pub(in super::super) const KIND: &str = "kind: Secret";
/// No Secret of a file goes on for more bytes.
const LONGEST: usize = 1 << 16;

impl Reader<'_> {
    /// Every Secret that is written out in the bytes of the file.
    pub(in super::super) fn loose_secrets(&mut self) {
        let text = self.file.text;
        let mut told = 0;
        for at in memchr::memmem::find_iter(text.as_bytes(), KIND.as_bytes()) {
            if at >= told && is_whole_line(text, at) {
                let block = block(text, at);
                told = block.end.max(at + 1);
                let (before, excused) = (self.out.len(), self.exempts.len());
                self.loose_secret(block);
                if writing::is_prose(&self.file) {
                    self.exempts.truncate(excused);
                    let end = self.out.split_off(before);
                    let names = self.tables.names();
                    self.out.extend(end.into_iter().filter(|fact| is_for_real(names, fact)));
                    self.out[before..].iter_mut().for_each(|fact| fact.says.softer = Some(Softer::Prose));
                }
            }
        }
    }

    /// The entries of `data` and `stringData` of one.
    fn loose_secret(&mut self, block: Range<usize>) {
        let (file, text) = (self.file, self.file.text);
        // Where the list of entries that is open begins, how deep its entries are, and whether they are encoded.
        let mut open: Option<(usize, bool)> = None;
        let mut entries = None;
        let mut start = block.start;
        for line in text[block].split_inclusive('\n') {
            let from = start;
            start += line.len();
            let trimmed = line.trim_end();
            let depth = trimmed.len() - trimmed.trim_start().len();
            let body = trimmed.trim_start();
            if body.is_empty() || body.starts_with(['#', '{']) {
                continue;
            }
            if let Some((outer, _)) = open
                && depth <= outer
            {
                (open, entries) = (None, None);
            }
            match (body, open) {
                ("data:", None) => open = Some((depth, true)),
                ("stringData:", None) => open = Some((depth, false)),
                (_, Some((_, is_encoded))) if *entries.get_or_insert(depth) == depth => {
                    let Some(sign) = body.find(": ") else { continue };
                    let name = body[..sign].trim_matches(['"', '\'']);
                    let value = body[sign + 2..].trim();
                    // `dmFsdWU= # what it is`.
                    let value = match value.as_bytes() {
                        [b'"' | b'\'', ..] => value,
                        _ => value.split(" #").next().unwrap_or_default().trim_end(),
                    };
                    let bare = value.trim_matches(['"', '\'']);
                    if bare.is_empty()
                        || bare.starts_with(['|', '>', '&', '!', '#'])
                        || bare.contains("...")
                        || name.is_empty()
                    {
                        continue;
                    }
                    let place = |piece: &str| {
                        let at = from + (piece.as_ptr() as usize - line.as_ptr() as usize);
                        part(&file, at..at + piece.len())
                    };
                    self.entry_of_secret(&place(name), &place(bare), is_encoded);
                }
                _ => {}
            }
        }
    }

    fn entry_of_secret(&mut self, name: &Part, value: &Part, is_encoded: bool) {
        if is_encoded {
            self.encoded(name, value, &format!("data.{}", name.text), MANIFEST);
        } else {
            self.plain(name, value, &format!("stringData.{}", name.text), MANIFEST, &[]);
        }
    }
}

/// Whether a value in a text for people is more than a word to show how it is done.
fn is_for_real(names: &Names, fact: &Fact<Secret>) -> bool {
    let name = fact.says.name.as_ref().map_or("", |name| name.text.as_str());
    let value = fact.says.value.text.as_str();
    let question = Question { names, name, value, setting: Setting::Prose, keeping: None };
    match fact.says.evidence {
        Evidence::Form | Evidence::Random => true,
        Evidence::Human => judge::judge(&question).is_some_and(|(evidence, _)| evidence == Evidence::Human),
        _ => false,
    }
}

/// Whether the line says nothing else.
fn is_whole_line(text: &str, at: usize) -> bool {
    let head = text[..at].trim_end_matches(['-', ' ', '\t']);
    let tail = text[at + KIND.len()..].trim_start_matches([' ', '\t', '\r']);
    (head.is_empty() || head.ends_with('\n')) && (tail.is_empty() || tail.starts_with('\n'))
}

/// The lines of the document around one: those that are indented as it is, or deeper.
fn block(text: &str, at: usize) -> Range<usize> {
    let depth_of = |line: &str| line.len() - line.trim_start_matches(['-', ' ', '\t']).len();
    let is_end = |line: &str| {
        let trimmed = line.trim();
        trimmed.starts_with("---") || trimmed.starts_with("```") || trimmed.starts_with("apiVersion")
    };
    let first = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let depth = at - first;
    let (mut start, mut end) = (first, first);
    for line in text[..first].split_inclusive('\n').rev() {
        let is_outside = !line.trim().is_empty() && depth_of(line) < depth;
        if is_outside
            || line.trim().starts_with("---")
            || line.trim().starts_with("```")
            || first - start > LONGEST
        {
            break;
        }
        start -= line.len();
    }
    for (count, line) in text[first..].split_inclusive('\n').enumerate() {
        let is_outside = !line.trim().is_empty() && depth_of(line) < depth && count > 0;
        let is_next = is_end(line) && depth_of(line) <= depth && !line.trim().starts_with("apiVersion");
        // A new document whose first line names its API, behind the data of this one.
        if is_outside || is_next && count > 0 || end - first > LONGEST {
            break;
        }
        end += line.len();
    }
    start..end
}
