//! What pins are moved to: what a tag is today, or a newer tag in its way, if it is old enough.

use super::address::{origin, turned};
use super::client::{Family, Missed, Registries, Tags, Way, header, no_name, unknown};
use super::name::Name;
use super::verify::entries;
use crate::emit::pins::ago;
use crate::facts::{Raise, newer};
use crate::limits::{MANIFEST, MOST_TAG_PAGES, MOST_TAGS};
use crate::text::{Str, seconds};
use serde_json::Value;
use std::sync::Arc;

/// How many of the newest tags are looked at, where they are too young.
const TRIED: usize = 5;

/// The first second of the year 2000. Builds that say the same of every image to be reproducible say something before it.
const BEGINNING: i64 = 946_684_800;

/// On what terms pins are moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::cli) struct Terms {
    /// Whether newer tags are looked for.
    pub(in crate::cli) step: Option<Raise>,
    /// How many seconds ago an image must have been made at least, and what the clock says now.
    pub(in crate::cli) age: Option<(i64, i64)>,
}

impl Terms {
    /// Whether it is asked when images were made.
    fn asks_age(self) -> bool {
        self.step.is_some() || self.age.is_some()
    }

    /// Why an image is not moved to that was made then.
    fn holds_back(self, created: Option<i64>) -> Option<String> {
        let (least, now) = self.age?;
        match created {
            None => Some("nobody says when it was made".into()),
            Some(created) if created > now => Some("it says that it is yet to be made".into()),
            Some(created) if now - created < least => Some(format!("made {} ago", ago(now - created))),
            Some(_) => None,
        }
    }
}

/// A pin that may be moved.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Movable {
    /// `docker.io/library/nginx:1.27.3`
    pub(in crate::cli) reference: String,
    /// The digests that it has in files, or else in the lock.
    pub(in crate::cli) digests: Vec<Str>,
    /// Whether the tag may be another one, too.
    pub(in crate::cli) has_own_tag: bool,
}

/// What it is moved to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::cli) struct Found {
    /// Another tag than before.
    pub(in crate::cli) tag: Option<String>,
    /// Nothing if it stays what it is.
    pub(in crate::cli) digest: Option<String>,
    /// The second in which the image was made.
    pub(in crate::cli) created: Option<i64>,
    /// What it was not moved to, and why.
    pub(in crate::cli) held: Option<String>,
}

impl Registries {
    /// Asks for each of these, several at once; the answers are in their order.
    pub(in crate::cli) fn found(&self, all: &[Movable], terms: Terms) -> Vec<Result<Found, Missed>> {
        let names: Vec<Option<Name>> = all
            .iter()
            .map(|one| Name::read(&one.reference).map(|name| name.through(&self.mirrors)))
            .collect();
        let hosts: Vec<Option<String>> =
            names.iter().map(|name| name.as_ref().map(|name| name.host.clone())).collect();
        self.each(&hosts, |at| {
            let name = names[at].as_ref().ok_or_else(no_name)?;
            self.find(name, &all[at], terms)
        })
    }

    fn find(&self, name: &Name, one: &Movable, terms: Terms) -> Result<Found, Missed> {
        let mut held = None;
        if let Some(step) = terms.step.filter(|_| one.has_own_tag) {
            let tags = self.tags(name)?;
            for tag in newer(&name.tag, tags.iter().map(String::as_str), step).into_iter().take(TRIED) {
                let digest = match self.digest(&name.at(tag)) {
                    // It is listed and gone: some registries take their time.
                    Err(Missed::Gone) => continue,
                    answer => answer?,
                };
                let created = self.created(&name.at(&digest));
                match terms.holds_back(created) {
                    None => return Ok(Found { tag: Some(tag.into()), digest: Some(digest), created, held }),
                    Some(why) => _ = held.get_or_insert_with(|| format!("{tag} ({why})")),
                }
            }
        }
        let digest = self.digest(name)?;
        let moves = one.digests.iter().any(|known| *known != digest);
        let created = if moves && terms.asks_age() { self.created(&name.at(&digest)) } else { None };
        match terms.holds_back(created).filter(|_| moves) {
            Some(why) => {
                let held = held.or_else(|| Some(format!("what the tag is today ({why})")));
                Ok(Found { held, ..Found::default() })
            }
            None => Ok(Found { tag: None, digest: Some(digest), created, held }),
        }
    }

    /// When an image was made, by the configuration of the first platform; nothing if nobody says it, or it cannot be.
    fn created(&self, name: &Name) -> Option<i64> {
        let (head, mut manifest) = self.whole(name).ok()?;
        if head.family == Family::Index {
            let first =
                entries(&manifest).find_map(|(digest, platform)| digest.filter(|_| platform.is_some()))?;
            manifest = self.whole(&name.at(first)).ok()?.1;
        }
        let digest = manifest.pointer("/config/digest").and_then(Value::as_str)?;
        let configuration = self.blob(&name.at(digest)).ok()?;
        let created = configuration.get("created").and_then(Value::as_str)?;
        seconds(created).filter(|created| *created >= BEGINNING)
    }

    /// The tags of a repository, each repository once.
    pub(super) fn tags(&self, name: &Name) -> Result<Tags, Missed> {
        let key = (name.host.clone(), name.repository.clone());
        if let Some(known) = self.tags.lock().ok().and_then(|tags| tags.get(&key).cloned()) {
            return Ok(known);
        }
        let mut all = Vec::new();
        let mut next = Some(name.tags());
        for _ in 0..MOST_TAG_PAGES {
            let Some(address) = next.take().filter(|_| all.len() <= MOST_TAGS) else { break };
            let mut answer = self.ask(name, &address, Way::Whole)?;
            let link = header(&answer, "link").and_then(next_page).map(str::to_owned);
            let bytes = answer.body_mut().with_config().limit(MANIFEST).read_to_vec().map_err(unknown)?;
            let no_list = || Missed::Unknown("the answer is no list of tags".into());
            let value: Value = serde_json::from_slice(&bytes).map_err(|_| no_list())?;
            // Of a repository without tags some say `null`.
            let tags = value.get("tags").ok_or_else(no_list)?.as_array();
            all.extend(tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            if let Some(link) = link {
                let turned = turned(&address, &link).filter(|next| origin(next) == origin(&address));
                let elsewhere = || Missed::Unknown("its list of tags goes on elsewhere".into());
                next = Some(turned.ok_or_else(elsewhere)?);
            }
        }
        if next.is_some() || all.len() > MOST_TAGS {
            return Err(Missed::Unknown("it has more tags than are read".into()));
        }
        let all = Arc::new(all);
        if let Ok(mut tags) = self.tags.lock() {
            tags.insert(key, all.clone());
        }
        Ok(all)
    }
}

/// Where a list goes on: `</v2/team/app/tags/list?last=v1>; rel="next"`.
fn next_page(link: &str) -> Option<&str> {
    let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
    rest.contains("rel=\"next\"").then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn young_images_and_such_of_no_age_are_held_back() {
        let terms = Terms { step: None, age: Some((100, 1_000)) };
        for (created, holds) in [(Some(900), false), (Some(901), true), (Some(2_000), true), (None, true)] {
            assert_eq!(terms.holds_back(created).is_some(), holds, "{created:?}");
            assert_eq!(Terms::default().holds_back(created), None);
        }
    }

    #[test]
    fn pages_are_followed() {
        for (link, next) in [
            ("</v2/a/tags/list?n=2&last=b>; rel=\"next\"", Some("/v2/a/tags/list?n=2&last=b")),
            ("</v2/a/tags/list>; rel=\"prev\"", None),
            ("/v2/a/tags/list", None),
        ] {
            assert_eq!(next_page(link), next);
        }
    }
}
