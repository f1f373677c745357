//! pintle lints GitOps repositories: what will really run, where the data will live, did a secret slip in.
//!
//! A [`Job`] says what to check, [`check`] gives a [`Report`], and each of [`OUTPUTS`] tells it, once what is secret in it is
//! covered:
//!
//! ```
//! use pintle::{Book, Config, Job, Redactor, MemoryRepo, Tell, check, output};
//!
//! let repo = MemoryRepo::new([("pod.yaml", "kind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: nginx}]}\n")]);
//! let (config, (book, _)) = (Config::default(), Book::built_in());
//! let report = check(&Job::new(&repo, &config, &book));
//! assert!(report.findings.iter().any(|finding| finding.rule == "image-untagged"));
//! let report = Redactor::of(&report, &book.tables).report(report);
//! let told = output("concise").map(|output| output.tell(&report, &Tell::plain(&book)));
//! assert!(told.is_some_and(|text| text.starts_with("pod.yaml:3:")));
//! ```
//!
//! The modules below are the rooms of the house, from the ground up. They are private, so that the compiler finds what
//! nobody uses; which of them may import which, `tests/house/` holds. ARCHITECTURE.md draws the same picture with its
//! reasons.

#[cfg(feature = "cli")]
mod git;
mod limits;
mod text;

mod facts;
mod finding;

mod config;
mod lock;
mod redact;
mod syntax;
mod template;

mod world;

mod formats;
mod secrets;

mod fix;
mod join;
mod judge;
mod rules;

#[cfg(feature = "cli")]
mod delta;
mod engine;
mod history;
mod inventory;

mod emit;
mod examples;

#[cfg(feature = "cli")]
mod cli;

#[cfg(feature = "cli")]
pub use cli::main;
pub use config::Config;
pub use emit::inventory::{Grouping, IMAGES, Listing, Look, SEALED, STORAGE};
pub use emit::{Colour, Detail, OUTPUTS, Output, Provenance, Skips, Statistics, Tally, Tell, output};
pub use engine::{Job, MemoryRepo, Repo, Shared, check, earlier, keep, survey};
pub use facts::{Answer, Around, Held, Leads, Pinned, Registry, Served};
pub use finding::{Finding, Problem, Report, Severity};
pub use inventory::{ImageStock, SealedStock, StorageStock, spans as inventory_spans};
pub use join::{Earlier, Joined};
pub use judge::{Baseline, Entries, Scope, entries, write_baseline};
pub use redact::{Cover, Redactor, Shown};
pub use rules::Book;
pub use text::{Date, Package, Packages, Portion, SourceId, Sources, Span};

/// What the tests, benches and fuzz targets of this crate look at besides. It may change with every version.
#[doc(hidden)]
pub mod testing {
    pub use crate::config::{KEYS, Key, Preset, Shape};
    pub use crate::examples::prove;
    pub use crate::facts::{
        ClassName, Doubt, Engines, Fact, Facts, Image, MASK, Parameters, Pin, Provisioners, Secret, When,
        parse_reference,
    };
    pub use crate::formats::{Beside, Desk, FORMATS, Format, Read};
    pub use crate::history::RULE as HISTORY_RULE;
    pub use crate::join::{Holding, Seat};
    pub use crate::rules::{Expect, examples};
    pub use crate::syntax::{Front, Node, Scalar, Style, Tag, Value};
    pub use crate::text::{File, Lines, Origin, Part, Sha256, Str};

    /// The engine of Go templates.
    pub mod template {
        pub use crate::template::{
            Bounds, Entries, Fault, Given, Guess, Map, Methods, Object, Place, Places, Rendered, Set, Stop,
            Text, Tool, Value, Why, semver, to_yaml,
        };
    }

    /// Repositories as clusters get them.
    pub mod world {
        #[cfg(feature = "cli")]
        pub use crate::engine::render::with_files;
        pub use crate::world::helm;
        pub use crate::world::kustomize::{Built, Cache, Fault, Reach, Why, build};
        pub use crate::world::{Delivery, Files, Forest, Hints, Means, Object, ObjectId, grow, typed};
    }

    /// What a change does.
    #[cfg(feature = "cli")]
    pub mod delta {
        pub use crate::delta::{
            Change, Delta, Side, Topic, Verdict, Which, clusters, compare, gather, objects,
        };
        pub use crate::engine::survey_seeing;
    }

    /// What git stores.
    #[cfg(feature = "cli")]
    pub mod git {
        pub use crate::git::{Fault, ObjectKind, ObjectName, PackFile, Store, Thing, Walk};
    }

    /// The readers of YAML.
    pub mod yaml {
        pub use crate::syntax::yaml::{Schemas, Yaml, count_nodes, read, read_embedded};
    }

    /// The scan for secrets.
    pub mod secrets {
        pub use crate::facts::{Keeping, Names, Promise, SecretKind};
        pub use crate::rules::{rule_of, severity_of};
        pub use crate::secrets::dice::Dice;
        pub use crate::secrets::recipe::expand;
        pub use crate::secrets::{Answer, Context, Promises, Tables, Token, Trees, creation_rules, read};
    }
}
