//! What files are there for, by where they are kept: what people copy, what documents, what tests use, and what was
//! taken over from elsewhere.

use super::star::fits;
use crate::text::Str;
use std::collections::HashMap;

/// Why a file is kept that no cluster gets from here; the later one wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Keeping {
    /// The whole repository is made of samples, as its README says.
    Collection,
    Samples,
    Docs,
    Tests,
    Vendored,
}

impl Keeping {
    /// Those that a name of a folder, or the configuration, can tell.
    pub const ALL: [Keeping; 4] = [Keeping::Samples, Keeping::Docs, Keeping::Tests, Keeping::Vendored];

    pub fn name(self) -> &'static str {
        match self {
            Keeping::Collection | Keeping::Samples => "samples",
            Keeping::Docs => "docs",
            Keeping::Tests => "tests",
            Keeping::Vendored => "vendored",
        }
    }

    pub fn named(name: &str) -> Option<Keeping> {
        Keeping::ALL.into_iter().find(|one| one.name() == name)
    }

    /// What a file is kept for if all of its repository is kept for that. What services run is run, whoever copies the rest.
    pub fn of_whole(whole: Option<Keeping>, name: &str) -> Option<Keeping> {
        let is_of_service = name.starts_with('.') && !name.starts_with(".env");
        whole.filter(|_| !is_of_service)
    }

    /// Whether people copy it, and change it.
    pub fn is_sample(self) -> bool {
        matches!(self, Keeping::Collection | Keeping::Samples)
    }
}

/// The names of folders and files that tell it.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Most are plain: looked up, not searched for.
    folders: HashMap<Str, Keeping>,
    starred: Vec<(Str, Keeping)>,
    files: Vec<(Str, Keeping)>,
    /// Words and phrases of comments that tell why a manifest is left out.
    left_out: Vec<Str>,
    /// Words by which a README calls the repository samples.
    samples: Vec<Str>,
    /// Words by which it says that somebody runs it.
    owners: Vec<Str>,
    /// Files of a repository that somebody runs.
    run: Vec<Str>,
}

impl Places {
    /// A name of a folder, at any depth; `*` is any text.
    pub fn add_folder(&mut self, pattern: Str, keeping: Keeping) {
        if pattern.contains('*') {
            return self.starred.push((pattern, keeping));
        }
        let known = self.folders.entry(pattern).or_insert(keeping);
        *known = (*known).max(keeping);
    }

    /// A name of a file without its folders.
    pub fn add_file(&mut self, pattern: Str, keeping: Keeping) {
        self.files.push((pattern, keeping));
    }

    /// A word, or a phrase of several, of a comment that tells why a manifest is left out; in small letters.
    pub fn add_left_out(&mut self, phrase: Str) {
        self.left_out.push(phrase);
    }

    /// A word by which a README calls the repository samples; in small letters.
    pub fn add_word_of_samples(&mut self, word: Str) {
        self.samples.push(word);
    }

    /// A word by which a README says that somebody runs the repository; in small letters.
    pub fn add_word_of_owner(&mut self, word: Str) {
        self.owners.push(word);
    }

    /// The name of a file that only a repository has that somebody runs.
    pub fn add_run(&mut self, base: Str) {
        self.run.push(base);
    }

    pub fn is_of_samples(&self, word: &str) -> bool {
        self.samples.iter().any(|known| known == word)
    }

    pub fn is_of_owner(&self, word: &str) -> bool {
        self.owners.iter().any(|known| known == word)
    }

    /// Whether only a repository that somebody runs has a file of this name.
    pub fn is_run(&self, base: &str) -> bool {
        self.run.iter().any(|known| known == base)
    }

    /// Whether a comment says of a manifest that it is left out on purpose.
    pub fn says_left_out(&self, comment: &str) -> bool {
        let said = comment.to_ascii_lowercase();
        let words =
            said.split_whitespace().map(|word| word.trim_matches([':', '.', ',', '(', ')', '`', '"']));
        self.left_out.iter().any(|phrase| match phrase.contains(' ') {
            true => said.contains(phrase.as_str()),
            false => words.clone().any(|word| word == phrase.as_str()),
        })
    }

    /// What the files of a folder are kept for, and how much of its path says so.
    pub fn of_folder<'n>(&self, folder: &'n str) -> Option<(Keeping, &'n str)> {
        let mut best: Option<(Keeping, &str)> = None;
        let mut start = 0;
        for step in folder.split('/') {
            let end = start + step.len();
            let starred = self.starred.iter().filter(|(pattern, _)| fits(pattern, step));
            let told = self.folders.get(step).into_iter().chain(starred.map(|(_, keeping)| keeping)).max();
            if let Some(keeping) = told.filter(|keeping| best.is_none_or(|(known, _)| **keeping > known)) {
                best = Some((*keeping, &folder[..end]));
            }
            start = end + 1;
        }
        best
    }

    /// What a file is kept for, by its folders and its own name.
    pub fn of(&self, name: &str) -> Option<Keeping> {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        self.of_folder(folder).map(|(keeping, _)| keeping).max(self.of_file(base))
    }

    /// What a file is kept for by its own name.
    pub fn of_file(&self, base: &str) -> Option<Keeping> {
        self.files.iter().filter(|(pattern, _)| fits(pattern, base)).map(|(_, keeping)| *keeping).max()
    }
}
