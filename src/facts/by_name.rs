//! Entries by patterns of full image names, looked up instead of searched for: most patterns are plain.

use super::star::fits;
use std::collections::HashMap;

/// Entries by patterns of names such as `docker.io/library/postgres`.
///
/// `a/b/c` is one name, `a/b/*` what is directly below and `a/b/**` what is anywhere below; one without a `/` is the last
/// part, whatever the registry. Any other star is any text.
#[derive(Clone, Debug)]
pub(super) struct ByName<T> {
    entries: Vec<T>,
    whole: HashMap<String, Vec<usize>>,
    last: HashMap<String, Vec<usize>>,
    directly_below: HashMap<String, Vec<usize>>,
    below: HashMap<String, Vec<usize>>,
    others: Vec<(String, usize)>,
}

impl<T> Default for ByName<T> {
    fn default() -> ByName<T> {
        ByName {
            entries: Vec::new(),
            whole: HashMap::new(),
            last: HashMap::new(),
            directly_below: HashMap::new(),
            below: HashMap::new(),
            others: Vec::new(),
        }
    }
}

impl<T> ByName<T> {
    pub(super) fn add(&mut self, pattern: &str, entry: T) {
        let at = self.entries.len();
        self.entries.push(entry);
        let (table, name) = match pattern {
            _ if pattern.ends_with("/**") => (&mut self.below, &pattern[..pattern.len() - 3]),
            _ if pattern.ends_with("/*") => (&mut self.directly_below, &pattern[..pattern.len() - 2]),
            _ if pattern.contains('/') => (&mut self.whole, pattern),
            _ => (&mut self.last, pattern),
        };
        match name.contains('*') {
            true => self.others.push((pattern.replace("**", "*"), at)),
            false => table.entry(name.to_owned()).or_default().push(at),
        }
    }

    /// The entries of a name, the last that was added first.
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &T> {
        let mut found: Vec<usize> = Vec::new();
        let mut take = |table: &HashMap<String, Vec<usize>>, name: &str| {
            found.extend(table.get(name).into_iter().flatten());
        };
        take(&self.whole, name);
        match name.rsplit_once('/') {
            Some((folder, last)) => {
                take(&self.directly_below, folder);
                take(&self.last, last);
            }
            None => take(&self.last, name),
        }
        name.match_indices('/').for_each(|(at, _)| take(&self.below, &name[..at]));
        found.extend(self.others.iter().filter(|(pattern, _)| fits(pattern, name)).map(|(_, at)| *at));
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|at| &self.entries[at])
    }
}

#[cfg(test)]
mod tests {
    use super::ByName;

    #[test]
    fn patterns_mean_names() {
        let mut table = ByName::default();
        for pattern in [
            "docker.io/library/postgres",
            "docker.io/library/*",
            "nvcr.io/nvidia/**",
            "pause",
            "ghcr.io/zalando/spilo-*",
        ] {
            table.add(pattern, pattern);
        }
        for (name, expected) in [
            ("docker.io/library/postgres", "docker.io/library/* docker.io/library/postgres"),
            ("docker.io/library/nginx", "docker.io/library/*"),
            ("docker.io/library/a/b", ""),
            ("docker.io/acme/postgres", ""),
            ("nvcr.io/nvidia/a/b", "nvcr.io/nvidia/**"),
            ("nvcr.io/nvidia", ""),
            ("registry.internal/a/pause", "pause"),
            ("ghcr.io/zalando/spilo-16", "ghcr.io/zalando/spilo-*"),
            ("ghcr.io/zalando/postgres", ""),
            ("", ""),
        ] {
            let found: Vec<&str> = table.of(name).copied().collect();
            assert_eq!(found.join(" "), expected, "{name}");
        }
    }
}
