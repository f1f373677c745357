//! Forms: what stands in a text for a value that somebody else puts there. Finds them by their signs, whatever tool
//! they are of, and marks them as holes; fills none. Formats call this once, where they are handed a text.

use super::{Document, Node, Scalar, Value};
use crate::text::{Hole, Part, Reason};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// What forms begin with.
const SIGNS: [char; 6] = ['$', '{', '[', '<', '#', '%'];

/// Whether a text may hold a form: it has a sign with which one begins.
pub(super) fn may_hold(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr3(b'$', b'{', b'%', bytes).is_some() || memchr::memchr3(b'[', b'<', b'#', bytes).is_some()
}

/// The text with every form in it marked. What is marked already stays as it is.
pub fn marked(part: &Part) -> Cow<'_, Part> {
    if !may_hold(&part.text) {
        return Cow::Borrowed(part);
    }
    let settled = part.settled();
    let mut found = find(&part.text, &settled);
    if found.is_empty() {
        return Cow::Borrowed(part);
    }
    let known = part.holes();
    found.extend(known.into_iter().map(|(range, hole)| (range, hole.clone())));
    found.sort_by_key(|(range, _)| range.start);
    Cow::Owned(part.with_holes(&found))
}

/// The document with every form in its texts marked.
pub fn marked_document(document: &Document) -> Cow<'_, Document> {
    match marked_tree(&document.root) {
        Cow::Owned(root) => Cow::Owned(Document { root, remarks: document.remarks.clone() }),
        Cow::Borrowed(_) => Cow::Borrowed(document),
    }
}

/// The tree with every form in its texts marked. A text of several lines is left alone: it holds a document of its
/// own, whose reader comes here again.
pub fn marked_tree(root: &Node) -> Cow<'_, Node> {
    // What has lines is a text of its own, marked by whoever reads it.
    let mut mark = |part: &Part| match part.text.contains('\n') {
        true => None,
        false => match marked(part) {
            Cow::Owned(part) => Some(part),
            Cow::Borrowed(_) => None,
        },
    };
    map_texts(root, &mut mark).map_or(Cow::Borrowed(root), Cow::Owned)
}

/// Whether a comment of a template of Go begins on a line.
pub fn opens_comment(line: &str) -> bool {
    line.contains("{{/*") || line.contains("{{- /*")
}

/// The tree with every text changed that may hold a form; nothing if `change` gives nothing for all of them. Keys stay.
pub fn map_texts(node: &Node, change: &mut dyn FnMut(&Part) -> Option<Part>) -> Option<Node> {
    let value = match &node.value {
        Value::Scalar(scalar) if !may_hold(&scalar.text) => return None,
        Value::Scalar(scalar) => {
            let part = change(&Part { text: scalar.text.clone(), origin: node.origin.clone() })?;
            let value = Value::Scalar(Scalar { text: part.text, ..*scalar });
            return Some(Node { origin: part.origin, value });
        }
        Value::List(items) => {
            let mut out: Option<Vec<Node>> = None;
            for (at, item) in items.iter().enumerate() {
                if let Some(item) = map_texts(item, change) {
                    out.get_or_insert_with(|| items.to_vec())[at] = item;
                }
            }
            Value::List(Arc::new(out?))
        }
        Value::Map(entries) => {
            let mut out: Option<Vec<(Node, Node)>> = None;
            for (at, (_, value)) in entries.iter().enumerate() {
                if let Some(value) = map_texts(value, change) {
                    out.get_or_insert_with(|| entries.to_vec())[at].1 = value;
                }
            }
            Value::Map(Arc::new(out?))
        }
        Value::Null | Value::Hole => return None,
    };
    Some(Node { origin: node.origin.clone(), value })
}

/// The forms of a text: `${…}`, `$(…)`, `$NAME`, `{{…}}`, `[[…]]`, `<<…>>`, `<%…%>`, `#{…}`, `%{…}`, `%(…)s`,
/// `%NAME%`, `%s`. One that is opened and never closed reaches to the end. None begins where the text is `settled`.
fn find(text: &str, settled: &[Range<usize>]) -> Vec<(Range<usize>, Hole)> {
    let mut out: Vec<(Range<usize>, Hole)> = Vec::new();
    let (mut at, mut settled) = (0, settled.iter().peekable());
    while let Some(found) = text[at..].find(SIGNS) {
        at += found;
        while settled.peek().is_some_and(|range| range.end <= at) {
            settled.next();
        }
        let next = settled.peek().map_or(text.len(), |range| range.start);
        if next <= at {
            at = settled.peek().map_or(text.len(), |range| range.end);
            continue;
        }
        match form(&text[at..next]) {
            Some(len) => {
                out.push((at..at + len, hole(&text[at..at + len])));
                at += len;
            }
            None => at += 1,
        }
    }
    out
}

/// The length of the form that a text begins with.
fn form(text: &str) -> Option<usize> {
    let until = |close: &str| Some(text.find(close).map_or(text.len(), |end| end + close.len()));
    let name = |from: usize| {
        text[from..].bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count()
    };
    let bytes = text.as_bytes();
    match (bytes[0], bytes.get(1)?) {
        (b'{', b'{') => until("}}"),
        (b'[', b'[') => until("]]"),
        (b'<', b'<') => until(">>"),
        (b'<', b'%') => until("%>"),
        (b'$', b'[') if text.starts_with("$[[") => until("]]"),
        (b'$', b'(') => until(")"),
        (b'$' | b'#' | b'%', b'{') => Some(closing_brace(text, 1).map_or(text.len(), |close| close + 1)),
        (b'$', first) if first.is_ascii_alphabetic() || *first == b'_' => {
            Some(1 + text[1..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count())
        }
        (b'%', b'(') => until(")").map(|end| (end + 1).min(text.len())),
        (b'%', b's' | b'd' | b'v' | b'q') if name(1) == 1 => Some(2),
        (b'%', _) if name(1) > 1 && bytes.get(1 + name(1)) == Some(&b'%') => Some(name(1) + 2),
        _ => None,
    }
}

/// What is known of a form: by its signs, whether it is a variable, and which.
pub(super) fn hole(form: &str) -> Hole {
    let inner = |open: &str, close: &str| {
        form.strip_prefix(open).map(|rest| rest.strip_suffix(close).unwrap_or(rest).trim())
    };
    if let Some(expression) = inner("${{", "}}").or_else(|| inner("$[[", "]]")) {
        return Hole::new(Reason::Runtime, expression);
    }
    if let Some(variable) = inner("${", "}").or_else(|| inner("$(", ")")) {
        // A dash begins a default.
        return Hole::new(Reason::Variable, variable.split('-').next().unwrap_or_default());
    }
    if let Some(action) = inner("{{", "}}") {
        return Hole::new(Reason::Template, action.trim_matches('-').trim());
    }
    let percent = form.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    match form.strip_prefix('$').or(percent) {
        Some(variable) => Hole::new(Reason::Variable, variable),
        None => Hole::new(Reason::Template, ""),
    }
}

/// Where the brace at `open` is closed, with all braces between them.
pub(crate) fn closing_brace(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// All braces of a text that are closed, found in one pass: looking for each apart would look at the text as often
/// as it has braces.
#[derive(Debug, Default)]
pub(super) struct Braces(Vec<(usize, usize)>);

impl Braces {
    pub(super) fn of(text: &str) -> Braces {
        let (mut open, mut out) = (Vec::new(), Vec::new());
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'{' => open.push(at),
                b'}' => out.extend(open.pop().map(|from| (from, at))),
                _ => {}
            }
        }
        out.sort_unstable();
        Braces(out)
    }

    pub(super) fn close(&self, open: usize) -> Option<usize> {
        self.0.binary_search_by_key(&open, |&(from, _)| from).ok().map(|at| self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Origin, SourceId, Span};

    fn part(text: &str) -> Part {
        Part::new(text, Origin::verbatim(Span::new(SourceId(0), 5, 5 + text.len())))
    }

    #[test]
    fn forms_are_marked_with_their_reason() {
        for (text, expected) in [
            ("nginx:1.25", ""),
            ("a:${TAG}", "${TAG} variable TAG"),
            ("a:${TAG:-1.${X}}-b", "${TAG:-1.${X}} variable TAG"),
            ("$A/$B_1-x", "$A variable A, $B_1 variable B_1"),
            ("a:$(TAG)", "$(TAG) variable TAG"),
            ("a:${{ matrix.v }}", "${{ matrix.v }} known when it runs matrix.v"),
            ("a:$[[ inputs.v ]]", "$[[ inputs.v ]] known when it runs inputs.v"),
            ("{{ .Values.a }}:{{- b -}}", "{{ .Values.a }} template .Values.a, {{- b -}} template b"),
            ("a:[[ .tag ]]", "[[ .tag ]] template "),
            ("a:<<tag>>", "<<tag>> template "),
            ("a:<%= tag %>", "<%= tag %> template "),
            ("a:#{tag}#", "#{tag} template "),
            ("a:%{tag}", "%{tag} template "),
            ("a:%(tag)s", "%(tag)s template "),
            ("a:%TAG%", "%TAG% variable TAG"),
            ("%s/a:%s", "%s template , %s template "),
            ("a:${TAG", "${TAG variable TAG"),
            ("a:{{ tag", "{{ tag template tag"),
            ("$1 $ {a} 100% #x a<b [c]", ""),
            ("$$TAG", "$TAG variable TAG"),
        ] {
            let part = part(text);
            let got = marked(&part);
            let holes = got.holes();
            let shown: Vec<String> = holes
                .iter()
                .map(|(range, hole)| format!("{} {} {}", &text[range.clone()], hole.why.name(), hole.name))
                .collect();
            assert_eq!(shown.join(", "), expected, "{text}");
            assert_eq!(got.origin.editable(), part.origin.editable(), "{text}");
            assert_eq!(marked(&got).holes(), got.holes(), "{text}");
            // A piece knows its own place, hole or not.
            for (range, _) in holes {
                let span = got.slice(range.clone()).origin.editable().unwrap();
                assert_eq!((span.start as usize, span.len()), (range.start + 5, range.len()), "{text}");
            }
        }
    }

    #[test]
    fn what_an_escape_wrote_is_no_form() {
        let text = part("a${X}${Y}");
        let mut weave = crate::text::Weave::default();
        weave.push(1, text.slice(0..1).origin);
        weave.push(1, text.slice(1..2).origin.as_literal());
        weave.push(7, text.slice(2..9).origin);
        let text = Part::new("a${X}${Y}", Origin::woven(text.span(), weave));
        let got = marked(&text);
        assert_eq!(got.holes().first().map(|(range, _)| range.clone()), Some(5..9));
        assert_eq!(got.holes().len(), 1);
        assert!(got.slice(0..5).is_known() && !got.slice(4..6).is_known());
    }

    #[test]
    fn braces_are_matched_in_one_pass() {
        for text in ["${a${b}}", "{}{", "}{{}", "${A:-{${B}}}x{", ""] {
            let braces = Braces::of(text);
            for (at, _) in text.match_indices('{') {
                assert_eq!(braces.close(at), closing_brace(text, at), "{text} {at}");
            }
        }
    }
}
