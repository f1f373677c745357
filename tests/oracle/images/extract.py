#!/usr/bin/env python3
"""A naive extraction of everything that looks like an image, held against what `pintle images` lists.

    extract.py [-v] PINTLE FOLDER...

Declarations are scalars under keys called `image` and the like, `repository` with `tag`, `FROM`, `uses: docker://` and
`Image=`; commands are lines of scripts on which a tool that pulls stands. A line is *listed* if a row of the inventory
has its place there or in the map that the line opens (within five lines), or if the same image is listed at all from
the same file; *named* if the image, or another tag of it that a build puts in its place, is in the inventory elsewhere; *counted* if the report says that it was not
read there; and *lost* otherwise. What only speaks about images (schemas, policies' patterns, status, comments, charts'
templates) is *about*. `-v` prints what is lost.
"""

import collections
import json
import os
import re
import subprocess
import sys

KEY = re.compile(
    r"""^(?P<lead>[\s-]*)["']?(?P<key>image|[\w.-]*[a-z]Image|image_?[nN]ame|[\w-]*_image|[\w-]*-image|imageRef|container_image)["']?"""
    r"""\s*[:=]\s*["']?(?P<value>[^\s"'#,}\]]+)"""
)
FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(?P<value>\S+)", re.I)
USES = re.compile(r"uses:\s*[\"']?docker://(?P<value>[^\s\"'#]+)")
UNIT = re.compile(r"^Image\s*=\s*(?P<value>\S+)")
COMMAND = re.compile(
    r"(?<![\w./-])(?:docker|podman|nerdctl)\s+(?:container\s+)?(?:run|pull|create)\s+\S"
    r"|(?<![\w./-])kubectl\s+(?:-\S+\s+\S+\s+)*(?:run\s|set image\s|\S.*--image)"
    r"|(?<![\w./-])crictl\s+pull\s|(?<![\w./-])skopeo\s+copy\s|(?<![\w./-])(?:crane|gcrane)\s+(?:copy|cp|pull|export)\s"
    r"|(?<![\w./-])kind\s+create\s+cluster\b.*--image|(?<![\w./-])talosctl\s.*upgrade\b.*(?:--image|-i)\b"
    r"|(?<![\w./-])helm\s+(?:install|upgrade)\b.*--set\S*\s+\S*image"
)
SCRIPTS = (".sh", ".bash", ".zsh", ".mk", ".just", ".service", ".service.j2", ".sh.j2", ".bats")
NAMES = ("Makefile", "justfile", "Justfile", "crontab")
TEXTS = (".yaml", ".yml", ".j2", ".tpl", ".tmpl", ".gotmpl", ".template", ".example", ".bak", ".container", ".image")
TEXTS += (".jsonnet", ".libsonnet", ".tf", ".hcl", ".nomad", ".toml", ".in")
SKIPPED = ("/.git/", "/.kyverno-test/", "/testdata/", "/node_modules/", "/charts/crds/", "/crds/", "/templates/", "/.chainsaw", "chainsaw-test")
ABOUT = re.compile(
    r"^kind:\s*[\"']?(ImageRepository|CustomResourceDefinition|ClusterPolicy|Policy|\w*ValidatingPolicy|\w*MutatingPolicy|\w*GeneratingPolicy"
    r"|\w*DeletingPolicy|ConstraintTemplate|ValidatingAdmissionPolicy|AdmissionReview|PolicyReport|Test|PolicyException)\b",
    re.M,
)
NO_IMAGE = re.compile(r"^(https?://|/|\.\.?/|true|false|null|\[|\{|\||>|&|\*|~|!)|\.(png|svg|jpe?g|webp|ico|gif|iso|qcow2|img|raw)\b|^$")


def is_text(name):
    base = os.path.basename(name)
    return name.endswith(TEXTS + SCRIPTS) or base in NAMES or base.startswith(("Dockerfile", "Containerfile"))


def is_script(name):
    base = os.path.basename(name)
    workflow = "/workflows/" in name or base in ("action.yml", "action.yaml") or "askfile" in name or ".taskfiles" in name
    return name.endswith(SCRIPTS) or base in NAMES or workflow or ".gitlab-ci" in name


def inventory(pintle, folder):
    run = lambda *words: json.loads(subprocess.run([pintle, *words], capture_output=True, text=True).stdout or "{}")
    places, names = collections.defaultdict(list), set()
    for row in run("images", folder, "-o", "json").get("images", []):
        texts = {row["reference"], row.get("repository") or "", row.get("tag") or ""}
        names.add(bare(row["reference"]))
        for spot in [row] + row.get("also", []):
            places[spot["file"]].append((spot["start"]["line"], texts))
    counted = collections.defaultdict(set)
    words = [pintle, "lint", folder, "--explain-skips", "--fail-on", "never"]
    report = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    for match in re.finditer(r"^\s+(\S+?):(\d+):\d+", report.stdout + report.stderr, re.M):
        counted[match[1]].add(int(match[2]))
    return places, names, counted


def bare(image):
    """The name without what a runtime adds."""
    for head in ("docker.io/library/", "docker.io/", "index.docker.io/"):
        image = image[len(head):] if image.startswith(head) else image
    return image


def objects(lines):
    """Of each line, whether its document only speaks about images."""
    out, start = [False] * len(lines), 0
    for at in range(len(lines) + 1):
        if at == len(lines) or lines[at].startswith("---"):
            if ABOUT.search("\n".join(lines[start:at])):
                out[start:at] = [True] * (at - start)
            start = at
    return out


def found(name, lines):
    """Line, kind, and the image as written."""
    about, status = objects(lines), None
    stages = set()
    is_docker = os.path.basename(name).startswith(("Dockerfile", "Containerfile"))
    for at, line in enumerate(lines):
        text = line.strip()
        deep = len(line) - len(line.lstrip())
        if text and status is not None and deep <= status:
            status = None
        if re.match(r"(status|annotations):\s*$", text):
            status = deep
        if text.startswith(("#", "//")) or not text:
            continue
        if is_script(name) and (match := COMMAND.search(line)) and not re.search(r"\b(echo|printf|log\w*|info|warn)\b.*" + re.escape(match[0][:10]), line):
            yield at, "command", line[match.start():].strip()
            continue
        match = (FROM.match(line) if is_docker else None) or USES.search(line) or KEY.match(line) or UNIT.match(line)
        if not match:
            continue
        value = match["value"]
        if is_docker:
            alias = re.search(r"\s+as\s+(\S+)", line, re.I)
            if value in stages or value == "scratch":
                continue
            stages |= {alias[1]} if alias else set()
        if NO_IMAGE.search(value) or not re.search(r"[/:@]", value) and "image" != match.groupdict().get("key"):
            continue
        yield at, "about" if about[at] or status is not None else "declared", value


def judge(at, kind, value, places, names, counted, lines):
    near = range(at + 1, at + (14 if kind == "command" else 7))
    if kind == "command":
        # An image in a variable is listed where the variable is set.
        asked = set(re.findall(r"\$\{?(\w+)", "\n".join(lines[at : at + 12])))
        is_set = re.compile(r"\b(%s)\s*:?=" % "|".join(asked or ["-"]))
        near = [*near, *(number for number, line in enumerate(lines, 1) if is_set.search(line))]
    if any(line in near for line, _ in places):
        return "listed"
    if any(texts and any(text and text in value for text in texts) or bare(value) in map(bare, texts) for _, texts in places):
        return "listed"
    known = re.split(r"[$<]|\{\{", bare(value))[0]
    if bare(value) in names or len(known) > 4 and known != bare(value) and any(name.startswith(known) for name in names):
        return "named"
    # Another tag of it is listed: that is what a build puts in its place.
    if kind == "declared" and bare(repository(value)) in {repository(name) for name in names}:
        return "named"
    return "counted" if any(line in counted for line in near) else "lost"


def repository(image):
    """Without tag and digest."""
    image = image.split("@")[0]
    return image.rsplit(":", 1)[0] if ":" in image.rsplit("/", 1)[-1] else image


def main():
    words = [word for word in sys.argv[1:] if word != "-v"]
    pintle, folders, verbose = words[0], words[1:], "-v" in sys.argv
    total = collections.Counter()
    for folder in folders:
        places, names, counted = inventory(pintle, folder)
        count = collections.Counter()
        for root, _, files in os.walk(folder):
            for base in sorted(files):
                path = os.path.join(root, base)
                name = os.path.relpath(path, folder)
                if not is_text(name) or any(part in "/" + name for part in SKIPPED) or os.path.getsize(path) > 1 << 20:
                    continue
                lines = open(path, encoding="utf-8", errors="replace").read().split("\n")
                for at, kind, value in found(name, lines):
                    if kind == "about":
                        count["about"] += 1
                        continue
                    told = judge(at, kind, value, places[name], names, counted[name], lines)
                    count[kind, told] += 1
                    if verbose and told in ("lost", "counted"):
                        print(f"  {told} {kind} {name}:{at + 1}: {value[:110]}")
        total.update(count)
        print(os.path.basename(os.path.normpath(folder)), summary(count))
    print("all", summary(total))


def summary(count):
    out = []
    for kind in ("declared", "command"):
        seen = sum(count[kind, told] for told in ("listed", "named"))
        all_of = seen + count[kind, "counted"] + count[kind, "lost"]
        share = f"{100 * seen / all_of:.1f} %" if all_of else "-"
        out.append(f"{kind} {seen} of {all_of} ({share}), counted {count[kind, 'counted']}, lost {count[kind, 'lost']};")
    return " ".join(out) + f" about {count['about']}"


main()
