//! What a change silences: told as findings of a rule of their own, which nothing in the change can silence. What such
//! things are in configuration, ignore files and rules, the engine says; of allow comments it is said here.

use super::silenced::{SILENCE, Silenced, Trust};
use super::{Bench, Remark, suppress};
use crate::finding::{Finding, Severity};
use crate::text::Lines;
use std::collections::BTreeMap;

/// Adds a finding for each thing that the change silences.
pub(super) fn tell(bench: &Bench, findings: &mut Vec<Finding>) {
    let Some(Silenced { trust, before, silences }) = bench.silenced else { return };
    let Some(page) = (bench.pages)(SILENCE).filter(|_| bench.scope.wants(SILENCE)) else { return };
    let (found, end) = match trust {
        Trust::Trusted => (page, ""),
        Trust::Untrusted => (page.max(Severity::Warning), "; it does not count"),
    };
    let mut times: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for silence in silences {
        let file = bench.sources.name(silence.at.source);
        let severity = super::severity(before, SILENCE, file, page, found);
        if severity == Severity::Off {
            continue;
        }
        let says = format!("{}{end}", silence.says);
        let time = times.entry((file, says.clone())).or_default();
        *time += 1;
        let path = if *time > 1 { format!("{says} ({time})") } else { says.clone() };
        findings.push(suppress::own(bench, SILENCE, severity, silence.at, (says, path)));
    }
}

/// Which of the allow comments of a text say what none of the text before the change said: of a comment counts what it
/// allows, and of which lines or that it speaks of the whole file. Where it is does not.
pub fn added((now, text): (&[Remark], &str), (before, old): (&[Remark], &str)) -> Vec<bool> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let lines = Lines::new(old);
    for remark in before {
        *known.entry(meaning(remark, old, &lines)).or_default() += 1;
    }
    let lines = Lines::new(text);
    let is_new = |remark: &Remark| match known.get_mut(&meaning(remark, text, &lines)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    now.iter().map(is_new).collect()
}

fn meaning(remark: &Remark, text: &str, lines: &Lines) -> String {
    let comment = text.get(remark.span.range()).unwrap_or_default().trim();
    match remark.lines {
        None => format!("file\n{comment}"),
        Some((first, last)) => {
            let spoken = (first..=last).map(|line| text[lines.range(line as usize, text)].trim());
            format!("lines\n{comment}\n{}", spoken.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// What an allow comment silences, for people.
pub fn said_of(remark: &Remark) -> String {
    let rules: Vec<String> = remark.rules.iter().map(|(rule, _)| format!("`{rule}`")).collect();
    let where_to = if remark.lines.is_none() { "in this file" } else { "here" };
    format!("the change allows {} {where_to}", rules.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::remarks;
    use crate::text::SourceId;

    #[test]
    fn a_comment_is_new_that_says_another_thing() {
        let allow = "# pintle: allow a (x)";
        for (before, now, expected) in [
            (format!("k: 1 {allow}\n"), format!("z: 0\nk: 1 {allow}\n"), vec![false]),
            (format!("k: 1 {allow}\n"), format!("k: 2 {allow}\n"), vec![true]),
            (format!("k: 1 {allow}\n"), format!("k: 1 {allow}\nk: 1 {allow}\n"), vec![false, true]),
            (format!("z: 0\n{allow}\nk: 1\n"), format!("z: 0\n{allow}\nl: 1\nk: 1\n"), vec![true]),
            (format!("z: 0\n{allow}\nk: 1\n"), format!("{allow}\nk: 1\n"), vec![true]),
            (format!("{allow}\nk: 1\n"), format!("{allow}\nl: 2\n"), vec![false]),
            (String::new(), "k: 1 # pintle: allow a, b until=2030-01-01\n".into(), vec![true]),
        ] {
            let read = |text: &str| remarks(SourceId(0), "a.yaml", text);
            let (old, new) = (read(&before), read(&now));
            assert_eq!(added((&new, &now), (&old, &before)), expected, "{before:?} → {now:?}");
        }
    }
}
