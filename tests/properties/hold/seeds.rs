//! Texts to begin with: the samples of the formats, the fixtures, and the examples of the rule pages.

use super::samples::SAMPLES;
use super::{BOOK, joined};
use pintle::testing::examples;
use std::fs;
use std::path::{Path, PathBuf};

/// A seed that is longer would be cut.
const LONGEST: usize = 4096;

fn samples(names: &[&str]) -> Vec<Vec<u8>> {
    let wanted = SAMPLES.iter().filter(|(format, ..)| names.is_empty() || names.contains(format));
    wanted.map(|(_, name, text)| joined([(*name, *text)])).collect()
}

fn bodies(names: &[&str]) -> Vec<Vec<u8>> {
    SAMPLES
        .iter()
        .filter(|(format, ..)| names.contains(format))
        .map(|(.., text)| text.as_bytes().to_vec())
        .collect()
}

/// The examples of the pages that hold a word, each a repository.
fn of_pages(word: &str) -> Vec<Vec<u8>> {
    let pages = BOOK.pages().iter().flat_map(|page| examples(&page.prose));
    let texts = pages
        .filter(|example| !example.recipes)
        .map(|example| joined(example.files.iter().map(|fence| (fence.file.as_str(), fence.text.as_str()))));
    let holds =
        |text: &Vec<u8>| text.len() <= LONGEST && memchr::memmem::find(text, word.as_bytes()).is_some();
    texts.filter(holds).collect()
}

pub fn yaml() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    collect(&folder("fixtures"), &mut out);
    assert!(out.len() > 4, "the fixtures were not found");
    out.extend(SAMPLES.iter().map(|(.., text)| text.as_bytes().to_vec()));
    out
}

/// A folder of the repository; the crate that asks may be the one of the fuzz targets.
fn folder(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = [here.join(name), here.join("..").join(name)].into_iter().find(|folder| folder.is_dir());
    known.unwrap_or_else(|| panic!("there is no folder {name}"))
}

fn collect(folder: &Path, out: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            out.extend(fs::read(&path).ok().filter(|bytes| bytes.len() <= LONGEST));
        }
    }
}

pub fn dockerfile() -> Vec<Vec<u8>> {
    bodies(&["dockerfile"])
}

pub fn hcl() -> Vec<Vec<u8>> {
    samples(&["terraform", "nomad", "bake"])
}

pub fn references() -> Vec<Vec<u8>> {
    let lines: [&str; 6] = [
        "nginx\nnginx:1.27.3-alpine3.20",
        "registry.example.com:5000/team/sub/app:sha-3f9c2d1",
        "ghcr.io/acme/app:v1.2.3@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496",
        "${REGISTRY:-docker.io}/library/postgres:${PG_VERSION:-16}",
        "app@sha256:short",
        "docker.io/library/redis:7.2.0-rc1.20240102",
    ];
    lines.map(|line| line.as_bytes().to_vec()).into()
}

pub fn kustomize() -> Vec<Vec<u8>> {
    let base = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {a: b}}\nspec:\n  template:\n    spec:\n      containers:\n        - {name: c, image: 'nginx:1.25', args: [a, b]}\n";
    let patches = "resources: [../base]\nnamespace: x\nnamePrefix: p-\nimages: [{name: nginx, newTag: '2'}]\nconfigMapGenerator: [{name: m, literals: [a=b]}]\npatches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n      spec:\n        template:\n          spec:\n            containers:\n              - {name: c, args: null}\n  - target: {kind: Deployment}\n    patch: |-\n      - {op: add, path: /spec/template/spec/containers/0/args/-, value: d}\n      - {op: test, path: /metadata/name, value: web}\nreplacements:\n  - source: {kind: Deployment, fieldPath: metadata.name}\n    targets: [{select: {kind: Deployment}, fieldPaths: ['metadata.labels.a'], options: {delimiter: '-', index: 1}}]\n";
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k, namespace: flux-system}\nspec:\n  path: ./over\n  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild: {substitute: {A: b}}\n  patches: [{patch: '[{op: remove, path: /spec}]', target: {kind: ConfigMap}}]\n";
    let mut out = vec![joined([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", base),
        ("over/kustomization.yaml", patches),
        ("flux.yaml", flux),
    ])];
    out.extend(of_pages("kustomiz"));
    out
}

pub fn templates() -> Vec<Vec<u8>> {
    let main = "{{- define \"n\" }}{{ .a | default \"x\" | quote }}{{ end -}}\na: {{ include \"n\" .Values }}\n{{ range $i, $x := .Values.list }}{{ if eq $x 2 }}{{ continue }}{{ end }}\n  {{ $i }}: {{ printf \"%05d-%v\" $x $x | nindent 2 }}{{ else }}none{{ end }}\n{{ with .Values.map }}{{ toYaml . | indent 2 }}{{ tpl .t $ }}{{ end }}\n{{ $m := merge (dict \"q\" 1) .Values.map }}{{ keys $m | sortAlpha | join \",\" }}{{ regexReplaceAll \"(a)b\" \"abc\" \"${1}x\" }}\n";
    let values =
        "Values:\n  a: é1\n  list: [1, 2, 3]\n  map: {t: '{{ .Values.a | upper }}', z: [{y: null}]}\n";
    vec![
        joined([("main.tpl", main), ("values", values)]),
        joined([
            ("main.tpl", "{{ .a.b }} {{ .c }}{{ template \"o\" . }}"),
            ("o.tpl", "{{ define \"o\" }}{{ . }}{{ end }}"),
            ("values", "{a: {b: 1}}\n"),
        ]),
    ]
}

pub fn pages() -> Vec<Vec<u8>> {
    let page = "---\nid: own\ntitle: Own\nseverity: error\nsince: 0.1.0\nabout: image\nwhen:\n  - pin: latest\n  - repository: {matches: '^nginx(-[a-z]+)?$'}\n  - tag: {not: absent}\npoint: tag\nsays: \"`{text}` moves\"\nhelp: \"pin it\"\n---\n# Own\n\n```yaml bad file=deploy.yaml\n      image: nginx:latest\n      #            ^^^^^^\n```\n```yaml good file=deploy.yaml\n      image: nginx:1.2.3\n```\n";
    let vendor = "---\nid: own-token\ntitle: Own\nseverity: error\nsince: 0.1.0\nabout: secret\ntokens:\n  - name: own\n    pattern: 'own_[a-z0-9]{20}'\n---\n# Own\n\n```yaml bad file=a.yaml\ntoken: own_{base36*20}\n```\n";
    let mut out: Vec<Vec<u8>> = vec![page.into(), vendor.into()];
    let folder = folder("rules");
    for name in ["image-latest.md", "secrets/github.md", "data/moving-tags.md"] {
        out.extend(fs::read(folder.join(name)).ok().filter(|bytes| bytes.len() <= 2 * LONGEST));
    }
    assert!(out.len() > 3, "the pages were not found");
    out
}

pub fn configuration() -> Vec<Vec<u8>> {
    let orders = "preset: strict\ninclude: ['**/*.yaml']\nexclude: ['vendor/**']\nrules: {image-latest: warning}\noverrides:\n  - {paths: ['apps/**'], rules: {image-untagged: off}}\nallow:\n  - {rule: image-latest, paths: ['apps/*'], reason: why, until: 2026-11-20}\nimages:\n  immutable-tags: ['a/*:v*']\n  moving-tags: ['*:stable']\n  mirrors: {'a.b/c': docker.io}\n  allowed: ['nginx*']\n  resources: [{kind: X, fields: [spec.image]}]\nstorage:\n  replicated: [longhorn*]\n  local: [local-*]\n  engines: [{engine: postgres, images: ['*/pg*']}]\nplaces: {own: ['a/**'], samples: ['b/**']}\nrepo-url: https://example.org/a\n";
    vec![
        orders.into(),
        joined([(".pintle.yaml", orders), ("baseline", "# x\n0123456789abcdef image-latest\n")]),
    ]
}

pub fn compose() -> Vec<Vec<u8>> {
    let compose = "x-a: &a {image: 'a:${T:-1}', environment: [A=$B, 'C=${D:?no}']}\nservices:\n  w: {<<: *a}\n  b:\n    build: {context: ., args: {V: '${T}'}, additional_contexts: [base=docker-image://c:1]}\n    image: ${R:?no}/d:$$e\n    volumes: ['data:/var/lib/postgresql/data', './x:/y:ro']\n    extends: {service: w}\n    profiles: [x]\nvolumes: {data: {driver: local}}\n";
    let mut out = vec![joined([
        ("compose.yaml", compose),
        (".env", "T=2\nD=${T}x\nexport E='a b' # c\nF=\"$T\\n\"\n"),
        ("Dockerfile", "ARG V\nFROM a:${V}\nUSER 1\n"),
        ("compose.override.yaml", "services: {w: {image: b:2}}\n"),
    ])];
    out.extend(samples(&["compose"]));
    out.extend(of_pages("services:"));
    out
}

pub fn secrets() -> Vec<Vec<u8>> {
    let texts = [
        ("a.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  password: PLANTED1\n  token: PLANTED0\n"),
        (".env", "DB_PASSWORD=PLANTED1\nURL=PLANTED2\nexport GITLAB=\"PLANTED3\"\n"),
        ("a.sh", "docker login -u a -p PLANTED1 ghcr.io\ncurl -H 'Authorization: Bearer PLANTED0' x\n"),
        (
            "a.tf",
            "variable \"token\" {\n  default = \"PLANTED3\"\n}\nresource \"a\" \"b\" {\n  password = \"PLANTED1\"\n}\n",
        ),
        (
            "a.md",
            "```\nexport TOKEN=PLANTED0\n```\nmysql -pPLANTED1 <add key=\"password\" value=\"PLANTED1\"/>\n",
        ),
        (
            "a.sops.yaml",
            "a: ENC[AES256_GCM,data:aaaa,iv:aaaa,tag:aaaa,type:str]\npassword: PLANTED1\nsops:\n  mac: x\n",
        ),
    ];
    texts.map(|file| joined([file])).into()
}

pub fn outputs() -> Vec<Vec<u8>> {
    let all = [
        (
            "Dockerfile",
            "ARG T=PLANTED0\nFROM nginx:${T}\nENV PASSWORD=PLANTED1\nRUN curl -u a:PLANTED1 https://x/PLANTED3\n",
        ),
        (
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: 'a<b>&\"'}\nspec:\n  containers:\n    - name: c # pintle: allow image-latest (x)\n      image: a/b:latest\n      env: [{name: DB_PASSWORD, value: PLANTED1}, {name: URL, value: PLANTED2}]\n",
        ),
        (
            "compose.yaml",
            "services:\n  db:\n    image: postgres:${TAG}\n    environment: {POSTGRES_PASSWORD: PLANTED1}\n    volumes: ['d:/var/lib/postgresql/data']\nvolumes: {d: {}}\n",
        ),
        (".env", "TAG=PLANTED3\n"),
    ];
    let mut out: Vec<Vec<u8>> = vec![joined(all)];
    out.extend(all.map(|file| joined([file])));
    out.extend(of_pages("claim").into_iter().take(6));
    out.extend(of_pages("sops").into_iter().take(2));
    out
}
