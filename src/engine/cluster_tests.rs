//! Tests that are run against clusters, of Chainsaw and Kyverno: which files they apply, and which they only compare, or
//! want refused. What an API server refuses, or is only asked about, no cluster keeps, and nothing pulls its images.

use crate::limits::DEEPEST_TEST;
use crate::syntax::Node;
use crate::text::Span;

/// What a test tells of files, and of the objects that are written into it.
#[derive(Default)]
pub(super) struct Told {
    /// Files that a cluster is given.
    pub(super) applied: Vec<String>,
    /// Files that no cluster keeps.
    pub(super) expected: Vec<String>,
    /// Objects in the test itself that no cluster keeps.
    pub(super) inline: Vec<Span>,
}

pub(super) fn of_chainsaw(root: &Node, told: &mut Told) {
    walk(root, 0, told);
}

fn walk(node: &Node, depth: usize, told: &mut Told) {
    if depth > DEEPEST_TEST {
        return;
    }
    for (key, value) in node.entries() {
        match key.text() {
            Some("assert" | "error") => step(value, false, told),
            Some("apply" | "create" | "update" | "patch") => step(value, is_kept(value), told),
            Some("script") => value.text_at("content").into_iter().for_each(|text| script(text, told)),
            _ => {}
        }
        walk(value, depth + 1, told);
    }
    node.items().iter().for_each(|item| walk(item, depth + 1, told));
}

fn step(step: &Node, is_kept: bool, told: &mut Told) {
    let file = step.text_at("file").map(str::to_owned);
    if is_kept {
        return told.applied.extend(file);
    }
    told.expected.extend(file);
    told.inline.extend(step.get("resource").map(Node::span));
}

/// Whether an API server keeps what a step gives it.
fn is_kept(step: &Node) -> bool {
    let expected = step.get("expect").map(Node::items).unwrap_or_default();
    // What is expected of some objects says nothing of the others.
    let of_all = expected.iter().filter(|one| one.get("match").is_none());
    let mut checks = of_all.filter_map(|one| one.get("check")).flat_map(Node::entries);
    let is_refused = checks.any(|(key, value)| wants_error(key.text().unwrap_or_default(), value));
    !is_refused && step.text_at("dryRun") != Some("true")
}

/// Whether a check holds only where there is an error: `($error != null): true`.
fn wants_error(key: &str, value: &Node) -> bool {
    let is_true = !value.is_null() && value.text() != Some("false");
    let is_equal = key.contains("== null");
    key.contains("$error") && is_true != is_equal
}

/// The files that a script hands to `kubectl`. `if kubectl apply -f bad.yaml; then exit 1` wants them refused.
fn script(content: &str, told: &mut Told) {
    for (at, _) in content.match_indices("kubectl ") {
        let rest = &content[at..];
        let end = rest.find([';', '\n', '|', '&', ')', '`']).unwrap_or(rest.len());
        let words: Vec<&str> = rest[..end].split_whitespace().collect();
        if !words.iter().any(|word| matches!(*word, "apply" | "create" | "replace")) {
            continue;
        }
        let is_condition = content[..at].split_whitespace().next_back() == Some("if");
        let files = match is_condition && fails_then(&rest[end..]) {
            true => &mut told.expected,
            false => &mut told.applied,
        };
        let named = words.windows(2).filter(|pair| matches!(pair[0], "-f" | "--filename") && pair[1] != "-");
        files.extend(named.map(|pair| pair[1].trim_matches(['"', '\'']).to_owned()));
    }
}

/// Whether what follows a condition fails where it holds.
fn fails_then(rest: &str) -> bool {
    let words = || rest.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    let mut after = words().skip_while(|word| *word != "then");
    let own: Vec<&str> = after.by_ref().take_while(|word| !matches!(*word, "else" | "elif" | "fi")).collect();
    own.windows(2).any(|pair| pair[0] == "exit" && pair[1] != "0")
}

/// The resources that a test of Kyverno holds against policies, and what policies are to make of them: no cluster gets
/// them.
pub(super) fn of_kyverno(root: &Node, told: &mut Told) {
    let lists = ["resources", "targetResources"].iter().filter_map(|key| root.get(key));
    let results = root.get("results").map(Node::items).unwrap_or_default();
    const MADE: [&str; 4] =
        ["patchedResource", "patchedResources", "generatedResource", "cloneSourceResource"];
    let made = results.iter().flat_map(|result| MADE.iter().filter_map(|key| result.get(key)));
    let files = lists.flat_map(Node::items).chain(made);
    told.expected.extend(files.filter_map(|file| Some(file.text()?.to_owned())));
}
