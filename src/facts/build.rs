//! How images are built and digests are come by: the stages of a Dockerfile, the commands of a script.

use super::{Ask, Fact, Names, Promise, place_of, text_of};
use crate::text::{Origin, Part, Str};

/// One stage of a Dockerfile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stage {
    /// Its number, from 0, and its name if it has one.
    pub number: usize,
    pub name: Option<Part>,
    pub base: Option<Part>,
    /// The image at the bottom of it, below all stages that it builds upon.
    pub bottom: Option<Part>,
    /// It is the last stage: what the build gives, and what is shipped.
    pub last: bool,
    /// The last `USER` of the stage, or of the stage it builds upon.
    pub user: Option<Part>,
    /// Build tools that the stage installs and keeps: compilers, headers.
    pub toolchain: Vec<Part>,
    /// Every `ARG` and `ENV`.
    pub arguments: Vec<StageArgument>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageArgument {
    pub instruction: Str,
    pub name: Part,
    pub value: Option<Part>,
    /// Whether its name is one of a credential.
    pub is_secret: bool,
}

impl StageArgument {
    pub fn new(instruction: &'static str, name: Part, value: Option<Part>) -> StageArgument {
        StageArgument { instruction: Str::new_static(instruction), name, value, is_secret: false }
    }
}

impl Stage {
    /// The first argument that is named after a credential. What is baked in like this stays in the image's history.
    pub fn secret_argument(&self) -> Option<&StageArgument> {
        self.arguments.iter().find(|argument| {
            let is_set = argument.value.as_ref().is_some_and(|value| !value.text.is_empty());
            argument.is_secret && (is_set || argument.instruction == "ARG")
        })
    }

    /// Marks the arguments that are named after a credential.
    pub fn note_secrets(&mut self, names: &Names) {
        for argument in &mut self.arguments {
            argument.is_secret = names.promise(&argument.name.text) == Promise::Strong;
        }
    }
}

impl Ask for Fact<Stage> {
    const ABOUT: &'static str = "stage";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "the stage's name"),
        ("number", "its number, from 0"),
        ("base", "what it is built upon: an image or another stage"),
        ("last", "`true` for the stage that the build gives, if it is no development container"),
        ("user", "the last `USER`, handed down from the stage below"),
        ("toolchain", "the build tools that it installs and keeps"),
        ("secret-argument", "the first `ARG` or `ENV` named after a credential"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        let stage = &self.says;
        match name {
            "name" => text_of(&stage.name),
            "number" => Some(stage.number.to_string().into()),
            "base" => text_of(&stage.base),
            "last" => stage.last.then(|| Str::new_static("true")),
            "user" => text_of(&stage.user),
            "toolchain" if stage.toolchain.is_empty() => None,
            "toolchain" => {
                let names: Vec<&str> = stage.toolchain.iter().map(|tool| tool.text.as_str()).collect();
                Some(names.join(", ").into())
            }
            "secret-argument" => stage.secret_argument().map(|argument| argument.name.text.clone()),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        let stage = &self.says;
        match name {
            "name" => place_of(&stage.name),
            "base" => place_of(&stage.base),
            "user" => place_of(&stage.user),
            "toolchain" => stage.toolchain.first().map(|tool| &tool.origin),
            "secret-argument" => stage.secret_argument().map(|argument| &argument.name.origin),
            _ => None,
        }
    }
}

/// A command in a script or a document that people copy, worth knowing for what it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// `config-digest`: takes the digest of an image's configuration for the digest of the image.
    pub kind: &'static str,
    /// The telling part of the command.
    pub text: Part,
}

impl Ask for Fact<Recipe> {
    const ABOUT: &'static str = "recipe";
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("kind", "what the command does: config-digest"), ("text", "the telling part of the command")];

    fn field(&self, name: &str) -> Option<Str> {
        match name {
            "kind" => Some(Str::new_static(self.says.kind)),
            "text" => Some(self.says.text.text.clone()),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        (name == "text").then_some(&self.says.text.origin)
    }
}
