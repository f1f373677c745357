//! Where database servers keep their data inside their containers, and which mount that is on. Where images keep it
//! by themselves is on the page `engines`; what is under the volume that is mounted there is in `grounds`.

use super::programs::program;
use super::storage::{Desk, lives_on};
use crate::facts::{
    Container, EngineKind, Engines, Environment, Fact, Facts, Setting, Workload, parse_reference,
};
use crate::text::{Part, Str};
use std::collections::HashMap;

/// What a mount has to do with a data directory that it does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    /// It is where images of earlier versions kept their data.
    Former,
    /// The image declares a volume below it, which covers it.
    Covered,
    Elsewhere,
    /// Nothing that keeps data is mounted.
    Nothing,
}

/// A server whose data directory is on none of its volumes.
#[derive(Clone, Debug)]
pub struct Homeless {
    /// Index into `Facts::workloads`.
    pub workload: usize,
    pub engine: Str,
    pub image: Part,
    /// The data directory, and what says so if it is not the image itself.
    pub home: String,
    pub told: Option<Part>,
    pub miss: Miss,
    /// The mount that was meant.
    pub mount: Option<Part>,
    /// Who may say otherwise, unseen here.
    pub unseen: Option<Str>,
    /// The image has no version: it is the newest.
    pub newest: bool,
}

/// A data directory in a container.
pub(super) struct Home {
    pub(super) engine: Str,
    pub(super) path: String,
    pub(super) told: Option<Part>,
    /// The directory that the image declares a volume.
    declared: Option<Str>,
    unseen: Option<Str>,
    newest: bool,
    /// Where images of earlier versions kept their data.
    former: Vec<Str>,
}

/// Finds servers whose data directory is on none of their volumes.
pub(super) fn homeless(desk: &Desk) -> Vec<Homeless> {
    let settings = Settings::of(desk.facts);
    let mut out = Vec::new();
    for (at, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        for container in &fact.says.containers {
            if let Some(home) = home(desk, &settings, fact, container) {
                out.extend(missed(at, fact, container, home));
            }
        }
    }
    out
}

/// The data directory of a server; nothing if it is no server, or if it cannot be told.
pub(super) fn home(
    desk: &Desk,
    settings: &Settings,
    fact: &Fact<Workload>,
    container: &Container,
) -> Option<Home> {
    let image = container.image.as_ref().filter(|image| !container.init && image.is_known())?;
    if container.unsure || container.mounts.iter().any(|(_, path)| !path.is_known()) {
        return None;
    }
    let engines = &desk.known.engines;
    let server = engines.of_image(&image.text)?;
    let (family, kind) = (server.family?, engines.engine(&server.engine.name)?);
    let words = words(engines, kind, container)?;
    if words.iter().any(|(word, _)| kind.quiet_with.iter().any(|quiet| quiet == word)) {
        return None;
    }
    let major = server.engine.major;
    let known = family.folder(major);
    let newest = known.is_none() && major.is_none() && is_newest(image);
    let folder = known.or_else(|| family.newest_folder().filter(|_| newest))?;
    let (path, declared) = folder.writes_in(major)?;
    let says = settings.directory(desk, fact, container, kind, &words)?;
    let former = if says.is_none() { family.former(folder) } else { Vec::new() };
    let path = says.as_ref().map_or(path.to_string(), |says| clean(&says.text));
    let unseen = container.unseen.clone().or_else(|| configured(container, &words));
    path.starts_with('/').then_some(Home {
        engine: kind.name.clone(),
        path,
        unseen: unseen.filter(|_| says.is_none()),
        told: says,
        declared,
        newest,
        former,
    })
}

/// Whether a reference names whatever is the newest.
fn is_newest(image: &Part) -> bool {
    let parsed = parse_reference(image);
    let tag = parsed.tag.as_ref().map(|tag| tag.text.as_str());
    parsed.digest.is_none() && matches!(tag, None | Some("latest" | "alpine"))
}

/// The configuration file of a server, which may say where its data is.
fn configured(container: &Container, words: &[(String, Part)]) -> Option<Str> {
    const ENDS: [&str; 10] =
        [".conf", ".cnf", ".cfg", ".ini", ".toml", ".yaml", ".yml", ".xml", ".json", ".properties"];
    let is_configuration = |path: &str| {
        path.starts_with("/etc/") || path.contains("/conf") || ENDS.iter().any(|end| path.ends_with(end))
    };
    let is_told = words.iter().any(|(word, _)| word.contains("config") || word.starts_with("--defaults"));
    let is_mounted = container.mounts.iter().any(|(_, path)| is_configuration(&path.text));
    (is_told || is_mounted).then(|| "its configuration file".into())
}

/// The words that the server is started with, each with its place; nothing if something else is started.
fn words(engines: &Engines, kind: &EngineKind, container: &Container) -> Option<Vec<(String, Part)>> {
    let mut all: Vec<(String, Part)> = Vec::new();
    for part in container.command.iter().chain(&container.args) {
        if !part.is_known() {
            return None;
        }
        all.extend(part.text.split_whitespace().map(|word| (word.to_owned(), part.clone())));
    }
    // Options go to the image's own program, where that is not replaced.
    let is_flags = container.command.is_empty() && all.first().is_none_or(|(word, _)| word.starts_with('-'));
    let bare: Vec<&str> = all.iter().map(|(word, _)| word.as_str()).collect();
    let is_server = |name| engines.server_program(name).is_some_and(|at| engines.at(at).name == kind.name);
    let starts = is_flags || program(&bare).is_none_or(|(name, _)| is_server(name));
    starts.then_some(all)
}

/// What ConfigMaps give, by the name of the map.
pub(super) struct Settings<'a> {
    maps: HashMap<&'a str, Vec<&'a Fact<Environment>>>,
}

impl<'a> Settings<'a> {
    pub(super) fn of(facts: &'a Facts) -> Settings<'a> {
        let mut maps: HashMap<&str, Vec<&Fact<Environment>>> = HashMap::new();
        for fact in &facts.environments {
            maps.entry(&fact.says.name).or_default().push(fact);
        }
        Settings { maps }
    }

    /// The map that a workload means; nothing if it is not here, or if there are several.
    pub(super) fn map(
        &self,
        desk: &Desk,
        fact: &Fact<Workload>,
        name: &Part,
    ) -> Option<&'a Fact<Environment>> {
        let named = self.maps.get(name.text.as_str())?;
        let mut near = named
            .iter()
            .filter(|map| map.says.namespace == fact.says.namespace && desk.meets(&map.owner, &fact.owner));
        let first = near.next()?;
        near.next().is_none().then_some(first)
    }

    /// The data directory that variables and words tell: `Some(None)` if they say nothing of it, nothing if it is
    /// not known what they say.
    fn directory(
        &self,
        desk: &Desk,
        fact: &Fact<Workload>,
        container: &Container,
        kind: &EngineKind,
        words: &[(String, Part)],
    ) -> Option<Option<Part>> {
        if let Some(said) = by_words(&kind.options, words) {
            return said.map(Some);
        }
        let is_asked = |name: &Str| kind.moved_by.contains(name) || kind.based_on.contains(name);
        // What is based on a folder is somewhere below it, and of several folders each has a part of the data.
        let told = |name: &Str, value: Option<&Part>| {
            let value = value.filter(|part| kind.moved_by.contains(name) && !part.text.contains(','));
            value.cloned().map(Some)
        };
        if let Some((name, setting)) = container.env.iter().rev().find(|(name, _)| is_asked(name)) {
            let Setting::Entry { map, key } = setting else { return told(name, setting.value()) };
            let map = self.map(desk, fact, map)?;
            let entry = map.says.entries.iter().find(|(name, _)| name == key)?;
            return told(name, Some(&entry.1).filter(|value| value.is_known()));
        }
        for map in container.maps.iter().rev() {
            let map = self.map(desk, fact, map)?;
            if let Some((name, value)) = map.says.entries.iter().find(|(name, _)| is_asked(name)) {
                return told(name, Some(value).filter(|value| value.is_known()));
            }
        }
        Some(None)
    }
}

/// The data directory among the words of a command: nothing if they do not speak of it.
fn by_words(options: &[Str], words: &[(String, Part)]) -> Option<Option<Part>> {
    for (at, (word, part)) in words.iter().enumerate() {
        let next = words.get(at + 1).map(|(next, _)| next.as_str());
        // `-cname=value` is `-c name=value`.
        let word = word.strip_prefix("-c").filter(|rest| rest.contains('=')).unwrap_or(word);
        if let Some(value) = options.iter().find_map(|option| value_of(option, word, next)) {
            let value = value.filter(|value| value.starts_with('/'));
            return Some(value.map(|value| Part::new(value, part.origin.respelled())));
        }
    }
    None
}

/// The value that an option has in a word, or in the next one; nothing if the word is another.
fn value_of<'w>(option: &str, word: &'w str, next: Option<&'w str>) -> Option<Option<&'w str>> {
    let rest = word.strip_prefix(option)?;
    if rest.is_empty() {
        return Some(next);
    }
    let is_short = option.len() == 2 && rest.starts_with('/');
    rest.strip_prefix('=').or(is_short.then_some(rest)).map(Some)
}

/// A path without doubled signs, and without one at its end.
pub(super) fn clean(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    if path.starts_with('/') { format!("/{}", steps.join("/")) } else { steps.join("/") }
}

/// Whether a directory is another one, or below it.
pub(super) fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || directory == "/")
}

/// The mount that a path is on: the deepest one.
pub(super) fn mount_of<'c>(container: &'c Container, path: &str) -> Option<&'c (Str, Part)> {
    let holds = |(_, mount): &&(Str, Part)| !mount.text.is_empty() && is_within(path, &clean(&mount.text));
    container.mounts.iter().filter(holds).max_by_key(|(_, mount)| clean(&mount.text).len())
}

/// What is wrong with the mounts of a server, if its data is on none of them.
fn missed(at: usize, fact: &Fact<Workload>, container: &Container, home: Home) -> Option<Homeless> {
    let image = container.image.clone()?;
    // Of a mount without a path nobody knows what it holds.
    if container.mounts.iter().any(|(_, path)| path.text.is_empty()) {
        return None;
    }
    let volume = |name: &Str| fact.says.volumes.iter().find(|volume| volume.name == *name);
    let (miss, mount) = match mount_of(container, &home.path) {
        Some((name, mount)) => {
            let declared = home.declared.as_deref().filter(|declared| is_within(&home.path, declared))?;
            let is_covered = !is_within(&clean(&mount.text), declared);
            if !is_covered || !volume(name)?.backing.keeps() {
                return None;
            }
            (Miss::Covered, Some(mount.clone()))
        }
        None => {
            let is_former = |path: &Part| home.former.iter().any(|former| *former == clean(&path.text));
            let keeps = |(name, path): &&(Str, Part)| {
                let is_meant = is_former(path) || is_for_data(&path.text);
                is_meant && volume(name).is_none_or(|volume| volume.backing.keeps())
            };
            let kept: Vec<&(Str, Part)> = container.mounts.iter().filter(keeps).collect();
            // A volume of which nothing is known may be none, and one below holds a part of the data.
            let is_unclear = |(name, path): &&(Str, Part)| {
                volume(name).is_none() || is_within(&clean(&path.text), &home.path)
            };
            if kept.iter().any(is_unclear) {
                return None;
            }
            let old = kept.iter().copied().find(|(_, path)| is_former(path));
            match old.or(kept.first().copied()) {
                Some((_, path)) if old.is_some() => (Miss::Former, Some(path.clone())),
                Some((_, path)) => (Miss::Elsewhere, Some(path.clone())),
                None => (Miss::Nothing, None),
            }
        }
    };
    let Home { engine, path, told, unseen, newest, .. } = home;
    let newest = newest && told.is_none();
    Some(Homeless { workload: at, engine, image, home: path, told, miss, mount, unseen, newest })
}

/// Whether somebody who mounts this wants data to be kept there; dumps, scripts and settings are others' business.
fn is_for_data(path: &str) -> bool {
    const BELOW: [&str; 14] = [
        "/docker-entrypoint",
        "/etc",
        "/tmp",
        "/run",
        "/var/run",
        "/var/log",
        "/dev",
        "/init",
        "/config",
        "/app",
        "/code",
        "/usr/local",
        "/usr/src",
        "/workspace",
    ];
    const WORDS: [&str; 9] =
        ["backup", "dump", "snapshot", "plugin", "/conf", "cert", "ssl", "script", "secret"];
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let is_apart =
        BELOW.iter().any(|folder| path.starts_with(folder)) || WORDS.iter().any(|word| path.contains(word));
    !is_file && !is_apart
}
