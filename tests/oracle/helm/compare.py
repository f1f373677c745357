"""Holds what pintle's engine writes for charts against helm, object by object.

compare.py EXECUTE_CHART HELM CHART_DIR... : every chart is rendered with its defaults and with each values file in ci/,
without its dependencies (they are taken out of a copy, for both). Prints what differs, and counts.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

KUBE = "v1.30.0"
RANDOM = re.compile(r"\b(rand(AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(CA|SignedCert|SelfSignedCert|PrivateKey)|htpasswd|bcrypt|uuidv4|now|shuffle)\b")


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


def apis(helm, folder):
    """The API versions that helm assumes."""
    probe = os.path.join(folder, "probe")
    os.makedirs(os.path.join(probe, "templates"))
    with open(os.path.join(probe, "Chart.yaml"), "w") as file:
        file.write("apiVersion: v2\nname: probe\nversion: 1.0.0\n")
    with open(os.path.join(probe, "templates", "x.yaml"), "w") as file:
        file.write('x: {{ join "," .Capabilities.APIVersions | quote }}\n')
    out = run([helm, "template", probe, "--kube-version", KUBE]).stdout
    return yaml.safe_load(out)["x"]


def alone(chart, folder):
    """A copy of a chart without its dependencies."""
    copy = os.path.join(folder, "chart")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(chart, copy)
    path = os.path.join(copy, "Chart.yaml")
    with open(path) as file:
        lines = file.read().split("\n")
    kept, inside = [], False
    for line in lines:
        if re.match(r"dependencies\s*:", line):
            inside = True
        elif inside and re.match(r"[A-Za-z]", line):
            inside = False
        if not inside:
            kept.append(line)
    with open(path, "w") as file:
        file.write("\n".join(kept))
    for name in ("charts", "requirements.yaml", "requirements.lock", "Chart.lock", "values.schema.json", ".helmignore"):
        whole = os.path.join(copy, name)
        shutil.rmtree(whole, ignore_errors=True)
        if os.path.isfile(whole):
            os.remove(whole)
    return copy


class Loader(yaml.CSafeLoader):
    pass


Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def objects(text):
    out = {}
    for document in re.split(r"(?m)^---[ \t]*", text):
        if not document.strip():
            continue
        made = yaml.load(document.strip(), Loader=Loader)
        if not isinstance(made, dict):
            continue
        meta = made.get("metadata") or {}
        key = (made.get("kind"), meta.get("namespace"), meta.get("name"))
        while key in out:
            key = key + ("again",)
        out[key] = made
    return out


def differences(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b), key=str):
            if key not in a or key not in b:
                yield f"{path}.{key}", a.get(key, "(none)"), b.get(key, "(none)")
            else:
                yield from differences(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for at, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{at}]")
    elif a != b:
        yield path, a, b


def main():
    mine, helm, charts = sys.argv[1], sys.argv[2], sys.argv[3:]
    count = {"cases": 0, "both refuse": 0, "only helm refuses": 0, "only pintle refuses": 0, "objects": 0, "equal": 0}
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, KUBE=KUBE, APIS=apis(helm, folder))
        for chart in charts:
            try:
                copy = alone(chart, folder)
            except OSError:
                continue
            with_random = RANDOM.search("".join(open(os.path.join(where, name), errors="replace").read()
                for where, _, names in os.walk(os.path.join(copy, "templates")) for name in names))
            ci = os.path.join(copy, "ci")
            values = sorted(os.path.join(ci, name) for name in os.listdir(ci) if name.endswith("values.yaml")) if os.path.isdir(ci) else []
            for file in [None] + values:
                case = f"{os.path.basename(chart)} {os.path.basename(file or '')}"
                count["cases"] += 1
                given = ["-f", file] if file else []
                truth = run([helm, "template", copy, "--kube-version", KUBE] + given)
                lines = run([mine, copy] + ([file] if file else []), env=env)
                if lines.returncode != 0:
                    print(case, "CRASH", lines.stderr[-300:])
                told = [json.loads(line) for line in lines.stdout.splitlines()]
                faults = [line for line in told if "fault" in line]
                if truth.returncode != 0:
                    count["both refuse" if faults else "only helm refuses"] += 1
                    if not faults:
                        print(case, "ONLY HELM REFUSES:", truth.stderr.strip()[:300])
                    continue
                if faults:
                    count["only pintle refuses"] += 1
                    for fault in faults[:3]:
                        print(case, "FAULT", fault["at"], fault["fault"][:200])
                try:
                    theirs = objects(truth.stdout)
                    ours = objects("\n---\n".join(line["text"] for line in told if "text" in line and not line["source"].endswith("NOTES.txt")))
                except yaml.YAMLError as wrong:
                    print(case, "NO YAML", str(wrong)[:300].replace("\n", " "))
                    continue
                count["objects"] += len(theirs)
                for key in sorted(set(theirs) | set(ours), key=str):
                    if theirs.get(key) == ours.get(key):
                        count["equal"] += 1
                        continue
                    if key not in ours or key not in theirs:
                        print(case, key, "only helm's" if key in theirs else "only ours")
                        continue
                    for path, a, b in list(differences(theirs[key], ours[key]))[:3]:
                        note = " (random)" if with_random else ""
                        print(case, key, path, f"\n    helm {str(a)[:200]!r}\n    here {str(b)[:200]!r}{note}")
    print(json.dumps(count))


if __name__ == "__main__":
    main()
