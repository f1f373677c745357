//! What ciphertext looks like: every form in which tools write what they encrypted, told by its whole. The only place
//! that knows. Whether something should have been encrypted is no question of this file.
//!
//! A form is never believed for its beginning: what is inside must decode, and must be as long as the tool makes it. A
//! file that only begins as a vault does is a plain file.

mod armor;
mod bytes;
mod form;
mod tokens;

pub use form::Form;

use memchr::memmem;
use std::ops::Range;

/// The form of a text that is ciphertext from its first character to its last; blanks around it do not count.
pub fn whole(text: &str) -> Option<Form> {
    let text = text.trim();
    tokens::whole(text).or_else(|| {
        let (form, end) = armor::at_start(text)?;
        (end == text.len()).then_some(form)
    })
}

/// The form that a text says it has, by how it begins; whether that is true, [`whole`] tells.
pub fn claims(text: &str) -> Option<Form> {
    armor::claims(text.trim_start())
}

/// The form of a file that is no text: git-crypt, age, OpenSSL and PGP as bytes.
pub fn binary(bytes: &[u8]) -> Option<Form> {
    bytes::whole(bytes)
}

/// Whether a text begins as values of SOPS do. For who only asks whether a value can be known; whether it is really
/// encrypted, [`whole`] tells.
pub fn begins_as_sops(text: &str) -> bool {
    text.starts_with("ENC[")
}

/// Whether a value of SOPS begins somewhere in a text, for who asks the same of a text of many lines.
pub fn holds_sops(text: &str) -> bool {
    text.contains("ENC[AES256_GCM,")
}

/// Whether ciphertext may begin somewhere in a text by a word of its own: the quick question.
pub fn is_marked(text: &str) -> bool {
    let mut marks = tokens::MARKS.iter().chain(armor::MARKS);
    marks.any(|mark| memmem::find(text.as_bytes(), mark).is_some())
}

/// Whether a text is one value as SOPS encrypts it, and none of its checksums.
pub fn is_sops_value(text: &str) -> bool {
    tokens::sops(text).is_some()
}

/// Whether a text is a checksum as SOPS keeps it: encrypted, and as long as the SHA-512 that it is.
pub fn is_sops_mac(text: &str) -> bool {
    tokens::sops(text.trim()) == Some(tokens::MAC_LENGTH)
}

/// Where a text is ciphertext. Looks once, when first asked, however many questions follow.
#[derive(Debug)]
pub struct Blocks<'t> {
    text: &'t str,
    marked: Option<Vec<Range<usize>>>,
    /// The run of base64 that was looked at last, and whether it is ciphertext.
    run: (Range<usize>, bool),
}

impl<'t> Blocks<'t> {
    pub fn of(text: &'t str) -> Blocks<'t> {
        Blocks { text, marked: None, run: (0..0, false) }
    }

    /// Whether these bytes are within ciphertext.
    pub fn cover(&mut self, range: &Range<usize>) -> bool {
        let marked = self.marked.get_or_insert_with(|| marked(self.text));
        let next = marked.partition_point(|block| block.end <= range.start);
        if marked.get(next).is_some_and(|block| block.start <= range.start && range.end <= block.end) {
            return true;
        }
        if !(self.run.0.start <= range.start && range.start < self.run.0.end) {
            let run = run_around(self.text.as_bytes(), range.start);
            let is_sealed = self.text.get(run.clone()).and_then(tokens::run).is_some();
            self.run = (run, is_sealed);
        }
        self.run.1 && self.run.0.start <= range.start && range.end <= self.run.0.end
    }
}

/// The blocks that say by a word of their own that they are ciphertext, and are.
fn marked(text: &str) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for mark in tokens::MARKS.iter().chain(armor::MARKS) {
        let mut floor = 0;
        for at in memmem::find_iter(text.as_bytes(), mark) {
            if at < floor {
                continue;
            }
            let rest = &text[at..];
            let end = tokens::at_start(rest).or_else(|| armor::at_start(rest)).map(|(_, end)| at + end);
            if let Some(end) = end {
                out.push(at..end);
                floor = end;
            }
        }
    }
    out.sort_by_key(|block| (block.start, block.end));
    out.dedup_by(|next, kept| next.start < kept.end);
    out
}

/// The letters of base64, of either alphabet, around a byte.
fn run_around(bytes: &[u8], at: usize) -> Range<usize> {
    let is_letter =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let start = bytes[..at].iter().rposition(|byte| !is_letter(byte)).map_or(0, |found| found + 1);
    let end = bytes[at..].iter().position(|byte| !is_letter(byte)).map_or(bytes.len(), |found| at + found);
    start..end
}
