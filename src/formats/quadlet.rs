//! Podman Quadlet units: the images of containers and of images to pull.

use super::{Desk, Format, Read, tell, told};
use crate::facts::{Backing, Claim, ClassName, Container, Fact, Placing, Resource, Role, Volume, Workload};
use crate::syntax::{forms, ini};
use crate::text::{File, Origin, Part, Str};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "quadlet", wants, read: Read::Text(read) };

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
        tell::image(desk, &owner, format!("{section}.{key}"), &forms::marked(&entry.value), role, None);
    }
}

/// What a container keeps: named volumes, and folders of the host.
fn workload(desk: &mut Desk, owner: &Arc<Resource>, entries: &[ini::Entry]) {
    let of = |key: &'static str| {
        let own = entries
            .iter()
            .filter(move |entry| entry.section.text.trim() == "Container" && entry.key.text == key);
        own.map(|entry| forms::marked(&entry.value).into_owned())
    };
    let Some(image) = of("Image").next().filter(|_| of("Volume").next().is_some()) else { return };
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    for whole in of("Volume").filter(Part::is_known) {
        let mut pieces = whole.text.split(':');
        let (source, path) = (pieces.next().unwrap_or_default(), pieces.next());
        let at = path.map_or(0, |_| source.len() + 1);
        let path = whole.slice(at..at + path.unwrap_or(source).len());
        let volume = volume(source, &whole, path.text == source);
        mounts.push((volume.name.clone(), path));
        volumes.push(volume);
    }
    let (name, origin) = (owner.name.clone(), image.origin.clone());
    let container = Container {
        name: name.clone(),
        image: Some(image),
        mounts,
        command: of("Entrypoint").flat_map(|whole| told::split(&whole)).collect(),
        args: of("Exec").flat_map(|whole| told::split(&whole)).collect(),
        env: of("Environment").flat_map(|whole| told::split(&whole)).map(|word| told::pair(&word)).collect(),
        unseen: of("EnvironmentFile").next().map(|_| "`EnvironmentFile`".into()),
        unsure: of("Volume").chain(of("Environment")).any(|part| !part.is_known()),
        ..Container::default()
    };
    let says = Workload {
        namespace: Str::default(),
        name,
        replicas: None,
        ends: false,
        containers: vec![container],
        volumes,
        placing: Placing::default(),
    };
    desk.facts.workloads.push(Fact { says, origin, path: "Container".into(), owner: owner.clone() });
}

/// `data.volume` and `data` are volumes of podman, `/srv` and `%h/srv` folders of the host.
fn volume(source: &str, whole: &Part, is_bare: bool) -> Volume {
    let name = Str::from(source);
    if is_bare {
        return Volume { name, backing: Backing::Unknown, ..Volume::default() };
    }
    if source.starts_with(['.', '/', '~', '%']) {
        let backing = Backing::Host(whole.slice(0..source.len()));
        return Volume { name, backing, ..Volume::default() };
    }
    let class = ClassName::Named(Part::new("local", Origin::spelled(whole.span())));
    let (namespace, modes) = (Str::default(), Vec::new());
    let claim = Claim { namespace, name: name.clone(), class, size: None, modes, volume: None };
    Volume { name, inline: Some(claim), ..Volume::default() }
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
