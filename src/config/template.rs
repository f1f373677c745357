//! The table of keys, told to people: the template of `pintle init`.

use super::keys::{KEYS, Key, Shape};

/// A configuration in which everything is explained and nothing is changed.
pub fn template() -> String {
    let (home, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let raw = home.replacen("github.com", "raw.githubusercontent.com", 1);
    let mut out = format!("# yaml-language-server: $schema={raw}/v{version}/docs/schema/config.json\n");
    out.push_str("# What pintle is told about this repository. Every key may be left out.\n");
    write_keys(&mut out, KEYS, "");
    out
}

fn write_keys(out: &mut String, keys: &[Key], indent: &str) {
    for key in keys {
        if indent.is_empty() {
            out.push('\n');
        }
        let mark = if indent.is_empty() { "" } else { "# " };
        out.push_str(&format!("{mark}{indent}# {}\n", key.about));
        match key.shape {
            Shape::Table(inner) => {
                out.push_str(&format!("# {indent}{}:\n", key.name));
                write_keys(out, inner, &format!("{indent}  "));
            }
            _ if key.sample.is_empty() => out.push_str(&format!("# {indent}{}: …\n", key.name)),
            _ => out.push_str(&format!("# {indent}{}: {}\n", key.name, key.sample)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::text::SourceId;

    #[test]
    fn the_template_says_nothing_until_it_is_uncommented() {
        let rules = ["image-latest", "image-digest-only", "image-no-digest"];
        let (config, problems) = Config::read(SourceId(0), &template(), &rules);
        assert_eq!(problems, []);
        assert!(config.settings.is_empty());
    }
}
