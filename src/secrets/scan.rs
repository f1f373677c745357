//! The scan of one file's bytes. Knows no document.

use super::context::Context;
use super::found::{Found, part};
use super::simd::Hit;
use super::{apart, assign, keys, script, tokens, urls};
use crate::facts::{Evidence, Softer};
use crate::text::File;

/// Every credential that the bytes of a file show by themselves, whatever the file is.
///
/// Time is linear in the text: every finder looks at a bounded window around what caught its eye.
pub(super) fn scan(file: &File, context: &Context, hits: &mut Vec<Hit>, push: &mut impl FnMut(Found)) {
    if is_sealed_file(file.text) {
        return;
    }
    let tables = context.tables;
    tokens::find(file.text, tables, hits, |found| {
        if is_in_sealed_value(file.text, found.range.start) {
            return;
        }
        let mut fact = Found::token(found.token, part(file, found.range.clone()));
        if found.is_doubtful() {
            fact.evidence = Evidence::Likely;
        }
        fact.reasons = found.reasons;
        push(fact.named(assign::name_before(file, found.range.start)));
    });
    keys::find(file, push);
    let is_prose = assign::is_prose(file);
    urls::find(file, &mut |found| push(Found { softer: is_prose.then_some(Softer::Prose), ..found }));
    assign::find(file, context, hits, push);
    if assign::may_hold_commands(file) {
        script::find(file, context, push);
        apart::find(file, context, push);
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
