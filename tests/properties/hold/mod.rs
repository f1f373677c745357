//! What must hold for any input, one function for each fuzz target: it panics where something does not. The fuzz targets in
//! `fuzz/` and the seeded tests beside this folder both call these.
#![allow(dead_code, clippy::disallowed_methods, clippy::unwrap_used)] // each of the two uses a part of it

mod engine;
pub mod formats;
#[cfg(feature = "cli")]
mod git;
mod places;
mod planted;
pub mod samples;
mod seeds;
mod small;
mod templates;
mod xml;

use pintle::Book;
use std::sync::LazyLock;

/// One kind of input and what must hold for it.
pub struct Target {
    pub name: &'static str,
    pub hold: fn(&[u8]),
    /// Texts to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What is put in by chance.
    pub words: &'static [&'static str],
    /// How many broken texts a test tries: some are whole repositories.
    pub steps: usize,
}

pub const TARGETS: &[Target] = &[
    Target { name: "yaml", hold: small::yaml, seeds: seeds::yaml, words: YAML, steps: 2_000 },
    Target {
        name: "dockerfile",
        hold: formats::dockerfile,
        seeds: seeds::dockerfile,
        words: DOCKERFILE,
        steps: 1_000,
    },
    Target { name: "hcl", hold: formats::hcl, seeds: seeds::hcl, words: HCL, steps: 1_000 },
    Target {
        name: "references",
        hold: small::references,
        seeds: seeds::references,
        words: REFERENCES,
        steps: 4_000,
    },
    Target {
        name: "kustomize",
        hold: engine::kustomize,
        seeds: seeds::kustomize,
        words: KUSTOMIZE,
        steps: 200,
    },
    Target {
        name: "templates",
        hold: templates::templates,
        seeds: seeds::templates,
        words: TEMPLATES,
        steps: 1_000,
    },
    Target { name: "pages", hold: engine::pages, seeds: seeds::pages, words: PAGES, steps: 150 },
    Target {
        name: "configuration",
        hold: engine::configuration,
        seeds: seeds::configuration,
        words: CONFIGURATION,
        steps: 200,
    },
    Target { name: "compose", hold: engine::compose, seeds: seeds::compose, words: COMPOSE, steps: 200 },
    Target { name: "secrets", hold: small::secrets, seeds: seeds::secrets, words: SECRETS, steps: 1_000 },
    Target { name: "outputs", hold: engine::outputs, seeds: seeds::outputs, words: OUTPUTS, steps: 25 },
    #[cfg(feature = "cli")]
    Target { name: "git", hold: git::git, seeds: git::seeds, words: &[], steps: 2_000 },
];

/// Holds what a target of that name holds.
pub fn hold(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    // Stacks are as deep as those of a run.
    ONE.install(|| (target.hold)(bytes));
}

/// The rules, made once.
static BOOK: LazyLock<Book> = LazyLock::new(|| Book::built_in().0);

static ONE: LazyLock<rayon::ThreadPool> = LazyLock::new(|| pool(1));
static MANY: LazyLock<rayon::ThreadPool> = LazyLock::new(|| pool(4));

fn pool(threads: usize) -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(8 << 20);
    pool.build().expect("a pool of threads")
}

/// The text of the bytes, if they are one.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Many files in one text: a line `=== name` begins each. What is before the first is a file of the name given.
fn files(text: &str, first: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let (mut name, mut body) = (first.to_owned(), String::new());
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(next) => {
                files.push((std::mem::replace(&mut name, below(next)), std::mem::take(&mut body)));
            }
            None => body.push_str(line),
        }
    }
    files.push((name, body));
    // Of a text that begins with a name nothing is before it.
    files.retain(|(name, body)| name != first || !body.is_empty());
    files.truncate(12);
    files
}

/// A name as the doors hand them in: below the root, without steps back.
fn below(name: &str) -> String {
    let steps = name.trim_end_matches(['\r', '\n']).split('/');
    let steps: Vec<&str> = steps.filter(|step| !["", ".", ".."].contains(step)).collect();
    if steps.is_empty() { "x".into() } else { steps.join("/") }
}

/// The files as one text.
pub fn joined<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut out = String::new();
    for (name, body) in files {
        out += &format!("=== {name}\n{body}");
        out += if body.ends_with('\n') { "" } else { "\n" };
    }
    out.into_bytes()
}

const YAML: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\t",
    "  ",
    ": ",
    "- ",
    "? ",
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
    "!!binary ",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "{{ x }}",
    "{{",
    "}}",
    "${X:-a}",
    "ж",
    "\u{feff}",
    "\0",
    "~",
    "\\u00e9",
    "\\ud83d",
];
const DOCKERFILE: &[&str] = &[
    "FROM ",
    "ARG ",
    " AS ",
    "\n",
    "\\\n",
    "${A:-b}",
    "$A",
    "COPY --from=",
    "RUN <<EOF\n",
    "EOF\n",
    "# escape=`\n",
    "# syntax=x\n",
    "--mount=type=bind,from=a ",
    "--platform=$P ",
    "ENV ",
    "ONBUILD ",
    "\"",
    "'",
    "[\"a\"]",
    "\t",
    "ü",
    "${A:+${B:?c}}",
    "${A##*:}",
    "\r",
    "apt-get install ",
];
const HCL: &[&str] = &[
    "variable \"a\" {\n",
    "}\n",
    "locals {\n",
    "resource \"a\" \"b\" {\n",
    "${var.a}",
    "${",
    "}",
    "%{ if x }",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    " = ",
    "\"",
    "[",
    "]",
    "{",
    "\\",
    "# x\n",
    "/*",
    "*/",
    "image",
    "default = ",
    "jsonencode(",
    ")",
    "for x in y : ",
    "ü",
    "\n",
    "var.a",
    "local.a",
    "module \"m\" {\n",
    "source = \"./a\"\n",
    "\\u{1}",
    "=== b.tf\n",
];
const REFERENCES: &[&str] = &[
    "/",
    ":",
    "@",
    "sha256:",
    "latest",
    "${A}",
    "${A:-b}",
    "{{ x }}",
    ".",
    "-",
    "docker.io/",
    "[::1]:",
    ":5000/",
    "ü",
    "_",
    "1.2.3",
];
const KUSTOMIZE: &[&str] = &[
    "=== base/kustomization.yaml\n",
    "=== a.yaml\n",
    "resources:\n",
    "- ",
    "patches:\n",
    "patch: |-\n",
    "$patch: delete\n",
    "$patch: replace\n",
    "op: replace\n",
    "path: /spec/a/0\n",
    "path: ",
    "~1",
    "target: {kind: Deployment}\n",
    "images:\n",
    "newTag: ",
    "digest: ",
    "namePrefix: a-\n",
    "namespace: b\n",
    "configMapGenerator:\n",
    "replacements:\n",
    "components:\n",
    "../base\n",
    "${A:-b}",
    "replicas:\n",
    "labels:\n",
    "helmCharts:\n",
    "*a",
    "&a ",
    "---\n",
    "{}",
    "[]",
    "fieldPaths: [spec.a.[name=b].c]\n",
    "options: {delimiter: ':', index: 1}\n",
    "kind: List\nitems:\n",
    "name: a\n",
    "postBuild: {substitute: {A: b}}\n",
    "kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\n",
];
const TEMPLATES: &[&str] = &[
    "{{ ",
    " }}",
    "{{- ",
    " -}}",
    "{{ end }}",
    "{{ if .a }}",
    "{{ else }}",
    "{{ range $i, $x := .a }}",
    "{{ with .b }}",
    "{{ define \"x\" }}",
    "{{ template \"x\" . }}",
    "{{ include \"x\" . }}",
    "{{ tpl .a . }}",
    " | ",
    "nindent 4",
    "toYaml",
    "fromYaml",
    "printf \"%v\" ",
    "repeat 9 ",
    "until 9",
    "regexReplaceAll \"(a)\" . \"$1\"",
    "index . 1",
    "slice ",
    "dict \"a\" 1",
    "list 1 2",
    "$x := ",
    ".Values.a",
    "$.Values",
    "(",
    ")",
    "\"",
    "`",
    "/* x */",
    "{{ break }}",
    "{{ block \"a\" . }}",
    "merge ",
    "mustMergeOverwrite ",
    "trunc -3",
    "substr 1 9 ",
    "b64enc",
    "sha256sum",
    "semverCompare \"^1\" ",
    "eq ",
    "and ",
    "default ",
    "required \"x\" ",
    "fail \"x\"",
    "lookup \"v1\" \"a\" \"b\" \"c\"",
    "=== b.tpl\n",
    "splitList \"a\" ",
    "ü",
    "-9223372036854775808",
];
const PAGES: &[&str] = &[
    "---\n",
    "id: a\n",
    "severity: error\n",
    "about: image\n",
    "when:\n",
    "  - pin: latest\n",
    "  - tag: {matches: 'a'}\n",
    "{glob: '*'}",
    "{one-of: [a, b]}",
    "{less-than: 3}",
    "{not: absent}",
    "point: tag\n",
    "says: \"`{text}`\"\n",
    "help: x\n",
    "tokens:\n",
    "  - pattern: 'a'\n",
    "```yaml bad file=a.yaml\n",
    "```\n",
    "# A\n",
    "#   ^^^\n",
    "((",
    ")*",
    "{1,9}",
    "\\p{L}",
    "[^",
    "]",
    "since: 0.1.0\n",
    "note-when:\n",
    "row: x\n",
    "fix: x\n",
    "{",
    "}",
];
const CONFIGURATION: &[&str] = &[
    "rules:\n",
    "exclude: ",
    "include: ",
    "allow:\n",
    "- rule: image-latest\n",
    "paths: ['**']\n",
    "reason: x\n",
    "until: 2020-01-01\n",
    "overrides:\n",
    "images:\n",
    "mirrors:\n",
    "moving-tags: ",
    "immutable-tags: ",
    "storage:\n",
    "engines:\n",
    "preset: strict\n",
    "[",
    "]",
    "{",
    "}",
    "*",
    "**/",
    "[!a-",
    "\\",
    "(a|",
    "places:\n",
    "=== baseline\n",
    "=== a.yaml\n",
    "{a,b}",
    "?",
    "&a ",
    "*a",
];
const COMPOSE: &[&str] = &[
    "services:\n",
    "  a:\n",
    "image: ",
    "${A}",
    "${A:-b}",
    "${A:?x}",
    "${A-${B:+c}}",
    "$$",
    "=== .env\n",
    "A=b\n",
    "A=$B$B\n",
    "B=$A$A\n",
    "export ",
    "'",
    "\"",
    "=== compose.override.yaml\n",
    "extends: {service: a, file: b.yaml}\n",
    "build: {args: {A: b}, context: .}\n",
    "env_file: .env\n",
    "volumes:\n",
    "<<: *a\n",
    "&a ",
    "*a",
    "x-a: ",
    "=== Dockerfile\nFROM $A\n",
    "include: [b.yaml]\n",
    "\\",
    "ARG A\n",
    "profiles: [x]\n",
];
const SECRETS: &[&str] = &[
    "apiVersion: v1\nkind: Secret\n",
    "stringData:\n  ",
    "data: {",
    "password",
    ": ",
    "=",
    "\"",
    "'",
    "\n",
    "  ",
    "- ",
    "://",
    "@",
    "-----BEGIN ",
    "PRIVATE KEY-----\n",
    "-----END ",
    "docker login -p ",
    "${",
    ":-",
    "}",
    "{{",
    "ENC[AES256_GCM,data:",
    "sops:\n  mac: x\n",
    "ä",
    "eyJ",
    "ghp_",
    "AKIA",
    "variable \"token\" {",
    "<<EOT\n",
    "curl -u a:",
    "Authorization: Basic ",
    "IDENTIFIED BY '",
    "\\",
    "\t",
    "auths",
    "!vault ",
    "PLANTED0",
    "PLANTED1",
    "PLANTED2",
    "PLANTED3",
    "=== .env\n",
    "=== a.tf\n",
    "=== a.sh\n",
    "=== a.md\n",
    "=== .netrc\n",
    "%41",
    "\\x41",
    "aGVsbG8=",
];
const OUTPUTS: &[&str] = &[
    "PLANTED0",
    "PLANTED1",
    "PLANTED2",
    "PLANTED3",
    "=== Dockerfile\n",
    "=== a.yaml\n",
    "=== b/compose.yaml\n",
    "=== .env\n",
    "=== kustomization.yaml\n",
    "=== <a>&\".yaml\n",
    "=== ::error::\n",
    "image: ",
    "name: ",
    "FROM ",
    "ARG A=",
    "${A}",
    "# pintle: allow image-latest (x)\n",
    "\u{1b}[31m",
    "\u{202e}",
    "]]>",
    "<!--",
    "&amp;",
    "|",
    "`",
    "\\",
    "\"",
    "'",
    "%0A",
    "\r",
    "\0",
    "password: ",
    "\u{fffe}",
    "\u{85}",
    "\u{2028}",
    "---\n",
    "apiVersion: v1\nkind: ",
    ": ",
    "- ",
    "[a](b)",
    "*a",
    "&a ",
];
