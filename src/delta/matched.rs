//! What two sides have in common, by a key: looked up, for a stranger may make both sides long.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Takes out of both lists what has the same key, one for one and the first ones first, and hands on each two. The others keep
/// their order.
pub(super) fn take_both<T, K: Hash + Eq>(
    old: &mut Vec<T>,
    new: &mut Vec<T>,
    key: impl Fn(&T) -> K,
    mut both: impl FnMut(T, T),
) {
    let mut places: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (at, one) in old.iter().enumerate() {
        places.entry(key(one)).or_default().push_back(at);
    }
    let mut left: Vec<Option<T>> = old.drain(..).map(Some).collect();
    let mut unmatched = Vec::new();
    for one in new.drain(..) {
        let at = places.get_mut(&key(&one)).and_then(VecDeque::pop_front);
        match at.and_then(|at| left[at].take()) {
            Some(was) => both(was, one),
            None => unmatched.push(one),
        }
    }
    *new = unmatched;
    old.extend(left.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_is_taken_as_often_as_both_have_it() {
        let (mut old, mut new) = (vec!["a1", "b1", "a2", "c1"], vec!["d2", "a3", "c2", "a4", "a5"]);
        let mut both = Vec::new();
        take_both(&mut old, &mut new, |one| one.as_bytes()[0], |was, is| both.push((was, is)));
        assert_eq!(both, [("a1", "a3"), ("c1", "c2"), ("a2", "a4")]);
        assert_eq!((old, new), (vec!["b1"], vec!["d2", "a5"]));
    }
}
