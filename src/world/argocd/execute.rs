//! Go's templates over the values of a generator. What the language means is in the room of templates; here is what Argo
//! CD makes of a text that cannot be filled.

use crate::limits::{DEEPEST_FLAT, MOST_APPLICATION_STEPS, MOST_SMALL_BYTES};
use crate::syntax::Node as Tree;
use crate::template::{Bounds, Fault, Set, THIS_GENERATOR, Tool, Why};
use crate::text::{Part, Span};

/// Why a text, or a piece of it, stayed as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    pub(super) says: String,
    pub(super) at: Span,
    pub(super) why: Unfilled,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unfilled {
    /// It asks for more than is understood here.
    Unknown,
    /// The generator gives no such value.
    Absent,
    /// So that the tool makes no Application.
    Fatal,
}

/// No template of a set needs more.
const BOUNDS: Bounds =
    Bounds { steps: MOST_APPLICATION_STEPS, bytes: MOST_SMALL_BYTES, levels: DEEPEST_FLAT };

/// Executes a template. What one action cannot give stays as it is written; where that decides over others, all does.
pub(super) fn execute(whole: &Part, values: &Tree, strict: bool, troubles: &mut Vec<Trouble>) -> Part {
    let mut set = Set::new(Tool::ArgoCd { strict });
    let added = set.add("", whole);
    let rendered = added.and_then(|()| set.execute("", &set.value(values), BOUNDS));
    let rendered = match rendered {
        Ok(rendered) => rendered,
        Err(fault) => {
            troubles.push(trouble(whole, fault));
            return whole.clone();
        }
    };
    if let Some(guess) = rendered.guesses.first() {
        // Another value would make another Application.
        let fault =
            Fault { says: String::new(), at: guess.at, action: Default::default(), why: Why::Unknown };
        troubles.push(trouble(whole, fault));
        return whole.clone();
    }
    let part = rendered.part();
    troubles.extend(rendered.left.into_iter().map(|fault| trouble(whole, fault)));
    part
}

fn trouble(whole: &Part, fault: Fault) -> Trouble {
    let Fault { says, at, action, why } = fault;
    let action = if action.is_empty() { whole.text.as_str() } else { action.as_str() };
    let action = action.lines().next().unwrap_or_default();
    match why {
        Why::Absent => {
            let name = if says.is_empty() { action } else { says.as_str() };
            Trouble { says: format!("`{name}` is no value of {THIS_GENERATOR}"), at, why: Unfilled::Absent }
        }
        Why::Unknown | Why::TooMuch | Why::TooDeep => Trouble {
            says: format!("`{action}` is more than is understood here"),
            at,
            why: Unfilled::Unknown,
        },
        Why::Refused => Trouble { says, at, why: Unfilled::Fatal },
    }
}

/// The value that a text means as a whole: `{{ .apps | toJson }}` is the list itself.
pub(super) fn whole_value(text: &Part, values: &Tree) -> Option<Tree> {
    const DUMPS: [&str; 4] = ["toJson", "toYaml", "toPrettyJson", "toRawJson"];
    let action = text.text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let action = action.strip_prefix("- ").unwrap_or(action);
    let action = action.strip_suffix(" -").unwrap_or(action);
    let words: Vec<&str> =
        action.split(|c: char| c == '|' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    let field = match words[..] {
        [field, word] if DUMPS.contains(&word) && action.contains('|') => field,
        [word, field] if DUMPS.contains(&word) && !action.contains('|') => field,
        _ => return None,
    };
    let keys: Vec<&str> = field.strip_prefix('.')?.split('.').collect();
    let is_name = |key: &&str| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    let found =
        keys.iter().all(is_name).then(|| keys.iter().try_fold(values, |value, key| value.get(key)))?;
    found.cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::{Origin, SourceId};

    /// What a template gives, in the words of the table.
    fn given(line: &str, values: &Tree) -> String {
        let (strict, text) = line.strip_prefix("strict ").map_or((false, line), |text| (true, text));
        let text = text.replace('⏎', "\n");
        let whole = Part::new(text.as_str(), Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
        let mut troubles = Vec::new();
        let mut out = execute(&whole, values, strict, &mut troubles).text.to_string();
        let has = |why: Unfilled| troubles.iter().any(|trouble| trouble.why == why);
        if has(Unfilled::Fatal) {
            return "!".into();
        }
        if has(Unfilled::Unknown) {
            return "?".into();
        }
        for trouble in &troubles {
            out = out.replacen(&text[trouble.at.range()], "<no value>", 1);
        }
        out.replace('\n', "⏎")
    }

    #[test]
    fn templates_give_what_go_gives() {
        let table = include_str!("../rows/go_templates.txt");
        let (_, rest) = table.split_once("=== values\n").expect("values");
        let (values, rows) = rest.split_once("=== templates\n").expect("templates");
        let read = yaml::read(SourceId(1), values);
        let values = &read.documents[0].root;
        let lines: Vec<&str> = rows.lines().collect();
        let (mut wrong, mut unknown) = (Vec::new(), 0);
        for row in lines.chunks(2) {
            let expected = row[1].strip_prefix("=> ").expect("what Go gives");
            let found = given(row[0], values);
            let is_unknown = expected.starts_with("? ");
            unknown += usize::from(is_unknown);
            if found != expected && !(is_unknown && found == "?") {
                wrong.push(format!("{}\nexpected {expected}\ngot      {found}\n", row[0]));
            }
        }
        assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
        assert!(lines.len() / 2 > 150 && unknown < 30, "{} rows, {unknown} unknown", lines.len() / 2);
    }

    #[test]
    fn templates_that_go_on_without_end_are_stopped() {
        let read = yaml::read(SourceId(1), "{a: b}");
        let values = &read.documents[0].root;
        for text in [
            "{{ range until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}",
            "{{ range 99999999999 }}x{{ end }}",
            "{{ until 99999999999 }}",
            "{{ $x := \"x\" }}{{ range until 99 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
            "{{ $x := list 1 }}{{ range until 99 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
            "{{ repeat 1000 (repeat 1000 (repeat 1000 \"x\")) }}{{ printf \"%999999999d\" 7 }}",
            "{{ range until 9999 }}{{ $x := uniq (until 9999) }}{{ without $x $x | join \",\" }}{{ end }}",
            "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        ] {
            assert!(["?", "!"].contains(&given(text, values).as_str()), "{text}");
        }
        for deep in ["{{ if .a }}", "{{ ((((((((", "{{ print (print ("] {
            let _ = given(&deep.repeat(5_000), values);
        }
    }

    /// Templates that are cut, doubled and mixed give something or nothing, and nothing breaks.
    #[test]
    fn broken_templates_break_nothing() {
        let table = include_str!("../rows/go_templates.txt");
        let read = yaml::read(SourceId(1), "{name: Web_1, list: [a, ä], map: {b: two}, num: 3}");
        let values = &read.documents[0].root;
        let rows: Vec<&str> = table.lines().filter(|line| line.contains("{{")).collect();
        let mut seed = 7u64;
        let mut next = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % most.max(1)
        };
        for _ in 0..4_000 {
            let (a, b) = (rows[next(rows.len())], rows[next(rows.len())]);
            let cut =
                |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let (from, to) = (cut(a, next(a.len())).unwrap_or(0), cut(b, next(b.len())).unwrap_or(0));
            let _ = given(&format!("{}ä{}", &a[..from], &b[to..]), values);
        }
    }
}
