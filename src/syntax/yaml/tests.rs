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
        ("a: *nope\n", "{a: HOLE} | yaml-alias@3"),
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
