//! Every vendor page's examples, run: true ones are found, near-misses are silent, patterns compile.

use pintle::testing::secrets::{Context, Tables, Token, Trees, expand, read, rule_of};
use pintle::testing::{File, Front};
use pintle::{Book, SourceId};

/// The rules and credentials that a scan of the text reports.
fn scanned(text: &str, tables: &Tables) -> Vec<(String, String, String)> {
    let file = File { id: SourceId(0), name: "notes", text };
    let facts = read(&file, Trees::Read(&[]), &Context::new(tables)).facts;
    let told = |fact: pintle::testing::Fact<pintle::testing::Secret>| {
        let span = fact.origin.span().range();
        assert_eq!(&text[span], fact.says.value.text.as_str(), "the value stands at its span");
        (rule_of(&fact.says).to_owned(), fact.says.what.to_string(), fact.says.value.text.to_string())
    };
    facts.into_iter().map(told).collect()
}

#[test]
fn every_example_is_found_and_every_near_miss_is_silent() {
    let (book, problems) = Book::built_in();
    assert!(problems.is_empty(), "{problems:?}");
    let tokens = book.tables.tokens();
    assert!(tokens.len() >= 60, "{} tokens", tokens.len());
    let mut faults = Vec::new();
    for token in tokens {
        faults.extend(faults_of(token, &book.tables));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(token: &Token, tables: &Tables) -> Vec<String> {
    let mut faults = Vec::new();
    let name = format!("{} ({})", token.what, token.rule);
    if let Some(fault) = token.fault() {
        faults.push(format!("{name}: {fault}"));
    }
    let recipes = |list: &Option<Front>| -> Vec<_> {
        list.iter().flat_map(Front::items).filter_map(|item| item.text()).collect()
    };
    let (examples, near_misses) = (recipes(&token.examples), recipes(&token.near_misses));
    if examples.len() < 2 || near_misses.len() < 2 {
        faults.push(format!("{name}: two examples and two near-misses at least"));
    }
    for seed in 0..8 {
        for recipe in &examples {
            let text = expand(recipe, seed);
            let found = scanned(&text, tables);
            match found.iter().find(|(rule, what, _)| *rule == token.rule && *what == token.what) {
                None => {
                    faults.push(format!("Missing {name}: {recipe} (seed {seed}) gave {found:?} in {text}"))
                }
                Some(_) if found.len() > 1 => faults.push(format!("Noisy {name}: {recipe} gave {found:?}")),
                Some(_) => {}
            }
        }
        for recipe in &near_misses {
            let text = expand(recipe, seed);
            let found = scanned(&text, tables);
            if found.iter().any(|(rule, ..)| *rule == token.rule) {
                faults.push(format!("Noisy {name}: {recipe} (seed {seed}) gave {found:?}"));
            }
        }
    }
    faults
}

#[test]
fn a_repository_s_own_page_is_read_and_its_faults_are_told() {
    let page = |tokens: &str| {
        format!(
            "---\nid: secret-acme-token\ntitle: An ACME token is in the repository\nseverity: error\nsince: 0.1.0\nabout: secret\nvendor: ACME\npoint: masked\ntokens:\n{tokens}---\n# An ACME token\n"
        )
    };
    let good = "  - what: ACME token\n    keywords: [acme_]\n    pattern: 'acme_[0-9a-z]{20}'\n";
    let mut book = Book::built_in().0;
    assert_eq!(book.add(SourceId(1), ".pintle/rules/secrets/acme.md", &page(good)), []);
    let found = scanned(&expand("key: acme_{base36*20}", 1), &book.tables);
    assert_eq!(found.iter().map(|(rule, ..)| rule.as_str()).collect::<Vec<_>>(), ["secret-acme-token"]);
    let table = [
        ("  - what: x\n    keywords: [acme_]\n    pattern: 'acme_('\n", "unclosed group"),
        ("  - what: x\n    keywords: [ac]\n    pattern: 'ac'\n", "too short"),
        ("  - what: x\n    pattern: 'acme'\n", "keywords"),
        ("  - what: x\n    keywords: [acme_]\n", "pattern"),
        ("  - what: x\n    keywords: [acme_]\n    pattern: 'x'\n    checksum: luhn\n", "no such checksum"),
        ("  - what: x\n    keywords: [acme_]\n    pattern: 'x'\n    patern: 'x'\n", "no field"),
    ];
    for (tokens, expected) in table {
        let problems = Book::built_in().0.add(SourceId(1), "acme.md", &page(tokens));
        assert!(problems.iter().any(|problem| problem.says.contains(expected)), "{tokens}: {problems:?}");
    }
}
