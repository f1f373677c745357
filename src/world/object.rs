//! One object on its way to a cluster: its tree, who it is now, who it was before each change of its name.

use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str};
use std::sync::Arc;

/// Group, version and kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Gvk {
    pub group: Str,
    pub version: Str,
    pub kind: Str,
}

impl Gvk {
    /// `apps/v1` and a kind.
    pub fn new(api: &str, kind: &str) -> Gvk {
        let (group, version) = api.rsplit_once('/').unwrap_or(("", api));
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// Whether a pattern, whose empty fields fit anything, fits this one.
    pub(super) fn fits(&self, pattern: &Gvk) -> bool {
        let fits = |own: &Str, wanted: &Str| wanted.is_empty() || own == wanted;
        // Patterns differ in their kinds most.
        fits(&self.kind, &pattern.kind)
            && fits(&self.group, &pattern.group)
            && fits(&self.version, &pattern.version)
    }

    /// Whether objects of this kind stand in no namespace, as far as the tools know without asking a cluster.
    pub fn is_cluster_wide(&self) -> bool {
        CLUSTER_WIDE.iter().any(|(group, kinds)| *group == self.group && kinds.contains(&self.kind.as_str()))
    }
}

/// The kinds that stand in no namespace, by group.
const CLUSTER_WIDE: [(&str, &[&str]); 12] = [
    ("", &["ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"]),
    ("admissionregistration.k8s.io", &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IngressClass"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"]),
];

/// The kinds that kustomize prints first, in its order; webhooks come last, all else between.
#[cfg(feature = "cli")]
const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Where a kind stands among others when objects are printed.
#[cfg(feature = "cli")]
pub fn rank_of(kind: &str) -> usize {
    let is_last = matches!(kind, "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration");
    FIRST.iter().position(|first| *first == kind).unwrap_or(FIRST.len() + usize::from(is_last))
}

/// Who an object is: what a cluster tells it by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ObjectId {
    pub gvk: Gvk,
    /// As written; see [`ObjectId::home`].
    pub namespace: Str,
    pub name: Str,
}

impl ObjectId {
    /// Reads who a tree says it is.
    pub fn of(root: &Node) -> ObjectId {
        let text = |node: Option<&Node>| Str::from(node.and_then(Node::text).unwrap_or_default());
        let metadata = root.get("metadata");
        ObjectId {
            gvk: Gvk::new(&text(root.get("apiVersion")), &text(root.get("kind"))),
            namespace: text(metadata.and_then(|metadata| metadata.get("namespace"))),
            name: text(metadata.and_then(|metadata| metadata.get("name"))),
        }
    }

    /// The namespace that the object lands in: `default` where none is written, nothing for what has none.
    pub fn home(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.gvk.is_cluster_wide() => "",
            "" => "default",
            written => written,
        }
    }

    /// Whether the two are one object to a cluster.
    pub fn is(&self, other: &ObjectId) -> bool {
        self.name == other.name && self.gvk == other.gvk && self.home() == other.home()
    }

    /// `Deployment/media/web`.
    pub fn label(&self) -> String {
        let parts = [&self.gvk.kind, &self.namespace, &self.name];
        parts.into_iter().filter(|part| !part.is_empty()).map(Str::as_str).collect::<Vec<_>>().join("/")
    }
}

/// Where an object appeared first, and as whom. No part of its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub source: SourceId,
    pub span: Span,
    pub id: ObjectId,
}

/// What is done if an object of this id is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Behavior {
    #[default]
    Create,
    Replace,
    Merge,
}

/// An object of a build.
#[derive(Clone, Debug)]
pub struct Object {
    pub root: Node,
    pub written: Arc<Written>,
    /// What few objects have, and none that is built to the end: there are many.
    past: Option<Box<Past>>,
    /// A chart made it: a kustomization gives it no namespace.
    pub(super) is_of_chart: bool,
    /// A hash of what it holds is put behind its name.
    pub(super) hashed: bool,
    pub(super) behavior: Behavior,
    /// What makes it less sure that a cluster gets it as it is.
    pub doubt: Option<Doubt>,
    /// What went over it, and the file that asked for that; only where somebody wants to know.
    pub(super) changes: Option<Arc<Vec<(Maker, SourceId)>>>,
}

/// What a build remembers of an object until all names are settled.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Who it was before each change of its name, namespace or kind, oldest first: namespace, name, kind.
    former: Vec<(Str, Str, Str)>,
    pub(super) prefixes: Vec<Str>,
    pub(super) suffixes: Vec<Str>,
    /// Variables of kustomize whose value this object gives.
    pub(super) variables: Vec<Str>,
    /// What made it, if it was not written as an object.
    pub(super) maker: Option<Maker>,
}

/// The past of an object to which nothing happened.
static NO_PAST: Past = Past {
    former: Vec::new(),
    prefixes: Vec::new(),
    suffixes: Vec::new(),
    variables: Vec::new(),
    maker: None,
};

/// A generator or a transformer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Maker {
    pub(super) kind: Str,
    /// Only those in files have one.
    pub(super) name: Str,
}

impl Maker {
    /// One that a key of a kustomization stands for.
    pub(super) fn built_in(kind: &'static str) -> Maker {
        Maker { kind: Str::new_static(kind), name: Str::default() }
    }
}

impl Object {
    pub fn new(root: Node, source: SourceId) -> Object {
        let written = Arc::new(Written { source, span: root.span(), id: ObjectId::of(&root) });
        Object {
            root,
            written,
            past: None,
            is_of_chart: false,
            hashed: false,
            behavior: Behavior::Create,
            doubt: None,
            changes: None,
        }
    }

    pub fn id(&self) -> ObjectId {
        ObjectId::of(&self.root)
    }

    /// Its name without the hash of what it holds, where its build puts one behind it.
    #[cfg(feature = "cli")]
    pub fn unhashed_name(&self) -> Option<Str> {
        let name = self.root.at(&["metadata", "name"]).and_then(Node::text).filter(|_| self.hashed)?;
        name.rsplit_once('-').map(|(name, _)| name.into())
    }

    pub(super) fn past(&self) -> &Past {
        self.past.as_deref().unwrap_or(&NO_PAST)
    }

    pub(super) fn past_mut(&mut self) -> &mut Past {
        self.past.get_or_insert_default()
    }

    /// Takes the past of the object that it is put in the place of.
    pub(super) fn succeed(&mut self, old: &Object) {
        self.past.clone_from(&old.past);
    }

    /// Forgets its past, once it is built to the end.
    pub(super) fn settle(&mut self) {
        self.past = None;
    }

    /// Who it was at first.
    pub(super) fn first_id(&self) -> ObjectId {
        self.former_ids().next().unwrap_or_else(|| self.id())
    }

    /// Who it was, oldest first; nothing if it never changed.
    pub(super) fn former_ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let now = self.id().gvk;
        self.past().former.iter().map(move |(namespace, name, kind)| ObjectId {
            gvk: Gvk { kind: kind.clone(), ..now.clone() },
            namespace: namespace.clone(),
            name: name.clone(),
        })
    }

    /// Everybody it was and is.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.former_ids().chain(std::iter::once_with(|| self.id()))
    }

    /// Remembers who it is before a change. Kinds without a namespace are remembered under a word that is none.
    pub(super) fn remember(&mut self) {
        let id = self.id();
        let home = if id.gvk.is_cluster_wide() { NO_NAMESPACE } else { id.home() };
        let before = (home.into(), id.name, id.gvk.kind);
        let former = &mut self.past_mut().former;
        former.reserve_exact(1);
        former.push(before);
    }

    /// What kustomize notes of the past of an object in its annotations while it builds, where a JSON patch meets it.
    pub(super) fn notes(&self) -> Vec<(&'static str, String)> {
        let past = self.past();
        let joined = |list: &[Str]| list.join(",");
        let of =
            |pick: fn(&(Str, Str, Str)) -> &Str| past.former.iter().map(pick).cloned().collect::<Vec<_>>();
        let generated = match (&past.maker, self.behavior) {
            (None, _) => "",
            (_, Behavior::Create) => "unspecified",
            (_, Behavior::Replace) => "replace",
            (_, Behavior::Merge) => "merge",
        };
        let notes = [
            ("internal.config.kubernetes.io/previousKinds", joined(&of(|(_, _, kind)| kind))),
            ("internal.config.kubernetes.io/previousNames", joined(&of(|(_, name, _)| name))),
            ("internal.config.kubernetes.io/previousNamespaces", joined(&of(|(namespace, _, _)| namespace))),
            ("internal.config.kubernetes.io/prefixes", joined(&past.prefixes)),
            ("internal.config.kubernetes.io/suffixes", joined(&past.suffixes)),
            ("internal.config.kubernetes.io/generatorBehavior", generated.into()),
            (
                "internal.config.kubernetes.io/needsHashSuffix",
                if self.hashed { "enabled" } else { "" }.into(),
            ),
        ];
        notes.into_iter().filter(|(_, note)| !note.is_empty()).collect()
    }

    /// The entries of `metadata.labels` or `metadata.annotations`.
    pub(super) fn meta<'o>(&'o self, which: &str) -> impl Iterator<Item = (&'o str, &'o str)> + use<'o> {
        let entries = self.root.at(&["metadata", which]).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|(key, value)| Some((key.text()?, value.text()?)))
    }

    /// One label or annotation.
    pub(super) fn meta_at<'o>(&'o self, which: &str, key: &str) -> Option<&'o str> {
        self.meta(which).find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

/// How the annotations begin in which kustomize notes what it has to know of an object.
pub(super) const NOTES: &str = "internal.config.kubernetes.io/";

const NO_NAMESPACE: &str = "_non_namespaceable_";

/// The objects of a document: itself, or what a list of any kind holds.
pub(super) fn unlisted(root: &Node, out: &mut Vec<Node>) {
    match root.get("items") {
        Some(items) if root.text_at("kind").is_some_and(|kind| kind.ends_with("List")) => {
            items.items().iter().for_each(|item| unlisted(item, out));
        }
        _ if root.is_null() || root.is_map() && root.entries().is_empty() => {}
        _ => out.push(root.clone()),
    }
}
