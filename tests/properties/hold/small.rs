//! Readers of one text: YAML, references of images, the scan for secrets.

use super::places::{inside, stands};
use super::{BOOK, files, planted, text};
use pintle::testing::secrets::{Context, Trees, read as scan};
use pintle::testing::yaml::{read, read_embedded};
use pintle::testing::{File, Origin, Part, parse_reference};
use pintle::{Config, Redactor, SourceId, Span};

/// Every value is where its span says, and what is within it can be read.
pub fn yaml(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let yaml = read(SourceId(0), text);
    yaml.problems.iter().filter_map(|problem| problem.at).for_each(|span| inside(text, span));
    for document in yaml.documents {
        document.root.walk(&mut |_, node| {
            inside(text, node.span());
            let Some(value) = node.text() else { return true };
            match node.origin.editable() {
                Some(span) => assert_eq!(&text[span.range()], value),
                None => {
                    let within = read_embedded(value, &node.origin);
                    let spans = within.problems.iter().filter_map(|problem| problem.at);
                    spans.for_each(|span| inside(text, span));
                    for document in within.documents {
                        document.root.walk(&mut |_, node| {
                            inside(text, node.span());
                            true
                        });
                    }
                }
            }
            true
        });
    }
}

/// Every part of a reference is where it was written, and its rung can be told.
pub fn references(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let moves = BOOK.moves(&STRICT);
    for (at, line) in text.split('\n').enumerate().take(8) {
        let whole = Part::new(line, Origin::verbatim(Span::new(SourceId(at as u32), 0, line.len())));
        let image = parse_reference(&whole);
        for part in [&image.registry, &image.repository, &image.tag, &image.digest].into_iter().flatten() {
            stands(line, part);
        }
        image.fault.iter().for_each(|fault| stands(line, &fault.at));
        moves.pin(&image);
    }
}

static STRICT: std::sync::LazyLock<Config> = std::sync::LazyLock::new(Config::default);

/// What the scan finds has its place, is found again, and its value is in no sentence about it.
pub fn secrets(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    for (name, body) in files(&planted::in_place(text), "a.yaml") {
        let file = File { id: SourceId(0), name: &name, text: &body };
        let documents = if file.is_yaml() { read(file.id, &body).documents } else { Vec::new() };
        let look = || scan(&file, Trees::Read(&documents), &Context::new(&BOOK.tables));
        let (answer, again) = (look(), look());
        assert_eq!(format!("{:?}", answer.facts), format!("{:?}", again.facts));
        let redactor = Redactor::forms(&BOOK.tables);
        for fact in &answer.facts {
            let secret = &fact.says;
            inside(&body, fact.origin.span());
            stands(&body, &secret.value);
            secret.name.iter().for_each(|name| stands(&body, name));
            for sentence in secret.reasons.iter().chain([&secret.what, &secret.goes]) {
                // Keys are shown as they are, and where something is broken a value may be one.
                let last = fact.path.rsplit('.').next().unwrap_or_default();
                let names = [fact.path.as_str(), last].into_iter().filter(|name| !name.is_empty());
                let said = names.fold(sentence.to_string(), |said, name| said.replace(name, ""));
                planted::absent(&redactor.show(said), "a reason");
            }
        }
    }
}
