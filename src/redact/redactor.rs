//! What a run knows to be secret: the places of credentials, the values that are told from words wherever they are, and
//! the forms of vendors.

use super::COVER;
use super::report;
use super::shown::{Cover, Shown};
use super::spans::{Spans, merge};
use super::strength::is_strong;
use super::values::Values;
use crate::facts::{Evidence, Facts, Secret, SecretKind};
use crate::finding::{Finding, Report};
use crate::secrets::{self, Context, Tables, Trees};
use crate::syntax::yaml;
use crate::text::{File, Source, SourceId, Sources, Span, base64};
use std::collections::BTreeSet;
use std::ops::Range;

/// A shorter value is covered where it is, and nowhere else in its file: it would cover half the language.
const SHORTEST: usize = 4;

/// A shorter text holds nothing that is told from a word.
const SHORTEST_TEXT: usize = 8;

/// What is secret, as far as this run knows.
#[derive(Debug)]
pub struct Redactor<'t> {
    tables: &'t Tables,
    spans: Spans,
    /// What is covered in the lines of files.
    near: Values,
    /// What is covered in every text: a word that is a password somewhere is a word everywhere else.
    strong: Values,
}

/// Bytes are told in so many.
const MIB: u64 = 1 << 20;

impl<'t> Redactor<'t> {
    /// Nothing but forms: before a run, or without one.
    pub fn forms(tables: &'t Tables) -> Redactor<'t> {
        Redactor { tables, spans: Spans::default(), near: Values::default(), strong: Values::default() }
    }

    /// What a run has found.
    pub fn of(report: &Report, tables: &'t Tables) -> Redactor<'t> {
        let Report { findings, problems, sources, facts, counts, .. } = report;
        if counts.read > 0 {
            return Redactor::of_facts((findings, facts), sources, tables);
        }
        // Of a run that could not begin nobody has looked at the files that it tells.
        let told: BTreeSet<SourceId> =
            problems.iter().filter_map(|problem| Some(problem.at?.source)).collect();
        let mut facts = facts.clone();
        for id in told {
            let source = sources.get(id);
            let file = File { id, name: &source.name, text: source.text() };
            let read = || yaml::read(id, source.text());
            facts.secrets.extend(secrets::read(&file, Trees::Unread(&read), &Context::new(tables)).facts);
        }
        Redactor::of_facts((findings, &facts), sources, tables)
    }

    /// The same, before there is a report.
    pub(crate) fn of_facts(
        (findings, facts): (&[Finding], &Facts),
        sources: &Sources,
        tables: &'t Tables,
    ) -> Redactor<'t> {
        let (mut near, mut strong): (Vec<String>, Vec<String>) = Default::default();
        let secrets = || facts.secrets.iter().map(|fact| &fact.says);
        // A default is a word of the language.
        let weak: BTreeSet<Span> =
            secrets().filter(|secret| secret.is_default()).map(|secret| secret.value.span()).collect();
        let known: BTreeSet<Span> = secrets().map(|secret| secret.value.span()).collect();
        for span in findings.iter().filter(|finding| finding.masked).map(|finding| finding.origin.span()) {
            let text = sources.slice(span);
            near.extend((!weak.contains(&span)).then(|| text.to_owned()));
            strong.extend((!known.contains(&span) && is_strong(text)).then(|| text.to_owned()));
        }
        for secret in secrets().filter(|secret| !secret.kind.is_open() && !secret.kind.is_of_file()) {
            take(sources, secret, &mut near, &mut strong);
        }
        near.extend_from_slice(&strong);
        let spans = Spans::of(findings, facts, sources);
        Redactor {
            tables,
            spans,
            near: Values::new(near, SHORTEST),
            strong: Values::new(strong, SHORTEST_TEXT),
        }
    }

    /// Something that is to be shown, with what is secret in its texts covered.
    pub fn show<T: Cover>(&self, mut value: T) -> Shown<T> {
        self.cover(&mut value);
        Shown::new(value)
    }

    /// Something of two revisions, with what is secret in either covered.
    #[cfg(feature = "cli")]
    pub fn show_with<T: Cover>(&self, other: &Redactor, mut value: T) -> Shown<T> {
        other.cover(&mut value);
        self.show(value)
    }

    /// A report, with what is secret in its files covered, too: places are those that are shown.
    pub fn report(&self, mut report: Report) -> Shown<Report> {
        let elsewhere = self.spans.bytes(|source| !report.sources.get(source).is_kept());
        let covered = report::blot(&mut report, &|source, text| self.in_file(source, text));
        // Of all that was read the length tells that of what is in it, also of what nobody has looked for there.
        let told = report.counts.bytes.saturating_sub((covered + elsewhere) as u64);
        report.counts.bytes = told.next_multiple_of(MIB);
        self.show(report)
    }

    /// Whether a text holds a value that is a secret somewhere.
    pub(crate) fn holds(&self, text: &str) -> bool {
        text.len() >= SHORTEST_TEXT && !self.strong.found(text).is_empty()
    }

    /// Some files, with what is secret in them covered.
    pub fn files(&self, sources: &Sources, files: &[SourceId]) -> Shown<Vec<Source>> {
        let file = |id: &SourceId| report::file(sources.get(*id), *id, &|id, text| self.in_file(id, text));
        Shown::new(files.iter().map(file).collect())
    }

    /// From now on the places of files are those of what is shown of them.
    pub fn places(&self, sources: &Sources) {
        report::show(sources, &|source, text| self.in_file(source, text));
    }

    /// What is secret in the text of a file.
    fn in_file(&self, source: SourceId, text: &str) -> Vec<Range<usize>> {
        let mut found = self.near.found(text);
        found.extend_from_slice(self.spans.within(source, 0..text.len().max(1)));
        found.extend(secrets::forms_beside(text, self.tables));
        merge(&mut found);
        found
    }

    /// A text with stars in the place of every form, one for each byte: all else is where it was.
    pub fn starred(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for range in self.forms_in(text) {
            let stars = "*".repeat(range.len());
            out.replace_range(range, &stars);
        }
        out
    }

    /// The forms in a text, also behind a slash: what is a folder of a name in a file may be all of it in a sentence.
    fn forms_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = secrets::forms_in(text, self.tables);
        if memchr::memchr(b'/', text.as_bytes()).is_some() {
            found.extend(secrets::forms_in(&text.replace('/', " "), self.tables));
        }
        merge(&mut found);
        found
    }

    /// All texts are gone over at once: there are many, and hardly one holds anything.
    fn cover(&self, value: &mut impl Cover) {
        let (mut all, mut ends) = (String::new(), Vec::new());
        value.texts(&mut |text| {
            all.push_str(text.read());
            ends.push(all.len());
            all.push('\n');
        });
        let mut found = self.strong.found(&all);
        found.extend(self.forms_in(&all));
        if found.is_empty() {
            return;
        }
        merge(&mut found);
        let (mut found, mut ends) = (found.into_iter().peekable(), ends.into_iter());
        let mut start = 0;
        value.texts(&mut |text| {
            let end = ends.next().unwrap_or(start);
            let mut covered = String::new();
            let mut at = start;
            while let Some(one) = found.next_if(|one| one.start < end) {
                covered.push_str(all.get(at..one.start).unwrap_or_default());
                covered.push_str(COVER);
                at = one.end.min(end);
                if one.end > end {
                    break;
                }
            }
            if at > start {
                covered.push_str(all.get(at..end).unwrap_or_default());
                text.write(covered);
            }
            start = end + 1;
        });
        value.settle();
    }
}

/// Adds what a secret is known by.
fn take(sources: &Sources, secret: &Secret, near: &mut Vec<String>, strong: &mut Vec<String>) {
    let is_drawn = match secret.evidence {
        Evidence::Form | Evidence::Random => true,
        Evidence::Human | Evidence::Likely | Evidence::Expired => false,
        Evidence::Weak(_) | Evidence::Doubtful => return,
    };
    let written = sources.slice(secret.value.span());
    for text in [secret.value.text.as_str(), written] {
        // A key is known by its lines.
        let is_key = secret.kind == SecretKind::PrivateKey;
        if is_drawn && text.len() >= SHORTEST_TEXT || is_strong(text.trim()) {
            strong.push(text.to_owned());
            strong.extend((!is_key).then(|| base64(text.as_bytes())));
        }
        near.push(text.to_owned());
    }
    // A login of a registry is `user:password` in base64, and the password may be beside it.
    if secret.kind == SecretKind::DockerAuth
        && let Some(pair) = secrets::decoded(&secret.value.text)
        && let Some((_, password)) = pair.split_once(':')
    {
        near.push(password.to_owned());
        strong.extend(is_strong(password).then(|| password.to_owned()));
    }
}
