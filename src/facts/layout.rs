//! Where a resource or a chart says what of its database: paths from the page `operators`. Data; who follows it reads trees.

use crate::text::Str;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Key(Str),
    /// Any item of a list.
    Items,
    /// Any value of a map.
    Values,
}

/// A path such as `spec.instances[].dataVolumeClaimSpec`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// Reads a path; nothing if it is none.
    pub fn read(text: &str) -> Option<Path> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, is_list) = match part.strip_suffix("[]") {
                Some(key) => (key, true),
                None => (part, false),
            };
            match key {
                "" => return None,
                "*" => steps.push(Step::Values),
                key if key.contains(['[', ']', '*']) => return None,
                key => steps.push(Step::Key(key.into())),
            }
            if is_list {
                steps.push(Step::Items);
            }
        }
        Some(Path(steps))
    }

    /// The path with `*` for whatever item or key: `spec.instances.*.replicas`.
    pub fn dotted(&self) -> String {
        let steps = self.0.iter().map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Items | Step::Values => "*",
        });
        steps.collect::<Vec<_>>().join(".")
    }
}

/// A key that is there, or has a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    pub at: Path,
    pub value: Option<Str>,
}

/// A claim of a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimLayout {
    /// What it holds: `data`, `wal`.
    pub what: Str,
    pub at: Path,
    /// Where below that the class and the size are: the first that is there.
    pub class: Vec<Path>,
    pub size: Vec<Path>,
    /// What makes it no claim.
    pub unless: Vec<Given>,
    /// Where nothing is written, the operator makes one in the default class.
    pub made: bool,
    /// It holds no data of the servers, but backups.
    pub apart: bool,
}

/// What one kind of resource, or one chart, says of its database.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    pub engine: Option<Str>,
    /// What names the engine, where the kind does not.
    pub engine_of: Vec<Path>,
    /// The group of the operator whose resource a chart makes of it.
    pub operator: Option<Str>,
    /// Why we believe it is one: `CloudNativePG cluster`.
    pub because: Str,
    pub instances: Vec<Path>,
    /// Servers besides those that `instances` counts.
    pub primaries: u32,
    pub image: Vec<Path>,
    pub version: Vec<Path>,
    pub claims: Vec<ClaimLayout>,
    /// What must be there, and what must not.
    pub only: Vec<Given>,
    pub unless: Vec<Given>,
}
