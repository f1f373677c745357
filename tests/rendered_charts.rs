//! Charts of the repository that something delivers: rules judge what they make, at the line that decided.

use pintle::{Book, Config, Job, MemoryRepo, Report, check};

const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  source:
    repoURL: https://git.example/acme/fleet
    path: charts/web
    helm:
      valuesObject:
        cache: {image: {tag: latest}}
  destination: {server: https://kubernetes.default.svc, namespace: web}
";

const VALUES: &str = "\
image: {repository: acme/web, tag: \"\"}
cache:
  enabled: true
  image: {repository: redis, tag: 7.4.1}
extra:
  enabled: false
  image: {repository: busybox, tag: latest}
";

const TEMPLATE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  template:
    spec:
      containers:
        - name: web
          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"
        {{- if .Values.cache.enabled }}
        - name: cache
          image: {{ .Values.cache.image.repository }}:{{ .Values.cache.image.tag }}
        {{- end }}
";

fn run(application: &str) -> Report {
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: stable\n";
    let files = [
        ("apps/web.yaml", application),
        ("charts/web/Chart.yaml", chart),
        ("charts/web/values.yaml", VALUES),
        ("charts/web/templates/web.yaml", TEMPLATE),
    ];
    let repo = MemoryRepo::new(files.map(|(name, text)| (name.to_string(), text.to_string())));
    let (config, book) = (Config::default(), Book::built_in().0);
    check(&Job::new(&repo, &config, &book))
}

/// The images by what they say, the object that runs them, and the place.
fn images(report: &Report) -> Vec<String> {
    let mut out: Vec<String> = report
        .facts
        .images
        .iter()
        .map(|fact| {
            let at = fact.origin.span();
            let line = report.sources.places(at).0.line;
            format!(
                "{} of {} at {}:{line}",
                fact.says.text,
                fact.owner.label(),
                report.sources.name(at.source)
            )
        })
        .collect();
    out.sort();
    out
}

#[test]
fn images_of_a_chart_are_those_that_it_makes() {
    let told = images(&run(APPLICATION));
    let expected = [
        "acme/web:stable of Deployment/web/web at charts/web/values.yaml:1",
        "redis:latest of Deployment/web/web at charts/web/values.yaml:4",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_finding_points_at_the_line_that_decided() {
    let report = run(APPLICATION);
    let place = |rule: &str, says: &str| {
        let found = report.findings.iter().find(|own| own.rule == rule && own.says.contains(says));
        let at = found.unwrap_or_else(|| panic!("{rule}: {:?}", report.findings)).origin.span();
        format!("{}:{}", report.sources.name(at.source), report.sources.places(at).0.line)
    };
    assert_eq!(place("image-latest", "redis"), "apps/web.yaml:10");
    assert_eq!(place("image-moving-tag", "stable"), "charts/web/Chart.yaml:4");
}

#[test]
fn a_template_that_fails_is_judged_as_it_is_written() {
    let broken = APPLICATION.replace("valuesObject:", "valuesObject:\n        image: 5");
    let report = run(&broken);
    let refused = report.findings.iter().find(|own| own.rule == "kustomization-does-not-build");
    assert!(refused.is_some(), "{:?}", report.findings);
}
