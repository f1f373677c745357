//! What keeps objects from a cluster, or from being seen: builds that fail, charts and bases that are not here, manifests
//! that nobody delivers.

use super::{Ask, Fact};
use crate::text::{Origin, Str};

/// Why something is not delivered as it was asked for, or is not seen here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// The tool would not build this.
    Refused,
    /// A delivery names a folder that the repository does not have.
    PathMissing,
    /// A variable that nobody gives a value.
    Undefined,
    /// The values of a release cannot be put together.
    Values,
    /// Helm would not render this.
    Helm,
    /// The schema of a chart refuses a value.
    Schema,
    /// It may go on without end: pintle does not follow it further, and the tool might.
    Bound,
    /// A chart makes it.
    Chart,
    /// A chart in a chart that is here makes it.
    Dependency,
    /// A chart that nothing takes gives nothing without values that somebody has to set.
    NeedsValues,
    /// It lies outside the repository.
    Remote,
    /// Git ignores it: whoever works with the repository may have it.
    Ignored,
    /// A program makes it.
    Plugin,
    /// Nothing delivers a manifest whose neighbours are delivered.
    LeftOut,
    /// Nothing that is delivered comes near a manifest.
    Outside,
    /// It says that it is a manifest, and is no YAML.
    Broken,
}

impl Why {
    pub const ALL: [Why; 16] = [
        Why::Refused,
        Why::PathMissing,
        Why::Undefined,
        Why::Values,
        Why::Helm,
        Why::Schema,
        Why::Bound,
        Why::Chart,
        Why::Dependency,
        Why::NeedsValues,
        Why::Remote,
        Why::Ignored,
        Why::Plugin,
        Why::LeftOut,
        Why::Outside,
        Why::Broken,
    ];

    /// One word, as rule pages ask for it and data tell it.
    pub fn name(self) -> &'static str {
        match self {
            Why::Refused => "refused",
            Why::PathMissing => "missing",
            Why::Undefined => "undefined",
            Why::Values => "values",
            Why::Helm => "helm",
            Why::Schema => "schema",
            Why::Bound => "bound",
            Why::Chart => "chart",
            Why::Dependency => "dependency",
            Why::NeedsValues => "needs-values",
            Why::Remote => "remote",
            Why::Ignored => "ignored",
            Why::Plugin => "plugin",
            Why::LeftOut => "left-out",
            Why::Outside => "outside",
            Why::Broken => "broken",
        }
    }

    /// Whether something may be there that nobody here can see.
    pub fn hides(self) -> bool {
        matches!(
            self,
            Why::Chart
                | Why::Dependency
                | Why::NeedsValues
                | Why::Remote
                | Why::Ignored
                | Why::Plugin
                | Why::Bound
        )
    }

    /// Whether coverage counts it; what is wrong is a finding instead.
    pub fn is_unseen(self) -> bool {
        !self.is_refusal()
            && !matches!(self, Why::PathMissing | Why::Undefined | Why::Values | Why::Bound | Why::Broken)
    }

    /// Whether the tool that delivers it stops there.
    pub fn is_refusal(self) -> bool {
        matches!(self, Why::Refused | Why::Helm | Why::Schema)
    }
}

/// One thing that keeps something from being delivered as it was meant. Whom it keeps, its owner says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Obstacle {
    pub why: Why,
    /// The reason, in a sentence without its beginning.
    pub reason: Str,
    /// What brings the same object instead.
    pub instead: Option<Instead>,
}

/// What brings an object that its manifest does not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Instead {
    /// Another file that is delivered.
    File(Str),
    /// A release, from the file that asks for it: its chart, or whoever installs that.
    Release { who: Str, file: Str },
}

impl Instead {
    /// What is so of an object, as a sentence behind its name.
    fn says(&self) -> String {
        match self {
            Instead::File(file) => format!("is delivered from {file}"),
            Instead::Release { who, file } => format!("is made by {who} in {file}"),
        }
    }
}

impl Obstacle {
    /// The reason for who is told of the owner beside it.
    pub fn told(&self) -> Str {
        match &self.instead {
            Some(instead) => format!("it {}, not from here: {}", instead.says(), self.reason).into(),
            None => self.reason.clone(),
        }
    }
}

impl Ask for Fact<Obstacle> {
    const ABOUT: &'static str = "obstacle";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        (
            "why",
            "refused, missing, undefined, values, helm, schema, chart, dependency, needs-values, remote, ignored, plugin, left-out, outside or broken",
        ),
        ("says", "what keeps it from being delivered"),
        ("what", "what is kept: the build, or the set of Applications"),
        ("delivered", "yes, or no if nothing delivers what is kept"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        let says = &self.says;
        match name {
            "why" => Some(Str::new_static(says.why.name())),
            "says" if matches!(says.why, Why::LeftOut | Why::Outside) => {
                let (who, reason) = (self.owner.label(), &says.reason);
                Some(match &says.instead {
                    Some(instead) => format!("{who} {}, not from here: {reason}", instead.says()).into(),
                    None => format!("nothing delivers this {who}: {reason}").into(),
                })
            }
            "says" => Some(says.reason.clone()),
            "what" if self.owner.kind == "ApplicationSet" => Some(Str::new_static("set")),
            "what" => Some(Str::new_static("build")),
            "delivered" => {
                let is_live = self.owner.scene.as_ref().is_none_or(|scene| scene.live);
                Some(Str::new_static(if is_live { "yes" } else { "no" }))
            }
            _ => None,
        }
    }

    fn place(&self, _name: &str) -> Option<&Origin> {
        None
    }
}
