//! `pintle charts fetch`, against a registry and a site of charts of the test's own on loopback.

#![allow(clippy::disallowed_types)]

use crate::pack;
use crate::stage::{Ran, Stage};
use pintle::testing::Sha256;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const SYNC: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {path: ./prod, prune: true, sourceRef: {kind: GitRepository, name: flux-system}}\n";

/// What is there, by path; changed while the test goes on.
type Pages = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server that lives as long as the test; its threads end with the process.
struct Site {
    address: String,
    pages: Pages,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn start() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let site = Site { address, pages: Pages::default(), asked: Arc::default() };
        let (pages, asked) = (site.pages.clone(), site.asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, asked) = (pages.clone(), asked.clone());
                thread::spawn(move || drop(serve(&stream, &pages, &asked)));
            }
        });
        site
    }

    fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.pages.lock().unwrap().insert(path.into(), bytes.into());
    }

    /// A chart in a registry: the manifest under its tag, and the archive under its digest.
    fn push(&self, name: &str, tag: &str, archive: &[u8]) {
        let digest = sha256(archive);
        let manifest = format!(
            "{{\"schemaVersion\":2,\"config\":{{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"}},\"layers\":[{{\"mediaType\":\"application/vnd.cncf.helm.chart.content.v1.tar+gzip\",\"digest\":\"{digest}\",\"size\":{}}}]}}",
            archive.len()
        );
        self.put(&format!("/v2/{name}/manifests/{tag}"), manifest);
        self.put(&format!("/v2/{name}/blobs/{digest}"), archive);
    }

    /// How often something was asked for since the last time.
    fn asked(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).len()
    }
}

fn serve(stream: &TcpStream, pages: &Pages, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::from("-");
        while !line.trim_end().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
        }
        let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let page = pages.lock().unwrap().get(path.split('?').next().unwrap()).cloned();
        asked.lock().unwrap().push(path);
        let (status, body) = page.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        (&mut &*stream).write_all(&[head.as_bytes(), &body].concat())?;
    }
}

fn sha256(bytes: &[u8]) -> String {
    let mut hash = Sha256::default();
    hash.update(bytes);
    format!("sha256:{}", hash.finish().map(|byte| format!("{byte:02x}")).concat())
}

fn chart(name: &str, version: &str, image: &str) -> Vec<u8> {
    let files = [
        ("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\n")),
        ("values.yaml", format!("image: {image}\n")),
        (
            "templates/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}\"}\nspec:\n  containers: [{name: main, image: \"{{ .Values.image }}\"}]\n".to_owned(),
        ),
    ];
    let files = files.map(|(path, text)| (format!("{name}/{path}"), text.into_bytes()));
    pack::tgz(&files)
}

fn run(stage: &Stage, arguments: &[&str]) -> Ran {
    let mut command = stage.command(arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "CI"] {
        command.env_remove(name);
    }
    command.env("XDG_CACHE_HOME", stage.path("cache"));
    Ran::of(command.output().unwrap())
}

fn fetch(stage: &Stage, more: &[&str]) -> Ran {
    run(stage, &[&["charts", "fetch", "--root", "repo", "repo"], more].concat())
}

fn images(stage: &Stage) -> String {
    run(stage, &["images", "--root", "repo", "repo", "-o", "csv"]).out
}

/// A repository with a release of each kind of source: `web` from a site, `db` from a registry by an OCIRepository, `bus` from a
/// registry that a HelmRepository names, and an artifact that is no chart.
fn stage(site: &Site) -> Stage {
    let release = |name: &str, source: &str| {
        format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  {source}\n"
        )
    };
    let address = &site.address;
    let apps = [
        release(
            "web",
            "chart: {spec: {chart: web, version: 1.x, sourceRef: {kind: HelmRepository, name: site}}}",
        ),
        release("db", "chartRef: {kind: OCIRepository, name: db}"),
        release(
            "bus",
            "chart: {spec: {chart: bus, version: 3.0.0, sourceRef: {kind: HelmRepository, name: registry}}}",
        ),
        format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: site, namespace: shop}}\nspec: {{url: \"http://{address}/charts/\"}}\n"
        ),
        format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: registry, namespace: shop}}\nspec: {{type: oci, url: \"oci://{address}/mirror\"}}\n"
        ),
        format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: db, namespace: shop}}\nspec: {{url: \"oci://{address}/acme/db\", ref: {{tag: 2.0.0_a1}}}}\n"
        ),
        format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: manifests, namespace: shop}}\nspec: {{url: \"oci://{address}/acme/manifests\", ref: {{tag: 1.0.0}}}}\n"
        ),
    ];
    Stage::new(&[("repo/prod/gotk-sync.yaml", SYNC), ("repo/prod/apps.yaml", &apps.concat())])
}

fn filled() -> Site {
    let site = Site::start();
    let (old, new) =
        (chart("web", "1.2.0", "x.io/acme/web:1.2.0"), chart("web", "1.10.0", "x.io/acme/web:1.10.0"));
    site.put(
        "/charts/index.yaml",
        format!(
            "apiVersion: v1\nentries:\n  web:\n  - {{version: 2.0.0, urls: [gone.tgz]}}\n  - {{version: 1.2.0, urls: [web-1.2.0.tgz], digest: {}}}\n  - {{version: 1.10.0, urls: [web-1.10.0.tgz]}}\n",
            sha256(&old).trim_start_matches("sha256:")
        ),
    );
    site.put("/charts/web-1.2.0.tgz", old);
    site.put("/charts/web-1.10.0.tgz", new);
    site.push("acme/db", "2.0.0_a1", &chart("db", "2.0.0+a1", "x.io/acme/db:2.0.0"));
    site.push("mirror/bus", "3.0.0", &chart("bus", "3.0.0", "x.io/acme/bus:3.0.0"));
    site.put("/v2/acme/manifests/manifests/1.0.0", "{\"schemaVersion\":2,\"layers\":[{\"mediaType\":\"application/vnd.cncf.flux.content.v1.tar+gzip\",\"digest\":\"sha256:0\"}]}");
    site
}

#[test]
fn what_was_fetched_is_seen_from_then_on_without_asking_anybody() {
    let site = filled();
    let stage = stage(&site);
    assert!(!images(&stage).contains("x.io"));
    let listed = fetch(&stage, &["--dry-run"]);
    assert_eq!((listed.code, listed.out.lines().count(), site.asked()), (0, 4, 0), "{listed:?}");

    let ran = fetch(&stage, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("3 charts fetched") && ran.out.is_empty(), "{ran:?}");
    assert!(site.asked() > 5);
    let lock = stage.read("repo/pintle.lock");
    let names: Vec<&str> = lock.lines().skip(1).filter_map(|line| line.split(' ').nth(1)).collect();
    let address = &site.address;
    let expected = [
        format!("http://{address}/charts/web:1.10.0"),
        format!("oci://{address}/acme/db:2.0.0_a1"),
        format!("oci://{address}/mirror/bus:3.0.0"),
    ];
    assert_eq!(names, expected.map(|name| name.replace("_a1", "+a1")), "{lock}");

    // Offline from now on.
    site.pages.lock().unwrap().clear();
    let seen = images(&stage);
    for image in ["x.io/acme/web:1.10.0", "x.io/acme/db:2.0.0", "x.io/acme/bus:3.0.0"] {
        assert!(seen.contains(image), "{image}: {seen}");
    }
    let again = fetch(&stage, &[]);
    // Only the artifact that is no chart is asked for again.
    assert!(again.err.contains("0 charts fetched, 3 at hand already"), "{again:?}");
    assert_eq!(stage.read("repo/pintle.lock"), lock);
}

#[test]
fn a_chart_that_the_lock_names_and_nobody_has_is_told_and_fetched_by_its_digest() {
    let site = filled();
    let stage = stage(&site);
    fetch(&stage, &[]);
    let lock = stage.read("repo/pintle.lock");
    std::fs::remove_dir_all(stage.path("cache")).unwrap();
    let ran = run(&stage, &["lint", "--root", "repo", "repo", "--fail-on", "never"]);
    assert!(
        ran.out.contains("3 charts that pintle.lock names are not at hand: `pintle charts fetch`"),
        "{ran:?}"
    );
    assert!(!images(&stage).contains("x.io"));

    // A newer version is there by now, and the one of the lock is something else.
    site.push("mirror/bus", "3.0.0", &chart("bus", "3.0.0", "x.io/evil/bus:3.0.0"));
    let index = site.pages.lock().unwrap()["/charts/index.yaml"].clone();
    let more =
        format!("{}  - {{version: 1.11.0, urls: [web-1.11.0.tgz]}}\n", String::from_utf8(index).unwrap());
    site.put("/charts/index.yaml", more);
    site.put("/charts/web-1.11.0.tgz", chart("web", "1.11.0", "x.io/acme/web:1.11.0"));
    let ran = fetch(&stage, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("mirror/bus:3.0.0 (not known now: it is another archive than pintle.lock has"),
        "{ran:?}"
    );
    assert_eq!(stage.read("repo/pintle.lock"), lock);
    let seen = images(&stage);
    assert!(seen.contains("x.io/acme/web:1.10.0") && !seen.contains("evil"), "{seen}");

    let ran = fetch(&stage, &["--update"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let seen = images(&stage);
    assert!(seen.contains("x.io/acme/web:1.11.0") && seen.contains("x.io/evil/bus:3.0.0"), "{seen}");
}

#[test]
fn what_lies_is_not_kept() {
    let site = filled();
    let stage = stage(&site);
    // An index that tells another digest, a registry that has something else under a digest, a chart that is gone.
    let index =
        "apiVersion: v1\nentries:\n  web:\n  - {version: 1.2.0, urls: [web-1.10.0.tgz], digest: 00}\n";
    site.put("/charts/index.yaml", index);
    let digest = sha256(&chart("db", "2.0.0+a1", "x.io/acme/db:2.0.0"));
    site.put(&format!("/v2/acme/db/blobs/{digest}"), "not it");
    site.pages.lock().unwrap().remove("/v2/mirror/bus/manifests/3.0.0");
    let ran = fetch(&stage, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for told in [
        "charts/web:1.x (not known now: what the site has is something else than its index says)",
        "acme/db:2.0.0+a1 (not known now: the registry answers with something else than the digest says)",
        "mirror/bus:3.0.0 (there is no such tag)",
    ] {
        assert!(ran.out.contains(told), "{told}: {ran:?}");
    }
    assert!(!stage.path("repo/pintle.lock").exists() && !stage.path("cache/pintle").exists());
    // An archive that somebody changed in the cache is not taken for what it was.
    let site = filled();
    let stage = self::stage(&site);
    fetch(&stage, &[]);
    for file in std::fs::read_dir(stage.path("cache/pintle/charts")).unwrap().flatten() {
        std::fs::write(file.path(), chart("web", "1.10.0", "x.io/evil/web:1")).unwrap();
    }
    assert!(!images(&stage).contains("evil"));
}
