//! What the payload of a web token says of how much it still opens: whether it is over, whether anybody gave it out, and
//! whether a text only shows what an answer looks like.

use super::context::Context;
use super::found::line_around;
use super::{decode, writing};
use crate::facts::{Evidence, Fact, Secret, SecretKind, Softer};
use crate::text::{Date, File, Str};

/// Steps down what is over, what nobody gave out, and what a text shows as the answer to a call.
pub(super) fn settle(file: &File, context: &Context, facts: &mut [Fact<Secret>]) {
    let is_token = |fact: &&mut Fact<Secret>| {
        fact.says.kind == SecretKind::Token && fact.says.value.text.starts_with("eyJ")
    };
    for fact in facts.iter_mut().filter(is_token).filter(|fact| fact.says.evidence == Evidence::Form) {
        let Some(payload) = fact.says.value.text.split('.').nth(1).and_then(decode::text) else { continue };
        let end = number(&payload, "exp").and_then(day_of);
        let (evidence, reason) = match (end, context.today) {
            (Some(end), Some(today)) if end < today => {
                (Evidence::Expired, "it says itself that its time is over")
            }
            _ if is_nobodys(&payload) => {
                (Evidence::Likely, "it says neither who gave it out nor for how long")
            }
            (None, _) if is_answer(file, fact) => {
                fact.says.softer.get_or_insert(Softer::Prose);
                (Evidence::Likely, "it is shown as the answer to a call")
            }
            _ => continue,
        };
        fact.says.evidence = evidence;
        fact.says.reasons.push(Str::new_static(reason));
    }
}

const SECONDS_OF_DAY: i64 = 86_400;
/// Behind the year 9999 nobody has a date: such a number is something else, or for ever.
const LAST_SECOND: i64 = 253_402_300_799;

fn day_of(seconds: i64) -> Option<Date> {
    (seconds <= LAST_SECOND).then(|| Date::from_days(seconds / SECONDS_OF_DAY))
}

/// The number of a claim.
fn number(payload: &str, claim: &str) -> Option<i64> {
    let name = format!("\"{claim}\"");
    let rest = payload[payload.find(&name)? + name.len()..].trim_start().strip_prefix(':')?.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// Whether a payload tells whom it names and nothing else, as those of tests and tutorials do.
fn is_nobodys(payload: &str) -> bool {
    const NAMES: [&str; 6] = ["sub", "name", "user", "username", "email", "foo"];
    let Some(inner) = payload.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return false;
    };
    let names: Vec<&str> =
        inner.split(',').map(|pair| pair.split(':').next().unwrap_or_default().trim()).collect();
    names.len() <= 2 && names.iter().all(|name| NAMES.contains(&name.trim_matches('"')))
}

/// So many lines above an answer is the call.
const LINES_ABOVE: usize = 3;

/// Whether a text for people shows a value as what a call answers: an object of JSON below a command.
fn is_answer(file: &File, fact: &Fact<Secret>) -> bool {
    if !writing::is_prose(file) {
        return false;
    }
    let at = fact.origin.span().range().start;
    let line = line_around(file.text.as_bytes(), at, 400);
    let is_object = |text: &str| text.trim_start().starts_with('{') && text.contains("\":");
    let is_call = |text: &str| text.trim_start().starts_with("$ ") || text.contains("curl ");
    let is_first = file.text.get(line.start..at).is_some_and(is_object);
    is_first && file.text[..line.start].lines().rev().take(LINES_ABOVE).any(is_call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_say_who_gave_them_out() {
        for (payload, expected) in [
            ("{\"sub\":\"admin\"}", true),
            ("{\"sub\": \"1\", \"name\": \"kestrel\"}", true),
            ("{\"sub\":\"admin\",\"iss\":\"kestrel\"}", false),
            ("{\"role\":\"web\"}", false),
            ("{\"sub\":\"admin\",\"exp\":1900000000}", false),
            ("kestrel", false),
        ] {
            assert_eq!(is_nobodys(payload), expected, "{payload}");
        }
        assert_eq!(number("{\"exp\": 1700000000, \"a\": 1}", "exp"), Some(1_700_000_000));
        assert_eq!(number("{\"exp\": \"soon\"}", "exp"), None);
        assert_eq!(day_of(1_700_000_000), Date::parse("2023-11-14"));
        assert_eq!((day_of(1_700_000_000_000), day_of(i64::MAX)), (None, None), "milliseconds, and for ever");
        assert_eq!(number("{}", "exp"), None);
    }
}
