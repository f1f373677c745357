//! The door to registries: which digest a tag has today, what is there under a digest, the archives of charts, and
//! which commit a tag of a repository is. Asks for heads where they are
//! enough, which no registry counts as a pull, and hands nobody's credentials to another host.

mod address;
mod challenge;
mod charts;
mod client;
mod git;
mod helper;
mod login;
mod name;
mod newer;
mod verify;

pub(super) use charts::Fetched;
pub(super) use client::{Answer, Missed, Registries, digest_of};
pub(super) use name::Mirror;
pub(super) use newer::{Found, Movable, Terms};
pub(super) use verify::Besides;
