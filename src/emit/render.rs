//! What clusters get, drawn: the tree of deliveries, and the roads of values.

use super::inventory::v1_gap;
use super::tell::Colour;
use super::words::count;
use crate::engine::render::{Branch, LeftOut, Road, Tree};
use crate::facts::Why;
use crate::inventory::Gap;
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

/// What was not read, in lines that begin with a mark: `# ` makes them remarks of YAML.
pub fn gaps(gaps: &[Gap], mark: &str) -> String {
    super::gaps::told(gaps, mark)
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
    let rows = not_delivered(dead.collect(), &tree.left_out);
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

/// What nothing delivers: builds and manifests, each with why. What nothing comes near is told by the folder around it.
fn not_delivered(mut builds: Vec<&Branch>, manifests: &[LeftOut]) -> Vec<(String, String)> {
    let mut left = Vec::new();
    let is_far = |one: &LeftOut| one.why == Why::Outside;
    for group in manifests.chunk_by(|a, b| is_far(a) && is_far(b) && a.around == b.around) {
        let first = &group[0];
        let folder = format!("{}/", first.around);
        let all = builds.len();
        builds.retain(|build| !(is_far(first) && build.path.starts_with(&folder)));
        left.push(match (group.len(), all - builds.len()) {
            (1, 0) => (first.file.clone(), first.reason.clone()),
            (files, 0) => (folder, format!("{}: {}", count(files, "manifest"), first.reason)),
            (files, built) => {
                let both = format!("{} and {}", count(files, "manifest"), count(built, "build"));
                (folder, format!("{both}: {}", first.reason))
            }
        });
    }
    let called = |one: &Branch| {
        // Its folder may well be delivered by another one.
        if one.kind.is_empty() { one.path.clone() } else { format!("{} {}", one.kind, one.name) }
    };
    let judged = |one: &Branch| format!("{}, rendered to be judged", count(one.objects, "object"));
    builds.into_iter().map(|one| (called(one), judged(one))).chain(left).collect()
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

/// The lines of a tree. A release without its chart that is all there is below a delivery is told with it.
fn rows(branches: &[Branch]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for (at, branch) in branches.iter().enumerate() {
        let is_release = matches!(branch.kind, "HelmRelease" | "HelmChart") && branch.path.is_empty();
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
            _ if is_release => String::new(),
            "ApplicationSet" => count(branch.objects, "Application"),
            _ => count(branch.objects, "object"),
        };
        let lead = (branch.depth + 1) * 3 + clean(&branch.name).chars().count();
        rows.push(Row { branch, lead, holds, note: note(branch) });
    }
    rows
}

/// Where it goes if that is elsewhere, whether anything delivers it, and what keeps it from being whole.
fn note(branch: &Branch) -> String {
    let to = branch.to.as_ref().map(|cluster| format!("to {cluster}"));
    let dead = (!branch.live).then(|| "not delivered".to_owned());
    let parts = [to, dead, Some(branch.note.clone())].into_iter().flatten();
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
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
        let is_fine = branch.note.is_empty() && branch.live || branch.kind == "HelmRelease";
        let code = if is_fine { DIM } else { WARNING };
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
pub fn tree_json(tree: &Tree, gaps: &[Gap]) -> String {
    let clusters = tree.clusters.iter().map(
        |(name, branches)| json!({ "name": name, "deliveries": nested(&mut branches.iter().peekable(), 0) }),
    );
    let left_out = tree
        .left_out
        .iter()
        .map(|one| json!({ "file": one.file, "kind": one.why.name(), "why": one.reason }));
    let told = json!({
        "schema": "pintle/v1",
        "clusters": clusters.collect::<Vec<Value>>(),
        "left_out": left_out.collect::<Vec<Value>>(),
        "problems": gaps.iter().map(v1_gap).collect::<Vec<_>>(),
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
            "to": branch.to,
            "note": branch.note,
            "deliveries": deliveries,
        }));
    }
    out
}

/// The road of each value: what it is, what it is made of, and how it got there, in lines of this width where that is
/// possible.
pub fn roads(roads: &[Road], sources: &Sources, colour: Colour, width: usize) -> String {
    let place = |span: Span| {
        let at = sources.places(span).0;
        (PLACE, format!("{}:{}:{}", clean(sources.name(span.source)), at.line, at.column))
    };
    let first_line = |text: &str| clean(text.lines().next().unwrap_or_default()).into_owned();
    let mut out = String::new();
    for (at, road) in roads.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str(&paint(colour, BOLD, &first_line(&road.value)));
        out.push('\n');
        let mut page = Page { out: &mut out, colour, width, column: 0 };
        let whose =
            [road.object.clone(), format!("· {}", road.path), format!("· {}", road.clusters.join(", "))];
        page.flow(2, " ", whose.iter().map(|part| (DIM, clean(part).into_owned())));
        page.out.push('\n');
        let texts: Vec<String> = road.pieces.iter().map(|piece| first_line(&piece.text)).collect();
        let what = road.pieces.iter().map(|piece| piece.what.len()).max().unwrap_or(0);
        let places = road.pieces.iter().map(|piece| place(piece.at).1.chars().count()).max().unwrap_or(0);
        let column = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let indent = if what > 0 { what + 4 } else { 2 };
        let column = if indent + column + 2 + places <= width { column } else { 0 };
        for (piece, text) in road.pieces.iter().zip(&texts) {
            let parts = [("", padded(text, column)), place(piece.at)];
            if what > 0 {
                page.begin(2, (DIM, padded(piece.what, what)));
            }
            let over = piece.over.as_ref();
            let over = over.map(|(span, loser)| [("", format!("over `{}`", clean(loser))), place(*span)]);
            // The loser stays with its place.
            let len = |parts: &[(&str, String)]| -> usize {
                parts.iter().map(|(_, text)| text.chars().count() + 2).sum()
            };
            match over {
                Some(over) if indent + len(&parts) + len(&over) <= width + 2 => {
                    page.flow(indent, "  ", parts.into_iter().chain(over));
                }
                over => {
                    page.flow(indent, "  ", parts.into_iter());
                    over.into_iter().for_each(|over| page.flow(indent + 2, "  ", over.into_iter()));
                }
            }
            if let Some(inner) = &piece.inner {
                page.flow(indent + 2, "  ", [("", format!("in {}", clean(inner)))].into_iter());
            }
            for (span, how) in &piece.steps {
                page.flow(indent + 2, "  ", [place(*span), ("", (*how).to_owned())].into_iter());
            }
        }
        page.out.push('\n');
        page.begin(2, (DIM, "loaded".into()));
        let steps = road.loaded.iter().enumerate();
        let arrow = |at: usize| if at > 0 { "→ " } else { "" };
        page.flow(10, " ", steps.map(|(at, step)| ("", format!("{}{}", arrow(at), clean(step)))));
    }
    out
}

/// Lines that are filled from the left and go on below where they are full.
struct Page<'o> {
    out: &'o mut String,
    colour: Colour,
    width: usize,
    /// How many letters the line has.
    column: usize,
}

impl Page<'_> {
    /// Begins a line with something that stands before its parts.
    fn begin(&mut self, indent: usize, (code, text): (&str, String)) {
        self.column = indent + text.chars().count();
        self.out.push_str(&format!("{}{}", " ".repeat(indent), paint(self.colour, code, &text)));
    }

    /// The parts of a line, with `between` between them.
    fn flow<'c>(&mut self, indent: usize, between: &str, parts: impl Iterator<Item = (&'c str, String)>) {
        let mut is_first = true;
        for (code, text) in parts {
            let len = text.chars().count();
            if !is_first && self.column + between.len() + len > self.width {
                self.trim();
                self.out.push('\n');
                self.column = 0;
            } else if !is_first {
                self.out.push_str(between);
                self.column += between.len();
            }
            // What has no room behind the indent has some before it.
            let indent = indent.min(self.width.saturating_sub(len).max(2));
            let missing = indent.saturating_sub(self.column);
            self.out.push_str(&" ".repeat(missing));
            self.out.push_str(&paint(self.colour, code, &text));
            self.column += missing + len;
            is_first = false;
        }
        self.trim();
        self.out.push('\n');
        self.column = 0;
    }

    fn trim(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
    }
}
