//! app-template, whose values pintle takes for pods without its templates: what it says of real releases, held against
//! the rendered chart.
//!
//! `PINTLE_APP_TEMPLATE` names a copy of the repository of that chart, `PINTLE_RELEASES` a folder of repositories with
//! HelmReleases of it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod skipped;

use pintle::testing::{ClassName, Facts, Node};
use skipped::skipped;

use pintle::testing::world::typed;
use pintle::testing::yaml::read;
use pintle::{Book, Config, Job, MemoryRepo, SourceId, check};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn values_of_app_template_are_the_pods_that_it_makes() {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(charts), Some(repositories)) = (folder("PINTLE_APP_TEMPLATE"), folder("PINTLE_RELEASES"))
    else {
        skipped("PINTLE_APP_TEMPLATE and PINTLE_RELEASES name no chart and no releases of it");
        return;
    };
    let chart = chart(&charts);
    let mut files = Vec::new();
    walk(&repositories, &mut files);
    let (mut same, mut failed, mut seen, mut wrong) = (0, 0, [0; 3], Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        if !text.contains("kind: HelmRelease") || !text.contains("controllers:") {
            continue;
        }
        for document in read(SourceId(0), &text).documents {
            let values = document.root.at(&["spec", "values"]);
            let Some(values) = values.filter(|values| values.get("controllers").is_some()) else { continue };
            let mapped = Said::of(&run(vec![("release.yaml".into(), released(values))]));
            let mut all = chart.clone();
            all.push(("app.yaml".into(), applied(values)));
            let rendered = run(all);
            if !rendered.obstacles.is_empty() {
                failed += 1;
                eprintln!("{}: {:?}", file.display(), rendered.obstacles[0].says.reason);
                continue;
            }
            match mapped.differ(&Said::of(&rendered)) {
                None => {
                    same += 1;
                    seen[0] += mapped.images.len();
                    seen[1] += mapped.existing.len();
                    seen[2] += mapped.made.len();
                }
                Some(says) => wrong.push(format!("{}\n{says}", file.display())),
            }
        }
    }
    eprintln!("{same} releases are the same, {} differ, {failed} do not render", wrong.len());
    eprintln!("in these {} images, {} claims by name, {} new claims", seen[0], seen[1], seen[2]);
    assert!(same > 0, "no release is there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is compared of a release.
struct Said {
    images: BTreeSet<String>,
    /// The claims that it takes by name.
    existing: BTreeSet<String>,
    /// The class and the size of each claim that it makes.
    made: Vec<String>,
}

impl Said {
    fn of(facts: &Facts) -> Said {
        let class = |class: &ClassName| match class {
            ClassName::Named(part) => part.text.to_string(),
            _ => String::new(),
        };
        let volumes = || facts.workloads.iter().flat_map(|workload| &workload.says.volumes);
        let inline = volumes().filter_map(|volume| volume.inline.as_ref());
        let all = facts.claims.iter().map(|fact| &fact.says);
        let own: BTreeSet<&str> = facts.claims.iter().map(|fact| fact.says.name.as_str()).collect();
        let mut made: Vec<String> = all
            .chain(inline)
            .map(|claim| {
                let size = claim.size.as_ref().map(|size| size.text.to_string()).unwrap_or_default();
                format!("{} {size}", class(&claim.class))
            })
            .collect();
        made.sort();
        made.dedup();
        let claims = volumes().filter_map(|volume| volume.claim.as_ref());
        Said {
            images: facts.images.iter().map(|fact| fact.says.text.to_string()).collect(),
            existing: claims
                .map(|claim| claim.text.to_string())
                .filter(|name| !own.contains(name.as_str()))
                .collect(),
            made,
        }
    }

    fn differ(&self, rendered: &Said) -> Option<String> {
        let pair = |what: &str, own: String, other: String| {
            (own != other).then(|| format!("{what}: values say {own}, the chart makes {other}"))
        };
        let all = [
            pair("images", format!("{:?}", self.images), format!("{:?}", rendered.images)),
            pair("claims", format!("{:?}", self.existing), format!("{:?}", rendered.existing)),
            pair("new claims", format!("{:?}", self.made), format!("{:?}", rendered.made)),
        ];
        let wrong: Vec<String> = all.into_iter().flatten().collect();
        (!wrong.is_empty()).then(|| wrong.join("\n"))
    }
}

fn run(files: Vec<(String, String)>) -> Facts {
    let (repo, config, book) = (MemoryRepo::new(files), Config::default(), Book::built_in().0);
    check(&Job::new(&repo, &config, &book)).facts
}

/// A release whose chart is elsewhere.
fn released(values: &Node) -> String {
    json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "own", "namespace": "home"},
        "spec": {
            "chart": {"spec": {"chart": "app-template", "version": "4.0.0", "sourceRef": {"kind": "HelmRepository", "name": "a"}}},
            "values": typed::json(values),
        },
    })
    .to_string()
}

/// The same values for the chart itself.
fn applied(values: &Node) -> String {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "own", "namespace": "argocd"},
        "spec": {
            "source": {"repoURL": "https://git.example/a/b", "path": "chart", "helm": {"valuesObject": typed::json(values)}},
            "destination": {"namespace": "home"},
        },
    })
    .to_string()
}

/// The files of app-template with its library in it.
fn chart(repository: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (from, to) in
        [("charts/other/app-template", "chart"), ("charts/library/common", "chart/charts/common")]
    {
        let from = repository.join(from);
        let mut files = Vec::new();
        walk(&from, &mut files);
        for file in files {
            let name = file.strip_prefix(&from).unwrap().to_string_lossy().into_owned();
            let is_own = !["test-chart/", "tests/", "ci/"].iter().any(|folder| name.starts_with(folder));
            if let Some(text) = std::fs::read_to_string(&file).ok().filter(|_| is_own) {
                out.push((format!("{to}/{name}"), text));
            }
        }
    }
    assert!(
        out.iter().any(|(name, _)| name == "chart/Chart.yaml"),
        "{} is no such repository",
        repository.display()
    );
    out
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, out);
        } else if path.is_file() {
            out.push(path);
        }
    }
}
