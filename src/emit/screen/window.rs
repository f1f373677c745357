//! The few lines around a finding, as miette reads them: indexed, cleaned and cut to the terminal's width.
//!
//! miette looks for a line by reading a text from its first byte, several times per finding, and prints its bytes
//! raw. So it is never given a file, only these lines, which know their own number.

use crate::finding::Report;
use crate::redact::{Drawn, clean, floor};
use crate::text::{Lines, Place, Span};
use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

/// Some lines of one source.
#[derive(Debug)]
pub(super) struct Window {
    name: String,
    text: String,
    lines: Lines,
    /// The number of the first line, from 0.
    first: usize,
    /// Where labels begin in `text`, and the true place of each.
    marks: Vec<(usize, Place)>,
}

impl Window {
    /// So many lines around `primary` and the near ones of `others`, with their labels.
    pub(super) fn around(
        report: &Report,
        primary: Span,
        others: &[(Span, String)],
        around: usize,
        width: usize,
    ) -> (Window, Vec<LabeledSpan>) {
        let source = report.sources.get(primary.source);
        let (text, lines) = (source.text(), source.lines());
        let line_of = |span: Span| lines.line_of((span.start as usize).min(text.len()));
        let mut wanted: Vec<usize> = others.iter().map(|(span, _)| line_of(*span)).collect();
        wanted.push(line_of(primary));
        let first = wanted.iter().min().copied().unwrap_or(0).saturating_sub(around);
        let last = (wanted.iter().max().copied().unwrap_or(0) + around).min(lines.count() - 1);

        let mut window = Window {
            name: clean(&source.name).into_owned(),
            text: String::new(),
            lines: Lines::default(),
            first,
            marks: vec![],
        };
        let mut labels = Vec::new();
        for line in first..=last {
            let range = lines.range(line, text);
            let spans =
                std::iter::once((primary, None)).chain(others.iter().map(|(span, says)| (*span, Some(says))));
            let mut here: Vec<(Span, Option<&String>)> =
                spans.filter(|(span, _)| line_of(*span) == line).collect();
            here.sort_by_key(|(span, _)| span.start);
            let focus = here.first().map_or(range.start, |(span, _)| (span.start as usize).min(range.end));
            let cut = cut(text, range.clone(), focus, width.saturating_sub(12).max(20));
            let shown = Drawn::of(source, cut.clone());
            let base = window.text.len() + if cut.start > range.start { CUT.len() } else { 0 };
            for (span, says) in here {
                let (start, end) = ends(&shown, span.range(), &cut);
                window.marks.push((base + start, lines.place(span.start as usize, text)));
                let says = says.map(|says| clean(says).into_owned());
                let place = SourceSpan::from((base + start, end - start));
                labels.push(match says {
                    None => LabeledSpan::new_primary_with_span(None, place),
                    says => LabeledSpan::new_with_span(says, place),
                });
            }
            if cut.start > range.start {
                window.text.push_str(CUT);
            }
            window.text.push_str(&shown.text);
            if cut.end < range.end {
                window.text.push_str(CUT);
            }
            window.text.push('\n');
        }
        window.lines = Lines::new(&window.text);
        (window, labels)
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.line_of(offset.min(self.text.len().saturating_sub(1)))
    }
}

const CUT: &str = "…";

/// Where a span stands in the shown piece. An empty span is drawn one character wide by miette.
fn ends(shown: &Drawn, span: Range<usize>, cut: &Range<usize>) -> (usize, usize) {
    let start = shown.at(span.start.clamp(cut.start, cut.end));
    let end = shown.at(span.end.clamp(cut.start, cut.end));
    (start, end.max(start))
}

/// The part of a line that fits into `width` characters, with `focus` in its first third if not all of it fits.
fn cut(text: &str, line: Range<usize>, focus: usize, width: usize) -> Range<usize> {
    if text[line.clone()].chars().take(width + 1).count() <= width {
        return line;
    }
    let back = text[line.start..focus]
        .char_indices()
        .rev()
        .nth(width / 3)
        .map_or(line.start, |(at, _)| line.start + at);
    let start = if text[line.start..focus].chars().take(width * 2 / 3).count() < width * 2 / 3 {
        line.start
    } else {
        back
    };
    let end = text[start..line.end].char_indices().nth(width).map_or(line.end, |(at, _)| start + at);
    floor(text, start)..floor(text, end)
}

/// What miette is handed for one span.
struct Contents<'a> {
    window: &'a Window,
    span: SourceSpan,
    line: usize,
    column: usize,
    count: usize,
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        &self.window.text.as_bytes()[self.span.offset()..self.span.offset() + self.span.len()]
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn name(&self) -> Option<&str> {
        Some(&self.window.name)
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.count
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(span.offset());
        let last = self.line_of((span.offset() + span.len()).saturating_sub(1).max(span.offset()));
        let (from, to) =
            (first.saturating_sub(before), (last + after).min(self.lines.count().saturating_sub(2)));
        let (start, end) = (self.lines.start(from, &self.text), self.lines.start(to + 1, &self.text));
        // miette prints the column of a context of no lines, which is asked for one label at a time.
        let mark = self.marks.iter().find(|(at, _)| before == 0 && *at == span.offset());
        let column = mark.map_or(0, |(_, place)| place.column as usize - 1);
        let span = SourceSpan::from((start, end - start));
        Ok(Box::new(Contents { window: self, span, line: self.first + from, column, count: to - from + 1 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;

    #[test]
    fn a_long_line_is_cut_around_its_finding() {
        let long = format!(
            "{{\"a\": \"{}\", \"image\": \"nginx\", \"z\": \"{}\"}}",
            "ä".repeat(500),
            "z".repeat(500)
        );
        let report = sample::over(&[("min.json", &long)]);
        let span = sample::find(&report, 0, "nginx");
        let (window, labels) = Window::around(&report, span, &[], 1, 80);
        assert!(window.text.chars().count() <= 72, "{}", window.text);
        let label = labels[0].inner();
        assert_eq!(&window.text[label.offset()..label.offset() + label.len()], "nginx");
        let header = window.read_span(label, 0, 0).unwrap();
        assert_eq!((header.line(), header.column()), (0, long[..span.range().start].chars().count()));
    }

    #[test]
    fn any_span_of_any_text_makes_a_window() {
        for text in ["", "\n", "\r\n", "a", "a\n", "ä\u{1b}ß\n\nx", "long ".repeat(100).as_str()] {
            let report = sample::over(&[("f", text)]);
            let bounds: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
            for &start in &bounds {
                for &end in bounds.iter().filter(|&&end| end >= start && end <= start + 9) {
                    let span = Span::new(crate::text::SourceId(0), start, end);
                    let (window, labels) = Window::around(&report, span, &[(span, "x".into())], 1, 40);
                    for label in labels {
                        window.read_span(label.inner(), 1, 1).unwrap();
                    }
                }
            }
        }
    }
}
