//! Charts that are in no folder of the repository, as who wants them names them: a name, a version, and the place that
//! asks. They are looked for on the shelf.

use super::files::Files;
use super::helm::Found;
use crate::text::{Part, Span, Str};

/// A chart that somebody wants.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) name: Str,
    /// A version or a range; nothing for any.
    pub(super) version: Option<Part>,
    /// Where its name is written.
    pub(super) named: Span,
    /// What nobody here can hold against a chart: a digest of a registry, a revision of a repository.
    pub(super) unchecked: Option<&'static str>,
}

impl Wanted {
    /// A chart by the text that names it: a name, `oci://host/path/name`, a path, or the address of an archive.
    pub(super) fn of(name: &Part, version: Option<Part>) -> Wanted {
        let text = name.text.trim_end_matches('/');
        let last = text.rsplit('/').next().unwrap_or(text);
        let (name_of, version_of) = match last.strip_suffix(".tgz") {
            Some(archive) => unpacked_name(archive),
            None => (last, None),
        };
        let packed = version_of.map(|version| Part::new(version, name.origin.respelled()));
        let version = version.filter(|version| !version.text.is_empty()).or(packed);
        Wanted { name: name_of.into(), version, named: name.span(), unchecked: None }
    }

    /// Where findings are told that the chart decides.
    pub(super) fn at(&self) -> Span {
        self.version.as_ref().map_or(self.named, Part::span)
    }

    /// The chart, if it is at hand; else what to say of it.
    pub(super) fn find(&self, files: &Files) -> Result<Found, String> {
        let version = self.version.as_ref().map(|version| version.text.as_str()).unwrap_or_default();
        let mut called = format!("`{}`", self.name);
        if !version.is_empty() {
            called = format!("{called} {version}");
        }
        let Some(shelf) = files.shelf() else { return Err(called) };
        let mut found = shelf.find(&self.name, version).map_err(|others| match others.as_slice() {
            [] => called.clone(),
            others => format!("{called} (at hand: {})", several(others)),
        })?;
        if let (None, Some(unchecked)) = (&found.assumed, self.unchecked) {
            found.assumed = Some(format!("{} is taken, and its {unchecked} is not compared", found.called()));
        }
        Ok(found)
    }
}

/// The first few of many.
fn several(versions: &[Str]) -> String {
    const FEW: usize = 3;
    let few: Vec<&str> = versions.iter().take(FEW).map(Str::as_str).collect();
    let more = if versions.len() > FEW { " and more" } else { "" };
    format!("{}{more}", few.join(", "))
}

/// `web-1.2.3-rc.1` is the chart `web` of version `1.2.3-rc.1`.
fn unpacked_name(archive: &str) -> (&str, Option<&str>) {
    let mut cuts = archive.match_indices('-').map(|(at, _)| (&archive[..at], &archive[at + 1..]));
    let is_version = |text: &str| {
        let text = text.strip_prefix('v').unwrap_or(text);
        text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('.')
    };
    match cuts.find(|(_, rest)| is_version(rest)) {
        Some((name, version)) => (name, Some(version)),
        None => (archive, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Origin, SourceId};

    #[test]
    fn a_chart_is_known_by_the_text_that_names_it() {
        let part = |text: &str| Part::new(text, Origin::spelled(Span::new(SourceId(0), 0, 9)));
        for (text, asked, name, version) in [
            ("web", Some("1.2.3"), "web", Some("1.2.3")),
            ("web", Some(""), "web", None),
            ("stable/web", None, "web", None),
            ("oci://ghcr.io/acme/charts/web", Some("1.x"), "web", Some("1.x")),
            ("oci://ghcr.io/acme/charts/web/", None, "web", None),
            ("./charts/web", None, "web", None),
            ("https://h/web-app-1.2.3-rc.1.tgz", None, "web-app", Some("1.2.3-rc.1")),
            ("https://h/web-v1.2.3.tgz", Some("1.2.4"), "web", Some("1.2.4")),
            ("https://h/web.tgz", None, "web", None),
            ("web-2", None, "web-2", None),
        ] {
            let wanted = Wanted::of(&part(text), asked.map(part));
            let found = wanted.version.as_ref().map(|version| version.text.as_str());
            assert_eq!((wanted.name.as_str(), found), (name, version), "{text}");
        }
    }
}
