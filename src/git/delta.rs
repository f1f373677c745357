//! Deltas: an object told as pieces of another one and bytes of its own.

/// How long the base must be, how long the result is, and where the instructions begin.
pub(super) fn lengths(delta: &[u8]) -> Option<(usize, usize, usize)> {
    let (base, at) = number(delta, 0)?;
    let (result, at) = number(delta, at)?;
    Some((base, result, at))
}

/// Seven bits a byte, the lowest first.
fn number(delta: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let byte = *delta.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at));
        }
        if shift > 56 {
            return None;
        }
    }
}

/// What a delta makes of its base; nothing if it reaches outside, or makes another length than it says.
pub(super) fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let (base_length, length, mut at) = lengths(delta)?;
    if base.len() != base_length {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    while at < delta.len() {
        let code = delta[at];
        at += 1;
        if code & 0x80 == 0 {
            // Zero is kept for later; no git writes it.
            let own = delta.get(at..at + usize::from(code)).filter(|own| !own.is_empty())?;
            at += own.len();
            out.extend_from_slice(own);
        } else {
            let mut part = |bits: std::ops::Range<u32>| {
                let first = bits.start;
                bits.filter(|bit| code & 1 << bit != 0).try_fold(0usize, |value, bit| {
                    let byte = *delta.get(at)?;
                    at += 1;
                    Some(value | usize::from(byte) << (8 * (bit - first)))
                })
            };
            let (start, size) = (part(0..4)?, part(4..7)?);
            let size = if size == 0 { 0x1_0000 } else { size };
            out.extend_from_slice(base.get(start..start + size)?);
        }
        if out.len() > length {
            return None;
        }
    }
    (out.len() == length).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_are_applied_or_refused() {
        let base = b"hello, world";
        type Case<'a> = (&'a str, &'a [u8], Option<&'a [u8]>);
        #[rustfmt::skip]
        let table: &[Case] = &[
            ("copies and own bytes", &[12, 8, 0x91, 7, 5, 3, b'a', b'b', b'c'], Some(b"worldabc")),
            ("a copy from the start", &[12, 5, 0x90, 5], Some(b"hello")),
            ("nothing is made", &[12, 0], Some(b"")),
            ("numbers of two bytes", &[12, 0x85, 0, 0x90, 5], Some(b"hello")),
            ("another base", &[11, 5, 0x90, 5], None),
            ("too little is made", &[12, 6, 0x90, 5], None),
            ("too much is made", &[12, 4, 0x90, 5], None),
            ("a copy from behind the end", &[12, 5, 0x91, 8, 5], None),
            ("a copy of 65536 bytes", &[12, 5, 0x80], None),
            ("a copy from far outside", &[12, 5, 0xff, 255, 255, 255, 255, 255, 255, 255], None),
            ("own bytes are cut off", &[12, 5, 5, b'a'], None),
            ("a copy is cut off", &[12, 5, 0x91, 7], None),
            ("the reserved code", &[12, 5, 0, 0x90, 5], None),
            ("no lengths", &[], None),
            ("one length", &[12], None),
            ("a length without an end", &[0x80; 12], None),
        ];
        for (name, delta, expected) in table {
            assert_eq!(apply(base, delta).as_deref(), *expected, "{name}");
        }
    }
}
