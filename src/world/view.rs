//! What builds make of a repository, for who reads its files: which files they hold, which entries took effect.

use super::delivery::{DeliveryId, Forest, above, short_id};
use super::files::{Files, entry_of};
use super::k3s;
use super::kustomize;
use super::object::ObjectId;
use super::release::{self, Release};
use crate::syntax::{Node, Remark};
use crate::text::{SourceId, Span, Str};

/// The files of a repository and everything that is delivered from them.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub files: &'a Files<'a>,
    pub forest: &'a Forest,
}

/// Whether a folder has a kustomization.
#[cfg(feature = "cli")]
pub fn has_kustomization(files: &Files, folder: &str) -> bool {
    !kustomize::candidates(files, folder).is_empty()
}

impl View<'_> {
    /// Whether builds speak for the objects of a file: they hold them, or are patched with them.
    pub fn speaks_for(&self, source: SourceId) -> bool {
        self.forest.loaded.contains(&source) || self.forest.has_changed(Span::new(source, 0, 0))
    }

    /// Whether a file is a template that gives nothing, whatever values there are for it: something is switched off.
    pub fn is_silent(&self, source: SourceId) -> bool {
        self.forest.silent.contains(&source) && !self.forest.loaded.contains(&source)
    }

    /// Whether a release of a build takes a file as its values, and so speaks for it.
    pub fn gives_values(&self, source: SourceId) -> bool {
        self.forest.values.contains(&source)
    }

    /// Whether a chart is rendered with the values of a file: its objects speak for them.
    pub fn are_rendered(&self, source: SourceId) -> bool {
        self.forest.chart_values.contains_key(&source)
    }

    /// Whether nobody can tell here what becomes of a value of a file that charts are rendered with: a chart takes it
    /// that is not here, or a template that failed may.
    pub fn is_open(&self, source: SourceId, path: &str) -> bool {
        let is_below = |open: &Str| match path.strip_prefix(open.as_str()) {
            Some(rest) => open.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']),
            None => false,
        };
        self.forest.chart_values.get(&source).is_some_and(|open| open.iter().any(is_below))
    }

    /// Whether the chart of a source of an Application is rendered.
    pub fn is_rendered_application(&self, namespace: &str, name: &str, source: usize) -> bool {
        self.forest.rendered_applications.contains(&(namespace.into(), name.into(), source))
    }

    /// The kind of an object that takes a chart: a release of Flux, or a HelmChart of k3s.
    pub fn kind_of_release(&self, root: &Node) -> Option<&'static str> {
        match root {
            root if release::is_release(root) => Some("HelmRelease"),
            root if k3s::is_chart(root) => Some("HelmChart"),
            _ => None,
        }
    }

    /// Whether the chart of a release of a build is rendered: its objects speak for its values.
    pub fn is_rendered(&self, build: u32, root: &Node) -> bool {
        self.forest.rendered.contains(&(DeliveryId(build), ObjectId::of(root)))
    }

    /// The chart that a release of a build asks for, in words, if it is not here.
    pub fn absent_chart(&self, build: u32, id: &ObjectId) -> Option<&str> {
        self.forest.absent_charts.get(&(DeliveryId(build), id.clone())).map(String::as_str)
    }

    /// What a release of a build gives its chart; of none, what is written in it.
    pub fn release(&self, build: u32, root: &Node) -> Release {
        match self.forest.deliveries.get(build as usize) {
            Some(_) => release::read(self.forest, DeliveryId(build), root),
            None => release::as_written(root),
        }
    }

    /// Whether a comment of the kustomization beside a file tells something of it, or of the one out of which it was commented,
    /// itself or its folder: in a sentence, or behind its entry that was taken out, `# - web.yaml # not before the migration`.
    pub fn tells_of(&self, source: SourceId) -> bool {
        let name = self.files.name(source);
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        let beside = kustomize::candidates(self.files, folder).first().copied();
        let above = self.forest.commented_out(name).and_then(|(by, entry)| {
            let home = self.files.name(by).rsplit_once('/').map_or("", |(folder, _)| folder);
            Some((by, entry.strip_prefix(home)?.trim_start_matches('/')))
        });
        let tells = |(by, entry): (SourceId, &str)| {
            let yaml = self.files.known_yaml(by);
            yaml.is_some_and(|yaml| {
                let remarks = || yaml.documents.iter().flat_map(|document| &document.remarks);
                remarks().any(|remark| tells_of_entry(&remark.text, entry)) || is_told_above(remarks(), entry)
            })
        };
        beside.map(|by| (by, base)).into_iter().chain(above).any(tells)
    }

    /// Whether a manifest is left out: its neighbours are delivered, and it is not. Gives the words for why.
    pub(super) fn left_out(&self, source: SourceId) -> Option<String> {
        let name = self.files.name(source);
        if self.forest.read.contains(&source) || self.forest.begins_in(source) {
            return None;
        }
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = kustomize::candidates(self.files, folder);
        if let Some(&by) = beside.first().filter(|by| self.forest.live.contains(*by)) {
            let file = self.files.name(by);
            return Some(match self.files.commented_out(by, &[name]) {
                Some(line) => format!("it is commented out in {file}:{}", line + 1),
                None => format!("{file} does not load it"),
            });
        }
        if let Some((by, entry)) = self.forest.commented_out(name) {
            let line = self.files.commented_out(by, &[entry]).map_or(1, |line| line + 1);
            return Some(format!("it is commented out in {}:{line}", self.files.name(by)));
        }
        let holder = above(name).find(|folder| self.forest.folders.contains(*folder))?;
        // A folder whose own kustomization is not built is out as a whole: its entry is what is told.
        let is_off = |folder: &str| {
            let own = kustomize::candidates(self.files, folder);
            own.first().is_some_and(|by| !self.forest.live.contains(by))
        };
        let below = || above(name).filter(|folder| folder.len() > holder.len());
        if !self.forest.left_out.contains_key(&source) && below().any(is_off) {
            return None;
        }
        Some(match self.forest.left_out.get(&source) {
            Some(by) => format!("{by} leaves it out of the source"),
            None => format!("nothing in {holder} loads it"),
        })
    }

    /// Whether nothing delivers a manifest: something is delivered from here, and not this. What may be a part of a
    /// chart is unknown.
    pub(super) fn is_outside(&self, source: SourceId) -> bool {
        let is_chart = |folder: &str| self.files.find(&format!("{folder}/Chart.yaml")).is_some();
        self.forest.declares
            && !self.forest.read.contains(&source)
            && !self.forest.begins_in(source)
            && !above(self.files.name(source)).any(is_chart)
    }

    /// The file from which the object is delivered that another file holds, too. Without a namespace a name says
    /// little: then only a neighbour counts.
    pub fn delivered_from(&self, file: SourceId, id: &ObjectId) -> Option<SourceId> {
        let who = short_id(&id.gvk.group, &id.gvk.kind, &id.namespace, &id.name);
        let folder = |id| self.files.name(id).rsplit_once('/').map(|(folder, _)| folder);
        let mut found = self.forest.written.range((who, SourceId(0))..=(who, SourceId(u32::MAX)));
        let is_it = |other: &SourceId| !id.namespace.is_empty() || folder(*other) == folder(file);
        found.find(|(_, other)| is_it(other)).map(|(_, other)| *other)
    }

    /// Whether an entry of `images:` or a patch needs no word of its own: what it changed speaks for it, or it
    /// changes nothing.
    pub fn is_settled(&self, entry: Span) -> bool {
        self.forest.has_changed(entry) || self.forest.is_idle(entry)
    }
}

/// Whether a comment tells something of an entry, by its name.
fn tells_of_entry(text: &str, base: &str) -> bool {
    let is_reason = |text: &str| text.split_whitespace().filter(|word| word.len() > 1).count() > 1;
    let entry = text.trim_start_matches(['#', ' ']);
    if let Some((_, reason)) = entry.split_once(" #").filter(|_| entry.starts_with("- ")) {
        let named = entry_of(text).map(|entry| entry.trim_start_matches("./"));
        return named == Some(base) && is_reason(reason.trim_start_matches('#'));
    }
    let mut words = text.split(|letter: char| letter.is_whitespace() || "`'\"(),:;/".contains(letter));
    // Who says what commenting out is for means a file without its ending, too.
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let is_named = |word: &str| word == base || word == stem && speaks_of_comments(text);
    is_sentence(text) && words.any(|word| is_named(word) || word.trim_end_matches('.') == base)
}

/// Whether a comment is a sentence, and no entry that was taken out.
fn is_sentence(comment: &str) -> bool {
    let words = comment.split(|letter: char| letter.is_whitespace() || "`'\"(),:;".contains(letter));
    let is_entry = comment.trim_start_matches(['#', ' ']).starts_with("- ");
    !is_entry && words.filter(|word| word.len() > 1).count() > 3
}

/// Whether a comment says itself what is to be commented out, or in again.
fn speaks_of_comments(comment: &str) -> bool {
    let lower = comment.to_ascii_lowercase();
    ["uncomment", "comment the ", "comment out ", "commented out"].iter().any(|words| lower.contains(words))
}

/// Whether a comment says why something is out of use.
fn is_given_a_reason(comment: &str) -> bool {
    const WORDS: [&str; 12] = [
        "disabled",
        "broken",
        "deprecated",
        "retired",
        "paused",
        "unused",
        "not used",
        "no longer",
        "not needed",
        "not yet",
        "until ",
        "because ",
    ];
    let lower = comment.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether comments right above the entry of a file that was taken out say when to comment it out, or in again, or why it is out.
fn is_told_above<'a>(remarks: impl Iterator<Item = &'a Remark>, base: &str) -> bool {
    let (mut is_told, mut before): (bool, Option<&Remark>) = (false, None);
    for remark in remarks {
        // The sign, a line's end and what the next line is indented by are between two lines of one comment.
        let is_next = before.is_some_and(|before| remark.line.saturating_sub(before.span.end) <= 2);
        let is_about = speaks_of_comments(&remark.text) || is_given_a_reason(&remark.text);
        is_told = is_next && is_told || is_sentence(&remark.text) && is_about;
        let entry = entry_of(&remark.text).map(|entry| entry.trim_start_matches("./"));
        if is_told && entry == Some(base) {
            return true;
        }
        before = Some(remark);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::files::entry_of;

    #[test]
    fn an_entry_that_was_commented_out_is_told_from_prose() {
        for line in ["  # - old.yaml", "#old.yaml", "## - ./base/old.yaml # later", "# - \"old.yaml\""] {
            assert_eq!(entry_of(line).and_then(|entry| entry.rsplit('/').next()), Some("old.yaml"), "{line}");
        }
        for line in
            ["- old.yaml", "# old.yaml moved to new.yaml", "# see base/old.yaml", "# - very-old.yaml", ""]
        {
            assert_ne!(entry_of(line).and_then(|entry| entry.rsplit('/').next()), Some("old.yaml"), "{line}");
        }
    }
}
