//! Resources of Terraform and its like that hold credentials under names of their own: `secret_string`, the entries of
//! `data` of a Secret, a value beside the name of a credential. Reads blocks line by line, so that templates are read, too.

use super::context::Context;
use super::found::Found;
use super::judge::Setting;
use super::tell::{Told, tell};
use crate::facts::{Promise, SecretKind, SecretPlace, noun};
use crate::limits::{DEEPEST_HCL, MOST_ATTRIBUTES};
use crate::text::File;
use std::ops::Range;

/// Attributes that are credentials in resources of a type: the beginning of the type, and the attribute.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("aws_secretsmanager_secret_version", "secret_string"),
    ("google_secret_manager_secret_version", "secret_data"),
    ("azurerm_key_vault_secret", "value"),
    ("github_actions_", "plaintext_value"),
    ("github_dependabot_", "plaintext_value"),
    ("cloudflare_workers_secret", "secret_text"),
    ("doppler_secret", "value"),
    ("infisical_secret", "value"),
];

/// Blocks of which every entry is a credential: the beginning of the resource's type, the block, and what the resource
/// must hold for it.
const ENTRIES: &[(&str, &str, &str)] = &[
    ("kubernetes_secret", "data", ""),
    ("kubernetes_secret", "binary_data", ""),
    ("kubernetes_manifest", "data", "\"Secret\""),
    ("kubernetes_manifest", "stringData", "\"Secret\""),
    ("vault_generic_secret", "data_json", ""),
    ("vault_kv_secret", "data_json", ""),
    ("aws_secretsmanager_secret_version", "secret_string", ""),
    ("", "tokens", "acl"),
];

/// Blocks and the types of resources in which a value is beside its name.
const PAIRS: &[(&str, &str, &str)] = &[
    ("set", "name", "value"),
    ("set_sensitive", "", "value"),
    ("gitlab_", "key", "value"),
    ("env", "name", "value"),
];

/// How much of a resource is looked at for what kind of object it makes.
const FAR: usize = 4096;

/// One block, or map, that is open.
struct Level<'t> {
    /// What is before its brace.
    head: &'t str,
    /// Where it begins.
    start: usize,
    attributes: Vec<(Range<usize>, Range<usize>)>,
}

/// Whether a file is of such blocks.
pub(super) fn is_hcl(file: &File) -> bool {
    [".tf", ".hcl", ".nomad", ".tfvars", ".tofu"].iter().any(|end| file.base().ends_with(end))
}

/// Every credential that a block tells.
pub(super) fn find(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let mut levels: Vec<Level> = Vec::new();
    let (mut start, mut document, mut beyond) = (0, None, 0);
    for line in file.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let text = line.trim();
        let opened = heredoc(text);
        let head = match document {
            Some(end) if text == end => {
                document = None;
                Line::Close
            }
            Some(_) => {
                // A map in JSON that a document holds.
                json_entry(file, context, &levels, from, line, push);
                continue;
            }
            None if opened.is_some() => {
                document = opened;
                Line::Open(text.split('=').next().unwrap_or_default())
            }
            None if text.starts_with(['#', '/']) => continue,
            None if text.ends_with(['{', '[']) => Line::Open(&text[..text.len() - 1]),
            None if text.starts_with(['}', ']']) => Line::Close,
            None => Line::Other,
        };
        match head {
            Line::Open(_) if levels.len() == DEEPEST_HCL => beyond += 1,
            Line::Open(head) => levels.push(Level { head, start: from, attributes: Vec::new() }),
            Line::Close if beyond > 0 => beyond -= 1,
            Line::Close => {
                let level = levels.pop();
                level.into_iter().for_each(|level| close(file, context, &levels, &level, start, push));
            }
            Line::Other => other(file, context, &mut levels, from, line, push),
        }
    }
}

/// What a line does to the blocks that are open.
enum Line<'t> {
    Open(&'t str),
    Close,
    Other,
}

fn other(
    file: &File,
    context: &Context,
    levels: &mut [Level],
    from: usize,
    line: &str,
    push: &mut impl FnMut(Found),
) {
    let Some((name, value)) = attribute(from, line) else { return };
    values(file, context, levels, (name.clone(), value.clone()), push);
    if let Some(level) = levels.last_mut().filter(|level| level.attributes.len() < MOST_ATTRIBUTES) {
        level.attributes.push((name, value));
    }
}

/// The word that ends a document that begins on this line.
fn heredoc(line: &str) -> Option<&str> {
    let (_, end) = line.split_once("<<")?;
    let end = end.trim_start_matches('-').trim_end_matches(['(', ',', ')']);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!end.is_empty() && end.bytes().all(is_word)).then_some(end)
}

/// `name = value`: where both are, quotes aside.
fn attribute(from: usize, line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let sign = line.find('=').filter(|sign| !line[*sign..].starts_with("=="))?;
    let trim = |range: Range<usize>| {
        let text = &line[range.clone()];
        let (head, tail) = (text.len() - text.trim_start().len(), text.trim_end().len());
        from + range.start + head..from + range.start + tail.max(head)
    };
    let bare = |range: Range<usize>| match &line.as_bytes()[range.start - from..range.end - from] {
        [b'"', .., b'"'] => range.start + 1..range.end - 1,
        _ => range,
    };
    Some((bare(trim(0..sign)), trim(sign + 1..line.trim_end().len())))
}

/// The type of the resource that is open, or the name of the block.
fn resource<'t>(levels: &[Level<'t>]) -> &'t str {
    let Some(outer) = levels.first() else { return "" };
    match outer.head.strip_prefix("resource ") {
        Some(rest) => rest.trim_start_matches('"').split('"').next().unwrap_or_default(),
        None => outer.head.trim(),
    }
}

/// What a block or map is called.
fn called<'t>(level: &Level<'t>) -> &'t str {
    level.head.split(['=', '(', '{']).next().unwrap_or_default().trim().trim_matches('"')
}

/// The texts of a value: itself in quotes, or those of a list on one line.
fn texts(file: &File, value: Range<usize>) -> Vec<Range<usize>> {
    let text = &file.text[value.clone()];
    if !text.starts_with(['"', '[']) {
        return Vec::new();
    }
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(open) = text[at..].find('"') {
        let from = at + open + 1;
        let Some(length) = text[from..].find('"') else { break };
        out.push(value.start + from..value.start + from + length);
        at = from + length + 1;
    }
    out
}

/// An attribute by the type of its resource and the blocks around it.
fn values(
    file: &File,
    context: &Context,
    levels: &[Level],
    (name, value): (Range<usize>, Range<usize>),
    push: &mut impl FnMut(Found),
) {
    let (kind, key) = (resource(levels), &file.text[name.clone()]);
    let is_entry = is_entry(file, levels);
    let is_told = ATTRIBUTES.iter().any(|(start, attribute)| kind.starts_with(start) && *attribute == key);
    let variable = kind.strip_prefix("variable ").map(|name| name.trim().trim_matches('"'));
    let names = context.tables.names();
    for range in texts(file, value.clone()) {
        if is_entry || is_told {
            secret(file, context, range, name.clone(), key, push);
        } else if let (Some(variable), "default", true) =
            (variable, key, file.text[value.clone()].starts_with('['))
        {
            // Each of `api_tokens` is one.
            let singular = variable.trim_end_matches('s');
            if names.promise(singular) == Promise::Strong {
                let goes = format!("of `variable \"{variable}\"`");
                let told = Told {
                    name: singular,
                    what: noun(&names.telling(singular)),
                    ..Told::password(range, &goes)
                };
                tell(file, context, told).into_iter().for_each(&mut *push);
            }
        } else if matches!(key, "env" | "environment") {
            assigned(file, context, range, push);
        } else if key == "auth" {
            // `user:password` of a provider.
            let text = &file.text[range.clone()];
            if let Some(sign) = text.find(':').filter(|sign| !text[*sign..].starts_with("://")) {
                let told =
                    Told::password(range.start + sign + 1..range.end, "of a provider").named(name.clone());
                tell(file, context, told).into_iter().for_each(&mut *push);
            }
        }
    }
}

/// Whether the entries of the innermost block are credentials.
fn is_entry(file: &File, levels: &[Level]) -> bool {
    let Some(inner) = levels.last().filter(|_| levels.len() > 1) else { return false };
    let kind = resource(levels);
    let around = &file.text.as_bytes()[levels[0].start.max(inner.start.saturating_sub(FAR))..inner.start];
    let holds = |needle: &str| needle.is_empty() || memchr::memmem::find(around, needle.as_bytes()).is_some();
    ENTRIES
        .iter()
        .any(|(start, block, needle)| kind.starts_with(start) && called(inner) == *block && holds(needle))
}

/// `KEY=value` in a list of variables.
fn assigned(file: &File, context: &Context, range: Range<usize>, push: &mut impl FnMut(Found)) {
    let text = &file.text[range.clone()];
    let Some(sign) = text.find('=') else { return };
    if context.tables.names().promise(&text[..sign]) == Promise::Strong {
        let named = range.start..range.start + sign;
        let told = Told { name: &text[..sign], ..Told::password(range.start + sign + 1..range.end, "") };
        tell(file, context, told.named(named)).into_iter().for_each(push);
    }
}

/// An entry of a Secret, whatever it is called.
fn secret(
    file: &File,
    context: &Context,
    range: Range<usize>,
    name: Range<usize>,
    key: &str,
    push: &mut impl FnMut(Found),
) {
    let told = Told {
        range,
        name: key,
        named: Some(name),
        setting: Setting::Secret,
        kind: SecretKind::Assigned,
        place: SecretPlace::File,
        what: "value",
        goes: "of a Secret",
    };
    if !context.tables.names().is_beside_the_point(key) || matches!(key, "value" | "secret_string") {
        tell(file, context, told).into_iter().for_each(push);
    }
}

/// `"key": "value"` of a document that is the data of a secret.
fn json_entry(
    file: &File,
    context: &Context,
    levels: &[Level],
    from: usize,
    line: &str,
    push: &mut impl FnMut(Found),
) {
    if !is_entry(file, levels) {
        return;
    }
    let marks: Vec<usize> = line.match_indices('"').map(|(at, _)| from + at).take(4).collect();
    if let [open, close, begin, end] = marks[..] {
        let name = open + 1..close;
        secret(file, context, begin + 1..end, name.clone(), &file.text[name], push);
    }
}

/// What a block tells when all of it is known: a value beside the name of a credential.
fn close(
    file: &File,
    context: &Context,
    levels: &[Level],
    level: &Level,
    end: usize,
    push: &mut impl FnMut(Found),
) {
    let kind = if levels.is_empty() { resource(std::slice::from_ref(level)) } else { called(level) };
    let get = |key: &str| level.attributes.iter().find(|(name, _)| &file.text[name.clone()] == key);
    let text = |value: &Range<usize>| texts(file, value.clone()).into_iter().next();
    // A parameter that says itself that it is secret.
    let is_secure = kind == "aws_ssm_parameter" && file.text[level.start..end].contains("\"SecureString\"");
    if let Some((name, value)) = get("value").filter(|_| is_secure)
        && let Some(range) = text(value)
    {
        return secret(file, context, range, name.clone(), "value", push);
    }
    let Some((_, key, at)) =
        PAIRS.iter().find(|(start, ..)| kind == *start || start.ends_with('_') && kind.starts_with(start))
    else {
        return;
    };
    let Some((_, value)) = get(at).and_then(|(name, value)| Some((name, text(value)?))) else { return };
    let Some(name) = get(if key.is_empty() { "name" } else { key }).and_then(|(_, name)| text(name)) else {
        return;
    };
    let called = &file.text[name.clone()];
    if key.is_empty() {
        return secret(file, context, value, name, called, push);
    }
    if context.tables.names().promise(called) == Promise::Strong {
        let told = Told { name: called, ..Told::password(value, "") }.named(name);
        tell(file, context, told).into_iter().for_each(push);
    }
}
