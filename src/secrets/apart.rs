//! Texts in which a name and its credential stand apart: Terraform variables, `.netrc`, lists of `user:password`.

use super::context::Context;
use super::found::{Found, line_around, part};
use super::judge::{self, Question, Setting};
use crate::facts::{Promise, SecretKind, SecretPlace};
use crate::text::File;
use memchr::memmem;
use std::ops::Range;

/// Every such credential of a file.
pub(super) fn find(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let base = file.base();
    if base.ends_with(".tf") {
        variables(file, context, push);
    }
    if base == ".netrc" || base == "_netrc" || base == "netrc" {
        logins(file, context, push);
    }
    if let Some(at) = memmem::find(file.text.as_bytes(), b"chpasswd:") {
        users(file, context, at, push);
    }
}

/// `variable "db_password" { default = "…" }`.
fn variables(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    for at in memmem::find_iter(file.text.as_bytes(), b"variable \"") {
        let from = at + 10;
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
        let block = &file.text[name.end..reach.unwrap_or(name.end)];
        let block = &block[..block.find("\n}").unwrap_or(block.len())];
        let Some(default) = block.lines().find(|line| line.trim_start().starts_with("default")) else {
            continue;
        };
        let Some((_, value)) = default
            .split_once('"')
            .and_then(|(head, rest)| rest.split_once('"').map(|(value, _)| (head, value)))
        else {
            continue;
        };
        report(file, context, within(file.text, value), Some(name), "default of a variable", push);
    }
}

/// `machine host login user password secret`, on one line or several.
fn logins(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let mut words = file.text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if word == "password"
            && let Some(secret) = words.next()
        {
            report(file, context, within(file.text, secret), None, "login of curl and git", push);
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
            report(file, context, within(file.text, secret), None, "password of a Unix user", push);
        }
    }
}

/// What is told by its place alone is judged as a password.
fn report(
    file: &File,
    context: &Context,
    range: Range<usize>,
    name: Option<Range<usize>>,
    what: &str,
    push: &mut impl FnMut(Found),
) {
    let question = Question {
        names: context.tables.names(),
        name: name.clone().map_or("password", |name| &file.text[name]),
        value: &file.text[range.clone()],
        setting: Setting::Given,
        keeping: context.keeping,
    };
    let Some(verdict) = judge::judge(&question) else { return };
    let mut found = Found::judged(SecretKind::Assigned, what, part(file, range), verdict)
        .named(name.map(|name| part(file, name)));
    found.place = SecretPlace::File;
    push(found);
}

/// Where a slice of a text stands in it.
fn within(text: &str, slice: &str) -> Range<usize> {
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    start..start + slice.len()
}
