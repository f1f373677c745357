//! `pintle charts fetch`: gets the charts that the repository asks for, keeps their archives by digest, and writes down in
//! `pintle.lock` which ones they are, so that every later run has the same ones without asking anybody.

use super::args::Fetch;
use super::charts::kept_at;
use super::door::{is_there, store};
use super::mend::counted;
use super::pin::lock_of;
use super::registry::{Fetched, Missed, Registries};
use super::terminal::{self, Watch};
use super::work::{self, Subject, today};
use super::{End, Failure, blind, said, write};
use crate::engine::best_version;
use crate::finding::Report;
use crate::fix::{AskedChart, asked_charts};
use crate::lock::{self, Entry, Kind, Lock};
use crate::redact::clean;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) fn run(fetch: &Fetch) -> Result<End, Failure> {
    work::threads(&fetch.work)?;
    let mut bench = work::prepare(Subject::Paths(&fetch.paths), &fetch.work, &[])?;
    // No rule is asked: what is wrong with the repository is for lint to tell.
    bench.scope.select = vec![Str::default()];
    let report = bench.check(None, Watch::Somebody);
    blind::complain_of_unread(&bench, &report);
    if let Some(problem) = blind::fatal(&report) {
        return Err(Failure::new(clean(&problem.says)).hint("`pintle lint` shows where; nothing was fetched"));
    }
    let (mut lock, was) = lock_of(&bench)?;
    let since = today().ok_or_else(|| Failure::new("the clock says no day"))?;
    let (asked, homeless) = asked_charts(&report.facts);
    let known: Vec<Option<(String, Str)>> = asked.iter().map(|one| in_lock(&lock, one)).collect();
    let is_had = |known: &Option<(String, Str)>| {
        let kept = known.as_ref().filter(|_| !fetch.update).and_then(|(_, digest)| kept_at(digest));
        kept.is_some_and(|path| is_there(&path))
    };
    let (mut had, mut wanted, mut locked) = (0, Vec::new(), BTreeMap::new());
    for (one, known) in asked.iter().zip(&known) {
        if is_had(known) {
            had += 1;
            continue;
        }
        // What the lock names is fetched again, and not what else is in the range today.
        let (version, digest) = match known.as_ref().filter(|_| !fetch.update) {
            Some((version, digest)) => (Str::from(version.as_str()), Some(digest.clone())),
            None => (one.version.clone(), None),
        };
        let one = AskedChart { version, ..one.clone() };
        locked.extend(digest.map(|digest| (one.clone(), digest)));
        wanted.push(one);
    }
    if fetch.dry_run {
        let lines: BTreeSet<String> = wanted.iter().map(|one| format!("{}\n", clean(&one.shown()))).collect();
        terminal::print(&said(lines.into_iter().collect::<String>())).map_err(Failure::new)?;
        return Ok(End::Clean);
    }
    let (fetched, missed) = ask(fetch, &wanted, &locked)?;
    for (one, got) in &fetched {
        let entry = Entry { digest: got.digest.as_str().into(), platforms: Vec::new(), since };
        lock.put(Kind::Chart, &format!("{}:{}", one.address(), got.version), entry);
    }
    let text = lock.to_text();
    if text != was && !lock.is_empty() {
        write::whole(bench.disk.root(), &bench.root.join(lock::NAME), &said(text))?;
    }
    tell(&report, (had, fetched.len()), &missed, &homeless)?;
    Ok(if missed.is_empty() { End::Clean } else { End::Found })
}

/// The version of a chart that the lock has, and its digest.
fn in_lock(lock: &Lock, asked: &AskedChart) -> Option<(String, Str)> {
    let address = asked.address();
    let version = |reference: &str| Some(reference.strip_prefix(&address)?.strip_prefix(':')?.to_owned());
    let all: Vec<(String, &Entry)> =
        lock.charts().filter_map(|(reference, entry)| Some((version(reference)?, entry))).collect();
    let versions: Vec<&str> = all.iter().map(|(version, _)| version.as_str()).collect();
    let just_it = versions.iter().position(|version| *version == asked.version.as_str());
    let best = just_it.or_else(|| best_version(&asked.version, &versions))?;
    Some((all[best].0.clone(), all[best].1.digest.clone()))
}

type Answers = (Vec<(AskedChart, Fetched)>, Vec<(AskedChart, Missed)>);

/// Fetches what is wanted, and keeps it.
fn ask(fetch: &Fetch, wanted: &[AskedChart], locked: &BTreeMap<AskedChart, Str>) -> Result<Answers, Failure> {
    if wanted.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    if kept_at("").is_none() {
        return Err(Failure::new("there is no folder to keep charts in")
            .hint("it is below XDG_CACHE_HOME, or below .cache in HOME"));
    }
    let registries = Registries::new(&fetch.mirror, Duration::from_secs(30));
    let keep = |one: &AskedChart, got: &Fetched, bytes: &[u8]| {
        if locked.get(one).is_some_and(|digest| *digest != got.digest) {
            return Err(Missed::Unknown(
                "it is another archive than pintle.lock has (--update takes it)".into(),
            ));
        }
        let path = kept_at(&got.digest).ok_or_else(|| Missed::Unknown("it has no digest".into()))?;
        store(&path, bytes).map_err(|_| Missed::Unknown(format!("{} cannot be written", path.display())))
    };
    let progress = || {
        let asked = registries.asked.load(Ordering::Relaxed);
        format!("{asked} asked for {}", counted(wanted.len(), "chart"))
    };
    let answers = terminal::with_progress(Watch::Somebody, progress, || registries.charts(wanted, keep));
    let (mut fetched, mut missed) = (Vec::new(), Vec::new());
    for (one, answer) in wanted.iter().zip(answers) {
        match answer {
            Ok(got) => fetched.push((one.clone(), got)),
            // Flux takes manifests from registries, too.
            Err(Missed::NoChart) => {}
            Err(why) => missed.push((one.clone(), why)),
        }
    }
    Ok((fetched, missed))
}

/// Tells on standard output what is missing and why, and on standard error what was done.
fn tell(
    report: &Report,
    (had, fetched): (usize, usize),
    missed: &[(AskedChart, Missed)],
    homeless: &BTreeSet<Str>,
) -> Result<(), Failure> {
    let mut out = String::new();
    for (one, why) in missed {
        out.push_str(&format!("missing: {} ({})\n", clean(&one.shown()), clean(&why.says())));
    }
    for name in homeless {
        out.push_str(&format!("left: {} (nothing here says who keeps it)\n", clean(name)));
    }
    terminal::print(&said(out)).map_err(Failure::new)?;
    let more = if had > 0 { format!(", {had} at hand already") } else { String::new() };
    let note = if report.facts.charts.is_empty() { ": no chart is asked for" } else { "" };
    terminal::complain(&said(Failure::new(format!("{} fetched{more}{note}", counted(fetched, "chart")))));
    Ok(())
}
