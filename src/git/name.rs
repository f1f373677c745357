//! The name of an object: the hash of what it holds, of 20 bytes (SHA-1) or 32 (SHA-256).

/// The name of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectName {
    bytes: [u8; 32],
    length: u8,
}

impl ObjectName {
    /// Takes a name as it is stored; nothing if it has another length, or is all zeros, which names no object.
    pub fn new(stored: &[u8]) -> Option<ObjectName> {
        let mut bytes = [0; 32];
        if !matches!(stored.len(), 20 | 32) || stored.iter().all(|&byte| byte == 0) {
            return None;
        }
        bytes[..stored.len()].copy_from_slice(stored);
        Some(ObjectName { bytes, length: stored.len() as u8 })
    }

    /// Reads a name in hexadecimal digits.
    pub fn parse(hex: &str) -> Option<ObjectName> {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let (mut bytes, hex) = ([0; 32], hex.as_bytes());
        if hex.len() > 64 || hex.len() % 2 == 1 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        ObjectName::new(&bytes[..hex.len() / 2])
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits =
            |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]].map(char::from);
        self.as_bytes().iter().flat_map(digits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept() {
        for hex in ["d9078e4dd52174ad68a4408ca3398f731b2f889e".to_owned(), "0f".repeat(32)] {
            assert_eq!(ObjectName::parse(&hex).map(|name| name.hex()), Some(hex));
        }
        for none in ["0".repeat(40), "0".repeat(64), "xy".into(), "abc".into(), "1".repeat(66), String::new()]
        {
            assert_eq!(ObjectName::parse(&none), None, "{none}");
        }
    }
}
