//! What a name promises: whether a key, a variable or a flag is one that holds a credential. Knows no value.

/// How clearly a name says that its value is a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Promise {
    /// It names something else, or says that the credential is elsewhere.
    None,
    /// It may: `key`, `auth`, `pin`. The value must look random.
    Weak,
    /// It does: `password`, `client_secret`, `apiKey`.
    Strong,
}

/// Words after which a name no longer means the credential itself but something about it.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "name", "names", "path", "file", "files", "filename", "dir", "directory", "folder", "ref", "refs",
    "reference", "url", "uri", "urls", "endpoint", "host", "ttl", "expiry", "expires", "expiration", "expire",
    "lifetime", "duration", "timeout", "interval", "age", "length", "len", "size", "count", "limit", "min",
    "max", "policy", "type", "kind", "algorithm", "algo", "alg", "method", "mode", "format", "enabled",
    "enable", "disabled", "required", "optional", "id", "ids", "version", "template", "prefix", "suffix",
    "header", "field", "column", "label", "annotation", "provider", "store", "backend", "engine", "class",
    "scope", "scopes", "namespace", "rotation", "rotate", "hash", "hashed", "checksum", "digest",
    "fingerprint", "title", "description", "help", "hint", "text", "prompt", "message", "placeholder",
    "manager", "issuer", "audience", "property", "properties", "attribute", "location", "mount", "volume",
    "source", "env", "environment", "variable", "var", "selector", "change", "update", "reset", "create",
    "exists", "exist", "strategy", "schema", "index", "usage", "usages", "server", "service", "account",
    "user", "username", "email", "login", "group", "role", "public", "pub", "cert", "certificate", "cmd",
    "command", "script", "generator", "operator", "controller", "driver", "map", "mapping", "list", "keys",
    "set", "item", "items", "docs", "doc", "link", "image", "repository", "tag", "port", "address", "domain",
    "pattern", "regex", "claim", "mtime", "time", "date", "timestamp", "review", "request", "response", "bits", "rounds", "cost", "encoding",
    "encryption", "config", "parameters", "params", "options", "settings", "data", "hashes",
];

/// Whole words that are a credential.
#[rustfmt::skip]
const STRONG: &[&str] = &[
    "password", "passwd", "passphrase", "passwort", "pwd", "pswd", "secret", "secrets", "token", "apikey",
    "apitoken", "secretkey", "accesskey", "privatekey", "authtoken", "accesstoken", "clientsecret",
    "credential", "credentials", "psk", "bearer", "pgpassword", "userpassword", "rootpassword", "dbpassword",
    "authkey", "encryptionkey", "masterkey", "signingkey", "pat", "passkey", "requirepass", "masterauth",
    "pass", "dbpass", "userpass", "pgpass", "hmackey", "webhooksecret", "jwtsecret",
];

/// Words that make `key` (and the like) a credential when they stand before it.
#[rustfmt::skip]
const BEFORE_KEY: &[&str] = &[
    "api", "secret", "access", "private", "encryption", "encrypt", "signing", "sign", "master", "auth",
    "account", "storage", "shared", "app", "license", "service", "deploy", "session", "cookie", "hmac", "jwt",
    "admin", "root", "application", "consumer", "integration", "license", "crypto", "wireguard", "preshared",
    "psk", "aes", "unseal", "recovery",
];

#[rustfmt::skip]
const WEAK: &[&str] = &[
    "key", "auth", "pin", "salt", "cookie", "dsn", "pw", "cred", "creds", "seed", "hmac", "jwt", "otp",
    "nonce", "webhook", "licence", "license",
];

/// What a name promises. Words are told apart by case, digits and punctuation.
pub(super) fn promise(name: &str) -> Promise {
    if name.len() > 120 || !has_telling_letters(name) {
        return Promise::None;
    }
    let words = words(name);
    let Some(mut last) = words.last().map(String::as_str) else { return Promise::None };
    let mut words = &words[..];
    // A trailing number or `value` says nothing: `TOKEN_2`, `passwordValue`.
    while words.len() > 1
        && (last.bytes().all(|b| b.is_ascii_digit())
            || matches!(last, "value" | "string" | "plain" | "base" | "b64" | "default"))
    {
        words = &words[..words.len() - 1];
        last = &words[words.len() - 1];
    }
    if ABOUT.contains(&last)
        || words.iter().any(|word| {
            matches!(
                word.as_str(),
                "public"
                    | "checksum"
                    | "digest"
                    | "sha256"
                    | "existing"
                    | "max"
                    | "min"
                    | "num"
                    | "csrf"
                    | "use"
                    | "enable"
                    | "allow"
                    | "is"
                    | "has"
            )
        })
    {
        return Promise::None;
    }
    if STRONG.contains(&last) {
        // `max_tokens`, `update_password: on_create`: an act or a number, not the thing.
        let act = words.first().is_some_and(|first| {
            matches!(
                first.as_str(),
                "update"
                    | "generate"
                    | "create"
                    | "require"
                    | "show"
                    | "hide"
                    | "validate"
                    | "no"
                    | "automount"
            )
        });
        return if act && words.len() > 1 { Promise::None } else { Promise::Strong };
    }
    if last == "key" && words.len() > 1 {
        let before = words[words.len() - 2].as_str();
        return if BEFORE_KEY.contains(&before) || before.ends_with("api") {
            Promise::Strong
        } else {
            Promise::Weak
        };
    }
    if ["password", "passwd", "secret", "token", "apikey"]
        .iter()
        .any(|strong| last.ends_with(strong) && last.len() <= strong.len() + 12)
    {
        return Promise::Strong;
    }
    // A strong word further in: `password_primary`, `token_github`.
    if words.len() <= 4
        && words.iter().any(|word| {
            matches!(word.as_str(), "password" | "passwd" | "secret" | "token" | "apikey" | "passphrase")
        })
    {
        return Promise::Weak;
    }
    if WEAK.contains(&last) { Promise::Weak } else { Promise::None }
}

/// Three letters of every word that promises anything: most names of a document fall here, before they are taken apart.
fn has_telling_letters(name: &str) -> bool {
    name.as_bytes().windows(3).any(|three| {
        matches!(
            &[three[0] | 32, three[1] | 32, three[2] | 32],
            b"pas"
                | b"pwd"
                | b"psw"
                | b"sec"
                | b"tok"
                | b"key"
                | b"cre"
                | b"psk"
                | b"bea"
                | b"pat"
                | b"aut"
                | b"pin"
                | b"sal"
                | b"coo"
                | b"dsn"
                | b"see"
                | b"hma"
                | b"jwt"
                | b"otp"
                | b"non"
                | b"web"
                | b"lic"
        )
    }) || name.ends_with("pw")
        || name.ends_with("PW")
}

/// Names whose values belong to a login but are no secret: they may stand in a Secret without being one.
pub(super) fn is_beside_the_point(name: &str) -> bool {
    #[rustfmt::skip]
    const BESIDE: &[&str] = &[
        "provider", "cipher", "hash", "algorithm", "pbkdf", "volumegroup", "group", "class", "kind", "format", "mtime", "title",
        "username", "user", "login", "host", "hostname", "port", "database", "dbname", "db", "email", "url",
        "uri", "endpoint", "region", "bucket", "type", "name", "project", "server", "namespace", "insecure",
        "enableoci", "forcehttpbasicauth", "enablelfs", "scheme", "protocol", "realm", "issuer", "tenant",
        "domain", "schema", "zone", "address", "addr", "path", "file", "version", "environment", "env",
        "mode", "debug", "level", "timezone", "tz", "ca", "crt", "cert", "certificate", "pub", "id", "ids",
        "policy", "role", "account", "owner", "org", "organization", "team", "channel", "from", "to",
        "sender", "recipient", "enabled", "size", "ttl", "tls", "ssl", "config", "url1", "site", "site1",
        "hosts", "ip", "ips", "cidr", "cidrs", "network",
    ];
    words(name).last().is_some_and(|last| BESIDE.contains(&last.as_str()))
}

/// The words of a name in small letters: `dbRootPassword` and `DB_ROOT_PASSWORD` both are db, root, password.
pub(super) fn words(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (at, &byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let turn = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
        if turn && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(char::from(byte.to_ascii_lowercase()));
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_what_their_words_say() {
        let table: &[(Promise, &[&str])] = &[
            (
                Promise::Strong,
                &[
                    "password",
                    "DB_PASSWORD",
                    "dbRootPassword",
                    "apiKey",
                    "API_TOKEN",
                    "client_secret",
                    "PGPASSWORD",
                    "requirepass",
                    "become_pass",
                    "authToken",
                    "TOKEN_2",
                    "storageAccountKey",
                    "mysqlpassword",
                    "MYSQL_ROOT_PASSWORD",
                    "ansible_become_pass",
                ],
            ),
            (Promise::Weak, &["key", "tls_key", "dsn", "salt", "password_primary"]),
            (
                Promise::None,
                &[
                    "secretName",
                    "secret_name",
                    "existingSecret",
                    "passwordSecretRef",
                    "token_ttl",
                    "update_password",
                    "max_tokens",
                    "PASSWORD_FILE",
                    "tokenUrl",
                    "public_key",
                    "username",
                    "key_id",
                    "secretKeyRef",
                    "imagePullSecretName",
                    "image",
                ],
            ),
        ];
        for (expected, names) in table {
            for name in *names {
                assert_eq!(promise(name), *expected, "{name} {:?}", words(name));
            }
        }
    }
}
