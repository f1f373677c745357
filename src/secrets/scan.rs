//! The scan of one file's bytes, and how what several finders saw becomes one fact. Knows no document.

use super::decode::Behind;
use super::found::{Found, part, whole_file};
use super::tables::Tables;
use super::{apart, assign, decode, keys, script, sops, tokens, urls};
use crate::facts::{Fact, Secret};
use crate::finding::Precision;
use crate::syntax::sealed::Blocks;
use crate::text::{File, Origin, Part, Span, Str};
use std::ops::Range;

/// Every credential that the bytes of a file show by themselves, whatever the file is.
///
/// Time is linear in the text: every finder looks at a bounded window around what caught its eye.
pub fn scan(file: &File, tables: &Tables, out: &mut Vec<Fact<Secret>>) {
    let mut owner = None;
    let mut sealed = Blocks::of(file.text);
    let is_exercise = assign::is_exercise(file.name);
    let mut push = |mut found: Found| {
        if sealed.cover(&found.value.span().range()) {
            return;
        }
        if is_exercise {
            found.precision = Precision::Low;
        }
        out.push(found.fact(owner.get_or_insert_with(|| whole_file(file))));
    };
    let (mut hits, mut seen) = (Vec::new(), Vec::new());
    tokens::find(file.text, tables, &mut hits, |found| {
        seen.push((found.range.start, found.token.rule.clone()));
        let mut fact = Found::new(&found.token.rule, &found.token.what, part(file, found.range.clone()));
        if found.is_doubtful() {
            fact.precision = Precision::Medium;
        }
        fact.reasons = found.reasons;
        push(fact.named(assign::name_before(file, found.range.start)));
    });
    keys::find(file, &mut push);
    urls::find(file, &mut push);
    assign::find(file, &hits, &mut push);
    if assign::may_hold_commands(file) {
        script::find(file, &mut push);
        apart::find(file, &mut push);
    }
    behind_encodings(file, tables, &seen, &mut push);
    if assign::has_lines(file) {
        sops::lines(file, out);
    }
}

/// Vendors' tokens and private keys in what is behind encodings. They have forms of their own; names of what is in there
/// are nobody's promise.
///
/// `seen` are the tokens that are there as they are, by where they begin: those have places of their own.
fn behind_encodings(file: &File, tables: &Tables, seen: &[(usize, Str)], push: &mut impl FnMut(Found)) {
    let mut hits = Vec::new();
    decode::each(file.text, &mut |Behind { place, text, road }| {
        let mut sealed = Blocks::of(text);
        let origin = Origin::spelled(Span::new(file.id, place.start, place.end));
        let mut tell = |range: Range<usize>, mut found: Found| {
            // What stands there as it is was found there, at its own bytes.
            let is_plain = file.text[place.clone()].contains(&text[range.clone()]);
            let first = seen.partition_point(|(start, _)| *start < place.start);
            let mut within = seen[first..].iter().take_while(|(start, _)| *start < place.end);
            let is_seen = within.any(|(_, rule)| *rule == found.rule);
            if !is_plain && !is_seen && !sealed.cover(&range) {
                found.value = Part::new(&text[range], origin.clone());
                found.decoded = road.to_vec();
                push(found.named(assign::name_before(file, place.start)));
            }
        };
        tokens::find(text, tables, &mut hits, |found| {
            let mut fact = Found::new(&found.token.rule, &found.token.what, Part::new("", origin.clone()));
            if found.is_doubtful() {
                fact.precision = Precision::Medium;
            }
            fact.reasons = found.reasons;
            tell(found.range, fact);
        });
        keys::find(&File { text, ..*file }, &mut |found| tell(found.value.span().range(), found));
    });
}

/// Makes one fact of what several finders say about the same credential, and sorts.
///
/// A vendor's token beats what the structure says, which beats a guess by name; the best keeps the others' names
/// and reasons. Decoded contents share their place with the encoding and stay apart from each other.
pub fn merge(facts: &mut Vec<Fact<Secret>>) {
    facts.sort_by(|a, b| {
        let key = |fact: &Fact<Secret>| (fact.origin.span().source, fact.origin.span().start);
        key(a)
            .cmp(&key(b))
            .then_with(|| rank(a).cmp(&rank(b)))
            .then_with(|| b.origin.span().end.cmp(&a.origin.span().end))
            .then_with(|| a.says.rule.cmp(&b.says.rule))
    });
    let mut kept: Vec<Fact<Secret>> = Vec::with_capacity(facts.len());
    let mut open = 0;
    for fact in facts.drain(..) {
        let span = fact.origin.span();
        while open < kept.len()
            && (kept[open].origin.span().source != span.source || kept[open].origin.span().end < span.start)
        {
            open += 1;
        }
        match (open..kept.len()).find(|&at| is_same(&kept[at], &fact)) {
            Some(at) if rank(&fact) < rank(&kept[at]) => {
                let worse = std::mem::replace(&mut kept[at], fact);
                absorb(&mut kept[at], worse);
            }
            Some(at) => absorb(&mut kept[at], fact),
            None => kept.push(fact),
        }
    }
    kept.sort_by(|a, b| {
        (a.origin.span(), &a.says.rule, &a.says.value.text).cmp(&(
            b.origin.span(),
            &b.says.rule,
            &b.says.value.text,
        ))
    });
    kept.dedup_by(|a, b| {
        a.origin.span() == b.origin.span()
            && a.says.rule == b.says.rule
            && a.says.value.text == b.says.value.text
    });
    *facts = kept;
}

/// How much a rule knows: a vendor's form 0, what a key or a registry login is 1, a place 2, a name 3, a default 4.
fn rank(fact: &Fact<Secret>) -> u8 {
    match fact.says.rule.as_str() {
        "secret-private-key" | "secret-docker-auth" | "secret-kubeconfig" => 1,
        "sops-plaintext-leaf"
        | "sops-without-mac"
        | "sealed-secret-plaintext"
        | "external-secret-literal" => 2,
        "secret-connection-string" | "secret-basic-auth-url" => 2,
        "secret-in-manifest"
        | "secret-in-configmap"
        | "secret-in-env"
        | "secret-in-args"
        | "secret-in-values"
        | "secret-in-compose" => 3,
        "secret-in-script" => 4,
        "secret-generic" => 5,
        "secret-weak-default" => 6,
        "secret-file-committed" | "sops-not-encrypted" | "sops-nothing-encrypted" => 9,
        _ => 0,
    }
}

/// Whether two facts are about one credential: they overlap, and unless decoding came between, that is enough.
fn is_same(a: &Fact<Secret>, b: &Fact<Secret>) -> bool {
    let (x, y) = (a.origin.span(), b.origin.span());
    let whole = |fact: &Fact<Secret>| rank(fact) == 9;
    if x.source != y.source || x.start >= y.end || y.start >= x.end || whole(a) != whole(b) {
        return false;
    }
    if a.says.decoded.is_empty() && b.says.decoded.is_empty() {
        return true;
    }
    let (m, n) = (a.says.value.text.as_str(), b.says.value.text.as_str());
    a.says.decoded.is_empty() || b.says.decoded.is_empty() || m.contains(n) || n.contains(m)
}

fn absorb(best: &mut Fact<Secret>, other: Fact<Secret>) {
    if best.says.name.is_none()
        || other.says.place != crate::facts::SecretPlace::Text
            && best.says.place == crate::facts::SecretPlace::Text
    {
        best.says.place = other.says.place;
        if other.says.name.is_some() {
            best.says.name = other.says.name;
        }
        // The structure knows whose it is.
        if !other.owner.kind.is_empty() || !other.owner.name.is_empty() {
            best.owner = other.owner;
            best.path = other.path;
        }
    }
    best.says.precision = best.says.precision.max(other.says.precision);
    for reason in other.says.reasons {
        if !best.says.reasons.contains(&reason) {
            best.says.reasons.push(reason);
        }
    }
    best.says.reasons.retain(|reason: &Str| !reason.is_empty());
}
