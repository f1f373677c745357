//! Names with stars, as data pages write them: `*` is any text, everything else is itself.

/// Whether a text is one of those that a pattern means.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    // The last letter decides most of them.
    if let (Some(last), Some(other)) = (pattern.as_bytes().last(), text.as_bytes().last())
        && last != other
        && *last != b'*'
    {
        return false;
    }
    let Some(star) = memchr::memchr(b'*', pattern.as_bytes()) else { return pattern == text };
    if pattern == "*" {
        return true;
    }
    let (head, rest) = (&pattern[..star], &pattern[star + 1..]);
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let Some(last) = memchr::memrchr(b'*', rest.as_bytes()) else { return left.ends_with(rest) };
    let (pieces, tail) = (&rest[..last], &rest[last + 1..]);
    for piece in pieces.split('*') {
        match memchr::memmem::find(left.as_bytes(), piece.as_bytes()) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_are_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*b", "ba", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*x*y*", "1x2y3", true),
            ("*x*y*", "1y2x3", false),
            ("*.é.*", "ä.é.ü", true),
            ("a**b", "acb", true),
            ("*ab*b", "ab", false),
            ("*.rbd.csi.ceph.com", "rook-ceph.rbd.csi.ceph.com", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
