//! What else takes the variables of Ansible from which images have their tags: other variables of the file, and checkouts of
//! the role. A digest there would get into all of them.

use super::Desk;
use super::ansible_around::role;
use crate::facts::{Feeds, Image, listed};
use crate::limits::MOST_TASKS;
use crate::syntax::{Node, jinja};
use crate::text::{Span, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One variable of a file, and the text that it is set to.
struct Variable<'n> {
    name: &'n str,
    text: &'n str,
    at: Span,
}

/// The variables of a map, in the order of their places, and which of them are in the texts of others.
struct Uses<'n> {
    all: Vec<Variable<'n>>,
    /// The places in `all` of each name, and of those that take it.
    named: BTreeMap<&'n str, usize>,
    takers: BTreeMap<&'n str, Vec<usize>>,
}

/// Tells of the images that were told from `first` on where else their tags would put a digest.
pub(super) fn note(desk: &mut Desk, map: &Node, first: usize) {
    let mut by_tag: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    for (at, fact) in desk.facts.images.iter().enumerate().skip(first) {
        if let Some(tag) = tag_of(&fact.says).filter(|tag| tag.source == desk.file.id) {
            by_tag.entry(tag).or_default().push(at);
        }
    }
    if by_tag.is_empty() {
        return;
    }
    let (uses, checkouts) = (Uses::of(map), of_role(desk));
    for (tag, facts) in by_tag {
        let Some(variable) = uses.at(tag) else { continue };
        let images: BTreeSet<Str> = facts.iter().map(|at| desk.facts.images[*at].path.clone()).collect();
        let mut names: BTreeSet<&str> = images.iter().map(Str::as_str).collect();
        let mut into = uses.follow(variable.name, &mut names);
        let files: BTreeSet<&Str> = names.iter().filter_map(|name| checkouts.get(*name)).flatten().collect();
        into.extend(files.into_iter().map(|file| format!("the checkout of `{file}`")));
        if into.is_empty() {
            continue;
        }
        let into = Str::from(listed(into.iter().map(String::as_str).collect()));
        for at in facts {
            let fact = &mut desk.facts.images[at];
            let named = (fact.path != variable.name).then(|| fact.path.clone());
            fact.says.feeds = Some(Arc::new(Feeds { named, into: into.clone() }));
        }
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
        let mut all: Vec<Variable> = map.entries().iter().filter_map(variable).collect();
        all.sort_by_key(|one| one.at);
        let mut takers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, one) in all.iter().enumerate() {
            for name in jinja::taken(one.text) {
                takers.entry(name).or_default().push(at);
            }
        }
        takers.values_mut().for_each(Vec::dedup);
        let named = all.iter().enumerate().map(|(at, one)| (one.name, at)).collect();
        Uses { all, named, takers }
    }

    /// The variable that is set at a place.
    fn at(&self, place: Span) -> Option<&Variable<'n>> {
        let behind = self.all.partition_point(|one| one.at.start <= place.start);
        self.all[..behind].last().filter(|one| one.at.covers(place))
    }

    /// Whom a variable gets into besides the images of `names`, through those that are set to nothing else than it and those
    /// that an image takes. Their names are added.
    fn follow<'s>(&'s self, name: &'s str, names: &mut BTreeSet<&'s str>) -> Vec<String> {
        let images = names.clone();
        let of_images = images.iter().filter_map(|image| self.named.get(image));
        let of_images: BTreeSet<&str> = of_images.flat_map(|at| jinja::taken(self.all[*at].text)).collect();
        let (mut into, mut waiting) = (Vec::new(), vec![name]);
        // An image that says its own tag gets into whoever takes the image, and they have the whole of it.
        names.remove(name);
        while let Some(name) = waiting.pop() {
            if !names.insert(name) || images.contains(name) {
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
        into
    }
}

/// Whether a text is a reference that ends in the variable, which is its tag: that of the same image, under another name.
fn ends_image(text: &str, name: &str) -> bool {
    jinja::last_name(text).is_some_and(|(before, last)| before.ends_with(':') && last == name)
}

/// The files with checkouts of the role that a file belongs to, by the variables that say in which version.
fn of_role(desk: &Desk) -> BTreeMap<String, Vec<Str>> {
    let (Some(view), Some(role)) = (desk.view(), role(desk.file.name)) else { return BTreeMap::new() };
    let mut out: BTreeMap<String, Vec<Str>> = BTreeMap::new();
    for id in view.files.below(&format!("{role}/tasks")).take(MOST_TASKS) {
        let name = view.files.name(id);
        let file = name.strip_prefix(role).map_or(name, |file| file.trim_start_matches('/'));
        view.files.ask(id, |text| {
            if memchr::memmem::find(text.as_bytes(), b"git:").is_none() {
                return;
            }
            let versions = text.lines().filter_map(|line| line.trim_start().strip_prefix("version:"));
            for taken in versions.flat_map(jinja::taken) {
                out.entry(taken.to_owned()).or_default().push(file.into());
            }
        });
    }
    out
}
