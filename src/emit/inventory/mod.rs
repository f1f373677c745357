//! What is there, rather than what is wrong: the images that run, and where data is kept. One file per output, one
//! line per output in [`IMAGES`] and [`STORAGE`]. Judges nothing.

mod csv;
mod cyclonedx;
mod image_table;
mod images;
mod json;
mod markdown;
mod purl;
mod storage;
mod storage_table;
mod table;

pub use images::{ImageRow, ImageStock};
pub use json::{IMAGES_SCHEMA, STORAGE_SCHEMA};
pub use storage::{ClaimRow, DatabaseRow, StorageStock};

use super::Colour;
use crate::finding::Report;
use crate::join::Joined;
use crate::text::{Place, Sources, Span};

/// One way of telling an inventory.
#[derive(Clone, Copy, Debug)]
pub struct Listing<Stock> {
    /// The word after `--output`.
    pub name: &'static str,
    /// One line for `--help` and the documentation.
    pub about: &'static str,
    pub emit: fn(&Stock, &Look) -> String,
}

/// Every output of the images, in the order of the documentation; the first is what a terminal gets.
pub const IMAGES: &[Listing<ImageStock>] = &[
    Listing { name: "table", about: "for people at a terminal", emit: image_table::emit },
    Listing { name: "json", about: "everything, in the frozen schema pintle/v1", emit: json::images },
    Listing { name: "csv", about: "one line per image, for spreadsheets and scripts", emit: csv::emit },
    Listing { name: "markdown", about: "a table for a wiki or a job summary", emit: markdown::images },
    Listing {
        name: "cyclonedx",
        about: "CycloneDX 1.6 in JSON, for software inventories",
        emit: cyclonedx::emit,
    },
];

/// Every output of the storage, in the order of the documentation; the first is what a terminal gets.
pub const STORAGE: &[Listing<StorageStock>] = &[
    Listing { name: "table", about: "for people at a terminal", emit: storage_table::emit },
    Listing { name: "json", about: "everything, in the frozen schema pintle/v1", emit: json::storage },
    Listing { name: "markdown", about: "tables for a wiki or a job summary", emit: markdown::storage },
];

/// What a table for people needs to know of where it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: Colour,
    /// Columns of the terminal.
    pub width: usize,
    pub grouping: Grouping,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    Flat,
    /// By registry.
    Tree,
}

/// A place as inventories tell it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    pub file: String,
    pub start: Place,
}

impl Spot {
    fn of(sources: &Sources, span: Span) -> Spot {
        Spot { file: sources.name(span.source).to_owned(), start: sources.places(span).0 }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.start.line, self.start.column)
    }
}

/// Every place that an inventory tells: the texts under these spans must be kept before it is made.
pub fn spans(report: &Report, joined: &Joined) -> Vec<Span> {
    let seats =
        joined.seats.iter().chain(&joined.seatless).chain(joined.holdings.iter().map(|one| &one.seat));
    let mut spans: Vec<Span> = seats
        .flat_map(|seat| std::iter::once(seat.origin.span()).chain(seat.also.iter().map(|(span, _)| *span)))
        .chain(joined.runs.iter().map(|run| run.origin.span()))
        .collect();
    spans.sort();
    spans.dedup_by_key(|span| span.source);
    spans.retain(|span| (span.source.0 as usize) < report.sources.len());
    spans
}
