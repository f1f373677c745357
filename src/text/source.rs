//! The files of one run: their names, and the text of those that something still points into.

use super::{Covers, Lines, Place, SourceId, Span, Str};
use std::sync::{Arc, OnceLock};

/// One file: its name relative to the root (with `/`), and its text where it is still needed.
#[derive(Debug, Default)]
pub struct Source {
    pub name: Str,
    text: OnceLock<Arc<str>>,
    lines: OnceLock<Lines>,
    /// The text as it is shown, if that is another one, and what was covered in it.
    shown: OnceLock<Box<(Covers, Source)>>,
}

impl Source {
    pub fn new(name: &str) -> Source {
        Source { name: name.into(), ..Source::default() }
    }

    /// The text, or nothing if it was not kept.
    pub fn text(&self) -> &str {
        self.text.get().map_or("", |text| text)
    }

    pub fn is_kept(&self) -> bool {
        self.text.get().is_some()
    }

    /// The text, for who keeps it too.
    pub fn kept(&self) -> Option<Arc<str>> {
        self.text.get().cloned()
    }

    /// Keeps the text; a second text for the same source is ignored.
    pub fn keep(&self, text: Arc<str>) {
        let _ = self.text.set(text);
    }

    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(self.text()))
    }
}

/// What stands in no file of the run, such as a page that the binary carries.
static NOWHERE: Source = Source {
    name: Str::new_static(""),
    text: OnceLock::new(),
    lines: OnceLock::new(),
    shown: OnceLock::new(),
};

/// All files of one run, by number.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

impl Sources {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Sources {
        Sources { list: names.into_iter().map(Source::new).collect() }
    }

    /// The source of a number; one without name and text for a number from elsewhere.
    pub fn get(&self, id: SourceId) -> &Source {
        self.list.get(id.0 as usize).unwrap_or(&NOWHERE)
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds one more file, such as a configuration that stands outside the repository.
    pub fn add(&mut self, name: &str, text: Arc<str>) -> SourceId {
        let source = Source::new(name);
        source.keep(text);
        self.list.push(source);
        SourceId(self.list.len() as u32 - 1)
    }

    /// Gives a file another text than the one that was kept.
    pub fn replace(&mut self, id: SourceId, text: Arc<str>) {
        if let Some(source) = self.list.get_mut(id.0 as usize) {
            *source = Source::new(&source.name);
            source.keep(text);
        }
    }

    pub fn name(&self, id: SourceId) -> &str {
        &self.get(id).name
    }

    /// The text under a span; empty if the source's text was not kept.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text().get(span.range()).unwrap_or("")
    }

    /// Where a span begins and ends, as people count in the text that they are shown.
    pub fn places(&self, span: Span) -> (Place, Place) {
        let mut source = self.get(span.source);
        let Span { mut start, mut end, .. } = span;
        if let Some((covers, shown)) = source.shown.get().map(|shown| &**shown) {
            (start, end) = (covers.start(start as usize) as u32, covers.end(end as usize) as u32);
            source = shown;
        }
        let (text, lines) = (source.text(), source.lines());
        (lines.place(start as usize, text), lines.place(end as usize, text))
    }

    /// From now on places of a file are those of the text that is shown of it.
    pub fn show(&self, id: SourceId, covers: Covers, text: Arc<str>) {
        let shown = Source::new(self.name(id));
        shown.keep(text);
        let _ = self.get(id).shown.set(Box::new((covers, shown)));
    }
}
