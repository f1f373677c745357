//! Names behind mirrors, proxies and caches: `mirror.gcr.io/library/nginx` is `docker.io/library/nginx`.

use super::star::fits;
use std::collections::{HashMap, HashSet};

/// Which names are those of which registry.
#[derive(Clone, Debug, Default)]
pub(super) struct Mirrors {
    /// By the last part of the prefix.
    entries: HashMap<String, Vec<Mirror>>,
    /// Registries that mirrors are of. They hold images of their own, whatever these are called.
    registries: HashSet<String>,
}

#[derive(Clone, Debug)]
struct Mirror {
    /// With stars: `*/dockerhub`.
    prefix: String,
    of: String,
    /// How many parts a name must have behind the prefix: fewer are an image of whoever runs the registry.
    parts: usize,
}

impl Mirrors {
    pub(super) fn add(&mut self, prefix: &str, of: &str, parts: usize) -> Result<(), String> {
        let prefix = prefix.trim_end_matches('/');
        let last = prefix.rsplit('/').next().unwrap_or(prefix);
        if last.is_empty() || last.contains('*') {
            return Err(format!("`{prefix}` does not end in a plain word"));
        }
        let of = of.trim_end_matches('/').to_owned();
        let host = of.split('/').next().unwrap_or(&of).to_owned();
        self.registries.insert(host);
        let mirror = Mirror { prefix: prefix.to_owned(), of, parts };
        self.entries.entry(last.to_owned()).or_default().push(mirror);
        Ok(())
    }

    /// The name that an image has in the registry it comes from; nothing if it is named there.
    pub(super) fn original(&self, name: &str) -> Option<String> {
        let host = name.split('/').next()?;
        let is_original = self.registries.contains(host);
        // The innermost prefix decides: a cache may have the name of another one in its path.
        name.rmatch_indices('/').find_map(|(end, _)| {
            let (prefix, rest) = (&name[..end], &name[end + 1..]);
            let last = prefix.rsplit('/').next().unwrap_or(prefix);
            let parts = rest.split('/').count();
            let means = |mirror: &&Mirror| {
                let is_plain = !mirror.prefix.contains('*');
                parts >= mirror.parts && (is_plain || !is_original) && fits(&mirror.prefix, prefix)
            };
            let mirror = self.entries.get(last)?.iter().find(means)?;
            // Docker Hub keeps what has no owner below `library`.
            let library = if mirror.of == "docker.io" && parts == 1 { "library/" } else { "" };
            Some(format!("{}/{library}{rest}", mirror.of))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Mirrors;

    #[test]
    fn the_innermost_prefix_decides() {
        let mut mirrors = Mirrors::default();
        for (prefix, of, parts) in [
            ("mirror.gcr.io", "docker.io", 1),
            ("public.ecr.aws/bitnami", "docker.io/bitnami", 1),
            ("*/dockerhub", "docker.io", 1),
            ("*/docker", "docker.io", 2),
            ("*/quay.io", "quay.io", 1),
        ] {
            assert_eq!(mirrors.add(prefix, of, parts), Ok(()));
        }
        for (name, expected) in [
            ("mirror.gcr.io/library/nginx", Some("docker.io/library/nginx")),
            ("mirror.gcr.io/nginx", Some("docker.io/library/nginx")),
            ("public.ecr.aws/bitnami/redis", Some("docker.io/bitnami/redis")),
            ("harbor.internal/a/dockerhub/acme/app", Some("docker.io/acme/app")),
            ("harbor.internal/dockerhub/nginx", Some("docker.io/library/nginx")),
            ("harbor.internal/dockerhub/quay.io/a/b", Some("quay.io/a/b")),
            ("artifactory.internal/docker/valkey/valkey", Some("docker.io/valkey/valkey")),
            ("artifactory.internal/docker/billing", None),
            ("quay.io/acme/dockerhub/app", None),
            ("docker.io/library/nginx", None),
            ("dockerhub", None),
            ("", None),
        ] {
            assert_eq!(mirrors.original(name).as_deref(), expected, "{name}");
        }
        assert!(mirrors.add("*/hub*", "docker.io", 1).is_err());
    }
}
