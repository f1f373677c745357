//! Images that registries have otherwise than they are pinned, or not at all. Without answers of registries nothing is said.

use super::super::{Case, Page};
use super::drift::first_digits;
use super::pins::{bumped, raised};
use crate::facts::{Fact, Held, Image, Leads, Pin, Pinned, Served, Shape, has_platform};
use crate::finding::{Finding, Severity};
use crate::text::{Part, Str};

/// An image of which a registry has told something.
struct Told<'a> {
    fact: &'a Fact<Image>,
    pinned: Pinned,
    served: &'a Served,
}

impl Told<'_> {
    /// Whether there is an image under the digest.
    fn is_image(&self) -> bool {
        matches!(self.served.held, Held::Image(_) | Held::Index(_))
    }

    /// `nginx:1.27.3` as it is written, without its digest.
    fn shown(&self) -> String {
        let image = &self.fact.says;
        image.tag.as_ref().map_or_else(|| image.bare(), |tag| format!("{}:{}", image.bare(), tag.text))
    }

    fn finding(&self, case: &Case, page: &Page, part: Option<&Part>, says: String) -> Finding {
        let origin = part.map_or(&self.fact.origin, |part| &part.origin);
        case.finding(page, self.fact, origin.clone(), says)
    }
}

fn told<'a>(case: &Case<'a>) -> impl Iterator<Item = Told<'a>> {
    let (answers, facts, joined) = (case.answers, case.facts, case.joined);
    joined.images(facts).chain(joined.commands(facts)).filter_map(|(fact, pin)| {
        let pinned = Pinned::of(&fact.says, pin)?;
        let served = answers.get(&pinned)?.as_ref().ok()?;
        Some(Told { fact, pinned, served })
    })
}

/// A digest under which the registry has nothing.
pub(super) fn digest_gone(case: &Case, page: &Page) -> Vec<Finding> {
    let gone = told(case).filter(|told| told.served.held == Held::Gone);
    gone.map(|told| {
        let other = other_name(case, &told.pinned);
        let other = other.map_or(String::new(), |other| format!(" (it is that of `{other}`)"));
        let name = &told.pinned.name;
        let says =
            format!("the registry has no image of `{name}` under this digest{other}: it cannot be pulled");
        told.finding(case, page, told.fact.says.digest.as_ref(), says)
    })
    .collect()
}

/// Another image with the digest of this one.
fn other_name(case: &Case, pinned: &Pinned) -> Option<String> {
    let is_other = |other: &Pinned| other.digest == pinned.digest && other.name != pinned.name;
    let is_there = |served: &Served| matches!(served.held, Held::Image(_) | Held::Index(_));
    let mut answers = case.answers.iter().filter(|(_, answer)| answer.as_ref().is_ok_and(is_there));
    let told = answers.find(|(other, _)| is_other(other)).map(|(other, _)| match &other.tag {
        Some(_) => other.shown(),
        None => other.name.to_string(),
    });
    told.or_else(|| {
        let mut names = case.lock.names(&pinned.digest);
        names
            .find(|name| name.rsplit_once(':').is_none_or(|(name, _)| name != pinned.name))
            .map(str::to_owned)
    })
}

/// The digest of a configuration, which recipes print and nobody can pull.
pub(super) fn of_configuration(case: &Case, page: &Page) -> Vec<Finding> {
    let wrong = told(case).filter(|told| told.served.held == Held::Configuration);
    wrong
        .map(|told| {
            let says =
                "this is the digest of the image's configuration, and not of the image: it cannot be pulled";
            told.finding(case, page, told.fact.says.digest.as_ref(), says.into())
        })
        .collect()
}

/// The image of one platform where the tag is an index of several.
pub(super) fn single_platform(case: &Case, page: &Page) -> Vec<Finding> {
    told(case)
        .filter_map(|told| {
            let Leads::Around(around) = &told.served.leads else { return None };
            let says = match &around.own {
                Some(own) => format!(
                    "this is `{}` for {own} alone: it lacks {}, which the index `{}` has",
                    told.shown(),
                    list(around.platforms.iter().filter(|platform| *platform != own)),
                    first_digits(&around.digest),
                ),
                None => format!(
                    "this is an image for one platform, and `{}` is an index of {} today",
                    told.shown(),
                    list(around.platforms.iter()),
                ),
            };
            let own: Vec<Str> = around.own.iter().cloned().collect();
            let lacks =
                !own.is_empty() && case.config.platforms.iter().any(|wanted| !has_platform(&own, wanted));
            let severity = if lacks { page.severity.max(Severity::Error) } else { page.severity };
            let finding = told.finding(case, page, told.fact.says.digest.as_ref(), says);
            let help = format!("pin the index: `{}`", around.digest);
            Some(Finding { severity, help: Some(help), ..finding })
        })
        .collect()
}

/// A platform that the owners run on, and that the image is not for.
pub(super) fn platform_missing(case: &Case, page: &Page) -> Vec<Finding> {
    told(case)
        .filter_map(|told| {
            let platforms = match &told.served.held {
                Held::Index(Some(platforms)) => platforms.clone(),
                Held::Image(Some(platform)) => vec![platform.clone()],
                _ => return None,
            };
            // What the tag has besides is told by `image-digest-single-platform`.
            if matches!(&told.served.leads, Leads::Around(around) if around.own.is_some()) {
                return None;
            }
            let missing: Vec<&Str> =
                case.config.platforms.iter().filter(|wanted| !has_platform(&platforms, wanted)).collect();
            if missing.is_empty() {
                return None;
            }
            let (missing, there) = (list(missing.into_iter()), list(platforms.iter()));
            let says = format!("`{}` is not made for {missing}: it is for {there}", told.shown());
            Some(told.finding(case, page, told.fact.says.digest.as_ref(), says))
        })
        .collect()
}

/// A tag that is no more, while its digest is still there.
pub(super) fn tag_gone(case: &Case, page: &Page) -> Vec<Finding> {
    let gone = told(case).filter(|told| told.served.leads == Leads::Gone && told.is_image());
    gone.map(|told| {
        let says = format!(
            "the registry has no `{}`: the image is there by its digest alone, and may be deleted as one without a tag",
            told.shown()
        );
        told.finding(case, page, told.fact.says.tag.as_ref(), says)
    })
    .collect()
}

/// A tag that is another image today. Where it is known whose digest is beside it, `image-tag-inert` says so.
pub(super) fn tag_moved(case: &Case, page: &Page) -> Vec<Finding> {
    let moves = case.book.moves(case.config);
    told(case)
        .filter_map(|told| {
            let now = match &told.served.leads {
                Leads::Elsewhere(now) => now,
                Leads::Around(around) if around.own.is_none() => &around.digest,
                _ => return None,
            };
            let is_bumped = bumped(case, &told.fact.says, Pin::Pinned).is_some();
            if !told.is_image() || is_bumped || raised(case, &told.pinned).is_some() {
                return None;
            }
            let (name, now) = (told.shown(), first_digits(now));
            let shape = moves.shape(&told.fact.says, told.pinned.tag.as_deref().unwrap_or_default());
            let is_release = matches!(shape, Shape::Version | Shape::Build);
            let says = match is_release {
                true => format!(
                    "`{name}` is `{now}` today, and another image is pinned: the tag was pushed again, or the digest was never its own"
                ),
                false => format!("`{name}` is `{now}` today: the tag has moved on since it was pinned"),
            };
            let severity = if is_release { page.severity } else { page.severity.min(Severity::Note) };
            let finding = told.finding(case, page, told.fact.says.tag.as_ref(), says);
            Some(Finding { severity, ..finding })
        })
        .collect()
}

/// `linux/amd64`, `linux/arm64` and 3 more
fn list<'a>(platforms: impl Iterator<Item = &'a Str>) -> String {
    const SHOWN: usize = 6;
    let all: Vec<&str> = platforms.map(Str::as_str).collect();
    let shown = all[..all.len().min(SHOWN)].join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 if all.is_empty() => "nothing".into(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
