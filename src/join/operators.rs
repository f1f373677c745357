//! What happens to the data of a database when its major version goes up: who runs it decides.

use super::cluster::Clusters;
use super::storage::Desk;
use crate::facts::{Database, Fact, MajorUpgrade, Resource, Role, UpgradeMode};
use crate::text::{Part, Span};
use std::collections::BTreeSet;

/// What happens to the data when the major version goes up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The new server does not start on it.
    Refused,
    /// The image upgrades it.
    ByImage,
    /// CloudNativePG upgrades it in place.
    InPlace,
    /// CloudNativePG refuses: it is too old.
    TooOld,
    /// CloudNativePG, in a version that nobody here knows.
    UnknownVersion,
    /// A resource of this kind asks the operator to upgrade it.
    Asked(&'static str),
    /// The operator wants a resource of this kind, and there is none.
    Wants(&'static str),
    /// Zalando's operator upgrades in place: the mode that says so.
    Mode(&'static str),
    /// Zalando's operator leaves the servers at their version.
    Stays,
    /// Zalando's operator does as it is configured, and nobody here knows how.
    AsConfigured,
    /// Some other operator decides.
    UnknownOperator,
}

/// The first version of CloudNativePG that upgrades in place: of the operator, and of the chart that brings it.
const IN_PLACE: (u32, u32) = (1, 26);
const CHART_IN_PLACE: (u32, u32) = (0, 24);

const CHART: &str = "cloudnative-pg";

/// Something that tells the version of an operator.
struct Sign<'a> {
    owner: &'a Resource,
    /// Whether it upgrades in place, if that is known.
    in_place: Option<bool>,
    at: Span,
    says: String,
}

/// What tells of operators: of CloudNativePG its images first, for those win over charts.
pub(super) struct Operators<'a> {
    clusters: &'a Clusters,
    upgrades: &'a [Fact<MajorUpgrade>],
    modes: &'a [Fact<UpgradeMode>],
    images: Vec<Sign<'a>>,
    others: Vec<Sign<'a>>,
}

impl<'a> Operators<'a> {
    pub(super) fn of(desk: &Desk<'a>) -> Operators<'a> {
        let (clusters, upgrades, modes) = (desk.clusters, &desk.facts.upgrades, &desk.facts.upgrade_modes);
        let mut out = Operators { clusters, upgrades, modes, images: Vec::new(), others: Vec::new() };
        out.of_images(desk);
        out.of_charts(desk);
        out.of_manifests(desk);
        out
    }

    /// What becomes of the data of a database that is declared, and where that is decided.
    pub(super) fn way_of(&self, fact: &Fact<Database>, major: u32) -> (Way, Option<(Span, String)>) {
        let own = fact.owner.api.split_once('/').map_or("", |(group, _)| group);
        let group = fact.says.operator.as_deref().unwrap_or(own);
        match group {
            "postgresql.cnpg.io" => self.of_cnpg(&fact.owner),
            "postgres-operator.crunchydata.com" => self.asked(fact, major, "PGUpgrade"),
            "pgv2.percona.com" => self.asked(fact, major, "PerconaPGUpgrade"),
            "stackgres.io" => self.asked(fact, major, "SGDbOps"),
            "acid.zalan.do" => self.of_zalando(&fact.owner),
            "kubedb.com" => self.asked(fact, major, "PostgresOpsRequest"),
            // It makes stateful sets of the image and leaves the data alone.
            "kubegres.reactive-tech.io" => (Way::Refused, None),
            _ if is_of_chart(fact) => (Way::Refused, None),
            _ => (Way::UnknownOperator, None),
        }
    }

    /// Whether a resource asks for the upgrade of a database to this version.
    fn asked(&self, of: &Fact<Database>, major: u32, kind: &'static str) -> (Way, Option<(Span, String)>) {
        let is_to = |part: &Part| part.text.split('.').next().and_then(|to| to.parse().ok()) == Some(major);
        let fits = |fact: &&Fact<MajorUpgrade>| {
            fact.owner.kind == kind
                && fact.says.database == of.owner.name
                && fact.owner.namespace == of.owner.namespace
                && is_to(&fact.says.to)
                && self.clusters.share(&fact.owner, &of.owner)
        };
        match self.upgrades.iter().find(fits) {
            Some(fact) => {
                let says = format!("this {kind} asks for {major}");
                (Way::Asked(kind), Some((fact.says.to.span(), says)))
            }
            None => (Way::Wants(kind), None),
        }
    }

    /// What Zalando's operator does in the cluster of this owner.
    fn of_zalando(&self, owner: &Resource) -> (Way, Option<(Span, String)>) {
        let mut near = self.modes.iter().filter(|fact| self.is_near(&fact.owner, owner));
        let Some(first) = near.next() else { return (Way::AsConfigured, None) };
        let mode = &first.says.mode;
        let is_same = near.all(|other| other.says.mode.text == mode.text && !other.says.has_teams);
        let way = match mode.text.as_str() {
            _ if !is_same || !mode.is_known() => Way::AsConfigured,
            "manual" => Way::Mode("manual"),
            "full" => Way::Mode("full"),
            "off" if !first.says.has_teams => Way::Stays,
            _ => Way::AsConfigured,
        };
        (way, Some((mode.span(), format!("the operator of this cluster has the mode `{}`", mode.text))))
    }

    /// What CloudNativePG does in the cluster of this owner.
    pub(super) fn of_cnpg(&self, owner: &Resource) -> (Way, Option<(Span, String)>) {
        for signs in [&self.images, &self.others] {
            let mut near = signs.iter().filter(|sign| self.is_near(sign.owner, owner));
            let Some(first) = near.next() else { continue };
            let way = match first.in_place.filter(|_| near.all(|other| other.in_place == first.in_place)) {
                Some(true) => Way::InPlace,
                Some(false) => Way::TooOld,
                None => Way::UnknownVersion,
            };
            return (way, Some((first.at, first.says.clone())));
        }
        (Way::UnknownVersion, None)
    }

    /// What several clusters get is told once, and names them.
    fn is_near(&self, sign: &Resource, owner: &Resource) -> bool {
        let name = owner.scene.as_ref().filter(|scene| scene.live).map(|scene| &scene.cluster_name);
        self.clusters.share(sign, owner)
            || name
                .is_some_and(|name| sign.affected().iter().any(|one| one.delivered && one.cluster == *name))
    }

    fn of_images(&mut self, desk: &Desk<'a>) {
        let facts = desk.facts;
        let releases = facts.releases.iter().filter(|release| last(&release.says.chart) == CHART);
        let releases: BTreeSet<&Resource> = releases.map(|release| &*release.owner).collect();
        for fact in &facts.images {
            let (says, bare) = (&fact.says, fact.says.bare());
            let is_named = bare.ends_with("cloudnative-pg/cloudnative-pg");
            let is_tag = says.role == Role::TagOnly && releases.contains(&*fact.owner);
            let Some(tag) = says.tag.as_ref().filter(|_| is_named || is_tag) else { continue };
            let version = numbers(&tag.text);
            self.images.push(Sign {
                owner: &fact.owner,
                in_place: version.filter(|_| tag.is_known()).map(|version| version >= IN_PLACE),
                at: tag.span(),
                says: format!("the operator of this cluster is {}", tag.text),
            });
        }
    }

    fn of_charts(&mut self, desk: &Desk<'a>) {
        let all = &desk.facts.charts;
        for fact in all.iter().filter(|fact| last(&fact.says.name.text) == CHART) {
            let version = fact.says.version.as_ref().filter(|part| part.is_known());
            let at = version.map_or(fact.says.name.span(), |part| part.span());
            let named = version.map_or("in no version", |part| &part.text);
            self.others.push(Sign {
                owner: &fact.owner,
                in_place: version.and_then(|part| in_place_by_chart(&part.text)),
                at,
                says: format!("the chart `{CHART}` brings the operator, {named}"),
            });
        }
    }

    /// Manifests of a release that are taken by their address: `…/cnpg-1.26.0.yaml`.
    fn of_manifests(&mut self, desk: &Desk<'a>) {
        for fact in &desk.facts.obstacles {
            let Some((_, rest)) = fact.says.reason.split_once("/cnpg-") else { continue };
            let Some(version) = rest.find(".yaml").map(|end| &rest[..end]) else { continue };
            self.others.push(Sign {
                owner: &fact.owner,
                in_place: numbers(version).map(|version| version >= IN_PLACE),
                at: fact.origin.span(),
                says: format!("the operator of this cluster is {version}"),
            });
        }
    }
}

/// Whether values tell of it, and no resource of an operator: whoever takes them is a release or a file.
fn is_of_chart(fact: &Fact<Database>) -> bool {
    fact.path != "spec"
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The first two numbers of `1.26.0` or `v1.26`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split(['.', '-', '+', '@']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Whether every chart that fits a version or a range brings an operator that upgrades in place, or none does.
fn in_place_by_chart(range: &str) -> Option<bool> {
    let range = range.trim();
    if range.contains([' ', ',', '|', '<']) {
        return None;
    }
    let bare = range.trim_start_matches(['=', 'v', '^', '~', '>']);
    let is_new = numbers(bare)? >= CHART_IN_PLACE;
    // Below 1.0 a caret lets the second number stay. What is open above may be new.
    (is_new || !range.starts_with('>')).then_some(is_new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_tell_what_their_operator_does() {
        let rows = [
            ("0.24.0", Some(true)),
            ("0.23.2", Some(false)),
            ("v0.26.1", Some(true)),
            ("1.0.0", Some(true)),
            ("0.24.x", Some(true)),
            ("0.x", None),
            ("^0.23.0", Some(false)),
            ("~0.24", Some(true)),
            (">=0.20.0", None),
            (">=0.25.0", Some(true)),
            (">=0.20.0 <0.24.0", None),
            ("*", None),
            ("", None),
        ];
        for (range, want) in rows {
            assert_eq!(in_place_by_chart(range), want, "{range:?}");
        }
    }
}
