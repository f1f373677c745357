//! Credentials for registries, where Docker and Podman keep them.

use super::helper;
use super::name::Name;
use crate::cli::door::{Opened, open_named, variable};
use crate::limits::LOGINS;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

/// What is sent to which registry: never shown, never written.
#[derive(Default)]
pub(super) struct Logins {
    /// Names of registries, or of what is in them, and `user:password` in base64.
    known: Vec<(String, String)>,
    /// Which program holds the login of a registry.
    helpers: Vec<(String, String)>,
    /// The programs that are asked for every other one.
    stores: Vec<String>,
    /// What programs have said, by the host.
    said: Mutex<HashMap<String, Option<String>>>,
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} logins", self.known.len())
    }
}

impl Logins {
    /// Reads every file of credentials that is there; the first that knows a registry is asked.
    pub(super) fn read() -> Logins {
        let mut logins = Logins::default();
        for path in places() {
            let text = open_named(None, &path, LOGINS).and_then(Opened::text);
            if let Some(value) = text.ok().and_then(|text| serde_json::from_str(&text).ok()) {
                logins.add(&value);
            }
        }
        logins
    }

    fn add(&mut self, file: &Value) {
        for (name, entry) in file.get("auths").and_then(Value::as_object).into_iter().flatten() {
            let auth = entry.get("auth").and_then(Value::as_str).filter(|auth| is_base64(auth));
            if let Some(auth) = auth {
                self.known.push((name.trim_end_matches('/').to_owned(), auth.to_owned()));
            }
        }
        for (name, helper) in file.get("credHelpers").and_then(Value::as_object).into_iter().flatten() {
            self.helpers.extend(
                helper.as_str().map(|helper| (name.trim_end_matches('/').to_owned(), helper.to_owned())),
            );
        }
        self.stores.extend(file.get("credsStore").and_then(Value::as_str).map(str::to_owned));
    }

    /// What is said to the registry of this name, `user:password` in base64: what the program for this registry has, or
    /// the one for all, or else the files themselves.
    pub(super) fn of(&self, name: &Name, patience: Duration) -> Option<String> {
        // Others wait meanwhile: one host is one question.
        let told = self.said.lock().ok().and_then(|mut said| {
            said.entry(name.host.clone()).or_insert_with(|| self.asked(name, patience)).clone()
        });
        told.or_else(|| self.written(name).map(str::to_owned))
    }

    fn asked(&self, name: &Name, patience: Duration) -> Option<String> {
        let hosts = name.logins().map(|host| host.trim_end_matches('/'));
        let own = self.helpers.iter().find(|(known, _)| hosts.contains(&known.as_str()));
        // A registry that has a program of its own has no login elsewhere, whatever that says.
        let helpers = match own {
            Some((_, helper)) => std::slice::from_ref(helper),
            None => &self.stores,
        };
        helpers.iter().find_map(|helper| helper::login(helper, name.logins()[1], patience))
    }

    /// The entry of the files that says most of the name.
    fn written(&self, name: &Name) -> Option<&str> {
        let fits = |known: &str| {
            name.logins().into_iter().any(|host| {
                let host = host.trim_end_matches('/');
                let bare = known.strip_prefix("https://").filter(|_| known != host).unwrap_or(known);
                let whole = format!("{host}/{}", name.repository);
                bare == host
                    || bare.starts_with(&format!("{host}/"))
                        && (whole == bare || whole.starts_with(&format!("{bare}/")))
            })
        };
        let mut best: Option<&(String, String)> = None;
        for entry in self.known.iter().filter(|(known, _)| fits(known)) {
            best = Some(best.filter(|best| best.0.len() >= entry.0.len()).unwrap_or(entry));
        }
        best.map(|(_, auth)| auth.as_str())
    }
}

fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// The files in which credentials may be, the one that was named first.
fn places() -> Vec<PathBuf> {
    let below = |name: &str, path: &str| variable(name).map(|folder| PathBuf::from(folder).join(path));
    let named = variable("REGISTRY_AUTH_FILE").map(PathBuf::from);
    let docker = below("DOCKER_CONFIG", "config.json").or_else(|| below("HOME", ".docker/config.json"));
    let run = below("XDG_RUNTIME_DIR", "containers/auth.json");
    let podman = below("XDG_CONFIG_HOME", "containers/auth.json")
        .or_else(|| below("HOME", ".config/containers/auth.json"));
    [named, docker, run, podman].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_its_registry_alone() {
        let mut logins = Logins::default();
        let file = serde_json::json!({"auths": {
            "ghcr.io": {"auth": "Zm9v"},
            "ghcr.io/acme": {"auth": "YmFy"},
            "https://index.docker.io/v1/": {"auth": "aHVi"},
            "https://quay.io": {"auth": "cXVheQ=="},
            "broken.example": {"auth": "not base64!"},
        }});
        logins.add(&file);
        for (reference, auth) in [
            ("ghcr.io/other/web:1", Some("Zm9v")),
            ("ghcr.io/acme/web:1", Some("YmFy")),
            ("ghcr.io/acmex/web:1", Some("Zm9v")),
            ("docker.io/library/nginx:1", Some("aHVi")),
            ("quay.io/a/b:1", Some("cXVheQ==")),
            ("ghcr.io.evil.example/a/b:1", None),
            ("broken.example/a:1", None),
            ("example.com/ghcr.io/acme:1", None),
        ] {
            let name = Name::read(reference).expect("a name");
            assert_eq!(logins.written(&name), auth, "{reference}");
        }
    }
}
