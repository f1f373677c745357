//! What became of some files, as a unified diff for people: secrets are covered, so that it is no patch.

use super::tell::Colour;
use crate::redact::{Manner, clean};
use crate::text::Source;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use std::borrow::Cow;

/// Lines that are shown around a change.
const AROUND: usize = 3;

impl Manner for Colour {}

/// Files as they were, and the same as they have become.
pub fn diff((before, after): &(Vec<Source>, Vec<Source>), &colour: &Colour) -> String {
    let mut out = String::new();
    for (old, new) in before.iter().zip(after) {
        let (old, new) = (Side { source: old }, Side { source: new });
        let name = clean(&old.source.name);
        line(&mut out, colour, "1", &format!("--- a/{name}"));
        line(&mut out, colour, "1", &format!("+++ b/{name}"));
        let ops = capture_diff_slices(Algorithm::Myers, &old.lines(), &new.lines());
        for group in group_diff_ops(ops, AROUND) {
            hunk(&mut out, &group, &old, &new, colour);
        }
    }
    out
}

/// A file as one of the reports has it.
struct Side<'a> {
    source: &'a Source,
}

impl<'a> Side<'a> {
    /// Its lines with their breaks, so that a break that changes is a change.
    fn lines(&self) -> Vec<&'a str> {
        let (text, lines) = (self.source.text(), self.source.lines());
        let all = (0..lines.count()).map(|at| &text[lines.start(at, text)..lines.start(at + 1, text)]);
        all.filter(|line| !line.is_empty()).collect()
    }

    fn shown(&self, line: usize) -> Cow<'a, str> {
        let range = self.source.lines().range(line, self.source.text());
        clean(self.source.text().get(range).unwrap_or_default())
    }
}

fn hunk(out: &mut String, ops: &[DiffOp], old: &Side, new: &Side, colour: Colour) {
    let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
    let (was, is) =
        (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
    let count = |range: &std::ops::Range<usize>| match range.len() {
        1 => format!("{}", range.start + 1),
        0 => format!("{},0", range.start),
        many => format!("{},{many}", range.start + 1),
    };
    line(out, colour, "36", &format!("@@ -{} +{} @@", count(&was), count(&is)));
    for op in ops {
        let (tag, was, is) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => is.for_each(|at| line(out, colour, "", &format!(" {}", new.shown(at)))),
            _ => {
                was.for_each(|at| line(out, colour, "31", &format!("-{}", old.shown(at))));
                is.for_each(|at| line(out, colour, "32", &format!("+{}", new.shown(at))));
            }
        }
    }
}

fn line(out: &mut String, colour: Colour, code: &str, text: &str) {
    match colour {
        Colour::Plain => out.push_str(text),
        _ if code.is_empty() => out.push_str(text),
        _ => out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m")),
    }
    out.push('\n');
}
