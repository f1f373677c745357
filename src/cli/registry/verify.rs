//! What registries have of images that are pinned: one head of the tag where it leads to the digest, and a few questions more
//! where it does not.

use super::client::{Family, Head, Missed, Registries, no_name};
use super::name::Name;
use crate::facts::{Answer, Around, Held, Leads, Pinned, Served};
use crate::text::Str;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is asked besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::cli) struct Besides {
    /// The platforms of each image.
    pub(in crate::cli) platforms: bool,
    /// Whether there is a signature of cosign.
    pub(in crate::cli) signatures: bool,
}

/// What a registry says of an image, and whether it has a signature, if that was asked and could be told.
pub(in crate::cli) type Verified = (Answer, Option<bool>);

impl Registries {
    /// Asks for each of these, several at once; the answers are in their order.
    pub(in crate::cli) fn verify(&self, images: &[Pinned], besides: Besides) -> Vec<Verified> {
        // A tag that stands with two digests is asked for once.
        let mut groups: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
        for (at, image) in images.iter().enumerate() {
            groups.entry((&image.name, image.tag.as_deref())).or_default().push(at);
        }
        let groups: Vec<_> = groups.into_iter().collect();
        let name = |(name, tag): (&str, Option<&str>), digest: &str| {
            Name::of(name, tag.unwrap_or(digest)).map(|name| name.through(&self.mirrors))
        };
        let hosts: Vec<Option<String>> =
            groups.iter().map(|(key, own)| Some(name(*key, &images[own[0]].digest)?.host)).collect();
        let told = self.each(&hosts, |at| {
            let (key, own) = &groups[at];
            let Some(name) = name(*key, &images[own[0]].digest) else {
                return own.iter().map(|_| (Err(no_name().says().into()), None)).collect::<Vec<_>>();
            };
            let tag = key.1.map(|_| self.head(&name));
            own.iter().map(|at| self.verified(&name.at(&images[*at].digest), tag.as_ref(), besides)).collect()
        });
        let mut out: Vec<Option<Verified>> = images.iter().map(|_| None).collect();
        for ((_, own), told) in groups.iter().zip(told) {
            for (at, one) in own.iter().zip(told) {
                out[*at] = Some(one);
            }
        }
        let unasked = || (Err(Str::new_static("it was not asked for")), None);
        out.into_iter().map(|one| one.unwrap_or_else(unasked)).collect()
    }

    fn verified(&self, name: &Name, tag: Option<&Result<Head, Missed>>, besides: Besides) -> Verified {
        let answer = self.served(name, tag, besides).map_err(|missed| missed.says().into());
        let is_there = matches!(&answer, Ok(Served { held: Held::Image(_) | Held::Index(_), .. }));
        let signed = (besides.signatures && is_there).then(|| self.is_signed(name)).flatten();
        (answer, signed)
    }

    /// `name` is the image by its digest.
    fn served(
        &self,
        name: &Name,
        tag: Option<&Result<Head, Missed>>,
        besides: Besides,
    ) -> Result<Served, Missed> {
        let tag = match tag {
            None => None,
            Some(Err(Missed::Gone)) => Some(None),
            Some(Err(why)) => return Err(why.clone()),
            Some(Ok(head)) => Some(Some(head)),
        };
        let own = match &tag {
            Some(Some(head)) if head.digest == name.tag => Ok((*head).clone()),
            _ => self.head(name),
        };
        let (own, held) = match own {
            Ok(head) => {
                let held = self.described(name, head.family, besides)?;
                (Some(head.family), held)
            }
            // Some answer that they have no time, where the digest is that of a blob.
            Err(Missed::Gone | Missed::Unknown(_)) if self.is_configuration(name) => {
                (None, Held::Configuration)
            }
            Err(Missed::Gone) => (None, Held::Gone),
            Err(why) => return Err(why),
        };
        let leads = match &tag {
            None => Leads::Unasked,
            Some(None) => Leads::Gone,
            Some(Some(head)) if head.digest == name.tag => Leads::Here,
            Some(Some(head)) => match head.family {
                Family::Index if own == Some(Family::Image) => {
                    Leads::Around(self.around(name, &head.digest)?)
                }
                _ => Leads::Elsewhere(head.digest.as_str().into()),
            },
        };
        Ok(Served { held, leads })
    }

    /// The index that a tag is, beside one image.
    fn around(&self, name: &Name, index: &str) -> Result<Around, Missed> {
        let (_, value) = self.whole(&name.at(index))?;
        let own = entries(&value).find(|(digest, _)| *digest == Some(name.tag.as_str()));
        let own = own.map(|(_, platform)| platform.unwrap_or_else(|| Str::new_static("an unknown platform")));
        Ok(Around { digest: index.into(), platforms: platforms(&value), own })
    }

    /// The platform of an image, as its configuration says.
    fn platform(&self, name: &Name) -> Result<Option<Str>, Missed> {
        let (_, manifest) = self.whole(name)?;
        let Some(digest) = manifest.pointer("/config/digest").and_then(Value::as_str) else {
            return Ok(None);
        };
        Ok(platform(&self.blob(&name.at(digest))?))
    }

    /// What is there under a digest, with its platforms if those are asked for.
    fn described(&self, name: &Name, family: Family, besides: Besides) -> Result<Held, Missed> {
        Ok(match family {
            Family::Index if besides.platforms => Held::Index(Some(platforms(&self.whole(name)?.1))),
            Family::Index => Held::Index(None),
            Family::Image if besides.platforms => Held::Image(self.platform(name)?),
            Family::Image => Held::Image(None),
        })
    }

    /// Whether what is there under a digest is the configuration of an image. A layer is longer than what is read, or no
    /// text.
    fn is_configuration(&self, name: &Name) -> bool {
        let is_one = |value: Value| value.get("rootfs").is_some() && value.get("architecture").is_some();
        self.blob(name).is_ok_and(is_one)
    }

    /// Whether cosign has signed an image: by the tag that it makes, or by what refers to the digest. Nothing if nobody
    /// knows.
    fn is_signed(&self, name: &Name) -> Option<bool> {
        let tag = format!("{}.sig", name.tag.replace(':', "-"));
        match self.head(&name.at(&tag)) {
            Ok(_) => return Some(true),
            Err(Missed::Gone) => {}
            Err(_) => return None,
        }
        match self.referrers(name) {
            Ok(list) => {
                let kinds = list.get("manifests").and_then(Value::as_array).into_iter().flatten();
                let mut kinds = kinds.filter_map(|one| one.get("artifactType").and_then(Value::as_str));
                Some(kinds.any(|kind| kind.contains("sigstore") || kind.contains("cosign")))
            }
            Err(Missed::Gone) => Some(false),
            Err(_) => None,
        }
    }
}

/// The images of an index, each with its platform. What is for none, such as a provenance, is left out.
pub(super) fn entries(index: &Value) -> impl Iterator<Item = (Option<&str>, Option<Str>)> {
    let all = index.get("manifests").and_then(Value::as_array).into_iter().flatten();
    let all = all.map(|entry| {
        let digest = entry.get("digest").and_then(Value::as_str);
        (digest, entry.get("platform").and_then(platform))
    });
    all.filter(|(_, platform)| platform.as_deref() != Some("unknown/unknown"))
}

fn platforms(index: &Value) -> Vec<Str> {
    let mut out: Vec<Str> = entries(index).filter_map(|(_, platform)| platform).collect();
    out.sort();
    out.dedup();
    out
}

/// `linux/arm64/v8`
fn platform(value: &Value) -> Option<Str> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (system, machine) = (text("os")?, text("architecture")?);
    let variant = text("variant").map_or(String::new(), |variant| format!("/{variant}"));
    Some(format!("{system}/{machine}{variant}").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn platforms_are_read() {
        let index = json!({"schemaVersion": 2, "manifests": [
            {"digest": "sha256:b", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"digest": "sha256:a", "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:c", "platform": {"os": "unknown", "architecture": "unknown"}},
            {"digest": "sha256:d"},
            7,
        ]});
        assert_eq!(platforms(&index), ["linux/amd64", "linux/arm64/v8"]);
        assert_eq!(platforms(&json!({"manifests": {}})), Vec::<Str>::new());
        assert_eq!(platform(&json!({"os": "linux", "architecture": ""})), None);
    }
}
