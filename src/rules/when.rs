//! The field tests of a page's `when` list. All of them must hold. Nothing here knows what a field means.

use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::{Span, Str, patterns};
use globset::GlobMatcher;
use regex::Regex;

/// One line of a `when` list: a field, and what must be true of it.
#[derive(Clone, Debug)]
pub struct Condition {
    pub field: Str,
    pub test: Test,
}

#[derive(Clone, Debug)]
pub enum Test {
    Absent,
    Present,
    Is(Str),
    OneOf(Vec<Str>),
    Matches(Regex),
    Glob(Vec<GlobMatcher>),
    LessThan(f64),
    MoreThan(f64),
    Not(Box<Test>),
}

impl Test {
    /// Whether the value of a field (nothing if absent) passes.
    pub fn holds(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Test::Absent, value) => value.is_none(),
            (Test::Present, value) => value.is_some(),
            (Test::Not(test), value) => !test.holds(value),
            (_, None) => false,
            (Test::Is(wanted), Some(value)) => wanted == value,
            (Test::OneOf(wanted), Some(value)) => wanted.iter().any(|one| one == value),
            (Test::Matches(regex), Some(value)) => regex.is_match(value),
            (Test::Glob(globs), Some(value)) => globs.iter().any(|glob| glob.is_match(value)),
            (Test::LessThan(limit), Some(value)) => value.parse::<f64>().is_ok_and(|number| number < *limit),
            (Test::MoreThan(limit), Some(value)) => value.parse::<f64>().is_ok_and(|number| number > *limit),
        }
    }
}

/// Reads a `when` list. What is wrong in it is a fatal problem with its place: a rule that does not mean what
/// its author thinks must not run.
pub(crate) fn read(list: &Front, fields: &[(&str, &str)], problems: &mut Vec<Problem>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if !list.is_list() {
        problems.push(bad("`when` is a list of conditions", list.span()));
    }
    for entry in list.items() {
        if entry.entries().next().is_none() {
            problems.push(bad("a condition is `field: test`", entry.span()));
        }
        for (key, value) in entry.entries() {
            let field = key.text().unwrap_or_default();
            if !fields.iter().any(|(name, _)| field == *name) {
                let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                let hint = crate::text::nearest(&field, &names)
                    .map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                problems.push(bad(format!("there is no field `{field}` here{hint}"), key.span()));
                continue;
            }
            if let Some(test) = test(&value, problems) {
                conditions.push(Condition { field, test });
            }
        }
    }
    conditions
}

fn test(node: &Front, problems: &mut Vec<Problem>) -> Option<Test> {
    if let Some(text) = node.text() {
        return Some(match text.as_str() {
            "absent" => Test::Absent,
            "present" => Test::Present,
            _ => Test::Is(text),
        });
    }
    if node.is_list() {
        return Some(Test::OneOf(texts(node)));
    }
    if !node.is_map() {
        problems.push(bad("a condition needs a test: absent, present, a value …", node.span()));
        return None;
    }
    let mut entries = node.entries();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else {
        problems.push(bad(
            "a test has one word: absent, present, one-of, matches, glob, less-than, more-than, not",
            node.span(),
        ));
        return None;
    };
    let text = value.text();
    match key.text().unwrap_or_default().as_str() {
        "one-of" => Some(Test::OneOf(texts(&value))),
        "not" => test(&value, problems).map(|test| Test::Not(Box::new(test))),
        "matches" => match patterns::regex(&text.unwrap_or_default()) {
            Ok(regex) => Some(Test::Matches(regex)),
            Err(says) => {
                problems.push(bad(format!("the pattern cannot be read: {says}"), value.span()));
                None
            }
        },
        "glob" => {
            let texts = if value.is_list() { texts(&value) } else { text.into_iter().collect() };
            let globs: Vec<GlobMatcher> = texts.iter().filter_map(|text| patterns::glob(text)).collect();
            if globs.len() < texts.len() || globs.is_empty() {
                problems.push(bad("the glob cannot be read", value.span()));
            }
            Some(Test::Glob(globs))
        }
        name @ ("less-than" | "more-than") => match text.and_then(|text| text.parse().ok()) {
            Some(limit) if name == "less-than" => Some(Test::LessThan(limit)),
            Some(limit) => Some(Test::MoreThan(limit)),
            None => {
                problems.push(bad("this test takes a number", value.span()));
                None
            }
        },
        other => {
            problems.push(bad(format!("there is no test `{other}`"), key.span()));
            None
        }
    }
}

fn texts(node: &Front) -> Vec<Str> {
    node.items().filter_map(|item| item.text()).collect()
}

fn bad(says: impl Into<String>, at: Span) -> Problem {
    Problem::fatal("rule-page", says, Some(at))
}
