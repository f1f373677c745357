#!/usr/bin/env python3
"""Checks flux.py and envsubst.py against Flux's own Go packages.

    (cd fluxref && go build -o FLUXREF .)
    check_flux.py FLUXREF [--kustomize BINARY] REPO_DIR…

Every Flux Kustomization that truth.py builds is built by both, and random texts are substituted by both.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import envsubst
import flux
import kube_yaml
import truth
import workcopy


class Reference:
    def __init__(self, binary):
        environment = dict(os.environ, GIT_ALLOW_PROTOCOL="none", HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def sets_differ(ours, theirs):
    ours = sorted(kube_yaml.dump(value) for value in ours)
    theirs = sorted(kube_yaml.dump(kube_yaml.json_value(value)) for value in theirs)
    if ours == theirs:
        return None
    only_ours = [value for value in ours if value not in theirs]
    only_theirs = [value for value in theirs if value not in ours]
    return only_ours, only_theirs


def check_repository(reference, kustomize, repo, show):
    counts = {"builds": 0, "equal": 0, "objects": 0, "skipped": 0}
    seen = set()

    def observe(node, artifact, variables, record):
        if record.get("partial"):
            counts["skipped"] += 1
            return
        values = dict(variables.values)
        values.update({name: flux.UNKNOWN for name in variables.asked})
        key = kube_yaml.dump([artifact, node.value, values])
        if key in seen:
            return
        seen.add(key)
        value = json.loads(json.dumps(node.value))
        answer = reference.ask(root=artifact, path=record["path"], kustomization=value, variables=values)
        counts["builds"] += 1
        counts["objects"] += len(record["objects"])
        theirs = flux.delivered(kube_yaml.json_value(answer["objects"] or []), node.value.get("spec"))
        # Where a folder lists nothing, Flux adds origin annotations to get around an empty file. The records leave them out.
        for entry in theirs:
            annotations = entry["metadata"].get("annotations")
            if annotations and flux.ORIGIN in annotations:
                del annotations[flux.ORIGIN]
                if not annotations:
                    del entry["metadata"]["annotations"]
        difference = None
        if answer["ok"] != record["ok"]:
            difference = "ours %s %s, Flux %s %s" % (record["ok"], record["error"], answer["ok"], answer["error"][:300])
        elif answer["ok"]:
            sets = sets_differ(record["objects"], theirs)
            difference = sets and "\n  ours %s\n  Flux %s" % tuple([text[:1500] for text in side[:2]] for side in sets)
        if difference:
            if show[0]:
                show[0] -= 1
                print(record["path"], record["name"], difference)
        else:
            counts["equal"] += 1

    repo = os.path.realpath(repo)
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, "repo")
        os.makedirs(copy)
        paths = workcopy.tracked_files(repo)
        workcopy.copy_files(repo, paths, copy)
        truths = truth.FluxTruth(kustomize, copy, os.path.basename(repo).rsplit("+", 1)[-1], paths, scratch)
        truths.observe = observe
        for _ in truths.records():
            pass
    print(os.path.basename(repo), counts)


PIECES = [
    "${", "}", "$$", "$", "{", "a", "A1", "_b", "long", "empty", ":", ":-", ":=", "=", "-", "+", ":+", ":?", "?", "#", "##", "%", "%%", "/", "//",
    "/#", "/%", "^", "^^", ",", ",,", "1", "2", "-1", " ", "\\", "\\/", "*", ".", "x", "é", "\n", "\"", "'", ": ",
]
TEMPLATES = [
    "${%s}", "${%s:-%s}", "${%s:=%s}", "${%s=%s}", "${#%s}", "${%s^}", "${%s^^}", "${%s,}", "${%s,,}", "${%s:%s}", "${%s:1:%s}", "${%s#%s}",
    "${%s##%s}", "${%s%%%s}", "${%s%%%%%s}", "${%s/%s/x}", "${%s//%s/y}", "${%s/#%s/z}", "${%s/%%%s/w}", "$${%s}", "${%s-%s}", "${%s:+%s}",
    "${%s:${%s}}", "${%s:-${%s:-b}c}", "${%s=${%s}}",
]
VALUES = {"a": "abcABC123ABCabc", "A1": "path/to/file.tar.gz", "_b": "b", "long": "Über x.y/z", "empty": ""}


def check_envsubst(reference, rounds, show):
    random.seed(20)
    names = list(VALUES) + ["missing"]
    words = ["*", "a", "abc", "*.", ".*", "*/", "/*", "b", "2", "-3", "", "x y", "?", "[a-c]", "${a}", "$$", "\\/", "Ü"]
    same = 0
    for i in range(rounds):
        if i % 2:
            parts = []
            for _ in range(random.randint(1, 4)):
                template = random.choice(TEMPLATES)
                filled = template
                for k in range(template.replace("%%", "").count("%s")):
                    filled = filled.replace("%s", random.choice(names) if k == 0 else random.choice(words), 1)
                parts.append(filled.replace("%%", "%") + random.choice(["", " ", "text", "$", "}"]))
            text = "".join(parts)
        else:
            text = "".join(random.choice(PIECES) for _ in range(random.randint(1, 12)))
        answer = reference.ask(text=text, variables=VALUES)
        try:
            ours = envsubst.substitute(text, lambda name: VALUES.get(name, ""))
        except envsubst.BadSubstitution:
            ours = None
        if ours == (answer["text"] if answer["ok"] else None):
            same += 1
        elif show[0]:
            show[0] -= 1
            print("envsubst %r: ours %r, Flux %r %s" % (text, ours, answer["text"], answer["error"]))
    print("envsubst: %d of %d texts equal" % (same, rounds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fluxref")
    parser.add_argument("repos", nargs="*")
    parser.add_argument("--kustomize", default=os.environ.get("KUSTOMIZE", "kustomize"))
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    reference = Reference(options.fluxref)
    show = [options.show]
    check_envsubst(reference, options.texts, show)
    for repo in options.repos:
        check_repository(reference, workcopy.Kustomize(options.kustomize), repo, show)


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    main()
