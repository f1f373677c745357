//! Kubernetes objects: which of them hold credentials where, and which are encrypted or only point at one.

use super::super::value::{self, Kind};
use super::leaves::{Trust, is_elsewhere};
use super::reader::{CONFIG_MAP, EXTERNAL, MANIFEST, Reader, SEALED, Spot, VALUES, is_secret, owner};
use crate::facts::Promise;
use crate::syntax::{Node, yaml};

/// Objects that describe, select or check others and hold no values of their own.
const SILENT: &[&str] = &[
    "CustomResourceDefinition",
    "ClusterPolicy",
    "Policy",
    "ConstraintTemplate",
    "ValidatingAdmissionPolicy",
    "MutatingAdmissionPolicy",
    "ClusterRole",
    "Role",
    "RoleBinding",
    "ClusterRoleBinding",
    "SecretStore",
    "ClusterSecretStore",
    "PushSecret",
    "ClusterPushSecret",
    "Certificate",
    "Test",
    "ClusterGenerator",
    "Password",
    "UUID",
    "SecretProviderClass",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "InfisicalSecret",
    "OnePasswordItem",
    "BitwardenSecret",
    "DopplerSecret",
    "SopsSecret",
    "ReferenceGrant",
    "APIService",
];

impl Reader<'_> {
    pub(super) fn object(&mut self, root: &Node, api: &str, kind: &str) {
        self.last_applied(root, kind);
        match kind {
            "Secret" if api == "v1" => self.secret(root, MANIFEST),
            "Config" if root.get("users").is_some() => self.kubeconfig(root, ""),
            "SealedSecret" => self.sealed(root),
            "ExternalSecret" | "ClusterExternalSecret" => self.external(root),
            "ConfigMap" => {
                if let Some(data) = root.get("data") {
                    self.walk(data, "", &mut "data".to_string(), CONFIG_MAP);
                }
            }
            "Kustomization" | "Component" if api.starts_with("kustomize.config.k8s.io") => {
                self.kustomization(root)
            }
            _ if SILENT.contains(&kind) => self.nested_secrets(root, 0),
            _ if kind.ends_with("List") && root.get("items").is_some() => {
                for item in root.get("items").map(Node::items).unwrap_or_default() {
                    let outer = std::mem::replace(&mut self.owner, owner(&self.file, item));
                    self.document(item);
                    self.owner = outer;
                }
            }
            _ => {
                for (key, value) in root.entries() {
                    let Some(key) = key
                        .text()
                        .filter(|key| !matches!(*key, "apiVersion" | "kind" | "status" | "metadata"))
                    else {
                        continue;
                    };
                    self.walk(value, key, &mut key.to_string(), VALUES);
                }
            }
        }
    }

    /// The Secrets that an object holds which describes others: what a policy makes.
    fn nested_secrets(&mut self, node: &Node, depth: usize) {
        if depth > 12 {
            return;
        }
        if is_secret(node) {
            return self.secret(node, MANIFEST);
        }
        node.entries().iter().for_each(|(_, value)| self.nested_secrets(value, depth + 1));
        node.items().iter().for_each(|item| self.nested_secrets(item, depth + 1));
    }

    /// A plain Secret: every key of `data` and `stringData`.
    pub(super) fn secret(&mut self, root: &Node, spot: Spot) {
        // Helm keeps its releases in Secrets, packed: the bytes of the file are read through that, for forms only.
        if root.text_at("type").is_some_and(|kind| kind.starts_with("helm.sh/")) {
            return;
        }
        for (name, value) in root.get("data").map(Node::entries).unwrap_or_default() {
            if let (Some(name), Some(part)) = (name.part(), value.part().filter(|_| !is_elsewhere(value))) {
                let path = format!("data.{}", name.text);
                self.encoded(&name, &part, &path, spot);
            }
        }
        for (name, value) in root.get("stringData").map(Node::entries).unwrap_or_default() {
            let Some(name) = name.part() else { continue };
            let path = format!("stringData.{}", name.text);
            self.plain_node(&name, value, &path, spot);
        }
    }

    fn plain_node(&mut self, name: &crate::text::Part, value: &Node, path: &str, spot: Spot) {
        if is_elsewhere(value) || value.scalar().is_none_or(|scalar| scalar.is_bool()) {
            return;
        }
        let Some(part) = value.part() else { return };
        // A whole file with holes in it is a template; a single value with one comes from elsewhere.
        if part.text.contains('\n') || value::kind(&part.text) != Kind::Reference {
            self.plain(name, &part, path, spot, &[]);
        } else {
            self.value(name, &part, path, spot, Trust::Place);
        }
    }

    /// A SealedSecret: its ciphertext is fine; its template and its annotations may not be.
    fn sealed(&mut self, root: &Node) {
        if let Some(template) = root.at(&["spec", "template"]) {
            self.secret(template, SEALED);
        }
        for (name, value) in root.at(&["spec", "encryptedData"]).map(Node::entries).unwrap_or_default() {
            let (Some(name), Some(part)) = (name.part(), value.part().filter(|_| !is_elsewhere(value)))
            else {
                continue;
            };
            if value::kind(&part.text) == Kind::Literal {
                let path = format!("spec.encryptedData.{}", name.text);
                self.value(&name, &part, &path, SEALED, Trust::Place);
            }
        }
    }

    /// An ExternalSecret: its template may only put together what the store gives.
    fn external(&mut self, root: &Node) {
        let spec = root.at(&["spec", "externalSecretSpec"]).or_else(|| root.get("spec"));
        let Some(data) = spec.and_then(|spec| spec.at(&["target", "template", "data"])) else { return };
        for (name, value) in data.entries() {
            let (Some(name), Some(part)) = (name.part(), value.part().filter(|_| !is_elsewhere(value)))
            else {
                continue;
            };
            let path = format!("spec.target.template.data.{}", name.text);
            if part.text.contains('\n') {
                self.plain(&name, &part, &path, EXTERNAL, &[]);
            } else if self.tables.names().promise(&name.text) == Promise::Strong {
                self.value(&name, &part, &path, EXTERNAL, Trust::Name);
            }
        }
    }

    /// The copy of an object that kubectl keeps in an annotation.
    fn last_applied(&mut self, root: &Node, kind: &str) {
        let Some(copy) = root
            .at(&["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"])
            .and_then(Node::part)
        else {
            return;
        };
        if !copy.text.contains("\"Secret\"") || self.depth > 0 {
            return;
        }
        let read = yaml::read_embedded(&copy.text, &copy.origin);
        self.depth += 1;
        for document in &read.documents {
            if document.root.text_at("kind") == Some("Secret") {
                self.secret(&document.root, if kind == "SealedSecret" { SEALED } else { MANIFEST });
            }
        }
        self.depth -= 1;
    }

    /// Literals of generators: a Secret's are all credentials, a ConfigMap's if their names say so.
    pub(super) fn kustomization(&mut self, root: &Node) {
        for (list, spot, trust) in
            [("secretGenerator", MANIFEST, Trust::Place), ("configMapGenerator", CONFIG_MAP, Trust::Name)]
        {
            for generator in root.get(list).map(Node::items).unwrap_or_default() {
                let path = format!("{list}[{}].literals", generator.text_at("name").unwrap_or_default());
                for literal in generator.get("literals").map(Node::items).unwrap_or_default() {
                    self.assignment_with(literal, &path, spot, trust);
                }
            }
        }
        for key in ["patches", "helmCharts", "replacements"] {
            if let Some(value) = root.get(key) {
                self.walk(value, key, &mut key.to_string(), VALUES);
            }
        }
    }
}
