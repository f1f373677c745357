//! The tree that every grammar ends in: scalars, lists and maps, each knowing where it was written.

use crate::text::{Origin, Part, Span, Str};
use std::sync::Arc;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    pub root: Node,
    /// Its comments, in the order of the text.
    pub remarks: Vec<Remark>,
}

/// One comment: its span starts at the comment sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    pub span: Span,
    pub text: Str,
    /// Where its line begins.
    pub line: u32,
}

/// The comment that stands behind a value on its line, without its sign.
pub fn remark_behind(remarks: &[Remark], value: Span) -> Option<Part> {
    let next = remarks.partition_point(|remark| remark.span < value);
    let remark = remarks[next..].iter().find(|remark| remark.span.start >= value.end)?;
    (remark.line <= value.end).then(|| {
        let whole = Part::new(remark.text.clone(), Origin::verbatim(remark.span));
        let start = whole.text.len() - whole.text.trim_start_matches(['#', '/', ' ', '\t']).len();
        whole.slice(start..whole.text.trim_end().len().max(start))
    })
}

/// A value and its place. The origin of a scalar covers its text without quotes where that text is the value
/// byte for byte; otherwise (escapes, block scalars) the whole token, with a weave to find slices in it.
#[derive(Clone, Debug)]
pub struct Node {
    pub origin: Origin,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Scalar(Scalar),
    /// Shared: a copy of a tree costs one count, and a change copies the way down to what changes.
    List(Arc<Vec<Node>>),
    /// Keys in the order of the text; of equal keys only the last, but in a masked template all: they mostly stand
    /// in two branches of a condition.
    Map(Arc<Vec<(Node, Node)>>),
    /// Not rendered, so unknown: a template action, a value from elsewhere.
    Hole,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scalar {
    pub text: Str,
    pub style: Style,
    /// What its tag says. Those of lists and maps say nothing that anybody asks for.
    pub tag: Tag,
}

/// What a tag says of a scalar.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Tag {
    /// There is none.
    #[default]
    None,
    /// `!!str`, `!`
    Text,
    /// `!!binary`
    Binary,
    /// `!!int`
    Whole,
    /// `!!timestamp`
    Time,
    /// Another one that YAML knows: `!!float`, `!!bool`.
    Known,
    /// `!vault`
    Vault,
    /// One that only its reader knows, which may put anything in its place: `!secret`.
    Own,
}

impl Tag {
    pub fn read(text: &str) -> Tag {
        match text {
            "" => Tag::None,
            "!!str" | "!" => Tag::Text,
            "!!binary" => Tag::Binary,
            "!!int" => Tag::Whole,
            "!!timestamp" => Tag::Time,
            "!vault" => Tag::Vault,
            _ if text.starts_with("!!") => Tag::Known,
            _ => Tag::Own,
        }
    }

    /// Whether what stands there is decided by who reads it.
    pub fn is_elsewhere(self) -> bool {
        matches!(self, Tag::Vault | Tag::Own)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

impl Scalar {
    /// One without a tag.
    pub fn new(text: Str, style: Style) -> Scalar {
        Scalar { text, style, tag: Tag::None }
    }

    /// Whether YAML reads this as text rather than as a boolean or a number (as the cluster's YAML 1.1 reader does).
    pub fn is_text(&self) -> bool {
        self.style != Style::Plain || !(self.is_bool() || self.is_number())
    }

    pub fn is_bool(&self) -> bool {
        const WORDS: [&str; 11] =
            ["true", "false", "yes", "no", "on", "off", "y", "n", "True", "False", "Yes"];
        self.style == Style::Plain
            && (WORDS.contains(&self.text.as_str())
                || ["No", "On", "Off", "Y", "N", "TRUE", "FALSE", "YES", "NO", "ON", "OFF"]
                    .contains(&self.text.as_str()))
    }

    /// Whether a plain scalar reads as an integer or a float: `16`, `1.10`, `0x1f`, `1e3`, `.5`, `1_000`.
    pub fn is_number(&self) -> bool {
        if self.style != Style::Plain {
            return false;
        }
        let text = self.text.strip_prefix(['-', '+']).unwrap_or(&self.text);
        if matches!(text, ".inf" | ".Inf" | ".INF") || matches!(self.text.as_str(), ".nan" | ".NaN" | ".NAN")
        {
            return true;
        }
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || text == "." {
            return false;
        }
        if let Some(hex) = text.strip_prefix("0x") {
            return !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_');
        }
        if let Some(rest) = text.strip_prefix("0b").or_else(|| text.strip_prefix("0o")) {
            return !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        }
        let clean: String = text.chars().filter(|&c| c != '_').collect();
        clean.bytes().any(|b| b.is_ascii_digit()) && clean.parse::<f64>().is_ok()
    }

    pub fn is_true(&self) -> bool {
        matches!(
            self.text.as_str(),
            "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y"
        )
    }
}

impl Node {
    /// Whether this is the same tree from the same places. What is shared is not walked.
    pub fn is_same(&self, other: &Node) -> bool {
        self.origin == other.origin
            && match (&self.value, &other.value) {
                (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => true,
                (Value::Scalar(own), Value::Scalar(other)) => own == other,
                (Value::List(own), Value::List(other)) => {
                    Arc::ptr_eq(own, other)
                        || own.len() == other.len() && own.iter().zip(&**other).all(|(a, b)| a.is_same(b))
                }
                (Value::Map(own), Value::Map(other)) => {
                    let is_same = |((key, value), (other_key, other)): (&(Node, Node), &(Node, Node))| {
                        key.is_same(other_key) && value.is_same(other)
                    };
                    Arc::ptr_eq(own, other)
                        || own.len() == other.len() && own.iter().zip(&**other).all(is_same)
                }
                _ => false,
            }
    }

    pub fn new(origin: Origin, value: Value) -> Node {
        Node { origin, value }
    }

    pub fn map(origin: Origin, entries: Vec<(Node, Node)>) -> Node {
        Node::new(origin, Value::Map(Arc::new(entries)))
    }

    pub fn list(origin: Origin, items: Vec<Node>) -> Node {
        Node::new(origin, Value::List(Arc::new(items)))
    }

    pub fn span(&self) -> Span {
        self.origin.span()
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key of a map with its value, for who needs the key's place.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries().iter().find(|(name, _)| name.text() == Some(key)).map(|(name, value)| (name, value))
    }

    /// The value at the end of a path of keys and list indices: `at(&["spec", "template"])`.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| match &node.value {
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => node.get(key),
        })
    }

    /// The text of a scalar of any type; nothing for null, lists, maps and holes.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// A scalar with its place, to be cut into facts.
    pub fn part(&self) -> Option<Part> {
        self.scalar().map(|scalar| Part { text: scalar.text.clone(), origin: self.origin.clone() })
    }

    /// The text under a key, if it is a scalar.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    pub fn part_at(&self, key: &str) -> Option<Part> {
        self.get(key).and_then(Node::part)
    }

    /// The items of a list; nothing for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; nothing for anything else.
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    pub fn is_hole(&self) -> bool {
        matches!(self.value, Value::Hole)
    }

    /// What the tag of a scalar says.
    pub fn tag(&self) -> Tag {
        self.scalar().map_or(Tag::None, |scalar| scalar.tag)
    }

    /// How many bytes its texts have together: what an alias stands for counts each time.
    pub fn weight(&self) -> usize {
        let own = self.text().map_or(0, str::len);
        let items = self.items().iter().map(Node::weight);
        let entries = self.entries().iter().map(|(key, value)| key.weight() + value.weight());
        own + items.chain(entries).sum::<usize>()
    }

    /// Calls `visit` with every node below this one and its path (`spec.containers[0].image`), parents first;
    /// `visit` says whether to go further down.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a Node) -> bool) {
        fn go<'a>(node: &'a Node, path: &mut String, visit: &mut dyn FnMut(&str, &'a Node) -> bool) {
            if !visit(path, node) {
                return;
            }
            let len = path.len();
            for (key, value) in node.entries() {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key.text().unwrap_or("?"));
                go(value, path, visit);
                path.truncate(len);
            }
            for (at, item) in node.items().iter().enumerate() {
                use std::fmt::Write;
                let _ = write!(path, "[{at}]");
                go(item, path, visit);
                path.truncate(len);
            }
        }
        go(self, &mut String::new(), visit);
    }
}
