//! Both inventories in the schema `pintle/v1`: frozen. Fields may be added; none is ever renamed, removed or given
//! another meaning.

use super::Look;
use crate::emit::json::{SCHEMA, V1Affected, v1_affected};
use crate::inventory::{
    BackupRow, ClaimRow, DatabaseRow, Gap, Ground, ImageRow, ImageStock, Lies, SealedRow, SealedStock, Spot,
    StorageStock, Untold, VolumeRow,
};
use crate::redact::escape_json;
use crate::text::Place;
use serde::Serialize;

#[derive(Serialize)]
struct V1Images<'a> {
    schema: &'static str,
    images: Vec<V1Image<'a>>,
    problems: Vec<V1Gap<'a>>,
    summary: V1ImageSummary,
}

#[derive(Serialize)]
struct V1Image<'a> {
    reference: &'a str,
    registry: Option<&'a str>,
    repository: Option<&'a str>,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
    pin: &'static str,
    state: &'static str,
    #[serde(flatten)]
    spot: V1Spot<'a>,
    also: Vec<V1Spot<'a>>,
    format: &'static str,
    used_by: &'a [String],
    objects: Vec<V1Affected<'a>>,
    delivered: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

#[derive(Serialize)]
struct V1ImageSummary {
    images: usize,
    unread: usize,
}

#[derive(Serialize)]
struct V1Spot<'a> {
    file: &'a str,
    start: Place,
    /// The file of a chart at hand that the value is in; `file` asks for that chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Sealed<'a> {
    schema: &'static str,
    sealed: Vec<V1SealedFile<'a>>,
    problems: Vec<V1Gap<'a>>,
}

/// What was not read, as the reports of `lint` tell it.
#[derive(Serialize)]
pub(in crate::emit) struct V1Gap<'a> {
    kind: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Place>,
}

#[derive(Serialize)]
struct V1SealedFile<'a> {
    file: &'a str,
    /// The first plain value, or the setting that covers nothing; else the beginning of the file.
    start: Place,
    state: &'static str,
    tool: Option<&'a str>,
    rule: &'a str,
    covered: usize,
    encrypted: usize,
    plain: usize,
    outside: usize,
    plain_comments: usize,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

#[derive(Serialize)]
struct V1Storage<'a> {
    schema: &'static str,
    claims: Vec<V1Claim<'a>>,
    databases: Vec<V1Database<'a>>,
    not_listed: Vec<V1Untold<'a>>,
    volumes: Vec<V1Volume<'a>>,
    not_understood: Vec<V1Untold<'a>>,
    problems: Vec<V1Gap<'a>>,
}

#[derive(Serialize)]
struct V1Untold<'a> {
    why: &'static str,
    reason: &'a str,
    whose: &'a str,
    listed: bool,
    #[serde(flatten)]
    at: V1At<'a>,
}

/// A place in a file of the repository.
#[derive(Serialize)]
struct V1At<'a> {
    file: &'a str,
    start: Place,
}

#[derive(Serialize)]
struct V1Claim<'a> {
    namespace: &'a str,
    name: &'a str,
    owner: &'a str,
    size: Option<&'a str>,
    #[serde(flatten)]
    ground: V1Ground<'a>,
    used_by: &'a [String],
    used_at: Vec<V1At<'a>>,
    road: Vec<V1Step<'a>>,
    backups: Vec<V1Backup<'a>>,
}

#[derive(Serialize)]
struct V1Volume<'a> {
    kind: &'static str,
    name: &'a str,
    path: Option<&'a str>,
    protocol: Option<&'static str>,
    driver: Option<&'a str>,
    keeps: &'static str,
    size: Option<&'a str>,
    claims: &'a [String],
    #[serde(flatten)]
    ground: V1Ground<'a>,
    used_by: &'a [String],
    used_at: Vec<V1At<'a>>,
}

/// What a database lies on that has no claim.
#[derive(Serialize)]
struct V1Lies<'a> {
    kind: &'static str,
    path: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Backup<'a> {
    kind: &'static str,
    by: &'a str,
    schedule: Option<&'a str>,
    to: Option<&'a str>,
    #[serde(flatten)]
    spot: V1Spot<'a>,
}

#[derive(Serialize)]
struct V1Database<'a> {
    who: &'a str,
    engine: &'a str,
    major: Option<u32>,
    because: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<V1Lies<'a>>,
    instances: Option<&'a str>,
    backup: &'static str,
    #[serde(flatten)]
    ground: V1Ground<'a>,
    road: Vec<V1Step<'a>>,
    backups: Vec<V1Backup<'a>>,
}

#[derive(Serialize)]
struct V1Ground<'a> {
    class: Option<&'a str>,
    decided: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    standing: &'static str,
    provisioner: Option<&'a str>,
    replicas: Option<&'a str>,
    environment: Option<&'a str>,
    cluster: Option<&'a str>,
    delivered: bool,
    #[serde(flatten)]
    spot: V1Spot<'a>,
}

#[derive(Serialize)]
struct V1Step<'a> {
    #[serde(flatten)]
    spot: V1Spot<'a>,
    message: &'a str,
}

pub(super) fn images(stock: &ImageStock, _: &Look) -> String {
    text(&V1Images {
        schema: SCHEMA,
        images: stock.rows.iter().map(v1_image).collect(),
        problems: stock.gaps.iter().map(v1_gap).collect(),
        summary: V1ImageSummary { images: stock.rows.len(), unread: stock.unread },
    })
}

pub(super) fn storage(stock: &StorageStock, _: &Look) -> String {
    text(&V1Storage {
        schema: SCHEMA,
        claims: stock.claims.iter().map(v1_claim).collect(),
        databases: stock.databases.iter().map(v1_database).collect(),
        not_listed: stock.untold.iter().filter(|one| !one.has_row).map(v1_untold).collect(),
        volumes: stock.volumes.iter().map(v1_volume).collect(),
        not_understood: stock.not_understood().map(v1_untold).collect(),
        problems: stock.gaps.iter().map(v1_gap).collect(),
    })
}

pub(super) fn sealed(stock: &SealedStock, _: &Look) -> String {
    let sealed = stock.rows.iter().map(v1_sealed).collect();
    text(&V1Sealed { schema: SCHEMA, sealed, problems: stock.gaps.iter().map(v1_gap).collect() })
}

pub(in crate::emit) fn v1_gap(gap: &Gap) -> V1Gap<'_> {
    V1Gap {
        kind: gap.kind,
        severity: gap.severity,
        message: &gap.says,
        file: gap.place.as_ref().map(|place| place.file.as_str()),
        start: gap.place.as_ref().map(|place| place.start),
    }
}

fn v1_sealed(row: &SealedRow) -> V1SealedFile<'_> {
    V1SealedFile {
        file: &row.place.file,
        start: row.place.start,
        state: row.state.name(),
        tool: Some(row.says.tool.as_str()).filter(|tool| !tool.is_empty()),
        rule: &row.says.rule,
        covered: row.says.covered,
        encrypted: row.says.encrypted,
        plain: row.says.plain,
        outside: row.says.outside,
        plain_comments: row.says.comments,
        note: &row.says.note,
    }
}

/// A document as text that cannot steer a terminal.
pub(super) fn text(document: &impl Serialize) -> String {
    let json =
        serde_json::to_string_pretty(document).expect("these types hold no map with keys other than strings");
    escape_json(json) + "\n"
}

fn v1_image(row: &ImageRow) -> V1Image<'_> {
    V1Image {
        reference: &row.reference,
        registry: row.registry.as_deref(),
        repository: row.repository.as_deref(),
        tag: row.tag.as_deref(),
        digest: row.digest.as_deref(),
        pin: row.word(),
        state: row.pin.name(),
        spot: v1_spot(&row.place),
        also: row.also.iter().map(v1_spot).collect(),
        format: row.format,
        used_by: &row.used_by,
        objects: row.objects.iter().map(v1_affected).collect(),
        delivered: row.delivered,
        note: &row.note,
    }
}

fn v1_claim(row: &ClaimRow) -> V1Claim<'_> {
    V1Claim {
        namespace: &row.namespace,
        name: &row.name,
        owner: &row.owner,
        size: row.size.as_deref(),
        ground: v1_ground(&row.ground),
        used_by: &row.used_by,
        used_at: row.used_at.iter().map(v1_at).collect(),
        road: row.road.iter().map(v1_step).collect(),
        backups: row.backups.iter().map(v1_backup).collect(),
    }
}

fn v1_volume(row: &VolumeRow) -> V1Volume<'_> {
    V1Volume {
        kind: row.kind,
        name: &row.name,
        path: row.path.as_deref(),
        protocol: row.protocol,
        driver: row.driver.as_deref(),
        keeps: row.keeps,
        size: row.size.as_deref(),
        claims: &row.claims,
        ground: v1_ground(&row.ground),
        used_by: &row.used_by,
        used_at: row.used_at.iter().map(v1_at).collect(),
    }
}

fn v1_untold(row: &Untold) -> V1Untold<'_> {
    V1Untold {
        why: row.why,
        reason: &row.reason,
        whose: &row.whose,
        listed: row.has_row,
        at: v1_at(&row.place),
    }
}

fn v1_step((spot, message): &(Spot, String)) -> V1Step<'_> {
    V1Step { spot: v1_spot(spot), message }
}

fn v1_at(spot: &Spot) -> V1At<'_> {
    V1At { file: &spot.file, start: spot.start }
}

fn v1_backup(row: &BackupRow) -> V1Backup<'_> {
    V1Backup {
        kind: row.kind,
        by: &row.by,
        schedule: row.schedule.as_deref(),
        to: row.to.as_deref(),
        spot: v1_spot(&row.place),
    }
}

fn v1_database(row: &DatabaseRow) -> V1Database<'_> {
    V1Database {
        who: &row.who,
        engine: &row.engine,
        major: row.major,
        because: &row.because,
        what: &row.what,
        on: row.on.as_ref().map(v1_lies),
        instances: row.instances.as_deref(),
        backup: row.backup,
        ground: v1_ground(&row.ground),
        road: row.road.iter().map(v1_step).collect(),
        backups: row.backups.iter().map(v1_backup).collect(),
    }
}

fn v1_lies(lies: &Lies) -> V1Lies<'_> {
    V1Lies { kind: lies.kind, path: lies.path.as_deref() }
}

fn v1_ground(ground: &Ground) -> V1Ground<'_> {
    V1Ground {
        class: ground.class.as_deref(),
        decided: ground.decided,
        reason: ground.reason.as_deref(),
        standing: ground.standing,
        provisioner: ground.provisioner.as_deref(),
        replicas: ground.replicas.as_deref(),
        environment: ground.environment.as_deref(),
        cluster: ground.cluster.as_deref(),
        delivered: ground.delivered,
        spot: v1_spot(&ground.place),
    }
}

fn v1_spot(spot: &Spot) -> V1Spot<'_> {
    V1Spot { file: &spot.file, start: spot.start, within: spot.inner.as_deref() }
}

/// The JSON schema of the images, for those who read them with a program.
#[cfg(any(test, feature = "cli"))]
pub const IMAGES_SCHEMA: &str = include_str!("images.schema.json");

/// The JSON schema of the storage.
#[cfg(any(test, feature = "cli"))]
pub const STORAGE_SCHEMA: &str = include_str!("storage.schema.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::emit::Colour;
    use crate::emit::inventory::Grouping;
    use crate::emit::json::tests::{check, told};
    use crate::engine::{self, Job, MemoryRepo};
    use crate::inventory::spans;
    use crate::rules::Book;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// One row of each kind, with every field filled at least once.
    const FILES: [(&str, &str); 6] = [
        (
            "app.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - {name: a, image: nginx:1.2.3}\n    - {name: b, image: 'nginx@sha256:9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496'}\n    - {name: c, image: '${X}'}\n  volumes:\n    - {name: v, persistentVolumeClaim: {claimName: c}}\n    - {name: w, persistentVolumeClaim: {claimName: gone}}\n",
        ),
        ("values.yaml", "image:\n  tag: 1.2.3\n"),
        (
            "volumes.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: my}\nspec:\n  containers: [{name: a, image: 'mysql:8', volumeMounts: [{name: v, mountPath: /var/lib/mysql}]}]\n  volumes:\n    - {name: v, hostPath: {path: /srv/my}}\n    - {name: w, nfs: {server: nas, path: /a}}\n    - {name: x, hostPath: {path: /srv/my}}\n---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: p}\nspec: {storageClassName: '${CLASS}', capacity: {storage: 1Gi}, claimRef: {name: q, namespace: r}, csi: {driver: driver.longhorn.io}}\n",
        ),
        (
            "db.yaml",
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: keep}\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n        - name: db\n          image: postgres:16.4\n          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]\n  volumeClaimTemplates:\n    - metadata: {name: data}\n      spec:\n        storageClassName: block\n        resources: {requests: {storage: 8Gi}}\n",
        ),
        (
            "plans.yaml",
            "apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: r}\nspec: {sourcePVC: c, trigger: {schedule: '0 1 * * *'}, restic: {repository: far}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: o}\ndata: {WAL_S3_BUCKET: wal}\n",
        ),
        (
            "class.yaml",
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: block}\nprovisioner: driver.longhorn.io\nparameters: {numberOfReplicas: '2'}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {storageClassName: '${CLASS}'}\n---\napiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: z}\nspec: {volume: {size: 1Gi, storageClass: '${CLASS}'}}\n",
        ),
    ];

    #[test]
    fn the_outputs_and_their_schemas_agree_in_both_directions() {
        let repo = MemoryRepo::new(FILES);
        let (config, (book, _)) = (Config::default(), Book::built_in());
        let (report, joined) = engine::survey(&Job::new(&repo, &config, &book));
        engine::keep(&repo, &report.sources, &spans(&report, &joined));
        let look = Look { colour: Colour::Plain, width: 80, grouping: Grouping::Flat };
        let mut goods = ImageStock::of(&report, &joined, |_| true);
        let mut storage_goods = StorageStock::of(&report, &joined, |_| true);
        let inner = Some("values.yaml of the chart web 1.2.3".into());
        goods.rows[0].place.inner.clone_from(&inner);
        let place = Some(goods.rows[0].place.clone());
        goods.gaps.push(Gap { kind: "large", severity: "error", says: "too large".into(), place });
        storage_goods.gaps.clone_from(&goods.gaps);
        storage_goods.claims[0].ground.place.inner.clone_from(&inner);
        storage_goods.databases[0].ground.place.inner.clone_from(&inner);
        storage_goods.volumes[0].ground.place.inner.clone_from(&inner);
        let copied = storage_goods.claims.iter_mut().flat_map(|claim| &mut claim.backups);
        let copied = copied.chain(storage_goods.databases.iter_mut().flat_map(|one| &mut one.backups));
        copied.for_each(|backup| backup.place.inner.clone_from(&inner));
        for (schema, out) in
            [(IMAGES_SCHEMA, images(&goods, &look)), (STORAGE_SCHEMA, storage(&storage_goods, &look))]
        {
            let schema: Value = serde_json::from_str(schema).unwrap();
            let out: Value = serde_json::from_str(&out).unwrap();
            let (mut used, mut known) = (BTreeSet::new(), BTreeSet::new());
            let errors = check(&schema, &schema, &out, "", &mut used);
            assert!(errors.is_empty(), "{errors:#?}");
            told(&schema, &schema, "", &mut known);
            // Only what is in the lists that this repository leaves empty may go unused.
            let unused: Vec<&String> =
                known.difference(&used).filter(|name| !name.contains("also[]")).collect();
            assert!(unused.is_empty() && used.is_subset(&known), "{unused:?}");
        }
    }
}
