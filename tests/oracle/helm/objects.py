#!/usr/bin/env python3
"""Holds the objects that pintle makes of charts against those that helm makes.

    objects.py REPO_DIR... --helm HELM --pintle target/debug/examples/render_chart [--show N] [--json FILE]

Every folder with a Chart.yaml is a chart; it is rendered with its defaults and with each file of values in `ci/`, the
charts in it included. Dependencies that are not at hand are taken out and counted, as `values.py` does it. Both are told
of the same APIs. Nothing here uses the network.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

from compare import RANDOM, Loader, differences
from values import charts_of, fill, load, pool_of

KUBE = "1.34.0"
KEYS = re.compile(r"\.(image|storageClassName|storageClass|repository|tag|digest)$|^\.(data|stringData)\.")


def copy(chart, target, pool):
    shutil.copytree(chart, target, symlinks=False, ignore_dangling_symlinks=True)
    return fill(target, chart, pool)


def is_library(chart):
    return (load(chart / "Chart.yaml").get("type") or "").lower() == "library"


def apis(helm, scratch):
    probe = scratch / "probe"
    (probe / "templates").mkdir(parents=True)
    (probe / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 1.0.0\n")
    (probe / "templates" / "x.yaml").write_text('x: {{ join "," .Capabilities.APIVersions | quote }}\n')
    out = subprocess.run([helm, "template", str(probe), "--kube-version", KUBE], capture_output=True, text=True)
    return yaml.safe_load(out.stdout)["x"]


def helm_says(helm, target, values):
    command = [helm, "template", "release-name", str(target), "--kube-version", KUBE]
    for name in values:
        command += ["-f", str(name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode and "failing loading" in done.stderr:
        # A schema that is an address away, which pintle tells and does without.
        done = subprocess.run(command + ["--skip-schema-validation"], capture_output=True, text=True, timeout=120)
    if done.returncode:
        return None, done.stderr.strip()[:400]
    out = []
    for document in re.split(r"(?m)^---[ \t]*\n", done.stdout):
        source = re.match(r"# Source: (\S+)\n", document)
        made = yaml.load(document, Loader=Loader) if document.strip() else None
        if source and isinstance(made, dict):
            out.append((source[1], made))
    return out, None


def rendered(pintle, root, asked):
    """What pintle makes of each run."""
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    done = subprocess.run([pintle, str(root)], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def key(template, made):
    meta = made.get("metadata") or {}
    return template, made.get("kind"), meta.get("namespace"), meta.get("name")


def table(objects):
    out = {}
    for template, made in objects:
        name = key(template, made)
        while name in out:
            name += ("again",)
        out[name] = json.loads(json.dumps(made, default=str))
    return out


def even(value):
    """Numbers of one kind; a list or map that is empty, and nothing, are told apart."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, list):
        return [even(item) for item in value]
    return {str(name): even(item) for name, item in value.items()}


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from leaves(item, f"{path}[{at}]")
    else:
        yield path, value


def wanted(made):
    """The images, classes and Secret values of an object."""
    is_secret = made.get("kind") == "Secret"
    for path, value in leaves(made):
        if KEYS.search(path) and (is_secret or not path.startswith((".data", ".stringData"))):
            yield path, value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repos", nargs="+", type=pathlib.Path)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--pintle", required=True)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    counts, shown = collections.Counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        scratch, runs = pathlib.Path(scratch), []
        known = apis(options.helm, scratch)
        for repo in options.repos:
            pool = pool_of(repo)
            for chart in charts_of(repo):
                if is_library(chart):
                    continue
                target = scratch / "all" / str(len(runs)) / (load(chart / "Chart.yaml").get("name") or "x")
                counts["dependencies not at hand"] += copy(chart, target, pool)
                counts["charts"] += 1
                ci = sorted((target / "ci").glob("*values.y*ml")) if (target / "ci").is_dir() else []
                runs += [(chart, target, values) for values in [[]] + [[path] for path in ci]]
        root = scratch / "all"
        inner = lambda path: str(path.relative_to(root))
        asked = [{"chart": inner(target), "values": [inner(path) for path in values], "kube": "v" + KUBE, "apis": known.split(",")} for _, target, values in runs]
        ours = rendered(options.pintle, root, asked)
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            theirs = list(threads.map(lambda run: helm_says(options.helm, run[1], run[2]), runs))
        assert len(ours) == len(runs), f"{len(ours)} answers to {len(runs)} runs"
        for (chart, target, values), own, (objects, error) in zip(runs, ours, theirs):
            name = f"{chart} {' '.join(path.name for path in values)}"
            counts["runs"] += 1
            counts["microseconds"] += own.get("micros", 0)
            is_random = RANDOM.search("".join(path.read_text(errors="replace") for path in target.rglob("templates/**/*") if path.is_file()))
            if objects is None:
                verdict = "both refuse" if (own.get("faults") or own.get("breaches")) else "only helm refuses"
                counts[f"runs: {verdict}"] += 1
                if verdict == "only helm refuses":
                    shown.append(f"{verdict}: {name}\n    {error}")
                continue
            a, b = table(objects), table((one["template"], one["object"]) for one in own.get("objects", []))
            same = True
            for one in sorted(set(a) | set(b), key=str):
                if one not in a:
                    counts["objects too many"] += 1
                    shown.append(f"too many: {name}\n    {one}")
                    same = False
                    continue
                counts["objects"] += 1
                found = list(differences(even(a[one]), even(b.get(one, {}))))
                counts["objects equal"] += not found
                counts["objects equal but for random values"] += not found or bool(is_random)
                other = dict(wanted(b.get(one, {})))
                for path, value in wanted(a[one]):
                    counts["fields"] += 1
                    counts["fields equal"] += other.get(path) == value or bool(is_random and one in b)
                if found:
                    same = False
                    random = " (random)" if is_random else ""
                    shown.append(f"different{random}: {name}\n    {one} {[str(it)[:300] for it in found[:3]]}")
            if (own.get("faults") or own.get("breaches")) and same:
                verdict = "equal, with faults"
            else:
                verdict = "equal" if same else "different"
            if (own.get("faults") or own.get("breaches")):
                shown.append(f"faults: {name}\n    {own['faults'][:3]}")
            counts[f"runs: {verdict}"] += 1
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    for text in [one for one in shown if "(random)" not in one][: options.show]:
        print(text)
    if options.json:
        options.json.write_text(json.dumps(shown, indent=1))


if __name__ == "__main__":
    main()
