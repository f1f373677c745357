//! The storage as a graph in the language of Graphviz. What a repository says is never its syntax.

use super::Look;
use super::picture::{Language, colours, draw, label, word};
use crate::inventory::{Frame, Link, Node, Shape, StorageStock};

const HEAD: &str = "\
digraph storage {
  graph [rankdir=LR, fontname=\"sans-serif\", color=\"#57606a\"];
  node [style=filled, fillcolor=\"#ffffff\", color=\"#57606a\", fontcolor=\"#1f2328\", fontname=\"sans-serif\"];
  edge [color=\"#57606a\"];
";

pub(super) fn emit(stock: &StorageStock, _: &Look) -> String {
    draw(&stock.picture(), &Dot)
}

struct Dot;

impl Language for Dot {
    fn begin(&self) -> String {
        HEAD.to_owned()
    }

    fn frame(&self, frame: &Frame) -> (String, String) {
        let style = if frame.delivered { "solid" } else { "dashed" };
        let title = text(std::slice::from_ref(&frame.title));
        let before = format!("  subgraph cluster_{} {{\n    label={title}; style={style};\n", frame.id);
        (before, "  }\n".to_owned())
    }

    fn node(&self, node: &Node) -> String {
        let shape = match node.shape {
            Shape::Database => "cylinder",
            Shape::Claim | Shape::LeftOut => "box",
            Shape::Class => "ellipse",
            Shape::Provisioner => "hexagon",
            Shape::Volume => "folder",
            Shape::Backup => "note",
        };
        let style = match (node.shape, node.standing) {
            (Shape::LeftOut, _) => "style=dashed, ".to_owned(),
            (_, Some(standing)) => format!("{}, ", filled(standing)),
            (_, None) => String::new(),
        };
        format!("    {} [shape={shape}, {style}label={}];\n", node.id, text(&node.lines))
    }

    fn link(&self, link: &Link) -> String {
        let style = if link.is_copy { " [style=dashed]" } else { "" };
        format!("    {} -> {}{style};\n", link.from, link.to)
    }

    fn left_out(&self, lines: &[String]) -> String {
        format!("  more [shape=box, style=dashed, label={}];\n", text(lines))
    }

    fn legend(&self) -> (&'static str, &'static str) {
        ("  subgraph cluster_legend {\n    label=\"standing\";\n", "  }\n")
    }

    fn standing(&self, standing: &str) -> String {
        let (name, label) = (word(standing), text(&[standing.to_owned()]));
        format!("    legend_{name} [shape=ellipse, {}, label={label}];\n", filled(standing))
    }

    fn end(&self, _: &[&str]) -> String {
        "}\n".to_owned()
    }
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
