//! SOPS: whether what says it is encrypted is, and whether what should be encrypted was. Decrypts nothing.
//!
//! What a file promises, its own metadata say; [`store`] reads them in every store. What the promise leaves open is
//! judged as in any other file, by others.

mod cover;
mod creation;
mod differs;
mod store;

pub use creation::{Creation, creation_rules};
pub(super) use creation::{is_covered, not_encrypted};
pub(super) use differs::differs;

use super::counts::Counts;
use super::found::{Found, whole_file};
use super::stops::{Reader, Stops};
use crate::facts::{Evidence, Fact, Sealing, Secret, SecretKind, SecretPlace};
use crate::syntax::{Document, sealed};
use crate::text::File;
use store::Store;

/// Whether a file can be one of SOPS that is read as a tree: bytes are kept in JSON, under any name.
pub(super) fn may_be(file: &File, stops: &Stops) -> bool {
    let has = |word| stops.holds(Reader::Sops, word, file.text);
    if file.text.starts_with('{') { has(IN_JSON) } else { file.is_yaml() && has(IN_YAML) }
}

/// Whether a file of lines can be one of SOPS.
pub(super) fn has_lines(stops: &Stops) -> bool {
    stops.of(Reader::Sops).any(|place| IN_LINES.contains(&place.word))
}

/// The words of its own that a file of SOPS has.
pub(super) const MARKS: [&str; 5] = [IN_JSON, IN_YAML, IN_LINES[0], IN_LINES[1], IN_LINES[2]];
const IN_JSON: &str = "\"sops\"";
const IN_YAML: &str = "sops:";
const IN_LINES: [&str; 3] = ["sops_mac", "sops_version", "[sops]"];

/// Holds every document of a file against its own settings.
pub(super) fn documents(file: &File, documents: &[Document], out: &mut Vec<Fact<Secret>>) {
    judge(file, &store::trees(documents), out);
}

/// Holds a `.env` or an INI file against the settings in it.
pub(super) fn lines(file: &File, out: &mut Vec<Fact<Secret>>) {
    judge(file, store::lines(file).as_slice(), out);
}

/// How much of a file of SOPS is encrypted; of one that is not, how much a creation rule says should be.
pub(super) fn sealing(file: &File, documents: &[Document], creations: &[Creation]) -> Option<Fact<Sealing>> {
    let mut stores = store::trees(documents);
    if stores.is_empty() && super::writing::has_lines(file) {
        stores.extend(store::lines(file));
    }
    let rule = creation::covering(creations, file);
    let Some(first) = stores.first() else {
        return rule.and_then(|rule| creation::promised(rule, file, documents));
    };
    let mut counts = Counts::new("SOPS", &first.cover.says());
    counts.is_met = true;
    for store in &stores {
        for leaf in &store.leaves {
            let text = leaf.value.text.as_str();
            match leaf.covered {
                true => counts.count(leaf.value.span(), sealed::is_sops_value(text), text.is_empty()),
                false => counts.says.outside += 1,
            }
        }
        let is_plain = |comment: &&store::Comment| comment.covered && !comment.is_sealed();
        counts.says.comments += store.comments.iter().filter(is_plain).count();
    }
    counts.first = counts.first.or_else(|| (counts.says.covered == 0).then(|| first.settings.span()));
    let mut notes: Vec<String> = Vec::new();
    if stores.iter().any(|store| without_mac(store).is_some()) {
        notes.push("no checksum that is whole".into());
    }
    if let Some(rule) = rule.filter(|rule| rule.cover.says() != first.cover.says()) {
        notes.push(format!("`.sops.yaml` says {}", rule.cover.says()));
    }
    counts.says.note = notes.join("; ").into();
    counts.fact(file)
}

fn judge(file: &File, stores: &[Store], out: &mut Vec<Fact<Secret>>) {
    let before = out.len();
    let push = |found: Found, out: &mut Vec<Fact<Secret>>| out.push(found.fact(&whole_file(file)));
    for store in stores {
        for leaf in store.leaves.iter().filter(|leaf| leaf.covered) {
            if let Some(found) = plain(leaf) {
                push(found, out);
            }
        }
        if let Some(found) = without_mac(store) {
            push(found, out);
        }
    }
    let leaves = || stores.iter().flat_map(|store| &store.leaves);
    let is_nothing = leaves().next().is_some()
        && !leaves().any(|leaf| leaf.covered || sealed::is_sops_value(&leaf.value.text));
    if is_nothing && let Some(store) = stores.first() {
        // What else was found in this file is in plain text, for nothing here is encrypted.
        let is_secret = |fact: &Fact<Secret>| {
            fact.origin.span().source == file.id
                && !matches!(fact.says.kind, SecretKind::Weak | SecretKind::Doubtful | SecretKind::Committed)
        };
        let holds_secret = out[..before].iter().any(is_secret);
        push(nothing(store, holds_secret), out);
    }
}

/// A leaf that the settings cover and that is no ciphertext. SOPS leaves empty texts as they are.
fn plain(leaf: &store::Leaf) -> Option<Found> {
    let text = leaf.value.text.as_str();
    if text.is_empty() || sealed::is_sops_value(text) {
        return None;
    }
    let name = leaf.path.rsplit('.').next().unwrap_or_default();
    let (goes, reason) = if sealed::begins_as_sops(text) {
        (
            format!("of `{}`, which only begins as ciphertext,", leaf.path),
            format!("`{name}` begins as SOPS writes values, but is not whole"),
        )
    } else {
        (format!("of `{}`", leaf.path), format!("the file's own settings say that `{name}` is encrypted"))
    };
    let mut found = Found::new(SecretKind::SopsLeaf, "value", leaf.value.clone()).going(goes).because(reason);
    found.place = SecretPlace::Manifest;
    found.path = leaf.path.clone();
    Some(found)
}

fn without_mac(store: &Store) -> Option<Found> {
    let (what, part) = match &store.mac {
        Some(mac) if sealed::is_sops_mac(&mac.text) => return None,
        Some(mac) if !mac.text.is_empty() => ("SOPS file whose checksum is not whole", mac),
        _ => ("SOPS file without its checksum", &store.head),
    };
    let mut found = Found::new(SecretKind::SopsWithoutMac, what, part.clone())
        .because("nothing proves that its values are the ones that were encrypted");
    found.place = SecretPlace::Manifest;
    Some(found)
}

fn nothing(store: &Store, holds_secret: bool) -> Found {
    let reason = match store.cover.written.first() {
        Some((setting, text)) => format!("no key of it is one that `{setting}: {text}` covers"),
        None => "all of its keys are ones that SOPS leaves as they are".into(),
    };
    let what = if holds_secret { "file with credentials" } else { "file" };
    let mut found = Found::new(SecretKind::NothingEncrypted, what, store.settings.clone()).because(reason);
    found.place = SecretPlace::File;
    found.evidence = if holds_secret { Evidence::Form } else { Evidence::Likely };
    found
}
