//! The findings of one decision as people see them: a line for each thing that it is about.

use super::pretty::{CYAN, DIM, LINES, LINK, LISTED, Pen};
use super::report::help;
use super::rows::{self, Told};
use super::{Detail, count, tally};
use crate::rules::Page;
use std::collections::HashSet;
use std::fmt::Write;

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    /// The lines of a list, and what to do about them above those for which it is the same, unless it is for all. Where most of
    /// the images have a digest, these are the ones that were forgotten; where few do, nobody has decided yet, and a few are
    /// enough to see that.
    pub(super) fn rows(&self, out: &mut String, page: Option<&Page>, rows: &[Told]) {
        let (pinned, all) = (self.report.counts.pinned, self.report.counts.runs);
        let said = format!("{} of {} have a digest", super::grouped(pinned), count(all, "image"));
        if all > 0 {
            let _ = writeln!(out, "  {}", self.paint(DIM, &said));
        }
        out.push('\n');
        let most = if pinned * 2 >= all { LINES } else { LISTED };
        let helps = rows::helps(rows);
        let rows: Vec<&Told> =
            helps.iter().flat_map(|help| rows.iter().filter(move |row| row.help() == *help)).collect();
        let shown = if self.tell.detail == Detail::Verbose { rows.len() } else { rows.len().min(most) };
        let (rows, rest) = rows.split_at(shown);
        let width = self.tell.width.clamp(40, 160);
        let names: Vec<String> = rows.iter().map(|row| rows::name(row)).collect();
        let column = rows::column(&names, width);
        for (at, (row, name)) in rows.iter().zip(&names).enumerate() {
            let is_first = at == 0 || rows[at - 1].help() != row.help();
            if let Some(page) =
                page.filter(|_| is_first && helps.len() > 1 && self.tell.detail != Detail::Quiet)
            {
                if at > 0 {
                    out.push('\n');
                }
                self.wrapped(out, (CYAN, "  help: "), None, &help(page, row.help()));
            }
            let wide = name.chars().count();
            let place = tally::place(self.report, row.findings[0].origin.span());
            let is_one_line = wide <= column && column + place.chars().count() + 4 <= width;
            let between = if is_one_line { " ".repeat(column - wide + 2) } else { "\n    ".into() };
            let place = self.paint(LINK, &place);
            let more = match row.findings.len() - 1 {
                0 => String::new(),
                more => self.paint(DIM, &format!(" +{more}")),
            };
            let _ = writeln!(out, "  {name}{between}{place}{more}");
        }
        let rest: HashSet<String> =
            rest.iter().map(|row| rows::name(row)).filter(|name| !names.contains(name)).collect();
        if !rest.is_empty() {
            let more = count(rest.len(), "more image");
            let said = format!("  … and {more}: --verbose shows all, `pintle images` lists them");
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::{pretty, sample};
    use crate::finding::{Finding, Row};

    #[test]
    fn every_line_has_what_is_to_be_done_and_every_name_of_a_place_is_told() {
        let text = "tag: 1.2.3\na: app:1.2.3\nb: web:1.2.3\n";
        let mut report = sample::over(&[("apps/all.yaml", text)]);
        // The tag is that of two images, and a third is written with its own.
        for (needle, image, help) in [
            ("1.2.3\na", "ui:1.2.3", Some("give each image its own")),
            ("1.2.3\na", "db:1.2.3", Some("give each image its own")),
            ("app:", "app:1.2.3", None),
            ("web:", "web:1.2.3", None),
        ] {
            let says = format!("`{image}` has no digest");
            let finding = sample::finding(&report, 0, "image-no-digest", needle, &says);
            let help = help.map(str::to_owned);
            report.findings.push(Finding { row: Row::Line(image.into()), help, ..finding });
        }
        let out = pretty::emit(&report, &sample::tell()).replace(env!("CARGO_PKG_VERSION"), "0.1.0");
        let expected = "\
warning[image-no-digest] Image has no digest  4 images in 3 places
  https://github.com/pintle/pintle/blob/v0.1.0/rules/image-no-digest.md

  help: give each image its own
  ui:1.2.3   apps/all.yaml:1:6
  db:1.2.3   apps/all.yaml:1:6

  help: write the digest behind the tag
  app:1.2.3  apps/all.yaml:2:4
  web:1.2.3  apps/all.yaml:3:4

";
        assert!(out.starts_with(expected), "{out}");
    }
}
