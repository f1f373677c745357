//! The text of a template and what the parser makes of it. Knows where each action begins and ends; not what it means.

use super::place::{Place, Places, Site};
use super::rope::Text;
use crate::text::Span;
use gotmpl::parse::{DefineNode, ListNode, Parser};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// A template that could be parsed. It has no place: equal texts are parsed once.
#[derive(Debug)]
pub struct Parsed {
    pub body: ListNode,
    pub defines: Vec<DefineNode>,
    /// The bytes of every action, in the order of the text.
    actions: Vec<Range<usize>>,
}

/// What is wrong with a text, and where in it.
#[derive(Debug)]
pub struct Malformed {
    pub says: String,
    pub range: Range<usize>,
}

impl Parsed {
    pub fn new(text: &str) -> Result<Parsed, Malformed> {
        let actions = actions(text)?;
        let plain = without_comments(text, &actions);
        match Parser::new(&plain, "{{", "}}").and_then(Parser::parse) {
            Ok((body, defines)) => match twice(&defines) {
                Some(name) => Err(Malformed {
                    says: format!("multiple definition of template \"{name}\""),
                    range: actions.first().cloned().unwrap_or(0..0),
                }),
                None => Ok(Parsed { body, defines, actions }),
            },
            Err(wrong) => {
                let line = match &wrong {
                    gotmpl::TemplateError::Parse { line, .. } | gotmpl::TemplateError::Lex { line, .. } => {
                        *line
                    }
                    _ => 1,
                };
                let start: usize = text.split_inclusive('\n').take(line.max(1) - 1).map(str::len).sum();
                let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
                Err(Malformed { says: format!("this is no template: {wrong}"), range: start..end })
            }
        }
    }

    /// The number of the action that holds a byte.
    fn action(&self, offset: usize) -> Option<usize> {
        self.actions.partition_point(|action| action.start <= offset).checked_sub(1)
    }
}

/// A template's text with its places.
#[derive(Debug)]
pub struct Source {
    pub text: Text,
    pub parsed: Rc<Parsed>,
    /// The actions that wrote something, told when first asked for.
    sites: RefCell<Vec<Option<Site>>>,
}

impl Source {
    pub fn new(text: Text, parsed: Rc<Parsed>) -> Source {
        let sites = RefCell::new(vec![None; parsed.actions.len()]);
        Source { text, parsed, sites }
    }

    /// The action that holds a byte.
    pub fn site(&self, offset: usize, places: &Places) -> Site {
        let Some(action) = self.parsed.action(offset) else { return Site::NONE };
        let known = self.sites.borrow()[action];
        known.unwrap_or_else(|| {
            let site = places.site(self.span(self.parsed.actions[action].clone(), places));
            self.sites.borrow_mut()[action] = Some(site);
            site
        })
    }

    /// An action that was executed, as it is written.
    pub fn written(&self, site: Site) -> &str {
        let known = self.sites.borrow().iter().position(|known| *known == Some(site));
        known.map_or("", |action| &self.text.as_str()[self.parsed.actions[action].clone()])
    }

    /// The bytes of the action that holds a byte.
    pub fn action(&self, offset: usize) -> Range<usize> {
        self.parsed.action(offset).map_or(offset..offset, |action| self.parsed.actions[action].clone())
    }

    /// Where some bytes of the template are.
    pub fn span(&self, range: Range<usize>, places: &Places) -> Span {
        let cut = self.text.slice(range);
        cut.origin(places).span()
    }

    /// A text between quotes in an action, at its place if it is there byte for byte.
    pub fn literal(&self, offset: usize, text: &str, at: Place) -> Text {
        let source = self.text.as_str();
        let rest = source.get(offset + 1..).unwrap_or_default();
        if rest.starts_with(text) && rest[text.len()..].starts_with(['"', '`']) {
            return self.text.slice(offset + 1..offset + 1 + text.len());
        }
        Text::new(text, at)
    }

    /// The bytes of a text between actions. Behind a sign that trims, the parser tells the place before the blanks that
    /// are gone.
    pub fn between(&self, offset: usize, text: &str) -> Range<usize> {
        let rest = &self.text.as_str()[offset..];
        let skipped = if rest.starts_with(text) { 0 } else { rest.len() - rest.trim_start().len() };
        offset + skipped..offset + skipped + text.len()
    }
}

/// A name that is defined twice in one text, and not as nothing.
fn twice(defines: &[DefineNode]) -> Option<&str> {
    let full: Vec<&DefineNode> = defines.iter().filter(|define| !define.body.is_empty_tree()).collect();
    let is_second = |at: usize| full[..at].iter().any(|other| other.name == full[at].name);
    (0..full.len()).find(|at| is_second(*at)).map(|at| full[at].name.as_str())
}

/// All actions of a text. The parser does not ask whether every block has its end, so this does.
fn actions(text: &str) -> Result<Vec<Range<usize>>, Malformed> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut from = 0;
    let wrong = |range: Range<usize>| {
        let says = format!("`{}` does not fit: a block begins or ends too often", &text[range.clone()]);
        Malformed { says, range }
    };
    while let Some(start) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = end_of_action(text, start + 2) else {
            let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
            return Err(Malformed { says: "this action has no end".into(), range: start..end });
        };
        let body = text[start + 2..close].trim_start_matches('-').trim_start();
        match body.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default() {
            "if" | "range" | "with" | "define" | "block" => open.push(out.len()),
            "end" if open.pop().is_none() => return Err(wrong(start..close + 2)),
            "else" if open.is_empty() => return Err(wrong(start..close + 2)),
            _ => {}
        }
        out.push(start..close + 2);
        from = close + 2;
    }
    match open.pop() {
        Some(action) => Err(wrong(out[action].clone())),
        None => Ok(out),
    }
}

/// The text with some comments made actions of the same length that write nothing: behind `{{- /* … */}}` the parser
/// takes blanks away, and Go does not.
fn without_comments<'t>(text: &'t str, actions: &[Range<usize>]) -> Cow<'t, str> {
    let is_half_trimmed = |action: &&Range<usize>| {
        let whole = &text[(*action).clone()];
        let body = whole.strip_prefix("{{-").map(str::trim_start);
        body.is_some_and(|body| body.starts_with("/*")) && whole.ends_with("*/}}")
    };
    let mut out = Cow::Borrowed(text);
    for action in actions.iter().filter(is_half_trimmed) {
        let blanks = " ".repeat(action.len() - "{{- \"\"}}".len());
        out.to_mut().replace_range(action.clone(), &format!("{{{{- \"\"{blanks}}}}}"));
    }
    out
}

/// Where an action ends; texts and comments in it may hold braces.
fn end_of_action(text: &str, from: usize) -> Option<usize> {
    let body = text[from..].strip_prefix('-').unwrap_or(&text[from..]);
    if body.trim_start().starts_with("/*") {
        let end = from + text[from..].find("*/")?;
        return text[end..].find("}}").map(|at| end + at);
    }
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = from;
    while at + 1 < bytes.len() {
        match (quote, bytes[at]) {
            (None, b'}') if bytes[at + 1] == b'}' => return Some(at),
            (None, sign @ (b'"' | b'`' | b'\'')) => quote = Some(sign),
            (Some(b'"' | b'\''), b'\\') => at += 1,
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        at += 1;
    }
    None
}
