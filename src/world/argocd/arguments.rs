//! What a function of a template is given, asked for by kind: what Go refuses there is refused.

use super::item::{Item, Kind, Stop};
use crate::syntax::Node;
use crate::text::{Part, Span};

/// The arguments of a call, the piped one last.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) items: Vec<Item>,
    /// The action that calls.
    pub(super) site: Span,
}

impl Arguments {
    fn at(&self, at: usize) -> Result<&Item, Stop> {
        self.items.get(at).ok_or_else(|| Stop::Refused("a function takes more arguments".into()))
    }

    fn wrong(&self, at: usize, wanted: &str) -> Stop {
        match (self.at(at).map(Item::kind), self.items.get(at)) {
            (Ok(Kind::Unknown), _) => Stop::Unknown,
            (Ok(Kind::Nothing), Some(Item::Absent(name))) => Stop::Refused(format!(
                "`{name}` is no value of this generator, and a function takes {wanted}"
            )),
            _ => Stop::Refused(format!("a function takes {wanted}, and is given something else")),
        }
    }

    /// A text, and nothing that merely looks like one.
    pub(super) fn text(&self, at: usize) -> Result<Part, Stop> {
        match (self.at(at)?, self.at(at)?.kind()) {
            (Item::Node(node), Kind::Text) => node.part().ok_or(Stop::Unknown),
            _ => Err(self.wrong(at, "a text")),
        }
    }

    /// A whole number, and no fraction, as those of generators are.
    pub(super) fn whole(&self, at: usize) -> Result<i64, Stop> {
        match self.at(at)?.kind() {
            Kind::Int(number) => Ok(number),
            _ => Err(self.wrong(at, "a whole number")),
        }
    }

    pub(super) fn map(&self, at: usize) -> Result<&Node, Stop> {
        match (self.at(at)?, self.at(at)?.kind()) {
            (Item::Node(node), Kind::Map) => Ok(node),
            _ => Err(self.wrong(at, "a map")),
        }
    }

    pub(super) fn items(&self, at: usize) -> Result<Vec<Item>, Stop> {
        match (self.at(at)?, self.at(at)?.kind()) {
            (Item::Node(node), Kind::List) => Ok(node.items().iter().cloned().map(Item::Node).collect()),
            _ => Err(self.wrong(at, "a list")),
        }
    }

    /// Anything, as it is written.
    pub(super) fn written(&self, at: usize) -> Result<Part, Stop> {
        self.at(at)?.written(self.site)
    }

    /// Anything that can be made a whole number, as sprig makes it one.
    pub(super) fn number(&self, at: usize) -> Result<i64, Stop> {
        let item = self.at(at)?;
        Ok(match item.kind() {
            Kind::Int(number) => number,
            Kind::Float(number) => number as i64,
            Kind::Bool(truth) => i64::from(truth),
            Kind::Text => self.text(at)?.text.trim_start_matches('0').parse().unwrap_or(0),
            Kind::Unknown => return Err(Stop::Unknown),
            Kind::Nothing | Kind::List | Kind::Map => 0,
        })
    }

    /// What Go calls the kind of a value.
    pub(super) fn kind_name(&self, at: usize) -> Result<&'static str, Stop> {
        Ok(match self.at(at)?.kind() {
            Kind::Text => "string",
            Kind::Int(_) => "int",
            Kind::Float(_) => "float64",
            Kind::Bool(_) => "bool",
            Kind::List => "slice",
            Kind::Map => "map",
            Kind::Nothing => "invalid",
            Kind::Unknown => return Err(Stop::Unknown),
        })
    }
}
