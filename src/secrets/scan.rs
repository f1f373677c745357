//! The scan of one file's bytes. Knows no document.

use super::context::Context;
use super::decode::Behind;
use super::found::{Found, part};
use super::judge::Setting;
use super::simd::Hit;
use super::tables::Tables;
use super::tokens::Match;
use super::{apart, assign, decode, directives, hcl, headers, keys, script, sql, tokens, urls, writing};
use crate::facts::{Evidence, Keeping, SecretKind, Softer};
use crate::syntax::sealed::Blocks;
use crate::text::{File, Origin, Part, Span, Str};
use std::ops::Range;

/// Every credential that the bytes of a file show by themselves, whatever the file is.
///
/// Time is linear in the text: every finder looks at a bounded window around what caught its eye.
pub(super) fn scan(file: &File, context: &Context, hits: &mut Vec<Hit>, push: &mut impl FnMut(Found)) {
    let tables = context.tables;
    let mut sealed = Blocks::of(file.text);
    let push = &mut |found: Found| {
        if !sealed.cover(&found.value.span().range()) {
            push(found);
        }
    };
    let mut seen = Vec::new();
    tokens::find(file.text, tables, hits, |found| {
        seen.push((found.range.start, found.token.rule.clone()));
        let at = found.range.start;
        push(of_token(file, found).named(assign::name_before(file, at)));
    });
    keys::find(file, push);
    let setting = writing::writing(file).setting();
    urls::find(file, &mut |found| {
        let is_comment = assign::is_comment(file, found.value.span().range().start);
        let setting = if is_comment { Setting::Prose } else { setting };
        softened(found, setting, context.keeping).into_iter().for_each(&mut *push);
    });
    assign::find(file, context, hits, push);
    if writing::may_hold_commands(file) {
        script::find(file, context, push);
        apart::find(file, context, push);
        headers::find(file, context, push);
    }
    directives::find(file, context, push);
    if writing::may_hold_commands(file) || file.base().ends_with(".sql") || file.base().ends_with(".php") {
        sql::find(file, context, push);
    }
    if hcl::is_hcl(file) {
        hcl::find(file, context, push);
    }
    behind_encodings(file, tables, hits, &seen, push);
}

fn of_token(file: &File, found: Match) -> Found {
    let mut fact = Found::token(found.token, part(file, found.range.clone()));
    if found.is_doubtful() {
        fact.evidence = Evidence::Likely;
    }
    fact.reasons = found.reasons;
    fact
}

/// Vendors' tokens with letters of their own, and private keys: what is a credential among bytes that are no text.
pub(super) fn forms(file: &File, tables: &Tables, push: &mut impl FnMut(Found)) {
    let mut hits = Vec::new();
    tokens::find(file.text, tables, &mut hits, |found| {
        if !found.token.keywords.is_empty() && !found.is_doubtful() {
            push(of_token(file, found));
        }
    });
    keys::find(file, push);
}

/// What is left of a URL where programs and texts speak of it: there what everybody tries first is an example.
fn softened(found: Found, setting: Setting, keeping: Option<Keeping>) -> Option<Found> {
    let is_weak = found.kind == SecretKind::Weak;
    match setting {
        Setting::Prose if is_weak => None,
        Setting::Prose => Some(Found { softer: Some(Softer::Prose), ..found }),
        Setting::Program if is_weak && keeping == Some(Keeping::Tests) => None,
        Setting::Program if is_weak => {
            Some(Found { kind: SecretKind::Doubtful, evidence: Evidence::Doubtful, ..found })
        }
        _ => Some(found),
    }
}

/// Vendors' tokens and private keys in what is behind encodings. They have forms of their own; names of what is in there
/// are nobody's promise.
///
/// `seen` are the tokens that are there as they are, by where they begin: those have places of their own.
fn behind_encodings(
    file: &File,
    tables: &Tables,
    of_file: &[Hit],
    seen: &[(usize, Str)],
    push: &mut impl FnMut(Found),
) {
    let mut hits = Vec::new();
    decode::each(file.text, of_file, &mut |Behind { place, text, road }| {
        let mut sealed = Blocks::of(text);
        let origin = Origin::spelled(Span::new(file.id, place.start, place.end));
        let mut tell = |range: Range<usize>, mut found: Found| {
            // What stands there as it is was found there, at its own bytes.
            let is_plain = file.text[place.clone()].contains(&text[range.clone()]);
            let first = seen.partition_point(|(start, _)| *start < place.start);
            let mut within = seen[first..].iter().take_while(|(start, _)| *start < place.end);
            let is_seen = within.any(|(_, rule)| *rule == found.vendor);
            if !is_plain && !is_seen && !sealed.cover(&range) {
                found.value = Part::new(&text[range], origin.clone());
                found.decoded = road.to_vec();
                push(found.named(assign::name_before(file, place.start)));
            }
        };
        tokens::find(text, tables, &mut hits, |found| {
            let mut fact = Found::token(found.token, Part::new("", origin.clone()));
            if found.is_doubtful() {
                fact.evidence = Evidence::Likely;
            }
            fact.reasons = found.reasons;
            tell(found.range, fact);
        });
        keys::find(&File { text, ..*file }, &mut |found| tell(found.value.span().range(), found));
    });
}
