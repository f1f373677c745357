//! The scan of one file's bytes. Knows no document.

use super::found::{Found, part};
use super::tables::Tables;
use super::{apart, assign, keys, script, tokens, urls};
use crate::finding::Precision;
use crate::text::File;

/// Every credential that the bytes of a file show by themselves, whatever the file is.
///
/// Time is linear in the text: every finder looks at a bounded window around what caught its eye.
pub(super) fn scan(file: &File, tables: &Tables, push: &mut impl FnMut(Found)) {
    if is_sealed_file(file.text) {
        return;
    }
    let mut hits = Vec::new();
    tokens::find(file.text, tables, &mut hits, |found| {
        if is_in_sealed_value(file.text, found.range.start) {
            return;
        }
        let mut fact = Found::token(found.token, part(file, found.range.clone()));
        if found.is_doubtful() {
            fact.precision = Precision::Medium;
        }
        fact.reasons = found.reasons;
        push(fact.named(assign::name_before(file, found.range.start)));
    });
    keys::find(file, push);
    urls::find(file, push);
    assign::find(file, tables.names(), &hits, push);
    if assign::may_hold_commands(file) {
        script::find(file, tables.names(), push);
        apart::find(file, tables.names(), push);
    }
}

/// Whole files that are encrypted: Ansible vaults, age, PGP messages, git-crypt.
pub(super) fn is_sealed_file(text: &str) -> bool {
    [
        "$ANSIBLE_VAULT;",
        "-----BEGIN AGE ENCRYPTED FILE",
        "-----BEGIN PGP MESSAGE",
        "age-encryption.org/",
        "\0GITCRYPT",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// Whether the byte stands in a value that SOPS encrypted.
fn is_in_sealed_value(text: &str, at: usize) -> bool {
    let line = super::found::line_around(text.as_bytes(), at, 4096);
    let before = &text.as_bytes()[line.start..at];
    memchr::memmem::rfind(before, b"ENC[").is_some_and(|open| memchr::memchr(b']', &before[open..]).is_none())
}
