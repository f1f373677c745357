//! What a container is told: the words of its command, and its variables.

use crate::syntax::Node;
use crate::text::Str;

/// A command or arguments, as a list or as one text.
pub(super) fn words(node: Option<&Node>) -> Vec<Str> {
    let Some(node) = node else { return Vec::new() };
    match node.text() {
        Some(text) => split(text),
        None => node.items().iter().filter_map(Node::text).map(Str::from).collect(),
    }
}

/// The words of a text as a shell takes it apart: what is in quotes is one word.
fn split(text: &str) -> Vec<Str> {
    let (mut out, mut word, mut quote, mut is_word) = (Vec::new(), String::new(), None, false);
    for letter in text.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => word.push(letter),
            None if letter == '"' || letter == '\'' => (quote, is_word) = (Some(letter), true),
            None if letter.is_whitespace() => {
                if is_word || !word.is_empty() {
                    out.push(Str::from(std::mem::take(&mut word)));
                }
                is_word = false;
            }
            None => word.push(letter),
        }
    }
    if is_word || !word.is_empty() {
        out.push(word.into());
    }
    out
}

/// Variables with their values: a list of `{name, value}` or of `NAME=value`, or a map. A value from elsewhere is empty.
pub(super) fn variables(node: Option<&Node>) -> Vec<(Str, Str)> {
    let Some(node) = node else { return Vec::new() };
    let of_map =
        |(key, value): &(Node, Node)| Some((key.text()?.into(), value.text().unwrap_or_default().into()));
    let of_item = |item: &Node| match item.text() {
        Some(text) => {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            Some((name.into(), value.into()))
        }
        None => Some((item.text_at("name")?.into(), item.text_at("value").unwrap_or_default().into())),
    };
    let map = node.entries().iter().filter_map(of_map);
    map.chain(node.items().iter().filter_map(of_item)).collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_keep_words_together() {
        for (text, expected) in [
            ("postgres -c max_connections=200", &["postgres", "-c", "max_connections=200"][..]),
            ("sh -c 'pg_dump x | gzip'", &["sh", "-c", "pg_dump x | gzip"]),
            ("a \"b c\" ''", &["a", "b c", ""]),
            ("  ", &[]),
            ("a'b", &["ab"]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
