//! Names and values that stand apart in a tree: `name` beside `value`, a parameter with its default, a patch with its path,
//! logins in a list, the words of a command.

use super::super::commands::{self, Given};
use super::super::found::Found;
use super::super::judge::{self, Question, Setting};
use super::super::{tell, value};
use super::leaves::{Trust, is_elsewhere};
use super::reader::{ARGS, ENV, Reader, Spot, VALUES};
use crate::facts::{Evidence, Promise};
use crate::syntax::{Node, Value};
use crate::text::Part;

/// What a name and its value are called where both are entries of a map.
const PAIRS: [(&str, &str); 7] = [
    ("name", "value"),
    ("key", "value"),
    ("Name", "Value"),
    ("Key", "Value"),
    ("ParameterKey", "ParameterValue"),
    ("parameter", "value"),
    ("field", "value"),
];

/// What the values are called in these: most maps have none.
const VALUES_OF_PAIRS: [&str; 3] = ["value", "Value", "ParameterValue"];

/// What the value of a setting is called that is described.
const GIVEN: [&str; 5] = ["value", "default", "Default", "defaultValue", "Value"];

/// How the halves of a login for object stores are called.
const HALVES: [(&str, &str); 5] = [
    ("accessKey", "secretKey"),
    ("access_key", "secret_key"),
    ("accessKeyId", "secretAccessKey"),
    ("accessKeyID", "secretAccessKey"),
    ("aws_access_key_id", "aws_secret_access_key"),
];

/// A shorter text that nobody made up may be anything, where its name says nothing.
const LEAST_DRAWN: usize = 16;

/// So many numbers are a key in bytes.
const KEY_OF_BYTES: [usize; 3] = [16, 24, 32];

impl Reader<'_> {
    /// A map whose entries are a name and its value, or whose own key is the name.
    pub(super) fn told_apart(&mut self, node: &Node, key: &str, path: &str, spot: Spot) {
        let has_value = VALUES_OF_PAIRS.iter().any(|value| node.get(value).is_some());
        for (name, value) in PAIRS.iter().filter(|_| has_value) {
            if let (Some(name), Some(value)) = (node.get(name), node.get(value))
                && let (Some(name), Some(_)) = (name.part(), value.text())
            {
                let is_env = super::leaves::is_env(key);
                self.pair(&name, value, path, if is_env { ENV } else { spot }, Trust::Name);
            }
        }
        let names = self.tables.names();
        let is_named = names.promise(key) == Promise::Strong;
        for (name, value) in GIVEN.iter().filter(|_| is_named).filter_map(|value| node.entry(value)) {
            if let Some(name) = name.part() {
                self.pair(&Part::new(key, name.origin), value, path, spot, Trust::Name);
            }
        }
        // A credential of a realm: `type: password` beside its value.
        if node.text_at("type") == Some("password")
            && let Some((name, value)) = node.entry("value")
            && let Some(name) = name.part()
        {
            self.pair(&Part::new("password", name.origin), value, path, spot, Trust::Name);
        }
        // `op: add`, `path: /stringData/password`.
        if let (Some(_), Some(place), Some(value)) = (node.get("op"), node.part_at("path"), node.get("value"))
        {
            let step = place.text.rfind('/').map_or(0, |at| at + 1);
            self.pair(&place.slice(step..place.text.len()), value, path, spot, Trust::Name);
        }
        if key == "basic_auth_users" {
            for (name, value) in node.entries() {
                if let (Some(name), Some(value)) =
                    (name.part(), value.part().filter(|_| !is_elsewhere(value)))
                {
                    self.password(name, value, path, spot);
                }
            }
        }
    }

    /// The secret half of a login for object stores: beside who logs in it is no name of anything.
    pub(super) fn second_half(&mut self, node: &Node, name: &Part, value: &Node, path: &str, spot: Spot) {
        for (first, _) in HALVES.iter().filter(|(_, second)| *second == name.text) {
            let Some(user) = node.text_at(first) else { continue };
            let names = self.tables.names();
            // `accessKey: access-key`: which key of an object holds it.
            let is_key = names.promise(user) != Promise::None || names.is_beside_the_point(user);
            if !is_key && !user.ends_with("key") {
                self.pair(name, value, path, spot, Trust::Place);
            }
        }
    }

    /// A file of secrets by its name: what no person made up is one, whatever it is called.
    pub(super) fn flat_secrets(&mut self, root: &Node) {
        for (name, value) in root.entries() {
            let (Some(name), Some(part)) = (name.part(), value.part().filter(|_| !is_elsewhere(value)))
            else {
                continue;
            };
            let before = self.out.len();
            let path = name.text.to_string();
            self.value(&name, &part, &path, VALUES, Trust::Place);
            let end = self.out.split_off(before);
            let is_drawn = part.text.len() >= LEAST_DRAWN && value::randomness(&part.text).0 >= 3;
            self.out.extend(end.into_iter().filter(|fact| {
                fact.says.evidence <= Evidence::Random || fact.says.evidence == Evidence::Likely && is_drawn
            }));
        }
    }

    /// The items of a list that are logins: `user:password`.
    pub(super) fn logins(&mut self, items: &[Node], path: &str, spot: Spot) {
        let is_login =
            |item: &&Node| item.text().is_some_and(|text| text.contains(':')) && !is_elsewhere(item);
        let is_of_logins = || path.to_ascii_lowercase().replace(['_', '-'], "").contains("basicauth");
        if !items.iter().any(|item| is_login(&item)) || !is_of_logins() {
            return;
        }
        for item in items.iter().filter(is_login) {
            if let Some(whole) = item.part() {
                self.login(&whole, path, spot);
            }
        }
    }

    /// One login, or several with commas between them.
    pub(super) fn login(&mut self, whole: &Part, path: &str, spot: Spot) {
        let mut start = 0;
        for login in whole.text.split(',') {
            let end = start + login.len();
            if let Some(sign) = login.find(':').filter(|sign| *sign > 0) {
                let name = whole.slice(start..start + sign);
                self.password(name, whole.slice(start + sign + 1..end), path, spot);
            }
            start = end + 1;
        }
    }

    /// What the place says is a password.
    fn password(&mut self, name: Part, value: Part, path: &str, spot: Spot) {
        let (names, keeping) = (self.tables.names(), self.keeping);
        let text = value.text.as_str();
        let question = Question { names, name: "password", value: text, setting: Setting::Given, keeping };
        if matches!(value::kind(text), value::Kind::Reference) {
            return;
        }
        let Some(verdict) = judge::judge(&question) else { return };
        let mut found =
            Found::judged(spot.kind, "password", value, verdict).named(Some(name)).going("of a login");
        found.path = path.into();
        self.push(found, spot);
    }

    /// A key that is written as the numbers of its bytes.
    pub(super) fn key_of_bytes(&mut self, name: &Part, value: &Node, path: &str, spot: Spot) {
        let Value::List(items) = &value.value else { return };
        let is_byte = |item: &Node| item.text().is_some_and(|text| text.parse::<u8>().is_ok());
        let is_key = KEY_OF_BYTES.contains(&items.len()) && items.iter().all(is_byte);
        if !is_key || self.tables.names().promise(&name.text) == Promise::None {
            return;
        }
        let text = self.file.text.get(value.span().range()).unwrap_or_default();
        let mut found = Found::new(spot.kind, "key", Part::new(text, value.origin.clone()))
            .named(Some(name.clone()))
            .going("in bytes")
            .because("it has as many numbers as such a key has bytes");
        found.evidence = Evidence::Likely;
        found.path = path.into();
        self.push(found, spot);
    }

    /// The credentials of a command whose words are the items of a list.
    pub(super) fn words_of_command(&mut self, items: &[Node], path: &str) {
        let parts: Vec<Part> = items.iter().take(64).map_while(Node::part).collect();
        let words: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        let names = self.tables.names();
        let is_name = |word: &str| names.promise(word) == Promise::Strong;
        // Behind `CMD` of a health check, or a shell.
        let found: Vec<(usize, Given)> = (0..words.len().min(3))
            .flat_map(|at| {
                commands::credentials(&words[at..], &is_name).into_iter().map(move |given| (at, given))
            })
            .collect();
        for (at, given) in found {
            let value = parts[at + given.word].slice(given.range);
            if !value.text.starts_with(['-', '$', '<', '{']) {
                self.password(parts[at].clone(), value, path, ARGS);
            }
        }
    }

    /// `name=value name=value`, as short forms of tasks and connections are written: whether it was one.
    pub(super) fn short_form(&mut self, whole: &Part, path: &str, spot: Spot) -> bool {
        let words = tell::words(&whole.text);
        let is_pair = |range: &std::ops::Range<usize>| whole.text[range.clone()].contains('=');
        let is_form = words.len() > 1 && words.iter().all(is_pair);
        for word in words.into_iter().filter(|_| is_form) {
            let sign = whole.text[word.clone()].find('=').map_or(word.end, |sign| word.start + sign);
            let value = tell::unquoted(&whole.text, sign + 1..word.end);
            let name = whole.slice(word.start..sign);
            self.value(&name, &whole.slice(value), path, spot, Trust::Name);
        }
        is_form
    }
}
