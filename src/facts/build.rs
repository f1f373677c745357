//! How images are built and digests are come by: the stages of a Dockerfile, the commands of a script.

use super::{Ask, Fact, place_of, text_of};
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
}

impl Stage {
    /// The first argument that is named after a credential. What is baked in like this stays in the image's history.
    pub fn secret_argument(&self) -> Option<&StageArgument> {
        self.arguments.iter().find(|argument| {
            let is_set = argument.value.as_ref().is_some_and(|value| !value.text.is_empty());
            (is_set || argument.instruction == "ARG") && is_named_after_secret(&argument.name.text)
        })
    }
}

/// `DB_PASSWORD`, `npm_token`; not `TOKEN_FILE`, which names a place, nor `TOKEN_TTL`.
fn is_named_after_secret(name: &str) -> bool {
    const ENDS: [&str; 11] = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "TOKEN",
        "SECRET",
        "SECRETS",
        "API_KEY",
        "APIKEY",
        "PRIVATE_KEY",
        "ACCESS_KEY",
        "CREDENTIALS",
    ];
    let name = name.to_ascii_uppercase();
    ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("npm_token", true),
            ("TOKEN", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("TOKEN_FILE", false),
            ("TOKENS", false),
            ("BROKEN", false),
            ("VERSION", false),
        ] {
            assert_eq!(is_named_after_secret(name), expected, "{name}");
        }
    }
}
