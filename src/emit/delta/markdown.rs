//! A comparison as Markdown, for a comment: the first screen whole and short, all else folded, with a mark by which the
//! comment is found again. What a repository says is never markup.

use super::compared::Compared;
use super::rows::{Row, rows};
use crate::delta::{Delta, NewFinding, Spot, Topic, Which};
use crate::emit::inventory::Look;
use crate::emit::markdown::escape;
use crate::emit::words::count;
use std::fmt::Write;

/// By this the comment of the last run is found.
const MARK: &str = "<!-- pintle diff -->\n";

/// The first screen has at most this many bytes, and all of it this many.
const FIRST: usize = 4_000;
const COMMENT: usize = 65_000;

/// Room for what follows the rows.
const ENDS: usize = 400;

pub(super) fn emit(compared: &Compared, _: &Look) -> String {
    let delta = &compared.delta;
    let mut out = format!("{MARK}### {}\n\n", headline(delta));
    let sides = format!("<sub>{} → {}</sub>\n", escape(&compared.before), escape(&compared.after));
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
            let _ = writeln!(out, "… and {} that do not fit into a comment\n", count(rows.len(), "row"));
        }
        out.push_str("</details>\n");
    }
    let resolved = &delta.finds.resolved;
    if !resolved.is_empty() && out.len() < COMMENT - ENDS {
        let _ =
            write!(out, "\n<details><summary>{} resolved</summary>\n\n", count(resolved.len(), "finding"));
        let mut rows = resolved.iter().map(new_finding).collect::<Vec<_>>().into_iter().peekable();
        table(&mut out, &mut rows, COMMENT - ENDS);
        out.push_str("</details>\n");
    }
    out
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
        [only] => escape(only),
        [first, rest @ ..] => format!("{} and {} more", escape(first), rest.len()),
    };
    if has_clusters && !clusters.is_empty() {
        let names: Vec<String> = clusters.iter().take(3).map(|name| escape(name)).collect();
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
    format!("| {sign}{what}{sign} | {} | {place}{between}{reach} |\n", escape(says))
}

fn new_finding(finding: &NewFinding) -> String {
    let rule = escape(&finding.rule);
    let severity = finding.severity.name();
    format!("| **{severity}** {rule} | {} | {} |\n", escape(&finding.says), place(&finding.at))
}

fn place(at: &Spot) -> String {
    let gone = if at.which == Which::Before { " (before)" } else { "" };
    format!("<code>{}</code>{gone}", escape(&format!("{}:{}", at.file, at.start.line)))
}
