//! The addresses that a repository has for others: git's remotes, read from its files, and what CI says. They tell which
//! Applications deliver from here.

use super::door::{real, variable_text};
use super::git::Checkout;
use crate::text::Str;
use std::path::Path;

/// What CI says about the repository that it checked out: the variables that its address is put together from, and the
/// one that holds its folder.
const CI: [(&[&str], &str); 2] = [
    (&["GITHUB_SERVER_URL", "GITHUB_REPOSITORY"], "GITHUB_WORKSPACE"),
    (&["CI_PROJECT_URL"], "CI_PROJECT_DIR"),
];

/// The addresses of the repository at `root`.
pub(super) fn of(root: &Path, checkout: Option<&Checkout>) -> Vec<Str> {
    let config = checkout.and_then(Checkout::config);
    let told: Vec<Str> =
        config.iter().flat_map(|config| read(config)).map(|(_, url)| Str::from(url)).collect();
    // Git knows better: a job may have checked out another repository than its own.
    if told.is_empty() { of_ci(root, &variable_text).into_iter().collect() } else { told }
}

fn of_ci(root: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Option<Str> {
    CI.iter().find_map(|(address, folder)| {
        let is_here = real(Path::new(&variable(folder)?)).is_ok_and(|folder| folder == root);
        let parts = address.iter().map(|name| variable(name)).collect::<Option<Vec<String>>>()?;
        is_here.then(|| parts.join("/").into())
    })
}

/// The remotes in the text of a git configuration: name and address, each as often as it has one.
pub(super) fn read(config: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut remote = None;
    for line in config.lines().map(str::trim) {
        let mut entry = line;
        if let Some((section, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            let name = section.split_once(' ').filter(|(word, _)| word.eq_ignore_ascii_case("remote"));
            remote = name.map(|(_, name)| name.trim().trim_matches('"'));
            entry = rest.trim();
        }
        if let (Some(name), Some((key, value))) = (remote, entry.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
        {
            out.extend(Some((name, unquoted(value))).filter(|(_, url)| !url.is_empty()));
        }
    }
    out
}

/// A value without its quotes, or without the comment behind it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    match value.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
        Some((inner, _)) => inner,
        None => value.split([' ', '\t']).next().unwrap_or(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_are_read() {
        for (config, expected) in [
            ("", vec![]),
            ("[core]\n\turl = a\n", vec![]),
            ("[remote \"origin\"]\n\turl = git@h:a/b.git\n\tfetch = x\n", vec![("origin", "git@h:a/b.git")]),
            (
                "[remote \"origin\"]\n\turl = a\n\turl = b\n[branch \"main\"]\n\turl = c\n[remote \"up\"]\nurl=d",
                vec![("origin", "a"), ("origin", "b"), ("up", "d")],
            ),
            ("[Remote \"o\"]\n URL = \"https://h/a b\" # why\n", vec![("o", "https://h/a b")]),
            ("[remote \"o\"] url = https://h/a ; why\n", vec![("o", "https://h/a")]),
            ("[remote \"o\"]\n\tpushurl = a\n\turl =\n", vec![]),
            ("[remotes]\n\turl = a\n[remote]\n\turl = b\n", vec![]),
        ] {
            assert_eq!(read(config), expected, "{config}");
        }
    }

    #[test]
    fn ci_tells_the_address_of_what_it_checked_out() {
        let here = real(Path::new(".")).expect("a working directory");
        let here = here.to_string_lossy();
        let above = "..";
        for (variables, expected) in [
            (vec![], None),
            (
                vec![
                    ("GITHUB_SERVER_URL", "https://h"),
                    ("GITHUB_REPOSITORY", "a/b"),
                    ("GITHUB_WORKSPACE", &*here),
                ],
                Some("https://h/a/b"),
            ),
            (vec![("GITHUB_SERVER_URL", "https://h"), ("GITHUB_WORKSPACE", &*here)], None),
            (vec![("CI_PROJECT_URL", "https://h/c"), ("CI_PROJECT_DIR", &*here)], Some("https://h/c")),
            (vec![("CI_PROJECT_URL", "https://h/c"), ("CI_PROJECT_DIR", above)], None),
            (vec![("CI_PROJECT_URL", "https://h/c")], None),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_string())
            };
            assert_eq!(of_ci(Path::new(&*here), &variable).as_deref(), expected, "{variables:?}");
        }
    }
}
