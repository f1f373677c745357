//! Lines of a file with carets under them. The only home of miette.

use super::pen::Pen;
use super::window::Window;
use crate::emit::{Colour, Drawing};
use crate::finding::Severity;
use crate::text::Span;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::fmt::{self, Display};

impl Pen<'_> {
    /// Draws the lines around a place, and says at each of `near` what it is. Nothing if the text is not at hand.
    pub(super) fn excerpt(
        &self,
        out: &mut String,
        severity: Severity,
        span: Span,
        near: &[(Span, String)],
    ) -> bool {
        if !self.report.sources.get(span.source).is_kept() {
            return false;
        }
        let around = usize::from(self.is_verbose());
        let (window, labels) = Window::around(self.report, span, near, around, self.width());
        let story = Story { severity, window, labels };
        let mut styles =
            if self.tell.colour == Colour::Plain { ThemeStyles::none() } else { ThemeStyles::ansi() };
        let strong = match severity {
            Severity::Error => styles.error,
            Severity::Warning => styles.warning,
            Severity::Note | Severity::Off => styles.advice,
        };
        // The caret of the finding has its severity's colour, whatever stands before it in the file.
        let mut order: Vec<(usize, bool)> =
            story.labels.iter().map(|label| (label.offset(), label.primary())).collect();
        order.sort();
        let quiet = styles.help;
        styles.highlights = order.iter().map(|(_, primary)| if *primary { strong } else { quiet }).collect();
        let characters = match self.tell.drawing {
            Drawing::Unicode => ThemeCharacters::unicode(),
            Drawing::Ascii => ThemeCharacters::ascii(),
        };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_width(self.width())
            .with_urls(false)
            .with_context_lines(around)
            .without_syntax_highlighting();
        let mut drawn = String::new();
        if handler.render_report(&mut drawn, &story).is_err() {
            return false;
        }
        // We have written the sentence above. For an empty one miette draws a line with its mark, which is left out.
        let lines = drawn.split_inclusive('\n').skip(1).skip_while(|line| line.trim().is_empty());
        for line in lines {
            out.push_str(line.trim_end());
            out.push('\n');
        }
        true
    }
}

/// One finding, as miette wants to be told.
#[derive(Debug)]
struct Story {
    severity: Severity,
    window: Window,
    labels: Vec<LabeledSpan>,
}

impl Display for Story {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Story {}

impl Diagnostic for Story {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note | Severity::Off => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}
