//! Which images, charts, variables and programs mean which database: data of the page `engines`, and its lookup. What
//! follows from it is for others.

use super::layout::Layout;
use super::star::fits;
use crate::text::Str;
use std::collections::{HashMap, HashSet};

/// A kind of database with its version, as far as it is known: `postgres` 16.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Engine {
    pub name: Str,
    pub major: Option<u32>,
}

/// What is known of one kind of database.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EngineKind {
    pub name: Str,
    /// As people call it.
    pub title: Str,
    /// People lose nothing with it.
    pub cache: bool,
    /// It keeps copies by itself where it has several servers.
    pub replicates: bool,
    pub port: Option<u16>,
    /// The first version that anybody runs: a lower number counts something else.
    pub oldest: Option<u32>,
    /// Variables that name the folder of its data.
    pub moved_by: Vec<Str>,
    /// Variables that name a folder somewhere above it.
    pub based_on: Vec<Str>,
    /// What names the folder on the command line.
    pub options: Vec<Str>,
    /// What says on the command line that it keeps other data than usual, or none.
    pub quiet_with: Vec<Str>,
}

/// Images of one make: where they keep their data, and where in the reference the engine's version is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Family {
    pub name: Str,
    pub data: Vec<DataFolder>,
    pub version: VersionAt,
    /// It brings data of an earlier major version up to its own.
    pub upgrades: bool,
    /// An image without a version is the newest one.
    pub newest: bool,
}

/// A folder that holds the data, of the versions from one border to the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataFolder {
    path: Str,
    pub from: Option<u32>,
    pub below: Option<u32>,
    /// The directory into which the server writes, where that is certain.
    writes: Option<Str>,
    /// The directory that the image declares a volume, so that the runtime puts one there if nobody else does.
    declares: Option<Str>,
}

/// What stands for the version in the name of a folder.
const MAJOR: &str = "<major>";

impl DataFolder {
    pub fn new(path: Str, (from, below): (Option<u32>, Option<u32>)) -> DataFolder {
        DataFolder { path, from, below, writes: None, declares: None }
    }

    /// The same, with the directory into which the server writes, and the one that the image declares a volume.
    pub fn written(self, writes: Option<Str>, declares: Option<Str>) -> DataFolder {
        DataFolder { writes, declares, ..self }
    }

    /// The folder of a version.
    pub fn path_in(&self, major: Option<u32>) -> Str {
        of_version(&self.path, major)
    }

    /// Where a server of this version writes, and the volume that its image declares, if that is certain.
    pub fn writes_in(&self, major: Option<u32>) -> Option<(Str, Option<Str>)> {
        let writes = of_version(self.writes.as_ref()?, major);
        Some((writes, self.declares.as_ref().map(|path| of_version(path, major))))
    }
}

fn of_version(path: &Str, major: Option<u32>) -> Str {
    match path.contains(MAJOR) {
        true => path.replace(MAJOR, &major.map_or("<version>".to_owned(), |major| major.to_string())).into(),
        false => path.clone(),
    }
}

impl Family {
    /// The folder in which a server of this version keeps its data unless it is told otherwise.
    pub fn folder(&self, major: Option<u32>) -> Option<&DataFolder> {
        let holds = |folder: &&DataFolder| {
            let is_after = folder.from.is_none_or(|from| major.is_some_and(|major| major >= from));
            is_after && folder.below.is_none_or(|below| major.is_some_and(|major| major < below))
        };
        self.data.iter().find(holds)
    }

    /// The folder of the newest version, if an image without a version is that.
    pub fn newest_folder(&self) -> Option<&DataFolder> {
        self.data.iter().rfind(|folder| folder.below.is_none()).filter(|_| self.newest)
    }

    /// Where servers before this folder's versions wrote their data.
    pub fn former(&self, folder: &DataFolder) -> Vec<Str> {
        let last = folder.from.unwrap_or(u32::MAX);
        let is_former = |other: &&DataFolder| other.below.is_some_and(|below| below <= last);
        self.data.iter().filter(is_former).filter_map(|other| other.writes.clone()).collect()
    }
}

/// Where a reference tells the version of the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VersionAt {
    /// Behind `pg` in the tag, else the first number.
    #[default]
    Tag,
    /// The first word of the tag that begins with a digit.
    Word,
    /// The last such word.
    Last,
    /// Only behind `pg` or `postgres`: the tag is the version of something else.
    Named,
    /// In the name of the image.
    Name,
    Nowhere,
}

impl VersionAt {
    pub fn named(name: &str) -> Option<VersionAt> {
        Some(match name {
            "tag" => VersionAt::Tag,
            "word" => VersionAt::Word,
            "last" => VersionAt::Last,
            "named" => VersionAt::Named,
            "name" => VersionAt::Name,
            "none" => VersionAt::Nowhere,
            _ => return None,
        })
    }

    fn major(self, name: &str, tag: &str) -> Option<u32> {
        let mut words = tag.split('-').filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        match self {
            VersionAt::Tag => behind_name(tag).or_else(|| leading(tag.strip_prefix('v').unwrap_or(tag))),
            VersionAt::Word => leading(words.next()?),
            VersionAt::Last => leading(words.next_back()?),
            VersionAt::Named => behind_name(tag),
            VersionAt::Name => name.split(['-', '_']).find_map(leading),
            VersionAt::Nowhere => None,
        }
    }
}

/// The number that a text begins with.
fn leading(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().filter(|&number| number < 1000)
}

/// The number behind the engine's name: of `pg16-v0.7.0`, `2.17.2-pg16`, `release_PG16_1.5.0` and `postgres_16`.
fn behind_name(tag: &str) -> Option<u32> {
    let tag = tag.to_ascii_lowercase();
    let words: Vec<&str> = tag.split(['-', '_', '.']).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let rest = ["postgres", "ppg", "pg"].iter().find_map(|name| word.strip_prefix(name))?;
        leading(rest).or_else(|| leading(words.get(at + 1)?).filter(|_| rest.is_empty()))
    })
}

/// An engine as the page tells it, to be taken in.
#[derive(Debug, Default)]
pub struct EngineEntry {
    pub kind: EngineKind,
    pub words: Vec<Str>,
    pub charts: Vec<Str>,
    pub keys: Vec<Str>,
    pub sure: Vec<Str>,
    pub telling: Vec<Str>,
    pub programs: Vec<Str>,
    pub clients: Vec<Str>,
    pub families: Vec<(Family, Vec<Str>, Vec<Str>)>,
}

/// Programs that keep an embedded database in a folder of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnFile {
    pub engine: Str,
    pub at: Vec<Str>,
    /// Variables, with stars, that name a server instead.
    pub unless: Vec<Str>,
}

impl OwnFile {
    /// Whether a variable names a server instead.
    pub fn is_moved_by(&self, variable: &str) -> bool {
        self.unless.iter().any(|pattern| fits(pattern, variable))
    }
}

/// A server as an image tells it.
#[derive(Clone, Debug)]
pub struct ServerImage<'a> {
    pub engine: Engine,
    /// Only where the image itself is known, and not just called so.
    pub family: Option<&'a Family>,
}

/// What a variable says of its container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hint {
    /// Index of the engine.
    pub engine: usize,
    /// Only servers have it.
    pub is_sure: bool,
}

/// All that is known of engines.
#[derive(Clone, Debug, Default)]
pub struct Engines {
    kinds: Vec<EngineKind>,
    families: Vec<Family>,
    /// Engine and family, by the full name without the registry.
    images: HashMap<Str, (usize, usize)>,
    /// Engine and perhaps family, by what a word of an image's name begins with.
    words: HashMap<Str, (usize, Option<usize>)>,
    /// How long the words are.
    lengths: Vec<usize>,
    charts: HashMap<Str, usize>,
    keys: HashMap<Str, usize>,
    variables: HashMap<Str, Vec<Hint>>,
    /// Variables that say where some engine keeps its data.
    moving: HashSet<Str>,
    programs: HashMap<Str, usize>,
    /// What the images of servers hold besides, and what is no server in any image.
    clients: HashSet<Str>,
    idle: HashSet<Str>,
    /// Words that make an image a helper: as a word of the name, and anywhere in it.
    helpers: HashSet<Str>,
    /// Images that are called as a server and are none.
    others: HashSet<Str>,
    inner_helpers: Vec<Str>,
    /// Folders for data that are one engine's only.
    folders: Vec<(Str, usize)>,
    ports: HashMap<u16, Vec<usize>>,
    /// By kind: the group, and what a resource of it says.
    resources: HashMap<Str, Vec<(Str, Layout)>>,
    inside: HashMap<Str, Vec<Layout>>,
    files: HashMap<Str, OwnFile>,
}

/// From here on a helper's word may be inside of another.
const INNER: usize = 5;

impl Engines {
    /// Adds an engine, or more of one that is there.
    pub fn add(&mut self, entry: EngineEntry) {
        let at = self.add_kind(entry.kind);
        for word in entry.words {
            self.add_word(word, (at, None));
        }
        for (family, images, words) in entry.families {
            let number = self.families.len();
            self.add_folders(at, &family);
            self.families.push(family);
            self.images.extend(images.into_iter().map(|image| (image, (at, number))));
            for word in words {
                self.add_word(word, (at, Some(number)));
            }
        }
        self.charts.extend(entry.charts.into_iter().map(|name| (name, at)));
        self.keys.extend(entry.keys.into_iter().map(|name| (name, at)));
        self.programs.extend(entry.programs.into_iter().map(|name| (name, at)));
        self.clients.extend(entry.clients);
        for (names, is_sure) in [(entry.sure, true), (entry.telling, false)] {
            for name in names {
                self.variables.entry(name).or_default().push(Hint { engine: at, is_sure });
            }
        }
    }

    fn add_kind(&mut self, kind: EngineKind) -> usize {
        self.moving.extend(kind.moved_by.iter().chain(&kind.based_on).cloned());
        let known = self.kinds.iter().position(|known| known.name == kind.name);
        if let Some(at) = known {
            let known = &mut self.kinds[at];
            known.moved_by.extend(kind.moved_by);
            known.based_on.extend(kind.based_on);
            known.options.extend(kind.options);
            known.quiet_with.extend(kind.quiet_with);
            return at;
        }
        let at = self.kinds.len();
        if let Some(port) = kind.port {
            self.ports.entry(port).or_default().push(at);
        }
        self.kinds.push(kind);
        at
    }

    fn add_word(&mut self, word: Str, means: (usize, Option<usize>)) {
        if !self.lengths.contains(&word.len()) {
            self.lengths.push(word.len());
            // The longest word decides.
            self.lengths.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.words.insert(word, means);
    }

    /// A folder such as `/data` or `/config` is many programs', one with the engine's name in it is its own.
    fn add_folders(&mut self, engine: usize, family: &Family) {
        for folder in &family.data {
            // What comes before the version is the same for all of them.
            let path = folder.path.split(MAJOR).next().unwrap_or_default().trim_end_matches('/');
            if path.matches('/').count() > 1 {
                self.folders.push((path.into(), engine));
            }
        }
    }

    pub fn add_helper(&mut self, word: Str) {
        if word.len() >= INNER {
            self.inner_helpers.push(word.clone());
        }
        self.helpers.insert(word);
    }

    /// An image that is called as a server and is none.
    pub fn add_other(&mut self, image: Str) {
        self.others.insert(image);
    }

    /// A program that is no server, whatever its image.
    pub fn add_idle(&mut self, program: Str) {
        self.idle.insert(program);
    }

    pub fn add_resource(&mut self, group: Str, kind: Str, layout: Layout) {
        self.resources.entry(kind).or_default().push((group, layout));
    }

    pub fn add_chart(&mut self, chart: Str, layout: Layout) {
        self.inside.entry(chart).or_default().push(layout);
    }

    pub fn add_file(&mut self, image: Str, file: OwnFile) {
        self.files.insert(image, file);
    }

    /// The names of all of them.
    pub fn names(&self) -> Vec<&str> {
        self.kinds.iter().map(|kind| kind.name.as_str()).collect()
    }

    /// What is known of an engine, by its name.
    pub fn engine(&self, name: &str) -> Option<&EngineKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The engine of a [`Hint`], a program or a port.
    pub fn at(&self, engine: usize) -> &EngineKind {
        &self.kinds[engine]
    }

    /// The server that an image is: PostgreSQL 16 of `ghcr.io/acme/postgis:16-3.4`.
    pub fn of_image(&self, reference: &str) -> Option<ServerImage<'_>> {
        let (path, tag) = path_and_tag(reference);
        let last = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        if let Some(&(engine, family)) = known_by(path, |name| self.images.get(name)) {
            let family = &self.families[family];
            return Some(self.server(engine, family.version.major(&last, tag), Some(family)));
        }
        let (engine, family, behind) = self.word(&last)?;
        if self.is_helper_named(&last) || known_by(path, |name| self.others.get(name)).is_some() {
            return None;
        }
        let version = family.map_or(VersionAt::Tag, |family| self.families[family].version);
        // `postgresql15` says it, whatever the tag counts.
        let major = leading(&last[behind..]).or_else(|| version.major(&last, tag));
        Some(self.server(engine, major, None))
    }

    fn server<'a>(
        &'a self,
        engine: usize,
        major: Option<u32>,
        family: Option<&'a Family>,
    ) -> ServerImage<'a> {
        let kind = &self.kinds[engine];
        let major = major.filter(|major| kind.oldest.is_none_or(|oldest| *major >= oldest));
        ServerImage { engine: Engine { name: kind.name.clone(), major }, family }
    }

    /// Whether an image works with databases instead of being one, by its name.
    pub fn is_helper(&self, reference: &str) -> bool {
        let path = path_and_tag(reference).0;
        self.is_helper_named(&path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase())
    }

    fn is_helper_named(&self, name: &str) -> bool {
        name.split(['-', '_', '.']).any(|word| self.helpers.contains(word))
            || self.inner_helpers.iter().any(|helper| name.contains(helper.as_str()))
    }

    /// The engine after which a word of a name is called, and where the word ends. The longest decides:
    /// `percona-server-mongodb` before `percona-server`.
    fn word(&self, name: &str) -> Option<(usize, Option<usize>, usize)> {
        let starts = || {
            let behind = name.match_indices(['-', '_', '.']).map(|(at, _)| at + 1);
            std::iter::once(0).chain(behind)
        };
        let at_start = |at: usize, length: usize| {
            let (engine, family) = self.words.get(name.get(at..at + length)?)?;
            Some((*engine, *family, at + length))
        };
        self.lengths.iter().find_map(|length| starts().find_map(|at| at_start(at, *length)))
    }

    /// The engine that a text names, be it a chart, a component or an image.
    pub fn of_name(&self, name: &str) -> Option<Engine> {
        let engine = self.word(&name.to_ascii_lowercase())?.0;
        Some(Engine { name: self.kinds[engine].name.clone(), major: None })
    }

    /// The engine that a chart brings.
    pub fn of_chart(&self, name: &str) -> Option<Engine> {
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        let engine = *self.charts.get(last)?;
        Some(Engine { name: self.kinds[engine].name.clone(), major: None })
    }

    /// The engine that a key of a chart's values brings.
    pub fn of_key(&self, key: &str) -> Option<Engine> {
        let engine = *self.keys.get(key)?;
        Some(Engine { name: self.kinds[engine].name.clone(), major: None })
    }

    /// The major version that an image or a tag of this engine has.
    pub fn major(&self, engine: &str, image: &str) -> Option<u32> {
        let named = image.contains(['/', ':']).then(|| self.of_image(image)).flatten();
        if let Some(named) = named {
            return named.engine.major;
        }
        // An image that nobody knows is what its chart says it is.
        let tag = image.rsplit('/').next()?.split('@').next()?;
        let tag = tag.rsplit(':').next()?;
        self.of_image(&format!("{engine}:{tag}"))?.engine.major
    }

    /// What a variable says.
    pub fn hints(&self, variable: &str) -> &[Hint] {
        self.variables.get(variable).map_or(&[], Vec::as_slice)
    }

    /// Whether a variable says where some engine keeps its data.
    pub fn moves(&self, variable: &str) -> bool {
        self.moving.contains(variable)
    }

    /// The engine whose server a program is.
    pub fn server_program(&self, program: &str) -> Option<usize> {
        self.programs.get(program).copied()
    }

    /// Whether a program works with a server.
    pub fn is_client(&self, program: &str) -> bool {
        self.clients.contains(program)
    }

    /// Whether a program is no server, whatever its image.
    pub fn is_idle(&self, program: &str) -> bool {
        self.idle.contains(program)
    }

    /// The engines that listen at a port.
    pub fn at_port(&self, port: u16) -> &[usize] {
        self.ports.get(&port).map_or(&[], Vec::as_slice)
    }

    /// The engine whose own folder something is mounted at: at the folder, above it or below.
    pub fn of_folder(&self, mount: &str) -> Option<usize> {
        let mount = mount.trim_end_matches('/');
        let is_within = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // `/var/lib` and `/bitnami` are above many folders, and so nobody's.
        let is_own = |folder: &str| {
            is_within(folder, mount) || is_within(mount, folder) && mount.matches('/').count() > 2
        };
        let found = self.folders.iter().filter(|(folder, _)| is_own(folder));
        found.max_by_key(|(folder, _)| folder.len()).map(|(_, engine)| *engine)
    }

    /// What the resource of an operator says of databases.
    pub fn layouts<'a>(&'a self, api: &'a str, kind: &str) -> impl Iterator<Item = &'a Layout> {
        let group = api.split('/').next().unwrap_or("");
        let of_kind = self.resources.get(kind).map_or(&[][..], Vec::as_slice);
        of_kind.iter().filter(move |(of, _)| of == group).map(|(_, layout)| layout)
    }

    /// What a chart keeps inside under names of its own.
    pub fn inside(&self, chart: &str) -> &[Layout] {
        let last = chart.trim_end_matches('/').rsplit('/').next().unwrap_or(chart);
        self.inside.get(last).map_or(&[], Vec::as_slice)
    }

    /// The embedded database that an image keeps by itself.
    pub fn own_file(&self, reference: &str) -> Option<&OwnFile> {
        let path = path_and_tag(reference).0;
        let last = path.rsplit('/').next().unwrap_or(path);
        known_by(path, |name| self.files.get(name)).or_else(|| self.files.get(last))
    }
}

/// The name of an image without its registry, and its tag.
fn path_and_tag(reference: &str) -> (&str, &str) {
    let bare = reference.split('@').next().unwrap_or(reference);
    let last = bare.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match bare[last..].find(':') {
        Some(at) => (&bare[..last + at], &bare[last + at + 1..]),
        None => (bare, ""),
    };
    let path = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => rest,
        _ => path,
    };
    (path, tag)
}

/// Looks a name up as a whole, by its last two parts as mirrors have it, and behind `library/`.
fn known_by<'a, T>(path: &str, look: impl Fn(&str) -> Option<&'a T>) -> Option<&'a T> {
    let official =
        path.rsplit_once("library/").filter(|(before, _)| before.is_empty() || before.ends_with('/'));
    let bare = official.map_or(path, |(_, name)| name);
    let pair = path.rmatch_indices('/').nth(1).map(|(at, _)| &path[at + 1..]);
    look(bare).or_else(|| pair.and_then(&look))
}
