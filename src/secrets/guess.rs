//! Passwords that anybody guesses who knows what they open: `gitea` in `gitea/compose.yaml`. They are defaults, and
//! told as such.

use crate::facts::{Evidence, Fact, Secret, SecretKind, Weakness};
use crate::text::File;

/// What becomes the milder finding. A Secret object is meant to hold what it holds.
const SOFTENED: [SecretKind; 4] =
    [SecretKind::Compose, SecretKind::Env, SecretKind::Values, SecretKind::Assigned];

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
    let plain = (4..=16).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    plain
        && path
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.to_ascii_lowercase().starts_with(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_are_no_passwords() {
        for (path, value, expected) in [
            ("gitea-postgres/compose.yaml", "gitea", true),
            ("examples/sonarqube/compose.yaml", "sonar", true),
            ("apps/web/compose.yaml", "hunter2", false),
            ("apps/web/compose.yaml", "web", false),
            ("apps/Gitea/compose.yaml", "Gitea", false),
        ] {
            assert_eq!(is_name_of_place(path, value), expected, "{path} {value}");
        }
    }
}
