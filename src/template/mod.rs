//! The engine of Go templates as helm uses them: templates, values, functions and places. Knows no chart, no disk and no
//! Kubernetes.
//!
//! A [`Set`] holds the templates of one render and its table of places. Values are made of trees by [`Set::value`] and are
//! shared by reference, so that templates which change them see each other's changes, in the order in which they are
//! executed. What a template writes is a text with its pieces ([`Rendered`]): where each of its bytes was written is told
//! when somebody asks.

mod dump;
mod execute;
mod fault;
mod fields;
mod functions;
mod host;
mod names;
mod numbers;
mod parse;
#[cfg(test)]
mod parsers;
mod place;
mod print;
mod read;
mod rope;
mod scalar;
pub mod semver;
mod set;
mod source;
mod stop;
#[cfg(test)]
mod tests;
mod tool;
mod tree;
mod value;

pub use fault::{Fault, Why};
pub use host::{Beside, Bounds, Guess};
pub use place::{Place, Places};
pub use print::printed_number;
pub use rope::Text;
pub use set::{Rendered, Set};
pub use stop::Stop;

pub use tool::Tool;
pub use value::{Entries, Given, Map, Methods, Object, Value};

/// How sentences about sets of Applications call what gives their values; whoever knows more puts in which one it is.
pub const THIS_GENERATOR: &str = "this generator";

/// A value as `toYaml` writes it, for what charts are given beside their values.
pub fn to_yaml(value: &Value, places: &Places) -> Given {
    dump::yaml(value, Place::NOWHERE, places).map(Value::Text)
}
