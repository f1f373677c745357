//! A fast hash for tables whose keys are our own small numbers. Nobody outside can choose these keys, so it does not have
//! to withstand attacks.

use std::hash::{BuildHasherDefault, Hasher};

/// How such a table hashes.
pub type Numbers = BuildHasherDefault<Mixed>;

/// Words that are multiplied into each other.
#[derive(Default)]
pub struct Mixed(u64);

/// Odd, and as many ones as zeros.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Mixed {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }
}
