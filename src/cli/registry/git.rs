//! Which commit a tag or a branch of somebody's repository is: git's smart protocol, as far as references go. Nothing is
//! fetched.

use super::client::{Answer, Missed, Registries};
use super::name::Name;
use std::collections::{BTreeMap, BTreeSet};

/// A reference of a repository: `github.com/actions/checkout@v4`.
struct Wanted {
    /// The repository at its host; no image has its name.
    repository: Name,
    reference: String,
}

impl Wanted {
    fn read(text: &str) -> Option<Wanted> {
        let (repository, reference) = text.split_once('@')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/+".contains(&byte);
        let is_reference =
            !reference.is_empty() && reference.bytes().all(is_plain) && !reference.contains("..");
        let repository = Name::of(repository, "HEAD")?;
        is_reference.then(|| Wanted { repository, reference: reference.into() })
    }
}

/// What a repository has, by the whole names of its references.
type References = BTreeMap<String, String>;

impl Registries {
    /// Asks for the commit of each of these, each repository once; the answers are in their order.
    pub(in crate::cli) fn commits(&self, names: &[String]) -> Vec<Answer> {
        let wanted: Vec<Option<Wanted>> = names.iter().map(|name| Wanted::read(name)).collect();
        let mut by_repository: BTreeMap<Name, BTreeSet<&str>> = BTreeMap::new();
        for one in wanted.iter().flatten() {
            by_repository.entry(one.repository.clone()).or_default().insert(&one.reference);
        }
        let repositories: Vec<(Name, BTreeSet<&str>)> = by_repository.into_iter().collect();
        let through = |name: &Name| name.clone().through(&self.mirrors);
        let hosts: Vec<Option<String>> =
            repositories.iter().map(|(name, _)| Some(through(name).host)).collect();
        let told =
            self.each(&hosts, |at| self.references(&through(&repositories[at].0), &repositories[at].1));
        let answer = |one: &Option<Wanted>| {
            let no_name = || Missed::Unknown("it is no name that a repository has".into());
            let one = one.as_ref().ok_or_else(no_name)?;
            let at = repositories.iter().position(|(name, _)| *name == one.repository).ok_or_else(no_name)?;
            commit(told[at].as_ref().map_err(Missed::clone)?, &one.reference)
        };
        wanted.iter().map(answer).collect()
    }

    fn references(&self, repository: &Name, wanted: &BTreeSet<&str>) -> Result<References, Missed> {
        let base = repository.page();
        let (told, base) = self.git(&format!("{base}/info/refs?service=git-upload-pack"), None)?;
        let base = base.split("/info/refs").next().unwrap_or(&base).to_owned();
        let told = lines(&told).ok_or_else(garbled)?;
        if !told.iter().any(|line| line == "version 2") {
            return Ok(advertised(&told));
        }
        let mut body = packet("command=ls-refs\n");
        body.push_str("0001");
        body.push_str(&packet("peel\n"));
        for name in wanted {
            for place in PLACES {
                body.push_str(&packet(&format!("ref-prefix {place}{}\n", bare(name))));
            }
        }
        body.push_str("0000");
        let (told, _) = self.git(&format!("{base}/git-upload-pack"), Some(body.as_bytes()))?;
        Ok(listed(&lines(&told).ok_or_else(garbled)?))
    }
}

/// Where tags and branches are.
const PLACES: [&str; 2] = ["refs/tags/", "refs/heads/"];

fn bare(reference: &str) -> &str {
    PLACES.iter().find_map(|place| reference.strip_prefix(place)).unwrap_or(reference)
}

fn garbled() -> Missed {
    Missed::Unknown("the answer is not what git says".into())
}

/// The commit of a tag or of a branch; where both have the name, nobody here says which is meant.
fn commit(known: &References, reference: &str) -> Answer {
    let whole = |name: &str| known.get(name).cloned();
    if PLACES.iter().any(|place| reference.starts_with(place)) {
        return whole(reference).ok_or(Missed::Gone);
    }
    let both = PLACES.map(|place| whole(&format!("{place}{reference}")));
    match both {
        [Some(tag), Some(branch)] if tag != branch => {
            Err(Missed::Unknown("a tag and a branch have this name".into()))
        }
        [Some(commit), _] | [None, Some(commit)] => Ok(commit),
        [None, None] => Err(Missed::Gone),
    }
}

/// A line as git sends it: its length in four digits first.
fn packet(line: &str) -> String {
    format!("{:04x}{line}", line.len() + 4)
}

/// The lines that git sent, without what ends them; nothing if they are none.
fn lines(bytes: &[u8]) -> Option<Vec<String>> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let digits = std::str::from_utf8(rest.get(..4)?).ok()?;
        let length = usize::from_str_radix(digits, 16).ok()?;
        // Shorter ones end a part of the answer and hold nothing.
        let end = length.max(4);
        let line = rest.get(4..end)?;
        if length > 4 {
            out.push(String::from_utf8_lossy(line).trim_end_matches('\n').to_owned());
        }
        rest = &rest[end..];
    }
    Some(out)
}

/// `COMMIT refs/tags/v4 peeled:COMMIT`: of a tag that says something, the commit is behind it.
fn listed(lines: &[String]) -> References {
    let read = |line: &String| {
        let mut words = line.split(' ');
        let (own, name) = (words.next()?, words.next()?);
        let peeled = words.find_map(|word| word.strip_prefix("peeled:"));
        Some((name.to_owned(), peeled.unwrap_or(own).to_owned()))
    };
    lines.iter().filter_map(read).filter(|(_, commit)| crate::text::is_commit(commit)).collect()
}

/// The same of servers that list all they have: `COMMIT refs/tags/v4`, and `COMMIT refs/tags/v4^{}` for what is behind it.
fn advertised(lines: &[String]) -> References {
    let mut out = References::new();
    for line in lines {
        let line = line.split('\0').next().unwrap_or(line);
        let Some((commit, name)) = line.split_once(' ').filter(|(commit, _)| crate::text::is_commit(commit))
        else {
            continue;
        };
        match name.strip_suffix("^{}") {
            Some(name) => _ = out.insert(name.into(), commit.into()),
            None => _ = out.entry(name.into()).or_insert_with(|| commit.into()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_apart() {
        let sent = format!("{}0000{}0001{}0000", packet("# service\n"), packet("version 2\n"), packet("x"));
        assert_eq!(lines(sent.as_bytes()), Some(vec!["# service".into(), "version 2".into(), "x".into()]));
        assert_eq!(packet("peel\n"), "0009peel\n");
        for wrong in ["00", "zzzz", "0009pe", "<html>"] {
            assert_eq!(lines(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn commits_are_behind_tags() {
        let (tag, commit_of, branch) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        let v2 = listed(&[
            format!("{tag} refs/tags/v4 peeled:{commit_of}"),
            format!("{branch} refs/heads/main"),
            format!("{branch} refs/tags/both"),
            format!("{tag} refs/heads/both"),
            "unborn HEAD".into(),
        ]);
        let v0 = advertised(&[
            format!("{branch} HEAD\0agent=git"),
            format!("{branch} refs/heads/main"),
            format!("{tag} refs/heads/both"),
            format!("{branch} refs/tags/both"),
            format!("{tag} refs/tags/v4"),
            format!("{commit_of} refs/tags/v4^{{}}"),
        ]);
        for known in [v2, v0] {
            for (reference, answer) in [
                ("v4", Ok(commit_of.clone())),
                ("refs/tags/v4", Ok(commit_of.clone())),
                ("main", Ok(branch.clone())),
                ("v5", Err(Missed::Gone)),
                ("both", Err(Missed::Unknown("a tag and a branch have this name".into()))),
                ("refs/heads/both", Ok(tag.clone())),
            ] {
                assert_eq!(commit(&known, reference), answer, "{reference}");
            }
        }
    }
}
