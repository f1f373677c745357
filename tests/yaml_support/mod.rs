//! What the YAML tests share: texts to try, a seeded source of chance, and ways to break a text.
#![allow(dead_code, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

#[path = "../skipped/mod.rs"]
pub(crate) mod skipped;

use std::path::Path;

/// A text with a name to call it by.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Every YAML and JSON file of `fixtures/`, of the directory in `PINTLE_CORPORA`, and the hard cases.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = HARD
        .iter()
        .enumerate()
        .map(|(at, text)| Sample { name: format!("hard case {at}"), text: (*text).into() })
        .collect();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")), &mut samples);
    match std::env::var_os("PINTLE_CORPORA") {
        Some(directory) => collect(Path::new(&directory), &mut samples),
        None => skipped::skipped("real files; name a directory of them in PINTLE_CORPORA"),
    }
    samples
}

fn collect(directory: &Path, samples: &mut Vec<Sample>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() && entry.file_name() != ".git" {
            collect(&path, samples);
        } else if kind.is_file()
            && path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
        {
            let Ok(bytes) = std::fs::read(&path) else { continue };
            if bytes.len() < 2_000_000 {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                samples.push(Sample { name: path.display().to_string(), text });
            }
        }
    }
}

/// The pieces between lines that begin with `---`, as the cluster's tools cut a file.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, _) in text.match_indices("\n---") {
        if text[at + 4..].starts_with([' ', '\t', '\n', '\r']) || at + 4 == text.len() {
            pieces.push(&text[start..at + 1]);
            start = at + 1;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Numbers by chance, the same ones from the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // SplitMix64: every seed is a good seed.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}

/// A window of a text, broken at a few places.
pub(crate) fn mutate(text: &str, chance: &mut Chance) -> String {
    let boundary =
        |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let start = boundary(text, chance.below(text.len().saturating_sub(600)));
    let start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut out = text[start..boundary(text, start + 100 + chance.below(700))].to_owned();
    for _ in 0..1 + chance.below(4) {
        let from = boundary(&out, chance.below(out.len() + 1));
        let to = boundary(&out, from + chance.below(12)).max(from);
        match chance.below(5) {
            0 => out.replace_range(from..to, ""),
            1 => {
                let piece = out[from..to].to_owned();
                out.insert_str(to, &piece);
            }
            2 => out.truncate(from),
            _ => out.insert_str(from, SNIPPETS[chance.below(SNIPPETS.len())]),
        }
    }
    out
}

const SNIPPETS: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "# x\u{2029}",
    "\t",
    " ",
    "  ",
    ":",
    ": ",
    "- ",
    "-",
    "? ",
    "#",
    " # x",
    "'",
    "\"",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">",
    "|-\n",
    ">+\n",
    "|2\n",
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "<<: ",
    "---\n",
    "\n---\n",
    "...\n",
    "%YAML 1.1\n",
    "{{ x }}",
    "{{",
    "}}",
    "ж",
    "\u{feff}",
    "\0",
    "\u{7}",
    "~",
    "null",
    "x: y\n",
    "\n\n",
    "@",
    "`",
    "\\u00e9",
    "''",
    "\"\"",
];

/// Texts at which readers disagree, break or are tempted to guess.
pub(crate) const HARD: &[&str] = &[
    "",
    "a: 1\n",
    "# only a remark\n",
    "---\n",
    "--- a\n--- b\n",
    "--- |\n  x\n--- >-\n  y\n  z\n",
    "...\n---\na: 1\n...\n",
    "%YAML 1.1\n---\na: 1\n",
    "\u{feff}a: 1\nb: 2\n",
    "---\n\u{feff}a: 1\n",
    "a: 1\r\nb:\r\n  - c\r\n  - |\r\n    d\r\n    e\r\n",
    "a: 1\rb: 2\r",
    "a:\t1\n",
    "a:\n\tb: 1\n",
    "a: 'x\ny'\nb: \"x\ny\"\n",
    "a:\n  message: 'one\n  two'\n",
    "a: 'it''s'\nb: 'two\n\n  lines ''and'' more'\n",
    "a: \"\\x41\\u00e9\\U0001f600\\n\\t\\\"\\\\\\/\\e\\0\\_\\N\\L\\P\"\n",
    "a: \"one \\\n   two\\\n\n  three \\ four\"\n",
    "a: \"\\ud83d\\ude00\"\n",
    "a: \"  lead\n   \n  trail  \"\n",
    "a: one\n  two\n\n  three # remark\nb: x#y\n",
    "a: |\n  x\n   y\n\n  z\n\nb: 1\n",
    "a: |+\n  x\n\n\nb: |-\n  y\n\nc: |\n  z",
    "a: >\n  one\n  two\n\n  three\n   indented\n\n   more\n  four\n",
    "a: >+\n\n  one\n\n\n",
    "a: |2\n   x\n  y\nb: |1-\n  z\n",
    "a: | # remark\n  x\n",
    "a: |\n\n\n  x\n",
    "a: |\n  \n   \n  x\n",
    "a: |\nb: >\nc: |+\n\nd: 1\n",
    "- |\n x\n- >\n y\n",
    "a:\n- b\n- c: 1\n  d: 2\n- - e\n  - f\n-\n  - g\nh: i\n",
    "- - - a\n    - b\n  - c\n- d\n",
    "- a: b\n  c:\n  - d\n  -\n- \n-\n",
    "a: {b: c, d: [e, f: g, \"h\":1, 'i': 2], j: {}, k: []}\n",
    "a: [\n  b,\n# remark\n  c, # more\n]\nd: {\n}\n",
    "a: [b\n  c, 'd\n  e']\n",
    "{\"a\": [1, 2.5, true, null, \"x\"], \"b\": {\"c\": {}}}\n",
    "{a: , b: , c}\n",
    "[a, b, ]\n",
    "[a, , b]\n",
    "{a:b, c: d}\n",
    "{url: http://x?y=1}\n",
    "a: b: c\n",
    "a: b\n c: d\n",
    "a: b\n  c\n d\n",
    "a:\n    b: 1\n  c: 2\n",
    "- a\nb: c\n",
    "a: 1\n- b\n",
    "a\nb\nc\n",
    "a: 'x' y\n",
    "a: [b] c\n",
    "a: @b\n",
    "a: `b\n",
    "a: %b\n",
    "a: -\nb: - c\n",
    "a: -1\nb: ?x\nc: :y\nd: a:b\n",
    "? a\n: b\n? c\n? - d\n: - e\n",
    "? |\n  a\n: b\n",
    "&a a: &b b\nc: *b\n*a : d\n",
    "a: &x\n  b: 1\nc: *x\nd: &y [1]\ne: &z\n- 1\nf: *z\n",
    "a: &x !!map\n  b: 1\nc: !!str\nd: !!int 3\ne: ! x\nf: !local y\ng: !<tag:x> z\n",
    "&m\na: 1\n",
    "--- !t\na: 1\n",
    "a: *nope\n",
    "a: &x [*x]\n",
    "base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\nd:\n  <<: [*b, {z: 1}]\n",
    "a: 1\na: 2\n",
    "a: ~\nb: null\nc:\nd: ''\n~: e\n",
    "on: yes\ny: n\n1: 2\n1.5: x\n",
    "ключ: значение # 注釈\n\"ж\": 'é'\n",
    "a: \0\n",
    "a: \u{7}\n",
    "a: 1\n---\nb: [\n---\nc: 3\n",
    "a: \"x\n---\ny\"\n",
    "a: b #c\nd: e#f\ng: 'h'#i\n",
    "a:   \n  b  :   c   \n",
    "'a': 1\n\"b\" : 2\n[c]: 3\n",
    "a: {{ .Values.x }}\nb: \"{{ .Values.y }}:1\"\nc:\n  {{- toYaml .z | nindent 2 }}\n",
    "a: |\n  {{- if .x }}\n  y\n{{- end }}\n  z\n",
    "{{- if .x }}\na: 1\n{{- else }}\na: 2\n{{- end }}\n",
    "a: {{ f\n  g }}\nb: 1\n",
    "key: - a\n",
    "a: \"unclosed\n",
    "a: 'unclosed\n",
    "a: [1, 2\nb: 3\n",
    "\ta: 1\n",
    "a: 1\n\t\nb: 2\n",
    "a: x\n\ty\n",
    "  a: 1\n  b: 2\n",
    "  a: 1\nb: 2\n",
    "a: 1 \n  \n   # deep remark\nb: 2\n",
    "-\n a: 1\n b: 2\n-\n c\n",
    "a: !!binary |\n  aGk=\n",
    "a: 'x'\n  \n",
    "|\n a\n",
    "'a\n b'\n",
    "a: &b\nc: d\n",
    "- &a\n- !!str\n- x\n",
    "[&a , !!str , x]\n",
    "a: {b: {c: {d: [[[1]]]}}}\n",
];
