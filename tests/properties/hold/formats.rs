//! What the formats tell of any text has its place in it.

use super::places::{inside, stands};
use super::{BOOK, below, text};
use pintle::testing::{Beside, Desk, FORMATS, Facts, File, Format, Read, yaml};
use pintle::{Config, SourceId};

pub fn dockerfile(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        every("Dockerfile", text);
    }
}

/// A line `=== name` before the text says which of the files of HCL it is.
pub fn hcl(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    for (name, body) in super::files(text, "main.tf") {
        every(&below(&name), &body);
    }
}

fn every(name: &str, text: &str) {
    for format in FORMATS {
        read(format, name, text);
    }
}

/// Reads a text as one format, and checks every place; nothing if the format does not want it.
pub fn read(format: &Format, name: &str, text: &str) -> Option<Facts> {
    let file = File { id: SourceId(0), name, text };
    if !(format.wants)(&file) {
        return None;
    }
    let config = Config::default();
    let mut desk = Desk::new(file, &config, BOOK.engines(), BOOK.tables.names(), Beside(None));
    match format.read {
        Read::Text(read) => read(&mut desk),
        how => yaml::read(file.id, text).documents.iter().for_each(|document| desk.read(how, document)),
    }
    let facts = &desk.facts;
    for fact in &facts.images {
        let image = &fact.says;
        inside(text, fact.origin.span());
        fact.origin.road().for_each(|(_, span)| inside(text, span));
        for part in [&image.registry, &image.repository, &image.tag, &image.digest, &image.pull_policy] {
            part.iter().for_each(|part| stands(text, part));
        }
        image.fault.iter().for_each(|fault| stands(text, &fault.at));
    }
    for fact in &facts.actions {
        stands(text, &fact.says.name);
        fact.says.reference.iter().for_each(|part| stands(text, part));
    }
    for fact in &facts.charts {
        stands(text, &fact.says.name);
        fact.says.version.iter().for_each(|part| stands(text, part));
    }
    for fact in &facts.stages {
        let stage = &fact.says;
        let parts = [&stage.name, &stage.base, &stage.user].into_iter().flatten().chain(&stage.toolchain);
        parts.for_each(|part| stands(text, part));
        stage.arguments.iter().for_each(|argument| stands(text, &argument.name));
    }
    facts.recipes.iter().for_each(|fact| stands(text, &fact.says.text));
    facts.unread.iter().for_each(|unread| inside(text, unread.at));
    desk.problems.iter().filter_map(|problem| problem.at).for_each(|span| inside(text, span));
    Some(desk.facts)
}
