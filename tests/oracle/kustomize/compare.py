#!/usr/bin/env python3
"""Compares what pintle renders with what truth.py wrote.

    compare.py TRUTH_DIR PINTLE_JSONL… [--show N] [--only REPO] [--hashes]

TRUTH_DIR      a folder with kustomize.jsonl and flux.jsonl, or one that has such a folder for each repository
PINTLE_JSONL   one record a line:
                 a kustomization         {"dir", "ok", "errors", "objects"}
                 a Flux Kustomization    {"name", "namespace", "path", "objects"}, and if known "chain", "file", "ok", "errors";
                                         with "means" other than "Flux" it is something else, and left out
               With several repositories a record has "repo", or the path of the file names the repository.

A repository is only judged by the kinds of records that are there. Objects match by (API group, kind, namespace, name); the hashes of
generated names are taken off unless --hashes is given.
"""

import argparse
import collections
import json
import os
import re
import sys

import objects
from objects import clip, identity, show_identity
from workcopy import clean_path

FIELDS = ("objects", "matched", "equal", "extra") + tuple(
    "%s %s" % (fact, part) for fact in objects.FACTS for part in ("wanted", "found", "extra")
)


class Score:
    def __init__(self):
        self.builds = collections.Counter()
        self.counts = collections.Counter()

    def add(self, other):
        self.builds.update(other.builds)
        self.counts.update(other.counts)


class Listing:
    """The first differences of each class, and how often each class and each kind of place occurs."""

    def __init__(self, limit):
        self.limit = limit
        self.shown = collections.defaultdict(list)
        self.classes = collections.Counter()
        self.places = collections.Counter()

    def add(self, sort, where, what, path="", want=None, got=None):
        self.classes[sort] += 1
        if path:
            self.places[sort, what.split(" ")[0], re.sub(r"\[[^\]]*\]", "[]", path)] += 1
        if len(self.shown[sort]) < self.limit:
            self.shown[sort].append((where, what, path, want, got))

    def print(self):
        for sort, count in self.classes.most_common():
            print("\n%s: %d" % (sort, count))
            for where, what, path, want, got in self.shown[sort]:
                print("  %s  %s%s" % (where, what, "  " + path if path else ""))
                if want is not None or got is not None:
                    print("      want %s\n      got  %s" % (clip(want), clip(got)))
        if self.places and self.limit:
            print("\nplaces that differ most")
            for (sort, kind, path), count in self.places.most_common(25):
                print("  %5d  %-14s %s %s" % (count, sort, kind, path))


def read_lines(path):
    with open(path) as source:
        for line in source:
            if line.strip():
                yield json.loads(line)


# ---- one build ----


def compare_build(want, got, where, listing, strict_hashes):
    """Scores one set of objects against another."""
    score = Score()
    want = [value for value in want if isinstance(value, dict)]
    got = [value for value in got if isinstance(value, dict)]
    if not strict_hashes:
        want, got = objects.without_hashes(want), objects.without_hashes(got)
    pairs, missing, extra = objects.pair(want, got)
    score.counts.update({"objects": len(want), "matched": len(pairs), "extra": len(extra)})
    for value in missing:
        listing.add("missing object", where, show_identity(identity(value)))
    for value in extra:
        listing.add("extra object", where, show_identity(identity(value)))
    for one, other in pairs:
        found = list(objects.differences(one, other))
        score.counts["equal"] += not found
        for difference in found:
            listing.add(difference.sort, where, show_identity(identity(one)), difference.path, difference.want, difference.got)
    for fact, extract in objects.FACTS.items():
        wanted, matched, lost, more = objects.compare_facts(extract, want, got)
        score.counts.update({fact + " wanted": wanted, fact + " found": matched, fact + " extra": len(more)})
        for kind, namespace, name, path, value in lost:
            same = next((other[4] for other in more if other[:4] == (kind, namespace, name, path)), None)
            listing.add(fact + " differ", where, "%s %s/%s" % (kind, namespace, name), path, value, same)
        for kind, namespace, name, path, value in more:
            if not any(other[:4] == (kind, namespace, name, path) for other in lost):
                listing.add(fact + " differ", where, "%s %s/%s" % (kind, namespace, name), path, None, value)
    return score


def accepted(record):
    if record is None:
        return False
    if "ok" in record:
        return bool(record["ok"])
    return not record.get("errors")


def compare_record(truth, mine, where, listing, strict_hashes):
    """Scores a build of the truth against ours. Returns (group, score)."""
    score = Score()
    group = "partial" if truth.get("partial") or truth.get("below_partial") else "whole"
    complaint = clip("; ".join(map(str, (mine or {}).get("errors") or [])) or ("no record" if mine is None else ""))
    if truth["ok"]:
        score.builds["true"] += 1
        if accepted(mine):
            score.builds["both"] += 1
        else:
            score.builds["we refuse"] += 1
            listing.add("we refuse what builds", where, complaint)
    elif truth["class"] == "other":
        score.builds["refused"] += 1
        if accepted(mine) and mine.get("objects"):
            score.builds["we accept"] += 1
            listing.add("we accept what is refused", where, truth.get("cause") or truth["error"])
        if not truth.get("partial"):
            return group, score
    else:
        score.builds["apart"] += 1
        score.builds["apart: " + truth["class"]] += 1
        if mine is None or not mine.get("objects") or not truth.get("partial"):
            return group, score
    score.add(compare_build(truth["objects"], (mine or {}).get("objects") or [], where, listing, strict_hashes))
    return group, score


# ---- repositories ----


def pair_flux(truths, mine):
    """Pairs Flux Kustomizations by (namespace, name, path), and where that is not enough by chain and content."""

    def keys(record):
        namespace, name, path = str(record.get("namespace") or ""), str(record.get("name")), clean_path(record.get("path"))
        # The namespace of a root may be known to one side only; the path may be written differently.
        return [(namespace, name, path), (name, path), (namespace, name)]

    pairs = []
    for level in range(3):
        waiting = collections.defaultdict(list)
        for record in mine:
            waiting[keys(record)[level]].append(record)
        left = []
        # The same key may be declared twice, once by something dead: the richer one chooses first.
        for truth in sorted(truths, key=lambda truth: -len(truth["objects"])):
            same = waiting[keys(truth)[level]]
            if level == 1 and truth.get("namespace"):
                same = [record for record in same if not record.get("namespace")]
            if not same:
                left.append(truth)
                continue
            want = {identity(value) for value in truth["objects"]}

            def closeness(record):
                got = {identity(value) for value in record.get("objects") or [] if isinstance(value, dict)}
                alike = sum(value in truth["objects"] for value in record.get("objects") or []) if len(same) > 1 else 0
                known = record.get("chain") == truth["chain"], bool(truth["file"]) and record.get("file") == truth["file"]
                return (*known, alike, -len(want ^ got))

            best = max(same, key=closeness)
            waiting[keys(best)[level]].remove(best)
            mine = [record for record in mine if record is not best]
            pairs.append((truth, best))
        truths = left
    return pairs, truths, mine


def compare_repository(folder, records, listing, strict_hashes, repo):
    """{group: Score} of one repository."""
    groups = collections.defaultdict(Score)

    def take(kind, truth, mine, where):
        group, score = compare_record(truth, mine, "%s %s" % (repo, where), listing, strict_hashes)
        groups[kind if group == "whole" else kind + " partial"].add(score)

    plain = {clean_path(record["dir"]): record for record in records if "dir" in record}
    if plain:
        for truth in read_lines(os.path.join(folder, "kustomize.jsonl")):
            take("kustomize", truth, plain.pop(clean_path(truth["dir"]), None), truth["dir"])
        groups["kustomize"].builds["not in truth"] += len(plain)
    mine = [record for record in records if "dir" not in record]
    if mine:
        pairs, missing, extra = pair_flux(list(read_lines(os.path.join(folder, "flux.jsonl"))), mine)
        for truth, record in pairs + [(truth, None) for truth in missing]:
            take("flux", truth, record, "%s (%s)" % (" > ".join(truth["chain"]), truth["path"]))
        for record in extra:
            groups["flux"].builds["not in truth"] += 1
            listing.add("delivery not in truth", repo, "%s/%s (%s), %d objects" % (
                record.get("namespace") or "", record.get("name"), record.get("path"), len(record.get("objects") or [])))
    return groups


def repository_of(record, path, known):
    """Which repository a record is about."""
    if record.get("repo") in known:
        return record["repo"]
    parts = os.path.normpath(path).split(os.sep)
    for part in reversed(parts):
        for name in known:
            if part == name or re.match(re.escape(name) + r"\.[a-z.]*jsonl?$", part):
                return name
    raise SystemExit("%s: of which repository is this? Known: %s" % (path, ", ".join(sorted(known))))


def percent(part, whole):
    return "%6.2f%%" % (100.0 * part / whole) if whole else "      -"


def print_score(title, score):
    b, c = score.builds, score.counts
    apart = ", ".join("%s %d" % (key[7:], count) for key, count in sorted(b.items()) if key.startswith("apart: "))
    print("%s" % title)
    print("  builds   %d build in truth, both %d, we refuse %d; %d refused in truth, we accept %d; apart %d%s; not in truth %d" % (
        b["true"], b["both"], b["we refuse"], b["refused"], b["we accept"], b["apart"], " (%s)" % apart if apart else "", b["not in truth"]))
    print("  objects  %6d   matched %6d %s   equal %6d %s   extra %d" % (
        c["objects"], c["matched"], percent(c["matched"], c["objects"]), c["equal"], percent(c["equal"], c["objects"]), c["extra"]))
    for fact in objects.FACTS:
        print("  %-8s %6d   found   %6d %s   extra %d" % (
            fact, c[fact + " wanted"], c[fact + " found"], percent(c[fact + " found"], c[fact + " wanted"]), c[fact + " extra"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth")
    parser.add_argument("pintle", nargs="+")
    parser.add_argument("--show", type=int, default=3, metavar="N", help="list the first N differences of each class")
    parser.add_argument("--only", metavar="REPO", help="only repositories with this in their name")
    parser.add_argument("--hashes", action="store_true", help="compare the hashes of generated names too")
    parser.add_argument("--json", metavar="FILE", help="write the numbers there as well")
    options = parser.parse_args()

    if os.path.exists(os.path.join(options.truth, "kustomize.jsonl")):
        single = os.path.basename(os.path.abspath(options.truth))
        folders = {single: options.truth}
    else:
        single = None
        folders = {
            name: os.path.join(options.truth, name) for name in sorted(os.listdir(options.truth))
            if os.path.exists(os.path.join(options.truth, name, "kustomize.jsonl"))
        }
    records = collections.defaultdict(list)
    for path in options.pintle:
        for record in read_lines(path):
            if record.get("means", "Flux") == "Flux":
                records[single or repository_of(record, path, folders)].append(record)

    listing, totals, numbers = Listing(options.show), collections.defaultdict(Score), {}
    for repo in sorted(records):
        if options.only and options.only not in repo:
            continue
        groups = compare_repository(folders[repo], records[repo], listing, options.hashes, repo)
        for group, score in sorted(groups.items()):
            print_score("%s  [%s]" % (repo, group), score)
            totals[group].add(score)
            numbers.setdefault(repo, {})[group] = {"builds": score.builds, "counts": score.counts}
        print()
    for group, score in sorted(totals.items()):
        print_score("TOTAL  [%s]" % group, score)
        numbers.setdefault("TOTAL", {})[group] = {"builds": score.builds, "counts": score.counts}
    listing.print()
    if options.json:
        with open(options.json, "w") as out:
            json.dump(numbers, out, indent=1, sort_keys=True)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
