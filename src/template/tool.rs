//! Whose templates they are: the tools have one language, and each its own ways.

use super::read::Words;
use crate::text::How;

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Tool {
    /// An action that fails fails the template, and `<no value>` is taken out of what is written.
    #[default]
    Helm,
    /// The sets of Argo CD. An action that cannot be executed here stays as it is written, and so does one without a value;
    /// what is only told as unknown would else be an Application with a wrong name.
    ArgoCd {
        /// A key that is not there is refused.
        strict: bool,
    },
    /// A helmfile and its files of values. What is not there is refused, and what the environment would give is not known.
    Helmfile,
}

/// What a key that is not there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Nothing, and what is below it is refused.
    Nil,
    /// Nothing, and so is what is below it.
    Nothing,
    Refused,
}

impl Tool {
    pub fn missing(self) -> Missing {
        match self {
            Tool::Helm => Missing::Nil,
            Tool::ArgoCd { strict: false } => Missing::Nothing,
            Tool::ArgoCd { strict: true } | Tool::Helmfile => Missing::Refused,
        }
    }

    /// Whether the rest of a template is executed where one action cannot be.
    pub fn goes_on(self) -> bool {
        matches!(self, Tool::ArgoCd { .. })
    }

    /// How the values are read that it is given.
    pub fn words(self) -> Words {
        match self {
            Tool::Helm => Words::Old,
            Tool::ArgoCd { .. } => Words::New,
            Tool::Helmfile => Words::Whole,
        }
    }

    /// The step on the road of a value that an action wrote.
    pub fn how(self) -> How {
        match self {
            Tool::Helm | Tool::Helmfile => How::Template,
            Tool::ArgoCd { .. } => How::Substitution,
        }
    }

    /// Whether the tool has a function that not all have.
    pub fn has(self, function: &str) -> bool {
        match function {
            "include" | "tpl" | "required" => !self.goes_on(),
            "lookup" | "mustToYaml" | "toYamlPretty" | "toToml" | "fromJsonArray" => self == Tool::Helm,
            "normalize" => self.goes_on(),
            _ => true,
        }
    }
}
