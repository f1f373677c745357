//! Programs that keep a database of their own in a file: which claim it is on, or which other volume.

use super::beside;
use super::running::Running;
use super::storage::{Desk, Seat, lives_on};
use crate::facts::Engine;

/// The seat of each such file.
pub(super) fn embedded(desk: &Desk) -> Vec<Seat> {
    let mut out = Vec::new();
    for (index, workload) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&workload.owner) || !lives_on(workload) {
            continue;
        }
        for (at, container) in workload.says.containers.iter().enumerate() {
            let image = container.image.as_ref().filter(|_| !container.init);
            let Some((image, file)) =
                image.and_then(|image| Some((image, desk.known.engines.own_file(&image.text)?)))
            else {
                continue;
            };
            if container.env.iter().any(|(name, _)| file.is_moved_by(name)) {
                continue;
            }
            let server = Running {
                image,
                engine: Engine { name: file.engine.clone(), major: None },
                because: format!("{} in {}", file.engine, image.text).into(),
                folder: file.at.first().cloned(),
                is_plain: true,
            };
            let base = desk.seat_of(index, workload, at, &server);
            // Charts do not always say where: then the volume is called as the folder.
            let holds = |volume: &str, path: &str| {
                let is_called = |folder: &str| path.is_empty() && folder.rsplit('/').next() == Some(volume);
                file.at
                    .iter()
                    .any(|folder| folder.as_str() == path.trim_end_matches('/') || is_called(folder))
            };
            let from = out.len();
            desk.on_volumes(workload, container, &base, holds, &mut out);
            if out.len() == from {
                let seat = beside::beside(desk, workload, container, base, holds);
                // Nobody means to keep data in a folder that goes with the pod: its database is elsewhere.
                let lasts = |at: usize| workload.says.volumes[at].backing.keeps();
                out.extend(Some(seat).filter(|seat| seat.on.is_some_and(lasts)));
            }
        }
    }
    out
}
