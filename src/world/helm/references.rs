//! Where the references of a JSON Schema lead, as far as that is in the same file.

use crate::syntax::Node;
use std::collections::HashMap;

/// The drafts that differ in what is looked at here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Draft {
    /// Draft 7 and those before it: what is beside a reference is ignored, and formats are asked for.
    Seven,
    /// 2019-09 and 2020-12.
    Later,
}

/// Where a reference leads.
pub(super) enum Target<'s> {
    Here(&'s Node),
    Missing,
    Elsewhere,
}

/// A schema with the names that it gives to its parts.
pub(super) struct References<'s> {
    pub(super) root: &'s Node,
    pub(super) draft: Draft,
    /// By `#anchor` and by whole address.
    names: HashMap<String, &'s Node>,
    has_rest: bool,
}

impl<'s> References<'s> {
    pub(super) fn new(root: &'s Node) -> References<'s> {
        let told = root.text_at("$schema").unwrap_or_default();
        let is_early = ["draft-04", "draft-06", "draft-07"].iter().any(|draft| told.contains(draft));
        let draft = if is_early { Draft::Seven } else { Draft::Later };
        let mut out = References { root, draft, names: HashMap::new(), has_rest: false };
        root.walk(&mut |_, node| {
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = node.text_at(key) {
                    out.names.insert(format!("#{name}"), node);
                }
            }
            if let Some(name) = node.text_at("$id").or_else(|| node.text_at("id")) {
                let name = if name.starts_with('#') { name } else { name.trim_end_matches('#') };
                out.names.insert(name.into(), node);
            }
            out.has_rest |= node
                .entries()
                .iter()
                .any(|(key, _)| key.text().is_some_and(|key| key.starts_with("unevaluated")));
            true
        });
        out
    }

    /// Whether some part asks for what no other part speaks about.
    pub(super) fn has_rest(&self) -> bool {
        self.has_rest
    }

    pub(super) fn find(&self, reference: &str) -> Target<'s> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = match address {
            "" => self.root,
            address => match self.names.get(address) {
                Some(base) => base,
                None => return Target::Elsewhere,
            },
        };
        let found = match fragment {
            "" => Some(base),
            pointer if pointer.starts_with('/') => at(base, pointer),
            anchor => self.names.get(&format!("#{anchor}")).copied(),
        };
        found.map_or(Target::Missing, Target::Here)
    }
}

/// The node at a JSON pointer.
fn at<'s>(root: &'s Node, pointer: &str) -> Option<&'s Node> {
    pointer.split('/').skip(1).try_fold(root, |node, step| {
        let key = unescaped(step).replace("~1", "/").replace("~0", "~");
        match node.items() {
            [] => node.get(&key),
            items => items.get(key.parse::<usize>().ok()?),
        }
    })
}

/// A text without `%20` and its like.
fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
