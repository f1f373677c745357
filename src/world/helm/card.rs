//! What charts say that they are, wherever they lie: which one is meant by a name and a version, and what is taken for
//! granted if it is that one.

use crate::syntax::Node;
use crate::template::semver::{Range, Version};
use crate::text::Str;
use std::cmp::Ordering;

/// What a chart says that it is, and where it is.
pub(in super::super) struct Card<P> {
    pub(in super::super) name: Str,
    version: Version,
    /// Its version as it is written.
    pub(super) text: Str,
    pub(super) place: P,
}

impl<P> Card<P> {
    /// Reads a `Chart.yaml`. What says nothing of the kind is no chart.
    pub(super) fn of(root: &Node, place: P) -> Option<Card<P>> {
        let text = |key: &str| root.get(key).and_then(Node::text).map(Str::from);
        let version = text("version")?;
        Some(Card { name: text("name")?, version: Version::parse(&version).ok()?, text: version, place })
    }
}

/// The chart that is meant, and others of its version.
pub(super) struct Best<'c, P> {
    pub(super) first: &'c Card<P>,
    others: Vec<&'c Card<P>>,
    asked: Str,
    is_exact: bool,
}

/// Of charts with one name, the one whose version is asked for, else the highest in the range. If there is none, the
/// versions that are there.
pub(super) fn best<'c, P>(
    named: impl Iterator<Item = &'c Card<P>>,
    asked: &str,
) -> Result<Best<'c, P>, Vec<Str>> {
    let named: Vec<&Card<P>> = named.collect();
    let exact = exact(asked);
    let range = Range::parse(if asked.trim().is_empty() { "*" } else { asked });
    let fits = |card: &&&Card<P>| match (&exact, &range) {
        (Some(exact), _) => card.version == *exact,
        (None, Ok(range)) => range.holds(&card.version),
        (None, Err(_)) => false,
    };
    let mut best: Vec<&Card<P>> = Vec::new();
    for card in named.iter().filter(fits) {
        let order = best.first().map_or(Ordering::Greater, |best| card.version.precedence(&best.version));
        match order {
            Ordering::Greater => best = vec![card],
            Ordering::Equal => best.push(card),
            Ordering::Less => {}
        }
    }
    let mut best = best.into_iter();
    let Some(first) = best.next() else {
        let mut versions: Vec<Str> = named.iter().map(|card| card.text.clone()).collect();
        versions.dedup();
        return Err(versions);
    };
    Ok(Best { first, others: best.collect(), asked: asked.trim().into(), is_exact: exact.is_some() })
}

impl<P> Best<'_, P> {
    /// What is taken for granted if the first one is the chart that is meant; nothing if just that is asked for.
    pub(super) fn assumed(
        &self,
        place: impl Fn(&Card<P>) -> Str,
        is_same: impl Fn(&Card<P>, &Card<P>) -> bool,
    ) -> Option<String> {
        let other = self.others.iter().find(|other| !is_same(self.first, other));
        let from = self.from(&place(self.first));
        match other {
            Some(other) => Some(format!("{from}; the one in {} is not the same", place(other))),
            None if self.is_exact => None,
            None if self.asked.is_empty() => Some(format!("{from}: no version is asked for")),
            None => Some(format!("{from} for `{}`", self.asked)),
        }
    }

    /// `the chart web 1.2.3 is taken from charts/web`
    pub(super) fn from(&self, place: &str) -> String {
        format!("the chart {} {} is taken from {place}", self.first.name, self.first.text)
    }
}

/// The only version that is asked for, if it is one and no range: all of its numbers are there.
pub(super) fn exact(asked: &str) -> Option<Version> {
    let asked = asked.trim().trim_start_matches('=').trim();
    let numbers = asked.split(['-', '+']).next().unwrap_or_default();
    Version::parse(asked).ok().filter(|_| numbers.matches('.').count() == 2)
}
