//! Comments that allow a finding on purpose: `# pintle: allow RULE, RULE (reason) until=2026-11-20`.

use crate::limits::LONGEST_REMARK;
use crate::text::{Date, Lines, SourceId, Span, Str, nearest};

/// One `pintle: allow` comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    pub span: Span,
    pub rules: Vec<(Str, Span)>,
    pub reason: Str,
    pub until: Result<Option<Date>, Span>,
    /// The lines (from 0, both included) it is about; nothing means the whole file.
    pub lines: Option<(u32, u32)>,
    /// A word that stands where `allow` should: such a comment allows nothing.
    pub instead: Option<(Str, Span)>,
}

/// Words by which others silence a finding. Any other word is no order, but prose.
const OTHERS: [&str; 7] = ["ignore", "disable", "skip", "off", "suppress", "exclude", "silence"];

/// The signs that begin a comment in the formats pintle reads.
const SIGNS: [&str; 8] = ["#", "//", "<!--", "--", ";", "/*", "*", "{{/*"];

/// Finds the allow comments of a text. Works on bytes of any format: the sign must stand before the word. In
/// Markdown only an HTML comment is one; the others stand in examples.
pub fn remarks(source: SourceId, name: &str, text: &str) -> Vec<Remark> {
    let signs: &[&str] = if name.ends_with(".md") { &["<!--"] } else { &SIGNS };
    let finder = memchr::memmem::find_iter(text.as_bytes(), "pintle:");
    let mut out = Vec::new();
    let mut lines = None;
    // Where the head of the file ends, and the last comments that were looked through, with the line behind them.
    let (mut head, mut run) = (None, (0, 0));
    for at in finder {
        let lines = lines.get_or_insert_with(|| Lines::new(text));
        let number = lines.line_of(at);
        let range = lines.range(number, text);
        let before = text[range.start..at].trim_end();
        let Some(sign) = signs.iter().filter(|sign| before.ends_with(*sign)).max_by_key(|sign| sign.len())
        else {
            continue;
        };
        let content = &before[..before.len() - sign.len()];
        if !(content.is_empty() || content.ends_with([' ', '\t'])) {
            continue;
        }
        let rest_at = at + "pintle:".len();
        let most = range.end.min(rest_at + LONGEST_REMARK);
        let end = (rest_at..=most).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(rest_at);
        let rest = &text[rest_at..end];
        let word = order(rest);
        let list = &rest.trim_start()[word.len()..];
        let is_whole = list.is_empty() || list.starts_with([' ', '\t', '\r', '(', '=', ':']);
        if !is_whole || word != "allow" && !is_meant(word) {
            continue;
        }
        let list_at = end - list.len();
        let alone = content.trim().is_empty();
        let about = if !alone {
            Some((number as u32, number as u32))
        } else if number <= *head.get_or_insert_with(|| head_of(text, lines)) {
            None
        } else {
            if !(run.0..run.1).contains(&number) {
                run = (number, next_line(text, lines, number).unwrap_or(usize::MAX));
            }
            let about = if run.1 == usize::MAX { number } else { run.1 };
            Some((number as u32, about as u32))
        };
        let start = range.start + content.len();
        let span = Span::new(source, start, range.end);
        let mut remark = parse(source, list, list_at, span, about);
        if word != "allow" {
            remark.rules.clear();
            remark.instead = Some((word.into(), Span::new(source, list_at - word.len(), list_at)));
        }
        out.push(remark);
    }
    out
}

/// The word behind `pintle:`.
fn order(rest: &str) -> &str {
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

/// Whether who wrote a word wanted something silenced: a slip of the pen, or the word of another tool.
fn is_meant(word: &str) -> bool {
    let is_prose = ["allows", "allowed"].contains(&word) || !word.starts_with('a');
    OTHERS.contains(&word) || !is_prose && nearest(word, &["allow"]).is_some()
}

/// The first line that is neither comment nor blank nor the mark of a document.
fn head_of(text: &str, lines: &Lines) -> usize {
    let is_head = |number: &usize| {
        let line = text[lines.range(*number, text)].trim();
        line.is_empty()
            || line == "---"
            || line.starts_with("#!")
            || SIGNS.iter().any(|sign| line.starts_with(sign))
    };
    (0..lines.count()).take_while(is_head).count()
}

/// The line that a comment on a line of its own speaks of: the next that is no such comment itself.
fn next_line(text: &str, lines: &Lines, number: usize) -> Option<usize> {
    let is_comment =
        |line: &str| SIGNS.iter().any(|sign| line.starts_with(sign) && *sign != "--" && *sign != "*");
    (number + 1..lines.count()).find(|&next| !is_comment(text[lines.range(next, text)].trim_start()))
}

fn parse(source: SourceId, list: &str, list_at: usize, span: Span, lines: Option<(u32, u32)>) -> Remark {
    let list =
        list.trim_end().trim_end_matches("-->").trim_end_matches("*/}}").trim_end_matches("*/").trim_end();
    let mut remark =
        Remark { span, rules: Vec::new(), reason: Str::default(), until: Ok(None), lines, instead: None };
    let names_end = list
        .find(['(', '='])
        .map_or(list.len(), |end| if list[..end].ends_with("until") { end - "until".len() } else { end });
    let mut at = 0;
    for word in list[..names_end].split([',', ' ', '\t']) {
        if !word.is_empty() {
            remark.rules.push((word.into(), Span::new(source, list_at + at, list_at + at + word.len())));
        }
        at += word.len() + 1;
    }
    if let Some(open) = list.find('(') {
        let close = list[open..].rfind(')').map_or(list.len(), |close| open + close);
        remark.reason = list[open + 1..close].trim().into();
    }
    if let Some(until) = list.find("until=") {
        let word = list[until + 6..].split([' ', '\t', ')']).next().unwrap_or("");
        let place = Span::new(source, list_at + until + 6, list_at + until + 6 + word.len());
        remark.until = Date::parse(word).map(Some).ok_or(place);
    }
    remark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_every_format_are_read() {
        for (text, rules, reason, lines) in [
            (
                "a: 1\nimage: x # pintle: allow image-latest, image-untagged (no need)\n",
                vec!["image-latest", "image-untagged"],
                "no need",
                Some((1, 1)),
            ),
            (
                "a: 1\n# pintle: allow image-latest (why) until=2030-01-01\n# more\nb: 2\n",
                vec!["image-latest"],
                "why",
                Some((1, 3)),
            ),
            ("# pintle: allow image-latest\na: 1\n", vec!["image-latest"], "", None),
            ("x\n// pintle: allow a\ny\n", vec!["a"], "", Some((1, 2))),
            ("x\n<!-- pintle: allow a (b) -->\ny\n", vec!["a"], "b", Some((1, 2))),
            ("x\n{{/* pintle: allow a */}}\ny\n", vec!["a"], "", Some((1, 2))),
            ("x\n/* pintle: allow a */\ny\n", vec!["a"], "", Some((1, 2))),
        ] {
            let found = remarks(SourceId(0), "a.yaml", text);
            let [remark] = found.as_slice() else { panic!("{text}: {found:?}") };
            let names: Vec<&str> = remark.rules.iter().map(|(rule, _)| rule.as_str()).collect();
            assert_eq!((names, remark.reason.as_str(), remark.lines), (rules, reason, lines), "{text}");
            for (rule, span) in &remark.rules {
                assert_eq!(&text[span.range()], rule.as_str());
            }
        }
        for quiet in [
            "pintle: allow x\n",
            "a: \"pintle: allow x\"\n",
            "url#pintle: allow x\n",
            "# pintle: allowed\n",
            "a: \"x\\n// pintle: allow x\"\n",
            "# pintle is good\n",
            "# pintle: allow-lists are no lists\n",
            "# pintle: follow the documentation\n",
            "# pintle: allows this\n",
        ] {
            assert_eq!(remarks(SourceId(0), "a.yaml", quiet), [], "{quiet}");
        }
    }

    #[test]
    fn what_was_meant_as_an_allow_and_is_none_is_kept_to_be_told() {
        for (text, instead) in [
            ("a: 1 # pintle: allow\n", None),
            ("a: 1 # pintle: allow(a)\n", None),
            ("a: 1 # pintle: alow a\n", Some("alow")),
            ("a: 1 # pintle: ignore a\n", Some("ignore")),
            ("a: 1 # pintle: disable=a\n", Some("disable")),
        ] {
            let found = remarks(SourceId(0), "a.yaml", text);
            let [remark] = found.as_slice() else { panic!("{text}: {found:?}") };
            assert_eq!(remark.rules, [], "{text}");
            assert_eq!(remark.instead.as_ref().map(|(word, _)| word.as_str()), instead, "{text}");
        }
    }
}
