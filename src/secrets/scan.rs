//! The scan of one file's bytes. Knows no document.

use super::context::Context;
use super::decode::Behind;
use super::found::{Found, part};
use super::judge::Setting;
use super::stops::Stops;
use super::tables::Tables;
use super::tokens::Match;
use super::walk::{Depth, is_marked, walk};
use super::writing::Writing;
use super::{apart, assign, decode, directives, hcl, headers, keys, script, sql, tokens, urls};
use crate::facts::{Evidence, Keeping, SecretKind, Softer};
use crate::syntax::sealed::Blocks;
use crate::text::{File, Origin, Part, Span, Str};
use std::ops::Range;

/// Every credential that the bytes of a file show by themselves, whatever the file is.
///
/// Time is linear in the text: it is walked over once, and every finder looks at a bounded window around the stops.
pub(super) fn scan(
    file: &File,
    writing: Writing,
    context: &Context,
    stops: &mut Stops,
    push: &mut impl FnMut(Found),
) {
    let tables = context.tables;
    let mut sealed = Blocks::of(file.text);
    let push = &mut |found: Found| {
        if !sealed.cover(&found.value.span().range()) {
            push(found);
        }
    };
    walk(file.text, tables, Depth::of(file, writing), stops);
    let stops = &*stops;
    let mut seen = Vec::new();
    tokens::find(file.text, tables, stops, |found| {
        seen.push((found.range.start, found.token.rule.clone()));
        let at = found.range.start;
        push(of_token(file, found).named(assign::name_before(file, at)));
    });
    keys::find(file, &stops.keys, push);
    let setting = writing.setting();
    urls::find(file, stops, &mut |found| {
        let is_comment = assign::is_comment(file, found.value.span().range().start);
        let setting = if is_comment { Setting::Prose } else { setting };
        softened(found, setting, context.keeping).into_iter().for_each(&mut *push);
    });
    assign::find(file, writing, context, &stops.hits, push);
    let may_hold_commands = writing.may_hold_commands(file);
    if may_hold_commands {
        script::find(file, context, stops, push);
        apart::find(file, context, stops, push);
        headers::find(file, context, stops, push);
    }
    directives::find(file, writing, context, stops, push);
    if may_hold_commands || file.base().ends_with(".sql") || file.base().ends_with(".php") {
        sql::find(file, context, stops, push);
    }
    if hcl::is_hcl(file) {
        hcl::find(file, context, push);
    }
    behind_encodings(file, tables, stops, &seen, push);
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
    let mut stops = Stops::default();
    walk(file.text, tables, Depth::Marked, &mut stops);
    tokens::find(file.text, tables, &stops, |found| {
        if !found.token.keywords.is_empty() && !found.is_doubtful() {
            push(of_token(file, found));
        }
    });
    keys::find(file, &stops.keys, push);
}

/// Whether bytes may hold any of these: who would have to make a text of them first asks before.
pub(super) fn may_hold_forms(bytes: &[u8], tables: &Tables) -> bool {
    keys::begins_as_putty(bytes) || is_marked(bytes, tables)
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
    of_file: &Stops,
    seen: &[(usize, Str)],
    push: &mut impl FnMut(Found),
) {
    let mut stops = Stops::default();
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
        walk(text, tables, Depth::Forms, &mut stops);
        tokens::find(text, tables, &stops, |found| {
            let mut fact = Found::token(found.token, Part::new("", origin.clone()));
            if found.is_doubtful() {
                fact.evidence = Evidence::Likely;
            }
            fact.reasons = found.reasons;
            tell(found.range, fact);
        });
        keys::find(&File { text, ..*file }, &stops.keys, &mut |found| {
            tell(found.value.span().range(), found)
        });
    });
}
