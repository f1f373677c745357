//! Charts that are at hand and are no files of the repository: found by name and version, whatever their files are
//! called. Where they lie, and how their bytes are read, who hands them over knows.

use super::archive::{self, Budget, Member};
use super::card::{self, Card};
use super::ignore::Rules;
use crate::syntax::yaml;
use crate::text::{Origin, Package, Packages, Portion, SourceId, Span, Str};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The charts of a store, looked through when somebody first asks for one.
pub struct Shelf<'a> {
    store: &'a dyn Packages,
    cards: OnceLock<Vec<Card<usize>>>,
    opened: Vec<OnceLock<Result<Arc<[Member]>, String>>>,
}

/// A chart that was looked for and is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct Found {
    pub(super) package: usize,
    pub(in super::super) name: Str,
    pub(in super::super) version: Str,
    /// What was taken for granted, if nobody asked for just this one.
    pub(in super::super) assumed: Option<String>,
}

impl Found {
    /// `the chart web 1.2.3`
    pub(in super::super) fn called(&self) -> String {
        format!("the chart {} {}", self.name, self.version)
    }
}

impl<'a> Shelf<'a> {
    pub fn new(store: &'a dyn Packages) -> Shelf<'a> {
        let opened = store.names().iter().map(|_| OnceLock::new()).collect();
        Shelf { store, cards: OnceLock::new(), opened }
    }

    /// The chart of a name whose version is the one that is asked for, else the highest in the range. If there is none,
    /// the versions that are there.
    pub(in super::super) fn find(&self, name: &str, asked: &str) -> Result<Found, Vec<Str>> {
        let best = card::best(self.cards().iter().filter(|card| card.name == name), asked)?;
        let place = |card: &Card<usize>| self.store.names()[card.place].clone();
        let is_same =
            |one: &Card<usize>, other: &Card<usize>| self.members(one.place) == self.members(other.place);
        let assumed = best.assumed(place, is_same);
        let (name, version) = (best.first.name.clone(), best.first.text.clone());
        Ok(Found { package: best.first.place, name, version, assumed })
    }

    /// The files of a package.
    pub(super) fn members(&self, package: usize) -> &Result<Arc<[Member]>, String> {
        self.opened[package].get_or_init(|| {
            let files = match self.store.read(package, Portion::Whole)? {
                Package::Archive(bytes) => archive::read(&bytes, &mut Budget::default())?.files,
                Package::Folder(files) => taken(files)?,
            };
            Ok(files.into())
        })
    }

    /// What the packages say that they are. What says nothing of the kind is no chart.
    fn cards(&self) -> &[Card<usize>] {
        self.cards.get_or_init(|| {
            let all = (0..self.store.names().len()).into_par_iter();
            all.filter_map(|package| self.card(package)).collect()
        })
    }

    fn card(&self, package: usize) -> Option<Card<usize>> {
        let files = match self.store.read(package, Portion::File("Chart.yaml")).ok()? {
            Package::Archive(bytes) => archive::read(&bytes, &mut Budget::default()).ok()?.files,
            Package::Folder(files) => files.into_iter().map(member).collect(),
        };
        let text = files.into_iter().find(|file| file.name == "Chart.yaml")?.bytes;
        let nowhere = Origin::spelled(Span::new(SourceId(u32::MAX), 0, 0));
        let read = yaml::read_embedded(std::str::from_utf8(&text).ok()?, &nowhere);
        Card::of(&read.documents.into_iter().next()?.root, package)
    }
}

/// The files of a folder, without those that it tells helm to ignore.
fn taken(files: Vec<(Str, Vec<u8>)>) -> Result<Vec<Member>, String> {
    let ignores = files.iter().find(|(name, _)| name == ".helmignore");
    let text = ignores.map(|(_, bytes)| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let rules = Rules::read(&text).map_err(|(_, says)| format!(".helmignore: {says}"))?;
    let names: BTreeSet<Str> =
        rules.taken(files.iter().map(|(name, _)| name.as_str())).into_iter().map(Str::from).collect();
    Ok(files.into_iter().filter(|(name, _)| names.contains(name)).map(member).collect())
}

fn member((name, bytes): (Str, Vec<u8>)) -> Member {
    Member { name, bytes: bytes.into() }
}

impl fmt::Debug for Shelf<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} packages", self.store.names().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders with nothing but a `Chart.yaml`: name, version, and a word that tells equal ones apart.
    struct Folders(Vec<Str>, Vec<String>);

    impl Packages for Folders {
        fn names(&self) -> &[Str] {
            &self.0
        }

        fn read(&self, package: usize, _: Portion) -> Result<Package, String> {
            Ok(Package::Folder(vec![("Chart.yaml".into(), self.1[package].clone().into_bytes())]))
        }
    }

    fn found(charts: &[(&str, &str, &str)], name: &str, asked: &str) -> String {
        let names = (0..charts.len()).map(|at| format!("/{at}").into()).collect();
        let texts = charts.iter().map(|(name, version, word)| {
            format!("apiVersion: v2\nname: {name}\nversion: {version}\ndescription: {word}\n")
        });
        let store = Folders(names, texts.collect());
        match Shelf::new(&store).find(name, asked) {
            Ok(found) => {
                let assumed = found.assumed.map_or(String::new(), |assumed| format!(" ({assumed})"));
                format!("/{} {}{assumed}", found.package, found.version)
            }
            Err(others) => format!("none of {}", others.join(" ")),
        }
    }

    #[test]
    fn a_chart_is_found_by_name_and_version() {
        let charts = [
            ("web", "1.2.3", "a"),
            ("db", "1.2.3", "a"),
            ("web", "v1.4.0", "a"),
            ("web", "2.0.0-rc.1", "a"),
            ("web", "1.2.3", "a"),
            ("twin", "1.0.0", "a"),
            ("twin", "1.0.0", "b"),
            ("none", "one", "a"),
        ];
        for (name, asked, expected) in [
            ("web", "1.2.3", "/0 1.2.3"),
            ("web", "=1.2.3", "/0 1.2.3"),
            ("web", "v1.2.3", "/0 1.2.3"),
            ("web", "1.4.0", "/2 v1.4.0"),
            ("web", "2.0.0-rc.1", "/3 2.0.0-rc.1"),
            ("web", "1.x", "/2 v1.4.0 (the chart web v1.4.0 is taken from /2 for `1.x`)"),
            ("web", "~1.2.0", "/0 1.2.3 (the chart web 1.2.3 is taken from /0 for `~1.2.0`)"),
            ("web", "1.2", "/0 1.2.3 (the chart web 1.2.3 is taken from /0 for `1.2`)"),
            ("web", "", "/2 v1.4.0 (the chart web v1.4.0 is taken from /2: no version is asked for)"),
            ("web", "*", "/2 v1.4.0 (the chart web v1.4.0 is taken from /2 for `*`)"),
            ("web", "3.0.0", "none of 1.2.3 v1.4.0 2.0.0-rc.1 1.2.3"),
            ("web", "not a range", "none of 1.2.3 v1.4.0 2.0.0-rc.1 1.2.3"),
            ("other", "", "none of "),
            ("none", "", "none of "),
            (
                "twin",
                "1.0.0",
                "/5 1.0.0 (the chart twin 1.0.0 is taken from /5; the one in /6 is not the same)",
            ),
        ] {
            assert_eq!(found(&charts, name, asked), expected, "{name} {asked}");
        }
    }
}
