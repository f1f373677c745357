//! All rule pages of a run: those the binary carries, and those a repository adds. Knows nothing of facts.

use super::data::Data;
use super::page::{self, Page};
use crate::config::Config;
use crate::facts::{Engines, Keeping, Moves, Places, Provisioners, Shape};
use crate::finding::Problem;
use crate::secrets::Tables;
use crate::syntax::Node;
use crate::text::SourceId;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

/// The rules, by id.
#[derive(Debug, Default)]
pub struct Book {
    pages: Vec<Page>,
    /// What the data pages say.
    data: Data,
    /// The credential types of all vendor pages.
    pub tables: Tables,
}

/// The name and text of every page in the binary: `rules/image-latest.md`.
pub(crate) fn embedded() -> &'static [(&'static str, &'static str)] {
    embedded::PAGES
}

impl Book {
    /// The pages that the binary carries. Problems here are bugs of ours; a test holds the list empty.
    pub fn built_in() -> (Book, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut book = Book::default();
        for (name, text) in embedded() {
            // Spans into the binary's own pages are never shown, so they share one number.
            if let Some(page) = page::read(SourceId(u32::MAX), name, text, &mut problems) {
                book.take(page, &mut problems);
            }
        }
        book.pages.sort_by(|a, b| a.id.cmp(&b.id));
        (book, problems)
    }

    /// Adds a repository's own page. A page may not take the name of one that is there.
    pub fn add(&mut self, source: SourceId, name: &str, text: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(page) = page::read(source, name, text, &mut problems) {
            if self.page(&page.id).is_some() {
                let at = page.front.get("id").map(Node::span);
                problems.push(Problem::fatal(
                    "rule-page",
                    format!("there is a rule `{}` already", page.id),
                    at,
                ));
            } else if problems.is_empty() {
                let (id, at) = (page.id.clone(), page.front.get("tokens").map(Node::span));
                self.take(page, &mut problems);
                let faults = self.tables.faults(&id);
                problems.extend(faults.into_iter().map(|says| Problem::fatal("rule-page", says, at)));
                self.pages.sort_by(|a, b| a.id.cmp(&b.id));
            }
        }
        problems
    }

    fn take(&mut self, page: Page, problems: &mut Vec<Problem>) {
        if let Some(tokens) = page.front.get("tokens") {
            self.tables.add(&page.id, tokens, problems);
        }
        match page.about.as_str() {
            "data" => self.data.fill(&page.front, self.tables.names_mut(), problems),
            _ => self.pages.push(page),
        }
    }

    /// The same book with one page in place of its namesake: how a page is tried alone.
    pub(crate) fn with(&self, page: Page) -> Book {
        let mut pages: Vec<Page> = self.pages.iter().filter(|other| other.id != page.id).cloned().collect();
        pages.push(page);
        pages.sort_by(|a, b| a.id.cmp(&b.id));
        Book { pages, data: self.data.clone(), tables: self.tables.clone() }
    }

    /// What counts as a moving tag, with what the owners of the repository say.
    pub fn moves(&self, config: &Config) -> Moves {
        let mut moves = self.data.moves.clone();
        for (prefix, of) in &config.mirrors {
            let known = moves.add_mirror(prefix, of, 1);
            debug_assert_eq!(known, Ok(()), "the configuration has refused what cannot be read");
        }
        for (tags, shape) in [(&config.immutable, Shape::Build), (&config.moving, Shape::Moving)] {
            tags.iter().for_each(|(images, tags)| moves.agree(images.clone(), tags.clone(), shape));
        }
        moves
    }

    /// What counts as a database.
    pub fn engines(&self) -> &Engines {
        &self.data.engines
    }

    /// What a storage class is.
    pub fn provisioners(&self) -> &Provisioners {
        &self.data.provisioners
    }

    /// What files are there for.
    pub fn places(&self) -> &Places {
        &self.data.places
    }

    /// Why a file is kept that no cluster gets from here: by the configuration, else by its folders and its name.
    pub fn keeping(&self, config: &Config, name: &str) -> Option<Keeping> {
        match config.places.iter().find(|(glob, _)| glob.is_match(name)) {
            Some((_, told)) => *told,
            None => self.data.places.of(name),
        }
    }

    /// All rules, sorted by id.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The ids of all rules, for "did you mean".
    pub fn ids(&self) -> Vec<&str> {
        self.pages.iter().map(|page| page.id.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::parse_reference;
    use crate::text::{Origin, Part, Span};

    #[test]
    fn what_the_owners_say_of_tags_counts_first() {
        let text = "images:
  immutable-tags: [{images: 'ghcr.io/acme/**', tags: '^\\d+\\.\\d+$'}, {images: docker.io/bitnami/redis, tags: '^7'}]
  moving-tags: [{images: 'quay.io/acme/*', tags: '^\\d+\\.\\d+\\.\\d+$'}]
  mirrors: [{prefix: registry.corp.internal/hub, for: docker.io}]
";
        let (book, _) = Book::built_in();
        let (config, problems) = Config::read(SourceId(0), text, &book.ids());
        assert_eq!(problems, []);
        let moves = book.moves(&config);
        for (image, expected) in [
            ("ghcr.io/acme/team/app:1.2", "build"),
            ("ghcr.io/other/app:1.2", "may-move"),
            ("bitnami/redis:7.4.0", "build"),
            ("bitnami/redis:6.4.0", "moving"),
            ("quay.io/acme/app:1.2.3", "moving"),
            ("quay.io/other/app:1.2.3", "tag"),
            ("registry.corp.internal/hub/library/nginx:1.27", "moving"),
            ("registry.corp.internal/hub/bitnami/redis:7.4.0", "build"),
            ("registry.corp.internal/other/nginx:1.27", "may-move"),
        ] {
            let whole = Part::new(image, Origin::verbatim(Span::new(SourceId(0), 0, image.len())));
            assert_eq!(moves.pin(&parse_reference(&whole)).name(), expected, "{image}");
        }
    }
}
