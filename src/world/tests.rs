//! Forests of small repositories, as tables: files go in, one line a delivery comes out.
//!
//! `=== what it shows`, the files (`-- name` and the text), and what is delivered:
//!
//! * `=> namespace/name path cluster` and the objects, `dead` before them if nothing delivers it; one that is unsure with `?`;
//! * `!! why: says [the text at its place]` for each fault of the delivery above;
//! * `~~ says [the text at its place]` for what was taken for granted of a chart;
//! * `-> Kind/namespace/name: chart` for a release whose chart is not at hand;
//! * `:: Kind/namespace/name path = text` for a value that the row asks for, cut where its pieces were written.
//!
//! Short forms within files: `@ks NAME PATH [from=SOURCE] [more of the spec]`, `@git NAME URL`,
//! `@data NAME NAMESPACE KEY=VALUE` (a ConfigMap), `@app NAME PATH [more of the source]`, `@cm NAME [NAMESPACE]`, `@deploy NAME IMAGE`,
//! `@kust ENTRY…`; `@set NAME` and `@goset NAME` begin a set with its generators or with more of its `spec`, and
//! `@template NAME PATH` ends it; `@hr NAME CHART VERSION [more of the spec]` is a release with its chart from elsewhere. Files
//! called `repo-url` and `remotes` tell the addresses that the repository has, `kubernetes-version` and `api-versions` what its
//! owners say of clusters; `@caps API…` is a template that tells what it is told of the cluster, and `@crd GROUP KIND VERSION…` a
//! definition of a custom resource. Files below `shelf/NAME/` are no files of the
//! repository: each such folder is a chart at hand.

use super::files::Files;
use super::kustomize::Cache;
use super::{Capabilities, Forest, Hints, Object, Shelf, grow};
use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{Package, Packages, Part, Portion, Sources, Span, Str};
use std::fmt::Write;

#[test]
fn flux_roots() {
    rows(include_str!("rows/flux_roots.txt"));
}

#[test]
fn charts() {
    rows(include_str!("rows/charts.txt"));
}

#[test]
fn fleet() {
    rows(include_str!("rows/fleet.txt"));
}

#[test]
fn helmfile() {
    rows(include_str!("rows/helmfile.txt"));
}

#[test]
fn argo_applications() {
    rows(include_str!("rows/argo_applications.txt"));
}

#[test]
fn argo_settings() {
    rows(include_str!("rows/argo_settings.txt"));
}

#[test]
fn argo_sets() {
    rows(include_str!("rows/argo_sets.txt"));
}

/// Applications of Applications of Applications, all in one tree, and each but once.
#[test]
fn hundreds_of_applications_are_followed() {
    let mut text = String::from("-- root.yaml\n@app root apps\n-- apps/root.yaml\n@app root apps\n");
    for team in 0..20 {
        let _ = write!(text, "-- apps/{team}.yaml\n@app team-{team} teams/{team}\n");
        for own in 0..20 {
            let _ = write!(text, "-- teams/{team}/{own}.yaml\n@app app-{team}-{own} config/{team}/{own}\n");
            let _ =
                write!(text, "-- config/{team}/{own}/a.yaml\n@cm one\n@app root apps\n@app team-0 teams/0\n");
        }
    }
    let found = run(&text, &[]);
    assert_eq!(found.len(), 1 + 20 + 20 * 20);
    assert!(found.iter().all(|line| line.starts_with("=> argocd/") && line.contains(" root: ")), "{found:?}");
}

/// A circle that renames what it delivers ends too.
#[test]
fn a_circle_that_grows_ends() {
    let text = "-- root.yaml\n@app a apps kustomize: {nameSuffix: -b}\n\
                -- apps/kustomization.yaml\n@kust app.yaml\n\
                -- apps/app.yaml\n@app c apps kustomize: {nameSuffix: -d}\n";
    assert_eq!(run(text, &[]).len(), 3);
}

/// Generators that multiply end with a problem that has a place and a count.
#[test]
fn sets_that_multiply_are_bounded() {
    let list = |key: &str, count: usize| {
        let elements: Vec<String> = (0..count).map(|at| format!("{{{key}: '{at}'}}")).collect();
        format!("{{list: {{elements: [{}]}}}}", elements.join(", "))
    };
    let matrix = |a: &str, b: &str| format!("{{matrix: {{generators: [{a}, {b}]}}}}");
    let inner = |keys: [&str; 2], count: usize| matrix(&list(keys[0], count), &list(keys[1], count));
    let none = |generator: &str| format!("{{selector: {{matchLabels: {{a: none}}}}, {}", &generator[1..]);
    let (most_made, most_computed) = ("5000 sets of values", "50000 sets of values");
    for (generators, made, says) in [
        (inner(["a", "b"], 20), 400, ""),
        (matrix(&inner(["a", "b"], 20), &inner(["c", "d"], 20)), 5_000, most_made),
        (matrix(&inner(["a", "b"], 80), &list("c", 2)), 5_000, most_made),
        (matrix(&inner(["c", "d"], 30), &none(&inner(["a", "b"], 30))), 0, most_computed),
        (format!("{0}\n  - {0}", inner(["a", "b"], 60)), 3_600, "is made twice by this set"),
        (format!("{}\n  - {}", inner(["a", "b"], 60), inner(["c", "d"], 60)), 5_000, "5000 Applications"),
    ] {
        let name = "x{{a}}-{{b}}-{{c}}-{{d}}";
        let text = format!("-- set.yaml\n@set all\n  - {generators}\n@template {name} apps/web\n");
        let found = run(&text, &[]);
        assert!(!found.is_empty(), "{text}");
        assert_eq!(found[0].matches("Application/argocd/").count(), made, "{says}");
        let problem = found.iter().find(|line| line.starts_with("!! Bound") || line.contains("made twice"));
        let problem = problem.map_or("", |line| line.as_str());
        assert!(problem.contains(says) && (says.is_empty() == problem.is_empty()), "{says}: {problem}");
        assert!(says.is_empty() || !problem.ends_with("[]"), "it has a place: {problem}");
    }
}

/// Helmfiles that include each other end, and ten thousand releases are followed.
#[test]
fn helmfiles_without_end_are_bounded() {
    let releases: String = (0..10_000).fold(String::from("releases:\n"), |mut out, at| {
        let _ = writeln!(out, "  - {{name: web-{at}, namespace: n{}, chart: ./charts/web}}", at % 7);
        out
    });
    let chart = "-- charts/web/Chart.yaml\n@chart web\n-- charts/web/templates/map.yaml\n@map a\n";
    let found = run(&format!("-- helmfile.yaml\n{releases}{chart}"), &[]);
    assert_eq!(found.len(), 10_001);
    assert!(found[1..].iter().all(|line| line.contains("ConfigMap/n")), "{:?}", found.last());
    let all: Vec<String> = (0..12).map(|at| format!("h{at}.yaml")).collect();
    let each: String =
        all.iter().map(|name| format!("-- {name}\nhelmfiles: [{}]\n", all.join(", "))).collect();
    let found = run(&format!("-- helmfile.yaml\nhelmfiles: [{}]\n{each}", all.join(", ")), &[]);
    assert!(
        found.iter().any(|line| line.starts_with("!! Bound") && line.contains("2000")),
        "{}",
        found.len()
    );
    assert!(found.len() < 40_000, "{}", found.len());
    let twice =
        |at: usize| format!("  {{0}}{at}: {{inherit: [{{template: a{0}}}, {{template: b{0}}}]}}\n", at + 1);
    let both: String = (0..40).flat_map(|at| ["a", "b"].map(|own| twice(at).replace("{0}", own))).collect();
    let text = format!(
        "-- helmfile.yaml\ntemplates:\n{both}  a40: {{}}\n  b40: {{}}\nreleases:\n  - {{name: web, chart: ./charts/web, inherit: [{{template: a0}}]}}\n{chart}"
    );
    let found = run(&text, &[]);
    assert!(
        found.iter().any(|line| line.starts_with("!! Bound") && line.contains("200 templates")),
        "{found:?}"
    );
}

/// A set that makes what delivers the set again ends, and so does one in another cluster.
#[test]
fn a_circle_of_sets_ends() {
    let text = "-- apps/set.yaml\n@set all\n  - list: {elements: [{name: web}, {name: api}]}\n\
                @template {{name}} apps\n-- apps/more/set.yaml\n@set more\n  \
                - list: {elements: [{name: all}]}\n@template {{name}}-more apps/more\n";
    let found = run(text, &[]);
    let names: Vec<&str> = found.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(
        names,
        ["argocd/all", "argocd/web", "argocd/api", "argocd/more", "argocd/all-more"],
        "{found:?}"
    );
}

fn rows(table: &str) {
    let mut wrong = Vec::new();
    for row in table.split("\n=== ").skip(1) {
        let (head, rest) = row.split_once('\n').unwrap_or((row, ""));
        let is_told =
            |line: &str| ["=> ", "!! ", "~~ ", "-> ", ":: "].iter().any(|sign| line.starts_with(sign));
        let (told, text): (Vec<&str>, Vec<&str>) = rest.trim_end().lines().partition(|line| is_told(line));
        let asked: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix(":: ")).collect();
        let found = run(&text.join("\n"), &asked);
        if found != told {
            wrong.push(format!("=== {head}\nexpected\n{}\ngot\n{}\n", told.join("\n"), found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// What a row's files deliver, and the values that it asks for.
fn run(text: &str, asked: &[&str]) -> Vec<String> {
    let (mut names, mut texts) = (Vec::new(), Vec::new());
    let mut shelf = Folders::default();
    for file in format!("\n{text}").split("\n-- ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        if let Some((package, name)) = name.strip_prefix("shelf/").and_then(|name| name.split_once('/')) {
            shelf.put(package, name, &text.lines().map(|line| spelled_out(line, None)).collect::<String>());
            continue;
        }
        names.push(name.to_string());
        let lines: Vec<&str> = text.lines().collect();
        let with_next = lines.iter().enumerate().map(|(at, line)| spelled_out(line, lines.get(at + 1)));
        texts.push(with_next.collect::<String>());
    }
    let addresses = |file: &str| -> Vec<Str> {
        let at = names.iter().position(|name| name == file);
        at.into_iter().flat_map(|at| texts[at].split_whitespace()).map(Str::from).collect()
    };
    let (urls, remotes) = (addresses("repo-url"), addresses("remotes"));
    let (version, apis) = (addresses("kubernetes-version"), addresses("api-versions"));
    let cluster = Capabilities::default().with(version.first().map(Str::as_str), []);
    let cluster = cluster.and(apis.iter().map(Str::as_str));
    told(&names, &texts, &Hints { told: &urls, remotes: &remotes, builds: None }, (&shelf, &cluster), asked)
}

/// Charts at hand, each in a folder.
#[derive(Default)]
struct Folders {
    names: Vec<Str>,
    files: Vec<Vec<(Str, Vec<u8>)>>,
}

impl Folders {
    fn put(&mut self, package: &str, name: &str, text: &str) {
        let at = self.names.iter().position(|known| known == package).unwrap_or(self.names.len());
        if at == self.names.len() {
            self.names.push(package.into());
            self.files.push(Vec::new());
        }
        self.files[at].push((name.into(), text.as_bytes().to_vec()));
    }
}

impl Packages for Folders {
    fn names(&self) -> &[Str] {
        &self.names
    }

    fn read(&self, package: usize, _: Portion) -> Result<Package, String> {
        Ok(Package::Folder(self.files[package].clone()))
    }
}

fn told(
    names: &[String],
    texts: &[String],
    hints: &Hints,
    (shelf, cluster): (&Folders, &Capabilities),
    asked: &[&str],
) -> Vec<String> {
    let sources = Sources::new(names.iter().map(String::as_str));
    let read = |id: crate::text::SourceId, show: &mut dyn FnMut(&str)| {
        let text = texts[id.0 as usize].as_str();
        sources.get(id).keep(text.into());
        show(text);
    };
    let shelf = Shelf::new(shelf);
    let files = Files::new(&sources, names.len(), &read).with_shelf(Some(&shelf)).with_cluster(cluster);
    let forest = grow(&files, &Cache::default(), hints);
    let mut out = Vec::new();
    for delivery in &forest.deliveries {
        let mut line = format!("=> {}/{} {}", delivery.namespace, delivery.name, path(&delivery.path.text));
        for more in &delivery.more {
            let _ = write!(line, "+{}", path(&more.text));
        }
        let _ = write!(line, " {}", forest.cluster(delivery.cluster).name);
        if !delivery.live {
            line.push_str(" dead");
        }
        let label = |object: &Object| {
            let unsure = if object.doubt == Some(Doubt::Unseen) { "?" } else { "" };
            format!("{}{unsure}", object.id().label())
        };
        let objects: Vec<String> = delivery.built.objects.iter().map(label).collect();
        let _ = write!(line, ": {}", objects.join(", "));
        out.push(line.trim_end().to_string());
        for fault in &delivery.built.faults {
            let at = fault.at.map_or("", |at| sources.slice(at)).lines().next().unwrap_or_default();
            out.push(format!("!! {:?}: {} [{at}]", fault.why, fault.says));
        }
        for (says, at) in &delivery.built.assumed {
            out.push(format!("~~ {says} [{}]", sources.slice(*at)));
        }
    }
    out.extend(forest.absent_charts.iter().map(|((_, id), words)| format!("-> {}: {words}", id.label())));
    out.extend(asked.iter().map(|asked| value(&forest, &sources, asked)));
    out
}

fn path(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

/// A value with its pieces: `"nginx"a.yaml ":"a.yaml`.
fn value(forest: &Forest, sources: &Sources, asked: &str) -> String {
    let (of, path) =
        asked.split(" = ").next().and_then(|head| head.split_once(' ')).expect("a label and a path");
    let keys: Vec<&str> = path.split('.').map(|key| key.trim_matches('"')).collect();
    let mut objects = forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects);
    let is_it = |object: &&Object| object.id().label() == of;
    let Some(part) = objects.find(is_it).and_then(|object| object.root.at(&keys)).and_then(Node::part) else {
        return format!(":: {of} {path} = nothing");
    };
    format!(":: {of} {path} = {} ({})", part.text, pieces(&part, sources))
}

/// Where each byte of a text was written: what is not there byte for byte is put in angle brackets.
fn pieces(part: &Part, sources: &Sources) -> String {
    let mut out: Vec<(Span, bool, String)> = Vec::new();
    for at in 0..part.text.len() {
        let origin = part.slice(at..at + 1).origin;
        let inner = origin.inner().map_or(String::new(), |inner| format!(" in {inner}"));
        match (out.last_mut(), origin.editable()) {
            (Some((last, true, _)), Some(span)) if last.source == span.source && last.end == span.start => {
                last.end = span.end;
            }
            (Some((last, false, of)), None) if *last == origin.span() && *of == inner => {}
            (_, Some(span)) => out.push((span, true, inner)),
            (_, None) => out.push((origin.span(), false, inner)),
        }
    }
    let shown = out.iter().map(|(span, exact, inner)| {
        let name = sources.name(span.source);
        let text = sources.slice(*span).lines().next().unwrap_or_default();
        if *exact { format!("{text}@{name}") } else { format!("<{text}>@{name}{inner}") }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// A line of a file, its short forms written out.
fn spelled_out(line: &str, next: Option<&&str>) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["@app", name, path, more @ ..] => format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\n\
             spec:\n  source: {{repoURL: https://git.example/acme/fleet, path: {path}{}{}}}\n  \
             destination: {{server: https://kubernetes.default.svc, namespace: {name}}}\n",
            if more.is_empty() { "" } else { ", " },
            more.join(" "),
        ),
        ["@ks", name, path, more @ ..] => {
            let (from, more) = match more {
                [first, rest @ ..] if first.starts_with("from=") => (&first[5..], rest),
                _ => ("flux-system", more),
            };
            format!(
                "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                 metadata: {{name: {name}, namespace: flux-system}}\n\
                 spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: {from}}}{}{}}}\n",
                if more.is_empty() { "" } else { ", " },
                more.join(" "),
            )
        }
        ["@git", name, url] => format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n\
             metadata: {{name: {name}, namespace: flux-system}}\nspec: {{url: '{url}'}}\n"
        ),
        ["@chart", name] => format!("{{apiVersion: v2, name: {name}, version: 1.0.0}}\n"),
        ["@map", values @ ..] => {
            let value = |name: &&str| format!("  {name}: {{{{ .Values.{name} | toString | quote }}}}\n");
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {{{{ .Release.Name }}}}}}\ndata:\n{}",
                values.iter().map(value).collect::<String>()
            )
        }
        // Its name says what it is told of the cluster.
        ["@caps", apis @ ..] => {
            let has = |api: &&str| {
                format!("{{{{ if .Capabilities.APIVersions.Has \"{api}\" }}}} {api}{{{{ end }}}}")
            };
            let has: String = apis.iter().map(has).collect();
            format!(
                "apiVersion: v1\nkind: ConfigMap\n\
                 metadata: {{name: '{{{{ .Release.Name }}}} {{{{ .Capabilities.KubeVersion.Version }}}}{has}'}}\n"
            )
        }
        ["@crd", group, kind, versions @ ..] => {
            let version =
                |name: &&str| format!("{{name: {name}, served: true, schema: {{openAPIV3Schema: {{}}}}}}");
            format!(
                "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                 metadata: {{name: {}s.{group}}}\nspec: {{group: {group}, names: {{kind: {kind}}}, versions: [{}]}}\n",
                kind.to_lowercase(),
                versions.iter().map(version).collect::<Vec<_>>().join(", "),
            )
        }
        ["@data", name, namespace, pair] => {
            let (key, value) = pair.split_once('=').expect("a key and a value");
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: '{name}', namespace: {namespace}}}\n\
                 data: {{{key}: '{value}'}}\n"
            )
        }
        ["@hr", name, chart, version, more @ ..] => format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: shop}}\n\
             spec: {{chart: {{spec: {{chart: {chart}, version: '{version}', sourceRef: {{kind: HelmRepository, name: charts}}}}}}{}{}}}\n",
            if more.is_empty() { "" } else { ", " },
            more.join(" "),
        ),
        ["@cm", name] => format!("---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n"),
        ["@cm", name, namespace] => format!(
            "---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: {namespace}}}}}\n"
        ),
        ["@deploy", name, image] => format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: 1\n  template:\n    \
             spec: {{containers: [{{name: main, image: '{image}'}}]}}\n"
        ),
        [kind @ ("@set" | "@goset"), name] => format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\n\
             spec:\n  goTemplate: {}\n{}",
            *kind == "@goset",
            if next.is_some_and(|next| next.starts_with("  - ")) { "  generators:\n" } else { "" },
        ),
        ["@template", ..] => {
            let (name, path) = halves(line.trim_start_matches("@template "));
            format!(
                "  template:\n    metadata: {{name: '{name}'}}\n    spec:\n      project: main\n      \
                 source: {{repoURL: https://git.example/acme/fleet, path: '{path}'}}\n      \
                 destination: {{server: https://kubernetes.default.svc, namespace: '{name}'}}\n"
            )
        }
        ["@kust", entries @ ..] => format!("resources: [{}]\n", entries.join(", ")),
        _ => format!("{line}\n"),
    }
}

/// A text cut at its only space that is in no action.
fn halves(text: &str) -> (&str, &str) {
    let is_free = |at: usize| text[..at].matches("{{").count() == text[..at].matches("}}").count();
    let at = text.match_indices(' ').map(|(at, _)| at).find(|at| is_free(*at)).expect("two texts");
    (&text[..at], &text[at + 1..])
}
