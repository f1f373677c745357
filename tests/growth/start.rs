//! What a start costs before the first file is read: the pages of the binary are there, not read.

use super::{COUNT, alone};
use pintle::Book;
use std::sync::atomic::Ordering::Relaxed;

/// How often a page may allocate: lists of its words, tables that they are put into. One that is parsed takes four times
/// as many.
const MOST_OF_PAGE: usize = 24;

#[test]
fn a_start_parses_no_page() {
    let _guard = alone();
    let count = COUNT.load(Relaxed);
    let (book, problems) = Book::built_in();
    let count = COUNT.load(Relaxed) - count;
    assert_eq!(problems, []);
    println!("a start: {count} allocations for {} pages", book.pages().len());
    assert!(book.pages().len() > 500);
    assert!(count < MOST_OF_PAGE * book.pages().len(), "{count}");
}
