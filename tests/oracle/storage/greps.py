#!/usr/bin/env python3
"""Naive greps for words of storage, held against what `pintle storage` lists.

    greps.py [-v] [--only WORDS] PINTLE FOLDER...

A line is *listed* if a row of the inventory has its place on it, in the map that it opens, or in the map that it is in;
a line that names a claim also if a row has that claim, and one that names a template also if that one is listed. It is
*unclear* if the inventory says that this place was not understood, be it in a row or not; *counted* if it says that
what is named here is elsewhere or unused; and *lost* otherwise.

Told apart and not held: lines of schemas and of admission policies, and what tests compare with a cluster, speak about
storage without asking for any; a claim for a bucket asks an object store, and for no volume; lines of charts' templates are the chart's code, and what it makes is listed at the
value that decides it. `-v` prints what is lost, and what is unclear.
"""

import json
import os
import re
import subprocess
import sys

WORDS = [
    "storageClass",
    "storageClassName",
    "existingClaim",
    "claimName",
    "volumeClaimTemplate",
    "volumeClaimTemplates",
    "persistentVolumeClaim",
    "kind: PersistentVolume",
    "hostPath",
]
LINE = re.compile(
    r"^(?P<in>[\s-]*)[\"']?(?P<word>storageClass(?:Name)?|existingClaim|claimName|volumeClaimTemplates?"
    r"|persistentVolumeClaim|hostPath)[\"']?\s*[:=](?P<rest>.*)$"
)
KIND = re.compile(r"^[\s-]*kind:\s*[\"']?PersistentVolume(?P<claim>Claim)?[\"']?\s*$")
ENDS = (".yaml", ".yml", ".tf", ".j2", ".gotmpl", ".tpl", ".json")
ABOUT = re.compile(
    r"^kind:\s*(CustomResourceDefinition|ClusterPolicy|Policy|ValidatingAdmissionPolicy|ConstraintTemplate"
    r"|PolicyReport|ClusterPolicyReport|\w*ValidatingPolicy|\w*MutatingPolicy|\w*GeneratingPolicy|Test|CompositeResourceDefinition|ObjectBucketClaim)\b",
    re.M,
)


def documents(lines):
    """The first and last line of each document."""
    start = 0
    for at, line in enumerate(lines):
        if line.startswith("---"):
            yield start, at
            start = at + 1
    yield start, len(lines)


def indent(line):
    """Where the key of a line begins: behind the dashes of lists."""
    return len(line) - len(line.lstrip(" -\t"))


def block(lines, at, deep):
    """The lines from `at` on that are deeper than `deep`."""
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or indent(lines[end]) > deep):
        end += 1
    return at, end


def around(lines, at):
    """The map that a line is in, from the line that opens it."""
    own, up = indent(lines[at]), at
    while up > 0 and (not lines[up].strip() or indent(lines[up]) >= own):
        up -= 1
    return block(lines, up, indent(lines[up])) if indent(lines[up]) < own else (at, at + 1)


def value(rest):
    return re.sub(r"\s+#.*$", "", rest).strip().strip("\"'")


def inventory(pintle, folder):
    out = subprocess.run([pintle, "storage", folder, "-o", "json"], capture_output=True, text=True)
    return json.loads(out.stdout)


def places(stock):
    """The lines of rows, by file; of what is counted; of what is unclear; the names of claims."""
    listed, counted, unclear, names = {}, {}, {}, set()
    for kind in ("claims", "databases", "volumes"):
        for row in stock.get(kind, []):
            if "file" not in row:
                continue
            listed.setdefault(row["file"], set()).add(row["start"]["line"])
            for step in row.get("road", []) + row.get("backups", []) + row.get("used_at", []):
                listed.setdefault(step["file"], set()).add(step["start"]["line"])
            if kind == "claims":
                names.add(row["name"])
    for row in stock["not_listed"]:
        if row["why"] != "unclear":
            counted.setdefault(row["file"], set()).add(row["start"]["line"])
    for row in stock["not_understood"]:
        unclear.setdefault(row["file"], set()).add(row["start"]["line"])
    return listed, counted, unclear, names


def judge(lines, at, name, word, rest, known):
    listed, counted, unclear, names = known
    rows, told, dark = (lines.get(name, set()) for lines in (listed, counted, unclear))
    ranges = [block(lines, at, indent(lines[at])), around(lines, at)]
    if word == "kind":
        ranges = [next((a, b) for a, b in documents(lines) if a <= at < b)]
    elif any(ranges[0][0] < line <= ranges[0][1] for line in dark):
        return "unclear"
    if any(a < line <= b for a, b in ranges for line in rows):
        return "listed"
    if any(a < line <= b for a, b in ranges for line in told):
        return "counted"
    if word == "persistentVolumeClaim":
        a, b = ranges[0]
        rest = " ".join(lines[a:b])
        rest = (re.search(r"claimName[\"']?\s*:\s*[\"']?([^\s\"'},]+)", rest) or [None, ""])[1]
    if word in ("existingClaim", "claimName", "persistentVolumeClaim") and value(rest) in names:
        return "listed"
    if any(a < line <= b for a, b in ranges for line in dark):
        return "unclear"
    if word == "volumeClaimTemplate" and value(rest):
        template = re.compile(r"\s*-\s+name:\s*[\"']?" + re.escape(value(rest)) + r"[\"']?\s*$")
        for other, line in enumerate(lines):
            if template.match(line):
                a, b = block(lines, other, len(line) - len(line.lstrip()))
                if any(a < row <= b for row in rows):
                    return "listed"
    return "lost"


def says_nothing(lines, at, word, rest):
    """Whether a line names a thing without asking for storage: a target, what defines a class, an empty name."""
    if word == "kind":
        a, b = around(lines, at)
        return indent(lines[at]) > 0 and not any(
            re.match(r"\s*-?\s*spec:", line) and indent(line) == indent(lines[at]) for line in lines[a:b]
        )
    opens = re.fullmatch(r"\s*(&\S+)?\s*(#.*)?", rest)
    if word == "storageClass" and (opens or rest.strip().startswith("{")):
        return True
    return word in ("existingClaim", "volumeClaimTemplates") and rest.strip() in ("''", '""', "[]", "{}")


def expected(folder):
    """The files that tests compare with what a cluster has, or hold policies against: no cluster gets them."""
    out = set()
    for top, _, files in os.walk(folder):
        for file in files:
            if re.fullmatch(r"\d+-(assert|errors)\.ya?ml", file):
                out.add(os.path.join(top, file))
            if not re.fullmatch(r"(kyverno|chainsaw)-test\.ya?ml", file):
                continue
            text = open(os.path.join(top, file), encoding="utf-8").read()
            if file.startswith("kyverno"):
                lists = re.findall(r"^(?:resources|targetResources):\s*\n((?:\s*- .*\n)*)", text + "\n", re.M)
                names = re.findall(r"- [\"']?([^\s\"']+)", "".join(lists))
                names += re.findall(r"^(?:variables|userinfo|context):\s*(\S+)", text, re.M)
                names += re.findall(r"^\s*(?:- )?(?:patched|generated)Resources?:\s*(\S+)", text, re.M)
            else:
                names = re.findall(r"^\s*(?:- )?(?:assert|error):\s*\n\s*file:\s*[\"']?([^\s\"']+)", text, re.M)
            out.update(os.path.normpath(os.path.join(top, name)) for name in names)
    return out


def look(folder, known, tally, only, wordy):
    tests = expected(folder)
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != ".git")
        for file in sorted(files):
            if not file.endswith(ENDS):
                continue
            path = os.path.join(top, file)
            name = os.path.relpath(path, folder)
            try:
                lines = open(path, encoding="utf-8").read().split("\n")
            except (UnicodeDecodeError, OSError):
                continue
            about = [ABOUT.search("\n".join(lines[a:b])) is not None for a, b in documents(lines)]
            ranges = list(documents(lines))
            for at, line in enumerate(lines):
                found, kind = LINE.match(line), KIND.match(line)
                if not (found or kind):
                    continue
                word = found["word"] if found else "kind"
                rest = found["rest"] if found else ""
                if only and word not in only:
                    continue
                here = next((k for k, (a, b) in enumerate(ranges) if a <= at < b), 0)
                if path in tests or about[here] or name.endswith((".schema.json", "openapi.json")) or says_nothing(lines, at, word, rest):
                    verdict = "about"
                elif "/templates/" in "/" + name and ("{{" in "\n".join(lines) or name.endswith(".tpl")):
                    verdict = "code"
                else:
                    verdict = judge(lines, at, name, word, rest, known)
                key = "kind: PersistentVolume" + (kind["claim"] or "") if kind else word
                tally.setdefault(key, {}).setdefault(verdict, 0)
                tally[key][verdict] += 1
                if wordy and verdict in ("lost", "unclear"):
                    print(f"{verdict}\t{os.path.basename(folder)}\t{name}:{at + 1}\t{line.strip()}")


def main():
    args = sys.argv[1:]
    wordy, only = "-v" in args, set()
    args = [arg for arg in args if arg != "-v"]
    if "--only" in args:
        at = args.index("--only")
        only = set(args[at + 1].split(","))
        del args[at : at + 2]
    pintle, folders, tally = args[0], args[1:], {}
    for folder in folders:
        look(folder.rstrip("/"), places(inventory(pintle, folder)), tally, only, wordy)
    total = {}
    for word, verdicts in sorted(tally.items()):
        print(f"{word:28}", " ".join(f"{key} {number}" for key, number in sorted(verdicts.items())))
        for key, number in verdicts.items():
            total[key] = total.get(key, 0) + number
    verdicts = ("listed", "counted", "unclear", "lost")
    held = sum(total.get(key, 0) for key in verdicts)
    share = lambda key: f"{100 * total.get(key, 0) / max(held, 1):.1f} %"
    print(f"held {held}:", ", ".join(f"{key} {share(key)}" for key in verdicts))


if __name__ == "__main__":
    main()
