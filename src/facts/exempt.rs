//! A value under a telling name that is no credential, and why. The value itself is not kept.

use crate::text::{Span, Str};

/// Why a value is no credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Excuse {
    Reference,
    Placeholder,
    Encrypted,
    Hashed,
    Public,
    Example,
    Sample,
    Form,
    Setting,
    User,
    Anonymous,
    Words,
}

impl Excuse {
    pub const ALL: [Excuse; 12] = [
        Excuse::Reference,
        Excuse::Placeholder,
        Excuse::Encrypted,
        Excuse::Hashed,
        Excuse::Public,
        Excuse::Example,
        Excuse::Sample,
        Excuse::Form,
        Excuse::Setting,
        Excuse::User,
        Excuse::Anonymous,
        Excuse::Words,
    ];

    /// As programs read it.
    pub fn name(self) -> &'static str {
        match self {
            Excuse::Reference => "reference",
            Excuse::Placeholder => "placeholder",
            Excuse::Encrypted => "encrypted",
            Excuse::Hashed => "hashed",
            Excuse::Public => "public",
            Excuse::Example => "example",
            Excuse::Sample => "sample",
            Excuse::Form => "form",
            Excuse::Setting => "setting",
            Excuse::User => "user",
            Excuse::Anonymous => "anonymous",
            Excuse::Words => "words",
        }
    }

    /// What one and several of them are called.
    pub fn counted(self) -> (&'static str, &'static str) {
        match self {
            Excuse::Reference => ("reference", "references"),
            Excuse::Placeholder => ("placeholder", "placeholders"),
            Excuse::Encrypted => ("encrypted value", "encrypted values"),
            Excuse::Hashed => ("hash", "hashes"),
            Excuse::Public => ("public key", "public keys"),
            Excuse::Example => ("published example", "published examples"),
            Excuse::Sample => ("default in a sample", "defaults in samples"),
            Excuse::Form => ("path, address or number", "paths, addresses and numbers"),
            Excuse::Setting => ("setting in a Secret", "settings in Secrets"),
            Excuse::User => ("name of a login", "names of logins"),
            Excuse::Anonymous => ("password of `anonymous`", "passwords of `anonymous`"),
            Excuse::Words => ("word", "words"),
        }
    }

    /// Said of the value.
    pub fn says(self) -> &'static str {
        match self {
            Excuse::Reference => "comes from elsewhere",
            Excuse::Placeholder => "is a placeholder",
            Excuse::Encrypted => "is encrypted",
            Excuse::Hashed => "is a hash",
            Excuse::Public => "is public",
            Excuse::Example => "is an example that somebody published",
            Excuse::Sample => "is one that everybody knows, and nothing here runs with it",
            Excuse::Form => "is a path, an address or a number",
            Excuse::Setting => "is a setting",
            Excuse::User => "is who logs in, with the secret beside it",
            Excuse::Anonymous => "is for `anonymous`, who may log in with any",
            Excuse::Words => "is a word, a name or a sentence",
        }
    }
}

/// One such value, or as many of a file as are not told one by one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Exempt {
    pub at: Span,
    pub why: Excuse,
    /// The name it goes by; empty if these are several.
    pub name: Str,
    /// The Secret that holds it; empty for what no Secret holds.
    pub object: Str,
    pub times: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_names_of_their_own() {
        let names: std::collections::BTreeSet<&str> = Excuse::ALL.iter().map(|why| why.name()).collect();
        assert_eq!(names.len(), Excuse::ALL.len());
        assert!(Excuse::ALL.is_sorted());
    }
}
