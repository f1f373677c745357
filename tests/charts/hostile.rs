//! Charts that ask for more than there is: each is told with its place, in bounded time, and the rest is there.
#![allow(clippy::unwrap_used)]

use crate::pack::{entry, gzip, tgz};
use pintle::testing::world::helm::{Helm, Prepared, Release, Told, UserValues, load, prepare, render};
use pintle::testing::world::with_files;
use pintle::testing::{Node, Origin, Part};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};

const CHART: &str = "{apiVersion: v2, name: NAME, version: 1.0.0}\n";

fn chart(name: &str) -> Vec<u8> {
    CHART.replace("NAME", name).into_bytes()
}

/// What a repository with one chart at its root comes to.
fn run(files: Vec<(String, Vec<u8>)>) -> (Option<Prepared>, Vec<String>) {
    run_with(files, Helm::Three)
}

fn run_with(files: Vec<(String, Vec<u8>)>, helm: Helm) -> (Option<Prepared>, Vec<String>) {
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    // Without its bounds most of this would not end.
    with_files(&repo, &sources, |files| {
        let mut told = Told::default();
        let at = Span::new(SourceId(0), 0, 0);
        let given = UserValues::default().together(at, &|_| Err("none".into()), helm, &mut told);
        let release = Release { helm, ..Release::default() };
        let prepared = load(files, "", helm, &mut told).map(|chart| prepare(files, chart, &given, &release));
        let mut says: Vec<String> = told.faults.iter().map(|fault| fault.says.clone()).collect();
        says.extend(prepared.iter().flat_map(|one| &one.told.faults).map(|fault| fault.says.clone()));
        says.extend(prepared.iter().flat_map(|one| &one.told.warnings).map(|one| one.says.clone()));
        assert!(told.faults.iter().all(|fault| fault.at.is_some()));
        (prepared, says)
    })
}

/// Helm lets a template include itself a thousand times, and counts from the second on. That does not fit on every stack.
#[test]
fn templates_that_include_themselves_end_where_they_do_in_helm() {
    let template = r#"{{ define "x" }}{{ if gt (int .n) 1 }}{{ include "x" (dict "n" (sub (int .n) 1)) }}{{ else }}1{{ end }}{{ end }}
{{- define "y" }}{{ template "y" . }}{{ end -}}
"#;
    for (ends, says) in [
        (r#"a: {{ include "x" (dict "n" 1001) }}"#, None),
        (r#"a: {{ include "x" (dict "n" 1002) }}"#, Some("nested reference name: x")),
        (r#"a: {{ template "y" . }}"#, Some("not followed deeper than 10000")),
    ] {
        let files = vec![
            ("Chart.yaml".to_string(), chart("web")),
            ("templates/a.yaml".into(), format!("{template}{ends}\n").into_bytes()),
            ("templates/b.yaml".into(), b"b: 2\n".to_vec()),
        ];
        let repo = MemoryRepo::new(files);
        let sources = Sources::new(repo.names());
        with_files(&repo, &sources, |files| {
            let chart = load(files, "", Helm::Three, &mut Told::default()).expect("a chart");
            let given = Node::map(Origin::spelled(Span::new(SourceId(0), 0, 0)), Vec::new());
            let rendering = render(files, chart, &given, &Release::default());
            let told: Vec<&str> = rendering.faults.iter().map(|fault| fault.says.as_str()).collect();
            assert_eq!(told.len(), usize::from(says.is_some()), "{told:?}");
            assert!(says.is_none_or(|says| told[0].contains(says)), "{told:?}");
            assert_eq!(rendering.manifests.len(), 2 - told.len());
        });
    }
}

#[test]
fn archives_are_unpacked_within_bounds() {
    let mut many = Vec::new();
    entry(&mut many, "db/Chart.yaml", b'0', "", &chart("db"));
    for at in 0..20_001 {
        entry(&mut many, &format!("db/{at}"), b'0', "", b"");
    }
    let whole = tgz(&[("db/Chart.yaml".into(), chart("db"))]);
    let mut damaged = whole.clone();
    let at = damaged.len() - 8;
    damaged[at] ^= 1;
    let mut lies = Vec::new();
    entry(&mut lies, "db/Chart.yaml", b'0', "", &chart("db"));
    lies[124..135].copy_from_slice(b"77777777777");
    for (bytes, says) in [
        (gzip(&vec![0; 12 << 20]), "times as large"),
        (gzip(&many), "more than the 20000 files"),
        (tgz(&[("db/a.txt".into(), vec![b'a'; (5 << 20) + 1])]), "larger than the 5 MiB of a file"),
        (whole[..whole.len() / 2].to_vec(), "it ends too early"),
        (damaged, "its sum is another"),
        (gzip(&lies), "no tar archive"),
        (gzip(b""), "it holds no files"),
        (b"text".to_vec(), "not packed by gzip"),
        (Vec::new(), "it holds no files"),
        (tgz(&[("db/Chart.yaml -> /etc/passwd".into(), Vec::new())]), "it holds no files"),
    ] {
        let files = vec![("Chart.yaml".into(), chart("web")), ("charts/db.tgz".into(), bytes)];
        let (prepared, told) = run(files);
        assert_eq!(prepared.map(|prepared| prepared.scopes.len()), Some(1), "{says}");
        assert!(told.len() == 1 && told[0].starts_with("charts/db.tgz: "), "{says}: {told:?}");
        assert!(told[0].contains(says), "{says}: {told:?}");
    }
}

/// What archives hold is counted over all of them: many small bombs are one large one.
#[test]
fn archives_have_one_budget() {
    let noise: Vec<u8> = (0..4u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let packed = tgz(&[("db/Chart.yaml".into(), chart("db")), ("db/noise".into(), noise)]);
    let mut files = vec![("Chart.yaml".into(), chart("web"))];
    files.extend((0..40).map(|at| (format!("charts/{at}.tgz"), packed.clone())));
    let (prepared, told) = run(files);
    assert!(told.iter().any(|says| says.contains("larger than the 100 MiB")), "{told:?}");
    assert_eq!(prepared.map(|prepared| prepared.scopes.len()), Some(25));
}

#[test]
fn archives_within_archives_end() {
    let mut packed = tgz(&[("c/Chart.yaml".into(), chart("last"))]);
    for at in 0..40 {
        packed = tgz(&[
            ("c/Chart.yaml".into(), chart(&format!("c{at}"))),
            (format!("c/charts/c{at}.tgz"), packed),
        ]);
    }
    let (prepared, told) = run(vec![("Chart.yaml".into(), chart("web")), ("charts/a.tgz".into(), packed)]);
    assert!(told[0].contains("deeper than 32 levels"), "{told:?}");
    assert_eq!(prepared.map(|prepared| prepared.scopes.len()), Some(33));
}

/// Ten aliases on each of eight levels are a hundred million charts, to helm 4.
#[test]
fn aliases_do_not_multiply() {
    let mut files = Vec::new();
    let mut folder = String::new();
    for level in 0..8 {
        let entries: String =
            (0..10).map(|at| format!("- {{name: c{}, version: '*', alias: a{at}}}\n", level + 1)).collect();
        let text = format!("apiVersion: v2\nname: c{level}\nversion: 1.0.0\ndependencies:\n{entries}");
        files.push((format!("{folder}Chart.yaml"), text.into_bytes()));
        folder = format!("{folder}charts/c{}/", level + 1);
    }
    files.push((format!("{folder}Chart.yaml"), chart("c8")));
    let (prepared, told) = run_with(files, Helm::Four);
    assert!(told.iter().any(|says| says.contains("more than 2000 charts")), "{told:?}");
    assert!(prepared.is_some_and(|prepared| prepared.scopes.len() <= 2_100));
}

#[test]
fn schemas_that_ask_for_ever_end() {
    let double = |key: &str| format!("{{\"{key}\": [{{\"$ref\": \"#\"}}, {{\"$ref\": \"#\"}}]}}");
    for schema in [
        r##"{"$ref": "#"}"##.to_string(),
        double("allOf"),
        double("anyOf"),
        r##"{"properties": {"a": {"$ref": "#/properties/b"}, "b": {"$ref": "#/properties/a"}}}"##.into(),
    ] {
        let files = vec![
            ("Chart.yaml".into(), chart("web")),
            ("values.yaml".into(), b"a: 1".to_vec()),
            ("values.schema.json".into(), schema.clone().into_bytes()),
        ];
        let (_, told) = run(files);
        assert!(
            told.iter().any(|says| says.contains("asks for more than is followed")),
            "{schema}: {told:?}"
        );
    }
}

#[test]
fn a_schema_elsewhere_is_told_and_not_followed() {
    let schema =
        r#"{"properties": {"a": {"$ref": "https://example.com/s.json#/x"}, "b": {"$ref": "other.json"}}}"#;
    let files = vec![
        ("Chart.yaml".into(), chart("web")),
        ("values.yaml".into(), b"a: 1\nb: 2\n".to_vec()),
        ("values.schema.json".into(), schema.as_bytes().to_vec()),
    ];
    let (prepared, told) = run(files);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("`https://example.com/s.json#/x` is elsewhere and not followed"), "{told:?}");
    assert!(prepared.unwrap().breaches.is_empty());
}

fn set(text: &str) -> (Node, Vec<String>) {
    let part = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
    let given = UserValues { set: vec![part], ..UserValues::default() };
    let (mut told, at) = (Told::default(), Span::new(SourceId(0), 0, 0));
    let values = given.together(at, &|_| Err("none".into()), Helm::Three, &mut told);
    (values, told.faults.into_iter().map(|fault| fault.says).collect())
}

#[test]
fn a_long_list_is_short_work() {
    let text: String = (0..2_000).map(|at| format!("a[{at}].b={at},")).collect();
    let (values, told) = set(text.trim_end_matches(','));
    let list = values.get("a").unwrap();
    assert_eq!((list.items().len(), told.len()), (2_000, 0));
    let last = list.items()[1_999].get("b").unwrap();
    assert_eq!(last.origin.editable().map(|span| &text[span.range()]), Some("1999"));
}

#[test]
fn many_values_at_once_end() {
    let (values, told) = set(&"a[65536][65536]=x,b.c.d=1,".repeat(6_000));
    assert_eq!(told, ["helm cannot set `a[65536][65536]`: more than 10000 values are not read"]);
    assert_eq!(values.get("a").map(|list| list.items().len()), Some(65_537));
    let all: String = (0..9_000).map(|at| format!("k{at}.x=1,")).collect();
    assert_eq!(set(&all).0.entries().len(), 9_000);
}
