//! Manifests that are no YAML: no cluster gets them, whatever was meant by them.

use crate::facts::{Fact, Facts, Obstacle, Resource, Scene, Why};
use crate::finding::Problem;
use crate::text::{File, Origin, Span, Str};
use std::collections::HashSet;
use std::sync::Arc;

/// The documents of a file that cannot be read and that say what they are. A template is none: nobody reads it as it is.
///
/// `scene` is where the objects of the file are, if a build nearby leaves it out.
pub(super) fn manifests(
    file: &File,
    problems: &[Problem],
    scene: Option<&Arc<Scene>>,
) -> Vec<Fact<Obstacle>> {
    let broken = problems.iter().filter(|problem| problem.kind == "yaml-syntax");
    let told = broken.filter_map(|problem| {
        let at = problem.at.filter(|at| at.source == file.id)?;
        let kind = kind_of(document(file.text, at))?;
        let owner = Resource {
            format: "kubernetes",
            source: file.id,
            kind: kind.into(),
            api: Str::default(),
            namespace: Str::default(),
            name: Str::default(),
            scene: scene.cloned(),
        };
        let says = Obstacle { why: Why::Broken, reason: problem.says.as_str().into(), instead: None };
        Some(Fact { says, origin: Origin::spelled(at), path: Str::default(), owner: Arc::new(owner) })
    });
    told.collect()
}

/// What a build says of such a file is said by it alone.
pub(super) fn told_once(facts: &mut Facts) {
    let is_broken = |fact: &Fact<Obstacle>| fact.says.why == Why::Broken;
    let others = facts.obstacles.iter().filter(|fact| !is_broken(fact));
    let others: HashSet<Span> = others.map(|fact| fact.origin.span()).collect();
    facts.obstacles.retain(|fact| !is_broken(fact) || !others.contains(&fact.origin.span()));
}

/// The document around a place.
fn document(text: &str, at: Span) -> &str {
    let at = (at.start as usize).min(text.len());
    let start = text[..at].rfind("\n---").map_or(0, |start| start + 1);
    let end = text[at..].find("\n---").map_or(text.len(), |end| at + end);
    &text[start..end]
}

/// The kind of a document that says both of what an object says of itself, and has no sign of a template.
fn kind_of(document: &str) -> Option<&str> {
    let value = |key: &str| {
        let line = document.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(str::trim).filter(|value| !value.is_empty())
    };
    let is_template = ["{{", "{%", "<%", "${"].iter().any(|sign| document.contains(sign))
        || ['@', '%'].iter().any(|sign| has_word_between(document, *sign));
    value("apiVersion").filter(|_| !is_template)?;
    value("kind")
}

/// `@NAME@`, as scripts put names in.
fn has_word_between(document: &str, sign: char) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    document.match_indices(sign).any(|(at, _)| {
        let behind = &document[at + 1..];
        let rest = behind.trim_start_matches(is_part);
        rest.len() < behind.len() && rest.starts_with(sign)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    #[test]
    fn only_what_says_that_it_is_an_object_is_one() {
        for (text, kind) in [
            ("apiVersion: v1\nkind: Pod\na: [\n", Some("Pod")),
            ("a: b\n---\napiVersion: v1\nkind: Pod\na: [\n---\nc: d\n", Some("Pod")),
            ("apiVersion: v1\nkind: Pod\n---\na: [\n", None),
            ("a: [\n  apiVersion: v1\n  kind: Pod\n", None),
            ("apiVersion: v1\nkind: {{ .Kind }}\na: [\n", None),
            ("apiVersion:\nkind: Pod\na: [\n", None),
            ("apiVersion: v1\nkind: Pod\nname: @NAME@\na: [\n", None),
            ("apiVersion: v1\nkind: Pod\nname: %NAME%\na: [\n", None),
            ("apiVersion: v1\nkind: Pod\nmail: a@b.example, c@d.example\na: [\n", Some("Pod")),
        ] {
            let at = text.find('[').expect("what is broken");
            assert_eq!(kind_of(document(text, Span::new(SourceId(0), at, at + 1))), kind, "{text}");
        }
    }
}
