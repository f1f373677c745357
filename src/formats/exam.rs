//! How formats are examined: a text goes in, one line per fact comes out, and every place is checked on the way.

use super::{Beside, Desk, File, Format, Read};
use crate::config::Config;
use crate::syntax::yaml;
use crate::text::{Part, SourceId};
use std::sync::OnceLock;

/// What stands beside every examined file, as `SourceId(1)`.
pub(super) const ENV: &str = "TAG=1.2\nEMPTY=\nIMAGE=quay.io/a/b\n";

fn beside<'a>(name: &str) -> Option<File<'a>> {
    (name == "dir/.env").then_some(File { id: SourceId(1), name: "dir/.env", text: ENV })
}

/// What a format says of one file; nothing if it does not want it.
pub(super) fn run<'a>(format: &Format, name: &'a str, text: &'a str) -> Desk<'a> {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    let file = File { id: SourceId(0), name, text };
    let mut desk = Desk::new(file, CONFIG.get_or_init(Config::default), Beside(Some(&beside)));
    if !(format.wants)(&file) {
        return desk;
    }
    match format.read {
        Read::Text(read) => read(&mut desk),
        Read::Documents(read) => {
            let mut found = yaml::read(file.id, text);
            desk.problems.append(&mut found.problems);
            found.documents.iter().for_each(|document| read(&mut desk, document));
        }
    }
    desk
}

/// One line per image: owner, path, reference; in `‹›` the source under its pieces where there are several;
/// the comment behind it; what is wrong with it.
pub(super) fn images(format: &Format, name: &str, text: &str) -> Vec<String> {
    let desk = run(format, name, text);
    desk.facts
        .images
        .iter()
        .map(|fact| {
            let image = &fact.says;
            let mut line = format!("{} {} {}", fact.owner.label(), fact.path, image.text);
            let line_start = line.trim_start().len();
            line.drain(..line.len() - line_start);
            for part in [&image.registry, &image.repository, &image.tag, &image.digest].into_iter().flatten()
            {
                check(&desk, part);
            }
            // An image put together from several values stands where its most telling one does.
            let parts = [&image.tag, &image.digest, &image.repository].into_iter().flatten();
            let value = parts.into_iter().find(|part| part.origin == fact.origin).cloned();
            let whole = value.unwrap_or_else(|| Part::new(image.text.clone(), fact.origin.clone()));
            check(&desk, &whole);
            if whole.origin.editable().is_none() && whole.origin.is_exact() {
                line += &format!(" ‹{}›", pieces(&whole).join("·"));
            }
            if image.role != crate::facts::Role::Pull {
                line += &format!(" ({})", image.role.name());
            }
            if let Some(remark) = &image.remark {
                check(&desk, remark);
                line += &format!(" # {}", remark.text);
            }
            if let Some(fault) = &image.fault {
                line += &format!(" {}", fault.says);
            }
            line
        })
        .collect()
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
