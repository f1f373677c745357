//! Numbers and sentences as outputs write them.

/// `1 error`, `2 errors`, `no errors`.
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {}", plural(what)),
        1 => format!("1 {what}"),
        _ => format!("{} {}", grouped(number), plural(what)),
    }
}

pub(super) fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{what}s"),
    }
}

/// `12,345`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A message as the web page shows it: with a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let table = [
            (0, "no images"),
            (1, "1 image"),
            (2, "2 images"),
            (1234, "1,234 images"),
            (1234567, "1,234,567 images"),
        ];
        for (number, expected) in table {
            assert_eq!(count(number, "image"), expected);
        }
        assert_eq!(count(2, "entry"), "2 entries");
    }
}
