//! Which database servers run in which major version, and what happens to their data when it goes up.

use super::operators::{Operators, Way};
use super::storage::{Desk, lives_on};
use crate::facts::{Database, Doubt, Engine, Fact, Facts, Image, Resource, Role, Workload, parse_reference};
use crate::text::{Part, Span, Str};
use std::collections::{BTreeMap, HashMap, HashSet};

/// One database server whose major version is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    pub said_by: SaidBy,
    pub place: ServerPlace,
    /// The file that it is written in, and what that calls it.
    pub file: Str,
    pub owner: String,
    /// What its cluster calls it: `StatefulSet/keep/db`.
    pub label: String,
    /// Which part of its owner it is: `spec.template.spec.containers[db]`.
    pub path: Str,
    pub engine: Str,
    pub major: u32,
    /// What says so: the tag, or the version.
    pub part: Part,
    pub way: Way,
    /// Where the way is decided, and in which words.
    pub because: Option<(Span, String)>,
}

/// The fact that tells of a server, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SaidBy {
    Database(usize),
    Workload(usize),
    Image(usize),
}

/// Where a server is the only one that is called so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ServerPlace {
    Cluster(Str),
    File(Str),
}

/// Every database server whose major version is written.
pub(super) fn servers(desk: &Desk) -> Vec<Server> {
    let maker = Maker { desk, operators: Operators::of(desk), built: built(desk.facts) };
    let mut out = Vec::new();
    for (at, fact) in desk.facts.databases.iter().enumerate() {
        if desk.stands(&fact.owner) {
            out.extend(maker.declared(at, fact));
        }
    }
    for (at, fact) in desk.facts.workloads.iter().enumerate() {
        if desk.stands(&fact.owner) && lives_on(fact) {
            maker.running(at, fact, &mut out);
        }
    }
    maker.bare(&mut out);
    out
}

/// The images that only name what a build gives.
fn built(facts: &Facts) -> HashSet<Span> {
    let images = facts.images.iter().filter(|fact| fact.says.role == Role::Built);
    images.map(|fact| fact.origin.span()).collect()
}

struct Maker<'d, 'a> {
    desk: &'d Desk<'a>,
    operators: Operators<'a>,
    built: HashSet<Span>,
}

/// The server's own version, and what writes it.
type Version = (Engine, Part);

impl Maker<'_, '_> {
    fn declared(&self, at: usize, fact: &Fact<Database>) -> Option<Server> {
        let engine = self.desk.engine(fact)?;
        let says = &fact.says;
        let version = says.version.clone().filter(|_| says.engine.major.is_some());
        let part = version.or_else(|| says.image.as_ref().map(tag_of))?;
        let path = fact.path.clone();
        let mut server = self.server(SaidBy::Database(at), &fact.owner, path, (engine, part))?;
        (server.way, server.because) = self.operators.way_of(fact, server.major);
        Some(server)
    }

    fn running(&self, at: usize, fact: &Fact<Workload>, out: &mut Vec<Server>) {
        for (_, container, running) in self.desk.servers(&fact.says) {
            if self.built.contains(&running.image.span()) {
                continue;
            }
            let image = &running.image.text;
            let mut engine = running.engine.clone();
            engine.major = engine.major.or_else(|| self.desk.known.engines.major(&engine.name, image));
            let path = format!("{}containers[{}]", dotted(&fact.path), container.name).into();
            let version = (engine, tag_of(running.image));
            let server = self.server(SaidBy::Workload(at), &fact.owner, path, version);
            out.extend(server.map(|server| Server { way: self.way_of_image(image), ..server }));
        }
    }

    /// Images in formats that tell no workloads, and tags that change what is not here.
    fn bare(&self, out: &mut Vec<Server>) {
        const TELLING: [&str; 11] = [
            "nomad",
            "quadlet",
            "ansible",
            "terraform",
            "helm-values",
            "helm-release",
            "kustomize",
            "argocd",
            "flux",
            "skaffold",
            "embedded",
        ];
        let told = self.told();
        let releases = &self.desk.facts.releases;
        let charts: BTreeMap<&Resource, &str> =
            releases.iter().rev().map(|release| (&*release.owner, release.says.chart.as_str())).collect();
        for (at, fact) in self.desk.facts.images.iter().enumerate() {
            let is_off = fact.owner.scene.as_ref().is_some_and(|scene| scene.doubt == Some(Doubt::Unused));
            let is_none = matches!(fact.says.role, Role::Built | Role::Watched) || is_off;
            if is_none || !TELLING.contains(&fact.owner.format) {
                continue;
            }
            let chart = charts.get(&*fact.owner).copied();
            let Some(version) = self.version_of(fact, chart) else { continue };
            if told.contains(&version.1.span()) {
                continue;
            }
            let way = self.way_of_image(&fact.says.text);
            let server = self.server(SaidBy::Image(at), &fact.owner, fact.path.clone(), version);
            let Some(server) = server.map(|server| Server { way, ..server }) else { continue };
            // Of an operator's resource that only a chart makes.
            let is_cnpg = fact.says.bare().contains("cloudnative-pg/");
            let (way, because) =
                if is_cnpg { self.operators.of_cnpg(&fact.owner) } else { (server.way, None) };
            out.push(Server { way, because, ..server });
        }
    }

    /// Where versions are written of which workloads and databases tell, be they servers or not.
    fn told(&self) -> HashSet<Span> {
        let facts = self.desk.facts;
        let containers = facts.workloads.iter().flat_map(|fact| &fact.says.containers);
        let images = containers.filter_map(|container| container.image.as_ref());
        let images = images.chain(facts.databases.iter().filter_map(|fact| fact.says.image.as_ref()));
        images.map(|image| tag_of(image).span()).collect()
    }

    fn version_of(&self, fact: &Fact<Image>, chart: Option<&str>) -> Option<Version> {
        let (engines, says) = (self.desk.known.engines, &fact.says);
        let tag = says.tag.as_ref()?;
        if says.repository.is_some() {
            let engine = engines.of_image(&format!("{}:{}", says.bare(), tag.text))?.engine;
            let is_helper = fact.path.split('.').any(|key| engines.is_helper(key));
            return (!is_helper).then(|| (engine, tag.clone()));
        }
        // Only a tag is here: the chart, or the key it is under, says whose.
        let named = fact.path.split('.').rev().find_map(|key| engines.of_key(key));
        let engine = named.or_else(|| engines.of_chart(chart?))?;
        let major = engines.major(&engine.name, &tag.text);
        Some((Engine { major, ..engine }, tag.clone()))
    }

    fn server(&self, said_by: SaidBy, owner: &Resource, path: Str, version: Version) -> Option<Server> {
        let (engine, part) = version;
        let file: Str = self.desk.sources.name(owner.source).into();
        let scene = owner.scene.as_ref().filter(|scene| scene.live && scene.is_built());
        let place = match scene {
            Some(scene) => ServerPlace::Cluster(scene.cluster_name.clone()),
            None => ServerPlace::File(file.clone()),
        };
        let major = engine.major.filter(|_| part.is_known())?;
        Some(Server {
            said_by,
            place,
            file,
            owner: owner.written_label(),
            label: owner.label(),
            path,
            engine: engine.name,
            major,
            part,
            way: Way::Refused,
            because: None,
        })
    }

    fn way_of_image(&self, image: &str) -> Way {
        let family = self.desk.known.engines.of_image(image).and_then(|server| server.family);
        if family.is_some_and(|family| family.upgrades) { Way::ByImage } else { Way::Refused }
    }
}

/// The tag of an image, or all of what may be one.
fn tag_of(image: &Part) -> Part {
    if image.text.contains(['/', ':']) {
        parse_reference(image).tag.unwrap_or_else(|| image.clone())
    } else {
        image.clone()
    }
}

fn dotted(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}.") }
}

/// A server, and what it was in the revision before.
pub type Jump<'a> = (&'a Server, &'a Server);

/// The servers whose major version is another than before.
pub fn jumps<'a>(now: &'a [Server], before: &'a [Server]) -> Vec<Jump<'a>> {
    let (now, before) = (Revision::of(now), Revision::of(before));
    let gone = gone(&now, &before);
    let mut out = Vec::new();
    for server in now.servers {
        let found = in_place(server, &now, &before)
            .or_else(|| moved(server, &before, &gone))
            .or_else(|| newly_delivered(server, &before));
        out.extend(found.filter(|before| before.major != server.major).map(|before| (server, before)));
    }
    out
}

/// The servers of one revision, by what they are asked for.
struct Revision<'a> {
    servers: &'a [Server],
    places: HashSet<&'a ServerPlace>,
    by_place: HashMap<(Name<'a>, &'a ServerPlace), Vec<&'a Server>>,
    by_file: HashMap<(&'a str, &'a str), Vec<&'a Server>>,
}

/// The engine of a server, and what its cluster calls it.
type Name<'a> = (&'a str, &'a str);

impl<'a> Revision<'a> {
    fn of(servers: &'a [Server]) -> Revision<'a> {
        let places = servers.iter().map(|server| &server.place).collect();
        let (mut by_place, mut by_file) = (HashMap::new(), HashMap::new());
        for server in servers {
            by_place.entry((name(server), &server.place)).or_insert_with(Vec::new).push(server);
            by_file.entry((&*server.file, &*server.owner)).or_insert_with(Vec::new).push(server);
        }
        Revision { servers, places, by_place, by_file }
    }

    fn at<'s>(&'s self, server: &'s Server) -> &'s [&'a Server] {
        self.by_place.get(&(name(server), &server.place)).map_or(&[], Vec::as_slice)
    }
}

fn name(server: &Server) -> Name<'_> {
    (&server.engine, &server.label)
}

/// The same database in the same cluster or file. Containers may be called anew, if there is but one.
fn in_place<'a>(server: &Server, now: &Revision, before: &Revision<'a>) -> Option<&'a Server> {
    let here = before.at(server);
    let mut same = here.iter().copied().filter(|other| other.path == server.path);
    let own = same.clone().find(|other| other.file == server.file).or_else(|| same.next());
    own.or_else(|| match here {
        [only] if now.at(server).len() == 1 => Some(*only),
        _ => None,
    })
}

/// The servers whose cluster or file is no longer called so, by what another place has to be called to be the same.
fn gone<'a>(now: &Revision, before: &Revision<'a>) -> HashMap<(Name<'a>, Kin<'a>), Vec<&'a Server>> {
    let mut out: HashMap<_, Vec<&Server>> = HashMap::new();
    for server in before.servers.iter().filter(|server| !now.places.contains(&server.place)) {
        out.entry((name(server), kin(server))).or_default().push(server);
    }
    out
}

/// The only one of its name, if its cluster or file has another name since: the old name is gone, the new one is new.
fn moved<'a>(
    server: &Server,
    before: &Revision,
    gone: &HashMap<(Name<'a>, Kin<'a>), Vec<&'a Server>>,
) -> Option<&'a Server> {
    let is_new = !before.places.contains(&server.place);
    match gone.get(&(name(server), kin(server))).filter(|_| is_new)?.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// What two places have in common that may be one under another name.
#[derive(PartialEq, Eq, Hash)]
enum Kin<'a> {
    Cluster,
    /// Files of objects may be called as they like.
    Objects,
    /// What runs on a host is called after its folder: another folder is another project, with volumes of its own.
    Project {
        path: &'a str,
        ending: Option<&'a str>,
    },
}

fn kin(server: &Server) -> Kin<'_> {
    match &server.place {
        ServerPlace::Cluster(_) => Kin::Cluster,
        ServerPlace::File(_) if server.label.matches('/').count() > 1 => Kin::Objects,
        ServerPlace::File(file) => Kin::Project { path: &server.path, ending: ending(file) },
    }
}

/// The folder and the name of a file.
fn ending(file: &str) -> Option<&str> {
    let (folder, _) = file.rsplit_once('/')?;
    Some(&file[folder.rfind('/').map_or(0, |at| at + 1)..])
}

/// A manifest that something delivers only since, or no longer.
fn newly_delivered<'a>(server: &Server, before: &Revision<'a>) -> Option<&'a Server> {
    let is_file = |place: &ServerPlace| matches!(place, ServerPlace::File(_));
    let known = before.by_file.get(&(server.file.as_str(), server.owner.as_str()))?;
    let mut same = known.iter().copied().filter(|other| {
        other.path == server.path
            && other.engine == server.engine
            && is_file(&other.place) != is_file(&server.place)
    });
    let first = same.next()?;
    same.all(|other| other.major == first.major).then_some(first)
}
