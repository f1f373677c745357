//! The names of images as registries know them.

/// Who answers for `docker.io`.
const HUB: &str = "registry-1.docker.io";

/// Who is asked instead of a registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::cli) struct Mirror {
    /// `*` for all.
    of: String,
    host: String,
    /// What names begin with there, with its `/`.
    prefix: String,
}

impl Mirror {
    /// Reads `ghcr.io=harbor.example.com/ghcr`.
    pub(in crate::cli) fn read(text: &str) -> Result<Mirror, String> {
        let (of, address) = text
            .split_once('=')
            .filter(|(of, address)| !of.is_empty() && !address.is_empty())
            .ok_or("it is written REGISTRY=ADDRESS, such as ghcr.io=harbor.example.com/ghcr")?;
        if address.contains("://") {
            return Err("the address is written without `https://`".into());
        }
        let (host, prefix) = address.trim_end_matches('/').split_once('/').unwrap_or((address, ""));
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Mirror { of: of.into(), host: host.trim_end_matches('/').into(), prefix })
    }
}

/// Where a manifest is asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Name {
    /// With its port, if it has one.
    pub(super) host: String,
    pub(super) repository: String,
    /// A tag, or a digest.
    pub(super) tag: String,
}

impl Name {
    /// Reads `docker.io/library/nginx:1.27.3`, in full as images are called here.
    pub(super) fn read(reference: &str) -> Option<Name> {
        let (name, tag) = reference.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
        Name::of(name, tag)
    }

    /// An image by its full name, and a tag or a digest of it.
    pub(super) fn of(name: &str, tag: &str) -> Option<Name> {
        let (host, repository) = name.split_once('/')?;
        let host = if host == "docker.io" { HUB } else { host };
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:[]".contains(&byte))
                && !text.contains("..")
        };
        let all = [host, repository, tag].into_iter().all(is_plain);
        all.then(|| Name { host: host.into(), repository: repository.into(), tag: tag.into() })
    }

    /// The same image where a mirror has it; the first that has its registry is asked.
    pub(super) fn through(self, mirrors: &[Mirror]) -> Name {
        let host = if self.host == HUB { "docker.io" } else { self.host.as_str() };
        match mirrors.iter().find(|mirror| mirror.of == "*" || mirror.of == host) {
            None => self,
            Some(Mirror { host, prefix, .. }) => {
                let repository = format!("{prefix}{}", self.repository);
                Name { host: host.clone(), repository, tag: self.tag }
            }
        }
    }

    /// The same image by a digest, or by another tag.
    pub(super) fn at(&self, tag: &str) -> Name {
        Name { tag: tag.into(), ..self.clone() }
    }

    /// The address of a repository of git that has this name.
    pub(super) fn page(&self) -> String {
        format!("{}://{}/{}", self.scheme(), self.host, self.repository)
    }

    pub(super) fn manifest(&self) -> String {
        self.address("manifests")
    }

    /// The first page of its tags.
    pub(super) fn tags(&self) -> String {
        format!("{}://{}/v2/{}/tags/list?n=1000", self.scheme(), self.host, self.repository)
    }

    pub(super) fn blob(&self) -> String {
        self.address("blobs")
    }

    pub(super) fn referrers(&self) -> String {
        self.address("referrers")
    }

    fn address(&self, kind: &str) -> String {
        format!("{}://{}/v2/{}/{kind}/{}", self.scheme(), self.host, self.repository, self.tag)
    }

    fn scheme(&self) -> &'static str {
        if is_loopback(&self.host) { "http" } else { "https" }
    }

    /// How files of credentials call the host.
    pub(super) fn logins(&self) -> [&str; 2] {
        match self.host.as_str() {
            HUB => ["docker.io", "https://index.docker.io/v1/"],
            host => [host, host],
        }
    }
}

/// Registries on this machine are asked without encryption, as every client does.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    let is_address = name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    name == "localhost" || is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (reference, url) in [
            ("docker.io/library/nginx:1.27", "https://registry-1.docker.io/v2/library/nginx/manifests/1.27"),
            ("ghcr.io/acme/web:v1", "https://ghcr.io/v2/acme/web/manifests/v1"),
            ("127.0.0.1:5000/team/app:v1", "http://127.0.0.1:5000/v2/team/app/manifests/v1"),
            ("[::1]:5000/team/app:v1", "http://[::1]:5000/v2/team/app/manifests/v1"),
            ("localhost/app:v1", "http://localhost/v2/app/manifests/v1"),
            ("localhost.example.com/app:v1", "https://localhost.example.com/v2/app/manifests/v1"),
        ] {
            assert_eq!(
                Name::read(reference).map(|name| name.manifest()).as_deref(),
                Some(url),
                "{reference}"
            );
        }
        let through = |mirror: &str, reference: &str| {
            Name::read(reference).map(|name| name.through(&[Mirror::read(mirror).unwrap()]).manifest())
        };
        for (mirror, reference, url) in [
            (
                "docker.io=hub.example.com/proxy",
                "docker.io/library/nginx:1",
                "https://hub.example.com/v2/proxy/library/nginx/manifests/1",
            ),
            ("docker.io=hub.example.com/", "ghcr.io/a/b:1", "https://ghcr.io/v2/a/b/manifests/1"),
            ("*=127.0.0.1:5000", "ghcr.io/a/b:1", "http://127.0.0.1:5000/v2/a/b/manifests/1"),
        ] {
            assert_eq!(through(mirror, reference).as_deref(), Some(url), "{mirror} {reference}");
        }
        assert!(Mirror::read("ghcr.io").is_err() && Mirror::read("a=https://b").is_err());
        for wrong in ["nginx", "ghcr.io/acme/web", "ghcr.io/acme/../web:1", "ghcr.io/a b:1", "host:5000/app"]
        {
            assert_eq!(Name::read(wrong), None, "{wrong}");
        }
    }
}
