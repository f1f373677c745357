//! How what several finders saw becomes one fact.

use crate::facts::{Fact, Secret, SecretKind, SecretPlace};
use crate::text::{Span, Str};

/// Makes one fact of what several finders say about the same credential, and sorts.
///
/// A vendor's token beats what the structure says, which beats a guess by name; the best keeps the others' names
/// and reasons. Decoded contents share their place with the encoding and stay apart from each other.
pub(super) fn merge(facts: &mut Vec<Fact<Secret>>) {
    facts.sort_by(|a, b| {
        let key = |fact: &Fact<Secret>| (fact.origin.span().source, fact.origin.span().start);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.says.kind.cmp(&b.says.kind))
            .then_with(|| b.origin.span().end.cmp(&a.origin.span().end))
            .then_with(|| a.says.vendor.cmp(&b.says.vendor))
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
            Some(at) if fact.says.kind < kept[at].says.kind => {
                let worse = std::mem::replace(&mut kept[at], fact);
                absorb(&mut kept[at], worse);
            }
            Some(at) => absorb(&mut kept[at], fact),
            None => kept.push(fact),
        }
    }
    tell_keys_once(&mut kept);
    kept.sort_by(|a, b| {
        let key = |fact: &Fact<Secret>| (fact.origin.span(), fact.says.kind);
        key(a).cmp(&key(b)).then_with(|| a.says.value.text.cmp(&b.says.value.text))
    });
    kept.dedup_by(|a, b| {
        a.origin.span() == b.origin.span()
            && a.says.kind == b.says.kind
            && a.says.value.text == b.says.value.text
    });
    *facts = kept;
}

/// A file that is a key is told as the key.
fn tell_keys_once(kept: &mut Vec<Fact<Secret>>) {
    let keys = kept.iter().filter(|fact| fact.says.kind == SecretKind::PrivateKey);
    let keys: Vec<Span> = keys.map(|fact| fact.origin.span()).collect();
    kept.retain(|fact| {
        let own = fact.origin.span();
        let is_key = |key: &Span| key.source == own.source && key.start < own.end && own.start < key.end;
        fact.says.kind != SecretKind::Committed || !keys.iter().any(is_key)
    });
}

/// Whether two facts are about one credential: they overlap, and unless decoding came between, that is enough.
fn is_same(a: &Fact<Secret>, b: &Fact<Secret>) -> bool {
    let (x, y) = (a.origin.span(), b.origin.span());
    let whole = |fact: &Fact<Secret>| fact.says.kind.is_of_file();
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
        || other.says.place != SecretPlace::Text && best.says.place == SecretPlace::Text
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
    best.says.evidence = best.says.evidence.min(other.says.evidence);
    for reason in other.says.reasons {
        if !best.says.reasons.contains(&reason) {
            best.says.reasons.push(reason);
        }
    }
    best.says.reasons.retain(|reason: &Str| !reason.is_empty());
}
