//! Files over the limit, and lines that are as long as their file.

use super::*;
use pintle::{Problem, Repo, SourceId};

/// One file that is too large to be read as a whole: a piece over and over.
struct Long {
    piece: String,
    size: usize,
    /// What stands at its end.
    tail: String,
}

impl Repo for Long {
    fn names(&self) -> Vec<&str> {
        vec!["relay.txt"]
    }

    fn read(&self, id: SourceId, _: &mut Vec<u8>) -> Result<(), Problem> {
        Err(Problem::blind("large", "it is over the limit", Some(pintle::Span::new(id, 0, 0))))
    }

    fn read_part(&self, _: SourceId, at: u64, most: usize, buffer: &mut Vec<u8>) -> Result<bool, Problem> {
        buffer.clear();
        let (at, whole) = (at as usize, self.size + self.tail.len());
        let byte = |at: usize| match at.checked_sub(self.size) {
            Some(tail) => self.tail.as_bytes()[tail],
            None => self.piece.as_bytes()[at % self.piece.len()],
        };
        buffer.extend((at.min(whole)..whole.min(at + most)).map(byte));
        Ok(true)
    }
}

fn looked_at(piece: &str, megabytes: usize, tail: &str) -> (Report, Cost) {
    let repo = Long { piece: piece.into(), size: megabytes << 20, tail: tail.into() };
    let (book, config) = (Book::built_in().0, Config::default());
    let (count, held) = (COUNT.load(Relaxed), HELD.load(Relaxed));
    PEAK.store(held, Relaxed);
    let report = check(&Job::new(&repo, &config, &book));
    (report, Cost { allocations: COUNT.load(Relaxed) - count, bytes: PEAK.load(Relaxed) - held })
}

/// Three windows cost no more memory than one, however the text is made.
#[test]
fn a_long_file_is_read_in_windows() {
    let _guard = alone();
    measured(plain(20));
    for (what, piece) in [
        ("one line of words", "lorem ipsum dolor "),
        ("near misses of tokens", "ghp_aaaaaaaaaaaaaaaa AKIAAAAA "),
        ("names without values", "password: \"${RELAY}\" "),
        ("lines", "relay = 1\n"),
    ] {
        let ((_, one), (report, three)) = (looked_at(piece, 2, ""), looked_at(piece, 6, ""));
        println!("{what:24} {one:?} {three:?}");
        assert!(report.findings.is_empty(), "{what}: {:?}", report.findings);
        assert!(three.bytes < one.bytes * 2, "{what}: {one:?} {three:?}");
        assert!(three.allocations < one.allocations * 4 + 1000, "{what}: {one:?} {three:?}");
    }
}

#[test]
fn what_is_at_the_end_of_a_long_file_has_its_place() {
    let _guard = alone();
    let tail =
        pintle::testing::secrets::expand("relay {letters*2}\ntoken ghp_{base62*30}{crc32-base62}\n", 3);
    let (report, _) = looked_at("lorem ipsum dolor\n", 3, &tail);
    for finding in report.findings.iter() {
        let span = finding.origin.span();
        assert!(report.sources.slice(span).starts_with("ghp_"), "{finding:?}");
        assert!(span.start as usize >= 3 << 20, "{finding:?}");
    }
    assert!(!report.findings.is_empty());
}

/// `many` credentials on one line: as many findings, each with its column.
fn one_line(many: usize) -> Files {
    let one =
        |at| pintle::testing::secrets::expand("relay_password=\"{letters*2}{base62*16}{digits*2}\" ", at);
    vec![("relay.toml".into(), (0..many as u64).map(one).collect())]
}

#[test]
fn many_findings_on_one_line_cost_no_more_each() {
    hold(&[Row {
        what: "credentials on one line",
        size: 100,
        make: one_line,
        grows: |report| {
            let columns: std::collections::BTreeSet<u32> =
                report.findings.iter().map(|it| report.sources.places(it.origin.span()).0.column).collect();
            columns.len()
        },
    }]);
}
