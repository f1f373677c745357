//! A comparison as Markdown, for a comment: the first screen whole and short, all else folded, with a mark by which the
//! comment is found again. What a repository says is never markup.

use super::compared::Compared;
use super::rows::{Row, rows};
use crate::delta::{Delta, NewFinding, Spot, Topic, Which};
use crate::emit::inventory::Look;
use crate::emit::markdown::escape;
use crate::emit::words::count;
use std::fmt::Write;

/// By this the comment of the last run is found: it stays as it is.
const MARK: &str = "<!-- pintle diff -->\n";

/// The first screen has at most this many bytes, and all of it this many.
const FIRST: usize = 4_000;
const COMMENT: usize = 65_000;

/// A name or a sentence has at most so many letters, so that one of them does not push out all others.
const LONGEST: usize = 300;

/// Room for what follows the rows.
const ENDS: usize = 400;

pub(super) fn emit(compared: &Compared, _: &Look) -> String {
    let delta = &compared.delta;
    let mut out = format!("{MARK}### {}\n\n", headline(delta));
    let sides = format!("<sub>{} → {}</sub>\n", brief(&compared.before), brief(&compared.after));
    let rows = Topic::ALL.iter().flat_map(|topic| rows(&delta.changes, *topic));
    let rows: Vec<String> = rows.map(|row| line(&row, delta.has_clusters)).collect();
    let found: Vec<String> = delta.finds.new.iter().map(new_finding).collect();
    let mut rows = [found, rows].concat().into_iter().peekable();
    if rows.peek().is_some() {
        table(&mut out, &mut rows, FIRST.saturating_sub(sides.len() + ENDS));
    }
    out.push_str(&sides);
    let left = rows.len();
    if left > 0 {
        let _ = write!(out, "\n<details><summary>{}</summary>\n\n", count(left, "more row"));
        table(&mut out, &mut rows, COMMENT - ENDS);
        if rows.len() > 0 {
            cut(&mut out, rows.len());
        }
        out.push_str("</details>\n");
    }
    let resolved = &delta.finds.resolved;
    if !resolved.is_empty() && out.len() < COMMENT - ENDS {
        let _ =
            write!(out, "\n<details><summary>{} resolved</summary>\n\n", count(resolved.len(), "finding"));
        let mut rows = resolved.iter().map(new_finding).collect::<Vec<_>>().into_iter().peekable();
        table(&mut out, &mut rows, COMMENT - ENDS);
        if rows.len() > 0 {
            cut(&mut out, rows.len());
        }
        out.push_str("</details>\n");
    }
    out
}

/// How many rows are not there.
fn cut(out: &mut String, number: usize) {
    let _ = writeln!(out, "… and {} that do not fit into a comment\n", count(number, "row"));
}

/// Rows as long as they fit.
fn table(
    out: &mut String,
    rows: &mut std::iter::Peekable<impl ExactSizeIterator<Item = String>>,
    most: usize,
) {
    out.push_str("| | change | where |\n|---|---|---|\n");
    while let Some(row) = rows.next_if(|row| out.len() + row.len() < most) {
        out.push_str(&row);
    }
    out.push('\n');
}

/// `not routine: 2 images, 1 chart · objects +2 ~5 −1 · 1 new finding`
fn headline(delta: &Delta) -> String {
    let mut parts: Vec<String> = Vec::new();
    for topic in Topic::ALL {
        let number = rows(&delta.changes, topic).len();
        if number > 0 {
            parts.push(format!("{} {number}", topic.name()));
        }
    }
    let mut told = vec![delta.verdict().name().to_owned()];
    if !parts.is_empty() {
        told.push(parts.join(", "));
    }
    let [added, changed, removed] =
        [&delta.objects.added, &delta.objects.changed, &delta.objects.removed].map(Vec::len);
    told.push(format!("objects +{added} ~{changed} −{removed}"));
    if !delta.finds.new.is_empty() {
        told.push(count(delta.finds.new.len(), "new finding"));
    }
    if !delta.finds.resolved.is_empty() {
        told.push(format!("{} resolved", delta.finds.resolved.len()));
    }
    format!("pintle: {}", told.join(" · "))
}

fn line(row: &Row, has_clusters: bool) -> String {
    let Row { first, says, places, objects, clusters } = row;
    let mut reach = match objects.as_slice() {
        [] => String::new(),
        [only] => brief(only),
        [first, rest @ ..] => format!("{} and {} more", brief(first), rest.len()),
    };
    if has_clusters && !clusters.is_empty() {
        let names: Vec<String> = clusters.iter().take(3).map(|name| brief(name)).collect();
        let more =
            if clusters.len() > 3 { format!(" and {} more", clusters.len() - 3) } else { String::new() };
        let _ = write!(reach, "{}({}{more})", if reach.is_empty() { "" } else { " " }, names.join(", "));
    }
    let place = match places.as_slice() {
        [] => String::new(),
        [only] => place(only),
        [first, rest @ ..] => format!("{} +{}", place(first), rest.len()),
    };
    let between = if place.is_empty() || reach.is_empty() { "" } else { "<br>" };
    let sign = if first.is_routine { "" } else { "**" };
    let what = format!("{} {}", first.topic.name(), first.what);
    format!("| {sign}{what}{sign} | {} | {place}{between}{reach} |\n", brief(says))
}

fn new_finding(finding: &NewFinding) -> String {
    let rule = brief(&finding.rule);
    let severity = finding.severity.name();
    format!("| **{severity}** {rule} | {} | {} |\n", brief(&finding.says), place(&finding.at))
}

fn place(at: &Spot) -> String {
    let gone = if at.which == Which::Before { " (before)" } else { "" };
    format!("<code>{}&#58;{}</code>{gone}", brief(&at.file), at.start.line)
}

/// A text as a cell of a table.
fn brief(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => escape(&text[..end]) + "…",
        None => escape(text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::emit::Colour;
    use crate::emit::inventory::Grouping;

    fn told(compared: &Compared) -> String {
        emit(compared, &Look { colour: Colour::Plain, width: 100, grouping: Grouping::Flat })
    }

    #[test]
    fn the_first_screen_is_whole_and_short_and_all_of_it_fits_a_comment() {
        // What a forge takes for one comment.
        const LARGEST: usize = 65_536;
        for number in [0, 1, 5, 40, 400, 4_000] {
            let told = told(&sample::many(number));
            assert!(told.starts_with("<!-- pintle diff -->\n### pintle: "), "{number}: the mark comes first");
            assert!(told.chars().count() <= LARGEST, "{number}: {}", told.chars().count());
            let first = told.split("<details>").next().unwrap();
            assert!(first.len() < 4_096, "{number}: {}", first.len());
            assert!(first.contains("the files on the disk</sub>"), "{number}: the sides are on it");
            assert_eq!(told.matches("<details>").count(), told.matches("</details>").count(), "{number}");
            for line in told.lines().filter(|line| line.starts_with('|')) {
                assert!(line.ends_with('|'), "{number}: a row is whole: {line}");
            }
        }
        let (some, all) = (told(&sample::many(4_000)), told(&sample::many(5)));
        assert!(some.contains("that do not fit into a comment"), "what is cut off is said");
        assert_eq!(all.matches("ghcr.io/acme/web-").count(), 5, "nothing is cut off that fits");
    }

    #[test]
    fn one_long_name_does_not_break_the_first_screen() {
        let mut compared = sample::everything();
        compared.before = "b".repeat(90_000);
        compared.delta.changes[0].subject = "i".repeat(90_000);
        let told = told(&compared);
        assert!(told.chars().count() <= 65_536, "{}", told.chars().count());
        assert!(told.split("<details>").next().unwrap().len() < 4_096);
    }
}
