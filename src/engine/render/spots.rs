//! Where values stand in an object, and how people call such a place: by the whole path or its end, items of lists by
//! number or by name.

use super::secrets::Place;
use crate::syntax::Node;

/// One step from an object down to a value.
#[derive(Clone, Copy)]
pub(super) enum Step<'n> {
    Key(&'n str),
    Item(usize, Option<&'n str>),
}

/// A value of an object, and the steps to it.
pub(super) struct Spot<'n> {
    pub(super) steps: Vec<Step<'n>>,
    pub(super) node: &'n Node,
    pub(super) place: Place,
}

impl Spot<'_> {
    /// Whether a path, or the end of one, leads here. An item is called by its number or its name.
    pub(super) fn is_at(&self, path: &str) -> bool {
        ends(&self.steps, path)
    }
}

fn ends(steps: &[Step], path: &str) -> bool {
    let Some((last, before)) = steps.split_last() else { return false };
    match last {
        Step::Key(key) => path.strip_suffix(key).is_some_and(|rest| {
            rest.is_empty() || rest.strip_suffix('.').is_some_and(|rest| ends(before, rest))
        }),
        Step::Item(at, name) => {
            let by = |form: String| {
                path.strip_suffix(&form).is_some_and(|rest| rest.is_empty() || ends(before, rest))
            };
            by(format!("[{at}]")) || name.is_some_and(|name| by(format!("[{name}]")))
        }
    }
}

/// `spec.containers[web].image`
pub(super) fn shown(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => out.extend([".", key]),
            Step::Item(_, Some(name)) => out.extend(["[", name, "]"]),
            Step::Item(at, None) => out.push_str(&format!("[{at}]")),
        }
    }
    out
}

/// Everything that stands in an object, parents first.
pub(super) fn spots(root: &Node) -> Vec<Spot<'_>> {
    fn go<'n>(node: &'n Node, steps: &[Step<'n>], place: Place, out: &mut Vec<Spot<'n>>) {
        let mut add = |step: Step<'n>, node: &'n Node, place: Place| {
            let steps = [steps, &[step]].concat();
            out.push(Spot { steps: steps.clone(), node, place });
            go(node, &steps, place, out);
        };
        for (key, value) in node.entries() {
            let key = key.text().unwrap_or("null");
            add(Step::Key(key), value, place.below(node, key));
        }
        for (at, item) in node.items().iter().enumerate() {
            add(Step::Item(at, item.text_at("name")), item, place.item());
        }
    }
    let mut out = Vec::new();
    go(root, &[], Place::Object, &mut out);
    out
}

/// What can be asked for next: the keys of a map, the items of a list.
pub(super) fn keys(node: &Node) -> Vec<String> {
    let items = node.items().iter().enumerate();
    let items = items.map(|(at, item)| shown(&[Step::Item(at, item.text_at("name"))]));
    let keys = node.entries().iter().map(|(key, _)| key.text().unwrap_or("null").to_owned());
    items.chain(keys).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_called_by_the_end_of_its_path() {
        use Step::{Item, Key};
        let steps = [
            Key("metadata"),
            Key("app.kubernetes.io/name"),
            Key("containers"),
            Item(0, Some("web")),
            Item(2, None),
            Key("image"),
        ];
        assert_eq!(shown(&steps), "metadata.app.kubernetes.io/name.containers[web][2].image");
        for (path, is_so) in [
            ("image", true),
            ("[2].image", true),
            ("[web][2].image", true),
            ("[0][2].image", true),
            ("containers[web][2].image", true),
            ("containers[0][2].image", true),
            ("app.kubernetes.io/name.containers[0][2].image", true),
            ("metadata.app.kubernetes.io/name.containers[web][2].image", true),
            ("age", false),
            ("io/name.containers[0][2].image", false),
            ("containers[1][2].image", false),
            ("containers[we][2].image", false),
            ("spec.metadata.app.kubernetes.io/name.containers[web][2].image", false),
            ("image.", false),
        ] {
            assert_eq!(ends(&steps, path), is_so, "{path}");
        }
    }
}
