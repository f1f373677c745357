//! Passwords that anybody guesses who knows what they open: `gitea` in `gitea/compose.yaml`. They are defaults, and
//! told as such.

use super::filler;
use crate::facts::{Evidence, Fact, Secret, SecretKind, Weakness};
use crate::text::File;

/// What becomes the milder finding.
const SOFTENED: [SecretKind; 5] =
    [SecretKind::Compose, SecretKind::Env, SecretKind::Values, SecretKind::Assigned, SecretKind::Manifest];

/// Tells what can be guessed from the file's own name as the default that it is.
pub(super) fn soften(file: &File, secrets: &mut [Fact<Secret>]) {
    for fact in secrets.iter_mut().filter(|fact| SOFTENED.contains(&fact.says.kind)) {
        if is_name_of_place(file.name, &fact.says.value.text) {
            fact.says.kind = SecretKind::Weak;
            fact.says.evidence = Evidence::Weak(Weakness::Place);
            fact.says.reasons.push(Weakness::Place.says().into());
        }
    }
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
