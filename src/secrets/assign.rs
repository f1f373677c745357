//! Assignments in any text: a name that promises a credential, a sign, a value. Knows how the usual files write an
//! assignment (`.env`, ini, HCL, shell, code, prose), not what a Kubernetes object is.

use super::context::Context;
use super::excuse::excuse;
use super::found::{Found, line_around, part};
use super::judge::{self, Question, Setting};
use super::markup;
use super::simd::is_word;
use super::stops::Hit;
use super::value;
use super::writing::Writing;
use crate::facts::{Names, Promise, SecretKind, SecretPlace, Softer, noun};
use crate::text::{File, Part};
use std::ops::Range;

/// How much of a line may be one value: ciphertext is long.
const LONGEST: usize = 4096;

/// Every assignment of a literal to a name that promises a credential.
pub(super) fn find(
    file: &File,
    writing: Writing,
    context: &Context,
    hits: &[Hit],
    push: &mut impl FnMut(Found),
) {
    match writing {
        Writing::Nothing => {}
        Writing::Markup => {
            markup::pairs(file, context.tables.names(), &mut |name, value, in_comment| {
                let setting = if in_comment { Setting::Prose } else { Setting::Given };
                if is_hashed(file, &value) {
                    return;
                }
                // `<token>identifier</token>`: what an element is called.
                let is_word = value::is_identifier(&value.text) && value::is_words(&value.text);
                let found = judged(context, setting, name, value);
                if let Some(mut found) = found.filter(|found| !is_word || found.kind != SecretKind::Doubtful)
                {
                    found.softer = in_comment.then_some(Softer::Prose);
                    push(found);
                }
            });
            find_as(file, context, hits, Writing::Markup, push);
        }
        writing => find_as(file, context, hits, writing, push),
    }
}

/// Whether an attribute beside a value says that it is the sum of one: `password="…" encoding="sha256"`.
fn is_hashed(file: &File, value: &Part) -> bool {
    const SUMS: [&str; 4] =
        ["encoding=\"sha256\"", "encoding=\"md5\"", "encoding='sha256'", "encoding='md5'"];
    let end = (value.span().end as usize).min(file.text.len());
    let rest = file.text.get(end..line_around(file.text.as_bytes(), end, 200).end).unwrap_or_default();
    let rest = rest.split('>').next().unwrap_or_default();
    value.text.bytes().all(|byte| byte.is_ascii_hexdigit()) && SUMS.iter().any(|sum| rest.contains(sum))
}

/// The same in a document of which no tree could be made: line by line.
pub(super) fn find_lines(file: &File, context: &Context, hits: &[Hit], push: &mut impl FnMut(Found)) {
    find_as(file, context, hits, Writing::Bare, push);
}

fn find_as(file: &File, context: &Context, hits: &[Hit], writing: Writing, push: &mut impl FnMut(Found)) {
    let (bytes, names) = (file.text.as_bytes(), context.tables.names());
    let documents = if writing == Writing::Quoted { heredocs(file.text) } else { Vec::new() };
    let mut end = 0;
    for hit in hits {
        let at = match *hit {
            Hit::Name(at) if at as usize >= end => at as usize,
            _ => continue,
        };
        let Some(name) = name_at(bytes, at) else { continue };
        let in_comment = is_comment(file, name.start);
        let is_in_query = bytes[at] == b'=' && is_in_query(bytes, name.start, at);
        let is_in_text = || is_in_query || bytes[at] == b'=' && is_in_connection(bytes, name.start);
        let is_read_otherwise = match writing {
            Writing::Tree => !in_comment,
            Writing::Markup => true,
            _ => false,
        };
        if is_read_otherwise && !is_in_text() {
            continue;
        }
        // In programs most of what is assigned is no text: that is seen sooner than what a name promises.
        let is_program = writing == Writing::Program && !is_in_text();
        if is_program && assignment(file, at, name.clone(), writing).is_none() {
            continue;
        }
        // The end of the name was promising; the name decides.
        if !is_telling(file, names, &name) {
            continue;
        }
        let document = documents.partition_point(|document| document.end <= at);
        let is_in_document = documents.get(document).is_some_and(|document| document.contains(&at));
        let how = if is_in_document || is_in_text() { Writing::Bare } else { writing };
        let is_printed = how == Writing::Bare && is_printed(bytes, name.start);
        let setting = match writing.setting() {
            _ if in_comment || is_printed => Setting::Prose,
            Setting::Given if context.starts => Setting::Started,
            setting => setting,
        };
        let Some(found) = assignment(file, at, name, how) else { continue };
        if setting == Setting::Prose && is_sentence(file, &found) || is_pointer(file, &found) {
            continue;
        }
        // `?token=TOKEN`
        let is_shouted = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
        let is_gap = || bytes[found.value.clone()].iter().all(is_shouted);
        let is_invitation =
            || setting == Setting::Prose && is_of_meeting(address_before(bytes, found.name.start));
        if is_in_query && (is_gap() || is_invitation()) {
            continue;
        }
        let mut told = judge_at(file, context, &found, setting);
        if let Some(told) = told.as_mut().filter(|told| is_in_query && told.kind == SecretKind::Assigned) {
            told.goes = "in the query of a URL".into();
        }
        // What is no credential as a whole may hold one: `dsn = "host=db password=…"`.
        let is_one = told.as_ref().is_some_and(|told| told.excuse.is_none());
        if is_one || !(found.quoted && bytes[found.value.clone()].contains(&b'=')) {
            end = found.value.end;
        }
        told.into_iter().for_each(&mut *push);
    }
}

/// What stands in files of HCL between `<<WORD` and the word: files of other kinds.
fn heredocs(text: &str) -> Vec<Range<usize>> {
    let (mut out, mut floor) = (Vec::new(), 0);
    for at in memchr::memmem::find_iter(text.as_bytes(), b"<<") {
        if at < floor {
            continue;
        }
        let rest = text[at + 2..].trim_start_matches('-');
        let length = rest.bytes().take_while(|&byte| is_word(byte)).count();
        let (word, start) = (&rest[..length], text.len() - rest.len() + length);
        let mut end = start;
        let line = text[start..].split_inclusive('\n').skip(1).find(|line| {
            end += line.len();
            line.trim() == word
        });
        // One that nobody closes goes on to the end of the file.
        floor = if line.is_some() { end } else { text.len() };
        if length > 0 {
            out.push(start..floor);
        }
    }
    out
}

/// Whether a name is one of several settings in a text that says where to connect: `host=db user=app password=…`.
fn is_in_connection(bytes: &[u8], at: usize) -> bool {
    const WORDS: [&[u8]; 7] =
        [b"host=", b"server=", b"data source=", b"user id=", b"uid=", b"accountname=", b"user="];
    let line = line_around(bytes, at, 300);
    let before = &bytes[line.start..at];
    if memchr::memchr(b'=', before).is_none() {
        return false;
    }
    let before = before.to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&before, word).is_some())
}

/// Whether a name is one of the query of an address that says something itself: `https://host/message?token=…`.
fn is_in_query(bytes: &[u8], name: usize, sign: usize) -> bool {
    let is_first = name.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'?' | b'&'));
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !is_first || !bytes.get(sign + 1).is_some_and(is_letter) {
        return false;
    }
    let address = address_before(bytes, name);
    let has = |word: &[u8]| memchr::memmem::find(address, word).is_some();
    // What a picture of a project's state is asked for with is public.
    has(b"?") && has(b"/") && !has(b"badge")
}

/// The address that goes on at a place.
fn address_before(bytes: &[u8], at: usize) -> &[u8] {
    let before = &bytes[line_around(bytes, at, 300).start..at];
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'(' | b'<');
    &before[before.iter().rposition(is_end).map_or(0, |last| last + 1)..]
}

/// Whether an address is that of a meeting: who is told of it is invited with the password in it.
fn is_of_meeting(address: &[u8]) -> bool {
    const MEETINGS: [&[u8]; 5] = [b"zoom", b"/meeting", b"meet.", b"webex", b"teams.microsoft"];
    MEETINGS.iter().any(|word| memchr::memmem::find(address, word).is_some())
}

/// Whether a line of a script says something to people: `echo "Password: …"`, unless a file takes it.
fn is_printed(bytes: &[u8], at: usize) -> bool {
    let line = line_around(bytes, at, 400);
    let before = &bytes[line.start..at];
    let prints = |word: &[u8]| memchr::memmem::find(before, word).is_some();
    (prints(b"echo ") || prints(b"printf ")) && memchr::memchr2(b'>', b'|', &bytes[at..line.end]).is_none()
}

/// Whether a name is a word of a sentence, and what follows are words, too: `without the password = no way in`,
/// `- PASS: all of them`.
fn is_sentence(file: &File, found: &Assignment) -> bool {
    let bytes = file.text.as_bytes();
    let sign = found.value.start.saturating_sub(1 + usize::from(found.quoted));
    if found.quoted && bytes[found.value.start - 1] != b'`' || !bytes[sign].is_ascii_whitespace() {
        return false;
    }
    let line = line_around(bytes, found.name.start, 400);
    let words = file.text.get(line.start..found.name.start).unwrap_or_default();
    let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b',');
    let text = &file.text[found.value.clone()];
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_verdict = file.text[found.name.clone()].eq_ignore_ascii_case("pass") && !is_mixed;
    // What stands in the marks of code is written as it is.
    let is_code = words.ends_with(['`', '"', '\'']);
    let end = line_around(bytes, found.value.end, 200).end;
    let rest = file.text.get(found.value.end..end).unwrap_or_default();
    let goes_on = !found.quoted
        && bytes[sign - 1] == b'='
        && rest.split(' ').skip(1).filter(is_word).count() >= 2
        && value::is_words(text);
    is_verdict
        || goes_on
        || !words.is_ascii() && !is_code
        || !found.quoted && !is_code && words.split(' ').filter(is_word).count() >= 2 && value::is_words(text)
}

/// Whether a value names where the credential is: a secret of Podman's in a unit, a path, what a call is given.
fn is_pointer(file: &File, found: &Assignment) -> bool {
    let (name, value) = (&file.text[found.name.clone()], &file.text[found.value.clone()]);
    let base = file.base();
    let is_unit = [".container", ".kube", ".pod", ".build"].iter().any(|end| base.contains(end));
    let is_podmans = name == "Secret" && (is_unit || value.contains(",type=") || value.contains(",target="));
    // `Volume=%h/secrets/api_key:/run/secrets/api_key:ro`
    let is_path =
        file.text[..found.name.start].ends_with('/') && file.text[found.name.end..found.value.start] == *":";
    // `self._token = token`, `connect(token=token,timeout=3)`
    let is_field = || name.starts_with("self.") || name.starts_with("this.");
    let is_argument = || value.strip_prefix(name).is_some_and(|rest| rest.starts_with([',', ')']));
    let is_passed_on = !found.quoted && (is_field() || is_argument());
    is_podmans || is_path || is_passed_on
}

fn is_telling(file: &File, names: &Names, name: &Range<usize>) -> bool {
    file.text.get(name.clone()).is_some_and(|name| names.promise(name) > Promise::None)
}

/// The name that something at `at` is assigned to, on the same line: for the finding's path.
pub(super) fn name_before(file: &File, at: usize) -> Option<Part> {
    let bytes = file.text.as_bytes();
    let line = line_around(bytes, at, 160);
    let before = &bytes[line.start..at];
    let sign = before.iter().rposition(|byte| matches!(byte, b'=' | b':'))?;
    let trimmed = before[..sign].iter().rposition(|&byte| is_word(byte))? + 1;
    let start = before[..trimmed]
        .iter()
        .rposition(|&byte| !(is_word(byte) || byte == b'-' || byte == b'.'))
        .map_or(0, |found| found + 1);
    (trimmed - start >= 2 && !before[start..trimmed].eq_ignore_ascii_case(b"https"))
        .then(|| part(file, line.start + start..line.start + trimmed))
}

struct Assignment {
    name: Range<usize>,
    value: Range<usize>,
    quoted: bool,
}

/// The name before the sign at `sign_at`.
pub(super) fn name_at(bytes: &[u8], sign_at: usize) -> Option<Range<usize>> {
    let in_name = |byte: u8| is_word(byte) || byte == b'-' || byte == b'.';
    let floor = sign_at.saturating_sub(160);
    let before = &bytes[floor..sign_at];
    let end =
        before.iter().rposition(|byte| !b" \t\"']?+".contains(byte)).map_or(floor, |last| floor + last + 1);
    let head = &bytes[floor..end];
    let start = head.iter().rposition(|&byte| !in_name(byte)).map_or(floor, |found| floor + found + 1);
    let start = start + bytes[start..end].iter().take_while(|byte| matches!(byte, b'-' | b'.')).count();
    (start < end).then_some(start..end)
}

/// Whether what is between a name and a sign leaves the sign to the name: not where a text ends or begins there, as in
/// `"token=" + token` and `key + ':suffix'`.
fn is_assigned_to(bytes: &[u8], name: &Range<usize>, sign_at: usize) -> bool {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let between = &bytes[name.end..sign_at];
    let opened = name.start.checked_sub(1).map(|before| bytes[before]).filter(is_quote);
    let closed = between.iter().copied().find(is_quote);
    let ends = bytes.get(sign_at + 1).copied().filter(is_quote);
    let is_joined = between.contains(&b'+') && !between.ends_with(b"+");
    !is_joined
        && (closed.is_none() || closed == opened)
        && (closed.is_some() || opened.is_none() || opened != ends)
}

/// The assignment whose sign stands at `sign_at`.
fn assignment(file: &File, sign_at: usize, name: Range<usize>, writing: Writing) -> Option<Assignment> {
    let bytes = file.text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let skip = |mut at: usize, set: &[u8]| {
        while set.contains(&byte(at)) {
            at += 1;
        }
        at
    };
    // What stands around the sign decides at once for most of them: a comparison, a path, the end of the line.
    let sign = bytes[sign_at];
    let mut next = match (sign, byte(sign_at + 1)) {
        (b'=', b'=' | b'~') | (b':', b':' | b'/') => return None,
        // The default of a variable is told with what it is given to.
        _ if bytes[..name.start].ends_with(b"${") => return None,
        // `arn:aws:secretsmanager:eu-west-1:123456789012:secret:name`.
        _ if matches!(bytes[..name.start], [.., b'0'..=b'9', b':']) => return None,
        // In templates a function may follow.
        (b':', b'=')
            if writing == Writing::Bare
                && !matches!(byte(skip(sign_at + 2, b" \t")), b'"' | b'\'' | b'`') =>
        {
            return None;
        }
        _ if !is_assigned_to(bytes, &name, sign_at) => return None,
        (b':', b'=') | (b'=', b'>') => sign_at + 2,
        _ => sign_at + 1,
    };
    next = skip(next, b" \t");
    // A type between the name and the value: `password: str = "…"`, `password: string = "…"`.
    if sign == b':' && writing == Writing::Program && byte(next).is_ascii_alphabetic() {
        let word = bytes[next..bytes.len().min(next + 24)]
            .iter()
            .take_while(|&&byte| is_word(byte) || matches!(byte, b'[' | b']' | b'|' | b' '))
            .count();
        if byte(next + word) == b'=' && byte(next + word + 1) != b'=' {
            next = skip(next + word + 1, b" \t");
        }
    }
    // String prefixes of programs: `b"…"`, `r"…"`, `@"…"`.
    if matches!(byte(next), b'b' | b'r' | b'@' | b'f' | b'u') && matches!(byte(next + 1), b'"' | b'\'') {
        next += 1;
    }
    let ceiling = bytes.len().min(next + LONGEST);
    let quote = byte(next);
    // What a shell runs.
    let line = &bytes[next..ceiling];
    let is_run = |text: &[u8]| memchr::memchr2(b' ', b'`', text).is_some_and(|at| text[at] == b' ');
    if quote == b'`' && (writing == Writing::Bare || is_run(&line[1..])) {
        return None;
    }
    // `"""…"""`: three of them are one.
    if matches!(quote, b'"' | b'\'') && byte(next + 1) == quote && byte(next + 2) == quote {
        let from = next + 3;
        let length =
            bytes[from.min(ceiling)..ceiling].iter().position(|&byte| byte == quote || byte == b'\n')?;
        return (length > 0 && byte(from + length) == quote && file.text.get(from..from + length).is_some())
            .then_some(Assignment { name, value: from..from + length, quoted: true });
    }
    if matches!(quote, b'"' | b'\'' | b'`') {
        let from = next + 1;
        let mut to = from;
        while to < ceiling && bytes[to] != quote {
            match bytes[to] {
                b'\n' => return None,
                b'\\' => to += 2,
                _ => to += 1,
            }
        }
        // `"a" + b`: put together from parts, of which this is one.
        let joined = to < ceiling && matches!(byte(skip(to + 1, b" \t")), b'+' | b'%');
        return (to < ceiling && to > from && !joined && file.text.get(from..to).is_some())
            .then_some(Assignment { name, value: from..to, quoted: true });
    }
    if matches!(writing, Writing::Quoted | Writing::Program) {
        return None;
    }
    let stop = |byte: u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b'&')
    };
    let mut to = next + bytes[next..ceiling].iter().position(|&byte| stop(byte)).unwrap_or(ceiling - next);
    // The bracket at the end of `${NAME:-default}` belongs to it.
    let is_whole = |to: usize| {
        bytes[next..].starts_with(b"${") && memchr::memchr(b'}', &bytes[next..to]) == Some(to - 1 - next)
    };
    while to > next && matches!(byte(to - 1), b',' | b')' | b']' | b'}' | b'\\') && !is_whole(to) {
        to -= 1;
    }
    // A name followed by several words is a sentence, except in files where the rest of the line is the value.
    let rest = bytes[to..ceiling].iter().take_while(|&&byte| byte != b'\n').copied().collect::<Vec<_>>();
    let sentence = sign == b':'
        && rest.trim_ascii().first().is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'-');
    (to > next && !sentence && file.text.get(next..to).is_some()).then_some(Assignment {
        name,
        value: next..to,
        quoted: false,
    })
}

/// What the judge says of an assignment.
fn judge_at(file: &File, context: &Context, found: &Assignment, setting: Setting) -> Option<Found> {
    let text = &file.text[found.value.clone()];
    // Calls, indexing, attributes and types of a program.
    let is_code = text.contains(['(', '[', '{', '<', '*', '\\']) || text.ends_with("):");
    if !found.quoted && value::default_of(text).is_none() && is_code {
        return None;
    }
    // `password: matrix_database_password` without quotes, in a template: a variable.
    let is_variable = !found.quoted
        && file.text[found.name.end..found.value.start].contains(':')
        && text.contains('_')
        && value::is_identifier(text)
        && value::kind(text) == value::Kind::Literal
        && context.tables.names().promise(text) == Promise::Strong;
    // `open(data, password=password)`: an argument of a call.
    let is_argument = !found.quoted
        && text == &file.text[found.name.clone()]
        && (file.base().ends_with(".sh") || file.text[found.value.end..].starts_with([')', ',']));
    if is_variable || is_argument {
        return None;
    }
    // Documentation encodes words to show how it is done.
    let shows = |plain: String| value::is_words(&plain);
    if setting == Setting::Prose && super::decode::text(text).is_some_and(shows) {
        return None;
    }
    let value = part(file, found.value.clone());
    let value = value::default_of(text).map_or(value.clone(), |range| value.slice(range));
    let mut made = judged(context, setting, part(file, found.name.clone()), value)?;
    if setting == Setting::Prose {
        made.softer = Some(Softer::Prose);
    }
    if file.base().starts_with(".env") || file.base().ends_with(".env") {
        made.place = SecretPlace::Env;
    }
    let line = line_around(file.text.as_bytes(), found.name.start, 400);
    let before = file.text.get(line.start..found.name.start).unwrap_or_default().to_ascii_lowercase();
    if made.kind == SecretKind::Assigned
        && ["host=", "server=", "data source=", "user id=", "uid=", "accountname="]
            .iter()
            .any(|word| before.contains(word))
    {
        made.kind = SecretKind::ConnectionString;
        made.goes = "in a connection string".into();
    }
    Some(made)
}

/// What the judge says of a name with a value.
fn judged(context: &Context, setting: Setting, name: Part, value: Part) -> Option<Found> {
    let names = context.tables.names();
    let keeping = context.keeping;
    let question = Question { names, name: &name.text, value: &value.text, setting, keeping };
    let Some(verdict) = judge::judge(&question) else {
        return Some(Found::excused(excuse(&question)?, name, value));
    };
    let what = noun(&names.telling(&name.text));
    Some(Found::judged(SecretKind::Assigned, what, value, verdict).named(Some(name)))
}

/// Whether a line with an assignment is commented out: `#password = …`, not what somebody says behind one.
pub(super) fn begins_comment(file: &File, at: usize) -> bool {
    let bytes = file.text.as_bytes();
    let before = bytes[line_around(bytes, at, 300).start..at].trim_ascii_start();
    matches!(before, [b'#' | b';', ..] | [b'/', b'/', ..])
}

/// Whether a comment is open on the line before a place.
pub(super) fn is_comment(file: &File, at: usize) -> bool {
    let bytes = file.text.as_bytes();
    let line = line_around(bytes, at, 300);
    let before = &bytes[line.start..at];
    let is_hash =
        memchr::memchr(b'#', before).is_some_and(|sign| sign == 0 || before[sign - 1].is_ascii_whitespace());
    let start = before.trim_ascii_start();
    is_hash
        // `//registry.corp.net/:_password=…` is a setting of npm.
        || start.starts_with(b"//") && !file.base().ends_with("npmrc")
        || start.starts_with(b";")
        || start.starts_with(b"/*")
        || start.starts_with(b"* ")
}
