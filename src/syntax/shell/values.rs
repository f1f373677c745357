//! What the variables of a script hold, and words with their values put in.

use super::word::{Piece, Word};
use crate::limits::{MOST_SHELL_ASKING, MOST_SHELL_NAMES};
use crate::syntax::expand::Weaver;
use crate::syntax::provide::{Answer, Budget};
use crate::text::{Hole, How, Part, Reason, Str};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// Who else gives variables their values, and how much may be put in.
pub struct Given<'a> {
    pub outer: &'a dyn Fn(&str) -> Answer,
    pub budget: &'a Budget,
}

impl std::fmt::Debug for Given<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Given")
    }
}

/// A word as the command gets it.
#[derive(Clone, Debug)]
pub struct Said {
    pub part: Part,
    /// It may as well be several words, or none.
    pub is_open: bool,
}

/// The variables that scripts set.
#[derive(Default)]
pub(super) struct Values {
    /// The text in which it is set, and to what; nothing if it is set twice, or to what only a run knows.
    set: BTreeMap<Str, Option<(usize, Vec<Piece>)>>,
    /// What was found out; nothing for a name that is being filled right now.
    known: RefCell<BTreeMap<Str, Option<Part>>>,
}

impl Values {
    pub(super) fn assign(&mut self, text: usize, whole: &str, name: Range<usize>, value: Option<Vec<Piece>>) {
        let name = Str::from(&whole[name]);
        let is_full = self.set.len() >= MOST_SHELL_NAMES;
        let before = self.set.get(&name);
        let same = |other: &Option<(usize, Vec<Piece>)>| match (other, &value) {
            (Some((at, pieces)), Some(value)) => {
                *at == text && written(whole, pieces) == written(whole, value)
            }
            _ => false,
        };
        match before {
            Some(other) if same(other) => {}
            Some(_) => drop(self.set.insert(name, None)),
            None if is_full => {}
            None => drop(self.set.insert(name, value.map(|value| (text, value)))),
        }
    }

    /// Every variable with a value.
    pub(super) fn all<'s>(
        &'s self,
        texts: &'s [Part],
        given: &'s Given,
    ) -> impl Iterator<Item = (&'s str, Part)> + 's {
        self.set.iter().filter_map(move |(name, value)| {
            let (text, pieces) = value.as_ref()?;
            Some((name.as_str(), self.filled(texts, &texts[*text], pieces, given, 0)))
        })
    }

    /// What a word is when its command runs.
    pub(super) fn said(&self, texts: &[Part], text: &Part, word: &Word, given: &Given) -> Vec<Said> {
        let part = self.filled(texts, text, &word.pieces, given, 0);
        let is_many = matches!(word.pieces[..], [Piece::Many(_)]);
        let is_all_hole = part.holes().first().is_some_and(|(hole, _)| *hole == (0..part.text.len()));
        let has_name = word.pieces.iter().any(|piece| matches!(piece, Piece::Name(..)));
        if word.is_quoted || !has_name || !part.is_known() {
            let is_open = is_many || is_all_hole && !word.is_quoted;
            return vec![Said { part, is_open }];
        }
        // Without quotes the shell takes a value apart at its blanks.
        let mut from = 0;
        let words = part.text.split_whitespace().map(|one| {
            let at = from + part.text[from..].find(one).unwrap_or(0);
            from = at + one.len();
            Said { part: part.slice(at..from), is_open: false }
        });
        words.collect()
    }

    fn filled(&self, texts: &[Part], text: &Part, pieces: &[Piece], given: &Given, depth: usize) -> Part {
        let mut out = Weaver::default();
        for piece in pieces {
            match piece {
                Piece::Text(range) => out.push(text.slice(range.clone())),
                Piece::Hole(range) | Piece::Many(range) => out.push(hole(text, range, Reason::Runtime, "")),
                Piece::Name(range, name, default) => {
                    let name = &text.text[name.clone()];
                    let site = text.slice(range.clone()).span();
                    let value = match self.value(texts, name, given, depth) {
                        Answer::Is(known) => Ok(Part {
                            origin: known.value.origin.via(known.how, site),
                            text: known.value.text,
                        }),
                        Answer::Nothing => match default {
                            Some(pieces) if depth < MOST_SHELL_ASKING => {
                                Ok(self.filled(texts, text, pieces, given, depth + 1))
                            }
                            _ => Err(Reason::Variable),
                        },
                        Answer::Unknown(why) => Err(why),
                    };
                    match value {
                        Ok(value) if given.budget.takes(out.len(), &value, site) => out.push(value),
                        Ok(_) => out.push(hole(text, range, Reason::TooLong, name)),
                        Err(why) => out.push(hole(text, range, why, name)),
                    }
                }
            }
        }
        let whole = pieces.first().map(range_of).map_or(0, |range| range.start)
            ..pieces.last().map(range_of).map_or(0, |range| range.end);
        out.finish(text.slice(whole).span())
    }

    /// What a variable holds: what the script sets, else what is given from outside.
    fn value(&self, texts: &[Part], name: &str, given: &Given, depth: usize) -> Answer {
        let outside = || match (given.outer)(name) {
            Answer::Nothing if self.set.len() >= MOST_SHELL_NAMES => Answer::Unknown(Reason::TooLong),
            answer => answer,
        };
        let is = |value: Part| Answer::Is(crate::syntax::provide::Known { value, how: How::Substitution });
        let Some(set) = self.set.get(name) else { return outside() };
        let Some((text, pieces)) = set else { return Answer::Unknown(Reason::Variable) };
        match self.known.borrow().get(name) {
            Some(Some(value)) => return is(value.clone()),
            // `A=${A:-b}` asks for what is given from outside.
            Some(None) => return outside(),
            None => {}
        }
        if depth >= MOST_SHELL_ASKING {
            return Answer::Unknown(Reason::TooLong);
        }
        self.known.borrow_mut().insert(name.into(), None);
        let value = self.filled(texts, &texts[*text], pieces, given, depth + 1);
        self.known.borrow_mut().insert(name.into(), Some(value.clone()));
        is(value)
    }
}

fn hole(text: &Part, range: &Range<usize>, why: Reason, name: &str) -> Part {
    let part = text.slice(range.clone());
    Part { origin: part.origin.as_hole(Hole::new(why, name)), ..part }
}

fn range_of(piece: &Piece) -> &Range<usize> {
    match piece {
        Piece::Text(range) | Piece::Hole(range) | Piece::Many(range) | Piece::Name(range, ..) => range,
    }
}

/// The text of pieces as written, from the first to the last.
fn written<'t>(text: &'t str, pieces: &[Piece]) -> &'t str {
    match (pieces.first(), pieces.last()) {
        (Some(first), Some(last)) => &text[range_of(first).start..range_of(last).end],
        _ => "",
    }
}
