//! Checks of single images that look further than their pin: where they come from.

use super::super::{Case, Page};
use crate::facts::Pin;
use crate::finding::{Finding, Severity};
use crate::text::Part;

/// An image from somewhere that the configuration does not list.
pub(super) fn registry(case: &Case, page: &Page) -> Vec<Finding> {
    let allowed = &case.config.allowed_images;
    if allowed.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (fact, pin) in case.joined.images(case.facts) {
        let image = &fact.says;
        let Some(repository) = &image.repository else { continue };
        let known = repository.is_known() && image.registry.as_ref().is_none_or(Part::is_known);
        // Which registry a chart puts before a name nobody here knows.
        if !known || image.short || pin == Pin::Open && image.role != crate::facts::Role::ChartDecides {
            continue;
        }
        let name = image.canonical();
        if !allowed.iter().any(|glob| glob.is_match(&name)) {
            let place = image.registry.as_ref().unwrap_or(repository);
            let severity = if page.severity == Severity::Off { Severity::Warning } else { page.severity };
            let finding = case.finding(
                page,
                fact,
                place.origin.clone(),
                format!("`{name}` is not among the images that `images.allowed` lists"),
            );
            out.push(Finding { severity, ..finding });
        }
    }
    out
}
