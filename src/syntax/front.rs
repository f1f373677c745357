//! What the front matter of a page says: of a page of a repository as its YAML was read, of those that the binary
//! carries as `build.rs` wrote it down. Knows no key.

use super::Node;
use crate::text::{SourceId, Span, Str};

/// A value of front matter.
#[derive(Clone, Debug)]
pub enum Front {
    Read(Node),
    Packed(Packed),
}

/// A value that the build has read. It borrows from the binary: to look at it costs nothing but the look.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    kind: Kind,
    body: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    List,
    Map,
}

/// Values one behind the other.
#[derive(Clone, Copy, Default)]
struct Row(&'static str);

impl Iterator for Row {
    type Item = Packed;

    fn next(&mut self) -> Option<Packed> {
        let [kind, length @ ..] = self.0.as_bytes().first_chunk::<7>()?;
        let kind = match kind {
            b't' => Kind::Text,
            b'l' => Kind::List,
            _ => Kind::Map,
        };
        let length = length.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        let (body, rest) = self.0[7..].split_at_checked(length)?;
        self.0 = rest;
        Some(Packed { kind, body })
    }
}

impl Packed {
    fn row(self, kind: Kind) -> Row {
        if self.kind == kind { Row(self.body) } else { Row::default() }
    }
}

impl Front {
    /// What `build.rs` wrote down.
    pub fn packed(text: &'static str) -> Option<Front> {
        Row(text).next().map(Front::Packed)
    }

    /// Whether the binary carries it: then a test has tried what would take long to try at each start.
    pub fn is_built_in(&self) -> bool {
        matches!(self, Front::Packed(_))
    }

    /// The place of a value. Those in pages of the binary are never shown, so they share one.
    pub fn span(&self) -> Span {
        match self {
            Front::Read(node) => node.span(),
            Front::Packed(_) => Span::new(SourceId(u32::MAX), 0, 0),
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<Str> {
        match self {
            Front::Read(node) => node.scalar().map(|scalar| scalar.text.clone()),
            Front::Packed(Packed { kind: Kind::Text, body }) => Some(Str::new_static(body)),
            Front::Packed(_) => None,
        }
    }

    pub fn is_list(&self) -> bool {
        match self {
            Front::Read(node) => node.is_list(),
            Front::Packed(packed) => packed.kind == Kind::List,
        }
    }

    pub fn is_map(&self) -> bool {
        match self {
            Front::Read(node) => node.is_map(),
            Front::Packed(packed) => packed.kind == Kind::Map,
        }
    }

    /// The items of a list; nothing for anything else.
    pub fn items(&self) -> impl Iterator<Item = Front> + use<'_> {
        let (read, packed) = match self {
            Front::Read(node) => (node.items(), Row::default()),
            Front::Packed(packed) => (&[][..], packed.row(Kind::List)),
        };
        read.iter().cloned().map(Front::Read).chain(packed.map(Front::Packed))
    }

    /// The keys of a map with their values; nothing for anything else.
    pub fn entries(&self) -> impl Iterator<Item = (Front, Front)> + use<'_> {
        let (read, mut packed) = match self {
            Front::Read(node) => (node.entries(), Row::default()),
            Front::Packed(packed) => (&[][..], packed.row(Kind::Map)),
        };
        let read = read.iter().map(|(key, value)| (Front::Read(key.clone()), Front::Read(value.clone())));
        read.chain(std::iter::from_fn(move || {
            Some((Front::Packed(packed.next()?), Front::Packed(packed.next()?)))
        }))
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<Front> {
        match self {
            Front::Read(node) => node.get(key).cloned().map(Front::Read),
            Front::Packed(packed) => {
                let mut row = packed.row(Kind::Map);
                while let (Some(name), Some(value)) = (row.next(), row.next()) {
                    if name.body == key {
                        return Some(Front::Packed(value));
                    }
                }
                None
            }
        }
    }

    /// The text under a key, if it is a scalar.
    pub fn text_at(&self, key: &str) -> Option<Str> {
        self.get(key)?.text()
    }
}
