//! What `.sops.yaml` says of an encrypted file, held against what the file says of itself: which values are encrypted,
//! and whose keys open it.

use super::super::found::{Found, whole_file};
use super::creation::{Creation, rule_for};
use super::store::{self, Leaf, Store};
use crate::facts::{Evidence, Fact, Secret, SecretKind, SecretPlace};
use crate::syntax::{Document, sealed};
use crate::text::{File, Part};

/// How much of a public key is shown.
const SHOWN: usize = 16;

/// Every difference between the rule for a file and the file's own metadata.
pub(in super::super) fn differs(
    rules: &[Creation],
    file: &File,
    documents: &[Document],
) -> Vec<Fact<Secret>> {
    if rules.is_empty() || !file.has("sops") {
        return Vec::new();
    }
    let Some(rule) = rule_for(rules, file) else { return Vec::new() };
    let mut stores: Vec<(Store, Vec<Leaf>)> = Vec::new();
    for document in documents {
        stores.extend(store::tree_of(document).map(|store| (store, store::leaves(&rule.cover, document))));
    }
    if stores.is_empty() && super::super::writing::has_lines(file) {
        stores.extend(store::lines(file).map(|store| (store, store::plain_lines(&rule.cover, file))));
    }
    let of_settings = stores.iter().find_map(|(store, leaves)| settings(rule, store, leaves));
    let of_keys = stores.first().and_then(|(store, _)| keys(rule, store));
    of_settings.into_iter().chain(of_keys).map(|found| found.fact(&whole_file(file))).collect()
}

fn found(what: &str, at: &Part, evidence: Evidence) -> Found {
    let mut found = Found::new(SecretKind::SopsDiffers, what, at.clone())
        .because("the file's own metadata decide until it is encrypted again");
    found.place = SecretPlace::File;
    found.evidence = evidence;
    found
}

/// Settings that differ. `leaves` are those of the same document as the rule covers them.
fn settings(rule: &Creation, store: &Store, leaves: &[Leaf]) -> Option<Found> {
    if rule.cover.settings() == store.cover.settings() {
        return None;
    }
    let is_left_plain = |(own, told): &(&Leaf, &Leaf)| {
        let text = own.value.text.as_str();
        told.covered && !own.covered && !text.is_empty() && !sealed::is_sops_value(text)
    };
    let plain = store.leaves.iter().zip(leaves).filter(is_left_plain).count();
    let (says, own) = (rule.cover.says(), store.cover.says());
    Some(match plain {
        0 => found(
            &format!("`.sops.yaml` says `{says}`, and this file was encrypted with `{own}`"),
            &store.settings,
            Evidence::Likely,
        ),
        plain => {
            let values = if plain == 1 { "1 value is".to_owned() } else { format!("{plain} values are") };
            let what =
                format!("{values} plain here that `.sops.yaml` encrypts: it says `{says}`, the file `{own}`");
            found(&what, &store.settings, Evidence::Form)
        }
    })
}

/// Keys that open the file and are not in the rule, or the other way round.
fn keys(rule: &Creation, store: &Store) -> Option<Found> {
    let first = store.keys.first()?;
    let is_known = |key: &str| is_age(key) || is_fingerprint(key);
    let all_known = rule.keys.iter().chain(store.keys.iter().map(|key| &key.text)).all(|key| is_known(key));
    if rule.keys.is_empty() || !all_known {
        return None;
    }
    let is_named = |key: &str| rule.keys.iter().any(|known| known.eq_ignore_ascii_case(key));
    if let Some(extra) = store.keys.iter().find(|key| !is_named(&key.text)) {
        let what = format!("`{}` opens this file, and `.sops.yaml` does not name it", shown(&extra.text));
        return Some(found(&what, extra, Evidence::Form));
    }
    let opens = |key: &str| store.keys.iter().any(|own| own.text.eq_ignore_ascii_case(key));
    let missing = rule.keys.iter().find(|key| !opens(key))?;
    let what = format!("`{}` of `.sops.yaml` does not open this file", shown(missing));
    Some(found(&what, first, Evidence::Likely))
}

fn is_age(key: &str) -> bool {
    key.starts_with("age1") && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A PGP fingerprint, whole: its short forms are those of several keys.
fn is_fingerprint(key: &str) -> bool {
    key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn shown(key: &str) -> String {
    match key.get(..SHOWN) {
        Some(head) if key.len() > SHOWN => format!("{head}…"),
        _ => key.to_owned(),
    }
}
