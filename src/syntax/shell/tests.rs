//! Rows of scripts, and texts that never end.

use super::*;
use crate::syntax::provide::{Answer, Budget};
use crate::text::{Origin, SourceId, Span};

/// The kept commands of a script: words apart by `|`, commands by `; `.
fn words(dialect: Dialect, text: &str) -> String {
    let part = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
    let keeps = |word: &str| word == "run";
    let mut script = Script::new(dialect, &keeps);
    script.read(&part);
    let budget = Budget::default();
    let given = Given { outer: &|_| Answer::Nothing, budget: &budget };
    let commands: Vec<String> = script
        .commands(&given)
        .map(|words| {
            for said in &words {
                if let Some(span) = said.part.origin.editable() {
                    assert_eq!(&text[span.range()], said.part.text, "{text}");
                }
            }
            words.iter().map(|said| said.part.text.as_str()).collect::<Vec<_>>().join("|")
        })
        .collect();
    commands.join("; ")
}

#[test]
fn words_of_commands() {
    for (text, expected) in [
        ("run a b", "run|a|b"),
        ("run 'a b' \"c d\" e\\ f", "run|a b|c d|e f"),
        ("run a'b'\"c\"d", "run|abcd"),
        ("run a \\\n  b # c\nrun d#e", "run|a|b; run|d#e"),
        ("A=1; run $A ${A} '$A' \"$A\" \\$A", "run|1|1|$A|1|$A"),
        ("A='1 2'; run $A \"$A\"", "run|1|2|1 2"),
        ("A=; run $A x", "run|x"),
        ("run ${A:-b} ${A-c} ${A:=d} ${A:-\"e f\"} ${A:-${B:-g}}", "run|b|c|d|e f|g"),
        ("run ${A%.*} ${#A} ${A:0:2} ${A:+b}", "run|${A%.*}|${#A}|${A:0:2}|${A:+b}"),
        ("run \"${A:-it's}\" b", "run|it's|b"),
        ("run $(x) `y` $((1 + 2)) $1 $@", "run|$(x)|`y`|$((1 + 2))|$1|$@"),
        ("x $(run a $(run b))", "run|b; run|a|$(run b)"),
        ("x `run a`", "run|a"),
        ("run a >b 2>&1 <c d &>e", "run|a|d"),
        ("run <<A b\nrun c\nA\nrun d", "run|b; run|d"),
        ("run <<-'A'\n\trun c\n\tA\nrun d", "run; run|d"),
        ("run <<A <<B\na\nA\nrun b\nB\nrun c", "run; run|c"),
        ("run <<<a b", "run|b"),
        ("A=a B=b\nrun $A$B", "run|ab"),
        ("A=a run $A", "A=a|run|$A"),
        ("A=$A; run $A", "run|$A"),
        ("A=$B; B=$A; run $A", "run|$A"),
        ("A=(run x)\nrun $A", "run|x; run|$A"),
        ("A=1; A=2; run $A", "run|$A"),
        ("A=1; A=1; run $A", "run|1"),
        ("A+=1; run $A", "run|$A"),
        ("export A=1 B=2; run $A$B", "run|12"),
        ("sh -c 'run a; run b' c", "run|a; run|b"),
        ("if run a && ! run b || run c; then :; fi", "if|run|a; !|run|b; run|c"),
        ("run ${{x}}", "run|${{x}}"),
        ("run ä \"ö\" 'ü'", "run|ä|ö|ü"),
    ] {
        assert_eq!(words(Dialect::Shell, text), expected, "{text}");
    }
    for (dialect, text, expected) in [
        (
            Dialect::Make,
            "A := 1\nB = $(A)2\nx:\n\trun $(B) ${A} $$A $(shell run y) $(call f,z)\n",
            "run|y; run|12|1|$$A|$(shell run y)|$(call f,z)",
        ),
        (Dialect::Make, "A = don't\nx:\n\trun a 'b\n\trun c\n", "run|a|'b; run|c"),
        (Dialect::Just, "a := '1'\nx:\n  run {{a}} {{ a }} {{b}} {{a + b}}\n", "run|1|1|{{b}}|{{a + b}}"),
        (Dialect::Shell, "run {{ a }} {{b", "run|{{ a }}|{{b"),
    ] {
        assert_eq!(words(dialect, text), expected, "{text}");
    }
}
