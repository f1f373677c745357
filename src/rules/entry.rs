//! How entries of data pages are read. What is wrong has its place, and nothing else is lost.

use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::{Str, nearest};

/// One entry of a list, and what is wrong with it.
pub(super) struct Entry<'p> {
    pub(super) front: Front,
    problems: &'p mut Vec<Problem>,
}

impl<'p> Entry<'p> {
    /// An entry that is a map with these keys and no others.
    pub(super) fn read(front: Front, keys: &[&str], problems: &'p mut Vec<Problem>) -> Entry<'p> {
        if !front.is_map() {
            problems.push(wrong("a map is expected here", &front));
        }
        for (key, _) in front.entries() {
            let name = key.text().unwrap_or_default();
            if !keys.contains(&name.as_str()) {
                let near =
                    nearest(&name, keys).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                problems.push(wrong(format!("there is no key `{name}` here{near}"), &key));
            }
        }
        Entry { front, problems }
    }

    /// The entry as a whole is wrong.
    pub(super) fn wrong(&mut self, says: impl Into<String>) {
        self.problems.push(wrong(says, &self.front));
    }

    pub(super) fn wrong_at(&mut self, says: impl Into<String>, at: &Front) {
        self.problems.push(wrong(says, at));
    }

    /// What stands in the list under a key, to be read by somebody else.
    pub(super) fn items(&mut self, key: &str) -> (Vec<Front>, &mut Vec<Problem>) {
        (items(self.front.get(key).as_ref()), self.problems)
    }

    /// Tells that a key is missing; of what is no map, that is told already.
    pub(super) fn must_have(&mut self, key: &str) {
        if self.front.is_map() && self.front.get(key).is_none() {
            self.wrong(format!("the entry lacks `{key}`"));
        }
    }

    /// A text that must be there.
    pub(super) fn need(&mut self, key: &str) -> Option<Str> {
        self.must_have(key);
        self.text(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<Str> {
        let value = self.front.get(key)?;
        let text = value.text();
        if text.is_none() {
            self.wrong_at("a text is expected here", &value);
        }
        text
    }

    /// A text or a list of texts; nothing is an empty list.
    pub(super) fn texts(&mut self, key: &str) -> Vec<Str> {
        self.front.get(key).map(|value| words(&value, self.problems)).unwrap_or_default()
    }

    /// Each text under a key, by what reads it; what it refuses is wrong.
    pub(super) fn each<T>(&mut self, key: &str, is: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.front.get(key) else { return Vec::new() };
        let mut out = Vec::new();
        for item in items_or_itself(&value) {
            match item.text().and_then(|text| read(&text)) {
                Some(value) => out.push(value),
                None => self.wrong_at(format!("{is} is expected here"), &item),
            }
        }
        out
    }

    /// One value, by what reads it.
    pub(super) fn one<T>(&mut self, key: &str, is: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.each(key, is, read).into_iter().next()
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self, key: &str) -> Option<T> {
        self.one(key, "a number", |text| text.parse().ok())
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        let read = |text: &str| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.one(key, "`true` or `false`", read).unwrap_or_default()
    }
}

/// A text or a list of texts.
pub(super) fn words(value: &Front, problems: &mut Vec<Problem>) -> Vec<Str> {
    let mut out = Vec::new();
    for item in items_or_itself(value) {
        match item.text().filter(|text| !text.is_empty()) {
            Some(text) => out.push(text),
            None => problems.push(wrong("a text is expected here", &item)),
        }
    }
    out
}

/// The items of a list that may not be there.
pub(super) fn items(list: Option<&Front>) -> Vec<Front> {
    list.map(|list| list.items().collect()).unwrap_or_default()
}

fn items_or_itself(value: &Front) -> impl Iterator<Item = Front> + use<'_> {
    let itself = (!value.is_list()).then(|| value.clone());
    value.items().chain(itself)
}

fn wrong(says: impl Into<String>, at: &Front) -> Problem {
    Problem::fatal("rule-page", says, Some(at.span()))
}
