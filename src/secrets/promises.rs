//! Files that are meant to be encrypted: who says so, and how much of each is. Tells it as a fact; whether it is a
//! mistake, the readers of each kind judge.

use super::counts::{Counts, fact};
use super::sops::{self, Creation};
use crate::facts::{Fact, Sealing};
use crate::syntax::{Document, Node, Tag, glob::Glob, sealed};
use crate::text::{File, Span, Str};

/// What files beside a file say about it.
#[derive(Debug, Default)]
pub struct Promises {
    /// Every rule of every `.sops.yaml`.
    pub creations: Vec<Creation>,
    attributes: Vec<Attribute>,
}

/// A line of `.gitattributes` that gives files a filter, or takes it away.
#[derive(Debug)]
struct Attribute {
    directory: String,
    pattern: Glob,
    /// A pattern without a slash is for names in every folder below.
    is_name: bool,
    tool: Option<&'static str>,
    written: Str,
}

impl Promises {
    /// Nothing is promised.
    pub(super) const fn none() -> Promises {
        Promises { creations: Vec::new(), attributes: Vec::new() }
    }

    /// Reads a `.gitattributes`.
    pub fn attributes(&mut self, file: &File) {
        for line in file.text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let mut words = line.split_ascii_whitespace();
            let Some(pattern) = words.next() else { continue };
            let tool = words.find_map(|word| match word {
                "filter=git-crypt" => Some(Some("git-crypt")),
                "filter=crypt" | "filter=transcrypt" => Some(Some("transcrypt")),
                "!filter" | "-filter" => Some(None),
                _ => None,
            });
            let bare = pattern.strip_prefix('/').unwrap_or(pattern);
            let (Some(tool), Some(glob)) = (tool, Glob::read(&bare.replace("**", "*"))) else { continue };
            self.attributes.push(Attribute {
                directory: file.directory().into(),
                pattern: glob,
                is_name: !pattern.contains('/'),
                tool,
                written: line.into(),
            });
        }
    }

    /// The tool that git's attributes name for a file, and the line that does: the last one that fits.
    fn attribute(&self, name: &str) -> Option<(&'static str, &Str)> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let fits = |attribute: &&Attribute| {
            let below = match attribute.directory.as_str() {
                "" => Some(name),
                directory => name.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')),
            };
            below.is_some_and(|below| attribute.pattern.fits(if attribute.is_name { base } else { below }))
        };
        let last = self.attributes.iter().rev().find(fits)?;
        Some((last.tool?, &last.written))
    }
}

/// What a file of text promises, if it promises anything.
pub fn sealing(file: &File, documents: &[Document], promises: &Promises) -> Option<Fact<Sealing>> {
    let base = file.base();
    if base.starts_with(".sops.y") || base == ".gitattributes" {
        return None;
    }
    sops::sealing(file, documents, &promises.creations)
        .or_else(|| sealed_secrets(file, documents))
        .or_else(|| vaults(file, documents))
        .or_else(|| whole(file, promises))
}

/// What a file of bytes promises.
pub fn sealing_of_bytes(file: &File, bytes: &[u8], promises: &Promises) -> Option<Fact<Sealing>> {
    let form = sealed::binary(bytes);
    let (tool, rule) = match (promises.attribute(file.name), form) {
        (Some((tool, line)), _) => (tool.into(), line.clone()),
        (None, Some(form)) => (form.name().into(), "its own form".into()),
        (None, None) => (Str::default(), name_rule(file.base())?),
    };
    Some(of_whole(file, tool, rule, form.is_some()))
}

/// SealedSecrets: each entry of `encryptedData`, and what their templates hold.
fn sealed_secrets(file: &File, documents: &[Document]) -> Option<Fact<Sealing>> {
    let is_sealed = |root: &&Node| root.text_at("kind") == Some("SealedSecret");
    let mut counts = Counts::new("kubeseal", "kind: SealedSecret");
    for root in documents.iter().map(|document| &document.root).filter(is_sealed) {
        counts.is_met = true;
        for (_, value) in root.at(&["spec", "encryptedData"]).map(Node::entries).unwrap_or_default() {
            counts.add(value, sealed::whole(value.text().unwrap_or_default()).is_some());
        }
        for key in ["data", "stringData"] {
            let template = root.at(&["spec", "template", key]);
            counts.says.outside += template.map_or(0, |template| template.entries().len());
        }
    }
    counts.fact(file)
}

/// Values under a tag of Ansible's.
fn vaults(file: &File, documents: &[Document]) -> Option<Fact<Sealing>> {
    if documents.is_empty() || memchr::memmem::find(file.text.as_bytes(), b"!vault").is_none() {
        return None;
    }
    let mut counts = Counts::new("Ansible Vault", "!vault");
    for document in documents {
        document.root.walk(&mut |_, node| {
            if node.tag() == Tag::Vault {
                counts.is_met = true;
                counts.add(node, sealed::whole(node.text().unwrap_or_default()).is_some());
            } else if node.scalar().is_some() {
                counts.says.outside += 1;
            }
            true
        });
    }
    counts.fact(file)
}

/// A file that is encrypted as a whole, or is called so.
fn whole(file: &File, promises: &Promises) -> Option<Fact<Sealing>> {
    let form = sealed::whole(file.text);
    let claim = sealed::claims(file.text);
    let (tool, rule): (Str, Str) = match (promises.attribute(file.name), form.or(claim)) {
        (Some((tool, line)), _) => (tool.into(), line.clone()),
        (None, Some(form)) => (form.name().into(), "its own form".into()),
        // Of what a creation rule covers, the name says no more.
        (None, None) if sops::is_covered(&promises.creations, file) => return None,
        (None, None) => (Str::default(), name_rule(file.base())?),
    };
    let mut fact = of_whole(file, tool, rule, form.is_some());
    if fact.says.tool == "git-crypt" && form.is_none() {
        fact.says.note = "unlocked here, or never encrypted".into();
    }
    Some(fact)
}

fn of_whole(file: &File, tool: Str, rule: Str, is_sealed: bool) -> Fact<Sealing> {
    let counts = if is_sealed { (1, 0) } else { (0, 1) };
    let says = Sealing { tool, rule, covered: 1, encrypted: counts.0, plain: counts.1, ..Sealing::default() };
    fact(file, Span::new(file.id, 0, 0), says)
}

/// What the name of a file says: `db.sops.yaml`, `db.enc.yaml`, `db.yaml.enc`.
fn name_rule(base: &str) -> Option<Str> {
    let marks = [".sops.", ".enc."];
    let ends = [".sops", ".enc", ".age"];
    let mark = marks.into_iter().find(|mark| base.contains(mark));
    let mark = mark.or_else(|| ends.into_iter().find(|end| base.ends_with(end)))?;
    Some(format!("its name ({mark})").into())
}
