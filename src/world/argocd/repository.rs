//! Whether an address is this repository's: told from outside, or guessed from what its Applications deliver.

use super::super::files::Files;
use std::collections::BTreeSet;

/// What is known about a repository before its files are read.
#[derive(Clone, Copy, Default, Debug)]
pub struct Hints<'h> {
    /// The address that others have for this repository.
    pub repo_url: Option<&'h str>,
}

/// The address of this repository, as far as it is known.
#[derive(Debug)]
pub(super) struct Repository {
    own: Option<String>,
}

/// Where a path of a source leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Here,
    /// Into this repository, which has no such folder.
    Missing,
    Elsewhere,
}

impl Repository {
    /// Takes the address that is told; else the only one of which paths are folders here.
    pub(super) fn new<'s>(
        files: &Files,
        hints: &Hints,
        sources: impl Iterator<Item = (&'s str, &'s str)>,
    ) -> Repository {
        if let Some(url) = hints.repo_url {
            return Repository { own: Some(normal(url)) };
        }
        let here = |path: &str| !path.is_empty() && files.is_folder(path);
        let urls: BTreeSet<String> =
            sources.filter(|(_, path)| here(path)).map(|(url, _)| normal(url)).collect();
        let mut urls = urls.into_iter();
        Repository { own: urls.next().filter(|_| urls.next().is_none()) }
    }

    /// Whether an address is this repository's; nothing if nobody knows.
    pub(super) fn is_own(&self, url: &str) -> Option<bool> {
        self.own.as_ref().map(|own| *own == normal(url))
    }

    /// Where a path of an address leads; the path is one of the repository.
    pub(super) fn place(&self, files: &Files, url: &str, path: &str) -> Place {
        match (self.is_own(url), files.is_folder(path)) {
            (Some(true), true) => Place::Here,
            (Some(true), false) => Place::Missing,
            // Every repository has a root.
            (None, true) if !path.is_empty() => Place::Here,
            _ => Place::Elsewhere,
        }
    }
}

/// An address without what does not matter: scheme, user, port, `.git`, case of the host.
fn normal(url: &str) -> String {
    let url = url.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = match rest.find(['/', ':']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_lowercase();
    let path = path.trim_start_matches(':');
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let path = match path.split_once('/') {
        Some((port, rest)) if is_port(port) && url.contains("://") => rest,
        _ => path,
    };
    let path = path.trim_matches('/');
    format!("{host}/{}", path.strip_suffix(".git").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_repository_are_equal() {
        for url in [
            "https://github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "https://GitHub.com/acme/fleet/",
            "http://token@github.com/acme/fleet.git",
            "git@github.com:acme/fleet.git",
            "ssh://git@github.com/acme/fleet",
            "ssh://git@github.com:22/acme/fleet.git",
            "github.com/acme/fleet",
        ] {
            assert_eq!(normal(url), "github.com/acme/fleet", "{url}");
        }
        for url in ["https://github.com/Acme/fleet", "https://gitlab.com/acme/fleet"] {
            assert_ne!(normal(url), "github.com/acme/fleet", "{url}");
        }
    }
}
