//! The one door: a file to its secret facts. The run, the history, what `render` covers and the tests all ask here.

use super::context::Context;
use super::found::{Found, whole_file};
use super::stops::{Reader, Stops};
use super::tables::Tables;
use super::writing::Writing;
use super::{
    again, assign, decode, excuse, files, guess, halves, merge, obscured, scan, softer, sops, structure,
    tokens, urls, web_tokens, writing,
};
use crate::facts::{Evidence, Exempt, Fact, Giving, Keeping, Secret};
use crate::syntax::Document;
use crate::syntax::yaml::Yaml;
use crate::text::{File, Origin, Part, SourceId, Span, Str};
use std::ops::Range;

/// The documents of a file.
pub enum Trees<'a> {
    /// Somebody has read them already.
    Read(&'a [Document]),
    /// The same, of a text of which some could not be read.
    Broken(&'a [Document]),
    /// They are read where a credential may stand in one.
    Unread(&'a dyn Fn() -> Yaml),
}

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Answer {
    pub facts: Vec<Fact<Secret>>,
    /// What looks like one by its name and is none.
    pub exempts: Vec<Exempt>,
    /// What was read for it, if it was [`Trees::Unread`].
    pub yaml: Option<Yaml>,
}

/// Every credential of a file: by its bytes, by its structure and by its name. Time is linear in the text.
pub fn read(file: &File, trees: Trees, context: &Context) -> Answer {
    let keeping = context.keeping.or_else(|| is_of_chart_test(file.name).then_some(Keeping::Tests));
    let context = &Context { keeping, ..*context };
    let mut facts = Vec::new();
    let mut owner = None;
    let mut exempts = Vec::new();
    let mut push = |found: Found| match found.exempt(Str::default()) {
        Some(exempt) => exempts.push(exempt),
        None => facts.push(found.fact(owner.get_or_insert_with(|| whole_file(file)))),
    };
    // How the file is written, and where it is worth a look, is asked once for all.
    let (writing, mut stops) = (writing::writing(file), Stops::default());
    scan::scan(file, writing, context, &mut stops, &mut push);
    files::committed(file, context.tables.names()).into_iter().for_each(&mut push);
    let yaml = match trees {
        Trees::Unread(read) if structure::wants(file, context, &stops) => Some(read()),
        _ => None,
    };
    let documents = match (&trees, &yaml) {
        (Trees::Read(documents) | Trees::Broken(documents), _) => Some(*documents),
        (_, Some(yaml)) => Some(&*yaml.documents),
        _ => None,
    };
    // What no tree is made of is read line by line; what both see becomes one fact.
    let is_broken = matches!(trees, Trees::Broken(_)) || yaml.as_ref().is_some_and(Yaml::is_broken);
    if is_broken {
        assign::find_lines(file, context, &stops.hits, &mut push);
    }
    if writing == Writing::Bare && sops::has_lines(&stops) {
        sops::lines(file, &mut facts);
    }
    let documents = documents.unwrap_or_default();
    facts.extend(sops::not_encrypted(&context.promises.creations, context.tables.names(), file, documents));
    facts.extend(sops::differs(&context.promises.creations, file, documents));
    structure::read_documents(file, documents, context, &mut facts, &mut exempts);
    // Those in programs are what tests hand to other programs.
    let is_loose = is_broken || documents.is_empty() && !file.is_yaml();
    if is_loose && writing != Writing::Program && stops.holds(Reader::Loose, structure::KIND, file.text) {
        structure::read_loose(file, context, &mut facts, &mut exempts);
    }
    merge::merge(&mut facts);
    halves::settle(file, &mut facts, &mut exempts);
    web_tokens::settle(file, context, &mut facts);
    obscured::settle(file, &mut facts);
    halves::leave_anonymous(file, &mut facts, &mut exempts);
    guess::soften(file, context, &mut facts);
    again::find(file, &mut facts);
    softer::soften(file, context, &mut facts);
    excuse::settle(&mut exempts, &facts);
    Answer { facts, exempts, yaml }
}

/// The files that a kustomization makes Secrets of.
pub fn givings(file: &File, documents: &[Document]) -> Vec<Fact<Giving>> {
    structure::givings(file, documents)
}

/// What else of a file is secret because a Secret is made of it.
pub fn read_given(file: &File, giving: &Giving, context: &Context) -> Answer {
    let mut answer = Answer::default();
    structure::read_given(file, giving, context, &mut answer.facts, &mut answer.exempts);
    merge::merge(&mut answer.facts);
    halves::settle(file, &mut answer.facts, &mut answer.exempts);
    guess::soften(file, context, &mut answer.facts);
    softer::soften(file, context, &mut answer.facts);
    excuse::settle(&mut answer.exempts, &answer.facts);
    answer
}

/// The same of a file that is no text: what has a form of its own, and what the file's name says.
pub fn read_forms(file: &File, context: &Context) -> Vec<Fact<Secret>> {
    let (mut facts, owner) = (Vec::new(), whole_file(file));
    let mut push = |found: Found| facts.push(found.fact(&owner));
    scan::forms(file, context.tables, &mut push);
    // By its name alone: what it holds are no lines.
    files::committed(&File { text: "", ..*file }, context.tables.names()).into_iter().for_each(&mut push);
    merge::merge(&mut facts);
    softer::soften(file, context, &mut facts);
    facts
}

/// Whether it is worth making a text of bytes that are none, so that [`read_forms`] can read it: of most pictures and archives it is
/// not, and then they hold what an empty file of their name does.
pub fn may_hold_forms(bytes: &[u8], context: &Context) -> bool {
    scan::may_hold_forms(bytes, context.tables)
}

/// Where a text that is no file holds what has a form of its own: vendors' tokens, keys, passwords in addresses.
pub fn forms_in(text: &str, tables: &Tables) -> Vec<Range<usize>> {
    let mut found = forms_beside(text, tables);
    let file = File { id: SourceId(0), name: "", text };
    scan::forms(&file, tables, &mut |form: Found| found.extend(sure(&form)));
    found
}

/// The same without the tokens and keys that are looked for in every file: passwords in addresses, which nobody looks for in what
/// is no text, and parts of longer words that have the form of a token. In a file such a word is something else, or nothing
/// that opens anything; in what is shown it is covered all the same.
pub fn forms_beside(text: &str, tables: &Tables) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let part = |range: Range<usize>| {
        let span = Span::new(SourceId(0), range.start, range.end);
        Part::new(&text[range], Origin::verbatim(span))
    };
    urls::find_in(text, part, &mut |form: Found| found.extend(sure(&form)));
    tokens::within_words(text, tables, |range| found.push(range));
    found
}

fn sure(form: &Found) -> Option<Range<usize>> {
    let is_sure = !matches!(form.evidence, Evidence::Weak(_) | Evidence::Doubtful);
    is_sure.then(|| form.value.span().range())
}

/// What base64 of a printable text says.
pub fn decoded(encoded: &str) -> Option<String> {
    decode::text(encoded)
}

/// Whether a file holds the values with which a chart is tried out: `charts/db/ci/tls-values.yaml`.
fn is_of_chart_test(name: &str) -> bool {
    let Some((folder, base)) = name.rsplit_once('/') else { return false };
    folder.rsplit('/').next() == Some("ci")
        && base.contains("values")
        && (base.ends_with(".yaml") || base.ends_with(".yml"))
}

#[cfg(test)]
mod tests {
    use super::super::walk::WALKED;
    use super::*;
    use crate::facts::Promise;

    /// Of every kind of file: what all readers together look for, and a little more.
    #[test]
    fn a_text_is_walked_over_once() {
        let mut tables = Tables::default();
        tables.names_mut().add_words("password", &[], Promise::Strong);
        let line =
            "see https://example.org 100%25 \\u0041 curl -u x:y --password moon; password = \"moon\"; \\n\n";
        let text = line.repeat(100);
        for name in ["a.c", "a.sh", "a.yaml", "a.md", "a.tf", "a.sql", "a.xml", ".env", "a.j2", "a.lock", "a"]
        {
            WALKED.set(0);
            let file = File { id: SourceId(0), name, text: &text };
            let answer = read(&file, Trees::Read(&[]), &Context::new(&tables));
            assert_eq!(WALKED.get(), text.len(), "{name}: {} facts", answer.facts.len());
        }
    }
}
