//! What the examples share: the files of a folder, and where the scalars of an object were written.

use pintle::testing::world::{Files, typed};
use pintle::testing::{Node, Origin, Value as Tree};
use serde_json::{Value, json};
use std::path::Path;

/// Every file below a folder, with its name within it; links are not followed.
#[allow(clippy::disallowed_methods)] // an example reads the disk
pub fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if is_link || entry.file_name() == ".git" {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, out);
        } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(root), std::fs::read(&path)) {
            out.push((name.to_string_lossy().replace('\\', "/"), bytes));
        }
    }
}

/// Each scalar of a tree: its path, its text, and the pieces of the text with the bytes of the files they are from.
#[allow(dead_code)] // not every example asks
pub fn places(files: &Files, node: &Node, path: &mut Vec<Value>, out: &mut Vec<Value>) {
    match &node.value {
        Tree::Map(entries) => {
            for (key, value) in entries.iter() {
                path.push(key.text().unwrap_or("null").into());
                places(files, value, path, out);
                path.pop();
            }
        }
        Tree::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(at.into());
                places(files, item, path, out);
                path.pop();
            }
        }
        Tree::Scalar(scalar) => {
            let pieces = node.origin.pieces(scalar.text.len());
            let exact = match (node.origin.editable(), pieces.as_slice()) {
                (Some(_), _) => "verbatim",
                _ if node.origin.encoded_from().is_some() => "encoded",
                (None, [(_, only)]) if only.editable().is_none() => "spelled",
                _ => "woven",
            };
            let mut from = 0;
            let mut told = Vec::new();
            for (end, origin) in pieces {
                told.push(piece(files, from, end, &origin));
                from = end;
            }
            out.push(json!({"path": path, "value": typed::json(node), "text": scalar.text.as_str(), "exact": exact, "pieces": told}));
        }
        _ => {}
    }
}

/// A piece of a text: its bytes there, and the bytes of the file where it was written.
fn piece(files: &Files, from: usize, to: usize, origin: &Origin) -> Value {
    let span = origin.span();
    json!({"from": from, "to": to, "file": files.name(span.source), "start": span.start, "end": span.end, "verbatim": origin.editable().is_some()})
}
