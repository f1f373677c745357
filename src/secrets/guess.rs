//! Passwords that anybody guesses who knows what they open: `gitea` in `gitea/compose.yaml`. They are defaults, and
//! told as such.

use super::context::Context;
use super::found::line_around;
use super::{filler, halves};
use crate::facts::{Evidence, Fact, Keeping, Secret, SecretKind, Weakness};
use crate::text::File;

/// What becomes the milder finding.
const SOFTENED: [SecretKind; 5] =
    [SecretKind::Compose, SecretKind::Env, SecretKind::Values, SecretKind::Assigned, SecretKind::Manifest];

/// Tells what can be guessed from the file's own name, from what holds it or from its user as the default that it is; and
/// what a sample asks to be changed.
pub(super) fn soften(file: &File, context: &Context, secrets: &mut [Fact<Secret>]) {
    let is_sample = context.keeping.is_some_and(Keeping::is_sample);
    for fact in secrets.iter_mut().filter(|fact| SOFTENED.contains(&fact.says.kind)) {
        let weakness = match () {
            () if is_name_of_place(file.name, &fact.says.value.text) => Weakness::Place,
            () if is_sample && is_to_be_changed(file, fact) => Weakness::ToChange,
            () if fact.says.evidence == Evidence::Random => continue,
            () if is_name_of_place(&holders(fact), &fact.says.value.text) => Weakness::Place,
            () if halves::is_its_user(file, fact) => Weakness::User,
            () => continue,
        };
        fact.says.kind = SecretKind::Weak;
        fact.says.evidence = Evidence::Weak(weakness);
        fact.says.reasons.push(weakness.says().into());
    }
}

/// Whether what is said behind a value asks for another one: `… # change this`.
fn is_to_be_changed(file: &File, fact: &Fact<Secret>) -> bool {
    #[rustfmt::skip]
    const ASKS: [&str; 9] = [
        "change this", "change me", "change it", "changeme", "replace this", "replace me", "replace it", "replace with", "adjust this",
    ];
    let bytes = file.text.as_bytes();
    let end = (fact.origin.span().end as usize).min(bytes.len());
    let rest = file.text.get(end..line_around(bytes, end, 200).end).unwrap_or_default();
    let comment = rest.split_once(" #").or_else(|| rest.split_once(" //")).map(|(_, comment)| comment);
    comment.is_some_and(|comment| {
        let comment = comment.to_ascii_lowercase();
        ASKS.iter().any(|ask| comment.contains(ask))
    })
}

/// What a credential is in: its object, and the steps before its own name.
fn holders(fact: &Fact<Secret>) -> String {
    let own = fact.says.name.as_ref().map_or("", |name| name.text.as_str());
    let path = fact.path.trim_end_matches(']');
    let steps = path.strip_suffix(own).unwrap_or(path);
    format!("{steps}/{}", fact.owner.name)
}

/// Whether a value is a word of a path, or the beginning of one: `sonar` of `examples/sonarqube/compose.yaml`.
fn is_name_of_place(path: &str, value: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let words = || path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= LEAST_NAMED);
    let plain = (4..=16).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    plain && words().any(|word| word.starts_with(value))
        || value.bytes().all(|b| !b.is_ascii_uppercase())
            && value.bytes().filter(u8::is_ascii_alphabetic).count() >= 4
            && filler::consists_of(value, &words().collect::<Vec<_>>())
}

/// Shorter words of a path name nothing that a password would be made of.
const LEAST_NAMED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_no_passwords() {
        for (path, value, expected) in [
            ("gitea-postgres/compose.yaml", "gitea", true),
            ("examples/sonarqube/compose.yaml", "sonar", true),
            ("examples/gitea/compose.yaml", "gitearoot", true),
            ("examples/gitea/compose.yaml", "gitea-dev", true),
            ("examples/gitea/compose.yaml", "gitea-lime", false),
            ("apps/web/compose.yaml", "hunter2", false),
            ("apps/web/compose.yaml", "web", false),
            ("apps/Gitea/compose.yaml", "Gitea", false),
        ] {
            assert_eq!(is_name_of_place(path, value), expected, "{path} {value}");
        }
    }
}
