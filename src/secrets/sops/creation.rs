//! `.sops.yaml`: which files SOPS should encrypt, and which of them are plain. It only speaks of files that are not
//! encrypted yet: those that are carry their own settings.

use super::super::counts::Counts;
use super::super::decode;
use super::super::found::{Found, whole_file};
use super::super::value::{self, Kind};
use super::super::writing;
use super::cover::{Cover, compiled};
use super::store::{self, Leaf};
use crate::facts::{Fact, Names, Promise, Sealing, Secret, SecretKind, SecretPlace};
use crate::syntax::{Document, Node};
use crate::text::{File, Str};
use regex::Regex;

/// One entry of `creation_rules` in a `.sops.yaml`: which files it covers and what of them it encrypts.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The directory of the `.sops.yaml`; paths are relative to it.
    pub directory: String,
    /// No pattern covers every file.
    path: Option<Regex>,
    pub(super) cover: Cover,
    /// The public keys of age and PGP that it names.
    pub(super) keys: Vec<Str>,
}

/// The creation rules of a `.sops.yaml`.
pub fn creation_rules(file: &File, documents: &[Document]) -> Vec<Creation> {
    let mut rules = Vec::new();
    for document in documents {
        for rule in document.root.get("creation_rules").map(Node::items).unwrap_or_default() {
            let pattern = rule.text_at("path_regex").or_else(|| rule.text_at("filename_regex"));
            let path = pattern.map(compiled);
            // A pattern that we cannot compile covers nothing we could tell of.
            if matches!(path, Some(None)) {
                continue;
            }
            rules.push(Creation {
                directory: file.directory().into(),
                path: path.flatten(),
                cover: Cover::read(|setting| rule.text_at(setting)),
                keys: keys(rule),
            });
        }
    }
    rules
}

/// The public keys of a rule: texts with commas between them, or lists, also in groups.
fn keys(rule: &Node) -> Vec<Str> {
    let groups = rule.get("key_groups").map(Node::items).unwrap_or_default();
    let lists = std::iter::once(rule).chain(groups).flat_map(|of| [of.get("age"), of.get("pgp")]);
    let texts =
        lists.flatten().flat_map(|list| std::iter::once(list).chain(list.items())).filter_map(Node::text);
    let all = texts.flat_map(|text| text.split(',')).map(str::trim).filter(|key| !key.is_empty());
    all.map(Str::from).collect()
}

/// Whether a creation rule covers this file by its path. Only rules with a path are believed: one for everything says
/// how files are encrypted, not which.
pub fn is_covered(rules: &[Creation], file: &File) -> bool {
    file.is_yaml() && covering(rules, file).is_some()
}

/// A document that a creation rule says must be encrypted, and that is not: the fact stands at the first leaf the
/// rule covers.
pub fn not_encrypted(
    rules: &[Creation],
    names: &Names,
    file: &File,
    documents: &[Document],
) -> Option<Fact<Secret>> {
    let rule = covering(rules, file)?;
    if documents.is_empty() {
        return plain_line(rule, names, file);
    }
    if documents.iter().any(|document| store::is_sops(&document.root)) {
        return None;
    }
    // A rule for whole folders (`kubernetes/.*`) covers every manifest in them. Where the file's name does not say that
    // it is encrypted, only what is plainly a credential counts.
    let is_named = is_named(file);
    for document in documents {
        let kind = document.root.text_at("kind");
        if kind.is_some_and(|kind| kind != "Secret")
            || !is_named && kind.is_none() && !file.base().contains("secret")
        {
            continue;
        }
        let leaves = store::leaves(&rule.cover, document);
        let first =
            leaves.into_iter().find(|leaf| leaf.covered && is_plain(names, leaf, kind.is_some(), is_named));
        if let Some(leaf) = first {
            return Some(uncovered(file, leaf));
        }
    }
    None
}

/// The same for a `.env` or an INI file.
fn plain_line(rule: &Creation, names: &Names, file: &File) -> Option<Fact<Secret>> {
    if file.is_yaml() || !writing::has_lines(file) || store::lines(file).is_some() {
        return None;
    }
    let is_named = is_named(file);
    let mut leaves = store::plain_lines(&rule.cover, file).into_iter();
    let first = leaves.find(|leaf| leaf.covered && is_plain(names, leaf, false, is_named))?;
    Some(uncovered(file, first))
}

fn uncovered(file: &File, leaf: Leaf) -> Fact<Secret> {
    let mut found = Found::new(SecretKind::NotEncrypted, "file", leaf.value)
        .because("a creation rule of `.sops.yaml` covers this file");
    found.place = SecretPlace::File;
    found.path = leaf.path;
    found.fact(&whole_file(file))
}

/// What a rule promises of a file that carries no settings: of objects only Secrets are meant, and of values those that
/// stand for themselves. Nothing if there is none.
pub(super) fn promised(rule: &Creation, file: &File, documents: &[Document]) -> Option<Fact<Sealing>> {
    let mut counts = Counts::new("SOPS", &format!(".sops.yaml, {}", rule.cover.says()));
    let is_meant = |document: &&Document| match document.root.text_at("kind") {
        Some(kind) => kind == "Secret",
        None => is_named(file),
    };
    let mut leaves: Vec<Leaf> =
        documents.iter().filter(is_meant).flat_map(|document| store::leaves(&rule.cover, document)).collect();
    if !file.is_yaml() && is_named(file) && writing::has_lines(file) {
        leaves = store::plain_lines(&rule.cover, file);
    }
    for leaf in leaves {
        let is_literal = matches!(value::kind(&leaf.value.text), Kind::Literal | Kind::Weak);
        match leaf.covered {
            true => counts.count(leaf.value.span(), false, !is_literal),
            false => counts.says.outside += 1,
        }
    }
    counts.is_met = counts.says.plain > 0;
    counts.fact(file)
}

fn is_named(file: &File) -> bool {
    [".sops.", ".enc.", "encrypted"].iter().any(|mark| file.base().contains(mark))
}

/// Whether a leaf is a literal that should have been encrypted; of an object only its data count.
fn is_plain(names: &Names, leaf: &Leaf, is_object: bool, is_named: bool) -> bool {
    let path = leaf.path.as_str();
    let is_encoded = path.starts_with("data.");
    if is_object && !is_encoded && !path.starts_with("stringData") {
        return false;
    }
    let text = leaf.value.text.as_str();
    let plain = if is_encoded { decode::text(text).unwrap_or_default() } else { text.into() };
    let name = path.rsplit('.').next().unwrap_or(path);
    (is_named || names.promise(name) == Promise::Strong) && value::kind(&plain) == Kind::Literal
}

/// The rule for a file, if it names a path: one for everything says how files are encrypted, not which.
pub(super) fn covering<'r>(rules: &'r [Creation], file: &File) -> Option<&'r Creation> {
    nearest(rules, file, |path, name| path.is_some_and(|path| path.is_match(name)))
}

/// The rule that SOPS goes by when it encrypts a file.
pub(super) fn rule_for<'r>(rules: &'r [Creation], file: &File) -> Option<&'r Creation> {
    nearest(rules, file, |path, name| path.is_none_or(|path| path.is_match(name)))
}

/// The first that fits in the nearest `.sops.yaml` above a file.
fn nearest<'r>(
    rules: &'r [Creation],
    file: &File,
    fits: impl Fn(Option<&Regex>, &str) -> bool,
) -> Option<&'r Creation> {
    if file.base().starts_with(".sops.y") {
        return None;
    }
    let name_below = |rule: &Creation| match rule.directory.as_str() {
        "" => Some(file.name),
        directory => file.name.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
    };
    let above = rules.iter().filter(|rule| name_below(rule).is_some());
    let nearest = above.map(|rule| rule.directory.len()).max()?;
    rules
        .iter()
        .filter(|rule| rule.directory.len() == nearest)
        .find(|rule| name_below(rule).is_some_and(|name| fits(rule.path.as_ref(), name)))
}
