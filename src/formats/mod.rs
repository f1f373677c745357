//! Documents and texts to facts: one file per format, one line per format in [`FORMATS`]. Knows no rule.

mod actions;
mod ansible;
mod ansible_around;
mod ansible_uses;
mod app_template;
mod argocd;
mod azure;
mod bake;
mod bitbucket;
mod builds;
mod callers;
mod chart_files;
mod circleci;
mod claim_shapes;
mod claims;
mod commands;
mod compose;
mod compose_backups;
mod compose_project;
mod desk;
mod devcontainer;
mod dockerfile;
mod dumps;
#[cfg(test)]
mod exam;
mod flux;
mod gitlab_ci;
mod glance;
mod helm_backups;
mod helm_classes;
mod helm_storage;
mod helm_values;
mod hub;
mod image_map;
mod k3s;
mod kubernetes;
mod kustomize;
mod layouts;
mod left_over;
mod letters;
mod literals;
mod looks;
mod machines;
mod matrices;
mod nomad;
mod nomad_volumes;
mod patches;
mod quadlet;
mod recipes;
mod releases;
mod skaffold;
mod tell;
mod terraform;
mod terraform_claims;
mod terraform_module;
mod tilt;
mod told;
mod woodpecker;
mod worked_in;

pub use compose::is_called_compose;
pub use desk::{Beside, Desk, Format, Read, is_beside};
pub use glance::Glance;
pub use image_map::note_numbers;
pub use left_over::{knows, left_over};
pub use letters::letters;
pub use literals::told_once;
pub use tilt::{Handed as TiltHands, handed as tilt_hands};
pub use worked_in::is_tiltfile;

/// Every format, in the order in which they are asked.
pub const FORMATS: &[Format] = &[
    kustomize::FORMAT,
    kubernetes::FORMAT,
    flux::FORMAT,
    flux::MARKERS,
    releases::FORMAT,
    chart_files::FORMAT,
    argocd::FORMAT,
    helm_values::FORMAT,
    claim_shapes::OBJECTS,
    claim_shapes::VALUES,
    k3s::OBJECTS,
    k3s::FILES,
    dockerfile::FORMAT,
    compose::FORMAT,
    actions::FORMAT,
    gitlab_ci::FORMAT,
    circleci::FORMAT,
    azure::FORMAT,
    bitbucket::FORMAT,
    woodpecker::FORMAT,
    terraform::FORMAT,
    nomad::FORMAT,
    bake::FORMAT,
    ansible::FORMAT,
    quadlet::FORMAT,
    devcontainer::FORMAT,
    skaffold::FORMAT,
    tilt::FORMAT,
    recipes::FORMAT,
    commands::FILES,
    commands::JOBS,
    machines::FORMAT,
    literals::FORMAT,
];
