//! Which charts the repository asks for, and from whom they can be fetched.

use crate::facts::{Chart, Facts};
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};

/// A chart that somebody keeps.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AskedChart {
    pub home: ChartHome,
    pub name: Str,
    /// A version or a range; empty if any will do.
    pub version: Str,
    /// Of the manifest, where a registry has it.
    pub digest: Option<Str>,
}

/// Who keeps charts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChartHome {
    /// A registry: `ghcr.io/acme/charts/web`.
    Registry(Str),
    /// A site with an index: `https://charts.example.com`.
    Site(Str),
}

impl AskedChart {
    /// What the lock calls its versions, up to them: `oci://ghcr.io/acme/charts/web`, `https://charts.example.com/web`.
    pub fn address(&self) -> String {
        match &self.home {
            ChartHome::Registry(name) => format!("oci://{name}"),
            ChartHome::Site(url) => format!("{url}/{}", self.name),
        }
    }

    /// As people are told of it.
    pub fn shown(&self) -> String {
        match self.version.as_str() {
            "" => self.address(),
            version => format!("{}:{version}", self.address()),
        }
    }
}

/// The charts that are asked for, each once, and those of which nobody here says who keeps them, by name.
pub fn asked_charts(facts: &Facts) -> (BTreeSet<AskedChart>, BTreeSet<Str>) {
    let mut sites: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, url) in &facts.chart_sites {
        sites.entry(name).or_default().insert(url);
    }
    let (mut asked, mut homeless) = (BTreeSet::new(), BTreeSet::new());
    for fact in &facts.charts {
        let is_set_aside = fact.owner.scene.as_ref().is_some_and(|scene| !scene.live);
        if is_set_aside || !fact.says.name.is_known() || fact.says.pin == "unknown" {
            continue;
        }
        match home(&fact.says, &sites) {
            Some((home, name)) => {
                let digest = fact
                    .says
                    .digest
                    .as_ref()
                    .and_then(|digest| Some(&digest.text[digest.text.find("sha256:")?..]));
                let digest = digest.map(Str::from);
                let version = fact.says.version.as_ref().filter(|version| version.is_known());
                let version = version.map(|version| version.text.split('@').next().unwrap_or_default());
                let version = version.filter(|version| !version.starts_with("sha256:")).unwrap_or_default();
                // Registries take no plus sign.
                let version = version.trim().replace('_', "+").into();
                asked.insert(AskedChart { home, name, version, digest });
            }
            None => _ = homeless.insert(fact.says.name.text.clone()),
        }
    }
    (asked, homeless)
}

/// Who keeps a chart, and its name there.
fn home(chart: &Chart, sites: &BTreeMap<&str, BTreeSet<&str>>) -> Option<(ChartHome, Str)> {
    let name = chart.name.text.trim_end_matches('/');
    let last = |path: &str| Str::from(path.rsplit('/').next().unwrap_or(path));
    if let Some(path) = name.strip_prefix("oci://") {
        return Some((ChartHome::Registry(path.into()), last(path)));
    }
    let told = chart.repository.as_ref().filter(|part| part.is_known())?;
    let url = match sites.get(told.text.as_str()) {
        // Two sources of one name: which one is meant their namespaces decide.
        Some(urls) if urls.len() > 1 => return None,
        Some(urls) => urls.first()?,
        None => told.text.as_str(),
    };
    let url = url.trim_end_matches('/');
    if let Some(path) = url.strip_prefix("oci://") {
        return Some((ChartHome::Registry(format!("{path}/{name}").into()), last(name)));
    }
    if url.starts_with("https://") || url.starts_with("http://") {
        return Some((ChartHome::Site(url.into()), name.into()));
    }
    // Argo CD names registries without a scheme.
    let host = url.split('/').next().filter(|host| host.contains('.') || host.contains(':'));
    host.map(|_| (ChartHome::Registry(format!("{url}/{name}").into()), last(name)))
}
