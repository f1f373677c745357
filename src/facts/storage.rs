//! Where data lives: storage classes, claims, volumes, and the workloads and databases that use them.

use super::{Backing, Backup, Engine, Placing, Told};
use crate::text::{Origin, Part, Span, Str};

/// A StorageClass object (or a chart that makes one).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorageClass {
    pub name: Part,
    pub provisioner: Option<Part>,
    /// The annotation or value that makes it the default.
    pub default: Option<Part>,
    pub reclaim: Option<Part>,
    pub parameters: Vec<(Str, Part)>,
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

/// A map that looks like a claim, or names one. It is a claim of its own unless another format told the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimShape {
    pub claim: Claim,
    /// Where its class, its size and itself are written: what was told from one of these places is the same claim.
    pub places: Vec<Span>,
    pub gist: Gist,
}

/// What a shape would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gist {
    Claim,
    /// The name of a claim that is elsewhere.
    Reference,
    /// Values of a chart that is rendered: what it makes of them speaks for itself.
    Unused,
    /// It cannot be read.
    Unclear,
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
    pub told: Told,
    /// What it starts instead of what its image would, and with which arguments.
    pub command: Vec<Str>,
    pub args: Vec<Str>,
    /// Its variables, with their values where those are written.
    pub env: Vec<(Str, Str)>,
    pub ports: Vec<u16>,
}

/// A database with the claims it keeps its data in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Database {
    pub namespace: Str,
    pub name: Str,
    /// Nameless if only the chart that takes these values can tell.
    pub engine: Engine,
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
