//! What looks like a claim or a volume, in something that nobody reads whole.

use super::{Backing, Claim};
use crate::text::{Span, Str};

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
    /// It is switched off.
    Off,
    /// The class of all charts below, for claims that they make.
    Default,
    /// It cannot be read.
    Unclear,
}

/// A volume of something that nobody reads whole: values of a chart, a resource of an operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LooseVolume {
    pub name: Str,
    pub backing: Backing,
    pub gist: Gist,
}
