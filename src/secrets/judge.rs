//! The one judge of a value with a name: whether it is a credential, and on what evidence. Knows what kind of place it
//! is in, not how it was found there.
//!
//! Weak values are asked for first: an excuse must not hide that everybody knows a password.

use super::value::{self, Kind};
use super::{decode, entropy, urls};
use crate::facts::{Evidence, Keeping, Names, Promise, name_words};
use crate::text::Str;

/// In what kind of place a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Setting {
    /// A Secret: everything in it is one unless it plainly is not.
    Secret,
    /// Something is given the value when it runs: environment, arguments, compose, configuration.
    Given,
    /// Values of charts and fields of objects, where names of objects stand as often.
    Values,
    /// A program, of which only literals are read.
    Program,
    /// People explain: documentation, comments.
    Prose,
}

/// A value, its name and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    pub(super) names: &'a Names,
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) setting: Setting,
    /// Why the file is kept, if no cluster gets it.
    pub(super) keeping: Option<Keeping>,
}

/// What a value is held for, and what of it said so.
pub(super) type Verdict = (Evidence, Str);

/// A shorter value is no credential, or one that nobody has to be told of.
const SHORTEST: usize = 4;
/// No password is longer; keys in armor are found by their armor.
const LONGEST: usize = 4096;
/// What people make up may look random by chance when it is shorter.
const LEAST_RANDOM: usize = 12;
/// Letters that a generator draws may look like a language by chance; so many that change their kind at every second step
/// do not.
const LEAST_MIXED: usize = 16;
/// A value of a name that is often something else has to be longer.
const LEAST_UNNAMED: usize = 20;
/// People write no longer passphrases; what has more words is a sentence.
const MOST_BLANKS: usize = 5;

/// Whether a value is a credential; nothing if it is excused.
pub(super) fn judge(question: &Question) -> Option<Verdict> {
    let Question { names, name, setting, .. } = *question;
    let value = without_scheme(question.value.trim());
    // `Bearer …` is a token, whatever holds it.
    let is_bearer = value.len() < question.value.trim().len() && !value::is_plain_words(value);
    let name = if is_bearer && names.promise(name) < Promise::Strong { "bearer" } else { name };
    if let Some(password) = login_in(name, value) {
        let of_login = judge(&Question { name: "password", value: &password, ..*question })?;
        return (of_login.0 < Evidence::Weak).then_some(of_login);
    }
    let promise = names.promise(name);
    if promise == Promise::None && setting != Setting::Secret || value.len() > LONGEST {
        return None;
    }
    let words = name_words(name);
    let is_password = words.iter().any(|word| is_of_password(word));
    let question = &Question { name, ..*question };
    let case = Case { question, value, promise, words: &words, is_password };
    match value::kind(value) {
        Kind::Literal if value.len() + 1 == SHORTEST && is_password => case.weak("it is short"),
        _ if value.len() < SHORTEST || is_prose(value, setting) => None,
        _ if case.repeats_its_name() => case.weak("it repeats its name"),
        Kind::Weak => case.weak("everybody tries it first"),
        Kind::Literal if case.is_in_its_name() => case.weak("it is a word of its name"),
        Kind::ToChange if case.is_run() => case.weak("it was to be changed"),
        Kind::Literal => case.literal(),
        _ => None,
    }
}

/// What is known of a value before it is looked at.
struct Case<'q, 'a> {
    question: &'q Question<'a>,
    value: &'a str,
    promise: Promise,
    words: &'q [String],
    is_password: bool,
}

impl Case<'_, '_> {
    /// Whether something is given the value as it is: not where people copy it, or read it.
    fn is_run(&self) -> bool {
        let Question { setting, keeping, .. } = self.question;
        !matches!(setting, Setting::Program | Setting::Prose) && keeping.is_none()
    }

    fn repeats_its_name(&self) -> bool {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let is_alike = || name_words(self.value).concat() == self.words.concat();
        self.value.len() >= SHORTEST && self.value.bytes().all(is_name) && is_alike()
    }

    /// `forgejo_database_password: forgejo`.
    fn is_in_its_name(&self) -> bool {
        self.words.len() > 1 && self.words.iter().any(|word| word == self.value)
    }

    /// A value that everybody knows, where somebody takes it for a credential.
    fn weak(&self, reason: &'static str) -> Option<Verdict> {
        let Question { names, name, setting, keeping, .. } = *self.question;
        let is_taken = match self.promise {
            Promise::Strong => true,
            Promise::Weak => setting == Setting::Secret,
            Promise::None => setting == Setting::Secret && !names.is_beside_the_point(name),
        };
        // `secretKey: password`, `token: default`: the name of a key or of an object.
        let is_pointer = !self.is_password && setting == Setting::Values && self.is_pointer();
        let is_program = setting == Setting::Program;
        // Tests of programs are full of them, and a constant is often called as what it is.
        let is_of_test = is_program
            && (keeping.is_some() || !self.is_password && self.is_name() || self.repeats_its_name());
        if !is_taken || is_pointer || is_of_test || setting == Setting::Prose {
            return None;
        }
        let evidence = if is_program { Evidence::Doubtful } else { Evidence::Weak };
        Some((evidence, Str::new_static(reason)))
    }

    /// Whether a value names a key or an object, in the words of names.
    fn is_pointer(&self) -> bool {
        const OBJECTS: [&str; 8] = ["default", "test", "demo", "app", "db", "name", "master", "main"];
        value::is_identifier(self.value) && (self.is_name() || OBJECTS.contains(&self.value))
    }

    /// Whether a value is itself the name of a credential or of what belongs to one.
    fn is_name(&self) -> bool {
        let names = self.question.names;
        names.promise(self.value) > Promise::None || names.is_beside_the_point(self.value)
    }

    fn literal(&self) -> Option<Verdict> {
        if self.is_excused() {
            return None;
        }
        let (sure, told) = value::randomness(self.value);
        let evidence = match self.promise {
            Promise::Strong => self.strong(sure)?,
            _ if self.question.setting == Setting::Secret => self.of_secret(sure)?,
            Promise::Weak => self.hinted(sure)?,
            Promise::None => return None,
        };
        Some((evidence, told))
    }

    /// Forms that are well known and no secret, wherever they are.
    fn is_excused(&self) -> bool {
        let (value, Question { setting, .. }) = (self.value, self.question);
        let fits_password = matches!(value::shape(value), Some("a number" | "a quantity" | "a date"));
        let is_shaped = match value::shape(value) {
            None | Some("a digest" | "a UUID") => false,
            Some(_) => !(self.is_password && fits_password),
        };
        let is_code = value.contains("::")
            || value.contains("->")
            || value.contains("\\x")
            || value.starts_with(['.', '$', '*', '^'])
            || *setting == Setting::Program && value.contains(['(', '[', '{', '<', '%', '\\', '\t']);
        let is_code = is_code && *setting != Setting::Secret;
        // The head of a web token alone, and the one of every tutorial: tokens know the rest.
        let is_web_token = value.starts_with("eyJ");
        is_web_token || is_shaped || is_code || urls::holds_password(value)
    }

    /// Under a name that is one of a credential.
    fn strong(&self, sure: u8) -> Option<Evidence> {
        let (value, Question { names, setting, .. }) = (self.value, self.question);
        if self.is_random(sure) {
            return Some(Evidence::Random);
        }
        let is_named = value::is_identifier(value) && value::is_words(value);
        let last = self.words.last().map(String::as_str);
        let may_name = matches!(setting, Setting::Values | Setting::Program | Setting::Prose);
        // `secret: my-app-tls`, `secretKey: db-password`: what an object, or a key of it, is called.
        let is_object = is_named && matches!(last, Some("secret" | "credential"));
        let tells_name = names.promise(value) != Promise::None && value::is_words(value);
        if may_name && !self.is_password && (is_object || tells_name) {
            return None;
        }
        let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
        let is_made_up = match setting {
            // Programs and texts say `password` of many things.
            Setting::Program | Setting::Prose => {
                sure >= 2 && has_digit && value.len() >= 8 && !is_named && !encodes_words(value)
            }
            Setting::Values if self.is_password => !(tells_name && name_words(value).len() > 1),
            _ if self.is_password || *setting == Setting::Secret => true,
            // Words that were drawn for a passphrase.
            Setting::Given if has_digit && value.matches('-').count() >= 3 => true,
            _ => sure >= 2 && !is_named && value.len() >= 6 && (has_digit || !value::is_identifier(value)),
        };
        Some(if is_made_up { Evidence::Human } else { Evidence::Doubtful })
    }

    /// In a Secret, under a name that promises nothing, or little.
    fn of_secret(&self, sure: u8) -> Option<Evidence> {
        let (value, Question { names, name, .. }) = (self.value, self.question);
        if self.promise == Promise::None && names.is_beside_the_point(name) {
            return None;
        }
        if self.is_random(sure) {
            return Some(Evidence::Random);
        }
        let is_named = value::is_identifier(value) && value::is_words(value);
        Some(if !is_named && (sure >= 2 || value.len() >= 8) { Evidence::Likely } else { Evidence::Doubtful })
    }

    /// Under a name that may be one: only what looks random counts.
    fn hinted(&self, sure: u8) -> Option<Evidence> {
        let value = self.value;
        let is_key = self.words.last().is_some_and(|last| last == "key" && value.len() >= 32);
        let is_opaque = value::shape(value).is_some();
        let is_program = matches!(self.question.setting, Setting::Program | Setting::Prose);
        let is_random = match is_opaque {
            true => is_key && value::shape(value) == Some("a digest") && !is_program,
            false => sure >= 4 && value.len() >= LEAST_UNNAMED && !value::is_words(value),
        };
        is_random.then_some(Evidence::Likely)
    }

    /// Whether no person made it up.
    fn is_random(&self, sure: u8) -> bool {
        let value = self.value;
        if matches!(value::shape(value), Some("a digest" | "a UUID")) {
            return true;
        }
        if value.len() < LEAST_RANDOM || !value.is_ascii() || value.contains(' ') || encodes_words(value) {
            return false;
        }
        let is_natural = entropy::naturalness(value).is_some_and(|natural| natural >= 0.6);
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let is_mixed = digits >= 3 && entropy::turns(value) * 2 >= value.len();
        sure >= 3 && (!is_natural || value.len() >= LEAST_MIXED && is_mixed)
    }
}

/// The password of a login in base64, as registries and proxies are given it under names that promise little.
fn login_in(name: &str, value: &str) -> Option<String> {
    let is_auth = name_words(name).last().is_some_and(|last| last.starts_with("auth") || last == "bearer");
    let plain = decode::text(value).filter(|plain| is_auth && plain.len() >= 6)?;
    let (user, password) = plain.split_once(':')?;
    let is_login = !user.is_empty() && !password.is_empty() && !plain.contains(['\n', ' ', '/']);
    is_login.then(|| password.to_owned())
}

/// Whether it is the base64 of words, which people write to show how it is done.
fn encodes_words(value: &str) -> bool {
    decode::text(value).is_some_and(|plain| value::is_words(&plain))
}

/// `Bearer` and the like, before the credential itself.
fn without_scheme(value: &str) -> &str {
    let Some((scheme, rest)) = value.split_once(' ') else { return value };
    let is_scheme = ["bearer", "basic", "token"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
    if is_scheme && !rest.contains(' ') { rest } else { value }
}

fn is_of_password(word: &str) -> bool {
    word.contains("pass")
        || matches!(word, "pwd" | "psk" | "pw" | "pswd" | "psw" | "kennwort" | "contrasena" | "pin")
        || ["pwd", "pw"].iter().any(|end| word.len() <= 10 && word.ends_with(end))
}

/// Whether people wrote it for people: a sentence, or words with letters that no generator draws.
fn is_prose(value: &str, setting: Setting) -> bool {
    if !value.is_ascii() && value.chars().all(|letter| letter.is_alphabetic() || " .!?:,-…".contains(letter))
    {
        return true;
    }
    let blanks = value.bytes().filter(|byte| *byte == b' ').count();
    if blanks == 0 {
        return false;
    }
    #[rustfmt::skip]
    const SMALL: &[&str] = &[
        "the", "of", "is", "a", "an", "to", "for", "your", "in", "must", "be", "not", "this", "that", "or", "and", "with", "from",
        "are", "has", "no", "if", "on", "by", "as", "will", "should", "can", "it",
    ];
    let has_small =
        || value.split(' ').any(|word| SMALL.iter().any(|small| small.eq_ignore_ascii_case(word)));
    let is_capital = value.starts_with(|letter: char| letter.is_ascii_uppercase());
    blanks > MOST_BLANKS
        || has_small()
        || value.ends_with(['.', '!', '?', ':'])
        || is_capital && setting != Setting::Secret && value::is_words(value)
}
