//! Archives of charts, from registries and from sites that keep an index.

use super::client::{Missed, Registries, digest_of, no_name};
use super::name::Name;
use crate::engine::{ListedChart, best_version, is_version_range, listed_charts};
use crate::fix::{AskedChart, ChartHome};
use crate::limits::{CHART_INDEX, MOST_OF_CHART};
use serde_json::Value;
use std::collections::BTreeMap;

/// The layers of a manifest that are the archive of a chart.
const ARCHIVES: [&str; 2] = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];

/// A chart as somebody keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::cli) struct Fetched {
    pub(in crate::cli) version: String,
    /// Of the archive.
    pub(in crate::cli) digest: String,
}

impl Registries {
    /// Fetches charts, several at once; each archive is handed over as soon as it is there. What comes of it is in their order.
    pub(in crate::cli) fn charts(
        &self,
        asked: &[AskedChart],
        keep: impl Fn(&AskedChart, &Fetched, &[u8]) -> Result<(), Missed> + Sync,
    ) -> Vec<Result<Fetched, Missed>> {
        // A site is asked for its index once.
        let mut turns: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
        for (at, one) in asked.iter().enumerate() {
            let turn = match &one.home {
                ChartHome::Registry(name) => (self.host_of(name), name.as_str()),
                ChartHome::Site(url) => (url.split('/').nth(2).unwrap_or_default().to_owned(), url.as_str()),
            };
            turns.entry(turn).or_default().push(at);
        }
        let hosts: Vec<Option<String>> = turns.keys().map(|(host, _)| Some(host.clone())).collect();
        let turns: Vec<&Vec<usize>> = turns.values().collect();
        let told = self.each(&hosts, |turn| {
            let own: Vec<&AskedChart> = turns[turn].iter().map(|at| &asked[*at]).collect();
            let answers = match &own[0].home {
                ChartHome::Registry(name) => own.iter().map(|one| self.of_registry(name, one)).collect(),
                ChartHome::Site(url) => self.of_site(url, &own),
            };
            let kept = |(one, answer): (&&AskedChart, Result<(Fetched, Vec<u8>), Missed>)| {
                let (fetched, bytes) = answer?;
                keep(one, &fetched, &bytes).map(|()| fetched)
            };
            own.iter().zip(answers).map(kept).collect::<Vec<_>>()
        });
        let mut out: BTreeMap<usize, Result<Fetched, Missed>> = BTreeMap::new();
        for (turn, answers) in turns.iter().zip(told) {
            out.extend(turn.iter().copied().zip(answers));
        }
        out.into_values().collect()
    }

    fn host_of(&self, name: &str) -> String {
        Name::of(name, "-").map(|name| name.through(&self.mirrors).host).unwrap_or_default()
    }

    fn of_registry(&self, name: &str, asked: &AskedChart) -> Result<(Fetched, Vec<u8>), Missed> {
        let any = Name::of(name, "-").ok_or_else(no_name)?.through(&self.mirrors);
        // Registries take no plus sign.
        let tag = |version: &str| version.replace('+', "_");
        let (at, version) = match &asked.digest {
            Some(digest) => (digest.to_string(), asked.version.to_string()),
            None if !is_version_range(&asked.version) => (tag(&asked.version), asked.version.to_string()),
            None => {
                let tags = self.tags(&any)?;
                let versions: Vec<String> = tags.iter().map(|tag| tag.replace('_', "+")).collect();
                let known: Vec<&str> = versions.iter().map(String::as_str).collect();
                let best = best_version(&asked.version, &known).ok_or(Missed::Gone)?;
                (tags[best].clone(), versions[best].clone())
            }
        };
        let (_, manifest) = self.whole(&any.at(&at))?;
        let layers = manifest.get("layers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let kind = |layer: &&Value| {
            layer.get("mediaType").and_then(Value::as_str).is_some_and(|kind| ARCHIVES.contains(&kind))
        };
        let layer = layers.iter().find(kind).and_then(|layer| layer.get("digest")?.as_str());
        let digest = layer.ok_or(Missed::NoChart)?.to_owned();
        let bytes = self.bytes(&any.at(&digest), MOST_OF_CHART as u64)?;
        Ok((Fetched { version, digest }, bytes))
    }

    fn of_site(&self, url: &str, asked: &[&AskedChart]) -> Vec<Result<(Fetched, Vec<u8>), Missed>> {
        let index = match self.page(&format!("{url}/index.yaml"), CHART_INDEX) {
            Ok((bytes, _)) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(missed) => return asked.iter().map(|_| Err(missed.clone())).collect(),
        };
        let names: Vec<_> = asked.iter().map(|one| one.name.clone()).collect();
        let lists = listed_charts(&index, &names);
        asked.iter().zip(lists).map(|(one, list)| self.listed(url, one, &list)).collect()
    }

    fn listed(
        &self,
        url: &str,
        asked: &AskedChart,
        list: &[ListedChart],
    ) -> Result<(Fetched, Vec<u8>), Missed> {
        let versions: Vec<&str> = list.iter().map(|one| one.version.as_str()).collect();
        let meant = &list[best_version(&asked.version, &versions).ok_or(Missed::Gone)?];
        let address = match meant.url.contains("://") {
            true => meant.url.to_string(),
            false => format!("{url}/{}", meant.url.trim_start_matches('/')),
        };
        if let Some(name) = address.strip_prefix("oci://") {
            let (name, tag) = name.rsplit_once(':').unwrap_or((name, &meant.version));
            let there = AskedChart { version: tag.replace('_', "+").into(), digest: None, ..asked.clone() };
            return self.of_registry(name, &there);
        }
        let is_safe =
            address.starts_with("https://") || address.starts_with("http://") && url.starts_with("http://");
        if !is_safe {
            return Err(Missed::Unknown("its index leads to an address that is not followed".into()));
        }
        let (bytes, _) = self.page(&address, MOST_OF_CHART as u64)?;
        let digest = digest_of(&bytes);
        let told = meant.digest.as_ref().map(|told| told.trim_start_matches("sha256:"));
        if told.is_some_and(|told| digest.trim_start_matches("sha256:") != told.to_ascii_lowercase()) {
            return Err(Missed::Unknown("what the site has is something else than its index says".into()));
        }
        Ok((Fetched { version: meant.version.to_string(), digest }, bytes))
    }
}
