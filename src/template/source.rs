//! The text of a template and what the parser makes of it. Knows where each action begins and ends; not what it means.

use super::place::{Place, Places, Site};
use super::rope::Text;
use super::tree::{Run, Tree};
use crate::text::Span;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

/// What is wrong with a text, and where in it.
#[derive(Debug)]
pub struct Malformed {
    pub says: String,
    pub range: Range<usize>,
}

/// A template's text with its places. What is parsed of it has none: equal texts can be parsed once.
#[derive(Debug)]
pub struct Source {
    pub text: Text,
    pub tree: Rc<Tree>,
    /// The actions that wrote something, told when first asked for.
    sites: Box<[Cell<Site>]>,
    /// It is the text of a value, and perhaps executed again as another source.
    is_value: bool,
}

impl Source {
    pub fn new(text: Text, tree: Rc<Tree>) -> Source {
        let sites = vec![Cell::new(Site::NONE); tree.actions.len()].into();
        Source { text, tree, sites, is_value: false }
    }

    /// The same for the text of a value.
    pub fn of_value(text: Text, tree: Rc<Tree>) -> Source {
        Source { is_value: true, ..Source::new(text, tree) }
    }

    /// An action, as what writes something.
    pub fn site(&self, action: u32, places: &Places) -> Site {
        let known = &self.sites[action as usize];
        if known.get() == Site::NONE {
            let span = self.span(self.action(action), places);
            known.set(if self.is_value { places.site(span) } else { places.new_site(span) });
        }
        known.get()
    }

    /// An action that was executed, as it is written.
    pub fn written(&self, site: Site) -> &str {
        let known = self.sites.iter().position(|known| known.get() == site && site != Site::NONE);
        known.map_or("", |action| &self.text.as_str()[self.action(action as u32)])
    }

    /// The bytes of an action.
    pub fn action(&self, action: u32) -> Range<usize> {
        self.tree.actions[action as usize].range()
    }

    /// Where some bytes of the template are.
    pub fn span(&self, range: Range<usize>, places: &Places) -> Span {
        self.text.span_of(range, places)
    }

    pub fn word(&self, word: Run) -> &str {
        self.tree.word(self.text.as_str(), word)
    }

    /// A text between quotes in an action, at its place if it is there byte for byte.
    pub fn literal(&self, word: Run, at: Place) -> Text {
        match self.tree.is_in_text(word) {
            true => self.text.slice(word.range()),
            false => Text::new(self.word(word), at),
        }
    }
}
