//! What rclone obscures: sixteen bytes that it draws, and as many as the password has. It looks drawn and is not; everybody
//! can turn it back.

use crate::facts::{Evidence, Fact, Secret, Weakness};
use crate::text::{File, Str, from_base64};

/// The bytes that are drawn for each.
const DRAWN: usize = 16;
/// A password of fewer letters keeps nobody out.
const SHORT: usize = 4;
/// Few people make up a longer one.
const LONGEST: usize = 24;

/// Tells obscured passwords by what was obscured: its length shows.
pub(super) fn settle(file: &File, facts: &mut [Fact<Secret>]) {
    for fact in
        facts.iter_mut().filter(|fact| matches!(fact.says.evidence, Evidence::Random | Evidence::Human))
    {
        let Some(length) = length(&fact.says.value.text).filter(|_| is_of_rclone(file, fact)) else {
            continue;
        };
        let evidence = if length < SHORT { Evidence::Weak(Weakness::Short) } else { Evidence::Human };
        if let Evidence::Weak(_) = evidence {
            fact.says.kind = crate::facts::SecretKind::Weak;
        }
        fact.says.evidence = evidence;
        fact.says.reasons.push(Str::new_static("rclone obscures it, and everybody can turn that back"));
    }
}

/// How long what was obscured is, if it can have been.
fn length(value: &str) -> Option<usize> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let bytes = from_base64(value).filter(|_| value.bytes().all(is_letter))?;
    bytes.len().checked_sub(DRAWN).filter(|length| (1..=LONGEST).contains(length))
}

/// Whether it is in a configuration of rclone, under the name of a password.
fn is_of_rclone(file: &File, fact: &Fact<Secret>) -> bool {
    let name = fact.says.name.as_ref().map_or("", |name| name.text.as_str()).to_ascii_lowercase();
    let is_variable = name.starts_with("rclone_");
    let is_file = file.base().contains("rclone") || fact.path.contains("rclone.conf");
    let is_password =
        name.trim_end_matches('2').ends_with("pass") || name.trim_end_matches('2').ends_with("password");
    is_password && (is_variable || is_file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::recipe::expand;

    #[test]
    fn the_length_of_what_was_obscured_shows() {
        for (recipe, expected) in [
            ("{base64url*23}", Some(1)),
            ("{base64url*32}", Some(8)),
            ("{base64url*21}", None),
            ("{base64url*80}", None),
            ("otter.77", None),
        ] {
            assert_eq!(length(&expand(recipe, 1)), expected, "{recipe}");
        }
    }
}
