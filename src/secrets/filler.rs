//! Values made of words that say nothing: `changeme`, `your-password-here`, `my-secret-password123`. Told by whole words,
//! so that a password that only holds such letters stays one.

use crate::facts::name_words;

/// What a value is that consists of such words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filler {
    /// It asks to be changed: `changeme`, `YOUR_TOKEN`, `example`.
    ToChange,
    /// It says that none is needed: `not-needed`, `unused`.
    Unused,
    /// Nothing in it is of anybody's own: `supersecret`, `my_password1`.
    Words,
}

/// Words that ask somebody to put a value in, or say that there is none.
#[rustfmt::skip]
const ORDERS: &[&str] = &[
    "change", "changed", "replace", "replaced", "your", "yours", "insert", "enter", "fill", "put", "set", "choose", "todo", "fixme",
    "tbd", "placeholder", "example", "dummy", "fake", "redacted", "removed", "masked", "hidden", "here", "generate", "generated",
    "override", "overridden", "populate", "populated", "bogus", "sample", "lorem", "foobar", "foo", "bar", "baz", 
    "notreal", "update", "modify", "edit", "provide", "specify", "define", "tobe", "xxx", "snip", "make", "invent", "makeitup",
];

/// Those of them with which nobody begins a password.
const ASKS: [&str; 6] = ["change", "replace", "your", "insert", "placeholder", "todo"];

/// Words beside those, and in passwords that everybody tries.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "my", "me", "a", "an", "the", "some", "any", "super", "very", "top", "strong", "secure", "safe", "good", "secret", "secrets",
    "password", "passwd", "pass", "passphrase", "pwd", "pw", "token", "key", "api", "admin", "administrator", "user", "username",
    "root", "db", "database", "default", "test", "testing", "this", "it", "to", "with", "of", "for", "and", "in", "on", "please",
    "new", "now", "own", "real", "really", "value", "random", "string", "long", "text", "at", "least", "characters", "chars",
    "character", "char", "bytes", "bits", "length", "min", "max", "is", "be", "must", "not", "prod", "production", "dev", "client",
    "access", "private", "shared", "session", "jwt", "auth", "encryption", "signing", "app", "service", "account", "s3", "smtp",
    "postgres", "postgresql", "mysql", "mariadb", "redis", "mongo", "mongodb", "rabbitmq", "minio", "grafana", "elastic", "base",
    "hex", "encoded", "login", "demo", "temp", "temporary", "initial", "credentials", "credential", "only", "local", "by", "do",
    "or", "from", "something", "else", "anything", "cookie", "hash", "salt", "bot", "webhook", "license", "id", "name", "email",
    "mail", "registration", "openssl", "rand", "its", "simple", "easy", "duper", "pls", "should", "nobody", "knows", "exactly",
    "installation", "http", "rest", "weak", "insecure", "unsecure", "unsafe", "important", "bad", "actual", "pam",
];

/// Words for credentials: what has one among its words says what it is.
const PASSWORDS: [&str; 7] = ["password", "passwd", "passphrase", "pass", "pwd", "pw", "passwort"];
const NOUNS: [&str; 6] = ["secret", "token", "key", "credential", "credentials", "apikey"];
/// A word that ends with one of these was glued to it.
const GLUED: [&str; 5] = ["password", "passwd", "passphrase", "secret", "token"];

/// Words with which people say how good or bad it is; nothing else is called so.
const BOASTS: [&str; 8] = ["super", "very", "strong", "insecure", "unsecure", "unsafe", "important", "weak"];

/// No word that was glued together of these is longer.
const LONGEST: usize = 48;

/// What a value is, if all of its words say nothing.
pub(super) fn of(value: &str) -> Option<Filler> {
    if value.len() > 120 || !value.is_ascii() {
        return None;
    }
    let words: Vec<String> = name_words(value).iter().map(|word| without_slips(word)).collect();

    let (mut orders, mut fillers, mut own, mut leads) = (0, 0, 0, false);
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|letter: char| letter.is_ascii_digit());
        // A number of its own, and one glued to a word: `password123`, `32 characters`.
        if word.len() - bare.len() > LONGEST_NUMBER {
            own += 1;
            continue;
        }
        if bare.is_empty() {
            continue;
        }
        match glued_around_numbers(bare) {
            Some(true) => {
                orders += 1;
                leads |= at == 0;
            }
            Some(false) => fillers += 1,
            None => own += 1,
        }
    }
    const NONE: [&str; 9] =
        ["not", "no", "needed", "required", "used", "unused", "ignored", "none", "necessary"];
    let says_none = |word: &String| {
        matches!(word.as_str(), "key" | "sk" | "password" | "token") || NONE.contains(&word.as_str())
    };
    let lower = value.to_ascii_lowercase();
    // `llama-cpp-no-key-required`
    let is_told = ["no-key", "not-needed", "not-required", "not-used", "no-auth"].iter();
    if words.len() <= 4
        && words.iter().all(says_none)
        && words.iter().any(|word| NONE.contains(&word.as_str()))
        || is_told.clone().any(|told| lower.contains(told))
    {
        return Some(Filler::Unused);
    }
    if own == 0 && orders > 0 || lower.ends_with("aceholder") {
        return Some(Filler::ToChange);
    }
    if own == 0 && fillers > 0 {
        // `admin` alone is on the list of weak values; other single words are somebody's names.
        return (fillers > 1 || words.len() == 1 && !FILLERS.contains(&words[0].as_str()))
            .then_some(Filler::Words);
    }
    // `your-cloudflare-token`, `replace_with_grafana_key`: words besides those that ask.
    // `ghp_your_token_here`: around what somebody is to put in there may be what stays.
    let has = |word: &str| words.iter().any(|known| known == word);
    if has("your") && words.last().is_some_and(|last| last == "here") {
        return Some(Filler::ToChange);
    }
    let is_plain = own <= 3 && super::entropy::is_words(value);
    let asks = words.first().is_some_and(|first| ASKS.iter().any(|ask| first.starts_with(ask)));
    (is_plain && leads && fillers + orders + usize::from(asks) > own).then_some(Filler::ToChange)
}

/// Whether a value consists of words that say nothing and of these others: `gitea-dev` where something is called Gitea.
pub(super) fn consists_of(value: &str, others: &[&str]) -> bool {
    let words = name_words(value);
    let pieces = words.iter().map(|word| word.trim_matches(|letter: char| letter.is_ascii_digit()));
    value.len() <= 120
        && !words.is_empty()
        && words
            .iter()
            .all(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()).len() <= LONGEST_NUMBER)
        && pieces.filter(|piece| !piece.is_empty()).all(|piece| glued(piece, others).is_some())
}

/// Whether a value says of itself how good or bad it is: `unsecure_session_secret`.
pub(super) fn boasts(value: &str) -> bool {
    let words = name_words(value);
    words.len() > 1 && words.iter().any(|word| BOASTS.contains(&word.as_str()))
}

/// A longer number at the end of a word was drawn.
const LONGEST_NUMBER: usize = 5;

/// A letter that was hit too often: `passsword`.
fn without_slips(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars() {
        let is_third =
            letter != 'x' && letter.is_ascii_alphabetic() && out.ends_with(&format!("{letter}{letter}"));
        if !is_third {
            out.push(letter);
        }
    }
    out
}

/// Whether a value is of words, of which one says what it is: `kestrel-db-password`, `personal github token`.
pub(super) fn is_described(value: &str) -> bool {
    if value.len() > 120 || !value.is_ascii() {
        return false;
    }
    let words = name_words(value);
    let bare = words.iter().map(|word| word.trim_matches(|letter: char| letter.is_ascii_digit()));
    let words: Vec<&str> = bare.filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else { return false };
    let says = words.len() > 1 && (words.iter().any(|word| PASSWORDS.contains(word)) || NOUNS.contains(last))
        || GLUED.iter().any(|end| last.len() > end.len() + 2 && last.ends_with(end));
    let bare = value.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = &value.as_bytes()[bare.len()..];
    let is_counted = number.len() >= 4 && number.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
    let value = if is_counted { bare } else { value };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    says && digits <= LONGEST_NUMBER && super::entropy::is_words(value)
}

/// The same for a word with a number inside: `of32characters`.
fn glued_around_numbers(word: &str) -> Option<bool> {
    let pieces = word.split(|letter: char| letter.is_ascii_digit()).filter(|piece| !piece.is_empty());
    pieces.map(|piece| glued(piece, &[])).try_fold(false, |asks, piece| Some(asks | piece?))
}

/// Whether a word is such words glued together, and then whether one of them asks for something.
fn glued(word: &str, others: &[&str]) -> Option<bool> {
    if word.len() > LONGEST {
        return None;
    }
    // For each length whether the beginning consists of such words, and whether one of them asks.
    let mut reached: Vec<Option<bool>> = vec![None; word.len() + 1];
    reached[0] = Some(false);
    for start in 0..word.len() {
        let Some(asks) = reached[start] else { continue };
        for (list, is_order) in [(ORDERS, true), (FILLERS, false), (others, false)] {
            for piece in list.iter().filter(|piece| word[start..].starts_with(**piece)) {
                // One letter is no word inside another.
                let is_inside = piece.len() < 2 && word.len() > piece.len();
                let end = start + piece.len();
                if !is_inside {
                    reached[end] = Some(asks || is_order || reached[end] == Some(true));
                }
            }
        }
    }
    reached[word.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_say_what_they_are() {
        #[rustfmt::skip]
        let described = [
            "kestrel-db-password", "MyStrongKestrelPassword", "MySecureLoginPasswordForKestrel", "kestrelclientsecret",
            "itsasecret", "kestrel-root-pw", "local-bootstrap-token", "personal github token", "kestrel-api-key", "ghp_Token123456789",
        ];
        for value in described {
            assert!(is_described(value), "{value}");
        }
        for value in
            ["Hidden-Harbor-77x", "kestrel-lime-otter", "compass", "tokenkx7wq2m", "Kx7Qp2mToken", "hunter2"]
        {
            assert!(!is_described(value), "{value}");
        }
    }

    #[test]
    fn what_something_is_called_says_nothing_either() {
        for (value, others, expected) in [
            ("kestrel-dev", &["kestrel"][..], true),
            ("kestrelroot", &["kestrel"], true),
            ("kestrel123", &["kestrel"], true),
            ("kestrel-lime", &["kestrel"], false),
            ("kestrel-4711815", &["kestrel"], false),
            ("hunter2", &["kestrel"], false),
        ] {
            assert_eq!(consists_of(value, others), expected, "{value}");
        }
    }

    #[test]
    fn values_of_words_that_say_nothing() {
        let table: &[(Option<Filler>, &[&str])] = &[
            (
                Some(Filler::ToChange),
                &[
                    "changeme",
                    "CHANGE_ME_NOW",
                    "change-this-password",
                    "your-password-here",
                    "YOUR_API_KEY",
                    "replace-me",
                    "replace_with_random_string",
                    "insert your token here",
                    "placeholder",
                    "example",
                    "dummy-token",
                    "your-256-bit-secret",
                    "changeme123",
                    "yourpassword",
                    "ghp_your_token_here",
                    "your-cloudflare-token",
                    "todo",
                    "please-change-me",
                    "pls-changeme-to-strong-pw",
                ],
            ),
            (
                Some(Filler::Unused),
                &[
                    "not-needed",
                    "unused",
                    "sk-no-key-required",
                    "no_password_needed",
                    "llama-cpp-no-key-required",
                ],
            ),
            (
                Some(Filler::Words),
                &[
                    "mysecretpassword",
                    "my-secret-password",
                    "supersecret",
                    "super_secret_key",
                    "verysecurepassword1",
                    "adminpassword",
                    "some-passsword",
                    "MyInstallationkey",
                    "DatabaseRootPassword54321",
                    "SomeRandomStringOf32CharsExactly",
                ],
            ),
            (
                None,
                &[
                    "Hidden-Harbor-77x",
                    "kestrel-lime-otter",
                    "hunter2",
                    "Tr0ub4dor&3",
                    "swordfish",
                    "Summer2024!",
                    "app",
                    "sample7Kx2mQz",
                    "Example-Kx7wombat99",
                    "grafana",
                    "exchanger",
                    "input-output-device",
                ],
            ),
        ];
        for (expected, values) in table {
            for value in *values {
                assert_eq!(of(value), *expected, "{value}");
            }
        }
    }
}
