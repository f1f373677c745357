//! What others keep of charts: the index of a site, and which of some versions is meant.

use crate::syntax::{Node, yaml};
use crate::text::{Origin, SourceId, Span, Str};
use crate::world;

/// A version of a chart, as an index lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedChart {
    pub version: Str,
    /// From where it can be had; it may be a path at the site.
    pub url: Str,
    /// In hexadecimal digits, if the index says it.
    pub digest: Option<Str>,
}

/// The versions of some charts in the `index.yaml` of a site, in the order of the names.
pub fn listed_charts(index: &str, names: &[Str]) -> Vec<Vec<ListedChart>> {
    let nowhere = Origin::spelled(Span::new(SourceId(u32::MAX), 0, 0));
    let read = yaml::read_embedded(index, &nowhere);
    let entries = read.documents.first().and_then(|document| document.root.get("entries"));
    let one = |entry: &Node| {
        let text = |key: &str| entry.text_at(key).map(Str::from);
        let url = entry.get("urls").and_then(|urls| urls.items().first()?.text()).map(Str::from);
        Some(ListedChart { version: text("version")?, url: url?, digest: text("digest") })
    };
    let of = |name: &Str| {
        let versions = entries.and_then(|entries| entries.get(name)).map(Node::items).unwrap_or_default();
        versions.iter().filter_map(one).collect()
    };
    names.iter().map(of).collect()
}

/// Which of some versions is meant: the one that is asked for, else the highest in the range.
pub fn best_version(asked: &str, versions: &[&str]) -> Option<usize> {
    world::best_version(asked, versions)
}

/// Whether a range is asked for, or whatever there is: neither one version nor a word.
pub fn is_version_range(asked: &str) -> bool {
    world::is_version_range(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_lists_versions() {
        let index = "apiVersion: v1\nentries:\n  web:\n  - {version: 1.2.3, urls: [web-1.2.3.tgz], digest: abc}\n  - {version: v2.0.0-rc.1, urls: ['https://x.y/web.tgz']}\n  - {version: 1.10.0, urls: [web-1.10.0.tgz]}\n  - {version: 1.11.0}\n";
        let all = listed_charts(index, &["web".into(), "db".into()]);
        assert!(all[1].is_empty());
        let versions: Vec<&str> = all[0].iter().map(|one| one.version.as_str()).collect();
        assert_eq!(versions, ["1.2.3", "v2.0.0-rc.1", "1.10.0"]);
        assert_eq!((all[0][0].url.as_str(), all[0][0].digest.as_deref()), ("web-1.2.3.tgz", Some("abc")));
        assert!(listed_charts("a: [", &["web".into()])[0].is_empty());
    }
}
