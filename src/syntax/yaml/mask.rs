//! Template actions out of sight: `{{ … }}` replaced by as many bytes that YAML does not mind, so that a file
//! that is not rendered yet still gives what is literal in it, at its real places. Knows no template language
//! beyond where an action ends.

/// The byte that stands for each byte of an action with neighbours on its line.
const FILLER: u8 = b'x';

/// A text in which the actions are masked, and where they stood, in the order of the text.
pub(super) struct Masked {
    pub(super) bytes: Vec<u8>,
    pub(super) actions: Vec<(u32, u32)>,
}

/// Whether there is anything to mask.
pub(super) fn has_actions(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"{{").is_some()
}

/// Masks every action of a text. A line that holds nothing but actions becomes blank.
pub(super) fn mask(text: &str) -> Masked {
    let mut masked = Masked { bytes: text.as_bytes().to_vec(), actions: Vec::new() };
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&text.as_bytes()[at..], b"{{") {
        let start = at + found;
        let Some(end) = end_of_action(text.as_bytes(), start) else { break };
        masked.actions.push((start as u32, end as u32));
        let filler = if writes_lines(text, start, end) { b' ' } else { FILLER };
        fill(&mut masked.bytes[start..end], filler);
        at = end;
    }
    blank_lines(&mut masked);
    masked
}

/// Where the action that opens at `start` ends; strings, character constants and comments may hold a `}}`.
fn end_of_action(bytes: &[u8], start: usize) -> Option<usize> {
    let body = start + 2;
    let inner = bytes[body..].strip_prefix(b"-").unwrap_or(&bytes[body..]).trim_ascii_start();
    if inner.starts_with(b"/*") {
        let open = bytes.len() - inner.len();
        let close = open + memchr::memmem::find(inner, b"*/")?;
        return Some(close + memchr::memmem::find(&bytes[close..], b"}}")? + 2);
    }
    let (mut at, mut quote) = (body, None);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            (None, b'"' | b'`' | b'\'') => quote = Some(byte),
            (Some(b'"' | b'\''), b'\\') => at += 1,
            // Other template languages are freer with quotes; a quote that the line does not close is none.
            (Some(b'"' | b'\''), b'\n') => return unquoted_end(bytes, body),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
        at += 1;
    }
    unquoted_end(bytes, body)
}

fn unquoted_end(bytes: &[u8], body: usize) -> Option<usize> {
    memchr::memmem::find(&bytes[body..], b"}}").map(|at| body + at + 2)
}

/// Whether an action at the end of a line that says `key:` begins the lines below the key itself, as in
/// `labels: {{- include "labels" . | nindent 4 }}`; more of them may stand below it in the file.
fn writes_lines(text: &str, start: usize, end: usize) -> bool {
    let ends_line = text[end..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r']);
    ends_line
        && text[..start].trim_end_matches([' ', '\t']).ends_with(':')
        && text[start..end].contains("nindent ")
}

fn fill(action: &mut [u8], filler: u8) {
    for byte in action.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        *byte = filler;
    }
}

/// Turns the filler to spaces in lines that hold nothing else.
fn blank_lines(masked: &mut Masked) {
    let Masked { bytes, actions } = masked;
    let mut done = 0;
    for index in 0..actions.len() {
        let (start, end) = (actions[index].0 as usize, actions[index].1 as usize);
        let mut at = start.max(done);
        while at < end {
            let from = memchr::memrchr2(b'\n', b'\r', &bytes[..at]).map_or(0, |found| found + 1);
            let to = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            if only_blanks(&bytes[from..at]) && holds_only(&actions[index..], &bytes[..to], at) {
                bytes[from..to].iter_mut().filter(|byte| **byte != b'\t').for_each(|byte| *byte = b' ');
            }
            done = to;
            at = to + 1;
        }
    }
}

fn only_blanks(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Whether `bytes` hold nothing but blanks and these actions from `at` on, where the first of them is at work.
fn holds_only(actions: &[(u32, u32)], bytes: &[u8], at: usize) -> bool {
    let mut clear = at;
    for &(start, end) in actions.iter().take_while(|action| (action.0 as usize) < bytes.len()) {
        let start = start as usize;
        if start > clear && !only_blanks(&bytes[clear..start]) {
            return false;
        }
        clear = clear.max((end as usize).min(bytes.len()));
    }
    only_blanks(&bytes[clear..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_masked_byte_for_byte() {
        const TABLE: &[(&str, &str)] = &[
            ("a: {{ .x }}", "a: xxxxxxxx"),
            ("a:\n  {{- toYaml .x | nindent 2 }}\nb: 1", "a:\n                              \nb: 1"),
            ("a: \"{{ .x }}:1\"", "a: \"xxxxxxxx:1\""),
            ("{{ if a }} {{ end }}\n", "                    \n"),
            ("{{ if a }}b: 1{{ end }}\n", "xxxxxxxxxxb: 1xxxxxxxxx\n"),
            ("a: {{ f\n  g }}\nb: 1", "a: xxxx\n      \nb: 1"),
            ("a: {{ \"}}\" }}!", "a: xxxxxxxxxx!"),
            ("{{/* }} \" */}}\na: 1", "              \na: 1"),
            ("a: {{ it's }} b", "a: xxxxxxxxxx b"),
            ("a: {{ open", "a: {{ open"),
            ("a: {{- f | nindent 2 }}\n  b: 1", "a:                     \n  b: 1"),
            ("ключ: {{ \"ж\" }}", "ключ: xxxxxxxxxx"),
            ("x: y\r\n{{ a }}\r\nz: 1", "x: y\r\n       \r\nz: 1"),
        ];
        for (text, expected) in TABLE {
            let masked = mask(text);
            assert_eq!(String::from_utf8_lossy(&masked.bytes), *expected, "{text:?}");
            assert_eq!(masked.bytes.len(), text.len());
        }
    }
}
