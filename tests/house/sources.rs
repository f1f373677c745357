//! The sources as a compiler sees them: modules, what each one names, and every path that code or an import writes.
//! Comments and strings do not count. Knows no wall.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemUse, Macro, Meta, UseTree, VisRestricted, Visibility};

/// The path of a module: `["formats", "kubernetes"]`; empty for the root of the crate.
pub(crate) type ModulePath = Vec<String>;

/// What one module names.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The file it is written in.
    pub(crate) file: String,
    /// Types, functions, constants, traits and macros that are defined here.
    pub(crate) items: BTreeSet<String>,
    /// Names that an import brought here, and the paths behind them.
    pub(crate) imports: BTreeMap<String, Vec<Vec<String>>>,
    /// The modules of which everything is imported.
    pub(crate) globs: Vec<Vec<String>>,
}

/// A path as somebody wrote it.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) module: ModulePath,
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    /// Only tests are compiled with it.
    pub(crate) in_test: bool,
}

/// How a path is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// In an expression, a type, a pattern or a macro.
    Code,
    /// One leaf of a `use`.
    Import,
    /// `use path::*`.
    Glob,
}

/// Every module of a crate, and every path in it.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) modules: BTreeMap<ModulePath, Module>,
    pub(crate) references: Vec<Reference>,
    /// The modules of the root that other crates see.
    pub(crate) public: BTreeSet<String>,
}

impl Sources {
    /// Parses files, given by their names (`src/text/span.rs`) and texts.
    pub(crate) fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Sources {
        let mut sources = Sources::default();
        let mut test_modules = BTreeSet::new();
        for (name, text) in files {
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let module = module_of(name);
            let mut reader = Reader {
                sources: &mut sources,
                tests: &mut test_modules,
                file: name,
                module,
                in_test: false,
            };
            reader.open();
            for attribute in &file.attrs {
                reader.visit_attribute(attribute);
            }
            reader.items(&file.items);
        }
        for reference in &mut sources.references {
            let within = |at: usize| test_modules.contains(&reference.module[..at]);
            reference.in_test |= (1..=reference.module.len()).any(within);
        }
        sources
    }
}

/// `["text", "span"]` for `src/text/span.rs`, `["text"]` for `src/text/mod.rs` and `src/text.rs`.
fn module_of(file: &str) -> ModulePath {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if inner == "lib" { Vec::new() } else { inner.split('/').map(str::to_owned).collect() }
}

/// Collects one file.
struct Reader<'a> {
    sources: &'a mut Sources,
    /// Modules that only tests are compiled with.
    tests: &'a mut BTreeSet<ModulePath>,
    file: &'a str,
    module: ModulePath,
    in_test: bool,
}

impl Reader<'_> {
    fn open(&mut self) {
        self.here().file = self.file.to_owned();
    }

    fn here(&mut self) -> &mut Module {
        self.sources.modules.entry(self.module.clone()).or_default()
    }

    /// Names the items of a module, and visits them.
    fn items(&mut self, items: &[Item]) {
        for item in items {
            let name = match item {
                Item::Const(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Fn(item) => &item.sig.ident,
                Item::Static(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::TraitAlias(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Union(item) => &item.ident,
                Item::Macro(item) if item.ident.is_some() => item.ident.as_ref().expect("it was just seen"),
                _ => continue,
            };
            let name = name.to_string();
            self.here().items.insert(name);
        }
        items.iter().for_each(|item| self.visit_item(item));
    }

    fn refer(&mut self, path: Vec<String>, line: usize, kind: Kind) {
        let (module, in_test) = (self.module.clone(), self.in_test);
        self.sources.references.push(Reference { module, path, line, kind, in_test });
    }

    /// One tree of a `use`, whose beginning is `path`.
    fn tree(&mut self, path: &[String], tree: &UseTree) {
        let with = |name: String| [path, &[name]].concat();
        match tree {
            UseTree::Path(inner) => self.tree(&with(inner.ident.to_string()), &inner.tree),
            UseTree::Group(group) => group.items.iter().for_each(|inner| self.tree(path, inner)),
            UseTree::Name(leaf) => {
                // `path::{self}` is the path itself.
                let name = leaf.ident.to_string();
                let path = if name == "self" { path.to_vec() } else { with(name) };
                let name = path.last().cloned().unwrap_or_default();
                self.leaf(name, path, leaf.ident.span().start().line);
            }
            UseTree::Rename(leaf) => {
                let name = leaf.ident.to_string();
                let path = if name == "self" { path.to_vec() } else { with(name) };
                self.leaf(leaf.rename.to_string(), path, leaf.ident.span().start().line);
            }
            UseTree::Glob(leaf) => {
                self.here().globs.push(path.to_vec());
                self.refer(path.to_vec(), leaf.star_token.spans[0].start().line, Kind::Glob);
            }
        }
    }

    fn leaf(&mut self, name: String, path: Vec<String>, line: usize) {
        self.here().imports.entry(name).or_default().push(path.clone());
        self.refer(path, line, Kind::Import);
    }

    /// The paths that the tokens of a macro show: names with `::` between them, and single names.
    fn tokens(&mut self, tokens: TokenStream, shortest: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let sign = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == wanted);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream(), shortest),
                TokenTree::Ident(first) => {
                    let is_field = at > 1 && sign(at - 2, '.') && !(at > 2 && sign(at - 3, '.'));
                    let is_outside = at > 2 && sign(at - 2, ':') && sign(at - 3, ':');
                    let mut path = vec![first.to_string()];
                    while sign(at, ':')
                        && sign(at + 1, ':')
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 2)
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    if !is_field && !is_outside && path.len() >= shortest {
                        self.refer(path, first.span().start().line, Kind::Code);
                    }
                }
                _ => {}
            }
        }
    }

    /// Visits something that these attributes stand over.
    fn under(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= attributes.iter().any(is_for_tests);
        visit(self);
        self.in_test = before;
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.under(attributes(item), |reader| match item {
            Item::Mod(module) => {
                reader.module.push(module.ident.to_string());
                if reader.in_test {
                    reader.tests.insert(reader.module.clone());
                }
                if reader.module.len() == 1 && !matches!(module.vis, Visibility::Inherited) {
                    reader.sources.public.insert(module.ident.to_string());
                }
                if let Some((_, items)) = &module.content {
                    reader.open();
                    reader.items(items);
                }
                reader.module.pop();
            }
            item => visit::visit_item(reader, item),
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.under(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.refer(names, first.ident.span().start().line, Kind::Code);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone(), 1);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // Most single words in an attribute are no names: `#[serde(default)]`.
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), 2);
        }
    }

    /// `pub(in crate::emit)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

/// `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_for_tests(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words: Vec<String> = words(list.tokens.clone());
            words.iter().any(|word| word == "test")
                && !words.iter().any(|word| word == "not" || word == "any")
        }
        _ => false,
    }
}

fn words(tokens: TokenStream) -> Vec<String> {
    let word = |token| match token {
        TokenTree::Ident(word) => vec![word.to_string()],
        TokenTree::Group(group) => words(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(word).collect()
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
