//! An image as rule pages ask about it: together with how it is pinned.

use super::pin::{moves, vague};
use super::placeholder::placeholder;
use super::{Ask, Image, Number, Pin, Role, place_of, text_of};
use crate::text::{How, Origin, Part, Str};

/// An image together with how it is pinned, which depends on the configuration: what rule pages ask.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    pub image: &'a Image,
    pub pin: Pin,
    pub origin: &'a Origin,
    /// The format of the file that says it.
    pub format: &'static str,
}

impl Ask for Judged<'_> {
    const ABOUT: &'static str = "image";
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("text", "the whole reference"),
        ("registry", "the registry's host, if written"),
        ("name", "the name with its registry, as far as they are written"),
        ("repository", "the name without registry, tag and digest"),
        ("tag", "the tag"),
        ("digest", "the digest with its algorithm"),
        ("rival", "another digest that the tag carries"),
        (
            "pin",
            "how it is pinned: pinned, digest-only, build, tag, may-move, moving, untagged, latest, placeholder, placeholder-digest, malformed, unknown, open",
        ),
        ("vague", "why nobody can tell of a tag whether it moves"),
        ("moves", "how a tag that moves is known to"),
        ("holds", "how firmly a tag without a digest holds"),
        ("placeholder", "the part that is to be replaced: tag, repository or registry, or the whole text"),
        ("fault", "why no runtime would pull it"),
        ("fault-in", "where that is: name, tag or digest"),
        ("role", "pull, override, tag-only, chart-decides, built, watched"),
        ("what", "an image, or a feature of a development container"),
        (
            "written",
            "how: text, map, map-with-key (one for the digest), override (of others), feature, shared (the tag, with other images), variable (that others take, too), built (a checkout takes its tag), chart (the tag is its appVersion), setter (Flux writes the tag), bot (Renovate does, after a comment), or bot-apart (the same, and others take the variable)",
        ),
        (
            "named",
            "the variable that names the image, where another one decides its tag and is taken elsewhere, too",
        ),
        ("feeds", "who takes that variable, too"),
        ("digest-key", "what to do with a digest, if the image's map has a key for it"),
        ("pull-policy", "Always, IfNotPresent or Never"),
        ("keeps", "what follows where nodes do not ask the registry again, as the end of a sentence"),
        ("number", "what becomes of a tag that is an unquoted number, if that is something else"),
        ("remark", "the comment on the same line"),
    ];

    fn field(&self, name: &str) -> Option<Str> {
        let image = self.image;
        match name {
            // Nothing between quotes can be seen.
            "text" if image.text.is_empty() => Some(Str::new_static("\"\"")),
            "text" => Some(image.text.clone()),
            "name" => whole_name(image),
            "registry" => text_of(&image.registry),
            "repository" => text_of(&image.repository),
            "tag" => text_of(&image.tag),
            "digest" => text_of(&image.digest),
            "pin" => Some(Str::new_static(self.pin.name())),
            "rival" => text_of(&image.rival),
            "vague" => image.tag.as_ref().map(|tag| Str::new_static(vague(&tag.text))),
            "moves" => image.tag.as_ref().map(|tag| Str::new_static(moves(&tag.text))),
            "holds" => Some(Str::new_static(self.pin.holds())),
            "placeholder" => placeholder(image).map(Str::new_static),
            "fault-in" => image.fault.as_ref().map(|fault| Str::new_static(fault.part.name())),
            "fault" => image.fault.as_ref().map(|fault| Str::new_static(fault.says)),
            "role" => Some(Str::new_static(image.role.name())),
            "what" => Some(Str::new_static(if is_feature(self) { "feature" } else { "image" })),
            "written" => Some(Str::new_static(written(self))),
            "named" => image.feeds.as_ref().and_then(|feeds| feeds.named.clone()),
            "feeds" => image.feeds.as_ref().map(|feeds| feeds.into.clone()),
            "digest-key" => image.digest_key.map(|key| Str::new_static(key.advice())),
            "pull-policy" => text_of(&image.pull_policy),
            "keeps" => keeping(image)
                .map(|policy| format!(", and with `{policy}` each node keeps the one it has").into()),
            "number" => image.number.as_ref().map(Number::says),
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
            "placeholder" => placeholder(image).and_then(|part| self.place(part)),
            "pull-policy" => place_of(&image.pull_policy),
            "keeps" => keeping(image).and_then(|_| place_of(&image.pull_policy)),
            "remark" => place_of(&image.remark),
            _ => None,
        }
    }
}

fn whole_name(image: &Image) -> Option<Str> {
    let repository = text_of(&image.repository)?;
    Some(match &image.registry {
        Some(registry) if !registry.text.is_empty() => format!("{}/{repository}", registry.text).into(),
        _ => repository,
    })
}

/// The pull policy of an image, if nodes keep with it what they have.
fn keeping(image: &Image) -> Option<&Str> {
    let policy = image.pull_policy.as_ref()?;
    matches!(policy.text.as_str(), "IfNotPresent" | "Never").then_some(&policy.text)
}

/// Formats in which the parts of an image have keys of their own.
const MAPS: [&str; 6] = ["helm-values", "helm-release", "flux", "argocd", "k3s", "k3s-objects"];

/// Features of development containers are kept as images are, and are none.
fn is_feature(judged: &Judged) -> bool {
    judged.format == "devcontainer-features"
}

/// How an image is written: one that is put together from several values has its tag in a place of its own.
fn written(judged: &Judged) -> &'static str {
    let image = judged.image;
    if is_feature(judged) {
        return "feature";
    }
    let Some(rest) = image.tag.as_ref().or(image.digest.as_ref()) else {
        return if image.role == Role::Override { "override" } else { "text" };
    };
    let (rest_at, name) = (rest.span(), image.repository.as_ref().map(Part::span));
    let is_behind = name.is_some_and(|name| name.source == rest_at.source && name.end + 1 == rest_at.start);
    let came = |wanted: &[How]| rest.origin.road().any(|(how, _)| wanted.contains(&how));
    match judged.format {
        _ if image.has_setter() => "setter",
        _ if image.role == Role::Override => "override",
        _ if image.shares_tag => "shared",
        _ if image.is_bumped && image.feeds.is_some() => "bot-apart",
        _ if image.feeds.as_ref().is_some_and(|feeds| feeds.named.is_none()) => "built",
        _ if image.feeds.is_some() => "variable",
        _ if image.is_app_version => "chart",
        _ if image.is_bumped => "bot",
        _ if is_behind || came(&[How::Substitution, How::Default]) => "text",
        "kubernetes" if came(&[How::Over]) && !came(&[How::Template]) => "override",
        format if format == "kubernetes" && came(&[How::Template]) || MAPS.contains(&format) => {
            if image.digest_key.is_some() { "map-with-key" } else { "map" }
        }
        _ => "text",
    }
}
