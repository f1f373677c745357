//! One value at a path within values, as Flux's `targetPath` has it: what `helm --set` says, and quotes around a text.

use super::helm::{Kind, set};
use crate::syntax::Node;
use crate::text::{Origin, Part, Weave};

/// What the text of a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// A number, a truth, a list, or in quotes a text.
    Typed,
    /// `literal: true`: a text, whatever it looks like.
    Literal,
    /// Nobody here sees it.
    Unknown,
}

/// Puts a text at a path of values. What helm refuses changes nothing.
pub(super) fn put(values: &mut Node, path: &Part, text: &Part, reading: Reading) {
    let quotes = ['\'', '"'];
    let is_in = |quote: char| text.text.starts_with(quote) && text.text.ends_with(quote);
    let is_quoted = reading == Reading::Typed && quotes.into_iter().any(is_in);
    let text = if is_quoted { without(text, quotes) } else { text.clone() };
    let kind = match reading {
        Reading::Literal => Kind::Literal,
        Reading::Typed if !is_quoted => Kind::Typed,
        _ => Kind::Text,
    };
    let mut changed = values.clone();
    if set(&line(path, &text), kind, &mut changed).is_ok() {
        *values = changed;
    }
}

/// `path=text`, each half with its own place.
fn line(path: &Part, text: &Part) -> Part {
    let mut weave = Weave::with_capacity(3);
    weave.push(path.text.len(), path.origin.clone());
    weave.push(1, Origin::spelled(path.span()));
    weave.push(text.text.len(), text.origin.clone());
    Part::new(format!("{}={}", path.text, text.text), Origin::woven(path.span(), weave))
}

fn without(text: &Part, quotes: [char; 2]) -> Part {
    let start = text.text.len() - text.text.trim_start_matches(quotes).len();
    let end = text.text.trim_end_matches(quotes).len();
    text.slice(start..end.max(start))
}

#[cfg(test)]
mod tests {
    use super::super::typed;
    use super::*;
    use crate::syntax::yaml;
    use crate::text::{SourceId, Span};

    fn part(text: &str) -> Part {
        Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())))
    }

    fn told(before: &str, path: &str, text: &str, reading: Reading) -> String {
        let mut root = yaml::read(SourceId(0), before).documents.remove(0).root;
        put(&mut root, &part(path), &part(text), reading);
        typed::json(&root).to_string()
    }

    /// What `helm --set` makes of these, and what quotes take from it.
    #[test]
    fn values_are_put_at_their_paths() {
        for (before, path, text, after) in [
            ("{}", "a", "x", r#"{"a":"x"}"#),
            ("{a: {b: 1}}", "a.c", "x", r#"{"a":{"b":1,"c":"x"}}"#),
            ("{}", "a\\.b.c", "x", r#"{"a.b":{"c":"x"}}"#),
            ("{a: [{b: 1, c: 2}]}", "a[0].b", "x", r#"{"a":[{"b":"x","c":2}]}"#),
            ("{}", "a", "true", r#"{"a":true}"#),
            ("{}", "a", "\"true\"", r#"{"a":"true"}"#),
            ("{}", "a", "'12'", r#"{"a":"12"}"#),
            ("{}", "a", "'", r#"{"a":""}"#),
            ("{}", "a", " 5", r#"{"a":" 5"}"#),
            ("{}", "a", "x=y", r#"{"a":"x=y"}"#),
            ("{}", "a", "x\\,y", r#"{"a":"x,y"}"#),
            ("{}", "a", "", r#"{"a":""}"#),
            ("{}", "a", "{x,1}", r#"{"a":["x",1]}"#),
            ("{}", "a", "x,b=2", r#"{"a":"x","b":2}"#),
            ("{}", "a", "'x,b=2'", r#"{"a":"x","b":"2"}"#),
            ("{a: 1}", "a[x]", "x", r#"{"a":1}"#),
            ("{a: 1}", "a.b", "x", r#"{"a":1}"#),
            ("{a: 1}", "a..b", "x", r#"{"a":1}"#),
        ] {
            assert_eq!(told(before, path, text, Reading::Typed), after, "{path}={text}");
        }
    }

    #[test]
    fn a_literal_is_taken_as_it_is() {
        for text in ["{a,b}", "x,y=z", "'x'", "true", "a\\b"] {
            let expected = serde_json::json!({ "a": text }).to_string();
            assert_eq!(told("{}", "a", text, Reading::Literal), expected);
        }
    }
}
