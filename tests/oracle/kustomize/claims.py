#!/usr/bin/env python3
"""Compares which claim has which storage class and which users: what `pintle storage` says with what truth.py wrote.

    claims.py TRUTH_DIR REPOS_DIR --pintle BINARY [--only REPO] [--show N]

TRUTH_DIR   a folder for each repository, with the kustomize.jsonl and flux.jsonl that truth.py wrote
REPOS_DIR   the clones, under the same names; read for what loads what, and for Argo CD Applications

A claim is a PersistentVolumeClaim, a volumeClaimTemplate of a StatefulSet, an ephemeral volume, or the storage of a CloudNativePG
Cluster; it goes by (cluster, namespace, owner, name). Its users are the objects of the same cluster and namespace that have a pod
volume with its name, in a pod template or wherever else a `persistentVolumeClaim.claimName` is; what declares a claim uses it.

Builds are told apart in groups:
    flux       what Flux Kustomizations deliver
    argocd     what Applications of this repository deliver: a kustomization or a folder of manifests, in their destination's namespace;
               of ApplicationSets only those with a git generator of directories
    kustomize  the outermost kustomizations, where none of both is; each is a cluster
    left over  outermost kustomizations that no delivery loads
    by parts   what of `kustomize` and `left over` does not build offline: what its parts hold, in its namespace; its patches are not known
Each group has a second kind of pairs, `by values`: a HelmRelease whose values name a claim by `existingClaim` or `claimName`. What
the chart does with it is not known; only that its author meant this claim is.

pintle tells a cluster (`environment`) only of a claim that several have: a row without one counts for each cluster. An empty
namespace and `default` are the same. Classes and names with variables that nobody knows offline are not counted.
"""

import argparse
import collections
import fnmatch
import functools
import json
import os
import posixpath
import re
import subprocess
import sys

import objects
import workcopy
from compare import percent, read_lines
from flux import dig, list_of, map_of, name_of, namespace_of
from truth import read_documents
from workcopy import clean_path

GROUPS = ("flux", "argocd", "kustomize", "left over", "by parts")
# What brings its own templates: who really uses the claim is in the chart.
BY_VALUES = ("HelmRelease", "Application", "HelmChart")
# Rows of pintle that are neither objects of Kubernetes nor in the truth: compose services, values of charts.
ELSEWHERE = ("service", "values")
# What a namespace must not be put on. Only kinds that hold or use claims matter here.
CLUSTER_SCOPED = ("Namespace", "StorageClass", "PersistentVolume", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")
# What declares claims of its own.
DECLARING = ("PersistentVolumeClaim", "StatefulSet", "Cluster", "Deployment", "DaemonSet", "Job", "CronJob", "Pod")

Claim = collections.namedtuple("Claim", "namespace owner_kind owner name")
# `known_as`: the names that pintle may give to the cluster.
Build = collections.namedtuple("Build", "group cluster known_as objects")


class Told:
    """What is known of a claim: its class (None: omitted, "": none, False: not known) and who uses it."""

    def __init__(self, storage_class):
        self.storage_class = storage_class
        self.users = set()
        self.by_values = set()


def home(namespace):
    return namespace or "default"


def label(kind, namespace, name):
    return (kind, home(namespace), name)


def show_label(user):
    return "/".join(user)


def show_claim(claim):
    own = "" if claim.owner_kind == "PersistentVolumeClaim" else " of %s/%s" % (claim.owner_kind, claim.owner)
    return "%s/%s%s" % (claim.namespace, claim.name, own)


# ---- what an object says ----


def class_of(spec, key="storageClassName"):
    value = map_of(spec).get(key)
    if value is None:
        return None
    return False if objects.unknown(value) else str(value)


def declared(value):
    """[(Claim, class)] of what an object declares."""
    kind, api = value.get("kind"), str(value.get("apiVersion", ""))
    namespace, name = home(namespace_of(value)), name_of(value)
    found = []
    if kind == "PersistentVolumeClaim":
        found.append((Claim(namespace, kind, name, name), class_of(value.get("spec"))))
    elif kind == "StatefulSet":
        for template in list_of(dig(value, "spec", "volumeClaimTemplates")):
            found.append((Claim(namespace, kind, name, name_of(template)), class_of(map_of(template).get("spec"))))
    elif kind == "Cluster" and api.startswith("postgresql.cnpg.io/"):
        for field, what in (("storage", "data"), ("walStorage", "wal")):
            storage = dig(value, "spec", field)
            if isinstance(storage, dict):
                written = class_of(storage, "storageClass")
                written = class_of(storage.get("pvcTemplate")) if written is None else written
                found.append((Claim(namespace, kind, name, what), written))
    for item in walk(value):
        spec = dig(item, "ephemeral", "volumeClaimTemplate", "spec")
        if isinstance(spec, dict) and isinstance(item.get("name"), str):
            found.append((Claim(namespace, kind, name, item["name"]), class_of(spec)))
    return found


def walk(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def used(value):
    """Names of the claims that an object uses."""
    names = set()
    for item in walk(value):
        name = dig(item, "persistentVolumeClaim", "claimName")
        if isinstance(name, str):
            names.add(name)
        if value.get("kind") in BY_VALUES and isinstance(item.get("existingClaim"), str):
            names.add(item["existingClaim"])
    # Charts often render their values: the release's own name is the one thing that is known of it here.
    release = str(dig(value, "spec", "releaseName") or name_of(value))
    names = {re.sub(r"\{\{-? *\.Release\.Name *-?\}\}", release, name) for name in names}
    return {name for name in names if name and not objects.unknown(name)}


def user_namespace(value):
    """Where the pods of an object run."""
    if value.get("kind") == "HelmRelease":
        return str(dig(value, "spec", "targetNamespace") or namespace_of(value))
    return namespace_of(value)


def claims_of(values):
    """{Claim: Told} of the objects of one cluster."""
    found = {}
    for value in values:
        for claim, storage_class in declared(value):
            told = found.setdefault(claim, Told(storage_class))
            if claim.owner_kind != "PersistentVolumeClaim":
                told.users.add((claim.owner_kind, claim.namespace, claim.owner))
    by_name = {(claim.namespace, claim.name): told for claim, told in found.items() if claim.owner_kind == "PersistentVolumeClaim"}
    for value in values:
        if objects.unknown(name_of(value)):
            continue
        for name in used(value):
            told = by_name.get((home(user_namespace(value)), name))
            if told is not None:
                users = told.by_values if value.get("kind") in BY_VALUES else told.users
                users.add(label(value.get("kind"), namespace_of(value), name_of(value)))
    return {claim: told for claim, told in found.items() if not any(objects.unknown(part) for part in claim)}


# ---- what loads what ----


class Loading:
    """Which files and folders each kustomization of a repository takes, as its file says."""

    def __init__(self, repo, paths):
        self.folders, self.files, self.namespaces = {}, {}, {}
        for path in paths:
            if os.path.basename(path) not in workcopy.KUSTOMIZATION_NAMES or os.path.islink(os.path.join(repo, path)):
                continue
            folder = os.path.dirname(path) or "."
            for value in read_documents(os.path.join(repo, path))[:1]:
                entries = [entry for field in ("resources", "bases", "components") for entry in list_of(value.get(field))]
                entries = [posixpath.normpath(posixpath.join(folder, entry)) for entry in entries if isinstance(entry, str)]
                self.folders[folder] = {entry for entry in entries if os.path.isdir(os.path.join(repo, entry))}
                self.files[folder] = {entry for entry in entries if os.path.isfile(os.path.join(repo, entry))}
                self.namespaces[folder] = str(value.get("namespace") or "")

    def below(self, folders):
        """The kustomizations that these load, themselves included."""
        reached, waiting = set(), list(folders)
        while waiting:
            folder = waiting.pop()
            if folder not in reached:
                reached.add(folder)
                waiting += self.folders.get(folder, ())
        return reached


def parts_of(repo, folder, plain, loading, above=()):
    """The objects that the parts of a kustomization hold, in its namespace."""
    record = plain.get(folder)
    if folder in above:
        return []
    if record and (record["ok"] or record.get("partial")):
        return record["objects"]
    values = []
    for inner in sorted(loading.folders.get(folder, ())):
        values += parts_of(repo, inner, plain, loading, above + (folder,))
    for file in sorted(loading.files.get(folder, ())):
        values += read_documents(os.path.join(repo, file))
    return [moved(value, loading.namespaces.get(folder), always=True) for value in values if isinstance(value, dict)]


def beneath(folder, paths):
    return [path for path in paths if folder == "." or path.startswith(folder + "/")]


# ---- builds ----


def flux_builds(records, loading, paths):
    """(builds, the kustomizations that they load). Roots of one folder belong to one cluster."""
    builds, reached, root = [], set(), None
    for record in records:
        root = record if record["root"] else root
        if not record["ok"] and not record.get("partial"):
            continue
        folder = re.sub(r"(^|/)flux-system$", "", os.path.dirname(root["file"] or "")) or root["name"]
        known_as = set(folder.split("/")) | {root["name"], os.path.basename(clean_path(root["path"]))}
        cluster = (folder, record.get("cluster"))
        builds.append(Build("flux", cluster, known_as, record["objects"]))
        # A folder without a kustomization holds all that is below it.
        path = clean_path(record["path"])
        held = [path] if path in loading.folders else [folder for folder in loading.folders if beneath(path, [folder])]
        reached |= loading.below(held)
    return builds, reached


def applications(repo, name, paths):
    """(Application, path, namespace, cluster, recurse) of all that this repository delivers from itself."""
    steps = [os.path.dirname(path).split("/") for path in paths if "/" in path]
    folders = sorted({"/".join(step[:depth]) for step in steps for depth in range(1, len(step) + 1)})
    for path in paths:
        if not path.endswith((".yaml", ".yml")) or os.path.islink(os.path.join(repo, path)):
            continue
        with open(os.path.join(repo, path), "rb") as source:
            if b"argoproj.io" not in source.read():
                continue
        for value in read_documents(os.path.join(repo, path)):
            if not str(value.get("apiVersion", "")).startswith("argoproj.io/"):
                continue
            if value.get("kind") == "Application":
                yield from sources_of(map_of(value.get("spec")), name, name_of(value), str)
            elif value.get("kind") == "ApplicationSet":
                yield from generated(value, name, folders)


def sources_of(spec, repo_name, name, fill):
    target = map_of(spec.get("destination"))
    cluster = str(target.get("server") or target.get("name") or "")
    for source in [map_of(spec.get("source"))] + [map_of(entry) for entry in list_of(spec.get("sources"))]:
        url = re.sub(r"\.git$", "", str(source.get("repoURL") or "").rstrip("/"))
        if source.get("path") and not source.get("helm") and url.rsplit("/", 1)[-1].lower() == repo_name.lower():
            recurse = bool(dig(source, "directory", "recurse"))
            yield fill(name), clean_path(fill(str(source["path"]))), fill(str(target.get("namespace") or "")), cluster, recurse


def generated(value, repo_name, folders):
    """The same for an ApplicationSet with a git generator of directories."""
    template = map_of(dig(value, "spec", "template"))
    for generator in list_of(dig(value, "spec", "generators")):
        wanted = [map_of(entry) for entry in list_of(dig(generator, "git", "directories"))]
        taken = [str(entry.get("path")) for entry in wanted if not entry.get("exclude")]
        excluded = [str(entry.get("path")) for entry in wanted if entry.get("exclude")]
        for folder in folders:
            if is_any_of(folder, taken) and not is_any_of(folder, excluded):
                fill = functools.partial(fill_path, folder)
                yield from sources_of(map_of(template.get("spec")), repo_name, name_of(template), fill)


def is_any_of(folder, patterns):
    """Whether a pattern means a folder; a star stands for one step of the path."""
    depth = folder.count("/")
    return any(pattern.count("/") == depth and fnmatch.fnmatchcase(folder, pattern) for pattern in patterns)


def fill_path(folder, text):
    text = re.sub(r"\{\{ *\.?path(\.path)? *\}\}", folder, text)
    return re.sub(r"\{\{ *\.?path\.basename *\}\}", os.path.basename(folder), text)


def argocd_builds(repo, name, plain, loading, paths):
    builds, reached = [], set()
    for app, path, namespace, cluster, recurse in applications(repo, name, paths):
        if path in loading.folders:
            record = plain.get(path)
            values = record["objects"] if record and (record["ok"] or record.get("partial")) else []
            reached |= loading.below([path])
        elif os.path.isfile(os.path.join(repo, path, "Chart.yaml")):
            continue
        else:
            held = [file for file in beneath(path, paths) if file.endswith((".yaml", ".yml", ".json"))
                    and (recurse or os.path.dirname(file) == path)]
            values = [value for file in held for value in read_documents(os.path.join(repo, file))]
        values = [moved(value, namespace) for value in values if isinstance(value, dict)]
        builds.append(Build("argocd", cluster, {app, os.path.basename(path)}, values))
    return builds, reached


def moved(value, namespace, always=False):
    """The object in a namespace: Argo CD does so with what has none, a kustomization always."""
    if not namespace or (namespace_of(value) and not always) or value.get("kind") in CLUSTER_SCOPED:
        return value
    return {**value, "metadata": {**map_of(value.get("metadata")), "namespace": namespace}}


def without_variables(value):
    """The objects of a build that no Flux fills: who fills `${NAME}` is not known."""
    if isinstance(value, str):
        return re.sub(r"(?<!\$)\$\{[^{}]*\}", objects.MARKER, value)
    if isinstance(value, list):
        return [without_variables(item) for item in value]
    if isinstance(value, dict):
        return {key: without_variables(item) for key, item in value.items()}
    return value


def builds_of(truth, repo):
    """Every build of a repository."""
    paths = workcopy.tracked_files(repo)
    loading = Loading(repo, paths)
    plain = {clean_path(record["dir"]): record for record in read_lines(os.path.join(truth, "kustomize.jsonl"))}
    builds, reached = flux_builds(read_lines(os.path.join(truth, "flux.jsonl")), loading, paths)
    more, also = argocd_builds(repo, os.path.basename(repo).rsplit("+", 1)[-1], plain, loading, paths)
    builds, reached = builds + more, reached | also
    is_declared = any(build.objects for build in builds)
    loaded = {inner for folder, inners in loading.folders.items() for inner in inners}
    for folder, record in plain.items():
        if folder in loaded or folder in reached:
            continue
        known_as = set(folder.split("/"))
        if record["ok"] or record.get("partial"):
            group = "left over" if is_declared else "kustomize"
            builds.append(Build(group, folder, known_as, without_variables(record["objects"])))
        elif record["class"] != "other":
            builds.append(Build("by parts", folder, known_as, without_variables(parts_of(repo, folder, plain, loading))))
    return builds


# ---- what pintle says ----


class Row:
    def __init__(self, value):
        kind, _, rest = value["owner"].partition("/")
        namespace, _, owner = rest.rpartition("/")
        # Of a compose file or a chart the namespace is nobody's business.
        self.claim = Claim(home(namespace or value["namespace"]), kind, owner, value["name"])
        self.environment = value["environment"]
        self.storage_class = {"named": value["class"] or "", "omitted": None}.get(value["decided"], value["class"] or "?")
        self.file = value["file"]
        users = [user.split("/") for user in value["used_by"]]
        users = [label(user[0], user[1] if len(user) > 2 else "", user[-1]) for user in users]
        self.by_values = {user for user in users if user[0] in BY_VALUES + ELSEWHERE}
        self.users = set(users) - self.by_values
        self.is_known = False
        self.allowed = set()

    def fits(self, known_as):
        return self.environment is None or self.environment in known_as


def rows_of(pintle, repo):
    """What `pintle storage` says of claims."""
    result = subprocess.run([pintle, "storage", "--no-config", "--root", repo, repo, "-o", "json"], capture_output=True)
    if result.returncode not in (0, 1):
        raise SystemExit("%s in %s: %s" % (pintle, repo, result.stderr.decode("utf-8", "replace").strip()))
    return [Row(value) for value in json.loads(result.stdout)["claims"]]


# ---- the comparison ----


class Listing:
    """Every difference, by its class."""

    def __init__(self):
        self.lines = []

    def add(self, sort, repo, group, cluster, claim, want="", got=""):
        self.lines.append((sort, repo, group, str(cluster), claim, want, got))

    def print(self, limit):
        for sort in sorted({line[0] for line in self.lines}):
            lines = [line for line in self.lines if line[0] == sort]
            print("\n%s: %d" % (sort, len(lines)))
            for _, repo, group, cluster, claim, want, got in lines[:limit]:
                print("  %s [%s] %s  %s" % (repo, group, cluster, claim))
                print("      want %s\n      got  %s" % (objects.clip(want), objects.clip(got)))


def compare(repo, builds, rows, listing):
    """{group: Counter} of one repository."""
    counts = collections.defaultdict(collections.Counter)
    clusters = {}
    for build in builds:
        known_as, values = clusters.setdefault((build.group, build.cluster), (set(), []))
        known_as |= build.known_as
        values += [value for value in build.objects if isinstance(value, dict)]
    by_claim = collections.defaultdict(list)
    for row in rows:
        by_claim[row.claim].append(row)
    for (group, cluster), (known_as, values) in sorted(clusters.items(), key=lambda entry: str(entry[0])):
        where = "/".join(filter(None, cluster)) if isinstance(cluster, tuple) else cluster
        for claim, told in claims_of(values).items():
            here = [row for row in by_claim[claim] if row.fits(known_as)]
            add = functools.partial(listing.add, repo=repo, group=group, cluster=where, claim=show_claim(claim))
            compare_claim(told, here, counts[group], add)
            if not here:
                near = {"%s in %s" % (show_claim(row.claim), row.environment or "any") for row in rows if row.claim.name == claim.name}
                add("claim missing", got=", ".join(sorted(near)) or "nothing")
    left_over(repo, rows, counts, listing)
    return counts


def compare_claim(told, here, count, add):
    """Scores the rows of pintle about a claim of one cluster."""
    count.update({"claims": 1, "found": bool(here), "pairs": len(told.users), "by values": len(told.by_values)})
    # A claim may have several rows: the one that knows most speaks for this cluster.
    row = min(here, key=lambda row: (row.storage_class != told.storage_class, len(row.users ^ told.users)), default=None)
    if row is not None and told.storage_class is not False and row.storage_class != told.storage_class:
        add("class differs", want=str(told.storage_class), got=str(row.storage_class))
    elif row is not None:
        count["right"] += 1
    got = set().union(*(row.users for row in here))
    got_by_values = set().union(*(row.by_values for row in here))
    count.update({"pairs right": len(told.users & got), "by values right": len(told.by_values & got_by_values)})
    for sort, missing, instead in (
        ("pair missing", told.users - got, got),
        ("by values missing", told.by_values - got_by_values, got_by_values),
    ):
        for user in sorted(missing):
            add(sort, want=show_label(user), got=", ".join(map(show_label, sorted(instead))))
    for row in here:
        row.is_known = True
        row.allowed |= told.users | told.by_values


def left_over(repo, rows, counts, listing):
    """Users that no cluster has, and rows about claims that the truth does not have."""
    main = next((group for group in GROUPS if counts[group]["claims"]), GROUPS[0])
    for row in rows:
        about = dict(repo=repo, group=main, cluster=row.environment or "any", claim=show_claim(row.claim))
        if row.is_known:
            for user in sorted((row.users | row.by_values) - row.allowed):
                is_by_values = user[0] in BY_VALUES + ELSEWHERE
                counts[main]["by values extra" if is_by_values else "pairs extra"] += 1
                listing.add("by values extra" if is_by_values else "pair extra", got=show_label(user), **about)
        elif row.claim.owner_kind in DECLARING:
            counts["not in truth"].update({"rows": 1, "pairs": len(row.users)})
            got = [row.file] + [show_label(user) for user in sorted(row.users)]
            listing.add("row not in truth", got=", ".join(got), **about)
        else:
            counts["not in truth"]["of charts, compose files and operators"] += 1


def print_counts(title, counts):
    print(title)
    for group in GROUPS:
        c = counts.get(group)
        if c and c["claims"]:
            print("  %-10s claims %5d   found %5d %s   class too %5d %s" % (
                group, c["claims"], c["found"], percent(c["found"], c["claims"]), c["right"], percent(c["right"], c["claims"])))
            print("  %-10s pairs  %5d   right %5d %s   missing %d   extra %d" % (
                "", c["pairs"], c["pairs right"], percent(c["pairs right"], c["pairs"]), c["pairs"] - c["pairs right"], c["pairs extra"]))
            if c["by values"] or c["by values extra"]:
                print("  %-10s values %5d   right %5d %s   missing %d   extra %d" % (
                    "", c["by values"], c["by values right"], percent(c["by values right"], c["by values"]),
                    c["by values"] - c["by values right"], c["by values extra"]))
    rest = counts.get("not in truth")
    if rest:
        print("  not in truth: %s" % ", ".join("%d %s" % (count, what) for what, count in sorted(rest.items())))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth")
    parser.add_argument("repos")
    parser.add_argument("--pintle", required=True, help="the binary")
    parser.add_argument("--only", metavar="REPO", help="only repositories with this in their name")
    parser.add_argument("--show", type=int, default=5, metavar="N", help="list the first N differences of each class")
    options = parser.parse_args()
    listing, totals = Listing(), collections.defaultdict(collections.Counter)
    for repo in sorted(os.listdir(options.truth)):
        truth, clone = os.path.join(options.truth, repo), os.path.join(options.repos, repo)
        if not os.path.isfile(os.path.join(truth, "kustomize.jsonl")) or (options.only and options.only not in repo):
            continue
        counts = compare(repo, builds_of(truth, clone), rows_of(os.path.abspath(options.pintle), clone), listing)
        print_counts(repo, counts)
        for group, count in counts.items():
            totals[group].update(count)
    print_counts("TOTAL", totals)
    listing.print(options.show)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
