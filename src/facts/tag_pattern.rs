//! Patterns of tags, compiled when a tag is first held against them: a run meets few of the images that pages name.

use crate::text::Str;
use regex::{Regex, RegexBuilder};
use std::sync::OnceLock;

/// A pattern of tags.
#[derive(Clone, Debug)]
pub struct TagPattern {
    text: Str,
    machine: OnceLock<Option<Regex>>,
}

impl TagPattern {
    /// One that is tried at once; what cannot be read is refused with the reason.
    pub fn read(text: Str) -> Result<TagPattern, String> {
        let machine = compile(&text).map_err(|error| error.to_string())?;
        Ok(TagPattern { text, machine: OnceLock::from(Some(machine)) })
    }

    /// One that somebody has tried before.
    pub fn tried(text: Str) -> TagPattern {
        TagPattern { text, machine: OnceLock::new() }
    }

    pub(super) fn is_match(&self, tag: &str) -> bool {
        let machine = self.machine.get_or_init(|| compile(&self.text).ok());
        machine.as_ref().is_some_and(|machine| machine.is_match(tag))
    }
}

/// A tag has no letters but those of ASCII, and tables of all others cost more than everything else in a pattern.
fn compile(text: &str) -> Result<Regex, regex::Error> {
    let plain = RegexBuilder::new(text).unicode(false).build();
    plain.or_else(|_| Regex::new(text))
}

#[cfg(test)]
mod tests {
    use super::TagPattern;

    #[test]
    fn what_is_tried_at_once_and_what_was_tried_before_mean_the_same() {
        for (text, tag, fits) in
            [("^v\\d+$", "v1", true), ("^v\\d+$", "v1.2", false), ("\\pL", "\u{e4}", true)]
        {
            assert_eq!(
                TagPattern::read(text.into()).map(|pattern| pattern.is_match(tag)),
                Ok(fits),
                "{text}"
            );
            assert_eq!(TagPattern::tried(text.into()).is_match(tag), fits, "{text}");
        }
        for text in ["(", "*"] {
            assert!(TagPattern::read(text.into()).is_err(), "{text}");
        }
    }
}
