//! Making secret facts of what was found, so that every finder tells the same things in the same way.

use super::token::Token;
use crate::facts::{Evidence, Excuse, Exempt, Fact, Resource, Secret, SecretKind, SecretPlace, Softer};
use crate::text::{File, Origin, Part, Span, Str};
use std::ops::Range;
use std::sync::Arc;

/// What a finder knows about one credential; `Found::new` fills in the usual.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: SecretKind,
    /// The page of the vendor whose form it has.
    pub(super) vendor: Str,
    pub(super) what: Str,
    /// Where it goes, if that is known by more than its name.
    pub(super) goes: Str,
    pub(super) value: Part,
    pub(super) name: Option<Part>,
    pub(super) place: SecretPlace,
    pub(super) evidence: Evidence,
    pub(super) softer: Option<Softer>,
    pub(super) reasons: Vec<Str>,
    pub(super) decoded: Vec<Str>,
    pub(super) path: Str,
    /// Why it is no credential after all.
    pub(super) excuse: Option<Excuse>,
}

impl Found {
    /// What has the form of a vendor's token.
    pub(super) fn token(token: &Token, value: Part) -> Found {
        Found { vendor: token.rule.clone(), ..Found::new(SecretKind::Token, &token.what, value) }
    }

    pub(super) fn new(kind: SecretKind, what: &str, value: Part) -> Found {
        Found {
            kind,
            vendor: Str::default(),
            what: what.into(),
            goes: Str::default(),
            value,
            name: None,
            place: SecretPlace::Text,
            evidence: Evidence::Form,
            softer: None,
            reasons: Vec::new(),
            decoded: Vec::new(),
            path: Str::default(),
            excuse: None,
        }
    }

    pub(super) fn named(mut self, name: Option<Part>) -> Found {
        if let (Some(name), true) = (&name, self.path.is_empty()) {
            self.path = name.text.clone();
        }
        self.name = name;
        self
    }

    pub(super) fn going(mut self, goes: impl Into<Str>) -> Found {
        self.goes = goes.into();
        self
    }

    pub(super) fn because(mut self, reason: impl Into<Str>) -> Found {
        self.reasons.push(reason.into());
        self
    }

    /// What the judge says of a value of this kind. What is weak or doubtful is a kind of its own, wherever it is.
    pub(super) fn judged(
        kind: SecretKind,
        what: &str,
        value: Part,
        (evidence, reason): (Evidence, Str),
    ) -> Found {
        let kind = match evidence {
            Evidence::Weak(_) => SecretKind::Weak,
            Evidence::Doubtful => SecretKind::Doubtful,
            _ => kind,
        };
        Found { evidence, ..Found::new(kind, what, value) }.because(reason)
    }

    /// What the judge does not hold for one.
    pub(super) fn excused(excuse: Excuse, name: Part, value: Part) -> Found {
        let found = Found::new(SecretKind::Doubtful, "", value).named(Some(name));
        Found { excuse: Some(excuse), ..found }
    }

    /// The word that it is none; `object` is the Secret that holds it.
    pub(super) fn exempt(&self, object: Str) -> Option<Exempt> {
        let name = self.name.as_ref().map_or(Str::default(), |name| name.text.clone());
        self.excuse.map(|why| Exempt { at: self.value.span(), why, name, object, times: 1 })
    }

    pub(super) fn fact(self, owner: &Arc<Resource>) -> Fact<Secret> {
        Fact {
            origin: self.value.origin.clone(),
            path: self.path,
            owner: owner.clone(),
            says: Secret {
                kind: self.kind,
                vendor: self.vendor,
                what: self.what,
                goes: self.goes,
                value: self.value,
                name: self.name,
                place: self.place,
                evidence: self.evidence,
                softer: self.softer,
                reasons: self.reasons,
                decoded: self.decoded,
            },
        }
    }
}

/// The bytes of a file as a part with its place.
pub(super) fn part(file: &File, range: Range<usize>) -> Part {
    let text = file.text.get(range.clone()).unwrap_or_default();
    Part::new(text, Origin::verbatim(Span::new(file.id, range.start, range.end)))
}

/// A file that nobody describes further, as the owner of what stands in it.
pub(super) fn whole_file(file: &File) -> Arc<Resource> {
    Arc::new(Resource {
        format: "text",
        source: file.id,
        kind: Str::default(),
        api: Str::default(),
        namespace: Str::default(),
        name: Str::default(),
        scene: None,
    })
}

/// Where a slice of a text stands in it.
pub(super) fn within(text: &str, slice: &str) -> Range<usize> {
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    start..start + slice.len()
}

/// The line around a byte, without its line break; never further than `reach` bytes away, and never with a part of a letter.
pub(super) fn line_around(bytes: &[u8], at: usize, reach: usize) -> Range<usize> {
    let is_within_letter = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
    let floor = at.saturating_sub(reach);
    let floor = (floor..at).find(|at| !is_within_letter(at)).unwrap_or(at);
    let start = memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |found| floor + found + 1);
    let ceiling = (at + reach).min(bytes.len());
    let ceiling = (at..=ceiling).rev().find(|at| !is_within_letter(at)).unwrap_or(at);
    let end = memchr::memchr(b'\n', &bytes[at..ceiling]).map_or(ceiling, |found| at + found);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_place_ends_between_letters() {
        let text = "ä".repeat(300);
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            for reach in 0..9 {
                let line = line_around(text.as_bytes(), at, reach);
                assert!(text.get(line.clone()).is_some(), "{at} {reach} {line:?}");
                assert!(
                    line.start <= at
                        && at <= line.end
                        && line.len() + 2 >= 2 * reach.min(at).min(text.len() - at)
                );
            }
        }
        assert_eq!(line_around("a\nbäc\nd".as_bytes(), 3, 90), 2..6);
    }
}
