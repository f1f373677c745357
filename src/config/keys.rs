//! Every key of the configuration, once: the reader, the template of `init` and the reference come
//! from this table. Meaning is given to the values in `mod.rs`.

use super::routine::Routine;
use crate::finding::{Problem, Severity};
use crate::syntax::{Node, Scalar};
use crate::template::semver::Version;
use crate::text::{Span, nearest};

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    /// One sentence for the schema, the template and the reference.
    pub about: &'static str,
    pub shape: Shape,
    pub required: bool,
    /// How it reads in the template of `init`, in YAML, without its key.
    pub sample: &'static str,
}

/// What `fail-on` takes, and `--fail-on`.
const FAIL_ON: &[&str] = &["error", "warning", "note", "never"];

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Text,
    /// One text or a list of them.
    Texts,
    OneOf(&'static [&'static str]),
    /// Some of these words, or one of them.
    SomeOf(&'static [&'static str]),
    /// Rule ids, or their beginnings with a `*`, to severities.
    Rules,
    /// The id of a rule.
    Rule,
    /// A version of Kubernetes.
    Kubernetes,
    /// One API of Kubernetes or a list of them.
    Apis,
    Table(&'static [Key]),
    List(&'static [Key]),
}

const fn key(name: &'static str, shape: Shape, sample: &'static str, about: &'static str) -> Key {
    Key { name, about, shape, required: false, sample }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, about, shape, required: true, sample: "" }
}

/// The keys at the top of `.pintle.yaml`.
pub const KEYS: &[Key] = &[
    key(
        "preset",
        Shape::OneOf(&["recommended", "strict"]),
        "recommended",
        "The severities to start from: recommended, or strict (notes become warnings, rules that are off come on).",
    ),
    key(
        "include",
        Shape::Texts,
        "[\"clusters/**\", \"apps/**\"]",
        "Globs of the files to look at; everything if empty.",
    ),
    key(
        "exclude",
        Shape::Texts,
        "[\"vendor/**\"]",
        "Globs of the files to leave out, even if they are included.",
    ),
    key(
        "rules",
        Shape::Rules,
        "{\"image-digest-*\": warning, image-digest-only: off, image-no-digest: error}",
        "The severity of a rule everywhere: off, note, warning or error. A name may end in `*`; a later entry wins over an earlier one.",
    ),
    key(
        "fail-on",
        Shape::OneOf(FAIL_ON),
        "error",
        "The mildest finding that makes the exit code 1, where `--fail-on` says nothing; warning if it is left out.",
    ),
    key(
        "overrides",
        Shape::List(&[
            required("paths", Shape::Texts, "Globs of the files this entry is about."),
            required("rules", Shape::Rules, "The severity of rules in these files."),
        ]),
        "[{paths: \"examples/**\", rules: {image-no-digest: note}}]",
        "Severities for some paths; a later entry wins over an earlier one.",
    ),
    key(
        "images",
        Shape::Table(&[
            key(
                "immutable-tags",
                Shape::List(TAGS),
                "[{images: \"ghcr.io/our-team/**\", tags: '^sha-[0-9a-f]{7,40}$'}]",
                "Tags that are never pushed again, by agreement, per image glob.",
            ),
            key(
                "moving-tags",
                Shape::List(TAGS),
                "",
                "Tags that move although they look like a version, per image glob.",
            ),
            key(
                "mirrors",
                Shape::List(&[
                    required("prefix", Shape::Text, "How names begin there, such as harbor.example.com/hub."),
                    required("for", Shape::Text, "The registry that it is a mirror of, such as docker.io."),
                ]),
                "[{prefix: harbor.example.com/hub, for: docker.io}]",
                "Mirrors and caches, so that what is known of an image holds behind them too.",
            ),
            key(
                "allowed",
                Shape::Texts,
                "[\"ghcr.io/our-team/**\", \"docker.io/library/*\"]",
                "Globs of the full image names that may be used; the rule image-registry reports others.",
            ),
            key(
                "platforms",
                Shape::Texts,
                "[linux/amd64, linux/arm64]",
                "What images have to run on; `pintle verify` reports those that are not made for it.",
            ),
            key(
                "resources",
                Shape::List(&[
                    required("kind", Shape::Text, "The kind of the custom resource."),
                    required(
                        "fields",
                        Shape::Texts,
                        "Where its images stand, such as spec.runtime.image or spec.steps[].image.",
                    ),
                ]),
                "[{kind: Playbook, fields: [spec.runtime.image]}]",
                "Where images stand in your custom resources.",
            ),
        ]),
        "",
        "How images are named and tagged here.",
    ),
    key(
        "storage",
        Shape::Table(&[
            key(
                "replicated",
                Shape::Texts,
                "[\"longhorn*\", driver.longhorn.io]",
                "Globs of storage classes and provisioners that replicate by themselves.",
            ),
            key(
                "local",
                Shape::Texts,
                "[local-ssd]",
                "Globs of storage classes and provisioners that keep data on one node.",
            ),
            key(
                "engines",
                Shape::List(&[
                    required("engine", Shape::Text, "The name of the engine, such as postgres."),
                    required("images", Shape::Texts, "Globs of the full names of its server images."),
                ]),
                "[{engine: postgres, images: \"ghcr.io/our-team/pg-*\"}]",
                "More images that are database servers.",
            ),
        ]),
        "",
        "How storage is called here.",
    ),
    key(
        "places",
        Shape::Table(&[
            key(
                "own",
                Shape::Texts,
                "[\"examples/production/**\"]",
                "Globs of files that are judged in full, whatever their folders are called.",
            ),
            key(
                "samples",
                Shape::Texts,
                "[\"starter/**\"]",
                "Globs of files that people copy: one step milder.",
            ),
            key("docs", Shape::Texts, "[\"handbook/**\"]", "Globs of files that document: one step milder."),
            key(
                "tests",
                Shape::Texts,
                "[\"hack/kind/**\"]",
                "Globs of files that tests use: one step milder.",
            ),
            key(
                "vendored",
                Shape::Texts,
                "[\"upstream/**\"]",
                "Globs of files that belong to others: not judged, but for secrets.",
            ),
        ]),
        "",
        "What files are there for, where the names of their folders do not say it or say otherwise.",
    ),
    key(
        "repo-url",
        Shape::Texts,
        "https://github.com/our-team/fleet",
        "The address of this repository, as Argo CD's Applications name it; the remotes of git if it is left out.",
    ),
    key(
        "chart-dirs",
        Shape::Texts,
        "[.charts]",
        "Folders below the root with charts that are no files of the repository, as folders or archives, for whoever asks for them by name and version.",
    ),
    key(
        "kubernetes-version",
        Shape::Kubernetes,
        "1.31",
        "The version of Kubernetes that charts are rendered for, where nobody who asks for a chart names one; 1.34 if it is left out.",
    ),
    key(
        "api-versions",
        Shape::Apis,
        "[longhorn.io/v1beta2, keda.sh/v1alpha1/ScaledObject]",
        "APIs that your clusters have and that no file of the repository defines, for charts that ask whether they are there.",
    ),
    key(
        "routine",
        Shape::SomeOf(&Routine::NAMES),
        "[image-digest, image-patch, labels]",
        "What a change may do that nobody needs to look at, for `pintle diff`: steps of images that have a digest (or of unpinned-images, too) and of charts, labels and annotations; image-digest, image-patch, image-minor and labels if it is left out.",
    ),
    key(
        "allow",
        Shape::List(&[
            required("rule", Shape::Rule, "The rule whose finding is allowed."),
            key("paths", Shape::Texts, "", "Globs of the files in which it is allowed; everywhere if empty."),
            key(
                "value",
                Shape::Text,
                "",
                "The hash of the one value that is allowed, as `pintle allow` writes it.",
            ),
            required("reason", Shape::Text, "Why it is allowed."),
            key("until", Shape::Text, "", "The last day on which it is allowed, as 2026-11-20."),
        ]),
        "[{rule: image-latest, paths: \"sandbox/**\", reason: thrown away every night, until: 2027-01-01}]",
        "Findings that are allowed on purpose; an entry that matches nothing is reported.",
    ),
];

const TAGS: &[Key] = &[
    required("images", Shape::Texts, "Globs of full image names, such as ghcr.io/our-team/**."),
    required("tags", Shape::Text, "A regular expression for the whole tag."),
];

/// Reports every unknown key (with the nearest known one), missing key and value of the wrong shape.
pub(super) fn check(node: &Node, shape: &Shape, rules: &[&str], problems: &mut Vec<Problem>) {
    match shape {
        Shape::Text if !is_text(node) => problems.push(wrong("a text is expected here", node.span())),
        Shape::Texts if !is_text(node) && (!node.is_list() || !node.items().iter().all(is_text)) => {
            problems.push(wrong("a text or a list of texts is expected here", node.span()));
        }
        Shape::OneOf(words) if !node.text().is_some_and(|text| words.contains(&text)) => {
            problems.push(wrong(format!("one of {} is expected here", words.join(", ")), node.span()));
        }
        Shape::SomeOf(words) => known_words(node, words, problems),
        Shape::Rule => known_rule(node, rules, problems),
        Shape::Kubernetes => known_version(node, problems),
        Shape::Apis => known_apis(node, problems),
        Shape::Rules => {
            if !node.is_map() {
                problems.push(wrong(
                    "rules and their severities are expected here: `image-latest: error`",
                    node.span(),
                ));
            }
            for (key, value) in node.entries() {
                known_rules(key, rules, problems);
                if value.text().and_then(Severity::parse).is_none() {
                    problems.push(wrong("a severity is off, note, warning or error", value.span()));
                }
            }
        }
        Shape::List(keys) => {
            if !node.is_list() {
                problems.push(wrong("a list is expected here", node.span()));
            }
            for item in node.items() {
                check(item, &Shape::Table(keys), rules, problems);
            }
        }
        Shape::Table(keys) => {
            if !node.is_map() {
                problems.push(wrong("keys and values are expected here", node.span()));
                return;
            }
            for (name, value) in node.entries() {
                let text = name.text().unwrap_or_default();
                match keys.iter().find(|key| key.name == text) {
                    Some(key) => check(value, &key.shape, rules, problems),
                    None => {
                        let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
                        problems.push(wrong(
                            format!("there is no key `{text}` here{}", hint(text, &names)),
                            name.span(),
                        ));
                    }
                }
            }
            for key in keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
                problems.push(wrong(format!("`{}` is missing here", key.name), node.span()));
            }
        }
        _ => {}
    }
}

fn known_words(node: &Node, words: &[&str], problems: &mut Vec<Problem>) {
    let single = std::slice::from_ref(node);
    for item in if node.is_list() { node.items() } else { single } {
        let text = item.text().unwrap_or_default();
        if !words.contains(&text) {
            let says = format!("some of {} are expected here{}", words.join(", "), hint(text, words));
            problems.push(wrong(says, item.span()));
        }
    }
}

fn known_version(node: &Node, problems: &mut Vec<Problem>) {
    let is_version = |text: &str| {
        let has_minor = text.split(['-', '+']).next().is_some_and(|numbers| numbers.contains('.'));
        has_minor && Version::parse(text).is_ok_and(|version| version.major == 1)
    };
    if !node.text().is_some_and(is_version) {
        problems.push(wrong("a version of Kubernetes is written 1.31 or 1.31.2", node.span()));
    }
}

fn known_apis(node: &Node, problems: &mut Vec<Problem>) {
    let single = std::slice::from_ref(node);
    let items = if node.is_list() { node.items() } else { single };
    for item in items.iter().filter(|item| !item.text().is_some_and(is_api)) {
        problems.push(wrong("an API is written group/version or group/version/Kind", item.span()));
    }
}

fn is_api(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let is_version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_kind = |part: &&str| part.starts_with(|c: char| c.is_ascii_uppercase());
    match parts.as_slice() {
        [version] => is_version(version),
        [version, kind] if is_version(version) => is_kind(kind),
        [group, version] => !group.is_empty() && is_version(version),
        [group, version, kind] => !group.is_empty() && is_version(version) && is_kind(kind),
        _ => false,
    }
}

/// Whether YAML reads it as a text: who means the folder `3` quotes it.
fn is_text(node: &Node) -> bool {
    node.scalar().is_some_and(Scalar::is_text) && !node.is_null()
}

/// A rule, or several by the beginning of their names.
fn known_rules(node: &Node, rules: &[&str], problems: &mut Vec<Problem>) {
    match node.text().and_then(|text| text.strip_suffix('*')) {
        Some(head) if rules.iter().any(|id| id.starts_with(head)) => {}
        Some(head) => {
            problems.push(wrong(format!("there is no rule that begins with `{head}`"), node.span()));
        }
        None => known_rule(node, rules, problems),
    }
}

fn known_rule(node: &Node, rules: &[&str], problems: &mut Vec<Problem>) {
    let id = node.text().unwrap_or_default();
    if !rules.contains(&id) {
        problems.push(wrong(unknown("rule", id, rules), node.span()));
    }
}

/// That there is nothing of that name, and what may be meant.
pub(super) fn unknown(what: &str, name: &str, names: &[&str]) -> String {
    format!("there is no {what} `{name}`{}", hint(name, names))
}

fn hint(word: &str, names: &[&str]) -> String {
    nearest(word, names).map_or(String::new(), |near| format!(", did you mean `{near}`?"))
}

/// Something wrong in the configuration: fatal, for a linter that misreads its orders must not report "clean".
pub(super) fn wrong(says: impl Into<String>, at: Span) -> Problem {
    Problem::fatal("config", says, Some(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::text::SourceId;

    #[test]
    fn every_sample_is_a_value_that_the_reader_takes() {
        let rules = ["image-latest", "image-digest-only", "image-no-digest"];
        for key in KEYS {
            let text = match key.shape {
                Shape::Table(inner) => {
                    let lines = inner.iter().filter(|key| !key.sample.is_empty());
                    format!(
                        "{}:\n{}",
                        key.name,
                        lines.map(|key| format!("  {}: {}\n", key.name, key.sample)).collect::<String>()
                    )
                }
                _ => format!("{}: {}\n", key.name, key.sample),
            };
            let (_, problems) = Config::read(SourceId(0), &text, &rules);
            assert_eq!(problems, [], "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_a_near_word() {
        for (text, says, place) in [
            ("prest: strict\n", "there is no key `prest` here, did you mean `preset`?", "prest"),
            (
                "rules: {image-lastest: error}\n",
                "there is no rule `image-lastest`, did you mean `image-latest`?",
                "image-lastest",
            ),
            ("rules:\n  image-latest: fatal\n", "a severity is off, note, warning or error", "fatal"),
            ("exclude: 3\n", "a text or a list of texts is expected here", "3"),
            ("exclude: [a, yes]\n", "a text or a list of texts is expected here", "[a, yes]"),
            ("rules: {\"x-*\": off}\n", "there is no rule that begins with `x-`", "x-*"),
            ("fail-on: off\n", "one of error, warning, note, never is expected here", "off"),
            ("exclude: {a: b}\n", "a text or a list of texts is expected here", "{a: b}"),
            ("allow:\n  - rule: image-latest\n", "`reason` is missing here", "rule: image-latest"),
            (
                "allow: [{rule: image-latest, reason: x, until: soon}]\n",
                "a date is written 2026-11-20",
                "soon",
            ),
            ("images: {mirrors: [{prefix: 'a/*', for: b}]}\n", "a prefix ends in a plain word", "a/*"),
            ("images: {mirrors: [{prefix: a}]}\n", "`for` is missing here", "{prefix: a}"),
            ("repo-url: {a: b}\n", "a text or a list of texts is expected here", "{a: b}"),
            (
                "routine: [labels, image-pach]\n",
                "some of image-digest, image-patch, image-minor, unpinned-images, chart-patch, chart-minor, labels are expected here, did you mean `image-patch`?",
                "image-pach",
            ),
            ("preset: lax\n", "one of recommended, strict is expected here", "lax"),
            ("kubernetes-version: 2.0\n", "a version of Kubernetes is written 1.31 or 1.31.2", "2.0"),
            ("kubernetes-version: 1\n", "a version of Kubernetes is written 1.31 or 1.31.2", "1"),
            ("kubernetes-version: latest\n", "a version of Kubernetes is written 1.31 or 1.31.2", "latest"),
            ("kubernetes-version: [1.31]\n", "a version of Kubernetes is written 1.31 or 1.31.2", "[1.31]"),
            ("api-versions: keda.sh\n", "an API is written group/version or group/version/Kind", "keda.sh"),
            (
                "api-versions: [a.example/v1, a.example/Web]\n",
                "an API is written group/version or group/version/Kind",
                "a.example/Web",
            ),
            ("api-versions: {a: b}\n", "an API is written group/version or group/version/Kind", "{a: b}"),
        ] {
            let (_, problems) = Config::read(SourceId(0), text, &["image-latest"]);
            let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
            assert_eq!(problem.says, says);
            assert!(text[problem.at.unwrap().range()].starts_with(place), "{text}: {problem:?}");
        }
    }
}
