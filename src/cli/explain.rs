//! `pintle explain`: a rule's page at the terminal.

use super::args::{Color, Repository, Work};
use super::{End, Failure, terminal, work};
use crate::emit::{Colour, Reader, page_text, page_url};
use crate::redact::{Redactor, clean};
use crate::rules::Book;
use std::path::PathBuf;

pub(super) fn run(rule: &str, color: Color) -> Result<End, Failure> {
    let book = book()?;
    let page = book.page(rule).ok_or_else(|| work::unknown_rule(rule, &book.ids()))?;
    let paint = Paint { is_coloured: terminal::colour(color) != Colour::Plain };
    let about = format!("{} · {} · since {}", page.id, page.severity.name(), page.since);
    let mut out = format!("{}\n", paint.styled("2", &clean(&about)));
    for line in rendered(page_text(page).trim(), &paint) {
        out.push_str(&line);
        out.push('\n');
    }
    let url = page_url(page);
    if let Some(url) = &url {
        out.push_str(&format!("\n{}\n", paint.styled("2", url)));
    }
    let lines = out.lines().count();
    if terminal::reader() == Reader::Terminal && lines > terminal::height() {
        let said =
            format!("{lines} lines: `pintle explain {} --color always | less -R` begins at the top", page.id);
        out.push_str(&format!("{}\n", paint.styled("2", &clean(&said))));
    }
    terminal::print(&Redactor::forms(&book.tables).show(out)).map_err(Failure::new)?;
    Ok(End::Clean)
}

/// Writes in styles, where there are any.
struct Paint {
    is_coloured: bool,
}

impl Paint {
    fn styled(&self, code: &str, text: &str) -> String {
        if self.is_coloured && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A line of prose, with what stands between backticks set off.
    fn prose(&self, line: &str) -> String {
        if !self.is_coloured || line.matches('`').count() % 2 == 1 {
            return line.to_owned();
        }
        let piece = |(at, piece): (usize, &str)| {
            if at % 2 == 1 { self.styled(CODE, piece) } else { piece.to_owned() }
        };
        line.split('`').enumerate().map(piece).collect()
    }
}

const RED: &str = "31";
const GREEN: &str = "32";
const CODE: &str = "36";

/// A page as a terminal shows it: headings without marks, code indented, and what is wrong told apart from what is right.
fn rendered(markdown: &str, paint: &Paint) -> Vec<String> {
    let (mut out, mut fenced, mut verdict) = (Vec::new(), false, "");
    for line in reflowed(markdown, terminal::width().min(100)) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            let is_mark = line.contains('^')
                && line.trim_start().trim_start_matches('#').trim_matches([' ', '^']).is_empty();
            let style = if is_mark { RED } else { CODE };
            out.push(paint.styled(style, &format!("    {line}")).trim_end().to_owned());
            continue;
        }
        verdict = match line.split([',', ':']).next() {
            Some("Bad") => RED,
            Some("Good" | "Fixed") => GREEN,
            _ if line.trim().is_empty() || line.starts_with("With ") => verdict,
            _ => "",
        };
        let is_label = line.ends_with(':') && !verdict.is_empty();
        out.push(match line.trim_start_matches('#') {
            heading if heading.len() < line.len() => paint.styled("1", heading.trim_start()),
            _ if is_label => paint.styled(if verdict == RED { "1;31" } else { "1;32" }, &line),
            _ => paint.prose(&line),
        });
    }
    // A fence and the empty line around it leave two.
    out.dedup_by(|one, other| one.is_empty() && other.is_empty());
    out
}

/// The rules of the binary and of the repository around the working directory.
pub(super) fn book() -> Result<Book, Failure> {
    let repository = Repository { no_config: true, ..Repository::default() };
    let work = Work { repository, ..Work::default() };
    Ok(work::prepare(work::Subject::Paths(&[PathBuf::from(".")]), &work, &[])?.book)
}

/// Markdown with its paragraphs and list items wrapped at a width; all else stays.
fn reflowed(markdown: &str, width: usize) -> Vec<String> {
    let (mut lines, mut fenced, mut open) = (Vec::<String>::new(), false, false);
    let mut indent = String::new();
    for line in markdown.lines() {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        if fenced || is_fence || line.trim().is_empty() || line.starts_with(['#', '|']) {
            lines.push(line.to_owned());
            open = false;
            continue;
        }
        let (mark, is_continued) = (item_mark(line), line.starts_with("  "));
        if !open || mark.is_some() {
            lines.push(String::new());
            indent = " ".repeat(mark.unwrap_or(0));
        } else if !is_continued {
            indent.clear();
        }
        for word in line.split_whitespace() {
            let Some(last) = lines.last_mut() else { break };
            if last.is_empty() {
                last.push_str(word);
            } else if last.chars().count() + 1 + word.chars().count() <= width {
                last.push(' ');
                last.push_str(word);
            } else {
                lines.push(format!("{indent}{word}"));
            }
        }
        open = true;
    }
    lines
}

/// How wide the mark of a list item is: `- `, `1. `.
fn item_mark(line: &str) -> Option<usize> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => line.starts_with("- ").then_some(2),
        _ => line[digits..].starts_with(". ").then_some(digits + 2),
    }
}

#[cfg(test)]
mod tests {
    use super::reflowed;

    #[test]
    fn paragraphs_and_items_are_wrapped_and_code_is_not() {
        let text = "# A long title that stays\none two\nthree four\n\n- item of some words\n- two\n1. one two three four\n   five\n2. six\n```\ncode that stays as it is\n```";
        let expected = [
            "# A long title that stays",
            "one two three",
            "four",
            "",
            "- item of some",
            "  words",
            "- two",
            "1. one two",
            "   three four",
            "   five",
            "2. six",
            "```",
            "code that stays as it is",
            "```",
        ];
        assert_eq!(reflowed(text, 14), expected);
    }
}
