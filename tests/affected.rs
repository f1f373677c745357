//! One place may decide for several objects: each is a finding and an entry of a baseline of its own, and is allowed
//! by itself.

use pintle::{Baseline, Book, Config, Finding, Job, MemoryRepo, Report, check, write_baseline};

const CLUSTER: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: NAME, namespace: flux-system}
spec:
  path: PATH
  sourceRef: {kind: GitRepository, name: flux-system}
  postBuild:
    substitute:
      CLASS: longhorn
";

const DATABASE: &str = "\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: NAME, namespace: shop}
spec:
  instances: 3
  storage:
    size: 1Gi
    storageClass: ${CLASS}
";

const RULE: &str = "postgres-on-longhorn";

/// Two clusters that get the same two databases; `CLASS` is written once for each cluster.
fn files() -> Vec<(String, String)> {
    let root = |cluster: &str| {
        let own = CLUSTER.replace("NAME", "flux-system").replace("PATH", &format!("clusters/{cluster}"));
        let apps = CLUSTER.replace("NAME", "apps").replace("PATH", "apps");
        let own = own.split("  postBuild").next().unwrap_or_default().to_string();
        [(format!("clusters/{cluster}/root.yaml"), own), (format!("clusters/{cluster}/apps.yaml"), apps)]
    };
    let database = |name: &str| (format!("apps/{name}.yaml"), DATABASE.replace("NAME", name));
    [root("home"), root("office")].into_iter().flatten().chain([database("a"), database("b")]).collect()
}

fn run(files: &[(String, String)], baseline: Option<&Baseline>) -> Report {
    let repo = MemoryRepo::new(files.iter().cloned());
    let (config, book) = (Config::default(), Book::built_in().0);
    check(&Job { baseline, ..Job::new(&repo, &config, &book) })
}

/// The databases that are reported, each with its file and status.
fn told(report: &Report) -> Vec<String> {
    let own = report.findings.iter().filter(|finding| finding.rule == RULE);
    let tell = |finding: &Finding| {
        let file = report.sources.name(finding.origin.span().source);
        format!("{} at {file}: {}", finding.owner, finding.status.name())
    };
    own.map(tell).collect()
}

#[test]
fn two_databases_behind_one_variable_are_two_findings() {
    let report = run(&files(), None);
    let expected = [
        "Cluster/shop/a at clusters/home/apps.yaml: live",
        "Cluster/shop/b at clusters/home/apps.yaml: live",
        "Cluster/shop/a at clusters/office/apps.yaml: live",
        "Cluster/shop/b at clusters/office/apps.yaml: live",
    ];
    assert_eq!(told(&report), expected);
    let own: Vec<&Finding> = report.findings.iter().filter(|finding| finding.rule == RULE).collect();
    assert_eq!(own[0].environments, ["home"]);
    let mut prints: Vec<&str> = own.iter().map(|finding| finding.fingerprint.as_str()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 4);
}

#[test]
fn a_baseline_holds_for_the_object_that_it_names() {
    let report = run(&files(), None);
    let text = write_baseline(&report.findings, &report.sources);
    let without_b: String = text
        .lines()
        .filter(|line| !line.contains("Cluster/shop/b"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(text, without_b);
    let baseline = Baseline::read(&without_b);
    let told = told(&run(&files(), Some(&baseline)));
    assert_eq!(told.iter().filter(|one| one.ends_with("live")).count(), 2, "{told:?}");
    assert!(told.iter().all(|one| one.contains("shop/b") == one.ends_with("live")), "{told:?}");
}

#[test]
fn an_allow_holds_where_it_is_decided_and_where_it_is_put_in() {
    let with_allow = |file: &str, at: &str| -> Vec<String> {
        let mut files = files();
        let own = files.iter_mut().find(|(name, _)| name == file).expect("a file of this name");
        own.1 = own.1.replace(at, &format!("{at} # pintle: allow {RULE} (asked for)"));
        told(&run(&files, None))
    };
    let decided = with_allow("clusters/home/apps.yaml", "CLASS: longhorn");
    assert!(
        decided.iter().all(|one| one.contains("clusters/home/") == one.ends_with("suppressed")),
        "{decided:?}"
    );
    let put_in = with_allow("apps/a.yaml", "storageClass: ${CLASS}");
    assert!(put_in.iter().all(|one| one.contains("shop/a") == one.ends_with("suppressed")), "{put_in:?}");
}

#[test]
fn a_manifest_that_is_left_out_says_from_where_its_object_comes() {
    let object = |name: &str, namespace: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n")
    };
    let file = |name: &str, text: String| (name.to_string(), text);
    let files = [
        file("apps/kustomization.yaml", "resources: [one/a.yaml, b.yaml, moved.yaml]\n".into()),
        file("apps/one/a.yaml", object("a", "one")),
        file("apps/b.yaml", object("b", "one")),
        file("apps/moved.yaml", object("moved", "one")),
        file("apps/old.yaml", object("moved", "one")),
        // The same name somewhere else is another object.
        file("apps/other.yaml", object("a", "two")),
        file("apps/a_patch.yaml", object("gone", "one")),
    ];
    let report = run(&files, None);
    let own = report.findings.iter().filter(|finding| finding.rule == "manifest-not-delivered");
    let says: Vec<&str> = own.map(|finding| finding.says.as_str()).collect();
    let expected = [
        "ConfigMap/one/moved is delivered from apps/moved.yaml, not from here: apps/kustomization.yaml does not load it",
        "nothing delivers ConfigMap/two/a: apps/kustomization.yaml does not load it",
    ];
    assert_eq!(says, expected);
}
