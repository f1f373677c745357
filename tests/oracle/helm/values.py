#!/usr/bin/env python3
"""Holds the values that pintle gives to the templates of charts against those that helm gives.

    values.py REPO_DIR... --helm HELM --pintle target/debug/examples/chart_scopes [--show N] [--json FILE]

Every folder with a Chart.yaml is a chart; it is run with its defaults and with each file of values in `ci/`. In a copy
its templates make way for one that prints all scopes, dependencies that are not at hand are taken out of Chart.yaml
(and counted), and those of `file://` or of the same repository are put into `charts/`. Nothing here uses the network.
"""
import argparse
import collections
import concurrent.futures
import io
import json
import pathlib
import random
import shutil
import subprocess
import tarfile
import tempfile

import yaml

HERE = pathlib.Path(__file__).parent
DUMP = (HERE / "../../charts/dump.tpl").read_text()
# Deep within, so that helm executes it before all others.
PLACE = "templates/a/a/a/a/a/a/a/a/a/a/zz-dump.yaml"
YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def charts_of(repo):
    for path in sorted(repo.rglob("Chart.yaml")):
        if ".git" not in path.parts:
            yield path.parent


def pool_of(repo):
    """The charts of a repository by name: one stands for what its registry would give, whatever its version."""
    out = {}
    for chart in charts_of(repo):
        out.setdefault(load(chart / "Chart.yaml").get("name"), chart)
    return out


def load(path):
    try:
        return yaml.load(path.read_text(), YAML) or {}
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}


def without_templates(data):
    """An archive without its templates; damaged ones stay as they are."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as packed:
            members = [(member, packed.extractfile(member).read()) for member in packed.getmembers() if member.isfile()]
    except (tarfile.TarError, OSError, EOFError):
        return data
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for member, content in members:
            if "/templates/" not in member.name:
                member.size = len(content)
                packed.addfile(member, io.BytesIO(content))
    return out.getvalue()


def name_in(path):
    """The name of the chart in a folder or an archive."""
    if path.is_dir():
        return load(path / "Chart.yaml").get("name")
    try:
        with tarfile.open(path, mode="r:gz") as packed:
            for member in packed.getmembers():
                if member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                    return (yaml.load(packed.extractfile(member).read(), YAML) or {}).get("name")
    except (tarfile.TarError, OSError, EOFError):
        pass
    return None


def fill(target, source, pool, level=0):
    """Puts dependencies that are at hand into `charts/`, and takes out the others; returns how many."""
    chart = load(target / "Chart.yaml")
    holder, file = chart, target / "Chart.yaml"
    if "dependencies" not in chart and (target / "requirements.yaml").is_file():
        file = target / "requirements.yaml"
        holder = load(file)
    wanted = holder.get("dependencies") or []
    inner = target / "charts"
    at_hand = {name_in(path) for path in inner.iterdir()} if inner.is_dir() else set()
    for one in wanted if level < 5 else []:
        repository = str(one.get("repository") or "")
        if repository.startswith("file://"):
            local = (source / repository[7:]).resolve()
            if (local / "Chart.yaml").is_file() and one["name"] not in at_hand:
                shutil.copytree(local, inner / one["name"], ignore_dangling_symlinks=True)
                fill(inner / one["name"], local, pool, level + 1)
                at_hand.add(one["name"])
        elif one.get("name") in pool and one["name"] not in at_hand and pool[one["name"]] != source:
            # Another chart of the repository stands for what its registry would give, whatever its version.
            local = pool[one["name"]]
            shutil.copytree(local, inner / one["name"], ignore_dangling_symlinks=True)
            one["version"] = ">=0.0.0-0"
            file.write_text(yaml.safe_dump(holder))
            fill(inner / one["name"], local, pool, level + 1)
            at_hand.add(one["name"])
    masked = 0
    at_hand = {name_in(path) for path in inner.iterdir()} if inner.is_dir() else set()
    kept = [one for one in wanted if one.get("name") in at_hand]
    if len(kept) < len(wanted):
        masked = len(wanted) - len(kept)
        holder["dependencies"] = kept
        file.write_text(yaml.safe_dump(holder))
    if inner.is_dir():
        for path in inner.iterdir():
            if path.is_dir() and (path / "Chart.yaml").is_file():
                masked += fill(path, path, pool, level + 1)
    return masked


def prepare(chart, target, pool):
    shutil.copytree(chart, target, symlinks=False, ignore_dangling_symlinks=True)
    masked = fill(target, chart, pool)
    for path in list(target.rglob("*.tgz")):
        path.write_bytes(without_templates(path.read_bytes()))
    for path in list(target.rglob("templates")):
        if path.is_dir() and (path.parent / "Chart.yaml").is_file():
            shutil.rmtree(path)
    dump = target / PLACE
    dump.parent.mkdir(parents=True)
    dump.write_text(DUMP)
    if (load(target / "Chart.yaml").get("type") or "").lower() == "library":
        text = (target / "Chart.yaml").read_text().replace("type: library", "type: application")
        (target / "Chart.yaml").write_text(text)
    return masked


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif path:
        yield path


def mutated(target, chance, number):
    """A file that gives one value of the chart another type, a strange text, or a neighbour that nobody knows."""
    paths = list(leaves(load(target / "values.yaml")))
    if not paths:
        return None
    path = list(chance.choice(paths))[: chance.randint(1, 6)]
    if chance.random() < 0.2:
        path[-1] = "unheardOf"
    value = chance.choice([1, -1, 1.5, "x", "", True, [], ["x"], [1], {}, {"x": 1}, "Always", "10Gi", 99999])
    for key in reversed(path):
        value = {key: value}
    out = target / "ci" / f"mutated-{number}.yaml"
    out.parent.mkdir(exist_ok=True)
    out.write_text(yaml.safe_dump(value))
    return out


def helm_says(helm, target, values):
    command = [helm, "template", "release-name", str(target), "--kube-version", "1.34.0"]
    for name in values:
        command += ["-f", str(name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("Error") or "values don't meet" in line]
        return None, (lines or done.stderr.splitlines() or [""])[0]
    for document in done.stdout.split("\n---\n"):
        body = "\n".join(line for line in document.splitlines() if not line.startswith(("# Source", "---")))
        if body.strip().startswith("{"):
            return json.loads(body), None
    return None, "no dump"


def even(scope):
    """Go tells no empty list from none, and the fields of a chart are never null."""
    scope = dict(scope, values=floats(scope["values"]), files=sorted(scope["files"]))
    scope["chart"] = {key: value or None for key, value in floats(scope["chart"]).items()}
    for one in scope["chart"]["Dependencies"] or []:
        one["Tags"] = one["Tags"] or None
    scope["charts"] = {name: even(inner) for name, inner in scope["charts"].items()}
    return scope


def floats(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, list):
        return [floats(item) for item in value]
    return {key: floats(item) for key, item in value.items()}


def differences(a, b, path=""):
    if type(a) is not type(b):
        yield path, a, b
    elif isinstance(a, dict):
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                yield f"{path}.{key}", a.get(key, "(absent)"), b.get(key, "(absent)")
            else:
                yield from differences(a[key], b[key], f"{path}.{key}")
    elif a != b:
        yield path, a, b


def trees(scope, path="."):
    yield path, scope
    for name, inner in scope["charts"].items():
        yield from trees(inner, f"{path}{name}.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repos", nargs="+", type=pathlib.Path)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--pintle", required=True)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--mutate", type=int, default=0, help="changed values for each chart that has a schema")
    options = parser.parse_args()
    chance = random.Random(1)
    counts, shown, rows = collections.Counter(), [], []
    with tempfile.TemporaryDirectory() as scratch:
        scratch, runs = pathlib.Path(scratch), []
        for repo in options.repos:
            pool = pool_of(repo)
            for chart in charts_of(repo):
                target = scratch / str(len(counts) + len(runs)) / f"c{len(runs)}"
                counts["dependencies not at hand"] += prepare(chart, target, pool)
                counts["charts"] += 1
                ci = sorted(path for path in (target / "ci").glob("*.y*ml")) if (target / "ci").is_dir() else []
                if any(target.rglob("values.schema.json")):
                    ci += filter(None, (mutated(target, chance, number) for number in range(options.mutate)))
                for values in [[]] + [[path] for path in ci]:
                    runs.append((chart, target, values))
        lines = "".join(
            "\t".join(str(path.relative_to(scratch)) for path in [target, *values]) + "\n" for _, target, values in runs
        )
        ours = subprocess.run([options.pintle, str(scratch)], input=lines, capture_output=True, text=True)
        ours = [json.loads(line) for line in ours.stdout.splitlines()]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            theirs = list(pool.map(lambda run: helm_says(options.helm, run[1], run[2]), runs))
        assert len(ours) == len(runs), f"{len(ours)} answers to {len(runs)} runs"
        for (chart, _, values), own, (scope, error) in zip(runs, ours, theirs):
            name = f"{chart} {' '.join(path.name for path in values)}"
            refused = own.get("faults") or own.get("breaches")
            counts["runs"] += 1
            if scope is None:
                verdict = "both refuse" if refused else "only helm refuses"
                detail = error
            elif own.get("scope") is None or refused:
                verdict, detail = "only pintle refuses", (own.get("faults") or own.get("breaches"))[:2]
            else:
                a, b = even(scope), even(own["scope"])
                found = list(differences(a, b))
                inner = dict(trees(b))
                for path, tree in trees(a):
                    counts["values trees"] += 1
                    counts["values trees equal"] += path in inner and inner[path]["values"] == tree["values"]
                    counts["scopes with all fields equal"] += path in inner and inner[path] == tree
                verdict, detail = ("different", [str(one)[:900] for one in found[:4]]) if found else ("equal", None)
            counts[f"runs: {verdict}"] += 1
            rows.append({"run": name, "verdict": verdict, "detail": detail, "ours": own.get("faults")})
            if verdict not in ("equal", "both refuse"):
                shown.append(f"{verdict}: {name}\n    {detail}")
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    for text in shown[: options.show]:
        print(text)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
