//! Data pages: whose list is whose.

use super::entry::words;
use super::{engines, moves, names, operators, places, provisioners};
use crate::facts::{Engines, Moves, Names, Places, Provisioners};
use crate::finding::Problem;
use crate::syntax::Front;

/// What all data pages of a run say.
#[derive(Clone, Debug, Default)]
pub(super) struct Data {
    pub(super) moves: Moves,
    pub(super) engines: Engines,
    pub(super) provisioners: Provisioners,
    pub(super) places: Places,
}

impl Data {
    /// Takes in the lists of one page. The names of credentials go to who looks for credentials.
    pub(super) fn fill(&mut self, front: &Front, telling: &mut Names, problems: &mut Vec<Problem>) {
        let Some(data) = front.get("data") else { return };
        for (key, list) in data.entries() {
            let list = &list;
            match key.text().unwrap_or_default().as_str() {
                "names" => names::fill(telling, list, problems),
                "tails" => words(list, problems).into_iter().for_each(|word| telling.add_tail(word)),
                "beside" => words(list, problems).into_iter().for_each(|word| telling.add_beside(word)),
                "places" => places::fill(&mut self.places, list, problems),
                "readme-samples" => {
                    let add = |word| self.places.add_word_of_samples(word);
                    words(list, problems).into_iter().for_each(add);
                }
                "readme-owner" => {
                    words(list, problems).into_iter().for_each(|word| self.places.add_word_of_owner(word));
                }
                "run-by" => words(list, problems).into_iter().for_each(|base| self.places.add_run(base)),
                "left-out" => {
                    words(list, problems).into_iter().for_each(|word| self.places.add_left_out(word));
                }
                "helpers" => words(list, problems).into_iter().for_each(|word| self.engines.add_helper(word)),
                "others" => words(list, problems).into_iter().for_each(|image| self.engines.add_other(image)),
                "idle" => words(list, problems).into_iter().for_each(|word| self.engines.add_idle(word)),
                "engines" => engines::fill(&mut self.engines, list, problems),
                "files" => engines::fill_files(&mut self.engines, list, problems),
                "resources" => operators::fill_resources(&mut self.engines, list, problems),
                "charts" => operators::fill_charts(&mut self.engines, list, problems),
                // They are one list in two parts.
                "provisioners" => {
                    let classes = data.get("classes");
                    provisioners::fill(&mut self.provisioners, Some(list), classes.as_ref(), problems);
                }
                "classes" if data.get("provisioners").is_some() => {}
                "classes" => provisioners::fill(&mut self.provisioners, None, Some(list), problems),
                name => moves::fill(&mut self.moves, name, list, problems),
            }
        }
    }
}
