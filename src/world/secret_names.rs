//! What Secrets hold by name, for those who take variables from them: nobody here sees a value, and what is no name in
//! one is given by nobody.

use super::delivery::{ClusterId, Forest};
use crate::syntax::Node;
use crate::text::Str;
use std::collections::{BTreeSet, HashMap};

/// A Secret, or what makes one: the namespace that is written, and the names in it, if all of them are known.
#[derive(Debug)]
struct Held {
    namespace: Option<Str>,
    names: Option<BTreeSet<Str>>,
}

/// Every Secret that a cluster gets, as far as it is built by now.
#[derive(Debug, Default)]
pub(super) struct SecretNames {
    delivered: HashMap<(ClusterId, Str), Vec<Held>>,
    /// How many deliveries were looked at.
    seen: usize,
}

impl SecretNames {
    /// The names in a Secret that a cluster gets; nothing if it does not, or if there may be more of them.
    pub(super) fn find(
        &mut self,
        forest: &Forest,
        cluster: ClusterId,
        namespace: &str,
        name: &str,
    ) -> Option<BTreeSet<Str>> {
        self.look(forest);
        let all = self.delivered.get(&(cluster, name.into())).into_iter().flatten();
        let own =
            |held: &&Held| held.namespace.as_ref().is_none_or(|own| namespace.is_empty() || own == namespace);
        let mut found = all.into_iter().filter(own).peekable();
        found.peek()?;
        found.try_fold(BTreeSet::new(), |mut names, held| {
            names.extend(held.names.as_ref()?.iter().cloned());
            Some(names)
        })
    }

    /// Takes note of what was built since it last looked.
    fn look(&mut self, forest: &Forest) {
        for delivery in &forest.deliveries[self.seen..] {
            for (name, held) in delivery.built.objects.iter().filter_map(|object| read(&object.root)) {
                self.delivered.entry((delivery.cluster, name)).or_default().push(held);
            }
        }
        self.seen = forest.deliveries.len();
    }
}

/// The Secret that an object is, or makes.
fn read(root: &Node) -> Option<(Str, Held)> {
    let metadata = root.get("metadata")?;
    let own = metadata.text_at("name")?;
    let (name, names) = match root.text_at("kind")? {
        "Secret" => (own, Some(["data", "stringData"].iter().flat_map(|key| keys(root.get(key))).collect())),
        "SealedSecret" => {
            let template = root.at(&["spec", "template"]);
            let lists =
                [root.at(&["spec", "encryptedData"]), template.and_then(|template| template.get("data"))];
            (own, Some(lists.into_iter().flat_map(keys).collect()))
        }
        "ExternalSecret" => {
            let spec = root.get("spec")?;
            (spec.at(&["target", "name"]).and_then(Node::text).unwrap_or(own), external(spec))
        }
        _ => return None,
    };
    Some((name.into(), Held { namespace: metadata.text_at("namespace").map(Str::from), names }))
}

/// The names that an ExternalSecret gives its Secret: those of its template, or those that it asks for one by one.
fn external(spec: &Node) -> Option<BTreeSet<Str>> {
    let target = spec.get("target");
    let says = |key: &str, value: &str| target.is_some_and(|target| target.text_at(key) == Some(value));
    let template = target.and_then(|target| target.get("template"));
    let is_open = |key: &str| template.is_some_and(|template| template.get(key).is_some());
    let merges = template.and_then(|template| template.text_at("mergePolicy")) == Some("Merge");
    if says("creationPolicy", "Merge") || says("creationPolicy", "None") || is_open("templateFrom") || merges
    {
        return None;
    }
    if let Some(data) = template.and_then(|template| template.get("data")) {
        return Some(keys(Some(data)).into_iter().collect());
    }
    if spec.get("dataFrom").is_some_and(|list| !list.items().is_empty()) {
        return None;
    }
    let asked = spec.get("data").map(Node::items).unwrap_or_default();
    asked.iter().map(|item| item.text_at("secretKey").map(Str::from)).collect()
}

fn keys(map: Option<&Node>) -> Vec<Str> {
    let entries = map.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|(key, _)| key.text().map(Str::from)).collect()
}
