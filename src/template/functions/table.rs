//! The shape of a row in the tables of functions.

use crate::template::host::Call;
use crate::template::value::Given;

/// A function: its name, how many arguments it takes, and what it does.
pub type Function = (&'static str, Arity, fn(&Call) -> Given);

/// How many arguments a function takes.
#[derive(Clone, Copy)]
pub enum Arity {
    Is(usize),
    From(usize),
    Between(usize, usize),
}
