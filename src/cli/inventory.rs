//! `pintle images` and `pintle storage`: what is there, told without a verdict.

use super::args::{Color, Images, Listed, Sort, Stock, Storage, Work};
use super::door::Root;
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, blind, write};
use crate::emit::inventory::{Grouping, IMAGES, Listing, Look, STORAGE};
use crate::emit::{Colour, Reader};
use crate::finding::Report;
use crate::inventory::{ImageStock, StorageStock, WORDS};
use crate::join::Joined;
use crate::redact::{Cover, Redactor, Shown};
use std::path::Path;

/// Outputs that are lines of text, so that several can share standard output.
const LINES: [&str; 2] = ["table", "markdown"];

pub(super) fn images(images: &Images) -> Result<End, Failure> {
    let grouping = match (images.tree, images.sort, terminal::reader()) {
        (true, ..) => Grouping::Tree,
        (false, Sort::Name, _) => Grouping::Flat,
        (false, Sort::Attention, Reader::Pipe) => Grouping::WorstFirst,
        (false, Sort::Attention, Reader::Terminal) => Grouping::WorstLast,
    };
    let is_wanted = |word: &&str| {
        let is_one = images.only.is_empty() || images.only.iter().any(|only| only == word);
        is_one && !(images.unpinned && *word == "digest")
    };
    let words: Vec<&str> = WORDS.into_iter().filter(is_wanted).collect();
    let make = |bench: &Bench, report: &Report, joined: &Joined| {
        let stock = ImageStock::of(report, joined, |file| bench.scope.names(file));
        stock.only(&words)
    };
    run(&images.stock, &images.output, IMAGES, grouping, make)
}

pub(super) fn storage(storage: &Storage) -> Result<End, Failure> {
    let make = |bench: &Bench, report: &Report, joined: &Joined| {
        StorageStock::of(report, joined, |file| bench.scope.names(file)).with_hints(report)
    };
    run(&storage.stock, &storage.output, STORAGE, Grouping::Flat, make)
}

fn run<Goods: Cover>(
    stock: &Stock,
    wanted: &[Listed<Goods>],
    listings: &'static [Listing<Goods>],
    grouping: Grouping,
    make: impl Fn(&Bench, &Report, &Joined) -> Goods,
) -> Result<End, Failure> {
    let table = Listed { listing: &listings[0], file: None };
    let targets = if wanted.is_empty() { std::slice::from_ref(&table) } else { wanted };
    share_standard_output(targets)?;
    let work = Work { repository: stock.repository.clone(), ..Work::default() };
    work::threads(&work)?;
    let written: Vec<&Path> = targets.iter().filter_map(|target| target.file.as_deref()).collect();
    let bench = work::prepare(Subject::Paths(&stock.paths), &work, &written)?;
    let (report, joined) = bench.survey(Watch::Somebody);
    if let Some(failure) = blind::wrong(&bench, &report) {
        blind::complain_of_unread(&bench, &report);
        return Err(failure);
    }
    let is_told = |target: &Listed<Goods>| target.file.is_none() && LINES.contains(&target.listing.name);
    if !targets.iter().any(is_told) {
        blind::complain_of_unread(&bench, &report);
    }
    let redactor = Redactor::of(&report, &bench.book.tables);
    redactor.places(&report.sources);
    let goods = redactor.show(make(&bench, &report, &joined));
    let look = Look { colour: Colour::Plain, width: terminal::width(), grouping };
    hand_out(bench.disk.root(), targets, &goods, (&look, stock.color))?;
    blind::end_of_listing(&report)
}

/// Writes what was found to each target, in colour at the terminal alone.
pub(super) fn hand_out<Goods>(
    root: &Root,
    targets: &[Listed<Goods>],
    goods: &Shown<Goods>,
    (look, color): (&Look, Color),
) -> Result<(), Failure> {
    // One output that cannot be written is no reason to withhold the others.
    let told: Vec<Result<(), Failure>> = targets
        .iter()
        .map(|target| match &target.file {
            Some(file) => write::report(root, file, &target.listing.tell(goods, look)),
            None => {
                let look = Look { colour: terminal::colour(color), ..*look };
                terminal::print(&target.listing.tell(goods, &look)).map_err(Failure::new)
            }
        })
        .collect();
    told.into_iter().collect()
}

pub(super) fn share_standard_output<Goods>(targets: &[Listed<Goods>]) -> Result<(), Failure> {
    let shown: Vec<&str> =
        targets.iter().filter(|target| target.file.is_none()).map(|target| target.listing.name).collect();
    match shown.iter().find(|name| !LINES.contains(name)) {
        Some(whole) if shown.len() > 1 => {
            Err(Failure::new(format!("{whole} cannot share standard output with another output"))
                .hint(format!("write it to a file: --output {whole}=FILE")))
        }
        _ => Ok(()),
    }
}
