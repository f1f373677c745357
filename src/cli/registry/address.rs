//! Addresses that registries lead to: who is behind one, and whether it is followed.

use super::name::is_loopback;

/// `https://host:port`. Nothing if it is no address of the web, or one in which a user is named: behind those another host
/// can hide.
pub(super) fn origin(address: &str) -> Option<&str> {
    let start = ["https://", "http://"].into_iter().find(|scheme| address.starts_with(scheme))?.len();
    let end = address[start..].find(['/', '?', '#', '\\']).map_or(address.len(), |at| start + at);
    let authority = &address[start..end];
    (!authority.is_empty() && !authority.contains('@')).then(|| &address[..end])
}

/// Whether an address is on this machine.
pub(super) fn is_local(address: &str) -> bool {
    origin(address).and_then(|origin| origin.split("://").nth(1)).is_some_and(is_loopback)
}

/// Where a redirection leads: nowhere that is less safe.
pub(super) fn turned(from: &str, to: &str) -> Option<String> {
    if let Some(path) = to.strip_prefix('/').filter(|path| !path.starts_with('/')) {
        return Some(format!("{}/{path}", origin(from)?));
    }
    let is_safe = to.starts_with("https://") || is_local(from) && is_local(to);
    (is_safe && origin(to).is_some()).then(|| to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_lead_to_nothing_less_safe() {
        let from = "https://ghcr.io/v2/a/manifests/1";
        for (to, address) in [
            ("/v2/b", Some("https://ghcr.io/v2/b")),
            ("https://cdn.example/x", Some("https://cdn.example/x")),
            ("http://cdn.example/x", None),
            ("http://127.0.0.1/x", None),
            ("//evil.example/x", None),
            ("file:///etc/passwd", None),
            ("https://ghcr.io@evil.example/x", None),
            ("https:///x", None),
        ] {
            assert_eq!(turned(from, to).as_deref(), address, "{to}");
        }
        let local = "http://127.0.0.1:5000/v2/a/manifests/1";
        assert_eq!(turned(local, "http://localhost:7/x").as_deref(), Some("http://localhost:7/x"));
        assert_eq!(turned(local, "http://cdn.example/x"), None);
        assert_eq!(turned(local, "http://127.0.0.1:1@cdn.example/x"), None);
    }

    #[test]
    fn who_is_behind_an_address() {
        for (address, behind) in [
            ("https://ghcr.io/v2/", Some("https://ghcr.io")),
            ("http://127.0.0.1:5000", Some("http://127.0.0.1:5000")),
            ("https://ghcr.io?x=/v2/", Some("https://ghcr.io")),
            ("https://ghcr.io\\@evil.example/", Some("https://ghcr.io")),
            ("https://user@ghcr.io/", None),
            ("ftp://ghcr.io/", None),
            ("https://", None),
        ] {
            assert_eq!(origin(address), behind, "{address}");
        }
        assert!(is_local("http://[::1]:5000/x") && !is_local("http://localhost.example/x"));
        assert!(!is_local("http://localhost:1@evil.example/"));
    }
}
