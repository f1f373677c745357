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
            () if halves::is_its_user(file, fact, fact.says.value.text.trim()) => Weakness::User,
            () if is_name_in_signs(file, fact) => Weakness::User,
            () => continue,
        };
        fact.says.kind = SecretKind::Weak;
        fact.says.evidence = Evidence::Weak(weakness);
        fact.says.reasons.push(weakness.says().into());
    }
}

/// Whether a value is the name of its user with signs for letters: `g1tea` of `gitea`.
fn is_name_in_signs(file: &File, fact: &Fact<Secret>) -> bool {
    let value = fact.says.value.text.trim();
    let is_sign = |letter: char| matches!(letter, '0' | '1' | '3' | '4' | '5' | '7' | '@' | '$');
    // Two signs in a row are a number.
    let is_mixed = value.contains(is_sign)
        && !value
            .as_bytes()
            .windows(2)
            .any(|pair| pair.iter().all(|byte| is_sign(char::from(*byte))) && pair[0] != b'5')
        && value.len() >= LEAST_IN_SIGNS;
    let read = |one: char| -> String {
        let letter = |sign: char| match sign {
            '0' => 'o',
            '1' => one,
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            letter => letter.to_ascii_lowercase(),
        };
        value.chars().map(letter).collect()
    };
    is_mixed && ['i', 'l'].iter().any(|one| halves::is_its_user(file, fact, &read(*one)))
}

/// In a shorter name a digit is a digit.
const LEAST_IN_SIGNS: usize = 5;

/// What a comment asks for that is about one value, and what about several.
#[rustfmt::skip]
const ASKS: [&str; 9] = [
    "change this", "change me", "change it", "changeme", "replace this", "replace me", "replace it", "replace with", "adjust this",
];
const ASKS_ABOVE: [&str; 4] = ["generate a new", "generate your own", "create your own", "use your own"];
const ASKS_FOR_ALL: [&str; 5] =
    ["change these", "change the following", "replace these", "replace the following", "adjust these"];

/// Whether the comment above a value asks for another one; over several settings it asks for all of them.
fn is_asked_above(file: &File, fact: &Fact<Secret>) -> bool {
    let start = (fact.origin.span().start as usize).min(file.text.len());
    let reach = (start.saturating_sub(FAR_ABOVE)..=start).find(|at| file.text.is_char_boundary(*at));
    let before = reach.and_then(|reach| file.text.get(reach..start)).unwrap_or_default();
    let mut lines = before.rsplit('\n').skip(1).map(str::trim).take(LINES_ABOVE).peekable();
    let asks = |line: &str, known: &[&str]| {
        let comment = line.trim_start_matches(['#', '/', ';']).to_ascii_lowercase();
        known.iter().any(|ask| comment.contains(ask))
            && !["do not", "don't", "never"].iter().any(|no| comment.contains(no))
    };
    let is_comment = |line: &str| line.starts_with(['#', ';']) || line.starts_with("//");
    while let Some(line) = lines.next_if(|line| is_comment(line)) {
        if asks(line, &ASKS) || asks(line, &ASKS_ABOVE) || asks(line, &ASKS_FOR_ALL) {
            return true;
        }
    }
    let mut block = lines.take_while(|line| !line.is_empty());
    block.find(|line| is_comment(line)).is_some_and(|line| asks(line, &ASKS_FOR_ALL))
}

/// What is further up is about something else.
const LINES_ABOVE: usize = 12;
/// The same in bytes, for lines without end.
const FAR_ABOVE: usize = 2000;

/// Whether what is said behind a value asks for another one (`… # change this`), or what is said above it.
fn is_to_be_changed(file: &File, fact: &Fact<Secret>) -> bool {
    if is_asked_above(file, fact) {
        return true;
    }
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
