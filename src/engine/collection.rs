//! Whether a whole repository is made of samples, as the README at its root says. What is told so are secrets: they are
//! those of whoever copies the samples.

use super::job::Job;
use super::repo::Repo;
use crate::facts::Keeping;
use crate::judge::Trust;
use crate::rules::Book;
use crate::text::SourceId;

/// The READMEs that are read, in small letters; the first that there is tells.
const READMES: [&str; 5] = ["readme.md", "readme.markdown", "readme.rst", "readme.adoc", "readme"];

/// What the files of a repository are kept for whose places do not tell it; of an untrusted change, as its base says.
pub(crate) fn collection(job: &Job) -> Option<Keeping> {
    match &job.change {
        Some(change) if change.trust == Trust::Untrusted => is_collection(change.before?, job.book),
        _ => is_collection(job.repo, job.book),
    }
    .then_some(Keeping::Collection)
}

fn is_collection(repo: &dyn Repo, book: &Book) -> bool {
    let names = repo.names();
    let find = |readme: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(readme));
    let Some(at) = READMES.iter().find_map(find) else { return false };
    let mut bytes = Vec::new();
    if repo.read(SourceId(at as u32), &mut bytes).is_err()
        || !book.calls_itself_samples(&String::from_utf8_lossy(&bytes))
    {
        return false;
    }
    // Whoever runs a copy of samples has left their README as it was.
    !names.iter().any(|name| book.places().is_run(name.rsplit('/').next().unwrap_or(name)))
}
