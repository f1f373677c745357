//! The images that run after a change and did not before: one reference a line.

use super::compared::Compared;
use crate::emit::inventory::Look;
use crate::redact::clean;
use std::collections::BTreeSet;

pub(super) fn emit(compared: &Compared, _: &Look) -> String {
    let all: BTreeSet<&str> =
        compared.delta.changes.iter().filter_map(|change| change.reference.as_deref()).collect();
    all.into_iter().map(|reference| format!("{}\n", clean(reference))).collect()
}
