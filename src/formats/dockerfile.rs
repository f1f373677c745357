//! Dockerfiles: what each stage is built from, copies from and mounts, who it runs as, what it is given.

use super::worked_in::is_worked_in;
use super::{Desk, Format, Read, tell};
use crate::facts::{AskedStage, Fact, Image, Resource, Role, Stage, StageArgument, note_asked};
use crate::limits::MOST_ASKED_STAGES;
use crate::syntax::dockerfile::{self, Instruction};
use crate::syntax::expand::{Dialect, expand};
use crate::syntax::forms;
use crate::syntax::provide::{Answer, Budget, Known, Names};
use crate::text::{File, How, Part, Reason, Str};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "dockerfile", words: &[], wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    is_dockerfile(file.base()) && (file.has("FROM") || file.has("from") || file.has("From"))
}

/// `Dockerfile`, `Containerfile`, `Dockerfile.dev`, `web.Dockerfile`, and their templates.
fn is_dockerfile(base: &str) -> bool {
    const OTHERS: [&str; 11] =
        ["dockerignore", "md", "yaml", "yml", "json", "sh", "py", "go", "rs", "txt", "license"];
    ["dockerfile", "containerfile"].iter().any(|name| {
        let (first, last) = (base.split('.').next().unwrap_or(""), base.rsplit('.').next().unwrap_or(""));
        let prefixed = base.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            && base[name.len()..].starts_with(['-', '_']);
        (first.eq_ignore_ascii_case(name) || last.eq_ignore_ascii_case(name) || prefixed)
            && !OTHERS.contains(&last)
    })
}

fn is_template(base: &str) -> bool {
    [".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".gotmpl"]
        .iter()
        .any(|end| base.ends_with(end))
}

/// Build arguments and variables: the value of each, if the file gives one.
type Settings = HashMap<Str, Option<Part>>;

/// What has been read so far.
struct Build {
    escape: char,
    /// `ARG`s before the first `FROM`: all that a `FROM` can use.
    global: Settings,
    /// `ARG`s and `ENV`s of the present stage.
    local: Settings,
    stages: Vec<Fact<Stage>>,
    /// The last stage of each name, in small letters.
    names: HashMap<String, usize>,
    /// Which stages each takes something from, and whether that may be others as well.
    takes: Vec<Vec<usize>>,
    unsure: bool,
    owner: Arc<Resource>,
    budget: Rc<Budget>,
    /// The arguments of a build.
    given: HashMap<Str, Part>,
    /// Who builds, if it is not the file that speaks for itself.
    builder: Option<Arc<Resource>>,
}

fn read(desk: &mut Desk) {
    let (file, problems) = dockerfile::read(desk.file.id, desk.file.text);
    if !is_template(desk.file.base()) {
        desk.problems.extend(problems);
    }
    let owner = tell::owner(desk, FORMAT.name, "dockerfile", "");
    if let Some(syntax) = file.directive("syntax") {
        tell::image(desk, &owner, "syntax", &forms::marked(syntax), Role::Pull, None);
    }
    let mut build = Build::of(desk, file.escape, owner, None, HashMap::new());
    build.unsure = is_template(desk.file.base());
    for instruction in &file.instructions {
        build.take(desk, instruction);
    }
    let ships = !is_worked_in(desk.file.name);
    if let Some(last) = build.stages.last_mut().filter(|_| ships) {
        (last.says.last, last.says.given) = (true, true);
    }
    build.stages.iter_mut().for_each(|stage| stage.says.note_secrets(desk.names));
    desk.facts.stages.append(&mut build.told());
}

/// What a build asks of a Dockerfile.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) arguments: Vec<(Part, Part)>,
    /// The stage that it makes: nothing for the last one.
    pub(super) stage: Option<Part>,
}

/// Tells the images of a Dockerfile that stands inside another file.
pub(super) fn inline(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, asked: &Asked) {
    let told = images(desk, owner, text, asked);
    desk.facts.images.extend(told);
}

/// Tells the images that the arguments of a build decide. What the Dockerfile alone says of them is a hole that is filled.
pub(super) fn given(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, asked: &Asked) {
    let unread = desk.facts.unread.len();
    let alone = images(desk, owner, text, &Asked::default());
    desk.facts.unread.truncate(unread);
    let told = images(desk, owner, text, asked);
    desk.facts.unread.truncate(unread);
    let is_in = |list: &[Fact<Image>], fact: &Fact<Image>| {
        list.iter().any(|other| (&other.says.text, &other.origin) == (&fact.says.text, &fact.origin))
    };
    let filled = alone.iter().filter(|fact| fact.says.unknown && !is_in(&told, fact));
    desk.facts.filled.extend(filled.map(|fact| fact.origin.span()));
    for fact in told.into_iter().filter(|fact| !is_in(&alone, fact)) {
        if let Some(hole) = fact.says.hole() {
            let at = asked.arguments.first().map_or(fact.origin.span(), |(name, _)| name.span());
            desk.facts.unread_hole("image", hole, at);
        }
        desk.facts.images.push(fact);
    }
}

/// The images of a Dockerfile as a build sees it.
fn images(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, asked: &Asked) -> Vec<Fact<Image>> {
    let first = desk.facts.images.len();
    let (file, _) = dockerfile::read_part(text);
    let given = asked.arguments.iter().map(|(name, value)| (name.text.clone(), value.clone())).collect();
    let mut build = Build::of(desk, file.escape, owner.clone(), Some(owner.clone()), given);
    // What has no `FROM` is none.
    if file.instructions.iter().any(|one| one.keyword.text.eq_ignore_ascii_case("FROM")) {
        file.instructions.iter().for_each(|instruction| build.take(desk, instruction));
    }
    let mut images = desk.facts.images.split_off(first);
    let asked = AskedStage { dockerfile: owner.source, stage: asked.stage.clone() };
    note_asked(&mut build.told(), &mut images, &[asked]);
    images
}

impl Build {
    fn of(
        desk: &Desk,
        escape: char,
        owner: Arc<Resource>,
        builder: Option<Arc<Resource>>,
        given: HashMap<Str, Part>,
    ) -> Build {
        Build {
            escape,
            global: Settings::new(),
            local: Settings::new(),
            stages: Vec::new(),
            names: HashMap::new(),
            takes: Vec::new(),
            unsure: false,
            owner,
            budget: desk.budget.clone(),
            given,
            builder,
        }
    }

    fn take(&mut self, desk: &mut Desk, instruction: &Instruction) {
        match instruction.keyword.text.to_ascii_uppercase().as_str() {
            "FROM" => self.from(desk, instruction),
            "ARG" => self.arguments(instruction, "ARG"),
            "ENV" => self.arguments(instruction, "ENV"),
            "COPY" | "ADD" => {
                if let Some(from) = instruction.flag("from") {
                    self.outside(desk, "copy.from", from);
                }
            }
            "RUN" => {
                for flag in instruction.flags.iter().filter(|flag| flag.name.text == "mount") {
                    if let Some(from) = flag.value.as_ref().and_then(|mount| option(mount, "from")) {
                        self.outside(desk, "run.mount.from", &from);
                    }
                }
                let tools = toolchain(instruction, self.escape);
                if let Some(stage) = self.stages.last_mut() {
                    stage.says.toolchain.extend(tools);
                }
            }
            "USER" => {
                let user = instruction.words(self.escape).first().map(|user| self.expand(user, &self.local));
                if let (Some(stage), Some(user)) = (self.stages.last_mut(), user) {
                    stage.says.user = Some(user);
                }
            }
            // What a template puts here may say who the image runs as.
            keyword if !keyword.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                if let Some(stage) = self.stages.last_mut() {
                    stage.says.user = Some(instruction.keyword.clone());
                }
            }
            _ => {}
        }
    }

    fn from(&mut self, desk: &mut Desk, instruction: &Instruction) {
        let words = instruction.words(self.escape);
        let Some(base) = words.first() else {
            let says = "`FROM` names no image".to_string();
            let at = Some(instruction.span);
            desk.problems.push(crate::finding::Problem::unread("dockerfile-syntax", says, at));
            return;
        };
        let name = words.get(2).filter(|_| words[1].text.eq_ignore_ascii_case("as")).cloned();
        let base = self.expand(base, &self.global);
        let number = self.stages.len();
        let called = name.as_ref().map_or_else(|| Str::from(number.to_string()), |name| name.text.clone());
        let stage = || tell::owner(desk, FORMAT.name, "stage", called);
        // By its owner an image is known for one of this stage.
        let of_builder = |builder: &Arc<Resource>| Arc::new(Resource::clone(builder));
        self.owner = self.builder.as_ref().map_or_else(stage, of_builder);
        self.local.clear();
        let mut stage = Stage { number, name, base: Some(base.clone()), ..Stage::default() };
        stage.bottom = stage.base.clone();
        let below = self.stage_called(&base);
        self.unsure |= !base.holes().is_empty();
        self.takes.push(below.into_iter().collect());
        if let Some(below) = below {
            stage.bottom = self.stages[below].says.bottom.clone();
            // Who a stage runs as is handed on to the stages that build upon it.
            let user = self.stages[below].says.user.clone();
            stage.user = user.map(|user| Part { origin: user.origin.via(How::Base, base.span()), ..user });
        } else if !base.text.eq_ignore_ascii_case("scratch") {
            tell::image(desk, &self.owner, "from", &base, Role::Pull, None);
        }
        if let Some(name) = &stage.name {
            self.names.insert(name.text.to_ascii_lowercase(), number);
        }
        let fact = Fact { says: stage, origin: base.origin, path: Str::default(), owner: self.owner.clone() };
        self.stages.push(fact);
    }

    /// `COPY --from=` and the like: a stage by name or number, or an image.
    fn outside(&mut self, desk: &mut Desk, path: &'static str, from: &Part) {
        let from = self.expand(from, &self.local);
        let number = from.text.bytes().all(|b| b.is_ascii_digit()).then(|| from.text.parse().ok()).flatten();
        let stage = number.or_else(|| self.stage_called(&from));
        // A name with a variable in it may mean any stage.
        self.unsure |= !from.holes().is_empty();
        match (stage, self.takes.last_mut()) {
            (Some(stage), takes) => takes.into_iter().for_each(|takes| takes.push(stage)),
            (None, _) if from.text.eq_ignore_ascii_case("scratch") => {}
            (None, _) => tell::image(desk, &self.owner, path, &from, Role::Pull, None),
        }
    }

    /// The stages, each with those that it takes something from.
    fn told(&mut self) -> Vec<Fact<Stage>> {
        for (stage, takes) in self.stages.iter_mut().zip(std::mem::take(&mut self.takes)) {
            stage.says.takes = (!self.unsure).then_some(takes);
        }
        std::mem::take(&mut self.stages)
    }

    /// The stage of that name. A name with a variable in it is one if some stage fits around the variable:
    /// `build-${TARGETARCH}` beside the stages `build-amd64` and `build-arm64`.
    fn stage_called(&self, name: &Part) -> Option<usize> {
        let wanted = name.text.to_ascii_lowercase();
        let exact = self.names.get(wanted.as_str()).copied();
        let holes = name.holes();
        let (Some((first, _)), Some((last, _))) = (holes.first(), holes.last()) else { return exact };
        let (head, tail) = (&wanted[..first.start], &wanted[last.end..]);
        if head.is_empty() && tail.is_empty() {
            return exact;
        }
        let fits = |stage: &Fact<Stage>| {
            let Some(name) = &stage.says.name else { return false };
            let (name, from) = (name.text.as_bytes(), name.text.len().saturating_sub(tail.len()));
            name.len() >= head.len() + tail.len()
                && name[..head.len()].eq_ignore_ascii_case(head.as_bytes())
                && name[from..].eq_ignore_ascii_case(tail.as_bytes())
        };
        let first = self.stages.len().saturating_sub(MOST_ASKED_STAGES);
        let fitting = || self.stages[first..].iter().rposition(fits).map(|at| first + at);
        exact.or_else(fitting)
    }

    fn expand(&self, part: &Part, settings: &Settings) -> Part {
        let provider = |name: &str| match settings.get(name) {
            Some(Some(value)) => match value.hole() {
                Some(hole) if hole.why == Reason::TooLong => Answer::Unknown(hole.why),
                _ if self.given.contains_key(name) => {
                    Answer::Is(Known { value: value.clone(), how: How::Substitution })
                }
                _ => Answer::Is(Known { value: value.clone(), how: How::Default }),
            },
            _ => Answer::Nothing,
        };
        expand(part, Dialect::Docker { escape: self.escape }, &Names::new(&provider, &self.budget))
    }

    /// `ARG a=1 b` and `ENV a=1 b=2`, or the old `ENV a 1`.
    fn arguments(&mut self, instruction: &Instruction, keyword: &'static str) {
        let words = dockerfile::words(&instruction.rest, self.escape);
        let old = keyword == "ENV" && words.first().is_some_and(|first| !first.text.contains('='));
        let pairs: Vec<(Part, Option<Part>)> = if old {
            let Some(name) = words.first() else { return };
            let rest = &instruction.rest;
            let value_at = words.get(1).map(|_| {
                let behind = &rest.text[name.text.len()..];
                rest.text.len() - behind.trim_start().len()
            });
            vec![(name.clone(), value_at.map(|at| rest.slice(at..rest.text.len())))]
        } else {
            words
                .iter()
                .map(|word| match word.text.find('=') {
                    Some(sign) => (word.slice(0..sign), Some(word.slice(sign + 1..word.text.len()))),
                    None => (word.clone(), None),
                })
                .collect()
        };
        for (name, value) in pairs {
            let before = if self.stages.is_empty() { &self.global } else { &self.local };
            let mut value = value.map(|value| self.expand(&value, before));
            if let Some(given) = self.given.get(&name.text).filter(|_| keyword == "ARG") {
                value = Some(given.clone());
            }
            let argument = StageArgument::new(keyword, name.clone(), value.clone());
            match self.stages.last_mut() {
                None => _ = self.global.insert(name.text, value),
                Some(stage) => {
                    stage.says.arguments.push(argument);
                    // `ARG NAME` in a stage takes over what stands before the first `FROM`.
                    if keyword == "ARG" && value.is_none() {
                        value = self.global.get(&name.text).cloned().flatten();
                    }
                    self.local.insert(name.text, value);
                }
            }
        }
    }
}

/// The value of one option of `type=bind,from=x,target=/y`.
fn option(list: &Part, wanted: &str) -> Option<Part> {
    let mut at = 0;
    for option in list.text.split(',') {
        let start = at;
        at += option.len() + 1;
        if let Some((name, value)) = option.split_once('=')
            && name.trim_start_matches('"') == wanted
        {
            let value_at = start + option.len() - value.len();
            return Some(list.slice(value_at..value_at + value.trim_end_matches('"').len()));
        }
    }
    None
}

/// What package managers call their compilers, headers and build systems.
const TOOLS: [&str; 34] = [
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "default-jdk",
    "flex",
    "g++",
    "gcc",
    "gfortran",
    "golang",
    "golang-go",
    "go",
    "gradle",
    "libc-dev",
    "libc6-dev",
    "libtool",
    "linux-headers",
    "make",
    "maven",
    "meson",
    "musl-dev",
    "nasm",
    "ninja-build",
    "openjdk-17-jdk",
    "openjdk-21-jdk",
    "python3-dev",
    "python-dev",
    "rust",
    "rustc",
    "yasm",
];

/// The build tools that a `RUN` installs and does not remove again.
fn toolchain(instruction: &Instruction, escape: char) -> Vec<Part> {
    let text = instruction.rest.text.as_str();
    let bodies = || instruction.heredocs.iter().map(|heredoc| &heredoc.body);
    let says = |needle: &str| text.contains(needle) || bodies().any(|body| body.text.contains(needle));
    let installs = ["install", "apk add", "apk --", "-S "].iter().any(|needle| says(needle));
    let managers = ["apt", "apk", "dnf", "yum", "zypper", "pacman", "tdnf"];
    let removes = ["apk del", " purge", " remove", "autoremove", "dnf erase", "yum erase"];
    if !installs || !managers.iter().any(|name| says(name)) || removes.iter().any(|needle| says(needle)) {
        return Vec::new();
    }
    let mut out = instruction.words(escape);
    for body in bodies() {
        out.extend(dockerfile::words(body, escape));
    }
    // Only what stands behind an installing command, up to the end of that command.
    let (mut manager, mut installing) = (false, false);
    out.retain(|word| {
        let word = word.text.as_str();
        if matches!(word, "&&" | "||" | ";" | "|" | "then" | "do") {
            (manager, installing) = (false, false);
            return false;
        }
        manager |=
            managers.iter().any(|name| word.rsplit('/').next().is_some_and(|end| end.starts_with(name)));
        let keep = installing && is_tool(word.trim_end_matches(';'));
        installing |= manager && matches!(word, "install" | "add" | "-S" | "-Sy" | "-Syu" | "groupinstall");
        if word.ends_with(';') {
            (manager, installing) = (false, false);
        }
        keep
    });
    out
}

fn is_tool(word: &str) -> bool {
    // `gcc=12.2.0-r4`, `gcc-12` and `make~4` are still the compiler.
    let bare = word.split(['=', '~', '<', '>', ':']).next().unwrap_or(word);
    let unversioned =
        bare.rsplit_once('-').filter(|(_, end)| end.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    TOOLS.contains(&bare) || unversioned.is_some_and(|(name, _)| TOOLS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::{images, run};

    #[test]
    fn images_of_dockerfiles() {
        for (text, expected) in [
            ("FROM nginx:1.25", &["stage/0 from nginx:1.25"][..]),
            (
                "FROM a:1 as B\nFROM b\nFROM --platform=$X c/d:2 AS e\nFROM 0",
                &["stage/B from a:1", "stage/e from c/d:2", "stage/3 from 0"],
            ),
            ("FROM scratch\nCOPY --from=0 / /\nCOPY --from=x/y:1 / /", &["stage/0 copy.from x/y:1"]),
            (
                "ARG V=1\nFROM a:${V} AS b\nARG V\nCOPY --from=c:$V /a /b",
                &["stage/b from a:1 ‹a:·1›", "stage/b copy.from c:1 ‹c:·1›"],
            ),
            ("ARG D\nFROM a:1${D:+@${D}}", &["stage/0 from a:1"]),
            ("ARG D=\"\"\nFROM a:1${D:+@${D}}", &["stage/0 from a:1"]),
            (
                "ARG D=sha256:00\nFROM a:1${D:+@${D}}",
                &["stage/0 from a:1@sha256:00 ‹a:1·@·sha256:00› has a digest that is too short"],
            ),
            ("FROM ${A:-b}:${C-2}", &["stage/0 from b:2 ‹b·:·2›"]),
            (
                "ARG A=b:1\nFROM $A\nRUN --mount=type=bind,from=$A,target=/x y\nRUN --mount=from=0 --mount=type=cache,from=z:1 y",
                &["stage/0 from b:1", "stage/0 run.mount.from $A", "stage/0 run.mount.from z:1"],
            ),
            (
                "FROM x:1 AS build-amd64\nFROM build-${TARGETARCH} AS end\nFROM base-$TARGETARCH",
                &["stage/build-amd64 from x:1", "stage/2 from base-$TARGETARCH"],
            ),
            ("# syntax=docker/dockerfile:1\nFROM scratch", &["dockerfile syntax docker/dockerfile:1"]),
            ("FROM \"a:1\" AS x", &["stage/x from a:1"]),
            ("FROM {{ a.b }}:1 AS x\nCOPY --from=x / /", &["stage/x from {{ a.b }}:1"]),
            ("ARG A=1 B='2'\nARG C=$A-$B\nFROM a:$C", &["stage/0 from a:1-2 ‹a:·1·-·2›"]),
            ("FROM \\\n  # why\n  a:1 \\\n  AS b\nFROM b", &["stage/b from a:1"]),
            ("FROM a:1 AS b\nRUN <<EOF\nFROM c:1\nEOF\nFROM b", &["stage/b from a:1"]),
        ] {
            assert_eq!(images(&FORMAT, "Dockerfile", text), expected, "{text}");
        }
    }

    #[test]
    fn stages_know_their_user_tools_and_arguments() {
        for (text, expected) in [
            ("FROM a AS b\nUSER app\nFROM b\nUSER 0\nUSER $U", "b::app | 1:last:$U"),
            ("FROM a AS b\nUSER app:app\nFROM b", "b::app:app | 1:last:app:app"),
            (
                "FROM a\nRUN apt-get update && apt-get install -y gcc=1.2 curl make; echo g++",
                "0:last: +gcc=1.2 +make;",
            ),
            ("FROM a\nRUN apk add --no-cache musl-dev && make && apk del musl-dev", "0:last:"),
            ("FROM a\nRUN <<E\napk add cargo\nE", "0:last: +cargo"),
            ("ARG Z=1\nFROM a\nARG TOKEN\nENV A=b C=\"d e\"\nENV F g h", "0:last: TOKEN A=b C=d e F=g h"),
        ] {
            let desk = run(&FORMAT, "Dockerfile", text);
            let shown: Vec<String> = desk
                .facts
                .stages
                .iter()
                .map(|fact| {
                    let stage = &fact.says;
                    let text = |part: &Option<Part>| {
                        part.as_ref().map_or(String::new(), |part| part.text.to_string())
                    };
                    let mut out = format!(
                        "{}:{}:{}",
                        fact.owner.name,
                        if stage.last { "last" } else { "" },
                        text(&stage.user)
                    );
                    for tool in &stage.toolchain {
                        out += &format!(" +{}", tool.text);
                    }
                    for argument in &stage.arguments {
                        let sign = if argument.value.is_some() { "=" } else { "" };
                        out += &format!(" {}{sign}{}", argument.name.text, text(&argument.value));
                    }
                    out
                })
                .collect();
            assert_eq!(shown.join(" | "), expected, "{text}");
        }
    }

    #[test]
    fn names_of_dockerfiles() {
        for (name, expected) in [
            ("Dockerfile", true),
            ("dockerfile", true),
            ("Containerfile", true),
            ("Dockerfile.dev", true),
            ("web.Dockerfile", true),
            ("Dockerfile-alpine", true),
            ("Dockerfile.j2", true),
            ("Dockerfile.dockerignore", false),
            ("dockerfile.md", false),
            ("Dockerfiles", false),
            ("a.docker", false),
        ] {
            assert_eq!(is_dockerfile(name), expected, "{name}");
        }
    }
}
