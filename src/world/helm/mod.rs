//! Charts, up to the point where their templates are executed: loaded as helm loads them, the charts in them chosen,
//! values put together with the road of each, schemas asked; and what is made of the text that templates print.
//!
//! Helm's quirks are the specification. What it refuses is a fault with a place, and the rest goes on. What stands in
//! an archive has the archive for its place: there is no line of it that anybody could change. What is in a chart of the
//! shelf has the place that asks for the chart, and the name of the file there with it.

mod archive;
mod capabilities;
mod card;
mod coalesce;
mod deliver;
mod dependencies;
mod formats;
mod given;
mod ignore;
mod inflate;
mod load;
mod made;
mod manifests;
#[cfg(feature = "cli")]
mod meant;
mod metadata;
mod neighbours;
mod references;
mod render;
mod schema;
mod scope;
mod shelf;
mod strvals;
mod tables;
mod told;
mod user;
mod validate;
mod values;

pub use capabilities::Capabilities;
pub(super) use capabilities::defined;
pub(super) use card::Card;
pub(super) use deliver::{ChartSource, Defaults, Order, deliver, deliver_alone};
pub use dependencies::Absent;
pub(super) use inflate::{Inflation, inflate};
pub(super) use load::packed_file;
pub use load::{Chart, ChartFile, load, load_archive};
pub(super) use made::open;
pub use manifests::{Manifest, Printed, Reader, Shown};
#[cfg(feature = "cli")]
pub use meant::{best_version, is_version_range};
pub use metadata::{Dependency, Metadata};
pub use render::{Rendering, print, render};
pub use scope::{Prepared, Release, Scope, ScopeId, Template, prepare};
pub(super) use shelf::Found;
pub use shelf::Shelf;
pub use told::{Helm, Told, Warning};
pub use user::{ReadFile, UserValues, pair, values_file, values_text};
pub use validate::Breach;
pub use values::printed_number;
