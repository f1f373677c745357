//! `replacements`: a value of one object copied into fields of others; and `vars`, its older brother.

use super::super::edit;
use super::super::object::{Gvk, Object, ObjectId};
use super::super::typed;
use super::fields::{Field, Make, gvk, visit};
use super::select::Selector;
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, Scalar, Style, Tag, Value, yaml};
use crate::text::{Origin, Part, Str};
use std::collections::BTreeMap;

/// Applies one replacement.
pub(super) fn replace(objects: &mut [Object], entry: &Node) -> Result<(), String> {
    let given = entry.get("sourceValue").filter(|value| !value.is_null());
    let source = entry.get("source").filter(|source| !source.is_null());
    let targets = entry.get("targets").filter(|targets| targets.is_list());
    let value = match (given, source, targets) {
        (Some(_), Some(_), _) => return Err("`source` and `sourceValue` exclude each other".into()),
        (Some(value), None, Some(_)) => value.clone(),
        (None, Some(source), Some(_)) => source_value(objects, source)?,
        _ => return Err("a replacement needs a source and at least one target".into()),
    };
    for target in targets.map(Node::items).unwrap_or_default() {
        let Some(select) = target.get("select").filter(|select| !select.is_null()) else {
            return Err("a target of a replacement selects nothing".into());
        };
        let select = Selector::read(select)?;
        let reject: Vec<Selector> = target
            .get("reject")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(Selector::read)
            .collect::<Result<_, _>>()?;
        let mut paths: Vec<&str> = target
            .get("fieldPaths")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .collect();
        if paths.is_empty() {
            paths.push("metadata.name");
        }
        for object in objects.iter_mut() {
            let ids: Vec<ObjectId> = object.ids().collect();
            let is_rejected = reject.iter().any(|reject| {
                reject.asks_marks() && reject.takes_marks(object)
                    || reject.asks_id() && ids.iter().any(|id| reject.takes_id(id))
            });
            if !select.takes_marks(object) || is_rejected || !ids.iter().any(|id| select.takes_id(id)) {
                continue;
            }
            for path in &paths {
                put(&mut object.root, path, &value, target.get("options"))?;
            }
        }
    }
    Ok(())
}

fn source_value(objects: &[Object], source: &Node) -> Result<Node, String> {
    let (wanted, text) = (gvk(source), |key: &str| source.text_at(key).unwrap_or_default());
    let fits = |id: &ObjectId| {
        let home = if text("namespace").is_empty() { true } else { id.home() == text("namespace") };
        (text("name").is_empty() || id.name == text("name")) && home && id.gvk.fits(&wanted)
    };
    let found: Vec<&Object> = objects.iter().filter(|object| object.ids().any(|id| fits(&id))).collect();
    let [object] = found.as_slice() else {
        let how = if found.is_empty() { "nothing is" } else { "several objects are" };
        return Err(format!("{how} selected as the source of a replacement"));
    };
    let path = source.text_at("fieldPath").filter(|path| !path.is_empty()).unwrap_or("metadata.name");
    let steps = steps(path);
    let found = steps.iter().try_fold(&object.root, |node, step| child(node, step));
    let value =
        found.filter(|node| !node.is_null()).ok_or_else(|| format!("the source has no field `{path}`"))?;
    let Some(delimiter) = option(source.get("options"), "delimiter") else { return Ok(value.clone()) };
    let whole = value.part().ok_or("a delimiter cuts texts only")?;
    let at = index(source.get("options"));
    let (mut from, mut parts) = (0, Vec::new());
    for piece in whole.text.split(delimiter) {
        parts.push(from..from + piece.len());
        from += piece.len() + delimiter.len();
    }
    let range = usize::try_from(at).ok().and_then(|at| parts.get(at).cloned());
    let range = range.ok_or_else(|| format!("`options.index` {at} is out of bounds"))?;
    let part = whole.slice(range);
    let mut node = value.clone();
    node.origin = part.origin;
    if let Value::Scalar(scalar) = &mut node.value {
        scalar.text = part.text;
    }
    Ok(node)
}

fn option<'n>(options: Option<&'n Node>, key: &str) -> Option<&'n str> {
    options?.text_at(key).filter(|text| !text.is_empty())
}

fn index(options: Option<&Node>) -> i64 {
    option(options, "index").and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// One step of a field path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(Str),
    /// `[name=web]`
    Item(Str, Str),
    /// `*`
    Each,
}

/// Cuts `spec.containers.[name=web].image` and `metadata.annotations.[a.b/c]`: a point in brackets cuts nothing.
fn steps(path: &str) -> Vec<Step> {
    let mut parts = vec![String::new()];
    let (mut depth, mut letters) = (0, path.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'.') => {
                parts.last_mut().expect("one is there").extend(letters.next())
            }
            '[' => {
                depth += 1;
                parts.last_mut().expect("one is there").push(letter);
            }
            ']' => {
                depth -= 1;
                parts.last_mut().expect("one is there").push(letter);
            }
            '.' if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().expect("one is there").push(letter),
        }
    }
    let step = |part: String| match part.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => match inner.split_once('=') {
            Some((key, value)) => Step::Item(key.into(), value.trim_matches('"').into()),
            None => Step::Key(inner.into()),
        },
        None if part == "*" => Step::Each,
        None => Step::Key(part.into()),
    };
    parts.into_iter().filter(|part| !part.is_empty()).map(step).collect()
}

fn child<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match (step, &node.value) {
        (Step::Key(key), Value::List(items)) => items.get(key.parse::<usize>().ok()?),
        (Step::Key(key), _) => node.get(key),
        (Step::Item(key, value), _) => node.items().iter().find(|item| has(item, key, value)),
        (Step::Each, _) => node.items().first(),
    }
}

fn has(item: &Node, key: &str, value: &str) -> bool {
    // `[=x]` is an item that is the text itself.
    if key.is_empty() { item.text() == Some(value) } else { item.text_at(key) == Some(value) }
}

fn put(root: &mut Node, path: &str, value: &Node, options: Option<&Node>) -> Result<(), String> {
    let create = option(options, "create") == Some("true");
    let steps = steps(path);
    if within_text(root, &steps, value, create) {
        return Ok(());
    }
    let mut count = 0;
    descend(root, &steps, create.then_some(value), &mut |node| {
        count += 1;
        fill(node, value, options)
    })?;
    let how = if create { "find or create" } else { "find" };
    if count == 0 { Err(format!("unable to {how} field \"{path}\" in replacement target")) } else { Ok(()) }
}

fn descend(
    node: &mut Node,
    steps: &[Step],
    create: Option<&Node>,
    change: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else { return change(node) };
    match step {
        Step::Each => {
            for item in edit::items_mut(node).into_iter().flatten() {
                descend(item, rest, create, change)?;
            }
        }
        Step::Item(key, wanted) => {
            if let (Some(made), true) = (create, node.is_null() || node.is_list()) {
                if node.is_null() {
                    node.value = Value::List(Default::default());
                }
                if !node.items().iter().any(|item| has(item, key, wanted)) {
                    let mut item = edit::empty_map(&made.origin);
                    edit::set(&mut item, key, edit::made(wanted, &made.origin));
                    edit::items_mut(node).into_iter().for_each(|items| items.push(item.clone()));
                }
            }
            for item in edit::items_mut(node).into_iter().flatten().filter(|item| has(item, key, wanted)) {
                descend(item, rest, create, change)?;
            }
        }
        Step::Key(key) => {
            if node.is_list() {
                return index_into(node, key, rest, create, change);
            }
            let is_index = key.parse::<usize>().is_ok();
            if is_index && create.is_some() && node.is_map() {
                return Err(format!("`{key}` means an item, and a map is there"));
            }
            if let (Some(made), true) = (create, node.get(key).is_none_or(Node::is_null)) {
                edit::set(node, key, fresh(rest, made));
            }
            if let Some(inner) = edit::get_mut(node, key) {
                return descend(inner, rest, create, change);
            }
        }
    }
    Ok(())
}

/// Goes on in an item of a list, or in a new one behind the last.
fn index_into(
    node: &mut Node,
    key: &str,
    rest: &[Step],
    create: Option<&Node>,
    change: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let (Ok(at), Some(items)) = (key.parse::<usize>(), edit::items_mut(node)) else { return Ok(()) };
    if let Some(made) = create.filter(|_| at == items.len()) {
        items.push(fresh(rest, made));
    }
    items.get_mut(at).map_or(Ok(()), |item| descend(item, rest, create, change))
}

/// What is made where nothing is, for what follows to go on in.
fn fresh(rest: &[Step], made: &Node) -> Node {
    match rest.first() {
        None => edit::made("", &made.origin),
        Some(Step::Item(..)) => Node::list(Origin::spelled(made.span()), Vec::new()),
        Some(Step::Key(key)) if key.parse::<usize>().is_ok() => {
            Node::list(Origin::spelled(made.span()), Vec::new())
        }
        Some(_) => edit::empty_map(&made.origin),
    }
}

/// Puts the value in: as it is, or as one part of a text that a delimiter cuts. Of a scalar only the text changes.
fn fill(node: &mut Node, value: &Node, options: Option<&Node>) -> Result<(), String> {
    let loser = node.span();
    let mut part = value.part();
    if let Some(delimiter) = option(options, "delimiter") {
        let Some(whole) = node.part() else { return Err("a delimiter cuts texts only".into()) };
        let Some(own) = &part else { return Err("a delimiter cuts texts only".into()) };
        let (mut from, mut pieces) = (0, Vec::new());
        for piece in whole.text.split(delimiter) {
            pieces.push(whole.slice(from..from + piece.len()));
            from += piece.len() + delimiter.len();
        }
        let at = index(options);
        match usize::try_from(at) {
            Err(_) => pieces.insert(0, own.clone()),
            Ok(at) if at >= pieces.len() => pieces.push(own.clone()),
            Ok(at) => pieces[at] = own.clone(),
        }
        let mut weaver = Weaver::default();
        for (at, piece) in pieces.into_iter().enumerate() {
            if at > 0 {
                weaver.push(Part::new(delimiter, Origin::spelled(loser)));
            }
            weaver.push(piece);
        }
        part = Some(weaver.finish(own.span()));
    }
    let is_text = node.scalar().is_some_and(|scalar| typed::typed(scalar, node.tag()) == typed::Typed::Text);
    match (&mut node.value, part) {
        (Value::Scalar(Scalar { text, style, .. }), Some(part)) => {
            // The type of what was there stays: a text that is given a number is still a text.
            if is_text
                && typed::typed(&Scalar::new(part.text.clone(), *style), Tag::None) != typed::Typed::Text
            {
                *style = Style::Double;
            }
            *text = part.text;
            node.origin = edit::over(&part.origin, loser);
        }
        _ => {
            *node = value.clone();
            node.origin = edit::over(&value.origin, loser);
        }
    }
    Ok(())
}

/// A path that goes on inside a text, as into the JSON of an annotation: the text is read, changed and written anew.
fn within_text(root: &mut Node, steps: &[Step], value: &Node, create: bool) -> bool {
    let mut node = &*root;
    let mut at = 0;
    while at < steps.len() {
        let Some(next) = child(node, &steps[at]).filter(|_| steps[at] != Step::Each) else { return false };
        node = next;
        at += 1;
        if node.text().is_some() {
            break;
        }
    }
    let Some(text) = node.text().filter(|_| at < steps.len()).map(str::to_string) else { return false };
    let origin = node.origin.clone();
    let read = yaml::read_embedded(&text, &origin);
    let Some(mut inner) = read.documents.into_iter().next().map(|document| document.root) else {
        return false;
    };
    let mut count = 0;
    let done = descend(&mut inner, &steps[at..], create.then_some(value), &mut |place| {
        count += 1;
        fill(place, value, None)
    });
    if done.is_err() || count == 0 {
        return false;
    }
    let json = typed::json(&inner);
    let written = match text.trim_start().starts_with(['{', '[']) {
        true if text.contains('\n') && text.contains("  ") => {
            serde_json::to_string_pretty(&json).unwrap_or_default()
        }
        true => json.to_string(),
        false => typed::yaml(&json).trim().to_string(),
    };
    let done = descend(root, &steps[..at], None, &mut |place| {
        if let Value::Scalar(scalar) = &mut place.value {
            scalar.text = written.as_str().into();
            place.origin = edit::over(&Origin::spelled(value.span()), place.span());
        }
        Ok(())
    });
    done.is_ok()
}

/// One of `vars`.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Str,
    path: Str,
    pub(super) of: ObjectId,
}

impl Variable {
    pub(super) fn read(entry: &Node) -> Variable {
        let of = entry.get("objref");
        let text = |key: &str| of.and_then(|of| of.text_at(key)).unwrap_or_default();
        let mut kind = of.map(gvk).unwrap_or_default();
        if !text("apiVersion").is_empty() {
            kind = Gvk { kind: kind.kind, ..Gvk::new(text("apiVersion"), "") };
        }
        Variable {
            name: entry.text_at("name").unwrap_or_default().into(),
            path: entry
                .at(&["fieldref", "fieldPath"])
                .or_else(|| entry.at(&["fieldref", "fieldpath"]))
                .and_then(Node::text)
                .filter(|path| !path.is_empty())
                .unwrap_or("metadata.name")
                .into(),
            of: ObjectId { gvk: kind, namespace: text("namespace").into(), name: text("name").into() },
        }
    }

    /// Whether this is the object that the variable names.
    pub(super) fn names(&self, id: &ObjectId) -> bool {
        if self.of.namespace.is_empty() && !self.of.gvk.is_cluster_wide() {
            self.of.name == id.name && self.of.gvk == id.gvk
        } else {
            self.of.is(id)
        }
    }
}

/// Puts the values of all variables where `$(NAME)` is.
pub(super) fn resolve(
    objects: &mut [Object],
    variables: &[Variable],
    fields: &[Field],
) -> Result<(), String> {
    let mut values: BTreeMap<Str, Node> = BTreeMap::new();
    for variable in variables {
        let Some(object) = objects.iter().find(|object| object.past().variables.contains(&variable.name))
        else {
            return Err(format!("the variable `{}` names no object of this build", variable.name));
        };
        let steps = path_of(&variable.path);
        let value = steps.iter().try_fold(&object.root, |node, step| child(node, step));
        let value = value
            .ok_or_else(|| format!("the object of `{}` has no field `{}`", variable.name, variable.path))?;
        values.insert(variable.name.clone(), value.clone());
    }
    if values.is_empty() {
        return Ok(());
    }
    for object in objects {
        let gvk = object.id().gvk;
        for field in fields.iter().filter(|field| gvk.fits(&field.of)) {
            visit(&mut object.root, field, Make::Nothing, &mut |node| {
                match &node.value {
                    Value::Scalar(_) => expand(node, &values),
                    Value::Map(_) => {
                        edit::entries_mut(node)
                            .into_iter()
                            .flatten()
                            .for_each(|(_, value)| expand(value, &values));
                    }
                    Value::List(_) => {
                        edit::items_mut(node).into_iter().flatten().for_each(|item| expand(item, &values));
                    }
                    _ => {}
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// `spec.ports[0].port` has its index behind the key.
fn path_of(path: &str) -> Vec<Step> {
    let mut out = Vec::new();
    for step in steps(path) {
        match &step {
            Step::Key(key) => match key.find('[').filter(|_| key.ends_with(']')) {
                Some(at) if at > 0 => {
                    out.push(Step::Key(key[..at].into()));
                    out.push(Step::Key(key[at + 1..key.len() - 1].into()));
                }
                _ => out.push(step),
            },
            _ => out.push(step),
        }
    }
    out
}

fn expand(node: &mut Node, values: &BTreeMap<Str, Node>) {
    let is_text = node.scalar().is_some_and(|scalar| {
        typed::typed(scalar, node.tag()) == typed::Typed::Text && scalar.text.contains("$")
    });
    let (Some(whole), true) = (node.part(), is_text) else { return };
    let text = whole.text.as_str();
    let mut weaver = Weaver::default();
    let (mut from, mut at) = (0, 0);
    while let Some(dollar) = text[at..].find('$').map(|found| found + at) {
        let rest = &text[dollar + 1..];
        if let Some(name) =
            rest.strip_prefix('(').and_then(|inner| inner.split_once(')')).map(|(name, _)| name)
        {
            let end = dollar + 1 + name.len() + 2;
            if let Some(value) = values.get(name) {
                if dollar == 0 && end == text.len() {
                    // The whole text is the variable: its type goes with it.
                    let loser = node.span();
                    *node = value.clone();
                    node.origin = edit::over(&value.origin, loser);
                    return;
                }
                if let Some(part) = value.part() {
                    weaver.push(whole.slice(from..dollar));
                    weaver.push(part);
                    from = end;
                }
            }
            at = end;
        } else if rest.starts_with('$') {
            weaver.push(whole.slice(from..dollar));
            from = dollar + 1;
            at = dollar + 2;
        } else {
            at = dollar + 1;
        }
    }
    if from > 0 {
        weaver.push(whole.slice(from..text.len()));
        let part = weaver.finish(whole.span());
        *node = edit::text(&part);
    }
}
