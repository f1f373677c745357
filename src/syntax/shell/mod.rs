//! Shell scripts, read for the words of their commands: quotes, continuations, comments and here-documents. Nothing is
//! run: what a substitution prints, and what a variable holds that is not plainly set, is a hole. One pass over the
//! text, whatever is opened in it and never closed.

mod lexer;
mod values;
mod word;

use crate::limits::DEEPEST_QUOTED;
use crate::text::Part;

use values::Values;
pub use values::{Given, Said};
pub use word::Dialect;
use word::Word;

/// Scripts that share their variables: the lines of a job, the commands of a unit.
pub struct Script<'a> {
    dialect: Dialect,
    /// Whether a command in which this word stands is wanted.
    keeps: &'a dyn Fn(&str) -> bool,
    texts: Vec<Part>,
    commands: Vec<Command>,
    values: Values,
    documents: Vec<Part>,
}

impl std::fmt::Debug for Script<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Script").field("commands", &self.commands).finish_non_exhaustive()
    }
}

/// The words of a command.
#[derive(Clone, Debug)]
struct Command {
    text: usize,
    words: Vec<Word>,
}

impl<'a> Script<'a> {
    pub fn new(dialect: Dialect, keeps: &'a dyn Fn(&str) -> bool) -> Script<'a> {
        Script {
            dialect,
            keeps,
            texts: Vec::new(),
            commands: Vec::new(),
            values: Values::default(),
            documents: Vec::new(),
        }
    }

    /// Reads a text, with the scripts that it hands to other shells.
    pub fn read(&mut self, text: &Part) {
        let settled = text.settled();
        let mut waiting = vec![(0..text.text.len(), 0)];
        while let Some((range, quoted)) = waiting.pop() {
            let found = lexer::read(&text.text, range, &settled, self.dialect, self.keeps);
            for words in found.commands {
                self.commands.push(Command { text: self.texts.len(), words });
            }
            for (name, value) in found.assigned {
                self.values.assign(self.texts.len(), &text.text, name, value);
            }
            self.documents.extend(found.documents.into_iter().map(|range| text.slice(range)));
            if quoted < DEEPEST_QUOTED {
                waiting.extend(found.scripts.into_iter().map(|range| (range, quoted + 1)));
            }
        }
        self.texts.push(text.clone());
    }

    /// The wanted commands, word by word, with the variables put in that are plainly set.
    pub fn commands<'s>(&'s self, given: &'s Given) -> impl Iterator<Item = Vec<Said>> + 's {
        self.commands.iter().map(move |command| {
            let text = &self.texts[command.text];
            command.words.iter().flat_map(|word| self.values.said(&self.texts, text, word, given)).collect()
        })
    }

    /// The variables that are set, each with its value if that is one that can be told.
    pub fn variables<'s>(&'s self, given: &'s Given) -> impl Iterator<Item = (&'s str, Part)> + 's {
        self.values.all(&self.texts, given)
    }

    /// Here-documents that hold objects of Kubernetes, or name images.
    pub fn documents(&self) -> &[Part] {
        &self.documents
    }
}

#[cfg(test)]
mod tests;
