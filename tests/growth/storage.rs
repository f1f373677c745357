//! Repositories of claims, databases, volumes and what copies them.

use super::{Files, kustomization};
use std::fmt::Write;

pub(super) fn claims(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data{at}, namespace: x}}\nspec: {{storageClassName: fast}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web{at}, namespace: x}}\nspec: {{containers: [{{name: c, image: 'web:1.2.3'}}], volumes: [{{name: v, persistentVolumeClaim: {{claimName: data{at}}}}}]}}\n---\n"
        )
    };
    vec![("all.yaml".into(), (0..size).map(one).collect())]
}

/// Claims and stateful sets over twenty clusters, with fifty classes of the same names in each.
pub(super) fn claims_over_clusters(size: usize) -> Files {
    let mut files = Vec::new();
    for cluster in 0..20 {
        let mut classes = String::new();
        for class in 0..50 {
            let maker =
                if (class + cluster) % 2 == 0 { "driver.longhorn.io" } else { "rancher.io/local-path" };
            let is_default = class == cluster;
            let _ = writeln!(
                classes,
                "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: c{class}, annotations: {{storageclass.kubernetes.io/is-default-class: '{is_default}'}}}}\nprovisioner: {maker}\n---"
            );
        }
        let mut all = String::new();
        for at in (cluster..size).step_by(20) {
            let class = if at % 3 == 0 { String::new() } else { format!("storageClassName: c{}, ", at % 50) };
            let _ = writeln!(
                all,
                "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: p{at}, namespace: x}}\nspec: {{{class}accessModes: [ReadWriteOnce]}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: s{at}, namespace: x}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'postgres:latest', volumeMounts: [{{name: data, mountPath: /data}}]}}], volumes: [{{name: v, persistentVolumeClaim: {{claimName: p{at}}}}}]}}}}, volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{{class}accessModes: [ReadWriteOnce]}}}}]}}\n---"
            );
        }
        let list = "resources: [classes.yaml, all.yaml]\n".to_owned();
        files.push((format!("clusters/c{cluster}/kustomization.yaml"), list));
        files.push((format!("clusters/c{cluster}/classes.yaml"), classes));
        files.push((format!("clusters/c{cluster}/all.yaml"), all));
    }
    files
}

/// Users of one claim, and maps that look like claims.
pub(super) fn users_of_one_claim(size: usize) -> Files {
    let mut all = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: x}\nspec: {storageClassName: fast}\n---\n".to_owned();
    for at in 0..size {
        let _ = writeln!(
            all,
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: w{at}, namespace: x}}\nspec: {{containers: [{{name: c, image: 'web:latest'}}], volumes: [{{name: v, persistentVolumeClaim: {{claimName: data}}}}]}}\n---\napiVersion: example.org/v1\nkind: Store\nmetadata: {{name: s{at}, namespace: x}}\nspec: {{disk: {{storageClassName: c{at}, size: 1Gi}}, other: {{existingClaim: data}}}}\n---"
        );
    }
    vec![("all.yaml".into(), all)]
}

/// Classes of one name, each made by another.
pub(super) fn classes_of_one_name(size: usize) -> Files {
    let mut files = claims(size);
    for at in 0..size {
        let class = format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: fast, annotations: {{storageclass.kubernetes.io/is-default-class: 'true'}}}}\nprovisioner: p{at}\n"
        );
        files.push((format!("c{at}.yaml"), class));
    }
    files
}

/// One name in every namespace, each in a folder of its own.
pub(super) fn claims_of_one_name(size: usize) -> Files {
    let mut files = Files::new();
    for at in 0..size {
        files.push((
            format!("apps/{at}/kustomization.yaml"),
            kustomization(["all.yaml".into()], &format!("namespace: n{at}\n")),
        ));
        let all = claims(1).remove(0).1.replace(", namespace: x", "");
        files.push((format!("apps/{at}/all.yaml"), all));
    }
    let names = (0..size).map(|at| at.to_string());
    files.push(("apps/kustomization.yaml".into(), kustomization(names, "")));
    files
}

pub(super) fn databases(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{name: db{at}, namespace: x}}\nspec: {{instances: 3, storage: {{size: 1Gi, storageClass: longhorn}}}}\n---\napiVersion: postgresql.cnpg.io/v1\nkind: ScheduledBackup\nmetadata: {{name: db{at}, namespace: x}}\nspec: {{schedule: '0 0 0 * * *', cluster: {{name: db{at}}}}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: pg{at}, namespace: x}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'postgres:16.4'}}]}}}}}}\n---\n"
        )
    };
    vec![("all.yaml".into(), (0..size).map(one).collect())]
}

/// Servers beside their data, each on a claim that is bound to a volume of its own.
pub(super) fn volumes(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: v{at}}}\nspec: {{claimRef: {{namespace: x, name: c{at}}}, csi: {{driver: driver.longhorn.io}}}}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c{at}, namespace: x}}\nspec: {{volumeName: v{at}, storageClassName: ''}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: pg{at}, namespace: x}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'postgres:18.1', envFrom: [{{configMapRef: {{name: m{at}}}}}], volumeMounts: [{{name: d, mountPath: /var/lib/postgresql/data}}]}}], volumes: [{{name: d, persistentVolumeClaim: {{claimName: c{at}}}}}]}}}}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{at}, namespace: x}}\ndata: {{PGDATA: /pg}}\n---\n"
        )
    };
    vec![("all.yaml".into(), (0..size).map(one).collect())]
}

/// Deployments that all roll over one claim.
pub(super) fn rollouts_over_one_claim(size: usize) -> Files {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: x}\nspec: {storageClassName: fast, accessModes: [ReadWriteOnce]}\n---\n";
    let one = |at: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web{at}, namespace: x}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'web:1.2.3', volumeMounts: [{{name: d, mountPath: /d}}]}}], volumes: [{{name: d, persistentVolumeClaim: {{claimName: data}}}}]}}}}}}\n---\n"
        )
    };
    vec![("all.yaml".into(), claim.to_owned() + &(0..size).map(one).collect::<String>())]
}

/// Claims that all ask for one job, and schedules that choose some of them.
pub(super) fn claims_of_one_group(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data{at}, namespace: x, labels: {{recurring-job.longhorn.io/source: enabled, recurring-job-group.longhorn.io/daily: enabled, keep: 'k{at}', tier: db}}}}\nspec: {{storageClassName: longhorn}}\n---\napiVersion: snapscheduler.backube/v1\nkind: SnapshotSchedule\nmetadata: {{name: s{at}, namespace: x}}\nspec: {{schedule: '@daily', claimSelector: {{matchLabels: {{keep: 'k{at}', tier: db}}}}}}\n---\nkind: Pod\napiVersion: v1\nmetadata: {{name: p{at}}}\nspec: {{containers: [{{name: c, image: 'web:latest'}}]}}\n---\n"
        )
    };
    let job = "apiVersion: longhorn.io/v1beta2\nkind: RecurringJob\nmetadata: {name: daily, namespace: longhorn-system}\nspec: {task: backup, cron: '0 1 * * *', groups: [daily]}\n";
    vec![("all.yaml".into(), (0..size).map(one).collect()), ("job.yaml".into(), job.into())]
}

/// Databases behind services, each with a job that dumps it.
pub(super) fn dumps(size: usize) -> Files {
    let one = |at: usize| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: pg{at}, namespace: x}}\nspec: {{template: {{metadata: {{labels: {{app: pg, of: 'n{at}'}}}}, spec: {{containers: [{{name: c, image: 'postgres:latest'}}]}}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: db{at}, namespace: x}}\nspec: {{selector: {{app: pg, of: 'n{at}'}}}}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: dump{at}, namespace: x}}\nspec: {{schedule: '@daily', jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: c, image: 'postgres:latest', command: [pg_dump, -h, db{at}]}}]}}}}}}}}}}\n---\n"
        )
    };
    vec![("all.yaml".into(), (0..size).map(one).collect())]
}

/// Everything has one name, and nobody knows the namespaces.
pub(super) fn plans_of_one_name(size: usize) -> Files {
    let one = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: pg}\nspec: {template: {spec: {containers: [{name: c, image: 'postgres:latest', volumeMounts: [{name: data, mountPath: /data}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}]}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: dump}\nspec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: 'postgres:latest', command: [pg_dump, -h, pg]}]}}}}}\n---\napiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: r}\nspec: {sourcePVC: data-pg-0, restic: {repository: far}}\n";
    (0..size).map(|at| (format!("a{at}/all.yaml"), one.to_owned())).collect()
}
