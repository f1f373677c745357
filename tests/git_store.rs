//! Our reader of what git stores, held against git itself: every object against `git cat-file`, and what commits changed
//! against `git log --raw`, in repositories that the test makes.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)] // tests run git and read its files
#![cfg(all(feature = "cli", unix))]

mod skipped;

use pintle::testing::git::{ObjectKind, ObjectName, PackFile, Store, Thing, Walk};
use skipped::skipped;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Pack(Vec<u8>);

impl PackFile for Pack {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Option<()> {
        into.copy_from_slice(self.0.get(at as usize..at as usize + into.len())?);
        Some(())
    }
}

/// A repository in a folder of its own; gone when dropped.
struct Repository(PathBuf);

impl Repository {
    /// Nothing if there is no git.
    fn new(name: &str, format: &str) -> Option<Repository> {
        let root = std::env::temp_dir().join(format!("pintle-git-{name}-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let repository = Repository(root);
        if Command::new("git").arg("--version").stdout(Stdio::null()).status().is_err() {
            skipped("there is no git here");
            return None;
        }
        repository.git(&["init", "-q", &format!("--object-format={format}")]);
        Some(repository)
    }

    fn git(&self, arguments: &[&str]) -> Vec<u8> {
        let ran = Command::new("git")
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@t",
                "-c",
                "init.defaultBranch=main",
                "-c",
                "gc.auto=0",
            ])
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        assert!(ran.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x", "--allow-empty"]);
    }

    /// Two roots, merges, names of all sorts, renames, links, modes, and versions that differ little.
    fn fill(&self) {
        let line =
            |at: usize, version: usize| format!("key-{at}: value {}\n", if at == 7 { version } else { at });
        for version in 0..12 {
            let text: String = (0..200).map(|at| line(at, version)).collect();
            self.write("apps/web/values.yaml", &text);
            self.write(&format!("apps/a{version}/x.yaml"), &text[..version * 30]);
            self.commit();
        }
        self.write("é \"\n: x.ini", "a=b\n");
        self.write("empty", "");
        self.git(&["mv", "apps/web/values.yaml", "apps/web.yaml"]);
        std::os::unix::fs::symlink("empty", self.0.join("link")).unwrap();
        self.commit();
        self.git(&["update-index", "--chmod=+x", "empty"]);
        fs::remove_dir_all(self.0.join("apps/a3")).unwrap();
        self.write("apps/a3", "a file now\n");
        self.commit();
        self.git(&["checkout", "-q", "-b", "side", "HEAD~5"]);
        self.write("side.txt", "side\n");
        self.write("apps/a1/x.yaml", "another\n");
        self.commit();
        self.git(&["checkout", "-q", "-b", "third", "HEAD~8"]);
        self.write("third.txt", "third\n");
        self.commit();
        self.git(&["checkout", "-q", "main"]);
        self.git(&["merge", "-q", "--no-commit", "side"]);
        self.write("merged.txt", "of the merge alone\n");
        self.commit();
        self.git(&["merge", "-q", "-m", "x", "third"]);
        self.git(&["checkout", "-q", "--orphan", "other"]);
        self.git(&["rm", "-rfq", "--cached", "."]);
        self.write("root.txt", "another root\n");
        self.git(&["add", "root.txt"]);
        self.git(&["commit", "-qm", "x"]);
        self.git(&["tag", "-a", "-m", "a tag", "v1"]);
        self.git(&["checkout", "-qf", "main"]);
        self.git(&["merge", "-q", "-m", "x", "--allow-unrelated-histories", "other"]);
    }

    fn store(&self, hash: usize) -> Store {
        let folder = self.0.join(".git/objects");
        let loose = {
            let folder = folder.clone();
            move |name: &ObjectName| {
                let hex = name.hex();
                fs::read(folder.join(&hex[..2]).join(&hex[2..])).ok()
            }
        };
        let mut store = Store::new(hash, Box::new(loose));
        for entry in fs::read_dir(folder.join("pack")).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "idx") {
                let pack = fs::read(path.with_extension("pack")).unwrap();
                assert!(store.add(Box::new(Pack(pack)), fs::read(&path).unwrap()), "{}", path.display());
            }
        }
        store
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Every object as `cat-file` gives it.
fn objects(repository: &Repository) -> BTreeMap<String, (String, Vec<u8>)> {
    let said = repository.git(&["cat-file", "--batch", "--batch-all-objects"]);
    let (mut rest, mut objects) = (&said[..], BTreeMap::new());
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let header = String::from_utf8(rest[..end].to_vec()).unwrap();
        let words: Vec<&str> = header.split(' ').collect();
        let size: usize = words[2].parse().unwrap();
        let content = rest[end + 1..end + 1 + size].to_vec();
        objects.insert(words[0].to_owned(), (words[1].to_owned(), content));
        rest = &rest[end + size + 2..];
    }
    objects
}

/// Holds every object against git, in the order of the store and in another.
fn same_objects(repository: &Repository, hash: usize, case: &str) {
    let expected = objects(repository);
    assert!(expected.len() > 60, "{case}: {}", expected.len());
    let store = repository.store(hash);
    let names: Vec<ObjectName> = expected.keys().map(|hex| ObjectName::parse(hex).unwrap()).collect();
    let order: Vec<usize> = store.in_order(&names).into_iter().map(|(number, _)| number).collect();
    for order in [order, (0..names.len()).collect(), (0..names.len()).rev().collect()] {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..names.len()).collect::<Vec<_>>(), "{case}");
        let mut reader = store.reader(1 << 12);
        for number in order {
            let hex = names[number].hex();
            let object =
                reader.read(&names[number]).unwrap_or_else(|fault| panic!("{case}: {hex}: {fault:?}"));
            let (kind, content) = &expected[&hex];
            assert_eq!(Some(object.kind), ObjectKind::of_word(kind), "{case}: {hex}");
            assert!(object.bytes == *content, "{case}: {hex}");
        }
    }
}

/// Holds what each commit changed against `git log --raw -c`.
fn same_changes(repository: &Repository, hash: usize, case: &str) {
    #[rustfmt::skip]
    let log = repository.git(&[
        "-c", "log.showRoot=true", "log", "--raw", "-c", "-z", "--all", "--format=%x01%H", "--no-abbrev", "--no-renames",
    ]);
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut commit = String::new();
    let mut tokens =
        log.split(|&byte| byte == 0).map(String::from_utf8_lossy).filter(|token| !token.is_empty());
    while let Some(token) = tokens.next() {
        let token = token.trim_start_matches('\n');
        if let Some(name) = token.strip_prefix('\u{1}') {
            commit = name.trim().to_owned();
            expected.entry(commit.clone()).or_default();
            continue;
        }
        let path = tokens.next().unwrap();
        let parents = token.bytes().take_while(|&byte| byte == b':').count();
        let words: Vec<&str> = token[parents..].split(' ').collect();
        let side = |at: usize| match words[at] {
            "000000" => "-".to_owned(),
            mode => format!("{} {}", &mode[..3], words[parents + 1 + at]),
        };
        // Of a merge nothing is told of what was there before.
        let old = if parents == 1 { side(0) } else { "-".to_owned() };
        expected.get_mut(&commit).unwrap().push(format!("{path} {old} {}", side(parents)));
    }
    let store = repository.store(hash);
    let mut reader = store.reader(1 << 12);
    let listed = repository.git(&["log", "--all", "--format=%H %T %P"]);
    let listed = String::from_utf8(listed).unwrap();
    let commits: Vec<Vec<ObjectName>> = listed
        .lines()
        .map(|line| line.split_whitespace().map(|hex| ObjectName::parse(hex).unwrap()).collect())
        .collect();
    let trees: BTreeMap<ObjectName, ObjectName> = commits.iter().map(|names| (names[0], names[1])).collect();
    assert_eq!(commits.len(), expected.len(), "{case}");
    let mut merges = 0;
    for names in &commits {
        let parents: Vec<ObjectName> = names[2..].iter().map(|parent| trees[parent]).collect();
        merges += usize::from(parents.len() > 1);
        let mut walk = Walk {
            read: &mut |name| reader.read(name),
            enter: &mut |_| true,
            hash,
            most_entries: 100_000,
            unread: 0,
        };
        let mut lines = Vec::new();
        walk.changes(names[1], &parents, &mut |changed| {
            let side = |side: Option<(Thing, ObjectName)>| match side {
                None => "-".to_owned(),
                Some((thing, object)) => {
                    let mode = match thing {
                        Thing::File => "100",
                        Thing::Link => "120",
                        Thing::Folder => "040",
                        Thing::Submodule => "160",
                    };
                    format!("{mode} {}", object.hex())
                }
            };
            let path = String::from_utf8_lossy(changed.path);
            lines.push(format!("{path} {} {}", side(changed.old), side(changed.new)));
        });
        assert_eq!((walk.unread, &lines), (0, &expected[&names[0].hex()]), "{case}: {}", names[0].hex());
    }
    assert!(merges > 2, "{case}");
}

#[test]
fn every_way_of_storing_is_read_as_git_reads_it() {
    for (format, hash) in [("sha1", 20), ("sha256", 32)] {
        let Some(repository) = Repository::new(format, format) else { return };
        repository.fill();
        let hold = |case: &str| {
            same_objects(&repository, hash, &format!("{format}, {case}"));
            same_changes(&repository, hash, &format!("{format}, {case}"));
        };
        hold("loose");
        repository.git(&["repack", "-q", "-d"]);
        repository.write("late.txt", "loose beside a pack\n");
        repository.commit();
        hold("a pack and loose objects");
        repository.git(&["repack", "-q", "-d"]);
        hold("two packs");
        repository.git(&["repack", "-q", "-a", "-d", "-f", "--depth=30", "--window=30"]);
        hold("deltas by place");
        repository.git(&[
            "-c",
            "repack.useDeltaBaseOffset=false",
            "repack",
            "-q",
            "-a",
            "-d",
            "-f",
            "--depth=200",
        ]);
        hold("deltas by name");
        repository.git(&["multi-pack-index", "write"]);
        hold("an index over packs");
    }
}
