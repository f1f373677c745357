//! Which formats a text may be of: the words that some of them cannot do without, looked for in one pass.

use super::{FORMATS, Format};
use crate::text::{File, Needles};
use std::sync::LazyLock;

/// The words of all formats, and which of them each format needs.
static WORDS: LazyLock<(Needles, Vec<u64>)> = LazyLock::new(|| {
    let mut words: Vec<&str> = FORMATS.iter().flat_map(|format| format.words).copied().collect();
    words.sort_unstable();
    words.dedup();
    let bit = |word: &&str| words.binary_search(word).map_or(0, |at| 1 << at);
    let needed = FORMATS.iter().map(|format| format.words.iter().map(bit).fold(0, |bits, bit| bits | bit));
    let needed = needed.collect();
    (Needles::of(words), needed)
});

/// Which words a file has.
#[derive(Clone, Copy, Debug)]
pub struct Glance(u64);

impl Glance {
    /// Of files that no YAML is in, formats ask for themselves: they go by the name.
    pub fn of(file: &File) -> Glance {
        let is_asked = file.is_yaml() || file.is_yaml_of_template();
        Glance(if is_asked { WORDS.0.in_text(file.text) } else { u64::MAX })
    }

    /// The formats that want such a file.
    pub fn formats<'f>(self, file: &'f File) -> impl Iterator<Item = &'static Format> + use<'f> {
        let may_be = move |needed: &u64| *needed == 0 || needed & self.0 != 0;
        let known = FORMATS.iter().zip(&WORDS.1);
        known.filter(move |(format, needed)| may_be(needed) && (format.wants)(file)).map(|(format, _)| format)
    }
}
