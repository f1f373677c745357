//! What a registry asks for before it answers: the header `WWW-Authenticate`.

use std::collections::BTreeMap;

/// How a registry wants to be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Challenge {
    Basic,
    /// A token from this address.
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

impl Challenge {
    pub(super) fn read(header: &str) -> Option<Challenge> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        let mut given = parameters(rest);
        let realm = given.remove("realm").filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
        Some(Challenge::Bearer { realm, service: given.remove("service"), scope: given.remove("scope") })
    }
}

/// `a="b",c=d`: names in small letters, with their values.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_ascii_lowercase();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        out.insert(name, value.trim().to_owned());
        rest = left;
    }
    out
}

/// A text as a value in an address.
pub(super) fn in_address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.into(),
                service: service.map(str::to_owned),
                scope: scope.map(str::to_owned),
            })
        };
        for (header, challenge) in [
            (
                "Bearer realm=\"https://a.example/token\",service=\"r.example\",scope=\"repository:a/b:pull,push\"",
                bearer("https://a.example/token", Some("r.example"), Some("repository:a/b:pull,push")),
            ),
            ("bearer Realm=https://a.example/t, service=x", bearer("https://a.example/t", Some("x"), None)),
            ("Basic realm=\"Registry\"", Some(Challenge::Basic)),
            ("Basic", Some(Challenge::Basic)),
            ("Bearer service=\"x\"", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(Challenge::read(header), challenge, "{header}");
        }
        assert_eq!(in_address("repository:a/b:pull"), "repository%3Aa%2Fb%3Apull");
    }
}
