//! `.helmignore`: which files of a folder are no part of its chart. Helm's rules are not git's, and its surprises are
//! kept: the first line that fits decides, and a line with `!` leaves out everything that it does not fit.

use crate::syntax::glob::Glob;
use std::collections::HashMap;

/// The lines of one `.helmignore`, and the one that helm adds to all.
#[derive(Debug, Default)]
pub(super) struct Rules {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    pattern: Glob,
    negated: bool,
    folders_only: bool,
    /// The pattern is about the whole name, from the root of the chart on.
    whole: bool,
}

/// Files whose names begin with a dot are no templates.
const DEFAULT: &str = "templates/.?*";

impl Rules {
    /// Reads the lines of a file; an error for a line that helm refuses, told with where it begins.
    pub(super) fn read(text: &str) -> Result<Rules, (usize, String)> {
        let mut rules = Rules::default();
        let mut at = 0;
        for line in text.trim_start_matches('\u{feff}').split_inclusive('\n') {
            rules.add(line).map_err(|says| (at, says))?;
            at += line.len();
        }
        rules.add(DEFAULT).map_err(|says| (0, says))?;
        Ok(rules)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err(format!("`{line}`: helm does not know `**`"));
        }
        let none = || format!("`{line}` is no pattern");
        Glob::read(line).ok_or_else(none)?;
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let whole = line.contains('/');
        let pattern = Glob::read(line.strip_prefix('/').unwrap_or(line)).ok_or_else(none)?;
        self.lines.push(Line { pattern, negated, folders_only, whole });
        Ok(())
    }

    /// Whether a name, relative to the chart, is left out.
    fn leaves_out(&self, name: &str, is_folder: bool) -> bool {
        let base = name.rsplit('/').next().unwrap_or(name);
        for line in &self.lines {
            let fits = line.pattern.fits_path(if line.whole { name } else { base });
            let is_meant = is_folder || !line.folders_only;
            match line.negated {
                true if !(is_meant && fits) => return true,
                false if is_meant && fits => return true,
                _ => {}
            }
        }
        false
    }

    /// The names that are part of the chart: neither they nor a folder that holds them is left out.
    pub(super) fn taken<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
        let mut folders: HashMap<&str, bool> = HashMap::new();
        let mut is_taken = |name: &'n str| {
            let ends = name.match_indices('/').map(|(at, _)| at);
            let is_out = ends.into_iter().any(|at| {
                let folder = &name[..at];
                *folders.entry(folder).or_insert_with(|| self.leaves_out(folder, true))
            });
            !is_out && !self.leaves_out(name, false)
        };
        names.filter(|name| is_taken(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_helms() {
        for (rules, taken) in [
            ("", "Chart.yaml a/b.md a/c.txt templates/x.yaml z.md"),
            ("*.md", "Chart.yaml a/c.txt templates/x.yaml"),
            ("/*.md", "Chart.yaml a/b.md a/c.txt templates/x.yaml"),
            ("a/", "Chart.yaml templates/x.yaml z.md"),
            ("a", "Chart.yaml templates/x.yaml z.md"),
            ("/a/b.md", "Chart.yaml a/c.txt templates/x.yaml z.md"),
            ("b.md/", "Chart.yaml a/b.md a/c.txt templates/x.yaml z.md"),
            ("!*.md", "z.md"),
            ("# *\n  \n*.t?t", "Chart.yaml a/b.md templates/x.yaml z.md"),
            ("[a-y].md", "Chart.yaml a/c.txt templates/x.yaml z.md"),
        ] {
            let rules = Rules::read(rules).expect("they are rules");
            let names = ["Chart.yaml", "a/b.md", "a/c.txt", "templates/.x", "templates/x.yaml", "z.md"];
            assert_eq!(rules.taken(names.into_iter()).join(" "), taken, "{rules:?}");
        }
        assert_eq!(Rules::read("x\n**/y").expect_err("helm refuses it").0, 2);
        assert!(Rules::read("[a").is_err());
    }
}
