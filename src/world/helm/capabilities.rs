//! What templates are told of the cluster: the version of Kubernetes, and which APIs there are. The APIs of that
//! version, and what most clusters have besides; never those of one vendor, for charts ask whether they are there.

use crate::syntax::Node;
use crate::template::semver;
use crate::text::Str;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a cluster can do, as templates see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    pub major: u64,
    pub minor: u64,
    /// As templates see it: `v1.34.0`, or without its last number where nobody gives one.
    version: Str,
    /// `apps/v1` and `apps/v1/Deployment`, sorted.
    pub apis: BTreeSet<Str>,
    /// Those of them that somebody says are there.
    more: BTreeSet<Str>,
    /// Who asks for the chart lists them: there are no others.
    is_listed: bool,
    /// Nobody says the version: what is decided by it most likely holds, what is made of it is not known.
    is_assumed: bool,
}

/// The version of Kubernetes where nobody says another one.
const MINOR: u64 = 34;

/// An API, the minor versions of Kubernetes that have it (the first, and the first that no longer has it), and kinds.
type Api = (&'static str, u64, u64, &'static [&'static str]);

const ALWAYS: u64 = u64::MAX;

/// The APIs of Kubernetes that are served unless somebody switches them off.
const BUILT_IN: &[Api] = &[
    (
        "v1",
        0,
        ALWAYS,
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "admissionregistration.k8s.io/v1",
        16,
        ALWAYS,
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
    ),
    (
        "admissionregistration.k8s.io/v1",
        30,
        ALWAYS,
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
    ),
    ("admissionregistration.k8s.io/v1beta1", 9, 22, &[]),
    ("apiextensions.k8s.io/v1", 16, ALWAYS, &["CustomResourceDefinition"]),
    ("apiextensions.k8s.io/v1beta1", 7, 22, &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io/v1", 10, ALWAYS, &["APIService"]),
    ("apps/v1", 9, ALWAYS, &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("authentication.k8s.io/v1", 6, ALWAYS, &["TokenReview"]),
    ("authorization.k8s.io/v1", 6, ALWAYS, &["SubjectAccessReview"]),
    ("autoscaling/v1", 2, ALWAYS, &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2", 23, ALWAYS, &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2beta1", 8, 25, &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2beta2", 12, 26, &["HorizontalPodAutoscaler"]),
    ("batch/v1", 2, ALWAYS, &["Job"]),
    ("batch/v1", 21, ALWAYS, &["CronJob"]),
    ("batch/v1beta1", 8, 25, &["CronJob"]),
    ("certificates.k8s.io/v1", 19, ALWAYS, &["CertificateSigningRequest"]),
    ("certificates.k8s.io/v1beta1", 4, 22, &["CertificateSigningRequest"]),
    ("coordination.k8s.io/v1", 14, ALWAYS, &["Lease"]),
    ("discovery.k8s.io/v1", 21, ALWAYS, &["EndpointSlice"]),
    ("discovery.k8s.io/v1beta1", 17, 25, &["EndpointSlice"]),
    ("events.k8s.io/v1", 19, ALWAYS, &["Event"]),
    ("events.k8s.io/v1beta1", 8, 25, &["Event"]),
    ("extensions/v1beta1", 1, 22, &["Ingress"]),
    ("flowcontrol.apiserver.k8s.io/v1", 29, ALWAYS, &["FlowSchema", "PriorityLevelConfiguration"]),
    ("flowcontrol.apiserver.k8s.io/v1beta1", 20, 26, &[]),
    ("flowcontrol.apiserver.k8s.io/v1beta2", 23, 29, &[]),
    ("flowcontrol.apiserver.k8s.io/v1beta3", 26, 32, &[]),
    ("networking.k8s.io/v1", 7, ALWAYS, &["NetworkPolicy"]),
    ("networking.k8s.io/v1", 19, ALWAYS, &["Ingress", "IngressClass"]),
    ("networking.k8s.io/v1", 33, ALWAYS, &["IPAddress", "ServiceCIDR"]),
    ("networking.k8s.io/v1beta1", 14, 22, &["Ingress", "IngressClass"]),
    ("node.k8s.io/v1", 20, ALWAYS, &["RuntimeClass"]),
    ("node.k8s.io/v1beta1", 14, 25, &["RuntimeClass"]),
    ("policy/v1", 21, ALWAYS, &["PodDisruptionBudget"]),
    ("policy/v1beta1", 4, 25, &["PodDisruptionBudget", "PodSecurityPolicy"]),
    (
        "rbac.authorization.k8s.io/v1",
        8,
        ALWAYS,
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    ),
    (
        "rbac.authorization.k8s.io/v1beta1",
        6,
        22,
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    ),
    (
        "resource.k8s.io/v1",
        34,
        ALWAYS,
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
    ),
    ("scheduling.k8s.io/v1", 14, ALWAYS, &["PriorityClass"]),
    ("scheduling.k8s.io/v1beta1", 11, 22, &["PriorityClass"]),
    ("storage.k8s.io/v1", 6, ALWAYS, &["StorageClass", "VolumeAttachment"]),
    ("storage.k8s.io/v1", 17, ALWAYS, &["CSINode"]),
    ("storage.k8s.io/v1", 18, ALWAYS, &["CSIDriver"]),
    ("storage.k8s.io/v1", 24, ALWAYS, &["CSIStorageCapacity"]),
    ("storage.k8s.io/v1", 34, ALWAYS, &["VolumeAttributesClass"]),
    ("storage.k8s.io/v1beta1", 4, 27, &["CSIStorageCapacity"]),
];

/// What most clusters have besides: monitoring, gateways, certificates.
const COMMON: &[(&str, &[&str])] = &[
    ("acme.cert-manager.io/v1", &["Challenge", "Order"]),
    ("cert-manager.io/v1", &["Certificate", "CertificateRequest", "ClusterIssuer", "Issuer"]),
    ("gateway.networking.k8s.io/v1", &["Gateway", "GatewayClass", "GRPCRoute", "HTTPRoute"]),
    ("gateway.networking.k8s.io/v1alpha2", &["TCPRoute", "TLSRoute", "UDPRoute"]),
    ("gateway.networking.k8s.io/v1beta1", &["Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant"]),
    (
        "monitoring.coreos.com/v1",
        &[
            "Alertmanager",
            "PodMonitor",
            "Probe",
            "Prometheus",
            "PrometheusRule",
            "ServiceMonitor",
            "ThanosRuler",
        ],
    ),
    ("monitoring.coreos.com/v1alpha1", &["AlertmanagerConfig", "PrometheusAgent", "ScrapeConfig"]),
];

impl Default for Capabilities {
    fn default() -> Capabilities {
        static DEFAULT: LazyLock<Capabilities> =
            LazyLock::new(|| Capabilities { is_assumed: true, ..Capabilities::of(1, MINOR, "1.34.0") });
        DEFAULT.clone()
    }
}

impl Capabilities {
    /// What a cluster of this version has; nothing if the text is no version.
    pub fn parse(version: &str) -> Option<Capabilities> {
        let read = semver::Version::parse(version.trim()).ok()?;
        let numbers = version.trim().trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
        Some(Capabilities::of(read.major, read.minor, numbers))
    }

    fn of(major: u64, minor: u64, numbers: &str) -> Capabilities {
        let served = BUILT_IN.iter().filter(|(_, from, until, _)| (*from..*until).contains(&minor));
        let all = served.map(|(api, _, _, kinds)| (*api, *kinds)).chain(COMMON.iter().copied());
        let mut apis = BTreeSet::new();
        for (api, kinds) in all {
            apis.insert(api.into());
            apis.extend(kinds.iter().map(|kind| Str::from(format!("{api}/{kind}"))));
        }
        Capabilities {
            major,
            minor,
            version: format!("v{numbers}").into(),
            apis,
            more: BTreeSet::new(),
            is_listed: false,
            is_assumed: false,
        }
    }

    /// The same cluster with more APIs: `longhorn.io/v1beta2`, or one of its kinds.
    #[must_use]
    pub fn and<'a>(mut self, apis: impl IntoIterator<Item = &'a str>) -> Capabilities {
        for api in apis.into_iter().filter(|api| !api.is_empty() && !self.is_listed) {
            self.apis.insert(api.into());
            self.more.insert(api.into());
        }
        self
    }

    /// What a chart is told whose user says himself what the cluster is. Who lists APIs gets these, and none that were
    /// added before: to helm such a list takes the place of what the cluster says.
    #[must_use]
    pub fn with<'a>(&self, version: Option<&str>, apis: impl IntoIterator<Item = &'a str>) -> Capabilities {
        let own: Vec<&str> = apis.into_iter().filter(|api| !api.is_empty()).collect();
        let version = version.filter(|text| !text.is_empty()).and_then(Capabilities::parse);
        if own.is_empty() && version.is_none() {
            return self.clone();
        }
        let numbers = self.version.trim_start_matches('v');
        let plain = version.unwrap_or_else(|| Capabilities {
            is_assumed: self.is_assumed,
            ..Capabilities::of(self.major, self.minor, numbers)
        });
        match own.is_empty() {
            true => plain.and(self.more.iter().map(Str::as_str)),
            false => Capabilities { is_listed: true, ..plain.and(own) },
        }
    }

    /// Whether nobody says the version.
    pub fn is_assumed(&self) -> bool {
        self.is_assumed
    }

    /// `v1.34.0`
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// The APIs that an object defines: `acme.example/v1` and `acme.example/v1/Web`. Nothing, if it defines none.
pub(in super::super) fn defined(root: &Node) -> Vec<Str> {
    let is_definition = root.text_at("kind") == Some("CustomResourceDefinition")
        && root.text_at("apiVersion").is_some_and(|api| api.starts_with("apiextensions.k8s.io/"));
    let text = |path: &[&str]| root.at(path).and_then(Node::text).filter(|text| !text.is_empty());
    let named =
        is_definition.then(|| text(&["spec", "group"]).zip(text(&["spec", "names", "kind"]))).flatten();
    let Some((group, kind)) = named else { return Vec::new() };
    let versions = root.at(&["spec", "versions"]).map(Node::items).unwrap_or_default();
    let served = versions.iter().filter(|version| version.text_at("served") != Some("false"));
    let names = served.filter_map(|version| version.text_at("name")).chain(text(&["spec", "version"]));
    let names: BTreeSet<&str> = names.collect();
    names
        .into_iter()
        .flat_map(|name| [format!("{group}/{name}"), format!("{group}/{name}/{kind}")])
        .map(Str::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_its_apis() {
        for (version, api, has) in [
            ("1.34", "policy/v1", true),
            ("1.34", "policy/v1beta1", false),
            ("v1.24.3", "policy/v1beta1/PodSecurityPolicy", true),
            ("1.25", "batch/v1/CronJob", true),
            ("1.20", "batch/v1/CronJob", false),
            ("1.34", "monitoring.coreos.com/v1/ServiceMonitor", true),
            ("1.34", "security.openshift.io/v1", false),
            ("1.34", "networking.k8s.io/v1/Ingress", true),
            ("1.21", "extensions/v1beta1", true),
            ("1.22", "extensions/v1beta1", false),
        ] {
            let capabilities = Capabilities::parse(version).expect("a version");
            assert_eq!(capabilities.apis.contains(api), has, "{version} {api}");
        }
        assert_eq!(
            Capabilities::parse("v1.31.2-eks").map(|own| own.version().to_owned()).as_deref(),
            Some("v1.31.2")
        );
        assert_eq!(Capabilities::parse("1.30").map(|own| own.version().to_owned()).as_deref(), Some("v1.30"));
        assert_eq!(Capabilities::parse("new"), None);
        assert_eq!(Capabilities::default().version(), "v1.34.0");
    }

    /// A cluster by its version and the APIs that were added, what a chart's user says, and what comes of it.
    #[test]
    fn who_says_what_the_cluster_is_wins() {
        let all = ["a.example/v1", "b.example/v1", "policy/v1beta1"];
        for (version, added, said, apis, expected) in [
            ("1.34", "a.example/v1", "", "", "v1.34 a.example/v1"),
            ("1.34", "a.example/v1", "1.24.1", "", "v1.24.1 a.example/v1 policy/v1beta1"),
            ("1.24", "a.example/v1", "", "b.example/v1", "v1.24 b.example/v1 policy/v1beta1"),
            ("1.24", "a.example/v1", "1.34.0", "b.example/v1", "v1.34.0 b.example/v1"),
            ("1.34", "", "no version", "", "v1.34"),
        ] {
            let cluster = Capabilities::parse(version).expect("a version").and([added]);
            let told = cluster.with(Some(said), [apis]);
            let has = all.iter().filter(|api| told.apis.contains(**api)).map(|api| format!(" {api}"));
            assert_eq!(format!("{}{}", told.version(), has.collect::<String>()), expected, "{said} {apis}");
            // A list is whole: what the chart brings itself is not in it.
            assert_eq!(told.and(["own/v1"]).apis.contains("own/v1"), apis.is_empty(), "{said} {apis}");
        }
    }

    #[test]
    fn definitions_are_apis() {
        let head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n";
        for (text, expected) in [
            (
                "spec: {group: a.example, names: {kind: Web}, versions: [{name: v1, served: true}, {name: v0, served: false}]}",
                "a.example/v1 a.example/v1/Web",
            ),
            (
                "spec: {group: a.example, names: {kind: Web}, version: v1beta1, versions: [{name: v1beta1}]}",
                "a.example/v1beta1 a.example/v1beta1/Web",
            ),
            ("spec: {names: {kind: Web}, versions: [{name: v1}]}", ""),
            ("spec: {group: a.example, names: {kind: Web}}", ""),
        ] {
            let root = |text: &str| {
                crate::syntax::yaml::read(crate::text::SourceId(0), text).documents[0].root.clone()
            };
            assert_eq!(defined(&root(&format!("{head}{text}"))).join(" "), expected, "{text}");
            let other = format!("apiVersion: a.example/v1\nkind: CustomResourceDefinition\n{text}");
            assert_eq!(defined(&root(&other)).len(), 0);
        }
    }
}
