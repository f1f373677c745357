//! Images that commands pull. They are judged here alone: a script declares nothing that bots could keep up to date.

use super::super::{Case, Page};
use crate::facts::{Fact, Image, Pin};
use crate::finding::{Finding, Severity};

/// What runs in a workflow runs with its tokens.
const WORKFLOWS: &str = "actions";

/// An image of a command that no digest pins.
pub(super) fn image_unpinned(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for (fact, pin) in case.joined.commands(case.facts) {
        let image = &fact.says;
        let Some(says) = says(fact, pin) else { continue };
        let place = image.tag.as_ref().or(image.repository.as_ref());
        let place = place.map_or(&fact.origin, |part| &part.origin);
        let finding = case.finding(page, fact, place.clone(), says);
        out.push(Finding { severity: severity(page, fact, pin), ..finding });
    }
    out
}

fn says(fact: &Fact<Image>, pin: Pin) -> Option<String> {
    let text = &fact.says.text;
    // What a script does with its variables nobody knows: commands have two words, a name has one.
    let who = match fact.path.contains(' ') {
        true => "the command pulls".to_owned(),
        false => format!("`{}` names", fact.path),
    };
    Some(match pin {
        Pin::Pinned | Pin::DigestOnly | Pin::Open | Pin::Unknown | Pin::Placeholder => return None,
        Pin::Untagged => format!("{who} `{text}` without a tag, which means `latest`"),
        Pin::Latest => format!("{who} `{text}`, which may be another image tomorrow"),
        Pin::PlaceholderDigest => format!("{who} `{text}`: nobody computed its digest"),
        Pin::Malformed => {
            let fault = fact.says.fault.as_ref().map_or("is no image", |fault| fault.says);
            format!("{who} `{text}`, which {fault}")
        }
        _ => format!("{who} `{text}` without a digest: {}", pin.holds()),
    })
}

/// A note; in a workflow a warning, unless the tag is unique by agreement.
fn severity(page: &Page, fact: &Fact<Image>, pin: Pin) -> Severity {
    let in_workflow = fact.owner.format == WORKFLOWS && pin != Pin::Build;
    if in_workflow && page.severity == Severity::Note { Severity::Warning } else { page.severity }
}
