//! What databases lose by the volumes they are on, or are not on; and claims that hold up or outlive the wrong things.

use super::super::{Case, Page};
use super::storage;
use crate::facts::{Fact, Marked, Marks, Workload, listed};
use crate::finding::{Finding, Severity};
use crate::join::{Ground, Homeless, Miss, SERVED, Seat, Under};
use crate::text::{Origin, Part};

/// Engines that keep what exists nowhere else; caches, indices and logs are made anew.
const OF_RECORD: [&str; 3] = ["postgres", "mysql", "mongodb"];

fn is_of_record(engine: &str) -> bool {
    OF_RECORD.contains(&engine)
}

/// How people call an engine.
fn called(engine: &str) -> &str {
    match engine {
        "postgres" => "PostgreSQL",
        "mysql" => "MySQL",
        "mongodb" => "MongoDB",
        "sqlite" => "SQLite",
        "redis" => "Redis",
        _ => "the server",
    }
}

/// Whether the pods of a workload are Kubernetes'.
fn is_of_cluster(fact: &Fact<Workload>) -> bool {
    !fact.owner.api.is_empty()
}

/// A finding about a workload, with a path of its own below the workload's.
fn about(
    case: &Case,
    page: &Page,
    fact: &Fact<Workload>,
    (origin, what): (&Origin, &str),
    sentence: (&str, &str),
) -> Finding {
    let mut finding = case.about(page, fact, origin.clone(), sentence);
    let dot = if finding.path.is_empty() { "" } else { "." };
    finding.path = format!("{}{dot}{what}", finding.path);
    finding
}

/// Servers whose data directory is on none of their volumes.
pub(super) fn data_not_on_volume(case: &Case, page: &Page) -> Vec<Finding> {
    case.joined.homeless.iter().filter_map(|one| homeless(case, page, one)).collect()
}

fn homeless(case: &Case, page: &Page, one: &Homeless) -> Option<Finding> {
    let fact = &case.facts.workloads[one.workload];
    let (home, mount) = (&one.home, one.mount.as_ref());
    let at = mount.map_or("", |mount| mount.text.as_str());
    let mut severity = page.severity;
    let mut after = match one.miss {
        Miss::Former if one.engine != "postgres" => format!(
            " keeps its data in `{home}`, and its volume is mounted at `{at}`, where earlier versions kept it: it starts empty"
        ),
        Miss::Former => format!(
            " keeps its data in `{home}`, and its volume is mounted at `{at}`: images of 18 and later refuse to start so, and the first of 18 lose the data"
        ),
        Miss::Covered => format!(
            " keeps its data in `{home}`, which is not on the volume at `{at}`: its image declares a volume below, and the runtime puts an empty one there"
        ),
        Miss::Elsewhere => {
            format!(
                " keeps its data in `{home}`, and that is on none of its volumes: the one at `{at}` holds none of it"
            )
        }
        Miss::Nothing => {
            let is_lasting = ["Deployment", "StatefulSet"].contains(&fact.owner.kind.as_str());
            if !is_lasting || !is_of_record(&one.engine) {
                return None;
            }
            severity = Severity::Note;
            format!(" keeps its data in `{home}`, and no volume is there: it is gone with the container")
        }
    };
    // What covers the mount depends on the runtime of the node there.
    let is_soft = one.miss == Miss::Covered && is_of_cluster(fact);
    if is_soft || one.newest || one.unseen.is_some() || !is_of_record(&one.engine) {
        severity = severity.min(Severity::Warning);
    }
    if let Some(unseen) = &one.unseen {
        after.push_str(&format!(", unless {unseen} says otherwise"));
    }
    let before = format!("{} of ", called(&one.engine));
    let origin = &mount.unwrap_or(&one.image).origin;
    let mut finding = about(case, page, fact, (origin, "data"), (&before, &after));
    if mount.is_some() {
        let says =
            if one.newest { "an image without a version is the newest" } else { "the server is this image" };
        finding.also.push((one.image.span(), says.into()));
    }
    finding
        .also
        .extend(one.told.as_ref().map(|told| (told.span(), "the data directory is told here".to_owned())));
    Some(Finding { severity, help: Some(remedy(one)), ..finding })
}

/// Where the volume belongs.
fn remedy(one: &Homeless) -> String {
    let is_postgres = one.engine == "postgres";
    // The directory of a version is below one that all of them share, so that a volume outlives an upgrade.
    let shared = "/var/lib/postgresql";
    let is_of_version = is_postgres && one.home.starts_with(shared) && one.home.ends_with("/docker");
    let home = if is_of_version { shared } else { &one.home };
    match one.miss {
        Miss::Nothing => format!("mount a volume at `{home}`"),
        _ if is_postgres => {
            format!("mount the volume at `{home}`, or set `PGDATA` to a folder at or below the mount")
        }
        _ => format!("mount the volume at `{home}`, or point the data directory below the mount"),
    }
}

/// The grounds of engines that keep what exists nowhere else.
fn of_record<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a Ground, &'a Fact<Workload>)> {
    let all = case.joined.grounds.iter().filter(|one| one.engine == "sqlite" || is_of_record(&one.engine));
    let facts = case.facts;
    all.map(|one| (one, &facts.workloads[one.workload]))
}

fn on(case: &Case, page: &Page, (one, fact): (&Ground, &Fact<Workload>), after: &str) -> Finding {
    let before = format!("{} of ", called(&one.engine));
    let what = format!("storage[{}]", one.volume);
    let mut finding = about(case, page, fact, (&one.origin, &what), (&before, after));
    finding.also.extend(one.also.iter().cloned());
    finding
}

/// Servers, and files of SQLite, on what another machine serves.
pub(super) fn on_network(case: &Case, page: &Page) -> Vec<Finding> {
    // A mount that waits for its server drops no write.
    let of_seat = |seat: &Seat| match seat.volumes.as_slice() {
        [only] => case.facts.volumes[*only].says.hard.as_ref(),
        _ => seat.object.and_then(|at| case.facts.classes[at].says.hard.as_ref()),
    };
    let keeps = |what: &str, how: &str, hard: Option<&Part>| match hard {
        Some(_) => format!(
            " keeps its {what} on {how}: its mounts are `hard`, so that each write waits until that machine answers"
        ),
        None => {
            format!(" keeps its {what} on {how}: writes that the network loses or delays can break its files")
        }
    };
    let eased = |mut finding: Finding, hard: Option<&Part>| {
        if let Some(hard) = hard {
            finding.severity = finding.severity.min(Severity::Note);
            finding.also.push((hard.span(), "mounts wait for their server".to_owned()));
        }
        finding
    };
    let running = of_record(case).filter_map(|(one, fact)| {
        let Under::Network(how) = one.under else { return None };
        let is_file = one.engine == "sqlite";
        let hard = one.hard.as_ref().filter(|_| !is_file);
        let after = match is_file {
            true => {
                format!(" keeps `{}` on {how}, whose locks it cannot trust: the file may break", one.path)
            }
            false => keeps("data", how, hard),
        };
        Some(eased(on(case, page, (one, fact), &after), hard))
    });
    // Those of operators and charts have no volumes of their own: their class tells.
    let seats = case
        .joined
        .seats
        .iter()
        .filter(|seat| seat.database.is_some() && seat.serves_files() && !seat.keeps_nothing());
    let declared = seats.filter(|seat| OF_RECORD.contains(&seat.engine.name.as_str())).filter_map(|seat| {
        let before = format!("{} of ", called(&seat.engine.name));
        let how = match seat.class.as_ref().map_or("", |class| &class.text) {
            "" => SERVED.to_owned(),
            class => format!("`{class}`, {SERVED}"),
        };
        let hard = of_seat(seat);
        let after = keeps(storage::kept(seat), &how, hard);
        Some(eased(storage::on(case, page, seat, &seat.origin, (&before, &after))?, hard))
    });
    running.chain(declared).collect()
}

/// Servers on folders that go with their pod.
pub(super) fn on_temporary(case: &Case, page: &Page) -> Vec<Finding> {
    let found = of_record(case).filter_map(|(one, fact)| {
        let (severity, after) = match one.under {
            Under::Empty if !is_of_cluster(fact) => {
                (page.severity, " keeps its data in the folder of its allocation: it goes with that")
            }
            Under::Empty => (page.severity, " keeps its data in an emptyDir: it is gone with the pod"),
            // Who writes this into a compose file means it.
            Under::Memory if !is_of_cluster(fact) => {
                (Severity::Note, " keeps its data in memory: it is gone with the container")
            }
            Under::Memory => (page.severity, " keeps its data in memory: it is gone with the pod"),
            _ => return None,
        };
        let finding = on(case, page, (one, fact), after);
        Some(Finding { severity, ..finding })
    });
    found.collect()
}

/// Servers on a folder of whatever node they run on.
pub(super) fn on_host_path(case: &Case, page: &Page) -> Vec<Finding> {
    let moves = |fact: &Fact<Workload>| {
        let kind = fact.owner.kind.as_str();
        !fact.says.placing.pinned && matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet")
    };
    let found = of_record(case).filter(|(one, fact)| one.under == Under::Host && moves(fact));
    let after =
        " keeps its data in a folder of the node, and no node is chosen: on another one it starts empty";
    found.map(|one| on(case, page, one, after)).collect()
}

/// Servers on a claim that pods of several nodes may write to.
pub(super) fn claim_shared(case: &Case, page: &Page) -> Vec<Finding> {
    let found = of_record(case).filter(|(one, _)| one.under == Under::Shared);
    let after = " keeps its data in a claim that several nodes may write to: storage of that kind serves files over the network, and nothing keeps a second server out";
    found.map(|one| on(case, page, one, after)).collect()
}

/// Claims that keep a new pod of their own Deployment waiting.
pub(super) fn blocks_rollout(case: &Case, page: &Page) -> Vec<Finding> {
    let found = case.joined.blocked.iter().map(|one| {
        let fact = &case.facts.workloads[one.workload];
        let is_of_pod = |(_, mode): &&(Part, Part)| mode.text == "ReadWriteOncePod";
        let for_pod: Vec<&(Part, Part)> = one.claims.iter().filter(is_of_pod).collect();
        let (severity, end) = match one.engine {
            _ if !for_pod.is_empty() => {
                (Severity::Warning, "ReadWriteOncePod, for one pod at a time: the new one waits for ever")
            }
            Some(_) => (
                Severity::Warning,
                "ReadWriteOnce: on one node two servers write the same files, on two the new one waits for ever",
            ),
            None => (page.severity, "ReadWriteOnce: on another node the new one waits for the volume for ever"),
        };
        let told = if for_pod.is_empty() { one.claims.iter().collect() } else { for_pod };
        let names: Vec<String> = told.iter().map(|(claim, _)| format!("`{}`", claim.text)).collect();
        let (claim, is) = if names.len() == 1 { ("claim", "is") } else { ("claims", "are") };
        let after =
            format!(" starts a new pod before the old one ends, and its {claim} {} {is} {end}", listed(names.iter().map(String::as_str).collect()));
        let mut finding = about(case, page, fact, (&one.rolls, "strategy"), ("", &after));
        for (claim, mode) in told {
            finding.also.push((mode.span(), format!("the claim `{}` is {}", claim.text, mode.text)));
        }
        Finding { severity, ..finding }
    });
    found.collect()
}

/// Claims that Argo CD does not prune, and deletes with their Application all the same.
pub(super) fn deleted_with_application(case: &Case, page: &Page) -> Vec<Finding> {
    let claims = case.facts.marks.iter().filter(|fact| fact.says.of == Marked::Claim);
    let after = " is not pruned, and goes with its Application all the same: `Delete=false` is not said";
    claims.filter_map(|fact| Some(case.about(page, fact, pruned(&fact.says)?.origin, ("", after)))).collect()
}

/// The option that keeps a claim from being pruned, if it is the only one.
fn pruned(marks: &Marks) -> Option<Part> {
    let options = marks.annotation("argocd.argoproj.io/sync-options").filter(|options| options.is_known())?;
    let said = |wanted: &str| options.text.split(',').any(|one| one.trim() == wanted);
    let is_kept = said("Delete=false") || said("Delete=confirm");
    let by_helm = marks.annotation("helm.sh/resource-policy").is_some_and(|policy| policy.text == "keep");
    let at = options.text.find("Prune=false").filter(|_| said("Prune=false") && !is_kept && !by_helm)?;
    Some(options.slice(at..at + "Prune=false".len()))
}
