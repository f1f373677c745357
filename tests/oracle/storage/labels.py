#!/usr/bin/env python3
"""Labelled cases of PostgreSQL and what is under it, held against what `pintle lint` finds.

    labels.py TABLE PINTLE FOLDER

TABLE has a row for each case, with tabs: repository, place (`path:line`, `path:line-line` or `path`, where the path may
have stars), where the database is, how they are joined, the label, and a note. A repository is a folder of FOLDER, with
`+` for the slash. A *violation* needs a finding of a `postgres-*` rule on that line, or one that has the line on its
road, as a value that a variable gives has it; what is *compliant* or *not a finding* needs none in the file, and for a
line none on it.
"""

import fnmatch
import json
import os
import re
import subprocess
import sys


def findings(pintle, folder):
    command = [pintle, "lint", folder, "-o", "json", "--fail-on", "never"]
    out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [one for one in json.loads(out)["findings"] if one["rule"].startswith("postgres-")]


def places(text):
    """The path and the lines of each place: `a/b.yaml:24,27`, `a.yaml:27-29`, `a.yaml, b.yaml`."""
    folder = ""
    for piece in re.sub(r" \(.*\)", "", text).split(", "):
        path, _, lines = piece.partition(":")
        folder, path = (os.path.dirname(path), path) if "/" in path else (folder, f"{folder}/{path}")
        numbers = set()
        for span in filter(None, lines.split(",")):
            first, _, last = span.partition("-")
            numbers |= set(range(int(first), int(last or first) + 1))
        yield path, numbers


def said_at(found, path, lines):
    """What is said at a place, and what is said elsewhere with the place on its road."""
    here, on_road = [], []
    for one in found:
        fits = lambda at: fnmatch.fnmatch(at["file"], path) and (not lines or at["start"]["line"] in lines)
        if fits(one):
            here.append(one)
        elif any(fits(at) for at in one["related"] if at["message"] == "substituted here"):
            on_road.append(one)
    return here, on_road


def main():
    table, pintle, base = sys.argv[1:]
    known, held, rows = {}, 0, 0
    for line in open(table, encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        repository, place, _, _, label, *_ = line.rstrip("\n").split("\t") + ["", ""]
        folder = os.path.join(base, repository.replace("/", "+"))
        if repository not in known:
            known[repository] = findings(pintle, folder)
        said = [said_at(known[repository], *one) for one in places(place)]
        here, on_road = [sum((one[at] for one in said), []) for at in (0, 1)]
        is_held = bool(here or on_road) if label.startswith("violation") else not here
        rows, held = rows + 1, held + is_held
        what = ", ".join(f"{one['rule']} {one['severity']} {one['file']}:{one['start']['line']}" for one in here or on_road)
        print(f"{'held' if is_held else 'NOT '}\t{repository}\t{place}\t{label}\t{what or '-'}")
    print(f"{held} of {rows} held")
    sys.exit(held != rows)


main()
