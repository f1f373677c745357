//! Scripts to images: what their commands pull, but what is made beside them.

use super::super::looks::looks_like_image;
use super::super::{Desk, kubernetes, tell};
use super::pulls::{self, Pulls};
use super::table;
use crate::facts::{Image, Resource, Role};
use crate::syntax::provide::Answer;
use crate::syntax::shell::{Dialect, Given, Said, Script};
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{File, Part, Str};
use aho_corasick::AhoCorasick;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// Whether a text names a tool that pulls.
pub(in crate::formats) fn names_tool(file: &File) -> bool {
    static TOOLS: LazyLock<AhoCorasick> =
        LazyLock::new(|| AhoCorasick::new(table::NEEDLES).expect("a few short words"));
    TOOLS.is_match(file.text)
}

/// Scripts of one owner that share their variables.
pub(in crate::formats) struct Job<'a> {
    pub(in crate::formats) owner: &'a Arc<Resource>,
    /// Where the scripts are in it; empty where the file is the script.
    pub(in crate::formats) path: &'a str,
    pub(in crate::formats) dialect: Dialect,
    /// Who else gives variables their values.
    pub(in crate::formats) outer: &'a dyn Fn(&str) -> Answer,
}

/// Nobody gives a value.
pub(in crate::formats) fn nothing(_: &str) -> Answer {
    Answer::Nothing
}

/// Tells what scripts pull. `built` are the images that are made beside them; what these scripts make is added.
pub(in crate::formats) fn read(desk: &mut Desk, job: &Job, texts: &[Part], built: &mut BTreeSet<Str>) {
    let keeps = |word: &str| {
        let name = word.trim_start_matches(['@', '-', '+']);
        let name = name.rsplit('/').next().unwrap_or(name);
        table::COMMANDS.iter().any(|command| command.tools.contains(&name))
    };
    let mut script = Script::new(job.dialect, &keeps);
    texts.iter().for_each(|text| script.read(text));
    let budget = desk.budget.clone();
    let given = Given { outer: job.outer, budget: &budget };
    let found: Vec<_> = script.commands(&given).filter_map(|words| pulls::read(&words)).collect();
    let told = tell_all(desk, job, found, built);
    let variables: Vec<(String, Part)> = match job.path {
        "" => script.variables(&given).map(|(name, value)| (name.to_owned(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in variables {
        if is_image_variable(&name, &value) && !built.contains(&value.text) && !told.contains(&value.text) {
            tell::image(desk, job.owner, name, &value, Role::Command, None);
        }
    }
    for text in script.documents() {
        let scalar = Scalar::new(text.text.clone(), Style::Literal);
        kubernetes::embedded(desk, &Node::new(text.origin.clone(), Value::Scalar(scalar)));
    }
}

/// Tells what one command pulls that is given word by word.
pub(in crate::formats) fn read_words(desk: &mut Desk, job: &Job, words: Vec<Part>) {
    let words: Vec<Said> = words.into_iter().map(|part| Said { part, is_open: false }).collect();
    let found: Vec<Pulls> = pulls::read(&words).into_iter().collect();
    tell_all(desk, job, found, &mut BTreeSet::new());
}

/// Tells the images of commands, without those that are built here; and gives their texts.
fn tell_all(desk: &mut Desk, job: &Job, found: Vec<Pulls>, built: &mut BTreeSet<Str>) -> BTreeSet<Str> {
    built.extend(found.iter().flat_map(|pulls| &pulls.gives).map(|image| image.text.clone()));
    let mut told = BTreeSet::new();
    for pulls in found {
        let path = match job.path {
            "" => pulls.name.clone(),
            path => format!("{path} ({})", pulls.name),
        };
        for word in pulls.unknown {
            if let Some(hole) = word.hole() {
                desk.facts.unread_hole("image of a command", hole, word.span());
            }
        }
        for (image, whole) in pulls.images {
            if !built.contains(&whole.text) {
                told.insert(whole.text.clone());
                let image = Image { role: Role::Command, ..image };
                tell::tell(desk, job.owner, path.clone(), image, whole.origin);
            }
        }
    }
    told
}

/// `WEB_IMAGE := nginx:1.25`: a name that speaks of an image, and a value that is one to the last letter.
fn is_image_variable(name: &str, value: &Part) -> bool {
    let name = name.to_ascii_lowercase();
    let is_named = ["image", "img"].iter().any(|word| {
        name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '-']))
    });
    let image = crate::facts::parse_reference(value);
    is_named
        && looks_like_image(&value.text)
        && value.is_known()
        && image.fault.is_none()
        && (image.tag.is_some() || image.digest.is_some())
}
