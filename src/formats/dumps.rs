//! Containers that take backups: known by the tools that they run or by their image, and what they copy by the names
//! that they connect to. Scripts are read word by word: enough for hosts, and never run.

use crate::facts::{BackupKind, Subject};
use crate::text::{Part, Str};

/// What a container is given under a name.
pub(super) enum Given {
    Text(Part),
    /// A key of a Secret, by the Secret's name.
    Secret(Part),
    Unknown,
}

/// A container, free of the format it is written in.
#[derive(Default)]
pub(super) struct Worker {
    pub(super) image: Option<Str>,
    /// Its command and arguments.
    pub(super) words: Vec<Part>,
    pub(super) env: Vec<(Str, Given)>,
    /// Secrets of which it is given every key.
    pub(super) secrets: Vec<Part>,
    /// The claims or named volumes that it mounts.
    pub(super) mounts: Vec<Part>,
}

/// Tools and what they make. A tool of two words needs both.
const TOOLS: &[(&str, &str, BackupKind)] = &[
    ("pg_dump", "", BackupKind::Dump),
    ("pg_dumpall", "", BackupKind::Dump),
    ("pg_basebackup", "", BackupKind::Base),
    ("wal-g", "backup-push", BackupKind::Base),
    ("pgbackrest", "backup", BackupKind::Base),
    ("mysqldump", "", BackupKind::Dump),
    ("mariadb-dump", "", BackupKind::Dump),
    ("mydumper", "", BackupKind::Dump),
    ("mariabackup", "", BackupKind::Base),
    ("mariadb-backup", "", BackupKind::Base),
    ("xtrabackup", "", BackupKind::Base),
    ("mongodump", "", BackupKind::Dump),
    ("redis-cli", "--rdb", BackupKind::Dump),
    ("valkey-cli", "--rdb", BackupKind::Dump),
    ("etcdctl", "snapshot", BackupKind::Dump),
    ("influx", "backup", BackupKind::Dump),
    ("clickhouse-backup", "", BackupKind::Dump),
    ("restic", "backup", BackupKind::Files),
    ("kopia", "snapshot", BackupKind::Files),
    ("borg", "create", BackupKind::Files),
    ("borgmatic", "", BackupKind::Files),
];

/// What images that take backups by themselves have in the last part of their names; the first that fits decides.
const IMAGES: &[(&str, BackupKind)] = &[
    ("docker-volume-backup", BackupKind::Files),
    ("volume-backup", BackupKind::Files),
    ("postgres-backup", BackupKind::Dump),
    ("pg-backup", BackupKind::Dump),
    ("pgbackup", BackupKind::Dump),
    ("pgbackweb", BackupKind::Dump),
    ("pg-dump", BackupKind::Dump),
    ("pgdump", BackupKind::Dump),
    ("postgresus", BackupKind::Dump),
    ("databasus", BackupKind::Dump),
    ("mysql-backup", BackupKind::Dump),
    ("mysqldump", BackupKind::Dump),
    ("mariadb-backup", BackupKind::Dump),
    ("mongodb-backup", BackupKind::Dump),
    ("mongo-backup", BackupKind::Dump),
    ("mongodump", BackupKind::Dump),
    ("db-backup", BackupKind::Dump),
    ("database-backup", BackupKind::Dump),
    ("borgmatic", BackupKind::Files),
    ("resticker", BackupKind::Files),
    ("autorestic", BackupKind::Files),
    ("backrest", BackupKind::Files),
    ("duplicati", BackupKind::Files),
];

/// Images that are told what to copy in pages of their own.
const ASKED: [&str; 5] = ["pgbackweb", "postgresus", "databasus", "backrest", "duplicati"];

/// What a container copies, each with how; nothing if it takes no backups.
pub(super) fn read(worker: &Worker) -> Vec<(BackupKind, Subject)> {
    let image = worker.image.as_deref().unwrap_or("");
    let name = image.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let by_image = || IMAGES.iter().find(|(word, _)| name.contains(word)).map(|(_, kind)| *kind);
    let by_tool = tool(worker);
    let Some(kind) = by_tool.or_else(by_image) else { return Vec::new() };
    let subjects = match kind {
        _ if by_tool.is_none() && ASKED.iter().any(|word| name.contains(word)) => vec![Subject::Unknown],
        BackupKind::Files => mounted(worker),
        _ => servers(worker, by_tool.is_some()),
    };
    subjects.into_iter().map(|subject| (kind, subject)).collect()
}

/// What the tool makes that a container runs.
fn tool(worker: &Worker) -> Option<BackupKind> {
    let words: Vec<&str> = words(worker).iter().map(|word| word.text).collect();
    let runs = |tool: &&(&str, &str, BackupKind)| {
        let at = words.iter().position(|word| is_tool(word, tool.0));
        at.is_some_and(|at| tool.1.is_empty() || words[at..].contains(&tool.1))
    };
    TOOLS.iter().find(runs).map(|tool| tool.2)
}

/// `/usr/bin/pg_dump` is `pg_dump`, and so is `$(pg_dump`.
fn is_tool(word: &str, tool: &str) -> bool {
    let word = word.trim_start_matches(['$', '(', '{']);
    word == tool || word.strip_suffix(tool).is_some_and(|path| path.ends_with('/'))
}

/// The volumes that a tool for files sees, without those that are its own.
fn mounted(worker: &Worker) -> Vec<Subject> {
    const OWN: [&str; 6] = ["cache", "repo", "backup", "archive", "restic", "borg"];
    let is_own = |part: &Part| OWN.iter().any(|word| part.text.contains(word));
    let others = worker.mounts.iter().filter(|part| !is_own(part));
    let claims: Vec<Subject> = others.map(|part| Subject::Claim(part.clone())).collect();
    if claims.is_empty() { vec![Subject::Unknown] } else { claims }
}

/// The servers that a container connects to: by host, else by the Secrets that let it in.
fn servers(worker: &Worker, by_tool: bool) -> Vec<Subject> {
    let (hosts, is_unsure) = hosts(worker);
    let mut subjects: Vec<Subject> = Vec::new();
    let mut add = |subject: Subject| {
        if !subjects.iter().any(|other| same(other, &subject)) {
            subjects.push(subject);
        }
    };
    for host in hosts.iter().filter(|host| !host.text.is_empty()) {
        let is_own = ["localhost", "127.0.0.1", "::1"].contains(&&*host.text) || host.text.starts_with('/');
        add(match () {
            () if is_own => Subject::Own,
            () if host.is_known() && !host.text.contains(['$', '{']) => Subject::Host(host.clone()),
            () => Subject::Unknown,
        });
    }
    if hosts.is_empty() {
        let keys = worker.env.iter().filter_map(|(_, given)| match given {
            Given::Secret(name) => Some(name),
            _ => None,
        });
        let secrets = keys.chain(&worker.secrets).filter(|name| name.is_known());
        secrets.for_each(|secret| add(Subject::Secret(secret.clone())));
    }
    if is_unsure {
        add(Subject::Unknown);
    }
    if subjects.is_empty() {
        // With neither a host nor a Secret, a tool connects to what runs beside it.
        subjects.push(if by_tool { Subject::Own } else { Subject::Unknown });
    }
    subjects
}

/// The hosts that are named, and whether there are others that are not.
fn hosts(worker: &Worker) -> (Vec<Part>, bool) {
    let (mut hosts, mut is_unsure) = (Vec::new(), false);
    for (name, given) in worker.env.iter().filter(|(name, given)| is_host_name(name) || is_address(given)) {
        match given {
            Given::Text(part) => hosts.extend(host_of(part)),
            Given::Secret(_) | Given::Unknown => is_unsure |= is_host_name(name),
        }
    }
    for host in in_script(&words(worker), &worker.env) {
        is_unsure |= host.is_none();
        hosts.extend(host);
    }
    (hosts, is_unsure)
}

fn same(a: &Subject, b: &Subject) -> bool {
    match (a, b) {
        (Subject::Host(a), Subject::Host(b)) | (Subject::Secret(a), Subject::Secret(b)) => a.text == b.text,
        _ => a == b,
    }
}

/// `PGHOST`, `POSTGRES_HOST`, `DB01_HOST`, `DB_SERVER`; not where mail is sent or files are put.
pub(super) fn is_host_name(name: &str) -> bool {
    const OTHERS: [&str; 8] = ["S3", "SMTP", "MAIL", "AWS", "MINIO", "NOTIF", "SSH", "PUSHGATEWAY"];
    let is_other = OTHERS.iter().any(|word| name.contains(word));
    !is_other && (name == "PGHOST" || ["_HOST", "_HOSTNAME", "_SERVER"].iter().any(|end| name.ends_with(end)))
}

fn is_address(given: &Given) -> bool {
    matches!(given, Given::Text(part) if address(&part.text).is_some())
}

const SCHEMES: [&str; 7] = ["postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "redis"];

/// Where the host of a connection string is in it.
fn address(text: &str) -> Option<std::ops::Range<usize>> {
    let scheme = text.find("://")?;
    let name = text[..scheme].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next()?;
    if !SCHEMES.contains(&name) {
        return None;
    }
    let from = scheme + "://".len();
    let authority = text[from..].find(['/', '?', ' ', '"', '\'']).map_or(text.len(), |end| from + end);
    let host = text[from..authority].rfind('@').map_or(from, |at| from + at + 1);
    Some(host..authority)
}

/// The host of a setting: `host`, `host:5432`, a connection string, a list of which the first counts.
fn host_of(part: &Part) -> Option<Part> {
    let range = address(&part.text).unwrap_or(0..part.text.len());
    let text = &part.text[range.clone()];
    let end = text.find([',', ' ']).unwrap_or(text.len());
    let port = text[..end].rfind(':').filter(|at| {
        let number = &text[at + 1..end];
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let end = port.unwrap_or(end);
    (end > 0).then(|| part.slice(range.start..range.start + end))
}

/// The hosts that scripts name; nothing for one that they take from where nobody sees.
fn in_script(words: &[Word], env: &[(Str, Given)]) -> Vec<Option<Part>> {
    let mut out = Vec::new();
    let mut runs_tool = false;
    for (at, word) in words.iter().enumerate() {
        // `df -h` names no host: the option is that of a tool for backups.
        runs_tool = (runs_tool && !word.begins) || TOOLS.iter().any(|tool| is_tool(word.text, tool.0));
        let assigned = word.text.split_once('=').filter(|(name, _)| is_host_name(name));
        let told = match assigned {
            Some((name, _)) => Some(word.behind(name.len() + 1)),
            None => option(word, words.get(at + 1)).filter(|_| runs_tool),
        };
        if let Some(value) = told.filter(|value| !value.text.is_empty()) {
            out.push(match value.text.strip_prefix('$') {
                Some(name) => variable(name, words, env),
                None => host_of(&value.part()),
            });
        } else if let Some(range) = address(word.text) {
            out.push(host_of(&Word { text: &word.text[..range.end], ..*word }.part()));
        } else if let Some(pod) = pod_of(word.text) {
            out.push(Some(word.behind(word.text.len() - pod.len()).part()));
        }
    }
    out
}

/// The host in a variable: assigned in the script, or given from outside.
fn variable(name: &str, words: &[Word], env: &[(Str, Given)]) -> Option<Part> {
    let name = name.trim_matches(['{', '}', '(', ')']);
    let name = name.split([':', '-']).next().unwrap_or(name);
    let set = words.iter().find(|word| word.text.split_once('=').is_some_and(|(set, _)| set == name));
    if let Some(word) = set.map(|word| word.behind(name.len() + 1)) {
        return Some(word).filter(|word| !word.text.starts_with('$')).and_then(|word| host_of(&word.part()));
    }
    match env.iter().find(|(own, _)| own == name) {
        Some((_, Given::Text(part))) => host_of(part),
        _ => None,
    }
}

/// What `-h` or `--host` names, in this word or in the next.
fn option<'t>(word: &Word<'t>, next: Option<&Word<'t>>) -> Option<Word<'t>> {
    if ["--host", "-h", "--hostname"].contains(&word.text) {
        return next.copied().filter(|value| !value.text.starts_with('-'));
    }
    if word.text.starts_with("--host=") {
        return Some(word.behind("--host=".len()));
    }
    let short = word.text.strip_prefix("-h").filter(|value| value.len() > 1);
    let is_name = |value: &str| value.starts_with(|c: char| c.is_ascii_alphabetic());
    short.filter(|value| is_name(value)).map(|_| word.behind("-h".len()))
}

/// `deploy/db`, as commands that run in another pod name it.
fn pod_of(word: &str) -> Option<&str> {
    const KINDS: [&str; 6] =
        ["deploy/", "deployment/", "deployment.apps/", "sts/", "statefulset/", "statefulset.apps/"];
    KINDS.iter().find_map(|kind| word.strip_prefix(kind)).filter(|name| !name.contains(['/', '$']))
}

/// A word of a command or of a script.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    whole: &'t Part,
    from: usize,
    /// A command begins with it.
    begins: bool,
}

impl<'t> Word<'t> {
    fn behind(&self, from: usize) -> Word<'t> {
        Word { text: &self.text[from..], from: self.from + from, ..*self }
    }

    fn part(&self) -> Part {
        self.whole.slice(self.from..self.from + self.text.len())
    }
}

/// The words of all that a container is told to run. A quote is no part of a word; items of a list are one command.
fn words(worker: &Worker) -> Vec<Word<'_>> {
    let is_end = |c: char| c.is_whitespace() || "\"';|&`\\<>".contains(c);
    let mut out = Vec::new();
    for whole in &worker.words {
        let (text, mut from) = (whole.text.as_str(), 0);
        while let Some(begin) = text[from..].find(|c| !is_end(c)).map(|at| from + at) {
            let end = text[begin..].find(is_end).map_or(text.len(), |len| begin + len);
            let between = &text[from..begin];
            let is_continued = between.contains('\\');
            let begins = between.contains([';', '|', '&', '`']) || between.contains('\n') && !is_continued;
            out.push(Word { text: &text[begin..end], whole, from: begin, begins });
            from = end;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Origin, SourceId, Span};

    fn part(text: &str) -> Part {
        Part::new(text, Origin::spelled(Span::new(SourceId(0), 0, text.len())))
    }

    fn told(image: &str, script: &str, env: &str) -> String {
        let given = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let given = match value.strip_prefix("secret:") {
                Some(secret) => Given::Secret(part(secret)),
                None if value == "?" => Given::Unknown,
                None => Given::Text(part(value)),
            };
            (Str::from(name), given)
        };
        let worker = Worker {
            image: Some(image.into()),
            words: vec![part(script)],
            env: env.split_whitespace().map(given).collect(),
            mounts: vec![part("data"), part("cache")],
            ..Worker::default()
        };
        let one = |(kind, subject): (BackupKind, Subject)| {
            let of = match subject {
                Subject::Host(part) => part.text.to_string(),
                Subject::Secret(part) => format!("secret {}", part.text),
                Subject::Claim(part) => format!("claim {}", part.text),
                Subject::Own => "own".into(),
                _ => "?".into(),
            };
            format!("{} {of}", kind.name())
        };
        read(&worker).into_iter().map(one).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_a_container_copies() {
        for (image, script, env, expected) in [
            ("postgres:16", "pg_dump -h main-rw -U app app", "", "logical dump main-rw"),
            ("postgres:16", "/usr/bin/pg_dumpall --host=main-rw.db.svc", "", "logical dump main-rw.db.svc"),
            ("postgres:16", "exec pg_dump app | gzip > /b/x", "PGHOST=db:5432", "logical dump db"),
            ("postgres:16", "pg_dump app", "PGHOST=? PGUSER=x", "logical dump ?"),
            ("postgres:16", "pg_dump app", "PGPASSWORD=secret:main-app", "logical dump secret main-app"),
            (
                "postgres:16",
                "pg_dump app",
                "PGHOST=secret:main-app",
                "logical dump secret main-app, logical dump ?",
            ),
            ("postgres:16", "pg_dump postgres://a:b@db.x.svc:5432/app", "", "logical dump db.x.svc"),
            ("postgres:16", "pg_dump $DATABASE_URL", "DATABASE_URL=postgresql://db/app", "logical dump db"),
            ("postgres:16", "DB_HOST=pg.x\npg_dump -h \"$DB_HOST\" app", "", "logical dump pg.x"),
            ("mysql:8", "H=my.x.svc\nif mysqldump -h \"$H\" -u a; then", "", "logical dump my.x.svc"),
            ("mysql:8", "mysqldump -h $(H)", "H=my", "logical dump my"),
            ("mysql:8", "H=$(cat x); mysqldump -h $H", "", "logical dump ?"),
            ("postgres:16", "pg_dump -h $(cat /host) app", "", "logical dump ?"),
            ("postgres:16", "pg_dump -h \"${WHERE}\" app", "", "logical dump ?"),
            ("postgres:16", "pg_dump -h localhost app", "", "logical dump own"),
            ("postgres:16", "pg_dump app", "", "logical dump own"),
            ("postgres:16", "pg_basebackup -h main-r -D /b", "", "base backup main-r"),
            ("mariadb:11", "mariadb-dump -hdb --all-databases", "", "logical dump db"),
            ("mysql:8", "mysqldump --host db x", "SMTP_HOST=mail", "logical dump db"),
            ("mongo:7", "mongodump --uri mongodb://m.x.svc/db", "", "logical dump m.x.svc"),
            ("redis:7", "redis-cli -h cache --rdb /b/x", "", "logical dump cache"),
            ("redis:7", "redis-cli -h cache ping", "", ""),
            ("bitnami/kubectl:1", "kubectl exec -n x deploy/db -- pg_dump app", "", "logical dump db"),
            ("a/postgres-backup-local:16", "", "POSTGRES_HOST=db S3_HOST=s3", "logical dump db"),
            ("tiredofit/db-backup:4", "", "DB01_HOST=a DB02_HOST=b", "logical dump a, logical dump b"),
            ("eduardolat/pgbackweb:1", "", "PBW_CONN=postgresql://own/db", "logical dump ?"),
            ("a/postgres-backup-s3:16", "", "", "logical dump ?"),
            ("offen/docker-volume-backup:v2", "", "", "file copy claim data"),
            ("restic/restic:0.17", "restic backup /data", "", "file copy claim data"),
            ("restic/restic:0.17", "restic check", "", ""),
            ("postgres:16", "df -h /backup; pg_dump -h db app; ls -h x", "", "logical dump db"),
            ("postgres:16", "psql -h db -c 'select 1'", "", ""),
            ("a/my_pg_dump_reader:1", "echo no", "", ""),
        ] {
            assert_eq!(told(image, script, env), expected, "{image} {script} {env}");
        }
    }
}
