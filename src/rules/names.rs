//! The data page about names that promise a credential, read into [`Names`]. Knows no word itself.

use super::entry::Entry;
use crate::facts::{Names, Promise};
use crate::finding::Problem;
use crate::syntax::Front;

/// Reads the list of entries.
pub(super) fn fill(names: &mut Names, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let keys = ["is", "words", "after", "ends", "anywhere", "first"];
        let mut entry = Entry::read(item, &keys, problems);
        let promise = entry.one("is", "one of strong, weak and nothing", Promise::named);
        entry.must_have("is");
        let [words, after, ends, anywhere, first] =
            ["words", "after", "ends", "anywhere", "first"].map(|key| entry.texts(key));
        let Some(promise) = promise else { continue };
        words.iter().for_each(|words| names.add_words(words, &after, promise));
        ends.into_iter().for_each(|end| names.add_end(end));
        anywhere.into_iter().for_each(|word| names.add_anywhere(word));
        first.into_iter().for_each(|word| names.add_first(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Stage, StageArgument};
    use crate::rules::Book;
    use crate::syntax::yaml;
    use crate::text::{Origin, Part, SourceId, Span};

    #[test]
    fn names_promise_what_the_table_says() {
        let (book, problems) = Book::built_in();
        assert_eq!(problems, []);
        let (names, mut wrong, mut told) = (book.tables.names(), Vec::new(), 0);
        for line in include_str!("../../tests/secrets/names.txt").lines() {
            let Some((is, list)) = line.split_once(": ").filter(|_| !line.starts_with('#')) else { continue };
            for name in list.split(' ') {
                told += 1;
                let promise = names.promise(name);
                if Some(promise) != Promise::named(is) {
                    wrong.push(format!("{name} is {is}, told as {promise:?}"));
                }
            }
        }
        assert!(told >= 300, "{told} names");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// The arguments of a Dockerfile ask the same words.
    #[test]
    fn arguments_of_stages_ask_the_same_words() {
        let (book, _) = Book::built_in();
        for (is, list) in
            include_str!("../../tests/secrets/names.txt").lines().filter_map(|line| line.split_once(": "))
        {
            for name in list.split(' ').filter(|_| !is.starts_with('#')) {
                let name = Part::new(name, Origin::verbatim(Span::new(SourceId(0), 0, 0)));
                let argument = StageArgument::new("ARG", name.clone(), None);
                let mut stage = Stage { arguments: vec![argument], ..Stage::default() };
                stage.note_secrets(book.tables.names());
                assert_eq!(stage.secret_argument().is_some(), is == "strong", "{}", name.text);
            }
        }
    }

    /// Whatever a name promises to who takes it apart, the quick look lets through.
    #[test]
    fn the_quick_look_vetoes_no_name() {
        let (book, _) = Book::built_in();
        let (names, mut vetoed, mut tried) = (book.tables.names(), Vec::new(), 0);
        for words in names.samples() {
            for name in spellings(&words) {
                tried += 1;
                assert!(names.judged(&name) > Promise::None, "{name} is a sample of the page");
                if names.promise(&name) == Promise::None {
                    vetoed.push(name);
                }
            }
        }
        assert!(tried > 1500, "{tried} names");
        assert!(vetoed.is_empty(), "{vetoed:?}");
    }

    fn spellings(words: &[String]) -> Vec<String> {
        let snake = words.join("_");
        let shouted = snake.to_uppercase();
        let mut out = vec![words.join("-"), words.join("."), format!("{snake}_2"), format!("x.y_{snake}")];
        // What is two letters long is told apart by a sign only.
        if words.last().is_some_and(|last| last.len() > 2) {
            let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
            let pascal: String = words.iter().map(capital).collect();
            out.extend([format!("my{pascal}"), pascal]);
        }
        if !snake.ends_with(|letter: char| letter.is_ascii_digit()) {
            out.push(format!("{shouted}1"));
        }
        out.extend([format!("MY_{shouted}"), shouted, snake]);
        out
    }

    #[test]
    fn what_cannot_be_read_has_its_place() {
        let text = "names:\n  - {is: sure, words: [a]}\n  - {words: [b]}\n  - {is: weak, word: [c]}\n  - 3\n";
        let (mut names, mut problems) = (Names::default(), Vec::new());
        let read = yaml::read(SourceId(0), text);
        let list = Front::Read(read.documents[0].root.clone()).get("names").unwrap();
        fill(&mut names, &list, &mut problems);
        let at: Vec<&str> = problems.iter().map(|problem| &text[problem.at.unwrap().range()]).collect();
        assert_eq!(at, ["sure", "{words: [b]}", "word", "3"]);
    }
}
