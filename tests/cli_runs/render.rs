//! `pintle render`: builds, the tree of deliveries, the road of a value.

use crate::stage::Stage;

/// Two clusters that share a base; production sets the tag, and one manifest is left out.
fn repository() -> Stage {
    let delivery = |cluster: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps, namespace: flux-system}}\nspec:\n  path: ./apps/{cluster}\n  targetNamespace: shop\n  postBuild:\n    substitute: {{HOST: {cluster}.example.com}}\n"
        )
    };
    Stage::new(&[
        ("clusters/production/apps.yaml", &delivery("production")),
        ("clusters/staging/apps.yaml", &delivery("staging")),
        (
            "apps/production/kustomization.yaml",
            "resources: [../base]\nimages:\n  - name: ghcr.io/acme/web\n    newTag: 1.5.0\n",
        ),
        ("apps/staging/kustomization.yaml", "resources: [../base]\n"),
        ("apps/base/kustomization.yaml", "resources:\n  - web.yaml\n  - secret.yaml\n  # - old.yaml\n"),
        (
            "apps/base/web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations: {host: \"${HOST}\"}\nspec:\n  containers:\n    - name: web\n      image: ghcr.io/acme/web:1.4.0\n",
        ),
        (
            "apps/base/secret.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: not-for-the-screen}\n",
        ),
        ("apps/base/old.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n"),
    ])
}

#[test]
fn a_build_is_printed_without_its_secrets() {
    let stage = repository();
    let ran = stage.run(&["render", "apps/production"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in [
        "  namespace: shop",
        "  - image: ghcr.io/acme/web:1.5.0",
        "    host: production.example.com",
        "kind: Secret",
    ] {
        assert!(ran.out.lines().any(|told| told == line), "{line}\n{}", ran.out);
    }
    assert!(!ran.out.contains("not-for-the-screen"), "{}", ran.out);
    let ran = stage.run(&["render", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no folder, delivery or cluster is called `nowhere`"), "{}", ran.err);
    let ran = stage.run(&["render", "prodution"]);
    assert!(ran.err.contains("did you mean `production`?"), "{}", ran.err);
}

#[test]
fn what_is_printed_together_says_where_it_goes() {
    let stage = repository();
    let titles = |asked: &[&str]| {
        let ran = stage.run(&[&["render"], asked].concat());
        let titles = ran.out.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
        (titles.collect::<Vec<_>>(), ran.out.matches("kind: Pod").count())
    };
    let production = "# Kustomization flux-system/apps · apps/production · cluster production".to_owned();
    let staging = "# Kustomization flux-system/apps · apps/staging · cluster staging".to_owned();
    assert_eq!(titles(&[]), (vec![production.clone(), staging.clone()], 2));
    assert_eq!(titles(&["flux-system/apps"]), (vec![production, staging], 2));
    // One alone needs no title, by whatever it is called.
    for asked in ["./apps/production/", "production", "apps/base"] {
        assert_eq!(titles(&[asked]), (Vec::new(), 1), "{asked}");
    }
}

#[test]
fn where_there_is_no_road_the_words_say_what_to_ask_for() {
    let stage = repository();
    for (subject, says, hint) in [
        ("Pod/web:nope", "Pod/shop/web has no `nope`", "it has apiVersion, kind, metadata, spec"),
        ("Pod/web:imag", "Pod/shop/web has no `imag`", "did you mean `image`?"),
        (
            "Pod/web:containers[web].imge",
            "Pod/shop/web has no `containers[web].imge`",
            "did you mean `containers[web].image`? `spec.containers[web]` has name, image",
        ),
        (
            "Pod/web:spec.containers[app]",
            "Pod/shop/web has no `spec.containers[app]`",
            "`spec.containers` has [web]",
        ),
        ("Pod/web:metadata", "`metadata` of Pod/shop/web is a map", "values: name, annotations, namespace"),
        ("Pod/web:containers", "`spec.containers` of Pod/shop/web is a list", "items: [web]"),
        ("Pod/wbe:image", "no object that is rendered is `Pod/wbe`", "did you mean `Pod/web`?"),
        ("Deployment/web", "no object that is rendered is `Deployment/web`", "did you mean `Pod/shop/web`?"),
        ("x", "no object that is rendered is `x`", "write KIND/NAME:PATH"),
    ] {
        let ran = stage.run(&["render", "--explain", subject]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{subject}");
        assert!(ran.err.contains(says) && ran.err.contains(hint), "{subject}\n{}", ran.err);
    }
    let told = |subject: &str| stage.run(&["render", "--explain", subject]).out;
    let whole = told("Pod/web:spec.containers[0].image");
    assert!(whole.contains("spec.containers[web].image"), "{whole}");
    for subject in ["Pod/shop/web:containers[web].image", "pod/web:[web].image"] {
        assert_eq!(told(subject), whole, "{subject}");
    }
}

#[test]
fn a_release_is_explained_with_the_values_that_it_takes() {
    let stage = Stage::new(&[
        (
            "kustomization.yaml",
            "resources: [app.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator:\n  - {name: v, namespace: m, files: [values.yaml]}\n",
        ),
        ("values.yaml", "image:\n  repository: ghcr.io/acme/old\n  tag: 1.2.3\n"),
        (
            "app.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: m}\nspec:\n  valuesFrom:\n    - {kind: ConfigMap, name: v}\n  values: {image: {repository: ghcr.io/acme/app}}\n",
        ),
    ]);
    let ran = stage.run(&["render", "--explain", "HelmRelease/app:image.tag"]);
    let place = |lines: &str| lines.lines().any(|line| line.trim() == "1.2.3  values.yaml:3:8");
    assert!(place(&ran.out), "{}{}", ran.out, ran.err);
    let ran = stage.run(&["render", "--explain", "HelmRelease/app:image.repository"]);
    assert!(ran.out.contains("over `ghcr.io/acme/old`  values.yaml:2:15"), "{}", ran.out);
}

#[test]
fn the_tree_shows_clusters_and_what_is_left_out() {
    let ran = repository().run(&["render", "--tree"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "production",
            "└─ apps  Kustomization  apps/production  2 objects",
            "staging",
            "└─ apps  Kustomization  apps/staging  2 objects",
            "not delivered",
            "   apps/base/old.yaml  it is commented out in apps/base/kustomization.yaml:4",
        ]
    );
}

/// A cluster, a delivery, a folder, a folder of folders, and what nobody knows.
#[test]
fn the_tree_of_something_is_a_part_of_it() {
    let stage = repository();
    let (staging, production) = (
        "└─ apps  Kustomization  apps/staging  2 objects",
        "└─ apps  Kustomization  apps/production  2 objects",
    );
    let old = "   apps/base/old.yaml  it is commented out in apps/base/kustomization.yaml:4";
    for (wanted, expected) in [
        ("staging", vec!["staging", staging]),
        ("apps", vec!["production", production, "staging", staging, "not delivered", old]),
        ("./apps/production/", vec!["production", production]),
        ("apps/base", vec!["not delivered", old]),
    ] {
        let ran = stage.run(&["render", "--tree", wanted]);
        assert_eq!(ran.out.lines().collect::<Vec<_>>(), expected, "{wanted}: {}", ran.err);
    }
    let ran = stage.run(&["render", "--tree", "stagin"]);
    assert!(ran.code == 2 && ran.err.contains("did you mean `staging`?"), "{ran:?}");
    let ran = sets().run(&["render", "--tree", "argocd/web", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["clusters"][0]["deliveries"].as_array().map(Vec::len), Some(1), "{}", ran.out);
    assert_eq!(told["clusters"][0]["deliveries"][0]["path"], "apps/web", "{}", ran.out);
}

#[test]
fn a_value_is_explained_with_the_one_it_was_chosen_over() {
    let stage = repository();
    let ran = stage.run(&["render", "--explain", "Pod/web:image"]);
    let expected = "\
ghcr.io/acme/web:1.5.0
  Pod/shop/web · spec.containers[web].image · production

  name  ghcr.io/acme/web  apps/base/web.yaml:9:14
  tag   1.5.0             apps/production/kustomization.yaml:4:13
          over `ghcr.io/acme/web:1.4.0`  apps/base/web.yaml:9:14

  loaded  clusters/production/apps.yaml:3 → apps/production/kustomization.yaml:1
          → apps/base/kustomization.yaml:2 → apps/base/web.yaml:1

ghcr.io/acme/web:1.4.0
  Pod/shop/web · spec.containers[web].image · staging

  name  ghcr.io/acme/web  apps/base/web.yaml:9:14
  tag   1.4.0             apps/base/web.yaml:9:31

  loaded  clusters/staging/apps.yaml:3 → apps/staging/kustomization.yaml:1
          → apps/base/kustomization.yaml:2 → apps/base/web.yaml:1
";
    assert_eq!(ran.out, expected);
    let ran = stage.run(&["render", "--explain", "Secret/db:password"]);
    assert!(ran.out.contains("****") && !ran.out.contains("not-for-the-screen"), "{}", ran.out);
}

/// A set, its two Applications, and what they deliver.
fn sets() -> Stage {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: apps, namespace: argocd}\nspec:\n  generators:\n    - list: {elements: [{name: web}, {name: api}]}\n    - clusters: {}\n  template:\n    metadata: {name: '{{name}}'}\n    spec:\n      source: {repoURL: https://git.example/acme/fleet, path: 'apps/{{name}}'}\n      destination: {namespace: '{{name}}'}\n";
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n";
    Stage::new(&[("argocd/set.yaml", set), ("apps/web/a.yaml", object), ("apps/api/a.yaml", object)])
}

#[test]
fn the_tree_calls_a_set_by_its_name() {
    let stage = sets();
    let ran = stage.run(&["render", "--tree"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "apps",
            "└─ apps    ApplicationSet            2 Applications  1 not rendered",
            "   ├─ web  Application     apps/web        1 object",
            "   └─ api  Application     apps/api        1 object",
        ]
    );
    let ran = stage.run(&["render", "ApplicationSet/argocd/apps"]);
    assert_eq!(ran.out.matches("kind: Application\n").count(), 2, "{}", ran.out);
    let ran = stage.run(&["render", "--explain", "Application/web:path"]);
    assert!(ran.out.contains("loaded  argocd/set.yaml:3 → ApplicationSet apps"), "{}", ran.out);
}

#[test]
fn the_tree_is_told_as_json() {
    let ran = sets().run(&["render", "--tree", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let set = &told["clusters"][0]["deliveries"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    assert_eq!([text(&set["kind"]), text(&set["name"]), text(&set["path"])], ["ApplicationSet", "apps", ""]);
    let below: Vec<String> = set["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["kind"]) + " " + &text(&one["path"]))
        .collect();
    assert_eq!(below, ["Application apps/web", "Application apps/api"]);
    assert_eq!((&set["objects"], &told["left_out"]), (&serde_json::json!(2), &serde_json::json!([])));
    let ran = sets().run(&["render", "--json"]);
    assert_eq!(ran.code, 2, "only the tree is told as JSON");
}
