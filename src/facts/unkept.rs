//! What tells Redis and its kin to write nothing to a disk: no snapshots, and no log of what is appended.

use crate::text::Part;

/// What options and directives have said so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unkept {
    /// Whether snapshots are made, if anything says so.
    saves: Option<bool>,
    appends: bool,
    /// Something that is not read may say otherwise.
    unsure: bool,
}

impl Unkept {
    /// Whether nothing is written: without a word, snapshots are made.
    pub fn is_told(self) -> bool {
        self.saves == Some(false) && !self.appends && !self.unsure
    }

    /// Reads one directive.
    pub fn read_entry(&mut self, name: &str, value: &str) {
        self.read_lines(&format!("{name} {value}"));
    }

    /// Reads the words of a command line; what it says wins over a configuration.
    pub fn read_words(&mut self, words: &[&str]) {
        let bare = |word: &str| word.trim_matches(['"', '\'']).to_owned();
        for (at, word) in words.iter().enumerate() {
            let value = words.get(at + 1).map(|next| bare(next)).unwrap_or_default();
            match bare(word).as_str() {
                "--save" if at + 1 < words.len() => self.saves = Some(!value.is_empty()),
                "--appendonly" => self.appends = value == "yes",
                _ => {}
            }
        }
    }

    /// Reads a configuration, as in `redis.conf`. What a hole brings, nobody knows.
    pub fn read(&mut self, configuration: &Part) {
        self.unsure |= !configuration.is_known();
        self.read_lines(&configuration.text);
    }

    fn read_lines(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let value = |words: &mut std::str::SplitWhitespace| {
                words.next().unwrap_or_default().trim_matches(['"', '\'']).to_ascii_lowercase()
            };
            match words.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "save" => self.saves = Some(!value(&mut words).is_empty()),
                "appendonly" => self.appends = value(&mut words) != "no",
                "include" => self.unsure = true,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_nothing() {
        let rows: [(&[&str], &str, bool); 14] = [
            (&["--save", "", "--appendonly", "no"], "", true),
            (&["--save", "''"], "", true),
            (&["--save", "\"\""], "", true),
            (&["--save"], "", false),
            (&["--save", "60"], "", false),
            (&["--save", "", "--appendonly", "yes"], "", false),
            (&["--appendonly", "no"], "", false),
            (&[], "appendonly no\nsave \"\"\n", true),
            (&[], "# save 60 1\nsave ''", true),
            (&[], "appendonly yes\nsave \"\"", false),
            (&[], "save \"\"\nsave 60 1", false),
            (&[], "save \"\"\ninclude /etc/more.conf", false),
            (&["--save", "60"], "save \"\"", false),
            (&["--save", ""], "appendonly yes", false),
        ];
        for (words, configuration, expected) in rows {
            let mut unkept = Unkept::default();
            unkept.read_lines(configuration);
            unkept.read_words(words);
            assert_eq!(unkept.is_told(), expected, "{words:?} {configuration:?}");
        }
    }
}
