//! ConfigMaps by name, for those who take variables from them: what a cluster gets, else what a file declares.

use super::delivery::{ClusterId, Forest};
use super::files::Files;
use crate::syntax::Node;
use crate::text::Str;
use std::collections::HashMap;

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
}

impl ConfigMaps {
    /// The data of a ConfigMap: of one that this cluster gets, else of one that a file declares.
    pub(super) fn find(
        &mut self,
        files: &Files,
        forest: &Forest,
        cluster: ClusterId,
        namespace: &str,
        name: &str,
    ) -> Option<Node> {
        for delivery in &forest.deliveries[self.seen..] {
            for (name, map) in delivery.built.objects.iter().filter_map(|object| read(&object.root)) {
                self.delivered.entry((delivery.cluster, name)).or_default().push(map);
            }
        }
        self.seen = forest.deliveries.len();
        let fits = |map: &&ConfigMap| {
            map.namespace.as_ref().is_none_or(|own| namespace.is_empty() || own == namespace)
        };
        let delivered = self.delivered.get(&(cluster, name.into())).into_iter().flatten().find(fits);
        if let Some(map) = delivered {
            return map.data.clone();
        }
        let written = self.written.get_or_insert_with(|| written(files));
        written.get(name).into_iter().flatten().find(fits).and_then(|map| map.data.clone())
    }
}

fn written(files: &Files) -> HashMap<Str, Vec<ConfigMap>> {
    let mut out: HashMap<Str, Vec<ConfigMap>> = HashMap::new();
    for id in files.saying(&["ConfigMap"], |text| text.contains("data:")) {
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
