//! Scripts to images: what their commands pull, but what is made beside them.

use super::super::builds::{self, Place};
use super::super::dockerfile::Asked;
use super::super::looks::looks_like_image;
use super::super::{Desk, kubernetes, literals, tell};
use super::pulls::{self, Build, Pulls};
use super::table;
use crate::facts::{Image, Resource, Role, parse_reference};
use crate::syntax::provide::Answer;
use crate::syntax::shell::{Dialect, Given, Said, Script};
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{File, Part, Str};
use aho_corasick::AhoCorasick;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// Whether a text names a tool that pulls. Those of clusters are in most scripts, and pull what is called an image, or
/// what an object in a here-document says.
pub(in crate::formats) fn names_tool(file: &File) -> bool {
    type Tools = LazyLock<AhoCorasick>;
    static TOOLS: Tools = LazyLock::new(|| AhoCorasick::new(table::NEEDLES).expect("a few short words"));
    static OF_CLUSTERS: Tools =
        LazyLock::new(|| AhoCorasick::new(table::OF_CLUSTERS).expect("a few short words"));
    let names_image = || file.has("mage") || file.has("MAGE") || file.has("apiVersion");
    TOOLS.is_match(file.text) || names_image() && OF_CLUSTERS.is_match(file.text)
}

/// Scripts of one owner that share their variables.
pub(in crate::formats) struct Job<'a> {
    pub(in crate::formats) owner: &'a Arc<Resource>,
    /// Where the scripts are in it; empty where the file is the script.
    pub(in crate::formats) path: &'a str,
    pub(in crate::formats) dialect: Dialect,
    /// Who else gives variables their values.
    pub(in crate::formats) outer: &'a dyn Fn(&str) -> Answer,
    /// The folder in which it is run, if that is known.
    pub(in crate::formats) home: Option<&'a str>,
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
    let (mut found, mut asks) = (Vec::new(), false);
    for words in script.commands(&given) {
        match pulls::read(&words) {
            Some(pulls) => found.push(pulls),
            None => asks |= pulls::asks(&words),
        }
    }
    let variables: Vec<(String, Part)> =
        script.variables(&given).map(|(name, value)| (name.to_owned(), value)).collect();
    found.extend(variables.iter().filter_map(|(_, value)| held_command(value)));
    // A script that asks registries about images, and pulls none, has its variables for that.
    let only_asks = asks && found.is_empty();
    if !texts.iter().any(|text| changes_folder(&text.text)) {
        found.iter().filter_map(|pulls| pulls.build.as_ref()).for_each(|build| asked(desk, job, build));
    }
    let told = tell_all(desk, job, found, built);
    for (name, value) in variables.into_iter().filter(|_| job.path.is_empty() && !only_asks) {
        if is_image_variable(&name, &value) && !built.contains(&value.text) && !told.contains(&value.text) {
            tell::image(desk, job.owner, name, &value, Role::Command, None);
        }
    }
    for text in script.documents() {
        if text.text.contains("apiVersion") {
            let scalar = Scalar::new(text.text.clone(), Style::Literal);
            kubernetes::embedded(desk, &Node::new(text.origin.clone(), Value::Scalar(scalar)));
        } else {
            literals::of_text(desk, job.owner, text, "here-document", Role::Command);
        }
    }
}

/// Tells which stage of a Dockerfile a command builds.
fn asked(desk: &mut Desk, job: &Job, build: &Build) {
    let Some(home) = job.home else { return };
    let (context, dockerfile) = (Some(build.context.clone()), build.dockerfile.clone());
    // A Dockerfile is named from where the command is run, and its context says where it is if nobody names it.
    let place = match dockerfile {
        Some(_) => Place { home, context: None, dockerfile },
        None => Place { home, context, dockerfile: None },
    };
    let asked = Asked { arguments: Vec::new(), stage: build.stage.clone() };
    builds::given(desk, job.owner, &place, asked);
}

/// Whether a script leaves the folder in which it is run.
fn changes_folder(text: &str) -> bool {
    let is_word = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '/' | '.'))
    };
    ["cd ", "cd\n", "pushd "].iter().any(|word| text.match_indices(word).any(|(at, _)| is_word(at)))
}

/// `$@` and `${args[@]}`: words of which none need be an image.
fn is_list(text: &str) -> bool {
    matches!(text, "$@" | "$*" | "${@}" | "${*}") || text.ends_with("[@]}") || text.ends_with("[*]}")
}

/// The command that a variable holds, for somebody else to run: `RUN='docker run a/b:1'`. Its words are apart at blanks.
fn held_command(value: &Part) -> Option<Pulls> {
    let first = value.text.split_whitespace().next()?;
    let is_tool = table::COMMANDS.iter().any(|command| command.tools.contains(&first));
    if !is_tool || !value.text.contains(' ') {
        return None;
    }
    // What stands for a value is one word, whatever blanks are in it.
    let holes = value.holes();
    let is_blank =
        |at: usize, c: char| c.is_whitespace() && !holes.iter().any(|(hole, _)| hole.contains(&at));
    let ends =
        value.text.char_indices().filter(|(at, c)| is_blank(*at, *c)).map(|(at, c)| (at, at + c.len_utf8()));
    let mut from = 0;
    let words = ends.chain([(value.text.len(), value.text.len())]).filter_map(|(end, next)| {
        let word = std::mem::replace(&mut from, next)..end;
        (!word.is_empty()).then(|| Said { part: value.slice(word), is_open: false })
    });
    pulls::read(&words.collect::<Vec<_>>())
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
        // What only a run knows is told all the same: as an image of which nothing is known, if it is one.
        for word in pulls.unknown {
            if is_list(&word.text) {
                let hole = word.hole().map_or("variable", |hole| hole.why.name());
                desk.facts.unread("image of a command", hole, word.span());
                continue;
            }
            let image = Image { role: Role::Command, ..parse_reference(&word) };
            tell::tell(desk, job.owner, path.clone(), image, word.origin);
        }
        for text in pulls.texts {
            literals::of_text(desk, job.owner, &text, &path, Role::Command);
        }
        for (image, whole) in pulls.images {
            if !built.contains(&whole.text) {
                told.insert(whole.text.clone());
                let image = Image { role: Role::Command, ..image };
                // Podman looks a short name up in its list of registries.
                let is_searched = ["podman", "buildah"].iter().any(|tool| pulls.name.starts_with(tool));
                let image = if is_searched { image.handed_on() } else { image };
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
    let image = parse_reference(value);
    is_named
        && looks_like_image(&value.text)
        && value.is_known()
        && image.fault.is_none()
        && (image.tag.is_some() || image.digest.is_some())
}
