//! Any text is read without a panic, and every verbatim value stands where its span says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pintle::testing::yaml::{read, read_embedded};
use pintle::SourceId;

fuzz_target!(|text: &str| {
    for document in read(SourceId(0), text).documents {
        document.root.walk(&mut |_, node| {
            let Some(value) = node.text() else { return true };
            match node.origin.editable() {
                Some(span) => assert_eq!(&text[span.range()], value),
                None => drop(read_embedded(value, &node.origin)),
            }
            true
        });
    }
});
