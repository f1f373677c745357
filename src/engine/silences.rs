//! What a change silences, held against the files of the revision before it: configuration, ignore files, rules, baseline,
//! attributes that hide, and allow comments.

use super::encoding::text;
use super::repo::Repo;
use crate::config::{self, Config, NAMES};
use crate::judge::{self, Baseline, Remark, Silence, Silenced, Trust};
use crate::lock;
use crate::rules::Book;
use crate::text::{SourceId, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Our own ignore file.
pub const IGNORES: &str = ".pintleignore";
/// The baseline that is used without being asked for.
pub const BASELINE: &str = ".pintle/baseline";
/// Where a repository's own rule pages stand.
pub const OWN_RULES: &str = ".pintle/rules/";

/// Marks by which the pages of a review show no lines of a file.
const HIDING: [&str; 4] = ["binary", "-diff", "linguist-generated", "linguist-vendored"];

/// The change that a run is about.
pub struct Proposal<'a> {
    pub trust: Trust,
    /// The files before it; nothing if they cannot be read.
    pub before: Option<&'a dyn Repo>,
    /// What they say of severities.
    pub config: &'a Config,
    /// The configuration that was asked for, where it is another than the usual one.
    pub asked: Option<&'a str>,
}

/// What a change silences, and with what it is judged.
pub(super) struct Told<'a> {
    change: Option<&'a Proposal<'a>>,
    silences: Vec<Silence>,
}

impl<'a> Told<'a> {
    /// Holds everything but comments against what was before. Files that are gone become sources without a text.
    pub(super) fn of(
        change: Option<&'a Proposal<'a>>,
        repo: &dyn Repo,
        book: &Book,
        sources: &mut Sources,
    ) -> Told<'a> {
        let mut out = Told { change, silences: Vec::new() };
        if let Some((change, before)) = change.and_then(|change| Some((change, change.before?))) {
            let mut both = Both { now: repo, before, sources, silences: &mut out.silences };
            both.configuration(change, book);
            both.rules();
            both.baseline();
            both.lock();
            both.listed(IGNORES, |line| !line.starts_with('!'), "the change adds to an ignore file");
            both.exceptions();
            let says =
                "the change hides lines of files from who reviews them (pintle reads them all the same)";
            both.listed(".gitattributes", hides, says);
        }
        out
    }

    /// Holds the allow comments of a file against those before; takes out those that do not count.
    pub(super) fn comments(&mut self, sources: &Sources, remarks: &mut BTreeMap<SourceId, Vec<Remark>>) {
        let Some(change) = self.change else { return };
        let Some(before) = change.before else {
            // Nobody knows which of them are the owners'.
            if change.trust == Trust::Untrusted {
                remarks.clear();
            }
            return;
        };
        for (&source, remarks) in remarks.iter_mut() {
            let (name, now) = (sources.name(source), sources.get(source).text());
            let old = read(before, name).map_or(String::new(), |(_, text)| text);
            if old == now {
                continue;
            }
            let known = judge::remarks(source, name, &old);
            let mut is_new = judge::added((remarks, now), (&known, &old)).into_iter();
            remarks.retain(|remark| {
                let is_new = is_new.next().unwrap_or(false) && !remark.rules.is_empty();
                if is_new {
                    self.silences.push(Silence { at: remark.span, says: judge::said_of(remark) });
                }
                !is_new || change.trust == Trust::Trusted
            });
        }
    }

    /// The places that are told.
    pub(super) fn places(&self) -> impl Iterator<Item = Span> {
        self.silences.iter().map(|silence| silence.at)
    }

    pub(super) fn for_judging(&mut self) -> Option<Silenced<'_>> {
        self.silences.sort();
        let change = self.change?;
        Some(Silenced { trust: change.trust, before: change.config, silences: &self.silences })
    }
}

/// The files of now and those before.
struct Both<'a> {
    now: &'a dyn Repo,
    before: &'a dyn Repo,
    sources: &'a mut Sources,
    silences: &'a mut Vec<Silence>,
}

impl Both<'_> {
    fn configuration(&mut self, change: &Proposal, book: &Book) {
        let names: Vec<&str> = change.asked.map_or(NAMES.to_vec(), |asked| vec![asked]);
        let find = |repo: &dyn Repo| names.iter().find(|name| number(repo, name).is_some()).copied();
        let (now, before) = (find(self.now), find(self.before));
        let Some(name) = now.or(before) else { return };
        let text = now.and_then(|name| read(self.now, name)).map_or(String::new(), |(_, text)| text);
        let old = before.and_then(|name| read(self.before, name)).map_or(String::new(), |(_, text)| text);
        if text == old {
            return;
        }
        let source = self.source(name);
        let pages = |rule: &str| book.page(rule).map(|page| page.severity);
        let told = config::silences(source, &text, &old, &pages);
        self.silences.extend(told.into_iter().map(|(at, says)| Silence { at, says }));
        if change.trust == Trust::Untrusted && !Config::read(source, &text, &book.ids()).1.is_empty() {
            self.tell(Span::new(source, 0, 0), "the change has a configuration that cannot be read");
        }
    }

    /// Rules of the repository that are another or gone, and new lists that say what is not judged.
    fn rules(&mut self) {
        let own = |repo: &dyn Repo| -> Vec<String> {
            let names = repo.names();
            let own = names.iter().filter(|name| name.starts_with(OWN_RULES) && name.ends_with(".md"));
            own.map(|name| (*name).to_owned()).collect()
        };
        for name in own(self.before) {
            let old = read(self.before, &name).map(|(_, text)| text);
            let now = read(self.now, &name).map(|(_, text)| text);
            if old != now {
                let id = name[OWN_RULES.len()..].trim_end_matches(".md");
                let what = if now.is_some() { "changes" } else { "takes away" };
                let at = Span::new(self.source(&name), 0, 0);
                self.tell(at, &format!("the change {what} the rule page `{id}`"));
            }
        }
        for name in own(self.now) {
            let is_list = || {
                read(self.now, &name)
                    .is_some_and(|(_, text)| text.lines().any(|line| line.trim() == "about: data"))
            };
            if number(self.before, &name).is_none() && is_list() {
                let at = Span::new(self.source(&name), 0, 0);
                self.tell(at, "the change adds a list to the rules");
            }
        }
    }

    fn baseline(&mut self) {
        let Some((source, text)) = read(self.now, BASELINE) else { return };
        let old = read(self.before, BASELINE).map_or(String::new(), |(_, text)| text);
        let (now, old) = (Baseline::read(Some(source), &text), Baseline::read(None, &old));
        for (rule, (number, at)) in now.added(&old) {
            let what = if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") };
            self.tell(
                at.unwrap_or(Span::new(source, 0, 0)),
                &format!("the change adds {what} of `{rule}` to the baseline"),
            );
        }
    }

    /// Digests that are written where nobody asks a registry. Those of new images are told by one place, for the file is made
    /// by a program; one that becomes another is told by its own.
    fn lock(&mut self) {
        let Some((source, text)) = read(self.now, lock::NAME) else { return };
        let old = read(self.before, lock::NAME).map_or(String::new(), |(_, text)| text);
        let known: BTreeSet<&str> = old.lines().filter_map(locked).collect();
        let new = lines_added(source, &text, &old, |line| locked(line).is_some());
        let name = |at: &Span| locked(&text[at.range()]).unwrap_or_default();
        let (others, added): (Vec<Span>, Vec<Span>) = new.iter().partition(|at| known.contains(name(at)));
        for at in others {
            self.tell(at, &format!("the change gives `{}` another digest in {}", name(&at), lock::NAME));
        }
        if let Some(first) = added.first() {
            let what =
                if added.len() == 1 { "1 digest".to_owned() } else { format!("{} digests", added.len()) };
            self.tell(
                *first,
                &format!("the change adds {what} to {}, from which they are written", lock::NAME),
            );
        }
    }

    /// Lines that files of this name get, if they silence.
    fn listed(&mut self, name: &str, silences: fn(&str) -> bool, says: &str) {
        for file in named(self.now, name) {
            let Some((source, text)) = read(self.now, &file) else { continue };
            let old = read(self.before, &file).map_or(String::new(), |(_, text)| text);
            for at in lines_added(source, &text, &old, silences) {
                self.tell(at, says);
            }
        }
    }

    /// Exceptions that ignore files lose.
    fn exceptions(&mut self) {
        for file in named(self.before, IGNORES) {
            let Some((_, old)) = read(self.before, &file) else { continue };
            let now = read(self.now, &file).map_or(String::new(), |(_, text)| text);
            if !lines_added(SourceId(0), &old, &now, |line| line.starts_with('!')).is_empty() {
                let at = Span::new(self.source(&file), 0, 0);
                self.tell(at, "the change takes an exception from an ignore file");
            }
        }
    }

    fn tell(&mut self, at: Span, says: &str) {
        self.silences.push(Silence { at, says: says.to_owned() });
    }

    /// The number of a file, also of one that is gone.
    fn source(&mut self, name: &str) -> SourceId {
        let gone = |sources: &mut Sources| sources.add(name, "".into());
        number(self.now, name).unwrap_or_else(|| gone(self.sources))
    }
}

/// The lines of a text that another does not have, as often as it has them.
fn lines_added(source: SourceId, now: &str, before: &str, wanted: fn(&str) -> bool) -> Vec<Span> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in before.lines() {
        *left.entry(line.trim_end()).or_default() += 1;
    }
    let (mut out, mut start) = (Vec::new(), 0);
    for whole in now.split_inclusive('\n') {
        let line = whole.trim_end();
        let at = Span::new(source, start, start + line.len());
        start += whole.len();
        if line.is_empty() || line.starts_with('#') || !wanted(line) {
            continue;
        }
        match left.get_mut(line) {
            Some(number) if *number > 0 => *number -= 1,
            _ => out.push(at),
        }
    }
    out
}

/// The name that a line of the lock has a digest for.
fn locked(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip(1);
    words.next().filter(|_| words.next().is_some())
}

/// Whether a line of `.gitattributes` hides what changes in files.
fn hides(line: &str) -> bool {
    let is_hiding = |word: &str| {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        HIDING.contains(&name) && value != "false" || word == "diff=false"
    };
    line.split_whitespace().skip(1).any(is_hiding)
}

/// The files of one name, wherever they are.
fn named(repo: &dyn Repo, name: &str) -> Vec<String> {
    let names = repo.names();
    let named = names.iter().filter(|file| file.rsplit('/').next() == Some(name));
    named.map(|file| (*file).to_owned()).collect()
}

fn number(repo: &dyn Repo, name: &str) -> Option<SourceId> {
    repo.names().iter().position(|one| *one == name).map(|at| SourceId(at as u32))
}

/// A file of that name, and its text. What cannot be read has none: it silences nothing, or all that is there is new.
fn read(repo: &dyn Repo, name: &str) -> Option<(SourceId, String)> {
    let id = number(repo, name)?;
    let mut bytes = Vec::new();
    repo.read(id, &mut bytes).ok()?;
    Some((id, text(id, &bytes, &mut Vec::new())?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_hide() {
        for (line, expected) in [
            ("*.yaml binary", true),
            ("*.yaml -diff", true),
            ("a linguist-generated", true),
            ("a linguist-generated=true", true),
            ("a linguist-generated=false", false),
            ("a -linguist-generated", false),
            ("binary text", false),
            ("*.yaml text eol=lf", false),
            ("*.enc filter=git-crypt diff=git-crypt", false),
        ] {
            assert_eq!(hides(line), expected, "{line}");
        }
    }

    #[test]
    fn lines_are_new_as_often_as_they_are_more() {
        let spans =
            lines_added(SourceId(0), "# a\na\nb\na\n\n!c\n", "a\n!d\n", |line| !line.starts_with('!'));
        let starts: Vec<u32> = spans.iter().map(|span| span.start).collect();
        assert_eq!(starts, [6, 8]);
    }
}
