//! `pintle images` and `pintle storage`, run as people run them: the contract of the JSON, the tables, hostile names.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr, dead_code)]

mod clusters;
#[path = "../cli_runs/stage.rs"]
mod stage;

use clusters::several;
use serde_json::{Value, json};
use stage::Stage;
use stage::skipped::skipped;

const DIGEST: &str = "sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496";

/// A deployment of some images, one container each.
fn deployment(name: &str, images: &[&str]) -> String {
    let containers: Vec<String> = images
        .iter()
        .enumerate()
        .map(|(at, image)| format!("        - name: c{at}\n          image: {image}\n"))
        .collect();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: media}}\nspec:\n  template:\n    spec:\n      containers:\n{}",
        containers.concat()
    )
}

/// A small repository with one of everything.
fn repository() -> Stage {
    let web =
        deployment("web", &[&format!("nginx:1.27.3@{DIGEST}"), "busybox:latest", "ghcr.io/acme/app:1.0.0"]);
    let other = deployment("other", &["busybox:latest", "quay.io/acme/tool:16", "quay.io/acme/bare"]);
    let overlay = "resources: [web.yaml]\nimages:\n  - name: ghcr.io/acme/app\n    newTag: 1.2.3\n";
    let compose = "services:\n  cache:\n    image: redis:${TAG}\n  own:\n    image: own:1\n    build: .\n";
    let values = "image:\n  repository: ghcr.io/acme/chart\nsidecar:\n  image:\n    tag: 4.5.6\n";
    let cluster = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: db, namespace: keep}\nspec:\n  instances: 3\n  imageName: ghcr.io/cloudnative-pg/postgresql:17.2\n  storage: {size: 10Gi, storageClass: fast}\n";
    let keeper = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: old, namespace: keep}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - name: db\n          image: postgres:15.4\n          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]\n      volumes:\n        - name: data\n          persistentVolumeClaim: {claimName: old-data}\n";
    let claims = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: old-data, namespace: keep}\nspec:\n  storageClassName: block\n  resources: {requests: {storage: 8Gi}}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: free, namespace: keep}\nspec:\n  resources: {requests: {storage: 1Gi}}\n";
    let classes = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: block}\nprovisioner: driver.longhorn.io\nparameters: {numberOfReplicas: '2'}\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: rancher.io/local-path\n";
    let plan = "apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: old, namespace: keep}\nspec:\n  sourcePVC: old-data\n  trigger: {schedule: '0 3 * * *'}\n  restic: {repository: offsite}\n";
    Stage::new(&[
        ("apps/web.yaml", &web),
        ("apps/kustomization.yaml", overlay),
        ("other/other.yaml", &other),
        ("compose.yaml", compose),
        ("chart/values.yaml", values),
        ("keep/cluster.yaml", cluster),
        ("keep/old.yaml", keeper),
        ("keep/claims.yaml", claims),
        ("keep/classes.yaml", classes),
        ("keep/plan.yaml", plan),
    ])
}

fn parsed(stage: &Stage, arguments: &[&str]) -> Value {
    let ran = stage.run(arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    serde_json::from_str(&ran.out).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_images_are_told_in_the_frozen_schema() {
    let stage = repository();
    let out = parsed(&stage, &["images", "--output", "json"]);
    assert_eq!(keys(&out), ["schema", "images", "problems", "summary"]);
    assert_eq!(out["schema"], "pintle/v1");
    let told: Vec<(&str, &str, &str, u64)> = out["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| {
            let text = |key: &str| image[key].as_str().unwrap();
            (text("reference"), text("pin"), text("file"), image["start"]["line"].as_u64().unwrap())
        })
        .collect();
    let nginx = format!("docker.io/library/nginx:1.27.3@{DIGEST}");
    let expected = [
        ("docker.io/library/busybox:latest", "latest", "apps/web.yaml", 11),
        (nginx.as_str(), "digest", "apps/web.yaml", 9),
        ("docker.io/library/postgres:15.4", "tag", "keep/old.yaml", 10),
        ("docker.io/library/redis:${TAG}", "unknown", "compose.yaml", 3),
        // What the kustomization sets is what runs; who runs it is the deployment.
        ("ghcr.io/acme/app:1.2.3", "tag", "apps/kustomization.yaml", 4),
        ("ghcr.io/acme/chart", "unknown", "chart/values.yaml", 2),
        ("ghcr.io/cloudnative-pg/postgresql:17.2", "moving", "keep/cluster.yaml", 6),
        ("quay.io/acme/bare", "none", "other/other.yaml", 13),
        ("quay.io/acme/tool:16", "moving", "other/other.yaml", 11),
        ("4.5.6", "tag", "chart/values.yaml", 5),
    ];
    assert_eq!(told, expected);
    let first = &out["images"][0];
    assert_eq!(
        keys(first),
        [
            "reference",
            "registry",
            "repository",
            "tag",
            "digest",
            "pin",
            "state",
            "file",
            "start",
            "also",
            "format",
            "used_by",
            "objects",
            "delivered"
        ]
    );
    assert_eq!(first["used_by"], json!(["Deployment/media/other", "Deployment/media/web"]));
    assert_eq!(first["also"], json!([{"file": "other/other.yaml", "start": {"line": 9, "column": 18}}]));
    assert_eq!(out["images"][4]["used_by"], json!(["Deployment/media/web"]));
    assert_eq!(out["images"][5]["note"], "the chart decides the tag");
    assert_eq!(
        (&out["images"][1]["digest"], &out["images"][7]["tag"], &out["images"][9]["registry"]),
        (&json!(DIGEST), &Value::Null, &Value::Null)
    );
    let unpinned = parsed(&stage, &["images", "--unpinned", "--output", "json"]);
    assert_eq!(unpinned["images"].as_array().unwrap().len(), expected.len() - 1);
    let below = parsed(&stage, &["images", "other", "--output", "json"]);
    assert_eq!(below["images"].as_array().unwrap().len(), 3, "paths limit what is told, not what is read");
}

#[test]
fn the_storage_is_told_in_the_frozen_schema() {
    let stage = repository();
    let out = parsed(&stage, &["storage", "--output", "json"]);
    assert_eq!(
        keys(&out),
        ["schema", "claims", "databases", "not_listed", "volumes", "not_understood", "problems"]
    );
    let databases = out["databases"].as_array().unwrap();
    assert_eq!(
        keys(&databases[0]),
        [
            "who",
            "engine",
            "major",
            "because",
            "what",
            "instances",
            "backup",
            "class",
            "decided",
            "standing",
            "provisioner",
            "replicas",
            "environment",
            "cluster",
            "delivered",
            "file",
            "start",
            "road",
            "backups"
        ]
    );
    let told: Vec<Value> = databases
        .iter()
        .map(|row| {
            json!([row["who"], row["major"], row["class"], row["standing"], row["replicas"], row["file"]])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["Cluster/keep/db", 17, "fast", "local", null, "keep/cluster.yaml"]),
            json!(["Deployment/keep/old", 15, "block", "longhorn", "2", "keep/claims.yaml"]),
            json!(["service/cache", null, null, "unknown", null, "compose.yaml"]),
        ]
    );
    assert_eq!(databases[1]["because"], "container image postgres:15.4");
    let copied = json!([{
        "kind": "file copy",
        "by": "ReplicationSource/keep/old",
        "schedule": "0 3 * * *",
        "to": "offsite",
        "file": "keep/plan.yaml",
        "start": {"line": 5, "column": 14}
    }]);
    assert_eq!((&databases[0]["backup"], &databases[0]["backups"]), (&json!("no"), &json!([])));
    assert_eq!((&databases[1]["backup"], &databases[1]["backups"]), (&json!("yes"), &copied));
    assert_eq!(out["claims"][2]["backups"], copied);
    assert_eq!(databases[1]["road"].as_array().unwrap().len(), 3, "image, volume, class");
    let claims = out["claims"].as_array().unwrap();
    assert_eq!(
        keys(&claims[0]),
        [
            "namespace",
            "name",
            "owner",
            "size",
            "class",
            "decided",
            "standing",
            "provisioner",
            "replicas",
            "environment",
            "cluster",
            "delivered",
            "file",
            "start",
            "used_by",
            "used_at",
            "road",
            "backups"
        ]
    );
    let told: Vec<Value> =
        claims.iter().map(|row| json!([row["name"], row["class"], row["decided"], row["used_by"]])).collect();
    assert_eq!(
        told,
        [
            json!(["data", "fast", "named", ["Cluster/keep/db"]]),
            json!(["free", null, "omitted", []]),
            json!(["old-data", "block", "named", ["Deployment/keep/old"]]),
        ]
    );
}

/// What the terminal shows, by arguments and width.
const TABLES: [(&[&str], &str, &str); 5] = [
    (
        &["images"],
        "120",
        "\
PIN      IMAGE                                            WHERE                         USED BY
none     quay.io/acme/bare                                other/other.yaml:13:18        Deployment/media/other
latest   docker.io/library/busybox:latest                 apps/web.yaml:11:18 +1        …/media/other and media/web
moving   ghcr.io/cloudnative-pg/postgresql:17.2           keep/cluster.yaml:6:14        Cluster/keep/db
moving   quay.io/acme/tool:16                             other/other.yaml:11:18        Deployment/media/other
unknown  docker.io/library/redis:${TAG}                   compose.yaml:3:12             service/cache
unknown  ghcr.io/acme/chart                               chart/values.yaml:2:15        values/chart
tag      docker.io/library/postgres:15.4                  keep/old.yaml:10:18           Deployment/keep/old
tag      ghcr.io/acme/app:1.2.3                           apps/kustomization.yaml:4:13  Deployment/media/web
tag      (the chart's image):4.5.6                        chart/values.yaml:5:10        values/chart
digest   docker.io/library/nginx:1.27.3@sha256:9d6b58fe…  apps/web.yaml:9:18            Deployment/media/web

10 images: 1 digest, 3 tag, 2 moving, 1 latest, 1 none, 2 unknown
  docker.io/library/redis:${TAG}: the variable `TAG` has no value here
",
    ),
    (
        &["images", "--unpinned", "other", "chart"],
        "60",
        "\
PIN      IMAGE
none     quay.io/acme/bare
         other/other.yaml:13:18  Deployment/media/other
latest   docker.io/library/busybox:latest
         apps/web.yaml:11:18 +1  …/media/other and media/web
moving   quay.io/acme/tool:16
         other/other.yaml:11:18  Deployment/media/other
unknown  ghcr.io/acme/chart
         chart/values.yaml:2:15  values/chart
tag      (the chart's image):4.5.6
         chart/values.yaml:5:10  values/chart

5 images: 1 tag, 1 moving, 1 latest, 1 none, 1 unknown
",
    ),
    (
        &["images", "--tree", "apps", "chart"],
        "100",
        "\x20 PIN      IMAGE                          WHERE                         USED BY
docker.io (2)
  latest   busybox:latest                 apps/web.yaml:11:18 +1        …/media/other and media/web
  digest   nginx:1.27.3@sha256:9d6b58fe…  apps/web.yaml:9:18            Deployment/media/web
ghcr.io (2)
  tag      acme/app:1.2.3                 apps/kustomization.yaml:4:13  Deployment/media/web
  unknown  acme/chart                     chart/values.yaml:2:15        values/chart
no registry known (1)
  tag      (the chart's image):4.5.6      chart/values.yaml:5:10        values/chart

5 images: 1 digest, 2 tag, 1 latest, 1 unknown
",
    ),
    (
        &["images", "--only", "latest,unknown", "--sort", "name"],
        "100",
        "\
PIN      IMAGE                             WHERE                   USED BY
latest   docker.io/library/busybox:latest  apps/web.yaml:11:18 +1  …/media/other and media/web
unknown  docker.io/library/redis:${TAG}    compose.yaml:3:12       service/cache
unknown  ghcr.io/acme/chart                chart/values.yaml:2:15  values/chart

3 images: 1 latest, 2 unknown
  docker.io/library/redis:${TAG}: the variable `TAG` has no value here
",
    ),
    (
        &["storage"],
        "64",
        "\x20 DATABASE       ENGINE       COPIES  CLASS          STANDING
  keep/db        postgres 17  3       fast           local
    keep/cluster.yaml:7:39  backup none
  keep/old       postgres 15  1       block          longhorn ×2
    keep/claims.yaml:5:21  backup file copy, daily
  service/cache  redis                (no cl…known)  unknown
    compose.yaml:3:12  backup unknown

    CLAIM           SIZE  BACKUP            USED BY
  block  longhorn ×2  1 claim  driver.longhorn.io
    keep/old-data   8Gi   file copy, daily  Deployment/old
      keep/claims.yaml:5:21
  fast  local  1 claim  rancher.io/local-path
    keep/db (data)  10Gi                    Cluster/db
      keep/cluster.yaml:7:39
  (none written)  unknown  1 claim
    keep/free       1Gi
      keep/claims.yaml:11:1

3 databases: 1 local, 1 longhorn, 1 unknown
3 claims: 1 local, 1 longhorn, 1 unknown
",
    ),
];

#[test]
fn the_tables_read_well_at_any_width() {
    let stage = repository();
    for (arguments, width, expected) in TABLES {
        let shown = |extra: &[&str]| {
            let mut command = stage.command(&[arguments, extra].concat());
            let ran = command.env("COLUMNS", width).output().unwrap();
            assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
            String::from_utf8(ran.stdout).unwrap()
        };
        assert_eq!(shown(&["--jobs", "1"]), expected, "{arguments:?}");
        let coloured = shown(&["--color", "always", "--jobs", "3"]);
        assert!(coloured.contains("\u{1b}["), "{arguments:?}");
        assert_eq!(without_colours(&coloured), expected, "colours change nothing else");
    }
}

/// A repository in which a place is as long as paths are, some claims have no class that is known, and a variable has no
/// value.
fn sparse() -> Stage {
    let folder = "applications/pipeline/upstream/third-party/seaweedfs/base/seaweedfs";
    let claim = |name: &str, class: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: keep}}\nspec: {{storageClassName: {class}}}\n"
        )
    };
    let three = ["a", "b", "c"].map(|name| claim(name, "miroir-local")).join("---\n");
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: keep}\nspec:\n  chart: {spec: {chart: redis, version: 20.1.0, sourceRef: {kind: HelmRepository, name: far}}}\n  values: {master: {persistence: {size: 4Gi}}}\n";
    Stage::new(&[
        (&format!("{folder}/seaweedfs-pvc.yaml"), &claim("far", "known-nowhere")),
        ("three.yaml", &three),
        ("hole.yaml", &claim("hole", "'${CLASS}'")),
        ("release.yaml", release),
        (
            "flux.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all}\nspec: {path: ./}\n",
        ),
    ])
}

#[test]
fn places_stay_whole_and_hints_are_true() {
    let stage = sparse();
    let shown = |width: &str| {
        let ran = stage.command(&["storage"]).env("COLUMNS", width).output().unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    let place = "applications/pipeline/upstream/third-party/seaweedfs/base/seaweedfs/seaweedfs-pvc.yaml:4:26";
    for width in ["60", "80", "100", "120"] {
        let out = shown(width);
        assert!(out.contains(place) && out.contains("hole.yaml:4:27"), "{out}");
        let limit = width.parse::<usize>().unwrap();
        let wide: Vec<&str> = out.lines().filter(|line| line.chars().count() > limit).collect();
        // Only a place that is longer than the terminal is.
        assert!(
            wide.iter().all(|line| *line == place) && wide.is_empty() == (limit > 92),
            "{width}: {wide:#?}"
        );
        assert!(out.lines().all(|line| line.trim_end() == line), "{out}");
    }
    let expected = "\
1 database: 1 unknown
6 claims: 6 unknown
1 not understood
  1: the variable `CLASS` has no value here
    hole.yaml:4:27  PersistentVolumeClaim/keep/hole

hint: add `storage: {local: [miroir-local]}` to .pintle.yaml (or `replicated`): 3 claims become
  known
hint: add `storage: {local: [known-nowhere]}` to .pintle.yaml (or `replicated`): 1 claim becomes
  known
hint: give charts with `--chart-dir FOLDER`: 1 release says nothing of storage, and the charts are
  not here
";
    let out = shown("100");
    assert!(out.starts_with("all  1 database, 6 claims\n") && out.ends_with(expected), "{out}");
    // What the hint says comes true.
    stage.write(".pintle.yaml", b"storage: {local: [miroir-local]}\n");
    let out = shown("100");
    assert!(out.contains("3 local") && !out.contains("miroir-local`"), "{out}");
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once('m').unwrap().1)
}

/// Names and references that try to break out of each output.
fn hostile() -> Stage {
    let evil = "\"=cmd()|'/x'!A1,\\\"b\\\"|<b>\\e[31m\\u202e\\n::error::\"";
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {evil}}}\nspec:\n  containers:\n    - {{name: a, image: \"quay.io/a/b:1.2.3\"}}\n    - {{name: b, image: \"=1+1,\\\"x\\\"\\e[31m\\u202e\"}}\n  volumes: [{{name: d, persistentVolumeClaim: {{claimName: c}}}}]\n"
    );
    let claim = format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c}}\nspec: {{storageClassName: {evil}}}\n"
    );
    Stage::new(&[("a|<b>,\"\u{1b}[31m\u{202e}\n::x.yaml", &pod), ("claim.yaml", &claim)])
}

#[test]
fn nothing_in_a_repository_steers_an_output() {
    let stage = hostile();
    for (command, outputs) in [
        ("images", &["table", "json", "csv", "markdown", "cyclonedx"][..]),
        ("storage", &["table", "json", "markdown", "mermaid", "dot"]),
    ] {
        for output in outputs {
            let ran = stage.run(&[command, "--output", output]);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command} {output}");
            let steers = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
            assert!(!ran.out.contains(steers), "{command} {output}: {}", ran.out);
            assert!(!ran.out.contains("\n::"), "{command} {output}: {}", ran.out);
            assert!(ran.out.contains("cmd"), "{command} {output} tells of it: {}", ran.out);
            match *output {
                "json" | "cyclonedx" => drop(serde_json::from_str::<Value>(&ran.out).unwrap()),
                "csv" => {
                    for line in ran.out.lines() {
                        let fields = fields(line);
                        assert_eq!(fields.len(), 16, "{line}");
                        assert!(fields.iter().all(|field| !field.starts_with('=')), "{line}");
                    }
                }
                "markdown" => {
                    assert!(!ran.out.contains("<b>"), "{}", ran.out);
                    let rows = ran.out.lines().filter(|line| line.starts_with('|'));
                    let columns: Vec<usize> = rows.map(|row| row.matches('|').count()).collect();
                    assert!(
                        columns.iter().all(|&count| count == 5 || count == 7 || count == 8),
                        "{}",
                        ran.out
                    );
                }
                "mermaid" => {
                    assert!(!ran.out.contains("<b>") && !ran.out.contains("%%"), "{}", ran.out);
                    assert!(ran.out.contains("#60;b#62;"), "{}", ran.out);
                    let quotes = ran.out.lines().map(|line| line.matches('"').count());
                    assert!(quotes.into_iter().all(|number| number % 2 == 0), "{}", ran.out);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn graphviz_reads_the_picture() {
    let stage = hostile();
    let found = std::process::Command::new("dot").arg("-V").output().is_ok();
    if !found {
        skipped("no dot to draw the picture with");
        return;
    }
    for stage in [stage, repository(), several()] {
        let told = stage.run(&["storage", "--output", "dot=storage.dot"]);
        assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
        let drawn = std::process::Command::new("dot")
            .args(["-Tplain", "storage.dot"])
            .current_dir(&stage.root)
            .output()
            .unwrap();
        assert_eq!((drawn.status.code(), drawn.stderr.as_slice()), (Some(0), &b""[..]));
        let drawn = String::from_utf8(drawn.stdout).unwrap();
        assert!(drawn.lines().any(|line| line.starts_with("node ")), "{drawn}");
    }
}

/// The fields of a line of comma-separated values.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut is_quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => {
                // A quote that is doubled is opened again at once: it belongs to the field.
                is_quoted = !is_quoted;
                if is_quoted && !out.last().unwrap().is_empty() {
                    out.last_mut().unwrap().push('"');
                }
            }
            ',' if !is_quoted => out.push(String::new()),
            c => out.last_mut().unwrap().push(c),
        }
    }
    assert!(!is_quoted, "{line}");
    out
}

#[test]
fn outputs_go_where_they_are_sent() {
    let stage = repository();
    let ran = stage.run(&["images", "-o", "cyclonedx=bom.json", "-o", "csv=images.csv", "-o", "table"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("PIN "), "{}", ran.out);
    let bom: Value = serde_json::from_str(&stage.read("bom.json")).unwrap();
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    let components = bom["components"].as_array().unwrap();
    assert_eq!(components.len(), 9, "what has no name is no component");
    assert_eq!(bom["metadata"]["properties"], json!([{"name": "pintle:left-out", "value": "1"}]));
    let nginx = &components[1];
    assert_eq!(nginx["hashes"], json!([{"alg": "SHA-256", "content": &DIGEST[7..]}]));
    let purl =
        format!("pkg:oci/nginx@sha256%3A{}?repository_url=docker.io/library/nginx&tag=1.27.3", &DIGEST[7..]);
    assert_eq!(nginx["purl"], purl.as_str());
    assert_eq!(stage.read("images.csv").lines().count(), 11);
    for (arguments, says) in [
        (&["images", "-o", "json", "-o", "csv"][..], "cannot share standard output"),
        (&["images", "-o", "sarif"], "there is no output `sarif`"),
        (&["storage", "-o", "csv"], "there is no output `csv`"),
        (&["storage", "nowhere"], "cannot read nowhere"),
    ] {
        let ran = stage.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    stage.write(".pintle.yaml", b"nonsense: true\n");
    let ran = stage.run(&["images"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "a broken configuration is no inventory");
}
