//! Names with values, wherever a tree has them: maps, `name`/`value` pairs, arguments, `KEY=value` texts. The general
//! walk that every kind of document ends in.

use super::super::excuse::excuse;
use super::super::found::Found;
use super::super::judge::{self, Question, Setting};
use super::super::value;
use super::reader::{ARGS, ENV, MANIFEST, Reader, Spot, VALUES, is_secret};
use crate::facts::{Promise, SecretKind, noun};
use crate::syntax::{Node, Tag, Value};
use crate::text::{Part, Str};

/// How much the place itself says that the value is a credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// A Secret: everything is one unless it plainly is not.
    Place,
    /// Anything else: the name must promise it.
    Name,
    /// A line of settings, `name=value`, which says nothing of objects and their keys.
    Line,
}

impl Reader<'_> {
    /// Every name with a value below a node.
    pub(in super::super) fn walk(&mut self, node: &Node, key: &str, path: &mut String, spot: Spot) {
        if is_elsewhere(node) || path.len() > 600 {
            return;
        }
        match &node.value {
            Value::Map(entries) => {
                if is_secret(node) {
                    return self.secret(node, MANIFEST);
                }
                self.told_apart(node, key, path, spot);
                // Resources of CloudFormation have `Properties`, which are values and no schema.
                let is_cloud = node.text_at("Type").is_some_and(|kind| kind.contains("::"));
                let is_catalogue = is_catalogue(entries);
                // Terraform's state keeps what it made up under `result`.
                let made_up = node.text_at("type") == Some("random_password");
                for (name, value) in entries.iter() {
                    if made_up && name.text() == Some("instances") {
                        self.made_up(value, path);
                        continue;
                    }
                    let Some(name_part) = name.part() else { continue };
                    let length = path.len();
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&name_part.text);
                    self.second_half(node, &name_part, value, path, spot);
                    let called = is_of_call(&name_part.text).then(|| called(node)).flatten();
                    let outer = called.map(|called| self.called.replace(called));
                    if is_cloud && name_part.text == "Properties" {
                        self.walk(value, "", path, spot);
                    } else if !(is_catalogue && value.scalar().is_some()) {
                        self.entry(&name_part, value, path, spot);
                    }
                    if let Some(outer) = outer {
                        self.called = outer;
                    }
                    path.truncate(length);
                }
            }
            Value::List(items) => {
                let is_arguments = is_arguments(key);
                if is_arguments {
                    self.arguments(items, path);
                    self.words_of_command(items, path);
                }
                self.logins(items, path, spot);
                if !is_arguments {
                    items.iter().for_each(|item| self.setting(item, path, spot));
                }
                let length = path.len();
                for (at, item) in items.iter().enumerate() {
                    match item.text_at("name") {
                        Some(name) => path.push_str(&format!("[{name}]")),
                        None => path.push_str(&format!("[{at}]")),
                    }
                    // Objects that a chart is handed as texts.
                    if let Some(name) = item.part().filter(|part| part.text.contains('\n') && !is_arguments) {
                        self.embedded(&Part::new(key, name.origin), item, path, spot);
                    }
                    self.walk(item, key, path, spot);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn made_up(&mut self, instances: &Node, path: &str) {
        for instance in instances.items() {
            let Some((name, value)) =
                instance.get("attributes").and_then(|attributes| attributes.entry("result"))
            else {
                continue;
            };
            if let (Some(name), Some(part)) = (name.part(), value.part()) {
                let mut found = Found::new(VALUES.kind, "generated password", part)
                    .named(Some(name))
                    .going("in the state of Terraform");
                found.reasons.push("Terraform's state holds what it generated".into());
                found.path = format!("{path}.result").into();
                self.push(found, VALUES);
            }
        }
    }

    fn entry(&mut self, name: &Part, value: &Node, path: &mut String, spot: Spot) {
        let key = name.text.as_str();
        match &value.value {
            Value::Scalar(scalar) => {
                let text = scalar.text.as_str();
                if text.contains('\n') {
                    self.embedded(name, value, path, spot);
                } else if text.contains(' ') && is_arguments(key) {
                    self.script(value, path, ARGS);
                } else if !self.is_written_inside(name, value, path, spot) {
                    self.pair(name, value, path, spot, Trust::Name);
                }
            }
            // What selects, describes or grants holds names of secrets, never their values.
            Value::Map(_) | Value::List(_) if is_about_names(key) => {}
            _ => {
                let spot = if is_env(key) {
                    if spot.kind == SecretKind::Compose { spot } else { ENV }
                } else {
                    spot
                };
                self.key_of_bytes(name, value, path, spot);
                if let (true, Value::List(items)) = (is_env(key), &value.value) {
                    items.iter().for_each(|item| self.assignment(item, path, spot));
                }
                self.walk(value, key, path, spot);
            }
        }
    }

    /// Whether a text on one line is itself a map in JSON, pairs, or an address that holds a file; if so, it was read.
    fn is_written_inside(&mut self, name: &Part, value: &Node, path: &str, spot: Spot) -> bool {
        let Some(whole) = value.part().filter(|_| !is_elsewhere(value)) else { return false };
        let text = whole.text.as_str();
        match text.as_bytes() {
            [b'{', .., b'}'] if text.contains("\":") => self.document_inside(&whole, path, spot),
            [b'd', b'a', b't', b'a', b':', ..] => self.data_address(name, &whole, path, spot),
            _ if text.contains(' ') && text.contains('=') => self.short_form(&whole, path, spot),
            _ => false,
        }
    }

    /// `KEY=value` as one scalar, as lists of environment variables and literals are written.
    pub(super) fn assignment(&mut self, item: &Node, path: &str, spot: Spot) {
        self.assignment_with(item, path, spot, Trust::Name);
    }

    /// The same in any list: `- shop.shared-secret=…`.
    fn setting(&mut self, item: &Node, path: &str, spot: Spot) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let name = item.text().and_then(|text| text.split_once('=')).map(|(name, _)| name);
        if name.is_some_and(|name| {
            name.bytes().all(is_name) && self.tables.names().promise(name) == Promise::Strong
        }) {
            self.assignment_with(item, path, spot, Trust::Line);
        }
    }

    pub(super) fn assignment_with(&mut self, item: &Node, path: &str, spot: Spot, trust: Trust) {
        let Some(whole) = item.part() else { return };
        let Some(sign) = whole.text.find('=') else { return };
        let name = whole.slice(0..sign);
        let value = trimmed_quotes(&whole.slice(sign + 1..whole.text.len()));
        let path = format!("{path}[{}]", name.text);
        if name.text.to_ascii_lowercase().ends_with("basicauth.users") {
            return self.login(&value, &path, spot);
        }
        self.value(&name, &value, &path, spot, trust);
    }

    /// Arguments of a command: `--flag=value`, `--flag value`, and whole scripts.
    pub(super) fn arguments(&mut self, items: &[Node], path: &str) {
        let mut before: Option<Part> = None;
        for item in items {
            let Some(whole) = item.part() else {
                before = None;
                continue;
            };
            let text = whole.text.as_str();
            if text.contains('\n') || text.contains(' ') && !text.starts_with('-') {
                before = None;
                self.script(item, path, ARGS);
                continue;
            }
            if let Some(flag) = before.take().filter(|_| !text.starts_with('-')) {
                let place = format!("{path}[{}]", flag.text);
                self.value(&flag, &whole, &place, ARGS, Trust::Name);
                continue;
            }
            if let Some(sign) = text.find('=') {
                let name = whole.slice(0..sign);
                let place = format!("{path}[{}]", name.text);
                let value = trimmed_quotes(&whole.slice(sign + 1..text.len()));
                self.value(&name, &value, &place, ARGS, Trust::Name);
            } else if text.starts_with('-') {
                before = Some(whole.clone());
            }
        }
    }

    /// A name and the scalar it names.
    pub(super) fn pair(&mut self, name: &Part, value: &Node, path: &str, spot: Spot, trust: Trust) {
        if is_elsewhere(value) {
            return;
        }
        // Numbers and booleans are settings, but for a credential of digits, which YAML also reads as a number.
        let Some(scalar) = value.scalar().filter(|scalar| !scalar.is_bool()) else { return };
        if scalar.is_number()
            && (scalar.text.len() < 4 || self.tables.names().promise(&name.text) < Promise::Strong)
        {
            return;
        }
        if let Some(part) = value.part() {
            self.value(name, &part, path, spot, trust);
        }
    }

    /// A name and the text it names; the default of a variable counts as the text.
    pub(super) fn value(&mut self, name: &Part, whole: &Part, path: &str, spot: Spot, trust: Trust) {
        let default = value::default_of(&whole.text).map(|range| whole.slice(range));
        let value = default.as_ref().unwrap_or(whole);
        let text = value.text.trim();
        if text.is_empty() || text.len() > 4096 {
            return;
        }
        if self.decoded_contents(name, value, path, spot) {
            return;
        }
        let names = self.tables.names();
        let setting = match trust {
            Trust::Place => Setting::Secret,
            Trust::Name => spot.setting(),
            Trust::Line => Setting::Given,
        };
        let question = Question { names, name: &name.text, value: text, setting, keeping: self.keeping };
        let Some(verdict) = judge::judge(&question) else {
            if let Some(why) = excuse(&question) {
                self.push(Found::excused(why, name.clone(), value.clone()), spot);
            }
            return;
        };
        // In a Secret a value needs no telling name.
        let what = match names.promise(&name.text) {
            _ if judge::is_token(text) => "token",
            Promise::None => "value",
            _ => noun(&names.telling(&name.text)),
        };
        let mut found = Found::judged(spot.kind, what, value.clone(), verdict).named(Some(name.clone()));
        found.path = path.into();
        if default.is_some() {
            found.reasons.push("it is the default of a variable".into());
        }
        self.push(found, spot);
    }
}

fn trimmed_quotes(part: &Part) -> Part {
    let text = part.text.as_str();
    let bytes = text.as_bytes();
    match bytes {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => part.slice(1..text.len() - 1),
        _ => part.clone(),
    }
}

/// What a call is made with.
fn is_of_call(key: &str) -> bool {
    const ENDS: [&str; 4] = ["headers", "headerparameters", "queryparameters", "authorization"];
    // Every key of every tree is asked: most end with another letter.
    matches!(key.as_bytes(), [.., b's' | b'S' | b'n' | b'N']) && ENDS.iter().any(|end| ends_with(key, end))
}

/// Whom a call goes to: the host of an address beside what it is made with.
fn called(call: &Node) -> Option<Str> {
    const ADDRESSES: [&str; 8] = ["url", "uri", "baseUrl", "base_url", "endpoint", "href", "address", "host"];
    let address = ADDRESSES.iter().find_map(|key| call.text_at(key))?;
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let is_host = host.len() > 1
        && host.len() <= 80
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    is_host.then(|| host.into())
}

/// So many siblings tell what a map is a list of.
const MANY: usize = 8;

/// Whether a map holds what a program says to people: most of its values are prose.
fn is_catalogue(entries: &[(Node, Node)]) -> bool {
    let texts = || entries.iter().filter_map(|(_, value)| value.scalar().map(|scalar| scalar.text.as_str()));
    let is_prose = |text: &&str| {
        let begins = text.starts_with(|letter: char| letter.is_uppercase() || !letter.is_ascii());
        !text.is_ascii() || begins && text.contains(' ') && !text.contains(['=', ':', '/'])
    };
    let all = texts().count();
    all >= MANY && texts().filter(is_prose).count() * 2 >= all
}

/// Whether a node's value is decided elsewhere: not rendered, or under a tag such as `!secret`. What `!vault` promises,
/// its text must keep.
pub(super) fn is_elsewhere(node: &Node) -> bool {
    node.is_hole() || node.tag().is_elsewhere() && node.tag() != Tag::Vault
}

pub(super) fn is_env(key: &str) -> bool {
    const ENDS: [&str; 4] = ["env", "envvars", "environmentvariables", "envs"];
    key.eq_ignore_ascii_case("environment") || ENDS.iter().any(|end| ends_with(key, end))
}

/// Whether a key ends with these letters, whatever its case. Every key of every tree is asked.
fn ends_with(key: &str, end: &str) -> bool {
    let start = key.len().checked_sub(end.len());
    start.is_some_and(|start| key.as_bytes()[start..].eq_ignore_ascii_case(end.as_bytes()))
}

fn is_arguments(key: &str) -> bool {
    const SCRIPTS: [&str; 13] = [
        "args",
        "command",
        "cmd",
        "entrypoint",
        "run",
        "runcmd",
        "bootcmd",
        "script",
        "before_script",
        "after_script",
        "commands",
        "cmds",
        "test",
    ];
    SCRIPTS.iter().any(|script| key.eq_ignore_ascii_case(script))
        || ends_with(key, "args")
        || ends_with(key, "arguments")
}

/// Keys under which secrets are named, selected or described.
fn is_about_names(key: &str) -> bool {
    const ENDS: [&str; 5] = ["ref", "refs", "from", "selector", "schema"];
    #[rustfmt::skip]
    const KEYS: [&str; 12] = [
        "matchlabels", "annotations", "labels", "existingsecret", "imagepullsecrets", "resourcenames",
        "properties", "encrypteddata", "encrypted", "status", "permissions", "outputs",
    ];
    ENDS.iter().any(|end| ends_with(key, end)) || KEYS.iter().any(|other| key.eq_ignore_ascii_case(other))
}
