//! A repository as a cluster gets it, for who wants to see it: the objects of a build, without a verdict.

use super::{Repo, read};
use crate::text::{SourceId, Sources};
use crate::world::Files;

/// Hands the files of a repository to `work`, read when they are asked for.
pub fn with_files<T>(repo: &dyn Repo, sources: &Sources, work: impl FnOnce(&Files) -> T) -> T {
    let text = |id: SourceId| {
        let text = read::shared_text(repo, id)?;
        sources.get(id).keep(text.clone());
        Some(text)
    };
    work(&Files::new(sources, repo.names().len(), &text))
}
