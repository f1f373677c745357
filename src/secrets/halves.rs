//! A login has two halves: who it is, and the secret. What is only the first half is no credential beside the second, and a
//! second half that is the first one again is soon guessed.

use super::found::line_around;
use super::value;
use crate::facts::{Evidence, Excuse, Exempt, Fact, Secret, name_words};
use crate::text::{File, Str};

/// How far from one half the other is.
const FAR: usize = 600;

/// Takes out the first half of every pair whose second half is beside it, as [`Excuse::User`].
pub(super) fn settle(file: &File, facts: &mut Vec<Fact<Secret>>, exempts: &mut Vec<Exempt>) {
    facts.retain(|fact| {
        let name = fact.says.name.as_ref().map_or("", |name| name.text.as_str());
        let is_drawn = matches!(fact.says.evidence, Evidence::Form | Evidence::Random);
        let is_half = !is_drawn && is_first_half(name) && is_beside(file, fact, name);
        if is_half {
            let (at, why) = (fact.origin.span(), Excuse::User);
            let object = if fact.owner.kind == "Secret" { fact.owner.label().into() } else { Str::default() };
            exempts.push(Exempt { at, why, name: name.into(), object, times: 1 });
        }
        !is_half
    });
}

/// Whether a name is that of the half that is no secret: `accessKey`, `S3_ACCESS_KEY`.
fn is_first_half(name: &str) -> bool {
    // Most names are told by their letters.
    let holds = |word: &[u8]| name.as_bytes().windows(word.len()).any(|it| it.eq_ignore_ascii_case(word));
    if !holds(b"access") || holds(b"secret") {
        return false;
    }
    let words = name_words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words[..],
        [.., "access", "key"] | [.., "access", "key", "id"] | [.., "accesskey"] | [.., "accesskeyid"]
    )
}

/// Whether the other half is near: the same name with `secret` for, or before, `access`.
fn is_beside(file: &File, fact: &Fact<Secret>, name: &str) -> bool {
    let at = fact.origin.span().range();
    let lower = name.to_ascii_lowercase();
    let Some(access) = lower.rfind("access") else { return false };
    let (before, rest) = (&lower[..access], &lower[access + "access".len()..]);
    let rest = rest.strip_suffix("id").unwrap_or(rest).trim_end_matches(['_', '-']);
    let sign = rest.get(..1).filter(|sign| matches!(*sign, "_" | "-" | ".")).unwrap_or_default();
    let near = near(file, at.start, at.end).to_ascii_lowercase();
    [format!("{before}secret{rest}"), format!("{before}secret{sign}access{rest}")]
        .iter()
        .any(|other| near.contains(other.as_str()))
}

/// Takes out what people made up for `anonymous`, who may log in with any password.
pub(super) fn leave_anonymous(file: &File, facts: &mut Vec<Fact<Secret>>, exempts: &mut Vec<Exempt>) {
    facts.retain(|fact| {
        let is_made_up = matches!(fact.says.evidence, Evidence::Human | Evidence::Weak(_));
        let is_anonymous =
            is_made_up && ANONYMOUS.iter().any(|user| is_of_user(file, fact, user, Near::Block));
        if is_anonymous {
            let name = fact.says.name.as_ref().map_or("", |name| name.text.as_str()).into();
            let (at, why) = (fact.origin.span(), Excuse::Anonymous);
            exempts.push(Exempt { at, why, name, object: Str::default(), times: 1 });
        }
        !is_anonymous
    });
}

/// Whom servers of files let in with any password.
const ANONYMOUS: [&str; 2] = ["anonymous", "anonymous@"];

/// Whether a credential is the name of its user, too: `MONGO_USER=shop` beside `MONGO_PASS=shop`.
pub(super) fn is_its_user(file: &File, fact: &Fact<Secret>, value: &str) -> bool {
    value.len() >= 4 && is_of_user(file, fact, value, Near::Around)
}

/// How far from a credential its user is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near {
    /// Some lines away.
    Around,
    /// With no empty line and no head of a section between.
    Block,
}

/// Whether a line beside a credential says that this is its user.
fn is_of_user(file: &File, fact: &Fact<Secret>, secret: &str, reach: Near) -> bool {
    const USERS: [&str; 5] = ["user", "username", "login", "userid", "usr"];
    let at = fact.origin.span().range();
    let own = name_words(fact.says.name.as_ref().map_or("", |name| name.text.as_str()));
    let is_user = |line: &str| {
        let Some(sign) = line.find(['=', ':']) else { return false };
        let (name, other) = (line[..sign].trim_matches([' ', '-', '"', '\'', '\t']), &line[sign + 1..]);
        let other =
            other.split(" #").next().unwrap_or_default().trim_matches([' ', '"', '\'', ',', '\t', '\r']);
        let other = value::default_of(other).map_or(other, |range| &other[range]);
        let words = if other == secret { name_words(name) } else { return false };
        let [before @ .., last] = &words[..] else { return false };
        // `MONGO_USER` is the one of `MONGO_PASS`, and not of `REDIS_PASS`.
        let is_own = before.first().is_none_or(|first| own.len() < 2 || own.first() == Some(first));
        is_own && USERS.contains(&last.as_str())
    };
    match reach {
        Near::Around => near(file, at.start, at.end).lines().any(is_user),
        Near::Block => block(file, at.start, at.end).any(is_user),
    }
}

/// The lines of the block that a place is in.
fn block<'t>(file: &File<'t>, start: usize, end: usize) -> impl Iterator<Item = &'t str> + use<'t> {
    let (start, end) = (start.min(file.text.len()), end.min(file.text.len()));
    let first = near(file, start, end).as_ptr() as usize - file.text.as_ptr() as usize;
    let around = near(file, start, end);
    let is_between = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('[');
    let (before, after) = around.split_at((start - first).min(around.len()));
    before.lines().rev().take_while(is_between).chain(after.lines().take_while(is_between))
}

/// The lines around a place.
fn near<'t>(file: &File<'t>, start: usize, end: usize) -> &'t str {
    let bytes = file.text.as_bytes();
    let (start, end) = (start.min(bytes.len()), end.min(bytes.len()));
    let (first, last) = (start.saturating_sub(FAR), (end + FAR).min(bytes.len()));
    let range = line_around(bytes, first, FAR).start..line_around(bytes, last, FAR).end;
    file.text.get(range).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_first_halves() {
        for (name, expected) in [
            ("accessKey", true),
            ("MINIO_ACCESS_KEY", true),
            ("AWS_ACCESS_KEY_ID", true),
            ("accesskey", true),
            ("secretAccessKey", false),
            ("AWS_SECRET_ACCESS_KEY", false),
            ("access_key_file", false),
            ("password", false),
        ] {
            assert_eq!(is_first_half(name), expected, "{name}");
        }
    }
}
