//! The last word of a run that cannot go on. Where memory is refused or a stack is at its end, Rust aborts: that would be a
//! signal, which CI takes for a crash of its own. Beside `secrets/simd.rs` the only file with `unsafe`: std has no other way
//! to say what an abort does.
#![cfg_attr(unix, allow(unsafe_code))]

/// From here on an abort ends with a word, and with the exit code of a run that failed.
#[cfg(unix)]
pub(super) fn ends_with_a_word() {
    // SAFETY: the handler has the type that C asks for, and calls only what a handler may call.
    unsafe { signal(SIGABRT, last_word) };
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub(super) fn ends_with_a_word() {}

#[cfg(unix)]
use std::ffi::{c_int, c_void};

/// The same number on every Unix.
#[cfg(unix)]
const SIGABRT: c_int = 6;

#[cfg(unix)]
const STANDARD_ERROR: c_int = 2;

/// Rust has said on a line above this one what was refused, without a byte of any file.
#[cfg(unix)]
const WORD: &str = "pintle: the run cannot go on: memory, or a stack, is at its end, and nothing was reported\n  \
                    fewer threads need less: `--jobs 1`\n";

#[cfg(unix)]
extern "C" fn last_word(_: c_int) {
    // SAFETY: both may be called in a handler, and the bytes are as many as is said.
    unsafe {
        write(STANDARD_ERROR, WORD.as_ptr().cast(), WORD.len());
        _exit(super::End::Failed as c_int)
    }
}

#[cfg(unix)]
unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn write(file: c_int, bytes: *const c_void, count: usize) -> isize;
    fn _exit(code: c_int) -> !;
}
