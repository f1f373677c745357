//! How formats are examined: a text goes in, one line per fact comes out, and every place is checked on the way.
//!
//! The rows of the larger formats stand in files under `rows/`: `=== name of the file` and what it shows, the text,
//! and one `=> ` line for everything that all formats together tell of it.

use super::{Beside, Desk, FORMATS, Format, Glance, Read, knows, left_over};
use crate::config::Config;
use crate::facts::{Engines, Image, Names};
use crate::syntax::yaml;
use crate::text::{File, Origin, Part, SourceId};
use std::cell::OnceCell;
use std::sync::OnceLock;

/// What stands beside every examined file, as `SourceId(1)`.
pub(super) const ENV: &str = "TAG=1.2\nEMPTY=\nIMAGE=quay.io/a/b\n";

fn beside<'a>(name: &str) -> Option<File<'a>> {
    (name == "dir/.env").then_some(File { id: SourceId(1), name: "dir/.env", text: ENV })
}

/// What a format says of one file; nothing if it does not want it.
pub(super) fn run<'a>(format: &Format, name: &'a str, text: &'a str) -> Desk<'a> {
    let mut desk = desk(name, text);
    let wants = (format.wants)(&desk.file);
    let admits = Glance::of(&desk.file).formats(&desk.file).any(|one| one.name == format.name);
    assert_eq!(admits, wants, "{name}: the words of {} are not what it wants", format.name);
    if !wants {
        return desk;
    }
    match format.read {
        Read::Text(read) => read(&mut desk),
        read => {
            let mut found = yaml::read(desk.file.id, text);
            desk.problems.append(&mut found.problems);
            found.documents.iter().for_each(|document| desk.read(read, document));
        }
    }
    desk.problems.extend(desk.budget.problem());
    desk
}

/// An empty desk for a file.
fn desk<'a>(name: &'a str, text: &'a str) -> Desk<'a> {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    // Engines and names are on pages, which this room cannot read: what they change is held in `tests/joined` and by the
    // examples of rules.
    static ENGINES: OnceLock<Engines> = OnceLock::new();
    static NAMES: OnceLock<Names> = OnceLock::new();
    let file = File { id: SourceId(0), name, text };
    let engines = ENGINES.get_or_init(Engines::default);
    let names = NAMES.get_or_init(Names::default);
    Desk::new(file, CONFIG.get_or_init(Config::default), engines, names, Beside(Some(&beside)))
}

/// A digest that is well-formed; rows write `sha256:EXAMPLE` for it.
const EXAMPLE: &str = "sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496";

/// Holds every row of a file of rows: what all formats together tell of images and charts.
pub(super) fn rows(table: &str) {
    let mut wrong = Vec::new();
    for row in table.split("\n=== ").skip(1) {
        let (head, rest) = row.split_once('\n').unwrap_or((row, ""));
        let name = head.split_whitespace().next().unwrap_or_default();
        let (told, text): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| line.starts_with("=> "));
        let text = text.join("\n").replace("sha256:EXAMPLE", EXAMPLE) + "\n";
        let found: Vec<String> = FORMATS
            .iter()
            .flat_map(|format| images(format, name, &text).into_iter().chain(charts(format, name, &text)))
            .chain(left(name, &text))
            .map(|line| format!("=> {}", line.replace(EXAMPLE, "sha256:EXAMPLE")))
            .collect();
        if found != told {
            wrong.push(format!(
                "=== {head}\n{text}expected\n{}\ngot\n{}\n",
                told.join("\n"),
                found.join("\n")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// The images that are left when every format has read the file.
fn left(name: &str, text: &str) -> Vec<String> {
    let file = File { id: SourceId(0), name, text };
    let yaml = yaml::read(file.id, text);
    let (mut desk, mut is_known) = (desk(name, text), false);
    for format in Glance::of(&file).formats(&file) {
        is_known |= knows(format);
        match format.read {
            Read::Text(read) => read(&mut desk),
            read => yaml.documents.iter().for_each(|document| desk.read(read, document)),
        }
    }
    let told = desk.facts.images.len();
    left_over(&mut desk, &OnceCell::from(yaml), &|| unreachable!("it was read"), is_known);
    desk.facts.images.drain(..told);
    told_images(&desk)
}

/// One line per chart: its name, its version, how firmly it is named.
fn charts(format: &Format, name: &str, text: &str) -> Vec<String> {
    let desk = run(format, name, text);
    let charts = desk.facts.charts.iter().map(|fact| {
        let chart = &fact.says;
        [Some(&chart.name), chart.version.as_ref(), chart.digest.as_ref()]
            .into_iter()
            .flatten()
            .for_each(|part| check(&desk, part));
        let version = chart.version.as_ref().map_or("", |version| version.text.as_str());
        format!("{} chart {} {version} ({})", fact.owner.label(), chart.name.text, chart.pin)
    });
    charts.collect()
}

/// One line per image: owner, path, reference; in `‹›` the source under its pieces where there are several;
/// the comment behind it; what is wrong with it.
pub(super) fn images(format: &Format, name: &str, text: &str) -> Vec<String> {
    told_images(&run(format, name, text))
}

fn told_images(desk: &Desk) -> Vec<String> {
    desk.facts
        .images
        .iter()
        .map(|fact| {
            let image = &fact.says;
            let mut line = format!("{} {} {}", fact.owner.label(), fact.path, image.text);
            let line_start = line.trim_start().len();
            line.drain(..line.len() - line_start);
            let parts = [&image.registry, &image.repository, &image.tag, &image.digest];
            for part in parts.into_iter().flatten() {
                check(desk, part);
                if !part.origin.is_exact() {
                    line += &format!(" ~{}", part.text);
                }
            }
            // An image put together from several values stands where its most telling one does.
            let parts = [&image.tag, &image.digest, &image.repository].into_iter().flatten();
            let value = parts.into_iter().find(|part| part.origin == fact.origin).cloned();
            let whole =
                value.unwrap_or_else(|| Part::new(told_at(desk, image, &fact.origin), fact.origin.clone()));
            check(desk, &whole);
            if whole.origin.editable().is_none() && whole.origin.is_exact() {
                line += &format!(" ‹{}›", pieces(&whole).join("·"));
            }
            if let Some(number) = &image.number {
                line += &format!(" (number, {})", number.says());
            }
            if let Some(rival) = &image.rival {
                check(desk, rival);
                line += &format!(" (rival {})", rival.text);
            }
            if image.role != crate::facts::Role::Pull {
                line += &format!(" ({})", image.role.name());
            }
            if let Some(remark) = &image.remark {
                check(desk, remark);
                line += &format!(" # {}", remark.text);
            }
            if let Some(fault) = &image.fault {
                line += &format!(" {}", fault.says);
            }
            line
        })
        .collect()
}

/// The text that stands where an image is told: all of it, or the run of it that one value of several gives.
fn told_at<'a>(desk: &'a Desk, image: &'a Image, origin: &Origin) -> &'a str {
    let written = origin.editable().filter(|span| span.source == desk.file.id);
    let written = written.map(|span| &desk.file.text[span.range()]);
    written
        .filter(|text| image.rival.is_some() || image.text.contains(text) || text.contains(&*image.text))
        .unwrap_or(&image.text)
}

/// A part that says it stands somewhere byte for byte does.
fn check(desk: &Desk, part: &Part) {
    if let Some(span) = part.origin.editable() {
        let text = if span.source == desk.file.id { desk.file.text } else { ENV };
        assert_eq!(&text[span.range()], part.text, "{}", desk.file.text);
    }
}

/// The runs of a text that stand together in one place.
fn pieces(whole: &Part) -> Vec<String> {
    let mut out: Vec<(String, Option<crate::text::Span>)> = Vec::new();
    for (at, c) in whole.text.char_indices() {
        let span = whole.origin.slice(at..at + c.len_utf8(), whole.text.len()).editable();
        match (out.last_mut(), span) {
            (Some((text, Some(last))), Some(span))
                if last.source == span.source && last.end == span.start =>
            {
                text.push(c);
                last.end = span.end;
            }
            _ => out.push((c.to_string(), span)),
        }
    }
    out.into_iter().map(|(text, _)| text).collect()
}
