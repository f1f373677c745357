//! ConfigMaps by name, for those who take variables from them: what a cluster gets, else what a file declares.

use super::delivery::{ClusterId, Forest};
use super::files::Files;
use crate::syntax::Node;
use crate::text::{SourceId, Str};
use std::collections::{BTreeSet, HashMap};

/// A ConfigMap: the namespace that is written, and its data.
#[derive(Debug)]
struct ConfigMap {
    namespace: Option<Str>,
    data: Option<Node>,
}

/// Every ConfigMap that is known by now.
#[derive(Debug, Default)]
pub(super) struct ConfigMaps {
    delivered: HashMap<(ClusterId, Str), Vec<ConfigMap>>,
    /// How many deliveries were looked at.
    seen: usize,
    /// Those in files, once somebody asks for one that is not delivered.
    written: Option<HashMap<Str, Vec<ConfigMap>>>,
    /// The files that something delivers: what is in them is for those who get it.
    held: BTreeSet<SourceId>,
}

impl ConfigMaps {
    pub(super) fn new(held: BTreeSet<SourceId>) -> ConfigMaps {
        ConfigMaps { held, ..ConfigMaps::default() }
    }

    /// Whether a cluster gets a ConfigMap, as far as it is built by now.
    pub(super) fn is_delivered(
        &mut self,
        forest: &Forest,
        cluster: ClusterId,
        namespace: &str,
        name: &str,
    ) -> bool {
        self.look(forest);
        let found = self.delivered.get(&(cluster, name.into())).into_iter().flatten();
        found.into_iter().any(|map| map.is_in(namespace))
    }

    /// The data of a ConfigMap: of one that this cluster gets; else of the only one that a file declares and that nobody
    /// gets.
    pub(super) fn find(
        &mut self,
        files: &Files,
        forest: &Forest,
        cluster: ClusterId,
        namespace: &str,
        name: &str,
    ) -> Option<Node> {
        self.look(forest);
        let delivered = self.delivered.get(&(cluster, name.into())).into_iter().flatten();
        if let Some(map) = delivered.into_iter().find(|map| map.is_in(namespace)) {
            return map.data.clone();
        }
        let written = self.written.get_or_insert_with(|| written(files, &self.held));
        let mut found = written.get(name).into_iter().flatten().filter(|map| map.is_in(namespace));
        found.next().filter(|_| found.next().is_none()).and_then(|map| map.data.clone())
    }

    /// Takes note of what was built since it last looked.
    fn look(&mut self, forest: &Forest) {
        for delivery in &forest.deliveries[self.seen..] {
            for (name, map) in delivery.built.objects.iter().filter_map(|object| read(&object.root)) {
                self.delivered.entry((delivery.cluster, name)).or_default().push(map);
            }
        }
        self.seen = forest.deliveries.len();
    }
}

impl ConfigMap {
    fn is_in(&self, namespace: &str) -> bool {
        self.namespace.as_ref().is_none_or(|own| namespace.is_empty() || own == namespace)
    }
}

fn written(files: &Files, held: &BTreeSet<SourceId>) -> HashMap<Str, Vec<ConfigMap>> {
    let mut out: HashMap<Str, Vec<ConfigMap>> = HashMap::new();
    let found = files.saying(&["ConfigMap"], |text| text.contains("data:"));
    for id in found.into_iter().filter(|id| !held.contains(id)) {
        let documents = files.yaml(id).into_iter().flat_map(|yaml| &yaml.documents);
        for (name, map) in documents.filter_map(|document| read(&document.root)) {
            out.entry(name).or_default().push(map);
        }
    }
    out
}

fn read(root: &Node) -> Option<(Str, ConfigMap)> {
    let metadata = root.get("metadata").filter(|_| root.text_at("kind") == Some("ConfigMap"))?;
    let namespace = metadata.text_at("namespace").map(Str::from);
    Some((metadata.text_at("name")?.into(), ConfigMap { namespace, data: root.get("data").cloned() }))
}
