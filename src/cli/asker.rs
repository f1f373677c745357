//! Whoever asks registries for `pintle verify`, and what is told besides findings.

use super::Failure;
use super::args::Verify;
use super::registry::{Besides, Registries};
use crate::facts::{Answer, Pinned, Registry};
use crate::lock::{Kind, Lock};
use globset::{Glob, GlobMatcher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Rules about digests that need no registry: what they tell belongs to the answer whether the pins are right.
const OFFLINE: [&str; 6] = [
    "image-bump-inert",
    "image-digest-drift",
    "image-digest-malformed",
    "image-placeholder-digest",
    "image-tag-digest-conflict",
    "image-tag-inert",
];

/// Whether a rule, by its id and what its page is about, is one of those that `verify` runs.
pub(super) fn is_asked(id: &str, about: &str) -> bool {
    about == "registry" || OFFLINE.contains(&id)
}

/// The pattern behind `--only`.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, Failure> {
    let glob = Glob::new(pattern).map_err(|error| Failure::new(format!("--only: {error}")))?;
    Ok(glob.compile_matcher())
}

/// Asks for what is wanted, and keeps what is told besides findings.
#[derive(Debug)]
pub(super) struct Asker {
    /// Nothing if nobody is to be asked.
    registries: Option<Registries>,
    besides: Besides,
    only: Option<GlobMatcher>,
    lock: Lock,
    wanted: AtomicUsize,
    signatures: Mutex<Signatures>,
}

/// Which images cosign has signed.
#[derive(Debug, Default)]
struct Signatures {
    signed: usize,
    unsigned: Vec<String>,
    unknown: usize,
}

impl Asker {
    pub(super) fn new(verify: &Verify, platforms: bool, lock: Lock) -> Result<Asker, Failure> {
        Ok(Asker {
            registries: (!verify.offline)
                .then(|| Registries::new(&verify.mirror, Duration::from_secs(verify.timeout.into()))),
            besides: Besides { platforms, signatures: verify.signatures },
            only: verify.only.as_deref().map(glob).transpose()?,
            lock,
            wanted: AtomicUsize::new(0),
            signatures: Mutex::default(),
        })
    }

    /// `3 of 12 images asked for`, while that is so.
    pub(super) fn progress(&self) -> Option<String> {
        let wanted = self.wanted.load(Ordering::Relaxed);
        let asked = self.registries.as_ref()?.asked.load(Ordering::Relaxed);
        (wanted > 0).then(|| format!("{asked} of {wanted} tags asked for"))
    }

    /// What is told of signatures, which nobody judges.
    pub(super) fn signatures(&self) -> Option<String> {
        let told = self.signatures.lock().ok().filter(|_| self.besides.signatures)?;
        let all = told.signed + told.unsigned.len() + told.unknown;
        let mut out = format!("{} of {all} images have a signature of cosign", told.signed);
        if told.unknown > 0 {
            out.push_str(&format!(", and of {} nobody knows", told.unknown));
        }
        told.unsigned.iter().for_each(|name| out.push_str(&format!("\n  none: {name}")));
        Some(out)
    }

    fn note(&self, image: &Pinned, signed: Option<bool>) {
        if let Ok(mut told) = self.signatures.lock() {
            match signed {
                Some(true) => told.signed += 1,
                Some(false) => told.unsigned.push(image.shown()),
                None => told.unknown += 1,
            }
        }
    }

    /// Without a registry: what the lock does not have is not known. What it has, other rules hold against the files.
    fn unasked(&self, image: &Pinned) -> Option<Answer> {
        let is_known = match &image.tag {
            Some(_) => self.lock.entry(Kind::Image, &image.shown()).is_some(),
            None => self.lock.names(&image.digest).next().is_some(),
        };
        (!is_known).then(|| Err("not asked for, and pintle.lock does not have it".into()))
    }
}

impl Registry for Asker {
    fn ask(&self, images: &[Pinned]) -> Vec<Option<Answer>> {
        let is_wanted = |image: &&Pinned| {
            self.only.as_ref().is_none_or(|only| only.is_match(&image.name) || only.is_match(image.shown()))
        };
        let wanted: Vec<Pinned> = images.iter().filter(is_wanted).cloned().collect();
        self.wanted.store(wanted.len(), Ordering::Relaxed);
        let answers: Vec<Option<Answer>> = match &self.registries {
            None => wanted.iter().map(|image| self.unasked(image)).collect(),
            Some(registries) => {
                let told = registries.verify(&wanted, self.besides);
                wanted.iter().zip(&told).for_each(|(image, (_, signed))| self.note(image, *signed));
                told.into_iter().map(|(answer, _)| Some(answer)).collect()
            }
        };
        let mut answers = answers.into_iter();
        images.iter().map(|image| if is_wanted(&image) { answers.next().flatten() } else { None }).collect()
    }
}
