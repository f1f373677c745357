//! What the places cost: the same lines, indented by helpers within helpers, as texts that know where they were written
//! (telling it is another matter, which who asks pays for), as the strings of an engine of the same templates that keeps
//! no places, and as strings without a template at all.

use divan::{Bencher, black_box};
use gotmpl::{Template, Value};
use pintle::testing::template::{Bounds, Set, Tool};
use pintle::testing::{Origin, Part, yaml};
use pintle::{SourceId, Span};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

const LINES: usize = 200;
const DEPTHS: [usize; 3] = [1, 4, 8];

fn main() {
    divan::main();
}

fn part(source: u32, text: &str) -> Part {
    Part::new(text, Origin::verbatim(Span::new(SourceId(source), 0, text.len())))
}

/// Helpers that include each other, each indenting what the next one writes.
fn template(depth: usize) -> String {
    let lines: String = (0..LINES).map(|at| format!("key{at}: {{{{ .Values.a }}}}-x\n")).collect();
    let mut out = format!("{{{{ define \"h{depth}\" }}}}{lines}{{{{ end }}}}");
    for level in (0..depth).rev() {
        let inner = level + 1;
        out += &format!(
            "{{{{ define \"h{level}\" }}}}m{level}:{{{{ include \"h{inner}\" . | nindent 2 }}}}{{{{ end }}}}"
        );
    }
    out + "{{ include \"h0\" . }}"
}

fn set(depth: usize) -> (Set, pintle::testing::template::Value) {
    let mut set = Set::new(Tool::Helm);
    set.add("case", &part(0, &template(depth))).expect("a template");
    let values = yaml::read(SourceId(1), "Values: {a: value-of-a}").documents.remove(0);
    let values = set.value(&values.root);
    (set, values)
}

#[divan::bench(args = DEPTHS)]
fn woven(bencher: Bencher, depth: usize) {
    let (set, values) = set(depth);
    bencher.bench_local(|| {
        set.execute("case", black_box(&values), Bounds::default()).expect("a text").text.len()
    });
}

/// The engine of another library, with the two functions of helm that the templates call.
#[divan::bench(args = DEPTHS)]
fn engine(bencher: Bencher, depth: usize) {
    let known: Arc<OnceLock<Template>> = Arc::default();
    let own = known.clone();
    let include = move |given: &[Value]| -> gotmpl::Result<Value> {
        let (Value::String(name), data) = (&given[0], &given[1]) else { return Ok(Value::Nil) };
        let template = own.get().expect("it is parsed");
        template.execute_template_to_string(name, data).map(|text| Value::String(text.into()))
    };
    let nindent = |given: &[Value]| -> gotmpl::Result<Value> {
        let (Value::Int(count), Value::String(text)) = (&given[0], &given[1]) else { return Ok(Value::Nil) };
        let line = format!("\n{}", " ".repeat(*count as usize));
        Ok(Value::String(format!("{line}{}", text.replace('\n', &line)).into()))
    };
    let made = Template::new("case").func("include", include).func("nindent", nindent);
    known.set(made.parse(&template(depth)).expect("a template")).ok();
    let map = |name: &str, value| Value::Map(Arc::new(BTreeMap::from([(Arc::from(name), value)])));
    let data = map("Values", map("a", Value::String("value-of-a".into())));
    let template = known.get().expect("it is parsed");
    let (set, values) = set(depth);
    let ours = set.execute("case", &values, Bounds::default()).expect("a text").text;
    assert_eq!(template.execute_to_string(&data).expect("a text"), ours);
    bencher.bench_local(|| template.execute_to_string(black_box(&data)).expect("a text").len());
}

#[divan::bench(args = DEPTHS)]
fn plain(bencher: Bencher, depth: usize) {
    fn indented(text: &str) -> String {
        format!("\n  {}", text.replace('\n', "\n  "))
    }
    fn helper(level: usize, depth: usize, value: &str) -> String {
        if level == depth {
            return (0..LINES).fold(String::new(), |out, at| out + &format!("key{at}: ") + value + "-x\n");
        }
        format!("m{level}:") + &indented(&helper(level + 1, depth, value))
    }
    bencher.bench_local(|| helper(0, depth, black_box("value-of-a")).len());
}
