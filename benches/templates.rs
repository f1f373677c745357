//! What the places cost: the same lines, indented by helpers within helpers, as texts that know where they were written,
//! and as plain strings without a template at all.

use divan::{Bencher, black_box};
use pintle::testing::template::{Bounds, Set, Tool};
use pintle::testing::{Origin, Part, yaml};
use pintle::{SourceId, Span};

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
        set.execute("case", black_box(&values), Bounds::default()).expect("a text").part.text.len()
    });
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
