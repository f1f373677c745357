//! An image as rule pages ask about it: together with how it is pinned.

use super::{Ask, Image, Pin, place_of, text_of};
use crate::text::{Origin, Str};

/// An image together with how it is pinned, which depends on the configuration: what rule pages ask.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    pub image: &'a Image,
    pub pin: Pin,
    pub origin: &'a Origin,
}

impl Ask for Judged<'_> {
    const ABOUT: &'static str = "image";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("text", "the whole reference"),
        ("registry", "the registry's host, if written"),
        ("repository", "the name without registry, tag and digest"),
        ("tag", "the tag"),
        ("digest", "the digest with its algorithm"),
        ("rival", "another digest that the tag carries"),
        (
            "pin",
            "how it is pinned: pinned, digest-only, build, tag, moving, untagged, latest, placeholder, malformed, unknown, open",
        ),
        ("fault", "why no runtime would pull it"),
        ("role", "pull, override, tag-only, chart-decides, built, watched"),
        ("pull-policy", "Always, IfNotPresent or Never"),
        ("number", "`true` if the tag is an unquoted number"),
        ("remark", "the comment on the same line"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        let image = self.image;
        match name {
            "text" => Some(image.text.clone()),
            "registry" => text_of(&image.registry),
            "repository" => text_of(&image.repository),
            "tag" => text_of(&image.tag),
            "digest" => text_of(&image.digest),
            "pin" => Some(Str::new_static(self.pin.name())),
            "rival" => text_of(&image.rival),
            "fault" => image.fault.as_ref().map(|fault| Str::new_static(fault.says)),
            "role" => Some(Str::new_static(image.role.name())),
            "pull-policy" => text_of(&image.pull_policy),
            "number" => image.number.then(|| Str::new_static("true")),
            "remark" => text_of(&image.remark),
            _ => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        let image = self.image;
        match name {
            "text" => Some(self.origin),
            "registry" => place_of(&image.registry),
            "repository" => place_of(&image.repository),
            "tag" => place_of(&image.tag),
            "digest" => place_of(&image.digest),
            "rival" => place_of(&image.rival),
            "fault" => image.fault.as_ref().map(|fault| &fault.at.origin),
            "pull-policy" => place_of(&image.pull_policy),
            "remark" => place_of(&image.remark),
            _ => None,
        }
    }
}
