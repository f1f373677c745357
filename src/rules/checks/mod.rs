//! The checks that join facts and so cannot be a page's conditions alone: one line in [`CHECKS`] each.
//! Their words (title, severity, help, prose, examples) are on their page like any other rule's.

mod backups;
mod commands;
mod dockerfile;
mod drift;
mod flux;
mod images;
mod pins;
mod registry;
mod storage;
mod upgrades;
mod volumes;

use super::{Case, Page};
use crate::finding::Finding;

/// A check written by hand: the id of its page, and the function.
pub(super) type Check = (&'static str, fn(&Case, &Page) -> Vec<Finding>);

/// Every check, sorted by id. A test holds that each has a page that says `about: joined` or `registry`, and the reverse.
pub(super) const CHECKS: &[Check] = &[
    ("backup-idle", backups::idle),
    ("backup-target-missing", backups::target_missing),
    ("backup-unserved", backups::unserved),
    ("claim-blocks-rollout", volumes::blocks_rollout),
    ("claim-deleted-with-application", volumes::deleted_with_application),
    ("cnpg-no-backup", backups::cnpg_no_backup),
    ("cnpg-single-instance", storage::cnpg_single_instance),
    ("command-image-unpinned", commands::image_unpinned),
    ("database-claim-shared", volumes::claim_shared),
    ("database-data-not-on-volume", volumes::data_not_on_volume),
    ("database-no-backup", backups::database_no_backup),
    ("database-on-host-path", volumes::on_host_path),
    ("database-on-network-storage", volumes::on_network),
    ("database-on-replicated-storage", storage::database_on_replicated),
    ("database-on-temporary-storage", volumes::on_temporary),
    ("database-single-copy", storage::single_copy),
    ("dockerfile-root-user", dockerfile::root_user),
    ("flux-policy-moves", flux::policy_moves),
    ("flux-setter-drops-digest", flux::drops_digest),
    ("flux-setter-unknown-policy", flux::unknown_policy),
    ("image-bump-inert", pins::bump_inert),
    ("image-digest-drift", drift::check),
    ("image-digest-gone", registry::digest_gone),
    ("image-digest-of-config", registry::of_configuration),
    ("image-digest-single-platform", registry::single_platform),
    ("image-platform-missing", registry::platform_missing),
    ("image-registry", images::registry),
    ("image-tag-gone", registry::tag_gone),
    ("image-tag-inert", pins::inert),
    ("image-tag-moved", registry::tag_moved),
    ("kustomize-image-unmatched", flux::unmatched),
    ("postgres-class-omitted", storage::postgres_class_omitted),
    ("postgres-major-jump", upgrades::major_jump),
    ("postgres-on-longhorn", storage::postgres_on_longhorn),
    ("postgres-on-replicated-storage", storage::postgres_on_replicated),
    ("storage-class-reclaim-delete", storage::reclaim_delete),
    ("storage-class-undefined", storage::class_undefined),
    ("storage-default-twice", storage::default_twice),
];

/// Runs a page: its conditions, or the check that goes by its name.
pub(crate) fn run(case: &Case, page: &Page) -> Vec<Finding> {
    match CHECKS.iter().find(|(id, _)| page.id == *id) {
        Some((_, check)) => check(case, page),
        None => case.ask(page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Book;

    #[test]
    fn checks_and_joined_pages_are_the_same_rules() {
        let (book, _) = Book::built_in();
        let is_check = |page: &&Page| ["joined", "registry"].contains(&page.about.as_str());
        let pages: Vec<&str> = book.pages().iter().filter(is_check).map(|page| page.id.as_str()).collect();
        let checks: Vec<&str> = CHECKS.iter().map(|(id, _)| *id).collect();
        assert_eq!(checks, pages);
    }
}
