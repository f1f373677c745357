//! Podman Quadlet units: the images of containers and of images to pull, and what containers keep.

use super::claims::{local, of_class};
use super::compose_project::halves;
use super::{Desk, Format, Read, tell, told};
use crate::facts::{
    Backing, ClassName, Container, Fact, Image, Placing, Resource, Role, Volume, Workload, network_protocol,
    parse_reference,
};
use crate::syntax::{forms, ini};
use crate::text::{File, Origin, Part, Str, paths};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "quadlet", words: &[], wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let base = base.strip_suffix(".j2").unwrap_or(base);
    [".container", ".image", ".volume", ".build"].iter().any(|end| base.ends_with(end)) && file.has("Image")
}

fn read(desk: &mut Desk) {
    let owner = tell::owner(desk, FORMAT.name, "unit", desk.file.base());
    let entries = ini::read(desk.file.id, desk.file.text);
    workload(desk, &owner, &entries);
    for entry in entries {
        let (section, key) = (entry.section.text.trim(), entry.key.text.as_str());
        let role = match (section, key) {
            ("Container" | "Image", "Image") | ("Volume", "Image") => Role::Pull,
            ("Build", "ImageTag") => Role::Built,
            _ => continue,
        };
        let text = entry.value.text.as_str();
        // `web.image` and `web.build` are other units, not images.
        if text.is_empty()
            || !text.contains([':', '/']) && (text.ends_with(".image") || text.ends_with(".build"))
        {
            continue;
        }
        // Podman looks a short name up in its list of registries.
        let whole = forms::marked(&entry.value);
        let image = Image { role, ..parse_reference(&whole) }.handed_on();
        tell::tell(desk, &owner, format!("{section}.{key}"), image, whole.origin.clone());
    }
}

/// The values of a key in a section.
fn values<'e>(
    entries: &'e [ini::Entry],
    section: &'static str,
    key: &'static str,
) -> impl Iterator<Item = Part> + 'e {
    let is_it = move |entry: &&ini::Entry| entry.section.text.trim() == section && entry.key.text == key;
    entries.iter().filter(is_it).map(|entry| forms::marked(&entry.value).into_owned())
}

/// What a container keeps: named volumes, folders of the host, and memory.
fn workload(desk: &mut Desk, owner: &Arc<Resource>, entries: &[ini::Entry]) {
    let of = |key: &'static str| values(entries, "Container", key);
    let kept: Vec<(Volume, Part)> = of("Volume")
        .filter(Part::is_known)
        .map(|whole| by_colons(desk, &whole))
        .chain(of("Tmpfs").map(|whole| memory(halves_of_memory(&whole))))
        .chain(of("Mount").filter(Part::is_known).filter_map(|whole| by_words(desk, &whole)))
        .collect();
    let Some(image) = of("Image").next().filter(|_| !kept.is_empty()) else { return };
    let mounts = kept.iter().map(|(volume, path)| (volume.name.clone(), path.clone())).collect();
    let (name, origin) = (owner.name.clone(), image.origin.clone());
    let holes = of("Volume").chain(of("Mount")).chain(of("Environment"));
    let words = |key| of(key).flat_map(|whole| told::split(&whole));
    let container = Container {
        name: name.clone(),
        image: Some(image),
        mounts,
        command: words("Entrypoint").collect(),
        args: words("Exec").collect(),
        env: words("Environment").map(|word| told::pair(&word)).collect(),
        unseen: of("EnvironmentFile").next().map(|_| "`EnvironmentFile`".into()),
        unsure: holes.into_iter().any(|part| !part.is_known()) || of("Pod").any(|pod| shares(desk, &pod)),
        ..Container::default()
    };
    let says = Workload {
        namespace: Str::default(),
        name,
        replicas: None,
        ends: values(entries, "Service", "Type").any(|kind| kind.text == "oneshot"),
        containers: vec![container],
        volumes: kept.into_iter().map(|(volume, _)| volume).collect(),
        placing: Placing::default(),
    };
    desk.facts.workloads.push(Fact { says, origin, path: "Container".into(), owner: owner.clone() });
}

/// Another unit of the same folder.
fn unit(desk: &Desk, name: &str) -> Option<Vec<ini::Entry>> {
    let files = desk.view()?.files;
    let id = files.find(&paths::resolve(desk.file.directory(), name)?)?;
    files.ask(id, |text| ini::read(id, text))
}

/// Whether a pod mounts volumes for its containers, or may do so.
fn shares(desk: &Desk, pod: &Part) -> bool {
    unit(desk, &pod.text).is_none_or(|entries| values(&entries, "Pod", "Volume").next().is_some())
}

/// `Volume=`: what is mounted in front of the colon, where behind it.
fn by_colons(desk: &Desk, whole: &Part) -> (Volume, Part) {
    let (source, path) = halves(whole);
    if source.text.is_empty() {
        let name = path.text.clone();
        return (Volume { name, backing: Backing::Unknown, ..Volume::default() }, path);
    }
    (volume(desk, &source, whole), path)
}

/// `Mount=`: words such as `type=volume` and `source=data.volume`.
fn by_words(desk: &Desk, whole: &Part) -> Option<(Volume, Part)> {
    let mut at = 0;
    let mut words = Vec::new();
    for word in whole.text.split(',') {
        let sign = word.find('=').unwrap_or(word.len());
        let value = (at + sign + 1).min(at + word.len());
        words.push((&word[..sign], whole.slice(value..at + word.len())));
        at += word.len() + 1;
    }
    let of =
        |names: &[&str]| words.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| value.clone());
    let path = of(&["destination", "dst", "target"])?;
    let kind = of(&["type"]);
    match kind.as_ref().map_or("volume", |kind| &kind.text) {
        "tmpfs" | "ramfs" => Some(memory(path)),
        "volume" | "bind" => Some((volume(desk, &of(&["source", "src"])?, whole), path)),
        _ => None,
    }
}

/// The folder of `Tmpfs=`, without its options.
fn halves_of_memory(whole: &Part) -> Part {
    whole.slice(0..whole.text.find(':').unwrap_or(whole.text.len()))
}

fn memory(path: Part) -> (Volume, Part) {
    let backing = Backing::Memory(path.origin.clone());
    (Volume { name: path.text.clone(), backing, ..Volume::default() }, path)
}

/// `data.volume` and `data` are volumes of podman, `/srv` and `%h/srv` folders of the host.
fn volume(desk: &Desk, source: &Part, whole: &Part) -> Volume {
    let name = source.text.clone();
    if name.starts_with(['.', '/', '~', '%']) {
        return Volume { name, backing: Backing::Host(source.clone()), ..Volume::default() };
    }
    let plain = local(&name, &Origin::spelled(whole.span()));
    match unit(desk, &name).filter(|_| name.ends_with(".volume")) {
        Some(entries) => declared(&entries, plain),
        None => plain,
    }
}

/// A volume as its unit declares it: its driver mounts a share, a folder or memory, if its options say so.
fn declared(entries: &[ini::Entry], plain: Volume) -> Volume {
    let of = |key: &'static str| values(entries, "Volume", key).next().filter(Part::is_known);
    let (kind, driver) = (of("Type"), of("Driver"));
    let is = |word: &str| kind.as_ref().is_some_and(|kind| kind.text == word);
    let is_bound =
        of("Options").is_some_and(|options| options.text.split(',').any(|one| one.contains("bind")));
    let network = kind.iter().chain(&driver).find_map(|part| {
        network_protocol(&part.text).map(|how| Backing::Network {
            how,
            at: None,
            origin: part.origin.clone(),
        })
    });
    let backing = match of("Device").filter(|device| device.text.starts_with('/')) {
        _ if is("tmpfs") => kind.map(|kind| Backing::Memory(kind.origin)),
        Some(device) if is_bound => Some(Backing::Host(device)),
        _ => network,
    };
    match (backing, driver) {
        (Some(backing @ (Backing::Memory(_) | Backing::Host(_))), _) => {
            Volume { name: plain.name, backing, ..Volume::default() }
        }
        (backing, Some(driver)) => {
            let volume = of_class(&plain.name, ClassName::Named(driver), Vec::new());
            Volume { backing: backing.unwrap_or_default(), ..volume }
        }
        (backing, None) => Volume { backing: backing.unwrap_or_default(), ..plain },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_units() {
        for (name, text, expected) in [
            (
                "x/web.container",
                "[Container]\nImage=docker.io/library/nginx:1.25\n[Service]\nImage=x\n",
                &["unit/web.container Container.Image docker.io/library/nginx:1.25"][..],
            ),
            ("web.container", "[Container]\nImage=web.image\n", &[]),
            ("web.image", "[Image]\nImage=a/b:latest\n", &["unit/web.image Image.Image a/b:latest"]),
            (
                "web.build",
                "[Build]\nImageTag=localhost/x\n",
                &["unit/web.build Build.ImageTag localhost/x (built)"],
            ),
            (
                "web.container.j2",
                "[Container]\nImage=a:{{ v }}\n",
                &["unit/web.container.j2 Container.Image a:{{ v }}"],
            ),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
