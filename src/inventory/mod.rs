//! What is there, rather than what is wrong: the images that run, and where data is kept, in rows for people. Judges
//! nothing, and knows no output.

mod gaps;
mod ground;
mod hints;
mod images;
mod often;
mod picture;
mod place;
mod purl;
mod sealed;
mod sections;
mod shown;
mod storage;
mod volumes;

pub use gaps::Gap;
pub use ground::Ground;
pub use images::{ImageRow, ImageStock, WORDS};
pub use picture::{Frame, Link, Node, Picture, Shape};
pub use place::Spot;
pub use purl::purl;
pub use sealed::{SealedRow, SealedStock};
pub use sections::{Section, Shelf, Whose, short};
pub use storage::{BackupRow, ClaimRow, DatabaseRow, Hint, StorageStock, Untold};
pub use volumes::{Lies, VolumeRow};

use crate::finding::Report;
use crate::join::{Joined, Seat};
use crate::text::Span;

/// Every place that an inventory tells: the texts under these spans must be kept before it is made.
pub fn spans(report: &Report, joined: &Joined) -> Vec<Span> {
    let seats = joined.seats.iter().chain(&joined.seatless).chain(&joined.embedded);
    let seats = seats.chain(joined.holdings.iter().map(|one| &one.seat));
    let seats = seats.chain(joined.disks.iter().map(|one| &one.seat));
    let plans = |seat: &Seat| {
        let timers = seat.copies.by.iter().map(|copied| report.facts.backups[copied.timer].origin.span());
        timers.collect::<Vec<_>>()
    };
    let declared = |seat: &Seat| Some(report.facts.databases.get(seat.database?)?.origin.span());
    let mut spans: Vec<Span> = seats
        .flat_map(|seat| {
            let road = seat.also.iter().map(|(span, _)| *span).chain(seat.origin.road().map(|(_, at)| at));
            std::iter::once(seat.origin.span()).chain(road).chain(plans(seat)).chain(declared(seat))
        })
        .chain(joined.running(&report.facts).map(|(fact, _)| fact.origin.span()))
        .chain(joined.not_listed.iter().map(|one| one.at))
        .chain(joined.holdings.iter().flat_map(|one| one.used_at.iter().copied()))
        .collect();
    spans.sort();
    spans.dedup_by_key(|span| span.source);
    spans.retain(|span| (span.source.0 as usize) < report.sources.len());
    spans
}
