//! The data page about storage classes, read into [`Provisioners`]. Knows no provisioner itself.

use super::entry::{Entry, items};
use crate::facts::{ClassPattern, Provisioner, Provisioners, Standing, StorageKind};
use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::Str;

const STANDING: &str = "one of longhorn, replicated, local, network, cloud and unknown";

/// Reads the lists of provisioners and of classes.
pub(super) fn fill(
    provisioners: &mut Provisioners,
    list: Option<&Front>,
    classes: Option<&Front>,
    problems: &mut Vec<Problem>,
) {
    let known = items(list).into_iter().filter_map(|item| provisioner(item, problems)).collect();
    let mut by_name: Vec<(ClassPattern, StorageKind)> = Vec::new();
    for item in items(classes) {
        let mut entry = Entry::read(item, &["standing", "shared", "names", "says"], problems);
        let Some(kind) = kind(&mut entry) else { continue };
        let patterns = entry.each("names", "a name of a class, open at an end or not", ClassPattern::read);
        by_name.extend(patterns.into_iter().map(|pattern| (pattern, kind.clone())));
    }
    provisioners.add(known, by_name);
}

fn provisioner(item: Front, problems: &mut Vec<Problem>) -> Option<(Vec<Str>, Provisioner)> {
    const KEYS: [&str; 9] = ["standing", "shared", "names", "says", "copies", "one", "by", "follows", "pool"];
    let mut entry = Entry::read(item, &KEYS, problems);
    let kind = kind(&mut entry)?;
    let names = entry.texts("names");
    let one = entry.one("one", STANDING, Standing::named);
    let (copies, follows, pool) = (entry.texts("copies"), entry.text("follows"), entry.text("pool"));
    let (items, problems) = entry.items("by");
    let mut by = Vec::new();
    for item in items {
        let mut entry = Entry::read(item, &["parameter", "value", "standing", "shared"], problems);
        let (name, value) = (entry.need("parameter"), entry.need("value"));
        if let (Some(name), Some(value), Some(kind)) = (name, value, self::kind(&mut entry)) {
            by.push((name, value, kind));
        }
    }
    Some((names, Provisioner { kind, copies, one, by, follows, pool }))
}

fn kind(entry: &mut Entry) -> Option<StorageKind> {
    let standing = entry.one("standing", STANDING, Standing::named);
    entry.must_have("standing");
    Some(StorageKind {
        standing: standing?,
        shared: entry.flag("shared"),
        copies: None,
        says: entry.text("says"),
    })
}
