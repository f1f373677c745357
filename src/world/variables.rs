//! The variables of one Flux Kustomization: what `postBuild` gives, and which of them nobody here can see.

use crate::syntax::provide::{Answer, Known};
use crate::syntax::{Node, envsubst, sealed};
use crate::text::{How, Origin, Part, Reason, Str};
use std::collections::{BTreeMap, BTreeSet};

/// The variables of one Flux Kustomization.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<Str, Part>,
    /// Names that the tool does not take: it substitutes nothing then, and delivers nothing.
    pub(super) wrong: Vec<Part>,
    /// Names that a Secret gives: that they have a value is known, and not which.
    secret: BTreeSet<Str>,
    /// Why there may be more than is seen: a Secret gives some, or a ConfigMap that is not here.
    open: Option<Reason>,
}

impl Variables {
    /// Reads `postBuild`; `config_map` finds the data of a ConfigMap by its name, `secret` the names in a Secret.
    pub(super) fn of(
        spec: &Node,
        config_map: &mut dyn FnMut(&str) -> Option<Node>,
        secret: &mut dyn FnMut(&str) -> Option<BTreeSet<Str>>,
    ) -> Variables {
        let mut out = Variables::default();
        for from in spec.at(&["postBuild", "substituteFrom"]).map(Node::items).unwrap_or_default() {
            let name = from.text_at("name").unwrap_or_default();
            let is_secret = from.text_at("kind") == Some("Secret");
            if is_secret && let Some(names) = secret(name) {
                out.values.retain(|name, _| !names.contains(name));
                out.secret.extend(names);
                continue;
            }
            let Some(data) = config_map(name).filter(|_| from.text_at("kind") == Some("ConfigMap")) else {
                let why = if is_secret { Reason::Secret } else { Reason::Elsewhere };
                out.open.get_or_insert(why);
                continue;
            };
            out.add(data.entries());
        }
        out.add(spec.at(&["postBuild", "substitute"]).map(Node::entries).unwrap_or_default());
        out
    }

    fn add(&mut self, entries: &[(Node, Node)]) {
        for (name, value) in entries {
            let (Some(name), Some(value)) = (name.part(), value.part()) else { continue };
            if !envsubst::is_variable(&name.text) {
                self.wrong.push(name);
                continue;
            }
            // The tool takes line breaks out.
            let value = match value.text.contains('\n') {
                true => Part::new(value.text.replace('\n', ""), Origin::spelled(value.span())),
                false => value,
            };
            self.secret.remove(&name.text);
            self.values.insert(name.text, value);
        }
    }

    /// Without any variable nothing is substituted at all.
    pub(super) fn are_used(&self) -> bool {
        self.open.is_some() || !self.values.is_empty() || !self.secret.is_empty() || !self.wrong.is_empty()
    }

    pub(super) fn answer(&self, name: &str) -> Answer {
        match self.values.get(name) {
            // SOPS encrypts single values, too.
            Some(value) if sealed::begins_as_sops(&value.text) => Answer::Unknown(Reason::Secret),
            Some(value) => Answer::Is(Known { value: value.clone(), how: How::Substitution }),
            None if self.secret.contains(name) => Answer::Unknown(Reason::Secret),
            None => self.open.map_or(Answer::Nothing, Answer::Unknown),
        }
    }
}
