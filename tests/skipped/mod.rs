//! What a test says that cannot be run here.

use std::fmt::Display;
use std::io::Write;

/// Says it where `cargo test` does not keep it back: of a test that passes it shows nothing else.
pub fn skipped(why: impl Display) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
