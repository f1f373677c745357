//! The fenced examples of a page: small repositories with the places marked where a finding must stand.
//!
//! An example is made of the `bad` (or `good`) fences of one section; a file name that comes again begins the
//! next one. A fence with `before` is a file of the revision before, for every example of its section, and one with `registry` is what registries say. A fence with `file=` and no verdict belongs to every example of its section. A line of carets under
//! a line marks exact bytes of it and is not part of the file.

use std::ops::Range;

/// One fenced block of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fence {
    pub file: String,
    /// The text without its caret lines.
    pub text: String,
    /// The marked bytes of that text.
    pub carets: Vec<Range<usize>>,
    /// The line of the page (from 1) on which the block begins, for messages.
    pub line: usize,
}

/// What a page promises of an example.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Findings at the carets; exactly one, anywhere, if there are none.
    Bad,
    /// No finding of this rule and no problem.
    Good,
}

/// A small repository and what the rule must say of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    pub expect: Expect,
    pub files: Vec<Fence>,
    /// Files of the revision before, for rules that hold two revisions against each other.
    pub before: Vec<Fence>,
    /// What registries say, for rules that hold it against the files.
    pub registry: Vec<Fence>,
    /// What the fix must turn the file of the same name into.
    pub fixed: Vec<Fence>,
    /// The texts hold recipes to be expanded before the run.
    pub recipes: bool,
}

/// Reads the examples of a page's prose.
pub fn examples(prose: &str) -> Vec<Example> {
    let mut out: Vec<Example> = Vec::new();
    // The examples and shared files of the current section.
    let (mut section, mut shared) = (0, Shared::default());
    let mut lines = prose.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.starts_with('#') {
            share(&mut out[section..], &mut shared);
            section = out.len();
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let ticks = 3 + info.bytes().take_while(|&b| b == b'`').count();
        let close = "`".repeat(ticks);
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != close).collect();
        let words: Vec<&str> = info.trim_start_matches('`').split_whitespace().collect();
        let named = words.iter().find_map(|word| word.strip_prefix("file="));
        let file = named.map_or_else(|| default_name(words.first().copied().unwrap_or("")), str::to_string);
        let (text, carets) = marked(&body);
        let fence = Fence { file, text, carets, line: number + 1 };
        let recipes = words.contains(&"recipes");
        let verdict = if words.contains(&"bad") {
            Some(Expect::Bad)
        } else if words.contains(&"good") {
            Some(Expect::Good)
        } else {
            None
        };
        match verdict {
            Some(expect) => {
                let last = out[section..].last_mut();
                match last.filter(|last| {
                    last.expect == expect
                        && last.fixed.is_empty()
                        && !last.files.iter().any(|other| other.file == fence.file)
                }) {
                    Some(last) => {
                        last.files.push(fence);
                        last.recipes |= recipes;
                    }
                    None => out.push(Example {
                        expect,
                        files: vec![fence],
                        before: Vec::new(),
                        registry: Vec::new(),
                        fixed: Vec::new(),
                        recipes,
                    }),
                }
            }
            None if words.contains(&"fixed") => {
                if let Some(last) = out[section..].last_mut() {
                    let file = if named.is_some() { fence.file.clone() } else { last.files[0].file.clone() };
                    last.fixed.push(Fence { file, ..fence });
                }
            }
            None if words.contains(&"before") => shared.before.push(fence),
            None if words.contains(&"registry") => shared.registry.push(fence),
            None if named.is_some() => shared.files.push(fence),
            None => {}
        }
    }
    share(&mut out[section..], &mut shared);
    out
}

/// What belongs to every example of a section.
#[derive(Default)]
struct Shared {
    files: Vec<Fence>,
    before: Vec<Fence>,
    registry: Vec<Fence>,
}

fn share(examples: &mut [Example], shared: &mut Shared) {
    let shared = std::mem::take(shared);
    for example in examples.iter_mut() {
        example.files.extend(shared.files.iter().cloned());
        example.before.extend(shared.before.iter().cloned());
        example.registry.extend(shared.registry.iter().cloned());
    }
}

fn default_name(language: &str) -> String {
    match language {
        "yaml" => "example.yaml",
        "json" => "example.json",
        "dockerfile" => "Dockerfile",
        "hcl" | "terraform" => "main.tf",
        "sh" | "bash" => "script.sh",
        "env" | "dotenv" => ".env",
        "toml" => "example.toml",
        "ini" => "example.ini",
        "markdown" | "md" => "README.md",
        _ => "example.txt",
    }
    .to_string()
}

/// Takes the caret lines out of a block and turns them into byte ranges of what is left.
fn marked(body: &[&str]) -> (String, Vec<Range<usize>>) {
    let (mut text, mut carets) = (String::new(), Vec::new());
    let mut line_start = 0;
    for line in body {
        let marks = line.trim_start_matches([' ', '#', '/', '-', ';']);
        if !marks.is_empty() && marks.bytes().all(|b| matches!(b, b'^' | b' ')) && marks.contains('^') {
            let above: Vec<usize> =
                text[line_start..].char_indices().map(|(at, _)| line_start + at).collect();
            let place = |column: usize| {
                above.get(column).copied().unwrap_or_else(|| text.trim_end_matches('\n').len())
            };
            let mut open = None;
            for (column, c) in line.chars().chain([' ']).enumerate() {
                match (c, open) {
                    ('^', None) => open = Some(column),
                    ('^', _) => {}
                    (_, Some(from)) => {
                        carets.push(place(from)..place(column));
                        open = None;
                    }
                    _ => {}
                }
            }
            continue;
        }
        line_start = text.len();
        text.push_str(line);
        text.push('\n');
    }
    (text, carets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_become_repositories() {
        let prose = "# T\ntext\n```yaml bad file=a.yaml\nx: ключ y\n#       ^\n```\n```yaml bad file=b.yaml\nz: 1\n```\n```yaml bad file=a.yaml\nq: 1\n```\n```yaml file=shared.yaml\ns: 1\n```\n## Good\n```yaml good\nx: 1\n```\n```sh\nnot an example\n```\n";
        let found = examples(prose);
        let names: Vec<Vec<&str>> =
            found.iter().map(|e| e.files.iter().map(|f| f.file.as_str()).collect()).collect();
        assert_eq!(
            names,
            [vec!["a.yaml", "b.yaml", "shared.yaml"], vec!["a.yaml", "shared.yaml"], vec!["example.yaml"]]
        );
        assert_eq!(&found[0].files[0].text[found[0].files[0].carets[0].clone()], "y");
        assert_eq!((found[0].expect, found[2].expect), (Expect::Bad, Expect::Good));
    }
}
