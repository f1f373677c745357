//! Flux image automation: markers and the policies they name; kustomizations whose overrides reach nothing.

use super::super::{Case, Page};
use crate::facts::{Beyond, Fact, Setter, TagPolicy};
use crate::finding::Finding;
use crate::text::Part;

/// The policy of a marker. A namespace that a kustomization sets later is empty in the manifest and fits any.
fn policy<'a>(case: &Case<'a>, setter: &Setter) -> Option<&'a Fact<TagPolicy>> {
    let named = case.facts.tag_policies.iter().filter(|policy| policy.says.name.text == setter.policy);
    named
        .max_by_key(|policy| policy.says.namespace == setter.namespace)
        .filter(|policy| policy.says.namespace.is_empty() || policy.says.namespace == setter.namespace)
}

/// The automation would write the tag back without the digest.
pub(super) fn drops_digest(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for fact in &case.facts.setters {
        let setter = &fact.says;
        let Some(at) =
            setter.value.text.find("@sha256:").filter(|_| matches!(setter.field.as_str(), "" | "tag"))
        else {
            continue;
        };
        let Some(policy) = policy(case, setter) else { continue };
        if policy.says.reflects_digest.as_ref().is_some_and(|part| part.text != "Never") {
            continue;
        }
        let digest: Part = setter.value.slice(at + 1..setter.value.text.len());
        let says = format!(
            "the automation will write this value back without its digest: the policy `{}` does not reflect digests",
            setter.policy
        );
        let mut finding = case.finding(page, fact, digest.origin, says);
        finding.also.push((policy.says.name.span(), "set `digestReflectionPolicy` on this policy".into()));
        out.push(finding);
    }
    out
}

/// The marker names a policy that the repository does not have.
pub(super) fn unknown_policy(case: &Case, page: &Page) -> Vec<Finding> {
    let lost = case.facts.setters.iter().filter(|fact| policy(case, &fact.says).is_none());
    let lost = lost.filter(|fact| fact.says.comment.is_known());
    lost.map(|fact| {
        let says = format!(
            "no ImagePolicy `{}` is in this repository: unless another one has it, nothing updates the value",
            fact.says.policy
        );
        case.finding(page, fact, fact.says.comment.origin.clone(), says)
    })
    .collect()
}

/// The policy selects tags that are made to move.
pub(super) fn policy_moves(case: &Case, page: &Page) -> Vec<Finding> {
    let loose = case
        .facts
        .tag_policies
        .iter()
        .filter(|fact| fact.says.order != "semver" && fact.says.pattern.is_none());
    loose
        .map(|fact| {
            let how = if fact.says.order.is_empty() {
                "names no order"
            } else {
                "takes the last tag of all, whatever it is called"
            };
            case.finding(
                page,
                fact,
                fact.origin.clone(),
                format!("the policy `{}` {how}: `latest` or `main` may win", fact.says.name.text),
            )
        })
        .collect()
}

/// An entry of `images:` that matches no image of any build.
pub(super) fn unmatched(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for overlay in &case.facts.overlays {
        for entry in overlay.says.images.iter().filter(|entry| entry.idle) {
            let says = format!(
                "no image that kustomize looks at here is called `{}`: this entry is ignored without a word",
                entry.name.text
            );
            let finding = case.finding(page, overlay, entry.name.origin.clone(), says);
            let help = entry.beyond.map(|beyond| match beyond {
                Beyond::Field => UNTAUGHT.to_owned(),
                Beyond::Text => WITHIN.to_owned(),
            });
            out.push(Finding { path: format!("images[{}]", entry.name.text), help, ..finding });
        }
    }
    out
}

/// What to do about an image in a field that kustomize does not look at.
const UNTAUGHT: &str = "kustomize does not look at the field that names this image: teach it the field with `images:` in a file that `configurations:` lists, or set the image where it is named";

/// What to do about an image that is named within a text.
const WITHIN: &str = "the image is named within a text (of a ConfigMap, of an annotation, in an argument), and kustomize does not look there: only a patch or a replacement reaches it";
