//! What is made of the text that templates print: documents, told apart as helm does, hooks among them.

use super::super::kustomize::{Fault, Why};
use super::told::Helm;
use crate::syntax::expand::Weaver;
use crate::syntax::yaml::{self, Schemas, Yaml};
use crate::syntax::{Document, Node, Style, Value};
use crate::text::{Origin, Part, Pieces, Span, Str, Weave};
use std::borrow::Cow;
use std::ops::Range;

/// An object that a template printed.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The template, as helm tells it behind `# Source:`.
    pub template: Str,
    pub document: Document,
    /// When it runs, if it is a hook: `pre-install`, `test`.
    pub hooks: Vec<Str>,
}

/// What one template printed.
pub struct Printed<'t> {
    pub template: Str,
    /// All of it, which is much where definitions of resources are templates.
    pub text: Cow<'t, str>,
    /// Where it was written.
    pub pieces: Box<dyn Pieces>,
    /// Where all of it is told.
    pub whole: Span,
}

impl<'t> Printed<'t> {
    /// A text that nobody put together.
    pub fn plain(template: &str, text: &'t str, origin: Origin) -> Printed<'t> {
        let whole = origin.span();
        Printed { template: template.into(), text: text.into(), pieces: Box::new(alone(text, origin)), whole }
    }

    /// Some bytes of it.
    fn slice(&self, range: Range<usize>) -> Part {
        let origin = self.pieces.slice(range.clone(), self.whole);
        Part::new(&self.text[range], origin)
    }
}

/// A text as its only piece.
fn alone(text: &str, origin: Origin) -> Weave {
    let mut pieces = Weave::default();
    pieces.push(text.len(), origin);
    pieces
}

/// What is shown of a chart while its templates are executed.
pub enum Shown<'p> {
    Printed(&'p Printed<'p>),
    /// Everything is executed once more: nothing that was shown counts.
    Anew,
}

/// What helm knows to run.
const HOOKS: [&str; 10] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
    "test-success",
];

/// Reads what templates printed. A document that is no YAML is told, and the others stay, where helm refuses the whole
/// release.
pub struct Reader {
    helm: Helm,
    schemas: Schemas,
    /// What was made of each text, by its template.
    read: Vec<(Str, Vec<Manifest>, Vec<Fault>)>,
}

impl Reader {
    pub fn new(helm: Helm, schemas: Schemas) -> Reader {
        Reader { helm, schemas, read: Vec::new() }
    }

    /// Takes what is printed; what is printed anew makes all before it count for nothing.
    pub fn take(&mut self, shown: Shown) {
        match shown {
            Shown::Anew => self.read.clear(),
            Shown::Printed(one) if !is_manifest(&one.template) => {}
            Shown::Printed(one) => {
                let (mut out, mut faults) = (Vec::new(), Vec::new());
                for range in documents(&one.text, self.helm) {
                    document(one, range, self.schemas, &mut out, &mut faults);
                }
                self.read.push((one.template.clone(), out, faults));
            }
        }
    }

    /// The objects, sorted by template.
    pub fn finish(mut self) -> (Vec<Manifest>, Vec<Fault>) {
        self.read.sort_by(|a, b| a.0.cmp(&b.0));
        let (mut out, mut faults) = (Vec::new(), Vec::new());
        for (_, manifests, wrong) in self.read {
            out.extend(manifests);
            faults.extend(wrong);
        }
        (out, faults)
    }
}

fn is_manifest(template: &str) -> bool {
    let base = template.rsplit('/').next().unwrap_or(template);
    !base.starts_with('_') && !template.ends_with("NOTES.txt")
}

/// Where the documents of a text are, without the blanks around them.
fn documents(text: &str, helm: Helm) -> Vec<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let end = if helm == Helm::Three { text.trim_end().len() } else { text.len() };
    let inner = &text[start..end.max(start)];
    let (mut out, mut from) = (Vec::new(), 0);
    for gap in breaks(inner, helm).into_iter().chain(std::iter::once(inner.len()..inner.len())) {
        let piece = &inner[from..gap.start];
        let left = piece.len() - piece.trim_start().len();
        if !piece.trim().is_empty() {
            out.push(start + from + left..start + gap.start);
        }
        from = gap.end;
    }
    out
}

/// The lines that part documents, with the blanks that belong to them: helm 3 takes all that are around, and so two
/// such lines one behind the other are one and a text.
fn breaks(text: &str, helm: Helm) -> Vec<Range<usize>> {
    let blanks: &[u8] = if helm == Helm::Three { b" \t\n\x0c\r" } else { b" \t" };
    let is_blank = |byte: &&u8| blanks.contains(byte);
    let bytes = text.as_bytes();
    let behind = |at: usize| at + bytes[at..].iter().take_while(is_blank).count();
    let finder = memchr::memmem::Finder::new(b"\n---");
    let mut out: Vec<Range<usize>> = text.starts_with("---").then(|| 0..behind(3)).into_iter().collect();
    let mut from = out.first().map_or(0, |first| first.end);
    while let Some(at) = finder.find(&bytes[from..]).map(|at| from + at) {
        let start = match helm {
            Helm::Three => at - bytes[from..at].iter().rev().take_while(is_blank).count(),
            Helm::Four => at + 1,
        };
        out.push(start..behind(at + 4));
        from = behind(at + 4);
    }
    out
}

fn document(
    one: &Printed,
    range: Range<usize>,
    schemas: Schemas,
    out: &mut Vec<Manifest>,
    faults: &mut Vec<Fault>,
) {
    let lines_before = || one.text[..range.start].matches('\n').count();
    let ends = one.text[range.end..].starts_with('\n');
    let mut read = yaml::read_woven(
        &one.text,
        range.start..range.end + usize::from(ends),
        &*one.pieces,
        one.whole,
        schemas,
    );
    // Helm ends each document with a line break, whatever stood there.
    if !ends && asks_for_an_end(&read) {
        let mut weaver = Weaver::default();
        weaver.push(one.slice(range.clone()));
        weaver.push(Part::new("\n", Origin::spelled(one.whole)));
        let ended = weaver.finish(one.whole);
        let pieces = alone(&ended.text, ended.origin);
        read = yaml::read_woven(&ended.text, 0..ended.text.len(), &pieces, one.whole, schemas);
    }
    // Only the first is looked at: behind it helm sees none.
    let behind = read.documents.get(1).map(|next| next.root.span());
    let broken = read.problems.iter().find(|problem| matches!(problem.kind, "yaml-syntax" | "yaml-alias"));
    if let Some(problem) = broken.filter(|_| behind.is_none() || read.documents.is_empty()) {
        let line = first_wrong_line(&one.text[range.clone()]) + lines_before();
        let says = format!("{} prints no YAML in line {line} of its output: {}", one.template, problem.says);
        let at = || one.pieces.spelled_within(range.clone(), one.whole).span();
        faults.push(Fault { why: Why::Refused, says, at: problem.at.or_else(|| Some(at())) });
        return;
    }
    // Nothing but comments makes no object.
    let Some(document) = read.documents.into_iter().next().filter(|one| !one.root.is_null()) else { return };
    match hooks(&document.root) {
        // Helm drops what waits for something that it does not know.
        None => {}
        Some(hooks) => out.push(Manifest { template: one.template.clone(), document, hooks }),
    }
}

/// Whether a line break at the end of a text changes what is read: only blocks of text in YAML end with one, and it is
/// asked for where something is wrong, too.
fn asks_for_an_end(read: &Yaml) -> bool {
    let mut last = read.documents.last().map(|document| &document.root);
    while let Some(node) = last {
        last = match &node.value {
            Value::Map(entries) => entries.last().map(|(_, value)| value),
            Value::List(items) => items.last(),
            Value::Scalar(scalar) if matches!(scalar.style, Style::Literal | Style::Folded) => return true,
            _ => None,
        };
    }
    !read.problems.is_empty()
}

/// The line of the first thing that is no YAML, counted from one.
fn first_wrong_line(text: &str) -> usize {
    let source = crate::text::SourceId(u32::MAX);
    let problems = yaml::read(source, text).problems;
    let wrong = problems.iter().find(|problem| matches!(problem.kind, "yaml-syntax" | "yaml-alias"));
    let at = wrong.and_then(|problem| problem.at).map_or(0, |at| at.start as usize);
    1 + text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

/// What a document waits for; nothing if helm does not know it.
fn hooks(root: &Node) -> Option<Vec<Str>> {
    let Some(told) = root.at(&["metadata", "annotations", "helm.sh/hook"]).and_then(Node::text) else {
        return Some(Vec::new());
    };
    let one = |hook: &str| {
        let hook = hook.trim().to_lowercase();
        HOOKS.contains(&hook.as_str()).then(|| Str::from(hook))
    };
    told.split(',').map(one).collect()
}
