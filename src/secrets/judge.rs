//! The one judge of a value with a name: whether it is a credential, and on what evidence. Knows what kind of place it
//! is in, not how it was found there.
//!
//! Weak values are asked for first: an excuse must not hide that everybody knows a password.

use super::value::{self, Kind};
use super::{decode, drawn, filler, issued, urls};
use crate::facts::{Evidence, Keeping, Names, Promise, Weakness, name_words};
use crate::text::Str;

/// In what kind of place a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Setting {
    /// A Secret: everything in it is one unless it plainly is not.
    Secret,
    /// Something is given the value when it runs: environment, arguments, compose, configuration.
    Given,
    /// The same in a compose file, and in the file of variables beside one: whoever copies it starts something with it.
    Started,
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
/// So many letters in common make two words of one.
const LEAST_ALIKE: usize = 6;
/// A shorter word of a name says too little of what a password is for.
const LEAST_NAMED: usize = 3;
/// A value of a name that is often something else has to be longer.
pub(super) const LEAST_UNNAMED: usize = 20;
/// People write no longer passphrases; what has more words is a sentence.
const BLANKS_OF_PASSPHRASE: usize = 5;

/// Whether a value is a credential; nothing if it is excused.
pub(super) fn judge(question: &Question) -> Option<Verdict> {
    let Question { names, name, setting, .. } = *question;
    let value = without_scheme(question.value.trim());
    // `Bearer …` is a token, whatever holds it.
    let is_bearer = value.len() < question.value.trim().len() && !value::is_plain_words(value);
    let name = if is_bearer && names.promise(name) < Promise::Strong { "bearer" } else { name };
    if let Some(password) = login_in(name, value) {
        let of_login = judge(&Question { name: "password", value: &password, ..*question })?;
        return (of_login.0 <= Evidence::Likely).then_some(of_login);
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
        Kind::Literal if value.len() + 1 == SHORTEST && is_password => case.weak(Weakness::Short),
        _ if value.len() < SHORTEST || is_prose(value, setting) => None,
        _ if case.repeats_its_name() => case.weak(Weakness::OwnName),
        Kind::Weak => case.weak(value::weakness(value)),
        Kind::Literal if case.is_in_its_name() => case.weak(Weakness::WordOfName),
        Kind::ToChange if case.is_run() && case.works_unchanged() => case.weak(Weakness::ToChange),
        Kind::ToChange if case.is_started() && case.works_unchanged() => case.weak(Weakness::ToChange),
        Kind::Literal if issued::is_gap(&words, value) => None,
        Kind::Literal if filler::is_described(value) => case.described(),
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

    /// Whether a sample starts something with the value, which is the same until somebody changes it.
    fn is_started(&self) -> bool {
        let Question { setting, keeping, .. } = self.question;
        // What is made of samples is tried out as a whole, manifests and all.
        let is_tried =
            *keeping == Some(Keeping::Collection) && !matches!(setting, Setting::Program | Setting::Prose);
        (is_tried || *setting == Setting::Started && keeping.is_some_and(Keeping::is_sample))
            && !self.is_given_out()
            && (self.is_password || !self.value.to_ascii_lowercase().starts_with("your"))
    }

    fn repeats_its_name(&self) -> bool {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let is_alike = || name_words(self.value).concat() == self.words.concat();
        self.value.len() >= SHORTEST && self.value.bytes().all(is_name) && is_alike()
    }

    /// `forgejo_database_password: forgejo`, `forgejo-dev`.
    fn is_in_its_name(&self) -> bool {
        let words = || self.words.iter().map(String::as_str).filter(|word| word.len() >= LEAST_NAMED);
        // `postgres_replication_password: replicator`
        let is_alike = |word: &&String| {
            let same = word.bytes().zip(self.value.bytes()).take_while(|(a, b)| a == b).count();
            same >= LEAST_ALIKE && same * 4 >= self.value.len() * 3
        };
        self.words.len() > 1
            && (self.words.iter().any(|word| word == self.value)
                || self.is_password && self.words.iter().any(|word| is_alike(&word))
                || (self.is_password
                    || self.question.setting == Setting::Secret && self.promise == Promise::Strong)
                    && filler::consists_of(self.value, &words().collect::<Vec<_>>()))
    }

    /// Whether what asked to be changed may be in use as it is. A key that somebody else gives out is never
    /// `your-token-here`; one that a thing is told for itself may be.
    fn works_unchanged(&self) -> bool {
        self.promise == Promise::Strong
            && (!self.is_given_out() || self.value.to_ascii_lowercase().starts_with("change"))
            && !issued::is_of_account(self.words)
    }

    /// Whether the name is that of a key that somebody else gives out.
    fn is_given_out(&self) -> bool {
        issued::is_given_out(self.words)
    }

    /// A value that says what it is: `kestrel-db-password` is one for a database, and only shown to a reader.
    fn described(&self) -> Option<Verdict> {
        let setting = self.question.setting;
        let last = self.words.last().map(String::as_str);
        // `passwordSecret: kestrel-app/password`: where it is.
        let is_object = matches!(last, Some("secret" | "credential" | "credentials"))
            && setting == Setting::Values
            && value::is_identifier(self.value);
        match setting {
            Setting::Program | Setting::Prose => None,
            _ if is_object => None,
            _ if self.is_password || setting == Setting::Secret && !self.value.contains(' ') => {
                self.weak(Weakness::Described)
            }
            _ if self.value.contains(' ') => None,
            _ if self.question.keeping.is_some() && self.is_given_out() => None,
            _ => match self.literal()?.0 {
                Evidence::Human | Evidence::Random => self.weak(Weakness::Described),
                _ => self.literal(),
            },
        }
    }

    /// A value that everybody knows, where somebody takes it for a credential.
    fn weak(&self, weakness: Weakness) -> Option<Verdict> {
        let Question { names, name, setting, keeping, .. } = *self.question;
        let is_taken = match self.promise {
            Promise::Strong => true,
            Promise::Weak => setting == Setting::Secret,
            Promise::None => setting == Setting::Secret && !names.is_beside_the_point(name),
        };
        // `secretKey: password`, `token: default`: the name of a key or of an object.
        let is_pointer = !self.is_password && setting == Setting::Values && self.is_pointer();
        // `password: Password`: what a column is called.
        let is_label = setting == Setting::Values
            && self.repeats_its_name()
            && self.value.starts_with(|letter: char| letter.is_ascii_uppercase())
            && name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && self.value.eq_ignore_ascii_case(name);
        let is_program = setting == Setting::Program;
        // Tests of programs are full of them, and a constant is often called as what it is.
        let is_of_test = is_program
            && (keeping.is_some() || !self.is_password && self.is_name() || self.repeats_its_name());
        // In what people copy, `api_token: secret` is a gap; nobody is given out `abababab`, nor an account with such a password.
        let is_gap = keeping.is_some() && !self.is_password && self.is_given_out()
            || issued::is_gap(self.words, self.value)
            || matches!(weakness, Weakness::OwnName | Weakness::WordOfName | Weakness::Described)
                && issued::is_key_of_network(self.words)
            || issued::is_of_account(self.words);
        if !is_taken || is_gap || is_pointer || is_label || is_of_test || setting == Setting::Prose {
            return None;
        }
        let evidence = if is_program { Evidence::Doubtful } else { Evidence::Weak(weakness) };
        Some((evidence, Str::new_static(weakness.says())))
    }

    /// Whether a value names a key or an object, in the words of names.
    fn is_pointer(&self) -> bool {
        const OBJECTS: [&str; 8] = ["default", "test", "demo", "app", "db", "name", "master", "main"];
        value::is_identifier(self.value)
            && !filler::boasts(self.value)
            && (self.is_name() || OBJECTS.contains(&self.value))
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
            || is_pattern(value)
            || !self.is_password && value.contains('\\')
            || value.contains("[^")
            || value.contains(" | ")
            || value.starts_with(['.', '$', '*', '^'])
            || *setting == Setting::Program && value.contains(['(', '[', '{', '<', '%', '\\', '\t']);
        let is_code = is_code && *setting != Setting::Secret;
        // The head of a web token alone, and the one of every tutorial: tokens know the rest, as keys know armor.
        let is_told_elsewhere = value.starts_with("eyJ") || value.starts_with("-----BEGIN");
        is_told_elsewhere || is_shaped || is_code || urls::holds_password(value)
    }

    /// Under a name that is one of a credential.
    fn strong(&self, sure: u8) -> Option<Evidence> {
        let (value, Question { names, setting, .. }) = (self.value, self.question);
        if drawn::is_random(value, sure) || *setting == Setting::Secret && drawn::is_generated(value) {
            return Some(Evidence::Random);
        }
        let is_named = value::is_identifier(value) && value::is_words(value);
        let last = self.words.last().map(String::as_str);
        let may_name = matches!(setting, Setting::Values | Setting::Program | Setting::Prose);
        // `REDIS_PASSWORD_SECRET: shop-redis`: the Secret with the password.
        let is_of_object =
            || matches!(self.words, [.., before, _] if is_of_password(before)) && !value.contains('_');
        if *setting == Setting::Values && is_named && last == Some("secret") && is_of_object() {
            return None;
        }
        // `secret: my-app-tls`, `secretKey: db-password`: what an object, or a key of it, is called.
        let is_object = is_named && matches!(last, Some("secret" | "credential"));
        let tells_name = names.promise(value) != Promise::None && value::is_words(value);
        if may_name && !self.is_password && (is_object || tells_name) {
            return None;
        }
        // What an access key is called is half of it: the secret key is the other.
        let is_half = self.words.ends_with(&["access".into(), "key".into()])
            && !self.words.iter().any(|word| word == "secret")
            && is_named;
        if self.is_made_up(sure, is_named, tells_name) {
            return Some(if is_half { Evidence::Likely } else { Evidence::Human });
        }
        // Tests of programs are full of words, a constant is often the name of something, and texts speak of names.
        let is_other = match setting {
            Setting::Program => {
                self.is_of_test()
                    || !self.is_password && is_named && value.contains(['-', '_', '.', '/', ':'])
            }
            Setting::Prose => !self.is_password || filler::consists_of(value, &[]),
            _ => false,
        };
        (!is_other).then_some(Evidence::Doubtful)
    }

    /// Whether somebody made it up for a credential; not where it may be a name, or a word for something else.
    fn is_made_up(&self, sure: u8, is_named: bool, tells_name: bool) -> bool {
        let (value, setting) = (self.value, self.question.setting);
        let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
        let lower = value.to_ascii_lowercase();
        // `vErySecretToken` of a test.
        const TOLD: [&str; 5] = ["token", "secret", "passw", "fake", "mock"];
        if self.is_of_test() && TOLD.iter().any(|word| lower.contains(word)) {
            return false;
        }
        match setting {
            // Programs and texts say `password` of many things.
            Setting::Program | Setting::Prose => {
                sure >= 2 && has_digit && value.len() >= 8 && !is_named && !drawn::encodes_words(value)
            }
            Setting::Values if self.is_password => !(tells_name && name_words(value).len() > 1),
            _ if self.is_password || setting == Setting::Secret => true,
            // Words that were drawn for a passphrase.
            Setting::Given | Setting::Started if has_digit && value.matches('-').count() >= 3 => true,
            _ => sure >= 2 && !is_named && value.len() >= 6 && (has_digit || !value::is_identifier(value)),
        }
    }

    fn is_of_test(&self) -> bool {
        self.question.keeping == Some(Keeping::Tests)
    }

    /// In a Secret, under a name that promises nothing, or little.
    fn of_secret(&self, sure: u8) -> Option<Evidence> {
        let (value, Question { names, name, .. }) = (self.value, self.question);
        if self.promise == Promise::None && names.is_beside_the_point(name) {
            return None;
        }
        if drawn::is_random(value, sure) {
            return Some(Evidence::Random);
        }
        let is_named = value::is_identifier(value) && value::is_words(value);
        let is_likely = !is_named && (sure >= 2 || value.len() >= 8);
        // `foo: label`
        let is_toy = !is_likely && self.promise == Promise::None && self.is_of_test();
        (!is_toy).then_some(if is_likely { Evidence::Likely } else { Evidence::Doubtful })
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
}

/// The password of a login in base64, as registries and proxies are given it under names that promise little.
fn login_in(name: &str, value: &str) -> Option<String> {
    // Of most names the letters say that they are no such name: their words are not told apart, and no value is decoded.
    let holds = |word: &[u8]| name.as_bytes().windows(word.len()).any(|it| it.eq_ignore_ascii_case(word));
    let is_auth = |last: &String| last.starts_with("auth") || last == "bearer";
    if !(holds(b"auth") || holds(b"bearer")) || !name_words(name).last().is_some_and(is_auth) {
        return None;
    }
    let plain = decode::text(value).filter(|plain| plain.len() >= 6)?;
    let (user, password) = plain.split_once(':')?;
    let is_login = !user.is_empty() && !password.is_empty() && !plain.contains(['\n', ' ', '/']);
    is_login.then(|| password.to_owned())
}

/// Whether a value is a regular expression: classes of letters and ends of words, of which a password has none.
fn is_pattern(value: &str) -> bool {
    let class = |pair: &[u8]| {
        pair[0] == b'\\' && matches!(pair[1], b'b' | b'B' | b'w' | b'W' | b'd' | b'D' | b's' | b'S')
    };
    value.as_bytes().windows(2).filter(|pair| class(pair)).count() >= 2
}

/// Whether a value says itself that it is a token: `Bearer …`.
pub(super) fn is_token(value: &str) -> bool {
    let rest = without_scheme(value.trim());
    rest.len() < value.trim().len()
        && !value.trim().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
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
    blanks > BLANKS_OF_PASSPHRASE
        || has_small()
        || value.ends_with(['.', '!', '?', ':'])
        || is_capital && setting != Setting::Secret && value::is_words(value)
}
