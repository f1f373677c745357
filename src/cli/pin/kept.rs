//! `pintle.lock`, as the repository keeps it.

use crate::cli::Failure;
use crate::cli::door::{Opened, open_own};
use crate::cli::work::Bench;
use crate::limits::LOCK;
use crate::lock::{self, Lock};
use crate::text::SourceId;

/// The lock of the repository, and its text; both empty if there is none.
pub(in crate::cli) fn lock_of(bench: &Bench) -> Result<(Lock, String), Failure> {
    let text = match open_own(bench.disk.root(), lock::NAME, LOCK).and_then(Opened::text) {
        Ok(text) => text,
        Err(refused) if refused.is_missing() => return Ok((Lock::default(), String::new())),
        Err(refused) => return Err(Failure::new(format!("cannot read {}: {refused}", lock::NAME))),
    };
    Ok((read_lock(&text)?, text))
}

pub(super) fn read_lock(text: &str) -> Result<Lock, Failure> {
    let (lock, problems) = Lock::read(SourceId(u32::MAX), text);
    match problems.first() {
        None => Ok(lock),
        Some(problem) => {
            let at = problem.at.map_or(0, |at| text[..at.start as usize].matches('\n').count() + 1);
            Err(Failure::new(format!("{}:{at}: {}", lock::NAME, problem.says))
                .hint("mend the line, or take it out: it is asked for anew"))
        }
    }
}
