//! Which objects meet: those of one cluster.

use crate::facts::Resource;

/// Whether two objects end up in one cluster, as far as the repository tells.
pub fn share_a_cluster(a: &Resource, b: &Resource) -> bool {
    match (&a.scene, &b.scene) {
        (Some(a), Some(b)) => a.cluster == b.cluster,
        _ => true,
    }
}
