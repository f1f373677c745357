//! Backups: what somebody copies again and again, how, and where to; and what is written on claims and pods that those
//! who copy choose by.

use crate::text::{Origin, Part, Str};

/// Whether a database is backed up, as far as the repository tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backup {
    Yes,
    /// Its manifest, or a plan for it, would tell, and none does.
    No,
    Unknown,
}

/// What kind of copy it is, and so what it can bring back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BackupKind {
    /// All files of a server, fit to replay WAL upon.
    Base,
    /// Every change since a base backup; without one it restores nothing.
    Wal,
    Dump,
    /// A copy by the storage itself, most often on the same disks.
    Snapshot,
    /// The files of a volume, copied elsewhere.
    Files,
}

impl BackupKind {
    pub fn name(self) -> &'static str {
        match self {
            BackupKind::Base => "base backup",
            BackupKind::Wal => "WAL archive",
            BackupKind::Dump => "logical dump",
            BackupKind::Snapshot => "volume snapshot",
            BackupKind::Files => "file copy",
        }
    }
}

/// When a copy is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    At(Part),
    /// All the time, or at a time that its tool knows.
    Always,
    /// By hand, or once: it is no plan.
    Once,
    /// Another object says when, and names this one.
    Asked,
}

/// What a plan copies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A resource of an operator, by the group of its API; by its name alone if the group is empty.
    Resource { group: Str, name: Part },
    /// Every resource of a group.
    Every { group: Str },
    /// The server behind a name that clients connect to.
    Host(Part),
    /// The server that a Secret lets clients into.
    Secret(Part),
    /// The workload that declares the plan.
    Own,
    /// A claim or a named volume.
    Claim(Part),
    /// Volumes that are in a group of Longhorn's.
    Group(Part),
    /// Volumes that name a job of Longhorn's.
    Job(Part),
    /// What has certain labels, in some namespaces.
    Chosen(Choice),
    /// What other plans say, which this one runs.
    Policy(Part),
    /// It is not known, or not read here.
    Unknown,
}

/// How claims are chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// All of them, if none is named.
    pub namespaces: Vec<Str>,
    pub but_not: Vec<Str>,
    /// Labels that a claim must have, all of them.
    pub labels: Vec<(Str, Str)>,
    /// An annotation or label that takes a claim out, with the values that do.
    pub opt_out: Option<(Str, Str)>,
}

/// Something that is copied, or would be if it were switched on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupPlan {
    /// Where what it copies is looked for.
    pub namespace: Str,
    /// Nothing if it keeps volumes in order and copies none.
    pub kind: Option<BackupKind>,
    pub of: Subject,
    pub when: When,
    /// The object store or repository that it copies to, by the name of its object.
    pub to: Option<Part>,
    /// `to` is an object of the same namespace, without which nothing is copied.
    pub needs_store: bool,
    /// The section of a resource by which it is copied, where a plan of another object asks for it: `volumeSnapshot`.
    pub section: Option<&'static str>,
    /// What switches it off.
    pub off: Option<Origin>,
}

impl BackupPlan {
    /// Whether it copies anything by itself.
    pub fn runs(&self) -> bool {
        self.kind.is_some() && self.off.is_none() && !matches!(self.when, When::Once)
    }
}

/// An object that says where backups go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupStore {
    pub namespace: Str,
    pub name: Str,
}

/// What carries marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marked {
    Claim,
    /// A claim template: its claims have the name of the template and of the owner.
    Template,
    /// All claims of an operator's resource.
    Resource,
    /// A volume of Longhorn's.
    Volume,
    Pod,
}

/// Labels and annotations by which those who take backups choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marks {
    pub of: Marked,
    pub namespace: Str,
    /// The claim, the template, the resource or the workload.
    pub name: Str,
    pub labels: Vec<(Part, Part)>,
    pub annotations: Vec<(Part, Part)>,
}

impl Marks {
    pub fn label(&self, key: &str) -> Option<&Part> {
        self.labels.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }

    pub fn annotation(&self, key: &str) -> Option<&Part> {
        self.annotations.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }
}

/// A name that clients connect to, and the labels of the pods, or the resource, behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    pub namespace: Str,
    pub name: Str,
    pub selects: Vec<(Str, Str)>,
    /// A pooler names the resource of an operator.
    pub resource: Option<Part>,
}
