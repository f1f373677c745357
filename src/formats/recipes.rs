//! Commands in scripts, workflows and documents that lead to wrong pins. Markdown is read in its shell blocks only.

use super::{Desk, Format, Read, tell};
use crate::facts::{Fact, Recipe};
use crate::text::{File, Origin, Part, Span};
use std::ops::Range;

pub(super) const FORMAT: Format =
    Format { name: "recipes", words: &[CONFIG_DIGEST], wants, read: Read::Text(read) };

/// What prints the digest of an image's configuration, which no registry serves as an image.
const CONFIG_DIGEST: &str = ".config.digest";

fn wants(file: &File) -> bool {
    is_shell(file.base()) && file.has(CONFIG_DIGEST)
}

fn is_shell(base: &str) -> bool {
    const ENDS: [&str; 12] =
        ["sh", "bash", "zsh", "fish", "yml", "yaml", "md", "markdown", "mk", "just", "j2", "tmpl"];
    const NAMES: [&str; 5] = ["Makefile", "GNUmakefile", "justfile", "Justfile", ".envrc"];
    match base.rsplit_once('.') {
        Some((_, end)) => ENDS.contains(&end) || NAMES.contains(&base) || base.starts_with("Dockerfile"),
        None => true,
    }
}

fn read(desk: &mut Desk) {
    let text = desk.file.text;
    let is_markdown = desk.file.base().ends_with(".md") || desk.file.base().ends_with(".markdown");
    let whole = 0..text.len();
    let blocks = if is_markdown { fences(text) } else { Vec::from([whole]) };
    let owner = tell::owner(desk, FORMAT.name, "script", "");
    for block in blocks {
        for (at, _) in text[block.clone()].match_indices(CONFIG_DIGEST) {
            let at = block.start + at;
            let command = command(text, at, &block);
            let said = text[command].to_ascii_lowercase();
            let is_comment =
                text[..at].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'));
            // Of a manifest; a container's own inspection has other uses for it.
            if is_comment
                || !["manifest", "imagetools", "skopeo", "regctl"].iter().any(|word| said.contains(word))
            {
                continue;
            }
            let span = Span::new(desk.file.id, at, at + CONFIG_DIGEST.len());
            let part = Part::new(CONFIG_DIGEST, Origin::verbatim(span));
            let fact = Fact {
                origin: part.origin.clone(),
                says: Recipe { kind: "config-digest", text: part },
                path: "command".into(),
                owner: owner.clone(),
            };
            desk.facts.recipes.push(fact);
        }
    }
}

/// The lines of the command that holds the byte at `at`: a line goes on behind a backslash, a pipe or an `&&`.
fn command(text: &str, at: usize, within: &Range<usize>) -> Range<usize> {
    let goes_on = |line: &str| ["\\", "|", "&&"].iter().any(|sign| line.trim_end().ends_with(sign));
    let line_start =
        |at: usize| text[within.start..at].rfind('\n').map_or(within.start, |found| within.start + found + 1);
    let line_end = |at: usize| text[at..within.end].find('\n').map_or(within.end, |found| at + found);
    let (mut start, mut end) = (line_start(at), line_end(at));
    while start > within.start && goes_on(&text[line_start(start - 1)..start - 1]) {
        start = line_start(start - 1);
    }
    while end < within.end && goes_on(&text[line_start(end)..end]) {
        end = line_end(end + 1);
    }
    start..end
}

/// The insides of the fenced blocks of a Markdown text that hold shell, or do not say what they hold.
fn fences(text: &str) -> Vec<Range<usize>> {
    const SHELLS: [&str; 7] = ["", "sh", "bash", "shell", "console", "zsh", "shell-session"];
    let mut out = Vec::new();
    let mut open: Option<(&str, bool, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let start = at;
        at += line.len();
        let len = content.bytes().take_while(|b| matches!(b, b'`' | b'~')).count();
        match open {
            None if len >= 3 => {
                let language = content[len..].split([' ', '{', ',']).next().unwrap_or("");
                open = Some((&content[..len], SHELLS.contains(&language), at));
            }
            Some((fence, is_shell, from)) if content.len() == len && content.starts_with(fence) => {
                if is_shell {
                    out.push(from..start);
                }
                open = None;
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::run;

    #[test]
    fn the_digest_of_a_configuration_is_seen() {
        for (name, text, expected) in [
            ("a.sh", "d=$(docker manifest inspect x | jq -r '.config.digest')\n", 1),
            ("a.sh", "curl -s https://r/v2/x/manifests/1 | \\\n  jq -r .config.digest\n", 1),
            ("a.sh", "jq -r .config.digest <(\n  cat x)\n", 0),
            ("a.sh", "# curl manifests | jq .config.digest\n", 0),
            ("run", "crane manifest x |\njq .config.digest | \\\n cat\n", 1),
            (".github/workflows/a.yml", "run: |\n  echo \"$MANIFEST\" | jq -r .config.digest\n", 1),
            (
                "a.md",
                "Use manifests and `.config.digest`.\n```bash\ncurl m/manifests/1 | jq .config.digest\n```\n```yaml\na: manifest .config.digest\n```\n",
                1,
            ),
            ("a.go", "manifest.config.digest", 0),
        ] {
            let desk = run(&FORMAT, name, text);
            assert_eq!(desk.facts.recipes.len(), expected, "{text}");
            for fact in &desk.facts.recipes {
                assert_eq!(&text[fact.origin.span().range()], CONFIG_DIGEST);
            }
        }
    }
}
