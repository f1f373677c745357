"""Changes the bytes that pintle claims for a piece of what a chart writes, and looks whether helm then writes the change there.

mutate.py EXECUTE_CHART HELM COUNT CHART_DIR... : COUNT pieces of values files are drawn for each chart, with its defaults.
"""
import json
import os
import random
import re
import sys
import tempfile

from compare import KUBE, alone, apis, run

TOKEN = "zq7"


def written(helm, chart, name):
    return run([helm, "template", chart, "--kube-version", KUBE, "-s", name]).stdout


def drawn(told, chance, count):
    """Pieces that look like a word, and stand in the values."""
    out = []
    for line in told:
        text = line.get("text", "").encode()
        for end, file, first, last in line.get("places", []):
            piece = text[end - (last - first):end].decode(errors="replace")
            if file == "values.yaml" and re.fullmatch(r"[A-Za-z][A-Za-z0-9./-]{2,}", piece) and piece not in ("true", "false"):
                out.append((line["source"], end, piece, last))
    return chance.sample(out, min(count, len(out)))


def main():
    mine, helm, count, charts = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    chance = random.Random(7)
    told = {"drawn": 0, "changed there": 0, "changed elsewhere": 0, "refused": 0, "not changed": 0}
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, KUBE=KUBE, APIS=apis(helm, folder))
        for chart in charts:
            try:
                copy = alone(chart, folder)
            except OSError:
                continue
            lines = [json.loads(line) for line in run([mine, "--places", copy], env=env).stdout.splitlines()]
            path = os.path.join(copy, "values.yaml")
            if not os.path.exists(path):
                continue
            with open(path, "rb") as file:
                before = file.read()
            for source, end, piece, at in drawn(lines, chance, count):
                text = next(line["text"] for line in lines if line["source"] == source).encode()
                told["drawn"] += 1
                with open(path, "wb") as file:
                    file.write(before[:at] + TOKEN.encode() + before[at:])
                after = written(helm, copy, source)
                with open(path, "wb") as file:
                    file.write(before)
                line = text[text.rfind(b"\n", 0, end) + 1:end].decode(errors="replace") + TOKEN
                if not after:
                    told["refused"] += 1
                elif line.strip() in after:
                    told["changed there"] += 1
                elif TOKEN in after:
                    told["changed elsewhere"] += 1
                    print(os.path.basename(chart), source, repr(piece), repr(line))
                else:
                    told["not changed"] += 1
                    print(os.path.basename(chart), source, repr(piece), "NOT CHANGED", repr(line))
    print(json.dumps(told))


main()
