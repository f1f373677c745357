//! Versions and the ranges of versions that charts ask for, as helm reads them. Knows nothing of templates.

use std::cmp::Ordering;
use std::fmt;

/// A version: up to three numbers, what comes before a release, and a remark about the build.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    /// `rc.1` of `1.2.3-rc.1`.
    pub prerelease: String,
    /// `5` of `1.2.3+5`. It decides nothing.
    pub build: String,
}

/// Why a version or a range is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Malformed {
    Version,
    Range(String),
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Version => write!(out, "invalid semantic version"),
            Malformed::Range(text) => write!(out, "improper constraint: {text}"),
        }
    }
}

/// Whether a version lies in a range: `satisfies(">= 1.2 < 2 || ^3.1", "1.5.0")`.
pub fn satisfies(range: &str, version: &str) -> Result<bool, Malformed> {
    let range = Range::parse(range)?;
    Ok(range.holds(&Version::parse(version)?))
}

impl Version {
    /// Reads `1.2.3-rc.1+5`; `v1` and `1.2` are versions, too.
    pub fn parse(text: &str) -> Result<Version, Malformed> {
        let (numbers, rest) = split_numbers(text.strip_prefix('v').unwrap_or(text));
        let (prerelease, build) = tail(rest).ok_or(Malformed::Version)?;
        let mut parsed = [0u64; 3];
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() > parsed.len() {
            return Err(Malformed::Version);
        }
        for (at, part) in parts.into_iter().enumerate() {
            let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            parsed[at] = part.parse().ok().filter(|_| is_number).ok_or(Malformed::Version)?;
        }
        let is_led_by_zero = |part: &str| part.len() > 1 && part.starts_with('0') && is_digits(part);
        if prerelease.split('.').any(is_led_by_zero) {
            return Err(Malformed::Version);
        }
        let [major, minor, patch] = parsed;
        Ok(Version { major, minor, patch, prerelease: prerelease.into(), build: build.into() })
    }

    fn numbers(&self) -> (u64, u64, u64) {
        (self.major, self.minor, self.patch)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.precedence(other))
    }
}

impl Version {
    /// Which comes first; the build decides nothing.
    pub fn precedence(&self, other: &Version) -> Ordering {
        let numbers = self.numbers().cmp(&other.numbers());
        numbers.then_with(|| by_prerelease(&self.prerelease, &other.prerelease))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(out, "-{}", self.prerelease)?;
        }
        if !self.build.is_empty() {
            write!(out, "+{}", self.build)?;
        }
        Ok(())
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A release comes after all that leads up to it.
fn by_prerelease(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The numbers at the beginning, `x` and `*` among them, and what is behind.
fn split_numbers(text: &str) -> (&str, &str) {
    text.split_at(text.find(['-', '+', ' ', ',', '\t']).unwrap_or(text.len()))
}

/// `-rc.1+5`: what leads up to the release, and the build.
fn tail(text: &str) -> Option<(&str, &str)> {
    let (before, build) = match text.split_once('+') {
        Some((before, build)) => (before, Some(build)),
        None => (text, None),
    };
    let prerelease = match before.strip_prefix('-') {
        Some(prerelease) => Some(prerelease),
        None if before.is_empty() => None,
        None => return None,
    };
    let is_name =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-'));
    let are_names = |text: Option<&str>| text.is_none_or(|text| text.split('.').all(is_name));
    (are_names(prerelease) && are_names(build))
        .then(|| (prerelease.unwrap_or_default(), build.unwrap_or_default()))
}

/// A range: it holds for a version if all conditions of one of its alternatives do.
#[derive(Clone, Debug)]
pub struct Range {
    alternatives: Vec<Vec<Condition>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sign {
    /// None, or `=`.
    Same,
    Not,
    Above,
    Below,
    AtLeast,
    AtMost,
    /// `~1.2`: the last number may grow.
    Tilde,
    /// `^1.2`: all but the first that is not zero may grow.
    Caret,
}

/// How many numbers a condition leaves open: `1.2` leaves the last one, `1.x` two, `*` all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    Nothing,
    Patch,
    Minor,
    All,
}

#[derive(Clone, Debug)]
struct Condition {
    sign: Sign,
    version: Version,
    open: Open,
}

impl Range {
    pub fn parse(text: &str) -> Result<Range, Malformed> {
        let alternatives = text.split("||").map(conditions).collect::<Result<_, _>>()?;
        Ok(Range { alternatives })
    }

    /// What leads up to a release is in a range only if the range itself names such a version.
    pub fn holds(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|conditions| {
            let is_named = conditions.iter().any(|condition| !condition.version.prerelease.is_empty());
            (version.prerelease.is_empty() || is_named)
                && conditions.iter().all(|condition| condition.holds(version))
        })
    }
}

/// The conditions of one alternative, with blanks or commas between them. `1.2 - 1.4` is a pair of them.
fn conditions(text: &str) -> Result<Vec<Condition>, Malformed> {
    let malformed = || Malformed::Range(text.trim().into());
    let mut out = Vec::new();
    let mut rest = text.trim();
    loop {
        let (first, behind) = condition(rest).ok_or_else(malformed)?;
        let span = behind.trim_start().strip_prefix('-').filter(|next| next.starts_with(char::is_whitespace));
        rest = match span.filter(|_| behind.starts_with(char::is_whitespace)) {
            Some(end) if first.sign == Sign::Same => {
                let (last, behind) = condition(end.trim_start()).ok_or_else(malformed)?;
                out.push(Condition { sign: Sign::AtLeast, ..first });
                out.push(Condition { sign: Sign::AtMost, ..last });
                behind
            }
            Some(_) => return Err(malformed()),
            None => {
                out.push(first);
                behind
            }
        };
        let next = rest.trim_start();
        match next.strip_prefix(',') {
            _ if next.is_empty() => return Ok(out),
            Some(next) => rest = next.trim_start(),
            None if rest.len() == next.len() => return Err(malformed()),
            None => rest = next,
        }
    }
}

/// The condition at the beginning, and what is behind it.
fn condition(text: &str) -> Option<(Condition, &str)> {
    const SIGNS: [(&str, Sign); 11] = [
        ("!=", Sign::Not),
        (">=", Sign::AtLeast),
        ("=>", Sign::AtLeast),
        ("<=", Sign::AtMost),
        ("=<", Sign::AtMost),
        ("~>", Sign::Tilde),
        ("~", Sign::Tilde),
        ("^", Sign::Caret),
        (">", Sign::Above),
        ("<", Sign::Below),
        ("=", Sign::Same),
    ];
    let signed = SIGNS.iter().find_map(|(text_of, sign)| Some((*sign, text.strip_prefix(text_of)?)));
    let (sign, rest) = signed.unwrap_or((Sign::Same, text));
    let rest = rest.trim_start();
    let (word, behind) = rest.split_at(rest.find([' ', ',', '\t', '\n']).unwrap_or(rest.len()));
    let (numbers, tail) = split_numbers(word.strip_prefix('v').unwrap_or(word));
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_open = |part: Option<&&str>| part.is_none_or(|part| matches!(*part, "x" | "X" | "*"));
    let open = match (is_open(parts.first()), is_open(parts.get(1)), is_open(parts.get(2))) {
        (true, _, _) => Open::All,
        (_, true, _) => Open::Minor,
        (_, _, true) => Open::Patch,
        _ => Open::Nothing,
    };
    let is_part = |part: &&str| !part.is_empty() && (is_digits(part) || is_open(Some(part)));
    if parts.len() > 3 || !parts.iter().all(is_part) {
        return None;
    }
    let known = match open {
        Open::All => "0".to_string(),
        Open::Minor => parts[0].to_string(),
        Open::Patch => parts[..2].join("."),
        Open::Nothing => numbers.to_string(),
    };
    let version = Version::parse(&format!("{known}{tail}")).ok()?;
    Some((Condition { sign, version, open }, behind))
}

impl Condition {
    fn holds(&self, version: &Version) -> bool {
        let (own, order) = (&self.version, version.precedence(&self.version));
        let (major, minor) = (version.major.cmp(&own.major), version.minor.cmp(&own.minor));
        match self.sign {
            Sign::Same if self.open == Open::Nothing => order.is_eq(),
            Sign::Same | Sign::Tilde => order.is_ge() && self.is_near(version),
            Sign::Not => self.differs(version),
            Sign::Above => match self.open {
                Open::Nothing | Open::All => order.is_gt(),
                Open::Minor => major.is_gt(),
                Open::Patch => major.then(minor).is_gt(),
            },
            Sign::Below => order.is_lt(),
            Sign::AtLeast => order.is_ge(),
            Sign::AtMost => match self.open {
                Open::Nothing => order.is_le(),
                Open::Minor => major.is_le(),
                Open::Patch | Open::All => major.then(minor).is_le(),
            },
            Sign::Caret => order.is_ge() && self.is_compatible(version),
        }
    }

    fn is_near(&self, version: &Version) -> bool {
        let own = &self.version;
        let is_any = own.numbers() == (0, 0, 0) && matches!(self.open, Open::Nothing | Open::All);
        let is_minor = self.open == Open::Minor || version.minor == own.minor;
        is_any || (version.major == own.major && is_minor)
    }

    fn is_compatible(&self, version: &Version) -> bool {
        let own = &self.version;
        match (own.numbers(), self.open) {
            ((1.., _, _), _) | (_, Open::Minor) => version.major == own.major,
            ((_, 1.., _), _) | (_, Open::Patch) => version.major == 0 && version.minor == own.minor,
            _ => version.numbers() == own.numbers(),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let own = &self.version;
        match self.open {
            Open::Nothing => version.precedence(own).is_ne(),
            Open::Minor => version.major != own.major,
            Open::All | Open::Patch if version.major != own.major || version.minor != own.minor => true,
            Open::Patch => by_prerelease(&version.prerelease, &own.prerelease).is_ne(),
            Open::All => version.patch != own.patch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table is what helm's own reader of ranges said.
    #[test]
    fn ranges_hold_as_for_helm() {
        let table = include_str!("rows/semver.txt");
        let mut count = 0;
        for row in table.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
            let [range, version, expected] = row.split('\t').collect::<Vec<_>>()[..] else {
                panic!("no row: {row}")
            };
            let got = satisfies(range, version).map_or("error".into(), |holds| holds.to_string());
            assert_eq!(got, expected, "`{range}` for `{version}`");
            count += 1;
        }
        assert!(count > 500, "the table was not read");
    }

    #[test]
    fn versions_are_told_as_they_are_read() {
        for (text, expected) in [("v1.2", "1.2.0"), ("1.2.3-rc.1+5", "1.2.3-rc.1+5"), ("01.2.3", "1.2.3")] {
            assert_eq!(Version::parse(text).map(|version| version.to_string()), Ok(expected.into()));
        }
        for wrong in
            ["", "v", "1.2.3.4", "1.2.3-", "1.2.3-01", "1.2.x", "a", "V1", "1.-2", "99999999999999999999"]
        {
            assert_eq!(Version::parse(wrong), Err(Malformed::Version), "{wrong}");
        }
    }
}
