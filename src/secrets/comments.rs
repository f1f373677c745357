//! Comments over several lines, in the languages that have them.

use crate::text::File;
use std::ops::Range;

/// Files of languages in which `/*` begins a comment.
#[rustfmt::skip]
const ENDINGS: [&str; 22] = [
    "tf", "tofu", "tfvars", "hcl", "nomad", "js", "ts", "go", "java", "kt", "groovy", "c", "h", "cpp", "rs", "css", "scss", "php", "sql",
    "jsonnet", "libsonnet", "bicep",
];

/// Where a file has such comments. What is written behind a quote or a letter is the beginning of none: `"/a/*"`.
pub(super) fn blocks(file: &File) -> Vec<Range<usize>> {
    let base = file.base().trim_end_matches(".example").trim_end_matches(".sample").trim_end_matches(".dist");
    let ending = base.rsplit_once('.').map_or("", |(_, ending)| ending);
    let mut out = Vec::new();
    if !ENDINGS.contains(&ending) {
        return out;
    }
    let bytes = file.text.as_bytes();
    let mut at = 0;
    while let Some(sign) = file.text[at..].find("/*").map(|found| at + found) {
        let is_begin = sign == 0
            || matches!(bytes[sign - 1], b' ' | b'\t' | b'\n' | b'\r' | b'=' | b'(' | b'{' | b',' | b';');
        at = sign + 2;
        if is_begin {
            let Some(end) = file.text[at..].find("*/").map(|found| at + found) else { break };
            out.push(sign..end);
            at = end + 2;
        }
    }
    out
}

/// Whether a place is in one of these, which follow each other.
pub(super) fn is_in(blocks: &[Range<usize>], at: usize) -> bool {
    let next = blocks.partition_point(|block| block.start <= at);
    next > 0 && blocks[next - 1].contains(&at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    #[test]
    fn comments_begin_where_nothing_is_said() {
        for (name, text, expected) in [
            ("a.tf", "a = 1 /* b */ c", vec![" b "]),
            ("kube.tf.example", "/*\nb\n*/\n/* c */", vec!["\nb\n", " c "]),
            ("a.tf", "a = \"/b/*\"\nc = \"*/d\"", vec![]),
            ("a.tf", "/* never closed", vec![]),
            ("a.yaml", "/* b */", vec![]),
        ] {
            let file = File { id: SourceId(0), name, text };
            let found: Vec<&str> =
                blocks(&file).into_iter().map(|block| &text[block.start + 2..block.end]).collect();
            assert_eq!(found, expected, "{name}: {text}");
        }
    }
}
