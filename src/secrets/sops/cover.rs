//! Which leaves of a file SOPS encrypts: the settings of its metadata, or of a creation rule, and what they say of a
//! key and of the comments around it. As SOPS decides: any key on the way to a leaf may say so.

use crate::limits::{MOST_OF_MACHINE, MOST_PATTERNS_KEPT};
use crate::text::Str;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The settings of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Cover {
    encrypted: Option<Regex>,
    unencrypted: Option<Regex>,
    encrypted_suffix: Option<String>,
    unencrypted_suffix: Option<String>,
    encrypted_comment: Option<Regex>,
    unencrypted_comment: Option<Regex>,
    /// As it is written: `encrypted_regex: ^data$`.
    pub(super) written: Vec<(&'static str, Str)>,
}

/// The settings that say what is encrypted, as they are called everywhere.
pub(super) const SETTINGS: [&str; 6] = [
    "encrypted_regex",
    "unencrypted_regex",
    "encrypted_suffix",
    "unencrypted_suffix",
    "encrypted_comment_regex",
    "unencrypted_comment_regex",
];

/// What is known on the way to a leaf: what a key said, and whether a comment matched.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct State {
    key: Option<bool>,
    comment: bool,
}

impl Cover {
    /// Reads the settings; `get` gives what is written for one.
    pub(super) fn read<'s>(get: impl Fn(&str) -> Option<&'s str>) -> Cover {
        let mut cover = Cover::default();
        for setting in SETTINGS {
            let Some(text) = get(setting).filter(|text| !text.is_empty()) else { continue };
            cover.written.push((setting, text.into()));
            match setting {
                "encrypted_regex" => cover.encrypted = compiled(text),
                "unencrypted_regex" => cover.unencrypted = compiled(text),
                "encrypted_suffix" => cover.encrypted_suffix = Some(text.into()),
                "unencrypted_suffix" => cover.unencrypted_suffix = Some(text.into()),
                "encrypted_comment_regex" => cover.encrypted_comment = compiled(text),
                _ => cover.unencrypted_comment = compiled(text),
            }
        }
        if cover.written.is_empty() {
            cover.unencrypted_suffix = Some("_unencrypted".into());
        }
        cover
    }

    /// The setting that decides, as it is written.
    pub(super) fn says(&self) -> String {
        let suffix = || "unencrypted_suffix: _unencrypted".to_string();
        self.written.first().map_or_else(suffix, |(setting, text)| format!("{setting}: {text}"))
    }

    /// Every setting, SOPS's own one where none is written.
    pub(super) fn settings(&self) -> Vec<(&str, &str)> {
        let own = [("unencrypted_suffix", "_unencrypted")];
        let written = self.written.iter().map(|(setting, text)| (*setting, text.as_str()));
        if self.written.is_empty() { own.to_vec() } else { written.collect() }
    }

    /// What is known below a key.
    pub(super) fn below(&self, state: State, key: &str) -> State {
        State { key: state.key.or_else(|| self.by_key(key)), ..state }
    }

    /// What is known behind comments.
    pub(super) fn behind<'c>(&self, state: State, mut comments: impl Iterator<Item = &'c str>) -> State {
        let sign = self.encrypted_comment.as_ref().or(self.unencrypted_comment.as_ref());
        let matches = |regex: &Regex| comments.any(|comment| regex.is_match(comment));
        State { comment: state.comment || sign.is_some_and(matches), ..state }
    }

    /// Whether a leaf is encrypted of which this is known.
    pub(super) fn covers(&self, state: State) -> bool {
        if self.encrypted_comment.is_some() {
            return state.comment;
        }
        if self.unencrypted_comment.is_some() && state.comment {
            return false;
        }
        state.key.unwrap_or(self.encrypted.is_none() && self.encrypted_suffix.is_none())
    }

    /// Whether comments decide.
    pub(super) fn asks_comments(&self) -> bool {
        self.encrypted_comment.is_some() || self.unencrypted_comment.is_some()
    }

    /// Whether a comment is the sign itself: that one stays as it is.
    pub(super) fn is_sign(&self, comment: &str) -> bool {
        [&self.encrypted_comment, &self.unencrypted_comment]
            .into_iter()
            .flatten()
            .any(|regex| regex.is_match(comment))
    }

    /// What this key says about all below it; nothing if it says nothing.
    fn by_key(&self, key: &str) -> Option<bool> {
        let hit = |regex: &Option<Regex>| regex.as_ref().is_some_and(|regex| regex.is_match(key));
        let ends =
            |suffix: &Option<String>| suffix.as_ref().is_some_and(|suffix| key.ends_with(suffix.as_str()));
        if hit(&self.encrypted) || ends(&self.encrypted_suffix) {
            return Some(true);
        }
        (hit(&self.unencrypted) || ends(&self.unencrypted_suffix)).then_some(false)
    }
}

/// SOPS's patterns are Go's, whose syntax the regex crate shares. All files of a repository have the same few, so they are
/// kept; a repository that makes up others for each file does not fill the memory.
pub(super) fn compiled(pattern: &str) -> Option<Regex> {
    static KNOWN: Mutex<BTreeMap<String, Option<Regex>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return regex.clone();
    }
    let regex = regex::RegexBuilder::new(pattern).size_limit(MOST_OF_MACHINE).build().ok();
    if known.len() < MOST_PATTERNS_KEPT {
        known.insert(pattern.into(), regex.clone());
    }
    regex
}
