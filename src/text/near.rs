//! The nearest of a list of names: what "did you mean" asks.

/// The name with the fewest edits to `word`, if it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let scored = names.iter().map(|name| (distance(word, name), *name));
    scored.filter(|&(edits, _)| edits <= limit).min().map(|(_, name)| name)
}

/// Levenshtein's distance, with a swap of neighbours as one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_offered() {
        let names = ["image-latest", "image-untagged", "severity"];
        for (word, expected) in [
            ("image-lastest", Some("image-latest")),
            ("severty", Some("severity")),
            ("xyz", None),
            ("imgae-latest", Some("image-latest")),
        ] {
            assert_eq!(nearest(word, &names), expected, "{word}");
        }
    }
}
