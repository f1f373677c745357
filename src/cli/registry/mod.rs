//! The door to registries: which digest a tag has today, what is there under a digest, and
//! which commit a tag of a repository is. Asks for heads where they are
//! enough, which no registry counts as a pull, and hands nobody's credentials to another host.

mod challenge;
mod client;
mod git;
mod login;
mod name;
mod verify;

pub(super) use client::{Answer, Missed, Registries};
pub(super) use name::Mirror;
pub(super) use verify::Besides;
