//! One rule page: front matter and prose. The page is the rule, its documentation and, by its examples, its test.

use super::when::{self, Condition};
use crate::facts::{Action, Ask, Chart, Fact, Judged, Letter, Obstacle, Recipe, Secret, Stage};
use crate::finding::{Problem, Severity, Weight};
use crate::syntax::{Node, yaml};
use crate::text::{SourceId, Span, Str, nearest};

/// A rule as its page tells it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name of the rule and of the page's file.
    pub id: Str,
    pub title: String,
    pub severity: Severity,
    pub since: Str,
    /// The kind of fact that the conditions ask, or `joined` for a check written by hand.
    pub about: Str,
    pub when: Vec<Condition>,
    /// If all of these hold too, the finding is only a note; empty means never.
    pub note_when: Vec<Condition>,
    /// Fields whose place is the finding's, the first that has one.
    pub point: Vec<Str>,
    /// The message, with `{field}` where a value goes.
    pub says: String,
    /// What a list calls a finding, where the rule is one decision and needs no sentence for each; empty means never.
    pub row: String,
    /// The message about an image whose name is written elsewhere, with `{owner}` for the objects that have it.
    pub says_unnamed: Option<String>,
    /// The name of the fix, as in `fix::FIXES`.
    pub fix: Option<Str>,
    /// What to do, in one line.
    pub help: String,
    /// The same for an image whose tag has a key of its own, and for an entry that changes images of others.
    pub help_in_map: Option<String>,
    pub help_with_key: Option<String>,
    pub help_shared: Option<String>,
    pub help_in_override: Option<String>,
    pub help_in_feature: Option<String>,
    /// The vendor of a page about a vendor's secrets.
    pub vendor: Option<Str>,
    /// Everything behind the front matter.
    pub prose: String,
    /// The first paragraph under the title, as plain text.
    pub summary: String,
    /// The page's file, relative to the root it was found below: `rules/secrets/github.md`.
    pub file: Str,
    /// Where the front matter stands, and the front matter itself for what this file does not read (`tokens`).
    pub source: SourceId,
    pub front: Node,
}

/// Every key a page's front matter may have.
const KEYS: [&str; 22] = [
    "id",
    "title",
    "severity",
    "since",
    "about",
    "when",
    "note-when",
    "point",
    "says",
    "row",
    "says-unnamed",
    "fix",
    "help",
    "help-in-map",
    "help-with-key",
    "help-shared",
    "help-in-override",
    "help-in-feature",
    "vendor",
    "tokens",
    "data",
    "tags",
];

/// The slot of `says-unnamed` for the objects.
pub(super) const OWNER_SLOT: &str = "{owner}";

/// The kinds of fact a page can be about, and the fields of each.
pub(crate) fn abouts() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    vec![
        (Judged::ABOUT, Judged::FIELDS),
        (Fact::<Chart>::ABOUT, Fact::<Chart>::FIELDS),
        (Fact::<Action>::ABOUT, Fact::<Action>::FIELDS),
        (Fact::<Stage>::ABOUT, Fact::<Stage>::FIELDS),
        (Fact::<Recipe>::ABOUT, Fact::<Recipe>::FIELDS),
        (Fact::<Letter>::ABOUT, Fact::<Letter>::FIELDS),
        (Fact::<Obstacle>::ABOUT, Fact::<Obstacle>::FIELDS),
        (Fact::<Secret>::ABOUT, Fact::<Secret>::FIELDS),
        ("joined", &[]),
        ("data", &[]),
        ("pintle", &[]),
    ]
}

/// Reads a page. `name` is its file name; an unusable page gives nothing and says why.
pub(crate) fn read(source: SourceId, name: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Page> {
    let whole = Span::new(source, 0, text.len().min(3));
    let Some((front, prose)) = split(text) else {
        problems.push(bad("the page does not begin with front matter between `---` lines", whole));
        return None;
    };
    // The front matter is read in place, so its spans are the page's: the prose is cut off, nothing is moved.
    let yaml = yaml::read(source, &text[..front]);
    problems.extend(yaml.problems.into_iter().map(|problem| Problem { weight: Weight::Fatal, ..problem }));
    let Some(front) = yaml.documents.into_iter().next().map(|document| document.root) else {
        problems.push(bad("the front matter cannot be read", whole));
        return None;
    };
    for (key, _) in front.entries() {
        let name = key.text().unwrap_or_default();
        if !KEYS.contains(&name) {
            let hint = nearest(name, &KEYS).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            problems.push(bad(format!("there is no key `{name}` in a rule page{hint}"), key.span()));
        }
    }
    let before = problems.len();
    let mut need = |key: &str| {
        let text = front.text_at(key).map(str::to_string);
        if text.is_none() {
            problems.push(bad(format!("the page lacks `{key}`"), whole));
        }
        text.unwrap_or_default()
    };
    let (id, title, severity, since, about) =
        (need("id"), need("title"), need("severity"), need("since"), need("about"));
    if problems.len() > before {
        return None;
    }
    let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".md");
    let place = |key: &str| front.get(key).map_or(whole, Node::span);
    let vendor = front.text_at("vendor").map(Str::from);
    if stem != id && vendor.is_none() {
        problems.push(bad(format!("the page is called `{stem}` and its rule `{id}`"), place("id")));
    }
    let Some(severity) = Severity::parse(&severity) else {
        problems.push(bad("a severity is off, note, warning or error", place("severity")));
        return None;
    };
    let abouts = abouts();
    let Some((_, fields)) = abouts.iter().find(|(name, _)| *name == about) else {
        let names: Vec<&str> = abouts.iter().map(|(name, _)| *name).collect();
        problems.push(bad(format!("a page is about one of {}", names.join(", ")), place("about")));
        return None;
    };
    let when = front.get("when").map(|list| when::read(list, fields, problems)).unwrap_or_default();
    let note_when = front.get("note-when").map(|list| when::read(list, fields, problems)).unwrap_or_default();
    let point: Vec<Str> = match front.get("point") {
        Some(node) if node.is_list() => node.items().iter().filter_map(Node::text).map(Str::from).collect(),
        Some(node) => node.text().map(Str::from).into_iter().collect(),
        None => Vec::new(),
    };
    for field in &point {
        if !fields.iter().any(|(name, _)| name == field) {
            problems.push(bad(format!("there is no field `{field}` to point at"), place("point")));
        }
    }
    let says = front.text_at("says").map_or_else(|| title.clone(), str::to_string);
    let row = front.text_at("row").unwrap_or_default().to_string();
    let says_unnamed = front.text_at("says-unnamed").map(str::to_string);
    let unnamed = says_unnamed.as_deref().unwrap_or_default().replace(OWNER_SLOT, "");
    for (key, text) in [("says", &says), ("row", &row), ("says-unnamed", &unnamed)] {
        for field in slots(text) {
            if !fields.is_empty() && !fields.iter().any(|(name, _)| *name == field) {
                problems.push(bad(format!("there is no field `{field}` for the message"), place(key)));
            }
        }
    }
    Some(Page {
        id: id.into(),
        title,
        severity,
        since: since.into(),
        about: about.into(),
        when,
        note_when,
        point,
        says,
        row,
        says_unnamed,
        fix: front.text_at("fix").map(Str::from),
        help: front.text_at("help").unwrap_or_default().to_string(),
        help_in_map: front.text_at("help-in-map").map(str::to_string),
        help_with_key: front.text_at("help-with-key").map(str::to_string),
        help_shared: front.text_at("help-shared").map(str::to_string),
        help_in_override: front.text_at("help-in-override").map(str::to_string),
        help_in_feature: front.text_at("help-in-feature").map(str::to_string),
        vendor,
        summary: summary(prose),
        file: name.into(),
        prose: prose.to_string(),
        source,
        front,
    })
}

/// Where the front matter ends, and the prose behind it.
fn split(text: &str) -> Option<(usize, &str)> {
    let text_start = text.strip_prefix("---\n").map(|_| 4)?;
    let end = text[text_start..].find("\n---\n")? + text_start + 1;
    Some((end, &text[end + 4..]))
}

/// The names in braces of a message.
pub(crate) fn slots(says: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = says;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        names.push(&rest[open + 1..open + close]);
        rest = &rest[open + close + 1..];
    }
    names
}

/// The message with the values of a fact in it.
pub(crate) fn fill(says: &str, value: &dyn Fn(&str) -> Option<Str>) -> String {
    let mut out = String::with_capacity(says.len() + 32);
    let mut rest = says;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        out.push_str(&rest[..open]);
        out.push_str(&value(&rest[open + 1..open + close]).unwrap_or_default());
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// The first paragraph under the title, without the marks of Markdown.
fn summary(prose: &str) -> String {
    let paragraph: Vec<&str> = prose
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with('#'))
        .take_while(|line| !line.is_empty() && !line.starts_with("```"))
        .collect();
    paragraph.join(" ").replace(['`', '*'], "")
}

fn bad(says: impl Into<String>, at: Span) -> Problem {
    Problem::fatal("rule-page", says, Some(at))
}
