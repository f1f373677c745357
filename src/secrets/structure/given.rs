//! Files of which kustomizations make Secrets: what is in them is one, whatever it is called.

use super::super::context::Context;
use super::super::found::whole_file;
use super::leaves::Trust;
use super::reader::{MANIFEST, Reader};
use crate::facts::{Exempt, Fact, Giving, Secret};
use crate::syntax::{Document, Node};
use crate::text::paths::KUSTOMIZATIONS;
use crate::text::{File, Origin, Part, Span};

/// The files that a kustomization makes Secrets of.
pub(in super::super) fn givings(file: &File, documents: &[Document]) -> Vec<Fact<Giving>> {
    if !KUSTOMIZATIONS.contains(&file.base()) {
        return Vec::new();
    }
    let generators = |document: &Document| -> Vec<Node> {
        document.root.get("secretGenerator").map(Node::items).unwrap_or_default().to_vec()
    };
    let mut out = Vec::new();
    for generator in documents.iter().flat_map(generators) {
        let secret = generator.text_at("name").unwrap_or_default();
        let mut give = |at: &Node, key: Option<&str>, path: &str| {
            let says = Giving { path: path.into(), secret: secret.into(), key: key.map(Into::into) };
            let path = format!("secretGenerator[{secret}]").into();
            out.push(Fact { says, origin: at.origin.clone(), path, owner: whole_file(file) });
        };
        for item in generator.get("files").map(Node::items).unwrap_or_default() {
            let Some(text) = item.text() else { continue };
            let (key, path) =
                text.split_once('=').unwrap_or_else(|| (text.rsplit('/').next().unwrap_or(text), text));
            give(item, Some(key), path);
        }
        let lists = generator.get("envs").map(Node::items).unwrap_or_default();
        for item in lists.iter().chain(generator.get("env")) {
            if let Some(path) = item.text() {
                give(item, None, path);
            }
        }
    }
    out
}

/// Every credential of a file that is given to a Secret.
pub(in super::super) fn read_given(
    file: &File,
    giving: &Giving,
    context: &Context,
    out: &mut Vec<Fact<Secret>>,
    exempts: &mut Vec<Exempt>,
) {
    let mut reader = Reader::new(file, context.tables, context.keeping, out, exempts);
    let whole = Part::new(file.text, Origin::verbatim(Span::new(file.id, 0, file.text.len())));
    match &giving.key {
        Some(key) => reader.given_file(&whole, &giving.secret, key),
        None => reader.given_lines(&whole, &giving.secret),
    }
}

impl Reader<'_> {
    /// A file that is the value of one key. What has several lines was read as the file that it is.
    fn given_file(&mut self, whole: &Part, secret: &str, key: &str) {
        let text = whole.text.as_str();
        let start = text.len() - text.trim_start().len();
        let value = whole.slice(start..start + text.trim().len());
        if value.text.is_empty() || value.text.contains('\n') {
            return;
        }
        let name = Part::new(key, Origin::spelled(value.span()));
        let path = format!("secretGenerator[{secret}].files[{key}]");
        self.plain(&name, &value, &path, MANIFEST, &[]);
    }

    /// A file whose lines are keys with their values.
    fn given_lines(&mut self, whole: &Part, secret: &str) {
        let mut start = 0;
        for line in whole.text.split_inclusive('\n') {
            let (from, text) = (start + line.len() - line.trim_start().len(), line.trim());
            start += line.len();
            // A name alone takes its value from the surroundings.
            let Some(sign) = text.find('=').filter(|_| !text.starts_with('#')) else { continue };
            let name = whole.slice(from..from + sign);
            let value = whole.slice(from + sign + 1..from + text.len());
            // SOPS keeps what it needs between the others.
            if value.text.is_empty() || name.text.starts_with("sops_") {
                continue;
            }
            let path = format!("secretGenerator[{secret}].envs[{}]", name.text);
            self.value(&name, &value, &path, MANIFEST, Trust::Place);
        }
    }
}
