//! The sweep: every name of the page, spelled in every way, in every kind of file. What is fast must not be blind to
//! what is exact: a name that is judged a credential's is one wherever it stands.

use pintle::testing::secrets::{Context, Trees, expand, read};
use pintle::testing::{File, yaml};
use pintle::{Book, SourceId};

/// A kind of file: what it is called, the name of such a file, and its text with `@NAME@` and `@VALUE@` in it.
struct Kind {
    called: &'static str,
    file: &'static str,
    text: String,
}

fn kinds() -> Vec<Kind> {
    let blocks = include_str!("secrets/kinds.txt").split("=== ").filter(|block| !block.is_empty());
    let read = |block: &'static str| {
        let (head, text) = block.split_once('\n').expect("a block has a head");
        let (called, file) = head.split_once(' ').expect("a head is a name and a file");
        Kind { called, file, text: text.to_owned() }
    };
    blocks.map(read).collect()
}

fn spellings(words: &[String]) -> Vec<String> {
    let snake = words.join("_");
    let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
    let camel = words[0].clone() + &words[1..].iter().map(capital).collect::<String>();
    let mut out = vec![snake.to_uppercase(), format!("MY_{}", snake.to_uppercase()), snake];
    if words.last().is_some_and(|last| last.len() > 2) {
        out.push(camel);
    }
    out
}

#[test]
fn every_strong_name_is_seen_in_every_kind_of_file() {
    let (book, _) = Book::built_in();
    let names = book.tables.names();
    let strong = |name: &String| names.judged(name) == pintle::testing::secrets::Promise::Strong;
    let (mut tried, mut missed) = (0, Vec::new());
    for kind in kinds() {
        for (seed, words) in names.samples().iter().enumerate() {
            for name in spellings(words).into_iter().filter(strong) {
                let value = expand("{letters*1}{base62*22}{digits*1}", seed as u64);
                let text = kind.text.replace("@NAME@", &name).replace("@VALUE@", &value);
                let text = expand(&text, 1);
                let value =
                    if kind.text.contains("{b64:") { expand(&format!("{{b64:{value}}}"), 1) } else { value };
                let file = File { id: SourceId(0), name: kind.file, text: &text };
                let unread = || yaml::read(file.id, &text);
                let facts = read(&file, Trees::Unread(&unread), &Context::new(&book.tables)).facts;
                tried += 1;
                if !facts.iter().any(|fact| text[fact.origin.span().range()].contains(&value)) {
                    missed.push(format!("{}: {name}", kind.called));
                }
            }
        }
    }
    println!("{tried} tried");
    assert!(tried > 15_000, "{tried} tried");
    assert!(missed.is_empty(), "{} of {tried} missed: {:?}", missed.len(), &missed[..missed.len().min(60)]);
}
