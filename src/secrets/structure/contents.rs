//! What stands inside a value: registry logins, kubeconfigs, private keys, vendors' tokens, whole files. Base64 is
//! looked through; what it hides is told as the road to it.

use super::super::context::Context;
use super::super::found::Found;
use super::super::judge::{self, Question, Setting};
use super::super::value::{self, Kind};
use super::super::walk::{Depth, walk};
use super::super::writing::writing;
use super::super::{assign, decode, directives, keys, tokens, urls};
use super::leaves::{Trust, is_elsewhere};
use super::reader::{MANIFEST, Reader, Spot};
use crate::facts::{Evidence, Promise, SecretKind};
use crate::limits::DEEPEST_EMBEDDED;
use crate::syntax::sealed::Blocks;
use crate::syntax::{Node, yaml};
use crate::text::{File, Part, Str};

impl Reader<'_> {
    /// The contents of a value that a Secret holds in base64. The part's text is still encoded.
    pub(super) fn encoded(&mut self, name: &Part, encoded: &Part, path: &str, spot: Spot) {
        if matches!(value::kind(&encoded.text), Kind::Nothing | Kind::Reference | Kind::Sealed) {
            // Not a literal: the judge says so, too.
            return self.value(name, encoded, path, spot, Trust::Place);
        }
        let is_words = encoded.text.trim().split(' ').filter(|word| word.len() < 20).count() > 2;
        let Some(bytes) = crate::text::from_base64(&encoded.text).filter(|_| !is_words) else {
            // Not base64 although it should be: somebody's plain text, or a placeholder.
            return self.value(name, encoded, path, spot, Trust::Place);
        };
        let Ok(text) = String::from_utf8(bytes) else {
            if value::kind(&encoded.text) != Kind::Literal {
                return;
            }
            return self.binary(name, encoded, path, spot);
        };
        let decoded = Part::new(text, crate::text::Origin::spelled(encoded.span()));
        self.plain(name, &decoded, path, spot, &[Str::new_static("base64")]);
    }

    /// The contents of a value that a Secret holds as it is, or that was decoded.
    pub(super) fn plain(&mut self, name: &Part, value: &Part, path: &str, spot: Spot, road: &[Str]) {
        let before = self.out.len();
        if self.look_inside(name, value, path, spot, road) {
            self.out[before..].iter_mut().for_each(|fact| fact.says.decoded = road.to_vec());
            return;
        }
        self.value(name, value, path, spot, Trust::Place);
        self.out[before..].iter_mut().for_each(|fact| fact.says.decoded = road.to_vec());
    }

    /// Looks for what has a form of its own; whether the value is thereby settled.
    fn look_inside(&mut self, name: &Part, whole: &Part, path: &str, spot: Spot, road: &[Str]) -> bool {
        let text = whole.text.as_str();
        if self.depth >= DEEPEST_EMBEDDED {
            return true;
        }
        if let Some((range, what)) = keys::first(text) {
            let mut found = Found::new(SecretKind::PrivateKey, &what, whole.slice(range))
                .named(Some(name.clone()))
                .because("it is armored as one");
            found.path = path.into();
            self.push(found, spot);
            return true;
        }
        if text.contains("-----BEGIN ") {
            return true;
        }
        if !road.is_empty() {
            let before = self.out.len();
            self.vendors(name, whole, path, spot);
            let mut urls_found = Vec::new();
            urls::find_in(text, |range| whole.slice(range), &mut |found| urls_found.push(found));
            for found in urls_found {
                let mut found = found.named(Some(name.clone()));
                found.path = path.into();
                self.push(found, spot);
            }
            if self.out.len() > before && !text.contains('\n') {
                return true;
            }
        }
        let looks_like_map = text.contains(": ") || text.contains("\":") || text.trim_end().ends_with(':');
        if (text.contains('\n') || text.trim_start().starts_with('{')) && text.len() < 1 << 20 {
            if looks_like_map && self.document_inside(whole, path, MANIFEST) {
                return true;
            }
            if text.trim_end().contains('\n') {
                self.lines(name, whole, path, spot);
                return true;
            }
        }
        false
    }

    /// A YAML or JSON document inside a value; whether it was one.
    pub(super) fn document_inside(&mut self, whole: &Part, path: &str, spot: Spot) -> bool {
        if self.depth >= DEEPEST_EMBEDDED {
            return false;
        }
        let read = yaml::read_embedded(&whole.text, &whole.origin);
        let maps: Vec<&Node> = read
            .documents
            .iter()
            .map(|document| &document.root)
            .filter(|root| root.is_map() || root.is_list())
            .collect();
        if maps.is_empty() {
            return false;
        }
        self.depth += 1;
        for root in maps {
            if root.get("auths").is_some_and(Node::is_map) {
                self.docker_auths(root, path, &[]);
            } else if root.text_at("kind") == Some("Config") && root.get("users").is_some() {
                self.kubeconfig(root, path);
            } else if root.text_at("kind").is_some() && root.get("apiVersion").is_some() {
                self.document(root);
            } else {
                self.walk(root, "", &mut path.to_string(), spot);
            }
        }
        self.depth -= 1;
        true
    }

    /// A text that is a file of some kind: the scan's finders read it as they would read that file.
    fn lines(&mut self, name: &Part, whole: &Part, path: &str, spot: Spot) {
        let file = File {
            id: self.file.id,
            name: if name.text.contains('.') { &name.text } else { ".env" },
            text: &whole.text,
        };
        let mut all = Vec::new();
        let mut stops = std::mem::take(&mut self.stops);
        walk(&whole.text, self.tables, Depth::Words, &mut stops);
        let context = Context { keeping: self.keeping, ..Context::new(self.tables) };
        let writing = writing(&file);
        assign::find(&file, writing, &context, &stops.hits, &mut |found| all.push(found));
        directives::find(&file, writing, &context, &stops, &mut |found| all.push(found));
        self.stops = stops;
        let mut sealed = Blocks::of(&whole.text);
        all.retain(|found| !sealed.cover(&found.value.span().range()));
        for mut found in all {
            found.value = whole.slice(found.value.span().range());
            found.name = found.name.map(|name| whole.slice(name.span().range()));
            found.path = format!("{path}.{}", found.path).into();
            if found.kind == SecretKind::Assigned {
                found.kind = spot.kind;
            }
            self.push(found, spot);
        }
    }

    /// Vendors' tokens in a text that is not a file.
    fn vendors(&mut self, name: &Part, whole: &Part, path: &str, spot: Spot) {
        let (tables, mut stops) = (self.tables, std::mem::take(&mut self.stops));
        // The name is part of what a token's surroundings say.
        let head = format!("{}=", name.text);
        let text = format!("{head}{}", whole.text);
        let mut all = Vec::new();
        walk(&text, tables, Depth::Forms, &mut stops);
        tokens::find(&text, tables, &stops, |found| all.push(found));
        for found in all {
            let Some(start) = found.range.start.checked_sub(head.len()) else { continue };
            let part = whole.slice(start..found.range.end - head.len());
            let mut made = Found::token(found.token, part).named(Some(name.clone()));
            made.reasons = found.reasons;
            made.path = path.into();
            self.push(made, spot);
        }
        self.stops = stops;
    }

    /// A value in base64 although nothing says so, that hides a form of its own; whether it did.
    pub(super) fn decoded_contents(&mut self, name: &Part, value: &Part, path: &str, spot: Spot) -> bool {
        let text = value.text.as_str();
        if text.len() < 24
            || self.depth >= DEEPEST_EMBEDDED
            || !text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
        {
            return false;
        }
        let Some(plain) = decode::text(text).filter(|plain| plain.len() >= 16) else { return false };
        let before = self.out.len();
        let decoded = Part::new(plain, crate::text::Origin::spelled(value.span()));
        self.depth += 1;
        let settled = keys::first(&decoded.text).is_some()
            || decoded.text.contains("\"auths\"")
            || decoded.text.contains("client-key-data")
            || decoded.text.contains("-----BEGIN ");
        if settled {
            self.look_inside(name, &decoded, path, spot, &[Str::new_static("base64")]);
        } else if decoded.text.trim_end().contains('\n') && self.tells(&decoded.text) {
            self.lines(name, &decoded, path, spot);
        } else {
            self.vendors(name, &decoded, path, spot);
        }
        self.depth -= 1;
        self.out[before..].iter_mut().for_each(|fact| fact.says.decoded.insert(0, Str::new_static("base64")));
        settled || self.out.len() > before
    }

    /// Bytes that are no text: key material, or something public.
    fn binary(&mut self, name: &Part, encoded: &Part, path: &str, spot: Spot) {
        let lower = name.text.to_ascii_lowercase();
        let keystore =
            [".jks", ".p12", ".pfx", ".keystore", ".keytab", ".kdbx"].iter().any(|end| lower.ends_with(end));
        let telling =
            self.tables.names().promise(&name.text) != Promise::None || lower.ends_with("key") || keystore;
        if telling && encoded.text.len() >= 16 && !lower.contains("truststore") {
            let what = if keystore { "keystore" } else { "binary key" };
            let mut found = Found::new(spot.kind, what, encoded.clone())
                .named(Some(name.clone()))
                .because("a Secret holds it as it is");
            found.path = path.into();
            self.push(found, spot);
        }
    }

    /// A multi-line scalar in a document: a file in a ConfigMap, values of a chart, a script.
    pub(super) fn embedded(&mut self, name: &Part, value: &Node, path: &str, spot: Spot) {
        // A text of many lines is one with gaps, whatever puts something in there.
        let is_text = value.text().is_some_and(|text| text.contains('\n'));
        if is_elsewhere(value) && !is_text || self.depth >= DEEPEST_EMBEDDED {
            return;
        }
        let Some(whole) = value.part() else { return };
        let text = whole.text.as_str();
        if value::is_sealed(text) || text.contains("-----BEGIN ") || text.len() > 1 << 20 {
            return;
        }
        let key = name.text.to_ascii_lowercase();
        let is_tree = matches!(key.as_str(), "values" | "valuescontent" | "config" | "configuration")
            || [".yaml", ".yml", ".json"].iter().any(|end| key.ends_with(end))
            || key == "patch"
            || text.contains("kind: Secret");
        if is_tree {
            let read = yaml::read_embedded(text, &whole.origin);
            self.depth += 1;
            for document in
                read.documents.iter().filter(|document| document.root.is_map() || document.root.is_list())
            {
                self.walk(&document.root, "", &mut path.to_string(), spot);
            }
            self.depth -= 1;
        } else if self.tells(text) {
            const FILES: [&str; 9] = [
                "run",
                "script",
                "command",
                "args",
                "content",
                "contents",
                "inline",
                "userdata",
                "fn::base64",
            ];
            let is_file = key.contains('.') || FILES.contains(&key.as_str());
            if is_file {
                self.lines(name, &whole, path, spot);
            }
        }
    }

    /// `data:…`: a file in an address, in base64 or with percent signs; whether it was one.
    pub(super) fn data_address(&mut self, name: &Part, whole: &Part, path: &str, spot: Spot) -> bool {
        let Some(comma) = whole.text.find(',') else { return false };
        let rest = whole.slice(comma + 1..whole.text.len());
        let is_encoded = whole.text[..comma].ends_with(";base64");
        let plain = if is_encoded { decode::text(&rest.text) } else { decode::percent(&rest.text) };
        let Some(plain) = plain.filter(|plain| self.tells(plain)) else { return true };
        let decoded = Part::new(plain, crate::text::Origin::spelled(rest.span()));
        let how = if is_encoded { "base64" } else { "URL encoding" };
        self.decoded_file(name, &decoded, path, spot, how);
        true
    }

    /// A file of settings that was behind an encoding.
    fn decoded_file(&mut self, name: &Part, decoded: &Part, path: &str, spot: Spot, how: &'static str) {
        let before = self.out.len();
        self.lines(name, decoded, path, spot);
        self.out[before..].iter_mut().for_each(|fact| fact.says.decoded.insert(0, Str::new_static(how)));
    }

    /// A script in one scalar, read as a shell would.
    pub(super) fn script(&mut self, value: &Node, path: &str, spot: Spot) {
        if let Some(whole) = value.part()
            && self.tells(&whole.text)
        {
            let name = Part::new("script.sh", whole.origin.clone());
            self.lines(&name, &whole, path, spot);
        }
    }

    /// `auths` of a Docker configuration: one credential for each registry.
    pub(super) fn docker_auths(&mut self, root: &Node, path: &str, road: &[Str]) {
        for (registry, login) in root.get("auths").map(Node::entries).unwrap_or_default() {
            let Some(registry) = registry.part() else { continue };
            // What is no `user:password` in base64 logs in nowhere.
            let encoded = login.part_at("auth").and_then(|auth| {
                let pair = decode::text(&auth.text)?;
                let (_, password) = pair.split_once(':')?;
                Some((self.password_of_login(password)?, auth))
            });
            let plain = || {
                let password = login.part_at("password").or_else(|| login.part_at("identitytoken"))?;
                Some((self.password_of_login(&password.text)?, password))
            };
            let Some((verdict, secret)) = encoded.or_else(plain) else { continue };
            let mut found = Found::judged(SecretKind::DockerAuth, "registry login", secret, verdict)
                .going(format!("for `{}`", registry.text))
                .because(format!("it logs in to {}", registry.text));
            found.path = format!("{path}.auths[{}]", registry.text).trim_start_matches('.').into();
            found.name = Some(registry);
            found.decoded = road.to_vec();
            self.push(found, MANIFEST);
        }
    }

    /// What the judge says of the password of a login.
    fn password_of_login(&self, password: &str) -> Option<judge::Verdict> {
        // A web token has a form of its own, whose head alone would be told.
        if password.starts_with("eyJ") {
            return (value::kind(password) == Kind::Literal).then(|| (Evidence::Form, Str::default()));
        }
        let (names, keeping) = (self.tables.names(), self.keeping);
        let setting = Setting::Secret;
        judge::judge(&Question { names, name: "password", value: password, setting, keeping })
    }

    /// The users of a kubeconfig: keys, tokens and passwords, but neither certificates nor commands.
    pub(super) fn kubeconfig(&mut self, root: &Node, path: &str) {
        for entry in root.get("users").map(Node::items).unwrap_or_default() {
            let Some(user) = entry.get("user") else { continue };
            let who = entry.text_at("name").unwrap_or_default();
            for (key, what) in
                [("client-key-data", "client key"), ("token", "token"), ("password", "password")]
            {
                let Some((name, node)) = user.entry(key) else { continue };
                let Some(secret) = node.part().filter(|_| !is_elsewhere(node)) else { continue };
                let verdict = match key {
                    "client-key-data" => {
                        let is_gap = matches!(
                            value::kind(&secret.text),
                            Kind::Reference | Kind::Placeholder | Kind::Nothing
                        );
                        (secret.text.len() >= 40 && !is_gap).then(|| (Evidence::Form, Str::default()))
                    }
                    _ => self.password_of_login(&secret.text),
                };
                let goes = match who {
                    "" => "of a kubeconfig".to_owned(),
                    who => format!("of user `{who}` in a kubeconfig"),
                };
                let Some(verdict) = verdict else { continue };
                let mut found = Found::judged(SecretKind::Kubeconfig, what, secret, verdict)
                    .going(goes)
                    .because(format!("it is how `{who}` proves to be that user"));
                found.name = name.part();
                found.path = format!("{path}.users[{who}].{key}").trim_start_matches('.').into();
                self.push(found, MANIFEST);
            }
        }
    }
}
