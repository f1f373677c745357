//! Bytes of any text file to secret facts: one scan, patterns, entropy, checksums, decoding; and what a document's
//! structure says about the same bytes. Knows no rule's page beyond its id, and prints nothing.
//!
//! Two readings meet in one fact. [`scan`] reads bytes: vendors' tokens, private keys, URLs, assignments, commands.
//! [`read_documents`] reads trees: which value is a credential because of where it stands. [`merge`] makes one
//! finding of what both saw.

mod apart;
mod assign;
pub mod checksum;
mod decode;
pub mod entropy;
mod files;
mod found;
mod guess;
mod keys;
mod names;
pub mod page;
pub mod recipe;
mod scan;
mod script;
mod simd;
mod structure;
mod tables;
mod token;
mod tokens;
mod urls;
mod value;

pub use files::committed;
pub use guess::soften;
pub use scan::{merge, scan};
pub use structure::{Creation, creation_rules, is_covered, not_encrypted, read_documents, wants};

pub use tables::Tables;
pub use token::Token;
