//! A job summary or a comment: counts first, then findings by rule, folded away.

use super::{Tally, Tell, count, live, page_url, tally, verdict};
use crate::finding::{Finding, Report, Severity, Weight};
use crate::limits::{MOST_PLACES, MOST_PLACES_OF_RULE};
use crate::redact::clean;
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let counts = Tally::of(report);
    let mut out = format!("## pintle: {}\n\n{}", verdict(&counts), tally::looked_at(report, tell));
    match tally::silenced(&counts) {
        none if none.is_empty() => out.push('\n'),
        some => out.push_str(&format!(" · {some}\n")),
    }
    // Writing to a String cannot fail.
    let fatal = report.problems.iter().filter(|problem| problem.weight == Weight::Fatal);
    for problem in fatal {
        let place = problem.at.map_or(String::new(), |at| format!("{}: ", escape(&tally::place(report, at))));
        let _ = writeln!(out, "\n**pintle could not do its work** {place}{}", escape(&problem.says));
    }
    let told = |weight: Weight| weight != Weight::Note && weight != Weight::Fatal;
    let others: Vec<_> = report.problems.iter().filter(|problem| told(problem.weight)).collect();
    if !others.is_empty() {
        out.push('\n');
    }
    for problem in others.iter().take(MOST_PLACES_OF_RULE) {
        let place = problem.at.map_or(String::new(), |at| format!("{}: ", escape(&tally::place(report, at))));
        let _ = writeln!(out, "- {place}{}", escape(&problem.says));
    }
    if others.len() > MOST_PLACES_OF_RULE {
        let _ = writeln!(out, "- and {}", count(others.len() - MOST_PLACES_OF_RULE, "more problem"));
    }
    let mut rules: BTreeMap<(std::cmp::Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    let live = live(report);
    for finding in &live {
        rules.entry((std::cmp::Reverse(finding.severity), &finding.rule)).or_default().push(finding);
    }
    let mut room = MOST_PLACES;
    for ((severity, rule), findings) in &rules {
        section(&mut out, report, tell, (severity.0, rule), findings, &mut room);
    }
    let not_read = tally::not_read(report, tell);
    if !not_read.is_empty() {
        let _ = writeln!(out, "\n<details><summary>Not read</summary>\n");
        for line in not_read {
            let _ = writeln!(out, "- {}", escape(line.trim_start()));
        }
        out.push_str("\n</details>\n");
    }
    out
}

fn section(
    out: &mut String,
    report: &Report,
    tell: &Tell,
    (severity, rule): (Severity, &str),
    findings: &[&Finding],
    room: &mut usize,
) {
    let page = tell.book.page(rule);
    let name = match page.and_then(page_url) {
        Some(url) => format!("<a href=\"{url}\">{}</a>", escape(rule)),
        None => escape(rule),
    };
    let title = page.map_or(String::new(), |page| format!(" {}", escape(&page.title)));
    let open = if severity == Severity::Error { " open" } else { "" };
    let _ = write!(
        out,
        "\n<details{open}><summary>{} × {} <b>{name}</b>{title}</summary>\n\n",
        findings.len(),
        severity.name()
    );
    let shown = findings.len().min(MOST_PLACES_OF_RULE).min(*room);
    *room -= shown;
    // One table for each help, for what fits one place does not fit another.
    let mut by_help: Vec<(Option<&str>, Vec<&Finding>)> = Vec::new();
    for finding in &findings[..shown] {
        let own = finding.help.as_deref();
        match by_help.iter_mut().find(|(help, _)| *help == own) {
            Some((_, told)) => told.push(finding),
            None => by_help.push((own, vec![finding])),
        }
    }
    for (own, told) in by_help {
        let by_page = page.map(|page| page.help.as_str()).filter(|help| !help.is_empty());
        if let Some(help) = own.or(by_page) {
            let _ = writeln!(out, "{}\n", escape(help));
        }
        out.push_str("| place | finding |\n|---|---|\n");
        for finding in told {
            let place = escape(&tally::place(report, finding.place()));
            let _ = writeln!(out, "| <code>{place}</code> | {} |", escape(&finding.says));
        }
        out.push('\n');
    }
    if findings.len() > shown {
        let _ = writeln!(out, "… and {}\n", count(findings.len() - shown, "more place"));
    }
    out.push_str("</details>\n");
}

/// Text that is nothing but text in Markdown: punctuation becomes references, which are never markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for c in clean(text).chars() {
        match c {
            '-' | '.' | '/' | ',' | ' ' => out.push(c),
            c if c.is_ascii_punctuation() => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;

    #[test]
    fn what_a_repository_says_is_never_markup() {
        assert_eq!(
            escape("<b>|`@x` [a](b) *c* ␊"),
            "&#60;b&#62;&#124;&#96;&#64;x&#96; &#91;a&#93;&#40;b&#41; &#42;c&#42; ␊"
        );
        let out = emit(&sample::everything(), &sample::tell());
        assert!(out.starts_with("## pintle: 4 errors in 4 files\n\n4 files read"), "{out}");
        assert!(!out.contains("<b>bad") && !out.contains("]]>"), "{out}");
        assert_eq!(out.matches("| <code>").count(), 4);
        assert_eq!(out.matches("<details").count(), out.matches("</details>").count());
    }

    #[test]
    fn a_summary_stays_within_its_megabyte() {
        let mut report = sample::everything();
        let template = report.findings[5].clone();
        for rule in 0..100 {
            let mut finding = template.clone();
            finding.rule = format!("rule-{rule}").into();
            report.findings.extend(std::iter::repeat_n(finding, 60));
        }
        assert!(emit(&report, &sample::tell()).len() < 1 << 20);
    }
}
