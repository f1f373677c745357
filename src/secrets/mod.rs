//! Bytes of any text file to secret facts: one scan, patterns, entropy, checksums, decoding; and what a document's
//! structure says about the same bytes. Knows no rule's page beyond its id, and prints nothing.
//!
//! [`read`] is the door: whoever wants to know what is secret in a file asks there. Two readings meet in one fact.
//! `scan` reads bytes: vendors' tokens, private keys, URLs, assignments, commands. `structure` reads trees: which value
//! is a credential because of where it stands. `merge` makes one finding of what both saw.

mod again;
mod apart;
mod assign;
pub mod checksum;
mod commands;
mod comments;
mod context;
mod counts;
mod decode;
pub mod dice;
mod directives;
pub mod drawn;
mod entropy;
mod excuse;
mod files;
mod filler;
mod found;
mod guess;
mod halves;
mod hcl;
mod headers;
mod issued;
mod judge;
mod key_material;
mod keys;
mod markup;
mod merge;
mod needles;
mod obscured;
pub mod page;
mod promises;
mod read;
pub mod recipe;
mod sample;
mod scan;
mod script;
mod simd;
mod softer;
mod sops;
mod sql;
mod stops;
mod structure;
mod tables;
mod tell;
mod token;
mod tokens;
mod urls;
mod value;
mod walk;
mod web_tokens;
mod writing;

pub use context::Context;
pub use promises::{Promises, sealing, sealing_of_bytes};
pub use read::{
    Answer, Trees, decoded, forms_beside, forms_in, givings, may_hold_forms, read, read_forms, read_given,
};
pub use sops::creation_rules;
pub use tables::Tables;
pub use token::Token;
