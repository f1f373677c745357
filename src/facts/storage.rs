//! Where data lives: storage classes, claims, volumes, and the workloads and databases that use them.

use super::{Backing, Backup, Engine, Placing, Setting};
use crate::text::{Origin, Part, Str};

/// A StorageClass object (or a chart that makes one).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorageClass {
    pub name: Part,
    pub provisioner: Option<Part>,
    /// The annotation or value that makes it the default.
    pub default: Option<Part>,
    pub reclaim: Option<Part>,
    pub parameters: Vec<(Str, Part)>,
    /// The option by which mounts wait for their server and never give up: `hard`.
    pub hard: Option<Part>,
}

/// A pool of Ceph, from which classes take their volumes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    pub name: Str,
    /// How many copies it keeps.
    pub copies: Part,
}

/// How a claim names its class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClassName {
    Named(Part),
    /// No class is written; the origin is the nearest thing that is there.
    Omitted(Origin),
    /// A class is written but not known.
    Unknown(Part),
    /// The claim takes its class from one that stands elsewhere.
    Existing(Part),
}

/// A PersistentVolumeClaim, wherever it stands: an object, a claim template, a database's storage, Helm values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    pub namespace: Str,
    pub name: Str,
    pub class: ClassName,
    pub size: Option<Part>,
    pub modes: Vec<Part>,
    /// The volume that it asks for by name.
    pub volume: Option<Part>,
}

/// A distribution of Kubernetes that brings a default class along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Distribution {
    /// The class, unless it is switched off here.
    pub class: Option<Part>,
}

/// A volume of a workload: a claim by name, a claim template, or what else it is made of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Volume {
    pub name: Str,
    pub claim: Option<Part>,
    /// The claim stands in the workload itself.
    pub inline: Option<Claim>,
    pub backing: Backing,
    /// The ConfigMap whose entries are its files.
    pub map: Option<Part>,
}

/// A pod template: which images run over which volumes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// Where its pods run, and so where its claims are: a release may be declared elsewhere.
    pub namespace: Str,
    pub name: Str,
    pub replicas: Option<Part>,
    /// It does its work and ends, as jobs do: no server lives in it.
    pub ends: bool,
    pub containers: Vec<Container>,
    pub volumes: Vec<Volume>,
    pub placing: Placing,
}

/// One container of a workload.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Container {
    pub name: Str,
    pub image: Option<Part>,
    /// The image is built here, and called as somebody likes.
    pub built: bool,
    /// It prepares and ends before the others start.
    pub init: bool,
    /// The volumes it mounts, and where.
    pub mounts: Vec<(Str, Part)>,
    /// What it starts instead of what its image would, and with which arguments.
    pub command: Vec<Part>,
    pub args: Vec<Part>,
    pub env: Vec<(Str, Setting)>,
    /// ConfigMaps whose entries are all variables.
    pub maps: Vec<Part>,
    /// Who else may set variables, unseen here: `the Secret db`.
    pub unseen: Option<Str>,
    /// Some of it is made by a template, or the image is built here.
    pub unsure: bool,
    pub ports: Vec<u16>,
}

/// A database with the claims it keeps its data in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Database {
    pub namespace: Str,
    pub name: Str,
    /// Nameless if only the chart that takes these values can tell.
    pub engine: Engine,
    /// The group of the operator that runs it, where its own resource is not here.
    pub operator: Option<Str>,
    /// Why we believe it is one: `CloudNativePG cluster`, `container image postgres`.
    pub because: Str,
    pub instances: Option<Part>,
    /// Servers besides those that `instances` counts: a chart's replicas have a primary of their own.
    pub primaries: u32,
    /// What is known where no plan is: `No` if its manifest would tell.
    pub backup: Backup,
    pub image: Option<Part>,
    /// What says its version, apart from an image.
    pub version: Option<Part>,
    /// Claims written in the database itself: what for (`data`, `wal`), and the claim.
    pub claims: Vec<(Str, Claim)>,
    /// It is told to write nothing to its disk.
    pub keeps_nothing: bool,
    /// Where the database itself stands.
    pub origin: Origin,
}

/// A resource that asks an operator to bring the data of a database to another major version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MajorUpgrade {
    /// The resource of the database, in the same namespace.
    pub database: Str,
    pub to: Part,
}

/// How Zalando's operator deals with another major version in the resource of a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpgradeMode {
    pub mode: Part,
    /// Some teams have their clusters upgraded all the same.
    pub has_teams: bool,
}
