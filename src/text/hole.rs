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

/// A piece whose value nobody here knows. The text that stands in its place is the form as written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hole {
    pub why: Reason,
    /// What is asked for: the name of a variable, an expression; empty if the form has none.
    pub name: Str,
}

impl Hole {
    pub fn new(why: Reason, name: impl Into<Str>) -> Hole {
        Hole { why, name: name.into() }
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
