//! The text of a script to commands and words. Goes over each byte once; what a command means is asked elsewhere.

use super::word::{Dialect, Piece, Word};
use crate::limits::DEEPEST_SHELL;
use std::ops::Range;

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) commands: Vec<Vec<Word>>,
    /// Names and what they are set to; nothing where only a run knows.
    pub(super) assigned: Vec<(Range<usize>, Option<Vec<Piece>>)>,
    /// Scripts for another shell: `sh -c '…'`, here-documents that a shell reads.
    pub(super) scripts: Vec<Range<usize>>,
    /// Here-documents with objects or images.
    pub(super) documents: Vec<Range<usize>>,
}

pub(super) fn read(
    text: &str,
    range: Range<usize>,
    settled: &[Range<usize>],
    dialect: Dialect,
    keeps: &dyn Fn(&str) -> bool,
) -> Found {
    let mut lexer = Lexer {
        text: &text[..range.end],
        settled,
        next: settled.partition_point(|other| other.end <= range.start),
        at: range.start,
        dialect,
        keeps,
        depth: 0,
        in_ticks: false,
        feeds_shell: false,
        waiting: Vec::new(),
        closed: Closed::default(),
        found: Found::default(),
    };
    // What closes nothing is passed over.
    while lexer.at < lexer.text.len() {
        lexer.commands(None);
    }
    lexer.found
}

/// What of a kind is known not to come any more: it is looked for once.
#[derive(Default)]
struct Closed {
    quotes: bool,
    braces: bool,
    sums: bool,
}

/// A here-document that begins with the next line.
struct HereDocument {
    mark: String,
    is_indented: bool,
}

struct Lexer<'t> {
    text: &'t str,
    settled: &'t [Range<usize>],
    /// The first settled range that is not behind.
    next: usize,
    at: usize,
    dialect: Dialect,
    keeps: &'t dyn Fn(&str) -> bool,
    depth: usize,
    in_ticks: bool,
    /// A command of this line is a shell, so here-documents of it are scripts.
    feeds_shell: bool,
    waiting: Vec<HereDocument>,
    closed: Closed,
    found: Found,
}

/// Where a run of pieces ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Word,
    Quote,
    /// The end of `${…}`, outside of quotes and within.
    Brace,
    QuotedBrace,
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl Lexer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn starts_with(&self, sign: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(sign.as_bytes())
    }

    /// How long the line break behind a backslash is, if there is one.
    fn continuation(&self) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        [&b"\\\n"[..], b"\\\r\n"].into_iter().find(|sign| rest.starts_with(sign)).map(<[u8]>::len)
    }

    /// Commands up to what closes them.
    fn commands(&mut self, close: Option<u8>) {
        let mut words: Vec<Word> = Vec::new();
        let (mut is_target, mut open) = (false, 0);
        while let Some(byte) = self.peek() {
            match byte {
                _ if self.settled_here().is_some() => self.push_word(&mut words, &mut is_target),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.continuation().is_some() => self.at += self.continuation().unwrap_or(1),
                b'\n' => {
                    self.finish(&mut words);
                    self.at += 1;
                    self.here_documents();
                }
                b'(' if words.is_empty() && self.starts_with("((") => self.sum(2),
                b'(' => {
                    self.open(&mut words);
                    open += 1;
                }
                b')' if open == 0 && close == Some(b')') => break,
                b'`' if close == Some(b'`') => break,
                b'&' if self.starts_with("&>") => is_target = self.redirection(&mut words),
                b')' | b';' | b'&' | b'|' => {
                    open -= usize::from(byte == b')' && open > 0);
                    self.finish(&mut words);
                    self.at += 1;
                }
                b'#' => self.at = self.line_end(),
                b'<' | b'>' => is_target = self.redirection(&mut words),
                _ => self.push_word(&mut words, &mut is_target),
            }
        }
        self.finish(&mut words);
        self.at += usize::from(self.at < self.text.len());
    }

    fn push_word(&mut self, words: &mut Vec<Word>, is_target: &mut bool) {
        let word = self.word();
        let is_number = self.text[word.range.clone()].bytes().all(|byte| byte.is_ascii_digit());
        // `2>&1`: the number is part of what follows.
        let is_channel = is_number && matches!(self.peek(), Some(b'<' | b'>'));
        if !*is_target && !is_channel {
            words.push(word);
        }
        *is_target = false;
    }

    /// A parenthesis: a subshell, a function, or the values of a list.
    fn open(&mut self, words: &mut Vec<Word>) {
        if let Some(name) = words.last().and_then(|word| self.list_name(word)) {
            self.found.assigned.push((name, None));
            words.clear();
        }
        self.finish(words);
        self.at += 1;
    }

    /// `NAME` of `NAME=(` and `NAME+=(`.
    fn list_name(&self, word: &Word) -> Option<Range<usize>> {
        let name = self.text[word.range.clone()].strip_suffix('=')?;
        Some(word.range.start..word.range.start + name.trim_end_matches('+').len())
    }

    fn line_end(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| self.at + end)
    }

    /// Where a sign stands next; it is looked for in vain once only.
    fn find(&self, sign: &str, from: usize, closed: bool) -> Option<usize> {
        if closed {
            return None;
        }
        memchr::memmem::find(self.text.as_bytes().get(from..)?, sign.as_bytes()).map(|at| from + at)
    }

    /// Arithmetic: `((…))`, with as many bytes before it as are given.
    fn sum(&mut self, lead: usize) {
        let end = self.find("))", self.at, self.closed.sums);
        self.closed.sums |= end.is_none();
        self.at = end.map_or(self.at + lead, |end| end + 2);
    }

    /// `>`, `2>&1`, `<<EOF`, `<(…)`. Says whether the next word is where it leads.
    fn redirection(&mut self, words: &mut Vec<Word>) -> bool {
        if self.starts_with("<(") || self.starts_with(">(") {
            let start = self.at;
            self.at += 2;
            self.nested(b')', b')');
            words.push(hole(start..self.at));
            return false;
        }
        if self.starts_with("<<") && !self.starts_with("<<<") {
            return self.here_document();
        }
        while matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        true
    }

    /// Takes note of a here-document.
    fn here_document(&mut self) -> bool {
        self.at += 2;
        let is_indented = self.peek() == Some(b'-');
        self.at += usize::from(is_indented);
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let start = self.at;
        while self.peek().is_some_and(|byte| !is_between(byte)) {
            self.at += 1;
        }
        let mark = self.text[start..self.at].replace(['\'', '"', '\\'], "");
        if !mark.is_empty() {
            self.waiting.push(HereDocument { mark, is_indented });
        }
        false
    }

    /// Passes over the here-documents that begin on this line. One without an end reaches to that of the text.
    fn here_documents(&mut self) {
        let feeds_shell = std::mem::take(&mut self.feeds_shell);
        for HereDocument { mark, is_indented } in std::mem::take(&mut self.waiting) {
            let start = self.at;
            let mut end = self.text.len();
            while self.at < self.text.len() {
                let line_end = self.line_end();
                let line = self.text[self.at..line_end].trim_end_matches('\r');
                let line = if is_indented { line.trim_start_matches('\t') } else { line };
                let line_start = self.at;
                self.at = (line_end + 1).min(self.text.len());
                if line == mark {
                    end = line_start;
                    break;
                }
            }
            let has = |word: &str| {
                memchr::memmem::find(&self.text.as_bytes()[start..end], word.as_bytes()).is_some()
            };
            if feeds_shell {
                self.found.scripts.push(start..end);
            } else if has("apiVersion:") && has("kind:") || has("image:") || has("\"image\"") {
                self.found.documents.push(start..end);
            }
        }
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word::default();
        while self.at < self.text.len()
            && (self.settled_here().is_some() || !self.peek().is_some_and(is_between))
        {
            let before = self.at;
            self.pieces(&mut word.pieces, Stop::Word);
            if self.at == before {
                break;
            }
        }
        word.range = start..self.at;
        let written = &self.text[word.range.clone()];
        word.is_quoted = written.contains(['"', '\'']);
        word.inner = ['"', '\''].into_iter().find_map(|quote| {
            let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
            Some(start + 1..start + 1 + inner.len())
        });
        word
    }

    /// The settled range at this place.
    fn settled_here(&mut self) -> Option<Range<usize>> {
        while self.settled.get(self.next).is_some_and(|range| range.end <= self.at) {
            self.next += 1;
        }
        self.settled.get(self.next).filter(|range| range.start <= self.at).cloned()
    }

    /// Pieces of a word up to where they stop; what stops them is not passed.
    fn pieces(&mut self, out: &mut Vec<Piece>, stop: Stop) {
        let is_quoted = matches!(stop, Stop::Quote | Stop::QuotedBrace);
        while let Some(byte) = self.peek() {
            if let Some(range) = self.settled_here() {
                push_text(out, self.at..range.end.min(self.text.len()));
                self.at = range.end.min(self.text.len());
                continue;
            }
            let ends = match stop {
                Stop::Word => is_between(byte),
                Stop::Quote => byte == b'"' || byte == b'\n' && self.dialect == Dialect::Make,
                Stop::Brace | Stop::QuotedBrace => byte == b'}',
            };
            if ends || byte == b'`' && self.in_ticks {
                return;
            }
            match byte {
                b'\\' => self.escape(out, is_quoted),
                b'\'' if !is_quoted => self.single_quotes(out),
                b'"' if stop != Stop::Quote => {
                    self.at += 1;
                    // A quote within a default may itself be within quotes: it ends where the next one is.
                    self.pieces(out, Stop::Quote);
                    self.at += usize::from(self.peek() == Some(b'"'));
                }
                b'$' => self.dollar(out, is_quoted),
                b'`' => self.substitution(out, 1, b'`'),
                b'{' if self.starts_with("{{") => self.braces(out),
                _ => self.plain(out),
            }
        }
    }

    fn plain(&mut self, out: &mut Vec<Piece>) {
        let start = self.at;
        let limit =
            self.settled.get(self.next).map_or(self.text.len(), |range| range.start.min(self.text.len()));
        let rest = &self.text.as_bytes()[start + 1..limit.max(start + 1)];
        let is_special = |byte: &u8| is_between(*byte) || b"\\'\"$`{}".contains(byte);
        self.at = rest.iter().position(is_special).map_or(limit.max(start + 1), |len| start + 1 + len);
        push_text(out, start..self.at);
    }

    fn escape(&mut self, out: &mut Vec<Piece>, is_quoted: bool) {
        if let Some(len) = self.continuation() {
            self.at += len;
            return;
        }
        let next = self.text[self.at + 1..].chars().next();
        let Some(next) = next else {
            self.at += 1;
            return;
        };
        let has_meaning = !is_quoted || matches!(next, '$' | '`' | '"' | '\\');
        let start = self.at + usize::from(has_meaning);
        self.at += 1 + next.len_utf8();
        push_text(out, start..self.at);
    }

    fn single_quotes(&mut self, out: &mut Vec<Piece>) {
        let start = self.at + 1;
        // A recipe's line is a script of its own.
        let end = match self.dialect {
            Dialect::Make => {
                let rest = &self.text.as_bytes()[start..];
                let end = memchr::memchr2(b'\'', b'\n', rest).map(|len| start + len);
                end.filter(|end| self.text.as_bytes()[*end] == b'\'')
            }
            _ => {
                let end = self.find("'", start, self.closed.quotes);
                self.closed.quotes |= end.is_none();
                end
            }
        };
        match end {
            Some(end) => {
                push_text(out, start..end);
                self.at = end + 1;
            }
            // One that never ends is a letter like others.
            None => {
                push_text(out, start - 1..start);
                self.at = start;
            }
        }
    }

    /// `{{ … }}`: a variable of just, or what a template writes.
    fn braces(&mut self, out: &mut Vec<Piece>) {
        let start = self.at;
        let end = self.find("}}", start, self.closed.braces);
        self.closed.braces |= end.is_none();
        let Some(end) = end else {
            push_text(out, start..start + 2);
            self.at = start + 2;
            return;
        };
        self.at = end + 2;
        let inner = &self.text[start + 2..end];
        let sign = if self.dialect == Dialect::Task { "." } else { "" };
        let name = inner.trim().strip_prefix(sign).unwrap_or_default();
        let from = start + 2 + (inner.len() - inner.trim_start().len()) + sign.len();
        let is_name = !name.is_empty() && name.bytes().all(|byte| is_name(byte) || byte == b'-');
        out.push(match is_name && matches!(self.dialect, Dialect::Just | Dialect::Task) {
            true => Piece::Name(start..self.at, from..from + name.len(), None),
            false => Piece::Hole(start..self.at),
        });
    }

    /// Commands within commands.
    fn nested(&mut self, close: u8, kind: u8) {
        if self.depth >= DEEPEST_SHELL {
            return;
        }
        let (in_ticks, waiting) = (self.in_ticks, std::mem::take(&mut self.waiting));
        self.depth += 1;
        self.in_ticks = kind == b'`';
        self.commands(Some(close));
        self.depth -= 1;
        self.in_ticks = in_ticks;
        let own = std::mem::replace(&mut self.waiting, waiting);
        self.waiting.extend(own);
    }

    fn substitution(&mut self, out: &mut Vec<Piece>, lead: usize, close: u8) {
        let start = self.at;
        self.at += lead;
        self.nested(close, close);
        out.push(Piece::Hole(start..self.at));
    }

    fn dollar(&mut self, out: &mut Vec<Piece>, is_quoted: bool) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        if self.dialect == Dialect::Make {
            match bytes.get(start + 1) {
                // The shell's own variables are set within a recipe.
                Some(b'$') => return self.shell_dollar(out),
                Some(b'(' | b'{') => return self.make_variable(out),
                _ => {}
            }
        }
        match bytes.get(self.at + 1) {
            Some(b'(') if self.text[self.at..].starts_with("$((") => {
                self.sum(3);
                out.push(Piece::Hole(start..self.at));
            }
            Some(b'(') => self.substitution(out, 2, b')'),
            Some(b'{') => self.parameter(out, is_quoted),
            Some(b'\'' | b'"') if !is_quoted => self.at += 1,
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let from = self.at + 1;
                let len = bytes[from..].iter().take_while(|byte| is_name(**byte)).count();
                self.at = from + len;
                out.push(Piece::Name(start..self.at, from..self.at, None));
            }
            Some(b'@' | b'*') => {
                self.at += 2;
                out.push(Piece::Many(start..self.at));
            }
            Some(b'0'..=b'9' | b'#' | b'?' | b'!' | b'$' | b'-') => {
                self.at += 2;
                out.push(Piece::Hole(start..self.at));
            }
            _ => {
                self.at += 1;
                push_text(out, start..self.at);
            }
        }
    }

    /// `$$` of a recipe: commands are read, and variables are known to its shell alone.
    fn shell_dollar(&mut self, out: &mut Vec<Piece>) {
        let start = self.at;
        if self.text[start..].starts_with("$$(") && !self.text[start..].starts_with("$$((") {
            return self.substitution(out, 3, b')');
        }
        let rest = &self.text.as_bytes()[start + 2..];
        let is_braced = rest.first() == Some(&b'{');
        let len = rest.iter().skip(usize::from(is_braced)).take_while(|byte| is_name(**byte)).count();
        self.at = start + 2 + len + usize::from(is_braced);
        self.at += usize::from(is_braced && self.peek() == Some(b'}'));
        out.push(Piece::Hole(start..self.at));
    }

    /// `${NAME}`, with what is done to it.
    fn parameter(&mut self, out: &mut Vec<Piece>, is_quoted: bool) {
        let start = self.at;
        let from = start + 2;
        let bytes = self.text.as_bytes();
        let len = bytes[from..].iter().take_while(|byte| is_name(**byte)).count();
        self.at = from + len;
        if self.depth >= DEEPEST_SHELL {
            return out.push(Piece::Hole(start..self.at));
        }
        let stop = if is_quoted { Stop::QuotedBrace } else { Stop::Brace };
        let colon = usize::from(self.peek() == Some(b':'));
        let operator = bytes.get(self.at + colon).copied();
        let is_list = operator == Some(b'[');
        let has_default = matches!(operator, Some(b'-' | b'='));
        if has_default || operator == Some(b'?') {
            self.at += colon + 1;
        }
        let mut default = Vec::new();
        self.depth += 1;
        self.pieces(&mut default, stop);
        self.depth -= 1;
        self.at += usize::from(self.peek() == Some(b'}'));
        let range = start..self.at;
        out.push(match () {
            () if is_list => Piece::Many(range),
            () if len == 0 => Piece::Hole(range),
            () if has_default => Piece::Name(range, from..from + len, Some(default)),
            () if operator == Some(b'?') || default.is_empty() => Piece::Name(range, from..from + len, None),
            () => Piece::Hole(range),
        });
    }

    /// `$(NAME)` of Make; what its functions give is a hole, and `$(shell …)` holds commands.
    fn make_variable(&mut self, out: &mut Vec<Piece>) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let close = if bytes[start + 1] == b'(' { b')' } else { b'}' };
        if self.text[start + 2..].starts_with("shell ") && close == b')' {
            return self.substitution(out, "$(shell ".len(), b')');
        }
        let mut open = 0;
        let end = bytes[start + 1..].iter().position(|byte| {
            open += i32::from(matches!(byte, b'(' | b'{'));
            open -= i32::from(matches!(byte, b')' | b'}'));
            open == 0 || *byte == b'\n'
        });
        let end = end.map_or(self.text.len(), |len| start + 1 + len);
        let name = start + 2..end.max(start + 2);
        self.at = if self.text.as_bytes().get(end) == Some(&close) { end + 1 } else { end };
        let is_name =
            !name.is_empty() && bytes[name.clone()].iter().all(|byte| is_name(*byte) || b"-.".contains(byte));
        out.push(if is_name { Piece::Name(start..self.at, name, None) } else { Piece::Hole(start..self.at) });
    }

    /// The end of a command: what it sets, whether it is wanted, and what it hands to another shell.
    fn finish(&mut self, words: &mut Vec<Word>) {
        if words.is_empty() {
            return;
        }
        let words = std::mem::take(words);
        if self.assignments(&words) {
            return;
        }
        let is_wanted =
            |word: &Word| (self.keeps)(&self.text[word.inner.clone().unwrap_or(word.range.clone())]);
        // `$DOCKER run` is seen when the variable is known.
        let is_variable = |word: &Word| word.pieces.iter().any(|piece| matches!(piece, Piece::Name(..)));
        if words.iter().any(is_shell(self.text)) {
            self.feeds_shell = true;
            let script = words.iter().filter_map(|word| word.inner.clone());
            let script = script.filter(|range| self.text[range.clone()].contains(' '));
            self.found.scripts.extend(script);
        }
        if words.iter().take(WORDS_BEFORE).any(is_wanted) || words.iter().take(2).any(is_variable) {
            self.found.commands.push(words);
        }
    }

    /// Takes note of the variables that a command sets. Says whether that is all it does.
    fn assignments(&mut self, words: &[Word]) -> bool {
        let text = |word: &Word| &self.text[word.range.clone()];
        let is_declared = |word: &Word| {
            matches!(text(word), "export" | "local" | "readonly" | "declare" | "typeset" | "override")
                || text(word).starts_with('-')
        };
        let is_reserved = |word: &Word| {
            matches!(text(word), "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{")
        };
        let skipped = words.iter().take_while(|word| is_declared(word) || is_reserved(word)).count();
        let (words, mut found) = (&words[skipped..], Vec::new());
        let mut is_all = false;
        let first = words.first().map_or("", text);
        match first {
            "for" | "select" | "unset" | "mapfile" | "readarray" | "getopts" | "read" => {
                let named = words[1..].iter().filter(|word| text(word).bytes().all(is_name));
                found.extend(named.map(|word| (word.range.clone(), None)));
            }
            _ if matches!(self.dialect, Dialect::Make | Dialect::Just)
                && words.len() > 1
                && is_make_sign(text(&words[1])) =>
            {
                let value = words.get(2).filter(|_| words.len() == 3).map(|word| word.pieces.clone());
                found.push((words[0].range.clone(), value));
                is_all = true;
            }
            _ => {
                let set: Vec<_> = words.iter().map_while(|word| self.assignment(word)).collect();
                // `A=b command` sets it for the command alone.
                is_all = !words.is_empty() && set.len() == words.len();
                if is_all {
                    found = set;
                }
            }
        }
        self.found.assigned.extend(found);
        is_all
    }

    /// `NAME=value`.
    fn assignment(&self, word: &Word) -> Option<(Range<usize>, Option<Vec<Piece>>)> {
        let range = word.inner.clone().unwrap_or(word.range.clone());
        let written = &self.text[range.clone()];
        let len = written.bytes().take_while(|byte| is_name(*byte)).count();
        let name = range.start..range.start + len;
        if len == 0 || written.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        if written[len..].starts_with("+=") {
            return Some((name, None));
        }
        if !written[len..].starts_with('=') {
            return None;
        }
        let mut pieces = word.pieces.clone();
        match pieces.first_mut() {
            Some(Piece::Text(range)) if range.start + len < range.end => range.start += len + 1,
            _ => return Some((name, None)),
        }
        Some((name, Some(pieces)))
    }
}

/// How far into a command what it runs may stand, behind `sudo` and the like.
const WORDS_BEFORE: usize = 24;

fn is_make_sign(word: &str) -> bool {
    matches!(word, "=" | ":=" | "::=" | "?=" | "+=")
}

/// Whether a word is a shell, or what hands its words to one.
fn is_shell(text: &str) -> impl Fn(&Word) -> bool + '_ {
    move |word| {
        let name = text[word.range.clone()].rsplit('/').next().unwrap_or_default();
        matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ssh" | "su" | "eval")
    }
}

fn hole(range: Range<usize>) -> Word {
    Word { pieces: vec![Piece::Hole(range.clone())], range, ..Word::default() }
}

/// Adds text, to the piece before it where they stand together.
fn push_text(out: &mut Vec<Piece>, range: Range<usize>) {
    match out.last_mut() {
        Some(Piece::Text(last)) if last.end == range.start => last.end = range.end,
        _ => out.push(Piece::Text(range)),
    }
}
