//! What a change does, as text: one file per output, one line per output in [`DELTAS`]. Compares nothing.

mod compared;
mod images;
mod json;
mod markdown;
mod places;
mod rows;
#[cfg(test)]
mod sample;
mod table;

pub use compared::Compared;
pub use json::DIFF_SCHEMA;

use super::inventory::Listing;

/// Every output of a comparison, in the order of the documentation; the first is what a terminal gets.
pub const DELTAS: &[Listing<Compared>] = &[
    Listing::new("table", "for people at a terminal", table::emit),
    Listing::new(
        "markdown",
        "for a comment or a job summary: one that carries a mark to be found by",
        markdown::emit,
    ),
    Listing::new("json", "everything, in the schema pintle/v1", json::emit),
    Listing::new(
        "images",
        "one reference a line: what is pulled anew, for mirrors and scanners",
        images::emit,
    ),
    Listing::new("github", "annotations at the changed lines", places::github),
    Listing::new("rdjson", "for reviewdog", places::rdjson),
];
