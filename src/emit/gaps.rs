//! What was not read, as lines below what people asked for.

use crate::inventory::Gap;
use crate::redact::clean;

/// More lines than these hide what was asked for.
const SHOWN: usize = 20;

/// A line for each of the first few, none longer than it is; and one for the others.
pub(super) fn lines(gaps: &[Gap]) -> Vec<String> {
    let mut out: Vec<String> =
        gaps.iter().take(SHOWN).map(|gap| clean(&gap.to_string()).into_owned()).collect();
    if gaps.len() > SHOWN {
        out.push(format!("and {} more: `pintle lint` tells them", gaps.len() - SHOWN));
    }
    out
}

/// The same with a heading, each line behind a mark; nothing where all was read.
pub(super) fn told(gaps: &[Gap], mark: &str) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let lines: String = lines(gaps).into_iter().map(|line| format!("{mark}  {line}\n")).collect();
    format!("{mark}not all was read:\n{lines}")
}
