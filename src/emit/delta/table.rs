//! A comparison for people at a terminal: a topic, how much of what, the sentence, and under it where that is decided and
//! whom it reaches.

use super::compared::Compared;
use super::rows::{Row, rows};
use crate::delta::{Change, Delta, NewFinding, Spot, Topic, Touched, Which};
use crate::emit::Colour;
use crate::emit::inventory::Look;
use crate::emit::words::count;
use crate::finding::Severity;
use crate::redact::clean;

/// The columns of topics and of what happens.
const TOPIC: usize = 11;
const WHAT: usize = 12;
/// How far the second line of a row stands in.
const DEEPER: usize = 2;

/// More rows than these of one topic hide the others.
const ROWS: usize = 12;
const SETTINGS: usize = 6;
/// More objects than these are counted.
const OBJECTS: usize = 3;

const BOLD: &str = "1";
const DIM: &str = "2";
const PLACE: &str = "36";
const RED: &str = "31";
const YELLOW: &str = "33";
const GREEN: &str = "32";

pub(super) fn emit(compared: &Compared, look: &Look) -> String {
    let Compared { delta, before, after, is_whole } = compared;
    let pen = Pen { look: *look, has_clusters: delta.has_clusters };
    let mut out = String::new();
    for topic in Topic::ALL {
        pen.topic(&mut out, topic, &rows(&delta.changes, topic), *is_whole);
    }
    pen.findings(&mut out, delta, *is_whole);
    if out.is_empty() && delta.objects == Touched::default() {
        return format!("nothing changes in any cluster   {}\n", pen.paint(DIM, &sides(before, after)));
    }
    pen.objects(&mut out, &delta.objects, *is_whole);
    out.push_str(&pen.verdict(delta, &sides(before, after)));
    out
}

fn sides(before: &str, after: &str) -> String {
    format!("{} → {}", clean(before), clean(after))
}

struct Pen {
    look: Look,
    has_clusters: bool,
}

impl Pen {
    fn paint(&self, code: &str, text: &str) -> String {
        match self.look.colour {
            Colour::Plain => text.to_owned(),
            _ if text.is_empty() => String::new(),
            _ => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// The beginning of a row: the topic and what happens, each where it is another than above.
    fn lead(&self, topic: &str, what: &str, colour: &str) -> String {
        let topic = self.paint(BOLD, topic) + &blanks(TOPIC, topic);
        topic + &self.paint(colour, what) + &blanks(WHAT, what)
    }

    fn topic(&self, out: &mut String, topic: Topic, rows: &[Row], is_whole: bool) {
        let most = match topic {
            _ if is_whole => usize::MAX,
            Topic::Settings => SETTINGS,
            _ => ROWS,
        };
        let mut name = title(topic);
        for (at, row) in rows.iter().enumerate().take(most) {
            let is_alike = |other: &&Row| {
                other.first.what == row.first.what && other.first.is_routine == row.first.is_routine
            };
            let is_first = at == 0 || !is_alike(&&rows[at - 1]);
            let number = rows[at..].iter().take_while(is_alike).count();
            let what = if is_first { format!("{number} {}", row.first.what) } else { String::new() };
            out.push_str(&self.lead(name, &what, colour(row.first)));
            name = "";
            self.row(out, &row.says, &places(&row.places, is_whole), &self.reach(row, is_whole));
        }
        if rows.len() > most {
            let more = format!("… {} more (-v)", rows.len() - most);
            out.push_str(&format!("{}{}\n", " ".repeat(TOPIC + WHAT), self.paint(DIM, &more)));
        }
    }

    /// The sentence, and behind it or under it the place and the reach.
    fn row(&self, out: &mut String, says: &str, place: &str, reach: &str) {
        let lead = TOPIC + WHAT;
        let room = self.look.width.saturating_sub(lead).max(30);
        let between = if place.is_empty() || reach.is_empty() { "" } else { " → " };
        let second = format!("{place}{between}{reach}");
        let painted = |second: &str| match second.strip_prefix(place) {
            Some(rest) => self.paint(PLACE, place) + &self.paint(DIM, rest),
            None => self.paint(DIM, second),
        };
        let says = clean(says);
        if length(&says) + length(&second) + 3 <= room {
            out.push_str(&format!("{says}   {}\n", painted(&second)));
            return;
        }
        let indent = format!("\n{}", " ".repeat(lead + DEEPER));
        out.push_str(&wrapped(&says, room, room - DEEPER).join(&indent));
        let room = room - DEEPER;
        if length(&second) <= room {
            out.push_str(&format!("{indent}{}\n", painted(&second)));
            return;
        }
        if !place.is_empty() {
            out.push_str(&format!("{indent}{}", self.paint(PLACE, place)));
        }
        let rest = if place.is_empty() { reach.to_owned() } else { format!("→ {reach}") };
        for (at, line) in wrapped(&rest, room, room - DEEPER).iter().enumerate().filter(|_| !reach.is_empty())
        {
            let deeper = if at == 0 { "" } else { "  " };
            out.push_str(&format!("{indent}{deeper}{}", self.paint(DIM, line)));
        }
        out.push('\n');
    }

    /// `Deployment/shop/web and 3 more (production, staging)`
    fn reach(&self, row: &Row, is_whole: bool) -> String {
        let Row { objects, clusters, .. } = row;
        let most = if is_whole { usize::MAX } else { OBJECTS };
        let mut told = objects.iter().take(most).copied().collect::<Vec<_>>().join(", ");
        if objects.len() > most {
            told.push_str(&format!(" and {} more", objects.len() - most));
        }
        if self.has_clusters && !clusters.is_empty() {
            let names = if clusters.len() > OBJECTS && !is_whole {
                format!("{} clusters", clusters.len())
            } else {
                clusters.join(", ")
            };
            told = if told.is_empty() { names } else { format!("{told} ({names})") };
        }
        clean(&told).into_owned()
    }

    fn findings(&self, out: &mut String, delta: &Delta, is_whole: bool) {
        let most = if is_whole { usize::MAX } else { ROWS };
        let mut topic = "findings";
        let sides: [(&str, &[NewFinding]); 2] =
            [("new", &delta.finds.new), ("resolved", &delta.finds.resolved)];
        for (what, all) in sides {
            // What is resolved is good news, and counted.
            let shown = if what == "resolved" && !is_whole { 0 } else { most };
            for (at, finding) in all.iter().enumerate().take(shown) {
                let what = if at == 0 { format!("{} {what}", all.len()) } else { String::new() };
                let colour = match finding.severity {
                    _ if what.ends_with("resolved") => GREEN,
                    Severity::Error => RED,
                    Severity::Warning => YELLOW,
                    Severity::Note | Severity::Off => DIM,
                };
                out.push_str(&self.lead(topic, &what, colour));
                topic = "";
                let says = format!("{}: {}", finding.rule, finding.says);
                self.row(out, &says, &place(&finding.at), "");
            }
            if all.len() > shown && shown > 0 {
                let more = format!("… {} more (-v)", all.len() - shown);
                out.push_str(&format!("{}{}\n", " ".repeat(TOPIC + WHAT), self.paint(DIM, &more)));
            }
        }
    }

    /// How many objects come, change and go, and under it which come and go.
    fn objects(&self, out: &mut String, objects: &Touched, is_whole: bool) {
        let Touched { added, changed, removed, rolled } = objects;
        let rolls = match rolled.len() {
            0 => String::new(),
            1 => "   1 starts its pods again, unchanged".to_owned(),
            more => format!("   {more} start their pods again, unchanged"),
        };
        let told = format!("+{} ~{} −{}", added.len(), changed.len(), removed.len());
        out.push_str(&format!("{}{}{told}{rolls}\n", self.paint(BOLD, "objects"), blanks(TOPIC, "objects")));
        let mut signs = vec![("+", GREEN, added), ("−", RED, removed)];
        if is_whole {
            signs.extend([("~", YELLOW, changed), ("↻", DIM, rolled)]);
        }
        let most = if is_whole { usize::MAX } else { OBJECTS };
        for (sign, colour, all) in signs {
            for one in all.iter().take(most) {
                let place =
                    if self.has_clusters { format!(" ({})", clean(&one.cluster)) } else { String::new() };
                let name = format!("{}{}", clean(&one.object), self.paint(DIM, &place));
                out.push_str(&format!("{}{} {name}\n", " ".repeat(TOPIC), self.paint(colour, sign)));
            }
            if all.len() > most {
                let more = format!("{sign} {} more (-v)", all.len() - most);
                out.push_str(&format!("{}{}\n", " ".repeat(TOPIC), self.paint(DIM, &more)));
            }
        }
    }

    fn verdict(&self, delta: &Delta, sides: &str) -> String {
        let (new, resolved) = (delta.finds.new.len(), delta.finds.resolved.len());
        let mut parts = Vec::new();
        if new > 0 {
            parts.push(count(new, "new finding"));
        }
        if resolved > 0 {
            parts.push(format!("{resolved} resolved"));
        }
        let findings = if parts.is_empty() { String::new() } else { format!("{} · ", parts.join(", ")) };
        let verdict = delta.verdict();
        let colour = if verdict.word() == "routine" { GREEN } else { YELLOW };
        format!("{findings}{}   {}\n", self.paint(colour, verdict.name()), self.paint(DIM, sides))
    }
}

/// A topic as the first column calls it.
fn title(topic: Topic) -> &'static str {
    match topic {
        Topic::Broken => "not built",
        topic => topic.name(),
    }
}

/// `apps/web.yaml:21`; of a line that is gone `apps/web.yaml:21 (before)`.
fn place(at: &Spot) -> String {
    let gone = if at.which == Which::Before { " (before)" } else { "" };
    format!("{}:{}{gone}", clean(&at.file), at.start.line)
}

/// The first place, and how many others say the same.
fn places(all: &[&Spot], is_whole: bool) -> String {
    match all {
        [] => String::new(),
        [only] => place(only),
        all if is_whole => all.iter().map(|at| place(at)).collect::<Vec<_>>().join(", "),
        [first, rest @ ..] => format!("{} +{}", place(first), rest.len()),
    }
}

/// What may break something is red, what is routine faint.
fn colour(change: &Change) -> &'static str {
    match change.what {
        _ if change.is_routine => DIM,
        "removed" | "backwards" | "unpinned" | "plain" | "shrinks" | "refused" | "after" | "stopped" => RED,
        "added" | "started" | "off" | "pinned" | "encrypted" | "less" | "closed" => GREEN,
        _ => YELLOW,
    }
}

fn blanks(width: usize, text: &str) -> String {
    " ".repeat(width.saturating_sub(length(text)).max(1))
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// A text in lines, broken at blanks: the first may be so wide, the others so.
fn wrapped(text: &str, first: usize, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let room = if lines.len() == 1 { first } else { width };
        let last = lines.len() - 1;
        if !lines[last].is_empty() && length(&lines[last]) + 1 + length(word) > room {
            lines.push(word.to_owned());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}
