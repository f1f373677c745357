//! What the tasks of a group of Nomad keep, and on which volumes.

use super::Desk;
use super::claims::{local, of_class};
use super::compose_project::halves;
use super::told::split;
use crate::facts::{Backing, ClassName, Container, Fact, Placing, Resource, Setting, Volume, Workload};
use crate::syntax::Node;
use crate::syntax::hcl::{self, Block, Body};
use crate::text::{Part, Str};
use crate::world::View;
use std::sync::Arc;

/// What every value is read with.
pub(super) struct Job<'a, 'f> {
    pub(super) block: &'a Block,
    pub(super) owner: &'a Arc<Resource>,
    /// Puts the values of variables in.
    pub(super) filled: &'f dyn Fn(&Part) -> Part,
}

/// Tells a group, or a task that stands alone, as one workload.
pub(super) fn read(desk: &mut Desk, job: &Job, group: Option<&Block>, tasks: &[&Block]) {
    let mut reader =
        Reader { job, view: desk.view(), folder: desk.file.directory(), group, volumes: Vec::new() };
    let containers: Vec<Container> = tasks.iter().filter_map(|task| reader.container(task)).collect();
    let Some(origin) =
        containers.first().and_then(|container| Some(container.image.as_ref()?.origin.clone()))
    else {
        return;
    };
    let (volumes, owner) = (reader.volumes, job.owner.clone());
    let says = Workload {
        namespace: Str::default(),
        name: owner.name.clone(),
        replicas: group.and_then(|group| group.body.get("count")?.part()).map(|part| (job.filled)(&part)),
        ends: job.block.body.get("type").and_then(Node::text).is_some_and(|kind| kind.ends_with("batch")),
        containers,
        volumes,
        placing: Placing::default(),
    };
    let path = group.map_or(Str::default(), |group| format!("group[{}]", group.label(0)).into());
    desk.facts.workloads.push(Fact { says, origin, path, owner });
}

struct Reader<'a, 'f> {
    job: &'a Job<'a, 'f>,
    view: Option<View<'a>>,
    folder: &'a str,
    group: Option<&'a Block>,
    volumes: Vec<Volume>,
}

impl Reader<'_, '_> {
    fn part(&self, body: &Body, key: &str) -> Option<Part> {
        body.get(key)?.part().map(|part| (self.job.filled)(&part))
    }

    fn parts(&self, body: &Body, key: &str) -> Vec<Part> {
        let items = body.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(Node::part).map(|part| (self.job.filled)(&part)).collect()
    }

    fn container(&mut self, task: &Block) -> Option<Container> {
        let config = &task.body.blocks("config").next()?.body;
        let image = self.part(config, "image")?;
        let mut mounts = Vec::new();
        for mount in task.body.blocks("volume_mount") {
            let named = self.part(&mount.body, "volume").zip(self.part(&mount.body, "destination"));
            mounts.extend(named.map(|(name, path)| self.of_group(name, path)));
        }
        let driver = self.part(config, "volume_driver");
        for whole in self.parts(config, "volumes") {
            let (source, path) = halves(&whole);
            mounts.push(self.of_docker(&source, path, driver.as_ref()));
        }
        for mount in config.blocks("mount") {
            mounts.extend(self.mount(&mount.body));
        }
        let started = self.part(config, "command").into_iter().chain(self.parts(config, "args"));
        let entrypoint = self.part(config, "entrypoint").map(|whole| split(&whole));
        let is_early = |block: &Block| block.body.get("hook").and_then(Node::text) == Some("prestart");
        let goes_on = |block: &Block| block.body.get("sidecar").and_then(Node::text) == Some("true");
        let is_filled = |block: &Block| block.body.get("env").and_then(Node::text) == Some("true");
        Some(Container {
            name: task.label(0).into(),
            image: Some(image),
            init: task.body.blocks("lifecycle").any(|block| is_early(block) && !goes_on(block)),
            mounts,
            command: entrypoint.unwrap_or_else(|| self.parts(config, "entrypoint")),
            args: started.collect(),
            env: self.variables(task),
            unseen: task.body.blocks("template").any(is_filled).then(|| "a `template`".into()),
            // Mounts as a list of maps, and blocks that are made of a list, are not followed.
            unsure: config.get("mounts").is_some() || config.blocks("dynamic").next().is_some(),
            ..Container::default()
        })
    }

    fn variables(&self, task: &Block) -> Vec<(Str, Setting)> {
        let blocks = task.body.blocks("env").flat_map(|block| &block.body.attributes);
        let blocks = blocks.filter_map(|(name, value)| Some((name.text.clone(), value.part()?)));
        let map = task.body.get("env").map(Node::entries).unwrap_or_default();
        let map = map.iter().filter_map(|(name, value)| Some((Str::from(name.text()?), value.part()?)));
        blocks.chain(map).map(|(name, value)| (name, Setting::Value((self.job.filled)(&value)))).collect()
    }

    /// A volume that the group asks for.
    fn of_group(&mut self, name: Part, path: Part) -> (Str, Part) {
        let of_name = |block: &&Block| block.label(0) == name.text;
        let asked = self.group.and_then(|group| group.body.blocks("volume").find(of_name));
        let volume = match asked.map(|block| (block, self.part(&block.body, "type"))) {
            Some((_, Some(kind))) if kind.text == "host" => local(&name.text, &kind.origin),
            Some((block, Some(kind))) if kind.text == "csi" => self.served(&name.text, block, kind),
            _ => Volume { backing: Backing::Unknown, ..Volume::default() },
        };
        self.add(name.text, volume, path)
    }

    /// A volume of a plugin, as the file that registers it tells; what no file tells is somewhere else.
    fn served(&self, name: &Str, block: &Block, kind: Part) -> Volume {
        let source = self.part(&block.body, "source").filter(Part::is_known);
        let found = source.and_then(|source| self.registered(&source.text));
        let (class, modes) = found.map_or((ClassName::Unknown(kind), Vec::new()), |(plugin, modes)| {
            (ClassName::Named(plugin), modes)
        });
        of_class(name, class, modes)
    }

    /// The plugin of a volume and its modes, from the file beside the job that registers it.
    fn registered(&self, source: &str) -> Option<(Part, Vec<Part>)> {
        let files = self.view?.files;
        let is_beside = |name: &str| {
            let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
            let is_called_so = base.contains("vol") || base.contains(source);
            folder == self.folder && base.ends_with(".hcl") && is_called_so
        };
        files.below(self.folder).filter(|id| is_beside(files.name(*id))).find_map(|id| {
            let says_plugin = |text: &str| text.contains("plugin_id").then(|| hcl::read(id, text).0);
            let body = files.ask(id, says_plugin)??;
            let is_it = |key| {
                let named = body.get(key).and_then(Node::text);
                // One for each allocation has its number behind the name.
                named.is_some_and(|named| named.split('[').next() == Some(source))
            };
            let plugin = body.get("plugin_id")?.part().filter(|_| is_it("id") || is_it("name"))?;
            let modes = body.blocks("capability").filter_map(|block| block.body.get("access_mode")?.part());
            let shared = modes.filter(|mode| mode.text == "multi-node-multi-writer");
            let modes = shared.map(|mode| Part::new("ReadWriteMany", mode.origin.respelled()));
            Some((plugin, modes.collect()))
        })
    }

    /// An entry of `volumes` of the driver: a folder of the host or of the allocation, or a volume of another driver.
    fn of_docker(&mut self, source: &Part, path: Part, driver: Option<&Part>) -> (Str, Part) {
        let name = source.text.clone();
        let volume = match driver {
            Some(driver) => of_class(&name, ClassName::Named(driver.clone()), Vec::new()),
            None => Volume { backing: self.folder_of(source), ..Volume::default() },
        };
        self.add(name, volume, path)
    }

    fn folder_of(&self, source: &Part) -> Backing {
        const OF_ALLOCATION: [&str; 4] =
            ["${NOMAD_ALLOC_DIR}", "${NOMAD_TASK_DIR}", "${NOMAD_SECRETS_DIR}", "${env.NOMAD_ALLOC_DIR}"];
        let text = source.text.as_str();
        let is_inside = OF_ALLOCATION.iter().any(|start| text.starts_with(start));
        match text.chars().next() {
            Some('/') => Backing::Host(source.clone()),
            _ if !is_inside && !source.is_known() || self.is_kept() => Backing::Unknown,
            Some(_) => Backing::Empty(source.origin.clone()),
            None => Backing::Unknown,
        }
    }

    /// Whether the folder of the allocation goes along with it, as well as that can be done.
    fn is_kept(&self) -> bool {
        let disks = self.group.into_iter().flat_map(|group| group.body.blocks("ephemeral_disk"));
        let is_true = |block: &Block, key| block.body.get(key).and_then(Node::text) == Some("true");
        disks.into_iter().any(|block| is_true(block, "sticky") || is_true(block, "migrate"))
    }

    /// A `mount` block of the driver.
    fn mount(&mut self, body: &Body) -> Option<(Str, Part)> {
        let path = self.part(body, "target")?;
        let source = self.part(body, "source");
        let name = source.as_ref().map_or_else(|| path.text.clone(), |source| source.text.clone());
        let volume = match self.part(body, "type").as_ref().map_or("volume", |kind| &kind.text) {
            "tmpfs" => Volume { backing: Backing::Memory(path.origin.clone()), ..Volume::default() },
            "bind" => Volume { backing: self.folder_of(source.as_ref()?), ..Volume::default() },
            "volume" => {
                let options = body.blocks("volume_options").next();
                let driver = options.and_then(|options| options.body.blocks("driver_config").next());
                match driver.and_then(|driver| self.part(&driver.body, "name")) {
                    Some(driver) => of_class(&name, ClassName::Named(driver), Vec::new()),
                    None => local(&name, &path.origin),
                }
            }
            _ => Volume { backing: Backing::Unknown, ..Volume::default() },
        };
        Some(self.add(name, volume, path))
    }

    fn add(&mut self, name: Str, volume: Volume, path: Part) -> (Str, Part) {
        if self.volumes.iter().all(|known| known.name != name) {
            self.volumes.push(Volume { name: name.clone(), ..volume });
        }
        (name, path)
    }
}
