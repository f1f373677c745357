//! Which kinds stand in no namespace, beyond those that every cluster has: Argo CD asks the cluster, we ask the
//! definitions in the repository, and know those of what is mostly installed from elsewhere.

use super::super::files::Files;
use crate::syntax::Node;
use crate::text::Str;
use std::collections::BTreeSet;

/// Kinds of custom resources without a namespace, by group.
const KNOWN: [(&str, &[&str]); 18] = [
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
    ),
    ("cert-manager.io", &["ClusterIssuer"]),
    (
        "cilium.io",
        &[
            "CiliumBGPAdvertisement",
            "CiliumBGPClusterConfig",
            "CiliumBGPPeerConfig",
            "CiliumBGPPeeringPolicy",
            "CiliumClusterwideNetworkPolicy",
            "CiliumL2AnnouncementPolicy",
            "CiliumLoadBalancerIPPool",
        ],
    ),
    ("crd.projectcalico.org", &["GlobalNetworkPolicy", "IPPool"]),
    ("deviceplugin.intel.com", &["GpuDevicePlugin"]),
    ("external-secrets.io", &["ClusterExternalSecret", "ClusterSecretStore"]),
    ("gateway.networking.k8s.io", &["GatewayClass"]),
    ("karpenter.sh", &["NodeClaim", "NodePool"]),
    ("keda.sh", &["ClusterTriggerAuthentication"]),
    ("kyverno.io", &["ClusterCleanupPolicy", "ClusterPolicy"]),
    ("nfd.k8s-sigs.io", &["NodeFeatureRule"]),
    ("nvidia.com", &["ClusterPolicy"]),
    ("operator.tigera.io", &["APIServer", "Installation"]),
    ("policies.kyverno.io", &["MutatingPolicy", "ValidatingPolicy"]),
    ("postgresql.cnpg.io", &["ClusterImageCatalog"]),
    ("resource.k8s.io", &["DeviceClass"]),
    ("snapshot.storage.k8s.io", &["VolumeSnapshotClass", "VolumeSnapshotContent"]),
    ("trust.cert-manager.io", &["Bundle"]),
];

/// Group and kind of every custom resource without a namespace that is known, or that a file defines.
pub(super) fn cluster_wide(files: &Files) -> BTreeSet<(Str, Str)> {
    let known =
        KNOWN.iter().flat_map(|(group, kinds)| kinds.iter().map(|kind| ((*group).into(), (*kind).into())));
    let mut out: BTreeSet<(Str, Str)> = known.collect();
    for id in files.saying(&["CustomResourceDefinition"], |text| text.contains("scope: Cluster")) {
        for document in files.yaml(id).iter().flat_map(|yaml| &yaml.documents) {
            let root = &document.root;
            let text = |path: &[&str]| root.at(path).and_then(Node::text);
            let is_wide = root.text_at("kind") == Some("CustomResourceDefinition")
                && text(&["spec", "scope"]) == Some("Cluster");
            if let (true, Some(group), Some(kind)) =
                (is_wide, text(&["spec", "group"]), text(&["spec", "names", "kind"]))
            {
                out.insert((group.into(), kind.into()));
            }
        }
    }
    out
}
