//! `pintle render`: a repository as clusters get it.

use super::args::{Render, Work};
use super::terminal::{self, Watch};
use super::work::{self, Subject};
use super::{End, Failure};
use crate::emit::render as emit;
use crate::engine::{Repo, render::rendered};
use crate::redact::Veil;
use crate::text::{Sources, Span};
use std::path::PathBuf;

pub(super) fn run(render: &Render) -> Result<End, Failure> {
    let work = Work { repository: render.repository.clone(), ..Work::default() };
    work::threads(&work)?;
    let mut bench = work::prepare(Subject::Paths(&[PathBuf::from(".")]), &work, &[])?;
    bench.only_secrets()?;
    // What the rules for secrets find is covered here too.
    let report = bench.check(None, Watch::Nobody);
    let veil = Veil::of(&report);
    let covers = |span: Span| veil.touches(span);
    let sources = Sources::new(bench.disk.names());
    let colour = terminal::colour(render.color);
    let told =
        rendered(&bench.job(None), &sources, &covers, |rendering| match (&render.explain, render.tree) {
            (Some(subject), _) => {
                let roads = rendering.explain(subject);
                if roads.is_empty() {
                    Err(unknown(subject))
                } else {
                    Ok(emit::roads(&roads, &sources, colour, terminal::width()))
                }
            }
            (None, true) if render.json => Ok(emit::tree_json(&rendering.tree())),
            (None, true) => Ok(emit::tree(&rendering.tree(), colour, terminal::width())),
            (None, false) => match rendering.yaml(render.what.as_deref()) {
                Some(yaml) => Ok(veil.text(&yaml)),
                None => Err(Failure::new(format!(
                    "nothing is delivered as `{}`",
                    render.what.as_deref().unwrap_or(".")
                ))
                .hint("`pintle render --tree` shows what is delivered")),
            },
        })?;
    terminal::print(&told).map_err(Failure::new)?;
    Ok(End::Clean)
}

fn unknown(subject: &str) -> Failure {
    Failure::new(format!("no object that is delivered is `{subject}`"))
        .hint("write KIND/NAME:PATH or KIND/NAMESPACE/NAME:PATH, such as Deployment/shop/web:image")
}
