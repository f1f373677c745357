//! Puts mistakes into a copy of the sources, for `.ci/mutants`: all of them at once, each behind a number that the
//! environment switches on, so that one build serves them all. Does nothing where nobody asks.
#![allow(clippy::disallowed_methods)] // it reads and writes the copy that it is given

use proc_macro2::LineColumn;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The rooms in which truth is made.
const ROOMS: [&str; 5] = ["join", "judge", "rules", "formats", "secrets"];

/// What is in the copy besides, so that a mistake can be asked for.
const SWITCH: &str = "
pub(crate) mod mutants {
    pub(crate) fn on(number: usize) -> bool {
        static ASKED: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
        *ASKED.get_or_init(|| std::env::var(\"PINTLE_MUTANT\").ok()?.parse().ok()) == Some(number)
    }
}
";

/// One mistake: what of a file becomes what, with `#` for its number.
#[derive(Clone, Debug)]
struct Mutant {
    at: Range<usize>,
    becomes: String,
    says: String,
    function: String,
}

/// The mistakes that can be made in a file.
struct Finder<'a> {
    text: &'a str,
    starts: Vec<usize>,
    function: String,
    found: Vec<Mutant>,
}

impl Finder<'_> {
    fn offset(&self, at: LineColumn) -> usize {
        let line = &self.text[self.starts[at.line - 1]..];
        self.starts[at.line - 1] + line.chars().take(at.column).map(char::len_utf8).sum::<usize>()
    }

    fn range(&self, of: &impl Spanned) -> Range<usize> {
        let span = of.span();
        self.offset(span.start())..self.offset(span.end())
    }

    fn add(&mut self, at: Range<usize>, becomes: String, says: String) {
        let function = self.function.clone();
        self.found.push(Mutant { at, becomes, says, function });
    }

    /// An expression that is another one where the mistake is asked for.
    fn otherwise(&mut self, at: Range<usize>, other: &str, says: String) {
        let own = &self.text[at.clone()];
        let becomes = format!("(if crate::mutants::on(#) {{ {other} }} else {{ {own} }})");
        self.add(at, becomes, says);
    }

    fn body(&mut self, name: &syn::Ident, sig: &syn::Signature, block: &syn::Block) {
        let before = std::mem::replace(&mut self.function, name.to_string());
        if sig.constness.is_none() {
            let start = self.offset(block.span().start()) + 1;
            for value in returns(&sig.output) {
                let becomes = format!(" if crate::mutants::on(#) {{ return {value}; }}");
                self.add(start..start, becomes, format!("returns {value} at once"));
            }
            visit::visit_block(self, block);
        }
        self.function = before;
    }
}

/// What a function may give back without having looked.
fn returns(output: &syn::ReturnType) -> &'static [&'static str] {
    let syn::ReturnType::Type(_, of) = output else { return &[""] };
    let syn::Type::Path(path) = &**of else { return &[] };
    match path.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
        Some("bool") => &["true", "false"],
        Some("Option") => &["None"],
        Some("Vec") => &["Vec::new()"],
        Some("String") => &["String::new()"],
        Some("usize" | "u32" | "u64") => &["0", "1"],
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.body(&item.sig.ident, &item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.body(&item.sig.ident, &item.sig, &item.block);
    }

    fn visit_expr_binary(&mut self, own: &'ast syn::ExprBinary) {
        use syn::BinOp;
        let other = match own.op {
            BinOp::Eq(_) => "!=",
            BinOp::Ne(_) => "==",
            BinOp::Lt(_) => "<=",
            BinOp::Le(_) => "<",
            BinOp::Gt(_) => ">=",
            BinOp::Ge(_) => ">",
            BinOp::And(_) => "||",
            BinOp::Or(_) => "&&",
            BinOp::Add(_) => "-",
            BinOp::Sub(_) => "+",
            _ => "",
        };
        let (at, left, right) = (self.range(own), self.range(&own.left), self.range(&own.right));
        let (whole, left, right) = (&self.text[at.clone()], &self.text[left], &self.text[right]);
        if !other.is_empty() && !whole.contains("let ") {
            let other = format!("({left}) {other} ({right})");
            self.otherwise(at, &other, format!("`{}` for `{}`", flat(&other), flat(whole)));
        }
        visit::visit_expr_binary(self, own);
    }

    fn visit_expr_unary(&mut self, own: &'ast syn::ExprUnary) {
        if matches!(own.op, syn::UnOp::Not(_)) {
            let (at, inner) = (self.range(own), self.range(&*own.expr));
            let inner = self.text[inner].to_owned();
            self.otherwise(at, &inner, format!("`{}` without its `!`", flat(&inner)));
        }
        visit::visit_expr_unary(self, own);
    }
}

fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(100).collect()
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    for path in all {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            out.push(path);
        }
    }
}

/// The mistakes of a file.
fn mutants(text: &str) -> Vec<Mutant> {
    let file = syn::parse_file(text).expect("the sources are Rust");
    let is_test = |attribute: &syn::Attribute| attribute.path().is_ident("cfg");
    if file.attrs.iter().any(is_test) {
        return Vec::new();
    }
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut finder = Finder { text, starts, function: String::new(), found: Vec::new() };
    finder.visit_file(&file);
    finder.found
}

/// Numbers in an order that a seed decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

fn asked(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes the copy's `mutants.txt`, with a line for each: its number, room, file and line, function, and what is wrong.
/// `PINTLE_MUTANTS_WITHOUT` names the numbers of those that do not compile.
#[test]
fn mistakes_are_put_into_a_copy() {
    let Some(copy) = asked("PINTLE_MUTANTS_IN").map(PathBuf::from) else { return };
    let number = |name: &str, usual: usize| asked(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (count, seed) = (number("PINTLE_MUTANTS", 400), number("PINTLE_SEED", 1));
    let without = asked("PINTLE_MUTANTS_WITHOUT").unwrap_or_default();
    let without: BTreeSet<usize> = without.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut told, mut next) = (String::new(), 0);
    for (at, room) in ROOMS.iter().enumerate() {
        let mut files = Vec::new();
        sources(&home.join("src").join(room), &mut files);
        let texts: Vec<String> =
            files.iter().map(|file| fs::read_to_string(file).expect("a source")).collect();
        let mut all: Vec<(usize, Mutant)> = Vec::new();
        for (file, text) in texts.iter().enumerate() {
            all.extend(mutants(text).into_iter().map(|mutant| (file, mutant)));
        }
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ ((seed as u64) << 8) ^ at as u64);
        let mut chosen: Vec<(usize, Mutant)> = Vec::new();
        while chosen.len() < count / ROOMS.len() && !all.is_empty() {
            let (file, mutant) = all.swap_remove(dice.below(all.len()));
            let touches = |(other, one): &(usize, Mutant)| {
                *other == file && one.at.start <= mutant.at.end && mutant.at.start <= one.at.end
            };
            if !chosen.iter().any(touches) {
                chosen.push((file, mutant));
            }
        }
        let mut edits: Vec<Vec<(Mutant, usize)>> = vec![Vec::new(); files.len()];
        for (file, mutant) in chosen {
            let own = next;
            next += 1;
            if without.contains(&own) {
                continue;
            }
            let name = files[file].strip_prefix(home).expect("below the root").display().to_string();
            let line = texts[file][..mutant.at.start].matches('\n').count() + 1;
            told += &format!("{own}\t{room}\t{name}:{line}\t{}\t{}\n", mutant.function, mutant.says);
            edits[file].push((mutant, own));
        }
        for (file, mut edits) in edits.into_iter().enumerate() {
            edits.sort_by_key(|(mutant, _)| std::cmp::Reverse(mutant.at.start));
            let mut text = texts[file].clone();
            for (mutant, own) in edits {
                // What does not compile is known by this.
                let becomes = mutant.becomes.replace("on(#)", &format!("on({own})"));
                text.replace_range(mutant.at, &becomes);
            }
            let name = files[file].strip_prefix(home).expect("below the root");
            fs::write(copy.join(name), text).expect("the copy can be written");
        }
    }
    let face = fs::read_to_string(home.join("src/lib.rs")).expect("the face of the crate");
    fs::write(copy.join("src/lib.rs"), face + SWITCH).expect("the copy can be written");
    fs::write(copy.join("mutants.txt"), told).expect("the copy can be written");
}

#[test]
fn mistakes_are_found_where_they_can_be_made() {
    let text = "fn a(x: u8) -> bool { x == 1 && !b() }\nfn b() {}\nconst C: u8 = 1 + 2;\n#[cfg(test)]\nmod tests { fn c() -> bool { 1 == 2 } }\n";
    let told: Vec<String> =
        mutants(text).iter().map(|one| format!("{}: {}", one.function, one.says)).collect();
    let expected = [
        "a: returns true at once",
        "a: returns false at once",
        "a: `(x == 1) || (!b())` for `x == 1 && !b()`",
        "a: `(x) != (1)` for `x == 1`",
        "a: `b()` without its `!`",
        "b: returns  at once",
    ];
    assert_eq!(told, expected);
    let one = &mutants(text)[3];
    assert_eq!(one.becomes, "(if crate::mutants::on(#) { (x) != (1) } else { x == 1 })");
    assert_eq!(&text[one.at.clone()], "x == 1");
}
