//! The grammar of image references, and the rung each stands on.

use divan::{Bencher, black_box};
use pintle::testing::{Origin, Part, parse_reference};
use pintle::{Book, Config, SourceId, Span};

const REFERENCES: [&str; 6] = [
    "nginx",
    "nginx:1.27.3-alpine3.20",
    "registry.example.com:5000/team/sub/app:sha-3f9c2d1",
    "ghcr.io/acme/app:v1.2.3@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496",
    "${REGISTRY:-docker.io}/library/postgres:${PG_VERSION:-16}",
    "app@sha256:short",
];

fn main() {
    divan::main();
}

fn part(text: &str) -> Part {
    Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())))
}

#[divan::bench(args = REFERENCES)]
fn parse(bencher: Bencher, text: &str) {
    let whole = part(text);
    bencher.bench_local(|| parse_reference(black_box(&whole)));
}

#[divan::bench(args = REFERENCES)]
fn pin(bencher: Bencher, text: &str) {
    let book = Book::built_in().0;
    let moves = book.moves(&Config::default());
    let image = parse_reference(&part(text));
    bencher.bench_local(|| moves.pin(black_box(&image)));
}
