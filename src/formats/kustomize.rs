//! Kustomizations as facts: which images they set, which files are patches, which charts they inflate. Building them is
//! for world/.

use super::helm_storage::Taker;
use super::tell::resource;
use super::{Desk, Format, Read, helm_storage, helm_values, patches, tell};
use crate::facts::{Chart, Fact, Image, Number, Overlay, Override, Release, Resource, Role, join};
use crate::syntax::{Document, Node};
use crate::text::{File, Str, paths};
use std::sync::Arc;

pub(super) const FORMAT: Format =
    Format { name: "kustomize", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    paths::KUSTOMIZATIONS.contains(&file.base())
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if !root.is_map() {
        return;
    }
    let directory: Str = desk.file.directory().into();
    let owner = resource(desk, FORMAT.name, root).unwrap_or_else(|| {
        Arc::new(Resource {
            format: FORMAT.name,
            source: desk.file.id,
            kind: "Kustomization".into(),
            api: Str::default(),
            namespace: Str::default(),
            name: Str::default(),
            scene: None,
        })
    });
    let mut overlay = Overlay::default();
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        for item in root.get(key).map(Node::items).unwrap_or_default() {
            // A path, or a map with one; text with line breaks is the patch itself.
            let path = item.text().or_else(|| item.text_at("path")).filter(|path| !path.contains('\n'));
            overlay.patches.extend(path.and_then(|path| paths::local(&directory, path)));
        }
    }
    overlay.images = overrides(desk, document, &owner, root.get("images"), "images");
    for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
        patches::read(desk, &owner, root.get(key), key);
    }
    charts(desk, document, &owner, root, &directory);
    let origin = root.origin.clone();
    desk.facts.overlays.push(Fact { says: overlay, origin, path: Str::default(), owner });
}

/// `helmCharts:`: charts that the kustomization inflates, with the values it gives them.
fn charts(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node, directory: &str) {
    for chart in root.get("helmCharts").map(Node::items).unwrap_or_default() {
        let Some(name) = chart.part_at("name") else { continue };
        let mut path = String::from("helmCharts");
        tell::push_key(&mut path, &name.text);
        if let Some(values) = chart.get("valuesInline") {
            helm_values::values(desk, document, owner, values, &format!("{path}.valuesInline"));
            let release = release_of(chart, owner, root);
            let taker = Taker { chart: Some(&name.text), namespace: &release.namespace };
            helm_storage::read(desk, &release, values, &format!("{path}.valuesInline"), taker);
        }
        let files = chart
            .get("valuesFile")
            .into_iter()
            .chain(chart.get("additionalValuesFiles").map(Node::items).unwrap_or_default());
        let says = Release {
            chart: name.text.clone(),
            files: files.filter_map(|file| paths::local(directory, file.text()?)).collect(),
            makes_namespace: None,
        };
        desk.facts.releases.push(Fact {
            says,
            origin: chart.origin.clone(),
            path: path.as_str().into(),
            owner: owner.clone(),
        });
        // A chart of this repository is pinned by the commit.
        if let Some(repository) = chart.part_at("repo") {
            let version = chart.part_at("version");
            let pin = version.as_ref().map_or("absent", |version| Chart::held(version));
            let origin = version.as_ref().unwrap_or(&name).origin.clone();
            let says = Chart { name, version, repository: Some(repository), digest: None, pin };
            desk.facts.charts.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
        }
    }
}

/// Whose claims a chart's are: the release's, which runs in a namespace of its own.
fn release_of(chart: &Node, owner: &Arc<Resource>, root: &Node) -> Arc<Resource> {
    let name = chart.text_at("releaseName").or_else(|| chart.text_at("name")).unwrap_or_default();
    let namespace = chart.text_at("namespace").or_else(|| root.text_at("namespace")).unwrap_or_default();
    Arc::new(Resource {
        kind: "HelmChart".into(),
        name: name.into(),
        namespace: namespace.into(),
        ..Resource::clone(owner)
    })
}

/// Tells the entries of an `images:` list, and gives them back for the overlay that they belong to.
pub(super) fn overrides(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    list: Option<&Node>,
    base: &str,
) -> Vec<Override> {
    let mut out = Vec::new();
    for (at, entry) in list.map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some(mut set) = override_of(entry) else { continue };
        set.idle = desk.view().is_some_and(|view| view.forest.is_idle(entry.span()));
        set.beyond = desk.view().and_then(|view| view.forest.beyond(entry.span()));
        if desk.is_settled(entry.span()) {
            out.push(set);
            continue;
        }
        let mut path = base.to_string();
        tell::push_item(&mut path, entry, at);
        let whole = set.whole();
        let remark = tell::remark_beside(desk, document, whole.span());
        tell::tell(desk, owner, path, Image { remark, ..set.image.clone() }, whole.origin.clone());
        out.push(set);
    }
    out
}

/// One entry of `images:`, and the image it makes: the new name or the old one, with what it sets.
fn override_of(entry: &Node) -> Option<Override> {
    let name = entry.part_at("name")?;
    let (new_name, new_tag, digest) =
        (entry.part_at("newName"), entry.part_at("newTag"), entry.part_at("digest"));
    let whole = new_tag.as_ref().or(digest.as_ref()).unwrap_or(&name);
    let shown = new_name.clone().unwrap_or_else(|| name.clone());
    // The name may carry a tag of its own; only `newTag` and `digest` set one.
    let mut image = join(None, Some(shown), new_tag.clone(), digest.clone(), &whole.origin);
    let tag = entry.get("newTag").and_then(Node::scalar);
    image.number = tag.filter(|scalar| scalar.is_number()).map(|_| Number::Refused);
    image.role = Role::Override;
    Some(Override { name, new_name, new_tag, digest, image, idle: false, beyond: None })
}
