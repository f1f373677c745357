#!/usr/bin/env python3
"""A naive grep for images of databases, held against the databases that `pintle storage` lists.

    engines.py [-v] PINTLE FOLDER...

A line that names an image called as a database is *listed* if a row of a database has a place on it, in the map that it
is in, or, for an operator's resource or a release, in its document with an engine of that name. It is *lost* otherwise.
Told apart, each with its reason: what is no server by its name (exporters, clients, operators), what prepares, ends or
only runs in a pipeline, what is the code of a chart or its default while the chart is not delivered, and what only
tests read. `-v` prints what is lost, and what is told apart.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import greps  # noqa: E402

ENGINES = {
    "postgres": r"postgres(ql)?|postgis|timescaledb(-ha)?|pgvector|pgvecto-rs|pgvecto\.rs|cloudnative-pgvecto\.rs"
    r"|vectorchord|cloudnative-vectorchord|tensorchord|crunchy-postgres(-\w+)?|spilo(-\d+)?|paradedb|supabase-postgres",
    "mysql": r"mysql|mysql-server|mariadb|percona-server|percona-xtradb-cluster",
    "mongodb": r"mongo|mongodb(-\w+-server)?|percona-server-mongodb|ferretdb",
    "redis": r"redis(-stack(-server)?)?|valkey|dragonfly|keydb|garnet",
    "clickhouse": r"clickhouse(-server)?",
    "elasticsearch": r"elasticsearch(-oss)?|opensearch",
    "influxdb": r"influxdb",
    "minio": r"minio",
    "rabbitmq": r"rabbitmq",
    "kafka": r"kafka|cp-kafka|redpanda",
    "nats": r"nats",
    "etcd": r"etcd",
    "couchdb": r"couchdb",
    "cassandra": r"cassandra|scylla",
    "victoriametrics": r"victoria-metrics|vmsingle|vmstorage|victoria-logs|vlstorage",
    "prometheus": r"prometheus",
    "loki": r"loki",
    "qdrant": r"qdrant",
    "meilisearch": r"meilisearch",
    "neo4j": r"neo4j",
    "cockroachdb": r"cockroach",
    "mssql": r"mssql/server",
}
IMAGE = re.compile(
    r"^(?P<in>[\s-]*)[\"']?(?P<key>image|imageName|repository|Image|\w*[iI]mage\w*)[\"']?\s*[:=]\s*[\"']?(?P<ref>[^\s\"'#,}]+)"
)
NO_SERVER = re.compile(
    r"exporter|operator|backup|pooler|pgbouncer|pgadmin|adminer|commander|insight|webui|-ui\b|console|client|proxy"
    r"|reloader|sidecar|nats-box|/mc\b|admission|config-|-init|migrat|pgbackrest|bouncer|mcp|compressor"
)
ENDS = (".yaml", ".yml", ".tf", ".j2", ".gotmpl", ".tpl", ".container", ".nomad", ".hcl")
JOB = re.compile(r"^kind:\s*[\"']?(Job|CronJob|Workflow|CronWorkflow|Task|Pipeline)\b", re.M)


def engine_of(reference):
    """The engine that a reference is called as; `a/b/postgres:16@sha256:…` is postgres."""
    bare = re.sub(r"@.*$", "", reference)
    bare = re.sub(r":[^/:]*$", "", bare)
    last = bare.rsplit("/", 1)[-1]
    for engine, words in ENGINES.items():
        if re.fullmatch(words, last):
            return engine
    return None


def above(lines, at):
    """The keys that a line is below."""
    own, keys, in_item = greps.indent(lines[at]), [], False
    for line in reversed(lines[: at + 1]):
        bare = line.lstrip()
        if not bare or bare.startswith("#"):
            continue
        deep, is_item = len(line) - len(bare), bare.startswith("- ")
        # A list may stand as far out as its key.
        if deep < own or deep == own and in_item and not is_item:
            found = re.match(r"(?:- )?[\"']?([\w.-]+)[\"']?\s*:", bare)
            own, in_item = deep, is_item
            if found:
                keys.append(found[1])
        if own == 0 and not in_item:
            break
    return keys


def apart(name, lines, at, document, reference, tests, path):
    """Why a line asks for no server."""
    keys, text = above(lines, at), "\n".join(lines[document[0] : document[1]])
    if path in tests:
        return "only a test reads it"
    if "status" in keys:
        return "what a cluster says of itself"
    if "/ci/" in "/" + name and name.endswith("values.yaml"):
        return "only a test reads it"
    if NO_SERVER.search(reference) or NO_SERVER.search(lines[at].split(":")[0]) or any(re.search(r"exporter|metrics|backup|initContainer|migrat", key) for key in keys):
        return "no server, by its name"
    if "initContainers" in keys or JOB.search(text):
        return "it prepares, or ends"
    first, last = greps.around(lines, at)
    if re.search(r"\bPGHOST\b", "\n".join(lines[first:last])):
        return "it asks a server elsewhere"
    if re.search(r"(^|/)\.(github|gitlab|forgejo|gitea|woodpecker|circleci)|\.gitlab-ci", name):
        return "it runs in a pipeline"
    if "/templates/" in "/" + name and "{{" in text:
        return "code of a chart"
    if re.search(r"^kind:\s*(CustomResourceDefinition|\w*Policy|Kustomization|Component|ImageRepository|ImagePolicy)\b", text, re.M):
        return "no object that runs"
    if re.search(r"values[\w.-]*\.ya?ml$", name) and os.path.exists(os.path.join(os.path.dirname(path), "Chart.yaml")):
        return "default of a chart"
    return None


def rows(stock):
    """The spots of databases, by file: line and engine."""
    out = {}
    for row in stock["databases"]:
        spots = [row] + row["road"] + row["backups"]
        for spot in spots:
            out.setdefault(spot["file"], set()).add((spot["start"]["line"], row["engine"]))
    return out


def listed(lines, at, document, engine, spots):
    a, b = greps.around(lines, at)
    if any(line == at + 1 or a < line <= b for line, _ in spots):
        return True
    is_compose = any(line.startswith("services:") for line in lines)
    return not is_compose and any(
        document[0] < line <= document[1] and engine in (name, name.split("-")[0]) for line, name in spots
    )


def main():
    args = [arg for arg in sys.argv[1:] if arg != "-v"]
    wordy, tally, reasons = "-v" in sys.argv, {}, {}
    for folder in args[1:]:
        folder = folder.rstrip("/")
        spots, tests = rows(greps.inventory(args[0], folder)), greps.expected(folder)
        for top, folders, files in os.walk(folder):
            folders[:] = sorted(one for one in folders if one != ".git")
            for file in sorted(files):
                path = os.path.join(top, file)
                name = os.path.relpath(path, folder)
                if not file.endswith(ENDS):
                    continue
                try:
                    lines = open(path, encoding="utf-8").read().split("\n")
                except (UnicodeDecodeError, OSError):
                    continue
                for at, line in enumerate(lines):
                    found = IMAGE.match(line)
                    engine = found and engine_of(found["ref"])
                    if not engine:
                        continue
                    document = next((a, b) for a, b in greps.documents(lines) if a <= at <= b)
                    why = apart(name, lines, at, document, found["ref"], tests, path)
                    is_listed = listed(lines, at, document, engine, spots.get(name, set()))
                    verdict = "listed" if is_listed else "apart" if why else "lost"
                    if verdict == "apart":
                        reasons[why] = reasons.get(why, 0) + 1
                    tally.setdefault(engine, {}).setdefault(verdict, 0)
                    tally[engine][verdict] += 1
                    if wordy and verdict != "listed":
                        print(f"{verdict}\t{os.path.basename(folder)}\t{name}:{at + 1}\t{line.strip()}\t{why or ''}")
    total = {}
    for engine, verdicts in sorted(tally.items()):
        print(f"{engine:16}", " ".join(f"{key} {number}" for key, number in sorted(verdicts.items())))
        for key, number in verdicts.items():
            total[key] = total.get(key, 0) + number
    for why, number in sorted(reasons.items()):
        print(f"apart: {number} {why}")
    held = total.get("listed", 0) + total.get("lost", 0)
    print(f"held {held}: listed {100 * total.get('listed', 0) / max(held, 1):.1f} %")


if __name__ == "__main__":
    main()
