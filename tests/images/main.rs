//! Every image that a cluster, a build or a command pulls, by format and by who gives a hole its value.
//!
//! A row begins with `=== `, what it is about, `: ` and what it shows; `@@ name` begins a file; each `=> ` line is
//! something told, in any order: an image with how firmly it is pinned, why a part of it is not known, and its place;
//! a chart; an action; a problem behind `!`. Places that use what is decided elsewhere stand behind `<`. Of
//! `identity.txt` each line is a component of the CycloneDX output, with its package URL.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use pintle::testing::{Doubt, Fact, Image, Part, Pin};
use pintle::{
    Book, Colour, Config, Grouping, IMAGES, ImageStock, Job, Joined, Look, MemoryRepo, Redactor, Report,
    Scope, SourceId, Span, keep, survey,
};
use std::collections::{BTreeMap, BTreeSet};

/// The tables, each a name and its text.
const TABLES: [(&str, &str); 7] = [
    ("commands", include_str!("commands.txt")),
    ("delivered", include_str!("delivered.txt")),
    ("files", include_str!("files.txt")),
    ("hostile", include_str!("hostile.txt")),
    ("objects", include_str!("objects.txt")),
    ("providers", include_str!("providers.txt")),
    ("values", include_str!("values.txt")),
];
const IDENTITY: &str = include_str!("identity.txt");

/// A digest that is well-formed; rows write `sha256:EXAMPLE` for it.
const EXAMPLE: &str = "sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496";

#[test]
fn images_of_every_format_and_provider() {
    let wrong: Vec<String> = TABLES.iter().flat_map(|(name, table)| hold(name, table, told)).collect();
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn package_urls_of_what_is_pulled() {
    let wrong = hold("identity", IDENTITY, components);
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// Each has a plain row, one with a hole, and one that is a trap.
#[test]
fn nothing_has_fewer_than_three_rows() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let tables = TABLES.iter().map(|(_, table)| *table).chain([IDENTITY]);
    for row in tables.flat_map(rows) {
        let about = row.split_once(": ").expect("a row says what it is about").0;
        *counts.entry(about).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    assert!(all >= 250, "{all} rows: {counts:?}");
    let single = [
        "argo workflows",
        "ansible task",
        "cloudnative-pg",
        "gitlab script",
        "image automation",
        "kustomize circles",
        "kustomize images",
        "terraform",
        "upgrade plan",
    ];
    let few = counts.iter().filter(|(about, count)| **count < 3 && !is_of_general(about, &single));
    assert_eq!(few.collect::<Vec<_>>(), []);
}

/// What one row is enough for: kinds whose notation others show, and single traps.
fn is_of_general(about: &str, single: &[&str]) -> bool {
    let traps =
        TABLES.iter().filter(|(name, _)| *name == "hostile").map(|(_, table)| *table).chain([IDENTITY]);
    single.contains(&about) || traps.flat_map(rows).any(|row| row.starts_with(about))
}

fn rows(table: &str) -> impl Iterator<Item = &str> {
    table.split("\n=== ").skip(1)
}

/// Holds every row of a table against what `tell` says.
fn hold(name: &str, table: &str, tell: fn(&Report, &Joined) -> Vec<String>) -> Vec<String> {
    let (book, config) = (Book::built_in().0, Config::default());
    let mut wrong = Vec::new();
    for row in rows(table) {
        let (mut told, body): (Vec<&str>, Vec<&str>) = row.lines().partition(|line| line.starts_with("=> "));
        let body = body.join("\n") + "\n";
        let text = body.replace("sha256:EXAMPLE", EXAMPLE);
        let files = text.split("\n@@ ").skip(1).map(|file| file.split_once('\n').unwrap_or((file, "")));
        let repo = MemoryRepo::new(files);
        let scope = Scope { select: vec!["none".into()], ..Scope::default() };
        let (report, joined) = survey(&Job { scope, ..Job::new(&repo, &config, &book) });
        let files = (0..report.sources.len()).map(|at| Span::new(SourceId(at as u32), 0, 0));
        keep(&repo, &report.sources, &files.collect::<Vec<_>>());
        let mut found: Vec<String> = tell(&report, &joined)
            .into_iter()
            .map(|line| format!("=> {}", line.replace(EXAMPLE, "sha256:EXAMPLE").replace('\u{1b}', "\\e")))
            .collect();
        told.sort_unstable();
        found.sort_unstable();
        if found != told {
            wrong.push(format!(
                "{name}.txt === {body}expected\n{}\ngot\n{}\n",
                told.join("\n"),
                found.join("\n")
            ));
        }
    }
    wrong
}

/// Images, charts, actions and problems.
fn told(report: &Report, joined: &Joined) -> Vec<String> {
    let all = joined.images(&report.facts).chain(joined.commands(&report.facts));
    let images: BTreeSet<String> = all.map(|(fact, pin)| image(report, fact, pin)).collect();
    let charts = report.facts.charts.iter().map(|fact| {
        let chart = &fact.says;
        let version = chart.version.as_ref().map_or("", |version| version.text.as_str());
        let at = place(report, fact.origin.span());
        format!("chart {} {version} ({}) {at}", chart.name.text, chart.pin)
    });
    let actions = report.facts.actions.iter().map(|fact| {
        let action = &fact.says;
        let reference = action.reference.as_ref().map_or("", |part| part.text.as_str());
        format!(
            "uses {} {reference} ({}) {}",
            action.name.text,
            action.pin,
            place(report, fact.origin.span())
        )
    });
    let problems = report.problems.iter().map(|problem| {
        let at = problem.at.map_or(String::new(), |at| place(report, at));
        format!("! {} {at}", problem.kind)
    });
    let charts: BTreeSet<String> = charts.collect();
    // What a tool refuses to build; what is only not here, others tell.
    let obstacles = report.facts.obstacles.iter().filter_map(|fact| {
        let why = format!("{:?}", fact.says.why).to_lowercase();
        let is_wrong = matches!(why.as_str(), "refused" | "undefined");
        is_wrong.then(|| format!("! {why} {}", place(report, fact.origin.span())))
    });
    let problems = problems.chain(obstacles);
    images.into_iter().chain(charts).chain(actions).chain(problems).collect()
}

fn image(report: &Report, fact: &Fact<Image>, pin: Pin) -> String {
    let image = &fact.says;
    let part = [&image.digest, &image.tag, &image.repository].into_iter().flatten().next();
    let whole = Part::new(image.text.clone(), fact.origin.clone());
    let part = part.unwrap_or(&whole);
    let role = match image.role.name() {
        _ if doubt(fact) == Some(Doubt::Unused) => "off ".to_owned(),
        "pull" if doubt(fact).is_some() => "perhaps ".to_owned(),
        "pull" => String::new(),
        other => format!("{other} "),
    };
    let mut line = format!("{role}{} ({}", image.text, pin.name());
    image.hole().into_iter().for_each(|hole| line += &format!(": {}", hole.why.name()));
    image.number.iter().for_each(|number| line += &format!(", {}", number.says().replace('`', "")));
    line += &format!(") {}", place(report, part.span()));
    part.origin.road().for_each(|(_, at)| line += &format!(" < {}", place(report, at)));
    if let Some(span) = part.origin.editable() {
        assert_eq!(report.sources.slice(span), part.text, "{line}");
    }
    line
}

fn doubt(fact: &Fact<Image>) -> Option<Doubt> {
    fact.owner.scene.as_ref().and_then(|scene| scene.doubt)
}

/// The components of the CycloneDX output, each with its package URL.
fn components(report: &Report, joined: &Joined) -> Vec<String> {
    let stock = ImageStock::of(report, joined, |_| true);
    let stock = Redactor::of(report, &Book::built_in().0.tables).show(stock);
    let output = IMAGES.iter().find(|output| output.name == "cyclonedx").unwrap();
    let look = Look { colour: Colour::Plain, width: 80, grouping: Grouping::Flat };
    let bom: serde_json::Value = serde_json::from_str(&output.tell(&stock, &look)).unwrap();
    let components = bom["components"].as_array().unwrap().iter();
    let line = |one: &serde_json::Value| {
        format!("{} {}", one["bom-ref"].as_str().unwrap(), one["purl"].as_str().unwrap_or("none"))
    };
    components.map(line).collect()
}

/// `file:line` of a place.
fn place(report: &Report, span: Span) -> String {
    format!("{}:{}", report.sources.name(span.source), report.sources.places(span).0.line)
}
