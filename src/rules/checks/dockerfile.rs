//! What a Dockerfile gives: who it runs as.

use super::super::{Case, Page};
use crate::finding::Finding;

/// What a build gives runs as root.
pub(super) fn root_user(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for fact in case.facts.stages.iter().filter(|fact| fact.says.given) {
        let stage = &fact.says;
        let (place, says) = match (&stage.user, &stage.base) {
            (Some(user), _) => {
                let name = user.text.split(':').next().unwrap_or("");
                if !matches!(name, "root" | "0") {
                    continue;
                }
                (user, format!("the image runs as `{}`", user.text))
            }
            (None, Some(base)) => {
                let bottom = stage.bottom.as_ref().unwrap_or(base);
                // These bases are built to run as somebody else, or hold nothing that could run as root.
                const QUIET: [&str; 5] = ["nonroot", "scratch", "chainguard", "rootless", "bitnami"];
                if !bottom.is_known() || QUIET.iter().any(|word| bottom.text.contains(word)) {
                    continue;
                }
                (
                    base,
                    format!(
                        "nothing says who the image runs as, so it is whoever `{}` runs as: for most images root",
                        bottom.text
                    ),
                )
            }
            _ => continue,
        };
        out.push(case.finding(page, fact, place.origin.clone(), says));
    }
    out
}
