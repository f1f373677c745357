//! One repository with a bad example of every rule page, told as SARIF: every rule has a result there, and the text is
//! what code scanning takes. `PINTLE_SARIF=FILE` keeps it, for a validator.
#![allow(clippy::disallowed_methods)] // a test may write where it is told to

use pintle::testing::{Expect, Front, examples, secrets};
use pintle::{Book, Config, Job, MemoryRepo, OUTPUTS, Redactor, Tell, check, earlier as known};
use std::collections::{BTreeMap, BTreeSet};

/// Names that only mean something at the root of a repository.
const AT_ROOT: [&str; 4] = [".github/", ".pintle.yaml", "clusters/", "apps/"];

const LOCK: &str = "pintle.lock";

#[test]
fn a_run_can_find_every_rule_at_once() {
    let (book, _) = Book::built_in();
    let (mut files, mut earlier): (BTreeMap<String, String>, BTreeMap<String, String>) = Default::default();
    let mut lock = BTreeSet::new();
    // What registries have is found by another kind of run.
    for page in book.pages().iter().filter(|page| page.about != "registry") {
        for (number, example) in
            examples(&page.prose).iter().enumerate().filter(|(_, example)| example.expect == Expect::Bad)
        {
            let rooted =
                example.files.iter().any(|fence| AT_ROOT.iter().any(|head| fence.file.starts_with(head)));
            for fence in &example.files {
                let text = if example.recipes { secrets::expand(&fence.text, 7) } else { fence.text.clone() };
                let name =
                    if rooted { fence.file.clone() } else { format!("{}-{number}/{}", page.id, fence.file) };
                if name.ends_with(&format!("/{LOCK}")) {
                    // A repository has one, at its root.
                    lock.extend(text.lines().skip(1).map(str::to_owned));
                    continue;
                }
                files.entry(name).or_insert(text);
            }
            for fence in &example.before {
                earlier.insert(format!("{}-{number}/{}", page.id, fence.file), fence.text.clone());
            }
        }
        // Vendors' pages tell their examples as recipes in the front matter.
        let tokens = page.front.get("tokens");
        for (number, token) in tokens.iter().flat_map(Front::items).enumerate() {
            let first =
                |key| token.get(key).and_then(|list: Front| list.items().find_map(|item| item.text()));
            if let Some(text) = first("examples") {
                let near = first("near").unwrap_or("key".into());
                files.insert(
                    format!("{}/{number}.txt", page.id),
                    format!("{near} = {}\n", secrets::expand(&text, 7)),
                );
            }
        }
    }
    let lines: Vec<String> = lock.into_iter().collect();
    files.insert(LOCK.into(), format!("pintle.lock 1\n{}\n", lines.join("\n")));
    let config_text = files.get(".pintle.yaml").cloned().unwrap_or_default();
    let at = files.keys().position(|name| name == ".pintle.yaml").unwrap_or(0) as u32;
    let (mut config, problems) = Config::read(pintle::SourceId(at), &config_text, &book.ids());
    assert_eq!(problems, []);
    config.preset = pintle::testing::Preset::Strict;
    let repo = MemoryRepo::new(files.into_iter().map(|(name, text)| (name, text.into_bytes())));
    let earlier = MemoryRepo::new(earlier.into_iter().map(|(name, text)| (name, text.into_bytes())));
    let before = known(&Job::new(&repo, &config, &book), &earlier);
    let report = check(&Job { before: Some(&before), ..Job::new(&repo, &config, &book) });
    let sarif = OUTPUTS.iter().find(|output| output.name == "sarif").expect("the output exists");
    let report = Redactor::of(&report, &book.tables).report(report);
    let text = sarif.tell(&report, &Tell::plain(&book)).to_string();
    if let Some(file) = std::env::var_os("PINTLE_SARIF") {
        std::fs::write(file, &text).expect("the file can be written");
    }
    let value: serde_json::Value = serde_json::from_str(&text).expect("SARIF is JSON");
    let results = value["runs"][0]["results"].as_array().expect("results");
    // With another severity than its page's a rule has its severity in its id.
    let rule = |result: &'_ serde_json::Value| {
        result["ruleId"].as_str().map(|id| id.split('/').next().unwrap_or(id).to_owned())
    };
    let found: BTreeSet<String> = results.iter().filter_map(rule).collect();
    // What is gone from the files is found by another kind of run, what a change silences by one that knows what was before, and what
    // registries have by one that asks them.
    let missing: Vec<&str> = book
        .ids()
        .into_iter()
        .filter(|id| !found.contains(*id) && ![pintle::testing::HISTORY_RULE, "silence-added"].contains(id))
        .filter(|id| book.pages().iter().all(|page| page.id != *id || page.about != "registry"))
        .collect();
    assert!(missing.is_empty(), "no result of {missing:?} among {}", results.len());
    let place = |result: &serde_json::Value| result["locations"][0]["physicalLocation"].clone();
    let secrets = results.iter().filter(|result| place(result)["region"]["snippet"]["text"] == "****");
    let veiled: BTreeSet<String> =
        secrets.map(|result| place(result)["artifactLocation"]["uri"].to_string()).collect();
    for result in results {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let number = |key: &str| region[key].as_u64().unwrap_or(0);
        assert!(number("startLine") >= 1 && number("startColumn") >= 1, "{result}");
        assert!(
            (number("startLine"), number("startColumn")) <= (number("endLine"), number("endColumn")),
            "{result}"
        );
        let prints = &result["partialFingerprints"];
        assert!(prints["pintle/v1"].is_string(), "{result}");
        // The hash reaches over the next lines too; where one of them holds a secret, the upload makes its own.
        let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert!(
            prints["primaryLocationLineHash"].is_string() || veiled.contains(&file.to_string()),
            "{result}"
        );
    }
}
