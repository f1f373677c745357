//! Charts that are no files of the repository: folders of `--chart-dir` and of the configuration, helm's cache, archives;
//! and those that nobody should pack.

use crate::pack;
use crate::stage::{Ran, Stage};
use std::os::unix::fs::symlink;

const SYNC: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {path: ./prod, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n";

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart:\n    spec:\n      chart: web\n      version: 1.2.3\n      sourceRef: {kind: HelmRepository, name: charts}\n";

const CHART: [(&str, &str); 4] = [
    ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n"),
    ("values.yaml", "image: ghcr.io/acme/web:latest\npassword: 7hX9qLm2vR4t\n"),
    (
        "templates/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}\"}\nspec:\n  containers: [{name: main, image: \"{{ .Values.image }}\"}]\n",
    ),
    (
        "templates/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: 7hX9qLm2vR4t}\n",
    ),
];

/// A repository with one release, and beside it, in `charts`, what it wants.
fn stage() -> Stage {
    Stage::new(&[("repo/prod/gotk-sync.yaml", SYNC), ("repo/prod/release.yaml", RELEASE)])
}

fn put(stage: &Stage, folder: &str) {
    CHART.iter().for_each(|(name, text)| stage.write(&format!("{folder}/{name}"), text.as_bytes()));
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let files = files.iter().map(|(name, text)| (format!("web/{name}"), text.as_bytes().to_vec()));
    pack::tgz(&files.collect::<Vec<_>>())
}

fn lint(stage: &Stage, more: &[&str]) -> Ran {
    stage.run(&[&["lint", "--root", "repo", "-o", "concise"], more].concat())
}

const FOUND: &str = "prod/release.yaml:8:16";

#[test]
fn a_release_is_seen_once_its_chart_is_at_hand() {
    let stage = stage();
    put(&stage, "charts/deep/web");
    let ran = stage.run(&["lint", "--root", "repo", "--verbose"]);
    assert!(ran.out.contains("HelmRelease/shop/web: `web` 1.2.3"), "{}", ran.out);
    let ran = lint(&stage, &["--chart-dir", "charts"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let told = "(in values.yaml of the chart web 1.2.3)";
    assert!(ran.out.contains(FOUND) && ran.out.contains(told), "{}", ran.out);
    // No file of the chart is one of the repository, and no secret in it is ours.
    assert!(!ran.out.contains("secret") && !ran.out.contains("7hX9qLm2vR4t"), "{}", ran.out);
    let ran = stage.run(&["lint", "--root", "repo", "--chart-dir", "charts", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["coverage"]["charts"], 0, "{}", ran.out);
    let mut command = stage.command(&["images", "repo", "--root", "repo", "--chart-dir", "charts"]);
    let out = String::from_utf8(command.env("COLUMNS", "160").output().unwrap().stdout).unwrap();
    let place = format!("{FOUND} (values.yaml of the chart web 1.2.3)");
    assert!(out.contains("ghcr.io/acme/web:latest") && out.contains(&place), "{out}");
    let ran = stage.run(&["images", "repo", "--root", "repo", "--chart-dir", "charts", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["images"][0]["within"], "values.yaml of the chart web 1.2.3", "{}", ran.out);
    let ran = stage.run(&["render", "--root", "repo", "--chart-dir", "charts", "shop/web"]);
    assert!(ran.out.contains("image: ghcr.io/acme/web:latest"), "{}", ran.out);
    assert!(!ran.out.contains("7hX9qLm2vR4t"), "{}", ran.out);
    let explained = ["render", "--root", "repo", "--chart-dir", "charts", "--explain", "Pod/shop/web:image"];
    let ran = stage.run(&explained);
    assert!(ran.out.contains("in values.yaml of the chart web 1.2.3"), "{}", ran.out);
    let over = format!(
        "{RELEASE}  values: {{image: nginx:1.27}}\n  postRenderers: [{{kustomize: {{images: [{{name: nginx, newTag: 1.28.0}}]}}}}]\n"
    );
    stage.write("repo/prod/release.yaml", over.as_bytes());
    let ran = stage.run(&explained);
    assert!(ran.out.contains("nginx:1.28.0") && !ran.out.contains("over `1.2.3`"), "{}", ran.out);
    let ran = stage.run(&["render", "--root", "repo", "--chart-dir", "charts", "--tree"]);
    assert!(ran.out.contains("HelmRelease    (the chart web 1.2.3)  2 objects"), "{}", ran.out);
    assert!(!ran.out.contains("chart not here"), "{}", ran.out);
}

#[test]
fn a_folder_of_charts_must_be_there() {
    let ran = lint(&stage(), &["--chart-dir", "gone"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot read gone: no such file or directory"), "{}", ran.err);
}

#[test]
fn an_archive_is_known_by_what_is_in_it() {
    let stage = stage();
    stage.write("charts/any-name.tgz", &packed(&CHART));
    stage.write("charts/web-1.2.4.tgz", b"no archive");
    assert!(lint(&stage, &["--chart-dir", "charts"]).out.contains(FOUND));
    stage.write("charts/other.tgz", &packed(&CHART[..2]));
    let ran = stage.run(&["lint", "--root", "repo", "--chart-dir", "charts", "--verbose"]);
    let told =
        "the chart web 1.2.3 is taken from charts/any-name.tgz; the one in charts/other.tgz is not the same";
    let words: Vec<&str> = ran.out.split_whitespace().collect();
    assert!(words.join(" ").contains(told), "{}", ran.out);
}

#[test]
fn the_configuration_names_folders_below_the_root() {
    let stage = stage();
    put(&stage, "repo/.charts/web");
    stage.write("repo/.pintle.yaml", b"chart-dirs: .charts\nexclude: [.charts/**]\n");
    assert!(lint(&stage, &[]).out.contains(FOUND));
    put(&stage, "charts/web");
    for folder in ["../charts", "gone", "link"] {
        stage.write("repo/.pintle.yaml", format!("chart-dirs: [{folder}]\n").as_bytes());
        stage.write("repo/.pintleignore", b".charts\n");
        if folder == "link" {
            symlink("../charts", stage.path("repo/link")).unwrap();
        }
        let ran = stage.run(&["lint", "--root", "repo", "--verbose"]);
        assert!(!ran.out.contains("ghcr.io/acme/web"), "{folder}: {}", ran.out);
        let words: Vec<&str> = ran.out.split_whitespace().collect();
        let told = format!("`{folder}` is no folder below the root");
        assert!(words.join(" ").contains(&told), "{folder}: {}", ran.out);
    }
}

#[test]
fn the_cache_of_helm_is_asked_only_if_somebody_says_so() {
    let stage = stage();
    stage.write("cache/repository/web-1.2.3.tgz", &packed(&CHART));
    let run = |variable: &str, folder: &str, more: &[&str]| {
        let mut command = stage.command(&[&["lint", "--root", "repo", "-o", "concise"], more].concat());
        for name in ["HELM_REPOSITORY_CACHE", "HELM_CACHE_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        let ran = command.env(variable, stage.path(folder)).output().unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    assert!(run("HELM_CACHE_HOME", "cache", &["--helm-cache"]).contains(FOUND));
    assert!(run("HELM_REPOSITORY_CACHE", "cache/repository", &["--helm-cache"]).contains(FOUND));
    assert!(!run("HELM_CACHE_HOME", "cache", &[]).contains(FOUND));
    assert!(!run("HELM_CACHE_HOME", "gone", &["--helm-cache"]).contains(FOUND));
}

#[test]
fn an_archive_of_the_repository_is_rendered() {
    let stage = stage();
    let release = RELEASE.replace("chart: web", "chart: ./charts/web-1.0.tgz");
    let source = "sourceRef: {kind: GitRepository, name: flux-system}";
    let release = release.replace("sourceRef: {kind: HelmRepository, name: charts}", source);
    stage.write("repo/prod/release.yaml", release.as_bytes());
    stage.write("repo/charts/web-1.0.tgz", &packed(&CHART));
    let ran = lint(&stage, &[]);
    let told = "(in values.yaml of the archive charts/web-1.0.tgz)";
    assert!(ran.out.contains(told) && ran.out.contains("image-latest"), "{}", ran.out);
    let ran = stage.run(&["images", "repo", "--root", "repo"]);
    assert!(ran.out.contains("ghcr.io/acme/web:latest"), "{}", ran.out);
}

/// None of these ends the run, hides the rest or leads out of the folder.
#[test]
fn packages_that_nobody_should_pack() {
    let stage = stage();
    let with = |name: &str, bytes: &[u8]| {
        let mut files: Vec<(String, Vec<u8>)> =
            CHART.iter().map(|(name, text)| (format!("web/{name}"), text.as_bytes().to_vec())).collect();
        files.push((name.into(), bytes.to_vec()));
        pack::tgz(&files)
    };
    let zeros = vec![0; 4 << 20];
    let mut bomb = Vec::new();
    (0..20).for_each(|at| pack::entry(&mut bomb, &format!("web/{at}"), b'0', "", &zeros));
    for (what, bytes, is_seen) in [
        ("a bomb", pack::gzip(&bomb), false),
        ("a name that leads out", with("web/../../../out.yaml", b"a: b"), false),
        ("an absolute name", with("web//etc/passwd", b"a: b"), false),
        ("a link", with("web/templates/link.yaml -> /etc/passwd", b""), true),
        ("a text that steers", with("web/templates/\u{1b}[2J.yaml", b"{{ fail \"\\u001b[2J\" }}"), true),
    ] {
        stage.write("charts/web.tgz", &bytes);
        let ran = lint(&stage, &["--chart-dir", "charts"]);
        assert_eq!(ran.out.contains(FOUND), is_seen, "{what}: {ran:?}");
        assert!(
            ran.code != 2 && !ran.out.contains('\u{1b}') && !ran.out.contains("root:"),
            "{what}: {ran:?}"
        );
    }
    std::fs::remove_dir_all(stage.path("charts")).unwrap();
    // Links among folders lead nowhere; a chart is found among ten thousand files.
    put(&stage, "elsewhere/web");
    stage.write("charts/a.txt", b"");
    symlink("../elsewhere", stage.path("charts/link")).unwrap();
    symlink("../../charts", stage.path("elsewhere/web/circle")).unwrap();
    assert!(!lint(&stage, &["--chart-dir", "charts"]).out.contains(FOUND));
    (0..10_000).for_each(|at| stage.write(&format!("elsewhere/{}/{at}.yaml", at % 100), b"a: b\n"));
    assert!(lint(&stage, &["--chart-dir", "elsewhere"]).out.contains(FOUND));
}

/// The version and the APIs of the configuration reach templates; one that is none ends the run, with its place.
#[test]
fn the_configuration_says_what_clusters_can_do() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  kube: '{{ .Capabilities.KubeVersion.Version }}'\n  keda: '{{ .Capabilities.APIVersions.Has \"keda.sh/v1alpha1\" }}'\n";
    let stage = Stage::new(&[("web/Chart.yaml", CHART[0].1), ("web/templates/map.yaml", template)]);
    let told = |configuration: &str| {
        stage.write(".pintle.yaml", configuration.as_bytes());
        let out = stage.run(&["render", "web"]).out;
        let lines = out.lines().map(str::trim).filter(|line| line.starts_with('k') && !line.contains("kind"));
        lines.map(|line| line.replace('"', "")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told(""), "keda: false kube: v1.34.0");
    assert_eq!(told("kubernetes-version: 1.30\n"), "keda: false kube: v1.30");
    assert_eq!(
        told("kubernetes-version: 1.30.2\napi-versions: keda.sh/v1alpha1\n"),
        "keda: true kube: v1.30.2"
    );
    stage.write(".pintle.yaml", b"kubernetes-version: newest\n");
    let ran = stage.run(&["lint", "-o", "concise"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.contains(".pintle.yaml:1:21: ") && ran.out.contains("is written 1.31"), "{}", ran.out);
}
