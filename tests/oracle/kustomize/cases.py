#!/usr/bin/env python3
"""Runs a renderer over cases of kustomize's own test suite.

    cases.py CASES_JSONL --cmd '/path/pintle render {dir} --output json'
    cases.py CASES_JSONL --real [--kustomize BINARY]

A case is {"id", "files": {path: text}, "target", "options", "expect": {"yaml"} or {"error"}}. Its files are written into an empty folder, in which the
command runs; {dir} becomes the target and {root} the folder. The command prints a record {"ok", "errors", "objects"}, a JSON list of objects, or a
stream of YAML or JSON documents, and fails or says "ok": false if it refuses. Results compare as sets; an error is equal to any error.
"""

import argparse
import collections
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import yaml

import kube_yaml
import objects
import workcopy
from objects import clip, identity, show_identity


def read_answer(text):
    """(ok, objects, complaint) of what a command printed."""
    values = []
    try:
        values = [json.loads(text)]
    except ValueError:
        try:
            values = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            try:
                values = kube_yaml.load_all(text)
            except yaml.YAMLError as error:
                return False, [], "unreadable output: %s" % error
    found, errors = [], []
    for value in values:
        if isinstance(value, list):
            found.extend(value)
        elif isinstance(value, dict) and "kind" not in value and ("objects" in value or "ok" in value or "errors" in value):
            found.extend(value.get("objects") or [])
            if not value.get("ok", not value.get("errors")):
                errors.append("; ".join(map(str, value.get("errors") or [])) or "not ok")
        elif isinstance(value, dict):
            found.append(value)
    return not errors, kube_yaml.json_value(found), "; ".join(errors)


def write_case(case, folder):
    for path, text in case["files"].items():
        # `/` is the root of the case. Nothing may lead out of it.
        inside = workcopy.clean_path(path)
        target = os.path.join(folder, inside)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w") as out:
            out.write(text)


def run_real(kustomize, case, folder):
    unrestricted = case["options"].get("LoadRestrictions") == "LoadRestrictionsNone"
    ok, output, complaints = kustomize.build(folder, workcopy.clean_path(case["target"]), unrestricted)
    if not ok:
        return False, [], complaints
    return read_answer(output)


def run_command(template, timeout, case, folder):
    target = workcopy.clean_path(case["target"])
    command = [part.replace("{dir}", target).replace("{root}", folder) for part in shlex.split(template)]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False, [], "timed out"
    except OSError as error:
        raise SystemExit("%s: %s" % (command[0], error))
    output, complaints = (stream.decode("utf-8", "replace") for stream in (result.stdout, result.stderr))
    if result.returncode < 0 or result.returncode == 101:
        # A crash is not a refusal.
        return None, [], "crashed: " + complaints.strip()[-300:]
    ok, found, complaint = read_answer(output)
    if result.returncode:
        ok = False
    return ok, found, complaint or complaints.strip()[-300:]


def judge(case, answer, hashes):
    """The differences of a case; none if it passes. Also its facts: {fact: (wanted, found, extra)}."""
    ok, got, complaint = answer
    lines, facts = [], {}
    if ok is None:
        return [complaint], facts
    if "error" in case["expect"]:
        if ok:
            lines.append("should be refused%s; %d objects" % (": " + clip(case["expect"]["error"]) if case["expect"]["error"] else "", len(got)))
        return lines, facts
    want = kube_yaml.load_all(case["expect"]["yaml"])
    if not hashes:
        want, got = objects.without_hashes(want), objects.without_hashes(got)
    for fact, extract in objects.FACTS.items():
        wanted, found, _, extra = objects.compare_facts(extract, want, got if ok else [])
        facts[fact] = (wanted, found, len(extra))
    if not ok:
        return ["refused: " + clip(complaint, 300)], facts
    pairs, missing, extra = objects.pair(want, got)
    lines += ["missing %s" % show_identity(identity(value)) for value in missing]
    lines += ["extra %s" % show_identity(identity(value)) for value in extra]
    for one, other in pairs:
        for difference in objects.differences(one, other):
            lines.append("%s: %s %s: want %s, got %s" % (
                show_identity(identity(one)), difference.sort, difference.path, clip(difference.want, 80), clip(difference.got, 80)))
    return lines, facts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases")
    parser.add_argument("--cmd", help="the command that renders, with {dir}")
    parser.add_argument("--real", action="store_true", help="run the real kustomize, to check this script")
    parser.add_argument("--kustomize", default=os.environ.get("KUSTOMIZE", "kustomize"))
    parser.add_argument("--only", metavar="TEXT", help="only cases with this in their id")
    parser.add_argument("--show", type=int, default=4, metavar="N", help="lines of difference for a case")
    parser.add_argument("--hashes", action="store_true", help="compare the hashes of generated names too")
    parser.add_argument("--timeout", type=int, default=20)
    parser.add_argument("--keep", metavar="FOLDER", help="write the files of failing cases there")
    options = parser.parse_args()
    if bool(options.cmd) == options.real:
        parser.error("one of --cmd and --real")
    kustomize = workcopy.Kustomize(options.kustomize, options.timeout) if options.real else None

    counts, sums, groups = collections.Counter(), collections.defaultdict(lambda: [0, 0, 0, 0, 0]), collections.defaultdict(lambda: [0, 0])
    with open(options.cases) as source:
        cases = [json.loads(line) for line in source if line.strip()]
    for case in cases:
        if options.only and options.only not in case["id"]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            write_case(case, folder)
            answer = run_real(kustomize, case, folder) if options.real else run_command(options.cmd, options.timeout, case, folder)
        lines, facts = judge(case, answer, options.hashes)
        kind = "error" if "error" in case["expect"] else "objects"
        counts[kind] += 1
        counts[kind + " passed"] += not lines
        group = groups[case["id"].split(".")[0]]
        group[0] += 1
        group[1] += not lines
        for fact, (wanted, found, extra) in facts.items():
            total = sums[fact]
            total[0] += wanted
            total[1] += found
            total[2] += extra
            if wanted or extra:
                total[3] += 1
                total[4] += wanted == found and not extra
        if lines:
            print("FAIL %s" % case["id"])
            for line in lines[: options.show]:
                print("     " + line)
            if len(lines) > options.show:
                print("     … %d more" % (len(lines) - options.show))
            if options.keep:
                write_case(case, os.path.join(options.keep, re.sub(r"[^A-Za-z0-9._-]", "_", case["id"])))

    total, passed = counts["objects"] + counts["error"], counts["objects passed"] + counts["error passed"]
    failing = {name: group for name, group in groups.items() if group[0] != group[1]}
    if failing:
        print("\nby file of the suite: " + ", ".join("%s %d/%d" % (name, group[1], group[0]) for name, group in sorted(failing.items())))
    print("\npassed %d of %d (%.1f%%): objects %d of %d, errors %d of %d" % (
        passed, total, 100.0 * passed / max(total, 1), counts["objects passed"], counts["objects"], counts["error passed"], counts["error"]))
    for fact, (wanted, found, extra, involved, right) in sums.items():
        print("%-8s found %d of %d, extra %d; right in %d of %d cases that have any" % (fact, found, wanted, extra, right, involved))
    sys.exit(passed != total)


if __name__ == "__main__":
    main()
