#!/usr/bin/env python3
"""Proves the places that pintle claims: what is changed there changes the value that kustomize renders, and nothing else.

    mutate.py RENDER_ALL REPO_DIR… [--count N] [--seed N] [--kustomize BINARY] [--json FILE]

RENDER_ALL is the built example `render_all`. Of every repository that is named, N scalars of rendered objects are drawn by chance, the same share of
each class of fields: images, storage classes, data of Secrets, names, others. Into the bytes of the place that is claimed for one of them a token is
put, behind the last letter and within the quotes; then the real kustomize builds that kustomization. The verdicts:

    right       the scalar has the token where it was put, and only this scalar, or others too (they are counted)
    part        it has the token where it was put, and more of it changed: an image whose name an entry of `images` no longer matches
    moved       it has it, and now is elsewhere in its object, as lists that are merged by name are sorted anew
    otherwise   the scalar changed, and not to what was expected
    wrong       the scalar is what it was: the place is not its place
    refused     kustomize does not build that any more (a patch that meets nothing, a file that is not there): no verdict

Precision is the share of right, part and moved among all with a verdict. Besides, all scalars are counted by how exact their place is: `verbatim` is one
place that holds the value byte for byte, `woven` several such, `encoded` one that holds what is base64 in the value, `spelled` a place that says it in another way and cannot be edited like this.
"""

import argparse
import base64
import collections
import concurrent.futures
import json
import os
import queue
import random
import re
import subprocess
import sys
import tempfile

import kube_yaml
import objects
import workcopy

CLASSES = ("image", "class", "secret", "name", "other")
STORAGE = ("storageClassName", "storageClass")
# So many scalars are kept of each kustomization and class, so that no large one outweighs all others.
KEPT = 40
TOKEN, DIGIT = "zq7", "7"
EXACT = ("verbatim", "woven", "encoded")


def class_of(record):
    path = record["path"]
    keys = [key for key in path if isinstance(key, str)]
    last = keys[-1] if keys else ""
    if record["kind"] == "Secret" and keys[:1] in (["data"], ["stringData"]):
        return "secret"
    if last == "image" and path[-1] == "image":
        return "image"
    if last in STORAGE:
        return "class"
    if keys == ["metadata", "name"] or keys == ["metadata", "namespace"] or re.fullmatch(r"name|.*Name", last):
        return "name"
    return "other"


def draw(render_all, root, good, chance):
    """{class: {folder: [scalar]}} by chance, and how exact the places of all scalars are."""
    kept = collections.defaultdict(lambda: collections.defaultdict(list))
    seen, exact = collections.Counter(), collections.Counter()
    process = subprocess.Popen([render_all, root, "--places"], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        record = json.loads(line)
        if record["dir"] not in good:
            continue
        sort = class_of(record)
        exact[sort, record["exact"]] += 1
        if record["exact"] == "encoded":
            decode(record)
        if not any(piece["verbatim"] and piece["from"] < piece["to"] for piece in record["pieces"]):
            continue
        key = sort, record["dir"]
        seen[key] += 1
        group = kept[sort][record["dir"]]
        if len(group) < KEPT:
            group.append(record)
        else:
            at = chance.randrange(seen[key])
            if at < KEPT:
                group[at] = record
    process.wait()
    return kept, exact


def decode(record):
    """What is encoded, in place of the value: its place holds it byte for byte."""
    try:
        text = base64.b64decode(record["text"]).decode()
    except ValueError:
        return
    record["text"] = record["value"] = text
    record["pieces"] = [dict(record["pieces"][0], **{"from": 0, "to": len(text.encode()), "verbatim": True})]


def decoded(value):
    try:
        return base64.b64decode(value).decode()
    except (TypeError, ValueError):
        return value


def choose(kept, count, chance):
    """So many scalars, by class, then by folder; classes that have too few leave their share to the others."""
    pools = {sort: [record for folder in sorted(groups) for record in groups[folder]] for sort, groups in kept.items()}
    for sort, groups in kept.items():
        chance.shuffle(pools[sort])
    chosen = []
    while len(chosen) < count and any(pools.values()):
        for sort in CLASSES:
            if pools.get(sort) and len(chosen) < count:
                chosen.append((sort, pools[sort].pop()))
    return chosen


def flatten(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, path + (key,))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from flatten(inner, path + (at,))
    else:
        yield path, value


def at_path(value, path):
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def shape(path):
    return tuple(step for step in path if isinstance(step, str))


def pair_up(before, after):
    """Pairs of objects; those that got another name are paired in their order."""
    waiting = collections.defaultdict(list)
    for value in after:
        waiting[objects.identity(value)].append(value)
    pairs, left = [], []
    for value in before:
        same = waiting[objects.identity(value)]
        if same:
            pairs.append((value, same.pop(0)))
        else:
            left.append(value)
    rest = [value for same in waiting.values() for value in same]
    for value in left:
        other = max(rest, key=lambda other: (other.get("apiVersion") == value.get("apiVersion"), other.get("kind") == value.get("kind"), likeness(value, other)), default=None)
        if other is not None:
            rest.remove(other)
        pairs.append((value, other))
    return pairs, rest


def likeness(one, other):
    return len(set(map(repr, flatten(one))) & set(map(repr, flatten(other))))


def without_hash(text):
    match = objects.HASHED.match(text)
    return match.group(1) if match else text


def same_text(value, text):
    """Whether a value reads as this text: 7 and 7.0 are what `7` and `7.0` say."""
    if isinstance(value, str):
        return value == text
    try:
        return value == kube_yaml.load(text)
    except Exception:
        return False


class Repository:
    def __init__(self, repo, kustomize, scratch, workers):
        self.kustomize = kustomize
        self.copies = queue.Queue()
        repo = os.path.realpath(repo)
        paths = workcopy.tracked_files(repo)
        for number in range(workers):
            root = os.path.join(scratch, "copy%d" % number)
            os.makedirs(root)
            workcopy.copy_files(repo, paths, root)
            self.copies.put(root)
            self.root = root
        self.bases = {}

    def render(self, root, folder, known):
        """The objects of a build. `known` are documents that were read before, by their text: most stay as they are."""
        ok, output, _ = self.kustomize.build(root, folder)
        if not ok:
            return None
        values = [known[text] if text in known else kube_yaml.load(text) for text in kube_yaml.split_documents(output)]
        return objects.without_hashes([value for value in values if isinstance(value, dict)])

    def base(self, root, folder):
        """The objects of a build before anything is changed, and its documents by their text."""
        found = self.bases.get(folder)
        if found is None:
            # Folders come one after the other: more than a few are not needed at once.
            for other in list(self.bases)[:-4]:
                self.bases.pop(other, None)
            ok, output, _ = self.kustomize.build(root, folder)
            known = {text: kube_yaml.load(text) for text in kube_yaml.split_documents(output)} if ok else {}
            values = [value for value in known.values() if isinstance(value, dict)]
            found = (objects.without_hashes(values) if ok else None), known
            self.bases[folder] = found
        return found

    def prove(self, record, pick):
        """(verdict, how many other scalars changed, explanation)"""
        root = self.copies.get()
        try:
            return self.prove_in(root, record, pick)
        finally:
            self.copies.put(root)

    def prove_in(self, root, record, pick):
        base, known = self.base(root, record["dir"])
        if base is None:
            return "no base", 0, ""
        pieces = [piece for piece in record["pieces"] if piece["verbatim"] and piece["from"] < piece["to"]]
        piece = pieces[pick % len(pieces)]
        text = record["text"].encode()
        end, at = piece["end"], piece["to"]
        if text[at - 1 : at] == b"\n":
            end, at = end - 1, at - 1
        path = os.path.join(root, piece["file"])
        with open(path, "rb") as source:
            old = source.read()
        place = "%s:%d..%d" % (piece["file"], piece["start"], piece["end"])
        if old[piece["start"] : piece["end"]] != text[piece["from"] : piece["to"]]:
            return "wrong", 0, place + " holds %r" % old[piece["start"] : piece["end"]]
        token = (DIGIT if isinstance(record["value"], (int, float)) and not isinstance(record["value"], bool) else TOKEN).encode()
        try:
            with open(path, "wb") as out:
                out.write(old[:end] + token + old[end:])
            after = self.render(root, record["dir"], known)
        finally:
            with open(path, "wb") as out:
                out.write(old)
        if after is None:
            return "refused", 0, place
        put = (text[piece["from"] : at] + token).decode()
        return self.judge(record, base, after, (text[:at] + token + text[at:]).decode(), put, place)

    def judge(self, record, base, after, wanted, put, place):
        pairs, extra = pair_up(base, after)
        steps = tuple(record["path"])
        # The object that is meant: by its identity, with the value that pintle sees there.
        meant = [
            at for at, (value, _) in enumerate(pairs)
            if (objects.identity(value).group or "") == record["group"]
            and value.get("kind") == record["kind"]
            and without_hash(str(record["name"])) == without_hash(str((value.get("metadata") or {}).get("name")))
            and str((value.get("metadata") or {}).get("namespace") or "") == record["namespace"]
        ]
        plain = decoded if record["exact"] == "encoded" else lambda value: value
        if not meant or not same_text(plain(at_path(pairs[meant[0]][0], steps)), without_hash(record["text"])):
            if not meant or not same_text(plain(at_path(pairs[meant[0]][0], steps)), record["text"]):
                return "no base", 0, place
        changed = 0
        for value, other in pairs:
            if value == other:
                continue
            one, two = dict(flatten(value)), dict(flatten(other or {}))
            changed += sum(one.get(key) != two.get(key) for key in set(one) | set(two))
        changed += sum(1 for value in extra for _ in flatten(value))
        before, now = pairs[meant[0]]
        found = plain(at_path(now or {}, steps))
        if same_text(found, wanted) or same_text(found, without_hash(wanted)):
            return "right", max(changed - 1, 0), place
        if any(shape(key) == shape(steps) and same_text(value, wanted) for key, value in flatten(now or {})):
            return "moved", max(changed - 1, 0), place
        if isinstance(found, str) and found != plain(at_path(before, steps)) and put in found:
            return "part", max(changed - 1, 0), place
        verdict = "wrong" if found == at_path(before, steps) else "otherwise"
        return verdict, changed, "%s wanted %r found %r" % (place, wanted[-80:], str(found)[-80:])


def show(title, verdicts, exact):
    print(title)
    for sort in CLASSES + ("all",):
        counts = collections.Counter()
        others = []
        for one, (verdict, changed, _) in verdicts:
            if sort in (one, "all"):
                counts[verdict] += 1
                if verdict in ("right", "part", "moved"):
                    others.append(changed)
        places = collections.Counter()
        for (one, how), count in exact.items():
            if sort in (one, "all"):
                places[how] += count
        good = counts["right"] + counts["part"] + counts["moved"]
        judged = good + counts["otherwise"] + counts["wrong"]
        every = sum(places.values())
        if not every:
            continue
        alone = sum(count == 0 for count in others)
        print(
            "  %-7s drawn %4d  right %4d  part %3d  moved %3d  otherwise %3d  wrong %3d  refused %3d  no base %2d  precision %7s   alone %4d, others changed %d"
            % (sort, sum(counts.values()), counts["right"], counts["part"], counts["moved"], counts["otherwise"], counts["wrong"], counts["refused"], counts["no base"],
               "%.2f%%" % (100.0 * good / judged) if judged else "-", alone, sum(others)))
        print(
            "          of %d scalars: verbatim %d, woven %d, encoded %d, spelled %d: %.2f%% have an exact place"
            % (every, *(places[sort] for sort in EXACT), places["spelled"], 100.0 * sum(places[sort] for sort in EXACT) / every))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("render_all")
    parser.add_argument("repos", nargs="+")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", type=int, default=10, metavar="N", help="list the first N of each bad verdict")
    parser.add_argument("--kustomize", default=os.environ.get("KUSTOMIZE", "kustomize"))
    parser.add_argument("--json", metavar="FILE", help="write every verdict there, one a line")
    options = parser.parse_args()
    kustomize = workcopy.Kustomize(options.kustomize, timeout=60)
    all_verdicts, all_exact = [], collections.Counter()
    out = open(options.json, "w") if options.json else None
    for repo in options.repos:
        chance = random.Random(options.seed)
        with tempfile.TemporaryDirectory() as scratch:
            repository = Repository(repo, kustomize, scratch, options.workers)
            plain = subprocess.run([options.render_all, repository.root], stdout=subprocess.PIPE, text=True, check=True).stdout
            good = {record["dir"] for record in map(json.loads, plain.splitlines()) if record["ok"]}
            kept, exact = draw(options.render_all, repository.root, good, chance)
            chosen = choose(kept, options.count, chance)
            # Those of one folder together: their base is rendered once.
            chosen.sort(key=lambda one: one[1]["dir"])
            picks = [chance.randrange(1 << 30) for _ in chosen]
            with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
                verdicts = list(pool.map(lambda one: repository.prove(one[0][1], one[1]), zip(chosen, picks)))
        pairs = [(sort, verdict) for (sort, _), verdict in zip(chosen, verdicts)]
        show(os.path.basename(os.path.realpath(repo)), pairs, exact)
        for bad in ("wrong", "otherwise", "no base", "refused"):
            listed = [(record, verdict) for (_, record), verdict in zip(chosen, verdicts) if verdict[0] == bad]
            for record, verdict in listed[: options.show]:
                print("    %-9s %s %s/%s %s  %s" % (bad, record["dir"], record["kind"], record["name"], ".".join(map(str, record["path"])), verdict[2]))
        if out:
            for (sort, record), verdict in zip(chosen, verdicts):
                out.write(json.dumps({"repo": os.path.basename(os.path.realpath(repo)), "class": sort, "verdict": verdict[0], "others": verdict[1], "says": verdict[2], "record": record}) + "\n")
        all_verdicts += pairs
        all_exact.update(exact)
        sys.stdout.flush()
    if len(options.repos) > 1:
        show("TOTAL", all_verdicts, all_exact)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
