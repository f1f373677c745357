//! `pintle render`: a repository as clusters get it.

use super::args::{Render, Work};
use super::terminal::{self, Watch};
use super::work::{self, Subject};
use super::{End, Failure, blind};
use crate::emit::render as emit;
use crate::engine::Repo;
use crate::engine::render::{Missed, Unprinted, rendered};
use crate::inventory::Gap;
use crate::redact::{Redactor, clean};
use crate::text::Sources;
use std::path::PathBuf;

pub(super) fn run(render: &Render) -> Result<End, Failure> {
    let work = Work { repository: render.repository.clone(), ..Work::default() };
    work::threads(&work)?;
    let mut bench = work::prepare(Subject::Paths(&[PathBuf::from(".")]), &work, &[])?;
    bench.only_secrets()?;
    let report = bench.check(None, Watch::Nobody);
    // Without its rules nobody knows what is secret.
    if let Some(failure) = blind::wrong(&bench, &report) {
        blind::complain_of_unread(&bench, &report);
        return Err(failure);
    }
    let redactor = Redactor::of(&report, &bench.book.tables);
    redactor.places(&report.sources);
    let gaps = Gap::all(&report);
    let sources = Sources::new(bench.disk.names());
    let (colour, wanted) = (terminal::colour(render.color), render.what.as_deref());
    let told =
        rendered(&bench.job(None), &sources, &report, |rendering| match (&render.explain, render.tree) {
            (Some(subject), _) => match rendering.explain(subject) {
                Ok(roads) => {
                    Ok(emit::roads(&roads, &sources, colour, terminal::width()) + &emit::gaps(&gaps, ""))
                }
                Err(missed) => Err(no_road(subject, &missed)),
            },
            (None, true) => {
                let tree = rendering.tree(wanted).map_err(|why| nothing(wanted, &why))?;
                Ok(match render.json {
                    true => emit::tree_json(&tree, &gaps),
                    false => emit::tree(&tree, colour, terminal::width()) + &emit::gaps(&gaps, ""),
                })
            }
            (None, false) => {
                let yaml = rendering.yaml(wanted).map_err(|why| nothing(wanted, &why))?;
                Ok(emit::gaps(&gaps, "# ") + &yaml)
            }
        })?;
    terminal::print(&redactor.show(told)).map_err(Failure::new)?;
    blind::end_of_listing(&report)
}

/// Why there is nothing to print, and what to ask for instead.
fn nothing(wanted: Option<&str>, why: &Unprinted) -> Failure {
    match (why, wanted) {
        (Unprinted::Unknown { near }, wanted) => {
            let near = near.as_ref().map(|near| format!("did you mean `{}`? ", clean(near)));
            Failure::new(format!("no folder, delivery or cluster is called `{}`", wanted.unwrap_or(".")))
                .hint(format!("{}`pintle render --tree` shows them", near.unwrap_or_default()))
        }
        (Unprinted::Empty { note }, Some(wanted)) => {
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            Failure::new(format!("`{wanted}` delivers no object{note}")).hint("`pintle lint -v` tells why")
        }
        (Unprinted::Empty { .. }, None) => Failure::new("nothing is delivered from here")
            .hint("no kustomization, no Flux Kustomization and no Application here delivers an object"),
    }
}

/// Why there is nothing to explain, and what to ask for instead.
fn no_road(subject: &str, missed: &Missed) -> Failure {
    match missed {
        Missed::Object { near } => {
            let form = "write KIND/NAME:PATH or KIND/NAMESPACE/NAME:PATH, such as Deployment/shop/web:image";
            let near = near.as_ref().map(|near| format!("did you mean `{}`?", clean(near)));
            let who = subject.split_once(':').map_or(subject, |(who, _)| who);
            Failure::new(format!("no object that is rendered is `{who}`")).hint(near.unwrap_or(form.into()))
        }
        Missed::Path { object, near, above, keys } => {
            let path = subject.rsplit_once(':').map_or(subject, |(_, path)| path);
            let near = near.as_ref().map(|near| format!("did you mean `{}`? ", clean(near)));
            let above = if above.is_empty() { "it".into() } else { format!("`{}`", clean(above)) };
            Failure::new(format!("{} has no `{path}`", clean(object))).hint(format!(
                "{}{above} has {}",
                near.unwrap_or_default(),
                listed(keys)
            ))
        }
        Missed::Branch { object, path, is_list, keys } => {
            let (what, parts) = if *is_list { ("list", "items") } else { ("map", "values") };
            Failure::new(format!("`{}` of {} is a {what}", clean(path), clean(object)))
                .hint(format!("ask for one of its {parts}: {}", listed(keys)))
        }
        Missed::Nothing { object, path } => {
            Failure::new(format!("`{}` of {} has no value", clean(path), clean(object)))
        }
    }
}

/// More names than these help nobody.
const KEYS: usize = 12;

fn listed(keys: &[String]) -> String {
    let more = if keys.len() > KEYS { format!(" and {} more", keys.len() - KEYS) } else { String::new() };
    let first: Vec<&str> = keys.iter().take(KEYS).map(String::as_str).collect();
    format!("{}{more}", clean(&first.join(", ")))
}
