//! Bytes as text, and the sum that names them: base64 and SHA-256. Knows nothing of what the bytes are.

use std::sync::LazyLock;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding, in the usual alphabet.
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let three = [group[0], group.get(1).copied().unwrap_or(0), group.get(2).copied().unwrap_or(0)];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for at in 0..4 {
            let index = (number >> (18 - 6 * at)) & 63;
            out.push(if at <= group.len() { char::from(LETTERS[index as usize]) } else { '=' });
        }
    }
    out
}

/// The value of each base64 digit of either alphabet; 255 for what is none.
const DIGITS: [u8; 256] = {
    let mut table = [255; 256];
    let mut at = 0;
    while at < 64 {
        table[LETTERS[at] as usize] = at as u8;
        at += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// Decodes base64 or base64url, padded or not; line breaks inside are skipped, as in YAML block scalars.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let body = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(body.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0usize);
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = DIGITS[byte as usize];
        if digit == 255 {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match count % 4 {
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    (count > 0).then_some(out)
}

/// The first bytes behind base64 or base64url, for who only asks what it is: most that looks like it is none.
pub fn first_of_base64(text: &[u8]) -> Option<[u8; 12]> {
    let mut out = [0; 12];
    for (bytes, letters) in out.chunks_exact_mut(3).zip(text.first_chunk::<16>()?.chunks_exact(4)) {
        let digits = letters.iter().map(|&letter| DIGITS[usize::from(letter)]);
        let bits = digits.clone().fold(0, |bits, digit| bits << 6 | u32::from(digit));
        if digits.max() == Some(255) {
            return None;
        }
        bytes.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    Some(out)
}

/// A SHA-256 (FIPS 180-4) over bytes that come one after the other.
#[derive(Debug)]
pub struct Sha256 {
    state: [u32; 8],
    /// The bytes that fill no block yet.
    rest: [u8; 64],
    held: usize,
    len: u64,
}

static CONSTANTS: LazyLock<[u32; 64]> = LazyLock::new(|| roots(|prime| f64::from(prime).cbrt()));

impl Default for Sha256 {
    fn default() -> Sha256 {
        Sha256 { state: roots(|prime| f64::from(prime).sqrt()), rest: [0; 64], held: 0, len: 0 }
    }
}

impl Sha256 {
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if self.held > 0 {
            let taken = bytes.len().min(64 - self.held);
            self.rest[self.held..self.held + taken].copy_from_slice(&bytes[..taken]);
            self.held += taken;
            bytes = &bytes[taken..];
            if self.held < 64 {
                return;
            }
            block(&mut self.state, &self.rest);
            self.held = 0;
        }
        let (blocks, rest) = bytes.as_chunks::<64>();
        blocks.iter().for_each(|bytes| block(&mut self.state, bytes));
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    pub fn finish(mut self) -> [u8; 32] {
        let bits = (self.len * 8).to_be_bytes();
        self.update(&[0x80]);
        let zeros = (120 - self.held) % 64;
        self.update(&[0; 64][..zeros]);
        self.update(&bits);
        let mut out = [0; 32];
        for (four, word) in out.chunks_exact_mut(4).zip(self.state) {
            four.copy_from_slice(&word.to_be_bytes());
        }
        out
    }
}

fn block(state: &mut [u32; 8], bytes: &[u8; 64]) {
    let mut words = [0u32; 64];
    for (word, four) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*four);
    }
    for at in 16..64 {
        let (a, b) = (words[at - 15], words[at - 2]);
        let small = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let large = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        words[at] = words[at - 16].wrapping_add(small).wrapping_add(words[at - 7]).wrapping_add(large);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in words.iter().zip(CONSTANTS.iter()) {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h.wrapping_add(sum).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(sum.wrapping_add(majority)));
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

/// The first 32 bits of the fractions of a root of the first primes.
fn roots<const N: usize>(root: fn(u32) -> f64) -> [u32; N] {
    let is_prime =
        |number: u32| (2..number).take_while(|by| by * by <= number).all(|by| !number.is_multiple_of(by));
    let mut primes = (2u32..).filter(|&number| is_prime(number));
    std::array::from_fn(|_| {
        let root = root(primes.next().unwrap_or(2));
        (root.fract() * 4_294_967_296.0) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_the_published_ones() {
        let sum = |pieces: &[&[u8]]| {
            let mut sum = Sha256::default();
            pieces.iter().for_each(|piece| sum.update(piece));
            sum.finish().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let hex = |bytes: &[u8]| sum(&[bytes]);
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        // In pieces of any size it is the same sum.
        let long: Vec<u8> = (0..1_000).map(|at| (at % 251) as u8).collect();
        for size in [1, 7, 63, 64, 65, 128, 500] {
            let pieces: Vec<&[u8]> = long.chunks(size).collect();
            assert_eq!(sum(&pieces), hex(&long), "{size}");
        }
    }

    #[test]
    fn base64_reads_what_it_wrote_and_nothing_else() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37)).collect();
            let encoded = base64(&bytes);
            let first = first_of_base64(encoded.trim_end_matches('=').as_bytes());
            assert_eq!(first.as_ref().map(|first| &first[..]), bytes.get(..12), "{encoded}");
            assert_eq!(from_base64(&encoded), (length > 0).then_some(bytes), "{encoded}");
        }
        assert_eq!(first_of_base64(b"abcd.bcdabcdabcd"), None);
        for not in ["", "a", "hunter2!", "abcde"] {
            assert_eq!(from_base64(not), None, "{not}");
        }
    }

    #[test]
    fn base64_pads() {
        for (bytes, expected) in [(&b""[..], ""), (b"a", "YQ=="), (b"ab", "YWI="), (b"abc", "YWJj")] {
            assert_eq!(base64(bytes), expected);
        }
    }
}
