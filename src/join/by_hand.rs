//! How a claim stands that gets a volume made by hand.

use super::storage::{Desk, Seat};
use crate::facts::{Backing, Claim, ClassName, Fact, Resource, Standing, StaticVolume};
use crate::text::Origin;

impl Desk<'_> {
    /// A volume that somebody made by hand tells more than the class of its claim.
    pub(super) fn bind(&self, claim: &Claim, owner: &Resource, seat: &mut Seat) {
        seat.volumes = match self.volumes.bound(self.clusters, claim, owner) {
            Some(volume) => vec![volume],
            None => self.by_class(claim, owner, seat),
        };
        let volumes: Vec<&Fact<StaticVolume>> =
            seat.volumes.iter().map(|at| &self.facts.volumes[*at]).collect();
        let Some(first) = volumes.first() else { return };
        if seat.object.is_none() {
            // It gets this volume, and no default.
            seat.omitted = false;
        }
        let standing = self.stands_by_hand(&first.says);
        let other = volumes.iter().find(|other| self.stands_by_hand(&other.says) != standing);
        for volume in std::iter::once(first).chain(other) {
            let (origin, by) = made(volume);
            let what = if volumes.len() == 1 { "bound to the volume" } else { "to get a volume as" };
            seat.also.push((origin.span(), format!("it is {what} `{}`, {by}", volume.says.name)));
        }
        if other.is_some() {
            (seat.standing, seat.kept) = (Standing::Unknown, None);
        } else if standing != Standing::Unknown && standing != seat.standing {
            (seat.standing, seat.kept, seat.replicas) = (standing, None, None);
        }
    }

    /// The volumes made by hand of a claim's class, where nothing else makes any.
    fn by_class(&self, claim: &Claim, owner: &Resource, seat: &Seat) -> Vec<usize> {
        let ClassName::Named(class) = &claim.class else { return Vec::new() };
        let provisioner = seat.object.and_then(|at| self.facts.classes[at].says.provisioner.as_ref());
        let is_by_hand = match provisioner {
            Some(provisioner) => provisioner.text == "kubernetes.io/no-provisioner",
            None => seat.standing == Standing::Unknown,
        };
        if !is_by_hand || claim.volume.is_some() {
            return Vec::new();
        }
        self.volumes.of_class(self.clusters, &class.text, claim, owner)
    }

    /// How a volume made by hand stands.
    pub(super) fn stands_by_hand(&self, volume: &StaticVolume) -> Standing {
        match (&volume.backing, &volume.driver) {
            (Backing::Host(_), _) => Standing::Local,
            (Backing::Network { .. }, _) => Standing::Network,
            (_, Some(driver)) => self.driven(&driver.text),
            _ => Standing::Unknown,
        }
    }
}

/// What a volume is made of, and where that is written.
fn made(volume: &Fact<StaticVolume>) -> (&Origin, String) {
    match (&volume.says.driver, &volume.says.backing) {
        (Some(driver), _) => (&driver.origin, format!("made by `{}`", driver.text)),
        (None, Backing::Host(path)) => (&path.origin, format!("the folder `{}` of a node", path.text)),
        (None, Backing::Network { how, origin, .. }) => (origin, format!("which is {how}")),
        _ => (&volume.origin, "made by hand".to_owned()),
    }
}
