//! What storage classes are, by their provisioner, their parameters and their name: data of the page `provisioners`, and
//! its lookup.

use super::star::fits;
use crate::text::Str;
use std::collections::HashMap;

/// Where the data of a class is, and who keeps copies of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Standing {
    /// Copies on several nodes, by Longhorn.
    Longhorn,
    /// Copies on several nodes, by the storage itself.
    Replicated,
    /// On one node.
    Local,
    /// Behind the network: a file system of a NAS, or one disk.
    Network,
    /// A disk of a cloud, whose provider keeps copies.
    Cloud,
    #[default]
    Unknown,
}

impl Standing {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Standing; 6] = [
        Standing::Longhorn,
        Standing::Replicated,
        Standing::Local,
        Standing::Network,
        Standing::Cloud,
        Standing::Unknown,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Standing::Longhorn => "longhorn",
            Standing::Replicated => "replicated",
            Standing::Local => "local",
            Standing::Network => "network",
            Standing::Cloud => "cloud",
            Standing::Unknown => "unknown",
        }
    }

    pub fn named(name: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// What is known of the storage that a class gives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StorageKind {
    pub standing: Standing,
    /// A file system that several nodes mount at once.
    pub shared: bool,
    /// How many copies there are, where that is written.
    pub copies: Option<u32>,
    /// What people should know besides.
    pub says: Option<Str>,
}

/// One provisioner, or several of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Provisioner {
    pub kind: StorageKind,
    /// Parameters that tell how many copies there are.
    pub copies: Vec<Str>,
    /// What a class with a single copy is.
    pub one: Option<Standing>,
    /// Parameters that decide: the name, the value with stars, and what it means.
    pub by: Vec<(Str, Str, StorageKind)>,
    /// The parameter that names the class underneath.
    pub follows: Option<Str>,
    /// The parameter that names a pool, which may have a single copy.
    pub pool: Option<Str>,
}

/// The name of a class as the page writes it: words of it, unless an end is open (`*`) or that of the name (`^`, `$`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassPattern {
    text: Str,
    from: Edge,
    to: Edge,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Edge {
    Name,
    Word,
    Open,
}

impl ClassPattern {
    pub fn read(text: &str) -> Option<ClassPattern> {
        let (rest, from) = match text.as_bytes().first()? {
            b'^' => (&text[1..], Edge::Name),
            b'*' => (&text[1..], Edge::Open),
            _ => (text, Edge::Word),
        };
        let (rest, to) = match rest.as_bytes().last()? {
            b'$' => (&rest[..rest.len() - 1], Edge::Name),
            b'*' => (&rest[..rest.len() - 1], Edge::Open),
            _ => (rest, Edge::Word),
        };
        let is_plain = !rest.is_empty() && !rest.contains(['*', '^', '$']);
        is_plain.then(|| ClassPattern { text: rest.to_ascii_lowercase().into(), from, to })
    }

    fn fits(&self, name: &str) -> bool {
        let is_edge = |edge: Edge, beside: Option<char>| match edge {
            Edge::Name => beside.is_none(),
            Edge::Word => beside.is_none_or(|letter| !letter.is_ascii_alphanumeric()),
            Edge::Open => true,
        };
        name.match_indices(self.text.as_str()).any(|(at, found)| {
            is_edge(self.from, name[..at].chars().next_back())
                && is_edge(self.to, name[at + found.len()..].chars().next())
        })
    }
}

/// What the parameters of a class say, and the pools they name.
pub struct Parameters<'a> {
    pub of: &'a dyn Fn(&str) -> Option<Str>,
    /// The copies of a pool, if the repository tells.
    pub pool: &'a dyn Fn(&str) -> Option<u32>,
}

/// All that is known of provisioners and classes.
#[derive(Clone, Debug, Default)]
pub struct Provisioners {
    known: Vec<Provisioner>,
    /// Index into `known`, by the whole name.
    exact: HashMap<Str, usize>,
    /// Names with stars, the first that fits decides.
    starred: Vec<(Str, usize)>,
    classes: Vec<(ClassPattern, StorageKind)>,
}

impl Provisioners {
    /// Adds the lists of one page, which go before those of earlier ones.
    pub fn add(
        &mut self,
        provisioners: Vec<(Vec<Str>, Provisioner)>,
        classes: Vec<(ClassPattern, StorageKind)>,
    ) {
        let mut starred = Vec::new();
        for (names, provisioner) in provisioners {
            let at = self.known.len();
            self.known.push(provisioner);
            for name in names {
                match name.contains('*') {
                    true => starred.push((name, at)),
                    false => {
                        self.exact.insert(name, at);
                    }
                }
            }
        }
        self.starred.splice(0..0, starred);
        self.classes.splice(0..0, classes);
    }

    /// What a class is, by its provisioner and its parameters where those are known, else by its name.
    pub fn kind(&self, class: &str, provisioner: Option<&str>, parameters: &Parameters) -> StorageKind {
        let known = provisioner.and_then(|name| {
            let starred = || self.starred.iter().find(|(pattern, _)| fits(pattern, name)).map(|(_, at)| *at);
            self.exact.get(name).copied().or_else(starred)
        });
        match known {
            Some(at) => self.of_provisioner(&self.known[at], parameters),
            None => self.by_name(provisioner.unwrap_or(class)),
        }
    }

    fn of_provisioner(&self, known: &Provisioner, parameters: &Parameters) -> StorageKind {
        let says = |(name, value, _): &&(Str, Str, StorageKind)| {
            (parameters.of)(name).is_some_and(|given| fits(value, &given))
        };
        let mut kind = match known.by.iter().find(says) {
            Some((_, _, kind)) => StorageKind { says: known.kind.says.clone(), ..kind.clone() },
            None => known.kind.clone(),
        };
        let written = known.copies.iter().find_map(|name| (parameters.of)(name)?.trim().parse().ok());
        let of_pool = || (parameters.pool)(&(parameters.of)(known.pool.as_ref()?)?);
        kind.copies = written.or_else(of_pool);
        if let (Some(1), Some(one)) = (kind.copies, known.one) {
            kind.standing = one;
        }
        let below = known.follows.as_ref().and_then(|name| (parameters.of)(name));
        let below = below.map(|class| self.by_name(&class));
        if let Some(below) = below.filter(|below| below.standing != Standing::Unknown) {
            kind = StorageKind { says: kind.says, copies: kind.copies, ..below };
        }
        kind
    }

    fn by_name(&self, name: &str) -> StorageKind {
        let name = name.to_ascii_lowercase();
        let found = self.classes.iter().find(|(pattern, _)| pattern.fits(&name));
        found.map(|(_, kind)| kind.clone()).unwrap_or_default()
    }
}
