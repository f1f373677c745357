//! Ignore patterns: `.gitignore`, and `.sourceignore` and `spec.ignore` of Flux, which are written alike. Of all
//! patterns that speak of a path the last one decides.

use crate::syntax::glob::Glob;
use crate::text::Str;

/// What Flux keeps out of every source.
const ALWAYS: [&str; 4] = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];

/// What it keeps out of a source that has no patterns of its own.
const DEFAULTS: [&str; 20] = [
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// Patterns in the order of their strength, the weakest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ignores {
    patterns: Vec<Pattern>,
}

/// What a path is to a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    File,
    Folder,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// The folder of the file that holds it: it speaks of what lies below.
    folder: Vec<Str>,
    names: Vec<Name>,
    takes_back: bool,
    folders_only: bool,
    /// Who says it, for people.
    by: Str,
}

/// What stands between two slashes of a pattern.
#[derive(Clone, Debug)]
enum Name {
    Empty,
    /// `**`
    AnyFolders,
    Literal(Str),
    Glob(Glob),
    /// No name is so.
    Never,
}

impl Ignores {
    /// Reads the lines of an ignore file. `by` names the file.
    pub(super) fn add(&mut self, text: &str, folder: &str, by: &str) {
        for (at, line) in text.lines().enumerate() {
            // The last line may have no line feed.
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.starts_with('#') && !line.trim().is_empty() {
                self.patterns.push(Pattern::read(line, folder, &format!("{by}:{}", at + 1)));
            }
        }
    }

    /// What Flux keeps out of the artifact of a source whose own patterns these are: they stand in the place of the
    /// defaults.
    pub(super) fn of_source(self) -> Ignores {
        let built_in = ALWAYS.iter().chain(DEFAULTS.iter().filter(|_| self.patterns.is_empty()));
        let mut patterns: Vec<Pattern> =
            built_in.map(|line| Pattern::read(line, "", "the defaults of Flux")).collect();
        patterns.extend(self.patterns);
        Ignores { patterns }
    }

    /// Who leaves a path out, if anybody does.
    pub(super) fn leaves_out(&self, path: &str, kind: Kind) -> Option<&Str> {
        let names: Vec<&str> = path.split('/').collect();
        self.decides(&names, kind)
    }

    /// The same for git, which looks into no folder that it ignores. Nobody knows the kind of what is not there.
    pub(super) fn leaves_out_with_folder(&self, path: &str) -> Option<&Str> {
        let names: Vec<&str> = path.split('/').collect();
        let above = (1..=names.len()).find_map(|depth| self.decides(&names[..depth], Kind::Folder));
        above.or_else(|| self.decides(&names, Kind::File))
    }

    fn decides(&self, names: &[&str], kind: Kind) -> Option<&Str> {
        let last = self.patterns.iter().rev().find(|pattern| pattern.speaks_of(names, kind))?;
        (!last.takes_back).then_some(&last.by)
    }
}

impl Pattern {
    fn read(line: &str, folder: &str, by: &str) -> Pattern {
        let takes_back = line.starts_with('!');
        let line = line.strip_prefix('!').unwrap_or(line);
        let line = if line.ends_with("\\ ") { line } else { line.trim_end_matches(' ') };
        let folders_only = line.ends_with('/');
        let line = line.strip_suffix('/').unwrap_or(line);
        let names: Vec<&str> = line.split('/').collect();
        let is_path = names.len() > 1;
        Pattern {
            folder: folder.split('/').filter(|name| !name.is_empty()).map(Str::from).collect(),
            names: names.into_iter().map(|name| Name::read(name, is_path)).collect(),
            takes_back,
            folders_only,
            by: by.into(),
        }
    }

    fn speaks_of(&self, path: &[&str], kind: Kind) -> bool {
        let above = self.folder.len();
        if path.len() <= above || !self.folder.iter().zip(path).all(|(own, name)| own == name) {
            return false;
        }
        match self.names.as_slice() {
            [only] => self.is_named(&path[above..], only, kind),
            _ => self.is_at(&path[above..], kind),
        }
    }

    /// A pattern of one name means every file and folder of that name, and what lies in such a folder.
    fn is_named(&self, path: &[&str], name: &Name, kind: Kind) -> bool {
        let found = path.iter().position(|own| name.fits(own));
        found.is_some_and(|at| !(self.folders_only && kind == Kind::File && at + 1 == path.len()))
    }

    /// A pattern with slashes begins at its folder.
    fn is_at(&self, path: &[&str], kind: Kind) -> bool {
        let (mut rest, mut anywhere, mut matched) = (path, false, false);
        for (at, name) in self.names.iter().enumerate() {
            match name {
                Name::Empty => anywhere = false,
                Name::AnyFolders if at + 1 == self.names.len() => break,
                Name::AnyFolders => anywhere = true,
                _ if anywhere => {
                    let Some(found) = rest.iter().position(|own| name.fits(own)) else { return false };
                    (anywhere, matched) = (false, true);
                    rest = &rest[found + 1..];
                }
                _ => match rest.split_first() {
                    Some((first, others)) if name.fits(first) => (matched, rest) = (true, others),
                    _ => return false,
                },
            }
        }
        matched && !(self.folders_only && kind == Kind::File && rest.is_empty())
    }
}

impl Name {
    fn read(name: &str, is_path: bool) -> Name {
        match name {
            "" if is_path => Name::Empty,
            "**" if is_path => Name::AnyFolders,
            name if is_path && name.contains("**") => Name::Never,
            name if !name.contains(['*', '?', '[', '\\']) => Name::Literal(name.into()),
            name => Glob::read(name).map_or(Name::Never, Name::Glob),
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Name::Literal(own) => own == name,
            Name::Glob(glob) => glob.fits(name),
            Name::Empty | Name::AnyFolders | Name::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Flux' own package says of these patterns and files.
    #[test]
    fn the_last_pattern_that_speaks_decides() {
        for (lines, path, out) in [
            ("*.md", "docs/a.md", true),
            ("*.md\n!README.md", "docs/README.md", false),
            ("!README.md\n*.md", "docs/README.md", true),
            ("/*\n!/apps", "apps/web/a.yaml", false),
            ("/*\n!/apps", "infra/a.yaml", true),
            ("/*\n!/apps\n/apps/old", "apps/old/a.yaml", true),
            ("docs/", "docs/a.yaml", true),
            ("docs/", "a/docs/a.yaml", true),
            ("docs/", "docs", false),
            ("a.yaml/", "x/a.yaml", false),
            ("apps/*/test", "apps/web/test/a.yaml", true),
            ("apps/*/test", "apps/web/deep/test/a.yaml", false),
            ("apps/**/test", "apps/web/deep/test/a.yaml", true),
            ("apps/**/test", "apps/test/a.yaml", true),
            ("**/test", "a/b/test/c.yaml", true),
            ("**/x/y", "a/x/b/x/y", false),
            ("apps/**", "apps/web/a.yaml", true),
            ("apps/**", "app/web/a.yaml", false),
            ("a**b/c", "axxb/c", false),
            ("a**b", "axxb/c", true),
            ("/a.yaml", "a.yaml", true),
            ("/a.yaml", "b/a.yaml", false),
            ("#a.yaml", "#a.yaml", false),
            ("\\#a.yaml", "#a.yaml", true),
            ("a.yaml   ", "a.yaml", true),
            ("[ab].yaml", "b.yaml", true),
            ("[", "[", false),
            ("  \n\r\na.yaml\r", "a.yaml", true),
            ("/", "a.yaml", false),
        ] {
            let mut ignores = Ignores::default();
            ignores.add(lines, "", ".sourceignore");
            assert_eq!(ignores.leaves_out(path, Kind::File).is_some(), out, "{lines:?} {path}");
        }
    }

    #[test]
    fn a_file_of_patterns_speaks_of_its_own_folder() {
        let mut ignores = Ignores::default();
        ignores.add("*.yaml\n!/keep.yaml\n", "apps/web", "apps/web/.sourceignore");
        for (path, by) in [
            ("apps/web/a.yaml", Some("apps/web/.sourceignore:1")),
            ("apps/web/deep/a.yaml", Some("apps/web/.sourceignore:1")),
            ("apps/web/keep.yaml", None),
            ("apps/other/a.yaml", None),
            ("a.yaml", None),
        ] {
            assert_eq!(ignores.leaves_out(path, Kind::File).map(Str::as_str), by, "{path}");
        }
    }

    #[test]
    fn own_patterns_stand_in_the_place_of_the_defaults() {
        let mut own = Ignores::default();
        own.add("docs/", "", ".sourceignore");
        let (own, bare) = (own.of_source(), Ignores::default().of_source());
        for (path, is_out, is_out_bare) in [
            (".gitignore", true, true),
            ("a/.gitmodules", true, true),
            (".github/a.yaml", false, true),
            ("apps/.sops.yaml", false, true),
            ("a/b.png", false, true),
            ("docs/a.yaml", true, false),
            ("a.yaml", false, false),
        ] {
            let is = |ignores: &Ignores| ignores.leaves_out(path, Kind::File).is_some();
            assert_eq!((is(&own), is(&bare)), (is_out, is_out_bare), "{path}");
        }
    }

    #[test]
    fn git_looks_into_no_folder_that_it_ignores() {
        let mut ignores = Ignores::default();
        ignores.add("/secrets/\n!/secrets/keep.yaml\n*.key\n", "", ".gitignore");
        for (path, by) in [
            ("secrets/a.yaml", Some(".gitignore:1")),
            ("secrets/keep.yaml", Some(".gitignore:1")),
            ("secrets", Some(".gitignore:1")),
            ("apps/tls.key", Some(".gitignore:3")),
            ("apps/a.yaml", None),
        ] {
            assert_eq!(ignores.leaves_out_with_folder(path).map(Str::as_str), by, "{path}");
        }
    }
}
