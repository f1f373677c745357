//! Templates against what helm itself writes, and the places under what is written.

use super::*;
use crate::limits::{DEEP_STACK, DEEPEST_FLAT, DEEPEST_TEMPLATE};
use crate::syntax::yaml;
use crate::text::{How, Origin, Part, SourceId, Span, Str};
use std::collections::BTreeMap;
use std::rc::Rc;

const VALUES: &str = include_str!("rows/values.yaml");

fn text(source: u32, text: &str) -> Part {
    Part::new(text, Origin::verbatim(Span::new(SourceId(source), 0, text.len())))
}

/// What every template of a chart is given; the values are source 1.
fn data(set: &Set, values: &str) -> Value {
    let tree = |text: &str| set.value(&yaml::read(SourceId(1), text).documents[0].root);
    let rest = "{Release: {Name: rel, Namespace: default, Service: Helm, IsInstall: true, IsUpgrade: false}, \
                Template: {Name: web/templates/case.yaml, BasePath: web/templates}}";
    let Value::Map(root) = tree(rest) else { panic!("no map") };
    if let Some(Value::Map(release)) = root.get("Release") {
        release.set(&made("Revision"), Value::int(1));
    }
    let fields = [("Name", "web"), ("Version", "1.2.3"), ("AppVersion", "2.0")];
    let fields = fields.map(|(name, text)| (Str::from(name), Value::Text(made(text))));
    let chart = Object::new("chart.Metadata", BTreeMap::from(fields));
    root.set(&made("Chart"), Value::Object(Rc::new(chart)));
    root.set(&made("Values"), tree(values));
    Value::Map(root)
}

fn made(text: &str) -> Text {
    Text::new(text, Place::NOWHERE)
}

fn rendered(template: &str, values: &str) -> Result<Rendered, Fault> {
    let mut set = Set::new(Tool::Helm);
    set.add("web/templates/case.yaml", &text(0, template))?;
    let data = data(&set, values);
    set.execute("web/templates/case.yaml", &data, Bounds::default())
}

#[test]
fn templates_write_what_helm_writes() {
    let tables = [
        include_str!("rows/language.txt"),
        include_str!("rows/texts.txt"),
        include_str!("rows/lists.txt"),
        include_str!("rows/formats.txt"),
    ];
    let (mut wrong, mut count) = (Vec::new(), 0);
    for table in tables {
        let (_, rows) = table.split_once("=== templates\n").expect("a table");
        let lines: Vec<&str> = rows.lines().collect();
        for pair in lines.chunks(2) {
            let [template, expected] = pair else { panic!("half a row: {pair:?}") };
            let expected = expected.strip_prefix("=> ").unwrap_or_else(|| panic!("no row: {pair:?}"));
            let got = match rendered(&template.replace('⏎', "\n"), VALUES) {
                Ok(rendered) => rendered.text.replace('\n', "⏎"),
                Err(fault)
                    if expected == "!" && fault.why == Why::Unknown && !template.contains("unknown") =>
                {
                    format!("not known: {}", fault.says)
                }
                Err(_) if expected == "!" => "!".into(),
                Err(fault) => format!("! {}", fault.says),
            };
            count += 1;
            if got != expected {
                wrong.push(format!("{template}\n  helm {expected}\n  here {got}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 280, "the tables were not read");
}

/// The pieces of what a template writes: the text, the source and the bytes where it was written, and `~` for what is
/// not there byte for byte; what is not known has a `?`.
fn pieces(template: &str, values: &str) -> String {
    let rendered = rendered(template, values).unwrap_or_else(|fault| panic!("{template}: {}", fault.says));
    let part = &rendered.part();
    let sources = [template, values];
    let mut out = Vec::new();
    let mut from = 0;
    for (end, origin) in part.origin.pieces(part.text.len()) {
        let text = &part.text[from..end];
        let written =
            sources.get(origin.span().source.0 as usize).map_or("", |source| &source[origin.span().range()]);
        let sign = match (part.slice(from..end).is_known(), origin.editable()) {
            (false, _) => "?",
            (true, Some(_)) => "",
            (true, None) => "~",
        };
        if sign.is_empty() {
            assert_eq!(text, written, "the place of a piece is another text: {template}");
        }
        let shown = if sign.is_empty() { String::new() } else { format!("({written})") };
        out.push(format!("{}{text}{sign}{shown}", if origin.span().source.0 == 0 { "t:" } else { "v:" }));
        from = end;
    }
    out.join("|").replace('\n', "⏎")
}

#[test]
fn every_byte_knows_where_it_was_written() {
    let table = include_str!("rows/places.txt");
    let (values, rows) = table.split_once("=== templates\n").expect("a table");
    let (_, values) = values.split_once("=== values\n").expect("values");
    let lines: Vec<&str> = rows.lines().collect();
    let mut wrong = Vec::new();
    for pair in lines.chunks(2) {
        let [template, expected] = pair else { panic!("half a row: {pair:?}") };
        let got = format!("=> {}", pieces(&template.replace('⏎', "\n"), values));
        if got != *expected {
            wrong.push(format!("{template}\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines.len() > 60, "the table was not read");
}

#[test]
fn what_is_written_tells_the_action_that_wrote_it() {
    let template = "{{ define \"tag\" }}{{ .Values.tag }}{{ end }}image: x:{{ include \"tag\" . }}\n";
    let rendered = rendered(template, "tag: '1.25'\n").expect("a text");
    let read = yaml::read_embedded(&rendered.text, &rendered.part().origin);
    let image = read.documents[0].root.part_at("image").expect("a scalar");
    assert_eq!(image.text, "x:1.25");
    let tag = image.slice(2..6);
    assert_eq!(tag.origin.editable(), Some(Span::new(SourceId(1), 6, 10)));
    let road: Vec<(How, &str)> = tag.origin.road().map(|(how, at)| (how, &template[at.range()])).collect();
    assert_eq!(road, [(How::Template, "{{ .Values.tag }}")]);
    assert_eq!(image.slice(0..2).origin.editable(), Some(Span::new(SourceId(0), 51, 53)));
}

#[test]
fn what_is_unknown_is_taken_for_something_and_told() {
    let mut set = Set::new(Tool::Helm);
    let template = "{{ if .Values.secret }}a{{ else }}b{{ end }}{{ if eq .Values.secret \"x\" }}c{{ end }}\
                    {{ .Values.secret | default \"d\" }}{{ if .Values.tag }}{{ .Values.tag }}{{ end }}";
    set.add("case", &text(0, template)).expect("a template");
    let values = yaml::read(SourceId(1), "{tag: x}").documents[0].root.clone();
    let Value::Map(values) = set.value(&values) else { panic!("no map") };
    let hole =
        crate::syntax::Node::new(Origin::spelled(Span::new(SourceId(1), 0, 1)), crate::syntax::Value::Hole);
    values.set(&made("secret"), set.value(&hole));
    let root = Entries::from([(made("Values"), Value::Map(values))]);
    let rendered =
        set.execute("case", &Value::Map(Map::new(root, Place::NOWHERE)), Bounds::default()).expect("a text");
    assert_eq!(rendered.text, "aunknownx");
    assert!(!rendered.part().slice(1..8).is_known() && rendered.part().slice(8..9).is_known());
    let told: Vec<&str> = rendered.guesses.iter().map(|guess| &template[guess.at.range()]).collect();
    assert_eq!(
        told,
        [
            "{{ if .Values.secret }}",
            "{{ if eq .Values.secret \"x\" }}",
            "{{ .Values.secret | default \"d\" }}"
        ]
    );
}

/// Whatever goes on without end is ended, with the place.
#[test]
fn what_has_no_end_is_ended() {
    for template in [
        "{{ range until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}",
        "{{ range 99999999999 }}x{{ end }}",
        "{{ until 99999999999 }}",
        "{{ untilStep -9223372036854775807 9223372036854775807 1 }}",
        "{{ seq 99999999999 }}",
        "{{ $x := \"x\" }}{{ range until 99 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 99 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
        "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ toYaml $x }}",
        "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ deepCopy $x | len }}",
        "{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}\
         {{ deepEqual $x $y }}",
        "{{ $x := dict }}{{ $_ := set $x \"x\" $x }}{{ toYaml $x }}",
        "{{ $x := dict }}{{ $_ := set $x \"x\" $x }}{{ $x }}",
        "{{ $x := dict }}{{ $_ := set $x \"x\" $x }}{{ $y := dict }}{{ $_ := set $y \"x\" $y }}{{ merge $x $y }}",
        "{{ $x := dict }}{{ $_ := set $x \"x\" $x }}{{ printf \"%s\" $x }}",
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ printf \"%d\" $x }}",
        "{{ repeat 1000 (repeat 1000 (repeat 1000 \"x\")) }}",
        "{{ printf \"%999999999d\" 7 }}",
        "{{ indent 999999999 \"x\" }}",
        "{{ randAlphaNum 999999999 }}",
        "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
        "{{ tpl .Values.self . }}",
        "{{ range until 1000000 }}{{ $x := uniq (until 9999) }}{{ end }}",
    ] {
        let fault = rendered(template, "self: '{{ tpl .Values.self . }}'").expect_err(template);
        assert!(matches!(fault.why, Why::TooMuch | Why::TooDeep), "{template}: {}", fault.says);
    }
    for deep in ["{{ if .a }}", "{{ ((((((((", "{{ print (print (", "{{ if 1 }}{{ else if 1 }}"] {
        assert!(rendered(&deep.repeat(5_000), "{}").is_err(), "{deep}");
    }
}

/// Helm takes a thousand levels of one name, and counts from the second on.
#[test]
fn templates_include_themselves_as_often_as_helm_lets_them() {
    let template = "{{ define \"x\" }}{{ if gt (int .n) 1 }}{{ include \"x\" (dict \"n\" (sub (int .n) 1)) }}\
                    {{ else }}end{{ end }}{{ end }}{{ include \"x\" (dict \"n\" .Values.count) }}";
    let two = "{{ define \"x\" }}{{ if gt (int .n) 1 }}{{ include \"y\" (dict \"n\" (sub (int .n) 1)) }}\
               {{ else }}end{{ end }}{{ end }}\
               {{ define \"y\" }}{{ if true }}{{ with . }}{{ range list 1 }}{{ include \"x\" $ }}{{ end }}{{ end }}{{ end }}{{ end }}\
               {{ include \"x\" (dict \"n\" .Values.count) }}";
    let endless = "{{ define \"x\" }}{{ if true }}{{ template \"x\" (dict \"a\" (list (include \"y\" .))) }}{{ end }}{{ end }}\
                   {{ define \"y\" }}y{{ end }}{{ template \"x\" . }}";
    let told = |template: &str, n: usize, levels: usize| {
        let mut set = Set::new(Tool::Helm);
        set.add("case", &text(0, template)).expect("a template");
        let data = data(&set, &format!("count: {n}"));
        let rendered = set.execute("case", &data, Bounds { levels, ..Bounds::default() });
        rendered.map(|rendered| rendered.text).map_err(|fault| (fault.why, fault.says))
    };
    let deep = move || {
        assert_eq!(told(template, 1001, DEEPEST_TEMPLATE), Ok("end".into()));
        let (why, says) = told(template, 1002, DEEPEST_TEMPLATE).expect_err("helm refuses it");
        assert!(why == Why::Refused && says.contains("nested reference name: x"), "{says}");
        assert_eq!(told(two, 1001, DEEPEST_TEMPLATE), Ok("end".into()));
        for template in [template, two, endless] {
            let (why, _) = told(template, 1001, DEEPEST_FLAT).expect_err("it does not fit");
            assert_eq!(why, Why::TooDeep, "{template}");
        }
        told(endless, 0, DEEPEST_TEMPLATE).expect_err("it has no end").0
    };
    let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn(deep).expect("a thread");
    assert_eq!(thread.join().expect("it ends"), Why::TooDeep);
}

/// A list in a list in a list, and so on, can be made and given back.
#[test]
fn what_is_deep_is_given_back() {
    for template in [
        "{{ $x := list 1 }}{{ range until 100000 }}{{ $x = list $x }}{{ end }}{{ len $x }}",
        "{{ $x := dict }}{{ range until 100000 }}{{ $x = dict \"x\" $x }}{{ end }}{{ len $x }}",
        "{{ $x := dict }}{{ $y := $x }}{{ range until 100000 }}{{ $z := dict }}{{ $_ := set $y \"x\" $z }}{{ $y = $z }}{{ end }}\
         {{ len $x }}",
    ] {
        assert_eq!(rendered(template, "{}").map(|rendered| rendered.text), Ok("1".into()), "{template}");
    }
}

/// Templates that are cut, doubled and mixed give something or nothing, and nothing breaks.
#[test]
fn broken_templates_break_nothing() {
    let tables =
        [include_str!("rows/language.txt"), include_str!("rows/lists.txt"), include_str!("rows/texts.txt")];
    let rows: Vec<&str> =
        tables.iter().flat_map(|table| table.lines()).filter(|line| line.contains("{{")).collect();
    let mut seed = 7u64;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % most.max(1)
    };
    let cut = |text: &str, at: usize| {
        (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    for _ in 0..2_000 {
        let (a, b) = (rows[next(rows.len())], rows[next(rows.len())]);
        let (from, to) = (cut(a, next(a.len())), cut(b, next(b.len())));
        let _ = rendered(
            &format!("{}ä{}", &a[..from], &b[to..]),
            "{name: Web_1, list: [a, ä], map: {b: two}, num: 3}",
        );
    }
}
