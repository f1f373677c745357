//! The `tokens` of a vendor's page to the tokens they describe. Knows the fields, not the prose.

use super::checksum::Check;
use super::token::Token;
use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::Str;

/// Reads the `tokens` of the page `rule`. What is wrong with them is a problem at its place.
pub(super) fn read(rule: &Str, tokens: &Front, problems: &mut Vec<Problem>) -> Vec<Token> {
    tokens.items().filter_map(|item| token(item, rule, problems)).collect()
}

fn token(item: Front, rule: &Str, problems: &mut Vec<Problem>) -> Option<Token> {
    let mut fault =
        |says: String, at: &Front| problems.push(Problem::fatal("rule-page", says, Some(at.span())));
    let mut token = Token { rule: rule.clone(), ..Token::default() };
    for (key, value) in item.entries() {
        let texts = || -> Vec<Str> {
            let one = value.text().into_iter();
            one.chain(value.items().filter_map(|item| item.text())).collect()
        };
        match key.text().unwrap_or_default().as_str() {
            "what" => token.what = value.text().unwrap_or_default(),
            "keywords" => token.keywords = texts(),
            "pattern" => token.pattern = value.text().unwrap_or_default(),
            "near" => token.near = texts().iter().map(|word| word.to_ascii_lowercase().into()).collect(),
            "entropy" => match value.text().and_then(|text| text.parse().ok()) {
                Some(bits) => token.entropy = Some(bits),
                None => fault("entropy is a number of bits per character".into(), &value),
            },
            "checksum" => match value.text().and_then(|text| Check::parse(&text)) {
                Some(check) => token.check = Some(check),
                None => {
                    let known: Vec<&str> = Check::NAMES.iter().map(|(name, _)| *name).collect();
                    fault(format!("no such checksum; there are {}", known.join(", ")), &value);
                }
            },
            "examples" => token.examples = Some(value),
            "near-misses" => token.near_misses = Some(value),
            other => fault(format!("a token has no field `{other}`"), &key),
        }
    }
    if token.what.is_empty() || token.pattern.is_empty() {
        fault("a token needs `what` and `pattern`".into(), &item);
        return None;
    }
    if token.keywords.is_empty() && token.near.is_empty() {
        fault("a token needs `keywords` or `near`, or nothing would ever look for it".into(), &item);
        return None;
    }
    if let Some(short) = token.keywords.iter().find(|word| word.len() < 3) {
        fault(format!("the keyword `{short}` is too short: three characters at least"), &item);
        return None;
    }
    Some(token)
}
