//! What stands behind an encoding. Strict, so that noise is not taken for a text.

use crate::text::from_base64;

/// Decodes base64 whose content is printable text.
pub(super) fn text(encoded: &str) -> Option<String> {
    let text = String::from_utf8(from_base64(encoded)?).ok()?;
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(printable).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_taken() {
        assert_eq!(text("aHVudGVyMg=="), Some("hunter2".into()));
        assert_eq!(text("aHVu\n  dGVyMg"), Some("hunter2".into()));
        for not in ["", "a", "hunter2!", "abcde", "AAEC"] {
            assert_eq!(text(not), None, "{not}");
        }
    }
}
