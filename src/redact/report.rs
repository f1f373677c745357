//! A report as it may be shown: secrets are covered in its files, and every place is one of the covered text, so that no
//! column and no length tells how long a secret is.

use super::COVER;
use super::clean::floor;
use super::shown::{Cover, Text};
use crate::facts::{Exempt, Facts, Unread};
use crate::finding::{Coverage, Finding, Report, Safety, Status};
use crate::text::{Covers, Origin, Source, SourceId, Sources, Span};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Covers in the files of a report what `secrets` tells of each, and moves all that points into them. Gives back how
/// many bytes were covered.
pub(super) fn blot(report: &mut Report, secrets: Secrets) -> usize {
    let moved = Moved::of(&report.sources, secrets);
    let Report { findings, problems, sources, facts, counts: _, coverage, left_out: _ } = report;
    for finding in findings.iter_mut() {
        moved.keep_fix(sources, finding);
    }
    for (id, covers) in &moved.0 {
        let text = covered(sources.get(*id).text(), covers);
        sources.replace(*id, Arc::from(text));
    }
    findings.iter_mut().for_each(|finding| moved.finding(sources, finding));
    let unseen = coverage.unseen.iter_mut().map(|one| &mut one.at);
    let told = problems.iter_mut().filter_map(|problem| problem.at.as_mut());
    let facts_at = facts.unread.iter_mut().map(|one| &mut one.at);
    let places = unseen.chain(told).chain(facts_at).chain(facts.exempts.iter_mut().map(|one| &mut one.at));
    places.for_each(|at| *at = moved.span(*at));
    moved.0.values().flat_map(Covers::ranges).map(Range::len).sum()
}

/// The same for who only counts places.
pub(super) fn show(sources: &Sources, secrets: Secrets) {
    for (id, covers) in Moved::of(sources, secrets).0 {
        let text = covered(sources.get(id).text(), &covers);
        sources.show(id, covers, Arc::from(text));
    }
}

/// A file with what is secret in it covered.
pub(super) fn file(source: &Source, id: SourceId, secrets: Secrets) -> Source {
    let covers = Covers::new(by_line(source, secrets(id, source.text())), COVER.len());
    let shown = Source::new(&source.name);
    shown.keep(Arc::from(covered(source.text(), &covers)));
    shown
}

/// What is secret in the text of a file.
type Secrets<'s> = &'s dyn Fn(SourceId, &str) -> Vec<Range<usize>>;

/// The lines of what is covered, each for itself: whoever counts lines counts those of the file.
fn by_line(source: &Source, covers: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let text = source.text();
    let mut out = Vec::new();
    for cover in covers {
        let (mut at, end) = (floor(text, cover.start), floor(text, cover.end));
        for line in text.get(at..end).unwrap_or_default().split_inclusive(['\n', '\r']) {
            let start = at + line.len() - line.trim_start().len();
            let inside = line.trim().len();
            if inside > 0 {
                out.push(start..start + inside);
            }
            at += line.len();
        }
    }
    out
}

fn covered(text: &str, covers: &Covers) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for cover in covers.ranges() {
        out.push_str(text.get(at..cover.start).unwrap_or_default());
        out.push_str(COVER);
        at = cover.end;
    }
    out + text.get(at..).unwrap_or_default()
}

/// What was covered in each file.
#[derive(Default)]
struct Moved(BTreeMap<SourceId, Covers>);

impl Moved {
    fn of(sources: &Sources, secrets: Secrets) -> Moved {
        let ids = (0..sources.len() as u32).map(SourceId).filter(|id| sources.get(*id).is_kept());
        let covers = ids.filter_map(|id| {
            let source = sources.get(id);
            let covers = by_line(source, secrets(id, source.text()));
            (!covers.is_empty()).then(|| (id, Covers::new(covers, COVER.len())))
        });
        Moved(covers.collect())
    }

    fn finding(&self, sources: &Sources, finding: &mut Finding) {
        let is_moved = finding.origin.road().any(|(_, at)| self.is_in(at));
        if is_moved || self.is_in(finding.origin.span()) {
            let mut place = self.span(finding.origin.span());
            if finding.masked {
                // How many lines a secret has, it may keep for itself.
                let source = sources.get(place.source);
                let line = source.lines().range(source.lines().line_of(place.start as usize), source.text());
                place = Span::new(place.source, place.start as usize, (place.end as usize).min(line.end));
            }
            let road = finding.origin.road().map(|(how, at)| (how, self.span(at)));
            let origin = road.fold(Origin::verbatim(place), |origin, (how, at)| origin.via(how, at));
            finding.origin = match finding.origin.inner() {
                Some(inner) => origin.inside(inner.clone()),
                None => origin,
            };
        }
        finding.told = finding.told.map(|at| self.span(at));
        let others = finding.also.iter_mut().chain(&mut finding.beside).map(|(at, _)| at);
        others.for_each(|at| *at = self.span(*at));
        if let Status::Suppressed(at, _) = &mut finding.status {
            *at = self.span(*at);
        }
        let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
        edits.for_each(|edit| edit.span = self.span(edit.span));
    }

    /// An edit says where it is in the file, and so how long all is that is before it in its line: behind a secret it is
    /// told in words alone.
    fn keep_fix(&self, sources: &Sources, finding: &mut Finding) {
        let Some(fix) = &mut finding.fix else { return };
        let is_behind = |span: Span| {
            let Some(covers) = self.0.get(&span.source) else { return false };
            let source = sources.get(span.source);
            let line = source.lines().start(source.lines().line_of(span.start as usize), source.text());
            covers.behind(line).is_some_and(|cover| cover.start < span.end.max(span.start + 1) as usize)
        };
        if fix.edits.iter().any(|edit| is_behind(edit.span)) {
            fix.edits.clear();
            fix.safety = Safety::ShowOnly;
        }
    }

    fn is_in(&self, span: Span) -> bool {
        self.0.contains_key(&span.source)
    }

    fn span(&self, span: Span) -> Span {
        let Some(covers) = self.0.get(&span.source) else { return span };
        Span::new(span.source, covers.start(span.start as usize), covers.end(span.end as usize))
    }
}

impl Cover for Report {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Report { findings, problems, sources: _, facts, counts: _, coverage, left_out } = self;
        findings.texts(each);
        problems.texts(each);
        left_out.texts(each);
        let Coverage { objects: _, defaults: _, clusters, counts: _, unseen, unnamed: _ } = coverage;
        clusters.texts(each);
        unseen.texts(each);
        // What else a run knows is nothing to show.
        let Facts { unread, exempts, .. } = std::mem::take(facts);
        *facts = Facts { unread, exempts, ..Facts::default() };
        for Unread { what: _, why: _, at: _, says } in &mut facts.unread {
            each(says);
        }
        for Exempt { at: _, why: _, name, object, times: _ } in &mut facts.exempts {
            each(name);
            each(object);
        }
    }

    fn settle(&mut self) {
        let place = |finding: &Finding| {
            let span = finding.place();
            (self.sources.name(span.source), span.start, span.end)
        };
        self.findings.sort_by(|a, b| {
            let rest =
                |one: &Finding| (one.rule.clone(), one.says.clone(), one.owner.clone(), one.path.clone());
            place(a).cmp(&place(b)).then_with(|| rest(a).cmp(&rest(b)))
        });
        self.problems.sort();
        self.coverage.unseen.sort();
        self.coverage.clusters.sort();
        self.facts.unread.sort();
    }
}

impl Cover for Finding {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Finding {
            rule,
            severity: _,
            precision: _,
            says,
            origin: _,
            told: _,
            also,
            beside,
            help,
            masked: _,
            fix,
            status,
            fingerprint: _,
            former: _,
            owner,
            path,
            home: _,
            affected,
            spread: _,
            about,
            row,
            delivered: _,
            doubt: _,
        } = self;
        each(rule);
        each(says);
        also.texts(each);
        beside.texts(each);
        help.texts(each);
        fix.texts(each);
        status.texts(each);
        each(owner);
        each(path);
        affected.texts(each);
        about.texts(each);
        row.texts(each);
    }
}
