//! What kustomizations and Flux deliver, held in tables; the tables held against kustomize itself; and what holds of
//! every build. Needs `go` and, once, the network for the second of these; skipped with a word where either is missing.
//!
//! A case begins with `=== ` and its name; `@@ name` begins a file, and `@@ folder/name <` takes it from the head of
//! the table. `build FOLDER` before the files builds another folder than the root, `from anywhere` lets files lie
//! outside of it. Then come `=> ` lines, each with what is expected: an object as YAML, `nothing`, `refused: words`,
//! `unknown: words`; for Flux, `delivery …` before the objects of each delivery.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

#[path = "world/cases.rs"]
mod cases;
#[path = "world/real.rs"]
mod real;
mod skipped;

use cases::{Case, Outcome, Told, flux_cases, kustomize_cases, tell};
use pintle::testing::world::{Built, Cache, Fault, Hints, Reach, Why, build, grow, typed, with_files};
use pintle::testing::{Node, Str, Value};
use pintle::{MemoryRepo, Repo, SourceId, Sources};
use rayon::prelude::*;
use serde_json::Value as Json;
use skipped::skipped;
use std::collections::{BTreeMap, BTreeSet};

/// Where pintle is not as the tool, and why. The table says what the tool does; an entry that has become right fails.
const KNOWN: &[(&str, &str)] = &[(
    "an annotation whose name older readers take for a truth",
    "the tool writes `n` without quotes, reads it as false, and stumbles",
)];

#[test]
fn kustomizations_become_what_the_tables_say() {
    let cases = kustomize_cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let known = KNOWN.iter().find(|(name, _)| *name == case.name);
        match (differ(case, &ours(case)), known) {
            (None, None) | (Some(_), Some(_)) => {}
            (Some(says), None) => wrong.push(says),
            (None, Some(_)) => wrong.push(format!("=== {}\nis listed as KNOWN, and is right", case.name)),
        }
    }
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases of one name");
    let gone: Vec<_> = KNOWN.iter().filter(|(name, _)| !names.contains(name)).collect();
    assert!(gone.is_empty(), "no case of this name: {gone:?}");
    assert!(wrong.is_empty(), "{} of {} cases\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn kustomize_says_the_same() {
    let Some(tool) = real::tool() else {
        skipped(format!(
            "no go, or no network to install kustomize {} with; or name it in PINTLE_KUSTOMIZE",
            real::VERSION
        ));
        return;
    };
    let (cases, left): (Vec<Case>, Vec<Case>) =
        kustomize_cases().into_iter().partition(|case| !case.takes_charts() || real::helm().is_some());
    if !left.is_empty() {
        skipped(format!("{} cases of charts, for helm is not named in PINTLE_HELM", left.len()));
    }
    let outcomes: Vec<(&Case, Outcome)> =
        cases.par_iter().map(|case| (case, real::build(&tool, case))).collect();
    let (mut wrong, mut open) = (Vec::new(), 0);
    for (case, outcome) in outcomes {
        match (&case.told, &outcome) {
            // What nobody can know from here the tool may know, or not.
            (Told::Unknown(_), _) => open += 1,
            // The words of a refusal are ours.
            (Told::Refused(_), Outcome::Refused(_)) => {}
            _ => wrong.extend(differ(case, &outcome)),
        }
    }
    eprintln!("{} cases as kustomize has them, {open} that it is not asked about", cases.len() - open);
    assert!(wrong.is_empty(), "{} of {} cases\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn flux_delivers_what_the_table_says() {
    let mut wrong = Vec::new();
    let cases = flux_cases();
    for case in &cases {
        let found = in_memory(case, |files| {
            let forest = grow(files, &Cache::default(), &Hints::default());
            let mut out: Vec<String> = Vec::new();
            for delivery in &forest.deliveries {
                let place = if delivery.path.text.is_empty() { "." } else { delivery.path.text.as_str() };
                let means = format!("{:?}", delivery.means).to_lowercase();
                let cluster = &forest.cluster(delivery.cluster).name;
                let name = [delivery.namespace.as_str(), delivery.name.as_str()];
                let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
                let live = if delivery.live { "" } else { ", not delivered" };
                out.push(format!("delivery {means} {name} of {place} to {cluster}{live}"));
                let mut inner: Vec<String> = delivery.built.faults.iter().map(fault).collect();
                inner.extend(
                    delivery.built.objects.iter().map(|object| typed::json(&object.root).to_string()),
                );
                inner.sort();
                out.extend(inner);
            }
            out
        });
        if let Some(says) = cases::differ_as_lines(case, &found) {
            wrong.push(says);
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn one_thread_and_many_render_the_same() {
    // All cases side by side in one repository, so that they share one cache.
    let cases = kustomize_cases();
    let mut files: Vec<(String, String)> = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        files.extend(case.files.iter().map(|(name, text)| (format!("case{at}/{name}"), text.clone())));
    }
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    let folders: BTreeSet<String> = repo
        .names()
        .iter()
        .filter(|name| name.to_lowercase().contains("kustomization"))
        .map(|name| name.rsplit_once('/').unwrap().0.to_string())
        .collect();
    let told = |built: &Built| {
        let objects = built.objects.iter().map(|object| format!("{:?} {:?}\n", object.written, object.root));
        objects.collect::<String>() + &format!("{:?} {:?}", built.faults, built.read)
    };
    let render = |threads: usize, backwards: bool| -> BTreeMap<String, String> {
        let mut folders: Vec<&String> = folders.iter().collect();
        if backwards {
            folders.reverse();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        with_files(&repo, &sources, |files| {
            let cache = Cache::default();
            let one =
                |folder: &&String| ((*folder).clone(), told(&build(files, &cache, folder, Reach::default())));
            pool.install(|| folders.par_iter().map(one).collect())
        })
    };
    let alone = render(1, false);
    for (threads, backwards) in [(1, true), (4, false), (4, true)] {
        for (folder, text) in render(threads, backwards) {
            assert_eq!(text, alone[&folder], "{folder} on {threads} threads");
        }
    }
}

#[test]
fn every_value_knows_its_place() {
    let mut count = 0;
    for case in kustomize_cases().iter().chain(&flux_cases()) {
        count += in_memory(case, |files| {
            let built = build(files, &Cache::default(), &case.folder, case.reach);
            let forest = grow(files, &Cache::default(), &Hints::default());
            let delivered = forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects);
            let objects = built.objects.iter().chain(delivered);
            let text = |id: SourceId| files.text(id).unwrap_or_default();
            objects.map(|object| placed(&object.root, &text, &case.name)).sum::<usize>()
        });
    }
    assert!(count > 3_000, "only {count} values");
}

/// Holds the place of every scalar of a tree against the text that it names, and counts them.
fn placed(node: &Node, text: &dyn Fn(SourceId) -> Str, case: &str) -> usize {
    let inner: usize = node
        .entries()
        .iter()
        .map(|(key, value)| placed(key, text, case) + placed(value, text, case))
        .chain(node.items().iter().map(|item| placed(item, text, case)))
        .sum();
    let Value::Scalar(scalar) = &node.value else { return inner };
    let len = scalar.text.len();
    let mut at = 0;
    for (end, origin) in node.origin.pieces(len) {
        let (file, span) = (text(origin.span().source), origin.span());
        let (from, to) = (span.start as usize, span.end as usize);
        let is_inside = from <= to && file.is_char_boundary(from) && file.is_char_boundary(to);
        assert!(is_inside, "{case}: {from}..{to} of {} bytes for {:?}", file.len(), scalar.text);
        if let Some(span) = origin.editable() {
            let there = &file[span.start as usize..span.end as usize];
            assert_eq!(there, &scalar.text[at..end], "{case}: in {:?}", scalar.text);
        }
        at = end;
    }
    assert_eq!(at, len, "{case}: pieces of {:?}", scalar.text);
    inner + 1
}

#[test]
fn broken_files_are_no_trouble() {
    let cases: Vec<Case> = kustomize_cases().into_iter().chain(flux_cases()).collect();
    let mut chance = cases::Chance(11);
    for _ in 0..3_000 {
        let mut case = cases[chance.below(cases.len())].clone();
        let at = chance.below(case.files.len());
        for _ in 0..=chance.below(3) {
            case.files[at].1 = cases::mutated(&case.files[at].1, &mut chance);
        }
        in_memory(&case, |files| {
            let cache = Cache::default();
            let built = build(files, &cache, &case.folder, case.reach);
            let forest = grow(files, &cache, &Hints::default());
            let delivered = forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects);
            let text = |id: SourceId| files.text(id).unwrap_or_default();
            for object in built.objects.iter().chain(delivered) {
                placed(&object.root, &text, &case.name);
                typed::yaml(&typed::json(&object.root));
            }
        });
    }
}

fn in_memory<T>(case: &Case, work: impl FnOnce(&pintle::testing::world::Files) -> T) -> T {
    let repo = MemoryRepo::new(case.files.iter().map(|(name, text)| (name.clone(), text.clone())));
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, work)
}

fn ours(case: &Case) -> Outcome {
    in_memory(case, |files| {
        let built = build(files, &Cache::default(), &case.folder, case.reach);
        let of = |refused: bool| -> Vec<String> {
            let wanted = built.faults.iter().filter(|fault| (fault.why == Why::Refused) == refused);
            wanted.map(|fault| fault.says.clone()).collect()
        };
        match (of(true), of(false)) {
            (refused, _) if !refused.is_empty() => Outcome::Refused(refused.join("; ")),
            (_, unknown) if !unknown.is_empty() => Outcome::Unknown(unknown.join("; ")),
            _ => {
                let objects: Vec<Json> =
                    built.objects.iter().map(|object| typed::json(&object.root)).collect();
                Outcome::Objects(objects)
            }
        }
    })
}

fn fault(fault: &Fault) -> String {
    let what = if fault.why == Why::Refused { "refused" } else { "unknown" };
    format!("{what}: {}", fault.says)
}

/// What is wrong with an outcome; nothing if it is the one that the case tells.
fn differ(case: &Case, outcome: &Outcome) -> Option<String> {
    let is_right = match (&case.told, outcome) {
        (Told::Refused(words), Outcome::Refused(says)) | (Told::Unknown(words), Outcome::Unknown(says)) => {
            says.contains(words.as_str())
        }
        (Told::Objects(told), Outcome::Objects(objects)) => cases::sorted(told) == cases::sorted(objects),
        _ => false,
    };
    (!is_right).then(|| format!("=== {}\nexpected\n{}\ngot\n{}", case.name, case.told, tell(outcome)))
}

/// What a build gives, faults included.
fn given(case: &Case) -> (Vec<String>, BTreeMap<String, bool>) {
    in_memory(case, |files| {
        let built = build(files, &Cache::default(), &case.folder, case.reach);
        let objects = built.objects.iter().map(|object| typed::json(&object.root).to_string());
        let faults = built.faults.iter().map(|fault| fault.says.clone());
        let mut names: BTreeSet<String> = case.files.iter().map(|(name, _)| name.clone()).collect();
        names.extend(strangers(case));
        let depends = names.into_iter().map(|name| (name.clone(), built.depends_on(files, &name)));
        (objects.chain(faults).collect(), depends.collect())
    })
}

/// Files that are not there, beside each that is: one that nobody asks for, and kustomizations under their other names.
fn strangers(case: &Case) -> Vec<String> {
    let folder = |name: &str| name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let folders: BTreeSet<String> = case.files.iter().map(|(name, _)| folder(name)).collect();
    let bases = ["stranger.yaml", "kustomization.yml", "Kustomization", "gone.yaml", "pod.yaml"];
    let all = folders.iter().flat_map(|folder| bases.map(|base| format!("{folder}{base}")));
    all.filter(|name| !case.files.iter().any(|(known, _)| known == name)).collect()
}

/// What a build says that it does not depend on may come, go and change, and the build stays.
#[test]
fn builds_know_what_they_depend_on() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stranger}\n";
    let (mut wrong, mut asked, mut free) = (Vec::new(), 0, 0);
    for case in kustomize_cases() {
        let (before, depends) = given(&case);
        for (name, depends) in &depends {
            let mut other = case.clone();
            let known = other.files.iter().position(|(known, _)| known == name);
            match known {
                Some(at) => drop(other.files.remove(at)),
                None => other.files.push((name.clone(), text.into())),
            }
            asked += 1;
            free += usize::from(!depends);
            if !depends && given(&other).0 != before {
                wrong.push(format!("{}: {name} changes it", case.name));
            }
        }
    }
    assert!(asked > 2_000 && free * 3 > asked, "{free} of {asked} changes are said to be no matter");
    assert!(wrong.is_empty(), "{} of {asked}\n{}", wrong.len(), wrong.join("\n"));
}
