//! Compose files: environment in both forms, commands, and configs written in place.

use super::reader::{ARGS, COMPOSE, Reader};
use crate::syntax::Node;

impl Reader<'_> {
    pub(super) fn compose(&mut self, root: &Node) {
        for (section, value) in root.entries() {
            let Some(section) = section.text() else { continue };
            // `secrets:` at the top names files and stores.
            if section == "secrets" || section == "volumes" || section == "networks" {
                continue;
            }
            for (service, node) in value.entries() {
                let path = format!("{section}.{}", service.text().unwrap_or_default());
                self.service(node, &path);
            }
        }
    }

    fn service(&mut self, service: &Node, path: &str) {
        for (key, value) in service.entries() {
            let Some(key) = key.text() else { continue };
            if matches!(
                key,
                "secrets" | "image" | "volumes" | "ports" | "networks" | "depends_on" | "configs"
            ) {
                continue;
            }
            let place = format!("{path}.{key}");
            match (key, value.items()) {
                ("environment" | "labels", items) if !items.is_empty() => {
                    items.iter().for_each(|item| self.assignment(item, &place, COMPOSE))
                }
                ("command" | "entrypoint", items) if !items.is_empty() => self.arguments(items, &place),
                ("command" | "entrypoint", _) => self.script(value, &place, ARGS),
                _ => self.walk(value, key, &mut place.clone(), COMPOSE),
            }
        }
    }
}
