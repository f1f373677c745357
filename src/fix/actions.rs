//! Commits into workflows: in place of the tag of an action, which moves into a comment behind it, where bots and people read
//! it.

use super::wish::{Left, Pulled, Slot, Wish};
use crate::facts::{Action, Fact, Facts};
use crate::lock::Kind;
use crate::text::{SourceId, Sources, Span, is_commit};
use std::collections::BTreeMap;

/// Where names of two words come from, in workflows that GitHub runs.
const USUAL: &str = "github.com";

/// The actions and workflows that are named by a tag or a branch, each place once.
pub(super) fn wishes(facts: &Facts, sources: &Sources) -> Vec<Wish> {
    let mut out: BTreeMap<Span, Wish> = BTreeMap::new();
    for fact in &facts.actions {
        let action = &fact.says;
        let is_unknown = action.pin == "unknown";
        if !is_unknown && !matches!(action.pin, "tag" | "branch") {
            continue;
        }
        let place = action.reference.as_ref().and_then(|reference| reference.origin.editable());
        let at = place.unwrap_or_else(|| fact.origin.span());
        let tag = tag_of(action);
        let name = repository(fact, sources);
        let way = match (&name, place) {
            _ if is_unknown => Err(Left::Unknown),
            (Err(left), _) => Err(*left),
            (_, None) => Err(Left::Unwritten),
            (Ok(_), Some(at)) => {
                let text = sources.get(at.source).text();
                remark(text, at, tag).map(|remark| Slot::Instead { remark })
            }
        };
        let name = name.unwrap_or_else(|_| action.name.text.to_string());
        out.insert(at, Wish { kind: Kind::Action, at, tag_at: None, name, tag: tag.into(), way });
    }
    out.into_values().collect()
}

/// Those that are named by a commit, with a comment that tells the release.
pub(super) fn pinned(facts: &Facts, sources: &Sources) -> Vec<Wish> {
    let mut out: BTreeMap<Span, Wish> = BTreeMap::new();
    for (at, name, tag, _) in told(facts, sources) {
        let is_release = tag.trim_start_matches(['v', 'V']).starts_with(|first: char| first.is_ascii_digit());
        if is_release {
            let way = Ok(Slot::Instead { remark: None });
            out.insert(at, Wish { kind: Kind::Action, at, tag_at: None, name, tag, way });
        }
    }
    out.into_values().collect()
}

/// Every action and who uses it, without the reference.
pub(super) fn used(facts: &Facts) -> impl Iterator<Item = (Pulled, SourceId)> + '_ {
    facts.actions.iter().map(|fact| {
        let name = fact.says.name.text.to_string();
        ((fact.owner.written_label(), fact.path.to_string(), name), fact.origin.span().source)
    })
}

/// The places that have a commit and tell its tag: `github.com/actions/checkout@v4`, and the commit.
pub(super) fn commits(facts: &Facts, sources: &Sources) -> Vec<(Span, String, String)> {
    let all = told(facts, sources).into_iter();
    all.map(|(at, name, tag, commit)| (at, format!("{name}@{tag}"), commit)).collect()
}

/// The places that are looked at.
pub(super) fn places(facts: &Facts) -> impl Iterator<Item = Span> + '_ {
    facts.actions.iter().filter_map(|fact| fact.says.reference.as_ref()?.origin.editable())
}

/// Place, repository, tag and commit of each action whose comment tells a tag.
fn told(facts: &Facts, sources: &Sources) -> Vec<(Span, String, String, String)> {
    let one = |fact: &Fact<Action>| {
        let reference = fact.says.reference.as_ref().filter(|reference| is_commit(&reference.text))?;
        let tag = named_tag(&fact.says.remark.as_ref()?.text)?;
        Some((
            reference.origin.editable()?,
            repository(fact, sources).ok()?,
            tag.to_owned(),
            reference.text.to_string(),
        ))
    };
    facts.actions.iter().filter_map(one).collect()
}

fn tag_of(action: &Action) -> &str {
    let text = action.reference.as_ref().map_or("", |reference| reference.text.as_str());
    text.strip_prefix("refs/tags/").unwrap_or(text)
}

/// `github.com/actions/checkout`: who holds the action, whatever is behind it.
fn repository(fact: &Fact<Action>, sources: &Sources) -> Result<String, Left> {
    let name = fact.says.name.text.as_str();
    let file = sources.name(fact.origin.span().source);
    let (host, path) = match name.strip_prefix("https://") {
        Some(rest) => rest.split_once('/').ok_or(Left::Server)?,
        None if [".forgejo/", ".gitea/"].iter().any(|folder| file.contains(folder)) => {
            return Err(Left::Server);
        }
        None => (USUAL, name),
    };
    let mut words = path.split('/').filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some(owner), Some(repository)) => Ok(format!("{host}/{owner}/{repository}")),
        _ => Err(Left::Server),
    }
}

/// The tag that a comment begins with, also as bots and other tools write it: `v4.1.0`, `tag=v4.1.0`, `renovate: tag=v4`,
/// `ratchet:actions/checkout@v4`, `pin@v4`.
fn named_tag(remark: &str) -> Option<&str> {
    let mut words = remark.split_whitespace();
    let first = words.next()?;
    let word = if first.ends_with(':') { words.next()? } else { first };
    let tag = word.rsplit(['@', '=']).next()?.trim_end_matches([',', ';', ')', ':']);
    (!tag.is_empty()).then_some(tag)
}

/// The comment that is to be written so that the tag is told, if none does: before one that is there.
fn remark(text: &str, at: Span, tag: &str) -> Result<Option<(Span, String)>, Left> {
    let behind = text.get(at.end as usize..).ok_or(Left::Crowded)?;
    let start = at.end as usize + usize::from(behind.starts_with(['"', '\'']));
    let rest = text[start..].lines().next().unwrap_or_default();
    let hash = rest.match_indices('#').map(|(at, _)| at).find(|at| rest[..*at].ends_with([' ', '\t']));
    let before = &rest[..hash.unwrap_or(rest.len())];
    if !before.bytes().all(|byte| b" \t]},".contains(&byte)) {
        return Err(Left::Crowded);
    }
    let (place, text) = match hash {
        Some(hash) if named_tag(rest[hash..].trim_start_matches('#')) == Some(tag) => return Ok(None),
        Some(hash) => (start + hash, format!("# {tag} ")),
        None => (start + before.trim_end().len(), format!(" # {tag}")),
    };
    Ok(Some((Span::new(at.source, place, place), text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_tell_tags() {
        for (remark, tag) in [
            ("v4", Some("v4")),
            ("v4.1.0", Some("v4.1.0")),
            ("tag=v4.1.0", Some("v4.1.0")),
            ("renovate: tag=v4.1.0", Some("v4.1.0")),
            ("ratchet:actions/checkout@v4", Some("v4")),
            ("pin@v4", Some("v4")),
            ("v4, see the issue", Some("v4")),
            ("renovate:", None),
            ("", None),
        ] {
            assert_eq!(named_tag(remark), tag, "{remark}");
        }
    }

    #[test]
    fn a_comment_is_written_where_none_tells_the_tag() {
        for (line, becomes) in [
            ("uses: a/b@v4", Ok("uses: a/b@v4 # v4")),
            ("uses: \"a/b@v4\"", Ok("uses: \"a/b@v4\" # v4")),
            ("uses: 'a/b@v4'  \r", Ok("uses: 'a/b@v4' # v4  \r")),
            ("{uses: a/b@v4}", Ok("{uses: a/b@v4} # v4")),
            ("uses: a/b@v4 # v4", Ok("uses: a/b@v4 # v4")),
            ("uses: a/b@v4 # tag=v4", Ok("uses: a/b@v4 # tag=v4")),
            ("uses: a/b@v4 # v4.1.0", Ok("uses: a/b@v4 # v4 # v4.1.0")),
            ("uses: a/b@v4  # why", Ok("uses: a/b@v4  # v4 # why")),
            ("{uses: a/b@v4, name: x}", Err(Left::Crowded)),
            ("{uses: a/b@v4, name: \"x", Err(Left::Crowded)),
        ] {
            let start = line.find("v4").unwrap();
            let text = format!("{line}\nnext: line # v4\n");
            let told = remark(&text, Span::new(SourceId(0), start, start + 2), "v4").map(|edit| {
                let mut text = line.to_owned();
                if let Some((span, more)) = edit {
                    text.insert_str(span.start as usize, &more);
                }
                text
            });
            assert_eq!(told, becomes.map(str::to_owned), "{line}");
        }
    }
}
