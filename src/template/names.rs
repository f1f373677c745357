//! The templates of one render by name: files and what they define share one namespace, and the last one counts.

use super::rope::Text;
use super::source::{Malformed, Parsed, Source};
use crate::text::Str;
use gotmpl::parse::ListNode;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A template: a text, or what is defined in one.
#[derive(Clone, Debug)]
pub struct Template {
    pub source: Rc<Source>,
    define: Option<usize>,
}

impl Template {
    pub fn body(&self) -> &ListNode {
        match self.define {
            Some(define) => &self.source.parsed.defines[define].body,
            None => &self.source.parsed.body,
        }
    }
}

/// Templates by name. A clone shares them.
#[derive(Clone, Default, Debug)]
pub struct Names {
    templates: Rc<HashMap<Str, Template>>,
    /// Texts that were parsed before, of whatever name.
    parsed: Rc<RefCell<HashMap<Str, Rc<Parsed>>>>,
}

impl Names {
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// Adds a template and what it defines.
    pub fn add(&mut self, name: &str, text: Text) -> Result<(), Malformed> {
        let source = self.source(text)?;
        let templates = Rc::make_mut(&mut self.templates);
        for (at, define) in source.parsed.defines.iter().enumerate() {
            put(templates, &define.name, Template { source: source.clone(), define: Some(at) });
        }
        put(templates, name, Template { source, define: None });
        Ok(())
    }

    /// Adds what a text defines, and gives the text itself, which gets no name.
    pub fn beside(&mut self, text: Text) -> Result<Template, Malformed> {
        let source = self.source(text)?;
        if !source.parsed.defines.is_empty() {
            let templates = Rc::make_mut(&mut self.templates);
            for (at, define) in source.parsed.defines.iter().enumerate() {
                put(templates, &define.name, Template { source: source.clone(), define: Some(at) });
            }
        }
        Ok(Template { source, define: None })
    }

    fn source(&self, text: Text) -> Result<Rc<Source>, Malformed> {
        let known = self.parsed.borrow().get(text.as_str()).cloned();
        let parsed = match known {
            Some(parsed) => parsed,
            None => {
                let parsed = Rc::new(Parsed::new(text.as_str())?);
                self.parsed.borrow_mut().insert(text.text().clone(), parsed.clone());
                parsed
            }
        };
        Ok(Rc::new(Source::new(text, parsed)))
    }
}

/// An empty body does not replace another one.
fn put(templates: &mut HashMap<Str, Template>, name: &str, template: Template) {
    if !template.body().is_empty_tree() || !templates.contains_key(name) {
        templates.insert(name.into(), template);
    }
}
