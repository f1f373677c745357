//! Documents to objects: what a cluster gets, and by which road each value came. Judges nothing, and knows of no
//! format but of those that deliver objects.

mod argocd;
mod artifact;
mod charts;
mod cluster_names;
mod config_maps;
mod definitions;
mod delivery;
mod edit;
mod fate;
mod files;
mod fleet;
mod flux;
mod forest;
mod handed;
pub mod helm;
mod helmfile;
mod ignores;
mod k3s;
pub mod kustomize;
mod lone_charts;
mod object;
mod overlays;
pub mod release;
mod repository;
mod requirement;
mod secret_names;
mod shared;
mod shared_builds;
mod target;
#[cfg(test)]
mod tests;
#[cfg(feature = "cli")]
mod trail;
pub mod typed;
mod variables;
mod view;
mod waiting;
mod wanted;

#[cfg(feature = "cli")]
pub use delivery::DeliveryId;
pub use delivery::{ClusterId, Delivery, Forest, Means};
pub use fate::Fate;
pub use files::Files;
pub use forest::grow;
pub use handed::UNSEEN;
pub use helm::{Capabilities, Shelf};
#[cfg(feature = "cli")]
pub use helm::{best_version, is_version_range};
pub use kustomize::Cache;
#[cfg(feature = "cli")]
pub use object::rank_of;
pub use object::{Object, ObjectId};
pub use repository::Hints;
pub use shared::SharedFiles;
pub use shared_builds::SharedBuilds;
#[cfg(feature = "cli")]
pub use trail::trail;
pub use view::View;
#[cfg(feature = "cli")]
pub use view::has_kustomization;
