//! ConfigMaps and Secrets made of files, env files and literals.

use super::super::edit;
use super::super::files::Files;
use super::super::object::{Behavior, Maker, Object};
use super::gathered::Gathered;
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{Origin, Part, SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the two is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
}

/// What a generator is told besides its entry.
pub(super) struct Around<'a> {
    pub(super) files: &'a Files<'a>,
    /// Resolves a path, and where it is written, against the kustomization's folder; says why it cannot be read.
    pub(super) find: &'a dyn Fn(&str, Span) -> Result<SourceId, String>,
    /// `generatorOptions`.
    pub(super) options: Option<&'a Node>,
    pub(super) source: SourceId,
}

/// Makes the object of one entry.
pub(super) fn generate(kind: Kind, entry: &Node, around: &Around) -> Result<Object, String> {
    let at = &entry.origin;
    let name = entry.part_at("name").filter(|name| !name.text.is_empty()).ok_or("a generator has no name")?;
    let mut metadata = edit::empty_map(at);
    edit::set(&mut metadata, "name", edit::text(&name));
    if let Some(namespace) = entry.part_at("namespace").filter(|part| !part.text.is_empty()) {
        edit::set(&mut metadata, "namespace", edit::text(&namespace));
    }
    let own = entry.get("options");
    for which in ["labels", "annotations"] {
        // What the entry says wins over what all generators are told.
        let lists = [own, around.options].map(|options| options.and_then(|options| options.get(which)));
        let mut marks: BTreeMap<&str, Part> = BTreeMap::new();
        for (key, value) in lists.iter().flatten().flat_map(|list| list.entries()) {
            if let (Some(key), Some(value)) = (key.text(), value.part()) {
                marks.entry(key).or_insert(value);
            }
        }
        if !marks.is_empty() {
            let mut map = edit::empty_map(at);
            marks.into_iter().for_each(|(key, value)| edit::set(&mut map, key, edit::text(&value)));
            edit::set(&mut metadata, which, map);
        }
    }
    let mut data: BTreeMap<Str, Part> = BTreeMap::new();
    let mut binary = BTreeSet::new();
    for (key, value) in pairs(entry, around, &mut binary)? {
        // The tool has no place for it.
        if key.is_empty() {
            continue;
        }
        if data.insert(key.clone(), value).is_some() {
            return Err(format!("the key `{key}` is given twice"));
        }
    }
    let mut root = edit::empty_map(at);
    edit::set(&mut root, "apiVersion", edit::made("v1", at));
    edit::set(&mut root, "kind", edit::made(if kind == Kind::Secret { "Secret" } else { "ConfigMap" }, at));
    edit::set(&mut root, "metadata", metadata);
    if kind == Kind::Secret {
        let given = entry.part_at("type").filter(|part| !part.text.is_empty());
        edit::set(
            &mut root,
            "type",
            given.map_or_else(|| edit::made("Opaque", at), |part| edit::text(&part)),
        );
    }
    if kind == Kind::ConfigMap && !binary.is_empty() {
        let mut map = edit::empty_map(at);
        binary.iter().filter_map(|key| Some((key, data.remove(key)?))).for_each(|(key, value)| {
            edit::set(&mut map, key, quoted(&value));
        });
        edit::set(&mut root, "binaryData", map);
    }
    if !data.is_empty() || kind == Kind::Secret {
        let mut map = edit::empty_map(at);
        for (key, value) in data {
            let node = match kind {
                Kind::ConfigMap => quoted(&value),
                Kind::Secret => quoted(&Part::new(in_lines(&value.text), value.origin.encoded())),
            };
            edit::set(&mut map, &key, node);
        }
        edit::set(&mut root, "data", map);
    }
    let told = |key: &str| {
        let is_true =
            |options: &Node| options.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_true());
        own.is_some_and(is_true) || around.options.is_some_and(is_true)
    };
    if told("immutable") {
        let yes = Scalar::new("true".into(), Style::Plain);
        edit::set(&mut root, "immutable", Node::new(Origin::spelled(at.span()), Value::Scalar(yes)));
    }
    let mut object = Object::new(root, around.source);
    object.past_mut().maker = Some(Maker {
        kind: if kind == Kind::Secret { "SecretGenerator" } else { "ConfigMapGenerator" }.into(),
        name: entry.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default().into(),
    });
    object.hashed = !told("disableNameSuffixHash");
    object.behavior = match entry.text_at("behavior") {
        Some("merge") => Behavior::Merge,
        Some("replace") => Behavior::Replace,
        _ => Behavior::Create,
    };
    Ok(object)
}

/// The service account that speaks for one of Google's.
pub(super) fn account(config: &Node, source: SourceId) -> Object {
    let at = &config.origin;
    let text = |path: &[&str]| config.at(path).and_then(Node::text).unwrap_or_default();
    let project = text(&["serviceAccount", "projectId"]);
    let theirs = format!("{}@{project}.iam.gserviceaccount.com", text(&["serviceAccount", "name"]));
    let mut annotations = edit::empty_map(at);
    edit::set(&mut annotations, "iam.gke.io/gcp-service-account", edit::made(&theirs, at));
    let mut metadata = edit::empty_map(at);
    edit::set(&mut metadata, "annotations", annotations);
    for key in ["name", "namespace"] {
        if let Some(part) = config.at(&["kubernetesService", key]).and_then(Node::part) {
            edit::set(&mut metadata, key, edit::text(&part));
        }
    }
    let mut root = edit::empty_map(at);
    edit::set(&mut root, "apiVersion", edit::made("v1", at));
    edit::set(&mut root, "kind", edit::made("ServiceAccount", at));
    edit::set(&mut root, "metadata", metadata);
    Object::new(root, source)
}

/// Base64 in lines of seventy letters, as the tool writes it; a short one stands alone.
fn in_lines(text: &str) -> String {
    const LINE: usize = 70;
    let encoded = crate::text::base64(text.as_bytes());
    if encoded.len() < LINE {
        return encoded;
    }
    let mut out = String::with_capacity(encoded.len() + encoded.len() / LINE + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out
}

/// A text that is text, whatever it looks like.
fn quoted(part: &Part) -> Node {
    Node::new(part.origin.clone(), Value::Scalar(Scalar::new(part.text.clone(), Style::Double)))
}

/// What an entry gives, by key; `binary` are the keys of files that are no text.
fn pairs(entry: &Node, around: &Around, binary: &mut BTreeSet<Str>) -> Result<Vec<(Str, Part)>, String> {
    let list = |key: &str| entry.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::part);
    let mut out = Vec::new();
    let env = entry.part_at("env").filter(|part| !part.text.is_empty());
    for file in list("envs").chain(env) {
        let id = (around.find)(&file.text, file.span())?;
        let text = around.files.text(id).ok_or_else(|| format!("cannot read `{}`", file.text))?;
        env_lines(id, &text, &mut out);
    }
    for literal in list("literals") {
        let cut = literal.text.find('=').filter(|&at| at > 0);
        let at = cut.ok_or_else(|| format!("`{}` is no `key=value`", redacted(&literal.text)))?;
        let mut range = at + 1..literal.text.len();
        let value = &literal.text[range.clone()];
        let quote = value.chars().next().filter(|&c| matches!(c, '"' | '\''));
        if value.len() >= 2 && quote.is_some_and(|quote| value.ends_with(quote)) {
            range = range.start + 1..range.end - 1;
        }
        out.push((literal.text[..at].into(), literal.slice(range)));
    }
    for file in list("files") {
        let (key, path) = match file.text.split_once('=') {
            None => (file.text.rsplit('/').next().unwrap_or_default(), file.text.as_str()),
            Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => (key, path),
            Some(_) => return Err(format!("`{}` is no `key=path`", file.text)),
        };
        let id = (around.find)(path, file.span())?;
        let Some(text) = around.files.text(id) else {
            // A file that is no text: what it holds matters to nobody here, that it is there does.
            let whole = Origin::spelled(Span::new(id, 0, 0));
            out.push((key.into(), Part::new("(binary)", whole)));
            binary.insert(key.into());
            continue;
        };
        let whole = Origin::verbatim(Span::new(id, 0, text.len()));
        out.push((key.into(), Part::new(text, whole)));
    }
    Ok(out)
}

/// The name of a literal, for a message: what stands behind it may be a secret.
fn redacted(literal: &str) -> &str {
    literal.split(['=', ':', ' ']).next().unwrap_or_default()
}

fn env_lines(id: SourceId, text: &str, out: &mut Vec<(Str, Part)>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n').trim_end_matches('\r');
        let body = if start == 0 { body.trim_start_matches('\u{feff}') } else { body };
        let trimmed = body.trim_start();
        let from = start + (line.trim_end_matches('\n').trim_end_matches('\r').len() - trimmed.len());
        start += line.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
        let end = from + trimmed.len();
        out.push((key.into(), Part::new(value, Origin::verbatim(Span::new(id, end - value.len(), end)))));
    }
}

/// Puts what a generator made to the objects that are there: new, instead of one, or into one.
pub(super) fn absorb(gathered: &mut Gathered, made: Object) -> Result<(), String> {
    let id = made.id();
    let same = gathered.all_of(&id);
    match (same.as_slice(), made.behavior) {
        ([], Behavior::Create) => gathered.push(made),
        ([], _) => return Err(format!("{} is not there, so it cannot be merged or replaced", id.label())),
        ([_], Behavior::Create) => return Err(format!("{} is there already", id.label())),
        ([at], behavior) => {
            let old = &gathered.objects[*at];
            let mut new = made;
            for which in ["labels", "annotations"] {
                let mut map = old.root.at(&["metadata", which]).cloned();
                for (key, value) in
                    new.root.at(&["metadata", which]).map(Node::entries).unwrap_or_default().to_vec()
                {
                    let map = map.get_or_insert_with(|| edit::empty_map(&value.origin));
                    edit::set(map, key.text().unwrap_or_default(), value);
                }
                if let (Some(map), Some(metadata)) = (map, edit::get_mut(&mut new.root, "metadata")) {
                    edit::set(metadata, which, map);
                }
            }
            if let Some(metadata) = edit::get_mut(&mut new.root, "metadata") {
                for key in ["name", "namespace"] {
                    match old.root.at(&["metadata", key]) {
                        Some(value) => edit::set(metadata, key, value.clone()),
                        None => drop(edit::remove(metadata, key)),
                    }
                }
            }
            if behavior == Behavior::Merge {
                for which in ["data", "binaryData"] {
                    let mut map = old.root.get(which).cloned();
                    for (key, value) in new.root.get(which).map(Node::entries).unwrap_or_default().to_vec() {
                        let map = map.get_or_insert_with(|| edit::empty_map(&value.origin));
                        let key = key.text().unwrap_or_default();
                        let mut value = value;
                        if let Some(loser) = map.get(key) {
                            value.origin = edit::over(&value.origin, loser.span());
                        }
                        edit::set(map, key, value);
                    }
                    if let Some(map) = map {
                        edit::set(&mut new.root, which, map);
                    }
                }
                new.written = old.written.clone();
                new.succeed(old);
            } else {
                let maker = new.past().maker.clone();
                new.succeed(old);
                new.past_mut().maker = maker;
            }
            new.hashed = old.hashed && new.hashed;
            new.changes = old.changes.clone();
            new.behavior = old.behavior;
            gathered.objects[*at] = new;
        }
        _ => return Err(format!("{} may be merged into several objects", id.label())),
    }
    Ok(())
}
