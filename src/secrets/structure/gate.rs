//! Whether a document is worth a tree. Where a line shows a name with all of its value, the judge itself is asked; what a
//! line cannot show goes through. So this may build a tree in vain, and never spares one that tells something.

use super::super::context::Context;
use super::super::judge::{self, Question, Setting};
use super::super::simd::{Hit, is_word};
use super::super::{decode, value};
use super::kubernetes::SILENT;
use crate::facts::{Names, Promise};
use crate::text::File;
use aho_corasick::AhoCorasick;
use memchr::memmem;
use std::ops::Range;
use std::sync::OnceLock;

/// What holds credentials under any name, or in a spelling of its own.
const FORMS: [&[u8]; 7] =
    [b"\"Secret\"", b"SealedSecret", b"secretGenerator", b"auths", b"-key-data", b"sops:", b"base64,"];

/// Whether the tree of a document may tell of a credential that its bytes do not.
pub(super) fn may_tell(file: &File, context: &Context, hits: &[Hit]) -> bool {
    let bytes = file.text.as_bytes();
    let has = |needle: &[u8]| memmem::find(bytes, needle).is_some();
    if FORMS.iter().any(|form| has(form)) || has(b"kind: Secret") && holds_data(bytes) {
        return true;
    }
    let gate = Gate { text: file.text, bytes, context, names: context.tables.names() };
    // What is escaped is not what it looks like.
    gate.names.speaks(bytes)
        && (memchr::memchr(b'\\', bytes).is_some() || gate.keys_tell() || gate.hits_tell(hits))
}

/// The same of some lines of a text whose other lines were seen to tell of nothing. `hits` are those around them.
pub(in super::super) fn may_tell_in(
    file: &File,
    context: &Context,
    lines: &Range<usize>,
    hits: &[Hit],
) -> bool {
    let bytes = file.text.as_bytes();
    let gate = Gate { text: file.text, bytes, context, names: context.tables.names() };
    let mut keys = gate.keys(lines);
    keys.any(|(key, sign)| key != "name" || gate.is_name_of_credential(sign)) || gate.hits_tell(hits)
}

/// Whether something is called `data` or `stringData`: what only names a Secret has neither.
fn holds_data(bytes: &[u8]) -> bool {
    let is_own = |at: usize| at.checked_sub(1).is_none_or(|before| !is_word(bytes[before]));
    memmem::find(bytes, b"stringData").is_some() || memmem::find_iter(bytes, b"data").any(is_own)
}

struct Gate<'a> {
    text: &'a str,
    bytes: &'a [u8],
    context: &'a Context<'a>,
    names: &'a Names,
}

/// Keys under which a name and its value are apart: arguments, pairs of `name` and `value`, logins of a kubeconfig.
const KEYS: [&str; 9] =
    ["args", "arguments", "command", "cmd", "entrypoint", "run", "users", "name", "value"];

impl Gate<'_> {
    fn hits_tell(&self, hits: &[Hit]) -> bool {
        hits.iter().any(|hit| match *hit {
            Hit::Name(at) => self.may_hold(at as usize),
            Hit::Value(at) => self.hides(at as usize),
            Hit::Prefix(_) => false,
        })
    }

    /// Whether a key says that a name and its value are apart.
    fn keys_tell(&self) -> bool {
        let (mut has_name, mut has_value) = (false, false);
        for (key, sign) in self.keys(&(0..self.bytes.len())) {
            match key {
                "name" => has_name = has_name || self.is_name_of_credential(sign),
                "value" => has_value = true,
                _ => return true,
            }
        }
        has_name && has_value
    }

    /// Those of the keys that some bytes hold, each with where the sign behind it is.
    fn keys(&self, within: &Range<usize>) -> impl Iterator<Item = (&'static str, usize)> {
        static FINDER: OnceLock<AhoCorasick> = OnceLock::new();
        let finder = FINDER.get_or_init(|| {
            let builder = AhoCorasick::builder().ascii_case_insensitive(true).build(KEYS);
            builder.expect("a few short words are no large automaton")
        });
        let start = within.start;
        finder.find_iter(&self.bytes[within.clone()]).filter_map(move |found| {
            let key = KEYS[found.pattern().as_usize()];
            let before = (start + found.start()).checked_sub(1).map_or(b' ', |before| self.bytes[before]);
            let is_whole = !is_word(before) && !matches!(before, b'-' | b'.');
            let is_end = matches!(key, "args" | "arguments");
            Some((key, self.sign_after(start + found.end()).filter(|_| is_whole || is_end)?))
        })
    }

    /// Where the sign behind a key is, if it is one.
    fn sign_after(&self, end: usize) -> Option<usize> {
        let rest = self.bytes.get(end..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b' ' | b'\t')).count();
        (rest.get(blanks) == Some(&b':')).then_some(end + blanks)
    }

    /// Whether what is behind a sign is the name of a credential, or not to be seen there.
    fn is_name_of_credential(&self, sign: usize) -> bool {
        let said = self.text.get(self.rest_of_line(sign + 1)).unwrap_or_default().trim();
        let said = said.split(" #").next().unwrap_or_default();
        let said = said.trim_matches([' ', ',', '}', '"', '\'']);
        said.is_empty()
            || said.starts_with(['|', '>', '&', '*', '!', '#', '{', '['])
            || said.contains([',', '}'])
            || self.names.promise(said) > Promise::None
    }

    fn rest_of_line(&self, from: usize) -> Range<usize> {
        let end = memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |end| from + end);
        from..end
    }

    /// Whether a value may be base64 of a text, which only a tree looks into where it is short.
    fn hides(&self, at: usize) -> bool {
        let is_letter =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
        let length = self.bytes[at..].iter().take_while(is_letter).count();
        self.text.get(at..at + length).is_some_and(is_encoded)
    }

    /// Whether the sign at `at` may give a credential to the name before it.
    fn may_hold(&self, at: usize) -> bool {
        let start = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |end| end + 1);
        let line = &self.bytes[start..at];
        if line.trim_ascii_start().starts_with(b"#") {
            return false;
        }
        let names = self.names_before(start..at);
        if names.iter().all(|name| self.names.promise(name) == Promise::None) || self.is_silent(at) {
            return false;
        }
        if self.bytes[at] == b'=' {
            let next = self.bytes.get(at + 1);
            return !next.is_none_or(|next| matches!(next, b'\n' | b'\r' | b'=' | b'~'));
        }
        let rest = self.text.get(self.rest_of_line(at + 1)).unwrap_or_default().trim();
        match rest.as_bytes() {
            [b':' | b'/', ..] => false,
            [] | [b'#', ..] => self.goes_on(start, at),
            [quote @ (b'"' | b'\''), inside @ ..] => match memchr::memchr(*quote, inside) {
                Some(end) if inside.get(end + 1) != Some(quote) => self.judges(&names, &rest[1..=end]),
                _ => true,
            },
            [b'|' | b'>' | b'&' | b'*' | b'!' | b'`' | b'%' | b'@', ..] => true,
            // What is in there has names of its own, or is put in when a template is filled.
            [b'{' | b'[', ..] => false,
            _ => self.is_plain_credential(&names, rest) || self.goes_on(start, at),
        }
    }

    /// The name before a sign: the last word of it, and all of it.
    fn names_before(&self, line: Range<usize>) -> [&str; 2] {
        let before =
            self.text.get(line).unwrap_or_default().trim_end_matches([' ', '\t', '"', '\'', ']', '?', '+']);
        let part = |ends: fn(char) -> bool| {
            let start = before.rfind(ends).map_or(0, |at| at + 1);
            before.get(start..).unwrap_or(before).trim_start_matches(['-', '.'])
        };
        [
            part(|letter| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))),
            part(|letter| matches!(letter, ' ' | '\t' | '"' | '\'' | '{' | '[' | ',' | '(')),
        ]
    }

    /// Whether the line after this one may be its value: it is deeper, and no entry of its own.
    fn goes_on(&self, start: usize, at: usize) -> bool {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let line = self.text.get(start..at).unwrap_or_default();
        let own = line.len() - line.trim_start_matches([' ', '-']).len();
        let after = self.rest_of_line(at).end;
        let mut lines = self.text.get(after..).unwrap_or_default().lines().skip(1);
        let next = lines.find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        next.is_some_and(|next| {
            let is_entry =
                next.contains(": ") || next.trim_end().ends_with(':') || next.trim_start().starts_with("- ");
            indent(next) > own && !is_entry
        })
    }

    fn is_plain_credential(&self, names: &[&str], rest: &str) -> bool {
        let said = rest.split(" #").next().unwrap_or(rest).trim_end().trim_end_matches(',');
        if let Some(default) = value::default_of(said) {
            return self.judges(names, &said[default]);
        }
        if value::kind(said) == value::Kind::Reference {
            return false;
        }
        let is_stop = |letter: char| letter.is_whitespace() || "\"'`;|<>&".contains(letter);
        let first = said.split(is_stop).next().unwrap_or(said);
        said.contains(['{', '}', '[', ']', ',', '='])
            || self.judges(names, said)
            || first.len() < said.len() && self.judges(names, first)
    }

    /// Whether the judge takes a value for a credential, in whatever place of a document it may be.
    fn judges(&self, names: &[&str], said: &str) -> bool {
        let text = value::default_of(said).map_or(said, |default| &said[default]).trim();
        let keeping = self.context.keeping;
        let judged = |name: &str, setting| {
            let question = Question { names: self.names, name, value: text, setting, keeping };
            judge::judge(&question).is_some()
        };
        let any =
            |name: &&str| [Setting::Values, Setting::Given].iter().any(|setting| judged(name, *setting));
        is_encoded(text) || names.iter().any(any)
    }

    /// Whether the object around a place holds no values of its own, whatever their names are.
    fn is_silent(&self, at: usize) -> bool {
        let bytes = self.bytes;
        let start = memmem::rfind(&bytes[..at], b"\n---").map_or(0, |found| found + 1);
        let end = memmem::find(&bytes[at..], b"\n---").map_or(bytes.len(), |found| at + found);
        let document = &self.text[start..end];
        let own = |key: &str| {
            let mut lines = document.lines().filter_map(|line| line.strip_prefix(key));
            lines.next().map(|said| said.trim().trim_matches('"'))
        };
        let (Some(kind), Some(api)) = (own("kind:"), own("apiVersion:")) else { return false };
        // What is put in by a template may be no YAML, and then its lines are read.
        let is_template =
            document.contains("{{") || document.contains("\ntemplate") || document.contains(" template");
        !api.is_empty()
            && !is_template
            && (SILENT.contains(&kind) || matches!(kind, "ExternalSecret" | "ClusterExternalSecret"))
    }
}

/// Whether a value is base64 of a text.
fn is_encoded(said: &str) -> bool {
    const SHORTEST: usize = 24;
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    said.len() >= SHORTEST && said.bytes().all(is_letter) && decode::text(said).is_some()
}
