//! Every rule page runs: its examples, the weight of its conditions, its fixes.

use pintle::Book;
use pintle::testing::prove;

#[test]
fn the_pages_in_the_binary_can_be_read() {
    let (book, problems) = Book::built_in();
    assert_eq!(problems, []);
    assert!(book.pages().len() > 5);
}

#[test]
fn every_page_holds_what_it_promises() {
    let (book, _) = Book::built_in();
    let mut failures = Vec::new();
    for page in book.pages() {
        for outcome in prove(&book, page) {
            failures.push(format!("rules/{}.md: {outcome:?}", page.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
