#!/usr/bin/env python3
"""Tells whether the baseline that one pintle wrote still holds for another.

    baselines.py OLD NEW REPO_DIR… [--show N]

Each repository is copied, the old binary writes a baseline there, and the new one lints with it. An entry holds if the new run has a
finding of its fingerprint. The others are told apart by what the new run says instead:

    identity   the same rule at the same file, line and column: the finding is there under another fingerprint
    place      the same rule, owner and path in another file or line
    rule       another rule at the same place
    gone       nothing of it is left

Findings that count although there is a baseline are told apart too: those of the changed identities, those of rules that the old
binary does not have, and the rest.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

from compare import percent

REASONS = ("identity", "place", "rule", "gone")
FRESH = ("same place", "new rule", "old rule")


def run(binary, folder, *arguments):
    result = subprocess.run([binary, *arguments], cwd=folder, capture_output=True)
    if result.returncode not in (0, 1):
        raise SystemExit("%s %s: %s" % (binary, " ".join(arguments), result.stderr.decode("utf-8", "replace").strip()))
    return result.stdout


def findings(binary, folder, *arguments):
    return json.loads(run(binary, folder, "lint", "--root", ".", "-o", "json", *arguments))["findings"]


def rules(binary, folder):
    lines = run(binary, folder, "rules").decode("utf-8", "replace").splitlines()
    return {line.split()[0] for line in lines if line.strip()}


def place(finding):
    return (finding["rule"], finding["file"], finding["start"]["line"], finding["start"]["column"])


def whose(finding):
    return (finding["rule"], finding["owner"], finding["path"])


def compare(old, new, repo, scratch):
    """(counts, [(reason, old finding, new finding or None)]) of one repository."""
    folder = os.path.join(scratch, "repo")
    shutil.copytree(repo, folder, symlinks=True)
    baseline = os.path.join(scratch, "baseline")
    try:
        before = {finding["fingerprint"]: finding for finding in reversed(findings(old, folder))}
        run(old, folder, "baseline", "--root", ".", "-o", baseline)
        after = findings(new, folder, "--baseline", baseline)
        known = rules(old, folder)
    finally:
        shutil.rmtree(folder)
    with open(baseline, encoding="utf-8") as source:
        entries = {line.split()[0] for line in source if line.strip() and not line.startswith("#")}
    os.unlink(baseline)

    here = {finding["fingerprint"] for finding in after}
    by_place, by_owner, by_spot = {}, {}, {}
    for finding in after:
        by_place.setdefault(place(finding), finding)
        by_owner.setdefault(whose(finding), finding)
        by_spot.setdefault(place(finding)[1:], finding)
    counts, stale, renewed = collections.Counter(entries=len(entries), hold=len(entries & here)), [], set()
    for print_ in sorted(entries - here):
        finding = before[print_]
        instead = (by_place.get(place(finding)), by_owner.get(whose(finding)), by_spot.get(place(finding)[1:]))
        reason = next((reason for reason, other in zip(REASONS, instead) if other), "gone")
        if reason == "identity":
            renewed.add(place(finding))
        counts[reason] += 1
        stale.append((reason, finding, next(filter(None, instead), None)))
    for finding in after:
        if finding["status"] == "live":
            is_new = "new rule" if finding["rule"] not in known else "old rule"
            counts["same place" if place(finding) in renewed else is_new] += 1
    return counts, stale


def show(finding):
    return "%s:%d  %s %s" % (finding["file"], finding["start"]["line"], finding["owner"], finding["path"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("repos", nargs="+")
    parser.add_argument("--show", type=int, default=5, metavar="N", help="list the first N of each reason and rule")
    options = parser.parse_args()
    old, new = os.path.abspath(options.old), os.path.abspath(options.new)
    numbers, listing = {}, collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch:
        for repo in options.repos:
            name = os.path.basename(os.path.abspath(repo))
            numbers[name], stale = compare(old, new, os.path.abspath(repo), scratch)
            for reason, finding, instead in stale:
                listing[reason, finding["rule"]].append((name, finding, instead))
    numbers["TOTAL"] = sum(numbers.values(), collections.Counter())
    for name, c in numbers.items():
        print("%s\n  entries %6d   hold %6d %s   %s" % (
            name, c["entries"], c["hold"], percent(c["hold"], c["entries"]), "   ".join("%s %d" % (reason, c[reason]) for reason in REASONS)))
        print("  count anyway    %s" % "   ".join("%s %d" % (sort, c[sort]) for sort in FRESH))
    for (reason, rule), lines in sorted(listing.items(), key=lambda entry: (REASONS.index(entry[0][0]), -len(entry[1]))):
        print("\n%s, %s: %d" % (reason, rule, len(lines)))
        for name, finding, instead in lines[:options.show]:
            print("  %s  %s%s" % (name, show(finding), "\n      now  %s %s" % (instead["rule"], show(instead)) if instead else ""))


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
