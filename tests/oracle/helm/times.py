#!/usr/bin/env python3
"""Holds the time that pintle takes for charts against the time that helm takes.

    times.py REPO_DIR... --helm HELM --pintle target/release/examples/time_charts [--threads] [--rounds N] [--show N]

Every chart of the repositories that can be installed is rendered with its defaults, dependencies filled in as
`objects.py` does it. Of helm it is the time of the processor, its own and that of the system, on one thread unless
`--threads` is given, of the quickest of some runs; what an empty chart takes is taken off each. Of pintle it is one process on one thread, of each
part of the work the quickest round. Only what helm renders counts.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import tempfile

from objects import KUBE, copy, is_library
from values import charts_of, load, pool_of


def processor_time(command, env):
    """The seconds of processor that a command takes, and whether it ends well."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    return used.ru_utime + used.ru_stime, status == 0


def helm_takes(options, target, runs):
    env = dict(os.environ) if options.threads else dict(os.environ, GOMAXPROCS="1")
    command = [options.helm, "template", "release-name", str(target), "--kube-version", KUBE]
    times = [processor_time(command, env) for _ in range(runs)]
    return min(times)[0], all(well for _, well in times)


def empty_chart(scratch):
    target = scratch / "empty"
    (target / "templates").mkdir(parents=True)
    (target / "Chart.yaml").write_text("apiVersion: v2\nname: empty\nversion: 1.0.0\n")
    return target


def pintle_takes(program, root, targets, rounds):
    lines = "".join(f"{target.relative_to(root)}\n" for target in targets)
    env = dict(os.environ, RAYON_NUM_THREADS="1")
    done = subprocess.run([program, str(root), str(rounds)], input=lines, capture_output=True, text=True, env=env, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repos", nargs="+", type=pathlib.Path)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--pintle", required=True)
    parser.add_argument("--threads", action="store_true", help="helm has all the threads that it wants")
    parser.add_argument("--runs", type=int, default=3, help="of helm")
    parser.add_argument("--rounds", type=int, default=10, help="of pintle")
    parser.add_argument("--show", type=int, default=8, help="of the slowest charts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        root, targets, theirs = scratch / "all", [], {}
        empty = helm_takes(options, empty_chart(scratch), 4 * options.runs)[0]
        pools = [(pool_of(repo), chart) for repo in options.repos for chart in charts_of(repo)]
        for pool, chart in pools:
            if is_library(chart):
                continue
            target = root / str(len(targets)) / (load(chart / "Chart.yaml").get("name") or "x")
            copy(chart, target, pool)
            seconds, well = helm_takes(options, target, options.runs)
            if well:
                targets.append(target)
                theirs[str(target.relative_to(root))] = (seconds - empty) * 1e6
        ours = pintle_takes(options.pintle, root, targets, options.rounds)
    report(ours, theirs, empty, options.show)


def report(ours, theirs, empty, show):
    parts, lines, objects = collections.Counter(), 0, 0
    for chart in ours["charts"]:
        parts.update(chart["micros"])
        lines += chart["lines"]
        objects += chart["objects"]
    helm, own = sum(theirs.values()), sum(parts.values())
    print(f"{len(theirs)} charts, {lines} lines, {objects} objects")
    print(f"helm   {helm / 1000:9.1f} ms less {len(theirs)} times {empty * 1000:.1f} ms of an empty chart")
    print(f"pintle {own / 1000:9.1f} ms, 1/{helm / own:.1f}; files from the disk {ours['disk'] / 1000:.1f} ms more")
    for part, micros in parts.items():
        print(f"  {part:8} {micros / 1000:8.1f} ms {micros / own:5.0%}")
    slow = sorted(ours["charts"], key=lambda chart: -sum(chart["micros"].values()))
    for chart in slow[:show]:
        micros = sum(chart["micros"].values())
        shares = " ".join(f"{part} {time / 1000:.1f}" for part, time in chart["micros"].items())
        print(f"  {chart['chart']:40} {micros / 1000:7.1f} ms, helm {theirs[chart['chart']] / 1000:7.1f} ms: {shares}")


if __name__ == "__main__":
    main()
