//! `pintle explain`: a rule's page at the terminal.

use super::args::Color;
use super::{End, Failure, terminal, work};
use crate::emit::{Colour, clean, page_text, page_url};
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
    for line in page_text(page).trim().lines() {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        let shown = match line {
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
    terminal::print(&out).map_err(Failure::new)?;
    Ok(End::Clean)
}

/// The rules of the binary and of the repository around the working directory.
pub(super) fn book() -> Result<Book, Failure> {
    let work =
        super::args::Work { select: vec![], ignore: vec![], config: None, no_config: true, jobs: None };
    Ok(work::prepare(work::Subject::Paths(&[PathBuf::from(".")]), &work)?.book)
}
