//! What the Argo CD of a repository gives to kustomize: the `kustomize.buildOptions` of its ConfigMap, wherever the
//! repository writes them.
//!
//! Only what changes a build here is understood: from where files may be loaded. Whether charts and programs may be run
//! is not asked, for neither is run.

use super::super::files::Files;
use super::super::kustomize::Reach;
use crate::limits::DEEPEST_SETTING;
use crate::syntax::{Node, Value, yaml};
use crate::text::{Span, Str};
use std::collections::BTreeMap;

const KEY: &str = "kustomize.buildOptions";

/// The operator's resource has a word of its own.
const OPERATOR_KEY: &str = "kustomizeBuildOptions";

/// The options by the version of kustomize that they are for; the empty one is for who asks for none.
#[derive(Debug, Default)]
pub(super) struct Settings {
    options: BTreeMap<Str, Vec<String>>,
    /// The texts within texts that lie too deep to be read.
    beyond: Vec<Span>,
}

impl Settings {
    /// Reads them from the ConfigMap, patches and generators of it, the values of the `argo-cd` chart and the
    /// resource of the operator.
    pub(super) fn read(files: &Files) -> Settings {
        let mut out = Settings::default();
        // A parameter writes the key with a backslash.
        for id in files
            .saying(&["uildOptions"], |text| text.contains("buildOptions") || text.contains(OPERATOR_KEY))
        {
            for document in files.yaml(id).iter().flat_map(|yaml| &yaml.documents) {
                out.gather(&document.root, &mut Vec::new(), DEEPEST_SETTING);
            }
        }
        out
    }

    /// From where a build with this version of kustomize may load files. Where several clusters are set up
    /// otherwise, what one of them allows is not held against the others.
    pub(super) fn reach(&self, version: &str) -> Reach {
        let given = self.options.get(version).into_iter().flatten();
        if given.into_iter().any(|options| lifts(options)) { Reach::Anywhere } else { Reach::Folder }
    }

    /// The texts that were not read, and what to say of them.
    pub(super) fn beyond(&self) -> impl Iterator<Item = (String, Span)> + '_ {
        let says = || {
            format!(
                "YAML is nested in texts more than {DEEPEST_SETTING} levels deep: `{KEY}` in it is not read"
            )
        };
        self.beyond.iter().map(move |at| (says(), *at))
    }

    fn add(&mut self, key: &str, options: Option<&str>) -> bool {
        let version = match key.strip_prefix(KEY) {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix('.'),
            None => None,
        };
        let found = version.zip(options);
        if let Some((version, options)) = found {
            self.options.entry(version.into()).or_default().push(options.to_owned());
        }
        found.is_some()
    }

    /// Looks through a tree; `above` are the keys on the way, from its root.
    fn gather<'n>(&mut self, node: &'n Node, above: &mut Vec<&'n str>, levels: usize) {
        match &node.value {
            Value::Map(entries) => {
                // An operation of a JSON patch, or a parameter of a chart.
                let path = node.text_at("path").and_then(|path| path.strip_prefix("/data/"));
                let name = node.text_at("name").and_then(|name| name.strip_prefix("configs.cm."));
                if let Some(key) = path.map(str::to_owned).or(name.map(|name| name.replace("\\.", "."))) {
                    self.add(&key, node.text_at("value"));
                }
                for (key, value) in entries.iter() {
                    let key = key.text().unwrap_or_default();
                    let is_operators = key == OPERATOR_KEY && above.as_slice() == ["spec"];
                    if is_operators {
                        self.add(KEY, value.text());
                    } else if !(is_home(above) && self.add(key, value.text())) {
                        above.push(key);
                        self.gather(value, above, levels);
                        above.pop();
                    }
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.gather(item, above, levels)),
            Value::Scalar(scalar) if scalar.text.contains(KEY) => {
                match scalar.text.split_once('=').filter(|_| scalar.text.starts_with(KEY)) {
                    // A literal of a generator.
                    Some((key, options)) => _ = self.add(key, Some(options)),
                    None => {
                        let read = yaml::read_embedded(&scalar.text, &node.origin);
                        // A text that is no more than a text has nothing further in it.
                        for document in read.documents.iter().filter(|one| one.root.text().is_none()) {
                            if levels == 0 {
                                self.beyond.push(node.span());
                                continue;
                            }
                            self.gather(&document.root, &mut Vec::new(), levels - 1);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether the map under these keys is the ConfigMap's data, or a chart makes it so. No other tool has such a key.
fn is_home(above: &[&str]) -> bool {
    matches!(above, ["data"] | [.., "configs", "cm"] | [.., "server", "config"])
}

/// Whether options let kustomize load files from anywhere, in the words of its versions.
fn lifts(options: &str) -> bool {
    let mut words =
        options.split_whitespace().flat_map(|word| word.split('=')).map(|word| word.trim_matches('"'));
    let is_restrictor = |word: &str| matches!(word, "--load-restrictor" | "--load_restrictor");
    words.any(is_restrictor)
        && words.next().is_some_and(|word| matches!(word, "LoadRestrictionsNone" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Options within texts within texts: how many are read, and how many lie too deep.
    #[test]
    fn texts_within_texts_are_read_to_a_bound() {
        for (levels, read, beyond) in
            [(0, 1, 0), (3, 1, 0), (DEEPEST_SETTING, 1, 0), (DEEPEST_SETTING + 1, 0, 1), (20, 0, 1)]
        {
            let mut text = format!("data: {{{KEY}: --enable-helm}}\n");
            for _ in 0..levels {
                text =
                    format!("a: |\n{}", text.lines().map(|line| format!("  {line}\n")).collect::<String>());
            }
            let mut settings = Settings::default();
            let root = yaml::read(crate::text::SourceId(0), &text).documents.remove(0).root;
            settings.gather(&root, &mut Vec::new(), DEEPEST_SETTING);
            let found = (settings.options.values().flatten().count(), settings.beyond().count());
            assert_eq!(found, (read, beyond), "{levels} levels");
        }
        let mut settings = Settings::default();
        let sentence = format!("a: how {KEY} is written\n");
        let root = yaml::read(crate::text::SourceId(0), &sentence).documents.remove(0).root;
        settings.gather(&root, &mut Vec::new(), DEEPEST_SETTING);
        assert!(settings.options.is_empty() && settings.beyond().next().is_none());
    }

    #[test]
    fn options_that_lift_the_restriction() {
        for (options, expected) in [
            ("--load-restrictor LoadRestrictionsNone", true),
            ("--load-restrictor=LoadRestrictionsNone", true),
            (
                "--enable-helm --load-restrictor LoadRestrictionsNone --enable-alpha-plugins --enable-exec",
                true,
            ),
            ("  --enable-helm\n--load-restrictor\nLoadRestrictionsNone\n", true),
            ("--load_restrictor none", true),
            ("--load-restrictor LoadRestrictionsRootOnly", false),
            ("--enable-helm LoadRestrictionsNone", false),
            ("--load-restrictor", false),
            ("--enable-helm", false),
            ("", false),
        ] {
            assert_eq!(lifts(options), expected, "{options}");
        }
    }
}
