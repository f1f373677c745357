//! `.pintle.yaml`: what the repository's owners decided. An entry that allows something keeps its place, so
//! that a verdict can point at the line behind it. The keys themselves are data in `keys.rs`; disk is not touched here.

#[cfg(feature = "cli")]
mod allow;
mod keys;
mod routine;
#[cfg(feature = "cli")]
mod schema;
mod silences;
#[cfg(feature = "cli")]
mod template;

use crate::limits::MOST_OF_CONFIGURATION;
#[cfg(feature = "cli")]
pub use allow::{Entry, allow, spelled};
pub use keys::{KEYS, Key, Shape};
pub use routine::Routine;
#[cfg(feature = "cli")]
pub use schema::schema;
pub use silences::silences;
#[cfg(feature = "cli")]
pub use template::{Given, template};

use keys::wrong;

use crate::facts::Keeping;
use crate::finding::{Problem, Severity};
use crate::syntax::{Node, yaml};
use crate::text::{Date, Part, SourceId, Span, Str, is_conflict, patterns};
use globset::GlobMatcher;
use regex::Regex;

/// The names under which a configuration is found, the first that exists.
pub const NAMES: [&str; 2] = [".pintle.yaml", ".pintle.yml"];

/// What the repository's owners decided.
#[derive(Debug, Default)]
pub struct Config {
    pub include: Vec<GlobMatcher>,
    pub exclude: Vec<GlobMatcher>,
    pub preset: Preset,
    /// The mildest finding that makes a run fail; nothing inside: none does.
    pub fail_on: Option<Option<Severity>>,
    pub settings: Vec<Setting>,
    pub immutable: Vec<(GlobMatcher, Regex)>,
    pub moving: Vec<(GlobMatcher, Regex)>,
    /// How names begin in a mirror, and the registry that it is of.
    pub mirrors: Vec<(Str, Str)>,
    /// Images (by canonical name) that may be used at all; empty means any.
    pub allowed_images: Vec<GlobMatcher>,
    /// What images have to run on: `linux/amd64`.
    pub platforms: Vec<Str>,
    pub resources: Vec<CustomResource>,
    pub storage: Storage,
    /// What files are there for, by their paths; nothing for what is judged in full. The first that fits decides.
    pub places: Vec<(GlobMatcher, Option<Keeping>)>,
    /// The addresses that this repository has; nothing means that they are found out.
    pub repo_urls: Vec<Str>,
    /// Folders with charts that are no files of the repository.
    pub chart_dirs: Vec<Part>,
    /// The version of Kubernetes that charts are rendered for.
    pub kubernetes_version: Option<Str>,
    /// The APIs that clusters have besides.
    pub api_versions: Vec<Str>,
    /// What a change may do that nobody needs to look at; nothing means what is so by default.
    pub routine: Option<Vec<Routine>>,
    pub allows: Vec<Allow>,
}

/// A named set of severities, under everything else the configuration says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Preset {
    /// Each rule at the severity of its page.
    #[default]
    Recommended,
    /// Notes become warnings, and the rules that are off by default come on as warnings.
    Strict,
}

/// The severity of one rule, or of those whose names begin alike, everywhere or on some paths.
#[derive(Clone, Debug)]
pub struct Setting {
    /// A trailing `*` takes every rule with that beginning.
    pub rule: Str,
    pub severity: Severity,
    /// Empty means everywhere.
    pub paths: Vec<GlobMatcher>,
}

/// Where images stand in a custom resource that pintle does not know by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomResource {
    pub kind: Str,
    /// Paths such as `spec.runtime.image` or `spec.steps[].image`.
    pub fields: Vec<Str>,
}

/// How this cluster calls its storage.
#[derive(Debug, Default)]
pub struct Storage {
    /// Classes and provisioners that replicate by themselves, by name.
    pub replicated: Vec<GlobMatcher>,
    /// Classes and provisioners that keep data on one node.
    pub local: Vec<GlobMatcher>,
    /// More images that are database servers: engine and image globs.
    pub engines: Vec<(Part, Vec<GlobMatcher>)>,
}

/// A finding that is allowed on purpose.
#[derive(Clone, Debug)]
pub struct Allow {
    pub rule: Str,
    pub paths: Vec<GlobMatcher>,
    /// The hash of the one value that is allowed; nothing means any.
    pub value: Option<Str>,
    pub reason: Str,
    pub until: Option<Date>,
    pub at: Span,
}

impl Config {
    /// Reads a configuration. Anything wrong in it is a fatal problem with its place: a linter that misreads its
    /// orders must not report "clean". `rules` are the ids that exist.
    pub fn read(source: SourceId, text: &str, rules: &[&str]) -> (Config, Vec<Problem>) {
        if let Some(at) = conflict(source, text) {
            let says = "there are marks of a conflict here: the merge is not finished";
            return (Config::default(), vec![wrong(says, at)]);
        }
        let yaml = yaml::read(source, text);
        let mut problems: Vec<Problem> = yaml.problems;
        for problem in &mut problems {
            problem.weight = crate::finding::Weight::Fatal;
        }
        let mut config = Config::default();
        let says =
            yaml.documents.iter().map(|document| document.root.weight()).fold(0, usize::saturating_add);
        if says > MOST_OF_CONFIGURATION {
            let most = format!(
                "a configuration says up to {} KiB, its aliases included",
                MOST_OF_CONFIGURATION >> 10
            );
            problems.push(wrong(most, Span::new(source, 0, 0)));
            return (config, problems);
        }
        if let Some(second) = yaml.documents.get(1) {
            problems.push(wrong("a configuration is one document", second.root.span()));
        }
        if let Some(document) = yaml.documents.first().filter(|document| !document.root.is_null()) {
            keys::check(&document.root, &Shape::Table(KEYS), rules, &mut problems);
            config.fill(&document.root, &mut problems);
        }
        (config, problems)
    }

    fn fill(&mut self, root: &Node, problems: &mut Vec<Problem>) {
        self.include = globs(root.get("include"), problems);
        self.exclude = globs(root.get("exclude"), problems);
        if root.text_at("preset") == Some("strict") {
            self.preset = Preset::Strict;
        }
        self.fail_on = root.text_at("fail-on").map(Severity::parse);
        self.settings = settings(root.get("rules"), Vec::new());
        for entry in root.get("overrides").map(Node::items).unwrap_or_default() {
            let paths = globs(entry.get("paths"), problems);
            self.settings.append(&mut settings(entry.get("rules"), paths));
        }
        if let Some(images) = root.get("images") {
            self.immutable = tags(images.get("immutable-tags"), problems);
            self.moving = tags(images.get("moving-tags"), problems);
            self.mirrors = mirrors(images.get("mirrors"), problems);
            self.allowed_images = globs(images.get("allowed"), problems);
            self.platforms = texts(images.get("platforms"));
            for entry in images.get("resources").map(Node::items).unwrap_or_default() {
                let fields = texts(entry.get("fields"));
                self.resources
                    .push(CustomResource { kind: entry.text_at("kind").unwrap_or_default().into(), fields });
            }
        }
        if let Some(storage) = root.get("storage") {
            self.storage.replicated = globs(storage.get("replicated"), problems);
            self.storage.local = globs(storage.get("local"), problems);
            for entry in storage.get("engines").map(Node::items).unwrap_or_default() {
                let images = globs(entry.get("images"), problems);
                self.storage
                    .engines
                    .extend(entry.get("engine").and_then(Node::part).map(|engine| (engine, images)));
            }
        }
        if let Some(places) = root.get("places") {
            let kinds = Keeping::ALL.into_iter().rev().map(|one| (one.name(), Some(one)));
            for (name, keeping) in std::iter::once(("own", None)).chain(kinds) {
                let globs = globs(places.get(name), problems);
                self.places.extend(globs.into_iter().map(|glob| (glob, keeping)));
            }
        }
        self.repo_urls = texts(root.get("repo-url"));
        self.chart_dirs = parts(root.get("chart-dirs"));
        self.kubernetes_version = root.text_at("kubernetes-version").map(Str::from);
        self.api_versions = texts(root.get("api-versions"));
        let names = root.get("routine").map(|node| texts(Some(node)));
        self.routine = names.map(|names| names.iter().filter_map(|name| Routine::parse(name)).collect());
        for entry in root.get("allow").map(Node::items).unwrap_or_default() {
            let until = entry.get("until").and_then(|node| {
                let date = node.text().and_then(Date::parse);
                if date.is_none() {
                    problems.push(wrong("a date is written 2026-11-20", node.span()));
                }
                date
            });
            self.allows.push(Allow {
                rule: entry.text_at("rule").unwrap_or_default().into(),
                paths: globs(entry.get("paths"), problems),
                value: entry.text_at("value").map(Str::from),
                reason: entry.text_at("reason").unwrap_or_default().into(),
                until,
                at: entry.get("rule").map_or(entry.span(), Node::span),
            });
        }
    }

    /// Engines that none of these names is.
    pub fn unknown_engines(&self, names: &[&str]) -> Vec<Problem> {
        let engines = self.storage.engines.iter().map(|(engine, _)| engine);
        let unknown = engines.filter(|engine| !names.contains(&engine.text.as_str()));
        unknown
            .map(|engine| wrong(keys::unknown("engine", &engine.text, names), engine.origin.span()))
            .collect()
    }

    /// What a change may do that nobody needs to look at.
    pub fn routine(&self) -> &[Routine] {
        self.routine.as_deref().unwrap_or(Routine::DEFAULT)
    }

    /// Whether a file is to be looked at at all.
    pub fn takes(&self, name: &str) -> bool {
        let any = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(name));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

/// The first line by which git marks a conflict.
fn conflict(source: SourceId, text: &str) -> Option<Span> {
    let mut start = 0;
    text.split_inclusive('\n').find_map(|line| {
        let at = Span::new(source, start, start + line.trim_end().len());
        start += line.len();
        is_conflict(line).then_some(at)
    })
}

fn settings(rules: Option<&Node>, paths: Vec<GlobMatcher>) -> Vec<Setting> {
    let entries = rules.map(Node::entries).unwrap_or_default();
    let read = |(key, value): &(Node, Node)| {
        let severity = Severity::parse(value.text()?)?;
        Some(Setting { rule: key.text()?.into(), severity, paths: paths.clone() })
    };
    entries.iter().filter_map(read).collect()
}

fn mirrors(list: Option<&Node>, problems: &mut Vec<Problem>) -> Vec<(Str, Str)> {
    let mut out = Vec::new();
    for entry in list.map(Node::items).unwrap_or_default() {
        let (Some(prefix), Some(of)) = (entry.get("prefix"), entry.text_at("for")) else { continue };
        let text = prefix.text().unwrap_or_default().trim_end_matches('/');
        if text.is_empty() || text.rsplit('/').next().is_some_and(|last| last.contains('*')) {
            problems.push(wrong("a prefix ends in a plain word", prefix.span()));
        } else {
            out.push((text.into(), of.into()));
        }
    }
    out
}

fn tags(list: Option<&Node>, problems: &mut Vec<Problem>) -> Vec<(GlobMatcher, Regex)> {
    let mut out = Vec::new();
    for entry in list.map(Node::items).unwrap_or_default() {
        let Some(tags) = entry.get("tags") else { continue };
        match patterns::regex(tags.text().unwrap_or_default()) {
            Ok(regex) => {
                for glob in globs(entry.get("images"), problems) {
                    out.push((glob, regex.clone()));
                }
            }
            Err(says) => problems.push(wrong(format!("the pattern cannot be read: {says}"), tags.span())),
        }
    }
    out
}

/// The globs of a text or a list of texts. `*` stays within a part of a path, `**` crosses, and a glob without a
/// slash matches a name at any depth.
fn globs(node: Option<&Node>, problems: &mut Vec<Problem>) -> Vec<GlobMatcher> {
    let Some(node) = node else { return Vec::new() };
    let single = std::slice::from_ref(node);
    let mut out = Vec::new();
    for item in if node.is_list() { node.items() } else { single } {
        let text = item.text().unwrap_or_default();
        let anywhere = if text.contains('/') || text == "**" {
            text.trim_start_matches('/').to_string()
        } else {
            format!("**/{text}")
        };
        let anywhere = if anywhere.ends_with('/') { format!("{anywhere}**") } else { anywhere };
        match patterns::glob(&anywhere) {
            Some(glob) => out.push(glob),
            None => problems.push(wrong("the glob cannot be read", item.span())),
        }
    }
    out
}

fn texts(node: Option<&Node>) -> Vec<Str> {
    parts(node).into_iter().map(|part| part.text).collect()
}

fn parts(node: Option<&Node>) -> Vec<Part> {
    let Some(node) = node else { return Vec::new() };
    let single = std::slice::from_ref(node);
    (if node.is_list() { node.items() } else { single }).iter().filter_map(Node::part).collect()
}
