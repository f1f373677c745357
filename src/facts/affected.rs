//! The objects that something holds for, as clusters get them, and how they are named in a sentence.

use crate::text::Str;

/// One object of one cluster.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Affected {
    /// `Deployment/media/web`
    pub object: Str,
    /// As people call it; empty where none is known.
    pub cluster: Str,
    /// Whether something delivers it, or nothing tells.
    pub delivered: bool,
}

/// How many objects and clusters a sentence names.
const NAMED: usize = 3;

/// The objects: `Deployment/media/web, api, Job/media/init and 4 more`. A kind is not said twice in a row, nor what
/// nothing delivers beside what is delivered.
pub fn objects(all: &[Affected]) -> String {
    let any = all.iter().any(|one| one.delivered);
    let mut names: Vec<&str> = Vec::new();
    for one in all.iter().filter(|one| one.delivered == any && !one.object.is_empty()) {
        if !names.contains(&one.object.as_str()) {
            names.push(&one.object);
        }
    }
    let kind = |name: &str| name.split_once('/').map(|(kind, _)| kind.to_owned());
    let short = |at: usize| match at.checked_sub(1).map(|before| kind(names[before])) {
        Some(before) if before.is_some() && before == kind(names[at]) => {
            names[at].split_once('/').map_or(names[at], |(_, name)| name)
        }
        _ => names[at],
    };
    listed((0..names.len()).map(short).collect())
}

/// The clusters that get any of the objects, each once, sorted.
pub fn clusters(all: &[Affected]) -> Vec<Str> {
    let live = all.iter().filter(|one| one.delivered && !one.cluster.is_empty());
    let mut names: Vec<Str> = live.map(|one| one.cluster.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
pub fn listed(names: Vec<&str>) -> String {
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if names.len() <= NAMED => format!("{} and {last}", first.join(", ")),
        all => format!("{} and {} more", all[..NAMED].join(", "), all.len() - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_clusters_are_named_up_to_a_few() {
        let all = |told: &str| -> Vec<Affected> {
            let one = |name: &str| {
                let (object, cluster) = name.split_once('@').unwrap_or((name, ""));
                let dead = object.strip_prefix('-');
                Affected {
                    object: dead.unwrap_or(object).into(),
                    cluster: cluster.into(),
                    delivered: dead.is_none(),
                }
            };
            told.split_whitespace().map(one).collect()
        };
        let table = [
            ("", "", ""),
            ("Pod/a@x", "Pod/a", "x"),
            ("Pod/a@x Pod/a@y", "Pod/a", "x y"),
            ("Pod/n/a@x Pod/m/a@x", "Pod/n/a and m/a", "x"),
            ("Pod/a Job/b Job/c", "Pod/a, Job/b and c", ""),
            ("Pod/a Pod/b Pod/c Pod/d Pod/e", "Pod/a, b, c and 2 more", ""),
            ("Pod/a@x -Pod/b", "Pod/a", "x"),
            ("-Pod/a -Pod/b", "Pod/a and b", ""),
            ("Dockerfile Dockerfile", "Dockerfile", ""),
        ];
        for (told, named, where_to) in table {
            let all = all(told);
            assert_eq!((objects(&all), clusters(&all).join(" ")), (named.into(), where_to.into()), "{told}");
        }
    }
}
