//! The patterns that targets are written in: regular expressions of the whole text, nearly all of which are a plain
//! name, some names with `|` between them, or `.*`. Only the others are worth a machine.

use crate::text::patterns;
use regex::Regex;

/// What a name has to look like.
#[derive(Debug)]
pub(super) enum Pattern {
    /// One of these, in which `.` is any letter.
    Names(Vec<Box<str>>),
    Any,
    Machine(Regex),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Pattern, String> {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.' | b'|');
        if text == ".*" {
            return Ok(Pattern::Any);
        }
        if text.bytes().all(is_plain) {
            return Ok(Pattern::Names(text.split('|').map(Box::from).collect()));
        }
        let machine = patterns::regex(&format!("^(?:{})$", with_braces(text)));
        machine.map(Pattern::Machine).map_err(|_| format!("`{text}` is no regular expression"))
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Any => !text.contains('\n'),
            Pattern::Names(names) => names.iter().any(|name| is_name(name, text)),
            Pattern::Machine(machine) => machine.is_match(text),
        }
    }
}

/// An expression in which braces that count nothing are letters, as they are to the tool.
fn with_braces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut counts, mut is_escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' if !is_escaped => {
                let inner = text[at + 1..].split_once('}').map_or("", |(inner, _)| inner);
                let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                let (from, to) = inner.split_once(',').unwrap_or((inner, ""));
                counts = is_number(from) && (to.is_empty() || is_number(to));
                out.push_str(if counts { "{" } else { "\\{" });
            }
            '}' if !is_escaped && !std::mem::take(&mut counts) => out.push_str("\\}"),
            _ => out.push(letter),
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    out
}

fn is_name(name: &str, text: &str) -> bool {
    behind_name(name, text) == Some("")
}

/// What of a text is behind a name in which `.` is any letter.
fn behind_name<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let mut letters = text.chars();
    let fits = |wanted: char| letters.next().is_some_and(|own| own == wanted || wanted == '.' && own != '\n');
    name.chars().all(fits).then_some(letters.as_str())
}

/// What an entry of `images:` means: its name is no name but a pattern, as in the tool, with a tag and a digest behind it.
#[derive(Debug)]
pub(super) enum ImagePattern {
    /// A name in which `.` is any letter.
    Name(Box<str>),
    Machine(Regex),
}

impl ImagePattern {
    /// Nothing where the name makes no pattern, for then nothing matches it.
    pub(super) fn new(name: &str) -> Option<ImagePattern> {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.' | b':');
        if name.bytes().all(is_plain) {
            return Some(ImagePattern::Name(name.into()));
        }
        ImagePattern::machine(name).ok().map(ImagePattern::Machine)
    }

    fn machine(name: &str) -> Result<Regex, regex::Error> {
        Regex::new(&format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$"))
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            ImagePattern::Name(name) => behind_name(name, text).is_some_and(is_version),
            ImagePattern::Machine(machine) => machine.is_match(text),
        }
    }
}

impl ImagePattern {
    /// Whether it is a name with a `/` in it, which hardly any text is by chance.
    pub(super) fn has_folder(&self) -> bool {
        matches!(self, ImagePattern::Name(name) if name.contains('/'))
    }

    /// Whether an image of this name is part of a text: with a tag or a digest behind it, and a name without a `/` only on
    /// a line that speaks of images.
    pub(super) fn is_within(&self, text: &str) -> bool {
        let ImagePattern::Name(name) = self else { return false };
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:@".contains(byte);
        let is_image = |at: usize| {
            let (before, behind) = (&text.as_bytes()[..at], &text.as_bytes()[at + name.len()..]);
            let has_version = match behind {
                [b':', next, ..] => next.is_ascii_alphanumeric(),
                _ => behind.starts_with(b"@sha256:"),
            };
            let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
            let speaks = || line.windows(5).any(|word| word.eq_ignore_ascii_case(b"image"));
            has_version && !before.last().is_some_and(is_letter) && (self.has_folder() || speaks())
        };
        !name.is_empty() && memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).any(is_image)
    }
}

/// Whether a text is a tag and a digest with their signs, or one of them, or nothing.
fn is_version(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_.{}-".contains(letter);
    let behind = text.strip_prefix(':').map_or(text, |tag| tag.trim_start_matches(is_letter));
    behind.is_empty() || behind.strip_prefix("@sha256:").is_some_and(|digest| digest.chars().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_ways_say_what_the_machine_says() {
        let patterns =
            ["web", "a.b", ".*", "", "a|b", "web|", "a.b|web", "..", "web.*", "(a|b)", "^web$", "[aw]eb"];
        let texts =
            ["web", "a.b", "axb", "aüb", "a", "b", "", "web2", "ab", "a\nb", "\n", "üü", "Web", "eb", "aeb"];
        for pattern in patterns {
            let own = Pattern::new(pattern).expect("a pattern");
            let machine = Regex::new(&format!("^(?:{pattern})$")).expect("an expression");
            for text in texts {
                assert_eq!(own.fits(text), machine.is_match(text), "{pattern:?} on {text:?}");
            }
        }
        assert!(Pattern::new("(").is_err());
    }

    #[test]
    fn images_are_those_that_the_machine_means() {
        let names = [
            "nginx",
            "docker.io/library/nginx",
            "localhost:5000/a_b-c",
            "",
            ".",
            "a|b",
            "ngin[xy]",
            "nginx$",
        ];
        let images = [
            "nginx",
            "nginx:1.27",
            "nginx:",
            "nginx:{{tag}}",
            "nginx:a b",
            "nginx:1:2",
            "nginx@sha256:ab12",
            "nginx:1@sha256:",
            "nginx@sha512:ab",
            "nginx@sha256:a@",
            "nginxx",
            "docker.io/library/nginx:1",
            "dockerxio/library/nginx",
            "docker\nio/library/nginx",
            "localhost:5000/a_b-c:2@sha256:0f",
            "ü",
            "ü:1",
            "a",
            "b:1",
            ":1",
            "@sha256:00",
            "",
        ];
        for name in names {
            let (own, machine) = (ImagePattern::new(name).unwrap(), ImagePattern::machine(name).unwrap());
            for image in images {
                assert_eq!(own.fits(image), machine.is_match(image), "{name:?} on {image:?}");
            }
        }
        assert!(ImagePattern::new("(").is_none());
    }

    #[test]
    fn images_within_texts() {
        for (name, text, expected) in [
            ("x/web", "a: 1\nb: x/web:1.2.3\n", true),
            ("x/web", "--image=x/web@sha256:00", true),
            ("x/web", "\"x/web:1\"", true),
            ("web", "init:\n  image: \"web:1.28\"\n", true),
            ("web", "--init-image=web:1", true),
            ("web", "server web:80", false),
            ("web", "image: a\nserver: web:80", false),
            ("x/web", "x/web", false),
            ("x/web", "see x/web: it is", false),
            ("x/web", "ghcr.io/x/web:1", false),
            ("x/web", "x/web-more:1", false),
            ("", "image: :1", false),
        ] {
            assert_eq!(ImagePattern::new(name).unwrap().is_within(text), expected, "{name:?} in {text:?}");
        }
    }

    #[test]
    fn braces_that_count_nothing_are_letters() {
        for (pattern, text, expected) in [
            ("z{1}", "z", true),
            ("z{2,}", "zz", true),
            ("z{1,2}y", "zzy", true),
            ("a{z|z", "z", true),
            ("a{z|z", "a{z", true),
            ("${X}", "${X}", false),
            ("z{x}", "z{x}", true),
            ("z{,2}", "z{,2}", true),
            ("z\\{1\\}", "z{1}", true),
            ("z}", "z}", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).expect("a pattern").fits(text),
                expected,
                "{pattern:?} on {text:?}"
            );
        }
    }
}
