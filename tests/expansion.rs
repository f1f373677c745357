//! Texts that grow without end: variables that each hold the one before twice. Every format stops at a bound in
//! bytes, says where, and goes on; and none takes longer than its text is long.

use pintle::{Book, Config, Job, MemoryRepo, Report, survey};
use std::fmt::Write;

/// How many variables stand in a row: the last would have two bytes, doubled so many times.
const CHAIN: usize = 40;

/// A head, a line for each variable of the chain made of its number and the one before, and what uses the last.
fn chain(head: &str, line: impl Fn(usize, usize) -> String, tail: &str) -> String {
    let lines: String = (1..=CHAIN).map(|at| line(at, at - 1) + "\n").collect();
    format!("{head}{lines}{tail}")
}

fn report(files: &[(String, String)]) -> Report {
    let repo = MemoryRepo::new(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let (book, config) = (Book::built_in().0, Config::default());
    survey(&Job::new(&repo, &config, &book)).0
}

/// What is told of the bound: `file:line: what`.
fn told(report: &Report) -> Vec<String> {
    let problems =
        report.problems.iter().filter(|problem| matches!(problem.kind, "expansion" | "not-followed"));
    let problems = problems.filter_map(|problem| Some((problem.at?, problem.says.clone())));
    let line = |(at, says): (pintle::Span, String)| {
        let (name, start) = (report.sources.name(at.source), report.sources.places(at).0);
        format!("{name}:{}: {}", start.line, says.split(':').next().unwrap_or_default())
    };
    problems.map(line).collect()
}

#[test]
fn a_chain_that_doubles_ends_at_a_bound() {
    let twice = "the value that belongs here was not put in";
    for (name, text, beside, expected) in [
        (
            "compose.yml",
            "services:\n  w:\n    image: x/w:${V40}\n".to_string(),
            chain("V0=xy\n", |at, before| format!("V{at}=${{V{before}}}${{V{before}}}"), ""),
            ".env:21",
        ),
        (
            "Dockerfile",
            chain("ARG V0=xy\n", |at, before| format!("ARG V{at}=$V{before}$V{before}"), "FROM x/w:$V40\n"),
            String::new(),
            "Dockerfile:21",
        ),
        (
            ".gitlab-ci.yml",
            chain(
                "variables:\n  V0: xy\n",
                |at, before| format!("  V{at}: $V{before}$V{before}"),
                "w: {image: \"x/w:$V40\"}\n",
            ),
            String::new(),
            ".gitlab-ci.yml:22",
        ),
        (
            "roles/w/defaults/main.yml",
            chain(
                "v0: xy\n",
                |at, before| format!("v{at}: \"{{{{ v{before} }}}}{{{{ v{before} }}}}\""),
                "w_image: \"x/w:{{ v40 }}\"\n",
            ),
            String::new(),
            "roles/w/defaults/main.yml:21",
        ),
        (
            "main.tf",
            chain(
                "locals {\n  v0 = \"xy\"\n",
                |at, before| format!("  v{at} = \"${{local.v{before}}}${{local.v{before}}}\""),
                "}\nresource \"docker_image\" \"w\" {\n  name = \"x/w:${local.v40}\"\n}\n",
            ),
            String::new(),
            "main.tf:22",
        ),
    ] {
        let report = report(&[(name.to_string(), text), (".env".to_string(), beside)]);
        assert_eq!(told(&report), [format!("{expected}: {twice}")], "{name}");
        let images: Vec<_> = report.facts.images.iter().map(|fact| fact.says.hole()).collect();
        assert_eq!(images.len(), 1, "{name}");
        let says = images[0].map(|hole| hole.says()).unwrap_or_default();
        assert!(says.ends_with("grows too long to be followed"), "{name}: {says}");
    }
}

/// Flux puts no variable into a variable; but a Kustomization that another delivers has its variables filled.
#[test]
fn a_chain_of_kustomizations_ends_at_a_bound() {
    let kustomization = |at: usize| {
        let value = if at == 0 { "xy" } else { "${V}${V}" };
        let path = if at == CHAIN { "./app".to_string() } else { format!("./k{}", at + 1) };
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k{at}, namespace: flux-system}}\nspec:\n  path: {path}\n  prune: true\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n  postBuild:\n    substitute: {{V: \"{value}\"}}\n"
        )
    };
    let mut files: Vec<(String, String)> =
        (0..=CHAIN).map(|at| (format!("k{at}/k.yaml"), kustomization(at))).collect();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: w, image: \"x/w:${V}\"}]}\n";
    files.push(("app/pod.yaml".to_string(), pod.to_string()));
    let report = report(&files);
    let told = told(&report);
    assert!(told.iter().any(|line| line.starts_with("k20/k.yaml:9: ")), "{told:?}");
    let image = report.facts.images.first().map(|fact| &fact.says);
    assert!(image.is_some_and(|image| image.hole().is_some() && image.text.len() <= 1 << 20));
}

#[test]
fn operations_of_flux_end_at_a_bound() {
    let long = "p".repeat(900_000);
    for form in ["${A//p/pppp}", "${A##*p*q}", "${A%%*q*}", "${A}${A}"] {
        let flux = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k, namespace: f}}\nspec:\n  path: ./app\n  prune: true\n  sourceRef: {{kind: GitRepository, name: f}}\n  postBuild:\n    substitute:\n      A: {long}\n"
        );
        let map = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  a: \"{form}\"\n");
        let report = report(&[("flux.yaml".into(), flux), ("app/map.yaml".into(), map)]);
        assert_eq!(told(&report), ["app/map.yaml:5: the value that belongs here was not put in"], "{form}");
    }
}

/// A value that went through many hands keeps the way it came, which is bounded as its bytes are.
#[test]
fn a_long_way_ends_at_a_bound() {
    for tail in ["", "x"] {
        let lines: String = (1..30_000).map(|at| format!("ARG V{at}=${{V{}}}{tail}\n", at - 1)).collect();
        let text = format!("ARG V0=1\n{lines}FROM x/w:${{V29999}}\nFROM x/v:${{V60}}\n");
        let report = report(&[("Dockerfile".to_string(), text)]);
        let holes: Vec<bool> = report.facts.images.iter().map(|fact| fact.says.hole().is_some()).collect();
        assert_eq!((told(&report).len(), holes), (1, vec![true, false]), "{tail:?}");
    }
}

/// The whole of a file is bounded, too: many values of which each is allowed.
#[test]
fn a_file_is_put_together_to_a_bound() {
    let mut text = format!("ARG V={}\n", "x".repeat(1 << 19));
    (0..100).for_each(|at| _ = writeln!(text, "ARG W{at}=$V"));
    let report = report(&[("Dockerfile".to_string(), text + "FROM x/w:1\n")]);
    assert_eq!(told(&report), ["Dockerfile:34: 68 values were not put in, the first of them here"]);
}

/// Texts of which each part asks for the rest: a reading that looks at the rest for each part would take hours.
#[test]
fn long_texts_take_time_as_long_as_they_are() {
    let much = 200_000;
    let env: String = (0..50_000).map(|at| format!("V{at}=1\n")).collect();
    let arguments: String = (0..20_000).map(|at| format!("ARG V{at}=$V0\n")).collect();
    for (name, text) in [
        ("compose.yml", format!("services:\n  w:\n    image: x/w:{}\n", "${".repeat(much))),
        ("a/compose.yml", format!("services:\n  w:\n    image: x/w:{}\n", "${A:-".repeat(much))),
        ("b/compose.yml", format!("services:\n  w:\n    image: x/w:{}\n", "${A}".repeat(much))),
        ("c/compose.yml", format!("services:\n  w:\n    image: x/w:{}\n", "$$".repeat(much))),
        (
            "d/compose.yml",
            format!("services:\n  w:\n    image: x/w:{}{}\n", "${A:-".repeat(much), "}".repeat(much)),
        ),
        ("Dockerfile", format!("{arguments}FROM x/w:{}\n", "'$A'".repeat(much))),
        (
            "main.tf",
            format!("resource \"docker_image\" \"w\" {{\n  name = \"x/w:{}\"\n}}\n", "$${".repeat(much)),
        ),
        ("roles/w/defaults/main.yml", format!("w_image: \"x/w:{{{{ {} }}}}\"\n", "a ~ ".repeat(much))),
        ("group_vars/w.yml", format!("w_image: \"x/w:{}\"\n", "{{ a }}".repeat(much))),
        (
            "pod.yaml",
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: w, image: \"x/w:{}\"}}]}}\n",
                "$A%B%".repeat(much)
            ),
        ),
    ] {
        let report = report(&[(name.to_string(), text), (".env".to_string(), env.clone())]);
        assert_eq!(report.facts.images.len(), 1, "{name}");
        eprintln!("{name}");
    }
}

/// YAML's own way of growing: aliases of aliases.
#[test]
fn aliases_of_aliases_end_at_a_bound() {
    let level = |at: usize| {
        let before = ["*a", "*b", "*c", "*d", "*e", "*f", "*g", "*h"][at - 1];
        let name = ["a", "b", "c", "d", "e", "f", "g", "h", "i"][at];
        format!("{name}: &{name} [{}]\n", [before; 9].join(", "))
    };
    let text = format!("a: &a [x, x, x, x, x, x, x, x, x]\n{}", (1..9).map(level).collect::<String>());
    let report = report(&[("values.yaml".into(), text + "image: {repository: x/w, tag: \"1\"}\n")]);
    let problems: Vec<_> = report.problems.iter().filter(|problem| problem.kind == "yaml-alias").collect();
    let mut places: Vec<_> = problems.iter().filter_map(|problem| problem.at).collect();
    assert!(!places.is_empty() && places.len() == problems.len());
    places.dedup();
    assert_eq!(places.len(), problems.len(), "a place is told once");
    assert_eq!(report.facts.images.len(), 1);
}
