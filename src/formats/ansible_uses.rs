//! What else takes the variables of Ansible from which images have their tags: other variables of the file, and checkouts of
//! the role. A digest there would get into all of them.

use super::Desk;
use super::ansible_around::role;
use crate::facts::{Feeds, Image, listed};
use crate::syntax::{Node, jinja};
use crate::text::{Span, Str};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One variable of a file, and the text that it is set to.
struct Variable<'n> {
    name: &'n str,
    text: &'n str,
    at: Span,
}

/// The variables of a map, and which of them are in the texts of others.
struct Uses<'n> {
    all: Vec<Variable<'n>>,
    /// The places in `all` of those that take each name.
    takers: BTreeMap<&'n str, Vec<usize>>,
}

/// Tells of the images that were told from `first` on where else their tags would put a digest.
pub(super) fn note(desk: &mut Desk, map: &Node, first: usize) {
    let (uses, checkouts) = (OnceCell::new(), OnceCell::new());
    for at in first..desk.facts.images.len() {
        let fact = &desk.facts.images[at];
        let Some(tag) = tag_of(&fact.says).filter(|tag| tag.source == desk.file.id) else { continue };
        let uses: &Uses = uses.get_or_init(|| Uses::of(map));
        let Some(variable) = uses.all.iter().find(|one| one.at.covers(tag)) else { continue };
        let is_own = variable.name == fact.path;
        let images = desk.facts.images[first..].iter().filter(|other| tag_of(&other.says) == Some(tag));
        let images: BTreeSet<&str> = images.map(|other| other.path.as_str()).collect();
        let (mut into, mut names) = (Vec::new(), BTreeSet::from([fact.path.as_str()]));
        if !is_own {
            uses.follow(variable.name, &images, &mut names, &mut into);
        }
        let checkouts: &Vec<Checkout> = checkouts.get_or_init(|| of_role(desk));
        let of_names = |one: &&Checkout| one.takes.iter().any(|name| names.contains(name.as_str()));
        into.extend(checkouts.iter().filter(of_names).map(|one| format!("the checkout of `{}`", one.file)));
        if into.is_empty() {
            continue;
        }
        let named = (!is_own).then(|| fact.path.clone());
        let into = listed(into.iter().map(String::as_str).collect());
        desk.facts.images[at].says.feeds = Some(Arc::new(Feeds { named, into: into.into() }));
    }
}

fn tag_of(image: &Image) -> Option<Span> {
    image.tag.as_ref()?.origin.editable()
}

impl<'n> Uses<'n> {
    fn of(map: &'n Node) -> Uses<'n> {
        let variable = |(key, value): &'n (Node, Node)| {
            let (name, text) = (key.text()?, value.text()?);
            Some(Variable { name, text, at: value.span() })
        };
        let all: Vec<Variable> = map.entries().iter().filter_map(variable).collect();
        let mut takers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, one) in all.iter().enumerate() {
            for name in jinja::taken(one.text) {
                takers.entry(name).or_default().push(at);
            }
        }
        takers.values_mut().for_each(|list| list.dedup());
        Uses { all, takers }
    }

    /// Whom a variable gets into besides images, through those that are set to nothing else than it and those that an
    /// image takes.
    fn follow(
        &self,
        name: &'n str,
        images: &BTreeSet<&str>,
        names: &mut BTreeSet<&'n str>,
        into: &mut Vec<String>,
    ) {
        let of_images = self.all.iter().filter(|one| images.contains(one.name));
        let of_images: BTreeSet<&str> = of_images.flat_map(|one| jinja::taken(one.text)).collect();
        let mut waiting = vec![name];
        while let Some(name) = waiting.pop() {
            if !names.insert(name) {
                continue;
            }
            for taker in self.takers.get(name).into_iter().flatten().map(|at| &self.all[*at]) {
                let is_alias = || jinja::only_name(taker.text) == Some(name);
                if images.contains(taker.name) || ends_image(taker.text, name) {
                    names.insert(taker.name);
                } else if of_images.contains(taker.name) || is_alias() && self.takers.contains_key(taker.name)
                {
                    waiting.push(taker.name);
                } else {
                    into.push(format!("`{}`", taker.name));
                }
            }
        }
    }
}

/// Whether a text is a reference that ends in the variable, which is its tag: that of the same image, under another name.
fn ends_image(text: &str, name: &str) -> bool {
    jinja::last_name(text).is_some_and(|(before, last)| before.ends_with(':') && last == name)
}

/// A task that checks out sources in the version that a variable says.
struct Checkout {
    file: Str,
    takes: BTreeSet<String>,
}

/// The checkouts of the role that a file belongs to.
fn of_role(desk: &Desk) -> Vec<Checkout> {
    let (Some(view), Some(role)) = (desk.view, role(desk.file.name)) else { return Vec::new() };
    let mut out = Vec::new();
    for id in view.files.below(&format!("{role}/tasks")) {
        let takes = view.files.ask(id, |text| {
            if memchr::memmem::find(text.as_bytes(), b"git:").is_none() {
                return BTreeSet::new();
            }
            let versions = text.lines().filter_map(|line| line.trim_start().strip_prefix("version:"));
            versions.flat_map(jinja::taken).map(str::to_owned).collect()
        });
        let file = view.files.name(id);
        let file = file.strip_prefix(role).map_or(file, |file| file.trim_start_matches('/'));
        out.extend(
            takes.filter(|takes| !takes.is_empty()).map(|takes| Checkout { file: file.into(), takes }),
        );
    }
    out
}
