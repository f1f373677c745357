//! The inventories as text: one file per output, one line per output in [`IMAGES`], [`SEALED`] and
//! [`STORAGE`]. Groups nothing.

mod cells;
mod csv;
mod cyclonedx;
mod dot;
mod image_table;
mod json;
mod look;
mod markdown;
mod mermaid;
mod picture;
mod sealed_table;
mod storage_table;
mod table;
mod volume_table;

#[cfg(feature = "cli")]
pub(super) use json::v1_gap;
#[cfg(feature = "cli")]
pub use json::{IMAGES_SCHEMA, STORAGE_SCHEMA};
pub use look::{Grouping, Look};

use crate::inventory::{ImageStock, SealedStock, StorageStock};
use crate::redact::Shown;

/// One way of telling an inventory.
#[derive(Clone, Copy, Debug)]
pub struct Listing<Stock> {
    /// The word after `--output`.
    pub name: &'static str,
    /// One line for `--help` and the documentation.
    pub about: &'static str,
    emit: fn(&Stock, &Look) -> String,
}

impl<Stock> Listing<Stock> {
    #[cfg(feature = "cli")]
    pub(in crate::emit) const fn new(
        name: &'static str,
        about: &'static str,
        emit: fn(&Stock, &Look) -> String,
    ) -> Listing<Stock> {
        Listing { name, about, emit }
    }

    pub fn tell(&self, stock: &Shown<Stock>, look: &Look) -> Shown<String> {
        stock.told(self.emit, look)
    }
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

/// Every output of the files that are meant to be encrypted; the first is what a terminal gets.
pub const SEALED: &[Listing<SealedStock>] = &[
    Listing { name: "table", about: "for people at a terminal", emit: sealed_table::emit },
    Listing { name: "json", about: "everything, in the frozen schema pintle/v1", emit: json::sealed },
];

/// Every output of the storage, in the order of the documentation; the first is what a terminal gets.
pub const STORAGE: &[Listing<StorageStock>] = &[
    Listing { name: "table", about: "for people at a terminal", emit: storage_table::emit },
    Listing { name: "json", about: "everything, in the frozen schema pintle/v1", emit: json::storage },
    Listing { name: "markdown", about: "tables for a wiki or a job summary", emit: markdown::storage },
    Listing { name: "mermaid", about: "a picture, for pages that draw Mermaid", emit: mermaid::emit },
    Listing { name: "dot", about: "a picture, for Graphviz", emit: dot::emit },
];
