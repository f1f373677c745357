//! Which files and folders a walk leaves out: `.gitignore`, `.git/info/exclude` and `.pintleignore`, as git reads
//! them. What git tracks is another question, answered in `git`.

use crate::engine::IGNORES;
use crate::limits::IGNORES_ABOVE;
use crate::text::patterns;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;
use std::sync::Arc;

/// The ignore file of our own: same syntax, stronger than git's.
pub(super) const OURS: &str = IGNORES;
pub(super) const GITS: &str = ".gitignore";

/// The rules that hold in one folder: its own, and those of all folders above it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignores {
    here: Option<Arc<Here>>,
}

#[derive(Debug)]
struct Here {
    above: Ignores,
    /// How long the texts are, with those above.
    bytes: usize,
    ours: Option<Gitignore>,
    gits: Option<Gitignore>,
}

impl Ignores {
    /// The rules of a folder below: `ours` and `gits` are the texts of its ignore files.
    pub(super) fn below(&self, folder: &Path, ours: Option<&str>, gits: Option<&str>) -> Ignores {
        if ours.is_none() && gits.is_none() {
            return self.clone();
        }
        let read = |text: &str| {
            let mut builder = GitignoreBuilder::new(folder);
            for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
                // A line that is no glob is left out, as git does.
                if patterns::is_small_glob(line) {
                    let _ = builder.add_line(None, line);
                }
            }
            builder.build().ok()
        };
        let bytes = self.bytes() + ours.map_or(0, str::len) + gits.map_or(0, str::len);
        let here = Here { above: self.clone(), bytes, ours: ours.and_then(read), gits: gits.and_then(read) };
        Ignores { here: Some(Arc::new(here)) }
    }

    fn bytes(&self) -> usize {
        self.here.as_ref().map_or(0, |here| here.bytes)
    }

    /// Whether the text of an ignore file may hold below these.
    pub(super) fn take(&self, text: &str) -> bool {
        self.bytes() + text.len() <= IGNORES_ABOVE
    }

    /// Whether git's rules, or ours above them, leave a path out. The nearest file decides, in it the last line.
    pub(super) fn leaves_out(&self, path: &Path, kind: Kind) -> bool {
        self.decides(path, kind, |here| here.ours.as_ref())
            .or_else(|| self.decides(path, kind, |here| here.gits.as_ref()))
            .unwrap_or(false)
    }

    /// Whether our own rules leave a path out, also one that git tracks.
    pub(super) fn ours_leave_out(&self, path: &Path, kind: Kind) -> bool {
        self.decides(path, kind, |here| here.ours.as_ref()).unwrap_or(false)
    }

    fn decides(&self, path: &Path, kind: Kind, file: impl Fn(&Here) -> Option<&Gitignore>) -> Option<bool> {
        let mut at = self.here.as_deref();
        while let Some(here) = at {
            match file(here).map(|rules| rules.matched(path, kind == Kind::Folder)) {
                Some(Match::Ignore(_)) => return Some(true),
                Some(Match::Whitelist(_)) => return Some(false),
                Some(Match::None) | None => at = here.above.here.as_deref(),
            }
        }
        None
    }
}

/// The first line of an ignore file that is no pattern: it leaves nothing out.
pub(super) fn no_pattern(text: &str) -> Option<usize> {
    let mut builder = GitignoreBuilder::new("");
    let is_wrong = |line: &str| !patterns::is_small_glob(line) || builder.add_line(None, line).is_err();
    text.lines().position(is_wrong).map(|at| at + 1)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    File,
    Folder,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_decides_and_ours_is_stronger() {
        let root = Path::new("/r");
        let top =
            Ignores::default().below(root, Some("!keep.log\nvendor/\n"), Some("*.log\n/build\nsecret*\n[\n"));
        let sub = top.below(Path::new("/r/sub"), None, Some("!important.log\n"));
        for (rules, path, kind, out) in [
            (&top, "/r/a.log", Kind::File, true),
            (&top, "/r/keep.log", Kind::File, false),
            (&top, "/r/build", Kind::Folder, true),
            (&top, "/r/vendor", Kind::Folder, true),
            (&top, "/r/vendor", Kind::File, false),
            (&sub, "/r/sub/build", Kind::Folder, false),
            (&sub, "/r/sub/a.log", Kind::File, true),
            (&sub, "/r/sub/important.log", Kind::File, false),
            (&sub, "/r/sub/secret.yaml", Kind::File, true),
            (&Ignores::default(), "/r/a.log", Kind::File, false),
        ] {
            assert_eq!(rules.leaves_out(Path::new(path), kind), out, "{path} {kind:?}");
        }
        assert!(top.ours_leave_out(Path::new("/r/vendor"), Kind::Folder));
        assert!(!top.ours_leave_out(Path::new("/r/a.log"), Kind::File));
    }
}
