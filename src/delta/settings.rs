//! All that no other topic tells: which settings of which objects are others.

use super::change::{At, Found, Topic, Which};
use super::pairs::Pair;
use super::trees::{Diff, Noise};
use super::versions;
use crate::config::Routine;
use crate::syntax::Node;
use crate::text::Span;
use std::collections::{BTreeSet, HashMap};

/// More paths than these of one object are counted.
const PATHS_TOLD: usize = 3;

/// The places of both sides that something else tells.
#[derive(Default)]
pub(super) struct Told {
    /// Those at which something is told.
    changes: Places,
    /// Those of single values that another topic looks at, whether it tells them or not.
    values: Places,
}

/// Places of both sides, each by its source, start and end.
#[derive(Default)]
struct Places {
    before: BTreeSet<(u32, u32, u32)>,
    after: BTreeSet<(u32, u32, u32)>,
}

impl Told {
    pub(super) fn add(&mut self, at: At) {
        self.changes.add(at);
    }

    pub(super) fn add_value(&mut self, at: At) {
        self.values.add(at);
    }

    /// Whether any value in a tree stands at such a place.
    fn tells(&self, which: Which, node: &Node) -> bool {
        match (node.entries(), node.items()) {
            ([], []) => self.changes.tell(which, node) || self.values.tell(which, node),
            _ => self.changes.tell(which, node),
        }
    }
}

impl Places {
    fn add(&mut self, at: At) {
        let side = match at.which {
            Which::Before => &mut self.before,
            Which::After => &mut self.after,
        };
        side.insert((at.span.source.0, at.span.start, at.span.end));
    }

    fn has(&self, which: Which, span: Span) -> bool {
        let side = match which {
            Which::Before => &self.before,
            Which::After => &self.after,
        };
        let from = (span.source.0, span.start, 0);
        let to = (span.source.0, span.end.max(span.start + 1), 0);
        side.range(from..to).any(|(_, _, end)| *end <= span.end)
    }

    fn tell(&self, which: Which, node: &Node) -> bool {
        match (node.entries(), node.items()) {
            ([], []) => {
                let len = node.text().map_or(0, str::len);
                let pieces = node.origin.pieces(len);
                self.has(which, node.span())
                    || pieces.iter().any(|(_, origin)| self.has(which, origin.span()))
            }
            (entries, items) => {
                self.has(which, node.span())
                    || entries.iter().map(|(_, value)| value).chain(items).any(|node| self.tell(which, node))
            }
        }
    }
}

pub(super) fn of_pair(pair: &Pair, told: &Told, out: &mut Vec<Found>) {
    let Some(after) = pair.after else { return };
    let label = after.label();
    let open: Vec<&Diff> = pair
        .diffs
        .iter()
        .filter(|diff| diff.noise == Noise::None && !is_of_topic(pair, diff))
        .filter(|diff| {
            let is_told = |which, node: Option<&Node>| node.is_some_and(|node| told.tells(which, node));
            !is_told(Which::After, diff.after) && !is_told(Which::Before, diff.before)
        })
        .collect();
    // Of labels and annotations nobody asks twice.
    let is_text = |diff: &&Diff| {
        diff.path
            .windows(2)
            .any(|two| two[0] == "metadata" && matches!(two[1].as_str(), "labels" | "annotations"))
    };
    let (texts, others): (Vec<&Diff>, Vec<&Diff>) = open.into_iter().partition(is_text);
    for (diffs, is_routine) in [(others, false), (texts, true)] {
        for group in by_file(diffs) {
            let mut found = one(&group);
            if is_routine {
                found = found.habit(Routine::Labels);
            }
            out.push(found.reaching(label.clone(), pair.cluster.clone()));
        }
    }
}

/// Whether a topic tells all that is below a path, or a path that it does not point at.
fn is_of_topic(pair: &Pair, diff: &Diff) -> bool {
    let begins = |with: &[&str]| diff.begins(with);
    match pair.thing().kind() {
        "Secret" => begins(&["data"]),
        "SealedSecret" => begins(&["spec", "encryptedData"]),
        "PersistentVolumeClaim" => begins(&["spec", "accessModes"]) || begins(&["spec", "storageClassName"]),
        "Role" | "ClusterRole" => begins(&["rules"]),
        "RoleBinding" | "ClusterRoleBinding" => begins(&["subjects"]) || begins(&["roleRef"]),
        "NetworkPolicy" | "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy" => begins(&["spec"]),
        "Deployment" | "StatefulSet" | "ReplicaSet" => begins(&["spec", "replicas"]),
        "StorageClass" => begins(&["parameters"]),
        _ => false,
    }
}

/// The differences of one object by the file that decides them.
fn by_file<'a>(diffs: Vec<&Diff<'a>>) -> Vec<Vec<(At, Diff<'a>)>> {
    let mut groups: Vec<Vec<(At, Diff)>> = Vec::new();
    let mut known = HashMap::new();
    for diff in diffs {
        let Some(at) = place(diff) else { continue };
        let own = *known.entry((at.which, at.span.source)).or_insert(groups.len());
        match groups.get_mut(own) {
            Some(group) => group.push((at, diff.clone())),
            None => groups.push(vec![(at, diff.clone())]),
        }
    }
    groups
}

fn place(diff: &Diff) -> Option<At> {
    let after = diff.after.map(|node| At::after(node.span()));
    after.or_else(|| diff.before.map(|node| At::before(node.span())))
}

fn one(group: &[(At, Diff)]) -> Found {
    let at = group.iter().map(|(at, _)| *at).min().unwrap_or(group[0].0);
    if let [(at, diff)] = group {
        let what = match (diff.before, diff.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let found = Found::new(Topic::Settings, what, diff.path()).at(*at);
        let simple = |node: Option<&Node>| node.and_then(|node| simple(diff, node));
        return match (simple(diff.before), simple(diff.after)) {
            (Some(old), Some(new)) => found.from(old).to(new),
            (None, Some(new)) if diff.before.is_none() => found.to(new),
            _ => found,
        };
    }
    let mut paths: Vec<String> = group.iter().map(|(_, diff)| diff.path()).collect();
    paths.dedup();
    let more = paths.len().saturating_sub(PATHS_TOLD);
    paths.truncate(PATHS_TOLD);
    let mut told = shortened(&paths).join(", ");
    if more > 0 {
        told.push_str(&format!(" and {more} more"));
    }
    Found::new(Topic::Settings, "changed", told).at(at)
}

/// Paths, of which each leaves out where it is if that is where the one before is.
fn shortened(paths: &[String]) -> Vec<String> {
    let parted = |path: &str| path.rsplit_once('.').map(|(above, key)| (above.to_owned(), key.to_owned()));
    let mut above = None;
    let short = paths.iter().map(|path| match parted(path) {
        Some((own, key)) if above.as_ref() == Some(&own) => key,
        other => {
            above = other.map(|(own, _)| own);
            path.clone()
        }
    });
    short.collect()
}

/// A value that can be no secret: a switch, a size, a time; a version or a number under a key that says so.
fn simple(diff: &Diff, node: &Node) -> Option<String> {
    const VERSIONS: [&str; 5] = ["version", "tag", "targetRevision", "semver", "appVersion"];
    const NUMBERS: [&str; 10] = [
        "replicas",
        "minReplicas",
        "maxReplicas",
        "instances",
        "port",
        "targetPort",
        "maxUnavailable",
        "minAvailable",
        "parallelism",
        "revisionHistoryLimit",
    ];
    const UNITS: [&str; 11] = ["m", "s", "h", "d", "ms", "Ki", "Mi", "Gi", "Ti", "M", "G"];
    let scalar = node.scalar()?;
    let text = scalar.text.as_str();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let is_size = end > 0 && text.len() <= 8 && UNITS.contains(&&text[end..]);
    let key = diff.path.last().map_or("", String::as_str);
    let is_number = NUMBERS.contains(&key) && end == text.len() && text.len() <= 8;
    let is_version = VERSIONS.contains(&key) && text.len() <= 32 && versions::is_one(text);
    (scalar.is_bool() || is_size || is_number || is_version).then(|| text.to_owned())
}
