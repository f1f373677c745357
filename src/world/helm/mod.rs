//! Charts, up to the point where their templates are executed: loaded as helm loads them, the charts in them chosen,
//! values put together with the road of each, schemas asked; and what is made of the text that templates print.
//!
//! Helm's quirks are the specification. What it refuses is a fault with a place, and the rest goes on. What stands in
//! an archive has the archive for its place: there is no line of it that anybody could change.

mod archive;
mod capabilities;
mod coalesce;
mod deliver;
mod dependencies;
mod formats;
mod given;
mod go_match;
mod ignore;
mod inflate;
mod load;
mod made;
mod manifests;
mod metadata;
mod references;
mod render;
mod schema;
mod scope;
mod strvals;
mod tables;
mod told;
mod user;
mod validate;
mod values;

pub use capabilities::Capabilities;
pub(super) use deliver::{Order, deliver, deliver_alone};
pub use dependencies::Absent;
pub(super) use inflate::{Inflation, inflate};
pub use load::{Body, Chart, ChartFile, load, load_archive};
pub use manifests::{Manifest, Printed, manifests};
pub use metadata::{Dependency, Metadata};
pub use render::{Rendering, print, render};
pub use scope::{Prepared, Release, Scope, ScopeId, Template, prepare};
pub use told::{Helm, Told, Warning};
pub use user::{ReadFile, UserValues, values_file, values_text};
pub use validate::Breach;
