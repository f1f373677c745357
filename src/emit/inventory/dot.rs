//! The storage as a graph in the language of Graphviz. What a repository says is never its syntax.

use super::Look;
use super::picture::{colours, label, word};
use crate::inventory::{Frame, Node, Shape, StorageStock};
use std::fmt::Write;

const HEAD: &str = "\
digraph storage {
  graph [rankdir=LR, fontname=\"sans-serif\", color=\"#57606a\"];
  node [style=filled, fillcolor=\"#ffffff\", color=\"#57606a\", fontcolor=\"#1f2328\", fontname=\"sans-serif\"];
  edge [color=\"#57606a\"];
";

pub(super) fn emit(stock: &StorageStock, _: &Look) -> String {
    let picture = stock.picture();
    let mut out = HEAD.to_owned();
    // Writing to a String cannot fail.
    for frame in &picture.frames {
        framed(&mut out, frame);
    }
    if !picture.left_out.is_empty() {
        let _ = writeln!(out, "  more [shape=box, style=dashed, label={}];", text(&picture.left_out));
    }
    if !picture.standings.is_empty() {
        out.push_str("  subgraph cluster_legend {\n    label=\"standing\";\n");
        for standing in &picture.standings {
            let label = text(&[(*standing).to_owned()]);
            let _ = writeln!(
                out,
                "    legend_{} [shape=ellipse, {}, label={label}];",
                word(standing),
                filled(standing)
            );
        }
        out.push_str("  }\n");
    }
    out + "}\n"
}

fn framed(out: &mut String, frame: &Frame) {
    let is_framed = !frame.title.is_empty();
    if is_framed {
        let style = if frame.delivered { "solid" } else { "dashed" };
        let title = text(std::slice::from_ref(&frame.title));
        let _ = writeln!(out, "  subgraph cluster_{} {{\n    label={title}; style={style};", frame.id);
    }
    for node in &frame.nodes {
        let _ = writeln!(out, "    {}", drawn(node));
    }
    for link in &frame.links {
        let style = if link.is_copy { " [style=dashed]" } else { "" };
        let _ = writeln!(out, "    {} -> {}{style};", link.from, link.to);
    }
    if is_framed {
        out.push_str("  }\n");
    }
}

fn drawn(node: &Node) -> String {
    let shape = match node.shape {
        Shape::Database => "cylinder",
        Shape::Claim | Shape::LeftOut => "box",
        Shape::Class => "ellipse",
        Shape::Provisioner => "hexagon",
        Shape::Backup => "note",
    };
    let style = match (node.shape, node.standing) {
        (Shape::LeftOut, _) => "style=dashed, ".to_owned(),
        (_, Some(standing)) => format!("{}, ", filled(standing)),
        (_, None) => String::new(),
    };
    format!("{} [shape={shape}, {style}label={}];", node.id, text(&node.lines))
}

fn filled(standing: &str) -> String {
    let (fill, line) = colours(standing);
    format!("fillcolor=\"{fill}\", color=\"{line}\"")
}

/// Lines as one text in quotes.
fn text(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(&label(line))).collect();
    format!("\"{}\"", lines.join("\\n"))
}

/// Graphviz reads escapes and the entities of HTML in labels.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_label_is_syntax() {
        for (line, expected) in [
            ("Cluster/shop/db (data)", "Cluster/shop/db (data)"),
            ("say \"hi\"", "say \\\"hi\\\""),
            ("ends with \\", "ends with \\\\"),
            ("a\\nb\\N\\\"", "a\\\\nb\\\\N\\\\\\\""),
            ("a]b[c{d}e|f;", "a]b[c{d}e|f;"),
            ("<b>&lt;&#34;", "<b>&amp;lt;&amp;#34;"),
            ("é漢🐘 ×2 → x", "é漢🐘 ×2 → x"),
        ] {
            assert_eq!(escaped(line), expected, "{line}");
        }
    }
}
