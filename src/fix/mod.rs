//! Findings to edits: one function per kind of fix, one line per function in [`FIXES`]. `plan` makes one step of many, `pin` finds
//! where digests go, `actions` where commits do, and `charts` which charts are asked for.

#[cfg(feature = "cli")]
mod actions;
#[cfg(feature = "cli")]
mod charts;
#[cfg(feature = "cli")]
mod pin;
#[cfg(feature = "cli")]
mod plan;
#[cfg(feature = "cli")]
mod wish;

#[cfg(feature = "cli")]
pub use charts::{AskedChart, ChartHome, asked_charts};
#[cfg(feature = "cli")]
pub use pin::{digests, pinned, places, pulled, wishes};
#[cfg(feature = "cli")]
pub use plan::{Change, Mend, fixes, place, plan};
#[cfg(feature = "cli")]
pub use wish::{Left, Pulled, Wish};

use crate::finding::{Finding, Fix, Safety};
use crate::text::{Edit, How, Sources};

type Maker = fn(&Finding, &Sources) -> Option<Fix>;

/// Every fix, by the name that pages use.
pub const FIXES: &[(&str, Maker)] = &[("lower-case", lower_case), ("quote", quote), ("retain", retain)];

/// The fix of a finding, if its page names one and the value has a single home.
pub(crate) fn fix(name: Option<&str>, finding: &Finding, sources: &Sources) -> Option<Fix> {
    let (_, mend) = FIXES.iter().find(|(known, _)| Some(*known) == name)?;
    mend(finding, sources)
}

/// A number that should be a text. Where a template writes it, the quotes would have to be in the template.
fn quote(finding: &Finding, sources: &Sources) -> Option<Fix> {
    if finding.origin.road().any(|(how, _)| how == How::Template) {
        return None;
    }
    let span = finding.origin.editable()?;
    let edits = vec![Edit { span, text: format!("\"{}\"", sources.slice(span)) }];
    Some(Fix { title: "quote it".into(), safety: Safety::Safe, edits })
}

/// Hex digits that runtimes only take in lower case.
fn lower_case(finding: &Finding, sources: &Sources) -> Option<Fix> {
    let span = finding.origin.editable()?;
    let text = sources.slice(span);
    let lower = text.to_ascii_lowercase();
    let is_hex = text.len() >= 32 && lower != text && lower.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| Fix {
        title: "write it in lower case".into(),
        safety: Safety::Safe,
        edits: vec![Edit { span, text: lower }],
    })
}

/// A class that keeps volumes whose claims go. Kubernetes lets nobody change that of a class that is there.
fn retain(finding: &Finding, sources: &Sources) -> Option<Fix> {
    let span = finding.origin.editable()?;
    (sources.slice(span) == "Delete").then(|| Fix {
        title: "keep the volumes (a class that the cluster has is replaced for it, not changed)".into(),
        safety: Safety::Unsafe,
        edits: vec![Edit { span, text: "Retain".into() }],
    })
}
