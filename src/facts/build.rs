//! How images are built and digests are come by: the stages of a Dockerfile, the commands of a script.

use super::{Ask, Doubt, Fact, Image, Names, Promise, Resource, Scene, place_of, text_of};
use crate::text::{Origin, Part, SourceId, Str};
use std::collections::HashMap;
use std::sync::Arc;

/// One stage of a Dockerfile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stage {
    /// Its number, from 0, and its name if it has one.
    pub number: usize,
    pub name: Option<Part>,
    pub base: Option<Part>,
    /// The image at the bottom of it, below all stages that it builds upon.
    pub bottom: Option<Part>,
    /// It is the last stage: what a build gives that asks for none, and what is shipped.
    pub last: bool,
    /// It is what some build gives.
    pub given: bool,
    /// The stages that it takes something from, by their numbers; nothing where that is not known for the whole file.
    pub takes: Option<Vec<usize>>,
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
        ("last", "`true` for the last stage, if it is not of a development container"),
        ("given", "`true` for the stage that a build gives: the one that it asks for, or the last"),
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
            "given" => stage.given.then(|| Str::new_static("true")),
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

/// A stage that a build asks a Dockerfile of the repository for; nothing for the last one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedStage {
    pub dockerfile: SourceId,
    pub stage: Option<Part>,
}

/// Owners of what no build makes, by those that they stand in for.
type Left = HashMap<*const Resource, Arc<Resource>>;

/// Says of stages which of them builds give, and of the images of the others that no build pulls them. An image is of the
/// stage that has the same owner.
pub fn note_asked(stages: &mut [Fact<Stage>], images: &mut [Fact<Image>], asked: &[AskedStage]) {
    let mut by_file: HashMap<SourceId, Vec<Option<&Part>>> = HashMap::new();
    for one in asked {
        by_file.entry(one.dockerfile).or_default().push(one.stage.as_ref());
    }
    let mut left = Left::new();
    for stages in stages.chunk_by_mut(|one, other| one.owner.source == other.owner.source) {
        let asked = by_file.get(&stages[0].owner.source).map_or(&[][..], Vec::as_slice);
        note_asked_in_file(stages, asked, &mut left);
    }
    for image in images.iter_mut().filter(|_| !left.is_empty()) {
        if let Some(owner) = left.get(&Arc::as_ptr(&image.owner)) {
            image.owner = owner.clone();
        }
    }
}

fn note_asked_in_file(stages: &mut [Fact<Stage>], asked: &[Option<&Part>], left: &mut Left) {
    let Some(given) = asked.iter().map(|stage| number(stages, *stage)).collect::<Option<Vec<usize>>>() else {
        return;
    };
    if !asked.is_empty() && stages.iter().any(|stage| stage.says.given) {
        for stage in stages.iter_mut() {
            stage.says.given = given.contains(&stage.says.number);
        }
    }
    let last = stages.len().saturating_sub(1);
    let mut ahead = if asked.is_empty() { vec![last] } else { given };
    // What a build without a stage makes, any build makes that asks for the last one.
    let doubt = if ahead.contains(&last) { Doubt::Skipped } else { Doubt::Unasked };
    let mut is_made = vec![false; stages.len()];
    while let Some(stage) = ahead.pop() {
        if is_made.get(stage) == Some(&false) {
            is_made[stage] = true;
            match &stages[stage].says.takes {
                Some(takes) => ahead.extend(takes),
                None => return,
            }
        }
    }
    for (stage, _) in stages.iter().zip(&is_made).filter(|(_, is_made)| !**is_made) {
        let scene = Scene { live: true, doubt: Some(doubt), ..Scene::left_out() };
        let owner = Resource { scene: Some(Arc::new(scene)), ..(*stage.owner).clone() };
        left.insert(Arc::as_ptr(&stage.owner), Arc::new(owner));
    }
}

/// The number of the stage that a build asks for: by name, else by number, else the last. Nothing if that is not known.
fn number(stages: &[Fact<Stage>], asked: Option<&Part>) -> Option<usize> {
    let Some(asked) = asked.filter(|asked| !asked.text.is_empty()) else {
        return stages.len().checked_sub(1);
    };
    let is_called = |stage: &Fact<Stage>| {
        stage.says.name.as_ref().is_some_and(|name| name.text.eq_ignore_ascii_case(&asked.text))
    };
    let named = stages.iter().rposition(is_called);
    named.or_else(|| asked.text.parse().ok().filter(|number| *number < stages.len()))
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
