//! `pintle baseline`: the findings of today, written down so that only new ones count.

use super::args::Baseline;
use super::terminal::{self, Watch};
use super::work::{self, BASELINE, Subject};
use super::{End, Failure, blind, said, write};
use crate::emit::Tally;
use crate::judge;
use crate::redact::Redactor;

pub(super) fn run(baseline: &Baseline) -> Result<End, Failure> {
    work::threads(&baseline.work)?;
    let folder = std::slice::from_ref(&baseline.folder);
    let mut bench = work::prepare(Subject::Paths(folder), &baseline.work, &[])?;
    // A baseline is of the whole repository: part of one would call the rest new.
    bench.scope.paths.clear();
    let report = bench.check(None, Watch::Somebody);
    blind::complain_of_unread(&bench, &report);
    let wrong = blind::wrong(&bench, &report).or_else(|| blind::end_of_listing(&report).err());
    if let Some(failure) = wrong {
        return Err(failure.hint("`pintle lint` shows where; no baseline was written"));
    }
    let entries = judge::entries(&report.findings, &report.sources);
    let text = Redactor::of(&report, &bench.book.tables).show(entries).told(judge::write_baseline, &());
    let path = baseline.output.clone().unwrap_or_else(|| bench.root.join(BASELINE));
    write::whole(bench.disk.root(), &path, &text)?;
    let number = Tally::of(&report).live();
    let used = if baseline.output.is_some() { "; use it with `pintle lint --baseline`" } else { "" };
    terminal::print(&said(format!("{number} findings written to {}{used}\n", path.display())))
        .map_err(Failure::new)?;
    Ok(End::Clean)
}
