//! What is written by a stranger to be slow: sizes that are doubled four times, and all outputs over what was found.

use super::*;
use pintle::{Detail, OUTPUTS, Redactor, Shown, Tell};

/// A file, or few, that grow.
struct Doubled {
    what: &'static str,
    /// The smallest size.
    size: usize,
    make: fn(usize) -> Files,
    /// How many findings there must be of it.
    finds: fn(usize) -> usize,
}

/// Twice the size may cost this many times as much: of allocations and bytes each time, of time over all four doublings,
/// where a square would be 256 times.
const MOST_OF_TWO: f64 = 2.5;
const MOST_OF_SIXTEEN: f64 = 80.0;

/// What a check and all outputs took.
struct Took {
    cost: Cost,
    /// Of the processor, in nanoseconds: whoever else is at work takes none of it.
    busy: Option<u64>,
}

/// How long this thread has been at work. Only Linux tells.
#[allow(clippy::disallowed_methods)] // a file of the system
fn busy() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn took(files: Files) -> (Shown<Report>, Took) {
    let repo = MemoryRepo::new(files);
    let (book, config) = (Book::built_in().0, Config::default());
    let (count, held, began) = (COUNT.load(Relaxed), HELD.load(Relaxed), busy());
    PEAK.store(held, Relaxed);
    let report = check(&Job::new(&repo, &config, &book));
    let report = Redactor::of(&report, &book.tables).report(report);
    for output in OUTPUTS {
        // All of it: how much of a part fits on a screen may differ from size to size.
        drop(output.tell(&report, &Tell { detail: Detail::Verbose, ..Tell::plain(&book) }));
    }
    let cost = Cost { allocations: COUNT.load(Relaxed) - count, bytes: PEAK.load(Relaxed) - held };
    (report, Took { cost, busy: busy().zip(began).map(|(now, then)| now - then) })
}

fn hold_doubled(rows: &[Doubled]) {
    let _guard = alone();
    // All of it on one thread, whose time is told.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(8 << 20).build().unwrap();
    let mut wrong = String::new();
    one.install(|| took(plain(20)));
    for row in rows {
        // What is made once for all runs is made here.
        one.install(|| took((row.make)(row.size)));
        let mut all: Vec<Took> = Vec::new();
        for doubling in 0..5 {
            let size = row.size << doubling;
            let (report, took) = one.install(|| took((row.make)(size)));
            let (found, wanted) = (report.findings.len(), (row.finds)(size));
            if found < wanted {
                let _ = writeln!(wrong, "{} of {size}: {found} findings, not {wanted}", row.what);
            }
            all.push(took);
        }
        // What does not depend on the size, the tables of outputs above all, is no part of what doubles.
        let more = |at: usize| all[at].cost.allocations.saturating_sub(all[at - 1].cost.allocations);
        let allocations =
            (2..5).map(|at| more(at) as f64 / more(at - 1).max(1_000) as f64).fold(0.0, f64::max);
        let bytes = all[4].cost.bytes as f64 / all[3].cost.bytes as f64;
        let times = all[0].busy.zip(all[4].busy).map_or(0.0, |(few, many)| many as f64 / few as f64);
        let line = format!(
            "{:36} {:>6}  allocations {:>8} × {allocations:4.1}   bytes {:>9} × {bytes:4.1}   time × {times:5.1}",
            row.what, row.size, all[4].cost.allocations, all[4].cost.bytes,
        );
        println!("{line}");
        if allocations > MOST_OF_TWO || bytes > MOST_OF_TWO || times > MOST_OF_SIXTEEN {
            let _ = writeln!(wrong, "{line}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn repeated(size: usize, line: impl Fn(usize) -> String) -> String {
    (0..size).map(line).collect()
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";

fn one(name: &str, text: String) -> Files {
    vec![(name.into(), text)]
}

fn none(_: usize) -> usize {
    0
}

fn each(size: usize) -> usize {
    size
}

#[test]
fn comments_that_allow() {
    hold_doubled(&[
        Doubled {
            what: "allow comments, each used",
            size: 100,
            make: |size| {
                one(
                    "a.yaml",
                    POD.to_owned()
                        + &repeated(size, |at| {
                            format!(
                                "    - {{name: c{at}, image: 'a/b{at}:latest'}} # pintle: allow image-latest (x)\n"
                            )
                        }),
                )
            },
            finds: each,
        },
        Doubled {
            what: "allow comments, none used",
            size: 200,
            make: |size| {
                one(
                    "a.yaml",
                    POD.to_owned()
                        + &repeated(size, |at| {
                            format!("    - {{name: c{at}}} # pintle: allow image-latest (x)\n")
                        }),
                )
            },
            finds: each,
        },
        Doubled {
            what: "allow comments at the head",
            size: 200,
            make: |size| {
                one(
                    "a.yaml",
                    "# pintle: allow image-latest (x)\n".repeat(size)
                        + POD
                        + &repeated(size, |at| format!("    - {{name: c{at}, image: 'a/b{at}:latest'}}\n")),
                )
            },
            finds: each,
        },
        Doubled {
            what: "allow comments on lines of their own",
            size: 200,
            make: |size| {
                one(
                    "a.yaml",
                    POD.to_owned()
                        + "    - {name: c}\n"
                        + &"    # pintle: allow image-latest (x)\n".repeat(size),
                )
            },
            finds: each,
        },
        Doubled {
            what: "allow comments on one line",
            size: 200,
            make: |size| {
                one(
                    "a.yaml",
                    POD.to_owned() + "    # " + &"pintle: allow image-latest (x) # ".repeat(size) + "\n",
                )
            },
            finds: none,
        },
    ]);
}

#[test]
fn long_lines() {
    hold_doubled(&[
        Doubled {
            what: "containers on one line",
            size: 50,
            make: |size| {
                let containers: Vec<String> = (0..size)
                    .map(|at| format!("{{\"name\":\"c{at}\",\"image\":\"a/b{at}:latest\"}}"))
                    .collect();
                one(
                    "a.json",
                    format!(
                        "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"p\"}},\"spec\":{{\"containers\":[{}]}}}}",
                        containers.join(",")
                    ),
                )
            },
            finds: each,
        },
        Doubled {
            what: "credentials on one line, all outputs",
            size: 20,
            make: |size| {
                one(
                    "relay.toml",
                    repeated(size, |at| {
                        pintle::testing::secrets::expand(
                            "relay_password=\"{letters*2}{base62*16}{digits*2}\" ",
                            at as u64,
                        )
                    }),
                )
            },
            finds: each,
        },
        Doubled {
            what: "credentials on lines, all outputs",
            size: 50,
            make: |size| {
                one(
                    "relay.toml",
                    repeated(size, |at| {
                        pintle::testing::secrets::expand(
                            "relay_password=\"{letters*2}{base62*16}{digits*2}\"\n",
                            at as u64,
                        )
                    }),
                )
            },
            finds: each,
        },
        Doubled {
            what: "a long value with forms",
            // So long that no sentence holds it.
            size: 2_000,
            make: |size| {
                vec![
                    (".env".into(), "A=".to_owned() + &"x$B ".repeat(size) + "\n"),
                    ("compose.yaml".into(), "services: {a: {image: 'x:${A}'}}\n".into()),
                ]
            },
            finds: none,
        },
    ]);
}

#[test]
fn variables_and_stages() {
    hold_doubled(&[
        Doubled {
            what: "arguments and stages",
            size: 50,
            make: |size| {
                one(
                    "Dockerfile",
                    repeated(size, |at| format!("ARG A{at}=1\n"))
                        + &repeated(size, |at| format!("FROM nginx:$A{at} AS s{at}\n")),
                )
            },
            finds: none,
        },
        Doubled {
            what: "stages that copy from stages",
            size: 50,
            make: |size| {
                one(
                    "Dockerfile",
                    repeated(size, |at| format!("FROM nginx:latest AS s{at}\nCOPY --from=s{} / /\n", at / 2)),
                )
            },
            finds: none,
        },
        Doubled {
            what: "stages that copy from names with variables",
            size: 50,
            make: |size| {
                one(
                    "Dockerfile",
                    repeated(size, |at| {
                        format!("FROM nginx:latest AS s-{at}\nCOPY --from=s-{at}${{X}} / /\n")
                    }),
                )
            },
            finds: none,
        },
        Doubled {
            what: "variables of one stage",
            size: 100,
            make: |size| {
                one(
                    "Dockerfile",
                    "FROM a:1\n".to_owned() + &repeated(size, |at| format!("ENV A{at}=b\nUSER $A{at}\n")),
                )
            },
            finds: none,
        },
        Doubled {
            what: "lines of .env that are used",
            size: 100,
            make: |size| {
                vec![
                    (".env".into(), repeated(size, |at| format!("A{at}={at}\n"))),
                    (
                        "compose.yaml".into(),
                        "services:\n".to_owned()
                            + &repeated(size, |at| format!("  s{at}: {{image: 'x:${{A{at}}}'}}\n")),
                    ),
                ]
            },
            finds: each,
        },
        Doubled {
            what: "lines of .env that use each other",
            size: 100,
            make: |size| {
                vec![
                    (
                        ".env".into(),
                        "A0=1\n".to_owned() + &repeated(size, |at| format!("A{}=$A{at}\n", at + 1)),
                    ),
                    ("compose.yaml".into(), "services: {a: {image: 'x:${A9}'}}\n".into()),
                ]
            },
            finds: none,
        },
        Doubled {
            what: "anchors and aliases",
            size: 200,
            make: |size| {
                one(
                    "a.yaml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n".to_owned()
                        + &repeated(size, |at| format!("  a{at}: &a{at} x\n"))
                        + &repeated(size, |at| format!("  b{at}: *a{at}\n")),
                )
            },
            finds: none,
        },
    ]);
}

#[test]
fn many_overlays() {
    hold_doubled(&[Doubled {
        what: "overlays over one base",
        size: 40,
        make: |size| {
            let mut files = vec![
                ("base/kustomization.yaml".to_owned(), kustomization(["a.yaml".into()], "")),
                ("base/a.yaml".to_owned(), POD.to_owned() + "    - {name: a, image: 'a:latest'}\n"),
            ];
            files.extend((0..size).map(|at| {
                (
                    format!("o{at}/kustomization.yaml"),
                    kustomization(["../base".into()], &format!("namePrefix: p{at}-\n")),
                )
            }));
            files
        },
        finds: |_| 1,
    }]);
}

/// What fits on a screen is found in steps that do not grow with what does not.
#[test]
fn a_screen_of_many_findings() {
    let _guard = alone();
    let (book, config) = (Book::built_in().0, Config::default());
    let screen = OUTPUTS.iter().find(|output| output.name == "pretty").unwrap();
    let cost = |size: usize| {
        let text = POD.to_owned()
            + &repeated(size, |at| format!("    - {{name: c{at}, image: 'app{at}:latest'}}\n"));
        let repo = MemoryRepo::new(one("a.yaml", text));
        let report = check(&Job::new(&repo, &config, &book));
        let report = Redactor::of(&report, &book.tables).report(report);
        let count = COUNT.load(Relaxed);
        drop(screen.tell(&report, &Tell::plain(&book)));
        COUNT.load(Relaxed) - count
    };
    cost(100);
    let (few, many) = (cost(1_000), cost(8_000));
    assert!(many < few * 9, "{few} allocations for 1,000 findings, {many} for 8,000");
}
