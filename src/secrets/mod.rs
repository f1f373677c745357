//! Bytes of any text file to secret facts: one scan, patterns, entropy, checksums, decoding; and what a document's
//! structure says about the same bytes. Knows no rule's page beyond its id, and prints nothing.
//!
//! Two readings meet in one fact. [`scan`] reads bytes: vendors' tokens, private keys, URLs, assignments, commands.
//! [`read_documents`] reads trees: which value is a credential because of where it stands. [`merge`] makes one
//! finding of what both saw.

mod apart;
mod assign;
pub mod checksum;
mod counts;
mod decode;
pub mod dice;
pub mod entropy;
mod files;
mod found;
mod guess;
mod key_material;
mod keys;
mod names;
pub mod page;
mod promises;
pub mod recipe;
mod sample;
mod scan;
mod script;
mod simd;
mod sops;
mod structure;
mod tables;
mod token;
mod tokens;
mod urls;
mod value;

pub use files::committed;
pub use guess::soften;
pub use promises::{Promises, sealing, sealing_of_bytes};
pub use scan::{merge, scan};
pub use sops::{creation_rules, is_covered, not_encrypted};
pub use structure::{read_documents, wants};

pub use tables::Tables;
pub use token::Token;
