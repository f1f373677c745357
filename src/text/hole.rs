//! Holes: pieces of a text that are not the value which will be there, each with the reason. Knows no notation:
//! who reads a text finds the forms in it and marks them, once.

use super::Str;

/// Why the value of a piece is not known here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// A variable to which nothing here gives a value.
    Variable,
    /// A template's action, or a form that some tool replaces before anybody reads the file.
    Template,
    /// The value is encrypted, or kept in a Secret.
    Secret,
    /// What gives the value is not in this repository.
    Elsewhere,
    /// The value is made when the thing runs: a matrix, a commit, an attribute of a resource.
    Runtime,
    /// The form asks for more than is understood here: an operation, a filter.
    Unclear,
    /// The value asks for itself.
    Circle,
    /// The value grows beyond what is followed here.
    TooLong,
}

impl Reason {
    /// One word, as counts of what was not read tell it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Variable => "variable",
            Reason::Template => "template",
            Reason::Secret => "secret",
            Reason::Elsewhere => "elsewhere",
            Reason::Runtime => "known when it runs",
            Reason::Unclear => "not understood",
            Reason::Circle => "circle",
            Reason::TooLong => "too long",
        }
    }
}

/// No name that people give is longer than this.
const LONGEST_TOLD: usize = 64;

/// A piece whose value nobody here knows. The text that stands in its place is the form as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hole {
    pub why: Reason,
    /// The name of what is asked for; empty if the form has none.
    pub name: Str,
}

impl Hole {
    /// A hole that asks for `asked`. Only the name at its beginning is kept: what follows may be a default, and that
    /// may be a password, while a reason is shown to everybody.
    pub fn new(why: Reason, asked: &str) -> Hole {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let end = asked.find(|c| !is_name(c)).unwrap_or(asked.len());
        let name = &asked[..end];
        Hole { why, name: if name.len() <= LONGEST_TOLD { name.into() } else { Str::default() } }
    }

    /// The reason in plain words, as a note tells it.
    pub fn says(&self) -> String {
        let name = match self.name.as_str() {
            "" => "a variable".to_string(),
            name => format!("`{name}`"),
        };
        match self.why {
            Reason::Variable if self.name.is_empty() => "a variable has no value here".into(),
            Reason::Variable => format!("the variable {name} has no value here"),
            Reason::Template if self.name.is_empty() => "a template writes it".into(),
            Reason::Template => format!("a template writes it from {name}"),
            Reason::Secret => format!("the value of {name} is secret: encrypted, or given by a Secret"),
            Reason::Elsewhere => format!("what gives {name} its value is not in this repository"),
            Reason::Runtime => format!("{name} is known only when it runs"),
            Reason::Unclear => format!("what is done with {name} is not understood here"),
            Reason::Circle => format!("the value of {name} asks for itself"),
            Reason::TooLong => format!("the value of {name} grows too long to be followed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_tells_a_name_and_nothing_behind_it() {
        for (asked, expected) in [
            ("TAG", "the variable `TAG` has no value here"),
            (".Values.tag | default \"s3cret\"", "the variable `.Values.tag` has no value here"),
            ("'s3cret' ~ tag", "a variable has no value here"),
            ("", "a variable has no value here"),
            (&"x".repeat(65), "a variable has no value here"),
        ] {
            assert_eq!(Hole::new(Reason::Variable, asked).says(), expected);
        }
    }
}
