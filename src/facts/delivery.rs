//! What decides which manifests run and with which values: charts, kustomizations, Flux and CI steps.

use super::{Ask, Fact, Image, place_of, text_of};
use crate::text::{Origin, Part, Str};

/// A chart that a release pulls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chart {
    pub name: Part,
    /// The version as written: absent, a range, or exact.
    pub version: Option<Part>,
    pub repository: Option<Part>,
    pub digest: Option<Part>,
    /// `exact`, `range`, `absent`, `digest` or `unknown`.
    pub pin: &'static str,
}

impl Chart {
    /// How firmly a version is named: `exact`, `range` or `unknown`.
    pub fn held(version: &Part) -> &'static str {
        if !version.is_known() {
            return "unknown";
        }
        let version = version.text.as_str();
        // Of git it is a revision, of charts neither a version nor a range: helm refuses it.
        if version == "HEAD" {
            return "unknown";
        }
        let core = version.trim().trim_start_matches(['=', 'v', ' ']);
        let core = core.split(['-', '+']).next().unwrap_or("");
        let numbers: Vec<&str> = core.split('.').collect();
        let exact = numbers.len() == 3
            && numbers.iter().all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
        if exact && !version.contains([' ', ',', '|']) { "exact" } else { "range" }
    }
}

impl Ask for Fact<Chart> {
    const ABOUT: &'static str = "chart";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "the chart's name or OCI address"),
        ("version", "the version or range as written"),
        ("repository", "where the chart comes from"),
        ("pin", "exact, range, absent, digest or unknown"),
        ("follows", "who may take which versions, in words"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        match name {
            "name" => Some(self.says.name.text.clone()),
            "follows" => Some({
                // What a chart depends on is chosen when somebody packages it.
                let who =
                    if self.owner.format == "chart" { "whoever packages the chart" } else { "the cluster" };
                match &self.says.version {
                    Some(version) if version.text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                        format!("{who} takes whatever `{}` is by then", version.text).into()
                    }
                    Some(version) => format!("{who} takes whatever fits `{}`", version.text).into(),
                    None => format!("{who} takes whatever is the newest").into(),
                }
            }),
            "version" => text_of(&self.says.version),
            "repository" => text_of(&self.says.repository),
            "pin" => Some(Str::new_static(self.says.pin)),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        match name {
            "name" => Some(&self.says.name.origin),
            "version" => place_of(&self.says.version),
            "repository" => place_of(&self.says.repository),
            _ => None,
        }
    }
}

/// A step of a CI workflow that runs somebody else's code: `uses: owner/action@ref`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    pub name: Part,
    pub reference: Option<Part>,
    /// `commit`, `tag`, `branch`, `absent`, `local`, `unknown`, or `demanded`: a tag that the action insists on.
    pub pin: &'static str,
    /// The comment on the same line: `# v4.1.0`.
    pub remark: Option<Part>,
}

impl Ask for Fact<Action> {
    const ABOUT: &'static str = "action";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("name", "owner/repository and path"),
        ("reference", "what stands behind the `@`"),
        ("pin", "commit, tag, branch, absent, demanded, local or unknown"),
        ("remark", "the comment on the same line"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        match name {
            "name" => Some(self.says.name.text.clone()),
            "reference" => text_of(&self.says.reference),
            "pin" => Some(Str::new_static(self.says.pin)),
            "remark" => text_of(&self.says.remark),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        match name {
            "name" => Some(&self.says.name.origin),
            "reference" => place_of(&self.says.reference),
            "remark" => place_of(&self.says.remark),
            _ => None,
        }
    }
}

/// A Flux image automation marker: `# {"$imagepolicy": "namespace:name"}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setter {
    pub namespace: Str,
    pub policy: Str,
    /// `tag`, `name`, `digest`, or empty when the whole reference is set.
    pub field: Str,
    /// The value on the marker's line.
    pub value: Part,
    pub comment: Part,
}

/// A Flux ImagePolicy: which tag the automation writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagPolicy {
    pub namespace: Str,
    pub name: Part,
    /// `semver`, `alphabetical`, `numerical` or empty.
    pub order: &'static str,
    pub range: Option<Part>,
    pub pattern: Option<Part>,
    /// `Always`, `IfNotPresent`, `Never` or empty.
    pub reflects_digest: Option<Part>,
}

/// What a kustomization, or a Flux Kustomization, changes in what it builds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overlay {
    /// Files whose objects change others instead of standing for themselves.
    pub patches: Vec<Str>,
    pub images: Vec<Override>,
}

/// One entry of a kustomization's `images:`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    pub name: Part,
    pub new_name: Option<Part>,
    pub new_tag: Option<Part>,
    pub digest: Option<Part>,
    /// The entry read as an image, for the ladder.
    pub image: Image,
    /// No image of any build goes by this name, and all of them are in sight.
    pub idle: bool,
    /// It changes nothing, and its image is named where kustomize does not look.
    pub beyond: Option<Beyond>,
}

/// Where an image is named that kustomize does not reach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Beyond {
    /// Within a longer text: a configuration in a ConfigMap, an argument.
    Text,
    /// In a field that holds nothing else.
    Field,
}

impl Override {
    /// The part that stands for the entry: what it sets, or the name it sets nothing for.
    pub fn whole(&self) -> &Part {
        self.new_tag.as_ref().or(self.digest.as_ref()).unwrap_or(&self.name)
    }
}

/// A chart that is installed, and where its values come from besides the manifest itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Release {
    pub chart: Str,
    /// Values files of the repository, relative to the root.
    pub files: Vec<Str>,
    /// The namespace that is made for it.
    pub makes_namespace: Option<Str>,
}
