//! What the owners of images say of their tags, held against what pintle takes them for: see `pinning.txt`.

use pintle::testing::{Origin, Part, Pin, parse_reference};
use pintle::{Book, Config, SourceId, Span};

/// The class of a pin in the words of the table.
fn class(pin: Pin) -> &'static str {
    match pin {
        Pin::Moving => "moves",
        Pin::MayMove => "may",
        Pin::Tag => "version",
        other => other.name(),
    }
}

#[test]
fn tags_are_taken_for_what_their_projects_say() {
    let (book, problems) = Book::built_in();
    assert_eq!(problems, []);
    let moves = book.moves(&Config::default());
    let rows = include_str!("pinning.txt").lines().filter(|row| !row.is_empty() && !row.starts_with('#'));
    let (mut count, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for row in rows {
        let (expected, image) = row.split_once(char::is_whitespace).expect("a class and an image");
        let image = image.trim();
        let origin = Origin::verbatim(Span::new(SourceId(0), 0, image.len()));
        let got = class(moves.pin(&parse_reference(&Part::new(image, origin))));
        count += 1;
        if got != expected {
            wrong.push(format!("{image}: expected {expected}, got {got}"));
            // Of a known mover nobody may say less than that.
            missed.extend((expected == "moves").then_some(image));
        }
    }
    assert_eq!(missed, [""; 0], "{}", wrong.join("\n"));
    assert!(count >= 300, "{count} rows");
    assert!(wrong.len() * 100 <= count, "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
