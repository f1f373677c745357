//! Parse, run, exit code.

use std::process::ExitCode;

/// A run makes many small things in many threads at once: a tenth of its time with the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pintle::main()
}
