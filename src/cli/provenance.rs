//! The revision that lies on the disk, read from git's files: for outputs that name it.

use super::door::{Opened, open_gits};
use super::git::{Checkout, text};
use super::remotes;
use crate::emit::Provenance;
use crate::limits::PACKED_REFERENCES;

/// Where the checkout comes from, if it has a remote on the web and a commit.
pub(super) fn of(checkout: &Checkout) -> Option<Provenance> {
    let config = checkout.config()?;
    let head = text(&checkout.git, "HEAD")?;
    let (revision, branch) = match head.trim().strip_prefix("ref: ") {
        Some(name) => (commit(checkout, name)?, name.strip_prefix("refs/heads/").map(str::to_owned)),
        None => (head.trim().to_owned(), None),
    };
    let is_commit = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(Provenance { repository: web(origin(&config)?)?, revision: is_commit.then_some(revision)?, branch })
}

fn commit(checkout: &Checkout, name: &str) -> Option<String> {
    if let Some(text) = text(&checkout.common, name) {
        return Some(text.trim().to_owned());
    }
    let packed = open_gits(&checkout.common, "packed-refs", PACKED_REFERENCES);
    let packed = packed.and_then(Opened::text).ok()?;
    let found = packed.lines().filter_map(|line| line.split_once(' ')).find(|(_, known)| *known == name);
    found.map(|(commit, _)| commit.to_owned())
}

/// The address of the remote `origin`, or of the first there is.
fn origin(config: &str) -> Option<&str> {
    let remotes = remotes::read(config);
    let origin = remotes.iter().find(|(name, _)| *name == "origin");
    origin.or(remotes.first()).map(|(_, url)| *url)
}

/// The address for a browser, without user name, password or port: those may be secret.
fn web(url: &str) -> Option<String> {
    let (host, path) = match url.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        None => url.split_once(':')?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let is_plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b'~'))
    };
    let path = path.trim_matches('/').trim_end_matches(".git");
    let good = host.contains('.') && is_plain(host) && !path.is_empty() && is_plain(path);
    good.then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_is_nobodys_business() {
        for (url, expected) in [
            ("https://github.com/a/b.git", Some("https://github.com/a/b")),
            ("https://user:token@git.example.org:8443/a/b/", Some("https://git.example.org/a/b")),
            ("git@github.com:a/b.git", Some("https://github.com/a/b")),
            ("ssh://git@codeberg.org:22/a/b", Some("https://codeberg.org/a/b")),
            ("/srv/git/a", None),
            ("C:\\a", None),
            ("https://github.com/a?token=b", None),
            ("ext::sh -c x", None),
        ] {
            assert_eq!(web(url).as_deref(), expected, "{url}");
        }
        let config = "[remote \"fork\"]\n\turl = a.b:c\n[remote \"origin\"]\n\tfetch = x\n\turl = d.e:f\n";
        assert_eq!(origin(config), Some("d.e:f"));
        assert_eq!(origin("[core]\nurl = x\n"), None);
        assert_eq!(origin("[remote \"fork\"]\nurl = a.b:c\n"), Some("a.b:c"));
    }
}
