//! What one run is to do.

use super::repo::Repo;
use super::shared::Shared;
use super::silences::Proposal;
use crate::config::Config;
use crate::facts::Registry;
use crate::join::Earlier;
use crate::judge::{Baseline, Scope};
use crate::rules::Book;
use crate::text::{Date, Packages, SourceId, Str};
use crate::world::{Capabilities, Hints};

/// What one run is to do.
pub struct Job<'a> {
    pub repo: &'a dyn Repo,
    pub config: &'a Config,
    pub book: &'a Book,
    pub scope: Scope,
    pub baseline: Option<&'a Baseline>,
    /// What the revision had that this one is held against; see [`earlier`](super::earlier).
    pub before: Option<&'a Earlier>,
    /// The day, for allows that expire; nothing means that none does.
    pub today: Option<Date>,
    /// Sources of the configuration and of a repository's own pages, whose spans findings may point into.
    pub extra: Vec<(SourceId, std::sync::Arc<str>)>,
    /// More sources of that kind, which are no files of the repository as it is now: their numbers follow those of the files.
    pub aside: &'a [(String, std::sync::Arc<str>)],
    /// The change that the run is about, if the files before it are known, or must be.
    pub change: Option<Proposal<'a>>,
    /// The addresses that git has for the repository.
    pub remotes: &'a [Str],
    /// Charts at hand that are no files of the repository.
    pub charts: Option<&'a dyn Packages>,
    /// Whoever asks registries what they have of each pinned image.
    pub registry: Option<&'a dyn Registry>,
    /// Whether archives are read for secrets.
    pub archives: bool,
    /// Whether it is asked what each file promises of its encryption.
    pub sealings: bool,
    /// What another run over nearly the same files finds, too.
    pub shared: Option<&'a Shared>,
    /// The process ends after this run: what was built is not taken apart piece by piece.
    pub is_last: bool,
}

impl<'a> Job<'a> {
    /// Everything in a repository, by every rule.
    pub fn new(repo: &'a dyn Repo, config: &'a Config, book: &'a Book) -> Job<'a> {
        let scope = Scope::default();
        Job {
            repo,
            config,
            book,
            scope,
            baseline: None,
            before: None,
            today: None,
            extra: Vec::new(),
            aside: &[],
            change: None,
            remotes: &[],
            charts: None,
            registry: None,
            archives: false,
            sealings: false,
            shared: None,
            is_last: false,
        }
    }

    /// What the owners say of every cluster.
    pub(super) fn capabilities(&self) -> Capabilities {
        let Config { kubernetes_version, api_versions, .. } = self.config;
        let known = Capabilities::default().with(kubernetes_version.as_deref(), []);
        known.and(api_versions.iter().map(Str::as_str))
    }

    /// What is known about the repository before its files are read.
    pub(super) fn hints(&self) -> Hints<'a> {
        let builds = self.shared.map(|shared| &shared.builds);
        Hints { told: &self.config.repo_urls, remotes: self.remotes, builds }
    }
}
