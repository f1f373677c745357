//! The three kinds of patterns of Argo CD: of files in a folder, of folders in a repository, of files in a repository.

use crate::text::patterns;
use regex::Regex;

/// Whose rules hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialect {
    /// `directory.include` and `exclude`: `*` goes over slashes, `{a,b}` is one of two.
    Manifests,
    /// `directories` of a generator: `*` stays within a name.
    Folders,
    /// `files` of a generator, as git lists files: `*` goes over slashes, a folder means all that it holds.
    Listed,
}

/// A pattern as a regular expression; nothing if it is none.
pub(super) fn compile(pattern: &str, dialect: Dialect) -> Option<Regex> {
    let (any, one) = if dialect == Dialect::Folders { ("[^/]*", "[^/]") } else { (".*", ".") };
    let mut out = String::from("(?s)^(?:");
    let mut letters = pattern.chars().peekable();
    let mut depth = 0;
    while let Some(letter) = letters.next() {
        match letter {
            '*' => {
                while letters.next_if_eq(&'*').is_some() {}
                out.push_str(any);
            }
            '?' => out.push_str(one),
            '[' => {
                out.push('[');
                if letters.next_if(|next| matches!(next, '!' | '^')).is_some() {
                    out.push('^');
                }
                loop {
                    match letters.next()? {
                        ']' => break,
                        '-' => out.push('-'),
                        '\\' => out.push_str(&regex::escape(&letters.next()?.to_string())),
                        other => out.push_str(&regex::escape(&other.to_string())),
                    }
                }
                out.push(']');
            }
            '\\' => out.push_str(&regex::escape(&letters.next()?.to_string())),
            '{' if dialect == Dialect::Manifests => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push(')');
    if dialect == Dialect::Listed {
        out.push_str("(?:/.*)?");
    }
    out.push('$');
    patterns::regex(&out).ok().filter(|_| depth == 0)
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Folders, Listed, Manifests};
    use super::*;

    #[test]
    fn patterns_fit() {
        for (dialect, pattern, text, expected) in [
            (Manifests, "*.yaml", "a/b.yaml", true),
            (Manifests, "{a,b}.yaml", "b.yaml", true),
            (Manifests, "{*.yml,{x,y}/*}", "y/z.json", true),
            (Manifests, "{a,b.yaml", "a", false),
            (Manifests, "*.yaml", "a.yaml.txt", false),
            (Folders, "apps/*", "apps/web", true),
            (Folders, "apps/*", "apps/web/base", false),
            (Folders, "apps/**", "apps/web/base", false),
            (Folders, "apps/[a-c]?", "apps/b1", true),
            (Folders, "apps/[^a]x", "apps/ax", false),
            (Folders, "a.b", "axb", false),
            (Folders, "{a}", "{a}", true),
            (Listed, "envs/**/config.json", "envs/a/b/config.json", true),
            (Listed, "envs/*.json", "envs/a/b.json", true),
            (Listed, "envs", "envs/a.json", true),
            (Listed, "env", "envs/a.json", false),
        ] {
            let fits = compile(pattern, dialect).is_some_and(|regex| regex.is_match(text));
            assert_eq!(fits, expected, "{pattern} {text}");
        }
    }
}
