#!/usr/bin/env python3
"""What zizmor, hadolint and kube-linter find on the same trees, held against what `pintle lint` finds.

    peers.py [-v] PINTLE FOLDER...

zizmor's `unpinned-uses` is compared by place with `action-unpinned`, hadolint's DL3006 and DL3007 with `image-untagged`
and `image-latest` in Dockerfiles, and kube-linter's `latest-tag` by file, object and image with the same two rules in
manifests. A difference is put into a class by what the line, or the path, looks like. `-v` prints all differences.
Tools that are not installed are left out.
"""

import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys

FLOATS = ("image-latest", "image-untagged")
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Pod", "Job", "CronJob", "ReplicaSet", "ReplicationController", "DeploymentConfig")


def run(*words):
    text = subprocess.run(words, capture_output=True, text=True).stdout
    return json.loads(text) if text.strip() else {}


def pintle(tool, folder):
    findings = run(tool, "lint", folder, "--root", folder, "--no-config", "-o", "json", "--fail-on", "never").get("findings", [])
    return [finding for finding in findings if finding["rule"] in (*FLOATS, "action-unpinned")]


def line(folder, place):
    try:
        return open(os.path.join(folder, place[0]), errors="replace").read().split("\n")[place[1] - 1].strip()
    except (OSError, IndexError):
        return ""


def zizmor(folder):
    found = set()
    for finding in run("zizmor", "--offline", "--no-exit-codes", "--format", "json-v1", folder) or []:
        if finding["ident"] != "unpinned-uses":
            continue
        for location in finding["locations"]:
            if location["symbolic"]["kind"] == "Primary":
                path = location["symbolic"]["key"]["Local"]["verbatim_path"]
                row = location["concrete"]["location"]["start_point"]["row"]
                found.add((os.path.relpath(path, folder), row + 1))
    return found


def dockerfiles(folder):
    names = glob.glob(folder + "/**/*", recursive=True, include_hidden=True)
    wanted = re.compile(r"(^|[./_-])(Docker|Container)file([./_-][\w.-]*)?$", re.I)
    return [name for name in names if wanted.search(name) and os.path.isfile(name) and "/.git/" not in name]


def hadolint(folder):
    names = dockerfiles(folder)
    found = run("hadolint", "--no-fail", "-f", "json", *names) if names else []
    return {(os.path.relpath(one["file"], folder), one["line"]) for one in found if one["code"] in ("DL3006", "DL3007")}


def kube_linter(folder):
    words = ["lint", folder, "--do-not-auto-add-defaults", "--include", "latest-tag", "--format", "json"]
    found = set()
    for report in run("kube-linter", *words).get("Reports") or []:
        image = re.search(r'container image, "([^"]*)"', report["Diagnostic"]["Message"])
        thing = report["Object"]
        kind, name = thing["K8sObject"]["GroupVersionKind"]["Kind"], thing["K8sObject"]["Name"]
        found.add((os.path.relpath(thing["Metadata"]["FilePath"], folder), f"{kind}/{name}", image.group(1)))
    return found


def of_object(finding):
    """The file, the object without its namespace, and the image that a sentence is about."""
    kind, _, name = finding["owner"].partition("/")
    image = re.search(r"`([^`]*)`", finding["message"]).group(1)
    return (finding["file"], f"{kind}/{name.rsplit('/')[-1]}", image)


def class_of(place, text, others):
    path = place[0]
    if not text:
        return "no image: a patch, or one that others put in"
    if "/.kyverno-test/" in path:
        return "read by `kyverno test`, and applied to no cluster"
    if len(place) > 2 and any(other[1] == place[1] for other in others):
        return "the same object, told where a build decides its image"
    if "/templates/" in path:
        return "the template of a chart, which is told by its own name or by its values"
    if re.search(r"(^|/)(testdata2?|\.chainsaw-test|fixtures|vendor|node_modules)/", path):
        return "kept for tests, or what others wrote"
    if "/.github/" in path or path.startswith(".github/"):
        return "workflow"
    if re.search(r"[$]\{?\w|\{\{", text):
        return "with a variable"
    return "plain"


def compare(folder, ours, theirs):
    out = collections.Counter(both=len(ours & theirs))
    rows = []
    for who, places, others in (("only they", theirs - ours, ours), ("only we", ours - theirs, theirs)):
        for place in sorted(places, key=str):
            text = line(folder, place) if isinstance(place[1], int) else place[2]
            out[f"{who}: {class_of(place, text, others)}"] += 1
            rows.append(f"{who}: {class_of(place, text, others)}\t{os.path.basename(folder)}\t{':'.join(map(str, place))}\t{text[:100]}")
    return out, rows


def main():
    words = [word for word in sys.argv[1:] if word != "-v"]
    tool, folders = words[0], [os.path.abspath(folder) for folder in words[1:]]
    total, rows = collections.defaultdict(collections.Counter), []
    for folder in folders:
        found = pintle(tool, folder)
        uses = {(one["file"], one["start"]["line"]) for one in found if one["rule"] == "action-unpinned"}
        floats = [one for one in found if one["rule"] in FLOATS]
        froms = {(one["file"], one["start"]["line"]) for one in floats if one["owner"].startswith("stage/") and one["path"] == "from"}
        objects = {of_object(one) for one in floats if one["owner"].split("/")[0] in KINDS}
        for peer, ask, ours in (("zizmor", zizmor, uses), ("hadolint", hadolint, froms), ("kube-linter", kube_linter, objects)):
            if not shutil.which(peer):
                continue
            counts, more = compare(folder, ours, ask(folder))
            total[peer].update(counts)
            rows += [f"{peer}\t{row}" for row in more]
    for peer, counts in total.items():
        for what, number in sorted(counts.items()):
            print(f"{peer:12} {number:6}  {what}")
    if "-v" in sys.argv:
        print(*rows, sep="\n")


if __name__ == "__main__":
    main()
