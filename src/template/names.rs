//! The templates of one render by name: files and what they define share one namespace, and the last one counts.

use super::parse::parse;
use super::rope::Text;
use super::source::{Malformed, Source};
use super::tree::{Run, Tree};
use crate::text::Str;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A template: a text, or what is defined in one.
#[derive(Clone, Debug)]
pub struct Template {
    pub source: Rc<Source>,
    /// Its nodes.
    pub body: Run,
}

impl Template {
    fn is_blank(&self) -> bool {
        self.source.tree.is_blank(self.source.text.as_str(), self.body)
    }
}

/// Templates by name. A clone shares them.
#[derive(Clone, Default, Debug)]
pub struct Names {
    templates: Rc<HashMap<Str, Template>>,
    /// Texts of values that were parsed before.
    parsed: Rc<RefCell<HashMap<Str, Rc<Tree>>>>,
}

impl Names {
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// Adds a template and what it defines.
    pub fn add(&mut self, name: &str, text: Text) -> Result<(), Malformed> {
        let tree = Rc::new(parse(text.as_str())?);
        let whole = self.defined(Rc::new(Source::new(text, tree)));
        put(Rc::make_mut(&mut self.templates), name, whole);
        Ok(())
    }

    /// Adds what the text of a value defines, and gives the text itself, which gets no name. Such a text is often
    /// written out many times: it is parsed once.
    pub fn beside(&mut self, text: Text) -> Result<Template, Malformed> {
        let known = self.parsed.borrow().get(text.as_str()).cloned();
        let tree = match known {
            Some(tree) => tree,
            None => {
                let tree = Rc::new(parse(text.as_str())?);
                self.parsed.borrow_mut().insert(text.text().clone(), tree.clone());
                tree
            }
        };
        Ok(self.defined(Rc::new(Source::of_value(text, tree))))
    }

    /// Adds what a text defines.
    fn defined(&mut self, source: Rc<Source>) -> Template {
        if !source.tree.defines.is_empty() {
            let templates = Rc::make_mut(&mut self.templates);
            for define in &source.tree.defines {
                let template = Template { source: source.clone(), body: define.body };
                put(templates, source.word(define.name), template);
            }
        }
        Template { body: source.tree.body, source }
    }
}

/// An empty body does not replace another one.
fn put(templates: &mut HashMap<Str, Template>, name: &str, template: Template) {
    if !template.is_blank() || !templates.contains_key(name) {
        templates.insert(name.into(), template);
    }
}
