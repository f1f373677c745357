//! What READMEs say of their repositories: which of them is a collection of samples, a row each.

use pintle::testing::secrets::expand;
use pintle::{Book, Config, Job, MemoryRepo, Repo, SourceId, check};

/// Those that say that people copy what is there.
const SAMPLES: &[&str] = &[
    "# Awesome Stacks [![Badge](https://b.example/x.svg)](https://b.example)\n\n![logo](a.jpg)\n\n> A curated list of compose samples.\n\nMore.",
    "<div align=\"center\">\n  <h1>Great Compose Examples</h1>\n  <p>Various examples of self-hosted projects.</p>\n</div>\n",
    "# ferry-kustomize-example\n\n[![e2e](https://b.example/e.svg)](https://b.example)\n\nTwo clusters, one base.\n",
    "# Ferry Example Apps\n\nThis repository contains example applications for showing how ferries work.\n",
    "# Ferry\n\nThis repository contains examples of Kustomize overlays.\n",
    "# Ferry\n\nThis repo is a collection of examples for Flux.\n",
    "# Ferry\n## Overview\nThis repository provides a set of sample applications.\n",
    "Ferry Tutorial\n==============\n\nSteps to follow.\n",
    "# Workshop: deliveries with Flux\n\nThree hours, two breaks.\n",
    "# Ferry\n\nIn this workshop you deliver an application with Argo CD.\n",
    "# Ferry\n\nThis is a demo of progressive delivery.\n",
    "# Ferry\n\nA demo application that shows canaries.\n",
    "# Ferry\n\nExamples of Kubernetes manifests for many databases.\n",
    "# Ferry\n\nThese samples start several services together.\n",
    "= Ferry Samples\n\nRun them with compose.\n",
    "### Kubernetes demos\n\n- one\n- two\n",
    "# Ferry\n\nThis tutorial shows how to run a database.\n",
    "<!-- made by a tool -->\n# Ferry\n\nHere are examples for each of the [charts](https://c.example).\n",
    "# Helm chart examples and tutorials\n",
];

/// Those of repositories that somebody runs, or that are about something else.
const OWN: &[&str] = &[
    "# My Home Operations Repository\n\n_... managed with Flux, Renovate, and GitHub Actions_\n",
    "# Home Ops\n\nFeel free to use this repository as an example.\n",
    "# homelab\n\nThis repository is an example of how to run Kubernetes at home.\n",
    "# Ferry\n\nThis repo contains my cluster. See examples below.\n",
    "# Ferry\n\nGenerated from the template of the Flux examples.\n",
    "# Ferry\n\nInspired by many examples of other people.\n",
    "# Ferry\n\nA cluster at sea, built with the examples of the vendor.\n",
    "# homelab-example\n\nA cluster of three nodes.\n",
    "# Home Cluster Demo\n\nFlux and Talos.\n",
    "# Ferry\n\nThis is not a demo. It carries people every day.\n",
    "# Ferry\n\nMore than an example: a platform for two thousand people.\n",
    "# Ferry\n\nThis repository contains the manifests of the platform, and some examples.\n",
    "# Ferry\n\nThis repository contains examples and the manifests of all clusters.\n",
    "# Ferry\n\nThe state of our clusters. A demo is at demo.ferry.example.\n",
    "# Kubernetes clusters\n\nMulti-cluster repository managed by Flux.\n\n## Examples\n\nSome.\n",
    "# Ferry\n\nAn operator for ferries.\n\n## Tutorial\n\nStart here.\n",
    "# Ferry\n\nA production-grade cluster, for example for databases.\n",
    "# Ferry\n\nPersonal infrastructure, shared as samples for others.\n",
    "# Example Corp Infrastructure\n\nAll clusters of the company.\n",
    "# Ferry charts\n\nCharts for Kubernetes. The examples folder shows values.\n",
    "# Ferry\n\nSome people find the demo useful.\n",
    "# Ferry\n\n```sh\ngit clone examples\n```\n\nA cluster.\n",
    "# Ferry\n\n| samples | demo |\n|---|---|\n\nA cluster.\n",
    "# Ferry\n\n[![examples](https://b.example/x.svg)](https://b.example/demo)\n\nDeployment with Flux.\n",
    "# Ferry\n\nTalos and Flux, with a tutorial for those who want the same.\n",
    "# Resampler\n\nIt resamples. Exemplary work.\n",
    "# Ferry\n\nThis folder holds configurations for deploying applications to a cluster.\n",
    "# Notes from a workshop\n\nWhat was said.\n",
    "# Ferry\n\nThis playbook helps to run a server, without samples.\n",
    "",
];

#[test]
fn a_readme_says_whether_all_are_samples() {
    let (book, _) = Book::built_in();
    let wrong = |rows: &[&'static str], expected: bool| -> Vec<&'static str> {
        rows.iter().copied().filter(|text| book.calls_itself_samples(text) != expected).collect()
    };
    assert_eq!((wrong(SAMPLES, true), wrong(OWN, false)), (vec![], vec![]));
}

#[test]
fn a_readme_without_end_is_read_in_time_and_on_any_stack() {
    let (book, _) = Book::built_in();
    for (open, close) in [("[", "]"), ("[", ""), ("<a", ""), ("<!--", ""), ("![", "]("), ("# ", "\n")] {
        let text = open.repeat(1 << 16) + " examples " + &close.repeat(1 << 16);
        assert!(!book.calls_itself_samples(&text), "{open}{close}");
    }
}

/// What is told of the secrets of a repository: file, severity and sentence.
fn told(files: &[(&str, &str)], configuration: &str) -> Vec<(String, String)> {
    let (book, _) = Book::built_in();
    let (config, problems) = Config::read(SourceId(0), configuration, &book.ids());
    assert_eq!(problems, []);
    let filled = files.iter().map(|(name, text)| (*name, expand(text, 7)));
    let repo = MemoryRepo::new(filled);
    let (report, names) = (check(&Job::new(&repo, &config, &book)), repo.names());
    let secrets = report
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with("secret-") && finding.rule != "secret-file-committed");
    secrets
        .map(|finding| {
            let name = names[finding.origin.span().source.0 as usize];
            (name.to_owned(), format!("{:?}: {}", finding.severity, finding.says))
        })
        .collect()
}

const README: (&str, &str) = ("README.md", "# Ferry Examples\n");
const HUMAN: (&str, &str) = ("a/.env", "DB_PASSWORD=Hidden-Harbor-77x\n");

#[track_caller]
fn expect(files: &[(&str, &str)], configuration: &str, expected: &[(&str, &str)]) {
    let told = told(files, configuration);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for ((name, says), (file, part)) in told.iter().zip(expected) {
        assert!(name == file && says.contains(part), "{name} {says}: {file} {part}");
    }
}

#[test]
fn what_is_made_up_is_milder_in_a_repository_of_samples() {
    let softer = "Warning: password `DB_PASSWORD` looks like a real one (made up by a person, in a repository of samples)";
    expect(&[README, HUMAN], "", &[("a/.env", softer)]);
    expect(&[("readme", "Ferry Examples\n==============\n"), HUMAN], "", &[("a/.env", softer)]);
    expect(&[README, ("a/.env", "DB_PASSWORD=postgres\n")], "", &[("a/.env", "Note: ")]);
    // Nobody changes it who only tries out what is there.
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: db}\nspec:\n  template:\n    spec:\n      \
                      containers:\n      - name: db\n        image: a/b:1\n        env:\n        - {name: ROOT_PASSWORD, value: fake_password}\n";
    expect(&[README, ("a/db.yaml", deployment)], "", &[("a/db.yaml", "Note: ")]);
    // What is random is what it is everywhere.
    let random = ("a/.env", "DB_PASSWORD={base62*20}9x\n");
    expect(&[README, random], "", &[("a/.env", "Error: ")]);
    let token = ("a/deploy.sh", "curl -H 'Authorization: Bearer ghp_{base62*36}' x\n");
    assert!(told(&[README, token], "")[0].1.starts_with("Error: "));
}

#[test]
fn the_same_is_an_error_where_the_readme_says_nothing_or_somebody_runs_it() {
    let real = [("a/.env", "Error: password `DB_PASSWORD` looks like a real one (made up by a person)")];
    expect(&[HUMAN], "", &real);
    expect(&[("README.md", "# Ferry\n"), HUMAN], "", &real);
    // It is one of a folder.
    expect(&[("a/README.md", README.1), HUMAN], "", &real);
    // A copy that somebody runs has the README of what was copied.
    expect(&[(".sops.yaml", "creation_rules: []\n"), README, HUMAN], "", &real);
    expect(&[README, HUMAN, ("clusters/one/flux-system/gotk-sync.yaml", "")], "", &real);
    expect(&[README, HUMAN], "places: {own: ['a/**']}\n", &real);
    // Services run it.
    let step = (".github/run.env", HUMAN.1);
    expect(&[step, README], "", &[(".github/run.env", "Error: ")]);
}

#[test]
fn folders_of_tests_and_samples_say_more_than_the_readme() {
    expect(&[README, ("tests/.env", HUMAN.1)], "", &[("tests/.env", "kept for tests")]);
    expect(&[README, ("examples/.env", HUMAN.1)], "", &[("examples/.env", "in a sample")]);
}
