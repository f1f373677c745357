//! What a container starts: a server, something else, or whatever its image does by itself.

use crate::facts::{Container, Engines};
use crate::limits::DEEPEST_SCRIPT;

/// What a command says of its container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Starts {
    /// The server of an engine.
    Server(usize),
    /// Something that is no server for sure.
    Other,
    /// A program that nobody here knows.
    Unknown,
    /// Nothing is said: the image decides.
    Unsaid,
}

impl Starts {
    /// Whether it is the server, or what its image does by itself.
    pub(super) fn is_plain(self) -> bool {
        matches!(self, Starts::Server(_) | Starts::Unsaid)
    }
}

/// Programs that start another one, which is what counts.
const WRAPPERS: [&str; 12] = [
    "tini",
    "dumb-init",
    "exec",
    "docker-entrypoint.sh",
    "entrypoint.sh",
    "nohup",
    "time",
    "env",
    "sudo",
    "container-entrypoint",
    "catatonit",
    "command",
];
/// The same, with the name of a user in between.
const AS_USER: [&str; 4] = ["gosu", "su-exec", "s6-setuidgid", "chpst"];
const SHELLS: [&str; 7] = ["sh", "bash", "ash", "dash", "zsh", "su", "runuser"];
/// Words of the shell's own in front of a command.
const KEYWORDS: [&str; 9] = ["if", "then", "else", "elif", "do", "while", "until", "!", "{"];

/// What a container starts.
pub(super) fn starts(engines: &Engines, container: &Container) -> Starts {
    // Arguments alone are those of the image's own program, unless they begin with another.
    let is_flags =
        container.command.is_empty() && container.args.first().is_none_or(|arg| arg.text.starts_with('-'));
    if is_flags {
        return Starts::Unsaid;
    }
    let words: Vec<&str> =
        container.command.iter().chain(&container.args).map(|word| word.text.as_str()).collect();
    of_words(engines, &words, 0)
}

fn of_words(engines: &Engines, words: &[&str], depth: usize) -> Starts {
    let Some((program, rest)) = program(words) else { return Starts::Unsaid };
    if SHELLS.contains(&program) {
        return of_shell(engines, rest, depth);
    }
    match engines.server_program(program) {
        Some(engine) => Starts::Server(engine),
        None if engines.is_client(program) || engines.is_idle(program) => Starts::Other,
        None => Starts::Unknown,
    }
}

/// The program behind those that only start it, and its arguments.
pub(super) fn program<'w, 'a>(words: &'w [&'a str]) -> Option<(&'a str, &'w [&'a str])> {
    let mut at = 0;
    loop {
        let word = *words.get(at)?;
        let base = word.rsplit('/').next().unwrap_or(word);
        let is_setting = word.split_once('=').is_some_and(|(name, _)| {
            name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        });
        at += match base {
            base if AS_USER.contains(&base) => 2,
            base if WRAPPERS.contains(&base) || KEYWORDS.contains(&base) || is_setting => 1,
            // The flags of a wrapper.
            base if at > 0 && base.starts_with('-') => 1,
            base => return Some((base, &words[at + 1..])),
        };
    }
}

/// A shell with a script of its own, with a file, or with nothing to do but wait.
fn of_shell(engines: &Engines, words: &[&str], depth: usize) -> Starts {
    let is_script = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    if let Some(at) = words.iter().position(|word| is_script(word)) {
        return match words.get(at + 1) {
            Some(script) if depth < DEEPEST_SCRIPT => of_script(engines, script, depth + 1),
            _ => Starts::Unknown,
        };
    }
    match words.iter().position(|word| !word.starts_with('-')) {
        Some(at) if depth < DEEPEST_SCRIPT => of_words(engines, &words[at..], depth + 1),
        Some(_) => Starts::Unknown,
        None => Starts::Other,
    }
}

/// A script: one server in it makes it one. Without, a client makes it something else, and so does a script of which
/// every program is known to be no server.
fn of_script(engines: &Engines, script: &str, depth: usize) -> Starts {
    let (mut is_client, mut is_strange, mut is_idle) = (false, false, false);
    for line in script.split(['\n', ';', '|', '&', '(', ')', '`']) {
        let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        let Some((program, _)) = program(&words) else { continue };
        if program.is_empty()
            || program.starts_with(['#', '['])
            || matches!(program, "done" | "fi" | "set" | "for" | "}")
        {
            continue;
        }
        match of_words(engines, &words, depth) {
            Starts::Server(engine) => return Starts::Server(engine),
            Starts::Other => {
                is_client |= engines.is_client(program);
                is_idle = true;
            }
            Starts::Unknown => is_strange = true,
            // An entrypoint alone starts what the image does.
            Starts::Unsaid => return Starts::Unsaid,
        }
    }
    if is_client || is_idle && !is_strange { Starts::Other } else { Starts::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Origin, Part, SourceId, Span};

    /// Commands are people's input: none of them is followed without end.
    #[test]
    fn what_has_no_end_is_ended() {
        let engines = Engines::default();
        let part = |text: &str| Part::new(text, Origin::spelled(Span::new(SourceId(0), 0, 0)));
        for word in ["sh", "exec", "gosu", "-c", "A=b", "sh -c", "("] {
            let command = vec![part(word); 100_000];
            let container = Container { command, ..Container::default() };
            assert_ne!(starts(&engines, &container), Starts::Server(0), "{word}");
        }
        let script = "sh -c ".repeat(50_000);
        let command = ["sh", "-c", script.as_str()].map(part).to_vec();
        assert_eq!(starts(&engines, &Container { command, ..Container::default() }), Starts::Other);
    }
}
