//! Repositories, surroundings and moments that a stranger, or bad luck, prepares: a table of cases for each section.
//!
//! A case is a script that makes the repository, what is run in it, and what must be seen. `PINTLE_BINARY` names another
//! binary to hold against the tables.
//!
//! ```text
//! == a FIFO is not opened
//! needs mkfifo
//! | mkfifo x.yaml; cp $BAD pod.yaml
//! $ pintle lint -o concise
//! exit 1
//! sees pod.yaml:7:20
//! never x.yaml
//! then test -p x.yaml
//! ```
//!
//! `|` is run by `sh` in the folder, `$` too (several of both, in order; `$` is what the lines below it look at). `sees` is
//! somewhere in what the run said, `never` nowhere; `then` is a command that must succeed afterwards. `commit` makes a
//! commit of all that is there. `needs` names programs, or `root`, `linux`, `user` (no root); where one is missing the
//! case says SKIPPED.
#![cfg(unix)] // links, FIFOs, permissions and processes that other systems do not have
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod cases;
mod commands;
mod planted;
mod runs;
mod shown;
#[path = "../skipped/mod.rs"]
mod skipped;

macro_rules! sections {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            runs::hold(include_str!(concat!(stringify!($name), ".txt")), stringify!($name));
        }
    )*};
}

sections!(disk writing git silence exits budgets);
