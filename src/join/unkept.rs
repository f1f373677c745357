//! Servers that are told to write nothing to their disks: by their words, or by a configuration that a ConfigMap gives them.

use super::homes::Settings;
use super::storage::{Desk, Seat};
use crate::facts::{Container, Fact, Unkept, Workload};

/// Takes note of the servers that are told so.
pub(super) fn note(desk: &Desk, seats: &mut [Seat]) {
    let settings = Settings::of(desk.facts);
    for seat in seats.iter_mut().filter(|seat| seat.engine.name == "redis") {
        let workload = seat.workload.map(|at| &desk.facts.workloads[at]);
        let container =
            workload.zip(seat.container).and_then(|(of, at)| Some((of, of.says.containers.get(at)?)));
        seat.unkept |= container.is_some_and(|(of, container)| keeps_nothing(desk, &settings, of, container));
    }
}

/// Whether a server of Redis or its kin keeps nothing.
fn keeps_nothing(desk: &Desk, settings: &Settings, fact: &Fact<Workload>, container: &Container) -> bool {
    let mut unkept = Unkept::default();
    let volumes = container
        .mounts
        .iter()
        .filter_map(|(name, _)| fact.says.volumes.iter().find(|volume| volume.name == *name)?.map.as_ref());
    for map in volumes.filter_map(|name| settings.map(desk, fact, name)) {
        let texts = map.says.entries.iter().filter(|(name, _)| name.ends_with(".conf"));
        texts.for_each(|(_, text)| unkept.read(text));
    }
    let parts = container.command.iter().chain(&container.args);
    // A list has an empty text as a word of its own, one text has it in quotes.
    let words = parts.flat_map(|part| match part.text.is_empty() {
        true => vec![""],
        false => part.text.split_whitespace().collect(),
    });
    unkept.read_words(&words.collect::<Vec<_>>());
    unkept.is_told()
}
