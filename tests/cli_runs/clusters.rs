//! What clusters are called, and what of a tree is delivered where.

use crate::stage::Stage;

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n";

/// A Flux Kustomization of a folder.
fn flux(name: &str, path: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: {path}\n"
    )
}

/// An Application of a folder, with a destination.
fn application(name: &str, path: &str, destination: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  source: {{repoURL: https://git.example/acme/fleet, path: {path}}}\n  destination: {{{destination}}}\n"
    )
}

fn tree(files: &[(&str, &str)]) -> Vec<String> {
    let ran = Stage::new(files).run(&["render", "--tree"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn clusters_of_one_name_are_called_by_their_folders() {
    let root = |of: &str| flux("flux-system", &format!("{of}/clusters/prod"));
    let (a, b) = (root("a"), root("b"));
    let files = [("a/clusters/prod/root.yaml", a.as_str()), ("b/clusters/prod/root.yaml", b.as_str())];
    let told = tree(&files);
    assert_eq!((told[0].as_str(), told[2].as_str()), ("a/clusters/prod", "b/clusters/prod"));
    let ran = Stage::new(&files).run(&["lint", "--output", "json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["coverage"]["clusters"], serde_json::json!(["a/clusters/prod", "b/clusters/prod"]));
    // One that gets nothing takes no name from one that does.
    let other = "resources: [one.yaml]\n";
    let files = [files[0], ("attic/prod/kustomization.yaml", other), ("attic/prod/one.yaml", OBJECT)];
    assert_eq!(tree(&files)[0], "prod");
}

#[test]
fn a_cluster_of_several_roots_is_called_by_none_of_them() {
    let application = |name: &str| application(name, "deploy", "namespace: shop");
    let (one, two) = (application("one"), application("two"));
    let told = tree(&[("apps/one.yaml", &one), ("apps/two.yaml", &two), ("deploy/a.yaml", OBJECT)]);
    let expected = ["apps", "├─ one  Application  deploy  1 object", "└─ two  Application  deploy  1 object"];
    assert_eq!(told, expected);
}

#[test]
fn the_tree_says_what_goes_elsewhere_and_what_nothing_delivers() {
    let root = application("root", "apps", "namespace: argocd");
    let (near, far) =
        (application("near", "near", "namespace: shop"), application("far", "far", "name: office"));
    let left = application("left", "near", "namespace: old");
    let told = tree(&[
        ("root.yaml", &root),
        ("apps/kustomization.yaml", "resources: [near.yaml, far.yaml]\n"),
        ("apps/near.yaml", &near),
        ("apps/far.yaml", &far),
        ("apps/left.yaml", &left),
        ("near/a.yaml", OBJECT),
        ("far/a.yaml", OBJECT),
    ]);
    let expected = [
        "root",
        "└─ root     Application  apps  2 objects",
        "   ├─ near  Application  near   1 object",
        "   └─ far   Application  far    1 object  to office",
        "not delivered",
        "   Application left  1 object, rendered to be judged",
        "   apps/left.yaml    apps/kustomization.yaml does not load it",
    ];
    assert_eq!(told, expected);
}
