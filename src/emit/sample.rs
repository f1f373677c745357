//! Reports for the tests of this room: one of everything, and one secret.

use super::Tell;
use crate::facts::{Affected, Excuse, Exempt, Why};
use crate::finding::{
    Counts, Coverage, Finding, Fix, Precision, Problem, Report, Row, Safety, Severity, Status, Unseen,
};
use crate::redact::{Redactor, Shown};
use crate::rules::Book;
use crate::text::{Edit, How, Origin, SourceId, Sources, Span};
use std::sync::{Arc, LazyLock};

/// Some rules, with the texts that outputs show of them.
pub(super) static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book::default();
    for (id, severity, about, title, help) in [
        (
            "image-latest",
            "error",
            "image",
            "Image floats on `latest`",
            "write the version you tested, and its digest",
        ),
        ("image-no-digest", "warning", "image", "Image has no digest", "write the digest behind the tag"),
        (
            "postgres-on-longhorn",
            "error",
            "joined",
            "PostgreSQL on replicated storage",
            "use a node-local class",
        ),
        ("secret-in-manifest", "error", "secret", "Secret in plain text", "encrypt it, then rotate it"),
    ] {
        let front = format!(
            "id: {id}\ntitle: \"{title}\"\nseverity: {severity}\nsince: 0.1.0\nabout: {about}\nhelp: {help}"
        );
        let prose = format!("# {title}\n\nWhat it is about.\n\n```yaml bad file=a.yaml\nimage: nginx\n```\n");
        let page = format!("---\n{front}\n---\n{prose}");
        let problems = book.add(SourceId(u32::MAX), &format!("rules/{id}.md"), &page);
        assert!(problems.is_empty(), "{problems:?}");
    }
    book
});

pub(super) fn tell() -> Tell<'static> {
    Tell { seconds: 0.25, width: 80, ..Tell::plain(&BOOK) }
}

/// A report over these files, with nothing found.
pub(super) fn over(files: &[(&str, &str)]) -> Report {
    let sources = Sources::new(files.iter().map(|(name, _)| *name));
    for (at, (_, text)) in files.iter().enumerate() {
        sources.get(SourceId(at as u32)).keep(Arc::from(*text));
    }
    let counts =
        Counts { files: files.len(), read: files.len(), documents: files.len(), ..Counts::default() };
    Report { sources, counts, ..Report::default() }
}

/// The report as outputs get it.
pub(super) fn shown(report: Report) -> Shown<Report> {
    Redactor::of(&report, &BOOK.tables).report(report)
}

/// A finding on the first occurrence of `needle` in a source.
pub(super) fn finding(report: &Report, source: u32, rule: &str, needle: &str, says: &str) -> Finding {
    Finding {
        rule: rule.into(),
        severity: BOOK.page(rule).map_or(Severity::Warning, |page| page.severity),
        precision: Precision::High,
        says: says.into(),
        origin: Origin::verbatim(find(report, source, needle)),
        also: Vec::new(),
        masked: false,
        fix: None,
        status: Status::Live,
        fingerprint: format!("{rule}-{source}-{}", needle.len()),
        former: None,
        told: None,
        beside: Vec::new(),
        help: None,
        home: None,
        owner: "Deployment/web".into(),
        path: "containers[web].image".into(),
        affected: Vec::new(),
        spread: 0,
        row: Row::Sentence,
        about: None,
        delivered: true,
        doubt: None,
    }
}

pub(super) fn find(report: &Report, source: u32, needle: &str) -> Span {
    let at =
        report.sources.get(SourceId(source)).text().find(needle).expect("the test's needle is in its text");
    Span::new(SourceId(source), at, at + needle.len())
}

fn unseen(report: &Report, source: u32, why: Why, subject: &str, reason: &str) -> Unseen {
    Unseen { why, subject: subject.into(), reason: reason.into(), at: find(report, source, "kind") }
}

/// The value of the secret in [`everything`]: no output may hold it.
pub(super) const SECRET: &str = "correct-horse-battery";

/// Every field of every type filled at least once, with names and texts that try to break out of each format.
pub(super) fn everything() -> Report {
    let secret = format!("kind: Secret\nstringData:\n  password: {SECRET}\n  copy: {SECRET}\n");
    let mut report = over(&[
        (
            "apps/web.yaml",
            "kind: Pod\nspec:\n  containers:\n    - image: nginx:latest # 𝄞 π\n      name: web\n",
        ),
        ("apps/secret.yaml", &secret),
        ("infra/class.yaml", "kind: StorageClass\nprovisioner: driver.longhorn.io\n"),
        ("x\n::error::|`<b>]]>\u{1b}[31m\u{202e}.yaml", "image: redis\u{1b}[31m\u{202e}:latest\n"),
    ]);
    let mut latest =
        finding(&report, 0, "image-latest", "latest", "`nginx:latest` may be another image tomorrow");
    latest.fix = Some(Fix {
        title: "write the digest".into(),
        safety: Safety::Safe,
        edits: vec![Edit { span: find(&report, 0, "latest"), text: "1.27.3@sha256:abc".into() }],
    });
    let mut storage = finding(
        &report,
        2,
        "postgres-on-longhorn",
        "driver.longhorn.io",
        "the database `db` lies on Longhorn",
    );
    storage.affected =
        vec![Affected { object: "Cluster/db".into(), cluster: "production".into(), delivered: true }];
    storage.also = vec![(find(&report, 0, "name: web"), "the database is here".into())];
    storage.origin = storage.origin.clone().via(How::Override, find(&report, 2, "provisioner"));
    let mut secret =
        finding(&report, 1, "secret-in-manifest", SECRET, "`password` stands here in plain text");
    secret.masked = true;
    secret.precision = Precision::Medium;
    secret.fix = Some(Fix {
        title: "take it out".into(),
        safety: Safety::ShowOnly,
        edits: vec![Edit { span: secret.origin.span(), text: format!("not {SECRET}") }],
    });
    let hostile = "`redis\u{1b}[31m\u{202e}:latest` is 100% | <b>bad</b> ]]> \"quoted\"\n::error::injected ##[add-mask]x";
    let hostile = finding(&report, 3, "image-latest", "latest", hostile);
    let mut allowed = finding(&report, 0, "image-no-digest", "nginx:latest", "`nginx:latest` has no digest");
    allowed.status = Status::Suppressed(find(&report, 0, "# 𝄞 π"), "built in house".into());
    let mut known = finding(&report, 0, "image-no-digest", "nginx", "`nginx` has no digest");
    known.status = Status::Baselined;
    let mut outside = finding(&report, 3, "image-no-digest", "redis", "`redis` has no digest");
    outside.status = Status::OutOfDiff;
    report.findings = vec![latest, allowed, known, secret, storage, hostile, outside];
    report.problems = vec![
        Problem::blind("yaml-syntax", "a tab cannot indent", Some(find(&report, 3, "image"))),
        Problem::note("yaml-duplicate-key", "the key `a` is there twice", find(&report, 0, "kind")),
        Problem::fatal("internal", "a bug in pintle\u{1b}[0m", None),
    ];
    report.facts.unread("image", "template", find(&report, 0, "web"));
    report.coverage = Coverage {
        defaults: 0,
        objects: 7,
        clusters: vec!["production".into()],
        counts: [(Why::Chart, 1), (Why::Remote, 1), (Why::LeftOut, 1), (Why::Outside, 1)].into(),
        unseen: vec![
            unseen(&report, 2, Why::Chart, "HelmRelease/web", "`web`"),
            unseen(
                &report,
                1,
                Why::Remote,
                "Kustomization/\u{1b}[31m\u{202e}",
                &format!("`https://{SECRET}@x`"),
            ),
            unseen(&report, 0, Why::LeftOut, "Pod/web", "nothing in apps loads it"),
        ],
        unnamed: 1,
    };
    let exempt = |name: &str, why, times| Exempt {
        at: find(&report, 1, "copy"),
        why,
        name: name.into(),
        object: "Secret/db".into(),
        times,
    };
    report.facts.exempts =
        vec![exempt("\u{1b}[31m\u{202e}", Excuse::Reference, 1), exempt("", Excuse::Placeholder, 3)];
    report.counts.images = 2;
    report.counts.unread = 1;
    report.counts.binary = 3;
    report
}
