//! What has no end is ended, with a word where and how much.

use super::*;

/// What has no end of its own: the words that must be told, with their place, and the most bytes that it may take.
struct Endless {
    what: &'static str,
    files: Files,
    says: &'static [&'static str],
    megabytes: usize,
}

fn ends(rows: Vec<Endless>) {
    let _guard = alone();
    measured(plain(20));
    let mut wrong = String::new();
    for row in rows {
        let (report, cost) = measured(row.files);
        println!("{:46} {:>9} allocations, {:>12} bytes", row.what, cost.allocations, cost.bytes);
        let findings = report.findings.iter().map(|finding| (finding.origin.span(), &finding.says));
        let problems = report.problems.iter().filter_map(|problem| Some((problem.at?, &problem.says)));
        let line = |(span, says): (pintle::Span, &String)| {
            let (name, line) = (report.sources.name(span.source), report.sources.places(span).0.line);
            format!("{name}:{line} {says}")
        };
        let told: Vec<String> = findings.chain(problems).map(line).collect();
        for says in row.says.iter().filter(|says| !told.iter().any(|told| told.contains(**says))) {
            let few: Vec<&String> = told.iter().take(5).collect();
            let _ =
                writeln!(wrong, "{}: `{says}` is not told, but {} others: {few:#?}", row.what, told.len());
        }
        if cost.bytes > row.megabytes << 20 {
            let _ = writeln!(wrong, "{}: {} bytes", row.what, cost.bytes);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn files<const N: usize>(files: [(&str, &str); N]) -> Files {
    files.map(|(name, text)| (name.into(), text.into())).into()
}

/// A thousand kustomizations, each in the next.
fn levels() -> Files {
    let one = |at: usize| {
        let next = if at == 999 { "web.yaml".into() } else { format!("../l{}", at + 1) };
        (format!("l{at}/kustomization.yaml"), kustomization([next], ""))
    };
    let mut files: Files = (0..1_000).map(one).collect();
    files.push(("l999/web.yaml".into(), deployment("web")));
    files
}

/// Twenty levels, each of which takes the one below it twice: a million objects.
fn doubling() -> Files {
    let mut files = vec![
        ("l0/kustomization.yaml".into(), kustomization(["web.yaml".into()], "")),
        ("l0/web.yaml".into(), deployment("web")),
    ];
    for at in 1..=20 {
        for side in ["a", "b"] {
            let below = format!("../../l{}", at - 1);
            let text = kustomization([below], &format!("namePrefix: {side}-\n"));
            files.push((format!("l{at}/{side}/kustomization.yaml"), text));
        }
        files.push((format!("l{at}/kustomization.yaml"), kustomization(["a".into(), "b".into()], "")));
    }
    files
}

/// A set of two lists, all pairs of which it takes.
fn matrix(size: usize, selector: &str) -> Files {
    let list = |key: &str, selector: &str| {
        let elements: String = (0..size).fold(String::new(), |mut out, at| {
            let _ = write!(out, "{{{key}: 'x{at}'}}, ");
            out
        });
        format!("{{list: {{elements: [{elements}]}}{selector}}}")
    };
    let spec = application("app-{{a}}-{{b}}", "apps/web").replace('\n', "\n    ");
    let spec = spec.split("kind: Application\n").nth(1).unwrap().replace("---", "");
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all, namespace: argocd}}\nspec:\n  generators: [{{matrix: {{generators: [{}, {}]}}}}]\n  template:\n{spec}\n",
        list("a", ""),
        list("b", selector)
    );
    vec![("argocd/set.yaml".into(), text), ("apps/web/web.yaml".into(), deployment("web"))]
}

#[test]
fn kustomizations_without_end() {
    ends(vec![
        Endless {
            what: "two that load each other",
            files: files([
                ("a/kustomization.yaml", "resources: [../b]\n"),
                ("b/kustomization.yaml", "resources: [../a]\n"),
            ]),
            says: &["b/kustomization.yaml:1 ", "a circle"],
            megabytes: 8,
        },
        Endless {
            what: "three that load each other",
            files: files([
                ("a/kustomization.yaml", "resources: [../b]\n"),
                ("b/kustomization.yaml", "resources: [../c]\n"),
                ("c/kustomization.yaml", "resources: [../a]\n"),
            ]),
            says: &["c/kustomization.yaml:1 ", "a circle"],
            megabytes: 8,
        },
        Endless {
            what: "one that loads itself",
            files: files([("a/kustomization.yaml", "resources:\n  - ../a\n")]),
            says: &["a/kustomization.yaml:2 ", "a circle"],
            megabytes: 8,
        },
        Endless {
            what: "components that load each other",
            files: files([
                ("a/kustomization.yaml", "components: [../b]\n"),
                ("b/kustomization.yaml", "kind: Component\ncomponents: [../c]\n"),
                ("c/kustomization.yaml", "kind: Component\ncomponents: [../b]\n"),
            ]),
            says: &["c/kustomization.yaml:2 ", "a circle"],
            megabytes: 8,
        },
        Endless {
            what: "a thousand levels",
            files: levels(),
            says: &["l199/kustomization.yaml:2 ", "nested more than 200 levels deep"],
            megabytes: 64,
        },
        Endless {
            what: "twenty levels that double",
            files: doubling(),
            says: &["l14/kustomization.yaml:3 ", "more than 10000 copies", "l0/web.yaml:12 "],
            megabytes: 512,
        },
    ]);
}

#[test]
fn deliveries_without_end() {
    let grows = "  path: ./apps\n  postBuild: {substitute: {N: \"${N:-a}b\"}}\n";
    let loose = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: \"k${N:-a}\", namespace: x}\nspec:\n".to_owned() + grows;
    ends(vec![
        Endless {
            what: "Flux Kustomizations that deliver each other",
            files: vec![
                ("a/b.yaml".into(), delivery("b", "b", "")),
                ("b/a.yaml".into(), delivery("a", "a", "")),
            ],
            says: &[],
            megabytes: 8,
        },
        Endless {
            what: "a Flux Kustomization that delivers more of itself",
            files: vec![("apps/k.yaml".into(), loose)],
            says: &["apps/k.yaml:3 ", "by 64 steps at the most"],
            megabytes: 32,
        },
        Endless {
            what: "deliveries within deliveries",
            files: (0..150)
                .map(|at| {
                    (
                        format!("l{at}/next.yaml"),
                        delivery(&format!("k{}", at + 1), &format!("l{}", at + 1), ""),
                    )
                })
                .chain([("l150/web.yaml".to_owned(), deployment("web"))])
                .collect(),
            says: &["l100/next.yaml:1 ", "nested more than 100 levels deep"],
            megabytes: 32,
        },
        Endless {
            what: "Applications that deliver each other",
            files: vec![
                ("a/b.yaml".into(), application("b", "b")),
                ("b/a.yaml".into(), application("a", "a")),
            ],
            says: &[],
            megabytes: 8,
        },
        Endless {
            what: "a matrix of two long lists",
            files: matrix(10_000, ""),
            says: &["argocd/set.yaml:", "more than 5000 "],
            megabytes: 512,
        },
        Endless {
            what: "a matrix of which nothing is taken",
            files: matrix(3_000, ", selector: {matchLabels: {b: none}}"),
            says: &["argocd/set.yaml:", "more than 50000 sets of values"],
            megabytes: 64,
        },
        Endless {
            what: "charts that depend on each other",
            files: release_of(
                [dependent("app", &["other".into()]), dependent("other", &["app".into()])].into_iter(),
            ),
            says: &["apps/all.yaml:", "the chart `app` depends on itself"],
            megabytes: 8,
        },
        Endless {
            what: "charts that depend on two each",
            files: charts_that_multiply(),
            says: &["apps/all.yaml:", "more than 1000 charts are looked for"],
            megabytes: 64,
        },
    ]);
}

/// What is opened in a script and never closed, a megabyte of it: it is read once, and what was before is told.
#[test]
fn scripts_without_end() {
    const OPENED: [&str; 15] = [
        "'",
        "\"",
        "`",
        "$(",
        "${",
        "${A:-",
        "((",
        "$((",
        "<<A\n",
        "<(",
        "{{",
        "a=$a$a\n",
        "x 'y' <<B;",
        "sh -c \"",
        "A1=$A0\n",
    ];
    let row = |opened: &'static str| Endless {
        what: opened,
        files: vec![(
            "a.sh".into(),
            format!("docker run a/b:1\n{}\n", opened.repeat((1 << 20) / opened.len())),
        )],
        says: &["a.sh:1 the command pulls `a/b:1`"],
        megabytes: 96,
    };
    ends(OPENED.map(row).into());
}
