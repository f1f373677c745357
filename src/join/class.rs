//! What a storage class is, told by its provisioner, its name or the configuration.

use crate::config::Config;

/// What is known of a class: does it replicate by itself, or does it keep data on one node?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Longhorn,
    Replicated,
    Local,
    Unknown,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Standing::Longhorn => "longhorn",
            Standing::Replicated => "replicated",
            Standing::Local => "local",
            Standing::Unknown => "unknown",
        }
    }
}

/// What provisioners (or classes, where only those are known) that keep data on one node have in their names.
const LOCAL: [&str; 12] = [
    "csi.local",
    "local-path",
    "local.csi",
    "hostpath",
    "no-provisioner",
    "topolvm",
    "lvm",
    "zfs",
    "local-ssd",
    "local-storage",
    "openebs.io/local",
    "directpv",
];

/// The same, of those that replicate.
const REPLICATED: [&str; 9] =
    ["rbd.csi.ceph", "cephfs", "ceph-", "mayastor", "portworx", "linstor", "drbd", "rook", "pxd.portworx"];

/// Judges a class by its provisioner where that is known, else by its name.
pub(crate) fn standing(class: &str, provisioner: Option<&str>, config: &Config) -> Standing {
    let listed = |globs: &[globset::GlobMatcher]| {
        globs.iter().any(|glob| glob.is_match(class) || provisioner.is_some_and(|name| glob.is_match(name)))
    };
    if listed(&config.storage.local) {
        return Standing::Local;
    }
    if listed(&config.storage.replicated) {
        return if class.contains("longhorn") || provisioner.is_some_and(|name| name.contains("longhorn")) {
            Standing::Longhorn
        } else {
            Standing::Replicated
        };
    }
    let name = provisioner.unwrap_or(class).to_ascii_lowercase();
    let is_local = name == "local" || name.starts_with("local-");
    if name.contains("longhorn") {
        Standing::Longhorn
    } else if is_local || LOCAL.iter().any(|word| name.contains(word)) {
        Standing::Local
    } else if REPLICATED.iter().any(|word| name.contains(word)) {
        Standing::Replicated
    } else {
        Standing::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provisioner_decides_before_the_name() {
        let config = Config::default();
        for (class, provisioner, expected) in [
            ("longhorn", None, Standing::Longhorn),
            ("fast", Some("driver.longhorn.io"), Standing::Longhorn),
            ("longhorn-like", Some("rancher.io/local-path"), Standing::Local),
            ("local-ssd", None, Standing::Local),
            ("local-hostpath", None, Standing::Local),
            ("ceph-block", None, Standing::Replicated),
            ("block", Some("rook-ceph.rbd.csi.ceph.com"), Standing::Replicated),
            ("local-xfs", None, Standing::Local),
            ("local", None, Standing::Local),
            ("standard", None, Standing::Unknown),
            ("nfs-csi", Some("nfs.csi.k8s.io"), Standing::Unknown),
        ] {
            assert_eq!(standing(class, provisioner, &config), expected, "{class} {provisioner:?}");
        }
    }
}
