//! What clusters get, drawn: the tree of deliveries, and the roads of values.

use super::tell::Colour;
use super::words::count;
use crate::engine::render::{Branch, Road, Tree};
use crate::redact::{clean, escape_json};
use crate::text::{Sources, Span};
use serde_json::{Value, json};
use std::iter::Peekable;

const BOLD: &str = "1";
const DIM: &str = "2";
const PLACE: &str = "36";
const WARNING: &str = "33";

fn paint(colour: Colour, code: &str, text: &str) -> String {
    match colour {
        Colour::Plain => text.to_owned(),
        _ if text.is_empty() => String::new(),
        _ => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

/// Text that fills a column; what is longer stays as it is.
fn padded(text: &str, width: usize) -> String {
    let own = text.chars().count();
    format!("{text}{}", " ".repeat(width.saturating_sub(own)))
}

/// Clusters, what is delivered to each, and what nothing delivers.
pub fn tree(tree: &Tree, colour: Colour) -> String {
    let mut out = String::new();
    let (live, dead): (Vec<_>, Vec<_>) =
        tree.clusters.iter().partition(|(_, branches)| branches.iter().any(|branch| branch.live));
    for (name, branches) in live {
        out.push_str(&paint(colour, BOLD, &clean(name)));
        out.push('\n');
        draw(&mut out, branches, colour);
    }
    let dead: Vec<&Branch> =
        dead.iter().flat_map(|(_, branches)| branches).filter(|one| one.depth == 0).collect();
    if dead.is_empty() && tree.left_out.is_empty() {
        return out;
    }
    out.push_str(&paint(colour, BOLD, "not delivered"));
    out.push('\n');
    let width = dead.iter().map(|one| one.path.chars().count());
    let width =
        width.chain(tree.left_out.iter().map(|(file, _)| file.chars().count())).max().unwrap_or(0).min(60);
    for one in dead {
        let said = format!("{}, rendered to be judged", count(one.objects, "object"));
        let name = if one.path.is_empty() { format!("{} {}", one.kind, one.name) } else { one.path.clone() };
        out.push_str(&format!("   {}  {}\n", padded(&clean(&name), width), paint(colour, DIM, &said)));
    }
    for (file, why) in &tree.left_out {
        out.push_str(&format!("   {}  {}\n", padded(&clean(file), width), paint(colour, DIM, &clean(why))));
    }
    out
}

fn draw(out: &mut String, branches: &[Branch], colour: Colour) {
    let widest = |text: fn(&Branch) -> usize| branches.iter().map(text).max().unwrap_or(0);
    let name_width = widest(|branch| branch.depth * 3 + branch.name.chars().count()).min(48);
    let kind_width = widest(|branch| branch.kind.chars().count());
    let path_width = widest(|branch| branch.path.chars().count()).min(56);
    for (at, branch) in branches.iter().enumerate() {
        // The last of its depth below its parent has a corner.
        let after = &branches[at + 1..];
        let is_last = |depth: usize| {
            !after.iter().take_while(|next| next.depth >= depth).any(|next| next.depth == depth)
        };
        let mut lines = String::new();
        for depth in 0..branch.depth {
            lines.push_str(if is_last(depth) { "   " } else { "│  " });
        }
        lines.push_str(if is_last(branch.depth) { "└─ " } else { "├─ " });
        let room = name_width.saturating_sub(branch.depth * 3);
        let objects = match branch.kind {
            "HelmRelease" => String::new(),
            "ApplicationSet" => count(branch.objects, "Application"),
            _ => count(branch.objects, "object"),
        };
        let line = format!(
            "{}{}  {}  {}  {}{}",
            paint(colour, DIM, &lines),
            padded(&clean(&branch.name), room),
            paint(colour, DIM, &padded(branch.kind, kind_width)),
            paint(colour, PLACE, &padded(&clean(&branch.path), path_width)),
            objects,
            match branch.note.as_str() {
                "" => String::new(),
                note if objects.is_empty() => paint(colour, DIM, note),
                note => paint(colour, WARNING, &format!("  {note}")),
            },
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// The forest as JSON: what the tree tells, each delivery with those that it delivers.
pub fn tree_json(tree: &Tree) -> String {
    let clusters = tree.clusters.iter().map(
        |(name, branches)| json!({ "name": name, "deliveries": nested(&mut branches.iter().peekable(), 0) }),
    );
    let left_out = tree.left_out.iter().map(|(file, why)| json!({ "file": file, "why": why }));
    let told = json!({
        "schema": "pintle/v1",
        "clusters": clusters.collect::<Vec<Value>>(),
        "left_out": left_out.collect::<Vec<Value>>(),
    });
    escape_json(format!("{told:#}")) + "\n"
}

/// The branches of one depth, each with those below it.
fn nested<'b>(branches: &mut Peekable<impl Iterator<Item = &'b Branch>>, depth: usize) -> Vec<Value> {
    let mut out = Vec::new();
    while let Some(branch) = branches.next_if(|branch| branch.depth >= depth) {
        let deliveries = nested(branches, depth + 1);
        out.push(json!({
            "kind": branch.kind,
            "name": branch.name,
            "path": branch.path,
            "objects": branch.objects,
            "delivered": branch.live,
            "note": branch.note,
            "deliveries": deliveries,
        }));
    }
    out
}

/// The road of each value: what it is, what it is made of, and how it got there.
pub fn roads(roads: &[Road], sources: &Sources, colour: Colour) -> String {
    let place = |span: Span| {
        let at = sources.places(span).0;
        format!("{}:{}:{}", clean(sources.name(span.source)), at.line, at.column)
    };
    let mut out = String::new();
    for (at, road) in roads.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let whose = format!("{} · {} · {}", road.object, road.path, road.clusters.join(", "));
        let value = road.value.lines().next().unwrap_or_default();
        out.push_str(&format!(
            "{}\n  {}\n\n",
            paint(colour, BOLD, &clean(value)),
            paint(colour, DIM, &clean(&whose))
        ));
        let texts: Vec<String> = road
            .pieces
            .iter()
            .map(|piece| piece.text.lines().next().unwrap_or_default().to_owned())
            .collect();
        let text_width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).min(60);
        let what_width = road.pieces.iter().map(|piece| piece.what.len()).max().unwrap_or(0);
        for (piece, text) in road.pieces.iter().zip(&texts) {
            let mut line = format!(
                "  {}{}{}  {}",
                paint(colour, DIM, &padded(piece.what, what_width)),
                if what_width > 0 { "  " } else { "" },
                padded(&clean(text), text_width),
                paint(colour, PLACE, &place(piece.at)),
            );
            if let Some((span, loser)) = &piece.over {
                line.push_str(&format!("  over `{}`  {}", clean(loser), paint(colour, PLACE, &place(*span))));
            }
            out.push_str(&line);
            out.push('\n');
            for (span, how) in &piece.steps {
                out.push_str(&format!(
                    "  {}{}  {how}\n",
                    " ".repeat(what_width + 2),
                    paint(colour, PLACE, &place(*span))
                ));
            }
        }
        let road = road.loaded.iter().map(|step| clean(step).into_owned()).collect::<Vec<_>>().join(" → ");
        out.push_str(&format!("\n  {}  {road}\n", paint(colour, DIM, "loaded")));
    }
    out
}
