//! What a format is, what it is given, and what it fills.

use crate::config::Config;
use crate::facts::{Engines, Facts, Names, Scene};
use crate::finding::Problem;
use crate::syntax::Document;
use crate::syntax::forms;
use crate::syntax::provide::Budget;
use crate::syntax::yaml::Yaml;
use crate::text::{File, SourceId, Span, paths};
use crate::world::View;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// One format.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// How facts, inventories and documentation call it.
    pub name: &'static str,
    /// It wants no text without one of these words; nothing if it may do without.
    pub words: &'static [&'static str],
    /// Whether the format wants to see this file: by name and by a few needles, never by parsing.
    pub wants: fn(&File) -> bool,
    pub read: Read,
}

/// What a format reads.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// Each YAML or JSON document of the file; several formats may read the same document. Forms in its texts are
    /// marked as holes.
    Documents(fn(&mut Desk, &Document)),
    /// The same, with its texts as written: the format knows who gives its variables their values.
    Filled(fn(&mut Desk, &Document)),
    /// Each object as a cluster gets it; as it is written, if no build holds it.
    Objects(fn(&mut Desk, &Document)),
    /// The text itself.
    Text(fn(&mut Desk)),
}

/// What a format is given besides the file, and what it fills.
#[derive(Debug)]
pub struct Desk<'a> {
    pub file: File<'a>,
    pub config: &'a Config,
    /// What counts as a database.
    pub engines: &'a Engines,
    /// Which names promise a credential.
    pub names: &'a Names,
    pub beside: Beside<'a>,
    /// What builds make of the repository; nothing where that is not asked for.
    view: Option<View<'a>>,
    /// Whether more was asked than the desk's own file or object.
    looked_around: Cell<bool>,
    /// The build in which the object was seen that is read now.
    pub scene: Option<Arc<Scene>>,
    pub facts: Facts,
    pub problems: Vec<Problem>,
    /// What may still be put into the texts of the file.
    pub budget: Rc<Budget>,
}

impl<'a> Desk<'a> {
    /// An empty desk for one file.
    pub fn new(
        file: File<'a>,
        config: &'a Config,
        engines: &'a Engines,
        names: &'a Names,
        beside: Beside<'a>,
    ) -> Desk<'a> {
        Desk {
            file,
            config,
            engines,
            names,
            beside,
            view: None,
            looked_around: Cell::new(false),
            scene: None,
            facts: Facts::default(),
            problems: Vec::new(),
            budget: Rc::default(),
        }
    }

    /// The same desk in a repository.
    #[must_use]
    pub fn with_view(self, view: View<'a>) -> Desk<'a> {
        Desk { view: Some(view), ..self }
    }

    /// What builds make of the repository.
    pub(super) fn view(&self) -> Option<View<'a>> {
        self.looked_around.set(true);
        self.view
    }

    /// The same, for questions that are asked again before facts are taken for those of another time: whether builds or
    /// releases speak for the desk's file, and what the release is given that the desk's object is.
    pub(super) fn own_view(&self) -> Option<View<'a>> {
        self.view
    }

    /// The trees of another file, in which the value of a build was written.
    pub(super) fn tree_of(&self, id: SourceId) -> Option<&'a Arc<Yaml>> {
        let files = self.own_view()?.files;
        // Where the file is the same at the other time, so is what it says.
        let is_same = files.shared().is_some_and(|shared| shared.is_same(id));
        if is_same { files.yaml(id) } else { self.view()?.files.yaml(id) }
    }

    /// Whether what is told depends on more than the text of the file, or on the object, and on what is asked again.
    pub fn has_looked_around(&self) -> bool {
        self.looked_around.get()
    }

    /// Hands a document to a format, its forms marked unless the format fills them.
    pub fn read(&mut self, read: Read, document: &Document) {
        match read {
            Read::Documents(read) | Read::Objects(read) => read(self, &forms::marked_document(document)),
            Read::Filled(read) => read(self, document),
            Read::Text(_) => {}
        }
    }

    /// Whether an entry of `images:` or a patch needs no word of its own.
    pub(super) fn is_settled(&self, entry: Span) -> bool {
        self.view().is_some_and(|view| view.is_settled(entry))
    }

    /// A file by its path relative to this one, if it is one that [`is_beside`] lets be asked for.
    pub fn neighbour(&self, path: &str) -> Option<File<'a>> {
        let name = paths::resolve(self.file.directory(), path)?;
        self.beside.0.filter(|_| is_beside(&name)).and_then(|find| find(&name))
    }
}

/// Finds the few small files whose values other files use, by name relative to the root.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a>(pub Option<&'a Find<'a>>);

/// Gives the file of a name, if it is there.
pub type Find<'a> = dyn Fn(&str) -> Option<File<'a>> + Sync + 'a;

impl std::fmt::Debug for Beside<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Beside")
    }
}

/// Whether some format may ask for this file while it reads another: only `.env` files are such.
pub fn is_beside(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    base == ".env"
        || base.starts_with(".env.")
        || base.ends_with(".env")
        || base == ".sops.yaml"
        || base == ".sops.yml"
}
