//! Terraform and OpenTofu: the images of containers, releases of charts, and of variables named after images.
//! Variables and locals are followed, as far as `terraform_module` finds their values.

use super::helm_storage::{self, Taker};
use super::looks::{looks_like_image, named_after_image};
use super::{
    Desk, Format, Read, claim_shapes, helm_values, kubernetes, tell, terraform_claims, terraform_module,
};
use crate::facts::{Chart, Fact, Resource, Role, join};
use crate::finding::Problem;
use crate::syntax::expand::{Dialect, expand, expand_tree};
use crate::syntax::hcl::{self, Block, Body};
use crate::syntax::provide::{Answer, Known, Names};
use crate::syntax::{Document, Node, yaml};
use crate::text::{File, Hole, How, Origin, Part, Span, Str, paths};
use crate::world::helm::{self, UserValues};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "terraform", words: &[], wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let named = [".tf", ".tofu", ".tfvars", ".auto.tfvars"].iter().any(|end| base.ends_with(end));
    named
        && ["image", "container", "helm_release", "manifest", "yaml_body", "persistent_volume_claim"]
            .iter()
            .any(|needle| file.has(needle))
}

fn read(desk: &mut Desk) {
    let (body, problems) = hcl::read(desk.file.id, desk.file.text);
    desk.problems.extend(problems);
    let budget = desk.budget.clone();
    let module = terraform_module::Module::of(desk, &body);
    let provider = |name: &str| module.answer(name);
    let names = Names::asking(&provider, &budget);
    let mut module = Module { names: &names, told: BTreeSet::new() };
    if desk.file.base().ends_with(".tfvars") {
        let owner = tell::owner(desk, FORMAT.name, "variables", "");
        for (name, value) in &body.attributes {
            module.setting(desk, &owner, &name.text, value);
        }
        return;
    }
    for block in &body.blocks {
        match block.kind.text.as_str() {
            "resource" | "data" => module.resource(desk, block),
            "module" => {
                let owner = tell::owner(desk, FORMAT.name, "module", block.label(0));
                for (name, value) in &block.body.attributes {
                    module.setting(desk, &owner, &name.text, value);
                }
            }
            _ => {}
        }
    }
    // Last, for what a resource uses has been told with its road.
    for block in &body.blocks {
        match block.kind.text.as_str() {
            "variable" => {
                let owner = tell::owner(desk, FORMAT.name, "variable", block.label(0));
                if let Some(value) = block.body.get("default") {
                    module.setting(desk, &owner, block.label(0), value);
                }
            }
            "locals" => {
                let owner = tell::owner(desk, FORMAT.name, "locals", "");
                for (name, value) in &block.body.attributes {
                    module.setting(desk, &owner, &name.text, value);
                }
            }
            _ => {}
        }
    }
}

/// One file, and the places whose images were told already.
struct Module<'a> {
    names: &'a Names<'a>,
    told: BTreeSet<Span>,
}

impl Module<'_> {
    fn filled(&self, whole: &Part) -> Part {
        expand(whole, Dialect::Hcl, self.names)
    }

    fn filled_tree(&self, node: &Node) -> Node {
        expand_tree(node, Dialect::Hcl, self.names)
    }

    /// The documents of a text that holds YAML or JSON.
    fn embedded(&self, node: &Node) -> Vec<Document> {
        // What a function gives, or a variable alone, is not written here.
        if node.text().is_none_or(|text| hcl::only_expression(text).is_some()) {
            return Vec::new();
        }
        let node = self.filled_tree(node);
        let read = node.text().map(|text| yaml::read_embedded(text, &node.origin));
        read.map_or_else(Vec::new, |yaml| yaml.documents)
    }

    /// The documents of `templatefile(path, values)`; none of a template that does more than name its values.
    fn of_template(&self, desk: &Desk, node: &Node) -> Option<Vec<Document>> {
        let path = node.get(hcl::TEMPLATE_FILE)?.part().map(|path| self.filled(&path));
        let found = desk.view().zip(path.as_ref().and_then(behind_module)).and_then(|(view, path)| {
            let id = view.files.find(&paths::resolve(desk.file.directory(), path)?)?;
            Some((id, view.files.ask(id, |text| text.to_owned())?))
        });
        let Some((id, text)) = found.filter(|(_, text)| !text.contains("%{")) else {
            return Some(Vec::new());
        };
        let given = node.get("with");
        let provider = |name: &str| match given.and_then(|given| given.part_at(name)) {
            Some(value) => Answer::Is(Known { value: self.filled(&value), how: How::Substitution }),
            None => Answer::Nothing,
        };
        let whole = Part::new(text.as_str(), Origin::verbatim(Span::new(id, 0, text.len())));
        let filled = expand(&whole, Dialect::Hcl, &Names::new(&provider, self.names.budget()));
        Some(yaml::read_embedded(&filled.text, &filled.origin).documents)
    }

    /// Tells an image, unless the text only points to something that decides elsewhere.
    fn image(&mut self, desk: &mut Desk, owner: &Arc<Resource>, path: &str, node: &Node, role: Role) {
        let Some(whole) = node.part().filter(|whole| !whole.text.is_empty()) else { return };
        let whole = self.filled(&whole);
        let elsewhere = ["docker_image.", "data.", "module.", "docker_registry_image.", "each.", "self."];
        let points = |(range, hole): &(Range<usize>, &Hole)| {
            range.start == 0 && elsewhere.iter().any(|start| hole.name.starts_with(start))
        };
        if !whole.holes().first().is_some_and(points) {
            self.told.insert(whole.span());
            let remark = remark_behind(desk, node.span());
            tell::image(desk, owner, path, &whole, role, remark);
        }
    }

    fn resource(&mut self, desk: &mut Desk, block: &Block) {
        let kind = block.label(0);
        let owner = tell::owner(desk, FORMAT.name, kind, block.label(1));
        match kind {
            "docker_image" | "docker_registry_image" => {
                let is_built = block.body.blocks("build").next().is_some()
                    || kind == "docker_registry_image" && block.kind.text == "resource";
                if let Some(name) = block.body.get("name") {
                    self.image(desk, &owner, "name", name, if is_built { Role::Built } else { Role::Pull });
                }
            }
            "helm_release" => self.release(desk, block, &owner),
            "kubernetes_manifest" => {
                if let Some(manifest) = block.body.get("manifest") {
                    let document = Document { root: self.filled_tree(manifest), remarks: Vec::new() };
                    documents(desk, &[document]);
                }
            }
            "kubectl_manifest" => {
                if let Some(yaml) = block.body.get("yaml_body") {
                    documents(desk, &self.embedded(yaml));
                }
            }
            "aws_ecs_task_definition" => {
                let Some(node) = block.body.get("container_definitions") else { return };
                let read = self.embedded(node);
                let list =
                    if node.is_list() { Some(node) } else { read.first().map(|document| &document.root) };
                for (at, container) in list.map_or(&[][..], Node::items).iter().enumerate() {
                    let mut path = "container_definitions".to_string();
                    super::tell::push_item(&mut path, container, at);
                    if let Some(image) = container.get("image") {
                        self.image(desk, &owner, &format!("{path}.image"), image, Role::Pull);
                    }
                }
            }
            "kubernetes_persistent_volume_claim" | "kubernetes_persistent_volume_claim_v1" => {
                terraform_claims::read(desk, &owner, block, &|part| self.filled(part));
            }
            "docker_container" => {
                if let Some(image) = block.body.get("image") {
                    self.image(desk, &owner, "image", image, Role::Pull);
                }
            }
            _ => self.containers(desk, &owner, &block.body, &mut String::new()),
        }
    }

    /// Every `image` in a block that is called after containers, however deep: pods, services, cloud runners.
    fn containers(&mut self, desk: &mut Desk, owner: &Arc<Resource>, body: &Body, path: &mut String) {
        for block in &body.blocks {
            let len = path.len();
            // What a `dynamic` block repeats stands in its `content`.
            let is_dynamic = block.kind.text == "dynamic";
            let kind = if is_dynamic { block.label(0) } else { block.kind.text.as_str() };
            if kind != "content" {
                super::tell::push_key(path, kind);
            }
            if let Some(name) = block.body.get("name").and_then(Node::text) {
                path.push_str(&format!("[{name}]"));
            }
            let called = path.rsplit('.').next().is_some_and(|last| last.contains("container"));
            if let Some(image) = block.body.get("image").filter(|_| called) {
                self.image(desk, owner, &format!("{path}.image"), image, Role::Pull);
            }
            self.containers(desk, owner, &block.body, path);
            path.truncate(len);
        }
    }

    /// A release: its chart, its values as YAML or as an object, and values set one by one.
    fn release(&mut self, desk: &mut Desk, block: &Block, owner: &Arc<Resource>) {
        let body = &block.body;
        if let Some(name) = body.get("chart").and_then(Node::part).map(|name| self.filled(&name)) {
            let version = body.get("version").and_then(Node::part).map(|version| self.filled(&version));
            let is_path =
                |(range, hole): &(Range<usize>, &Hole)| range.start == 0 && hole.name.starts_with("path.");
            let is_local = name.text.starts_with(['.', '/']) || name.holes().first().is_some_and(is_path);
            if !is_local {
                let pin = match &version {
                    None => "absent",
                    Some(version) => Chart::held(version),
                };
                let origin = version.as_ref().unwrap_or(&name).origin.clone();
                let repository = body.get("repository").and_then(Node::part);
                let says = Chart { name, version, repository, digest: None, pin };
                desk.facts.charts.push(Fact { says, origin, path: "version".into(), owner: owner.clone() });
            }
        }
        let mut given = UserValues::default();
        let mut is_open = false;
        for (at, values) in body.get("values").map_or(&[][..], Node::items).iter().enumerate() {
            let path = format!("values[{at}]");
            let of_map = || vec![Document { root: self.filled_tree(values), remarks: Vec::new() }];
            let of_text = || if values.is_map() { of_map() } else { self.embedded(values) };
            let read = self.of_template(desk, values).unwrap_or_else(of_text);
            is_open |= read.is_empty();
            for document in read {
                helm_values::values(desk, &document, owner, &document.root, &path);
                given.files.push(document.root);
            }
        }
        self.set(desk, body, owner);
        self.kept(desk, body, owner, (given, is_open));
    }

    /// What a release keeps, by all its values together, as helm does it.
    fn kept(&self, desk: &mut Desk, body: &Body, owner: &Arc<Resource>, given: (UserValues, bool)) {
        let (mut given, is_open) = given;
        let part = |key: &str| body.get(key).and_then(Node::part).map(|part| self.filled(&part));
        let Some(chart) = part("chart").filter(Part::is_known) else { return };
        for (name, value, kind) in self.single(body) {
            let at = name.span();
            let whole = helm::pair(name, value, at);
            let list = if kind == "string" { &mut given.set_string } else { &mut given.set };
            list.push(whole);
        }
        let is_silent = given.files.is_empty() && given.set.is_empty() && given.set_string.is_empty();
        let mut told = helm::Told::default();
        let no_file = |_: &Part| Err("no file is read here".to_owned());
        let values = given.together(chart.span(), &no_file, helm::Helm::Three, &mut told);
        desk.problems.extend(
            told.faults.into_iter().map(|fault| Problem::unread("not-followed", fault.says, fault.at)),
        );
        let namespace = part("namespace").filter(Part::is_known).map_or(Str::default(), |part| part.text);
        let start = chart.text.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
        let chart = chart.slice(start..chart.text.trim_end_matches('/').len());
        if !is_silent {
            claim_shapes::of_tree(desk, owner, &values, "values");
            let taker = Taker { chart: Some(&chart.text), namespace: &namespace };
            helm_storage::read(desk, owner, &values, "values", taker);
        }
        if !is_open {
            helm_storage::unsaid(desk, owner, &chart, (!is_silent).then_some(&values));
        }
    }

    /// The values that are set one by one: name, value, and what kind of value it is.
    fn single(&self, body: &Body) -> Vec<(Part, Part, Str)> {
        let blocks = body.blocks("set").map(|block| {
            let of = |key: &str| block.body.get(key).and_then(Node::part);
            (of("name"), of("value"), of("type"))
        });
        let items = body.get("set").map_or(&[][..], Node::items).iter();
        let items = items.map(|item| (item.part_at("name"), item.part_at("value"), item.part_at("type")));
        let whole = |(name, value, kind): (Option<Part>, Option<Part>, Option<Part>)| {
            let name = self.filled(&name?);
            let kind = kind.map_or(Str::default(), |kind| kind.text);
            name.is_known().then_some((name, self.filled(&value?), kind))
        };
        blocks.chain(items).filter_map(whole).collect()
    }

    /// `set { name = "image.tag" value = "1.2" }`, as blocks or as a list: what belongs to one image is put together.
    fn set(&mut self, desk: &mut Desk, body: &Body, owner: &Arc<Resource>) {
        let pairs: Vec<(Str, Part)> =
            self.single(body).into_iter().map(|(name, value, _)| (name.text, value)).collect();
        let mut seen = BTreeSet::new();
        for (name, value) in &pairs {
            let (stem, last) = name.rsplit_once('.').unwrap_or(("", name));
            let key = stem.rsplit('.').next().unwrap_or("");
            let is_image = key == "image" || key.ends_with("Image");
            if is_image && matches!(last, "registry" | "repository" | "tag" | "digest") && seen.insert(stem) {
                let find = |last: &str| {
                    let found = pairs.iter().find(|(name, _)| {
                        name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.')) == Some(last)
                    });
                    found.map(|(_, value)| value.clone())
                };
                let (repository, tag, digest) = (find("repository"), find("tag"), find("digest"));
                let role = match (&repository, &tag, &digest) {
                    (None, None, None) => continue,
                    (None, ..) => Role::TagOnly,
                    (Some(_), None, None) => Role::ChartDecides,
                    _ => Role::Pull,
                };
                let whole = tag.clone().or_else(|| digest.clone()).or_else(|| repository.clone());
                let Some(whole) = whole else { continue };
                let image = join(find("registry"), repository, tag, digest, &whole.origin);
                let image = crate::facts::Image { role, ..image }.handed_on();
                tell::tell(desk, owner, format!("set.{stem}"), image, whole.origin);
            } else if (last == "image" || last.ends_with("Image")) && looks_like_image(&value.text) {
                tell::image(desk, owner, format!("set.{name}"), value, Role::Pull, None);
            }
        }
    }

    /// A value that goes by the name of an image: a variable's default, a local, an argument of a module.
    fn setting(&mut self, desk: &mut Desk, owner: &Arc<Resource>, name: &str, value: &Node) {
        if value.get(hcl::TEMPLATE_FILE).is_some() {
            return;
        }
        if value.is_map() || value.is_list() {
            let document = Document { root: self.filled_tree(value), remarks: Vec::new() };
            helm_values::values(desk, &document, owner, &document.root, name);
            return;
        }
        // Values of a chart are often kept in a local of their own.
        if name.ends_with("values") {
            for document in self.embedded(value) {
                helm_values::values(desk, &document, owner, &document.root, name);
            }
            return;
        }
        let Some(whole) = value.part() else { return };
        if named_after_image(name)
            && hcl::only_expression(&whole.text).is_none()
            && looks_like_image(&whole.text)
            && !self.told.contains(&whole.span())
        {
            let role = tell::role_of_setting(&self.filled(&whole));
            self.image(desk, owner, name, value, role);
        }
    }
}

/// A path without the form for the folder of the module; nothing if it has others.
fn behind_module(path: &Part) -> Option<&str> {
    match path.holes().as_slice() {
        [] => Some(&path.text),
        [(range, hole)] if range.start == 0 && hole.name == "path.module" => {
            Some(path.text[range.end..].trim_start_matches('/'))
        }
        _ => None,
    }
}

/// Hands manifests to the format that knows them.
fn documents(desk: &mut Desk, documents: &[Document]) {
    documents.iter().for_each(|document| desk.read(kubernetes::FORMAT.read, document));
}

/// The comment behind a value on its line.
fn remark_behind(desk: &Desk, span: Span) -> Option<Part> {
    if span.source != desk.file.id {
        return None;
    }
    let rest = desk.file.text.get(span.end as usize..)?;
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let open = line
        .find(['#', '/'])
        .filter(|&at| line[..at].chars().all(|c| matches!(c, '"' | ',' | '}' | ' ' | '\t')))?;
    let body = line[open..].trim_start_matches(['#', '/', ' ', '\t']).trim_end();
    let start = span.end as usize + line.trim_end().len() - body.len();
    let place = Span::new(span.source, start, start + body.len());
    Some(Part::new(body, crate::text::Origin::verbatim(place)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::{images, run};

    #[test]
    fn images_of_terraform() {
        for (text, expected) in [
            (
                "resource \"docker_image\" \"w\" {\n  name = \"nginx:1.25\" # why\n}\nresource \"docker_container\" \"w\" {\n  image = docker_image.w.image_id\n}\n",
                &["docker_image/w name nginx:1.25 # why"][..],
            ),
            (
                "resource docker_image w {\n  name = \"x:1\"\n  build {\n    context = \".\"\n  }\n}\n",
                &["docker_image/w name x:1 (built)"],
            ),
            (
                "variable \"tag\" {\n  default = \"1.2\"\n}\nlocals {\n  web_image = \"ghcr.io/a/b:${var.tag}\"\n}\nresource \"docker_container\" \"w\" {\n  image = local.web_image\n}\n",
                &["docker_container/w image ghcr.io/a/b:1.2 ‹ghcr.io/a/b:·1.2›"],
            ),
            (
                "resource \"kubernetes_deployment\" \"w\" {\n  spec {\n    template {\n      spec {\n        init_container {\n          image = \"a:1\"\n        }\n        container {\n          name = \"c\"\n          image = \"b:${var.none}\"\n        }\n      }\n    }\n  }\n}\n",
                &[
                    "kubernetes_deployment/w spec.template.spec.init_container.image a:1",
                    "kubernetes_deployment/w spec.template.spec.container[c].image b:${var.none}",
                ],
            ),
            (
                "resource \"aws_ecs_task_definition\" \"t\" {\n  container_definitions = jsonencode([{ name = \"n\", image = \"a:1\" }])\n}\nresource \"aws_ecs_task_definition\" \"u\" {\n  container_definitions = <<EOF\n[{\"image\": \"b:2\"}]\nEOF\n}\n",
                &[
                    "aws_ecs_task_definition/t container_definitions[n].image a:1",
                    "aws_ecs_task_definition/u container_definitions[0].image b:2",
                ],
            ),
            (
                "resource \"helm_release\" \"r\" {\n  set {\n    name = \"image.tag\"\n    value = \"1.2\"\n  }\n  set = [{ name = \"x.image.repository\", value = \"a/b\" }, { name = \"x.image.tag\", value = \"3\" }, { name = \"y.image\", value = \"c/d:4\" }]\n  values = [<<-EOF\n    image:\n      repository: e/f\n      tag: \"5\"\n  EOF\n  , yamlencode({ image = { repository = \"g/h\", tag = \"6\" } })]\n}\n",
                &[
                    "helm_release/r values[0].image e/f:5",
                    "helm_release/r values[1].image g/h:6",
                    "helm_release/r set.image 1.2 (tag-only)",
                    "helm_release/r set.x.image a/b:3",
                    "helm_release/r set.y.image c/d:4",
                ],
            ),
            (
                "variable \"web_image\" {\n  default = \"ghcr.io/acme/web\"\n}\nvariable \"web_version\" {\n  default = \"1.2\"\n}\n",
                &["variable/web_image web_image ghcr.io/acme/web (chart-decides)"],
            ),
            (
                "variable \"app_image\" {\n  default = \"a/b:1\"\n}\nvariable \"image\" {\n  default = \"ubuntu-22.04\"\n}\nvariable \"image_tag\" {\n  default = \"x:1\"\n}\nmodule \"m\" {\n  container_image = \"c/d:2\"\n  image = var.app_image\n}\n",
                &["module/m container_image c/d:2", "variable/app_image app_image a/b:1"],
            ),
            (
                "locals {\n  x_values = var.v != \"\" ? var.v : <<EOT\nimage:\n  repository: a/b\n  tag: \"1\"\nEOT\n}\n",
                &["locals x_values.image a/b:1"],
            ),
            ("resource \"hcloud_server\" \"s\" {\n  image = \"ubuntu-22.04\"\n}\n", &[]),
            (
                "resource \"google_cloud_run_v2_service\" \"s\" {\n  template {\n    containers {\n      image = \"a/b\"\n    }\n  }\n}\n",
                &["google_cloud_run_v2_service/s template.containers.image a/b"],
            ),
        ] {
            assert_eq!(images(&FORMAT, "main.tf", text), expected, "{text}");
        }
        let text = "web_image = \"a/b:1\"\ndb = { image = { repository = \"c/d\", tag = \"2\" } }\nos_image = \"ubuntu-22.04\"\n";
        assert_eq!(
            images(&FORMAT, "x.auto.tfvars", text),
            ["variables web_image a/b:1", "variables db.image c/d:2"]
        );
    }

    #[test]
    fn releases_tell_their_chart() {
        let text = "variable \"v\" {\n  default = \"1.2.3\"\n}\nresource \"helm_release\" \"r\" {\n  chart = \"x\"\n  version = VERSION\n}\n";
        for (version, pin) in
            [("\"1.2.3\"", "exact"), ("\"~> 1.2\"", "range"), ("var.v", "exact"), ("var.w", "unknown")]
        {
            let text = text.replace("VERSION", version);
            assert_eq!(run(&FORMAT, "main.tf", &text).facts.charts[0].says.pin, pin, "{version}");
        }
        let text = text.replace("  version = VERSION\n", "");
        assert_eq!(run(&FORMAT, "main.tf", &text).facts.charts[0].says.pin, "absent");
    }
}
