//! Which lists of Kubernetes' own kinds are merged by a key. All that is not in this table is replaced as a whole.

use super::super::object::Gvk;

/// A map of a known kind: those of its fields that lead to a list with keys.
#[derive(Debug)]
pub(super) struct Shape(&'static [(&'static str, Typed)]);

/// What a field holds, as far as merging has to know.
#[derive(Clone, Copy, Debug)]
pub(super) enum Typed {
    Unknown,
    Map(&'static Shape),
    /// A list whose items are told apart by these keys, or by their own text where there are none.
    List(&'static Shape, &'static [&'static str]),
}

impl Typed {
    pub(super) fn field(self, name: &str) -> Typed {
        match self {
            Typed::Map(Shape(fields)) => {
                fields.iter().find(|(known, _)| *known == name).map_or(Typed::Unknown, |(_, typed)| *typed)
            }
            _ => Typed::Unknown,
        }
    }
}

static PLAIN: Shape = Shape(&[]);

static METADATA: Shape =
    Shape(&[("finalizers", Typed::List(&PLAIN, &[])), ("ownerReferences", Typed::List(&PLAIN, &["uid"]))]);

static CONTAINER: Shape = Shape(&[
    ("env", Typed::List(&PLAIN, &["name"])),
    ("ports", Typed::List(&PLAIN, &["containerPort", "protocol"])),
    ("volumeDevices", Typed::List(&PLAIN, &["devicePath"])),
    ("volumeMounts", Typed::List(&PLAIN, &["mountPath"])),
]);

static POD: Shape = Shape(&[
    ("containers", Typed::List(&CONTAINER, &["name"])),
    ("ephemeralContainers", Typed::List(&CONTAINER, &["name"])),
    ("hostAliases", Typed::List(&PLAIN, &["ip"])),
    ("imagePullSecrets", Typed::List(&PLAIN, &["name"])),
    ("initContainers", Typed::List(&CONTAINER, &["name"])),
    ("topologySpreadConstraints", Typed::List(&PLAIN, &["topologyKey", "whenUnsatisfiable"])),
    ("volumes", Typed::List(&PLAIN, &["name"])),
]);

static TEMPLATE: Shape = Shape(&[("metadata", Typed::Map(&METADATA)), ("spec", Typed::Map(&POD))]);

static CONDITIONS: Shape = Shape(&[("conditions", Typed::List(&PLAIN, &["type"]))]);

static RUNNER_SPEC: Shape = Shape(&[("template", Typed::Map(&TEMPLATE))]);
static RUNNER: Shape = Shape(&[
    ("metadata", Typed::Map(&METADATA)),
    ("spec", Typed::Map(&RUNNER_SPEC)),
    ("status", Typed::Map(&CONDITIONS)),
]);

static JOB_TEMPLATE: Shape =
    Shape(&[("metadata", Typed::Map(&METADATA)), ("spec", Typed::Map(&RUNNER_SPEC))]);
static CRON_SPEC: Shape = Shape(&[("jobTemplate", Typed::Map(&JOB_TEMPLATE))]);
static CRON: Shape = Shape(&[("metadata", Typed::Map(&METADATA)), ("spec", Typed::Map(&CRON_SPEC))]);

static POD_STATUS: Shape =
    Shape(&[("conditions", Typed::List(&PLAIN, &["type"])), ("podIPs", Typed::List(&PLAIN, &["ip"]))]);
static POD_OBJECT: Shape = Shape(&[
    ("metadata", Typed::Map(&METADATA)),
    ("spec", Typed::Map(&POD)),
    ("status", Typed::Map(&POD_STATUS)),
]);

static POD_TEMPLATE: Shape =
    Shape(&[("metadata", Typed::Map(&METADATA)), ("template", Typed::Map(&TEMPLATE))]);

static SERVICE_SPEC: Shape = Shape(&[("ports", Typed::List(&PLAIN, &["port", "protocol"]))]);
static SERVICE: Shape = Shape(&[
    ("metadata", Typed::Map(&METADATA)),
    ("spec", Typed::Map(&SERVICE_SPEC)),
    ("status", Typed::Map(&CONDITIONS)),
]);

static ACCOUNT: Shape = Shape(&[
    ("imagePullSecrets", Typed::List(&PLAIN, &["name"])),
    ("metadata", Typed::Map(&METADATA)),
    ("secrets", Typed::List(&PLAIN, &["name"])),
]);

static WEBHOOKS: Shape =
    Shape(&[("metadata", Typed::Map(&METADATA)), ("webhooks", Typed::List(&PLAIN, &["name"]))]);

static NODE_SPEC: Shape = Shape(&[("podCIDRs", Typed::List(&PLAIN, &[]))]);
static NODE_STATUS: Shape =
    Shape(&[("addresses", Typed::List(&PLAIN, &["type"])), ("conditions", Typed::List(&PLAIN, &["type"]))]);
static NODE: Shape = Shape(&[
    ("metadata", Typed::Map(&METADATA)),
    ("spec", Typed::Map(&NODE_SPEC)),
    ("status", Typed::Map(&NODE_STATUS)),
]);

static CSI_SPEC: Shape = Shape(&[("drivers", Typed::List(&PLAIN, &["name"]))]);
static CSI_NODE: Shape = Shape(&[("metadata", Typed::Map(&METADATA)), ("spec", Typed::Map(&CSI_SPEC))]);

static OTHER: Shape = Shape(&[("metadata", Typed::Map(&METADATA)), ("status", Typed::Map(&CONDITIONS))]);

/// The shape of a kind; unknown for all that Kubernetes itself does not define.
pub(super) fn of(gvk: &Gvk) -> Typed {
    let shape = match (gvk.group.as_str(), gvk.version.as_str(), gvk.kind.as_str()) {
        ("", "v1", "Pod") => &POD_OBJECT,
        ("", "v1", "PodTemplate") => &POD_TEMPLATE,
        ("", "v1", "Service") => &SERVICE,
        ("", "v1", "ServiceAccount") => &ACCOUNT,
        ("", "v1", "Node") => &NODE,
        ("", "v1", "ReplicationController")
        | ("apps", "v1", "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet")
        | ("batch", "v1", "Job") => &RUNNER,
        ("batch", "v1" | "v1beta1", "CronJob") => &CRON,
        (
            "admissionregistration.k8s.io",
            "v1" | "v1beta1",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
        ) => &WEBHOOKS,
        ("storage.k8s.io", "v1" | "v1beta1", "CSINode") => &CSI_NODE,
        ("", "v1", "ConfigMap" | "Secret" | "Namespace" | "PersistentVolume" | "PersistentVolumeClaim")
        | ("policy", "v1" | "v1beta1", "PodDisruptionBudget")
        | ("networking.k8s.io", "v1", "Ingress" | "NetworkPolicy")
        | ("rbac.authorization.k8s.io", "v1", _)
        | ("autoscaling", "v1" | "v2beta1" | "v2beta2", "HorizontalPodAutoscaler") => &OTHER,
        _ => return Typed::Unknown,
    };
    Typed::Map(shape)
}
