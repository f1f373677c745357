//! What the inventories say of objects as clusters get them.

use super::stage::Stage;
use super::{DIGEST, deployment, parsed};
use serde_json::{Value, json};

#[test]
fn what_runs_is_what_the_builds_make_of_it() {
    let base = deployment("web", &["acme/app:1.0.0", "acme/side:1.0.0"]);
    let digest = format!("  - {{name: acme/app, digest: {DIGEST}}}\n");
    for (what, overlays, expected) in [
        ("nothing is set", &[("base", "")][..], &["acme/app:1.0.0", "acme/side:1.0.0"][..]),
        (
            "two builds make two images",
            &[
                ("base", ""),
                ("a", "  - {name: acme/app, newTag: 2.0.0}\n"),
                ("b", "  - {name: acme/app, newTag: 3.0.0}\n"),
            ],
            &["acme/app:2.0.0", "acme/app:3.0.0", "acme/side:1.0.0"],
        ),
        (
            "a new name keeps the tag",
            &[("base", "  - {name: acme/app, newName: quay.io/x/app}\n")],
            &["acme/side:1.0.0", "quay.io/x/app:1.0.0"],
        ),
        (
            "the outer build works on what the inner one made",
            &[
                ("base", "  - {name: acme/app, newName: acme/new}\n"),
                ("a", "  - {name: acme/new, newTag: 2.0.0}\n  - {name: acme/app, newTag: 9.0.0}\n"),
            ],
            &["acme/new:2.0.0", "acme/side:1.0.0"],
        ),
        ("a digest takes the tag away", &[("base", digest.as_str())], &["acme/app@", "acme/side:1.0.0"]),
    ] {
        let stage = Stage::new(&[("base/web.yaml", &base)]);
        for (name, images) in overlays {
            let resources = if *name == "base" { "web.yaml" } else { "../base" };
            let images = if images.is_empty() { String::new() } else { format!("images:\n{images}") };
            let file = format!("{name}/kustomization.yaml");
            stage.write(&file, format!("resources: [{resources}]\n{images}").as_bytes());
        }
        let out = parsed(&stage, &["images", "-o", "json"]);
        let told: Vec<String> = out["images"]
            .as_array()
            .unwrap()
            .iter()
            .map(|image| {
                assert_eq!(image["used_by"], json!(["Deployment/media/web"]), "{what}");
                let is_set = image["file"] != "base/web.yaml";
                assert_eq!(
                    is_set,
                    !image["reference"].as_str().unwrap().ends_with("acme/side:1.0.0")
                        && what != "nothing is set",
                    "{what}"
                );
                image["reference"].as_str().unwrap().replace("docker.io/", "").replace(DIGEST, "")
            })
            .collect();
        assert_eq!(told, expected, "{what}");
    }
}

#[test]
fn a_claim_of_a_component_is_told_once_per_environment() {
    let delivery = |name: &str, more: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}}}\nspec:\n  path: ./apps/{name}\n  postBuild:\n    substitute: {{APP: {name}{more}}}\n"
        )
    };
    let build = "resources: [release.yaml]\ncomponents: [../../components/disk]\n";
    let release = |name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec:\n  chartRef: {{kind: OCIRepository, name: app-template}}\n  values:\n    controllers:\n      main:\n        containers:\n          app:\n            image: {{repository: quay.io/a/b, tag: 1.2.3}}\n    persistence:\n      config:\n        existingClaim: \"{{{{ .Release.Name }}}}\"\n"
        )
    };
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: \"${APP}\"}\nspec:\n  storageClassName: \"${CLASS:=slow}\"\n  resources: {requests: {storage: \"${SIZE:=5Gi}\"}}\n";
    let stage = Stage::new(&[
        ("flux/one.yaml", &delivery("one", "")),
        ("flux/two.yaml", &delivery("two", ", SIZE: 9Gi, CLASS: longhorn")),
        ("apps/one/kustomization.yaml", build),
        ("apps/two/kustomization.yaml", build),
        ("apps/one/release.yaml", &release("one")),
        ("apps/two/release.yaml", &release("two")),
        (
            "components/disk/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pvc.yaml]\n",
        ),
        ("components/disk/pvc.yaml", claim),
    ]);
    let out = parsed(&stage, &["storage", "-o", "json"]);
    let told: Vec<Value> = out["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([row["name"], row["class"], row["size"], row["environment"], row["file"], row["used_by"]])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["one", "slow", "5Gi", null, "components/disk/pvc.yaml", ["HelmRelease/one"]]),
            json!(["two", "longhorn", "9Gi", null, "flux/two.yaml", ["HelmRelease/two"]]),
        ]
    );
}

#[test]
fn a_claim_that_nothing_delivers_is_told_so() {
    let claim = |name: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec: {{storageClassName: fast}}\n"
        )
    };
    let stage = Stage::new(&[
        (
            "flux/apps.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./apps}\n",
        ),
        ("apps/kustomization.yaml", "resources: [data.yaml]\n"),
        ("apps/data.yaml", &claim("data")),
        ("apps/old.yaml", &claim("old")),
    ]);
    let out = parsed(&stage, &["storage", "-o", "json"]);
    let claims = out["claims"].as_array().unwrap();
    let told: Vec<Value> = claims.iter().map(|row| json!([row["name"], row["delivered"]])).collect();
    assert_eq!(told, [json!(["data", true]), json!(["old", false])]);
    let told = stage.run(&["storage", "-o", "markdown"]).out;
    let marked: Vec<&str> = told.lines().filter(|line| line.contains("not delivered")).collect();
    assert!(marked.len() == 1 && marked[0].contains("old"), "{told}");
    let told = stage.run(&["storage"]).out;
    let (live, dead) = told.split_once("not delivered  1 claim\n").unwrap();
    assert!(live.contains("apps/data.yaml") && !live.contains("old"), "{told}");
    assert!(dead.contains("apps/old.yaml") && dead.contains("1 that nothing delivers"), "{told}");
}

/// Two clusters: one has an overlay twice, the other is a far one. What an attic holds runs nowhere.
pub(super) fn several() -> Stage {
    let flux = |name: &str, path: &str, more: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: {path}\n{more}"
        )
    };
    let apps = |cluster: &str, namespaces: &[&str]| {
        let root = flux("flux-system", &format!("clusters/{cluster}"), "");
        let each = namespaces.iter().map(|name| flux(name, "apps", &format!("  targetNamespace: {name}\n")));
        std::iter::once(root).chain(each).collect::<Vec<_>>().join("---\n")
    };
    let (home, office) = (apps("home", &["n1", "n2"]), apps("office", &["n1"]));
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: 'redis:7.4.1'}]}}}\n";
    let old = web.replace("name: web}", "name: old, namespace: x}").replace("redis:7.4.1", "redis:5.0.1");
    Stage::new(&[
        ("clusters/home/all.yaml", &home),
        ("clusters/office/all.yaml", &office),
        ("apps/web.yaml", web),
        ("attic/old.yaml", &old),
    ])
}

#[test]
fn an_image_names_every_object_that_runs_it() {
    let stage = several();
    let out = parsed(&stage, &["images", "--output", "json"]);
    let row = &out["images"][0];
    let object = |name: &str, cluster: &str| json!({"object": name, "cluster": cluster, "delivered": true});
    assert_eq!(
        row["objects"],
        json!([
            object("Deployment/n1/web", "home"),
            object("Deployment/n1/web", "office"),
            object("Deployment/n2/web", "home"),
        ])
    );
    assert_eq!(
        (&row["used_by"], &row["delivered"]),
        (&json!(["Deployment/n1/web", "Deployment/n2/web"]), &json!(true))
    );
    let dead = &out["images"][1];
    assert_eq!(dead["delivered"], false);
    assert_eq!(dead["objects"], json!([{"object": "Deployment/x/old", "cluster": null, "delivered": false}]));
    let expected = "\
PIN  IMAGE                          WHERE               USED BY
tag  docker.io/library/redis:7.4.1  apps/web.yaml:4:59  Deployment/n1/web and n2/web

not delivered
PIN  IMAGE                          WHERE                USED BY
tag  docker.io/library/redis:5.0.1  attic/old.yaml:4:59  Deployment/x/old

1 image: 1 tag · 1 that nothing delivers
";
    assert_eq!(stage.run(&["images"]).out, expected);
    let tree = stage.run(&["images", "--tree"]).out;
    assert!(tree.contains("attic/old.yaml:4:59  (not delivered) Deployment/x/old\n"), "{tree}");
    let csv = stage.run(&["images", "--output", "csv"]).out;
    assert!(csv.contains("\"home office\",true\n") && csv.contains(",,false\n"), "{csv}");
}

#[test]
fn databases_of_several_clusters_say_in_which() {
    let told = |stage: &Stage| stage.run(&["storage"]).out;
    let expected = "\
home  2 databases
  DATABASE  ENGINE   CLASS              STANDING  BACKUP   WHERE
  n1/web    redis 7  (container /data)  unknown   unknown  apps/web.yaml:4:59
  n2/web    redis 7  (container /data)  unknown   unknown  apps/web.yaml:4:59

office  1 database
  DATABASE  ENGINE   CLASS              STANDING  BACKUP   WHERE
  n1/web    redis 7  (container /data)  unknown   unknown  apps/web.yaml:4:59

not delivered  1 database
  DATABASE  ENGINE   CLASS              STANDING  BACKUP   WHERE
  x/old     redis 5  (container /data)  unknown   unknown  attic/old.yaml:4:59

4 databases: 4 unknown · 1 that nothing delivers
no claims
";
    assert_eq!(told(&several()), expected);
    let out = parsed(&several(), &["storage", "--output", "json"]);
    let clusters: Vec<&Value> =
        out["databases"].as_array().unwrap().iter().map(|row| &row["cluster"]).collect();
    assert_eq!(clusters, [&json!("home"), &json!("office"), &json!("home"), &Value::Null]);
}

#[test]
fn services_of_two_compose_files_are_two_databases() {
    let service = |volume: &str| {
        format!(
            "services:\n  redis:\n    image: redis:7.4\n    volumes:\n      - {volume}:/data\nvolumes: {{{volume}: {{}}}}\n"
        )
    };
    let stage = Stage::new(&[("a/compose.yaml", &service("one")), ("b/compose.yaml", &service("two"))]);
    let out = stage.run(&["storage", "-o", "table"]).out;
    assert_eq!(out.matches("\n  service/redis  ").count(), 2, "{out}");
    let picture = stage.run(&["storage", "-o", "mermaid"]).out;
    assert_eq!(picture.matches("[(\"service/redis").count(), 2, "{picture}");
}
