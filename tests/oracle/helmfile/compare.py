"""What helmfile itself renders of the rows of src/world/rows/helmfile.txt, held against pintle.

usage: compare.py HELMFILE PINTLE        (helm must be in the PATH)

Each row is written to a folder. For every environment that it declares the objects of `helmfile template` are held
against those of `pintle render`, by kind, namespace, name and data. Where helmfile refuses, pintle has to say so.
Rows with `(no tool)` in their title need what no tool here has: stores, keys, other clusters.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROWS = pathlib.Path(__file__).parents[3] / "src/world/rows/helmfile.txt"


def spelled_out(line):
    words = line.split()
    if words[:1] == ["@chart"]:
        return f"{{apiVersion: v2, name: {words[1]}, version: 1.0.0}}"
    if words[:1] == ["@map"]:
        data = "".join(f"\n  {name}: {{{{ .Values.{name} | toString | quote }}}}" for name in words[1:])
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata:" + data
    return line


def rows():
    for row in ROWS.read_text().split("\n=== ")[1:]:
        title, rest = row.split("\n", 1)
        lines = [line for line in rest.split("\n") if line[:3] not in ("=> ", "!! ", ":: ")]
        files = {}
        for file in ("\n" + "\n".join(lines)).split("\n-- ")[1:]:
            name, text = file.split("\n", 1)
            files[name] = "\n".join(map(spelled_out, text.rstrip("\n").split("\n"))) + "\n"
        yield title, files


def objects(text):
    out = {}
    for document in yaml.safe_load_all(text):
        if document:
            metadata = document["metadata"]
            namespace = metadata.get("namespace") or "default"
            out[document["kind"], namespace, metadata["name"]] = document.get("data")
    return out


def by_helmfile(tool, folder, environment):
    done = subprocess.run([tool, "-e", environment, "template"], cwd=folder, capture_output=True, text=True, check=False)
    return (objects(done.stdout) if done.returncode == 0 else None), done.stderr.strip()


def main():
    helmfile, pintle = sys.argv[1:]
    wrong = count = 0
    for title, files in rows():
        if "(no tool)" in title:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            found = re.findall(r"^  (default|prod):|^environments: {(default|test):", "\n".join(files.values()), re.M)
            declared = {one or other for one, other in found} or {"default"}
            for environment in sorted(declared):
                count += 1
                theirs, said = by_helmfile(helmfile, folder, environment)
                done = subprocess.run([pintle, "render", environment], cwd=folder, capture_output=True, text=True, check=False)
                told = subprocess.run([pintle, "lint", "--output", "json", "."], cwd=folder, capture_output=True, text=True, check=False)
                refused = "does-not-build" in told.stdout
                ours = objects(done.stdout)
                if theirs is None and refused:
                    continue
                if theirs is not None and placed(theirs) == placed(ours):
                    continue
                wrong += 1
                print(f"=== {title} ({environment})\nhelmfile {json.dumps(show(theirs))}\npintle   {json.dumps(show(ours))}")
                print(said[-600:] if theirs is None else "", done.stderr[-300:])
    print(f"{count} cases, {wrong} differ")
    sys.exit(wrong > 0)


def placed(found):
    """helm leaves out the namespace that the tool gives an object: names are enough."""
    return {(kind, name): data for (kind, _, name), data in found.items()}


def show(found):
    return None if found is None else {" ".join(key): data for key, data in found.items()}


if __name__ == "__main__":
    main()
