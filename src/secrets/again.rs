//! The same credential at other places of its file: who knows from one place what it is knows it of all.

use super::found::line_around;
use super::{assign, value, writing};
use crate::facts::{Evidence, Fact, Secret, Softer};
use crate::limits::{MOST_REPEATS, MOST_SOUGHT};
use crate::text::{File, Origin, Part, Span, Str};

/// A shorter value may be written by chance, or be a word.
const LEAST: usize = 10;
/// Longer ones have a form of their own, and are found everywhere by it.
const LONGEST: usize = 256;

/// Adds the places that nobody has told of. `facts` are sorted by their places.
pub(super) fn find(file: &File, facts: &mut Vec<Fact<Secret>>) {
    let mut values: Vec<usize> = (0..facts.len()).filter(|at| is_sought(&facts[*at].says)).collect();
    values.sort_by(|a, b| facts[*a].says.value.text.cmp(&facts[*b].says.value.text).then(a.cmp(b)));
    values.dedup_by(|b, a| facts[*a].says.value.text == facts[*b].says.value.text);
    values.truncate(MOST_SOUGHT);
    if values.is_empty() {
        return;
    }
    let known: Vec<Span> = facts.iter().map(|fact| fact.origin.span()).collect();
    let mut found = Vec::new();
    for at in values {
        let fact = &facts[at];
        let text = fact.says.value.text.as_str();
        let places = memchr::memmem::find_iter(file.text.as_bytes(), text.as_bytes()).take(MOST_REPEATS);
        for start in places.filter(|start| is_whole(file.text, *start, text.len())) {
            let span = Span::new(file.id, start, start + text.len());
            if known.iter().any(|other| other.start < span.end && span.start < other.end)
                || !is_in_use(file, start)
            {
                continue;
            }
            found.push(elsewhere(file, fact, span));
        }
    }
    if !found.is_empty() {
        facts.extend(found);
        facts.sort_by_key(|fact| (fact.origin.span(), fact.says.kind));
    }
}

/// Whether a value is surely one, and no word that may be there for something else.
fn is_sought(secret: &Secret) -> bool {
    let text = secret.value.text.as_str();
    let is_sure = match secret.evidence {
        Evidence::Form | Evidence::Random => true,
        Evidence::Human => text.bytes().any(|byte| byte.is_ascii_digit()) && !value::is_words(text),
        _ => false,
    };
    let is_plain = || !secret.kind.is_of_file() && !secret.kind.is_open() && secret.decoded.is_empty();
    is_sure && is_plain() && (LEAST..=LONGEST).contains(&text.len()) && !text.contains(['\n', ' '])
}

/// Whether a value ends where its letters do.
fn is_whole(text: &str, start: usize, length: usize) -> bool {
    let bytes = text.as_bytes();
    let is_letter =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    !is_letter(start.checked_sub(1)) && !is_letter(Some(start + length))
}

/// Whether nothing on the line says that it is something else there: a digest, the name of a file.
fn is_in_use(file: &File, at: usize) -> bool {
    let bytes = file.text.as_bytes();
    let before = &bytes[line_around(bytes, at, 120).start..at];
    let is_named = [&b"sha256:"[..], b"/", b"@"].iter().any(|end| before.ends_with(end));
    // What is written in an entity of XML is nobody's value.
    !is_named && memchr::memmem::find(before, b"<!ENTITY").is_none()
}

/// The same, there.
fn elsewhere(file: &File, fact: &Fact<Secret>, span: Span) -> Fact<Secret> {
    let origin = Origin::verbatim(span);
    let is_prose = writing::is_prose(file) || assign::is_comment(file, span.start as usize);
    let name = assign::name_before(file, span.start as usize);
    let mut says = fact.says.clone();
    says.value = Part::new(fact.says.value.text.clone(), origin.clone());
    says.softer = is_prose.then_some(Softer::Prose);
    says.reasons = vec![Str::new_static("the same value is told at another place of this file")];
    let path = name.as_ref().map_or(Str::default(), |name| name.text.clone());
    says.name = name;
    Fact { origin, path, owner: fact.owner.clone(), says }
}

#[cfg(test)]
mod tests {
    use super::super::context::Context;
    use super::super::read::{Trees, read};
    use super::super::recipe::expand;
    use super::super::tables::Tables;
    use crate::facts::Promise;
    use crate::text::{File, SourceId};

    #[test]
    fn a_credential_is_told_at_all_places_of_its_file() {
        let mut tables = Tables::default();
        tables.names_mut().add_words("token", &[], Promise::Strong);
        for (recipe, text, expected) in [
            ("{base62*20}9x", "TOKEN=@\nURL=https://shop/@/x?a=b\n", 1),
            ("{base62*20}9x", "TOKEN=@\nHOOK=\"hook:@\"\n# once @\nlonger: @x\n", 3),
            ("{base62*20}9x", "TOKEN=@\nTOKEN=@\n", 2),
            ("kestrel-lime-otter", "TOKEN=@\nNAME=@\n", 1),
            ("{base62*5}9", "TOKEN=@\nNAME=@\n", 1),
        ] {
            let text = text.replace('@', &expand(recipe, 1));
            let file = File { id: SourceId(0), name: "web.conf", text: &text };
            let facts = read(&file, Trees::Read(&[]), &Context::new(&tables)).facts;
            assert_eq!(facts.len(), expected, "{text}");
        }
    }
}
