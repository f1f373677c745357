//! The data page about moving tags, read into [`Moves`]. Knows no tag itself.

use crate::facts::{Moves, TagPattern};
use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::Str;

/// Reads one list of `rules/data/moving-tags.md`.
pub(super) fn fill(moves: &mut Moves, name: &str, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let text = item.text().ok_or_else(|| "a text is expected here".to_string());
        let pattern = |tags: Str| match item.is_built_in() {
            true => Ok(TagPattern::tried(tags)),
            false => TagPattern::read(tags),
        };
        // Without a pattern, every tag is meant.
        let tags = || {
            let images = text.clone().ok().or_else(|| item.text_at("images"));
            let images =
                images.ok_or_else(|| "`images: name` and `tags: pattern` are expected here".to_string())?;
            Ok((images, item.text_at("tags").map(pattern).transpose()?))
        };
        let done = match name {
            "channels" => text.map(|word| moves.add_channel(&word)),
            "words" => text.map(|word| moves.add_word(&word)),
            "builds" => text.and_then(pattern).map(|tags| moves.add_build(tags)),
            "one-number" => named(&item, |name| moves.add_numbers(name, 1)),
            "two-numbers" => named(&item, |name| moves.add_numbers(name, 2)),
            "three-numbers" => named(&item, |name| moves.add_numbers(name, 3)),
            "official" => named(&item, |name| moves.add_official(name)),
            "immutable" => tags().map(|(images, tags)| moves.add_immutable(&images, tags)),
            "moving" => tags().map(|(images, tags)| moves.add_moving(&images, tags)),
            "mirrors" => mirror(&item).and_then(|(prefix, of, parts)| moves.add_mirror(&prefix, &of, parts)),
            other => Err(format!("`{other}` is no list of a data page")),
        };
        if let Err(says) = done {
            problems.push(Problem::fatal("rule-page", says, Some(item.span())));
        }
    }
}

/// One name, or several `names` that are `below` another.
fn named(item: &Front, mut add: impl FnMut(&str)) -> Result<(), String> {
    if let Some(name) = item.text() {
        add(&name);
        return Ok(());
    }
    let folder = item.text_at("below").zip(item.get("names").filter(|names| names.is_list()));
    let (folder, names) = folder.ok_or("a name is expected here, or `below: name` and `names: [name]`")?;
    for name in names.items() {
        let name = name.text().ok_or("a text is expected here")?;
        add(&format!("{folder}/{name}"));
    }
    Ok(())
}

/// `prefix: harbor.example/hub`, `for: docker.io`, and how many parts a name must have behind it.
fn mirror(item: &Front) -> Result<(Str, Str, usize), String> {
    let pair = item.text_at("prefix").zip(item.text_at("for"));
    let (prefix, of) = pair.ok_or("`prefix` and `for` are expected here")?;
    let parts = item.text_at("parts").map_or(Ok(1), |parts| parts.parse());
    parts.map(|parts| (prefix, of, parts)).map_err(|_| "`parts` is a number".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    /// The notion as the page has it.
    fn page() -> (Moves, Vec<Problem>) {
        let text = include_str!("../../rules/data/moving-tags.md");
        let front = text.split("---\n").nth(1).unwrap();
        let read = yaml::read(SourceId(0), front);
        assert_eq!(read.problems, []);
        filled(&Front::Read(read.documents[0].root.clone()))
    }

    fn filled(front: &Front) -> (Moves, Vec<Problem>) {
        let (mut moves, mut problems) = (Moves::default(), Vec::new());
        for (name, list) in front.get("data").unwrap().entries() {
            fill(&mut moves, &name.text().unwrap(), &list, &mut problems);
        }
        (moves, problems)
    }

    #[test]
    fn the_page_can_be_read() {
        assert_eq!(page().1, []);
    }

    #[test]
    fn what_cannot_be_read_has_its_place() {
        let text = "data:\n  builds: ['(']\n  moving:\n    - {tags: a}\n  whatever: [x]\n  two-numbers: [{below: a}]\n  channels: [{}]\n  mirrors: [{prefix: a}, {prefix: 'a/*', for: b}]\n";
        let read = yaml::read(SourceId(0), text);
        let (_, problems) = filled(&Front::Read(read.documents[0].root.clone()));
        let at: Vec<&str> = problems.iter().map(|problem| &text[problem.at.unwrap().range()]).collect();
        assert_eq!(at, ["(", "{tags: a}", "x", "{below: a}", "{}", "{prefix: a}", "{prefix: 'a/*', for: b}"]);
    }
}
