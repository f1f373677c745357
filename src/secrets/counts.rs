//! The values of a file that is meant to be encrypted, as they are counted.

use super::found::whole_file;
use crate::facts::{Fact, Sealing};
use crate::syntax::Node;
use crate::text::{File, Origin, Span, Str};

/// Values as they are counted.
pub(super) struct Counts {
    pub(super) says: Sealing,
    /// The first value that is in plain text.
    pub(super) first: Option<Span>,
    /// Whether there is anything to tell.
    pub(super) is_met: bool,
}

impl Counts {
    pub(super) fn new(tool: &str, rule: &str) -> Counts {
        let says = Sealing { tool: tool.into(), rule: rule.into(), ..Sealing::default() };
        Counts { says, first: None, is_met: false }
    }

    pub(super) fn add(&mut self, value: &Node, is_sealed: bool) {
        self.count(value.span(), is_sealed, value.text().is_none_or(str::is_empty));
    }

    pub(super) fn count(&mut self, at: Span, is_sealed: bool, is_empty: bool) {
        self.says.covered += 1;
        self.says.encrypted += usize::from(is_sealed);
        if !is_sealed && !is_empty {
            self.says.plain += 1;
            self.first.get_or_insert(at);
        }
    }

    pub(super) fn fact(self, file: &File) -> Option<Fact<Sealing>> {
        let at = self.first.unwrap_or(Span::new(file.id, 0, 0));
        self.is_met.then(|| fact(file, at, self.says))
    }
}

pub(super) fn fact(file: &File, at: Span, says: Sealing) -> Fact<Sealing> {
    Fact { origin: Origin::verbatim(at), path: Str::default(), owner: whole_file(file), says }
}
