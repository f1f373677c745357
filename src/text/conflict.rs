//! The marks that git leaves in a text whose merge nobody has finished.

/// Whether a line is such a mark: `<<<<<<< HEAD`, `=======`, `>>>>>>> branch`.
pub fn is_conflict(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> ", "||||||| "].iter().any(|mark| line.starts_with(mark))
        || line.trim_end() == "======="
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_lines() {
        for line in ["<<<<<<< HEAD", "=======", "=======\r", ">>>>>>> x", "||||||| 1234567"] {
            assert!(is_conflict(line), "{line}");
        }
        for line in ["", "========", "<<<<<<<", "  =======", "a: <<<<<<< HEAD"] {
            assert!(!is_conflict(line), "{line}");
        }
    }
}
