//! Scans a tree for secrets and nothing else: for measuring the scan, and for looking at what it finds.
//!
//! `scan_tree DIR [--show] [--bytes]`: `--show` lists findings with masked values, `--bytes` leaves the trees out.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use pintle::testing::secrets::{Context, Trees, read, rule_of, severity_of};
use pintle::testing::{File, Lines, yaml};
use pintle::{Book, Severity, SourceId};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

thread_local! {
    static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

struct Job {
    root: PathBuf,
    book: Book,
    show: bool,
    bytes_only: bool,
    raw: bool,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = PathBuf::from(arguments.next().expect("a directory to scan"));
    let flags: Vec<String> = arguments.collect();
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    let (book, _) = Book::built_in();
    let job = Job { root, book, show: has("--show"), bytes_only: has("--bytes"), raw: has("--raw") };
    let mut lines = directory(&job, &job.root);
    lines.sort();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, rule, line) in &lines {
        *rules.entry(rule).or_default() += 1;
        if job.show {
            println!("{line}");
        }
    }
    for (rule, count) in rules {
        println!("{count:6} {rule}");
    }
    println!("{:6} findings", lines.len());
}

/// One directory is one task; what it holds is scanned in it.
fn directory(job: &Job, path: &Path) -> Vec<(String, String, String)> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let (mut directories, mut out) = (Vec::new(), Vec::new());
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && entry.file_name() != ".git" {
            directories.push(entry.path());
        } else if kind.is_file() {
            file(job, &entry.path(), &mut out);
        }
    }
    out.par_extend(directories.par_iter().flat_map_iter(|path| directory(job, path)));
    out
}

fn file(job: &Job, path: &Path, out: &mut Vec<(String, String, String)>) {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        if std::fs::File::open(path).and_then(|mut file| file.read_to_end(buffer)).is_err() {
            return;
        }
        if buffer[..buffer.len().min(8192)].contains(&0) {
            return;
        }
        let Ok(text) = std::str::from_utf8(buffer) else { return };
        let name = path.strip_prefix(&job.root).unwrap_or(path).to_string_lossy();
        let file = File { id: SourceId(0), name: &name, text };
        let unread = || yaml::read(file.id, text);
        let trees = if job.bytes_only { Trees::Read(&[]) } else { Trees::Unread(&unread) };
        let keeping = job.book.places().of(&name);
        let context = Context { keeping, ..Context::new(&job.book.tables) };
        let facts = read(&file, trees, &context).facts;
        let lines = if facts.is_empty() { Lines::default() } else { Lines::new(text) };
        for fact in facts {
            let place = lines.place(fact.origin.span().start as usize, text);
            let secret = &fact.says;
            let shown = if job.raw {
                secret.value.text.chars().take(90).collect::<String>().replace('\n', "⏎")
            } else {
                pintle::testing::MASK.to_string()
            };
            let named = secret.name.as_ref().map_or("", |name| name.text.as_str());
            let line = format!(
                "{name}:{}:{} {} {} [{named}] {shown} ({})",
                place.line,
                place.column,
                rule_of(secret),
                format_args!(
                    "{:?}",
                    severity_of(
                        job.book.page(rule_of(secret)).map_or(Severity::Error, |page| page.severity),
                        secret
                    )
                ),
                secret.reasons.join("; ")
            );
            out.push((format!("{name}:{:08}", place.line), rule_of(secret).to_owned(), line));
        }
    });
}
