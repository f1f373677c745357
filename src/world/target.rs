//! One value at a path within values, as `helm --set` writes both: `a.b[0]\.c`, and a text that may be a number.

use super::edit;
use crate::limits::MOST_ITEMS_SET;
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{Origin, Part, Str};

/// A path: keys and places in lists.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Path(Vec<Step>);

#[derive(PartialEq, Eq, Debug)]
enum Step {
    Key(Str),
    Index(usize),
}

/// Why a path is not read.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Unread {
    NoPath,
    /// It means an item behind those that are set here.
    TooFar,
}

impl Path {
    /// Reads a path.
    pub(super) fn read(text: &str) -> Result<Path, Unread> {
        let (mut steps, mut key, mut letters) = (Vec::new(), String::new(), text.chars());
        // Behind a place in a list a dot or another place follows, and no key.
        let mut is_behind_index = false;
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => key.push(letters.next().ok_or(Unread::NoPath)?),
                '.' if is_behind_index => is_behind_index = false,
                '.' => steps.push(Step::Key(std::mem::take(&mut key).into())),
                '[' => {
                    if !is_behind_index {
                        steps.push(Step::Key(std::mem::take(&mut key).into()));
                    }
                    let (number, rest) = letters.as_str().split_once(']').ok_or(Unread::NoPath)?;
                    steps.push(Step::Index(index(number)?));
                    letters = rest.chars();
                    is_behind_index = true;
                }
                ',' | '=' => return Err(Unread::NoPath),
                _ if is_behind_index => return Err(Unread::NoPath),
                other => key.push(other),
            }
        }
        if !is_behind_index {
            steps.push(Step::Key(key.into()));
        }
        let is_named = |step: &Step| !matches!(step, Step::Key(key) if key.is_empty());
        if steps.iter().all(is_named) { Ok(Path(steps)) } else { Err(Unread::NoPath) }
    }

    /// Puts a value at the path, with the maps and lists that lead there.
    pub(super) fn set(&self, root: &mut Node, value: Node) {
        let mut node = root;
        for step in &self.0 {
            let next = match step {
                Step::Key(key) => in_map(node, key, &value.origin),
                Step::Index(at) => in_list(node, *at, &value.origin),
            };
            let Some(next) = next else { return };
            node = next;
        }
        let loser = node.span();
        let origin = if node.is_null() { value.origin.clone() } else { edit::over(&value.origin, loser) };
        *node = Node { origin, ..value };
    }
}

/// The number of an item. The tool takes none behind its own bound.
fn index(number: &str) -> Result<usize, Unread> {
    const TOOL_TAKES: usize = 65_536;
    match number.parse::<usize>() {
        Ok(at) if at < MOST_ITEMS_SET => Ok(at),
        Ok(at) if at <= TOOL_TAKES => Err(Unread::TooFar),
        _ => Err(Unread::NoPath),
    }
}

fn in_map<'n>(node: &'n mut Node, key: &str, at: &Origin) -> Option<&'n mut Node> {
    if !node.is_map() {
        *node = edit::empty_map(at);
    }
    if node.get(key).is_none() {
        edit::set(node, key, nothing(at));
    }
    edit::get_mut(node, key)
}

fn in_list<'n>(node: &'n mut Node, index: usize, at: &Origin) -> Option<&'n mut Node> {
    if !node.is_list() {
        *node = Node::list(Origin::spelled(at.span()), Vec::new());
    }
    let items = edit::items_mut(node)?;
    while items.len() <= index {
        items.push(nothing(at));
    }
    items.get_mut(index)
}

fn nothing(at: &Origin) -> Node {
    Node::new(Origin::spelled(at.span()), Value::Null)
}

/// What a text stands for: a whole number, a truth, nothing, or itself. In quotes it is always itself.
pub(super) fn value(text: &Part) -> Node {
    let quotes = ['\'', '"'];
    let is_in = |quote: char| text.text.starts_with(quote) && text.text.ends_with(quote);
    let is_quoted = quotes.into_iter().any(is_in);
    let inner = if is_quoted { without(text, quotes) } else { text.clone() };
    let whole = inner.text.as_str();
    // A list, or several values at once.
    if whole.starts_with('{') || whole.replace("\\,", "").contains(',') {
        return Node::new(inner.origin, Value::Hole);
    }
    if is_quoted {
        return literal(&unescaped(&inner));
    }
    match whole.to_ascii_lowercase().as_str() {
        "null" => Node::new(inner.origin, Value::Null),
        "true" | "false" => plain(&inner),
        // A nought in front makes it a text.
        _ if whole == "0" || !whole.starts_with('0') && whole.parse::<i64>().is_ok() => plain(&inner),
        _ => literal(&unescaped(&inner)),
    }
}

fn without(text: &Part, quotes: [char; 2]) -> Part {
    let start = text.text.len() - text.text.trim_start_matches(quotes).len();
    let end = text.text.trim_end_matches(quotes).len();
    text.slice(start..end.max(start))
}

fn unescaped(text: &Part) -> Part {
    if !text.text.contains('\\') {
        return text.clone();
    }
    let mut out = String::new();
    let mut letters = text.text.chars();
    while let Some(letter) = letters.next() {
        out.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Part::new(out, Origin::spelled(text.span()))
}

fn plain(text: &Part) -> Node {
    scalar(text, Style::Plain)
}

fn literal(text: &Part) -> Node {
    scalar(text, Style::Double)
}

fn scalar(text: &Part, style: Style) -> Node {
    Node::new(text.origin.clone(), Value::Scalar(Scalar::new(text.text.clone(), style)))
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

    /// What `helm --set` makes of these.
    #[test]
    fn values_are_put_at_their_paths() {
        for (before, path, text, after) in [
            ("{}", "a", "x", r#"{"a":"x"}"#),
            ("{a: {b: 1}}", "a.c", "x", r#"{"a":{"b":1,"c":"x"}}"#),
            ("{a: {b: 1}}", "a.b", "2", r#"{"a":{"b":2}}"#),
            ("{}", "a\\.b.c", "x", r#"{"a.b":{"c":"x"}}"#),
            ("{}", "a[1].b", "x", r#"{"a":[null,{"b":"x"}]}"#),
            ("{a: [{b: 1, c: 2}]}", "a[0].b", "x", r#"{"a":[{"b":"x","c":2}]}"#),
            ("{}", "a[0][1]", "x", r#"{"a":[[null,"x"]]}"#),
            ("{}", "a", "true", r#"{"a":true}"#),
            ("{}", "a", "\"true\"", r#"{"a":"true"}"#),
            ("{}", "a", "'12'", r#"{"a":"12"}"#),
            ("{}", "a", "'", r#"{"a":""}"#),
            ("{}", "a", "TRUE", r#"{"a":true}"#),
            ("{}", "a", " 5", r#"{"a":" 5"}"#),
            ("{}", "a", "x=y", r#"{"a":"x=y"}"#),
            ("{}", "a b.c", "x", r#"{"a b":{"c":"x"}}"#),
            ("{}", "a\\[0\\]", "x", r#"{"a[0]":"x"}"#),
            ("{}", "a", "-12", r#"{"a":-12}"#),
            ("{}", "a", "012", r#"{"a":"012"}"#),
            ("{}", "a", "0", r#"{"a":0}"#),
            ("{}", "a", "1.10", r#"{"a":"1.10"}"#),
            ("{a: 1}", "a", "null", r#"{"a":null}"#),
            ("{}", "a", "x\\,y", r#"{"a":"x,y"}"#),
            ("{}", "a", "", r#"{"a":""}"#),
            ("{a: 1}", "a[1001]", "x", r#"{"a":1}"#),
            ("{a: 1}", "a[x]", "x", r#"{"a":1}"#),
            ("{a: 1}", "a..b", "x", r#"{"a":1}"#),
        ] {
            let mut root = yaml::read(SourceId(0), before).documents.remove(0).root;
            if let Ok(path) = Path::read(path) {
                path.set(&mut root, value(&part(text)));
            }
            assert_eq!(typed::json(&root).to_string(), after, "{path}={text}");
        }
    }

    #[test]
    fn paths_that_are_not_read() {
        for (path, why) in [
            ("a[1000]", Unread::TooFar),
            ("a[65536]", Unread::TooFar),
            ("a[65537]", Unread::NoPath),
            ("a[x]", Unread::NoPath),
            ("a[1", Unread::NoPath),
            ("a..b", Unread::NoPath),
            ("a=b", Unread::NoPath),
        ] {
            assert_eq!(Path::read(path), Err(why), "{path}");
        }
    }

    #[test]
    fn what_is_several_values_at_once_is_unknown() {
        for text in ["{a,b}", "x,y=z", "'x,y'"] {
            assert!(value(&part(text)).is_hole(), "{text}");
        }
    }
}
