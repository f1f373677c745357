//! The data page about moving tags, read into [`Moves`].

use crate::facts::Moves;
use crate::finding::Problem;
use crate::syntax::Node;
use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

/// Fills the notion of a moving tag from the front matter of `rules/data/moving-tags.md`.
pub(crate) fn fill(moves: &mut Moves, front: &Node, problems: &mut Vec<Problem>) {
    let Some(data) = front.get("data") else { return };
    for item in data.get("two-parts").map(Node::items).unwrap_or_default() {
        match glob(item.text().unwrap_or_default()) {
            Some(glob) => moves.two_parts.push(glob),
            None => problems.push(Problem::fatal("rule-page", "the glob cannot be read", Some(item.span()))),
        }
    }
    for (key, list) in [("immutable", &mut moves.immutable), ("moving", &mut moves.moving)] {
        for item in data.get(key).map(Node::items).unwrap_or_default() {
            let read = || Some((glob(item.text_at("images")?)?, Regex::new(item.text_at("tags")?).ok()?));
            match read() {
                Some(pair) => list.push(pair),
                None => problems.push(Problem::fatal("rule-page", "`images: glob` and `tags: pattern` are expected here", Some(item.span()))),
            }
        }
    }
}

/// A glob over canonical image names.
fn glob(text: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(text).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}
