//! The repository is clean under its own scan: no file of it holds anything that the byte scan would report.
#![allow(clippy::disallowed_methods)]

use pintle::testing::File;
use pintle::testing::secrets::{Context, SecretKind, Trees, read as door, rule_of};
use pintle::{Book, SourceId};
use std::path::Path;

#[test]
fn no_file_of_the_repository_holds_a_credential() {
    let (book, _) = Book::built_in();
    let mut found = Vec::new();
    let mut read = 0;
    visit(Path::new(env!("CARGO_MANIFEST_DIR")), &mut |path| {
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).to_string_lossy();
        let file = File { id: SourceId(0), name: &name, text: &text };
        let context = Context { keeping: book.places().of(&name), ..Context::new(&book.tables) };
        let facts = door(&file, Trees::Read(&[]), &context).facts;
        read += 1;
        // Samples are written with values that may be credentials, and tables of cases with ones that people make up.
        let is_table = name.starts_with("tests/sealed/");
        let is_made_up = |kind| {
            kind == SecretKind::Doubtful
                || is_table && matches!(kind, SecretKind::Assigned | SecretKind::Manifest)
        };
        // Probes are recipes: what is drawn stands in braces.
        let is_recipe = |text: &str| name.starts_with("tests/secrets/probes/") && text.contains('{');
        let facts = facts.into_iter().filter(|fact| !is_recipe(&fact.says.value.text));
        for fact in facts.filter(|fact| !is_made_up(fact.says.kind)) {
            let line = text[..fact.origin.span().start as usize].matches('\n').count() + 1;
            found.push(format!("{name}:{line}: {}", rule_of(&fact.says)));
        }
    });
    assert!(read > 300, "{read} files read");
    assert!(found.is_empty(), "{} findings\n{}", found.len(), found.join("\n"));
}

fn visit(path: &Path, each: &mut impl FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && name != "target" && name != ".git" {
            visit(&entry.path(), each);
        } else if kind.is_file() {
            each(&entry.path());
        }
    }
}
