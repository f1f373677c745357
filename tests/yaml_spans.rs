//! What must hold of every tree, whatever the text: spans stand in the text and nest, and what they cover spells
//! the value, by a decoder that shares no line with the reader's.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod yaml_support;

use pintle::testing::yaml::{Yaml, read, read_embedded};
use pintle::testing::{Node, Scalar, Style, Value};
use pintle::{SourceId, Span};
use yaml_support::{Chance, Sample, mutate, samples};

#[derive(Default, Debug)]
struct Tally {
    texts: usize,
    documents: usize,
    scalars: usize,
    woven: usize,
    slices: usize,
    embedded: usize,
    holes: usize,
    second_reader: usize,
    masked: usize,
    problems: usize,
}

#[test]
fn every_value_stands_where_its_span_says() {
    let mut tally = Tally::default();
    for Sample { name, text } in samples() {
        check(&name, &text, &mut tally);
    }
    eprintln!("{tally:?}");
    assert!(
        tally.scalars > 100 && tally.woven > 10 && tally.second_reader > 0 && tally.holes > 0,
        "{tally:?}"
    );
}

#[test]
fn broken_texts_keep_their_spans() {
    let samples = samples();
    let count = std::env::var("PINTLE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let (mut chance, mut tally) = (Chance(42), Tally::default());
    for at in 0..count {
        let sample = &samples[chance.below(samples.len())];
        let broken = mutate(&sample.text, &mut chance);
        check(&format!("{} mutation {at}", sample.name), &broken, &mut tally);
    }
    eprintln!("{tally:?}");
    assert_eq!(tally.texts, count);
}

fn check(name: &str, text: &str, tally: &mut Tally) {
    let yaml = read(SourceId(5), text);
    let place = |what: &str, span: Span| format!("{what} at {span:?} of {name}:\n{text}");
    tally.texts += 1;
    tally.documents += yaml.documents.len();
    tally.second_reader += yaml.second_reader;
    tally.masked += usize::from(yaml.masked);
    tally.problems += yaml.problems.len();
    for at in yaml.problems.iter().filter_map(|problem| problem.at) {
        assert!(text.get(at.range()).is_some(), "{}", place("a problem", at));
    }
    for document in &yaml.documents {
        let mut last = 0;
        for remark in &document.remarks {
            let span = remark.span;
            assert_eq!(text.get(span.range()), Some(remark.text.as_str()), "{}", place("a remark", span));
            assert!(remark.text.starts_with('#') && span.start >= last, "{}", place("a remark", span));
            last = span.end;
        }
        node(&document.root, None, text, &yaml, &place, tally);
    }
}

fn node(
    node: &Node,
    parent: Option<Span>,
    text: &str,
    yaml: &Yaml,
    place: &dyn Fn(&str, Span) -> String,
    tally: &mut Tally,
) {
    let span = node.span();
    assert_eq!(span.source, SourceId(5));
    assert!(span.start <= span.end, "{}", place("a span", span));
    let Some(written) = text.get(span.range()) else { panic!("{}", place("a span off the text", span)) };
    // What came through an alias or a merge key stands elsewhere.
    let travelled = node.origin.road().next().is_some();
    if let Some(parent) = parent.filter(|_| !travelled) {
        assert!(parent.covers(span), "{}", place(&format!("not within {parent:?}:"), span));
    }
    match &node.value {
        Value::Null => {}
        Value::Hole => tally.holes += 1,
        Value::Scalar(scalar) => {
            tally.scalars += 1;
            self::scalar(node, scalar, written, text, yaml, place, tally);
        }
        Value::List(items) => {
            in_order(items.iter(), place);
            items.iter().for_each(|item| self::node(item, Some(span), text, yaml, place, tally));
        }
        Value::Map(entries) => {
            in_order(entries.iter().flat_map(|(key, value)| [key, value]), place);
            for (key, value) in entries.iter() {
                self::node(key, Some(span), text, yaml, place, tally);
                self::node(value, Some(span), text, yaml, place, tally);
            }
        }
    }
}

fn in_order<'a>(nodes: impl Iterator<Item = &'a Node>, place: &dyn Fn(&str, Span) -> String) {
    let mut end = 0;
    for node in nodes.filter(|node| node.origin.road().next().is_none()) {
        assert!(node.span().start >= end, "{}", place("out of order:", node.span()));
        end = node.span().end;
    }
}

fn scalar(
    node: &Node,
    scalar: &Scalar,
    written: &str,
    text: &str,
    yaml: &Yaml,
    place: &dyn Fn(&str, Span) -> String,
    tally: &mut Tally,
) {
    let (value, span) = (scalar.text.as_str(), node.span());
    if node.origin.editable().is_some() {
        assert_eq!(written, value, "{}", place("not verbatim:", span));
    } else if !(yaml.masked && written.contains("{{")) {
        let decoded = decode(written, scalar.style);
        assert!(
            decoded.iter().any(|decoded| decoded == value),
            "{decoded:?} is not {value:?} {}",
            place("", span)
        );
    }
    if !node.origin.is_exact() || node.origin.editable().is_some() {
        return;
    }
    tally.woven += 1;
    for (at, letter) in value.char_indices().take(400) {
        tally.slices += 1;
        let cut = node.origin.slice(at..at + letter.len_utf8(), value.len());
        assert!(span.covers(cut.span()), "{}", place("a slice outside", cut.span()));
        let there = text.get(cut.span().range());
        assert!(there.is_some(), "{}", place("a slice off the text", cut.span()));
        if cut.editable().is_some() {
            assert_eq!(there, value.get(at..at + letter.len_utf8()), "{}", place("a slice", cut.span()));
        }
    }
    if value.len() < 20_000 && value.contains(':') {
        embedded(value, node, text, place, tally);
    }
}

/// A text within a text: whatever it reads as, verbatim values stand in the real file.
fn embedded(value: &str, node: &Node, text: &str, place: &dyn Fn(&str, Span) -> String, tally: &mut Tally) {
    for document in read_embedded(value, &node.origin).documents {
        tally.embedded += 1;
        document.root.walk(&mut |_, inner| {
            let span = inner.span();
            assert!(text.get(span.range()).is_some(), "{}", place("an embedded span off the text", span));
            if let (Some(found), Some(_)) = (inner.text(), inner.origin.editable()) {
                assert_eq!(&text[span.range()], found, "{}", place("embedded", span));
            }
            true
        });
    }
}

/// What a token spells. A block scalar that says how deep it is indented, but not from where, has several answers.
fn decode(token: &str, style: Style) -> Vec<String> {
    let lines = |text: &str| -> Vec<String> {
        text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
    };
    match style {
        Style::Plain => vec![join(&lines(token), "\n")],
        Style::Single => {
            let inner = &token[1..token.len() - 1];
            vec![join(&lines(inner), "\n").replace("''", "'")]
        }
        Style::Double => vec![unescape(&join(&lines(&token[1..token.len() - 1]), "\\"))],
        Style::Literal | Style::Folded => {
            let lines = lines(token);
            let header = lines[0].split([' ', '\t', '#']).next().unwrap();
            let body: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
            let deepest =
                body.iter().map(|line| line.len() - line.trim_start_matches(' ').len()).max().unwrap_or(0);
            let first = body.iter().find(|line| !line.trim_matches(' ').is_empty());
            let first = first.map(|line| line.len() - line.trim_start_matches(' ').len());
            let given = header.contains(|letter: char| letter.is_ascii_digit());
            let indents =
                if given { (1..=deepest.max(1)).collect() } else { vec![first.unwrap_or(deepest).max(1)] };
            indents
                .into_iter()
                .map(|indent| unblock(&body, indent, header, style))
                .chain(body.is_empty().then(String::new))
                .collect()
        }
    }
}

/// Joins lines: one break is a space, more are one less. `glue` is what a line may end in to be joined without.
fn join(lines: &[String], glue: &str) -> String {
    let mut out = String::new();
    let mut breaks = 0;
    for (at, line) in lines.iter().enumerate() {
        let (first, last) = (at == 0, at + 1 == lines.len());
        let mut line = line.as_str();
        if !first {
            line = line.trim_start_matches([' ', '\t']);
        }
        let odd = line.len() - line.trim_end_matches('\\').len();
        let glued = glue == "\\" && odd % 2 == 1 && !last;
        if glued {
            line = &line[..line.len() - 1];
        } else if !last {
            let kept = line.trim_end_matches([' ', '\t']);
            // An escaped blank at the end of a line stays.
            let escaped = glue == "\\" && (kept.len() - kept.trim_end_matches('\\').len()) % 2 == 1;
            line = if escaped { &line[..kept.len() + 1] } else { kept };
        }
        if !first && (!line.is_empty() || last || glued) {
            match breaks {
                0 => {}
                1 => out.push(' '),
                more => (1..more).for_each(|_| out.push('\n')),
            }
            breaks = 0;
        }
        out.push_str(line);
        // After a glued line every further break counts.
        breaks = if glued { -1 } else { breaks } + 1;
        if glued
            && lines.get(at + 1).is_some_and(|next| next.trim_matches([' ', '\t']).is_empty())
            && at + 2 < lines.len()
        {
            breaks += 1;
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut out: Vec<u16> = Vec::new();
    let mut letters = text.chars();
    let mut push = |letter: char| out.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
    let mut halves: Vec<u16> = Vec::new();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            push(letter);
            continue;
        }
        let sign = letters.next().unwrap_or('\\');
        let digits = match sign {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = u32::from_str_radix(&letters.by_ref().take(digits).collect::<String>(), 16).unwrap();
            match (halves.pop(), char::from_u32(code)) {
                (None, Some(letter)) => push(letter),
                (None, None) => halves.push(code as u16),
                (Some(high), _) => push(char::decode_utf16([high, code as u16]).next().unwrap().unwrap()),
            }
            continue;
        }
        let from = "0abtnvfreN_LP";
        let to = "\0\u{7}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{85}\u{a0}\u{2028}\u{2029}";
        push(from.find(sign).map_or(sign, |at| to.chars().nth(at).unwrap()));
    }
    String::from_utf16(&out).unwrap()
}

fn unblock(body: &[&str], indent: usize, header: &str, style: Style) -> String {
    let lines: Vec<&str> = body
        .iter()
        .map(|line| line.get(indent.min(line.len() - line.trim_start_matches(' ').len())..).unwrap())
        .collect();
    let full = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    let mut out = String::new();
    let mut at = 0;
    while at < full {
        out.push_str(lines[at]);
        let blank = lines[at + 1..full].iter().take_while(|line| line.is_empty()).count();
        let deeper = |line: &str| line.starts_with([' ', '\t']);
        let next = at + 1 + blank;
        if next >= full {
            break;
        }
        let folds =
            style == Style::Folded && !lines[at].is_empty() && !deeper(lines[at]) && !deeper(lines[next]);
        match (folds, blank) {
            (true, 0) => out.push(' '),
            (true, blank) => out.push_str(&"\n".repeat(blank)),
            (false, blank) => out.push_str(&"\n".repeat(blank + 1)),
        }
        at = next;
    }
    let tail = if full == 0 { lines.len().saturating_sub(1) } else { lines.len() - full };
    let tail = match header.contains('+') {
        true => tail,
        false if header.contains('-') || full == 0 => 0,
        false => tail.min(1),
    };
    out + &"\n".repeat(tail)
}
