//! Who gives Terraform's variables and locals their values: the file itself, and the files of its module that are
//! made for it. Other files of the module are not looked for.

use super::Desk;
use crate::syntax::hcl::{self, Body};
use crate::syntax::provide::{Answer, Known};
use crate::syntax::{Node, forms};
use crate::text::{How, Part, Reason, paths};
use crate::world::View;
use std::cell::OnceCell;

/// Where modules declare their variables and locals. A folder may have hundreds of files besides.
const DECLARING: [&str; 6] = ["variables.tf", "variable.tf", "vars.tf", "locals.tf", "local.tf", "main.tf"];

/// The file whose values Terraform takes without being told, and the end of the names of all others that it takes.
const SETTING: &str = "terraform.tfvars";
const SETTING_TOO: &str = ".auto.tfvars";

/// One file, and what stands beside it.
pub(super) struct Module<'b, 'a> {
    own: &'b Body,
    view: Option<View<'a>>,
    name: &'a str,
    beside: OnceCell<Beside>,
    callers: OnceCell<Vec<Body>>,
}

/// What other files of a module say.
#[derive(Default)]
struct Beside {
    declaring: Vec<Body>,
    /// Files of plain values, the strongest first.
    setting: Vec<Body>,
}

impl<'b, 'a> Module<'b, 'a> {
    pub(super) fn of(desk: &Desk<'a>, own: &'b Body) -> Module<'b, 'a> {
        Module {
            own,
            view: desk.view(),
            name: desk.file.name,
            beside: OnceCell::new(),
            callers: OnceCell::new(),
        }
    }

    /// What an expression stands for.
    pub(super) fn answer(&self, expression: &str) -> Answer {
        let Some((kind, path)) =
            expression.split_once('.').filter(|(kind, _)| matches!(*kind, "var" | "local"))
        else {
            let is_elsewhere = expression.starts_with("module.");
            return Answer::Unknown(if is_elsewhere { Reason::Elsewhere } else { Reason::Runtime });
        };
        let set = (kind == "var").then(|| self.set(path)).flatten();
        if let Some(given) = (kind == "var" && set.is_none()).then(|| self.given(path)).flatten() {
            return given;
        }
        let declared = || {
            let beside = || self.beside().declaring.iter().find_map(|body| declared(body, kind, path));
            declared(self.own, kind, path).or_else(beside)
        };
        set.or_else(declared).into()
    }

    /// The value that a file of values gives a variable.
    fn set(&self, path: &str) -> Option<Known> {
        let name = path.split('.').next().unwrap_or(path);
        let value = self.beside().setting.iter().find_map(|body| body.get(name));
        at(value, path).map(|value| Known { value, how: How::Override })
    }

    /// What the modules above give a variable when they call this one. Where they give several values, or one that is theirs
    /// to work out, nobody knows it here.
    fn given(&self, name: &str) -> Option<Answer> {
        let callers =
            self.callers.get_or_init(|| self.view.map_or_else(Vec::new, |view| callers(view, self.name)));
        let mut all = callers.iter().map(|call| call.get(name).map(Node::part));
        let first = all.next()?;
        let same = |other: Option<Option<Part>>| match (&first, &other) {
            (Some(Some(one)), Some(Some(other))) => one.text == other.text,
            (None, None) => true,
            _ => false,
        };
        if !all.all(same) {
            return Some(Answer::Unknown(Reason::Elsewhere));
        }
        match first? {
            Some(value) if forms::marked(&value).is_known() => {
                Some(Answer::Is(Known { value, how: How::Substitution }))
            }
            _ => Some(Answer::Unknown(Reason::Elsewhere)),
        }
    }

    fn beside(&self) -> &Beside {
        self.beside.get_or_init(|| self.view.map_or_else(Beside::default, |view| read(view, self.name)))
    }
}

/// What one file says of `local.x` or `var.x`; of `local.x.y`, a value further down.
pub(super) fn declared(body: &Body, kind: &str, path: &str) -> Option<Known> {
    let name = path.split('.').next().unwrap_or(path);
    if kind == "local" {
        let value = body.blocks("locals").find_map(|block| block.body.get(name));
        return at(value, path).map(|value| Known { value, how: How::Substitution });
    }
    let variable = body.blocks("variable").find(|block| block.label(0) == name)?;
    at(variable.body.get("default"), path).map(|value| Known { value, how: How::Default })
}

/// The text at the end of a path whose first name is that of the node itself.
fn at(node: Option<&Node>, path: &str) -> Option<Part> {
    let path: Vec<&str> = path.split('.').skip(1).collect();
    node?.at(&path)?.part()
}

/// What calls of the module in the folders above it say.
fn callers(view: View, name: &str) -> Vec<Body> {
    let own = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut out = Vec::new();
    let mut folder = own;
    while let Some(above) =
        (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
    {
        folder = above;
        let place =
            |base: &str| if folder.is_empty() { base.to_string() } else { format!("{folder}/{base}") };
        for id in DECLARING.iter().filter_map(|base| view.files.find(&place(base))) {
            if !view.files.peek(id, |text| text.contains("module")) {
                continue;
            }
            let Some(text) = view.files.text(id) else { continue };
            for block in hcl::read(id, &text).0.blocks {
                let source =
                    block.body.get("source").and_then(Node::text).filter(|_| block.kind.text == "module");
                let is_it = |source: &str| {
                    source.starts_with('.') && paths::resolve(folder, source).is_some_and(|path| path == own)
                };
                if source.is_some_and(is_it) {
                    out.push(block.body);
                }
            }
        }
    }
    out
}

/// Reads the files of a module that give values, but for the file of that name itself.
fn read(view: View, name: &str) -> Beside {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let place = |base: &str| if folder.is_empty() { base.to_string() } else { format!("{folder}/{base}") };
    let body = |file: &str| {
        let id = view.files.find(file).filter(|_| file != name)?;
        view.files.text(id).map(|text| hcl::read(id, &text).0)
    };
    let mut settings: Vec<&str> = view
        .files
        .below(folder)
        .map(|id| view.files.name(id))
        .filter(|file| {
            file.ends_with(SETTING_TOO) && file.rsplit_once('/').map_or("", |(folder, _)| folder) == folder
        })
        .collect();
    let first = place(SETTING);
    // The later name wins.
    settings.sort_unstable();
    settings.insert(0, &first);
    Beside {
        declaring: DECLARING.iter().filter_map(|base| body(&place(base))).collect(),
        setting: settings.into_iter().rev().filter_map(body).collect(),
    }
}
