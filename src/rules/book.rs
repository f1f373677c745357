//! All rule pages of a run: those the binary carries, and those a repository adds. Knows nothing of facts.

use super::data::Data;
use super::page::{self, Page};
use super::readme;
use crate::config::Config;
use crate::facts::{Engines, Keeping, Moves, Places, Provisioners, Shape};
use crate::finding::Problem;
use crate::limits::MOST_OWN_PATTERNS;
use crate::secrets::Tables;
use crate::syntax::Front;
use crate::text::{SourceId, Str};
use std::borrow::Cow;

/// The pages that `build.rs` has found below `rules`: name, front matter and prose of each.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}

/// The rules, by id.
#[derive(Debug, Default)]
pub struct Book {
    /// Sorted by id.
    pages: Vec<Page>,
    /// What the data pages say.
    data: Data,
    /// The credential types of all vendor pages.
    pub tables: Tables,
    /// How many patterns the pages of a repository brought so far.
    own_patterns: usize,
}

impl Book {
    /// The pages that the binary carries. Problems here are bugs of ours; a test holds the list empty.
    pub fn built_in() -> (Book, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut book = Book::default();
        for &(name, front, prose) in embedded::PAGES {
            let Some(front) = Front::packed(front) else { continue };
            let (name, prose, at) = (Str::new_static(name), Str::new_static(prose), front.span());
            if let Some(page) = page::page(name, (front, at), prose, &mut problems) {
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
                let at = page.front.get("id").map(|id| id.span());
                problems.push(Problem::fatal(
                    "rule-page",
                    format!("there is a rule `{}` already", page.id),
                    at,
                ));
            } else if problems.is_empty() {
                self.own_patterns += page.patterns();
                if self.own_patterns > MOST_OWN_PATTERNS {
                    let most = format!(
                        "all pages of a repository have up to {MOST_OWN_PATTERNS} conditions and tokens"
                    );
                    problems.push(Problem::fatal("rule-page", most, Some(page.front.span())));
                    return problems;
                }
                let (id, at) = (page.id.clone(), page.front.get("tokens").map(|tokens| tokens.span()));
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
            self.tables.add(&page.id, &tokens, problems);
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
        Book { pages, data: self.data.clone(), tables: self.tables.clone(), own_patterns: self.own_patterns }
    }

    /// What counts as a moving tag, with what the owners of the repository say.
    pub fn moves(&self, config: &Config) -> Cow<'_, Moves> {
        if config.mirrors.is_empty() && config.immutable.is_empty() && config.moving.is_empty() {
            return Cow::Borrowed(&self.data.moves);
        }
        let mut moves = self.data.moves.clone();
        for (prefix, of) in &config.mirrors {
            let known = moves.add_mirror(prefix, of, 1);
            debug_assert_eq!(known, Ok(()), "the configuration has refused what cannot be read");
        }
        for (tags, shape) in [(&config.immutable, Shape::Build), (&config.moving, Shape::Moving)] {
            tags.iter().for_each(|(images, tags)| moves.agree(images.clone(), tags.clone(), shape));
        }
        Cow::Owned(moves)
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

    /// Why a file is kept that no cluster gets from here: by the configuration, else by its folders and its name, else as
    /// all of its repository is.
    pub fn keeping(&self, config: &Config, whole: Option<Keeping>, name: &str) -> Option<Keeping> {
        match config.places.iter().find(|(glob, _)| glob.is_match(name)) {
            Some((_, told)) => *told,
            None => self.data.places.of(name).or_else(|| Keeping::of_whole(whole, name)),
        }
    }

    /// Whether a README says that what is beside it are samples.
    pub fn calls_itself_samples(&self, text: &str) -> bool {
        readme::calls_itself_samples(text, &self.data.places)
    }

    /// All rules, sorted by id.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub fn page(&self, id: &str) -> Option<&Page> {
        let at = self.pages.binary_search_by(|page| page.id.as_str().cmp(id)).ok()?;
        self.pages.get(at)
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
    use std::fmt::Write;

    /// All that front matter says, a line for each value.
    fn told(front: &Front, depth: usize, out: &mut String) {
        let _ = writeln!(out, "{:depth$}{:?} {} {}", "", front.text(), front.is_list(), front.is_map());
        front.items().for_each(|item| told(&item, depth + 1, out));
        for (key, value) in front.entries() {
            told(&key, depth + 1, out);
            told(&value, depth + 1, out);
        }
    }

    /// What the build wrote down is what our reader reads, and nothing is wrong with it that is only tried here.
    #[test]
    #[allow(clippy::disallowed_methods)] // a test may read the pages as they are
    fn the_binary_carries_what_the_pages_say() {
        let (built_in, problems) = Book::built_in();
        assert_eq!(problems, []);
        let (mut book, mut data) = (Book::default(), 0);
        for (at, &(name, front, prose)) in embedded::PAGES.iter().enumerate() {
            let text = std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let mut problems = Vec::new();
            let page = page::read(SourceId(at as u32), name, &text, &mut problems).unwrap();
            assert_eq!(page.prose, prose, "{name}");
            let (mut packed, mut read) = (String::new(), String::new());
            told(&Front::packed(front).unwrap(), 0, &mut packed);
            told(&page.front, 0, &mut read);
            assert_eq!(packed, read, "{name}");
            data += usize::from(page.about == "data");
            book.take(page, &mut problems);
            assert_eq!(problems, [], "{name}");
        }
        assert_eq!(
            (data, book.pages.len()),
            (embedded::PAGES.len() - built_in.pages.len(), built_in.pages.len())
        );
        assert_eq!(book.tables.tokens().len(), built_in.tables.tokens().len());
    }

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
