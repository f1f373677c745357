//! Whether an address is this repository's: told by its owners, known to git, or guessed from what is delivered.

use super::files::Files;
use super::shared_builds::SharedBuilds;
use crate::text::Str;
use std::collections::BTreeSet;

/// What is known about a repository before its files are read.
#[derive(Clone, Copy, Default, Debug)]
pub struct Hints<'h> {
    /// The addresses that its owners say it has. If there are some, it has no others.
    pub told: &'h [Str],
    /// The addresses that git has for it: it may be a fork, or a copy with a second home.
    pub remotes: &'h [Str],
    /// What another look at nearly the same files builds, too.
    pub builds: Option<&'h SharedBuilds>,
}

/// The addresses of this repository, as far as they are known.
#[derive(Default, Debug)]
pub(super) struct Repository {
    own: BTreeSet<String>,
    /// Whether every other address is another repository's.
    whole: bool,
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
    /// Takes the addresses that are told; else the remotes, if something comes from one of them; else the only
    /// address of which paths are folders here.
    ///
    /// A fork on a laptop and the original in CI have different remotes and must come to the same: the remote of the
    /// fork, which no source names, is no reason to see every source as another repository's, so that the
    /// guess decides there, and it finds what the original's remote says. Where several addresses could be meant,
    /// the one that is called like a remote is: a fork keeps its name. What is left, `repo-url` settles.
    pub(super) fn new<'s>(
        files: &Files,
        hints: &Hints,
        sources: impl Iterator<Item = (&'s str, &'s str)>,
    ) -> Repository {
        let normal_all = |urls: &[Str]| urls.iter().map(|url| normal(url)).collect::<BTreeSet<String>>();
        if !hints.told.is_empty() {
            return Repository { own: normal_all(hints.told), whole: true };
        }
        let remotes = normal_all(hints.remotes);
        let (mut named, mut here) = (BTreeSet::new(), BTreeSet::new());
        for (url, path) in sources {
            let url = normal(url);
            if !path.is_empty() && files.is_folder(path) {
                here.insert(url.clone());
            }
            named.insert(url);
        }
        if named.iter().any(|url| remotes.contains(url)) {
            return Repository { own: remotes, whole: true };
        }
        if here.len() > 1 {
            let is_called_so = |url: &String| remotes.iter().any(|remote| last(remote) == last(url));
            let called: BTreeSet<String> = here.iter().filter(|url| is_called_so(url)).cloned().collect();
            here = if called.len() == 1 { called } else { BTreeSet::new() };
        }
        let whole = !here.is_empty();
        here.extend(remotes);
        Repository { own: here, whole }
    }

    /// Whether an address is this repository's; nothing if nobody knows.
    pub(super) fn is_own(&self, url: &str) -> Option<bool> {
        match self.own.contains(&normal(url)) {
            true => Some(true),
            false => self.whole.then_some(false),
        }
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

/// What a repository is called, whoever owns it.
fn last(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// An address without what does not matter: scheme, user, port, `.git`, case of the host.
fn normal(url: &str) -> String {
    let url = url.trim();
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        // `git@host:owner/name`; without a colon before the first slash the scheme is left out.
        None => match url.find(['/', ':']) {
            Some(at) => (&url[..at], &url[at + 1..]),
            None => (url, ""),
        },
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // The colons of an address of numbers stand in brackets, that of a port behind them.
    let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let host = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(host, _)| host);
    let path = path.trim_matches('/');
    format!("{}/{}", host.to_lowercase(), path.strip_suffix(".git").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_repository_are_equal() {
        for url in [
            "https://github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "https://github.com/acme/fleet.git/",
            "https://GitHub.com/acme/fleet/",
            " https://github.com/acme/fleet\n",
            "http://token@github.com/acme/fleet.git",
            "https://user:token@github.com/acme/fleet.git",
            "https://user:token@github.com:8443/acme/fleet",
            "git@github.com:acme/fleet.git",
            "git@github.com:/acme/fleet.git",
            "github.com:acme/fleet",
            "ssh://git@github.com/acme/fleet",
            "ssh://git@github.com:22/acme/fleet.git",
            "git+ssh://git@github.com/acme/fleet",
            "git://github.com/acme/fleet",
            "github.com/acme/fleet",
        ] {
            assert_eq!(normal(url), "github.com/acme/fleet", "{url}");
        }
        for url in [
            "https://github.com/Acme/fleet",
            "https://gitlab.com/acme/fleet",
            "https://github.com/acme/fleet-2",
            "https://github.com/acme/fleet.github",
            "https://github.com.example/acme/fleet",
            "/srv/github.com/acme/fleet",
        ] {
            assert_ne!(normal(url), "github.com/acme/fleet", "{url}");
        }
        assert_eq!(normal("https://[2001:db8::1]:8443/a/b.git"), normal("ssh://git@[2001:DB8::1]/a/b"));
        assert_eq!(normal("file:///srv/fleet.git"), normal("/srv/fleet"));
        assert_eq!(normal(""), "/");
    }
}
