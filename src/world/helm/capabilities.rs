//! What templates are told of the cluster: the version of Kubernetes, and which APIs there are. The APIs of that
//! version, and what most clusters have besides; never those of one vendor, for charts ask whether they are there.

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
        static DEFAULT: LazyLock<Capabilities> = LazyLock::new(|| Capabilities::of(1, MINOR, "1.34.0"));
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
        Capabilities { major, minor, version: format!("v{numbers}").into(), apis }
    }

    /// Adds an API that the cluster has: `longhorn.io/v1beta2`, or one of its kinds.
    pub fn add(&mut self, api: &str) {
        self.apis.insert(api.into());
    }

    /// `v1.34.0`
    pub fn version(&self) -> &str {
        &self.version
    }
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
}
