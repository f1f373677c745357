//! Tables over the whole door: what a text reads as, and where its values stand.

use super::*;
use crate::syntax::{Node, Value};

/// A tree on one line: `{a: 'x', b: [null]}`.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Hole => "HOLE".into(),
        Value::Scalar(scalar) => format!("{:?}", scalar.text),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", show(key).trim_matches('"'), show(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn shown(text: &str) -> String {
    let yaml = read(SourceId(0), text);
    let mut out: Vec<_> = yaml.documents.iter().map(|document| show(&document.root)).collect();
    out.extend(
        yaml.problems
            .iter()
            .map(|problem| format!("{}@{}", problem.kind, problem.at.map_or(0, |at| at.start))),
    );
    out.join(" | ")
}

#[test]
fn texts_read_as_their_trees() {
    const TABLE: &[(&str, &str)] = &[
        ("", ""),
        ("a: 1\nb: [x, 'y', \"z\"]\n", r#"{a: "1", b: ["x", "y", "z"]}"#),
        ("a: ~\nb:\nc: null\nd: 'null'\ne: !!str\n", r#"{a: null, b: null, c: null, d: "null", e: ""}"#),
        ("a: |\n  x\n   y\n\n  z\n", r#"{a: "x\n y\n\nz\n"}"#),
        ("a: >-\n  x\n  y\n\n  z\n   w\n  v\n", r#"{a: "x y\nz\n w\nv"}"#),
        ("a: |2+\n   x\n\n", r#"{a: " x\n\n"}"#),
        ("a:\n- b\n!x - c: d\n", "yaml-syntax@10"),
        ("a: |#-\n  x\n", r#"{a: "x\n"}"#),
        ("a: |\r\n  x\r\n  y\r\nb: 1\r\n", r#"{a: "x\ny\n", b: "1"}"#),
        (
            "a: x\n  y\n\n  z\nb: 'it''s\n  so'\nc: \"\\u00e9\\\n   \\t\\\"\"\n",
            r#"{a: "x y\nz", b: "it's so", c: "é\t\""}"#,
        ),
        ("a: \"\\ud83d\\ude00\"\n", r#"{a: "😀"}"#),
        (
            "- &a {x: 1}\n- *a\n- <<: *a\n  y: 2\n- <<: [*a, {x: 3, z: 4}]\n",
            r#"[{x: "1"}, {x: "1"}, {x: "1", y: "2"}, {x: "1", z: "4"}]"#,
        ),
        ("a: 1\nb: 2\na: 3\n", r#"{b: "2", a: "3"} | yaml-duplicate-key@10"#),
        // Breaks of YAML 1.1.
        ("# x\u{2028}a: 1\n", r#"{a: "1"}"#),
        ("a: 1\u{85}b: 2 # x\u{2029}c: 3\n", r#"{a: "1", b: "2", c: "3"}"#),
        ("a: |\n  x\u{2029}  y\nb: 1\n", r#"{a: HOLE, b: "1"}"#),
        ("a: 'x\u{2028} y'\nb: x\u{85}  y\nc: 1\n", r#"{a: HOLE, b: HOLE, c: "1"}"#),
        ("a: {{ x }} # y\u{2028}b: 1\n", r#"{a: HOLE, b: "1"}"#),
        ("a: *nope\n", "{a: HOLE} | yaml-alias@3"),
        (
            "- &x 1\n- &y [*x, &x 2, *x]\n- *y\n- &x 3\n- [*y, *x]\n",
            r#"["1", ["1", "2", "2"], ["1", "2", "2"], "3", [["1", "2", "2"], "3"]]"#,
        ),
        ("a: 1\n---\nb: [\n---\nc: 3\n", r#"{a: "1"} | {c: "3"} | yaml-syntax@12"#),
        ("{\"a\": [1, {\"b\": null}]}", r#"{a: ["1", {b: null}]}"#),
    ];
    for (text, expected) in TABLE {
        assert_eq!(shown(text), *expected, "{text:?}");
    }
}

#[test]
fn slices_of_woven_scalars_find_their_bytes() {
    const TABLE: &[(&str, &str)] = &[
        ("a: |\n  image: nginx\n  tag: deep\n", "deep"),
        ("a: >\n  folded\n  deep\n", "deep"),
        ("a: 'it''s\n   deep'\n", "deep"),
        ("a: \"\\t deep\"\n", "deep"),
        ("a: one\n  deep\n", "deep"),
        ("a: |\n  b: |\n    - deep\n", "deep"),
        ("a: deep", "deep"),
    ];
    for (text, needle) in TABLE {
        let yaml = read(SourceId(3), text);
        let node = yaml.documents[0].root.get("a").unwrap();
        let value = node.text().unwrap();
        let at = value.find(needle).unwrap();
        let cut = node.origin.slice(at..at + needle.len(), value.len());
        let span = cut.editable().unwrap_or_else(|| panic!("{text:?}: {cut:?}"));
        assert_eq!(&text[span.range()], *needle, "{text:?}");
    }
}

#[test]
fn embedded_documents_stand_in_the_real_file() {
    let text = "outer: |\n  a: \"one\"\n  b: |\n    c: deep # remark\n  d: x\n   y\n";
    let outer = read(SourceId(1), text);
    let node = outer.documents[0].root.get("outer").unwrap();
    let inner = read_embedded(node.text().unwrap(), &node.origin);
    let root = &inner.documents[0].root;
    let place = |node: &Node| &text[node.origin.editable().unwrap().range()];
    assert_eq!(place(root.get("a").unwrap()), "one");
    let b = root.get("b").unwrap();
    let innermost = read_embedded(b.text().unwrap(), &b.origin);
    assert_eq!(place(innermost.documents[0].root.get("c").unwrap()), "deep");
    let remark = &innermost.documents[0].remarks[0];
    assert_eq!((&text[remark.span.range()], remark.text.as_str()), ("# remark", "# remark"));
    let d = root.get("d").unwrap();
    assert_eq!(&text[d.origin.slice(2..3, 3).editable().unwrap().range()], "y");
}

#[test]
fn templates_give_what_is_literal_in_them() {
    const TABLE: &[(&str, &str)] = &[
        // Nothing needs masking where the text reads as it is.
        ("a: \"{{ .x }}:1\"\n", r#"{a: "{{ .x }}:1"}"#),
        ("a: {{ .x }}\n", "{a: HOLE}"),
        ("a: {{ .x }}:1.2\n", r#"{a: "{{ .x }}:1.2"}"#),
        (
            "a: {{ .x }}{{ .y }}\nb: \"{{ f \"q\" }}\"\nc: '{{ .z }}!'\n",
            r#"{a: HOLE, b: HOLE, c: "{{ .z }}!"}"#,
        ),
        ("a:\n  {{- toYaml .x | nindent 2 }}\nb:\nc: {{ 1 }}\n", "{a: HOLE, b: null, c: HOLE}"),
        ("a: {{- include \"l\" . | nindent 2 }}\n  b: 1\n", r#"{a: {b: "1"}}"#),
        ("a: {{- include \"l\" . | nindent 2 }}\n", "{a: HOLE}"),
        ("{{ .k }}: v\n", r#"{HOLE: "v"}"#),
        ("{{- if .x }}\na: 1\n{{- else }}\na: 2\n{{- end }}\n", r#"{a: "1", a: "2"}"#),
        ("a: {{ f\n  g }}\nb: 1\n", r#"{a: HOLE, b: "1"}"#),
        (
            "{{- if .x }}\na: |\n  one\n  {{- if .y }}\n  two {{ .z }}\n{{- end }}\n  three\n{{- end }}\n",
            "{a: \"one\\n{{- if .y }}\\ntwo {{ .z }}\\n{{- end }}\\nthree\\n{{- end }}\\n\"}",
        ),
        ("# {{ remark }}\na: {{ .x }}\n", "{a: HOLE}"),
        ("a: *{{ .x }}\nb: {{ .y }}\n", "{a: HOLE, b: HOLE}"),
        ("a: {{ .x }\n", "yaml-syntax@3"),
        ("{{ \"ж\" }}: a: {{ \"ж\" }} : b\n", "yaml-syntax@13"),
    ];
    for (text, expected) in TABLE {
        assert_eq!(shown(text), *expected, "{text:?}");
    }
}

#[test]
fn remarks_stay_with_their_document() {
    let text =
        "# one\na: 1 # two\n--- # three\nb: | # four\n  # text\n...\n# five\n---\n[\n# six\n]\n# seven\n";
    let yaml = read(SourceId(0), text);
    let remarks: Vec<Vec<&str>> = yaml
        .documents
        .iter()
        .map(|document| document.remarks.iter().map(|remark| remark.text.as_str()).collect())
        .collect();
    assert_eq!(
        remarks,
        [vec!["# one", "# two"], vec!["# three", "# four"], vec!["# five", "# six", "# seven"]]
    );
    let only = read(SourceId(0), "# alone\n");
    assert!(only.documents[0].root.is_null() && only.documents[0].remarks.len() == 1);
}

/// Go's reader ends the name before such a sign, or refuses the text; the second reader takes it for a part of the name.
#[test]
fn names_of_anchors_with_other_signs_are_no_names() {
    for text in ["&a-:--\n --\n", "a: &x:y z\n", "? &a.b c\n: d\n", "x: &a c\ny: *a.b\n", "a: [&\u{e9} b]\n"]
    {
        assert!(!read(SourceId(0), text).problems.is_empty(), "{text:?}");
    }
    let plain = read(SourceId(0), "? &a-b_1 c\n: d\ny: *a-b_1\n");
    assert!(plain.problems.is_empty(), "{:?}", plain.problems);
}

#[test]
fn hostile_texts_end_in_a_problem_and_soon() {
    let laughs = |levels: usize| {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..levels {
            let alias = format!("*a{}", level - 1);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 9].join(",")));
        }
        text
    };
    let table: Vec<(&str, String, &str)> = vec![
        ("dashes", "- ".repeat(100_000), "yaml-syntax"),
        ("brackets", "[".repeat(100_000), "yaml-syntax"),
        ("braces", "{a: ".repeat(100_000), "yaml-syntax"),
        ("steps", (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(), "yaml-syntax"),
        ("laughs", laughs(12), "yaml-alias"),
        (
            "chain",
            (1..5_000).fold("- &a0 x\n".into(), |text, at| format!("{text}- &a{at} [*a{}]\n", at - 1)),
            "yaml-alias",
        ),
        ("long key", format!("{}: 1\n", "k".repeat(1_025)), "yaml-syntax"),
        ("nul", "a: 1\0\nb: 2\n".into(), "yaml-syntax"),
        ("bell", "a: \x07\n".into(), "yaml-syntax"),
        ("c1", "a: \u{9b}31m\n".into(), "yaml-syntax"),
        ("tab", "a:\n\tb: 1\n".into(), "yaml-syntax"),
        ("own alias", "a: &x [*x]\n".into(), "yaml-alias"),
        ("anchors", format!("a: {}\n", "&x ".repeat(100_000)), "yaml-syntax"),
        ("many nuls", "---\n\0\n".repeat(50_000), "yaml-syntax"),
        ("open quotes", "a: \"\n".repeat(50_001), "yaml-syntax"),
        ("open actions", "{{ \"".repeat(20_000), "yaml-syntax"),
    ];
    for (name, text, kind) in &table {
        let yaml = read(SourceId(0), text);
        assert!(yaml.problems.iter().any(|problem| problem.kind == *kind), "{name}: {:?}", yaml.problems);
    }
    let fine = [
        "a: 1\n".repeat(1_000),
        format!("{}: 1\n", "ж".repeat(1_024)),
        "- ".repeat(200) + "x",
        "--- a\n".repeat(5_000),
    ];
    for text in &fine {
        let yaml = read(SourceId(0), text);
        assert!(
            yaml.problems.iter().all(|problem| problem.kind == "yaml-duplicate-key")
                && !yaml.documents.is_empty()
        );
    }
    // A document in the middle that cannot be read hides no other.
    assert_eq!(shown("a: 1\n---\nb: \0\n---\nc: 3\n"), "{a: \"1\"} | {c: \"3\"} | yaml-syntax@12");
}

#[test]
fn what_came_through_aliases_and_merges_knows_its_road() {
    let text = "base: &b\n  image: nginx\nweb:\n  <<: *b\n  name: x\n";
    let yaml = read(SourceId(0), text);
    let image = yaml.documents[0].root.at(&["web", "image"]).unwrap();
    assert_eq!(&text[image.origin.editable().unwrap().range()], "nginx");
    let road: Vec<_> = image.origin.road().map(|(how, at)| (how, &text[at.range()])).collect();
    assert_eq!(road, [(crate::text::How::Alias, "*b"), (crate::text::How::Merge, "<<")]);
}

#[test]
fn documents_stand_in_the_order_of_their_places() {
    for text in [
        "---\n# a\n---\na: 1 # b\n---\n---\nb: 2\n---\n\n---\n{}\n---\n[x]\n---\n~\n---\nc: 3\n",
        "# only\n---\n---\n...\n---\n- a\n---\n\"text\"\n",
        "a: {{ .Values.a }}\n---\n{{- if .b }}\n---\nb: 1\n{{- end }}\n",
    ] {
        let read = read(SourceId(0), text);
        let places: Vec<_> = read.documents.iter().map(|document| document.root.span()).collect();
        assert!(places.len() > 1 && places.is_sorted(), "{text:?}: {places:?}");
    }
}

#[test]
fn holes_of_breaks_stay_within_the_text() {
    for text in ["|# x\u{2029}", "a: |# x\u{2029}", "|\u{85}", "'a\u{2028}", "a: >\n  b\u{2028}"] {
        let yaml = read(SourceId(0), text);
        for document in &yaml.documents {
            let span = document.root.span();
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(text.get(start..end).is_some(), "{text:?} {start}..{end}");
        }
    }
}
