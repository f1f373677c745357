//! Templates, as each of the tools executes them: a text with its places, or a fault with one.

use super::places::{inside, stands_in};
use super::{files, text};
use pintle::testing::template::{Bounds, Set, Tool};
use pintle::testing::{Origin, Part, yaml};
use pintle::{SourceId, Span};

/// Less than a run allows: each text is tried for every tool.
fn bounds() -> Bounds {
    Bounds { steps: 5_000, bytes: 1 << 20, ..Bounds::default() }
}

/// The file `values` gives the values, the others are templates, and the first of them is executed.
pub fn templates(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut all = files(text, "main.tpl");
    all.sort_by_key(|(name, _)| name == "values");
    let body = |id: usize| all.get(id).map(|(_, body)| body.as_str());
    let text_of = |span: Span| body(span.source.0 as usize);
    for tool in [Tool::Helm, Tool::ArgoCd { strict: false }, Tool::ArgoCd { strict: true }, Tool::Helmfile] {
        let mut set = Set::new(tool);
        let mut first = None;
        let mut data = String::new();
        let mut source = SourceId(u32::MAX);
        for (at, (name, body)) in all.iter().enumerate() {
            let id = SourceId(at as u32);
            if name == "values" {
                (data, source) = (body.clone(), id);
                continue;
            }
            let part = Part::new(body.as_str(), Origin::verbatim(Span::new(id, 0, body.len())));
            match set.add(name, &part) {
                Ok(()) => first = first.or(Some(name)),
                Err(fault) => placed(&text_of, fault.at),
            }
        }
        let Some(first) = first else { continue };
        let values = yaml::read(source, &data).documents;
        let values = match values.first() {
            Some(document) => set.value(&document.root),
            None => pintle::testing::template::Value::Nil,
        };
        match set.execute(first, &values, bounds()) {
            Ok(rendered) => {
                let part = rendered.part();
                stands_in(&text_of, &part);
                rendered.guesses.iter().for_each(|guess| placed(&text_of, guess.at));
            }
            Err(fault) => placed(&text_of, fault.at),
        }
    }
}

fn placed<'t>(text_of: &dyn Fn(Span) -> Option<&'t str>, span: Span) {
    text_of(span).into_iter().for_each(|text| inside(text, span));
}
