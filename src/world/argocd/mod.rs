//! Argo CD: what Applications deliver, and which of them an ApplicationSet makes.
//!
//! As everywhere in this room the tool's own ways are the specification. Charts, Jsonnet and plugins are not run: each
//! is a fault with a place.

mod application;
mod chart;
mod directory;
mod execute;
mod fields;
mod glob;
mod ground;
mod options;
mod plant;
mod scope;
mod set;
mod settings;
mod template;
mod values;

pub(super) use plant::{follow, is_ours, plant};

use crate::syntax::{Node, Style, Value};

/// Whether a value says nothing, to a tool that cannot tell that from its absence.
fn is_zero(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Scalar(scalar) if scalar.style == Style::Plain => {
            matches!(scalar.text.as_str(), "" | "false" | "0")
        }
        Value::Scalar(scalar) => scalar.text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.iter().all(|(_, value)| is_zero(value)),
        Value::Hole => false,
    }
}
