//! One rule page: front matter and prose. The page is the rule, its documentation and, by its examples, its test.

use super::when::{self, Condition};
use crate::facts::{Action, Ask, Chart, Fact, Judged, Letter, Obstacle, Recipe, Secret, Stage};
use crate::finding::{Problem, Severity, Weight};
use crate::limits::{LONGEST_SAID, MOST_OF_FRONT, MOST_OF_PAGE, MOST_OF_SENTENCE};
use crate::syntax::{Front, yaml};
use crate::text::{SourceId, Span, Str, nearest};

/// A rule as its page tells it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name of the rule and of the page's file.
    pub id: Str,
    pub title: Str,
    pub severity: Severity,
    pub since: Str,
    /// The kind of fact that the conditions ask; `joined` for a check written by hand, `registry` for one that needs what
    /// registries say.
    pub about: Str,
    pub when: Vec<Condition>,
    /// If all of these hold too, the finding is only a note; empty means never.
    pub note_when: Vec<Condition>,
    /// Fields whose place is the finding's, the first that has one.
    pub point: Vec<Str>,
    /// The message, with `{field}` where a value goes.
    pub says: Str,
    /// What a list calls a finding, where the rule is one decision and needs no sentence for each; empty means never.
    pub row: Str,
    /// The message about an image whose name is written elsewhere, with `{owner}` for the objects that have it.
    pub says_unnamed: Option<Str>,
    /// The name of the fix, as in `fix::FIXES`.
    pub fix: Option<Str>,
    /// What to do, in one line.
    pub help: Str,
    /// The same for an image that is written in another way, by the key that says which: one of `HELPS`.
    pub helps: Vec<(&'static str, Str)>,
    /// The command that mends most of what the rule finds.
    pub next: Option<Str>,
    /// The vendor of a page about a vendor's secrets.
    pub vendor: Option<Str>,
    /// Everything behind the front matter.
    pub prose: Str,
    /// The page's file, relative to the root it was found below: `rules/secrets/github.md`.
    pub file: Str,
    /// The front matter itself, for what this file does not read (`tokens`, `data`).
    pub front: Front,
}

/// Every key a page's front matter may have.
pub(super) const KEYS: [&str; 29] = [
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
    HELPS[0].0,
    HELPS[1].0,
    HELPS[2].0,
    HELPS[3].0,
    HELPS[4].0,
    HELPS[5].0,
    HELPS[6].0,
    HELPS[7].0,
    HELPS[8].0,
    HELPS[9].0,
    HELPS[10].0,
    "next",
    "vendor",
    "tokens",
    "data",
    "tags",
];

/// The keys of helps for images that are not written as one text, with the word that an image says of itself (`written`).
const HELPS: [(&str, &str); 11] = [
    ("help-in-map", "map"),
    ("help-with-key", "map-with-key"),
    ("help-shared", "shared"),
    ("help-in-chart", "chart"),
    ("help-in-override", "override"),
    ("help-in-feature", "feature"),
    ("help-in-variable", "variable"),
    ("help-where-built", "built"),
    ("help-with-setter", "setter"),
    ("help-with-bot", "bot"),
    ("help-with-bot-apart", "bot-apart"),
];

/// The slot of `says-unnamed` for the objects, and its name.
pub(super) const OWNER_SLOT: &str = "{owner}";
const OWNER_NAME: &str = "owner";

/// The kinds of fact a page can be about, and the fields of each.
pub(super) const ABOUTS: [(&str, &[(&str, &str)]); 12] = [
    (Judged::ABOUT, Judged::FIELDS),
    (Fact::<Chart>::ABOUT, Fact::<Chart>::FIELDS),
    (Fact::<Action>::ABOUT, Fact::<Action>::FIELDS),
    (Fact::<Stage>::ABOUT, Fact::<Stage>::FIELDS),
    (Fact::<Recipe>::ABOUT, Fact::<Recipe>::FIELDS),
    (Fact::<Letter>::ABOUT, Fact::<Letter>::FIELDS),
    (Fact::<Obstacle>::ABOUT, Fact::<Obstacle>::FIELDS),
    (Fact::<Secret>::ABOUT, Fact::<Secret>::FIELDS),
    ("joined", &[]),
    ("registry", &[]),
    ("data", &[]),
    ("pintle", &[]),
];

/// Reads a page from its text. `name` is its file name; an unusable page gives nothing and says why.
pub(crate) fn read(source: SourceId, name: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Page> {
    let whole = Span::new(source, 0, text.len().min(3));
    if text.len() > MOST_OF_PAGE {
        problems.push(bad(format!("a page has up to {} KiB", MOST_OF_PAGE >> 10), Span::new(source, 0, 0)));
        return None;
    }
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
    if front.weight() > MOST_OF_FRONT {
        let most = format!("the front matter says up to {} KiB, its aliases included", MOST_OF_FRONT >> 10);
        problems.push(bad(most, whole));
        return None;
    }
    page(name.into(), (Front::Read(front), whole), prose.into(), problems)
}

/// Makes a page of its front matter, which begins at `whole`.
pub(super) fn page(
    file: Str,
    (front, whole): (Front, Span),
    prose: Str,
    problems: &mut Vec<Problem>,
) -> Option<Page> {
    let [mut id, mut title, mut since, mut about, mut says] = [const { None }; 5];
    let [mut says_unnamed, mut fix, mut next, mut vendor] = [const { None }; 4];
    let mut helps = Vec::new();
    let (mut row, mut help, mut point) = (Str::default(), Str::default(), Vec::new());
    let (mut severity, mut when, mut note_when) = (None, None, None);
    for (key, value) in front.entries() {
        match key.text().unwrap_or_default().as_str() {
            "id" => id = value.text(),
            "title" => title = value.text(),
            "severity" => severity = value.text(),
            "since" => since = value.text(),
            "about" => about = value.text(),
            "when" => when = Some(value),
            "note-when" => note_when = Some(value),
            "point" if value.is_list() => point = value.items().filter_map(|item| item.text()).collect(),
            "point" => point = value.text().into_iter().collect(),
            "says" => says = value.text(),
            "row" => row = value.text().unwrap_or_default(),
            "says-unnamed" => says_unnamed = value.text(),
            "fix" => fix = value.text(),
            "help" => help = value.text().unwrap_or_default(),
            "next" => next = value.text(),
            "vendor" => vendor = value.text(),
            "tokens" | "data" | "tags" => {}
            name if HELPS.iter().any(|(key, _)| *key == name) => {
                let known = HELPS.iter().find(|(key, _)| *key == name);
                helps.extend(known.zip(value.text()).map(|((_, written), help)| (*written, help)));
            }
            name => {
                let hint =
                    nearest(name, &KEYS).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                problems.push(bad(format!("there is no key `{name}` in a rule page{hint}"), key.span()));
            }
        }
    }
    let before = problems.len();
    let mut need = |key: &str, text: Option<Str>| {
        if text.is_none() {
            problems.push(bad(format!("the page lacks `{key}`"), whole));
        }
        text.unwrap_or_default()
    };
    let (id, title) = (need("id", id), need("title", title));
    let (severity, since, about) = (need("severity", severity), need("since", since), need("about", about));
    if problems.len() > before {
        return None;
    }
    let stem = file.rsplit('/').next().unwrap_or(&file).trim_end_matches(".md");
    let place = |key: &str| front.get(key).map_or(whole, |value| value.span());
    if stem != id && vendor.is_none() {
        problems.push(bad(format!("the page is called `{stem}` and its rule `{id}`"), place("id")));
    }
    let Some(severity) = Severity::parse(&severity) else {
        problems.push(bad("a severity is off, note, warning or error", place("severity")));
        return None;
    };
    let Some((_, fields)) = ABOUTS.iter().find(|(name, _)| *name == about) else {
        let names = ABOUTS.map(|(name, _)| name);
        problems.push(bad(format!("a page is about one of {}", names.join(", ")), place("about")));
        return None;
    };
    let when = when.map(|list| when::read(&list, fields, problems)).unwrap_or_default();
    let note_when = note_when.map(|list| when::read(&list, fields, problems)).unwrap_or_default();
    for field in &point {
        if !fields.iter().any(|(name, _)| name == field) {
            problems.push(bad(format!("there is no field `{field}` to point at"), place("point")));
        }
    }
    let says = says.unwrap_or_else(|| title.clone());
    for (key, text) in [("says", Some(&says)), ("row", Some(&row)), ("says-unnamed", says_unnamed.as_ref())] {
        if text.is_some_and(|text| text.len() > MOST_OF_SENTENCE) {
            problems.push(bad(format!("a sentence has up to {MOST_OF_SENTENCE} bytes"), place(key)));
            return None;
        }
        for field in text.map(|text| slots(text)).unwrap_or_default() {
            let is_owner = key == "says-unnamed" && field == OWNER_NAME;
            if !fields.is_empty() && !is_owner && !fields.iter().any(|(name, _)| *name == field) {
                problems.push(bad(format!("there is no field `{field}` for the message"), place(key)));
            }
        }
    }
    Some(Page {
        id,
        title,
        severity,
        since,
        about,
        when,
        note_when,
        point,
        says,
        row,
        says_unnamed,
        fix,
        help,
        helps,
        next,
        vendor,
        prose,
        file,
        front,
    })
}

impl Page {
    /// What to do about an image that is written so; nothing if what is said of all fits it.
    pub fn help_for(&self, written: &str) -> Option<&Str> {
        // A map with more keys, or one of which a chart says a part, is a map all the same.
        let general = if matches!(written, "map-with-key" | "chart") { "map" } else { written };
        let of = |wanted: &str| self.helps.iter().find(|(written, _)| *written == wanted);
        of(written).or_else(|| of(general)).map(|(_, help)| help)
    }

    /// How many patterns it may hold.
    pub(super) fn patterns(&self) -> usize {
        let tokens = self.front.get("tokens").map_or(0, |tokens| tokens.items().count());
        self.when.len() + self.note_when.len() + tokens
    }

    /// The first paragraph under the title, without the marks of Markdown.
    pub fn summary(&self) -> String {
        let paragraph: Vec<&str> = self
            .prose
            .lines()
            .map(str::trim)
            .skip_while(|line| line.is_empty() || line.starts_with('#'))
            .take_while(|line| !line.is_empty() && !line.starts_with("```"))
            .collect();
        paragraph.join(" ").replace(['`', '*'], "")
    }
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
        let value = value(&rest[open + 1..open + close]).unwrap_or_default();
        // Half of a value might be half of a secret, which nobody knows any more.
        out.push_str(if value.len() > LONGEST_SAID { "…" } else { &value });
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

fn bad(says: impl Into<String>, at: Span) -> Problem {
    Problem::fatal("rule-page", says, Some(at))
}
