//! Which fields kustomize's transformers reach: its built-in tables, what `configurations` add to them, and the walk
//! along such a path.

use super::super::edit::{self, Change};
use super::super::object::Gvk;
use crate::syntax::{Node, Value};
use crate::text::{Origin, Str};
use std::sync::{Arc, LazyLock};

/// One field of some kinds of objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    pub(super) of: Gvk,
    /// Keys with `/` between them. Lists on the way are gone through without being named; `[]` only says so.
    pub(super) path: Str,
    /// The same path in its steps: each object is asked for each field.
    keys: Arc<[Str]>,
    /// The field is made if it is not there.
    pub(super) create: bool,
}

/// The fields of every transformer that has some.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// Where names are prefixed.
    pub(super) prefix: Vec<Field>,
    pub(super) suffix: Vec<Field>,
    pub(super) namespace: Vec<Field>,
    /// Labels with selectors: `commonLabels`.
    pub(super) common_labels: Vec<Field>,
    /// `labels` with `includeTemplates`.
    pub(super) template_labels: Vec<Field>,
    /// What `configurations` add to every entry of `labels`.
    pub(super) labels: Vec<Field>,
    pub(super) annotations: Vec<Field>,
    pub(super) images: Vec<Field>,
    pub(super) replicas: Vec<Field>,
    pub(super) variables: Vec<Field>,
    /// Fields that hold the name of an object of a kind.
    pub(super) names: Vec<(Gvk, Vec<Field>)>,
}

/// The built-in tables.
pub(super) static BUILT_IN: LazyLock<Arc<Fields>> = LazyLock::new(|| Arc::new(built_in()));

fn kind(name: &str) -> Gvk {
    Gvk { kind: name.into(), ..Gvk::default() }
}

fn in_group(group: &str, name: &str) -> Gvk {
    Gvk { group: group.into(), ..kind(name) }
}

fn field(of: Gvk, path: &str) -> Field {
    Field { of, path: path.into(), keys: edit::keys(path).into(), create: false }
}

fn made(of: Gvk, path: &str) -> Field {
    Field { create: true, ..field(of, path) }
}

/// Where the pod of a kind begins.
const PODS: [(&str, &str); 8] = [
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// Those of the kinds above, and the older one, whose pods name accounts, claims and priorities.
const RUNNERS: [(&str, &str); 7] = [
    ("Pod", "spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
];

fn in_pods(hosts: &[(&str, &str)], paths: &[&str], out: &mut Vec<Field>) {
    for (host, base) in hosts {
        // Only pods themselves are asked for their version.
        let of = Gvk { version: if *host == "Pod" { "v1".into() } else { Str::default() }, ..kind(host) };
        out.extend(paths.iter().map(|path| field(of.clone(), &format!("{base}/{path}"))));
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

fn names() -> Vec<(Gvk, Vec<Field>)> {
    let v1 = |name: &str| Gvk { version: "v1".into(), ..kind(name) };
    let mut out: Vec<(Gvk, Vec<Field>)> =
        ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
            .iter()
            .map(|scaled| {
                (kind(scaled), vec![field(kind("HorizontalPodAutoscaler"), "spec/scaleTargetRef/name")])
            })
            .collect();

    let mut maps = Vec::new();
    let paths = [
        "volumes/configMap/name",
        "containers/env/valueFrom/configMapKeyRef/name",
        "initContainers/env/valueFrom/configMapKeyRef/name",
        "containers/envFrom/configMapRef/name",
        "initContainers/envFrom/configMapRef/name",
        "volumes/projected/sources/configMap/name",
    ];
    in_pods(&PODS, &paths, &mut maps);
    maps.push(field(kind("Node"), "spec/configSource/configMap"));
    maps.push(field(kind("Role"), "rules/resourceNames"));
    maps.push(field(kind("ClusterRole"), "rules/resourceNames"));
    let params = r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap";
    maps.push(field(kind("Ingress"), params));
    out.push((v1("ConfigMap"), maps));

    let mut secrets = Vec::new();
    let paths = [
        "volumes/secret/secretName",
        "containers/env/valueFrom/secretKeyRef/name",
        "initContainers/env/valueFrom/secretKeyRef/name",
        "containers/envFrom/secretRef/name",
        "initContainers/envFrom/secretRef/name",
        "imagePullSecrets/name",
        "volumes/projected/sources/secret/name",
    ];
    in_pods(&PODS, &paths, &mut secrets);
    for path in [
        "spec/tls/secretName",
        r"metadata/annotations/ingress.kubernetes.io\/auth-secret",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret",
    ] {
        secrets.push(field(kind("Ingress"), path));
    }
    secrets.push(field(kind("ServiceAccount"), "imagePullSecrets/name"));
    for parameter in ["secretName", "adminSecretName", "userSecretName", "secretRef"] {
        secrets.push(field(kind("StorageClass"), &format!("parameters/{parameter}")));
    }
    secrets.push(field(kind("Role"), "rules/resourceNames"));
    secrets.push(field(kind("ClusterRole"), "rules/resourceNames"));
    let knative = Gvk { version: "v1".into(), ..in_group("serving.knative.dev", "Service") };
    secrets.push(field(knative, "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"));
    secrets.push(field(kind("PersistentVolume"), "spec/azureFile/secretName"));
    out.push((v1("Secret"), secrets));

    out.push((
        v1("Service"),
        vec![
            field(in_group("apps", "StatefulSet"), "spec/serviceName"),
            field(kind("Ingress"), "spec/rules/http/paths/backend/serviceName"),
            field(kind("Ingress"), "spec/backend/serviceName"),
            field(kind("Ingress"), "spec/rules/http/paths/backend/service/name"),
            field(kind("Ingress"), "spec/defaultBackend/service/name"),
            field(in_group("apiregistration.k8s.io", "APIService"), "spec/service/name"),
            field(in_group(ADMISSION, "ValidatingWebhookConfiguration"), "webhooks/clientConfig/service"),
            field(in_group(ADMISSION, "MutatingWebhookConfiguration"), "webhooks/clientConfig/service"),
        ],
    ));
    out.push((in_group(RBAC, "Role"), vec![field(in_group(RBAC, "RoleBinding"), "roleRef/name")]));
    let bindings = [in_group(RBAC, "RoleBinding"), in_group(RBAC, "ClusterRoleBinding")];
    let both = |path: &str| bindings.iter().map(|of| field(of.clone(), path)).collect::<Vec<_>>();
    out.push((in_group(RBAC, "ClusterRole"), both("roleRef/name")));

    let mut accounts = both("subjects");
    let runner = |path: &str| -> Vec<Field> {
        RUNNERS.iter().map(|(host, base)| field(kind(host), &format!("{base}/{path}"))).collect()
    };
    accounts.extend(runner("serviceAccountName"));
    out.push((v1("ServiceAccount"), accounts));
    out.push((v1("PersistentVolumeClaim"), runner("volumes/persistentVolumeClaim/claimName")));
    out.push((
        v1("PersistentVolume"),
        vec![
            field(kind("PersistentVolumeClaim"), "spec/volumeName"),
            field(kind("ClusterRole"), "rules/resourceNames"),
        ],
    ));
    out.push((
        Gvk { group: "storage.k8s.io".into(), ..v1("StorageClass") },
        vec![
            field(kind("PersistentVolume"), "spec/storageClassName"),
            field(kind("PersistentVolumeClaim"), "spec/storageClassName"),
            field(kind("StatefulSet"), "spec/volumeClaimTemplates/spec/storageClassName"),
        ],
    ));
    out.push((Gvk { group: "scheduling.k8s.io".into(), ..v1("PriorityClass") }, runner("priorityClassName")));
    // Built in with a group that nothing has: it never fits, and neither does ours.
    out.push((
        Gvk { group: "networking.k8s.io/v1".into(), ..v1("IngressClass") },
        vec![field(kind("Ingress"), "spec/ingressClassName")],
    ));
    out.push((
        in_group(ADMISSION, "ValidatingAdmissionPolicy"),
        vec![field(in_group(ADMISSION, "ValidatingAdmissionPolicyBinding"), "spec/policyName")],
    ));
    out
}

fn template_labels() -> Vec<Field> {
    let template = "spec/template/metadata/labels";
    vec![
        made(Gvk::default(), "metadata/labels"),
        made(Gvk { version: "v1".into(), ..kind("ReplicationController") }, template),
        made(kind("Deployment"), template),
        made(kind("ReplicaSet"), template),
        made(kind("DaemonSet"), template),
        made(in_group("apps", "StatefulSet"), template),
        made(in_group("apps", "StatefulSet"), "spec/volumeClaimTemplates[]/metadata/labels"),
        made(in_group("batch", "Job"), template),
        made(in_group("batch", "CronJob"), "spec/jobTemplate/metadata/labels"),
        made(in_group("batch", "CronJob"), "spec/jobTemplate/spec/template/metadata/labels"),
    ]
}

fn common_labels() -> Vec<Field> {
    let v1 = |name: &str| Gvk { version: "v1".into(), ..kind(name) };
    let mut out = vec![
        made(v1("Service"), "spec/selector"),
        made(v1("ReplicationController"), "spec/selector"),
        made(kind("Deployment"), "spec/selector/matchLabels"),
        made(kind("ReplicaSet"), "spec/selector/matchLabels"),
        made(kind("DaemonSet"), "spec/selector/matchLabels"),
        made(in_group("apps", "StatefulSet"), "spec/selector/matchLabels"),
    ];
    for name in ["Deployment", "StatefulSet"] {
        let of = in_group("apps", name);
        for affinity in ["podAffinity", "podAntiAffinity"] {
            let base = format!("spec/template/spec/affinity/{affinity}");
            let preferred = "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm";
            let required = "requiredDuringSchedulingIgnoredDuringExecution";
            for term in [preferred, required] {
                out.push(field(of.clone(), &format!("{base}/{term}/labelSelector/matchLabels")));
            }
        }
        let spread = "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels";
        out.push(field(of, spread));
    }
    out.push(field(in_group("batch", "Job"), "spec/selector/matchLabels"));
    out.push(field(in_group("batch", "CronJob"), "spec/jobTemplate/spec/selector/matchLabels"));
    out.push(field(in_group("policy", "PodDisruptionBudget"), "spec/selector/matchLabels"));
    for path in ["spec", "spec/ingress/from", "spec/egress/to"] {
        let of = in_group("networking.k8s.io", "NetworkPolicy");
        out.push(field(of, &format!("{path}/podSelector/matchLabels")));
    }
    out.extend(template_labels());
    out
}

fn annotations() -> Vec<Field> {
    let template = "spec/template/metadata/annotations";
    let mut out = vec![
        made(Gvk::default(), "metadata/annotations"),
        made(Gvk { version: "v1".into(), ..kind("ReplicationController") }, template),
    ];
    out.extend(
        ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"].map(|name| made(kind(name), template)),
    );
    out.push(made(in_group("batch", "Job"), template));
    out.push(made(in_group("batch", "CronJob"), "spec/jobTemplate/metadata/annotations"));
    out.push(made(in_group("batch", "CronJob"), "spec/jobTemplate/spec/template/metadata/annotations"));
    out
}

fn variables() -> Vec<Field> {
    let mut out = Vec::new();
    for (host, base) in PODS.iter().filter(|(host, _)| *host != "PodTemplate") {
        for list in ["containers", "initContainers"] {
            for inner in ["args", "command", "env/value", "volumeMounts/mountPath"] {
                out.push(field(kind(host), &format!("{base}/{list}/{inner}")));
            }
        }
        let volumes = match *host {
            "CronJob" => "spec/jobTemplate/spec/template/volumes/nfs/server".into(),
            "StatefulSet" => "spec/volumeClaimTemplates/spec/nfs/server".into(),
            _ => format!("{base}/volumes/nfs/server"),
        };
        out.push(field(kind(host), &volumes));
    }
    out.push(field(kind("Deployment"), "spec/template/metadata/annotations"));
    out.extend(
        ["spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"].map(|path| field(kind("Ingress"), path)),
    );
    out.extend(["spec/ports/port", "spec/ports/targetPort"].map(|path| field(kind("Service"), path)));
    out.push(field(kind("PersistentVolume"), "spec/nfs/server"));
    out.extend(["metadata/labels", "metadata/annotations"].map(|path| field(Gvk::default(), path)));
    out
}

fn built_in() -> Fields {
    let images = ["containers[]/image", "initContainers[]/image", "volumes[]/image/reference"];
    let webhook = "spec/conversion/webhook/clientConfig/service/namespace";
    Fields {
        prefix: every_name(),
        suffix: every_name(),
        namespace: vec![
            made(kind("Namespace"), "metadata/name"),
            made(in_group("apiregistration.k8s.io", "APIService"), "spec/service/namespace"),
            field(in_group("apiextensions.k8s.io", "CustomResourceDefinition"), webhook),
        ],
        common_labels: common_labels(),
        template_labels: template_labels(),
        labels: Vec::new(),
        annotations: annotations(),
        images: ["spec", "spec/template/spec"]
            .iter()
            .flat_map(|base| images.map(|path| made(Gvk::default(), &format!("{base}/{path}"))))
            .collect(),
        replicas: ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
            .map(|name| made(kind(name), "spec/replicas"))
            .into(),
        variables: variables(),
        names: names(),
    }
}

impl Fields {
    /// Adds the fields of another table that this one does not have.
    pub(super) fn add(self: &mut Arc<Fields>, other: &Arc<Fields>) {
        if Arc::ptr_eq(self, other) || Arc::ptr_eq(other, &BUILT_IN) {
            return;
        }
        let mine = Arc::make_mut(self);
        macro_rules! take { ($($list:ident),*) => { $(absorb(&mut mine.$list, &other.$list);)* }; }
        take!(
            prefix,
            suffix,
            namespace,
            common_labels,
            template_labels,
            labels,
            annotations,
            images,
            replicas,
            variables
        );
        for (target, fields) in &other.names {
            match mine.names.iter_mut().find(|(known, _)| known == target) {
                Some((_, known)) => absorb(known, fields),
                None => mine.names.push((target.clone(), fields.clone())),
            }
        }
    }

    /// Adds what a configuration file says.
    pub(super) fn configure(&mut self, root: &Node) {
        for (key, value) in root.entries() {
            let list = || value.items().iter().map(read).collect::<Vec<Field>>();
            match key.text().unwrap_or_default() {
                "namePrefix" => absorb(&mut self.prefix, &list()),
                "nameSuffix" => absorb(&mut self.suffix, &list()),
                "namespace" => absorb(&mut self.namespace, &list()),
                "commonLabels" => absorb(&mut self.common_labels, &list()),
                "templateLabels" => absorb(&mut self.template_labels, &list()),
                "labels" => absorb(&mut self.labels, &list()),
                "commonAnnotations" => absorb(&mut self.annotations, &list()),
                "images" => absorb(&mut self.images, &list()),
                "replicas" => absorb(&mut self.replicas, &list()),
                "varReference" => absorb(&mut self.variables, &list()),
                "nameReference" => {
                    for entry in value.items() {
                        let fields: Vec<Field> = entry
                            .get("fieldSpecs")
                            .map(Node::items)
                            .unwrap_or_default()
                            .iter()
                            .map(read)
                            .collect();
                        let target = gvk(entry);
                        match self.names.iter_mut().find(|(known, _)| *known == target) {
                            Some((_, known)) => absorb(known, &fields),
                            None => self.names.push((target, fields)),
                        }
                    }
                }
                _ => {}
            }
        }
        let lists = [
            &mut self.prefix,
            &mut self.suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.template_labels,
            &mut self.labels,
            &mut self.annotations,
            &mut self.images,
            &mut self.replicas,
            &mut self.variables,
        ];
        lists.into_iter().for_each(narrow);
    }
}

/// What is configured for some kinds takes the place of what was there for more: the tool sorts its tables and
/// merges them once more.
fn narrow(fields: &mut Vec<Field>) {
    let all = fields.clone();
    fields.retain(|field| {
        let is_narrower =
            |other: &Field| other.path == field.path && other.of != field.of && other.of.fits(&field.of);
        !all.iter().any(is_narrower)
    });
}

/// The name of every object.
fn every_name() -> Vec<Field> {
    vec![field(Gvk::default(), "metadata/name")]
}

/// Group, version and kind as the three keys of a map say.
pub(super) fn gvk(node: &Node) -> Gvk {
    let text = |key: &str| Str::from(node.text_at(key).unwrap_or_default());
    Gvk { group: text("group"), version: text("version"), kind: text("kind") }
}

pub(super) fn read(entry: &Node) -> Field {
    let create = entry.get("create").and_then(Node::scalar).is_some_and(|scalar| scalar.is_true());
    Field { create, ..field(gvk(entry), entry.text_at("path").unwrap_or_default()) }
}

/// Adds fields. One that is there already is not added, nor one that is there for fewer kinds.
pub(super) fn absorb(into: &mut Vec<Field>, from: &[Field]) {
    for field in from {
        match into.iter_mut().find(|known| known.of.fits(&field.of) && known.path == field.path) {
            Some(known) => known.create |= field.create,
            None => into.push(field.clone()),
        }
    }
}

/// What is made at the end of a path that is not there.
#[derive(Clone, Copy)]
pub(super) enum Make<'m> {
    Nothing,
    /// An empty text, for the change to fill.
    Text(&'m Origin),
    Map(&'m Origin),
}

/// Changes the field of an object, or each of them where lists are on the way.
pub(super) fn visit(root: &mut Node, field: &Field, make: Make, change: &mut Change) -> Result<(), String> {
    let make = if field.create { make } else { Make::Nothing };
    if matches!(make, Make::Nothing) && !leads_to(root, &field.keys, &|_| true) {
        return Ok(());
    }
    walk(root, &field.keys, make, change)
}

/// The same for fields that are so, where they are there.
pub(super) fn visit_those(
    root: &mut Node,
    field: &Field,
    are_so: &dyn Fn(&Node) -> bool,
    change: &mut dyn FnMut(&mut Node),
) -> Result<(), String> {
    if !leads_to(root, &field.keys, are_so) {
        return Ok(());
    }
    walk(root, &field.keys, Make::Nothing, &mut |node| {
        if are_so(node) {
            change(node);
        }
        Ok(())
    })
}

/// Whether a path ends at something that is so: otherwise nothing is copied for nothing.
fn leads_to(node: &Node, keys: &[Str], is_so: &dyn Fn(&Node) -> bool) -> bool {
    match &node.value {
        Value::List(items) if !keys.is_empty() => items.iter().any(|item| leads_to(item, keys, is_so)),
        _ => match keys.split_first() {
            None => is_so(node),
            Some((key, rest)) => {
                node.get(key.trim_end_matches("[]")).is_some_and(|inner| leads_to(inner, rest, is_so))
                    // A walk through a text is an error, which the walk tells.
                    || !rest.is_empty() && node.get(key.trim_end_matches("[]")).is_some_and(|inner| inner.text().is_some())
            }
        },
    }
}

fn walk(node: &mut Node, keys: &[Str], make: Make, change: &mut Change) -> Result<(), String> {
    let Some((key, rest)) = keys.split_first() else { return change(node) };
    match &node.value {
        Value::Null | Value::Hole => return Ok(()),
        Value::List(items) => {
            for at in 0..items.len() {
                if let Some(item) = edit::items_mut(node).and_then(|items| items.get_mut(at)) {
                    walk(item, keys, make, change)?;
                }
            }
            return Ok(());
        }
        Value::Scalar(_) => return Err(format!("expected a map or a list before `{key}`")),
        Value::Map(_) => {}
    }
    let name = key.trim_end_matches("[]");
    let is_list = name.len() < key.len();
    let is_missing = node.get(name).is_none_or(Node::is_null);
    if is_missing && !is_list {
        match make {
            Make::Nothing if node.get(name).is_none() => return Ok(()),
            Make::Nothing => {}
            Make::Text(at) if rest.is_empty() => edit::set(node, name, edit::made("", at)),
            Make::Text(at) | Make::Map(at) => edit::set(node, name, edit::empty_map(at)),
        }
    }
    match edit::get_mut(node, name) {
        Some(inner) => walk(inner, rest, make, change),
        None => Ok(()),
    }
}
