//! Words that runners of CI, terminals, browsers and spreadsheets act upon, in every place that reaches an output.

use crate::runs::binary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TABLE: &str = include_str!("commands.txt");

/// What a stranger writes. Each ends in a word of its own, by which it is known again.
const WORDS: [&str; 25] = [
    "::set-output name=x::evil",
    "::error::evil",
    "x\n::add-mask::evil",
    "##vso[task.setvariable variable=x]evil",
    "##[add-mask]evil",
    "##teamcity[buildStatus text='evil']",
    "%0A::error::evil",
    "<details><summary>evil</summary>",
    "<img src=https://x/evil>",
    "` @evil <b> [a](https://x/evil) `",
    "\u{1b}[31mevil",
    "\u{1b}]8;;https://x/\u{1b}\\evil\u{1b}]8;;\u{1b}\\",
    "\u{9b}31mevil",
    "\rsection_start:1:evil\r\u{1b}[0K",
    "=cmd|'/C calc'!evil",
    "+evil",
    "-evil",
    "@evil",
    "\t=evil",
    "<script>evil</script>",
    "]]><evil/>",
    "![x](https://x/evil)",
    "`|<b>&lt;evil&#10;",
    "\u{202e}evil\u{200b}",
    "\"]; evil [label=\"",
];

/// What is run, and what its standard output is: a log, or data of which the ending tells the kind.
const RUNS: &str = "\
log pintle lint -v --statistics --explain-skips
log COLUMNS=40 pintle lint -v --explain-skips
colours pintle lint -v --explain-skips --color always
log pintle lint -o concise
github pintle lint -o github
log pintle lint -o json=$OUT/lint.json -o sarif=$OUT/sarif.json -o gitlab=$OUT/gitlab.json -o rdjson=$OUT/rdjson.json -o junit=$OUT/junit.xml -o checkstyle=$OUT/checkstyle.xml -o markdown=$OUT/lint.md -o concise=$OUT/concise.log -o github=$OUT/github.github
md pintle lint -o markdown
json pintle lint -o json
log pintle lint --diff --unsafe
log pintle secrets -v
log pintle secrets --sealed
json pintle secrets --sealed -o json
log pintle images
log COLUMNS=40 pintle images
colours pintle images --tree --color always
log pintle images -o json=$OUT/images.json -o csv=$OUT/images.csv -o markdown=$OUT/images.md -o cyclonedx=$OUT/bom.json -o table=$OUT/images.log
csv pintle images -o csv
log pintle storage
log COLUMNS=40 pintle storage
log pintle storage -o json=$OUT/storage.json -o markdown=$OUT/storage.md -o mermaid=$OUT/storage.mmd -o dot=$OUT/storage.dot -o table=$OUT/storage.log
log pintle render
log pintle render built-1; pintle render built-2; pintle render built-10
log pintle render --tree
log COLUMNS=40 pintle render --tree
json pintle render --tree --json
log pintle render --explain 'ConfigMap/built-1:data.a'
log pintle rules
log for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do pintle explain own-$n; done
log pintle rules test
log pintle baseline -o $OUT/baseline.log
log printf 'pintle.lock 1\nimage docker.io/library/nginx:1.27.3 sha256:%064d - 2026-11-20\n' 1 > pintle.lock; pintle pin --offline --dry-run; pintle pin --offline --lock-only; cat pintle.lock; rm pintle.lock
log git init -q .; git add -A -f; git commit -qm \"$COMMAND\"; git checkout -qb 'evil%0A##'; git rm -qr tokens; git commit -qm x; pintle secrets --history -v; pintle secrets --history -o concise -o json=$OUT/history.json -o sarif=$OUT/history-sarif.json -o markdown=$OUT/history.md; pintle lint -o sarif=$OUT/git-sarif.json
log pintle lint \"$COMMAND\"
log pintle explain \"$COMMAND\"
log pintle render \"$COMMAND\"
log pintle allow \"$COMMAND\" --reason x
log pintle lint -o \"$COMMAND\"
log pintle lint --select \"$COMMAND\"
log pintle lint --config \"$COMMAND\"
log pintle \"$COMMAND\"
log pintle lint --since \"$(printf '\\033[31m##[add-mask]evil')\"
";

/// What somebody types, a branch is called, and a commit says.
const COMMAND: &str = "x\n::error::evil ##[add-mask]evil \u{1b}[31mevil";

/// The files of the table, once for each word.
fn files() -> BTreeMap<PathBuf, String> {
    let mut out = BTreeMap::new();
    for (number, word) in WORDS.iter().enumerate() {
        let yaml: String = word.chars().map(escaped).collect();
        let line = word.replace(['\n', '\r'], "");
        // Of the name of a file a slash is none.
        let name = word.replace('/', "");
        let token = pintle::testing::secrets::expand("ghp_{base62*30}{crc32-base62}", number as u64);
        let fill = |text: &str| {
            let text = text.replace("«yaml»", &yaml).replace("«line»", &line).replace("«name»", &name);
            let text = text.replace("«token»", &token);
            text.replace("{N}", &number.to_string())
        };
        let mut file = PathBuf::new();
        for row in TABLE.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
            match row.split_once(' ') {
                Some(("file", path)) => file = fill(path).into(),
                Some(("|", text)) => {
                    let all: &mut String = out.entry(file.clone()).or_default();
                    all.push_str(&fill(text));
                    all.push('\n');
                }
                _ => panic!("what is `{row}`?"),
            }
        }
    }
    out
}

fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii_graphic() || c == ' ' => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    }
}

/// What an output does that no output may do.
fn wrong(kind: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: &str, line: &str| wrong.push(format!("{what}: {}", line.escape_debug()));
    for line in text.lines() {
        let plain = if kind == "colours" { uncoloured(line) } else { line.to_owned() };
        if plain.chars().any(steers) {
            say("it steers", line);
        }
        let is_own = kind == "github" && OWN.iter().any(|own| line.starts_with(own));
        if plain.trim_start().starts_with("::") && (!is_own || line[2..].contains("::evil::")) {
            say("it is a command of GitHub", line);
        }
        for (at, _) in plain.match_indices('[') {
            let before = plain[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
            if before.ends_with("##") {
                say("it is a command of a runner", line);
            }
        }
        let lower = plain.to_ascii_lowercase();
        let signs: &[&str] = match kind {
            "md" => &["<script", "<evil", "](https://x", "]]>", "<b>&", "@evil", "<img", "```"],
            "mmd" => &["<script", "<evil", "](https://x", "]]>", "<b>&", "click evil"],
            "xml" => &["<script", "<evil", "]]>", "<b>&"],
            _ => &[],
        };
        if signs.iter().any(|sign| lower.contains(sign)) {
            say("it is markup", line);
        }
        if kind == "csv" {
            let fields = fields(line);
            if fields.len() != 16 {
                say("it is no row", line);
            }
            for field in fields.iter().filter(|field| field.starts_with(['=', '+', '-', '@', '\t'])) {
                say("it is a formula", field);
            }
        }
        if kind == "dot"
            && line.contains("evil")
            && line.matches('"').count() - line.matches("\\\"").count() > 6
        {
            say("it is another attribute", line);
        }
    }
    match kind {
        "json" => match serde_json::from_str::<Value>(text) {
            Err(_) => say("it is no JSON", ""),
            Ok(json) => marked_up(&json, &mut |message| say("a message is markup", message)),
        },
        "xml" if !is_balanced(text) => say("it is no XML", ""),
        _ => {}
    }
    wrong
}

/// How lines of the output for GitHub begin.
const OWN: [&str; 6] = [
    "::error file=",
    "::warning file=",
    "::notice file=",
    "::error title=",
    "::warning title=",
    "::notice title=",
];

/// Messages of SARIF and reviewdog that whoever shows them takes for links, pictures or calls.
fn marked_up(json: &Value, say: &mut dyn FnMut(&str)) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| marked_up(item, say)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            let message = match key.as_str() {
                "message" if entries.contains_key("location") => value.as_str(),
                "message" if entries.contains_key("ruleIndex") => value["text"].as_str(),
                _ => None,
            };
            let is_markup = |text: &&str| {
                ["](https", "<script", "<evil", "<b>"].iter().any(|sign| text.contains(sign))
                    || text.match_indices("@evil").any(|(at, _)| {
                        let is_quoted = text[..at].matches('`').count() % 2 == 1 && text[at..].contains('`');
                        !is_quoted && !text[..at].ends_with(char::is_alphanumeric)
                    })
            };
            message.filter(is_markup).into_iter().for_each(&mut *say);
            marked_up(value, say);
        }),
        _ => {}
    }
}

/// Whether a terminal, or who reads, is steered by a character.
fn steers(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Without the colours that pintle writes itself.
fn uncoloured(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end.filter(|end| after[*end..].starts_with('m')) {
            Some(end) => rest = &after[end + 1..],
            None => {
                out.push('\u{1b}');
                rest = after;
            }
        }
    }
    out + rest
}

/// The fields of a row.
fn fields(row: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    let mut letters = row.chars().peekable();
    while let Some(c) = letters.next() {
        let last = out.last_mut().unwrap();
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                last.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => last.push(c),
        }
    }
    out
}

/// Whether each element ends, and none is one that pintle does not write.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for tag in text.split('<').skip(1).filter(|tag| !tag.starts_with('?')) {
        let Some((tag, after)) = tag.split_once('>') else { return false };
        if after.contains('>') || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        let name = tag.trim_end_matches('/').split(' ').next().unwrap_or_default().to_owned();
        match (name.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) if open.pop().as_deref() != Some(name) => return false,
            (None, false) => open.push(name),
            _ => {}
        }
    }
    open.is_empty()
}

#[test]
fn no_word_of_a_repository_is_a_command() {
    let home = std::env::temp_dir().join(format!("pintle-commands-{}", std::process::id()));
    let _ = fs::remove_dir_all(&home);
    let (root, out, bin) = (home.join("repo"), home.join("out"), home.join("bin"));
    for folder in [&root, &out, &bin] {
        fs::create_dir_all(folder).unwrap();
    }
    crate::planted::write(&files(), &root);
    std::os::unix::fs::symlink(binary(), bin.join("pintle")).unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    let (mut told, mut checked, mut evil) = (Vec::new(), 0, 0);
    let mut hold = |name: &str, kind: &str, text: &str| {
        checked += 1;
        evil += text.matches("evil").count();
        let wrong = wrong(kind, text);
        told.extend(wrong.iter().take(4).map(|says| format!("{name}\n    {says}")));
    };
    for row in RUNS.lines() {
        let (kind, script) = row.split_once(' ').expect("a kind, and what is run");
        let mut command = Command::new("sh");
        command.args(["-uc", script]).current_dir(&root).env_clear().env("PATH", &path).env("OUT", &out);
        command.env("COMMAND", COMMAND).env("HOME", &home);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), COMMAND).env(format!("GIT_{who}_EMAIL"), "t@t");
        }
        let ran = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(ran.stdout).expect("outputs are UTF-8");
        // Where one command writes data, others have none to say.
        hold(script, kind, &said);
        hold(&format!("{script} (errors)"), "log", &String::from_utf8(ran.stderr).expect("errors are UTF-8"));
    }
    for entry in fs::read_dir(&out).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = Path::new(&path).file_name().unwrap().to_string_lossy().into_owned();
        let kind = name.rsplit('.').next().unwrap_or_default().to_owned();
        hold(&name, &kind, &fs::read_to_string(&path).unwrap());
    }
    let _ = fs::remove_dir_all(&home);
    eprintln!("{} words, {checked} outputs, {evil} times told: {} wrong", WORDS.len(), told.len());
    assert!(evil > 2_000, "the words are told");
    assert!(told.is_empty(), "{} are acted upon:\n  {}", told.len(), told.join("\n  "));
}
