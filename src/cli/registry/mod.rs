//! The door to registries: which digest a tag has today. Asks for heads alone, which no registry counts as a pull, and
//! hands nobody's credentials to another host.

mod challenge;
mod client;
mod login;
mod name;

pub(super) use client::{Answer, Missed, Registries};
pub(super) use name::Mirror;
