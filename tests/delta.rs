//! What a change does to clusters, held in rows of small repositories before and after.
//!
//! A row begins with `=== ` and what it shows. `@@ name` begins a file of both sides, `@< name` one of the side before, `@> name`
//! one of the side after. `«a|b»` is `a` before and `b` after; a line of nothing else is no line where it is empty. Files in
//! `prod/` get a kustomization that lists them, unless the row has one. `DIGEST-A` and `SEALED-A` are made up here. Each `=> `
//! line is something told, the last one how many objects change, and the verdict.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use pintle::testing::delta::{
    Change, Delta, Side, Verdict, Which, clusters, compare, gather, objects, survey_seeing,
};
use pintle::{Book, Config, Job, MemoryRepo, Problem, Repo, Shared, SourceId, keep};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn images() {
    hold(include_str!("delta/images.txt"));
}

#[test]
fn what_means_the_same() {
    hold(include_str!("delta/nothing.txt"));
}

#[test]
fn what_keeps_data() {
    hold(include_str!("delta/kept.txt"));
}

#[test]
fn what_lives() {
    hold(include_str!("delta/lives.txt"));
}

#[test]
fn what_is_set() {
    hold(include_str!("delta/settings.txt"));
}

#[test]
fn what_is_routine() {
    hold(include_str!("delta/routine.txt"));
}

#[test]
fn what_argo_cd_does() {
    hold(include_str!("delta/argocd.txt"));
}

#[test]
fn what_comes_and_goes() {
    hold(include_str!("delta/comes.txt"));
}

#[test]
fn what_flux_does() {
    hold(include_str!("delta/flux.txt"));
}

/// A repository that counts how often its files are read.
struct Counted {
    repo: MemoryRepo,
    reads: AtomicUsize,
}

impl Repo for Counted {
    fn names(&self) -> Vec<&str> {
        self.repo.names()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.repo.read(id, buffer)
    }
}

/// Changes one of forty apps, with files that only the side before and only the side after has: how many changes that tells,
/// and how often files are read on each side.
fn reads_of_one_change(more: [&[&str]; 2]) -> (usize, [usize; 2]) {
    const APPS: usize = 40;
    let files = |tag: &str, more: &[&str]| {
        let sync = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, \
                    namespace: flux-system}\nspec: {path: ./cluster, prune: true}\n";
        let mut out = vec![("cluster/sync.yaml".to_owned(), sync.to_owned())];
        for app in 0..APPS {
            let tag = if app == 7 { tag } else { "1.0.0" };
            let own = sync.replace("name: flux-system", &format!("name: app-{app}"));
            out.push((format!("cluster/app-{app}.yaml"), own.replace("./cluster", &format!("./apps/{app}"))));
            out.push((
                format!("apps/{app}/kustomization.yaml"),
                "namespace: shop\nresources: [web.yaml]\n".into(),
            ));
            let web = format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{app}}}\nspec: {{template: {{spec: \
                 {{containers: [{{name: web, image: 'ghcr.io/acme/web:{tag}'}}]}}}}}}\n"
            );
            out.push((format!("apps/{app}/web.yaml"), web));
        }
        out.extend(more.iter().map(|name| ((*name).to_owned(), "kind: Nothing\n".to_owned())));
        Counted { repo: MemoryRepo::new(out), reads: AtomicUsize::new(0) }
    };
    let repos = [files("1.0.0", more[0]), files("1.0.1", more[1])];
    let sides = [Behind::of(&repos[0], &repos[1]), Behind::of(&repos[1], &repos[0])];
    let sides: [&dyn Repo; 2] = [&sides[0], &sides[1]];
    let shared = shared([&repos[0].repo, &repos[1].repo], sides).unwrap();
    let delta = delta_between(sides, Some(&shared));
    (delta.changes.len(), repos.each_ref().map(|repo| repo.reads.load(Ordering::Relaxed)))
}

#[test]
fn what_is_the_same_on_both_sides_is_read_once() {
    let (changes, [first, second]) = reads_of_one_change([&[], &[]]);
    assert_eq!(changes, 1);
    // Which files declare deliveries is asked of their texts on both sides.
    assert!(second * 4 <= first, "{second} reads, {first} on the first side");
}

#[test]
fn what_is_the_same_is_read_once_where_files_come_and_go() {
    // Among, before and behind the others: their numbers are other ones, and those of the others are not.
    let (changes, [first, second]) =
        reads_of_one_change([&["a.txt", "apps/1/old.md"], &["apps/0/new.md", "z.txt"]]);
    assert_eq!(changes, 1);
    assert!(second * 4 <= first, "{second} reads, {first} on the first side");
}

fn hold(table: &str) {
    let rows: Vec<&str> = table.split("=== ").skip(1).collect();
    let mut wrong = String::new();
    for row in &rows {
        let (title, body) = row.split_once('\n').unwrap();
        let (files, expected) = body.split_at(body.find("=> ").unwrap());
        let expected: Vec<&str> = expected.lines().map(|line| line.trim_start_matches("=> ")).collect();
        let told = told(&delta_of(files));
        if told != expected {
            let _ = writeln!(wrong, "=== {title}");
            for line in expected.iter().filter(|line| !told.iter().any(|own| own == *line)) {
                let _ = writeln!(wrong, "  missing: {line}");
            }
            for line in told.iter().filter(|line| !expected.contains(&line.as_str())) {
                let _ = writeln!(wrong, "  told:    {line}");
            }
            if told.len() == expected.len() && told.iter().all(|line| expected.contains(&line.as_str())) {
                let _ = writeln!(wrong, "  another order: {told:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What a change does, whatever its sides find only once.
fn delta_of(files: &str) -> Delta {
    let repos = [Which::Before, Which::After].map(|which| repo(files, which));
    let delta = delta_between([&repos[0], &repos[1]], None);
    let behind = [Behind::of(&repos[0], &repos[1]), Behind::of(&repos[1], &repos[0])];
    let in_order: [&dyn Repo; 2] = [&repos[0], &repos[1]];
    for sides in [in_order, [&behind[0], &behind[1]]] {
        let Some(shared) = shared(in_order, sides) else { continue };
        let twice = delta_between(sides, None);
        assert_eq!(told(&delta), told(&twice), "other numbers tell something else:\n{files}");
        let once = delta_between(sides, Some(&shared));
        assert_eq!(
            format!("{twice:#?}"),
            format!("{once:#?}"),
            "what is shared tells something else:\n{files}"
        );
    }
    delta
}

/// What both sides may find only once, as they number their files.
fn shared(repos: [&dyn Repo; 2], sides: [&dyn Repo; 2]) -> Option<Shared> {
    let [before, after] = sides.map(|repo| repo.names());
    let read = |repo: &dyn Repo, name: &str| {
        let at = repo.names().iter().position(|own| *own == name).unwrap();
        let mut bytes = Vec::new();
        repo.read(SourceId(at as u32), &mut bytes).unwrap();
        bytes
    };
    Shared::new([&before, &after], |name| read(repos[0], name) == read(repos[1], name))
}

/// A repository whose files that another one has, too, have the first numbers.
struct Behind<'a> {
    repo: &'a dyn Repo,
    order: Vec<usize>,
}

impl<'a> Behind<'a> {
    fn of(repo: &'a dyn Repo, other: &dyn Repo) -> Behind<'a> {
        let (names, others) = (repo.names(), other.names());
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|at| !others.contains(&names[*at]));
        Behind { repo, order }
    }
}

impl Repo for Behind<'_> {
    fn names(&self) -> Vec<&str> {
        let names = self.repo.names();
        self.order.iter().map(|at| names[*at]).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        self.repo.read(SourceId(self.order[id.0 as usize] as u32), buffer)
    }
}

fn delta_between(repos: [&dyn Repo; 2], shared: Option<&Shared>) -> Delta {
    let (book, _) = Book::built_in();
    let config = config(repos[0]);
    let [before, after] = repos.map(|repo| {
        let job = Job { shared, ..Job::new(repo, &config, &book) };
        let (report, joined, objects) = survey_seeing(&job, |view| gather(view, &|_| true));
        shared.into_iter().for_each(Shared::complete);
        Side { report, joined, objects }
    });
    let unsettled = compare(&before, &after, config.routine());
    keep(repos[0], &before.report.sources, &unsettled.spans(Which::Before));
    keep(repos[1], &after.report.sources, &unsettled.spans(Which::After));
    unsettled.settle(&before.report.sources, &after.report.sources)
}

/// What the side before says of itself.
fn config(repo: &dyn Repo) -> Config {
    let Some(at) = repo.names().iter().position(|name| *name == ".pintle.yaml") else {
        return Config::default();
    };
    let (source, mut bytes) = (SourceId(at as u32), Vec::new());
    repo.read(source, &mut bytes).unwrap();
    let (config, problems) = Config::read(source, std::str::from_utf8(&bytes).unwrap(), &[]);
    assert_eq!(problems, []);
    config
}

fn repo(files: &str, which: Which) -> MemoryRepo {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for file in files.split("\n@").map(|file| file.trim_start_matches('@')) {
        let Some((head, text)) = file.split_once('\n') else { continue };
        let (side, name) = head.split_once(' ').unwrap();
        let is_there = match side {
            "<" => which == Which::Before,
            ">" => which == Which::After,
            _ => true,
        };
        if is_there {
            out.insert(name.to_owned(), of_side(text, which));
        }
    }
    let own: Vec<String> =
        out.keys().filter_map(|name| name.strip_prefix("prod/")).map(str::to_owned).collect();
    if !own.is_empty() && !files.contains("kustomization.yaml") {
        let resources: String = own.iter().map(|name| format!("- {name}\n")).collect();
        out.insert("prod/kustomization.yaml".into(), format!("resources:\n{resources}"));
    }
    MemoryRepo::new(out)
}

/// A text as it is on one side.
fn of_side(text: &str, which: Which) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('«') {
        let (choice, tail) = tail.split_once('»').unwrap();
        let (before, after) = choice.split_once('|').unwrap();
        let own = if which == Which::Before { before } else { after };
        out.push_str(head);
        out.push_str(own);
        let is_line = (out.is_empty() || out.ends_with('\n')) && own.is_empty();
        rest = if is_line { tail.strip_prefix('\n').unwrap_or(tail) } else { tail };
    }
    out.push_str(rest);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    for letter in 'A'..='F' {
        out = out.replace(&format!("DIGEST-{letter}"), &format!("sha256:{}", digest(letter as u64)));
        out = out.replace(&format!("SEALED-{letter}"), &sealed(letter as u8));
    }
    out
}

/// The digits of a digest, of made-up bytes.
fn digest(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"0123456789abcdef"[(state >> 60) as usize])
    };
    (0..64).map(next).collect()
}

/// A value as SOPS writes it, of made-up bytes.
fn sealed(seed: u8) -> String {
    let coded = |length: usize| {
        let letters =
            (0..length).map(|at| char::from(b'A' + (seed.wrapping_mul(7).wrapping_add(at as u8 * 3)) % 26));
        letters.collect::<String>()
    };
    format!("ENC[AES256_GCM,data:{},iv:{}=,tag:{}==,type:str]", coded(8), coded(43), coded(22))
}

fn told(delta: &Delta) -> Vec<String> {
    let mut out: Vec<String> = delta.changes.iter().map(line).collect();
    let [added, changed, removed, rolled] =
        [&delta.objects.added, &delta.objects.changed, &delta.objects.removed, &delta.objects.rolled]
            .map(Vec::len);
    let mut last = format!("objects +{added} ~{changed} -{removed}");
    if rolled > 0 {
        let _ = write!(last, ", {rolled} rolls");
    }
    match delta.finds.new.len() {
        0 => {}
        1 => last.push_str(", 1 new finding"),
        more => _ = write!(last, ", {more} new findings"),
    }
    if !delta.finds.resolved.is_empty() {
        let _ = write!(last, ", {} resolved", delta.finds.resolved.len());
    }
    last.push_str(if delta.verdict() == Verdict::Routine { ", routine" } else { ", not routine" });
    out.push(last);
    out
}

fn line(change: &Change) -> String {
    let mut out = format!("{} {}: {}", change.topic.name(), change.what, change.says());
    if let Some(at) = &change.at {
        let word = if at.which == Which::Before { "was at" } else { "at" };
        let _ = write!(out, " {word} {}:{}", at.file, at.start.line);
    }
    let (objects, clusters) = (objects(change.reaches.iter()), clusters(change.reaches.iter()));
    if !objects.is_empty() {
        let _ = write!(out, " for {}", objects.join(", "));
    }
    if !clusters.is_empty() {
        let _ = write!(out, " in {}", clusters.join(", "));
    }
    out
}
