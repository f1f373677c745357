//! Texts in which a name and its credential stand apart: Terraform variables, `.netrc`, lists of `user:password`.

use super::context::Context;
use super::found::{Found, line_around, within};
use super::stops::{Reader, Stops};
use super::tell::{Told, tell};
use crate::facts::Promise;
use crate::text::File;
use std::ops::Range;

/// What some of them are behind.
pub(super) const HEADS: [&str; 3] = [VARIABLE, USERS, WEB_USERS];
const VARIABLE: &str = "variable \"";
const USERS: &str = "chpasswd:";
const WEB_USERS: &str = "basicAuth]";

/// Every such credential of a file.
pub(super) fn find(file: &File, context: &Context, stops: &Stops, push: &mut impl FnMut(Found)) {
    let base = file.base();
    if base.ends_with(".tf") {
        variables(file, context, stops, push);
    }
    if [".netrc", "_netrc", "netrc", ".authinfo"].iter().any(|start| base.starts_with(start)) {
        logins(file, context, push);
    }
    let first =
        |word: &str| stops.of(Reader::Apart).find(|place| place.word == word).map(|place| place.start);
    if let Some(at) = first(USERS) {
        users(file, context, at, push);
    }
    if base.ends_with(".toml")
        && let Some(at) = first(WEB_USERS)
    {
        web_users(file, context, at, push);
    }
}

/// `variable "db_password" { default = "…" }`.
fn variables(file: &File, context: &Context, stops: &Stops, push: &mut impl FnMut(Found)) {
    for place in stops.of(Reader::Apart).filter(|place| place.word == VARIABLE) {
        let from = place.end();
        let Some(length) = file.text.as_bytes()[from..].iter().take(100).position(|&byte| byte == b'"')
        else {
            continue;
        };
        let name = from..from + length;
        if context.tables.names().promise(&file.text[name.clone()]) != Promise::Strong {
            continue;
        }
        // A block is short; a text without line breaks must not be read again for every variable in it.
        let reach = (name.end..(name.end + 2000).min(file.text.len()) + 1)
            .rev()
            .find(|&end| file.text.is_char_boundary(end));
        let Some(block) = block(&file.text[name.end..reach.unwrap_or(name.end)]) else { continue };
        let Some(value) = default(block) else { continue };
        let goes = format!("of `variable \"{}\"`", &file.text[name.clone()]);
        report(file, context, within(file.text, value), Some(name), &goes, push);
    }
}

/// What is between the braces that open next, each with its own: the next variable is another block.
fn block(text: &str) -> Option<&str> {
    let open = text.find('{')?;
    let (mut depth, mut in_text, mut is_escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            // A text that nobody closed.
            b'\n' => in_text = false,
            b'{' if !in_text => depth += 1,
            b'}' if !in_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(open + 1..at);
        }
    }
    None
}

/// The text that a variable has by default.
fn default(block: &str) -> Option<&str> {
    let is_default =
        |line: &&str| line.strip_prefix("default").is_some_and(|rest| rest.trim_start().starts_with('='));
    let line = block.lines().map(str::trim_start).find(is_default)?;
    let (_, rest) = line.split_once('"')?;
    rest.split_once('"').map(|(value, _)| value)
}

/// `machine host login user password secret`, on one line or several.
fn logins(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let mut words = file.text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if word == "password"
            && let Some(secret) = words.next()
        {
            report(file, context, within(file.text, secret), None, "of a login for curl and git", push);
        }
    }
}

/// cloud-init's `chpasswd`: one `user:password` a line.
fn users(file: &File, context: &Context, at: usize, push: &mut impl FnMut(Found)) {
    let start = line_around(file.text.as_bytes(), at, 200).start;
    let indent = at - start;
    for line in file.text[at..].lines().skip(1).take(100) {
        let depth = line.len() - line.trim_start().len();
        if !line.trim().is_empty() && depth <= indent {
            break;
        }
        let entry = line.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
        let Some((user, secret)) = entry.split_once(':') else { continue };
        let is_setting = matches!(user, "list" | "expire" | "users" | "name" | "type" | "password")
            || secret.starts_with([' ', '$']);
        if !is_setting && !secret.is_empty() && !matches!(secret, "R" | "RANDOM") {
            report(file, context, within(file.text, secret), None, "of a Unix user", push);
        }
    }
}

/// The users of a web server's middleware: `users = ["name:password"]` below its name.
fn web_users(file: &File, context: &Context, at: usize, push: &mut impl FnMut(Found)) {
    let mut start = at;
    for line in file.text[at..].split_inclusive('\n').take(8) {
        let from = start;
        start += line.len();
        // Every second piece between quotes.
        let mut place = from;
        for (count, piece) in line.split('"').enumerate() {
            let login = piece.find(':').filter(|_| count % 2 == 1 && !piece.contains([' ', '/']));
            if let Some(sign) = login {
                report(file, context, place + sign + 1..place + piece.len(), None, "of a web user", push);
            }
            place += piece.len() + 1;
        }
    }
}

/// What is told by its place alone is judged as a password.
fn report(
    file: &File,
    context: &Context,
    range: Range<usize>,
    name: Option<Range<usize>>,
    goes: &str,
    push: &mut impl FnMut(Found),
) {
    let told = Told::password(range, goes);
    let told = match name {
        Some(name) => Told { name: &file.text[name.clone()], ..told.named(name) },
        None => told,
    };
    tell(file, context, told).into_iter().for_each(push);
}

#[cfg(test)]
mod tests {
    use super::super::tables::Tables;
    use super::super::walk::{Depth, walk};
    use super::*;
    use crate::text::SourceId;

    #[test]
    fn a_default_is_that_of_its_own_block() {
        let table = [
            ("variable \"db_password\" {\n  type = string\n  default = \"%\"\n}\n", "db_password"),
            ("variable \"db_password\" { default = \"%\" }\n", "db_password"),
            ("variable \"db_password\" {}\n\nvariable \"greeting\" {\n  default = \"%\"\n}\n", ""),
            (
                "variable \"db_password\" {\n  sensitive = true }\nvariable \"motto\" {\n  default = \"%\"\n}\n",
                "",
            ),
            (
                "variable \"a_password\" { type = string }\nvariable \"b_password\" {\n  default = \"%\"\n}\n",
                "b_password",
            ),
            ("variable \"a_token\" {\n  default_tags = \"%\"\n}\n", ""),
            (
                "variable \"a_password\" {\n  description = \"a } in a text\"\n  default = \"%\"\n}\n",
                "a_password",
            ),
            ("variable \"a_password\" {\n  default = \"%\"\n", ""),
        ];
        let mut tables = Tables::default();
        for word in ["password", "token"] {
            tables.names_mut().add_words(word, &[], Promise::Strong);
        }
        for (text, expected) in table {
            let text = &text.replace('%', "h0rse-Staple-77");
            let (file, mut told) = (File { id: SourceId(0), name: "main.tf", text }, Vec::new());
            let mut stops = Stops::default();
            walk(text, &tables, Depth::Words, &mut stops);
            variables(&file, &Context::new(&tables), &stops, &mut |found| {
                told.push(found.name.map_or(String::new(), |name| name.text.to_string()));
            });
            assert_eq!(told.join(" "), expected, "{text}");
        }
    }
}
