//! Labels, annotations and replica counts.

use super::super::edit;
use super::super::object::Object;
use super::fields::{Field, Make, visit};
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{Part, Str};

/// Sets every pair of a map in the maps that the fields lead to.
pub(super) fn set(objects: &mut [Object], pairs: &Node, fields: &[Field]) -> Result<(), String> {
    let mut sorted: Vec<(Str, Node)> = pairs
        .entries()
        .iter()
        .filter_map(|(key, value)| {
            let part = value.part().unwrap_or_else(|| Part::new("", value.origin.clone()));
            Some((key.text()?.into(), edit::text(&part)))
        })
        .collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    if sorted.is_empty() {
        return Ok(());
    }
    for object in objects {
        let gvk = object.id().gvk;
        for field in fields.iter().filter(|field| gvk.fits(&field.of)) {
            visit(&mut object.root, field, Make::Map(&pairs.origin), &mut |node| {
                if node.text().is_some() || node.is_list() {
                    return Err(format!("`{}` is no map", field.path));
                }
                for (key, value) in &sorted {
                    let mut value = value.clone();
                    if let Some(loser) = node.get(key) {
                        value.origin = edit::over(&value.origin, loser.span());
                    }
                    edit::set(node, key, value);
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Sets the replicas of the objects of a name. None of that name is a fault.
pub(super) fn replicas(objects: &mut [Object], entry: &Node, fields: &[Field]) -> Result<(), String> {
    let name = entry.text_at("name").unwrap_or_default();
    let origin = entry.get("count").map_or(&entry.origin, |count| &count.origin);
    let text = entry.text_at("count").unwrap_or("0");
    let mut found = false;
    for object in objects {
        let ids: Vec<_> = object.ids().filter(|id| id.name == name).collect();
        for field in fields.iter().filter(|field| ids.iter().any(|id| id.gvk.fits(&field.of))) {
            found = true;
            visit(&mut object.root, field, Make::Text(origin), &mut |node| {
                let loser = node.span();
                let scalar = Scalar::new(text.into(), Style::Plain);
                *node = Node::new(edit::over(origin, loser), Value::Scalar(scalar));
                Ok(())
            })?;
        }
    }
    if found { Ok(()) } else { Err(format!("nothing that has replicas is called `{name}`")) }
}
