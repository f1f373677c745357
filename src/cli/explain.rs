//! `pintle explain`: a rule's page at the terminal.

use super::args::{Color, Repository, Work};
use super::{End, Failure, terminal, work};
use crate::emit::{Colour, page_text, page_url};
use crate::redact::{Redactor, clean};
use crate::rules::Book;
use std::path::PathBuf;

pub(super) fn run(rule: &str, color: Color) -> Result<End, Failure> {
    let book = book()?;
    let page = book.page(rule).ok_or_else(|| work::unknown_rule(rule, &book.ids()))?;
    let coloured = terminal::colour(color) != Colour::Plain;
    let style = |code: &str, text: &str| {
        if coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let about = format!("{} · {} · since {}", page.id, page.severity.name(), page.since);
    let mut out = format!("{}\n", style("2", &clean(&about)));
    let mut fenced = false;
    for line in reflowed(page_text(page).trim(), terminal::width().min(100)) {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        let shown = match line.as_str() {
            line if is_fence => style("2", line),
            line if fenced => style("36", line),
            line if line.starts_with('#') => style("1", line),
            line => line.to_owned(),
        };
        out.push_str(&shown);
        out.push('\n');
    }
    if let Some(url) = page_url(page) {
        out.push_str(&format!("\n{}\n", style("2", &url)));
    }
    terminal::print(&Redactor::forms(&book.tables).show(out)).map_err(Failure::new)?;
    Ok(End::Clean)
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
