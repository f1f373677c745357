//! Which images, charts and keys mean which database. Data and its lookup; what follows from it is for others.

use super::Engine;
use crate::text::Str;

/// One kind of database.
struct Kind {
    name: &'static str,
    /// Words of which one must stand in the last part of an image's name.
    images: &'static [&'static str],
    /// Names of charts, and of keys in other charts' values, that bring a server.
    charts: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        name: "postgres",
        images: &[
            "postgres",
            "postgis",
            "timescale",
            "pgvector",
            "spilo",
            "patroni",
            "pgvecto",
            "vectorchord",
        ],
        charts: &[
            "postgresql",
            "postgresql-ha",
            "postgres",
            "postgresqlha",
            "timescaledb",
            "timescaledb-single",
            "patroni",
            "spilo",
        ],
    },
    Kind {
        name: "mysql",
        images: &["mysql", "mariadb", "percona-xtradb", "percona-server"],
        charts: &["mysql", "mariadb", "mariadb-galera"],
    },
    Kind {
        name: "mongodb",
        images: &["mongo", "percona-server-mongodb"],
        charts: &["mongodb", "mongodb-sharded"],
    },
    Kind {
        name: "redis",
        images: &["redis", "valkey", "keydb", "dragonfly"],
        charts: &["redis", "valkey", "redis-cluster", "redis-ha", "dragonfly"],
    },
    Kind { name: "etcd", images: &["etcd"], charts: &["etcd"] },
    Kind { name: "kafka", images: &["kafka", "redpanda"], charts: &["kafka", "redpanda"] },
    Kind { name: "cassandra", images: &["cassandra", "scylla"], charts: &["cassandra", "scylla"] },
    Kind {
        name: "elasticsearch",
        images: &["elasticsearch", "opensearch"],
        charts: &["elasticsearch", "opensearch"],
    },
    Kind { name: "minio", images: &["minio"], charts: &["minio"] },
    Kind { name: "clickhouse", images: &["clickhouse"], charts: &["clickhouse"] },
];

/// Words that make an image something that works with a database instead of being one.
const HELPERS: [&str; 36] = [
    "exporter",
    "backup",
    "pgadmin",
    "pgbouncer",
    "pooler",
    "operator",
    "client",
    "init",
    "migrat",
    "dump",
    "restore",
    "proxy",
    "postgrest",
    "admin",
    "web",
    "metrics",
    "pgpool",
    "upgrade",
    "express",
    "commander",
    "insight",
    "dashboards",
    "ui",
    "console",
    "connect",
    "sentinel",
    "cli",
    "monitor",
    "mc",
    "schema",
    "bridge",
    "rest",
    "manager",
    "shell",
    "logstash",
    "setup",
];

/// The engine that an image is a server of: `postgres` of `ghcr.io/acme/postgis:16-3.4`, with its major version.
pub fn engine_of_image(reference: &str) -> Option<Engine> {
    let bare = reference.split('@').next().unwrap_or(reference);
    let last = bare.rsplit('/').next().unwrap_or(bare);
    let (name, tag) = last.split_once(':').unwrap_or((last, ""));
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(['-', '_', '.']).collect();
    // Short helper words must stand alone, long ones may stand inside: `mc`, but `pgadmin4`.
    if HELPERS.iter().any(|helper| words.contains(helper) || (helper.len() > 4 && name.contains(helper))) {
        return None;
    }
    // A word begins as the engine is called (`postgresql`, `redis7`); a name of two words stands anywhere.
    let called = |word: &&str| {
        words.iter().any(|part| part.starts_with(*word)) || (word.contains('-') && name.contains(*word))
    };
    let kind = KINDS.iter().find(|kind| kind.images.iter().any(called))?;
    Some(Engine { name: Str::new_static(kind.name), major: major(kind.name, &name, tag) })
}

/// The engine that a chart, or a key of a chart's values, brings.
pub fn engine_of_chart(name: &str) -> Option<Engine> {
    let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    let kind = KINDS.iter().find(|kind| kind.charts.contains(&last))?;
    Some(Engine { name: Str::new_static(kind.name), major: None })
}

/// The major version in a tag: of `pg16-v0.7.0`, `14-vectorchord0.4.3` and `16.4-alpine`.
fn major(engine: &str, name: &str, tag: &str) -> Option<u32> {
    let number = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok().filter(|&number| number < 1000)
    };
    if engine == "postgres" {
        // `pg16` says which PostgreSQL it is even where the tag begins with the extension's own version.
        let named = tag.split(['-', '_', '.']).find_map(|word| number(word.strip_prefix("pg")?));
        if named.is_some() {
            return named;
        }
        // The tag of an extension's image is the extension's version.
        if name.contains("timescale") && !tag.starts_with("pg") {
            return None;
        }
    }
    number(tag.strip_prefix('v').unwrap_or(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_from_those_who_work_with_them() {
        for (image, expected) in [
            ("postgres:16.4-alpine", Some(("postgres", Some(16)))),
            ("ghcr.io/cloudnative-pg/postgresql:17.2@sha256:00", Some(("postgres", Some(17)))),
            ("pgvector/pgvector:pg16", Some(("postgres", Some(16)))),
            ("ghcr.io/immich-app/postgres:14-vectorchord0.4.3-pgvectors0.2.0", Some(("postgres", Some(14)))),
            ("timescale/timescaledb:2.17.2-pg16", Some(("postgres", Some(16)))),
            ("timescale/timescaledb-ha:2.17.2", Some(("postgres", None))),
            ("postgres", Some(("postgres", None))),
            ("valkey/valkey:8-bookworm", Some(("redis", Some(8)))),
            ("minio/minio:RELEASE.2024-05-01T01-02-03Z", Some(("minio", None))),
            ("quay.io/prometheuscommunity/postgres-exporter:v0.15.0", None),
            ("dpage/pgadmin4:8", None),
            ("prodrigestivill/postgres-backup-local:16", None),
            ("postgrest/postgrest:v12", None),
            ("minio/mc:latest", None),
            ("mongo-express:1", None),
            ("registry.k8s.io/etcd:3.5.15-0", Some(("etcd", Some(3)))),
            ("acme/thisisnotredis:1", None),
            ("acme/immich-postgres:14", Some(("postgres", Some(14)))),
            ("tensorchord/pgvecto-rs:pg14-v0.2.0", Some(("postgres", Some(14)))),
            ("nginx:1.27", None),
        ] {
            let found = engine_of_image(image);
            assert_eq!(
                found.as_ref().map(|engine| (engine.name.as_str(), engine.major)),
                expected,
                "{image}"
            );
        }
    }
}
