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

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: stable\n";

fn run(application: &str) -> Report {
    with(&[("apps/web.yaml", application)])
}

/// The chart with some files beside it, or in the place of its own.
fn with(beside: &[(&str, &str)]) -> Report {
    let own = [
        ("charts/web/Chart.yaml", CHART),
        ("charts/web/values.yaml", VALUES),
        ("charts/web/templates/web.yaml", TEMPLATE),
    ];
    let own = own.iter().filter(|(name, _)| !beside.iter().any(|(other, _)| other == name));
    let files = own.chain(beside).map(|(name, text)| (name.to_string(), text.to_string()));
    let repo = MemoryRepo::new(files.collect::<Vec<_>>());
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
        "busybox:latest of values/web at charts/web/values.yaml:7",
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
    let refused = report.findings.iter().find(|own| own.rule == "chart-does-not-render");
    assert!(refused.is_some(), "{:?}", report.findings);
}

/// The findings of a rule: severity, place and sentence.
fn findings(report: &Report, rule: &str) -> Vec<String> {
    let found = report.findings.iter().filter(|own| own.rule == rule);
    let told = found.map(|own| {
        let at = own.origin.span();
        let (file, line) = (report.sources.name(at.source), report.sources.places(at).0.line);
        format!("{} {file}:{line} {}", own.severity.name(), own.says)
    });
    told.collect()
}

#[test]
fn a_chart_that_nothing_takes_is_judged_as_its_defaults_have_it() {
    let report = with(&[]);
    let expected = [
        "acme/web:stable of Deployment/release-name at charts/web/values.yaml:1",
        "busybox:latest of values/web at charts/web/values.yaml:7",
        "redis:7.4.1 of Deployment/release-name at charts/web/values.yaml:4",
    ];
    assert_eq!(images(&report), expected);
    assert_eq!(
        findings(&report, "image-latest"),
        [
            "warning charts/web/values.yaml:7 `busybox:latest` may be another image tomorrow (no rendered object uses \
          this: it is switched off or unused)"
        ]
    );
    assert_eq!(report.coverage.defaults, 1);
}

#[test]
fn values_of_tests_and_what_only_they_reach_are_judged_as_tests() {
    let test = "extra: {enabled: true}\ncache: {image: {tag: latest}}\n";
    let template = TEMPLATE.replace(
        "{{- if .Values.cache.enabled }}",
        "{{- if .Values.extra.enabled }}\n        - {name: extra, image: '{{ .Values.extra.image.repository }}:\
         {{ .Values.extra.image.tag }}'}\n        {{- end }}\n        {{- if .Values.cache.enabled }}",
    );
    let ci = "charts/web/ci/all-values.yaml";
    let report = with(&[("charts/web/templates/web.yaml", &template), (ci, test)]);
    let told = findings(&report, "image-latest");
    assert_eq!(
        told,
        [
            "warning charts/web/ci/all-values.yaml:2 `redis:latest` may be another image tomorrow (only a test of the \
             chart uses this)",
            "warning charts/web/values.yaml:7 `busybox:latest` may be another image tomorrow (only a test of the chart \
             uses this)",
        ]
    );
    let moving = findings(&report, "image-moving-tag");
    assert_eq!(moving.len(), 1, "by defaults and by tests it is one finding: {moving:?}");
}

#[test]
fn tests_of_a_chart_that_something_takes_are_tests_all_the_same() {
    let test = "cache: {image: {repository: redis, tag: latest}}\n";
    let report = with(&[("charts/web/ci/all-values.yaml", test), ("apps/web.yaml", APPLICATION)]);
    let told = findings(&report, "image-latest");
    assert!(told.iter().any(|one| one.starts_with("warning charts/web/ci/all-values.yaml:1 ")), "{told:?}");
}

#[test]
fn a_template_that_is_switched_off_is_judged_as_it_is_written() {
    let job = "\
{{- if .Values.extra.enabled }}
apiVersion: batch/v1
kind: Job
metadata: {name: extra}
spec: {template: {spec: {containers: [{name: extra, image: alpine:latest}]}}}
{{- end }}
";
    let name = "charts/web/templates/job.yaml";
    let told = findings(&with(&[(name, job)]), "image-latest");
    assert!(told[0].starts_with("warning charts/web/templates/job.yaml:5 `alpine:latest`"), "{told:?}");
    // Whoever takes the chart has switched it off.
    let told = findings(&with(&[(name, job), ("apps/web.yaml", APPLICATION)]), "image-latest");
    assert!(!told.iter().any(|one| one.contains("alpine")), "{told:?}");
}

#[test]
fn a_test_of_helm_is_told_as_one() {
    let pod = "\
apiVersion: v1
kind: Pod
metadata: {name: test, annotations: {helm.sh/hook: test}}
spec: {containers: [{name: test, image: alpine:latest}]}
";
    let told = findings(&with(&[("charts/web/templates/tests/test.yaml", pod)]), "image-latest");
    assert!(told[0].starts_with("warning ") && told[0].ends_with("test of the chart uses this)"), "{told:?}");
}

#[test]
fn values_of_a_chart_that_is_not_here_are_judged_as_they_are_written() {
    let chart = format!(
        "{CHART}dependencies: [{{name: db, version: 1.x.x, repository: 'https://charts.example'}}]\n"
    );
    let values = format!("{VALUES}db: {{image: {{repository: acme/db, tag: latest}}}}\n");
    let report = with(&[("charts/web/Chart.yaml", &chart), ("charts/web/values.yaml", &values)]);
    let told = findings(&report, "image-latest");
    assert!(told.iter().any(|one| one == "error charts/web/values.yaml:8 `acme/db:latest` may be another image tomorrow"), "{told:?}");
}

#[test]
fn a_chart_that_needs_values_is_counted_and_judged_as_it_is_written() {
    let template = format!("{{{{ required \"a name\" .Values.name }}}}\n{TEMPLATE}");
    let report = with(&[("charts/web/templates/web.yaml", &template)]);
    assert_eq!(findings(&report, "chart-does-not-render"), [""; 0]);
    let unseen: Vec<&str> = report.coverage.unseen.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(unseen, ["it does not render with its defaults: a name"]);
    let told = findings(&report, "image-moving-tag");
    assert_eq!(told, [""; 0], "nobody knows that the tag is that of the chart");
    assert!(
        images(&report).iter().any(|one| one.starts_with("redis:7.4.1 of values/web")),
        "{:?}",
        images(&report)
    );
}

#[test]
fn a_template_that_is_none_is_an_error_of_the_chart() {
    let report = with(&[("charts/web/templates/broken.yaml", "{{ if }}\n")]);
    let told = findings(&report, "chart-does-not-render");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("error charts/web/templates/broken.yaml:1"), "{told:?}");
}

#[test]
fn a_tag_that_is_a_number_is_one_whoever_prints_it() {
    let values = VALUES.replace("7.4.1", "7.10");
    let told = findings(&with(&[("charts/web/values.yaml", &values)]), "image-tag-number");
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_password_of_the_values_that_lands_in_a_secret_is_one_finding_at_the_values() {
    let secret = "\
apiVersion: v1
kind: Secret
metadata: {name: web}
data:
  password: {{ .Values.auth.password | b64enc }}
stringData:
  url: postgres://web:{{ .Values.auth.password }}@db/web
";
    let values = format!("{VALUES}auth: {{password: Xk7-pq2Lw9zR4t}}\n");
    let report = with(&[("charts/web/values.yaml", &values), ("charts/web/templates/secret.yaml", secret)]);
    let told: Vec<String> = report
        .findings
        .iter()
        .filter(|own| own.rule.starts_with("secret"))
        .map(|own| {
            let at = own.origin.span();
            format!("{}:{}", report.sources.name(at.source), report.sources.places(at).0.line)
        })
        .collect();
    assert_eq!(told, ["charts/web/values.yaml:8"]);
}

#[test]
fn an_image_that_wants_a_value_is_none_yet() {
    let report = with(&[("charts/web/Chart.yaml", &CHART.replace("appVersion: stable\n", ""))]);
    let wrong: Vec<&str> = report.findings.iter().map(|own| own.rule.as_str()).collect();
    assert!(!wrong.iter().any(|rule| rule.contains("malformed") || *rule == "image-untagged"), "{wrong:?}");
    let open = report.facts.unread.iter().filter(|one| one.why == "needs values").count();
    assert_eq!(open, 1);
}

/// The findings of a rule by place, of these files.
fn places(files: &[(&str, &str)], rule: &str) -> Vec<String> {
    let repo = MemoryRepo::new(files.iter().map(|(name, text)| (name.to_string(), text.to_string())));
    let (config, book) = (Config::default(), Book::built_in().0);
    let report = check(&Job::new(&repo, &config, &book));
    let found = report.findings.iter().filter(|own| own.rule == rule);
    let mut out: Vec<String> = found
        .map(|own| {
            let at = own.origin.span();
            format!("{}:{}", report.sources.name(at.source), report.sources.places(at).0.line)
        })
        .collect();
    out.sort();
    out
}

const FILES: [(&str, &str); 3] = [
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 1.0.0\n"),
    ("charts/web/values.yaml", VALUES),
    ("charts/web/templates/web.yaml", TEMPLATE),
];

#[test]
fn a_finding_of_a_helmfile_points_at_the_environment_that_decided() {
    let helmfile = "environments:\n  test:\n    values: [{tag: 7.4.1}]\n  prod:\n    values: [envs/prod.yaml]\n---\n\
                    releases:\n  - name: web\n    chart: ./charts/web\n    values: [web.yaml.gotmpl]\n";
    let own = [
        ("helmfile.yaml", helmfile),
        ("envs/prod.yaml", "# what prod runs\ntag: latest\n"),
        ("web.yaml.gotmpl", "cache:\n  image:\n    tag: {{ .Values.tag }}\n"),
    ];
    let files: Vec<(&str, &str)> = own.into_iter().chain(FILES).collect();
    // What is switched off is told from the values of the chart.
    assert_eq!(places(&files, "image-latest"), ["charts/web/values.yaml:7", "envs/prod.yaml:2"]);
}

#[test]
fn a_number_that_a_template_writes_is_not_quoted_where_it_comes_from() {
    let helmfile = "environments:\n  default: {values: [env.yaml]}\n---\nreleases:\n  - name: web\n    chart: charts/app\n    \
                    version: 1.0.0\n    values: [{image: {repository: acme/web, tag: {{ .Values.tag }}}}]\n";
    let files = [("helmfile.yaml.gotmpl", helmfile), ("env.yaml", "tag: \"1.10\"\n")];
    let repo = MemoryRepo::new(files.map(|(name, text)| (name.to_string(), text.to_string())));
    let (config, book) = (Config::default(), Book::built_in().0);
    let report = check(&Job::new(&repo, &config, &book));
    let found = report.findings.iter().find(|own| own.rule == "image-tag-number").expect("a number");
    assert_eq!((report.sources.slice(found.origin.span()), found.fix.is_none()), ("1.10", true));
}

#[test]
fn a_finding_of_a_bundle_points_at_the_target_that_decided() {
    let options = "helm:\n  chart: ../charts/web\ntargetCustomizations:\n  - name: prod\n    helm:\n      values:\n        \
                   cache:\n          image: {tag: latest}\n";
    let files: Vec<(&str, &str)> = [("web/fleet.yaml", options)].into_iter().chain(FILES).collect();
    assert_eq!(places(&files, "image-latest"), ["charts/web/values.yaml:7", "web/fleet.yaml:8"]);
}

#[test]
fn a_release_whose_chart_is_elsewhere_is_judged_by_its_values_once() {
    let helmfile = "releases:\n  - name: db\n    namespace: data\n    chart: charts/db\n    version: 1.2.3\n    \
                    values: [values.yaml, {image: {tag: latest}}]\n";
    let own = [
        ("helmfile.yaml", helmfile),
        (
            "values.yaml",
            "image: {repository: redis, tag: latest}\nside: {image: {repository: busybox, tag: latest}}\n",
        ),
    ];
    // The tag of the file is beaten, and what a release takes is not judged by itself.
    assert_eq!(places(&own, "image-latest"), ["helmfile.yaml:6", "values.yaml:2"]);
    let repo = MemoryRepo::new(own.map(|(name, text)| (name.to_string(), text.to_string())));
    let (config, book) = (Config::default(), Book::built_in().0);
    let coverage = check(&Job::new(&repo, &config, &book)).coverage;
    let unseen: Vec<String> =
        coverage.unseen.iter().map(|one| format!("{} {}", one.subject, one.reason)).collect();
    assert_eq!((coverage.objects, unseen), (0, vec!["Release/data/db `charts/db`".to_string()]));
}

#[test]
fn a_registry_for_all_is_put_before_what_a_chart_puts_it_before() {
    let values = format!("global: {{imageRegistry: mirror.example}}\n{VALUES}");
    let template =
        TEMPLATE.replace("\"{{ .Values.image", "\"{{ .Values.global.imageRegistry }}/{{ .Values.image");
    let report =
        with(&[("charts/web/values.yaml", values.as_str()), ("charts/web/templates/web.yaml", &template)]);
    let found = images(&report);
    assert!(found.iter().any(|one| one.starts_with("mirror.example/acme/web:")), "{found:?}");
    assert!(found.iter().any(|one| one.starts_with("redis:7.4.1 of Deployment/")), "{found:?}");
    // Of what is switched off nobody knows.
    assert!(found.iter().any(|one| one.starts_with("busybox:latest of ")), "{found:?}");
}
