//! The storage as a flowchart of Mermaid. What a repository says is never its syntax.

use super::Look;
use super::picture::{Language, colours, draw, label, word};
use crate::inventory::{Frame, Link, Node, Shape, StorageStock};
use std::fmt::Write;

pub(super) fn emit(stock: &StorageStock, _: &Look) -> String {
    draw(&stock.picture(), &Mermaid)
}

struct Mermaid;

impl Language for Mermaid {
    fn begin(&self) -> String {
        "flowchart LR\n".to_owned()
    }

    fn frame(&self, frame: &Frame) -> (String, String) {
        let title = text(std::slice::from_ref(&frame.title));
        // By itself, a frame that no line leaves is drawn the other way.
        let before = format!("  subgraph {}[{title}]\n    direction LR\n", frame.id);
        let dashed = format!("  style {} stroke-dasharray:4 3\n", frame.id);
        (before, format!("  end\n{}", if frame.delivered { "" } else { &dashed }))
    }

    fn node(&self, node: &Node) -> String {
        let (open, close) = match node.shape {
            Shape::Database => ("[(", ")]"),
            Shape::Claim => ("[", "]"),
            Shape::Class => ("([", "])"),
            Shape::Provisioner => ("{{", "}}"),
            Shape::Volume => ("[[", "]]"),
            Shape::Backup => ("[/", "/]"),
            Shape::LeftOut => ("(", ")"),
        };
        let style = match (node.shape, node.standing) {
            (Shape::LeftOut, _) => "more".to_owned(),
            (_, Some(standing)) => style_of(standing),
            (_, None) => "plain".to_owned(),
        };
        format!("    {}{open}{}{close}:::{style}\n", node.id, text(&node.lines))
    }

    fn link(&self, link: &Link) -> String {
        let arrow = if link.is_copy { "-.->" } else { "-->" };
        format!("    {} {arrow} {}\n", link.from, link.to)
    }

    fn left_out(&self, lines: &[String]) -> String {
        format!("  more({}):::more\n", text(lines))
    }

    fn legend(&self) -> (&'static str, &'static str) {
        ("  subgraph legend[\"standing\"]\n    direction LR\n", "  end\n")
    }

    fn standing(&self, standing: &str) -> String {
        let style = style_of(standing);
        format!("    legend_{style}([{}]):::{style}\n", text(&[standing.to_owned()]))
    }

    fn end(&self, standings: &[&str]) -> String {
        let class = |standing: &&str| {
            let (fill, line) = colours(standing);
            format!("  classDef {} fill:{fill},stroke:{line},color:#1f2328\n", style_of(standing))
        };
        let own: String = standings.iter().map(class).collect();
        let plain = "  classDef plain fill:#ffffff,stroke:#57606a,color:#1f2328\n";
        let more = "  classDef more fill:#ffffff,stroke:#57606a,color:#57606a,stroke-dasharray:4 3\n";
        own + plain + more
    }
}

/// The style of a standing: a word in front, for some words are Mermaid's own.
fn style_of(standing: &str) -> String {
    format!("is_{}", word(standing))
}

/// Lines as one text in quotes. Everything that Mermaid, its Markdown or HTML might read is written as a number.
fn text(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(&label(line))).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for (at, c) in line.char_indices() {
        // A dash or a number with a dot begins a list of Markdown: not behind a sign that is written as a number.
        let is_plain = c.is_alphanumeric() || !c.is_ascii() || c == ' ' || "/,_".contains(c);
        let is_inside = "-.:()".contains(c) && at > 0 && !line[at..].starts_with(". ");
        if is_plain || is_inside {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
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
            ("say \"hi\"", "say #34;hi#34;"),
            ("a]b[c{d}e|f", "a#93;b#91;c#123;d#125;e#124;f"),
            ("<b>&amp;", "#60;b#62;#38;amp#59;"),
            ("#34;", "#35;34#59;"),
            ("`code` **bold**", "#96;code#96; #42;#42;bold#42;#42;"),
            ("- a", "#45; a"),
            ("1. a", "1#46; a"),
            ("%%{init: {}}%%", "#37;#37;#123;init: #123;#125;#125;#37;#37;"),
            ("a\\nb", "a#92;nb"),
            ("é漢🐘 ×2 → x", "é漢🐘 ×2 → x"),
            ("10.0.0.1:5432", "10.0.0.1:5432"),
            ("end", "end"),
            ("${CLASS}", "#36;#123;CLASS#125;"),
        ] {
            assert_eq!(escaped(line), expected, "{line}");
        }
    }
}
