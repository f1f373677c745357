//! What a value is, apart from where it stands: a reference to a secret kept elsewhere, a placeholder, something
//! encrypted or public, a default everybody knows, or a literal. Exemptions live here and nowhere else.

use super::entropy;
pub(super) use super::entropy::is_words;
use super::filler::{self, Filler};
use crate::facts::Weakness;
use crate::syntax::sealed;
use crate::text::Str;

/// What a value turns out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Nothing, a boolean, a null.
    Nothing,
    /// The value comes from elsewhere: a variable, a template, a command, a vault.
    Reference,
    /// A form in which nobody has filled in anything: `<password>`, `xxxx`.
    Placeholder,
    /// A word that asks to be replaced: what runs with it has it for its password.
    ToChange,
    /// Encrypted, hashed, or public by its nature.
    Sealed,
    /// Soon guessed: [`weakness`] says why.
    Weak,
    /// A text that stands for itself.
    Literal,
}

/// Values that stand in every word list; compared without case.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "abc123", "admin",
    "admin123", "adminadmin", "administrator", "default", "demo", "elastic", "grafana", "guest", "keycloak",
    "letmein", "mariadb", "master", "minio", "minio123", "minioadmin", "mongo", "mongodb", "mypassword",
    "mysecret", "mysql", "nextcloud", "p@ssw0rd", "pa$$w0rd", "pass", "passw0rd", "password", "password1", "password123",
    "passwort", "postgres", "postgresql", "pgpass", "qwerty", "rabbitmq", "redis", "root", "rootpassword",
    "rootpass", "secret", "secret123", "secretpassword", "supersecret", "test", "test123", "testing",
    "testpassword", "topsecret", "toor", "user", "username", "wordpress", "welcome", "zabbix", "db", "app",
    "mysecretpassword", "dbpassword", "userpassword", "password!", "admin1234", "guacamole",
    "postgrespassword", "adminpassword", "mysqlpassword", "s3cr3t", "s3cret", "secr3t", "shhh", "sonar", "gitea", "immich",
    "authentik", "vaultwarden", "prom-operator", "dockeradmin", "raspberry", "ubuntu", "vagrant", "calvin", 
    "value", "iloveyou", "p@ss", "1f2d1e2e67df", "monkey", "dragon", "trustno1", "abcd1234", "1q2w3e4r", "qwerty123", "111111", "000000", "654321",
    "hackme",
];

/// Where a value is kept when it is not here; compared at the start.
#[rustfmt::skip]
const STORES: &[&str] = &[
    "op://", "ref+", "secretref+", "vault:", "vault://", "bao:", "<path:", "arn:aws:secretsmanager",
    "arn:aws:ssm", "ssm:", "ssm://", "secretsmanager:", "awssm://", "gcpsm://", "gcp-sm:",
    "gcp:secretmanager", "azkv://", "akv://", "azurekeyvault://", "akvs:", "doppler://", "bws://", "env:",
    "env.", "$env:", "file:", "file://", "secret://", "secret:", "secretref:", "sops:", "keyring:",
    "keychain:", "pass:", "from_secret", "infisical://", "kms:", "gsm:", "sm://", "berglas://", "aws-sm:",
    "passbolt:", "lookup(", "dotenv:", "random:", "!reference", "docker-secret", "/run/secrets/",
    "/var/run/secrets/", "/etc/", "/vault/", "os.environ", "os.getenv", "process.env", "env(", "getenv(",
    "env[", "secrets.", "var.", "local.", "data.", "module.", "random_password.", "self.", "this.", "config.",
    "settings.", "@string/", "!secret", "!env_var", "registry:", "autogenerate", "file(", "(known after apply)", "__", "@@", "{env.", "secure:", "%env(", "!!", "&", "*",
];

/// The kind of a value, wherever it stands. Whether everybody knows it comes first.
pub(super) fn kind(value: &str) -> Kind {
    let value = value.trim();
    if is_weak(value) {
        return Kind::Weak;
    }
    if value.is_empty() || is_empty_word(value) {
        return Kind::Nothing;
    }
    if is_sealed(value) {
        return Kind::Sealed;
    }
    if is_reference(value) {
        return Kind::Reference;
    }
    // Whole texts and keys in armor are not placeholders because of one word in them.
    if value.len() > 200 {
        return Kind::Literal;
    }
    match filler::of(value) {
        _ if is_placeholder(value) => Kind::Placeholder,
        Some(Filler::Unused) => Kind::Placeholder,
        Some(Filler::ToChange) => Kind::ToChange,
        Some(Filler::Words) => Kind::Weak,
        None if is_monotonous(value) => Kind::Weak,
        None => Kind::Literal,
    }
}

/// What makes a value of the kind `Weak` or `ToChange` one.
pub(super) fn weakness(value: &str) -> Weakness {
    let value = value.trim();
    if is_weak(value) {
        return Weakness::Known;
    }
    match filler::of(value) {
        Some(Filler::ToChange) => Weakness::ToChange,
        Some(_) => Weakness::Described,
        None => Weakness::Pattern,
    }
}

/// The default inside `${NAME:-default}`, `${NAME-default}` or `${NAME:=default}`, if that is the whole text.
pub(super) fn default_of(text: &str) -> Option<std::ops::Range<usize>> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let name = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let rest = &inner[name..];
    // `${pull-secret}` is a gap that somebody else fills.
    let is_gap =
        rest.starts_with('-') && !inner[..name].contains(|c: char| c.is_ascii_uppercase() || c == '_');
    // Spring has a colon alone: `${DB_PASSWORD:secret}`; the shell cuts pieces out with `${X:0:3}`.
    let sign = match rest.as_bytes() {
        _ if is_gap => return None,
        [b':', b'-' | b'=', ..] => 2,
        [b'-' | b'=', ..] => 1,
        [b':', letter, ..] if letter.is_ascii_alphabetic() => 1,
        _ => return None,
    };
    let start = 2 + name + sign;
    (start < text.len() - 1 && !text[start..].contains("${")).then_some(start..text.len() - 1)
}

/// Whether the value comes from elsewhere when the thing runs.
pub(super) fn is_reference(value: &str) -> bool {
    if ["${", "$(", "{{", "<%", "%{", "#{", "`", "[[", "((", "{%"].iter().any(|open| value.contains(open)) {
        return true;
    }
    // A variable inside: `ip6$TYPE`, `$HOME/x`.
    let is_variable = |pair: &[u8]| {
        pair[0] == b'$'
            && (pair[1].is_ascii_uppercase() || pair[1] == b'_')
            && (pair[2].is_ascii_uppercase() || pair[2] == b'_')
    };
    if value.as_bytes().windows(3).any(is_variable) {
        return true;
    }
    let lower: String = value.chars().take(64).map(|c| c.to_ascii_lowercase()).collect();
    if STORES.iter().any(|store| lower.starts_with(store)) {
        return true;
    }
    // `{name}` of a format text, `{base62*20}` of a recipe.
    if let Some((_, rest)) = value.split_once('{')
        && let Some((inside, _)) = rest.split_once('}')
        && inside.starts_with(|c: char| c.is_ascii_alphabetic())
        && inside.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'*' | b':' | b'-'))
    {
        return true;
    }
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':'))
    };
    match value.as_bytes() {
        // `$NAME`, but not a crypt hash and not a password that merely starts with a dollar.
        [b'$', first, ..] if first.is_ascii_alphabetic() || *first == b'_' || *first == b'$' => {
            is_name(value.trim_start_matches('$'))
        }
        // The variable of a statement.
        [b':', rest @ ..] => !rest.is_empty() && rest.iter().all(|b| b.is_ascii_lowercase() || *b == b'_'),
        [b'%', .., b'%'] | [b'@', .., b'@'] | [b'{', .., b'}'] => is_name(&value[1..value.len() - 1]),
        _ => false,
    }
}

/// Whether a value is encrypted, hashed or public, as its own form proves.
pub(super) fn is_sealed(value: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "-----BEGIN CERTIFICATE", "-----BEGIN PUBLIC KEY", "-----BEGIN PGP PUBLIC", "-----BEGIN RSA PUBLIC",
        "-----BEGIN X509 CRL", "ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "ssh-dss ", "sk-ssh-", "age1",
        "$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$argon2", "$pbkdf2", "$apr1$", "$scrypt",
        "pbkdf2", "{SHA}", "{SSHA", "{CRYPT}", "{bcrypt}", "SCRAM-SHA-256$", "sha256:", "sha512:", "sha1:",
        "sha512-", "sha256-", "sha384-", "md5:", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR",
        "LS0tLS1CRUdJTiBQVUJMSUMgS0VZ", "argon2id$", "scrypt:",
        "$bcrypt", "$$2", "$$argon2", "$$apr1", "$$5$", "$$6$", "$7$",
    ];
    let is_hash = |text: &str| STARTS.iter().any(|start| text.starts_with(start)) || is_md5(text);
    // `user:hash`, a line each: what web servers are given.
    let is_login = |line: &str| line.split_once(':').is_some_and(|(_, hash)| is_hash(hash.trim()));
    is_hash(value)
        || value.contains(':') && value.lines().all(|line| is_login(line.trim()))
        || is_of_maven(value)
        || sealed::whole(value).is_some()
        || (value.starts_with("MII") && value.len() > 400)
}

/// The hash of a password as PostgreSQL keeps it.
fn is_md5(value: &str) -> bool {
    let digits = value.strip_prefix("md5");
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What Maven encrypts with its master password, and Jenkins with its own: base64 in braces.
fn is_of_maven(value: &str) -> bool {
    let inner = value.strip_prefix('{').and_then(|rest| rest.strip_suffix("=}"));
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    inner.is_some_and(|inner| inner.len() >= 12 && inner.bytes().all(is_letter))
}

pub(super) fn is_weak(value: &str) -> bool {
    WEAK.iter().any(|weak| weak.eq_ignore_ascii_case(value))
}

/// Whether a value has the form of a gap: brackets around it, the name of a variable, signs in place of letters, or the
/// mark that vendors put on what they publish as an example.
pub(super) fn is_placeholder(value: &str) -> bool {
    let bytes = value.as_bytes();
    if matches!(bytes, [b'<', .., b'>'] | [b'[', .., b']'] | [b'(', .., b')']) || value.ends_with("...") {
        return true;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_shouted = bytes.iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_variable = value.contains('_') && is_shouted && digits * 8 <= bytes.len();
    // `XXX-XXX`
    let is_crossed = || bytes.iter().all(|byte| matches!(byte, b'x' | b'X' | b'-' | b'_' | b'.'));
    is_variable || is_published(value) || value.contains('…') || has_gap(bytes) || is_crossed()
}

/// Whether a value bears the mark that vendors put on what they publish as an example.
pub(super) fn is_published(value: &str) -> bool {
    value.ends_with("EXAMPLE") || value.ends_with("EXAMPLEKEY")
}

/// Whether four signs or more of those that stand for letters follow each other, and are a third of it.
fn has_gap(bytes: &[u8]) -> bool {
    let is_gap = |byte: u8| matches!(byte, b'x' | b'X' | b'*' | b'.' | b'#' | b'_' | b'?' | b'0');
    let longest =
        bytes.chunk_by(|a, b| a == b).filter(|run| is_gap(run[0])).map(<[u8]>::len).max().unwrap_or(0);
    longest >= 4 && longest * 3 >= bytes.len()
}

/// One or two different characters, a count up, or a short piece over and over.
pub(super) fn is_monotonous(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_next = |pair: &[u8]| pair[1] == pair[0].wrapping_add(1);
    if bytes.len() < 6 {
        return bytes.len() >= 4 && bytes.windows(2).all(is_next);
    }
    let mut seen = [false; 256];
    bytes.iter().for_each(|&byte| seen[byte as usize] = true);
    if seen.iter().filter(|&&seen| seen).count() <= 2 {
        return true;
    }
    // `aabbccdd` counts up, too.
    let letters: Vec<u8> = bytes.chunk_by(|a, b| a == b).map(|run| run[0]).collect();
    let steps = letters.windows(2).filter(|pair| is_next(pair)).count();
    if steps * 4 >= letters.len() * 3 || is_row(&letters) {
        return true;
    }
    (2..=bytes.len().min(32) / 2).any(|period| {
        bytes.len() >= 2 * period
            && bytes.len() > 7
            && bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b)
    })
}

/// The letters of a keyboard.
pub(super) const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// Keys that are next to each other on the keyboard, one after the other: `asdfghjkl`.
fn is_row(letters: &[u8]) -> bool {
    let are_neighbours = |pair: &[u8]| {
        ROWS.iter()
            .any(|row| row.windows(2).any(|keys| keys == pair || keys[0] == pair[1] && keys[1] == pair[0]))
    };
    if !letters.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let steps = letters.windows(2).filter(|pair| are_neighbours(pair)).count();
    (steps + 1) * 8 >= letters.len() * 7
}

/// A form that is well known and no secret: a version, a path, a number, an address, a digest; with its name.
pub(super) fn shape(value: &str) -> Option<&'static str> {
    let bytes = value.as_bytes();
    let all = |ok: fn(u8) -> bool| bytes.iter().all(|&byte| ok(byte));
    if all(|b| {
        b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+' | b'e' | b'%' | b':' | b'/' | b' ')
    }) {
        return Some("a number");
    }
    if is_uuid(value) {
        return Some("a UUID");
    }
    if matches!(bytes.len(), 32 | 40 | 64 | 96 | 128) && all(|b| b.is_ascii_hexdigit()) {
        return Some("a digest");
    }
    if value.starts_with("arn:") {
        return Some("an identifier");
    }
    // Base64 may begin with a slash, too.
    let is_drawn = value.len() >= 24 && entropy::bits(bytes) >= 4.2 && entropy::kinds(value) >= 4;
    if value.starts_with(['/', '~']) && !value.ends_with('=') && !is_drawn
        || value.starts_with("./")
        || value.starts_with("../")
    {
        return Some("a path");
    }
    let ends = [".pem", ".key", ".crt", ".json", ".yaml", ".yml", ".txt", ".conf"];
    if value.contains('/') && ends.iter().any(|end| value.ends_with(end)) {
        return Some("a path");
    }
    if bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit)
    {
        return Some("a date");
    }
    if value.contains("://") {
        return Some("a URL");
    }
    if value.contains("@sha256:") {
        return Some("an image");
    }
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if unit.len() < value.len() && unit.len() <= 2 {
        return Some("a quantity");
    }
    let version = value.strip_prefix('v').unwrap_or(value);
    let numbers =
        version.split('.').take_while(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if version.matches('.').count() >= 2 && numbers.count() >= 2 && value.len() < 24 {
        return Some("a version");
    }
    if value.contains('@')
        && value.rsplit_once('.').is_some_and(|(_, top)| {
            (2..=6).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_lowercase())
        })
    {
        return Some("an address");
    }
    if value == "localhost" || value.contains('.') && is_host(value) {
        return Some("a host");
    }
    None
}

pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Words without what people add to make a password of them: a digit and a third kind of character.
pub(super) fn is_plain_words(value: &str) -> bool {
    is_words(value) && (entropy::kinds(value) < 3 || !value.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Whether a text is written as names of objects are: small letters, digits, dashes, underscores and dots.
pub(super) fn is_identifier(value: &str) -> bool {
    value.bytes().all(|b| {
        b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b'/' | b':')
    })
}

/// Why a value with a telling name is believed: a short reason for the finding, and how sure it makes us (0 to 4).
pub(super) fn randomness(value: &str) -> (u8, Str) {
    let (bits, kinds) = (entropy::bits(value.as_bytes()), entropy::kinds(value));
    let natural = entropy::naturalness(value);
    let told =
        Str::from(format!("{} characters of {kinds} kinds, {bits:.1} bits each", value.chars().count()));
    if value.len() >= 20 && bits >= 3.0 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        return (3, told);
    }
    let mut sure = 0;
    sure += u8::from(kinds >= 2);
    sure += u8::from(kinds >= 3);
    sure += u8::from(bits >= 3.0 && value.len() >= 12 || bits >= 3.5);
    sure += u8::from(natural.is_none_or(|natural| natural < 0.6));
    (sure, told)
}

fn is_empty_word(value: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "true", "false", "yes", "no", "on", "off", "null", "nil", "none", "~", "n/a", "undefined", "\"\"",
        "''", "-", "{}", "[]", "empty", "disabled", "enabled", "optional", "required", "noauth", "nopass", "string", "str",
        "bool", "text", "...", "…", "xxx", "***", "generate", "generated", "auto", "automatic", "random", "prompt", "unset",
        "same-origin",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_host(value: &str) -> bool {
    let host = value.split([':', '/']).next().unwrap_or(value);
    let labels = || host.split('.');
    labels().count() >= 2
        && labels().all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
        && labels()
            .next_back()
            .is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_lowercase()))
        && entropy::naturalness(host).is_none_or(|natural| natural > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_their_form_proves() {
        let table: &[(Kind, &[&str])] = &[
            (Kind::Nothing, &["", " ", "true", "null", "~"]),
            (
                Kind::Reference,
                &[
                    "${DB_PASSWORD}",
                    "$DB_PASSWORD",
                    "$$PASS",
                    "$(cat /run/secrets/x)",
                    "{{ .Values.password }}",
                    "op://vault/item/field",
                    "<path:secret/data/x#y>",
                    "ref+vault://x/y",
                    "vault:secret/data/db#password",
                    "%DB_PASS%",
                    "@TOKEN@",
                    "var.db_password",
                    "/run/secrets/db",
                    "`cat pass`",
                    "${SECRET_DOMAIN/./-}",
                    "{PASSWORD}",
                ],
            ),
            (Kind::Sealed, &["$2y$10$abcdefghijk", "ssh-ed25519 AAAA"]),
            (
                Kind::Placeholder,
                &["<password>", "xxxxxxxx", "XXX-XXX", "sk-xxxxxxxx", "DB_PASSWORD", "abc..."],
            ),
            (Kind::ToChange, &["changeme", "change-me-now", "your-password"]),
            (
                Kind::Weak,
                &[
                    "admin",
                    "Password",
                    "postgres",
                    "minioadmin",
                    "123456",
                    "aaaaaaaa",
                    "0123456789abcdef",
                    "mysecretpassword",
                    "abcde",
                ],
            ),
            (Kind::Literal, &["Tr0ub4dor&3", "correct horse battery", "$ecret-with-dollar!", "hunter2"]),
        ];
        for (expected, values) in table {
            for value in *values {
                assert_eq!(kind(value), *expected, "{value}");
            }
        }
    }

    #[test]
    fn names_people_give_are_not_random() {
        for words in
            ["database-credentials", "grafana_admin_secret", "letsencrypt-production", "media", "kube-system"]
        {
            assert!(is_words(words), "{words}");
        }
        for random in ["Tr0ub4dor&3x", "k7Qp2mXw", "a8f5f167f44f4964e6c998dee827110c", "xkqzjwvbn"] {
            assert!(!is_words(random), "{random}");
        }
        for (value, expected) in [
            ("1.2.3", "a number"),
            ("v1.30.4-beta", "a version"),
            ("10Gi", "a quantity"),
            ("/etc/ssl", "a path"),
            ("db.example.org:5432", "a host"),
            ("https://x.org/y", "a URL"),
            ("me@example.org", "an address"),
        ] {
            assert_eq!(shape(value), Some(expected), "{value}");
        }
        assert_eq!(shape("Tr0ub4dor&3"), None);
    }
}
