//! What a container is told: the words of its command, and its variables. What they say is for others.

use crate::facts::{Container, Setting};
use crate::syntax::Node;
use crate::text::{Part, Str};

/// Reads what a container of a pod is told.
pub(super) fn of_container(container: &Node) -> Container {
    let mut told = Container {
        command: words(container.get("command")),
        args: words(container.get("args")),
        env: variables(container.get("env")),
        unsure: ["env", "envFrom", "volumeMounts", "command", "args"]
            .iter()
            .any(|key| has_hole(container, key)),
        ..Container::default()
    };
    for from in container.get("envFrom").map(Node::items).unwrap_or_default() {
        let named = |keys: [&str; 2]| {
            let reference = keys.iter().find_map(|key| from.get(key))?;
            reference.part_at("name").or_else(|| reference.part_at("identifier")).or_else(|| reference.part())
        };
        if let Some(map) = named(["configMapRef", "configMap"]) {
            told.maps.push(map);
        } else if let Some(secret) = named(["secretRef", "secret"]) {
            told.unseen = Some(format!("the Secret `{}`", secret.text).into());
        }
    }
    told
}

/// Reads what a service of a compose file is told.
pub(super) fn of_service(service: &Node) -> Container {
    let is_set = |key: &str| service.get(key).is_some_and(|node| !node.is_null());
    Container {
        command: words(service.get("entrypoint")),
        args: words(service.get("command")),
        env: variables(service.get("environment")),
        unseen: is_set("env_file").then(|| "`env_file`".into()),
        // What is built or extended may keep its data anywhere.
        unsure: ["build", "extends", "volumes_from"].iter().any(|key| is_set(key)),
        ..Container::default()
    }
}

/// A command or arguments, as a list or as one text.
fn words(node: Option<&Node>) -> Vec<Part> {
    let Some(node) = node else { return Vec::new() };
    match node.part() {
        Some(whole) => split(&whole),
        None => node.items().iter().filter_map(Node::part).collect(),
    }
}

/// The words of a text as a shell takes it apart: what is in quotes is one word.
pub(super) fn split(whole: &Part) -> Vec<Part> {
    let text = whole.text.as_str();
    let (mut out, mut word, mut quote, mut start) = (Vec::new(), String::new(), None, None);
    let mut push = |word: &mut String, start: &mut Option<usize>, end: usize| {
        let Some(start) = start.take() else { return };
        let written = whole.slice(start..end);
        let is_bare = written.text == word.as_str();
        out.push(if is_bare { written } else { Part::new(word.as_str(), written.origin.respelled()) });
        word.clear();
    };
    for (at, letter) in text.char_indices() {
        match quote {
            None if letter.is_whitespace() => push(&mut word, &mut start, at),
            _ => {
                start.get_or_insert(at);
                match quote {
                    Some(open) if letter == open => quote = None,
                    None if letter == '"' || letter == '\'' => quote = Some(letter),
                    _ => word.push(letter),
                }
            }
        }
    }
    push(&mut word, &mut start, text.len());
    out
}

/// Variables: a list of `{name, value}` or of `NAME=value`, or a map as compose files and values of charts have it.
fn variables(node: Option<&Node>) -> Vec<(Str, Setting)> {
    let Some(node) = node else { return Vec::new() };
    let of_map = |(key, value): &(Node, Node)| Some((key.text()?.into(), setting(value)));
    let of_item = |item: &Node| match item.part() {
        Some(whole) => Some(pair(&whole)),
        None => Some((item.text_at("name")?.into(), setting(item))),
    };
    let map = node.entries().iter().filter_map(of_map);
    map.chain(node.items().iter().filter_map(of_item)).collect()
}

/// One `NAME=value`; a name alone is given its value from elsewhere.
pub(super) fn pair(whole: &Part) -> (Str, Setting) {
    let sign = whole.text.find('=').unwrap_or(whole.text.len());
    let value = (sign < whole.text.len()).then(|| whole.slice(sign + 1..whole.text.len()));
    (whole.text[..sign].into(), value.map_or(Setting::Unknown, Setting::Value))
}

/// What an entry says: a value, or where it comes from.
fn setting(entry: &Node) -> Setting {
    if let Some(value) = entry.part_at("value").or_else(|| entry.part()) {
        return Setting::Value(value);
    }
    let map = entry.get("valueFrom").unwrap_or(entry).get("configMapKeyRef");
    match map.and_then(|map| Some((map.part_at("name")?, map.text_at("key")?.into()))) {
        Some((map, key)) => Setting::Entry { map, key },
        None => Setting::Unknown,
    }
}

fn has_hole(container: &Node, key: &str) -> bool {
    container.get(key).is_some_and(|list| list.is_hole() || list.items().iter().any(Node::is_hole))
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::text::{Origin, Part, SourceId, Span};

    #[test]
    fn quotes_keep_words_together() {
        for (text, expected) in [
            ("postgres -c max_connections=200", &["postgres", "-c", "max_connections=200"][..]),
            ("sh -c 'pg_dump x | gzip'", &["sh", "-c", "pg_dump x | gzip"]),
            ("a \"b c\" ''", &["a", "b c", ""]),
            ("  ", &[]),
            ("a'b", &["ab"]),
            ("ä 'ö ü' --x=\"y z\"w", &["ä", "ö ü", "--x=y zw"]),
        ] {
            let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            let words = split(&whole);
            let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(texts, expected, "{text}");
            for word in words {
                let written = &text[word.span().range()];
                assert!(word.origin.editable().is_none_or(|_| written == word.text), "{text}: {written}");
            }
        }
    }
}
