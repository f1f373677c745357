//! The edits of many findings as one step: those that fit together, file by file.

use crate::finding::{Finding, Fix, Report, Status};
use crate::text::{Edit, SourceId, Sources, Span, apply};
use std::collections::BTreeMap;

/// Edits that are made together or not at all, and what they are for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mend {
    /// What it is known by, as long as it is not done.
    pub key: String,
    /// `path:line what`, for people.
    pub place: String,
    /// The image whose digest it writes, `docker.io/library/nginx:1.27.3`, if it does.
    pub image: Option<String>,
    pub edits: Vec<Edit>,
}

/// What one file becomes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub source: SourceId,
    pub before: String,
    pub after: String,
    pub mends: Vec<Mend>,
}

/// The fixes of a report that are wanted.
pub fn fixes(report: &Report, wants: impl Fn(&Finding, &Fix) -> bool) -> Vec<Mend> {
    let live = report.findings.iter().filter(|finding| finding.status == Status::Live);
    let fixed = live.filter_map(|finding| {
        let fix = finding.fix.as_ref().filter(|fix| wants(finding, fix))?;
        let place = place(&report.sources, finding.origin.span(), &finding.rule);
        Some(Mend { key: finding.fingerprint.clone(), place, image: None, edits: fix.edits.clone() })
    });
    fixed.collect()
}

/// `path:line what`
pub fn place(sources: &Sources, at: Span, what: &str) -> String {
    format!("{}:{} {what}", sources.name(at.source), sources.places(at).0.line)
}

/// What becomes of the files if all of these are done. One that meets another waits for the next round.
pub fn plan(sources: &Sources, mends: Vec<Mend>) -> Vec<Change> {
    let mut taken = Taken::default();
    let mut by_file: BTreeMap<SourceId, Vec<Mend>> = BTreeMap::new();
    for mend in mends {
        let Some(first) = mend.edits.first() else { continue };
        let home = first.span.source;
        if stands(&mend.edits, home, sources) && taken.fits(&mend.edits) {
            mend.edits.iter().for_each(|edit| taken.take(edit));
            by_file.entry(home).or_default().push(mend);
        }
    }
    let change = |(source, mends): (SourceId, Vec<Mend>)| {
        let before = sources.get(source).text().to_owned();
        let edits: Vec<Edit> = mends.iter().flat_map(|mend| mend.edits.iter().cloned()).collect();
        let (after, _) = apply(&before, &edits);
        (after != before).then_some(Change { source, before, after, mends })
    };
    by_file.into_iter().filter_map(change).collect()
}

/// Whether all edits are of one file, and the text under each is at hand.
fn stands(edits: &[Edit], home: SourceId, sources: &Sources) -> bool {
    let text = sources.get(home).text();
    edits.iter().all(|edit| edit.span.source == home && text.get(edit.span.range()).is_some())
}

/// The edits of a round, by where they begin: none meets another.
#[derive(Default)]
struct Taken {
    edits: BTreeMap<(SourceId, u32), Edit>,
}

impl Taken {
    /// Whether all of these can be made beside those that are taken. Equal ones are one.
    fn fits(&self, edits: &[Edit]) -> bool {
        edits.iter().all(|edit| {
            let at = (edit.span.source, edit.span.start);
            let before = self.edits.range(..at).next_back();
            let behind = self.edits.range(at..).next();
            let reaches_in = before.is_some_and(|((source, _), other)| {
                *source == edit.span.source && other.span.end > edit.span.start
            });
            let reaches_out = behind.is_some_and(|((source, start), other)| {
                let meets = *start == edit.span.start || *start < edit.span.end;
                *source == edit.span.source && meets && other != edit
            });
            !reaches_in && !reaches_out
        })
    }

    fn take(&mut self, edit: &Edit) {
        self.edits.insert((edit.span.source, edit.span.start), edit.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(source: u32, start: usize, end: usize, text: &str) -> Edit {
        Edit { span: Span::new(SourceId(source), start, end), text: text.into() }
    }

    #[test]
    fn edits_that_meet_wait() {
        let mut taken = Taken::default();
        taken.take(&edit(0, 4, 8, "x"));
        taken.take(&edit(0, 12, 12, "+"));
        for (other, fits) in [
            (edit(0, 4, 8, "x"), true),
            (edit(0, 4, 8, "y"), false),
            (edit(0, 7, 9, "x"), false),
            (edit(0, 0, 5, "x"), false),
            (edit(0, 0, 4, "x"), true),
            (edit(0, 8, 12, "x"), true),
            (edit(0, 8, 13, "x"), false),
            (edit(0, 12, 12, "-"), false),
            (edit(0, 12, 12, "+"), true),
            (edit(1, 4, 8, "y"), true),
        ] {
            assert_eq!(taken.fits(std::slice::from_ref(&other)), fits, "{other:?}");
        }
    }
}
