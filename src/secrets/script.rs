//! Credentials on command lines, wherever commands stand: scripts, workflows, Dockerfiles, documentation.

use super::context::Context;
use super::found::{Found, line_around, part, within};
use super::judge::{self, Question, Setting};
use super::value::{self, Kind};
use super::writing;
use crate::facts::{SecretKind, SecretPlace, Softer, noun};
use crate::text::File;
use memchr::memmem;
use std::ops::Range;
use std::sync::OnceLock;

/// A command that takes a credential as an argument.
struct Command {
    /// What its line must hold.
    needle: &'static str,
    /// What comes right before the credential; the first that is there counts.
    flags: &'static [&'static str],
    /// Whether the argument is `user:password` or `name=value`, of which the second half is the credential.
    split: Option<char>,
    what: &'static str,
    /// What it opens.
    goes: &'static str,
}

const COMMANDS: &[Command] = &[
    Command {
        needle: " login ",
        flags: &["--password ", "--password=", "-p "],
        split: None,
        what: "password",
        goes: "of a registry login",
    },
    Command {
        needle: "--from-literal",
        flags: &["--from-literal=", "--from-literal "],
        split: Some('='),
        what: "value",
        goes: "of a Secret that a command makes",
    },
    Command { needle: "--password ", flags: &["--password "], split: None, what: "password", goes: "" },
    Command { needle: "--token ", flags: &["--token "], split: None, what: "token", goes: "" },
    Command { needle: "sshpass ", flags: &["-p "], split: None, what: "password", goes: "of an SSH login" },
    Command {
        needle: "curl ",
        flags: &["-u ", "--user ", "--user=", "--proxy-user "],
        split: Some(':'),
        what: "password",
        goes: "of an HTTP request",
    },
    Command {
        needle: "wget ",
        flags: &["--password=", "--http-password="],
        split: None,
        what: "password",
        goes: "of an HTTP request",
    },
    Command {
        needle: "mysql",
        flags: &[" --password=", " -p'"],
        split: None,
        what: "password",
        goes: "of a database",
    },
    // Here the password follows without a blank; with one, `-p` asks for it.
    Command { needle: "mysql -", flags: &[" -p"], split: None, what: "password", goes: "of a database" },
    Command { needle: "mysqldump -", flags: &[" -p"], split: None, what: "password", goes: "of a database" },
    Command {
        needle: "chpasswd",
        flags: &["echo \"", "echo '", "echo "],
        split: Some(':'),
        what: "password",
        goes: "of a Unix user",
    },
    Command {
        needle: "htpasswd ",
        flags: &["-bBn ", "-nbB ", "-Bbn ", "-nb ", "-b "],
        split: Some(' '),
        what: "password",
        goes: "of a web user",
    },
    Command {
        needle: "redis-cli ",
        flags: &["-a ", "--pass "],
        split: None,
        what: "password",
        goes: "of a database",
    },
    Command { needle: "ldapsearch ", flags: &["-w "], split: None, what: "password", goes: "of a directory" },
];

/// Every credential that a command line spells out.
pub(super) fn find(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    static FINDERS: OnceLock<Vec<memmem::Finder<'static>>> = OnceLock::new();
    let finders =
        FINDERS.get_or_init(|| COMMANDS.iter().map(|command| memmem::Finder::new(command.needle)).collect());
    let bytes = file.text.as_bytes();
    for (command, finder) in COMMANDS.iter().zip(finders) {
        let mut end = 0;
        for at in finder.find_iter(bytes) {
            if at < end {
                continue;
            }
            let line = line_around(bytes, at, 1024);
            end = if command.split == Some('=') { at + 1 } else { line.end };
            if let Some(range) = argument(file.text, at, line, command) {
                report(file, context, range, command, push);
            }
        }
    }
}

/// The credential that follows one of the command's flags on its line.
fn argument(text: &str, at: usize, line: Range<usize>, command: &Command) -> Option<Range<usize>> {
    let from = if matches!(command.needle, "chpasswd" | "--from-literal" | "mysql") {
        line.start.max(at.saturating_sub(200))
    } else {
        at
    };
    let from = if command.needle == "--from-literal" { at } else { from };
    let rest = text.get(from..line.end)?;
    let (flag_at, flag) = command.flags.iter().find_map(|flag| rest.find(flag).map(|found| (found, flag)))?;
    let mut start = from + flag_at + flag.len();
    let bytes = text.as_bytes();
    let mut quote = flag.bytes().next_back().filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(&byte) = bytes.get(start).filter(|byte| quote.is_none() && matches!(byte, b'"' | b'\'')) {
        quote = Some(byte);
        start += 1;
    }
    let stop = |byte: u8| {
        quote.map_or(
            byte.is_ascii_whitespace()
                || matches!(byte, b';' | b'|' | b'&' | b')' | b'"' | b'\'' | b'`' | b'\\'),
            |quote| byte == quote,
        )
    };
    let mut length = bytes[start..line.end].iter().position(|&byte| stop(byte)).unwrap_or(line.end - start);
    if command.split == Some(' ') {
        // `htpasswd -nb user password`: the second word.
        let second = text.get(start + length..line.end)?.trim_start();
        start = line.end - second.len();
        length = second
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | '|' | ';'))
            .unwrap_or(second.len());
    } else if let Some(sign) = command.split {
        let skip = text.get(start..start + length)?.find(sign)? + 1;
        start += skip;
        length -= skip;
        if let Some(&byte) = bytes.get(start).filter(|byte| matches!(byte, b'"' | b'\'')) {
            start += 1;
            let rest = &bytes[start..line.end];
            length = rest.iter().position(|&other| other == byte).unwrap_or(rest.len());
        }
    }
    text.get(start..start + length).filter(|text| !text.is_empty())?;
    Some(start..start + length)
}

fn report(
    file: &File,
    context: &Context,
    range: Range<usize>,
    command: &Command,
    push: &mut impl FnMut(Found),
) {
    let text = &file.text[range.clone()];
    if text.starts_with(['-', '$', '<', '{', '%', '\\', '['])
        || text.len() < 4
        || text.contains(['$', '{', '<', '(', '[', ']', '"'])
    {
        return;
    }
    let names = context.tables.names();
    let name = file.text[..range.start]
        .rsplit([' ', '=', '"', '\''])
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let is_pair = command.split == Some('=');
    if is_pair && names.is_beside_the_point(name) {
        return;
    }
    // `--token flag` is a sentence about a flag.
    let is_prose = command.needle.starts_with("--") && command.split.is_none() && value::is_plain_words(text);
    let lower = text.to_ascii_lowercase();
    let is_flag =
        matches!(lower.as_str(), "password" | "pass" | "passwd" | "value" | "token" | "pwd" | "username");
    if is_prose || is_flag {
        return;
    }
    let line = line_around(file.text.as_bytes(), range.start, 1024);
    let is_comment = file.text[line.start..].trim_start().starts_with(['#', ';']);
    let setting = match () {
        _ if writing::is_prose(file) || is_comment => Setting::Prose,
        _ if is_pair => Setting::Secret,
        _ => Setting::Given,
    };
    // What a command takes there is a password, whatever the flag is called.
    let name = if is_pair { name } else { "password" };
    let keeping = context.keeping;
    if value::kind(text) == Kind::ToChange {
        return;
    }
    let Some(verdict) = judge::judge(&Question { names, name, value: text, setting, keeping }) else {
        return;
    };
    let telling = is_pair.then(|| names.telling(name)).filter(|words| !words.is_empty());
    let what = telling.map_or(command.what, |words| noun(&words));
    let named = is_pair.then(|| part(file, within(file.text, name)));
    let mut found = Found::judged(SecretKind::Script, what, part(file, range), verdict).going(command.goes);
    found.name = named;
    found.place = SecretPlace::Script;
    if setting == Setting::Prose {
        found.softer = Some(Softer::Prose);
    }
    push(found);
}
