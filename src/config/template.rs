//! The table of keys, told to people: the configuration that `pintle init` writes.

use super::keys::{KEYS, Key, Shape};

/// An entry of a list in the configuration that somebody has reason to write, in YAML, with the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// The table at the top, and the key in it.
    pub table: &'static str,
    pub key: &'static str,
    pub value: String,
    pub why: String,
}

/// A configuration in which everything is explained, and nothing is set but what is given. `seen` are lines for its head.
pub fn template(seen: &[String], given: &[Given]) -> String {
    let (home, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let raw = home.replacen("github.com", "raw.githubusercontent.com", 1);
    let mut out = format!("# yaml-language-server: $schema={raw}/v{version}/docs/schema/config.json\n");
    out.push_str("# What pintle is told about this repository. Every key may be left out.\n");
    if !seen.is_empty() {
        out.push_str("#\n# What was here when this was written:\n");
        seen.iter().for_each(|line| out.push_str(&format!("# - {}\n", one_line(line))));
    }
    for key in KEYS {
        out.push_str(&format!("\n# {}\n", key.about));
        let own: Vec<&Given> = given.iter().filter(|one| one.table == key.name).collect();
        match key.shape {
            Shape::Table(inner) => {
                let mark = if own.is_empty() { "# " } else { "" };
                out.push_str(&format!("{mark}{}:\n", key.name));
                inner.iter().for_each(|key| write_inner(&mut out, key, &own));
            }
            _ => out.push_str(&format!("# {}: {}\n", key.name, sample(key))),
        }
    }
    out
}

/// A key of a table: with what is given for it, or as a sample behind a `#`.
fn write_inner(out: &mut String, key: &Key, given: &[&Given]) {
    let own: Vec<&&Given> = given.iter().filter(|one| one.key == key.name).collect();
    if own.is_empty() {
        out.push_str(&format!("#   # {}\n#   {}: {}\n", key.about, key.name, sample(key)));
        return;
    }
    out.push_str(&format!("  # {}\n  {}:\n", key.about, key.name));
    for Given { value, why, .. } in own {
        out.push_str(&format!("    # {}\n    - {value}\n", one_line(why)));
    }
}

/// What a comment may hold: it ends with its line.
fn one_line(text: &str) -> String {
    text.replace(|c: char| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'), " ")
}

fn sample(key: &Key) -> &'static str {
    if key.sample.is_empty() { "…" } else { key.sample }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::text::SourceId;

    const RULES: [&str; 3] = ["image-latest", "image-digest-only", "image-no-digest"];

    #[test]
    fn the_template_says_nothing_until_it_is_uncommented() {
        let (config, problems) = Config::read(SourceId(0), &template(&[], &[]), &RULES);
        assert_eq!(problems, []);
        assert!(config.settings.is_empty());
    }

    #[test]
    fn what_is_given_is_read() {
        let tags = |key, value: &str| Given { table: "images", key, value: value.into(), why: "seen".into() };
        let given = [
            tags("moving-tags", "{images: \"a.example/**\", tags: '^[0-9]+$'}"),
            tags("immutable-tags", "{images: \"b.example/**\", tags: '^[0-9]+\\.[0-9]+$'}"),
            tags("moving-tags", "{images: \"c.example/**\", tags: '^x$'}"),
            Given { table: "storage", ..tags("local", "\"fast\"") },
        ];
        let (config, problems) = Config::read(SourceId(0), &template(&["1 file".into()], &given), &RULES);
        assert_eq!(problems, []);
        assert_eq!((config.moving.len(), config.immutable.len(), config.storage.local.len()), (2, 1, 1));
        assert!(config.storage.replicated.is_empty());
    }
}
