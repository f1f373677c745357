//! What a command pulls: the words that are images, and what it gives a name to. Knows no file.

use super::table::{ANY, ASKING, COMMANDS, Command, OF_TOOLS, OPTIONAL, Options, RUNNERS, RUNNING, Takes};
use crate::facts::{Image, join, parse_reference};
use crate::syntax::shell::Said;
use crate::text::Part;
use std::collections::BTreeMap;

/// What one command says.
#[derive(Debug)]
pub(super) struct Pulls {
    /// `docker run`.
    pub(super) name: String,
    pub(super) images: Vec<(Image, Part)>,
    /// Words that stand where an image is wanted, of which nothing is known.
    pub(super) unknown: Vec<Part>,
    /// The images that it makes.
    pub(super) gives: Vec<Part>,
    /// What it builds, if it builds a Dockerfile.
    pub(super) build: Option<Build>,
    /// Texts that say more of what is run: `--overrides='{…}'`.
    pub(super) texts: Vec<Part>,
}

/// A Dockerfile that a command builds, by its name or in the folder of its context, and the stage that it asks for.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) context: Part,
    pub(super) dockerfile: Option<Part>,
    pub(super) stage: Option<Part>,
}

/// Reads a command; nothing if it is none that pulls.
pub(super) fn read(words: &[Said]) -> Option<Pulls> {
    let words = tool(words)?;
    let name = base(&words[0].part.text);
    let mut rest = &words[1..];
    while let Some(option) = rest.first().filter(|word| is_option(word)) {
        let has_value = OF_TOOLS.contains(&option.part.text.as_str());
        rest = rest.get(1 + usize::from(has_value)..).unwrap_or_default();
    }
    let (command, verb) = COMMANDS.iter().find_map(|command| Some((command, verb(command, name, rest)?)))?;
    let arguments = Arguments::read(command, &rest[verb.split(' ').count()..]);
    let verb = if verb == ANY { rest[0].part.text.as_str() } else { verb };
    let mut pulls = Pulls {
        name: format!("{name} {verb}"),
        images: Vec::new(),
        unknown: Vec::new(),
        gives: Vec::new(),
        build: None,
        texts: arguments.values(&["--overrides"]).cloned().collect(),
    };
    pulls.fill(command.takes, &arguments);
    Some(pulls)
}

/// Whether a command only asks a registry about an image.
pub(super) fn asks(words: &[Said]) -> bool {
    let Some(words) = tool(words) else { return false };
    let name = base(&words[0].part.text);
    let said = || words[1..].iter().filter(|word| !is_option(word)).map(|word| word.part.text.as_str());
    let is_said = |verb: &&str| {
        verb.split(' ').zip(said()).filter(|(wanted, word)| wanted == word).count() == verb.split(' ').count()
    };
    ASKING.iter().any(|(tools, verbs)| tools.contains(&name) && verbs.iter().any(is_said))
}

/// The command from its tool on, behind what runs it.
fn tool(mut words: &[Said]) -> Option<&[Said]> {
    loop {
        let word = words.first()?.part.text.as_str();
        let name = base(word);
        if COMMANDS.iter().any(|command| command.tools.contains(&name)) {
            return Some(words);
        }
        if is_assignment(word) {
            words = &words[1..];
        } else if let Some((_, valued, operands)) = RUNNERS.iter().find(|(runner, ..)| *runner == name) {
            words = behind(&words[1..], valued, *operands);
        } else if RUNNING.iter().any(|word| name.contains(word)) {
            let near = words.iter().take(4).skip(1).position(|word| {
                COMMANDS.iter().any(|command| command.tools.contains(&base(&word.part.text)))
            })?;
            words = &words[near + 1..];
        } else {
            return None;
        }
    }
}

/// `docker://a:1`, as Podman takes it, too.
fn behind_scheme(word: &Part) -> Part {
    let start = word.text.strip_prefix("docker://").map_or(0, |rest| word.text.len() - rest.len());
    word.slice(start..word.text.len())
}

/// What is behind the options and operands of a runner.
fn behind<'w>(mut words: &'w [Said], valued: &[&str], operands: usize) -> &'w [Said] {
    let mut left = operands;
    while let Some(word) = words.first() {
        let text = word.part.text.as_str();
        let has_value = usize::from(valued.contains(&text));
        if is_option(word) || text == "--" {
            words = words.get(1 + has_value..).unwrap_or_default();
        } else if is_assignment(text) {
            words = &words[1..];
        } else if left > 0 {
            left -= 1;
            words = &words[1..];
        } else {
            break;
        }
    }
    words
}

/// `docker` of `@/usr/bin/docker`, as recipes and units write it.
fn base(word: &str) -> &str {
    let bare = word.trim_start_matches(['@', '-', '+', '!', ':']);
    let word = if bare.is_empty() { word } else { bare };
    word.rsplit('/').next().unwrap_or(word)
}

fn is_option(word: &Said) -> bool {
    word.part.text.starts_with('-') && word.part.text.len() > 1
}

fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    word.contains('=')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The verb of a command that a tool is given, if it is this command's.
fn verb(command: &Command, tool: &str, words: &[Said]) -> Option<&'static str> {
    let is_said = |verb: &&&str| {
        let mut said = words.iter().map(|word| word.part.text.as_str());
        verb.split(' ').all(|wanted| said.next().is_some_and(|word| wanted == ANY || wanted == word))
    };
    command.verbs.iter().filter(|_| command.tools.contains(&tool)).find(is_said).copied()
}

/// The words behind a verb, taken apart.
struct Arguments<'w> {
    operands: Vec<&'w Said>,
    options: Vec<(String, Part)>,
}

impl<'w> Arguments<'w> {
    /// The values of any of these options.
    fn values<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Part> + 'a {
        let is_named = |name: &str| names.contains(&name);
        self.options.iter().filter(move |(name, _)| is_named(name)).map(|(_, value)| value)
    }

    fn read(command: &Command, words: &'w [Said]) -> Arguments<'w> {
        let mut out = Arguments { operands: Vec::new(), options: Vec::new() };
        // What is behind the image is for the container.
        let ends = command.takes == Takes::First;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.part.text.as_str();
            if text == "--" {
                let operands = !matches!(command.takes, Takes::Options(_) | Takes::Named);
                out.operands.extend(words.filter(|_| operands));
                break;
            }
            if !is_option(word) {
                if word.is_open && is_optional(&word.part) {
                    continue;
                }
                out.operands.push(word);
                if ends {
                    break;
                }
                continue;
            }
            let name = text.split('=').next().unwrap_or(text);
            if text.starts_with("--") && name.len() < text.len() {
                out.options.push((name.into(), word.part.slice(name.len() + 1..text.len())));
            } else if takes_next(command, text) {
                let value = words.next().map(|value| value.part.clone());
                out.options.extend(value.map(|value| (name.to_string(), value)));
            }
        }
        out
    }
}

/// Whether an option takes the next word as its value. Of `-dp` it is the last letter that may.
fn takes_next(command: &Command, option: &str) -> bool {
    let (list, is_listed_valued) = match command.options {
        Options::AllBut(list) => (list, false),
        Options::Only(list) => (list, true),
    };
    let wanted = |name: &str| match command.takes {
        Takes::Options(names) => names.contains(&name),
        _ => false,
    };
    let takes = |name: &str| wanted(name) || list.contains(&name) == is_listed_valued;
    if option.starts_with("--") || is_listed_valued {
        return takes(option);
    }
    let letters = &option[1..];
    // The first letter that takes a value takes the rest of the word, if there is any.
    let first = letters.char_indices().find(|(_, letter)| takes(&format!("-{letter}")));
    first.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len())
}

/// Whether a word that nobody knows is rather options than an image.
fn is_optional(word: &Part) -> bool {
    let text = word.text.to_ascii_lowercase();
    OPTIONAL.iter().any(|name| text.contains(name))
}

impl Pulls {
    fn fill(&mut self, takes: Takes, arguments: &Arguments) {
        let operands = || arguments.operands.iter().map(|word| &word.part);
        match takes {
            Takes::First => operands().take(1).for_each(|word| self.image(&behind_scheme(word))),
            Takes::All => operands().for_each(|word| self.image(&behind_scheme(word))),
            Takes::Options(names) => arguments.values(names).for_each(|word| self.image(word)),
            Takes::Scheme => {
                let first = operands().find_map(|word| Some((word, word.text.strip_prefix("docker://")?)));
                // Of a copy the first operand is where it comes from.
                let is_source = first.is_some_and(|(word, _)| operands().next() == Some(word));
                if let Some((word, image)) = first.filter(|_| is_source || !self.name.ends_with("copy")) {
                    self.image(&word.slice(word.text.len() - image.len()..word.text.len()));
                }
            }
            Takes::Named => operands().for_each(|word| {
                let name = word.text.find('=');
                match name {
                    Some(at) => self.image(&word.slice(at + 1..word.text.len())),
                    None if word.text.contains(':') => self.image(word),
                    None => {}
                }
            }),
            Takes::Values => self.values(arguments.values(&["--set", "--set-string"])),
            Takes::Build => {
                let option = |names: &[&str]| arguments.values(names).last().cloned();
                self.build = operands().next_back().map(|context| Build {
                    context: context.clone(),
                    dockerfile: option(&["-f", "--file"]),
                    stage: option(&["--target"]),
                });
                self.gives.extend(arguments.values(&["-t", "--tag"]).cloned());
                for word in arguments.values(&["--build-arg"]) {
                    let Some(at) = word.text.find('=') else { continue };
                    let name = word.text[..at].to_ascii_lowercase();
                    let value = word.slice(at + 1..word.text.len());
                    if name.contains("image") && value.text.contains([':', '/', '@']) {
                        self.image(&value);
                    }
                }
            }
            Takes::Gives => self.gives.extend(operands().nth(1).cloned()),
        }
    }

    fn image(&mut self, word: &Part) {
        let text = word.text.as_str();
        let holes = word.holes();
        if holes.first().is_some_and(|(range, _)| *range == (0..text.len())) {
            self.unknown.push(word.clone());
            return;
        }
        let image = parse_reference(word);
        let is_file = text.starts_with(['.', '/', '~', '-'])
            || text.contains("://")
            || matches!(text, "scratch" | "null");
        let is_named = image.repository.is_some() && image.fault.is_none() && !text.is_empty();
        if is_named && !is_file {
            self.images.push((image, word.clone()));
        }
    }

    /// `a.image.repository=…,a.image.tag=…`: what belongs together is one image.
    fn values<'p>(&mut self, options: impl Iterator<Item = &'p Part>) {
        let mut maps: BTreeMap<String, BTreeMap<&'static str, Part>> = BTreeMap::new();
        for (key, value) in options.flat_map(pairs) {
            let (path, last) = key.rsplit_once('.').unwrap_or(("", &key));
            let field = ["registry", "repository", "tag", "digest"].into_iter().find(|field| *field == last);
            let is_image =
                path.rsplit('.').next().is_some_and(|name| name.to_ascii_lowercase().ends_with("image"));
            match field.filter(|_| is_image && !value.text.is_empty()) {
                Some(field) => drop(maps.entry(path.to_owned()).or_default().insert(field, value)),
                None if last == "image" || last.ends_with("Image") => {
                    let looks = value.text.contains([':', '/', '@']);
                    if looks {
                        self.image(&value);
                    }
                }
                None => {}
            }
        }
        for mut map in maps.into_values() {
            let [registry, repository, tag, digest] =
                ["registry", "repository", "tag", "digest"].map(|field| map.remove(field));
            // A name alone leaves the tag to the chart.
            let Some(whole) = tag.clone().or(digest.clone()) else { continue };
            self.images.push((join(registry, repository, tag, digest, &whole.origin).handed_on(), whole));
        }
    }
}

/// The settings of one `--set`, apart at their commas.
fn pairs(word: &Part) -> Vec<(String, Part)> {
    let (mut out, mut from) = (Vec::new(), 0);
    let text = word.text.as_str();
    let commas = text.match_indices(',').map(|(at, _)| at).filter(|at| !text[..*at].ends_with('\\'));
    for end in commas.chain([text.len()]) {
        let one = &text[from..end];
        if let Some(sign) = one.find('=') {
            out.push((one[..sign].to_owned(), word.slice(from + sign + 1..end)));
        }
        from = end + 1;
    }
    out
}
