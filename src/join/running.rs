//! Which containers are database servers: by image, by what they start, by evidence.

use super::programs::{Starts, starts};
use crate::config::Config;
use crate::facts::{Container, Engine, Engines, Family, Setting, parse_reference};
use crate::text::{Part, Str};
use std::collections::{BTreeMap, BTreeSet};

/// A container that is a database server.
#[derive(Clone, Debug)]
pub(super) struct Running<'a> {
    pub(super) image: &'a Part,
    pub(super) engine: Engine,
    /// Why we believe it is one.
    pub(super) because: Str,
    /// Where it keeps its data, unless a configuration file says otherwise.
    pub(super) folder: Option<Str>,
    /// Nothing else is started than what the image starts by itself, or the server.
    pub(super) is_plain: bool,
}

/// A server of a pod, and the number of its container.
pub(super) type Server<'a> = (usize, &'a Container, Running<'a>);

/// The servers of a pod, by the number of the container. What starts a program that nobody knows beside a plain server
/// of the same engine only looks after it.
pub(super) fn servers<'a>(
    engines: &Engines,
    config: &Config,
    containers: &'a [Container],
) -> Vec<Server<'a>> {
    let numbered = containers.iter().enumerate();
    let all: Vec<_> = numbered
        .filter_map(|(at, container)| Some((at, container, server(engines, config, container)?)))
        .collect();
    let plain = all.iter().filter(|(_, _, running)| running.is_plain);
    let plain: BTreeSet<&Str> = plain.map(|(_, _, running)| &running.engine.name).collect();
    let keeps = |one: &Running| one.is_plain || !plain.contains(&one.engine.name);
    all.iter().filter(|(_, _, running)| keeps(running)).cloned().collect()
}

/// The server that a container is; nothing if it is none. What prepares and ends is none.
fn server<'a>(engines: &Engines, config: &Config, container: &'a Container) -> Option<Running<'a>> {
    let image = container.image.as_ref().filter(|_| !container.init)?;
    let starts = starts(engines, container);
    let is_plain = starts.is_plain();
    let named = |engine: Engine, family: Option<&Family>, because: String| {
        let folder = folder(engines, container, &engine, family);
        Some(Running { image, engine, because: because.into(), folder, is_plain })
    };
    let by_image = || format!("container image {}", image.text);
    if let Some(name) = configured(config, image) {
        return named(Engine { name, major: None }, None, by_image());
    }
    if starts == Starts::Other {
        return None;
    }
    if let Some(found) = engines.of_image(&image.text) {
        let is_called_so = container.built && found.family.is_none();
        let is_none = is_called_so && !has_sign(engines, container, &found.engine.name)
            || starts == Starts::Unknown && works_with(engines, container, &found.engine.name);
        return if is_none { None } else { named(found.engine, found.family, by_image()) };
    }
    if engines.is_helper(&image.text) {
        return None;
    }
    if let Starts::Server(at) = starts {
        let name = engines.at(at).name.clone();
        return named(Engine { name, major: None }, None, "what the container starts".to_owned());
    }
    let (name, because) = evidence(engines, container)?;
    named(Engine { name, major: None }, None, because)
}

/// The engine that the configuration gives to an image.
fn configured(config: &Config, image: &Part) -> Option<Str> {
    if config.storage.engines.is_empty() {
        return None;
    }
    let name = parse_reference(image).canonical();
    let mut own = config.storage.engines.iter();
    own.find(|(_, globs)| globs.iter().any(|glob| glob.is_match(&name)))
        .map(|(engine, _)| engine.text.clone())
}

/// The folder of the data: where a variable puts it, else where the image keeps it.
fn folder(engines: &Engines, container: &Container, engine: &Engine, family: Option<&Family>) -> Option<Str> {
    let moved_by = engines.engine(&engine.name).map_or(&[][..], |kind| &kind.moved_by);
    let is_moved = |(name, _): &&(Str, Setting)| moved_by.contains(name);
    let moved = container.env.iter().filter(is_moved).filter_map(|(_, setting)| setting.written());
    let moved = moved.map(|part| &part.text).find(|text| text.starts_with('/')).cloned();
    moved.or_else(|| Some(family?.folder(engine.major)?.path_in(engine.major)))
}

/// Whether anything speaks for an engine besides a name.
fn has_sign(engines: &Engines, container: &Container, engine: &str) -> bool {
    let is_it = |at: usize| engines.at(at).name == engine;
    let by_variable =
        container.env.iter().flat_map(|(name, _)| engines.hints(name)).any(|hint| is_it(hint.engine));
    let by_port = container.ports.iter().flat_map(|port| engines.at_port(*port)).any(|at| is_it(*at));
    let mut mounts = container.mounts.iter().filter_map(|(_, path)| engines.of_folder(&path.text));
    by_variable || by_port || mounts.any(is_it)
}

/// Whether a script in a server's image is told where the server is: `PGHOST`, `REDIS_HOST`.
fn works_with(engines: &Engines, container: &Container, engine: &str) -> bool {
    container.env.iter().any(|(name, value)| {
        let is_own = name == "PGHOST" && engine == "postgres"
            || name
                .strip_suffix("_HOST")
                .and_then(|name| engines.of_name(name))
                .is_some_and(|named| named.name == engine);
        is_own && is_elsewhere(name, text(value))
    })
}

/// What speaks for an engine.
#[derive(Default)]
struct Signs {
    sure: Vec<Str>,
    telling: Vec<Str>,
    mount: Option<Str>,
    port: bool,
}

impl Signs {
    /// A variable that only servers have counts as much as a mount at the data's folder, twice what clients have too.
    fn weight(&self) -> usize {
        2 * usize::from(!self.sure.is_empty())
            + 2 * usize::from(self.mount.is_some())
            + usize::from(!self.telling.is_empty())
            + usize::from(self.port)
    }

    /// Variables alone are copied around: a server listens, or holds data.
    fn is_server(&self) -> bool {
        const ENOUGH: usize = 3;
        self.weight() >= ENOUGH && (self.mount.is_some() || self.port)
    }

    fn says(&self) -> String {
        let variables = self.sure.iter().chain(&self.telling).map(|name| format!("`{name}`"));
        let mount = self.mount.iter().map(|path| format!("a mount at `{path}`"));
        let all: Vec<String> =
            variables.chain(mount).chain(self.port.then(|| "the port".to_owned())).collect();
        match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => all.concat(),
        }
    }
}

/// The engine for which variables, mounts and ports speak, and what does.
fn evidence(engines: &Engines, container: &Container) -> Option<(Str, String)> {
    if container.env.iter().any(|(name, setting)| is_elsewhere(name, text(setting))) {
        return None;
    }
    let mut signs: BTreeMap<usize, Signs> = BTreeMap::new();
    for (name, setting) in &container.env {
        let value = text(setting);
        for hint in engines.hints(name) {
            let signs = signs.entry(hint.engine).or_default();
            if hint.is_sure { &mut signs.sure } else { &mut signs.telling }.push(name.clone());
            let is_here =
                |(_, path): &&(Str, Part)| path.text.len() > 1 && value.starts_with(path.text.as_str());
            if let Some((_, path)) = container.mounts.iter().find(is_here).filter(|_| hint.is_sure) {
                signs.mount = Some(path.text.clone());
            }
        }
    }
    for engine in container.ports.iter().flat_map(|port| engines.at_port(*port)) {
        signs.entry(*engine).or_default().port = true;
    }
    // A mount alone is never enough.
    let mounts = if signs.is_empty() { &[][..] } else { &container.mounts };
    for (_, path) in mounts {
        let signs = engines.of_folder(&path.text).and_then(|engine| signs.get_mut(&engine));
        signs.into_iter().for_each(|signs| signs.mount = Some(path.text.clone()));
    }
    let best = signs.into_iter().filter(|(_, signs)| signs.is_server());
    let (engine, signs) = best.max_by_key(|(engine, signs)| (signs.weight(), std::cmp::Reverse(*engine)))?;
    Some((engines.at(engine).name.clone(), signs.says()))
}

/// What is written of a value.
fn text(setting: &Setting) -> &str {
    setting.written().map_or("", |part| &part.text)
}

/// Whether a variable names a database that runs elsewhere.
fn is_elsewhere(name: &str, value: &str) -> bool {
    let is_host = name == "PGHOST"
        || name != "MYSQL_ROOT_HOST" && (name.ends_with("_HOST") || name.ends_with("_HOSTNAME"))
        || name.ends_with("DATABASE_URL");
    is_host
        && !matches!(value, "localhost" | "127.0.0.1" | "0.0.0.0" | "::1" | "%")
        && !value.starts_with('/')
}
