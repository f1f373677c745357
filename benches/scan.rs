//! How fast the secret scan is on texts of the usual kinds. `cargo bench --bench scan`
#![allow(clippy::disallowed_methods)]

use divan::Bencher;
use divan::counter::BytesCount;
use pintle::testing::secrets::{Context, Trees, expand, read};
use pintle::testing::{File, yaml};
use pintle::{Book, SourceId};

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    checksum/config: {hex*64}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: ghcr.io/acme/web:1.4.2@sha256:{hex*64}\n          env:\n            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef: {name: database, key: password}\n            - name: LOG_LEVEL\n              value: info\n---\n";
const SEALED: &str = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec:\n  encryptedData:\n    password: {kubeseal}\n---\n";
const PROGRAM: &str = "static int read_token(struct parser *parser, const char *name)\n{\n\tif (parser->token == NULL)\n\t\treturn -EINVAL;\n\tparser->key = lookup_key(parser, name); /* see https://example.org/doc */\n\treturn 0;\n}\n\n";

fn main() {
    divan::main();
}

#[divan::bench(args = [("manifests", MANIFEST), ("sealed", SEALED), ("program", PROGRAM)])]
fn bytes(bencher: Bencher, (kind, recipe): (&str, &str)) {
    let (book, _) = Book::built_in();
    let text: String = (0..500).map(|seed| expand(recipe, seed)).collect();
    let name = if kind == "program" { "parser.c" } else { "all.yaml" };
    let file = File { id: SourceId(0), name, text: &text };
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| read(&file, Trees::Read(&[]), &Context::new(&book.tables)));
}

#[divan::bench]
fn trees(bencher: Bencher) {
    let (book, _) = Book::built_in();
    let text: String = (0..500).map(|seed| expand(MANIFEST, seed)).collect();
    let documents = yaml::read(SourceId(0), &text).documents;
    // The bytes are not asked.
    let file = File { id: SourceId(0), name: "all.yaml", text: "" };
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| read(&file, Trees::Read(&documents), &Context::new(&book.tables)));
}

/// What a run pays before it has read a file: all pages taken in, nothing compiled.
#[divan::bench]
fn start() -> usize {
    Book::built_in().0.tables.tokens().len()
}
