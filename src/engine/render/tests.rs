//! What is printed of small repositories: the whole tree but for what is secret, and nothing secret anywhere.

use super::Rendering;
use super::secrets::Place;
use crate::config::Config;
use crate::engine::{Job, MemoryRepo, Repo, check};
use crate::finding::Report;
use crate::redact::Places;
use crate::rules::Book;
use crate::syntax::yaml;
use crate::text::{SourceId, Sources};
use crate::world::typed;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// A repository, the texts that must not be told of it, and the values that are covered, with what is left of them.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    secrets: &'static [&'static str],
    covered: &'static [&'static str],
}

const SYNC: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {path: ./clusters/prod}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  postBuild: {substitute: {DB_USER: bob, PASS: kestrel-lime-otter-7, SPACE: shop}}\n";

const CASES: &[Case] = &[
    Case {
        name: "a password that is a word eats no other word",
        files: &[
            ("kustomization.yaml", "resources: [a.yaml, s.yaml]\n"),
            (
                "a.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: postgres, labels: {app: postgres}}\nspec:\n  template:\n    spec:\n      containers: [{name: postgres, image: 'postgres:16'}]\n",
            ),
            (
                "s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: postgres, other: test}\n",
            ),
        ],
        secrets: &[],
        covered: &["Secret/s:stringData.other ****", "Secret/s:stringData.password ****"],
    },
    Case {
        name: "a variable that fills a Secret is covered wherever else it is used",
        files: &[
            ("clusters/prod/apps.yaml", SYNC),
            (
                "apps/s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: '${SPACE}', annotations: {note: '${PASS}', space: '${SPACE}'}}\nstringData: {password: '${PASS}', space: '${SPACE}'}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  url: postgres://${DB_USER}:${PASS}@db.${SPACE}/x\n  first: ${PASS}@db\n  lines: |\n    user ${DB_USER}\n    pass ${PASS}\n",
            ),
        ],
        secrets: &["kestrel-lime-otter-7"],
        covered: &[
            "ConfigMap/c:data.first ****@db",
            "ConfigMap/c:data.lines user bob\npass ****\n",
            "ConfigMap/c:data.url postgres://bob:****@db.shop/x",
            "Kustomization/apps:spec.postBuild.substitute.PASS ****",
            "Secret/s:metadata.annotations.note ****",
            "Secret/s:stringData.password ****",
            "Secret/s:stringData.space ****",
        ],
    },
    Case {
        name: "copies of a value, plain and encoded, and its name",
        files: &[
            ("kustomization.yaml", "resources: [a.yaml]\n"),
            (
                "a.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: kestrel7lime8otter}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: kestrel7lime8otter-not, annotations: {copy: kestrel7lime8otter, word: xkestrel7lime8otter}}\ndata:\n  encoded: a2VzdHJlbDdsaW1lOG90dGVy\n  url: http://hook.example/?key=kestrel7lime8otter&level=5\n",
            ),
        ],
        secrets: &["=kestrel7lime8otter", ": kestrel7lime8otter\n", "a2VzdHJlbDdsaW1lOG90dGVy"],
        covered: &[
            "ConfigMap/kestrel7lime8otter-not:data.encoded ****",
            "ConfigMap/kestrel7lime8otter-not:data.url http://hook.example/?key=****&level=5",
            "ConfigMap/kestrel7lime8otter-not:metadata.annotations.copy ****",
            "Secret/s:stringData.password ****",
        ],
    },
    Case {
        name: "generators that share a file, a literal, a replacement",
        files: &[
            (
                "kustomization.yaml",
                "resources: [d.yaml]\nsecretGenerator:\n  - {name: s, envs: [own.env], literals: [pin=otter-8-kestrel], options: {immutable: true}}\nconfigMapGenerator:\n  - {name: c, envs: [own.env, other.env]}\nreplacements:\n  - source: {kind: Secret, name: t, fieldPath: stringData.key}\n    targets:\n      - select: {kind: ConfigMap, name: d}\n        fieldPaths: [data.key]\n",
            ),
            ("own.env", "ONE=kestrel-lime-otter\n"),
            ("other.env", "TWO=fine\n"),
            (
                "d.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {key: none, more: fine}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: t}\nstringData: {key: lime-otter-kestrel}\n",
            ),
        ],
        secrets: &["kestrel-lime-otter", "otter-8-kestrel", "lime-otter-kestrel"],
        covered: &[
            "ConfigMap/c:data.ONE ****",
            "ConfigMap/d:data.key ****",
            "Secret/s:data.ONE ****",
            "Secret/s:data.pin ****",
            "Secret/t:stringData.key ****",
        ],
    },
    Case {
        name: "what a patch puts in, and what it puts it over",
        files: &[
            (
                "over/kustomization.yaml",
                "resources: [../base]\npatches:\n  - patch: |\n      apiVersion: v1\n      kind: Secret\n      metadata: {name: s}\n      stringData: {password: lime-otter-kestrel}\n",
            ),
            ("base/kustomization.yaml", "resources: [s.yaml]\n"),
            (
                "base/s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: kestrel-lime-otter}\n",
            ),
        ],
        secrets: &["kestrel-lime-otter", "lime-otter-kestrel"],
        covered: &["Secret/s:stringData.password ****"],
    },
    Case {
        name: "what a parent patches into a Secret, and a part of a variable",
        files: &[
            (
                "clusters/prod/apps.yaml",
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {path: ./clusters/prod}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  patches:\n    - patch: |\n        apiVersion: v1\n        kind: Secret\n        metadata: {name: s}\n        stringData: {key: \"lime-otter-kestrel\"}\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {WORD: otter-kestrel-lime, HOST: web.example}\n",
            ),
            (
                "apps/s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: none, word: '${WORD:0:13}'}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {head: 'is ${WORD:0:5}', host: 'https://${HOST}'}\n",
            ),
        ],
        secrets: &["lime-otter-kestrel", "otter"],
        covered: &[
            "ConfigMap/c:data.head is ****",
            "ConfigMap/vars:data.WORD ****-lime",
            "Kustomization/apps:spec.patches[0].patch apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: \"****\"}\n",
            "Secret/s:stringData.key ****",
            "Secret/s:stringData.word ****",
        ],
    },
    Case {
        name: "a release with values from elsewhere",
        files: &[
            ("clusters/prod/apps.yaml", SYNC),
            (
                "apps/r.yaml",
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: shop}\nspec:\n  valuesFrom: [{kind: ConfigMap, name: v}]\n  values: {auth: {password: kestrel8lime9otter}, replicas: 3}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: shop}\ndata:\n  values.yaml: |\n    auth:\n      username: app\n      password: otter8lime9kestrel\n",
            ),
        ],
        secrets: &["kestrel8lime9otter", "otter8lime9kestrel"],
        covered: &[
            "ConfigMap/v:data.values.yaml auth:\n  username: app\n  password: ****\n",
            "HelmRelease/r:spec.values.auth.password ****",
            "Kustomization/apps:spec.postBuild.substitute.PASS ****",
        ],
    },
    Case {
        name: "a file that the configuration leaves out",
        files: &[
            (".pintle.yaml", "exclude: [left/**]\n"),
            ("kustomization.yaml", "resources: [left/a.yaml]\n"),
            (
                "left/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  app.conf: |\n    db_password = kestrel8Lime9Otter2x\n    level = 3\n",
            ),
        ],
        secrets: &["kestrel8Lime9Otter2x"],
        covered: &["ConfigMap/c:data.app.conf db_password = ****\nlevel = 3\n"],
    },
];

/// What a repository renders to, and the report that it is covered by.
fn shown<T>(files: &[(&str, &str)], work: impl FnOnce(&Rendering) -> T) -> T {
    let repo = MemoryRepo::new(files.iter().copied());
    let (book, _) = Book::built_in();
    let config = files.iter().position(|(name, _)| *name == ".pintle.yaml").map(|at| {
        let id = repo.names().iter().position(|name| *name == ".pintle.yaml").unwrap();
        Config::read(SourceId(id as u32), files[at].1, &book.ids()).0
    });
    let config = config.unwrap_or_default();
    let job = Job::new(&repo, &config, &book);
    let report = check(&job);
    let sources = Sources::new(repo.names());
    super::rendered(&job, &sources, &report, work)
}

/// Every value of an object with its path.
fn leaves(json: &Json, path: &str, out: &mut BTreeMap<String, String>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &format!("{path}.{key}"), out)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| leaves(item, &format!("{path}[{at}]"), out))
        }
        Json::String(text) => _ = out.insert(path.into(), text.clone()),
        other => _ = out.insert(path.into(), other.to_string()),
    }
}

fn label(json: &Json) -> String {
    let name = json["metadata"]["name"].as_str().unwrap();
    // The hash of a generated name says nothing here.
    let name = name.rsplit_once('-').filter(|(_, hash)| hash.len() == 10).map_or(name, |(name, _)| name);
    format!("{}/{name}", json["kind"].as_str().unwrap())
}

#[test]
fn all_is_printed_but_for_what_is_secret() {
    for case in CASES {
        shown(case.files, |rendering| {
            let printed = rendering.yaml(None).unwrap();
            for secret in case.secrets {
                assert!(!printed.contains(secret), "{}: `{secret}` is told\n{printed}", case.name);
            }
            let read = yaml::read(SourceId(0), &printed);
            assert!(read.problems.is_empty(), "{}: {:?}\n{printed}", case.name, read.problems);
            let told = read.documents.iter().map(|document| typed::json(&document.root));
            let bare = Rendering {
                view: rendering.view,
                secrets: Places::of(&Report::default(), Vec::new(), &BTreeSet::new()),
            };
            let live = rendering.view.forest.deliveries.iter().filter(|delivery| delivery.live);
            let whole: Vec<Json> = live
                .flat_map(|delivery| super::print::sorted(&delivery.built.objects))
                .map(|object| bare.covered(&object.root, Place::Other))
                .collect();
            let told: Vec<Json> = told.collect();
            assert_eq!(told.len(), whole.len(), "{}\n{printed}", case.name);
            let mut covered = Vec::new();
            for (told, whole) in told.iter().zip(&whole) {
                let (mut shown, mut known) = (BTreeMap::new(), BTreeMap::new());
                leaves(told, "", &mut shown);
                leaves(whole, "", &mut known);
                assert!(shown.keys().eq(known.keys()), "{}\n{printed}", case.name);
                let differs = shown.iter().filter(|(path, value)| known[*path] != **value);
                covered
                    .extend(differs.map(|(path, value)| format!("{}:{} {value}", label(told), &path[1..])));
            }
            covered.sort();
            assert_eq!(covered, case.covered, "{}\n{printed}", case.name);
        });
    }
}

#[test]
fn roads_tell_no_secret() {
    for case in CASES {
        shown(case.files, |rendering| {
            let objects = rendering.view.forest.deliveries.iter().flat_map(|one| &one.built.objects);
            let labels: BTreeSet<String> = objects.map(|object| object.id().label()).collect();
            let mut covers = 0;
            for label in &labels {
                let roads = rendering.explain(label).unwrap();
                let texts = roads.iter().flat_map(|road| {
                    let pieces = road.pieces.iter();
                    let losers = road.pieces.iter().filter_map(|piece| piece.over.as_ref());
                    let texts = pieces.map(|piece| &piece.text).chain(losers.map(|(_, text)| text));
                    texts.chain([&road.value])
                });
                for text in texts {
                    covers += text.matches("****").count();
                    let told = case.secrets.iter().find(|secret| text.contains(**secret));
                    assert_eq!(told, None, "{}: {label} tells `{text}`", case.name);
                }
            }
            assert!(covers >= case.covered.len(), "{}", case.name);
        });
    }
}

#[test]
fn the_loser_of_a_secret_is_covered_too() {
    let case = CASES.iter().find(|case| case.name.starts_with("what a patch")).unwrap();
    shown(case.files, |rendering| {
        let roads = rendering.explain("Secret/s:password").unwrap();
        let over = roads[0].pieces[0].over.as_ref().map(|(_, text)| text.as_str());
        assert_eq!(over, Some("****"));
    });
}

/// A repository, and every step of the road of `ConfigMap/c:key`: the folders between, the entries that load them, and
/// who declares what is delivered.
type Steps = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {key: value}\n";

const STEPS: &[Steps] = &[
    (
        "a root folder",
        &[("kustomization.yaml", "resources:\n  - a.yaml\n"), ("a.yaml", OBJECT)],
        &["kustomization.yaml:2", "a.yaml:1"],
    ),
    (
        "a base of a base, in the second document",
        &[
            ("over/kustomization.yaml", "components: [../more]\nresources:\n  - ../base\n"),
            ("more/kustomization.yaml", "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n"),
            ("base/kustomization.yaml", "resources: [inner]\n"),
            ("base/inner/kustomization.yaml", "resources:\n  - none.yaml\n  - a.yaml\n"),
            (
                "base/inner/a.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {key: value}\n",
            ),
        ],
        &[
            "over/kustomization.yaml:3",
            "base/kustomization.yaml:1",
            "base/inner/kustomization.yaml:3",
            "base/inner/a.yaml:5",
        ],
    ),
    (
        "a folder for which Flux makes a kustomization, and one below it",
        &[
            ("clusters/prod/apps.yaml", SYNC),
            ("apps/one/kustomization.yaml", "resources: [a.yaml]\n"),
            ("apps/one/a.yaml", OBJECT),
        ],
        &[
            "clusters/prod/apps.yaml:3",
            "clusters/prod/apps.yaml:8",
            "apps/one/kustomization.yaml:1",
            "apps/one/a.yaml:1",
        ],
    ),
    (
        "a file that is simply in its folder",
        &[("clusters/prod/apps.yaml", SYNC), ("apps/one/a.yaml", OBJECT)],
        &["clusters/prod/apps.yaml:3", "clusters/prod/apps.yaml:8", "apps/", "apps/one/a.yaml:1"],
    ),
    (
        "what a kustomization makes itself",
        &[(
            "kustomization.yaml",
            "generatorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator:\n  - {name: c, literals: [key=value]}\n",
        )],
        &["kustomization.yaml:3"],
    ),
];

#[test]
fn roads_have_every_step() {
    for (name, files, expected) in STEPS {
        shown(files, |rendering| {
            let roads = rendering.explain("ConfigMap/c:key").unwrap();
            assert_eq!(roads[0].loaded, *expected, "{name}");
        });
    }
}
