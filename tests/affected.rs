//! One place may decide for several objects: each is a finding and an entry of a baseline of its own, and is allowed
//! by itself.

use pintle::{
    Baseline, Book, Config, Finding, Job, MemoryRepo, Redactor, Report, Severity, check, entries,
    write_baseline,
};

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
    assert_eq!(own[0].environments(), ["home"]);
    let mut prints: Vec<&str> = own.iter().map(|finding| finding.fingerprint.as_str()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 4);
}

#[test]
fn a_baseline_holds_for_the_object_that_it_names() {
    let report = run(&files(), None);
    let text = write_baseline(&entries(&report.findings, &report.sources), &());
    let without_b: String = text
        .lines()
        .filter(|line| !line.contains("Cluster/shop/b"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(text, without_b);
    let baseline = Baseline::read(None, &without_b);
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
        // What its build calls otherwise was only a placeholder's.
        file("shop/kustomization.yaml", "namespace: shop\nresources: [metrics.yaml]\n".into()),
        file("shop/metrics.yaml", object("metrics", "system")),
        file("apps/metrics.yaml", object("metrics", "system")),
    ];
    let report = run(&files, None);
    let own = report.findings.iter().filter(|finding| finding.rule == "manifest-not-delivered");
    let says: Vec<&str> = own.map(|finding| finding.says.as_str()).collect();
    let expected = [
        "nothing delivers this ConfigMap/system/metrics: apps/kustomization.yaml does not load it",
        "ConfigMap/one/moved is delivered from apps/moved.yaml, not from here: apps/kustomization.yaml does not load it",
        "nothing delivers this ConfigMap/two/a: apps/kustomization.yaml does not load it",
    ];
    assert_eq!(says, expected);
}

/// Two files that hold an object of one written name: their namespaces come from who delivers them.
fn namesakes() -> Vec<(String, String)> {
    let root = CLUSTER.replace("NAME", "flux-system").replace("PATH", "clusters/home");
    let root = root.split("  postBuild").next().unwrap_or_default().to_string();
    let child = |name: &str| {
        let own = CLUSTER.replace("NAME", name).replace("PATH", &format!("apps/{name}"));
        let own = own.split("  postBuild").next().unwrap_or_default().to_string();
        let from = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}";
        (format!("clusters/home/{name}.yaml"), format!("{own}  targetNamespace: {name}\n{from}\n"))
    };
    let vars = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n\
                data: {CLASS: longhorn}\n";
    let database = DATABASE.replace("NAME, namespace: shop", "pg");
    let file = |name: &str, text: &str| (name.to_string(), text.to_string());
    vec![
        file("clusters/home/root.yaml", &root),
        file("clusters/home/vars.yaml", vars),
        child("a"),
        child("b"),
        file("apps/a/pg.yaml", &database),
        file("apps/b/pg.yaml", &database),
    ]
}

#[test]
fn objects_of_one_written_name_in_two_files_are_two_findings() {
    let report = run(&namesakes(), None);
    assert_eq!(told(&report), ["Cluster/pg at clusters/home/vars.yaml: live"; 2]);
    let prints: Vec<&str> = report.findings.iter().filter(|own| own.rule == RULE).map(print).collect();
    assert_ne!(prints[0], prints[1]);
    let mut files = namesakes();
    let allow = format!("storageClass: ${{CLASS}} # pintle: allow {RULE} (only here)");
    files[4].1 = files[4].1.replace("storageClass: ${CLASS}", &allow);
    let mut told = told(&run(&files, None));
    told.sort();
    assert_eq!(
        told,
        ["Cluster/pg at clusters/home/vars.yaml: live", "Cluster/pg at clusters/home/vars.yaml: suppressed"]
    );
}

fn print(finding: &Finding) -> &str {
    &finding.fingerprint
}

/// Baselines that were written before the file of the object took part in the names of findings still hold.
#[test]
fn a_baseline_of_before_holds() {
    let report = run(&namesakes(), None);
    let own = report.findings.iter().filter(|own| own.rule == RULE);
    let old: String = own.filter_map(|own| own.former.clone()).map(|print| format!("{print} x\n")).collect();
    let told = told(&run(&namesakes(), Some(&Baseline::read(None, &old))));
    assert_eq!(told, ["Cluster/pg at clusters/home/vars.yaml: baselined"; 2]);
}

/// A plan of backups is for its own cluster.
#[test]
fn a_backup_of_another_cluster_is_none() {
    let root = |cluster: &str| {
        let own = CLUSTER.replace("NAME", "flux-system").replace("PATH", &format!("clusters/{cluster}"));
        let own = own.split("  postBuild").next().unwrap_or_default().to_string();
        (format!("clusters/{cluster}/root.yaml"), own)
    };
    let database = |cluster: &str| {
        let text = DATABASE.replace("NAME", "pg").replace("${CLASS}", "local-ssd");
        let store = "  backup: {barmanObjectStore: {destinationPath: 's3://far'}}\n";
        (format!("clusters/{cluster}/pg.yaml"), text + store)
    };
    let plan = "apiVersion: postgresql.cnpg.io/v1\nkind: ScheduledBackup\n\
                metadata: {name: daily, namespace: shop}\nspec: {schedule: '0 0 0 * * *', cluster: {name: pg}}\n";
    let files = [
        root("prod"),
        root("stag"),
        database("prod"),
        database("stag"),
        ("clusters/stag/backup.yaml".into(), plan.into()),
    ];
    let report = run(&files, None);
    let own = report.findings.iter().filter(|finding| finding.rule == "cnpg-no-backup");
    let files: Vec<&str> = own.map(|own| report.sources.name(own.origin.span().source)).collect();
    assert_eq!(files, ["clusters/prod/pg.yaml"]);
}

/// A file that holds an inline patch is no patch file: what else is in it is judged.
#[test]
fn what_stands_beside_an_inline_patch_is_judged() {
    let root = CLUSTER.replace("NAME", "flux-system").replace("PATH", "clusters/home");
    let root = root.split("  postBuild").next().unwrap_or_default();
    let patch =
        "  patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}'}]\n";
    let beside = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: redis}\n\
                  spec: {template: {spec: {containers: [{name: redis, image: 'redis:latest'}]}}}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
    let files = [
        ("bootstrap/flux.yaml".into(), format!("{root}{patch}{beside}")),
        ("clusters/home/c.yaml".into(), map.into()),
    ];
    let report = run(&files, None);
    assert!(report.findings.iter().any(|finding| finding.rule == "image-latest"), "{:?}", report.findings);
}

/// The sentences of one rule.
fn sentences(report: &Report, rule: &str) -> Vec<String> {
    let own = report.findings.iter().filter(|finding| finding.rule == rule);
    own.map(|finding| finding.says.clone()).collect()
}

#[test]
fn a_sentence_names_all_whom_it_is_about_and_where_it_does_not_hold_for_all() {
    let file = |name: &str, text: &str| (name.to_string(), text.to_string());
    let database = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: longhorn}\n---\n\
                    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pg}\nspec: {template: {spec: {containers: [{name: pg, image: 'postgres:16.1', volumeMounts: [{name: d, mountPath: /var/lib/postgresql/data}]}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}}}\n";
    let overlay = |namespace: &str| format!("resources: [../base]\nnamespace: {namespace}\n");
    let mut files =
        vec![file("base/pg.yaml", database), file("base/kustomization.yaml", "resources: [pg.yaml]\n")];
    for name in ["n1", "n2", "n3", "n4", "n5"] {
        files.push((format!("{name}/kustomization.yaml"), overlay(name)));
    }
    let after = "keeps its data on the Longhorn class `longhorn`";
    for (overlays, named) in [
        (1, "Deployment/n1/pg"),
        (2, "Deployment/n1/pg and n2/pg"),
        (3, "Deployment/n1/pg, n2/pg and n3/pg"),
        (5, "Deployment/n1/pg, n2/pg, n3/pg and 2 more"),
    ] {
        let report = run(&files[..2 + overlays], None);
        let told = pintle::output("concise").expect("an output");
        let book = Book::built_in().0;
        let told =
            told.tell(&Redactor::of(&report, &book.tables).report(report), &pintle::Tell::plain(&book));
        let own: Vec<&str> = told.lines().filter(|line| line.contains(RULE)).collect();
        assert_eq!(own.len(), 1, "{}", *told);
        // An overlay is a cluster of its own, and in each there is one.
        assert!(own[0].contains(&format!("PostgreSQL of {named}")) && own[0].ends_with(after), "{}", own[0]);
    }
}

#[test]
fn a_sentence_says_for_which_cluster_it_holds_if_not_for_all() {
    let database = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: pg, namespace: d}\nspec:\n  template: {spec: {containers: [{name: pg, image: 'postgres:16.1', volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]}]}}\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]\n";
    let class = |by: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: fast, annotations: {{storageclass.kubernetes.io/is-default-class: 'true'}}}}\nprovisioner: {by}\n"
        )
    };
    let told = |home: &str, office: &str| {
        let mut files: Vec<(String, String)> =
            files().into_iter().filter(|(name, _)| !name.starts_with("apps/")).collect();
        files.push(("apps/pg.yaml".into(), database.into()));
        files.push(("clusters/home/class.yaml".into(), class(home)));
        files.push(("clusters/office/class.yaml".into(), class(office)));
        sentences(&run(&files, None), "postgres-class-omitted")
    };
    let (longhorn, local) = ("driver.longhorn.io", "rancher.io/local-path");
    let after = "names no class, and the default class `fast` is Longhorn's";
    assert_eq!(told(longhorn, local), [format!("PostgreSQL of StatefulSet/d/pg in home {after}")]);
    assert_eq!(told(longhorn, longhorn), [format!("PostgreSQL of StatefulSet/d/pg {after}")]);
}

#[test]
fn a_kustomization_that_nothing_delivers_is_one_note() {
    let file = |name: &str, text: &str| (name.to_string(), text.to_string());
    let broken = "resources: [gone.yaml, lost.yaml, away.yaml, https://example.com/far.yaml]\n";
    let told = |more: &[(&str, &str)]| -> Vec<(Severity, String)> {
        let mut files = vec![file("attic/kustomization.yaml", broken)];
        files.extend(more.iter().map(|(name, text)| file(name, text)));
        let report = run(&files, None);
        let own = report.findings.iter().filter(|finding| finding.rule == "kustomization-does-not-build");
        own.map(|finding| (finding.severity, finding.says.clone())).collect()
    };
    let root = CLUSTER.replace("NAME", "flux-system").replace("PATH", "clusters/home");
    let root = root.split("  postBuild").next().unwrap_or_default();
    let note = "the build stops here: `gone.yaml` is not there, and besides: `lost.yaml` is not there; \
        `away.yaml` is not there (no build here delivers this)";
    assert_eq!(told(&[("clusters/home/root.yaml", root)]), [(Severity::Note, note.to_string())]);
    // Where nothing is declared, it is what is delivered.
    let errors = told(&[]);
    assert!(
        errors.len() == 3 && errors.iter().all(|(severity, _)| *severity == Severity::Error),
        "{errors:?}"
    );
}

#[test]
fn what_stops_a_build_is_told_once() {
    let root = CLUSTER.replace("NAME", "flux-system").replace("PATH", "clusters/home");
    let root = root.split("  postBuild").next().unwrap_or_default().to_string();
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b: c}\n";
    let files =
        [("clusters/home/root.yaml".to_string(), root), ("clusters/home/a.yaml".into(), broken.into())];
    let report = run(&files, None);
    assert_eq!(sentences(&report, "kustomization-does-not-build").len(), 1);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    // What no build reads is told by itself.
    let report = run(&files[1..], None);
    assert_eq!(sentences(&report, "manifest-broken").len(), 1);
    assert_eq!((report.findings.len(), report.problems.len()), (1, 0), "{:?}", report.problems);
}

/// What a plugin may have changed is told as such, one step milder.
#[test]
fn what_a_plugin_may_change_is_not_certain() {
    let plugin = "apiVersion: example.com/v1\nkind: Pinner\nmetadata:\n  name: pinner\n  annotations:\n    \
                  config.kubernetes.io/function: 'container: {image: example.com/pinner@sha256:0}'\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                      spec: {template: {spec: {containers: [{name: web, image: 'nginx:latest'}]}}}\n";
    let file = |name: &str, text: &str| (name.to_string(), text.to_string());
    let files = |transformers: &str| {
        let root = format!("resources: [web.yaml]\n{transformers}");
        [file("kustomization.yaml", &root), file("web.yaml", deployment), file("pinner.yaml", plugin)]
    };
    let told = |transformers: &str| {
        let report = run(&files(transformers), None);
        let own = report.findings.iter().find(|finding| finding.rule == "image-latest").cloned();
        own.map(|own| (own.severity.name(), own.says.ends_with("may change this)")))
    };
    assert_eq!(told(""), Some(("error", false)));
    assert_eq!(told("transformers: [pinner.yaml]\n"), Some(("warning", true)));
}

#[test]
fn only_clusters_in_which_the_class_is_made_are_named() {
    const CLASS: &str = "\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: longhorn}
provisioner: driver.longhorn.io
";
    let clusters = |files: &[(String, String)]| -> Vec<String> {
        let report = run(files, None);
        let own =
            report.findings.iter().filter(|finding| finding.rule == RULE && finding.owner.ends_with("/a"));
        own.flat_map(Finding::environments).map(|name| name.to_string()).collect()
    };
    let files: Vec<_> =
        files().into_iter().map(|(name, text)| (name, text.replace("${CLASS}", "longhorn"))).collect();
    assert_eq!(clusters(&files), ["home", "office"], "where nothing makes it, its name tells");
    let with = |cluster: &str| (format!("clusters/{cluster}/class.yaml"), CLASS.to_owned());
    assert_eq!(clusters(&[files.clone(), vec![with("home")]].concat()), ["home"]);
    assert_eq!(clusters(&[files, vec![with("home"), with("office")]].concat()), ["home", "office"]);
}

/// A plan of backups is at work where what it copies has a disk: nothing gives it one in a cluster that does not make its
/// class.
#[test]
fn backups_are_at_work_where_the_class_of_their_data_is_made() {
    const CLASS: &str = "\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: driver.longhorn.io
";
    const APPS: &str = "\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: main, namespace: x}
spec: {instances: 3, storage: {size: 1Gi, storageClass: fast}, backup: {volumeSnapshot: {className: snap}}}
---
apiVersion: postgresql.cnpg.io/v1
kind: ScheduledBackup
metadata: {name: nightly, namespace: x}
spec: {schedule: \"0 0 2 * * *\", cluster: {name: main}, method: volumeSnapshot}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: photos, namespace: x}
spec:
  template:
    spec:
      containers: [{name: db, image: \"postgres:16.4\", volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: photos}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: photos, namespace: x}
spec: {accessModes: [ReadWriteOnce], storageClassName: OWN, resources: {requests: {storage: 1Gi}}}
";
    let clusters = |own: &str, with_class: &[&str]| -> Vec<String> {
        let mut files = vec![
            ("apps/kustomization.yaml".to_owned(), "resources: [all.yaml]\n".to_owned()),
            ("apps/all.yaml".to_owned(), APPS.replace("OWN", own)),
        ];
        for cluster in ["home", "office"] {
            let has_class = with_class.contains(&cluster);
            let class = if has_class { ", class.yaml" } else { "" };
            let text = format!("resources: [../../apps{class}]\n");
            files.push((format!("clusters/{cluster}/kustomization.yaml"), text));
            files.extend(has_class.then(|| (format!("clusters/{cluster}/class.yaml"), CLASS.to_owned())));
        }
        let report = run(&files, None);
        let own = report.findings.iter().filter(|finding| finding.rule == "database-no-backup");
        own.flat_map(Finding::environments).map(|name| name.to_string()).collect()
    };
    assert_eq!(clusters("other", &[]), ["home", "office"], "whatever makes them, nobody here says");
    assert_eq!(clusters("other", &["home", "office"]), ["home", "office"]);
    assert_eq!(clusters("other", &["home"]), ["home"], "in the other cluster the plan has nothing to copy");
    assert_eq!(clusters("fast", &["home"]), ["home"], "in the other cluster there is no disk to be copied");
}

/// A value of a chart's test that decides for two images: the default that lost says nothing of either.
#[test]
fn a_value_that_lost_is_told_of_no_image() {
    let image = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n    - name: {name}\n      image: ghcr.io/acme/{name}:{{{{ .Values.tag }}}}\n"
        )
    };
    let files = [
        ("c/Chart.yaml".to_owned(), "apiVersion: v2\nname: c\nversion: 1.0.0\n".to_owned()),
        ("c/values.yaml".to_owned(), "tag: v1.0.0\n".to_owned()),
        ("c/ci/a-values.yaml".to_owned(), "tag: v2.0.0\n".to_owned()),
        ("c/templates/a.yaml".to_owned(), image("a")),
        ("c/templates/b.yaml".to_owned(), image("b")),
    ];
    let (repo, config, book) = (MemoryRepo::new(files), Config::default(), Book::built_in().0);
    let report = check(&Job::new(&repo, &config, &book));
    let shown = Redactor::of(&report, &book.tables).report(report);
    let said =
        pintle::output("pretty").expect("an output").tell(&shown, &pintle::Tell::plain(&book)).to_string();
    let of_loser = said.lines().filter(|line| line.contains("c/values.yaml:1:"));
    assert!(of_loser.clone().count() > 0, "{said}");
    assert!(of_loser.clone().all(|line| !line.contains("ghcr.io/acme/")), "{said}");
    assert!(said.contains("ghcr.io/acme/b:v2.0.0"), "{said}");
}
