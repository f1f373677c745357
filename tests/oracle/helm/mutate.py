#!/usr/bin/env python3
"""Changes the bytes that pintle claims for a piece of a scalar, and looks whether helm then writes the change there.

    mutate.py REPO_DIR... --helm HELM --pintle target/debug/examples/render_chart [--count N] [--seed S] [--show N]

Charts are copied and filled as `objects.py` does, and rendered with their defaults and each file of values in `ci/`.
Pieces are drawn evenly by the class of their field (images, classes, Secrets, all others) and by the file that they are
in (values, templates, Chart.yaml). Also counts how many scalars of each class have exact places. Nothing here uses the
network.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import tempfile

from objects import KUBE, apis, copy, helm_says, is_library, rendered
from values import charts_of, load, pool_of

TOKEN = "zq7"


def field(made, path):
    """The class of a field."""
    last = str(path[-1]) if path else ""
    if made.get("kind") == "Secret" and path and path[0] in ("data", "stringData"):
        return "secrets"
    if last == "image":
        return "images"
    if last in ("storageClassName", "storageClass"):
        return "classes"
    return "others"


def kind_of(file):
    if re.search(r"(^|/)Chart\.yaml$", file):
        return "Chart.yaml"
    return "templates" if "/templates/" in file else "values"


def by_number(objects):
    """The objects of each template and kind as it prints them, whatever the chart is called. Helm sorts by kind."""
    out = collections.defaultdict(list)
    for template, made in objects:
        out[template.split("/", 1)[1], made.get("kind")].append(made)
    return out


def at(made, path):
    for step in path:
        try:
            made = made[step]
        except (KeyError, IndexError, TypeError):
            return None
    return made


def change(piece):
    """What is put behind a piece: its kind stays. Nothing if it is a word that must be what it is."""
    if piece.lower() in ("true", "false", "null", "yes", "no", "on", "off", "~") or not piece.strip():
        return None
    if re.fullmatch(r"[1-9]\d*", piece):
        return "7"
    if re.fullmatch(r"v?\d+\.\d+\.\d+", piece):
        return f"-{TOKEN}"
    return TOKEN if re.search(r"[A-Za-z]$|[A-Za-z].*[0-9]$", piece) else None


def pieces_of(run, told):
    """Every piece that can be changed, with what is then expected; and the exactness of each scalar by class."""
    out, exact = [], collections.Counter()
    numbers = collections.Counter()
    for one in told.get("objects", []):
        name = one["template"].split("/", 1)[1], one["object"].get("kind")
        number = numbers[name]
        numbers[name] += 1
        for scalar in one["places"]:
            kind = field(one["object"], scalar["path"])
            if scalar["value"] in (None, ""):
                continue
            is_exact = scalar["exact"] in ("verbatim", "encoded") or all(piece["verbatim"] for piece in scalar["pieces"])
            exact[kind, scalar["exact"] if not is_exact else "exact"] += 1
            for piece in scalar["pieces"]:
                text = scalar["text"].encode()
                put = change(text[piece["from"]:piece["to"]].decode(errors="replace")) if piece["verbatim"] else None
                if put:
                    wanted = text[:piece["to"]] + put.encode() + text[piece["to"]:]
                    out.append((kind, kind_of(piece["file"]), run, name, number, scalar, piece, put, wanted.decode(errors="replace")))
    return out, exact


def try_one(helm, root, drawn):
    """What helm makes of the change."""
    _, _, (chart, target, values), name, number, scalar, piece, put, wanted = drawn
    with tempfile.TemporaryDirectory() as scratch:
        changed = pathlib.Path(scratch) / target.name
        shutil.copytree(target, changed)
        file = changed / (root / piece["file"]).relative_to(target)
        data = file.read_bytes()
        file.write_bytes(data[:piece["end"]] + put.encode() + data[piece["end"]:])
        objects, error = helm_says(helm, changed, [changed / path.relative_to(target) for path in values])
    if objects is None:
        return "refused", error
    if scalar["path"] == ["kind"]:
        name, number = (name[0], wanted), 0
    found = by_number(objects).get(name, [])
    made = at(found[number], scalar["path"]) if number < len(found) else None
    if made is not None and str(made) == wanted:
        return "as expected", made
    return ("changed otherwise" if made != scalar["value"] else "not changed"), made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repos", nargs="+", type=pathlib.Path)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--pintle", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch, runs = pathlib.Path(scratch), []
        known = apis(options.helm, scratch).split(",")
        pools = {repo: pool_of(repo) for repo in options.repos}
        for repo, chart in ((repo, chart) for repo in options.repos for chart in charts_of(repo) if not is_library(chart)):
            target = scratch / "all" / str(len(runs)) / (load(chart / "Chart.yaml").get("name") or "x")
            copy(chart, target, pools[repo])
            ci = sorted((target / "ci").glob("*values.y*ml")) if (target / "ci").is_dir() else []
            runs += [(chart, target, values) for values in [[]] + [[path] for path in ci]]
        root = scratch / "all"
        inner = lambda path: str(path.relative_to(root))
        asked = [{"chart": inner(target), "values": [inner(path) for path in values], "kube": "v" + KUBE, "apis": known, "places": True} for _, target, values in runs]
        strata, exact = collections.defaultdict(list), collections.Counter()
        for run, told in zip(runs, rendered(options.pintle, root, asked)):
            if told.get("faults") or told.get("breaches"):
                continue
            found, own = pieces_of(run, told)
            exact += own
            for one in found:
                strata[one[:2]].append(one)
        chance = random.Random(options.seed)
        each = -(-options.count // len(strata))
        drawn = [one for key in sorted(strata) for one in chance.sample(strata[key], min(each, len(strata[key])))]
        left = [one for key in sorted(strata) for one in strata[key] if len(strata[key]) > each]
        drawn += chance.sample(left, max(0, min(options.count - len(drawn), len(left))))
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            verdicts = list(threads.map(lambda one: try_one(options.helm, root, one), drawn))
        counts = collections.Counter()
        for one, (verdict, made) in zip(drawn, verdicts):
            counts[one[:2] + (verdict,)] += 1
            counts["all", "", verdict] += 1
            if verdict in ("not changed", "changed otherwise") and options.show > 0:
                options.show -= 1
                piece = one[6]
                print(f"{verdict}: {one[2][0].name} {one[3]} {one[5]['path']}\n    {piece['file']}:{piece['start']}-{piece['end']} {one[5]['text']!r:.120} expected {one[8]!r:.120}\n    helm: {made!r:.120}")
    for key, count in sorted(counts.items()):
        print(f"{count:6} {' · '.join(part for part in key if part)}")
    for key, count in sorted(exact.items()):
        print(f"{count:6} scalars: {' · '.join(key)}")


if __name__ == "__main__":
    main()
