//! What is under a volume, and where the values of variables come from.

use crate::text::{Origin, Part, Str};

/// What a volume is made of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Backing {
    /// The volume names a claim, or is one.
    #[default]
    Claim,
    /// A folder of the host.
    Host(Part),
    /// A folder that comes and goes with the pod.
    Empty(Origin),
    /// The same in memory.
    Memory(Origin),
    /// Files that another machine serves: `NFS`, `CIFS`; and which, where that is written: `nas:/export`.
    Network {
        how: &'static str,
        at: Option<Str>,
        origin: Origin,
    },
    /// What a driver makes of it, or an old kind of volume does: `ebs.csi.aws.com`, `rbd`.
    Driver(Part),
    /// Files that somebody else writes, as a ConfigMap: no data is kept there.
    Files,
    Unknown,
}

impl Backing {
    /// Whether data that is written there is still there tomorrow.
    pub fn keeps(&self) -> bool {
        matches!(self, Backing::Claim | Backing::Host(_) | Backing::Network { .. })
    }
}

/// The protocol by which a driver, a provisioner or a class serves files over the network, told by a word of its name.
pub fn network_protocol(name: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 9] = [
        ("nfs", "NFS"),
        ("nfs4", "NFS"),
        ("cifs", "CIFS"),
        ("smb", "CIFS"),
        ("smb3", "CIFS"),
        ("azurefile", "CIFS"),
        ("glusterfs", "GlusterFS"),
        ("sshfs", "SSHFS"),
        ("efs", "NFS"),
    ];
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|sign: char| !sign.is_ascii_alphanumeric());
    words.find_map(|word| WORDS.iter().find(|(known, _)| *known == word).map(|(_, how)| *how))
}

/// A PersistentVolume that somebody wrote by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaticVolume {
    pub name: Str,
    /// Namespace and name of the only claim that may have it.
    pub claim: Option<(Str, Str)>,
    pub backing: Backing,
    /// The CSI driver that serves it.
    pub driver: Option<Part>,
    /// Claims of the same class may have it; none is the empty class.
    pub class: Option<Part>,
    pub size: Option<Part>,
    pub modes: Vec<Str>,
    /// The option by which its mount waits for the server and never gives up: `hard`.
    pub hard: Option<Part>,
}

/// Whether a path of a host belongs to its system: sockets, devices, logs, what the node itself runs on. No
/// application keeps its data there.
pub fn is_of_system(path: &str) -> bool {
    const FOLDERS: [&str; 19] = [
        "/proc",
        "/sys",
        "/dev",
        "/run",
        "/var/run",
        "/var/log",
        "/etc",
        "/boot",
        "/lib",
        "/lib64",
        "/usr",
        "/bin",
        "/sbin",
        "/opt/cni",
        "/var/lib/cni",
        "/var/lib/kubelet",
        "/var/lib/containerd",
        "/var/lib/docker",
        "/var/lib/rancher/k3s/agent",
    ];
    let path = path.trim_end_matches('/');
    let is_below = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| matches!(rest.chars().next(), None | Some('/')))
    };
    matches!(path, "" | "/var" | "/var/lib") || path.ends_with(".sock") || FOLDERS.into_iter().any(is_below)
}

/// Where the value of a variable comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Setting {
    Value(Part),
    /// An entry of a ConfigMap.
    Entry {
        map: Part,
        key: Str,
    },
    Unknown,
}

impl Setting {
    /// The value, if it is written here and is all that will be there.
    pub fn value(&self) -> Option<&Part> {
        // Behind this sign is another variable.
        let is_whole = |part: &&Part| part.is_known() && !part.text.contains('$');
        self.written().filter(is_whole)
    }

    /// The value as it is written, whatever is still to be put into it.
    pub fn written(&self) -> Option<&Part> {
        match self {
            Setting::Value(part) => Some(part),
            _ => None,
        }
    }
}

/// A ConfigMap with entries that name data directories.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Environment {
    pub namespace: Str,
    pub name: Str,
    pub entries: Vec<(Str, Part)>,
}

/// How the pods of a workload come and go.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Placing {
    /// A new pod starts before the old one ends: what says so, or the map that says nothing else.
    pub rolls: Option<Origin>,
    /// Its pods run on chosen nodes only.
    pub pinned: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_words_of_a_name() {
        for (name, expected) in [
            ("nfs.csi.k8s.io", Some("NFS")),
            ("nfs-client", Some("NFS")),
            ("smb.csi.k8s.io", Some("CIFS")),
            ("efs.csi.aws.com", Some("NFS")),
            ("file.csi.azure.com", None),
            ("cephfs", None),
            ("confs", None),
            ("driver.longhorn.io", None),
        ] {
            assert_eq!(network_protocol(name), expected, "{name}");
        }
    }

    #[test]
    fn folders_of_the_system_are_told_by_their_steps() {
        for (path, expected) in [
            ("/", true),
            ("/proc/", true),
            ("/var/log/pods", true),
            ("/var/lib/", true),
            ("/var/lib/db", false),
            ("/srv/app.sock", true),
            ("/etc", true),
            ("/etcd", false),
            ("/var/lib/docker-data", false),
            ("/var/lib/kubelet/pods", true),
            ("./run", false),
            ("/mnt/dev", false),
        ] {
            assert_eq!(is_of_system(path), expected, "{path}");
        }
    }
}
