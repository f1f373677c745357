//! What a repository says of itself in the first heading and the first paragraph of its README: whether it is a collection
//! of samples. Reads words, and whoever is in doubt says no.

use crate::facts::Places;
use std::ops::Range;

/// What is further down is no opening.
const OPENING: usize = 16 << 10;
/// So many sentences say what a repository is.
const SENTENCES: usize = 2;
/// Further from its subject a word is about something else.
const REACH: usize = 7;

/// Before the word, these say that it is about something else: `no demo`, `inspired by examples`, `manifests and examples`.
#[rustfmt::skip]
const TURNS: &[&str] = &[
    "not", "no", "isn", "aren", "doesn", "don", "never", "without", "than", "merely", "just", "and", "or", "plus", "see", "like", "as",
    "from", "for", "by", "based", "inspired", "with", "using", "via", "after", "template", "forked", "derived", "adapted", "copied",
    "following", "instead", "beyond", "beside", "besides", "if", "when", "where", "uses", "used", "look", "also", "some", "including",
];
/// What a sentence speaks of when it speaks of the repository.
const SUBJECTS: &[&str] = &["repository", "repo", "project", "collection", "directory"];
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is", "are", "contains", "contain", "holds", "provides", "has", "hosts", "includes", "collects", "gathers", "offers", "houses",
    "showcases", "features",
];
/// What may follow a word for one sample: it is one of something, or shows something.
#[rustfmt::skip]
const OF_ONE: &[&str] = &[
    "of", "app", "apps", "application", "applications", "repository", "repo", "project", "projects", "code", "showing", "that", "which",
    "demonstrating", "illustrating", "manifests", "configuration", "configurations", "files", "charts", "playbooks", "deployments",
    "setups", "stacks", "resources",
];

/// Whether a README says that what is beside it are samples.
pub(super) fn calls_itself_samples(text: &str, places: &Places) -> bool {
    let opening = opening(text);
    let (heading, paragraph) = (words(&opening.heading), words(&opening.paragraph));
    if heading.iter().chain(&paragraph).any(|word| places.is_of_owner(word)) {
        return false;
    }
    let sentences = opening.paragraph.split(['.', '!', '?', ';']).map(words);
    let mut sentences = sentences.filter(|words| !words.is_empty()).take(SENTENCES);
    let is_one = |words: &[String]| Said { words, places }.is_title();
    is_one(&heading) || sentences.any(|words| Said { words: &words, places }.is_sentence())
}

/// The words of a heading or of a sentence; a comma is one, too.
struct Said<'a> {
    words: &'a [String],
    places: &'a Places,
}

impl Said<'_> {
    /// The first word for samples before which nothing turns it into something else.
    fn first(&self) -> Option<usize> {
        let at = self.words.iter().position(|word| self.places.is_of_samples(word))?;
        let is_turned = self.words[..at].iter().any(|word| TURNS.contains(&word.as_str()) || word == ",");
        (!is_turned).then_some(at)
    }

    /// `Compose Examples`, `Argo CD Example Apps`, `Workshop: GitOps with Flux`.
    fn is_title(&self) -> bool {
        let Some(at) = self.first() else { return false };
        let rest = &self.words[at + 1..];
        // `Examples Inc. platform` would be one, too: what begins so says of what.
        let is_head = at == 0 && rest.first().is_some_and(|next| matches!(next.as_str(), "of" | "for" | ":"));
        rest.iter().all(|word| self.is_plain_rest(word)) || is_head
    }

    /// `This repository contains examples of …`, `A curated list of samples`, `In this tutorial`.
    fn is_sentence(&self) -> bool {
        let Some(at) = self.first().filter(|at| *at <= REACH) else { return false };
        let (before, next) = (&self.words[..at], self.words.get(at + 1));
        // `contains examples and the manifests of …`: it is about both.
        if next.is_some_and(|next| {
            matches!(next.as_str(), "and" | "or" | "," | "below" | "folder" | "directory")
        }) {
            return false;
        }
        let is_one = !self.words[at].ends_with('s');
        let is_plain = !is_one || next.is_none_or(|next| OF_ONE.contains(&next.as_str()));
        let names = |range: Range<usize>, known: &[&str]| {
            let words = before.iter().take(range.end).skip(range.start);
            words.into_iter().any(|word| known.contains(&word.as_str()))
        };
        let is_this = |word: &str| matches!(word, "this" | "these");
        match before.first().map(String::as_str) {
            None => is_plain,
            // `This demo shows`, `This repository contains`, `This is a tutorial`.
            Some(first) if is_this(first) && at == 1 => true,
            Some(first) if is_this(first) || first == "the" => {
                let is_about = names(1..3, SUBJECTS) && names(2..4, VERBS) || names(1..2, &["is", "are"]);
                is_about && is_plain
            }
            Some("in") => at == 2 && is_this(&before[1]) && is_one,
            Some("it" | "here") => names(1..2, VERBS) && is_plain,
            // A sentence without a verb is a title in other words.
            Some(_) => !names(0..at, VERBS) && is_plain,
        }
    }

    fn is_plain_rest(&self, word: &str) -> bool {
        word == "and" || OF_ONE[1..].contains(&word) || self.places.is_of_samples(word)
    }
}

/// How a README begins.
#[derive(Default)]
struct Opening {
    heading: String,
    paragraph: String,
}

/// The first heading and the first paragraph, without marks, pictures and addresses.
fn opening(text: &str) -> Opening {
    let end = (0..=text.len().min(OPENING)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = without_tags(&text[..end]);
    let mut out = Opening::default();
    let (mut is_quoted, mut lines) = (false, text.lines().peekable());
    while let Some(line) = lines.next() {
        let line = line.trim().trim_start_matches(['>', ' ']);
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        is_quoted ^= is_fence;
        let plain = without_links(line, 0);
        let has_words = plain.contains(|letter: char| letter.is_alphabetic());
        let marks = line.len() - line.trim_start_matches(['#', '=']).len();
        let below = lines.peek().map_or("", |next| next.trim());
        let is_underlined = below.len() >= 3
            && (below.bytes().all(|byte| byte == b'=') || below.bytes().all(|byte| byte == b'-'));
        let is_heading =
            (1..=6).contains(&marks) && line[marks..].starts_with(' ') || has_words && is_underlined;
        let is_item = line.starts_with(['|', '+']) || ["- ", "* "].iter().any(|mark| line.starts_with(mark));
        let is_prose =
            has_words && !is_fence && !is_quoted && !is_item && !is_heading && !line.starts_with("[!");
        match () {
            () if is_heading && out.heading.is_empty() && out.paragraph.is_empty() => out.heading = plain,
            () if is_prose => {
                out.paragraph.push_str(&plain);
                out.paragraph.push('\n');
            }
            () if !out.paragraph.is_empty() => break,
            () => {}
        }
    }
    out
}

/// A text of Markdown without HTML: headings and paragraphs of HTML become lines.
fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let is_tag = tag.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/');
        let Some((inner, after)) = tag.split_once('>').filter(|_| is_tag) else {
            out.push('<');
            rest = tag;
            continue;
        };
        let name = inner.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '/').next();
        match name.unwrap_or_default().to_ascii_lowercase().as_str() {
            "h1" | "h2" | "h3" => out.push_str("\n\n# "),
            "/h1" | "/h2" | "/h3" | "p" | "/p" | "div" | "/div" => out.push_str("\n\n"),
            _ => {}
        }
        rest = after;
    }
    out + rest
}

/// A picture in a link in brackets is all that people write.
const LINKS_IN_LINKS: usize = 3;

/// A line of Markdown with the texts of its links in their places, and without pictures.
fn without_links(line: &str, depth: usize) -> String {
    if depth > LINKS_IN_LINKS {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        let is_picture = before.ends_with('!');
        out.push_str(before.trim_end_matches('!'));
        // A picture inside of a link has brackets of its own.
        let mut open = 1;
        let is_end = |(_, letter): &(usize, char)| {
            open += i32::from(*letter == '[') - i32::from(*letter == ']');
            open == 0
        };
        let Some((end, _)) = link.char_indices().find(is_end) else { return out + link };
        let (inner, after) = (&link[..end], &link[end + 1..]);
        if !is_picture {
            let inner = without_links(inner, depth + 1);
            out.push_str(&inner);
        }
        rest = match after.chars().next() {
            Some('(') => after.split_once(')').map_or("", |(_, rest)| rest),
            Some('[') => after.split_once(']').map_or("", |(_, rest)| rest),
            // `[name]: address`
            Some(':') if out.trim() == inner => return String::new(),
            _ => after,
        };
    }
    out + rest
}

/// The words of a text in small letters; a comma and a colon are words.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for piece in text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, ',' | ':')) {
        let word = piece.trim_end_matches([',', ':']);
        if !word.is_empty() {
            out.push(word.to_lowercase());
        }
        out.extend(piece.chars().last().filter(|last| matches!(last, ',' | ':')).map(String::from));
    }
    out
}
