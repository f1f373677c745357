//! SOPS: whether what says it is encrypted is, and whether what should be encrypted was. Decrypts nothing.

use super::super::decode;
use super::super::found::{Found, whole_file};
use super::super::value::{self, Kind};
use super::leaves::is_elsewhere;
use super::reader::{MANIFEST, Reader};
use crate::facts::{Fact, Names, Promise, Secret, SecretKind, SecretPlace};
use crate::syntax::{Document, Node, Value};
use crate::text::{File, Part};
use regex::Regex;

/// One entry of `creation_rules` in a `.sops.yaml`: which files it covers and what of them it encrypts.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The directory of the `.sops.yaml`; paths are relative to it.
    pub directory: String,
    /// No pattern covers every file.
    path: Option<Regex>,
    cover: Cover,
}

/// Which leaves are encrypted, by the keys on the way to them.
#[derive(Clone, Debug, Default)]
struct Cover {
    encrypted: Option<Regex>,
    unencrypted: Option<Regex>,
    encrypted_suffix: Option<String>,
    unencrypted_suffix: Option<String>,
}

/// Whether a document carries SOPS's metadata.
pub(super) fn is_sops(root: &Node) -> bool {
    root.get("sops")
        .is_some_and(|sops| ["mac", "lastmodified", "version"].iter().any(|key| sops.get(key).is_some()))
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
                cover: Cover::read(rule),
            });
        }
    }
    rules
}

/// Whether a creation rule covers this file by its path. Only rules with a path are believed: one for everything says
/// how files are encrypted, not which.
pub(in super::super) fn is_covered(rules: &[Creation], file: &File) -> bool {
    covering(rules, file).is_some()
}

/// A document that a creation rule says must be encrypted, and that is not: the fact stands at the first leaf the
/// rule covers.
pub(in super::super) fn not_encrypted(
    rules: &[Creation],
    names: &Names,
    file: &File,
    documents: &[Document],
) -> Option<Fact<Secret>> {
    let rule = covering(rules, file)?;
    if documents.is_empty() || documents.iter().any(|document| is_sops(&document.root)) {
        return None;
    }
    // A rule for whole folders (`kubernetes/.*`) covers every manifest in them. Where the file's name does not say that
    // it is encrypted, only what is plainly a credential counts.
    let is_named = [".sops.", ".enc.", "encrypted"].iter().any(|mark| file.base().contains(mark));
    for document in documents {
        let kind = document.root.text_at("kind");
        if kind.is_some_and(|kind| kind != "Secret")
            || !is_named && kind.is_none() && !file.base().contains("secret")
        {
            continue;
        }
        let is_data = kind.is_some();
        let mut first = None;
        rule.cover.leaves(&document.root, &mut |path, leaf| {
            let name = path.rsplit('.').next().unwrap_or(path);
            let beside = is_data && !path.starts_with("data") && !path.starts_with("stringData");
            if first.is_some() || beside {
                return;
            }
            let text = leaf.text().unwrap_or_default();
            let plain =
                if path.starts_with("data.") { decode::text(text).unwrap_or_default() } else { text.into() };
            let telling = is_named || names.promise(name) == Promise::Strong;
            if telling && value::kind(&plain) == Kind::Literal {
                first = leaf.part().map(|part| (path.to_string(), part));
            }
        });
        if let Some((path, part)) = first {
            let mut found = Found::new(SecretKind::NotEncrypted, "file that must be encrypted", part)
                .because("a creation rule of `.sops.yaml` covers this file");
            found.place = SecretPlace::File;
            found.path = path.into();
            return Some(found.fact(&whole_file(file)));
        }
    }
    None
}

fn covering<'r>(rules: &'r [Creation], file: &File) -> Option<&'r Creation> {
    if !file.is_yaml() || file.base().starts_with(".sops.y") {
        return None;
    }
    rules.iter().find(|rule| {
        let name = match rule.directory.as_str() {
            "" => Some(file.name),
            directory => file.name.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
        };
        name.is_some_and(|name| rule.path.as_ref().is_some_and(|path| path.is_match(name)))
    })
}

impl Reader<'_> {
    /// A document with SOPS's metadata: every leaf that its own settings cover must be encrypted.
    pub(super) fn sops(&mut self, root: &Node) {
        let Some(sops) = root.get("sops") else { return };
        let cover = Cover::read(sops);
        let mut plain: Vec<(String, Part)> = Vec::new();
        for (key, value) in root.entries().iter().filter(|(key, _)| key.text() != Some("sops")) {
            let mut path = key.text().unwrap_or_default().to_string();
            let covered = cover.by_key(&path);
            cover.go(value, covered, &mut path, &mut |path, leaf| {
                let text = leaf.text().unwrap_or_default();
                let sealed = text.is_empty() || text.starts_with("ENC[");
                if !sealed && let Some(part) = leaf.part() {
                    plain.push((path.to_string(), part));
                }
            });
        }
        if !sops.text_at("mac").is_some_and(|mac| mac.starts_with("ENC[")) {
            let part = root.entry("sops").and_then(|(key, _)| key.part());
            if let Some(part) = part {
                let found = Found::new(SecretKind::SopsWithoutMac, "SOPS file without its checksum", part)
                    .because("nothing proves that its values are the ones that were encrypted");
                self.push(found, MANIFEST);
            }
            return;
        }
        for (path, part) in plain {
            let name = path.rsplit('.').next().unwrap_or_default().to_string();
            let mut found = Found::new(SecretKind::SopsLeaf, "value in an encrypted file", part)
                .because(format!("the file's own settings say that `{name}` is encrypted"));
            found.path = path.into();
            self.push(found, MANIFEST);
        }
    }
}

impl Cover {
    fn read(settings: &Node) -> Cover {
        let regex = |key: &str| settings.text_at(key).and_then(compiled);
        let text = |key: &str| settings.text_at(key).filter(|text| !text.is_empty()).map(str::to_string);
        let mut cover = Cover {
            encrypted: regex("encrypted_regex"),
            unencrypted: regex("unencrypted_regex"),
            encrypted_suffix: text("encrypted_suffix"),
            unencrypted_suffix: text("unencrypted_suffix"),
        };
        if cover.encrypted.is_none()
            && cover.unencrypted.is_none()
            && cover.encrypted_suffix.is_none()
            && cover.unencrypted_suffix.is_none()
        {
            cover.unencrypted_suffix = Some("_unencrypted".into());
        }
        cover
    }

    /// What this key says about all below it; nothing if it says nothing.
    fn by_key(&self, key: &str) -> Option<bool> {
        let hit = |regex: &Option<Regex>| regex.as_ref().is_some_and(|regex| regex.is_match(key));
        let ends =
            |suffix: &Option<String>| suffix.as_ref().is_some_and(|suffix| key.ends_with(suffix.as_str()));
        if hit(&self.encrypted) || ends(&self.encrypted_suffix) {
            return Some(true);
        }
        (hit(&self.unencrypted) || ends(&self.unencrypted_suffix)).then_some(false)
    }

    /// Every leaf that must be encrypted.
    fn leaves(&self, root: &Node, visit: &mut dyn FnMut(&str, &Node)) {
        self.go(root, None, &mut String::new(), visit);
    }

    fn go(&self, node: &Node, covered: Option<bool>, path: &mut String, visit: &mut dyn FnMut(&str, &Node)) {
        if is_elsewhere(node) || path.len() > 600 {
            return;
        }
        match &node.value {
            Value::Map(entries) => {
                for (key, value) in entries.iter() {
                    let key = key.text().unwrap_or_default();
                    let length = path.len();
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                    self.go(value, covered.or_else(|| self.by_key(key)), path, visit);
                    path.truncate(length);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.go(item, covered, path, visit)),
            Value::Scalar(_) => {
                let by_default = self.encrypted.is_none() && self.encrypted_suffix.is_none();
                if covered.unwrap_or(by_default) {
                    visit(path, node);
                }
            }
            Value::Null | Value::Hole => {}
        }
    }
}

/// SOPS's patterns are Go's, whose syntax the regex crate shares.
fn compiled(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()
}
