#!/usr/bin/env python3
"""Writes charts that nobody would write, for `values.py` to hold pintle against helm.

    random_charts.py OUT_DIR [--count N] [--seed S]

Few keys and many nulls, maps and texts under them: charts within charts, aliases, conditions, tags, imported values
and globals meet as often as they can.
"""
import argparse
import pathlib
import random

import yaml

KEYS = ["a", "b", "c", "d", "data"]
SCALARS = [1, 0, "x", "", True, False, None, None, 1.5, "1", [], [1], ["x", {"a": 1}], {}]


def tree(chance, depth, names):
    out = {}
    for key in chance.sample(KEYS + names, chance.randint(0, 4)):
        is_map = depth > 0 and (key in names or key == "data" or chance.random() < 0.45)
        out[key] = tree(chance, depth - 1, []) if is_map else chance.choice(SCALARS)
        if key in names and is_map and chance.random() < 0.5:
            out[key]["enabled"] = chance.choice([True, False, True, "no", None])
    return out


def values(chance, names):
    out = tree(chance, 3, names)
    if chance.random() < 0.6:
        out["global"] = tree(chance, 3, [])
    if chance.random() < 0.4:
        out["tags"] = {tag: chance.choice([True, False, "x"]) for tag in chance.sample(["t", "u"], chance.randint(1, 2))}
    if chance.random() < 0.5:
        out["exports"] = {"data": tree(chance, 2, []), "more": tree(chance, 1, [])}
    return out


def imports(chance):
    paths = ["data", "exports.data", "a", "data.a", "global", "exports.more.b"]
    parents = [".", "data", "a", "b.c", "data.a"]
    out = [chance.choice(["data", "more", "none"]) for _ in range(chance.randint(0, 1))]
    return out + [{"child": chance.choice(paths), "parent": chance.choice(parents)} for _ in range(chance.randint(0, 2))]


def chart(chance, folder, name, depth):
    folder.mkdir(parents=True)
    inner = [f"{name}{letter}" for letter in "xyz"[: chance.randint(0, 3)]] if depth > 0 else []
    dependencies = []
    for one in inner:
        chart(chance, folder / "charts" / one, one, depth - 1)
        for alias in chance.choice([[None], [None], ["one"], ["one", "two"], [None, "two"], []]):
            entry = {"name": one, "version": chance.choice(["*", ">=1.0.0", "1.x", "~1.2.0"])}
            called = one
            if alias:
                called = entry["alias"] = f"{one}{alias}"
            if chance.random() < 0.4:
                entry["condition"] = chance.choice([f"{called}.enabled", f"{called}.a,{called}.enabled", "global.a", "data.a"])
            if chance.random() < 0.3:
                entry["tags"] = chance.sample(["t", "u", "v"], chance.randint(1, 2))
            if chance.random() < 0.5:
                entry["import-values"] = imports(chance)
            dependencies.append(entry)
    called = [entry.get("alias", entry["name"]) for entry in dependencies]
    head = {"apiVersion": "v2", "name": name, "version": chance.choice(["1.0.0", "1.2.3", "1.2.0", "1.9.0"])}
    if dependencies or chance.random() < 0.3:
        head["dependencies"] = dependencies
    (folder / "Chart.yaml").write_text(yaml.safe_dump(head))
    (folder / "values.yaml").write_text(yaml.safe_dump(values(chance, called)))
    (folder / "ci").mkdir()
    for number in range(2):
        (folder / "ci" / f"{number}-values.yaml").write_text(yaml.safe_dump(values(chance, called)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    for number in range(options.count):
        chart(chance, options.out / f"chart{number}", f"c{number}", chance.randint(1, 3))


if __name__ == "__main__":
    main()
