//! Dockerfiles to instructions with exact places: directives, continuations, comments, flags, heredocs.
//! Knows the grammar of the file, not what an instruction does.

use super::expand::Weaver;
use crate::finding::Problem;
use crate::text::{Origin, Part, SourceId, Span, Str};

/// What stands in one Dockerfile.
#[derive(Debug)]
pub struct Dockerfile {
    /// Parser directives, by lower-case name: `syntax`, `escape`, `check`.
    pub directives: Vec<(Str, Part)>,
    pub instructions: Vec<Instruction>,
    /// The character that continues lines and escapes others.
    pub escape: char,
}

/// One instruction with all its lines.
#[derive(Debug)]
pub struct Instruction {
    /// As written, in whatever case.
    pub keyword: Part,
    pub flags: Vec<Flag>,
    /// What stands behind keyword and flags, with its lines joined.
    pub rest: Part,
    pub heredocs: Vec<Heredoc>,
    /// From the keyword to the end of the last line, heredocs included.
    pub span: Span,
}

/// `--name=value` or `--name`.
#[derive(Debug)]
pub struct Flag {
    pub name: Part,
    pub value: Option<Part>,
}

/// A text that an instruction carries with it.
#[derive(Debug)]
pub struct Heredoc {
    pub body: Part,
}

impl Dockerfile {
    pub fn directive(&self, name: &str) -> Option<&Part> {
        self.directives.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

impl Instruction {
    pub fn flag(&self, name: &str) -> Option<&Part> {
        self.flags.iter().find(|flag| flag.name.text == name).and_then(|flag| flag.value.as_ref())
    }

    /// The words behind the flags, quotes still on; of the JSON form its strings.
    pub fn words(&self, escape: char) -> Vec<Part> {
        json_words(&self.rest).unwrap_or_else(|| words(&self.rest, escape))
    }
}

/// Reads a Dockerfile: every instruction it can make out, and a problem for what it cannot.
pub fn read(source: SourceId, text: &str) -> (Dockerfile, Vec<Problem>) {
    read_part(&Part::new(text, Origin::verbatim(Span::new(source, 0, text.len()))))
}

/// The same of a text that stands inside another file.
pub fn read_part(whole: &Part) -> (Dockerfile, Vec<Problem>) {
    let text = whole.text.as_str();
    let mut reader = Reader { whole, text, at: 0, problems: Vec::new() };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let directives = reader.directives();
    let escape = match directives.iter().find(|(name, _)| name == "escape") {
        Some((_, value)) if value.text == "`" => '`',
        _ => '\\',
    };
    let mut instructions = Vec::new();
    while let Some(line) = reader.next_line() {
        if !reader.is_quiet(&line) {
            instructions.push(reader.instruction(line, escape));
        }
    }
    (Dockerfile { directives, instructions, escape }, reader.problems)
}

/// Splits at blanks outside quotes and template actions; quotes and escapes stay in the words.
pub fn words(whole: &Part, escape: char) -> Vec<Part> {
    let mut out = Vec::new();
    let (mut start, mut quote, mut escaped, mut action_end) = (None, None, false, 0);
    for (at, c) in whole.text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        if at < action_end {
            continue;
        }
        if whole.text[at..].starts_with("{{")
            && let Some(len) = whole.text[at..].find("}}")
        {
            start.get_or_insert(at);
            action_end = at + len + 2;
            continue;
        }
        match quote {
            Some(open) if c == open => quote = None,
            Some('\'') => {}
            _ if c == escape => {
                escaped = true;
                start.get_or_insert(at);
            }
            Some(_) => {}
            None if c.is_whitespace() => {
                if let Some(start) = start.take() {
                    out.push(whole.slice(start..at));
                }
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                start.get_or_insert(at);
            }
        }
    }
    if let Some(start) = start {
        out.push(whole.slice(start..whole.text.len()));
    }
    out
}

/// The instructions Docker knows; anything else is a file that Docker would refuse.
const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The bytes of one line without its line break.
type Line = std::ops::Range<usize>;

struct Reader<'a> {
    whole: &'a Part,
    text: &'a str,
    at: usize,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        self.whole.origin.span_within(start..end, self.text.len())
    }

    fn part(&self, start: usize, end: usize) -> Part {
        self.whole.slice(start..end)
    }

    fn peek_line(&self) -> Option<(Line, usize)> {
        if self.at >= self.text.len() {
            return None;
        }
        let rest = &self.text[self.at..];
        let (len, step) = rest.find('\n').map_or((rest.len(), rest.len()), |end| (end, end + 1));
        let len = if rest[..len].ends_with('\r') { len - 1 } else { len };
        Some((self.at..self.at + len, self.at + step))
    }

    fn next_line(&mut self) -> Option<Line> {
        let (line, next) = self.peek_line()?;
        self.at = next;
        Some(line)
    }

    /// Takes the directives at the top: comments of the form `# name=value` before anything else.
    fn directives(&mut self) -> Vec<(Str, Part)> {
        let mut out: Vec<(Str, Part)> = Vec::new();
        while let Some((line, next)) = self.peek_line() {
            let content = &self.text[line.clone()];
            if self.at < 4 && content.starts_with("#!") {
                self.at = next;
                continue;
            }
            let Some(comment) = content.trim_start().strip_prefix('#') else { break };
            let Some((name, value)) = comment.split_once('=') else { break };
            let name = name.trim().to_ascii_lowercase();
            let value_at = line.end - value.len();
            let value_at = value_at + (value.len() - value.trim_start().len());
            let value_end = value_at + value.trim().len();
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
            if !is_name || value_at >= value_end {
                break;
            }
            if out.iter().all(|(seen, _)| *seen != name) {
                out.push((name.into(), self.part(value_at, value_end)));
            }
            self.at = next;
        }
        out
    }

    /// Whether a line says nothing: blank, or a comment.
    fn is_quiet(&self, line: &Line) -> bool {
        let content = self.text[line.clone()].trim_start();
        content.is_empty() || content.starts_with('#')
    }

    fn instruction(&mut self, line: Line, escape: char) -> Instruction {
        let start = line.end - self.text[line.clone()].trim_start().len();
        let mut whole = Weaver::default();
        let mut end = line.end;
        let mut current = Some(start..line.end);
        while let Some(line) = current.take() {
            let content = &self.text[line.clone()];
            let Some(kept) = continued(content, escape) else {
                whole.push(self.part(line.start, line.end));
                end = line.end;
                break;
            };
            whole.push(self.part(line.start, line.start + kept));
            // Comments and blank lines between continued lines belong to nobody.
            while let Some(next) = self.next_line() {
                end = next.end;
                if !self.is_quiet(&next) {
                    current = Some(next);
                    break;
                }
            }
        }
        let whole = whole.finish(self.span(start, end));
        let keyword_len = whole.text.find(char::is_whitespace).unwrap_or(whole.text.len());
        let keyword = whole.slice(0..keyword_len);
        if !KEYWORDS.iter().any(|known| keyword.text.eq_ignore_ascii_case(known)) {
            let says = format!("`{}` is no instruction of a Dockerfile", keyword.text);
            self.problems.push(Problem::unread("dockerfile-syntax", says, Some(keyword.span())));
        }
        let (flags, rest_at) = flags(&whole, keyword_len, escape);
        let rest = whole.slice(rest_at..rest_at.max(whole.text.trim_end().len()));
        let heredocs = self.heredocs(&keyword, &rest, escape);
        let end = heredocs.last().map_or(end, |_| self.at.min(self.text.len()));
        let end = start + self.text[start..end].trim_end_matches(['\n', '\r']).len();
        Instruction { keyword, flags, rest, heredocs, span: self.span(start, end) }
    }

    /// Takes the bodies of the heredocs that an instruction announces.
    fn heredocs(&mut self, keyword: &Part, rest: &Part, escape: char) -> Vec<Heredoc> {
        let may = |text: &str| ["RUN", "COPY", "ADD"].iter().any(|known| text.eq_ignore_ascii_case(known));
        let onbuild = keyword.text.eq_ignore_ascii_case("ONBUILD");
        let first = rest.text.split_whitespace().next().unwrap_or("");
        if !rest.text.contains("<<") || !(may(&keyword.text) || onbuild && may(first)) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for word in words(rest, escape) {
            let Some((name, tabs)) = heredoc_name(&word.text) else { continue };
            let (start, mut found) = (self.at, None);
            while let Some(line) = self.next_line() {
                let content = &self.text[line.clone()];
                if (if tabs { content.trim_start_matches('\t') } else { content }) == name {
                    found = Some(line.start);
                    break;
                }
            }
            if found.is_none() {
                let says = format!("the heredoc `{name}` has no end");
                self.problems.push(Problem::unread("dockerfile-syntax", says, Some(word.span())));
            }
            let body = self.part(start, found.unwrap_or(self.text.len()));
            out.push(Heredoc { body });
        }
        out
    }
}

/// How much of a line stands before its continuation sign; nothing if the line ends here.
fn continued(line: &str, escape: char) -> Option<usize> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    // A doubled sign is an escaped one.
    (!kept.ends_with(escape)).then_some(kept.len())
}

/// The flags behind the keyword, and where they end.
fn flags(whole: &Part, mut at: usize, escape: char) -> (Vec<Flag>, usize) {
    let mut out = Vec::new();
    loop {
        let rest = &whole.text[at..];
        at += rest.len() - rest.trim_start().len();
        if !whole.text[at..].starts_with("--") {
            return (out, at);
        }
        let rest = whole.slice(at..whole.text.len());
        let Some(len) = words(&rest, escape).first().map(|word| word.text.len()) else { return (out, at) };
        if len == 2 {
            return (out, at);
        }
        let word = whole.slice(at..at + len);
        let (name_end, value) = match word.text.find('=') {
            Some(sign) => (sign, Some(word.slice(sign + 1..len))),
            None => (len, None),
        };
        out.push(Flag { name: word.slice(2..name_end.max(2)), value });
        at += len;
    }
}

/// The name of the heredoc a word announces, and whether leading tabs do not count.
fn heredoc_name(word: &str) -> Option<(&str, bool)> {
    let word = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (word, tabs) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let bare = ['"', '\'']
        .iter()
        .find_map(|&quote| word.strip_prefix(quote).and_then(|word| word.strip_suffix(quote)))
        .unwrap_or(word);
    (!bare.is_empty() && !bare.contains(['<', '"', '\''])).then_some((bare, tabs))
}

/// The strings of the JSON form `["a", "b"]`; nothing if the text is not that.
fn json_words(rest: &Part) -> Option<Vec<Part>> {
    if !rest.text.starts_with('[') {
        return None;
    }
    let strings: Vec<String> = serde_json::from_str(&rest.text).ok()?;
    let mut at = 0;
    let mut out = Vec::with_capacity(strings.len());
    for string in strings {
        let open = at + rest.text[at..].find('"')?;
        let (bytes, mut close) = (rest.text.as_bytes(), open + 1);
        while *bytes.get(close)? != b'"' {
            close += if bytes[close] == b'\\' { 2 } else { 1 };
        }
        let raw = rest.slice(open + 1..close);
        let origin = if raw.text == string { raw.origin } else { Origin::spelled(raw.origin.span()) };
        out.push(Part::new(string, origin));
        at = close + 1;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line per instruction: keyword, flags, words; heredoc bodies in `«»`.
    fn shown(text: &str) -> Vec<String> {
        let (file, problems) = read(SourceId(0), text);
        let mut out: Vec<String> = Vec::new();
        for instruction in &file.instructions {
            let mut line = instruction.keyword.text.to_string();
            for flag in &instruction.flags {
                line += &format!(" [{}={}]", flag.name.text, flag.value.as_ref().map_or("", |v| &v.text));
            }
            for word in instruction.words(file.escape) {
                line += &format!(" {}", word.text.replace('\n', "⏎"));
                if let Some(span) = word.origin.editable() {
                    assert_eq!(&text[span.range()], word.text);
                }
            }
            for heredoc in &instruction.heredocs {
                line += &format!(" «{}»", heredoc.body.text.replace('\n', "⏎"));
                assert_eq!(&text[heredoc.body.span().range()], heredoc.body.text);
            }
            out.push(line);
        }
        out.extend(problems.iter().map(|problem| format!("! {}", problem.says)));
        out
    }

    #[test]
    fn instructions_come_apart() {
        for (text, expected) in [
            ("FROM a as b\n", &["FROM a as b"][..]),
            ("\u{feff}from  --platform=$P  a\r\nRUN x\r\n", &["from [platform=$P] a", "RUN x"]),
            ("RUN a \\\n  # why\n\n  && b\\\n", &["RUN a && b"]),
            ("RUN a \\  \r\n  b\r\nUSER c", &["RUN a b", "USER c"]),
            ("# escape=`\nRUN c:\\ `\n d\n", &["RUN c:\\ d"]),
            ("#syntax=x/y:1\n# Escape = \\\n\n# escape=`\nRUN a`\n", &["RUN a`"]),
            ("RUN a\\\\\nUSER b", &["RUN a\\\\", "USER b"]),
            ("RUN <<EOF\na\nEOF\nUSER b", &["RUN <<EOF «a⏎»", "USER b"]),
            ("COPY <<-\"A\" 3<<B /x\n\tA\n$b\nB\nUSER c", &["COPY <<-\"A\" 3<<B /x «» «$b⏎»", "USER c"]),
            ("RUN cat <<<EOF \"<<X\" $((1<<2))\nUSER b", &["RUN cat <<<EOF \"<<X\" $((1<<2))", "USER b"]),
            ("RUN <<E\nx", &["RUN <<E «x»", "! the heredoc `E` has no end"]),
            ("LABEL a=<<EOF\nRUN x", &["LABEL a=<<EOF", "RUN x"]),
            ("CMD [\"a b\", \"c\\\"d\"]", &["CMD a b c\"d"]),
            ("CMD [\"ü\", \"\\u00fc\", \"é\\\\\"]", &["CMD ü ü é\\"]),
            ("CMD [ \"a\" && b", &["CMD [ \"a\" && b"]),
            ("COPY --from=x --chown=1:1 -- --y /", &["COPY [from=x] [chown=1:1] -- --y /"]),
            (
                "RUN --mount=type=bind,from=\"a b\",x --network=none y 'z w'",
                &["RUN [mount=type=bind,from=\"a b\",x] [network=none] y 'z w'"],
            ),
            ("FROM {{ a b }}:1 AS c", &["FROM {{ a b }}:1 AS c"]),
            ("FROM\n", &["FROM"]),
            ("WHAT x\n", &["WHAT x", "! `WHAT` is no instruction of a Dockerfile"]),
            ("RUN \\", &["RUN"]),
            ("\\\n", &["", "! `` is no instruction of a Dockerfile"]),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_instruction_spans_all_its_lines() {
        let text = "FROM a\nRUN <<E \\\n b\nx\nE\n\nUSER b\n";
        let (file, _) = read(SourceId(0), text);
        let spans: Vec<&str> = file.instructions.iter().map(|one| &text[one.span.range()]).collect();
        assert_eq!(spans, ["FROM a", "RUN <<E \\\n b\nx\nE", "USER b"]);
    }
}
