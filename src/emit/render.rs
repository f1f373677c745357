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

/// Clusters, what is delivered to each, and what nothing delivers, in lines of this width where that is possible.
pub fn tree(tree: &Tree, colour: Colour, width: usize) -> String {
    let mut out = String::new();
    let (live, dead): (Vec<_>, Vec<_>) =
        tree.clusters.iter().partition(|(_, branches)| branches.iter().any(|branch| branch.live));
    for (name, branches) in live {
        out.push_str(&paint(colour, BOLD, &clean(name)));
        out.push('\n');
        draw(&mut out, branches, colour, width);
    }
    let dead = dead.iter().flat_map(|(_, branches)| branches).filter(|one| one.depth == 0);
    let called = |one: &Branch| {
        if one.path.is_empty() { format!("{} {}", one.kind, one.name) } else { one.path.clone() }
    };
    let judged = |one: &Branch| format!("{}, rendered to be judged", count(one.objects, "object"));
    let left_out = tree.left_out.iter().cloned();
    let rows: Vec<(String, String)> = dead.map(|one| (called(one), judged(one))).chain(left_out).collect();
    if rows.is_empty() {
        return out;
    }
    out.push_str(&paint(colour, BOLD, "not delivered"));
    out.push('\n');
    let column = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(width / 2);
    for (name, why) in &rows {
        let (name, why) = (clean(name), clean(why));
        let fits = 5 + column.max(name.chars().count()) + why.chars().count() <= width;
        let between = if fits { "  ".to_owned() } else { format!("\n{}", " ".repeat(6)) };
        let name = if fits { padded(&name, column) } else { name.into_owned() };
        out.push_str(&format!("   {name}{between}{}\n", paint(colour, DIM, &why)));
    }
    out
}

/// One line of the tree.
struct Row<'t> {
    branch: &'t Branch,
    /// The lines to its parent and its name.
    lead: usize,
    /// How much it delivers, and what keeps it from being whole.
    holds: String,
    note: String,
}

/// The lines of a tree. A release that is all there is below a delivery is told with it.
fn rows(branches: &[Branch]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for (at, branch) in branches.iter().enumerate() {
        let is_release = branch.kind == "HelmRelease";
        if let Some(above) =
            rows.last_mut().filter(|above| is_release && above.branch.depth + 1 == branch.depth)
            && branches.get(at + 1).is_none_or(|next| next.depth < branch.depth)
        {
            let which =
                if above.branch.name == branch.name { String::new() } else { format!("{}: ", branch.name) };
            let told = format!("{which}{}", branch.note);
            above.note = if above.note.is_empty() { told } else { format!("{}, {told}", above.note) };
            continue;
        }
        let holds = match branch.kind {
            "HelmRelease" => String::new(),
            "ApplicationSet" => count(branch.objects, "Application"),
            _ => count(branch.objects, "object"),
        };
        let lead = (branch.depth + 1) * 3 + clean(&branch.name).chars().count();
        rows.push(Row { branch, lead, holds, note: branch.note.clone() });
    }
    rows
}

fn draw(out: &mut String, branches: &[Branch], colour: Colour, width: usize) {
    let rows = rows(branches);
    let widest = |text: fn(&Row) -> usize| rows.iter().map(text).max().unwrap_or(0);
    let (paths, notes) =
        (widest(|row| row.branch.path.chars().count()), widest(|row| row.note.chars().count()).min(32));
    let holds = widest(|row| row.holds.len());
    let lead = widest(|row| row.lead).min(width.saturating_sub(holds + notes + 4));
    let kinds = widest(|row| row.branch.kind.len());
    // Where not all has room, what it is goes first, as nearly all are of one kind, and then the beginning of the path.
    let room = width.saturating_sub(lead + holds + notes + 6);
    let kinds = if room >= kinds + 2 + paths { kinds } else { 0 };
    let path_width = if room >= paths.min(SHORTEST) { paths.min(room) } else { 0 };
    for (at, row) in rows.iter().enumerate() {
        let branch = row.branch;
        // The last of its depth below its parent has a corner.
        let after = rows[at + 1..].iter().map(|row| row.branch);
        let is_last = |depth: usize| {
            let mut below = after.clone().take_while(|next| next.depth >= depth);
            !below.any(|next| next.depth == depth)
        };
        let lines: String =
            (0..branch.depth).map(|depth| if is_last(depth) { "   " } else { "│  " }).collect();
        let corner = if is_last(branch.depth) { "└─ " } else { "├─ " };
        let name = padded(&clean(&branch.name), lead.saturating_sub((branch.depth + 1) * 3));
        let mut line = format!("{}{name}", paint(colour, DIM, &format!("{lines}{corner}")));
        if kinds > 0 {
            line.push_str(&format!("  {}", paint(colour, DIM, &padded(branch.kind, kinds))));
        }
        if path_width > 0 {
            let path = padded(&shortened(&clean(&branch.path), path_width), path_width);
            line.push_str(&format!("  {}", paint(colour, PLACE, &path)));
        }
        line.push_str(&format!("  {:>holds$}", row.holds));
        let code = if branch.note.is_empty() { DIM } else { WARNING };
        let code = if branch.kind == "HelmRelease" { DIM } else { code };
        if !row.note.is_empty() {
            line.push_str(&format!("  {}", paint(colour, code, &clean(&row.note))));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// A path in less room than this says nothing.
const SHORTEST: usize = 16;

/// The end of a path that fits: what it is called stands there.
fn shortened(path: &str, room: usize) -> String {
    if path.chars().count() <= room {
        return path.to_owned();
    }
    let ends = path.match_indices('/').map(|(at, _)| &path[at..]);
    let fits = ends.into_iter().find(|end| end.chars().count() < room);
    let end = fits.unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default());
    format!("…{end}")
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
