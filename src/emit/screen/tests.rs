//! What a person sees.

use super::emit;
use crate::emit::{Detail, Drawing, Reader, Tell, sample};
use crate::facts::{Excuse, Exempt, Sureness};
use crate::finding::{Finding, Report, Row};

#[test]
fn what_a_person_sees() {
    let mut report = sample::everything();
    report.findings.retain(|finding| finding.rule != "image-latest" || finding.origin.span().source.0 == 0);
    report.problems.clear();
    let mut again = report.findings[0].clone();
    again.origin = crate::text::Origin::verbatim(sample::find(&report, 0, "name: web"));
    report.findings.push(again);
    let out = emit(&sample::shown(report), &sample::tell());
    let expected = "\
error    image-latest  `nginx:latest` may be another image tomorrow  2 places
   ╭─[apps/web.yaml:4:20]
 4 │     - image: nginx:latest # 𝄞 π
   ·                    ──────
   ╰────
   fix: write the digest (`pintle lint --fix` does it)
   also apps/web.yaml:5:7
  help: write the version you tested, and its digest

error    postgres-on-longhorn  the database `db` lies on Longhorn
   ╭─[infra/class.yaml:2:14]
 2 │ provisioner: driver.longhorn.io
   · ─────┬─────  ──────────────────
   ·      ╰── overridden here
   ╰────
   ↳ apps/web.yaml:5:7 the database is here
  help: use a node-local class

error    secret-in-manifest  `password` stands here in plain text
   ╭─[apps/secret.yaml:3:13]
 3 │   password: ****
   ·             ────
   ╰────
   fix: take it out
  help: encrypt it, then rotate it

× 4 errors in 3 files (1 suppressed, 1 in the baseline, 1 outside the diff)
  not seen: 1 release whose chart is not here · 1 remote base · 2 manifests
            that nothing delivers (-v: which)
  7 objects rendered for production · 4 files read, 4 documents, 2 images
  in 0.25 s
  passed over: 4 values that look like secrets and are none (-v: why)
  not read: 1 image (template), 3 binary files (--explain-skips: where)
  next: pintle lint --fix (2 places) · pintle charts fetch (1 release) · pintle
        explain image-latest
";
    assert_eq!(out, expected, "{out}");
}

#[test]
fn what_was_not_seen_is_told_by_name_if_all_is_to_be_shown() {
    let mut report = sample::everything();
    report.findings.clear();
    report.problems.clear();
    report.coverage.unseen.remove(1);
    let table = [
        (
            60,
            "  not seen: 1 release whose chart is not here:\n  - infra/class.yaml:1:1 HelmRelease/web: `web`\n",
        ),
        (
            80,
            "  not seen: 1 release whose chart is not here:\n  - infra/class.yaml:1:1 HelmRelease/web: `web`\n",
        ),
        (
            120,
            "  not seen: 2 manifests that nothing delivers:\n  - apps/web.yaml:1:1 Pod/web: nothing in apps loads it\n  and 1 more\n",
        ),
    ];
    for (width, expected) in table {
        let out = emit(&report, &Tell { width, detail: Detail::Verbose, ..sample::tell() });
        assert!(out.contains(expected) && !out.contains("(-v"), "{width}\n{out}");
    }
    report.coverage.unseen.clear();
    report.facts.exempts.clear();
    assert!(!emit(&report, &sample::tell()).contains("(-v"));
}

#[test]
fn a_rule_that_fires_everywhere_stays_readable() {
    let text: String = (0..500).map(|at| format!("image: app{at}\n")).collect();
    let mut report = sample::over(&[("many.yaml", &text)]);
    for at in 0..500 {
        let needle = format!("app{at}\n");
        let mut finding =
            sample::finding(&report, 0, "image-no-digest", &needle, &format!("`app{at}` has no digest"));
        finding.origin = finding.origin.slice(0..needle.len() - 1, needle.len());
        report.findings.push(finding);
    }
    let out = emit(&report, &sample::tell());
    assert!(out.lines().count() < 60, "{out}");
    let shown = out.matches("` has no digest").count();
    assert!(out.contains(&format!("… {} more (-v shows all)", 500 - shown)), "{out}");
    let verbose = emit(&report, &Tell { detail: Detail::Verbose, ..sample::tell() });
    assert_eq!(verbose.matches("many.yaml:").count(), 500);
}

#[test]
fn a_secret_is_told_once_with_its_keys_and_a_default_once_with_its_places() {
    let text = "kind: Secret\nstringData:\n  admin: %1\n  login: %2\n  pin: %3\n  level: info\n";
    let mut report =
        sample::over(&[("apps/secret.yaml", text), ("apps/compose.yaml", "a: %4\nb: %4\nc: %4\n")]);
    let key = |needle: &str, key: &str, sure| {
        let says = format!("password `{key}` in Secret/db is in plain text");
        let finding = sample::finding(&report, 0, "secret-in-manifest", needle, &says);
        let row = Row::Key { object: "Secret/db".into(), key: key.into(), sure };
        Finding { row, masked: true, ..finding }
    };
    let mut findings = vec![
        key("%1", "admin", Sureness::Sure),
        key("%2", "login", Sureness::Likely),
        key("%3", "pin", Sureness::Weak),
    ];
    for name in ["a", "b", "c"] {
        let says = format!("password `{name}` is in plain text");
        let finding = sample::finding(&report, 1, "secret-in-manifest", &format!("{name}: "), &says);
        findings.push(Finding { row: Row::Value(7), ..finding });
    }
    report.findings = findings;
    let setting = Exempt {
        at: sample::find(&report, 0, "info"),
        why: Excuse::Setting,
        name: "level".into(),
        object: "Secret/db".into(),
        times: 1,
    };
    report.facts.exempts = vec![setting];
    let report = sample::shown(report);
    let out = emit(&report, &sample::tell());
    let expected = "\
  3 values of Secret/db are in plain text
   ╭─[apps/secret.yaml:3:10]
 3 │   admin: ****
   ·          ────
   ╰────
   sure      admin
   weak      pin
   likely    login
  password `a` is in plain text
   ╭─[apps/compose.yaml:1:1]
 1 │ a: %4
   · ───
   ╰────
   same value apps/compose.yaml:2:1
   same value apps/compose.yaml:3:1
  help: encrypt it, then rotate it

× 6 errors in 2 files
";
    assert!(out.contains(expected), "{out}");
    let verbose = emit(&report, &Tell { detail: Detail::Verbose, ..sample::tell() });
    assert!(verbose.contains("also apps/secret.yaml:4:10 password `login` in Secret/db"), "{verbose}");
    assert!(verbose.contains("- apps/secret.yaml:6:10 `level` is a setting"), "{verbose}");
}

#[test]
fn findings_of_one_decision_are_a_line_for_each_image() {
    let text = "a: app:1.2.3\nb: app:1.2.3\nc: registry.example.com/a/group/with/a/long/name/web:4.5.6\n";
    let mut report = sample::over(&[("apps/all.yaml", text)]);
    for (key, image) in [
        ("a: ", "app:1.2.3"),
        ("b: ", "app:1.2.3"),
        ("c: ", "registry.example.com/a/group/with/a/long/name/web:4.5.6"),
    ] {
        let says = format!("`{image}` has no digest");
        let finding = sample::finding(&report, 0, "image-no-digest", key, &says);
        report.findings.push(Finding { row: Row::Line(image.into()), ..finding });
    }
    let out = emit(&report, &sample::tell());
    let expected = "\
warning  image-no-digest  Image has no digest  2 images in 3 places
  help: write the digest behind the tag
  app:1.2.3  apps/all.yaml:1:1 +1
  registry.example.com/a/group/with/a/long/name/web:4.5.6
    apps/all.yaml:3:1

";
    assert!(out.starts_with(expected), "{out}");
}

#[test]
fn every_line_has_what_is_to_be_done_and_every_name_of_a_place_is_told() {
    let text = "tag: 1.2.3\na: app:1.2.3\nb: web:1.2.3\n";
    let mut report = sample::over(&[("apps/all.yaml", text)]);
    // The tag is that of two images, and a third is written with its own.
    for (needle, image, help) in [
        ("1.2.3\na", "ui:1.2.3", Some("give each image its own")),
        ("1.2.3\na", "db:1.2.3", Some("give each image its own")),
        ("app:", "app:1.2.3", None),
        ("web:", "web:1.2.3", None),
    ] {
        let says = format!("`{image}` has no digest");
        let finding = sample::finding(&report, 0, "image-no-digest", needle, &says);
        let help = help.map(str::to_owned);
        report.findings.push(Finding { row: Row::Line(image.into()), help, ..finding });
    }
    let out = emit(&report, &sample::tell());
    let expected = "\
warning  image-no-digest  Image has no digest  4 images in 3 places
  help: give each image its own
  ui:1.2.3   apps/all.yaml:1:6
  db:1.2.3   apps/all.yaml:1:6
  help: write the digest behind the tag
  app:1.2.3  apps/all.yaml:2:4
  web:1.2.3  apps/all.yaml:3:4

";
    assert!(out.starts_with(expected), "{out}");
}

/// Findings of every rule that the sample's book knows, so many of each.
fn crowd(each: usize) -> Report {
    let text: String = (0..each).map(|at| format!("image: app{at};\n")).collect();
    let mut report = sample::over(&[("apps/with-a-long-name/of-a-file/many.yaml", &text)]);
    for rule in ["image-latest", "image-no-digest", "postgres-on-longhorn", "secret-in-manifest"] {
        for at in 0..each {
            let says = format!("thing {at} is wrong, for some reason that takes a few words to be told");
            let finding = sample::finding(&report, 0, rule, &format!("app{at};"), &says);
            report.findings.push(finding);
        }
    }
    report
}

#[test]
fn the_worst_stands_where_one_looks_first() {
    let report = crowd(1);
    let terminal = emit(&report, &Tell { reader: Reader::Terminal, ..sample::tell() });
    let pipe = emit(&report, &Tell { reader: Reader::Pipe, ..sample::tell() });
    let at = |out: &str, what: &str| out.find(what).unwrap_or_else(|| panic!("{what} in {out}"));
    assert!(at(&terminal, "warning  ") < at(&terminal, "error    "));
    assert!(at(&pipe, "error    ") < at(&pipe, "warning  "));
    for out in [&terminal, &pipe] {
        assert!(at(out, "3 errors, 1 warning") > at(out, "error    "), "the totals are the end");
    }
}

#[test]
fn every_kind_of_error_is_on_the_screen() {
    for each in [1, 2, 5, 20, 300] {
        for height in [24, 50, 120] {
            for width in [60, 80, 200] {
                let tell = Tell { height, width, reader: Reader::Terminal, ..sample::tell() };
                let out = emit(&crowd(each), &tell);
                let lines: Vec<&str> = out.lines().collect();
                let last = &lines[lines.len().saturating_sub(height)..];
                for rule in ["image-latest", "postgres-on-longhorn", "secret-in-manifest"] {
                    let is_there = last.iter().any(|line| line.starts_with(&format!("error    {rule}")));
                    assert!(is_there, "{rule} of {each} at {height}x{width}:\n{out}");
                }
                assert!(each > 1 || height < 50 || last.iter().any(|line| line.contains("╭─[")), "{out}");
            }
        }
    }
}

#[test]
fn every_finding_is_shown_where_all_fit_and_lines_besides() {
    let out = emit(&crowd(5), &Tell { width: 160, ..sample::tell() });
    let errors = out.split("warning  ").next().unwrap_or_default();
    assert_eq!(errors.matches("is wrong").count(), 15, "{out}");
    assert!(errors.contains("╭─[") && !errors.contains("(-v shows all)"), "{out}");
}

#[test]
fn lines_that_were_drawn_stay_where_more_does_not_fit() {
    for each in [1, 3, 8, 20] {
        let out = emit(&crowd(each), &Tell { width: 100, ..sample::tell() });
        let joined = out.split("error    postgres-on-longhorn").nth(1).unwrap_or_default();
        let joined = joined.split("\n\n").next().unwrap_or_default();
        assert!(joined.contains("╭─["), "{each}:\n{out}");
    }
}

#[test]
fn lines_fit() {
    for width in [60, 80, 100, 160] {
        for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
            let out = emit(&crowd(20), &Tell { width, detail, ..sample::tell() });
            for line in out.lines().filter(|line| line.contains(' ') && !line.contains("https://")) {
                assert!(line.chars().count() <= width, "{width}: {line}");
                assert_eq!(line, line.trim_end(), "{width}");
            }
        }
    }
}

#[test]
fn a_plain_terminal_is_drawn_on_in_ascii() {
    let out = emit(&crowd(3), &Tell { drawing: Drawing::Ascii, detail: Detail::Verbose, ..sample::tell() });
    let ours: String = out.lines().filter(|line| !line.contains("http")).collect();
    assert!(ours.is_ascii(), "{out}");
    assert!(out.contains(",-[apps/"), "{out}");
}
