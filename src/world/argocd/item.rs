//! Values on their way through a Go template: what kind each is to Go, whether it is true, and how it is written.

use super::super::edit;
use super::super::typed::{self, Typed};
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::text::{Origin, Part, Span};

/// Why an action gives nothing.
#[derive(Debug)]
pub(super) enum Stop {
    /// It asks for more than is understood here.
    Unknown,
    /// A value that the generator does not give.
    Absent(String),
    /// The tool stops here too, for this reason.
    Refused(String),
}

/// What an action gives.
pub(super) type Given = Result<Item, Stop>;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Node(Node),
    /// A number of a template. Those of generators come from JSON, and are fractions to Go.
    Int(i64),
    Bool(bool),
    /// A field that is not there, by name.
    Absent(String),
}

/// What a value is to Go.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Text,
    Int(i64),
    Float(f64),
    Bool(bool),
    List,
    Map,
    Nothing,
    Unknown,
}

impl Item {
    pub(super) fn text(part: &Part) -> Item {
        Item::Node(edit::text(part))
    }

    /// A text that is written nowhere; `site` is what asked for it.
    pub(super) fn made(text: impl Into<String>, site: Span) -> Item {
        Item::text(&Part::new(text.into(), Origin::spelled(site)))
    }

    /// A list that is written nowhere.
    pub(super) fn list(items: Vec<Item>, site: Span) -> Item {
        let items = items.into_iter().map(|item| item.node(site)).collect();
        Item::Node(Node::list(Origin::spelled(site), items))
    }

    /// A fraction that is written nowhere.
    pub(super) fn float(number: f64, site: Span) -> Item {
        let scalar = Scalar::new(float(number).into(), Style::Plain);
        Item::Node(Node::new(Origin::spelled(site), Value::Scalar(scalar)))
    }

    pub(super) fn kind(&self) -> Kind {
        let node = match self {
            Item::Node(node) => node,
            Item::Int(number) => return Kind::Int(*number),
            Item::Bool(truth) => return Kind::Bool(*truth),
            Item::Absent(_) => return Kind::Nothing,
        };
        match &node.value {
            Value::Null => Kind::Nothing,
            Value::Hole => Kind::Unknown,
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Map,
            Value::Scalar(scalar) => match (typed::typed(scalar, node.tag()), node.tag()) {
                (Typed::Null, _) => Kind::Nothing,
                (Typed::Bool(truth), _) => Kind::Bool(truth),
                (Typed::Number(number), Tag::Whole) => Kind::Int(number.as_i64().unwrap_or_default()),
                (Typed::Number(number), _) => Kind::Float(number.as_f64().unwrap_or_default()),
                (Typed::Text, _) => Kind::Text,
            },
        }
    }

    /// Takes its size, in bytes and entries, from what may be used; false if that is not enough. Values that hold each
    /// other are counted as often as they would be written.
    pub(super) fn fits(&self, budget: &mut usize) -> bool {
        match self {
            Item::Node(node) => fits(node, budget),
            _ => true,
        }
    }

    /// Whether a condition takes it for true.
    pub(super) fn is_true(&self) -> Result<bool, Stop> {
        Ok(match (self.kind(), self) {
            (Kind::Unknown, _) => return Err(Stop::Unknown),
            (Kind::Nothing, _) => false,
            (Kind::Int(number), _) => number != 0,
            (Kind::Float(number), _) => number != 0.0,
            (Kind::Bool(truth), _) => truth,
            (_, Item::Node(node)) => node
                .text()
                .map_or(!node.items().is_empty() || !node.entries().is_empty(), |text| !text.is_empty()),
            _ => false,
        })
    }

    /// The value as a tree.
    pub(super) fn node(self, site: Span) -> Node {
        let plain = |text: String| {
            let scalar = Scalar::new(text.into(), Style::Plain);
            Node::new(Origin::spelled(site), Value::Scalar(scalar))
        };
        match self {
            Item::Node(node) => node,
            Item::Int(number) => {
                let scalar = Scalar::new(number.to_string().into(), Style::Plain);
                Node::new(Origin::spelled(site), Value::Scalar(Scalar { tag: Tag::Whole, ..scalar }))
            }
            Item::Bool(truth) => plain(truth.to_string()),
            Item::Absent(_) => Node::new(Origin::spelled(site), Value::Null),
        }
    }

    /// What it looks like when it is written.
    pub(super) fn written(&self, site: Span) -> Result<Part, Stop> {
        let made = |text: String| Part::new(text, Origin::spelled(site));
        let node = match self {
            Item::Node(node) => node,
            Item::Int(number) => return Ok(made(number.to_string())),
            Item::Bool(truth) => return Ok(made(truth.to_string())),
            Item::Absent(name) => return Err(Stop::Absent(name.clone())),
        };
        let text = printed(node).ok_or(Stop::Unknown)?;
        match node.part() {
            Some(part) if part.text == text => Ok(part),
            _ if self.kind() == Kind::Nothing => Err(Stop::Absent("null".into())),
            _ => Ok(Part::new(text, Origin::spelled(node.span()))),
        }
    }
}

fn fits(node: &Node, budget: &mut usize) -> bool {
    let own = 1 + node.text().map_or(0, str::len);
    match budget.checked_sub(own) {
        Some(left) => *budget = left,
        None => return false,
    }
    node.items().iter().all(|item| fits(item, budget))
        && node.entries().iter().all(|(key, value)| fits(key, budget) && fits(value, budget))
}

/// A tree as Go prints it; nothing if it is not known.
fn printed(node: &Node) -> Option<String> {
    Some(match (&node.value, Item::Node(node.clone()).kind()) {
        (_, Kind::Unknown) => return None,
        (_, Kind::Nothing) => "<nil>".into(),
        (_, Kind::Int(number)) => number.to_string(),
        (_, Kind::Float(number)) => float(number),
        (_, Kind::Bool(truth)) => truth.to_string(),
        (Value::List(items), _) => {
            let items = items.iter().map(printed).collect::<Option<Vec<String>>>()?;
            format!("[{}]", items.join(" "))
        }
        (Value::Map(entries), _) => {
            let mut sorted: Vec<(&str, &Node)> =
                entries.iter().map(|(key, value)| (key.text().unwrap_or("null"), value)).collect();
            sorted.sort_by_key(|(key, _)| *key);
            let entries = sorted.into_iter().map(|(key, value)| Some(format!("{key}:{}", printed(value)?)));
            format!("map[{}]", entries.collect::<Option<Vec<String>>>()?.join(" "))
        }
        _ => node.text().unwrap_or_default().to_owned(),
    })
}

/// A fraction as Go prints it: of a million or more, and of very little, with an exponent.
fn float(number: f64) -> String {
    let short = format!("{number:e}");
    let (digits, exponent) = short.split_once('e').unwrap_or((&short, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => number.to_string(),
    }
}
