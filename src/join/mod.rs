//! What no single object says: which claim a database sits on, and which class that is in its cluster. Done once
//! over the merged facts; knows no rule and no format.

mod backups;
mod beside;
mod by_hand;
mod candidates;
mod claims;
mod cluster;
mod disks;
mod earlier;
mod embedded;
mod grounds;
mod holdings;
mod homes;
mod known;
mod operators;
mod own_servers;
mod plans;
mod programs;
mod running;
mod servers;
mod storage;
mod unkept;
mod vain;
mod volumes;

pub use crate::facts::Standing;
pub use backups::WhyNot;
pub use cluster::Clusters;
pub use disks::Disk;
pub use earlier::Earlier;
pub use grounds::{Blocked, Ground, SERVED, Under};
pub use holdings::{Holding, NotListed};
pub use homes::{Homeless, Miss};
pub use known::Known;
pub use operators::Way;
pub use plans::Copied;
pub use servers::{Jump, SaidBy, Server, jumps};
pub use storage::Seat;
pub use vain::{Asker, Unserved, Vain};

use crate::config::Config;
use crate::facts::{Fact, Facts, Image, Pin, Role};
use crate::text::Sources;

/// Everything that was joined.
#[derive(Debug, Default)]
pub struct Joined {
    /// How firmly each image is pinned, in the order of the facts.
    pub pins: Vec<Pin>,
    /// Where each database keeps its data, one per claim and cluster.
    pub seats: Vec<Seat>,
    /// Every database server whose major version is written.
    pub servers: Vec<Server>,
    /// Databases for which no claim is known, each as a seat without a class.
    pub seatless: Vec<Seat>,
    /// Programs that keep a database of their own in a file, each on a claim.
    pub embedded: Vec<Seat>,
    /// Every claim, one per cluster, and who uses it.
    pub holdings: Vec<Holding>,
    /// Every volume that is no claim, one per cluster and user.
    pub disks: Vec<Disk>,
    /// What says something of claims and is in no row.
    pub not_listed: Vec<NotListed>,
    /// What asks for backups in vain, and what copies nothing.
    pub vain: Vain,
    /// Servers whose data directory is on none of their volumes.
    pub homeless: Vec<Homeless>,
    /// What is under the data of databases, where that matters.
    pub grounds: Vec<Ground>,
    /// Claims that keep a new pod of their own workload waiting.
    pub blocked: Vec<Blocked>,
    /// Which objects end up in one cluster.
    pub clusters: Clusters,
}

impl Joined {
    /// The images that files declare, with their pins.
    pub fn images<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = (&'a Fact<Image>, Pin)> {
        self.all_images(facts).filter(|(fact, _)| fact.says.role != Role::Command)
    }

    /// The images that commands pull.
    pub fn commands<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = (&'a Fact<Image>, Pin)> {
        self.all_images(facts).filter(|(fact, _)| fact.says.role == Role::Command)
    }

    /// The images that run, or are built upon: no names of what a build gives, no repositories to watch.
    pub fn running<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = (&'a Fact<Image>, Pin)> {
        self.all_images(facts).filter(|(fact, _)| !matches!(fact.says.role, Role::Built | Role::Watched))
    }

    fn all_images<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = (&'a Fact<Image>, Pin)> {
        facts.images.iter().zip(self.pins.iter().copied())
    }
}

/// Joins the facts of a repository.
pub fn join(facts: &Facts, sources: &Sources, known: Known, config: &Config, clusters: Clusters) -> Joined {
    let desk = storage::Desk::new(facts, sources, known, config, &clusters);
    let mut seats = storage::seats(&desk);
    unkept::note(&desk, &mut seats);
    let seatless = holdings::seatless(&desk, &seats);
    let (holdings, mut not_listed) = holdings::holdings(&desk);
    let (disks, unused) = disks::disks(&desk, &holdings);
    not_listed.extend(unused);
    not_listed.sort();
    not_listed.dedup();
    let vain = in_vain(&desk, &seats, &seatless, &holdings);
    Joined {
        vain,
        homeless: homes::homeless(&desk),
        grounds: grounds::grounds(&desk),
        blocked: grounds::blocked(&desk),
        pins: facts.images.iter().map(|fact| known.moves.pin(&fact.says)).collect(),
        servers: servers::servers(&desk),
        embedded: embedded::embedded(&desk),
        seatless,
        disks,
        holdings,
        not_listed,
        seats,
        clusters,
    }
}

fn in_vain(desk: &storage::Desk, seats: &[Seat], seatless: &[Seat], holdings: &[Holding]) -> Vain {
    let others: Vec<&Seat> = seatless.iter().chain(holdings.iter().map(|holding| &holding.seat)).collect();
    let mut standings = vain::Standings::new();
    for holding in holdings {
        let key = (holding.source, holding.owner.clone());
        standings.entry(key).or_default().push(holding.seat.standing);
    }
    vain::find(&desk.plans, desk.facts, seats, &others, &standings)
}
