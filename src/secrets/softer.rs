//! What makes a credential that people made up milder, wherever in a file it is: why the file is kept, and what its path says
//! of the cluster that gets it.

use super::context::Context;
use super::{assign, comments, issued, writing};
use crate::facts::{Evidence, Fact, Keeping, Secret, SecretKind, Softer};
use crate::text::File;

/// Tells of all credentials of a file what makes them milder; what was told of one before counts first.
pub(super) fn soften(file: &File, context: &Context, facts: &mut [Fact<Secret>]) {
    if facts.is_empty() {
        return;
    }
    let of_file =
        context.keeping.map(Softer::Kept).or_else(|| is_throwaway(file.name).then_some(Softer::Throwaway));
    let is_shown = context.keeping.is_some_and(|keeping| keeping.is_sample() || keeping == Keeping::Docs)
        || writing::is_prose(file);
    let blocks = comments::blocks(file);
    for fact in facts.iter_mut() {
        let at = fact.origin.span().start as usize;
        if fact.says.softer.is_none() && comments::is_in(&blocks, at) {
            fact.says.softer = Some(if is_shown { Softer::Commented } else { Softer::Prose });
        }
        let is_prose = fact.says.softer == Some(Softer::Prose);
        if is_prose && is_shown && assign::begins_comment(file, fact.origin.span().range().start) {
            fact.says.softer = Some(Softer::Commented);
        }
        fact.says.softer = fact.says.softer.or(of_file);
        // Who tries something out fills gaps with whatever is under the fingers.
        let is_filler = fact.says.softer == Some(Softer::Throwaway) && fact.says.evidence == Evidence::Human;
        if is_filler && issued::is_mashed(&fact.says.value.text) {
            (fact.says.kind, fact.says.evidence) = (SecretKind::Doubtful, Evidence::Doubtful);
        }
    }
}

/// Whether a path says that the cluster is made on somebody's own machine, and thrown away: `local-clusters/nas/db.yaml`,
/// `overlays/k3d/db.yaml`.
fn is_throwaway(path: &str) -> bool {
    const TOOLS: [&str; 6] = ["kind", "k3d", "minikube", "devcontainer", ".devcontainer", "k3s-local"];
    const CLUSTERS: [&str; 13] = [
        "cluster",
        "clusters",
        "dev",
        "development",
        "env",
        "environment",
        "environments",
        "kind",
        "k3d",
        "k8s",
        "kubernetes",
        "overlay",
        "overlays",
    ];
    let Some((folders, _)) = path.rsplit_once('/') else { return false };
    let mut before = "";
    folders.split('/').any(|folder| {
        let words = || folder.split(['-', '_']);
        let is_of_cluster = || words().any(|word| CLUSTERS.contains(&word));
        // `local-path-provisioner` and `usr/local` are called so, too.
        let is_local = match folder {
            "local" => CLUSTERS.contains(&before),
            _ => words().any(|word| word == "local") && is_of_cluster(),
        };
        before = folder;
        TOOLS.contains(&folder) || is_local
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_that_a_cluster_is_thrown_away() {
        for (path, expected) in [
            ("local-clusters/nas/db.yaml", true),
            ("clusters/local/db.yaml", true),
            ("overlays/local/db.yaml", true),
            ("hack/kind/db.yaml", true),
            ("envs/k3d/apps/db.yaml", true),
            ("local-dev/db.yaml", true),
            ("local.yaml", false),
            ("apps/local-path-provisioner/db.yaml", false),
            ("usr/local/etc/db.yaml", false),
            ("apps/localai/db.yaml", false),
            ("clusters/dev/db.yaml", false),
            ("clusters/kindred/db.yaml", false),
        ] {
            assert_eq!(is_throwaway(path), expected, "{path}");
        }
    }
}
