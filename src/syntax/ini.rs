//! Files of `[Section]` and `Key=value`, as systemd reads them: comments at the start of lines, values that go on
//! behind a backslash.

use super::expand::Weaver;
use crate::text::{Origin, Part, SourceId, Span};

/// One `Key=value` with the section it stands in.
#[derive(Debug)]
pub struct Entry {
    pub section: Part,
    pub key: Part,
    pub value: Part,
}

/// Reads every entry, in the order of the text; what is no entry is passed over.
pub fn read(source: SourceId, text: &str) -> Vec<Entry> {
    let mut out = Vec::new();
    let part = |start: usize, end: usize| {
        Part::new(&text[start..end], Origin::verbatim(Span::new(source, start, end)))
    };
    let mut section = part(0, 0);
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end_matches(['\n', '\r'])))
    });
    while let Some((start, line)) = lines.next() {
        let content = line.trim_start_matches('\u{feff}');
        let start = start + line.len() - content.len();
        if let Some(name) = content.trim().strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            let at = start + content.find('[').map_or(0, |at| at + 1);
            section = part(at, at + name.len());
            continue;
        }
        if content.trim_start().starts_with(['#', ';']) {
            continue;
        }
        let Some(sign) = content.find('=') else { continue };
        let key_start = start + (content.len() - content.trim_start().len());
        let key = part(key_start, key_start.max(start + content[..sign].trim_end().len()));
        let mut value = Weaver::default();
        let (mut at, mut rest) = (start + sign + 1, &content[sign + 1..]);
        loop {
            let goes_on = rest.trim_end().strip_suffix('\\');
            let kept = goes_on.unwrap_or(rest);
            let lead = if value.is_empty() { kept.len() - kept.trim_start().len() } else { 0 };
            let end = if goes_on.is_some() { kept.len() } else { kept.trim_end().len() };
            value.push(part(at + lead.min(end), at + end));
            match goes_on.and_then(|_| lines.next()) {
                Some((start, line)) => (at, rest) = (start, line),
                None => break,
            }
        }
        let span = Span::new(source, start + sign + 1, start + content.len());
        out.push(Entry { section: section.clone(), key, value: value.finish(span) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_places() {
        let text = "# c\n[Unit]\nA = b c \r\n;x=1\n[ Container ]\nImage=a:1\nExec=x \\\n  y\nnothing\nEmpty=\nLast=z\\";
        let got: Vec<String> = read(SourceId(0), text)
            .iter()
            .map(|entry| {
                for part in [&entry.section, &entry.key, &entry.value] {
                    if let Some(span) = part.origin.editable() {
                        assert_eq!(&text[span.range()], part.text);
                    }
                }
                format!("{}.{}={}", entry.section.text, entry.key.text, entry.value.text)
            })
            .collect();
        assert_eq!(
            got,
            [
                "Unit.A=b c",
                " Container .Image=a:1",
                " Container .Exec=x   y",
                " Container .Empty=",
                " Container .Last=z"
            ]
        );
    }
}
