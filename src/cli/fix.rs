//! `pintle fix`: mends the one finding that is named.

use super::allow::find;
use super::args::Fix;
use super::mend;
use super::terminal::Watch;
use super::work::{self, Subject};
use super::{End, Failure, blind};
use crate::finding::{Finding, Fix as Edits, Safety};
use std::path::PathBuf;

pub(super) fn run(fix: &Fix) -> Result<End, Failure> {
    work::threads(&fix.work)?;
    let mut bench = work::prepare(Subject::Paths(&[PathBuf::from(".")]), &fix.work, &[])?;
    bench.scope.paths.clear();
    let report = bench.check(None, Watch::Somebody);
    blind::complain_of_unread(&bench, &report);
    if let Some(problem) = blind::fatal(&report) {
        return Err(Failure::new(problem.says.clone()).hint("`pintle lint` shows where; nothing was written"));
    }
    let finding = find(&report, &fix.finding)?;
    let (rule, print) = (finding.rule.clone(), finding.fingerprint.clone());
    if finding.fix.as_ref().is_none_or(|fix| fix.safety == Safety::ShowOnly) {
        return Err(Failure::new(format!("`{rule}` has no fix here"))
            .hint(format!("`pintle explain {rule}` says what to do")));
    }
    let wanted = mend::Fixes(|finding: &Finding, _: &Edits| finding.fingerprint == print);
    let mended = mend::mend(&mut bench, None, report, &wanted);
    if fix.diff {
        mend::show(&mended, fix.color)?;
        mended.tell("would be mended", "place");
        return Ok(End::Clean);
    }
    mend::write(&bench, &mended)?;
    mended.tell("mended", "place");
    Ok(End::Clean)
}
