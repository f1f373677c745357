//! A file of which something makes a Secret.

use crate::text::Str;

/// What a kustomization puts into a Secret that it makes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Giving {
    /// The file, as it is written there.
    pub path: Str,
    /// What the Secret is called, before its hash.
    pub secret: Str,
    /// The key that gets the whole file; nothing if each line of it is a key with its value.
    pub key: Option<Str>,
}
