//! Plants secrets in every place that reaches an output, runs every command, and searches all that was said and written.

use crate::planted::{Plant, Planted, WINDOW, base64_inside, planted, write};
use crate::runs::binary;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TABLE: &str = include_str!("shown.txt");

/// What is run in the repository of the table; a line is one script. Files that it writes are looked at, too.
const RUNS: &str = "\
pintle lint -v --statistics --explain-skips --color always -o pretty -o concise=$OUT/concise -o json=$OUT/json -o sarif=$OUT/sarif -o github=$OUT/github -o gitlab=$OUT/gitlab -o junit=$OUT/junit -o checkstyle=$OUT/checkstyle -o rdjson=$OUT/rdjson -o markdown=$OUT/markdown
pintle lint
pintle lint -q -o pretty
COLUMNS=60 pintle lint -v
pintle lint --select 'image-*' -o json
pintle secrets -v -o pretty -o json=$OUT/secrets.json -o sarif=$OUT/secrets.sarif
pintle secrets --archives -o concise
pintle secrets --sealed
pintle secrets --sealed -o json
pintle images
pintle images --tree
pintle images -o json -o csv=$OUT/images.csv -o markdown=$OUT/images.md -o cyclonedx=$OUT/images.cdx
pintle images --unpinned
COLUMNS=300 pintle images --color always
pintle storage
pintle storage -o json -o markdown=$OUT/storage.md -o mermaid=$OUT/storage.mmd -o dot=$OUT/storage.dot
COLUMNS=300 pintle storage
pintle render
pintle render --tree
pintle render --tree --json
pintle explain own-image
pintle rules
pintle rules -o json
pintle rules test
pintle baseline -o $OUT/baseline; pintle lint -v --baseline $OUT/baseline
commit; git remote add origin https://bot:$SECRET@git.corp.net/a/b; git checkout -qb b-$SECRET; pintle lint -o sarif
commit; git rm -qr case-01 case-02 case-30; git commit -qm $SECRET; pintle secrets --history -v -o pretty -o json=$OUT/h.json -o sarif=$OUT/h.sarif -o concise=$OUT/h.txt; pintle secrets --history --select secret-doubtful; pintle baseline -o $OUT/b2
commit; echo >> case-08/pod.yaml; git add -A; pintle lint --staged; pintle lint --since HEAD
commit; pintle lint --since $SECRET
commit; pintle secrets --history=$SECRET
pintle lint $SECRET
pintle lint --select $SECRET
pintle lint --select image-latest,$SECRET -o json
pintle lint -o $SECRET
pintle lint --$SECRET
pintle $SECRET
pintle lint --config $SECRET
pintle lint --baseline $SECRET
pintle lint --stdin-filename x/$SECRET.yaml -
pintle lint -o json=$SECRET/$SECRET
pintle lint --chart-dir $SECRET
pintle images --root $SECRET
pintle explain $SECRET
pintle render $SECRET
pintle render --explain $SECRET
pintle render --explain Pod/$SECRET:spec
pintle render --explain Pod/redis:spec.$SECRET
pintle render --explain Pod/redis:spec.containers
pintle render --explain Pod/redis:spec.containers[redis].image
pintle render --explain Deployment/web:spec.template.spec.containers[web].image
pintle allow $SECRET --reason r
pintle allow $SECRET:3 --reason r
pintle allow case-08/pod.yaml:7 --reason $SECRET
cp .pintle.yaml $HOME/old; pintle allow case-08/pod.yaml:7:image-latest --reason $SECRET; diff $HOME/old .pintle.yaml | grep '^>' > $OUT/added
cp .pintle.yaml $HOME/old; pintle allow case-08/pod.yaml:7:secret-github-token --reason r; pintle lint -v; diff $HOME/old .pintle.yaml | grep '^>' > $OUT/added
mkdir fresh; pintle init fresh; cp fresh/.pintle.yaml $OUT/init.yaml
pintle lint --diff --unsafe -o concise
pintle lint --diff -o json=$OUT/diff.json; pintle lint --fix --unsafe -v -o pretty
pintle fix case-41/pod.yaml:5 --diff; pintle fix case-08/pod.yaml:7 --diff
printf 'pintle.lock 1\nimage docker.io/library/nginx:1.27.3 sha256:%064d - 2026-11-20\n' 1 > pintle.lock; pintle pin --offline --dry-run; pintle pin --offline --lock-only; pintle pin --offline; cp pintle.lock $OUT/lock
commit; printf 'image docker.io/library/nginx:1.27.3 sha256:%064d - 2026-11-20\n' 1 > pintle.lock; sed -i 's/nginx:latest/redis/' case-37/line.yaml; pintle lint --untrusted --base HEAD -v -o pretty -o json=$OUT/u.json; pintle lint --base HEAD -o concise
";

/// What is run where nothing can be judged.
const RUNS_OF_BROKEN: &str = "\
pintle lint -v -o pretty -o concise=$OUT/concise -o json=$OUT/json -o sarif=$OUT/sarif -o github=$OUT/github -o gitlab=$OUT/gitlab -o junit=$OUT/junit -o checkstyle=$OUT/checkstyle -o rdjson=$OUT/rdjson -o markdown=$OUT/markdown
pintle secrets
pintle secrets --sealed
pintle images
pintle storage
pintle render
pintle baseline
pintle allow pod.yaml:1 --reason r
pintle rules
pintle rules test
pintle explain image-latest
";

/// What is typed, and found in no file.
const TYPED: &str = "ghp_{base62*30}{crc32-base62}";

/// All that runs said and wrote, by the run and the file.
type Outputs = BTreeMap<String, String>;

/// Runs every script of a list, each in a repository of its own.
fn outputs(home: &Path, repo: &str, planted: &Planted, runs: &str, typed: &str) -> Outputs {
    let mut out = Outputs::new();
    for (number, script) in runs.lines().enumerate() {
        let folder = home.join(format!("{repo}-{number}"));
        let (root, written) = (folder.join("repo"), folder.join("out"));
        for folder in [&root, &written, &folder.join("home")] {
            fs::create_dir_all(folder).unwrap();
        }
        write(&planted.repos[repo], &root);
        let said = run(&folder, script, typed);
        assert!(!said.contains("internal error"), "{script}: {said}");
        let commits = run(&folder, "test -d .git && git log --all --reflog --format=%H || :", typed);
        out.insert(script.to_owned(), repeatable(&said, &commits));
        for file in files(&written) {
            let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            let name = file.strip_prefix(&written).unwrap().display().to_string();
            out.insert(format!("{script} > {name}"), repeatable(&text, &commits));
        }
        fs::remove_dir_all(folder).unwrap();
    }
    out
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn run(folder: &Path, script: &str, typed: &str) -> String {
    let commit = "commit() { git init -q .; git add -A -f; git commit -qm x; }; ";
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let _ = std::os::unix::fs::symlink(binary(), bin.join("pintle"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new("sh");
    command.args(["-uc", &format!("{commit}{script}")]).current_dir(folder.join("repo")).env_clear();
    command.env("PATH", path).env("HOME", folder.join("home")).env("OUT", folder.join("out"));
    command.env("SECRET", typed);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), typed).env(format!("GIT_{who}_EMAIL"), "t@t");
        command.env(format!("GIT_{who}_DATE"), "2026-11-20T12:00:00Z");
    }
    let ran = command.stdin(Stdio::null()).output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    format!("{said}{complained}")
}

/// Where the bytes of which plant were seen.
fn leaks(plants: &[Plant], outputs: &Outputs) -> BTreeMap<String, BTreeSet<String>> {
    let mut windows: HashMap<[u8; WINDOW], usize> = HashMap::new();
    for (at, plant) in plants.iter().enumerate().filter(|(_, plant)| !plant.is_seen) {
        for piece in plant.drawn() {
            let hex: String = piece.bytes().map(|byte| format!("{byte:02x}")).collect();
            let inside = base64_inside(piece);
            let url = inside.iter().map(|text| text.replace('+', "-").replace('/', "_"));
            let forms = inside.iter().cloned().chain(url).chain([piece.to_owned(), hex]);
            for form in forms {
                let form = form.to_ascii_lowercase();
                for window in form.as_bytes().windows(WINDOW) {
                    windows.insert(window.try_into().unwrap(), at);
                }
            }
        }
    }
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in outputs {
        let text = text.to_ascii_lowercase();
        for window in text.as_bytes().windows(WINDOW) {
            if let Some(&at) = windows.get(window) {
                seen.entry(plants[at].name.clone()).or_default().insert(name.clone());
            }
        }
    }
    seen
}

#[test]
fn what_is_secret_is_shown_nowhere() {
    let mut planted = planted(TABLE, 0);
    let home = std::env::temp_dir().join(format!("pintle-shown-{}", std::process::id()));
    let _ = fs::remove_dir_all(&home);
    let [typed, other] = [11, 12].map(|seed| pintle::testing::secrets::expand(TYPED, seed));
    planted.plants.push(Plant { name: "typed".to_owned(), value: typed.clone(), other, is_seen: false });
    let mut all = Outputs::new();
    for repo in planted.repos.keys() {
        let runs = if repo == "main" { RUNS } else { RUNS_OF_BROKEN };
        let outputs = outputs(&home, repo, &planted, runs, &typed);
        all.extend(outputs.into_iter().map(|(name, text)| (format!("{repo}: {name}"), text)));
    }
    let _ = fs::remove_dir_all(&home);
    let bytes: usize = all.values().map(String::len).sum();
    assert!(bytes > 100_000, "the runs said something");
    let leaks = leaks(&planted.plants, &all);
    eprintln!("{} values, {} outputs, {bytes} bytes: {} leak", planted.plants.len(), all.len(), leaks.len());
    let told: Vec<String> = leaks
        .iter()
        .map(|(name, places)| {
            let first: Vec<&str> = places.iter().map(String::as_str).map(short).collect();
            format!("{name}\n      {}", first.join("\n      "))
        })
        .collect();
    assert!(told.is_empty(), "{} values are shown:\n  {}", told.len(), told.join("\n  "));
}

fn short(name: &str) -> &str {
    &name[..(0..=name.len().min(110)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0)]
}

/// Files that keep a hash of what was accepted: no report, and not to be published. docs/redaction.md tells of them.
const KEPT: [&str; 3] = ["> baseline", "> b2", "> added"];

/// Two repositories that differ in their secrets alone, many of another length, are told alike to the last byte.
#[test]
fn nothing_that_is_told_is_made_of_a_secret() {
    let home = std::env::temp_dir().join(format!("pintle-alike-{}", std::process::id()));
    let _ = fs::remove_dir_all(&home);
    let typed = pintle::testing::secrets::expand(TYPED, 11);
    let drawn = [0, 1].map(|draw| planted(TABLE, draw));
    let told = |planted: &Planted| -> Outputs {
        let told = |repo: &String| {
            let runs = if repo == "main" { RUNS } else { RUNS_OF_BROKEN };
            outputs(&home, repo, planted, runs, &typed)
        };
        let all = planted.repos.keys().flat_map(told).collect();
        let _ = fs::remove_dir_all(&home);
        all
    };
    let is_longer = |(one, other): &(&Plant, &Plant)| one.value.len() != other.value.len();
    let longer = drawn[0].plants.iter().zip(&drawn[1].plants).filter(is_longer).count();
    assert!(longer > 40, "{longer} values have another length");
    let [one, other] = [&drawn[0], &drawn[1]].map(told);
    assert!(one.keys().eq(other.keys()), "the same files are written");
    let mut wrong = Vec::new();
    for (name, text) in one.iter().filter(|(name, _)| !KEPT.iter().any(|kept| name.ends_with(kept))) {
        let differs = text.lines().zip(other[name].lines()).find(|(one, other)| one != other);
        if *text != other[name] {
            let (one, other) = differs.unwrap_or(("", "another number of lines"));
            wrong.push(format!("{}\n      {one}\n      {other}", short(name)));
        }
    }
    eprintln!("{} outputs, {longer} values of another length, {} differ", one.len(), wrong.len());
    assert!(wrong.is_empty(), "{} differ:\n  {}", wrong.len(), wrong.join("\n  "));
}

/// Without what another run of the same files has otherwise, too: the time that it took, and the names of commits, which
/// are made of all that is in them.
fn repeatable(text: &str, commits: &str) -> String {
    let time =
        Regex::new(r#"\b[0-9.]+ (ms|s)\b|"seconds": [0-9.]+|time="[0-9.]+"|\bin [0-9.]+ ?(ms|s)\b"#).unwrap();
    let mut out = time.replace_all(text, "TIME").into_owned();
    for name in commits.lines() {
        for digits in [name.len(), 10, 7] {
            out = out.replace(&name[..digits], "COMMIT");
        }
    }
    out
}
