//! Whether an accepted value has changed since it was accepted. Kept is a salted hash of it. Each guess at the value costs
//! more than a millisecond and 4 MiB of memory. The hash is written into the baseline or the configuration, and nowhere else.

use argon2::{Algorithm, Argon2, Block, Params, Version};

/// In KiB. One guess takes a little under two milliseconds of one core of 2024.
const MEMORY: u32 = 4096;

/// Enough that no other value has them.
const BYTES: usize = 16;

/// What is kept of a value. The salt makes sure that nobody has it in a list, and has eight bytes at least.
pub fn kept(salt: &str, value: &str) -> String {
    let params = Params::new(MEMORY, 1, 1, Some(BYTES)).expect("these are within the bounds of the crate");
    let mut memory = vec![Block::default(); params.block_count()];
    let mut hash = [0; BYTES];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    // What is too short for a salt, or too long for a password, is like no other.
    match argon.hash_password_into_with_memory(value.as_bytes(), salt.as_bytes(), &mut hash, &mut memory) {
        Ok(()) => hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => String::new(),
    }
}

/// What an allow keeps of a value in a file: the salt, and the hash.
#[cfg(any(test, feature = "cli"))]
pub fn kept_of_allow(rule: &str, file: &str, value: &str) -> String {
    let salt = &super::hash(&["allow", rule, file])[..16];
    format!("{salt}-{}", kept(salt, value))
}

/// Whether a value is the one that an allow has kept.
pub(super) fn is_kept(wanted: &str, value: &str) -> bool {
    wanted.split_once('-').is_some_and(|(salt, hash)| !hash.is_empty() && kept(salt, value) == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_again_and_no_other() {
        let wanted = kept_of_allow("secret-generic", "a.ini", "hunter2");
        assert!(is_kept(&wanted, "hunter2"));
        assert!(!is_kept(&wanted, "hunter3") && !is_kept("", "") && !is_kept("x-", "hunter2"));
        // The same value elsewhere has another hash, so that no list of values fits both.
        let other = kept_of_allow("secret-generic", "b.ini", "hunter2");
        assert!(wanted.split_once('-').map(|pair| pair.1) != other.split_once('-').map(|pair| pair.1));
        assert_eq!(kept("0123456789abcdef", "hunter2").len(), 2 * BYTES);
    }

    /// A hash that somebody wrote down is still known by the next version.
    #[test]
    fn the_hash_stays_what_it_is() {
        assert_eq!(kept("0123456789abcdef0123456789abcdef", "hunter2hunter2"), KNOWN);
    }

    const KNOWN: &str = "7463341e9390666a862a822a797dc5f9";
}
