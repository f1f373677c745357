//! Tags that a bot writes because a comment above them asks it to: Renovate's custom managers read `# renovate: …` and write
//! what their expressions name, a digest only where they name one.

use super::Facts;
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;

impl Facts {
    /// Takes note of the lines of a file that a bot writes.
    pub fn note_lines_of_bots(&mut self, source: SourceId, text: &str) {
        let starts = memchr::memmem::find_iter(text.as_bytes(), b"renovate:");
        self.bumped.extend(starts.filter_map(|at| {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let sign = text[line..at].trim();
            let below = at + memchr::memchr(b'\n', &text.as_bytes()[at..])? + 1;
            let end = memchr::memchr(b'\n', &text.as_bytes()[below..]).map_or(text.len(), |end| below + end);
            // Other sources than registries know versions, and no digests.
            let is_of_registry = text[at..below].contains("datasource=docker");
            (is_of_registry && matches!(sign, "#" | "##" | "//" | "--" | "{{/*" | "{{- /*"))
                .then(|| Span::new(source, below, end))
        }));
    }

    /// Takes note of the images whose tags stand in such lines.
    pub fn note_bots(&mut self) {
        let lines: BTreeSet<Span> = std::mem::take(&mut self.bumped).into_iter().collect();
        if lines.is_empty() {
            return;
        }
        for fact in &mut self.images {
            let tag = fact.says.tag.as_ref().and_then(|tag| tag.origin.editable());
            fact.says.is_bumped = tag.is_some_and(|tag| {
                let last = Span { end: u32::MAX, ..tag };
                lines.range(..=last).next_back().is_some_and(|line| line.covers(tag))
            });
        }
    }
}
