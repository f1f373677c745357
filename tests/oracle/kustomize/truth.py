#!/usr/bin/env python3
"""Writes what the real tools deliver from a repository: OUT_DIR/kustomize.jsonl and OUT_DIR/flux.jsonl.

    truth.py REPO_DIR OUT_DIR [--kustomize BINARY] [--name NAME]

kustomize.jsonl  one record for each kustomization:        dir, ok, class, error, cause, partial, objects
flux.jsonl       one record for each Flux Kustomization:   root, chain, name, namespace, path, file, source, ok, class, error, cause,
                                                           partial, suspended, unknown_vars, objects

`class` says why a build failed: network, helm, restricted (a file outside of its folder, which the command refuses and Flux allows),
source (not this repository), path (no such folder), unknown (a variable in the path) or other.
`partial`: the objects are those of a build without what needs the network, helm or a restriction. `ok` is false then.
`below_partial`: a Flux Kustomization that comes from a partial one. The real Flux would not get that far today.
"""

import argparse
import json
import os
import posixpath
import re
import shutil
import sys
import tempfile

import flux
import kube_yaml
import sourceignore
import workcopy
from flux import dig, list_of, map_of, name_of, namespace_of
from workcopy import clean_path


def short(complaints):
    """The beginning, and the end: kustomize wraps the cause into many layers."""
    text = " ".join(complaints.split())
    return {"error": text[:300], "cause": text[-200:] if len(text) > 300 else ""}


def read_documents(path):
    """The documents of a file, none if it is not YAML (templates)."""
    try:
        with open(path, encoding="utf-8") as source:
            text = source.read()
        return [value for value in kube_yaml.load_all(text) if isinstance(value, dict)]
    except Exception:
        return []


# ---- kustomizations ----


def kustomization_folders(root, paths):
    """Folders with a kustomization of kind Kustomization: not Components, and not Flux objects in a file of that name."""
    folders = []
    for path in paths:
        if os.path.basename(path) not in workcopy.KUSTOMIZATION_NAMES or not os.path.isfile(os.path.join(root, path)):
            continue
        values = read_documents(os.path.join(root, path))
        first = values[0] if values else {}
        if first.get("kind") == "Component" or flux.is_flux_kustomization(first):
            continue
        folder = os.path.dirname(path) or "."
        if folder not in folders:
            folders.append(folder)
    return folders


def kustomize_records(kustomize, root, offline, paths):
    for folder in kustomization_folders(root, paths):
        ok, output, complaints = kustomize.build(root, folder)
        record = {"dir": folder, "ok": ok, "class": "", "error": "", "objects": []}
        if ok:
            record["objects"] = kube_yaml.load_all(output)
            if complaints:
                record["warnings"] = complaints[:300]
        else:
            record["class"] = workcopy.classify(complaints)
            record.update(short(complaints))
            if record["class"] != "other":
                # Once more with what Flux and Argo CD allow, then without what needs the network or helm.
                unrestricted = kustomize.build(root, folder, unrestricted=True) if record["class"] == "restricted" else (False, "", "")
                ok, output, _ = unrestricted if unrestricted[0] else kustomize.build(offline(), folder, unrestricted=True)
                if ok:
                    record["partial"] = True
                    record["objects"] = kube_yaml.load_all(output)
        yield record


# ---- Flux ----


class Declared:
    """A Flux Kustomization, or what is taken for one, in a file."""

    def __init__(self, file, value, by):
        self.file = file
        self.value = value
        # "Kustomization", or the FluxInstance whose sync it is.
        self.by = by

    def key(self):
        return (self.file, namespace_of(self.value), name_of(self.value))


class Node:
    """A Flux Kustomization in a cluster."""

    def __init__(self, value, file, parent, lives_in):
        self.value = value
        self.file = file
        self.parent = parent
        # The cluster that has the object. With kubeConfig it delivers to another one.
        self.lives_in = lives_in
        self.partial = False
        remote = dig(value, "spec", "kubeConfig", "secretRef", "name") or dig(value, "spec", "kubeConfig", "configMapRef", "name")
        self.delivers_to = "%s>%s" % (lives_in, remote) if remote else lives_in

    def identity(self):
        return (self.delivers_to, namespace_of(self.value), name_of(self.value), flux.artifact_path(self.value))

    def below_partial(self):
        return bool(self.parent and (self.parent.partial or self.parent.below_partial()))

    def chain(self):
        return (self.parent.chain() if self.parent else []) + [name_of(self.value)]


def nearness(path, other):
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(path.split("/"), other.split("/")):
        if a != b:
            break
        count += 1
    return count


class FluxTruth:
    def __init__(self, kustomize, repo, repo_name, paths, scratch):
        self.kustomize = kustomize
        self.repo = repo
        self.repo_name = repo_name.lower()
        self.paths = paths
        self.scratch = scratch
        self.artifacts = {}
        self.builds = {}
        self.contents = {}
        # Called with (node, artifact, variables, record) for each build: a check may look at it.
        self.observe = lambda *_: None
        self.read_raw()

    def read_raw(self):
        """Finds the objects that matter in the files as they are written."""
        self.declared, self.config_maps, self.git_repositories = [], [], []
        patch_files = self.patch_files()
        for path in self.paths:
            if not path.endswith((".yaml", ".yml")):
                continue
            full = os.path.join(self.repo, path)
            if os.path.islink(full):
                continue
            with open(full, "rb") as source:
                data = source.read()
            if b"fluxcd" not in data and b"ConfigMap" not in data:
                continue
            for value in read_documents(full):
                kind, api = value.get("kind"), str(value.get("apiVersion", ""))
                if flux.is_flux_kustomization(value):
                    # A patch is not a declaration, even if it looks like one.
                    if isinstance(dig(value, "spec", "path"), str) and path not in patch_files:
                        self.declared.append(Declared(path, value, "Kustomization"))
                elif kind == "ConfigMap":
                    self.config_maps.append((path, value))
                elif kind == "GitRepository" and "fluxcd.io/" in api:
                    self.git_repositories.append((path, value))
                elif kind == "FluxInstance" and dig(value, "spec", "sync"):
                    self.declare_instance(path, value, value["spec"])
                elif kind == "HelmRelease" and dig(value, "spec", "values", "instance", "sync"):
                    chart = dig(value, "spec", "chartRef", "name") or dig(value, "spec", "chart", "spec", "chart")
                    if chart == "flux-instance":
                        self.declare_instance(path, value, value["spec"]["values"]["instance"])
        urls = [str(dig(value, "spec", "url") or "") for _, value in self.git_repositories]
        # Only where the repository knows its own name can a source be told to be another one.
        self.knows_own_name = any(self.is_own_url(url) for url in urls)

    def patch_files(self):
        """Files that kustomizations use as patches and not as resources."""
        patches, resources = set(), set()
        for path in self.paths:
            if os.path.basename(path) not in workcopy.KUSTOMIZATION_NAMES:
                continue
            folder = os.path.dirname(path)
            for value in read_documents(os.path.join(self.repo, path))[:1]:
                entries = [dig(patch, "path") for field in ("patches", "patchesJson6902") for patch in list_of(value.get(field))]
                entries += list_of(value.get("patchesStrategicMerge"))
                for entry in entries:
                    if isinstance(entry, str) and "\n" not in entry:
                        patches.add(posixpath.normpath(posixpath.join(folder, entry)))
                for entry in list_of(value.get("resources")) + list_of(value.get("bases")):
                    if isinstance(entry, str):
                        resources.add(posixpath.normpath(posixpath.join(folder, entry)))
        return patches - resources

    def declare_instance(self, file, value, instance):
        """The operator writes the sync Kustomization of a FluxInstance itself, and patches it."""
        sync = map_of(instance.get("sync"))
        if not isinstance(sync.get("path"), str):
            return
        namespace = namespace_of(value) or "flux-system"
        name = sync.get("name") or namespace
        value = {
            "apiVersion": flux.GROUP + "/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "path": sync["path"],
                "interval": sync.get("interval", "1m"),
                "prune": True,
                "sourceRef": {"kind": sync.get("kind", "GitRepository"), "name": name},
            },
        }
        patches = [patch for patch in list_of(dig(instance, "kustomize", "patches")) if dig(patch, "target")]
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            workcopy.write_json(os.path.join(folder, "sync.yaml"), value)
            workcopy.write_json(os.path.join(folder, "kustomization.yaml"), {"resources": ["sync.yaml"], "patches": patches})
            ok, output, _ = self.kustomize.build(folder, ".")
        patched = kube_yaml.load(output) if ok else None
        self.declared.append(Declared(file, patched or value, "FluxInstance"))

    # -- sources --

    def is_own_url(self, url):
        return re.sub(r"\.git$", "", url.rstrip("/")).lower().rsplit("/", 1)[-1] == self.repo_name

    def source_of(self, value, file):
        """(kind of source, its `ignore` patterns). Raises if the source is not this repository."""
        kind = dig(value, "spec", "sourceRef", "kind")
        if kind is None:
            raise flux.FluxError("source", "no sourceRef")
        if kind != "GitRepository":
            raise flux.FluxError("source", "source is %s/%s" % (kind, dig(value, "spec", "sourceRef", "name")))
        name = dig(value, "spec", "sourceRef", "name")
        found = [(path, source) for path, source in self.git_repositories if name_of(source) == name]
        if not found:
            return ""
        _, source = max(found, key=lambda entry: nearness(entry[0], file or ""))
        if self.knows_own_name and not self.is_own_url(str(dig(source, "spec", "url") or "")):
            raise flux.FluxError("source", "source GitRepository/%s is another repository" % name)
        return str(dig(source, "spec", "ignore") or "")

    def artifact(self, ignore, offline=False):
        if (ignore, offline) not in self.artifacts:
            folder = os.path.join(self.scratch, "artifact%d" % len(self.artifacts))
            os.makedirs(folder)
            workcopy.copy_files(self.repo, sourceignore.artifact_paths(self.repo, self.paths, ignore), folder)
            if offline:
                workcopy.drop_remote_parts(folder)
            self.artifacts[ignore, offline] = folder
        return self.artifacts[ignore, offline]

    # -- builds --

    def built(self, value, file):
        """The build without substitution, and whether it is partial. Kept: passes over a cluster ask again."""
        ignore = self.source_of(value, file)
        path = flux.artifact_path(value)
        if flux.has_unknown(path):
            raise flux.FluxError("unknown", "the path has a variable that is not known")
        spec = map_of(value.get("spec"))
        fields = ("targetNamespace", "namePrefix", "nameSuffix", "patches", "components", "ignoreMissingComponents",
                  "patchesStrategicMerge", "patchesJson6902", "images", "buildMetadata")
        edits = {field: spec[field] for field in fields if field in spec}
        key = (ignore, path, kube_yaml.dump(edits))
        if key not in self.builds:
            done, offline, skip = flux.build(self.kustomize, self.artifact(ignore), path, edits), False, ()
            if not done.ok and done.kind != "path":
                # What is left without the network and helm, and if need be without resources that are broken in themselves:
                # one bad file of a cluster must not hide all the rest.
                offline, artifact = True, self.artifact(ignore, True)
                without = flux.build(self.kustomize, artifact, path, edits)
                if not without.ok:
                    skip = tuple(flux.broken_resources(self.kustomize, artifact, path))
                    if skip:
                        without = flux.build(self.kustomize, artifact, path, edits, skip=skip)
                done.texts = without.texts
                offline = without.ok
            self.builds[key] = (done, offline, skip)
        done, partial, _ = self.builds[key]
        return done, partial, key

    def origins(self, key):
        """{(kind, name): file} of the Flux Kustomizations in a build, from kustomize's own origin annotations."""
        if key not in self.contents:
            ignore, path, edits = key
            done, partial, skip = self.builds[key]
            found = {}
            if any(flux.GROUP in text for text in done.texts):
                again = flux.build(self.kustomize, self.artifact(ignore, partial), path, json.loads(edits), origins=True, skip=skip)
                for text in again.texts:
                    value = kube_yaml.load(text)
                    if flux.is_flux_kustomization(value):
                        origin = kube_yaml.load(str(dig(value, "metadata", "annotations", flux.ORIGIN) or ""))
                        where = dig(origin, "path") or dig(origin, "configuredIn")
                        if where and not dig(origin, "repo"):
                            where = clean_path(posixpath.join("." if path == "." else path, where))
                            found[namespace_of(value), name_of(value)] = where
            self.contents[key] = found
        return self.contents[key]

    # -- roots --

    def roots(self):
        """Declared Flux Kustomizations that no build of another one contains."""
        holders = {id(entry): set() for entry in self.declared}
        for entry in self.declared:
            try:
                _, _, key = self.built(entry.value, entry.file)
            except flux.FluxError:
                continue
            for (_, name), file in self.origins(key).items():
                for other in self.declared_at(file, name):
                    if other is not entry:
                        holders[id(other)].add(id(entry))
        chosen = [entry for entry in self.declared if not holders[id(entry)]]
        reached = set()

        def reach():
            grown = True
            while grown:
                grown = False
                for entry in self.declared:
                    if id(entry) not in reached and (entry in chosen or holders[id(entry)] & reached):
                        reached.add(id(entry))
                        grown = True

        reach()
        # What only circles reach: the usual name first, then the shortest path.
        while len(reached) < len(self.declared):
            left = [entry for entry in self.declared if id(entry) not in reached]
            left.sort(key=lambda entry: (name_of(entry.value) != "flux-system", len(flux.artifact_path(entry.value)), entry.key()))
            chosen.append(left[0])
            reach()
        return [entry for entry in self.declared if entry in chosen]

    def declared_at(self, file, name):
        here = [entry for entry in self.declared if entry.file == file and entry.by == "Kustomization"]
        same = [entry for entry in here if name_of(entry.value) == name]
        # A prefix or a variable may have changed the name of the only one in a file.
        return same or (here if len(here) == 1 else [])

    # -- clusters --

    def raw_config_map(self, namespace, name, near):
        """A ConfigMap as written, if there is one answer."""
        found = [
            (path, value) for path, value in self.config_maps
            if name_of(value) == name and (not namespace or namespace_of(value) in ("", namespace))
        ]
        if not found:
            return None
        best = max(nearness(path, near) for path, _ in found)
        contents = {kube_yaml.dump(map_of(value.get("data"))) for path, value in found if nearness(path, near) == best}
        return json.loads(contents.pop()) if len(contents) == 1 else None

    def cluster(self, root):
        """The records of everything that a root delivers, directly or through others."""
        # A ConfigMap may be delivered after its first use: once more, until nothing new is known.
        known = {}
        for _ in range(6):
            records, config_maps = self.deliver_all(root, known)
            if config_maps == known:
                break
            known = config_maps
        return records

    def deliver_all(self, root, known):
        records, config_maps, seen = [], {}, set()
        waiting = [Node(root.value, root.file, None, "")]
        while waiting:
            node = waiting.pop(0)
            if node.identity() in seen:
                continue
            seen.add(node.identity())
            record, children = self.deliver(node, known, root)
            # A root that delivers itself is what it delivers: its folder may patch it.
            for _ in range(3):
                itself = next((value for value, _ in children if self.same(value, node.value)), None)
                if itself is None or itself.get("spec") == node.value.get("spec"):
                    break
                node.value = itself
                seen.add(node.identity())
                record, children = self.deliver(node, known, root)
            records.append(record)
            for value in record["objects"]:
                if value.get("kind") == "ConfigMap" and value.get("apiVersion") == "v1":
                    config_maps[node.delivers_to, namespace_of(value), name_of(value)] = map_of(value.get("data"))
            for value, file in children:
                if not self.same(value, node.value):
                    waiting.append(Node(value, file, node, node.delivers_to))
        return records, config_maps

    @staticmethod
    def same(value, other):
        return (namespace_of(value), name_of(value)) == (namespace_of(other), name_of(other))

    def deliver(self, node, known, root):
        value = node.value
        record = {
            "root": node.parent is None,
            "chain": node.chain(),
            "name": name_of(value),
            "namespace": namespace_of(value),
            "path": flux.artifact_path(value),
            "file": node.file,
            "declared_by": root.by if node.parent is None else "Kustomization",
            "source": dig(value, "spec", "sourceRef", "kind"),
            "suspended": bool(dig(value, "spec", "suspend")),
            "ok": False,
            "class": "",
            "error": "",
            "unknown_vars": 0,
            "objects": [],
        }
        if node.delivers_to:
            record["cluster"] = node.delivers_to

        def find_config_map(namespace, name):
            data = known.get((node.lives_in, namespace, name))
            return data if data is not None else self.raw_config_map(namespace, name, node.file or root.file)

        try:
            variables = None
            done, partial, key = self.built(value, node.file or root.file)
            if not done.ok:
                record["class"] = done.kind
                record.update(short(done.error))
            if not done.ok and not partial:
                self.observe(node, self.artifact(key[0]), flux.Variables(), record)
                return record, []
            variables = flux.variables_of(value, find_config_map)
            objects = flux.delivered([flux.substituted(text, variables) for text in done.texts], map_of(value.get("spec")))
        except flux.FluxError as error:
            record["class"] = error.kind
            record.update(short(str(error)))
            if variables is not None:
                self.observe(node, self.artifact(key[0]), variables, record)
            return record, []
        record["ok"] = done.ok
        if partial:
            record["partial"] = True
            node.partial = True
        if node.below_partial():
            record["below_partial"] = True
        record["objects"] = objects
        self.observe(node, self.artifact(key[0]), variables, record)
        record["unknown_vars"] = sum(flux.has_unknown(entry) for entry in objects)
        files = self.origins(key)
        children = []
        for entry in objects:
            if flux.is_flux_kustomization(entry):
                file = files.get((namespace_of(entry), name_of(entry)))
                if file is None and len(set(files.values())) == 1:
                    file = next(iter(files.values()))
                children.append((entry, file))
        return record, children

    def records(self):
        """All clusters. A root that the tree of another root turns out to deliver is none."""
        trees = [(root, self.cluster(root)) for root in self.roots()]
        below = {}
        for root, records in trees:
            for record in records:
                if not record["root"]:
                    for entry in self.declared_at(record["file"], record["name"]):
                        below.setdefault(id(entry), set()).add(id(root))
        for root, records in trees:
            if below.get(id(root), set()) - {id(root)}:
                continue
            for record in records:
                record["objects"] = [flux.with_markers(value) for value in record["objects"]]
                yield {key: flux.with_markers(value) if key in ("name", "namespace", "path", "chain") else value for key, value in record.items()}


def write(path, records):
    count = {"records": 0, "ok": 0, "objects": 0, "classes": {}}
    with open(path, "w") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=True) + "\n")
            count["records"] += 1
            count["ok"] += record["ok"]
            count["objects"] += len(record["objects"]) if record["ok"] else 0
            if not record["ok"]:
                kind = record["class"] + ("+partial" if record.get("partial") else "")
                count["classes"][kind] = count["classes"].get(kind, 0) + 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo")
    parser.add_argument("out")
    parser.add_argument("--kustomize", default=os.environ.get("KUSTOMIZE", "kustomize"), help="the binary (or KUSTOMIZE)")
    parser.add_argument("--name", help="name of the repository in its own URLs; default: its folder, what follows a `+`")
    parser.add_argument("--timeout", type=int, default=20, help="seconds for one build")
    options = parser.parse_args()
    kustomize = workcopy.Kustomize(options.kustomize, options.timeout)
    repo = os.path.realpath(options.repo)
    paths = workcopy.tracked_files(repo)
    os.makedirs(options.out, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out, prefix=".work-") as scratch:
        scratch = os.path.realpath(scratch)
        copy = os.path.join(scratch, "repo")
        os.makedirs(copy)
        workcopy.copy_files(repo, paths, copy)

        def offline():
            folder = os.path.join(scratch, "offline")
            if not os.path.isdir(folder):
                shutil.copytree(copy, folder, symlinks=True)
                workcopy.drop_remote_parts(folder)
            return folder

        plain = write(os.path.join(options.out, "kustomize.jsonl"), kustomize_records(kustomize, copy, offline, paths))
        name = options.name or os.path.basename(repo).rsplit("+", 1)[-1]
        delivered = write(os.path.join(options.out, "flux.jsonl"), FluxTruth(kustomize, copy, name, paths, scratch).records())
    print(json.dumps({"repo": os.path.basename(repo), "kustomize": plain, "flux": delivered}))


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
