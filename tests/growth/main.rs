//! That work grows with what there is to do and no faster: allocations and the peak of memory at two sizes, ten times
//! apart. And that what has no end is ended, with a word where and how much. Time is not measured: it depends on who
//! else is at work. `cargo test --test growth -- --nocapture` prints the figures.
#![allow(clippy::print_stdout, clippy::unwrap_used, unsafe_code)]

mod doubled;
mod endless;
mod long;
mod start;
mod storage;

use pintle::testing::Str;
use pintle::{Book, Config, Job, MemoryRepo, Package, Packages, Portion, Report, check};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use storage::*;

/// Counts what is allocated, and remembers the most that was held at once.
struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    COUNT.fetch_add(1, Relaxed);
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(held, Relaxed);
}

// SAFETY: everything is left to the system's allocator; the numbers beside it touch no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_sub(layout.size(), Relaxed);
        grown(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a check cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    allocations: usize,
    bytes: usize,
}

type Files = Vec<(String, String)>;

/// The numbers are of the whole process, so one test measures at a time.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Charts at hand: what is below `shelf/NAME/` is one, and no file of the repository.
struct Shelf {
    names: Vec<Str>,
    charts: Vec<Vec<(Str, String)>>,
}

impl Shelf {
    fn of(files: &mut Files) -> Shelf {
        let mut out = Shelf { names: Vec::new(), charts: Vec::new() };
        files.retain(|(name, text)| {
            let Some((chart, name)) = name.strip_prefix("shelf/").and_then(|name| name.split_once('/'))
            else {
                return true;
            };
            if out.names.last().is_none_or(|last| last != chart) {
                out.names.push(chart.into());
                out.charts.push(Vec::new());
            }
            out.charts.last_mut().unwrap().push((name.into(), text.clone()));
            false
        });
        out
    }
}

impl Packages for Shelf {
    fn names(&self) -> &[Str] {
        &self.names
    }

    fn read(&self, package: usize, _: Portion) -> Result<Package, String> {
        let files = self.charts[package].iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
        Ok(Package::Folder(files.collect()))
    }
}

fn measured(mut files: Files) -> (Report, Cost) {
    let shelf = Shelf::of(&mut files);
    let repo = MemoryRepo::new(files);
    let (book, config) = (Book::built_in().0, Config::default());
    let (count, held) = (COUNT.load(Relaxed), HELD.load(Relaxed));
    PEAK.store(held, Relaxed);
    let charts = (!shelf.names.is_empty()).then_some(&shelf as &dyn Packages);
    let report = check(&Job { charts, ..Job::new(&repo, &config, &book) });
    let cost = Cost { allocations: COUNT.load(Relaxed) - count, bytes: PEAK.load(Relaxed) - held };
    (report, cost)
}

/// One way to make a repository larger.
struct Row {
    what: &'static str,
    /// The size of the smaller one.
    size: usize,
    make: fn(usize) -> Files,
    /// What must be there, so that nothing is measured that did not happen: a count that grows with the size.
    grows: fn(&Report) -> usize,
}

/// Ten times the work may cost this many times as much.
const MOST: f64 = 12.0;

fn hold(rows: &[Row]) {
    let _guard = alone();
    // Patterns and tables that are compiled at first use belong to nobody.
    measured(plain(20));
    let mut wrong = String::new();
    for row in rows {
        let (small, cost) = measured((row.make)(row.size));
        let (large, more) = measured((row.make)(row.size * 10));
        let times = more.allocations as f64 / cost.allocations as f64;
        let bytes = more.bytes as f64 / cost.bytes as f64;
        let line = format!(
            "{:36} {:>5}  allocations {:>7} × {times:5.1}   bytes {:>8} × {bytes:5.1}",
            row.what, row.size, cost.allocations, cost.bytes,
        );
        println!("{line}");
        let (few, many) = ((row.grows)(&small), (row.grows)(&large));
        if times > MOST || bytes > MOST {
            let _ = writeln!(wrong, "{line}");
        }
        if few < row.size || many < few * 9 {
            let _ = writeln!(wrong, "{}: {few} and then {many} were seen", row.what);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn images(report: &Report) -> usize {
    report.counts.images
}

fn objects(report: &Report) -> usize {
    report.coverage.objects
}

fn findings(report: &Report) -> usize {
    report.findings.len()
}

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - name: web\n          image: registry.example.org/shop/{name}:1.2.3\n          env:\n            - {{name: MODE, value: plain}}\n"
    )
}

fn kustomization(resources: impl IntoIterator<Item = String>, more: &str) -> String {
    let mut out = String::from("resources:\n");
    for resource in resources {
        let _ = writeln!(out, "  - {resource}");
    }
    out + more
}

/// A Flux Kustomization of a folder.
fn delivery(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{path}\n{more}---\n"
    )
}

fn plain(size: usize) -> Files {
    (0..size).map(|at| (format!("apps/web{at}.yaml"), deployment(&format!("web{at}")))).collect()
}

fn one_kustomization(size: usize) -> Files {
    let mut files = plain(size);
    let names = (0..size).map(|at| format!("web{at}.yaml"));
    files
        .push(("apps/kustomization.yaml".into(), kustomization(names, "namePrefix: a-\nnamespace: other\n")));
    files
}

/// A kustomization for each ten manifests.
fn many_kustomizations(size: usize) -> Files {
    let mut files = Files::new();
    for folder in 0..size / 10 {
        let names = (0..10).map(|at| format!("web{at}.yaml"));
        files.push((
            format!("apps/{folder}/kustomization.yaml"),
            kustomization(names, &format!("namespace: n{folder}\n")),
        ));
        for at in 0..10 {
            files.push((format!("apps/{folder}/web{at}.yaml"), deployment(&format!("web{at}"))));
        }
    }
    files
}

/// A Flux Kustomization for each ten manifests, all with the variables of one ConfigMap.
fn flux(size: usize) -> Files {
    let mut files = many_kustomizations(size);
    let substitute = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n";
    let all = (0..size / 10).map(|at| delivery(&format!("a{at}"), &format!("apps/{at}"), substitute));
    files.push(("clusters/prod/apps.yaml".into(), all.collect()));
    files.push((
        "clusters/prod/root.yaml".into(),
        delivery("root", "clusters/prod", "")
            + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {MODE: plain}\n",
    ));
    files
}

/// The same, with a file for each Flux Kustomization, which roots it cannot be known by.
fn flux_files(size: usize) -> Files {
    let mut files = many_kustomizations(size);
    let root = delivery("root", "clusters/prod", "");
    files.push(("clusters/prod/root.yaml".into(), root));
    let each = (0..size / 10).map(|at| {
        (format!("clusters/prod/a{at}.yaml"), delivery(&format!("a{at}"), &format!("apps/{at}"), ""))
    });
    files.extend(each);
    files
}

/// One base of fifty objects, and overlays that do something to it.
fn overlaid(size: usize, more: fn(usize) -> String) -> Files {
    let mut files: Files =
        (0..50).map(|at| (format!("base/web{at}.yaml"), deployment(&format!("web{at}")))).collect();
    let names = (0..50).map(|at| format!("web{at}.yaml"));
    files.push(("base/kustomization.yaml".into(), kustomization(names, "")));
    for at in 0..size {
        let own = kustomization(["../../base".into()], &more(at));
        files.push((format!("overlays/o{at}/kustomization.yaml"), own));
    }
    files
}

/// Overlays that change every object, and one image besides.
fn overlays(size: usize) -> Files {
    overlaid(size, |at| {
        format!("namespace: n{at}\nimages: [{{name: registry.example.org/shop/web1, newTag: 2.0.{at}}}]\n")
    })
}

/// Overlays that change one image.
fn small_overlays(size: usize) -> Files {
    overlaid(size, |at| format!("images: [{{name: registry.example.org/shop/web1, newTag: 2.0.{at}}}]\n"))
}

fn values(size: usize) -> Files {
    let mut text = String::new();
    for at in 0..size {
        let _ =
            writeln!(text, "part{at}:\n  image:\n    repository: example.org/a/part{at}\n    tag: 1.2.{at}");
    }
    vec![("chart/values.yaml".into(), text)]
}

fn releases(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: app{at}, namespace: x}}\nspec:\n  chart: {{spec: {{chart: app, version: 1.2.3, sourceRef: {{kind: HelmRepository, name: b}}}}}}\n  values:\n    image: {{repository: example.org/a/app{at}, tag: 1.2.3}}\n    persistence: {{data: {{existingClaim: data{at}}}}}\n---\n"
        )
    };
    vec![
        ("apps/all.yaml".into(), (0..size).map(one).collect()),
        ("apps/kustomization.yaml".into(), kustomization(["all.yaml".into()], "")),
    ]
}

/// Releases whose chart is at hand, and as many charts that nobody wants.
fn releases_of_a_shelf(size: usize) -> Files {
    let mut files = releases(size);
    files[0].1 = delivery("root", "apps", "") + &files[0].1;
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{ .Release.Name }}\"}\ndata: {{ .Values | toYaml | nindent 2 }}\n";
    files.push(("shelf/app/Chart.yaml".into(), "apiVersion: v2\nname: app\nversion: 1.2.3\n".into()));
    files.push(("shelf/app/templates/map.yaml".into(), map.into()));
    files.extend((0..size).map(|at| {
        (format!("shelf/other{at}/Chart.yaml"), format!("apiVersion: v2\nname: o{at}\nversion: 1.2.3\n"))
    }));
    files
}

/// A release, and what is below `shelf/` for it.
fn release_of(charts: impl Iterator<Item = (String, String)>) -> Files {
    let mut files = releases(1);
    files[0].1 = delivery("root", "apps", "") + &files[0].1;
    files.extend(charts);
    files
}

/// A chart that depends on others, all of version 1.2.3.
fn dependent(name: &str, depends_on: &[String]) -> (String, String) {
    let mut text = format!("apiVersion: v2\nname: {name}\nversion: 1.2.3\ndependencies:\n");
    for other in depends_on {
        let _ =
            writeln!(text, "  - {{name: {other}, version: 1.2.3, repository: \"https://charts.example\"}}");
    }
    (format!("shelf/{name}/Chart.yaml"), text)
}

/// Thirty levels of charts, each of which depends on the two below it.
fn charts_that_multiply() -> Files {
    let one = |level: usize, side: &str| {
        let below = ["a", "b"].map(|side| format!("{side}{}", level + 1));
        let name = if level == 0 { "app".to_owned() } else { format!("{side}{level}") };
        dependent(&name, if level == 29 { &[] } else { &below })
    };
    let all = (1..30).flat_map(|level| ["a", "b"].map(|side| one(level, side)));
    release_of(std::iter::once(one(0, "")).chain(all))
}

/// Releases of a chart that is here, each with a file of values that is a template over those of the environment.
fn helmfile(size: usize) -> Files {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec: {template: {spec: {containers: [{name: web, image: 'example.org/a/{{ .Values.name }}:1.2.3'}]}}}\n";
    let mut text = String::from("environments: {default: {values: [{tier: front}]}}\n---\nreleases:\n");
    let mut files = vec![
        ("charts/web/Chart.yaml".into(), "{apiVersion: v2, name: web, version: 1.0.0}\n".into()),
        ("charts/web/templates/web.yaml".into(), template.into()),
    ];
    for at in 0..size {
        let _ =
            writeln!(text, "  - {{name: web{at}, chart: ./charts/web, values: [values/{at}.yaml.gotmpl]}}");
        files.push((
            format!("values/{at}.yaml.gotmpl"),
            "name: {{ .Values.tier }}-{{ .Release.Name }}\n".into(),
        ));
    }
    files.push(("helmfile.yaml".into(), text));
    files
}

/// Findings of one rule in one file.
fn latest(size: usize) -> Files {
    let mut text = String::from("services:\n");
    for at in 0..size {
        let _ = writeln!(text, "  s{at}:\n    image: example.org/a/s{at}:latest");
    }
    vec![("compose.yaml".into(), text)]
}

fn application(name: &str, path: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: '{name}', namespace: argocd}}\nspec:\n  destination: {{server: 'https://kubernetes.default.svc', namespace: x}}\n  source: {{repoURL: 'https://git.example.org/a/b.git', path: '{path}', targetRevision: main}}\n---\n"
    )
}

fn applications(size: usize) -> Files {
    let mut files = Files::new();
    for at in 0..size {
        files.push((format!("argocd/app{at}.yaml"), application(&format!("app{at}"), &format!("apps/{at}"))));
        files.push((format!("apps/{at}/web.yaml"), deployment(&format!("web{at}"))));
    }
    files
}

fn set(size: usize) -> Files {
    let mut files = Files::new();
    let mut elements = String::new();
    for at in 0..size {
        let _ = write!(elements, "{{app: '{at}'}}, ");
        files.push((format!("apps/{at}/web.yaml"), deployment(&format!("web{at}"))));
    }
    let spec = application("app{{app}}", "apps/{{app}}").replace('\n', "\n    ");
    let spec = spec.split("kind: Application\n").nth(1).unwrap().replace("---", "");
    files.push((
        "argocd/set.yaml".into(),
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all, namespace: argocd}}\nspec:\n  generators: [{{list: {{elements: [{elements}]}}}}]\n  template:\n{spec}\n"
        ),
    ));
    files
}

/// A patch for every object.
fn patches(size: usize) -> Files {
    let mut files = one_kustomization(size);
    let mut text = files.pop().unwrap().1 + "patches:\n";
    for at in 0..size {
        let _ = writeln!(
            text,
            "  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {{name: web{at}, namespace: shop}}\n      spec: {{replicas: 3}}"
        );
    }
    files.push(("apps/kustomization.yaml".into(), text));
    files
}

/// ConfigMaps that are made, and who uses them: names are looked up when they change.
fn generated(size: usize) -> Files {
    let mut text = String::from("namePrefix: a-\nresources: [all.yaml]\nconfigMapGenerator:\n");
    let mut all = String::new();
    for at in 0..size {
        let _ = writeln!(text, "  - {{name: settings{at}, literals: [MODE=plain]}}");
        let _ = write!(
            all,
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web{at}}}\nspec: {{containers: [{{name: c, image: 'web:1.2.3', envFrom: [{{configMapRef: {{name: settings{at}}}}}]}}]}}\n---\n"
        );
    }
    vec![("apps/kustomization.yaml".into(), text), ("apps/all.yaml".into(), all)]
}

/// Manifests beside those that are delivered.
fn left_out(size: usize) -> Files {
    let mut files = plain(size);
    files.push(("apps/kustomization.yaml".into(), kustomization(["web0.yaml".into()], "")));
    files.push(("clusters/prod/apps.yaml".into(), delivery("apps", "apps", "")));
    files
}

#[test]
fn manifests() {
    hold(&[
        Row { what: "manifests", size: 1_000, make: plain, grows: images },
        Row { what: "manifests in one kustomization", size: 1_000, make: one_kustomization, grows: objects },
        Row {
            what: "manifests in many kustomizations",
            size: 1_000,
            make: many_kustomizations,
            grows: objects,
        },
        Row { what: "manifests that nothing delivers", size: 500, make: left_out, grows: findings },
        Row { what: "patches of one object each", size: 200, make: patches, grows: objects },
        Row { what: "generated names and who uses them", size: 200, make: generated, grows: objects },
    ]);
}

#[test]
fn deliveries() {
    hold(&[
        Row { what: "Flux Kustomizations in one file", size: 500, make: flux, grows: objects },
        Row { what: "Flux Kustomizations in files", size: 500, make: flux_files, grows: objects },
        Row { what: "Applications", size: 200, make: applications, grows: objects },
        Row { what: "elements of a set", size: 200, make: set, grows: objects },
        Row { what: "releases", size: 300, make: releases, grows: objects },
        Row {
            what: "releases of a shelf",
            size: 100,
            make: releases_of_a_shelf,
            grows: |report| objects(report) / 2,
        },
        Row { what: "releases of a helmfile", size: 100, make: helmfile, grows: objects },
        Row { what: "overlays of one base", size: 10, make: overlays, grows: objects },
        Row { what: "overlays that change one image", size: 10, make: small_overlays, grows: objects },
    ]);
}

/// A chart in a folder, with its values and a template that makes an object of each of them.
fn chart(folder: &str, values: String) -> Files {
    let template = "{{- range $name, $own := .Values.parts }}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ $.Release.Name }}-{{ $name }}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          {{- include \"image\" $own | nindent 10 }}\n{{- end }}\n";
    let helpers = "{{- define \"image\" }}image: {{ .repository }}:{{ .tag | default \"1.2.3\" }}{{ end }}";
    [
        ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n".into()),
        ("values.yaml", values),
        ("templates/web.yaml", template.into()),
        ("templates/_helpers.tpl", helpers.into()),
    ]
    .map(|(name, text)| (format!("{folder}/{name}"), text))
    .into()
}

fn parts(size: usize) -> String {
    let one =
        |at: usize| format!("  part{at}: {{repository: registry.example.org/a/part{at}, tag: 1.2.{at}}}\n");
    "parts:\n".to_string() + &(0..size).map(one).collect::<String>()
}

fn values_of_a_chart(size: usize) -> Files {
    let mut files = chart("charts/web", parts(size));
    files.push(("argocd/web.yaml".into(), application("web", "charts/web")));
    files
}

fn charts(size: usize) -> Files {
    let mut files = Files::new();
    for at in 0..size {
        files.extend(chart(&format!("charts/web{at}"), parts(1)));
        files.push((
            format!("argocd/web{at}.yaml"),
            application(&format!("web{at}"), &format!("charts/web{at}")),
        ));
    }
    files
}

fn releases_of_one_chart(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: app{at}, namespace: x}}\nspec:\n  chart: {{spec: {{chart: ./charts/web, sourceRef: {{kind: GitRepository, name: own}}}}}}\n  values:\n    parts: {{own: {{repository: example.org/a/app{at}}}}}\n---\n"
        )
    };
    let mut files = chart("charts/web", "parts: {}\n".into());
    files.push(("apps/all.yaml".into(), (0..size).map(one).collect()));
    files.push(("apps/kustomization.yaml".into(), kustomization(["all.yaml".into()], "")));
    files
}

#[test]
fn charts_that_are_delivered() {
    hold(&[
        Row { what: "values of a chart", size: 200, make: values_of_a_chart, grows: images },
        Row { what: "charts", size: 50, make: charts, grows: images },
        Row { what: "releases of one chart", size: 50, make: releases_of_one_chart, grows: images },
    ]);
}

fn lone_charts(size: usize) -> Files {
    (0..size).flat_map(|at| chart(&format!("charts/web{at}"), parts(2))).collect()
}

/// Charts that all take helpers of one from a registry, which is in the repository.
fn charts_of_one_library(size: usize) -> Files {
    let wants = "dependencies: [{name: lib, version: 1.x.x, repository: \"https://charts.example\"}]\n";
    let mut files: Files = (0..size).flat_map(|at| chart(&format!("charts/web{at}"), parts(1))).collect();
    files
        .iter_mut()
        .filter(|(name, _)| name.ends_with("Chart.yaml"))
        .for_each(|(_, text)| text.push_str(wants));
    files.push((
        "lib/Chart.yaml".into(),
        "{apiVersion: v2, name: lib, version: 1.2.3, type: library}\n".into(),
    ));
    files
}

/// A chart, and tests that change one image of two.
fn tests_of_a_chart(size: usize) -> Files {
    let mut files = chart("charts/web", parts(2));
    let test = |at: usize| {
        let text = format!("parts: {{part0: {{tag: 2.0.{at}}}}}\n");
        (format!("charts/web/ci/test{at}-values.yaml"), text)
    };
    files.extend((0..size).map(test));
    files
}

#[test]
fn charts_that_nothing_takes() {
    hold(&[
        Row { what: "charts that nothing takes", size: 50, make: lone_charts, grows: images },
        Row { what: "charts of one library", size: 50, make: charts_of_one_library, grows: images },
        Row { what: "tests of a chart", size: 30, make: tests_of_a_chart, grows: images },
    ]);
}

/// What one more overlay costs, of many.
fn per_overlay(make: fn(usize) -> Files) -> Cost {
    let (few, many) = (measured(make(10)).1, measured(make(60)).1);
    Cost { allocations: (many.allocations - few.allocations) / 50, bytes: (many.bytes - few.bytes) / 50 }
}

#[test]
fn an_overlay_costs_what_it_changes() {
    let _guard = alone();
    measured(plain(20));
    let (all, one) = (per_overlay(overlays), per_overlay(small_overlays));
    println!("an overlay that changes fifty objects: {all:?}, one: {one:?}");
    // Of an object that is shared still its identity is kept, and who runs on which volumes there.
    assert!(one.bytes * 5 < all.bytes * 2, "{one:?} of {all:?}");
    assert!(one.allocations * 3 < all.allocations * 2, "{one:?} of {all:?}");
}

#[test]
fn facts() {
    hold(&[
        Row { what: "claims and users", size: 300, make: claims, grows: images },
        Row { what: "claims of one name", size: 300, make: claims_of_one_name, grows: images },
        Row { what: "claims over twenty clusters", size: 200, make: claims_over_clusters, grows: images },
        Row { what: "users of one claim", size: 300, make: users_of_one_claim, grows: images },
        Row { what: "classes of one name", size: 200, make: classes_of_one_name, grows: images },
        Row { what: "databases", size: 300, make: databases, grows: findings },
        Row { what: "volumes made by hand", size: 200, make: volumes, grows: findings },
        Row { what: "rollouts over one claim", size: 300, make: rollouts_over_one_claim, grows: findings },
        Row { what: "claims under one group", size: 300, make: claims_of_one_group, grows: findings },
        Row { what: "dumps through services", size: 200, make: dumps, grows: findings },
        Row { what: "plans and databases of one name", size: 300, make: plans_of_one_name, grows: findings },
        // Of 400 and of 4,000 lists that double are full alike; of 500 and 5,000 they are not, and that is all that would be seen.
        Row { what: "images in one file of values", size: 400, make: values, grows: images },
        Row { what: "findings of one rule", size: 400, make: latest, grows: findings },
    ]);
}
