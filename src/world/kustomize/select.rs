//! Which objects a patch or a replacement is for: by group, version, kind, patterns of names, labels and annotations.

use super::super::object::{Gvk, Object, ObjectId};
use super::super::requirement::Requirement;
use super::pattern::Pattern;
use crate::syntax::Node;

/// A `target` or `select`.
#[derive(Debug)]
pub(super) struct Selector {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl Selector {
    pub(super) fn read(node: &Node) -> Result<Selector, String> {
        let pattern = |key: &str| match node.text_at(key).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => Pattern::new(text).map(Some),
        };
        Ok(Selector {
            group: pattern("group")?,
            version: pattern("version")?,
            kind: pattern("kind")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            labels: requirements(node.text_at("labelSelector").unwrap_or_default())?,
            annotations: requirements(node.text_at("annotationSelector").unwrap_or_default())?,
        })
    }

    /// Whether it selects an object, by the name and namespace that it has or that it had at first.
    pub(super) fn takes(&self, object: &Object) -> bool {
        // The cheapest question first: most objects are of another kind.
        let kind = object.root.text_at("kind").unwrap_or_default();
        if self.kind.as_ref().is_some_and(|pattern| !pattern.fits(kind)) {
            return false;
        }
        let (first, now) = (object.first_id(), object.id());
        let fits = |pattern: &Option<Pattern>, a: &str, b: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.fits(a) || pattern.fits(b))
        };
        fits(&self.namespace, home(&first), home(&now))
            && fits(&self.name, &first.name, &now.name)
            && self.takes_gvk(&now.gvk)
            && self.takes_marks(object)
    }

    fn takes_gvk(&self, gvk: &Gvk) -> bool {
        let fits =
            |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|pattern| pattern.fits(text));
        fits(&self.group, &gvk.group) && fits(&self.version, &gvk.version) && fits(&self.kind, &gvk.kind)
    }

    /// Whether labels and annotations fit.
    pub(super) fn takes_marks(&self, object: &Object) -> bool {
        let all = |list: &[Requirement], which: &str| {
            list.iter().all(|requirement| requirement.holds(object.meta_at(which, &requirement.key)))
        };
        all(&self.labels, "labels") && all(&self.annotations, "annotations")
    }

    pub(super) fn asks_marks(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    pub(super) fn asks_id(&self) -> bool {
        self.group.is_some()
            || self.version.is_some()
            || self.kind.is_some()
            || self.name.is_some()
            || self.namespace.is_some()
    }

    /// Whether one id fits, its namespace taken as written.
    pub(super) fn takes_id(&self, id: &ObjectId) -> bool {
        let fits =
            |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|pattern| pattern.fits(text));
        self.takes_gvk(&id.gvk) && fits(&self.name, &id.name) && fits(&self.namespace, &id.namespace)
    }
}

fn home(id: &ObjectId) -> &str {
    if id.gvk.is_cluster_wide() { "_non_namespaceable_" } else { id.home() }
}

/// Reads `a=b,c!=d,e in (x, y),f notin (z),g,!h`.
fn requirements(text: &str) -> Result<Vec<Requirement>, String> {
    let mut parts: Vec<String> = Vec::new();
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match parts.last_mut() {
            _ if letter == ',' && depth == 0 => parts.push(String::new()),
            Some(last) => last.push(letter),
            None => parts.push(letter.to_string()),
        }
    }
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).map(requirement).collect()
}

fn requirement(part: &str) -> Result<Requirement, String> {
    let wrong = || format!("`{part}` is no part of a label selector");
    let new = |key: &str, values: Option<Vec<String>>, wanted: bool| {
        let key = key.trim().to_string();
        let is_key = !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
        if is_key { Ok(Requirement { key, values, wanted }) } else { Err(wrong()) }
    };
    let one = |value: &str| Some(vec![value.trim().to_string()]);
    if let Some((key, value)) = part.split_once("!=") {
        return new(key, one(value), false);
    }
    if let Some((key, value)) = part.split_once('=') {
        return new(key, one(value.trim_start_matches('=')), true);
    }
    for (word, wanted) in [(" notin ", false), (" in ", true)] {
        if let Some((key, list)) = part.split_once(word) {
            let inner =
                list.trim().strip_prefix('(').and_then(|list| list.strip_suffix(')')).ok_or_else(wrong)?;
            return new(key, Some(inner.split(',').map(|value| value.trim().to_string()).collect()), wanted);
        }
    }
    match part.strip_prefix('!') {
        Some(key) => new(key, None, false),
        None => new(part, None, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_select() {
        for (text, value, expected) in [
            ("app=web", Some("web"), true),
            ("app==web", Some("api"), false),
            ("app!=web", None, true),
            ("app in (web, api)", Some("api"), true),
            ("app notin (web)", Some("web"), false),
            ("app", None, false),
            ("!app", None, true),
            ("app,app!=x", Some("y"), true),
        ] {
            let list = requirements(text).expect("a selector");
            assert_eq!(list.iter().all(|requirement| requirement.holds(value)), expected, "{text}");
        }
        assert!(requirements("a b").is_err());
    }
}
