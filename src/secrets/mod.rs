//! Bytes of any text file to secret facts: one scan, patterns, entropy, checksums, decoding. Knows no format.

use crate::facts::{Fact, Secret};
use crate::finding::Problem;
use crate::formats::File;
use crate::syntax::{Document, Node};
use crate::text::Str;

/// The credential types of all vendor pages.
#[derive(Clone, Debug, Default)]
pub struct Tables {}

impl Tables {
    pub fn add(&mut self, rule: &Str, tokens: &Node, problems: &mut Vec<Problem>) {
        let _ = (rule, tokens, problems);
    }
}

pub fn scan(file: &File, tables: &Tables, out: &mut Vec<Fact<Secret>>) {
    let _ = (file, tables, out);
}

pub fn read_documents(file: &File, documents: &[Document], out: &mut Vec<Fact<Secret>>) {
    let _ = (file, documents, out);
}

pub fn merge(secrets: &mut Vec<Fact<Secret>>) {
    let _ = secrets;
}
