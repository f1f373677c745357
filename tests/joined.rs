//! What pintle joins across files, held in rows: which images run in the end, and where each database keeps its data.
//!
//! A row begins with `=== ` and what it shows; `@@ name` begins a file; each `=> ` line is something told. `runs` are
//! images after all overrides, `seat`s databases on their claims, `claim`s what no database needs to use, and lines
//! with a severity are findings.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use pintle::testing::{Fact, Holding, Image, Pin, Seat, When};
use pintle::{
    Book, Config, Finding, Job, Joined, MemoryRepo, Report, Scope, Severity, SourceId, Span, StorageStock,
    earlier, keep, survey,
};

#[test]
fn images_after_overrides() {
    hold(include_str!("joined/images.txt"), &["kustomize-*"], |report, joined| {
        let run = |(fact, pin): (&Fact<Image>, Pin)| {
            let owner = fact.owner.label();
            format!("{owner} runs {} ({}) {}", fact.says.text, pin.name(), place(report, fact.origin.span()))
        };
        joined.running(&report.facts).map(run).collect()
    });
}

/// Each image with the part that decides most: where it is written, the way it came, and why it is not known.
#[test]
fn images_with_variables() {
    hold(include_str!("joined/holes.txt"), &["none"], |report, joined| {
        let run = |(fact, pin): (&Fact<Image>, Pin)| {
            let image = &fact.says;
            let part = [&image.digest, &image.tag, &image.repository].into_iter().flatten().next();
            let mut line = format!("{} runs {} ({})", fact.owner.label(), image.text, pin.name());
            if let Some(part) = part {
                line += &format!(" {}", place(report, part.span()));
                for (how, at) in part.origin.road() {
                    line += &format!(", {} {}", how.says(), place(report, at));
                }
                if let Some(span) = part.origin.editable() {
                    assert_eq!(report.sources.slice(span), part.text, "{line}");
                }
            }
            image.hole().into_iter().for_each(|hole| line += &format!(": {}", hole.says()));
            image.fault.iter().for_each(|fault| line += &format!(" ({})", fault.says));
            line
        };
        let problems = report.problems.iter().map(|problem| format!("! {}: {}", problem.kind, problem.says));
        joined.images(&report.facts).map(run).chain(problems).collect()
    });
}

#[test]
fn databases_on_their_claims() {
    let rules = [
        "postgres-*",
        "database-on-replicated-storage",
        "database-single-copy",
        "database-no-backup",
        "cnpg-single-instance",
        "storage-*",
    ];
    hold(include_str!("joined/storage.txt"), &rules, |report, joined| {
        let seats = joined.seats.iter().map(|one| format!("seat {} {}", one.who, seat(report, one)));
        let lost = joined.seatless.iter().map(|one| format!("seat {} nowhere", one.who));
        seats.chain(lost).collect()
    });
}

#[test]
fn claims_and_who_uses_them() {
    hold(include_str!("joined/claims.txt"), &["none"], |report, joined| {
        let claim = |holding: &Holding| {
            let users = if holding.users.is_empty() { "nobody".into() } else { holding.users.join(", ") };
            format!("claim {} of {} for {users} {}", holding.name, holding.owner, seat(report, &holding.seat))
        };
        joined.holdings.iter().map(claim).collect()
    });
}

#[test]
fn what_copies_databases_and_claims() {
    let rules = ["backup-*", "cnpg-no-backup", "database-no-backup", "database-single-copy"];
    hold(include_str!("joined/backups.txt"), &rules, |report, joined| {
        let databases = joined.seats.iter().chain(&joined.seatless);
        let databases = databases.map(|one| format!("db {}: {}", one.who, copies(report, one)));
        let claims = joined.holdings.iter().filter(|one| one.owner.starts_with("PersistentVolumeClaim/"));
        let claim = |one: &Holding| format!("claim {}: {}", &one.owner[22..], copies(report, &one.seat));
        databases.chain(claims.map(claim)).collect()
    });
}

#[test]
fn what_lies_under_databases() {
    let rules = [
        "database-data-not-on-volume",
        "database-on-*",
        "database-claim-shared",
        "claim-*",
        "postgres-on-longhorn",
        "postgres-class-omitted",
    ];
    hold(include_str!("joined/volumes.txt"), &rules, |_, joined| {
        joined.grounds.iter().map(|one| format!("data {} {:?}", one.engine, one.under)).collect()
    });
}

#[test]
fn compose_files_over_each_other() {
    let rules = ["database-data-not-on-volume", "database-on-*"];
    hold(include_str!("joined/compose.txt"), &rules, |_, joined| {
        let on = |seat: &Seat| {
            let class = seat.class.as_ref().map_or("?", |class| &class.text);
            format!("db {} on {} {class:?}", seat.who, seat.what)
        };
        joined.seats.iter().map(on).collect()
    });
}

#[test]
fn databases_of_nomad_and_podman() {
    let rules = [
        "database-data-not-on-volume",
        "database-on-network-*",
        "database-on-temporary-*",
        "database-claim-*",
    ];
    hold(include_str!("joined/hosts.txt"), &rules, |report, joined| {
        let on = |seat: &Seat| {
            let class = seat.class.as_ref().map_or("?".to_owned(), |class| format!("{:?}", class.text));
            let count = seat.count().map_or(String::new(), |count| format!(" x{count}"));
            let at = place(report, seat.origin.span());
            format!("db {} {} on {class} ({}) {at}{count}", seat.who, seat.what, seat.standing.name())
        };
        joined.seats.iter().map(on).collect()
    });
}

#[test]
fn values_of_terraform_releases() {
    hold(include_str!("joined/terraform.txt"), &["none"], |report, joined| {
        let on = |seat: &Seat| {
            let class = seat.class.as_ref().map_or("?", |class| &class.text);
            (format!("on {class:?}"), place(report, seat.origin.span()))
        };
        let seats = joined.seats.iter().map(|seat| {
            let (class, at) = on(seat);
            format!("db {} {} {class} {at}", seat.who, seat.engine.name)
        });
        let of_database = |holding: &&Holding| !joined.seats.iter().any(|seat| seat.who == holding.owner);
        let claims = joined.holdings.iter().filter(of_database).map(|holding| {
            let size = holding.size.as_ref().map_or(String::new(), |size| format!(" of {size}"));
            let (class, at) = on(&holding.seat);
            format!("claim {} {class}{size} {at}", holding.name)
        });
        let problems = report.problems.iter().filter_map(|problem| problem.at);
        seats.chain(claims).chain(problems.map(|at| format!("problem {}", place(report, at)))).collect()
    });
}

/// Each row is a service of a compose file.
#[test]
fn where_images_keep_their_data() {
    let (book, config) = (Book::built_in().0, Config::default());
    let mut wrong = Vec::new();
    let table = include_str!("joined/homes.txt").split_once("\n\n").unwrap().1;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [image, mounts, variables, words, told] = cells[..] else { panic!("{row}") };
        let mut text = format!("services:\n  db:\n    image: {image}\n    environment:\n");
        variables.split_whitespace().for_each(|variable| text += &format!("      - {variable}\n"));
        text += "    volumes:\n";
        let mounts: Vec<&str> = mounts.split_whitespace().collect();
        mounts.iter().enumerate().for_each(|(at, mount)| text += &format!("      - v{at}:{mount}\n"));
        if !words.is_empty() {
            text += &format!("    command: {words:?}\n");
        }
        text += "volumes:\n";
        (0..mounts.len()).for_each(|at| text += &format!("  v{at}:\n"));
        let repo = MemoryRepo::new([("compose.yaml", &*text)]);
        let scope = Scope { select: vec!["database-data-not-on-volume".into()], ..Scope::default() };
        let (report, _) = survey(&Job { scope, ..Job::new(&repo, &config, &book) });
        let found: Vec<&str> = report.findings.iter().map(|finding| finding.severity.name()).collect();
        let found = if found.is_empty() { "-".to_owned() } else { found.join(" ") };
        if found != told {
            wrong.push(format!("{row}: got {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn databases_on_files_of_the_network() {
    let rules = ["postgres-on-*", "postgres-class-omitted", "database-on-network-storage", "claim-*"];
    hold(include_str!("joined/networks.txt"), &rules, |report, joined| {
        joined.seats.iter().map(|one| seat(report, one)).collect()
    });
}

#[test]
fn claims_and_classes_per_cluster() {
    let rules = ["postgres-*", "database-on-*", "storage-*"];
    hold(include_str!("joined/clusters.txt"), &rules, |report, joined| {
        let one = |one: &Seat| {
            let also = one.also.iter().filter(|(_, says)| {
                ["default", "one class", "not known"].iter().any(|word| says.contains(word))
            });
            let also: Vec<String> = also.map(|(at, _)| place(report, *at)).collect();
            let via = if also.is_empty() { String::new() } else { format!(" via {}", also.join(", ")) };
            let class = one.class.as_ref().map_or("?", |class| &class.text);
            let cluster = one.cluster.as_ref().map_or(String::new(), |name| format!(" in {name}"));
            let omitted = if one.omitted { ", omitted" } else { "" };
            let at = place(report, one.origin.span());
            format!("on {class:?} ({}{omitted}){cluster} {at}{via}", one.standing.name())
        };
        let seats = joined.seats.iter().map(|seat| format!("db {} [{}] {}", seat.who, seat.what, one(seat)));
        let claim = |holding: &Holding| {
            let users = if holding.users.is_empty() { "nobody".into() } else { holding.users.join(", ") };
            let size = holding.size.as_ref().map_or(String::new(), |size| format!(" of {size}"));
            format!("claim {} of {} for {users}{size} {}", holding.name, holding.owner, one(&holding.seat))
        };
        let of_database = |holding: &&Holding| !joined.seats.iter().any(|seat| seat.who == holding.owner);
        let claims = joined.holdings.iter().filter(of_database).map(claim);
        let others = joined.not_listed.iter().map(|one| format!("{} {}", one.why, place(report, one.at)));
        seats.chain(claims).chain(others).collect()
    });
}

/// Rows besides claims: volumes, what databases lie on, how claims stand, and what was not understood.
#[test]
fn what_the_inventory_lists() {
    hold(include_str!("joined/rows.txt"), &["none"], |report, joined| {
        let stock = StorageStock::of(report, joined, |_| true);
        let volumes = stock.volumes.iter().map(|row| {
            let users = if row.used_by.is_empty() { "nobody".into() } else { row.used_by.join(", ") };
            let claims = match row.claims.as_slice() {
                [] => String::new(),
                claims => format!(" kept for {}", claims.join(", ")),
            };
            let cluster = row.ground.cluster.as_ref().map_or(String::new(), |name| format!(" in {name}"));
            let at = std::iter::once(&row.ground.place).chain(&row.used_at);
            let at: Vec<String> = at.map(|spot| format!("{}:{}", spot.file, spot.start.line)).collect();
            let how = format!("({}, {}) for {users}{claims}{cluster}", row.ground.standing, row.keeps);
            format!("vol {}: {} {how} {}", row.kind, row.title(), at.join(", "))
        });
        let databases = stock.databases.iter().map(|row| {
            let on = row.on.as_ref().map_or_else(|| row.ground.says(), |on| format!("({})", on.says()));
            let declared = row.road.iter().find(|(_, says)| says.ends_with("is declared here"));
            let road = declared.map_or(String::new(), |(at, _)| {
                let from = &row.ground.place;
                format!(" from {}:{}, {}:{}", from.file, from.start.line, at.file, at.start.line)
            });
            format!("db {} {} {on} ({}){road}", row.who, row.engine, row.ground.standing)
        });
        let claims = stock.claims.iter().map(|row| {
            let class = row.ground.class.as_deref().unwrap_or("?");
            format!("claim {} on {class:?} ({})", row.name, row.ground.standing)
        });
        let untold = stock
            .untold
            .iter()
            .map(|row| format!("{} {} {}:{}", row.why, row.reason, row.place.file, row.place.start.line));
        volumes.chain(databases).chain(claims).chain(untold).collect()
    });
}

/// What copies something, each kind with who says so and when; what would, and why it does not.
fn copies(report: &Report, seat: &Seat) -> String {
    let plans = &report.facts.backups;
    let mut told: Vec<String> = Vec::new();
    for by in &seat.copies.by {
        let kind = plans[by.plan].says.kind.map_or("upkeep", |kind| kind.name());
        let when = match &plans[by.timer].says.when {
            When::At(part) => format!(" at {}", part.text),
            _ => String::new(),
        };
        let to = plans[by.plan].says.to.as_ref().map_or(String::new(), |to| format!(" to {}", to.text));
        told.push(format!("{kind} by {}{when}{to}", plans[by.timer].owner.label()));
    }
    for (by, why) in &seat.copies.failed {
        told.push(format!("not by {} ({why:?})", plans[by.timer].owner.label()));
    }
    if seat.copies.unsure {
        told.push("perhaps by others".into());
    }
    told.sort();
    if told.is_empty() { "nothing".into() } else { told.join("; ") }
}

/// Each database with its engine, where its data is by default, and why it is taken for one.
#[test]
fn engines_and_classes() {
    let rules = [
        "postgres-*",
        "database-on-replicated-storage",
        "database-single-copy",
        "database-no-backup",
        "storage-default-twice",
    ];
    hold(include_str!("joined/engines.txt"), &rules, |report, joined| {
        let server = |what: &str, one: &Seat| {
            let major = one.engine.major.map_or(String::new(), |major| format!(" {major}"));
            format!("{what} {} {}{major}", one.who, one.engine.name)
        };
        let on = |what: &str, one: &Seat| {
            let folder = one.folder.as_ref().map_or(String::new(), |folder| format!(" at {folder}"));
            let copies = one.kept.map_or(String::new(), |copies| format!(", {copies} of each"));
            format!("{} {}{folder}{copies}: {}", server(what, one), seat(report, one), one.because)
        };
        let seats = joined.seats.iter().map(|one| on("seat", one));
        let embedded = joined.embedded.iter().map(|one| on("embedded", one));
        let lost =
            joined.seatless.iter().map(|one| format!("{} nowhere: {}", server("seat", one), one.because));
        seats.chain(embedded).chain(lost).collect()
    });
}

/// What hand judgement of real repositories found wrong: databases with their version and number, claims with their
/// namespace and size, and findings.
#[test]
fn what_was_judged_by_hand() {
    let rules = ["postgres-*", "database-*", "cnpg-*", "storage-*", "claim-*", "backup-*"];
    hold(include_str!("joined/judged.txt"), &rules, |report, joined| {
        let server = |one: &Seat| {
            let major = one.engine.major.map_or(String::new(), |major| format!(" {major}"));
            let count = one.count().map_or(String::new(), |count| format!(" x{count}"));
            format!("db {} {}{major}{count}", one.who, one.engine.name)
        };
        let copied = |one: &Seat| if one.copies.by.is_empty() { "" } else { ", copied" };
        let seats = joined.seats.iter();
        let seats = seats.map(|one| format!("{} {}{}", server(one), seat(report, one), copied(one)));
        let lost = joined.seatless.iter().map(|one| format!("{} nowhere", server(one)));
        let claim = |holding: &Holding| {
            let Holding { namespace, name, owner, .. } = holding;
            let size = holding.size.as_ref().map_or(String::new(), |size| format!(" of {size}"));
            format!("claim {namespace}/{name}{size} by {owner} {}", seat(report, &holding.seat))
        };
        let of_database = |holding: &&Holding| !joined.seats.iter().any(|seat| seat.who == holding.owner);
        let claims = joined.holdings.iter().filter(of_database).map(claim);
        seats.chain(lost).chain(claims).collect()
    });
}

/// What Secrets are made of.
#[test]
fn files_that_become_secrets() {
    hold(include_str!("joined/given.txt"), &["secret-*"], |_, _| Vec::new());
}

/// What tests expect, what they apply, and samples.
#[test]
fn what_no_cluster_gets() {
    let rules = ["postgres-on-longhorn", "image-latest", "image-untagged", "image-placeholder"];
    hold(include_str!("joined/exhibits.txt"), &rules, |_, joined| {
        joined.seats.iter().map(|seat| format!("seat {}", seat.who)).collect()
    });
}

/// The words of rules about images.
#[test]
fn what_is_said_of_images() {
    let rules = [
        "image-*",
        "command-image-unpinned",
        "dockerfile-root-user",
        "helm-chart-unpinned",
        "action-unpinned",
    ];
    hold(include_str!("joined/words.txt"), &rules, |report, _| {
        report.findings.iter().map(|finding| finding.says.clone()).collect()
    });
}

/// What is to be done about findings: what fits the place.
#[test]
fn what_is_advised() {
    hold(
        include_str!("joined/helps.txt"),
        &[
            "image-*",
            "cnpg-no-backup",
            "backup-unserved",
            "kustomize-image-unmatched",
            "database-data-not-on-volume",
        ],
        |report, _| {
            let book = Book::built_in().0;
            let help = |finding: &Finding| {
                let page = book.page(&finding.rule).map_or_else(String::new, |page| page.help.to_string());
                format!("{}: {}", finding.rule, finding.help.clone().unwrap_or(page))
            };
            report.findings.iter().map(help).collect()
        },
    );
}

/// The words of rules about builds and what they leave out, and of what a database keeps apart.
#[test]
fn what_is_said_of_builds() {
    let rules = [
        "manifest-not-delivered",
        "kustomization-does-not-build",
        "variable-undefined",
        "dockerfile-single-stage-toolchain",
        "postgres-on-longhorn",
        "database-on-network-storage",
        "storage-class-reclaim-delete",
    ];
    hold(include_str!("joined/told.txt"), &rules, |report, _| {
        report.findings.iter().map(|finding| finding.says.clone()).collect()
    });
}

/// What changes between two revisions, and how bad that is.
#[test]
fn major_versions_of_two_revisions() {
    let tables = [include_str!("joined/jumps.txt"), include_str!("joined/upgrades.txt")];
    hold_two(&tables, "postgres-major-jump");
}

/// Tags that a change raised beside digests that it did not.
#[test]
fn tags_of_two_revisions() {
    hold_two(&[include_str!("joined/bumps.txt")], "image-bump-inert");
}

fn hold_two(tables: &[&str], rule: &str) {
    let (book, config) = (Book::built_in().0, Config::default());
    let mut wrong = Vec::new();
    for row in tables.iter().flat_map(|table| table.split("\n=== ").skip(1)) {
        let (told, body): (Vec<&str>, Vec<&str>) = row.lines().partition(|line| line.starts_with("=> "));
        let (before, now) = (revision(&body, false), revision(&body, true));
        let scope = Scope { select: vec![rule.into()], ..Scope::default() };
        let job = Job { scope, ..Job::new(&now, &config, &book) };
        let earlier = earlier(&job, &before);
        let report = survey(&Job { before: Some(&earlier), ..job }).0;
        let said = |finding: &Finding| {
            let at = place(&report, finding.origin.span());
            (format!("=> {} {at}", finding.severity.name()), finding.says.clone())
        };
        let found: Vec<(String, String)> = report.findings.iter().map(said).collect();
        let fits = |(line, (head, says)): (&&str, &(String, String))| {
            let (place, piece) = line.split_once(" ~ ").unwrap_or((line, ""));
            place == head && says.contains(piece)
        };
        if found.len() != told.len() || !told.iter().zip(&found).all(fits) {
            wrong.push(format!("=== {}\nexpected {told:#?}\ngot {found:#?}\n", body.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// One of the two revisions of a row: of `<16|17>` one side.
fn revision(body: &[&str], is_now: bool) -> MemoryRepo {
    let whole = body.join("\n") + "\n";
    let mut text = String::new();
    let mut rest = whole.as_str();
    while let Some((head, tail)) = rest.split_once('<') {
        let (pair, tail) = tail.split_once('>').expect("`<` begins a pair");
        let (old, new) = pair.split_once('|').expect("a pair has two sides");
        text += head;
        text += if is_now { new } else { old };
        rest = tail;
    }
    text += rest;
    let own = if is_now { "@+ " } else { "@- " };
    let mut files: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let begins = ["@@ ", "@+ ", "@- "].iter().find_map(|mark| Some((mark, line.strip_prefix(mark)?)));
        match begins {
            Some((mark, name)) if **mark == *own || *mark == "@@ " => {
                files.push((name.to_owned(), String::new()));
            }
            Some(_) => files.push((String::new(), String::new())),
            None => files.iter_mut().last().into_iter().for_each(|file| file.1 += &format!("{line}\n")),
        }
    }
    MemoryRepo::new(files.into_iter().filter(|(name, _)| !name.is_empty()))
}

/// Holds every row of a table: what `tell` says, and the findings of some rules.
fn hold(table: &str, rules: &[&str], tell: impl Fn(&Report, &Joined) -> Vec<String>) {
    let (book, config) = (Book::built_in().0, Config::default());
    let mut wrong = Vec::new();
    for row in table.split("\n=== ").skip(1) {
        let (told, body): (Vec<&str>, Vec<&str>) = row.lines().partition(|line| line.starts_with("=> "));
        let body = body.join("\n") + "\n";
        let files = body.split("\n@@ ").skip(1).map(|file| file.split_once('\n').unwrap_or((file, "")));
        let repo = MemoryRepo::new(files);
        let scope = Scope { select: rules.iter().map(|rule| (*rule).into()).collect(), ..Scope::default() };
        let job = Job { scope, ..Job::new(&repo, &config, &book) };
        let (report, joined) = survey(&job);
        let files = (0..report.sources.len()).map(|at| Span::new(SourceId(at as u32), 0, 0));
        keep(&repo, &report.sources, &files.collect::<Vec<_>>());
        let mut found = tell(&report, &joined);
        for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Off) {
            let at = place(&report, finding.origin.span());
            found.push(format!("{} {} {at}", finding.severity.name(), finding.rule));
        }
        let found: Vec<String> = found.iter().map(|line| format!("=> {line}")).collect();
        if found != told {
            wrong.push(format!("=== {body}expected\n{}\ngot\n{}\n", told.join("\n"), found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// What is known of a seat: what it holds, the class, how that stands, where it is decided.
fn seat(report: &Report, seat: &Seat) -> String {
    let class = seat.class.as_ref().map_or("?", |class| &class.text);
    let mut out = format!("[{}] on {class:?} ({}", seat.what, seat.standing.name());
    if seat.shared {
        out += ", shared";
    }
    if seat.omitted {
        out += ", omitted";
    }
    if let Some(environment) = &seat.environment {
        out += &format!(", in {environment}");
    }
    if !seat.delivered {
        out += ", not delivered";
    }
    format!("{out}) {}", place(report, seat.origin.span()))
}

/// `file:line` of a place.
fn place(report: &Report, span: Span) -> String {
    format!("{}:{}", report.sources.name(span.source), report.sources.places(span).0.line)
}
