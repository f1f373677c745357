//! What is said of files that pintle writes. How they are written, the door knows.

use super::Failure;
use super::door::{Root, Unwritten, change, create, keep, write_report};
use crate::redact::Shown;
use std::path::Path;

/// Writes a report; somebody may show it in a log.
pub(super) fn report(root: &Root, path: &Path, text: &Shown<String>) -> Result<(), Failure> {
    write_report(Some(root), path, &text.for_a_log()).map_err(|why| failure(path, &why))
}

/// Writes a report whose lines are commands.
pub(super) fn commands(root: &Root, path: &Path, text: &Shown<String>) -> Result<(), Failure> {
    write_report(Some(root), path, text).map_err(|why| failure(path, &why))
}

/// Writes a file that is not there yet; says what is there already.
pub(super) fn new(path: &Path, text: &Shown<String>) -> Result<(), Failure> {
    create(None, path, text).map_err(|why| failure(path, &why))
}

/// Writes a file that the repository keeps.
pub(super) fn whole(root: &Root, path: &Path, text: &Shown<String>) -> Result<(), Failure> {
    keep(Some(root), path, text).map_err(|why| failure(path, &why))
}

/// Changes a file that the repository keeps: it becomes what `make` makes of the old text, while no other pintle writes it.
pub(super) fn changed(
    root: &Root,
    path: &Path,
    make: impl FnOnce(Option<&str>) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let made = change(Some(root), path, |old| make(old).map_err(Stopped::ByUs));
    made.map_err(|stopped| match stopped {
        Stopped::ByUs(failure) => failure,
        Stopped::ByTheDoor(why) => failure(path, &why),
    })
}

enum Stopped {
    ByUs(Failure),
    ByTheDoor(Unwritten),
}

impl From<Unwritten> for Stopped {
    fn from(why: Unwritten) -> Stopped {
        Stopped::ByTheDoor(why)
    }
}

fn failure(path: &Path, why: &Unwritten) -> Failure {
    let path = path.display();
    let failed = |why: &str| Failure::new(format!("cannot write {path}: {why}"));
    match why {
        Unwritten::Link => failed("it is a link, or stands behind one").hint("remove it first"),
        Unwritten::NoName => failed("it does not end in a name"),
        Unwritten::Folder => failed("it is a folder"),
        Unwritten::Locked => {
            failed("another pintle writes into its folder").hint("run it again when that has ended")
        }
        Unwritten::Changed => {
            failed("somebody else has just written it").hint("nothing was written: run it again")
        }
        Unwritten::There => Failure::new(format!("{path} is there already")).hint("it was left as it is"),
        Unwritten::Owner => failed("it belongs to somebody else, and the new file would not")
            .hint("nothing was written: run it as its owner"),
        Unwritten::Old(refused) => failed(&format!("what is there cannot be read: {refused}")),
        Unwritten::System(error) => failed(&super::terminal::reason(error)),
    }
}
