//! What `docs/` and the README say is so: the reference of the configuration is written from the table of keys, links
//! lead somewhere, configurations that are shown are read, and options that are shown exist.
//!
//! `PINTLE_BLESS=1 cargo test --test docs` writes the reference anew; the diff is the review.
#![allow(clippy::disallowed_methods)] // a test reads the documentation and runs the binary

use pintle::testing::{KEYS, Key, Shape, yaml};
use pintle::{Book, Config, SourceId};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Commands that are spoken of and are not there yet.
const PLANNED: [&str; 0] = [];

const REFERENCE: &str = "docs/configuration.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and the pages in `docs/`, with their text.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).expect("the documentation");
    let mut paths: Vec<PathBuf> = docs.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.extend(
        ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"]
            .map(|name| root().join(name)),
    );
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a page of the documentation");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn the_reference_says_what_the_table_of_keys_says() {
    let (path, text) = (root().join(REFERENCE), reference());
    if std::env::var_os("PINTLE_BLESS").is_some() {
        fs::write(&path, &text).expect("the reference can be written");
    }
    let held = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert!(held == text, "{REFERENCE} is out of date: PINTLE_BLESS=1 cargo test --test docs writes it anew");
}

#[test]
fn the_schemas_that_are_published_are_those_of_the_program() {
    for name in ["config", "report", "diff", "images", "storage", "pin", "rule"] {
        // Where no repository is, no rules of its own are.
        let home = std::env::temp_dir().join(format!("pintle-schema-{}", std::process::id()));
        fs::create_dir_all(&home).expect("a folder");
        let run =
            Command::new(env!("CARGO_BIN_EXE_pintle")).args(["schema", name]).current_dir(&home).output();
        let run = run.expect("the binary runs");
        let _ = fs::remove_dir_all(&home);
        assert!(run.status.success(), "{name}: {run:?}");
        let path = root().join(format!("docs/schema/{name}.json"));
        if std::env::var_os("PINTLE_BLESS").is_some() {
            fs::create_dir_all(root().join("docs/schema")).expect("a folder");
            fs::write(&path, &run.stdout).expect("the schema can be written");
        }
        let held = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
        let is_same = held.as_bytes() == run.stdout;
        assert!(
            is_same,
            "docs/schema/{name}.json is out of date: PINTLE_BLESS=1 cargo test --test docs writes it anew"
        );
        assert!(serde_json::from_str::<serde_json::Value>(&held).is_ok(), "{name} is JSON");
    }
}

#[test]
fn links_lead_somewhere() {
    let (mut dead, mut seen) = (Vec::new(), 0);
    for (page, text) in pages() {
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or(target);
            if file.is_empty() || file.contains("://") {
                continue;
            }
            seen += 1;
            if !page.parent().expect("a page is in a folder").join(file).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(seen > 10, "the links were not found");
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn configurations_that_are_shown_are_read() {
    let (book, _) = Book::built_in();
    let mut seen = 0;
    for (page, text) in pages() {
        for fence in text.split("```yaml file=.pintle.yaml\n").skip(1) {
            let shown = fence.split("```").next().unwrap_or(fence);
            let (_, problems) = Config::read(SourceId(0), shown, &book.ids());
            assert_eq!(problems, [], "{}:\n{shown}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 3 + KEYS.len(), "the configurations were not found");
}

#[test]
fn yaml_that_is_shown_can_be_read() {
    let mut seen = 0;
    for (page, text) in pages() {
        for fence in text.split("\n```yaml\n").skip(1) {
            let shown = fence.split("```").next().unwrap_or(fence);
            assert_eq!(yaml::read(SourceId(0), shown).problems, [], "{}:\n{shown}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 8, "the examples were not found");
}

#[test]
fn commands_that_are_shown_exist() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (page, text) in pages() {
        let shown = code(&text).into_iter().filter_map(|piece| {
            let words =
                piece.trim().trim_start_matches("$ ").trim_start_matches("- ").strip_prefix("pintle ")?;
            Some(
                words
                    .split('|')
                    .next()
                    .unwrap_or(words)
                    .split_whitespace()
                    .map(str::to_string)
                    .collect::<Vec<_>>(),
            )
        });
        for words in shown {
            let Some(command) = words.first() else { continue };
            let told = help(command);
            seen += 1;
            if PLANNED.contains(&command.as_str()) {
                assert_eq!(told, None, "`pintle {command}` is there: take it out of PLANNED");
                continue;
            }
            let options = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
            let unknown = options.map(|word| word.split('=').next().unwrap_or(word)).find(|option| {
                told.as_deref()
                    .is_some_and(|told| !told.split([' ', ',', '[', '\n']).any(|word| word == *option))
            });
            if told.is_none() || unknown.is_some() {
                wrong.push(format!("{}: pintle {}", page.display(), words.join(" ")));
            }
        }
    }
    assert!(seen > 15, "the commands were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines of fences, and what stands between backticks.
fn code(text: &str) -> Vec<&str> {
    let (mut out, mut inside) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            out.push(line);
        } else {
            out.extend(line.split('`').skip(1).step_by(2));
        }
    }
    out
}

/// What a command says of itself; nothing if there is no such command.
fn help(command: &str) -> Option<String> {
    let run = Command::new(env!("CARGO_BIN_EXE_pintle"))
        .args([command, "--help"])
        .output()
        .expect("the binary runs");
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).into_owned())
}

/// The reference of the configuration, from the table of keys.
fn reference() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         <!-- Written from the table of keys by `PINTLE_BLESS=1 cargo test --test docs`; changes here are lost. -->\n\n\
         `.pintle.yaml` (or `.pintle.yml`) at the root of the repository, or the file that `--config` names. Every key may be left\n\
         out. A key that does not exist, a value of the wrong shape or a rule that does not exist ends the run with exit code 2: a\n\
         linter that misreads its orders must not report \"clean\".\n\n\
         Globs are matched against paths from the root: `*` stays within a part of the path, `**` crosses, and a glob without a `/`\n\
         matches a name at any depth.\n\n\
         ## What `init` writes\n\n\
         `pintle init` looks at the whole repository, from whichever of its folders it is started, and writes at its root what is not there\n\
         yet: `.pintle.yaml`, a hook for pre-commit, and, where the repository is on GitHub, a workflow. What is there is left as it is. In\n\
         `.pintle.yaml` every key is explained and commented out, but for what the repository gives reason for, with the reason above it:\n\n\
         | what was seen | becomes |\n|---|---|\n\
         | a tag that had two digests, in the last 400 versions of the files that name the image | `images.moving-tags`: the tag, or tags of its form where two moved |\n\
         | three tags or more of one form, each above the one before it in every file, and none of them moved | `images.immutable-tags`, where pintle would call them tags that may move |\n\
         | a class that pintle does not know and whose provisioner, or else whose name, says `local`, `hostpath`, `lvm` or `node` | `storage.local` |\n\
         | another class that pintle does not know | a question at the head |\n\
         | deliveries and clusters, formats, files that are meant to be encrypted | lines at the head |\n\n\
         Images whose tag is on another line than their name (`newTag:`, `tag:`) have no past here. A habit is no promise: read what it wrote.\n",
    );
    for key in KEYS {
        out.push_str(&format!("\n## `{}`\n\n{}\n\nTakes {}.\n", key.name, key.about, shape(key)));
        if let Shape::Table(keys) | Shape::List(keys) = key.shape {
            out.push_str("\n| key | takes | about |\n|---|---|---|\n");
            rows(keys, "", &mut out);
        }
        out.push_str(&format!("\n```yaml file=.pintle.yaml\n{}```\n", sample(key)));
    }
    out
}

fn rows(keys: &[Key], above: &str, out: &mut String) {
    for key in keys {
        let needed = if key.required { " (must be there)" } else { "" };
        out.push_str(&format!("| `{above}{}` | {}{needed} | {} |\n", key.name, shape(key), key.about));
        match key.shape {
            Shape::Table(inner) => rows(inner, &format!("{above}{}.", key.name), out),
            Shape::List(inner) => rows(inner, &format!("{above}{}[].", key.name), out),
            _ => {}
        }
    }
}

fn shape(key: &Key) -> String {
    match key.shape {
        Shape::Text => "a text".into(),
        Shape::Texts => "a text or a list of texts".into(),
        Shape::OneOf(words) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<String>>().join(" or ")
        }
        Shape::SomeOf(words) => {
            format!("some of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        }
        Shape::Rules => "rules and their severities".into(),
        Shape::Rule => "the id of a rule".into(),
        Shape::Kubernetes => "a version of Kubernetes".into(),
        Shape::Apis => "an API or a list of them".into(),
        Shape::Table(_) => "keys and values".into(),
        Shape::List(_) => "a list of entries".into(),
    }
}

/// The samples of a key as they would be written.
fn sample(key: &Key) -> String {
    let Shape::Table(keys) = key.shape else { return format!("{}: {}\n", key.name, key.sample) };
    let shown = keys.iter().filter(|key| !key.sample.is_empty());
    let lines: String = shown.map(|key| format!("  {}: {}\n", key.name, key.sample)).collect();
    format!("{}:\n{lines}", key.name)
}
