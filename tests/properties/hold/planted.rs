//! Values that must be seen in no output. A text names them `PLANTED0`, `PLANTED1` …; the repository holds none.

use pintle::testing::secrets::expand;
use std::sync::LazyLock;

struct Planted {
    word: &'static str,
    /// What is written.
    text: String,
    /// What of it is by chance.
    core: String,
}

/// How many bytes of the part by chance nobody may see.
const SEEN: usize = 8;

static PLANTED: LazyLock<Vec<Planted>> = LazyLock::new(|| {
    let planted = |word, before: &str, core: &str, after: &str| {
        let core = expand(core, 11);
        Planted { word, text: format!("{before}{core}{after}"), core }
    };
    vec![
        planted("PLANTED0", "ghp_", "{base62*30}{crc32-base62}", ""),
        planted("PLANTED1", "", "{base62*24}{digits*2}", ""),
        planted("PLANTED2", "postgres://app:", "{base62*22}{digits*2}", "@db.example.org/app"),
        planted("PLANTED3", "glpat-", "{base62*20}", ""),
    ]
});

/// The text with the values in the places of their names. A piece of a value that stands in the text itself is taken out: a fuzzer
/// writes down what it saw compared, and a piece alone is no secret of anybody.
pub fn in_place(text: &str) -> String {
    let mut out = text.to_owned();
    for core in PLANTED.iter().map(|planted| planted.core.as_str()) {
        for at in 0..=core.len() - SEEN {
            if out.contains(&core[at..at + SEEN]) {
                out = out.replace(&core[at..at + SEEN], "");
            }
        }
    }
    for planted in PLANTED.iter().filter(|planted| text.contains(planted.word)) {
        out = out.replace(planted.word, &planted.text);
    }
    out
}

/// The values that a text holds.
pub fn within(text: &str) -> Vec<&'static str> {
    let cores = PLANTED.iter().map(|planted| planted.core.as_str());
    cores.filter(|core| text.contains(core)).collect()
}

/// None of the values is in a text.
pub fn absent(text: &str, what: &str) {
    absent_of(text, &PLANTED.iter().map(|planted| planted.core.as_str()).collect::<Vec<_>>(), what);
}

/// None of the values that have a form of their own is in a text, but those that are in a name of a file: names are shown
/// as they are. Whether a value without a form is a secret, what is around it tells, and here that is broken.
pub fn absent_but_in_names(text: &str, what: &str, names: &[&str]) {
    let named = within(&names.join("\n"));
    let formed = PLANTED.iter().filter(|planted| planted.text != planted.core);
    let cores = formed.map(|planted| planted.core.as_str());
    absent_of(text, &cores.filter(|core| !named.contains(core)).collect::<Vec<_>>(), what);
}

/// None of these values, nor eight bytes of one, is in a text.
pub fn absent_of(text: &str, cores: &[&str], what: &str) {
    for core in cores {
        for at in 0..=core.len() - SEEN {
            let piece = &core[at..at + SEEN];
            assert!(!text.contains(piece), "{what} shows a planted value: {}", around(text, piece));
        }
    }
}

fn around<'t>(text: &'t str, piece: &str) -> &'t str {
    let at = text.find(piece).unwrap_or(0);
    let start = (0..=at.saturating_sub(80)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let end = (at + 80..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    &text[start..end]
}
