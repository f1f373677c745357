//! One kind of token, as its vendor's page describes it.

use super::checksum::Check;
use crate::syntax::Front;
use crate::text::Str;
use regex::bytes::Regex;
use std::sync::OnceLock;

/// One kind of token, as its vendor's page describes it.
#[derive(Debug, Default)]
pub struct Token {
    /// The page's id.
    pub rule: Str,
    /// What it is, for the message: `GitHub personal access token`.
    pub what: Str,
    /// Letters that stand in the token itself, at the start of a word. Without any, `near` finds it.
    pub keywords: Vec<Str>,
    /// The token; if only a part of the match is secret, that part is the group `secret`.
    pub pattern: Str,
    /// Words of which one must stand nearby: on the same line, or in the 96 bytes before. Small letters.
    pub near: Vec<Str>,
    /// The least entropy in bits per character.
    pub entropy: Option<f32>,
    pub check: Option<Check>,
    /// Recipes that must be found, and recipes that must not.
    pub examples: Option<Front>,
    pub near_misses: Option<Front>,
    pub(super) regex: OnceLock<Option<Regex>>,
    pub(super) anchored: OnceLock<bool>,
}
