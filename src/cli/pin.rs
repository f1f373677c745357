//! `pintle pin`: asks registries which digest each tag has, and servers of git which commit, keeps the
//! answers in `pintle.lock`, and writes them where the repository decides what runs.

mod ask;
mod kept;
mod outcome;
mod plan;

pub(super) use kept::lock_of;
pub(super) use plan::Both;

use super::args::Pin;
use super::asker::glob;
use super::mend::{self, Wanted, counted};
use super::pin_args::PinOutput;
use super::terminal::{self, Watch};
use super::work::{self, Subject};
use super::{End, Failure, blind, said};
use crate::emit::pins::{self, Pins};
use crate::redact::clean;
use crate::text::Str;
use plan::Plan;

pub(super) fn run(pin: &Pin) -> Result<End, Failure> {
    work::threads(&pin.work)?;
    let only = pin.only.as_deref().map(glob).transpose()?;
    let mut bench = work::prepare(Subject::Paths(&pin.paths), &pin.work, &[])?;
    // No rule is asked: what is wrong with the repository is for lint to tell.
    bench.scope.select = vec![Str::default()];
    let report = bench.check(None, Watch::Somebody);
    blind::complain_of_unread(&bench, &report);
    if let Some(problem) = blind::fatal(&report) {
        return Err(Failure::new(clean(&problem.says)).hint("`pintle lint` shows where; nothing was written"));
    }
    let (old, was) = lock_of(&bench)?;
    let mut plan = Plan::new(old, pin.update.is_some(), only, bench.scope.paths.clone());
    plan.keep_texts(&bench, &report);
    let told = ask::ask(&mut plan, &report, pin)?;
    let left = plan.left(&report);
    let mended = match pin.lock_only {
        true => None,
        false => Some(mend::mend(&mut bench, None, report, &plan)),
    };
    if pin.dry_run {
        if let (Some(mended), PinOutput::Table) = (&mended, pin.output) {
            mend::show(mended, pin.color)?;
        }
    } else {
        plan.keep(&bench, &was)?;
        if let Some(mended) = &mended {
            mend::write(&bench, mended)?;
        }
    }
    let outcome = outcome::outcome(&plan, &told, mended.as_ref(), left);
    let text = match pin.output {
        PinOutput::Table => pins::table(&outcome),
        PinOutput::Markdown => pins::markdown(&outcome),
        PinOutput::Json => pins::json(&outcome),
    };
    terminal::print(&said(text)).map_err(Failure::new)?;
    tell(pin, &outcome, mended.as_ref());
    Ok(if told.missed.is_empty() { End::Clean } else { End::Found })
}

/// Tells on standard error what was done.
fn tell(pin: &Pin, outcome: &Pins, mended: Option<&mend::Mended>) {
    match mended {
        Some(mended) => {
            let has_actions = mended.mends().any(|key| key.contains('@'));
            let what = if has_actions { "place" } else { "image" };
            mended.tell(if pin.dry_run { "would be pinned" } else { "pinned" }, what);
        }
        None => {
            let says = format!("{} in the lock", counted(outcome.locked, "name"));
            terminal::complain(&said(Failure::new(says)));
        }
    }
    let places = outcome.left.iter().map(|(_, places)| places.len()).sum::<usize>();
    if places > 0 {
        terminal::complain(&said(Failure::new(format!("{} left as they are", counted(places, "place")))));
    }
}
