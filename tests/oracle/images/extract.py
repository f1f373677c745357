#!/usr/bin/env python3
"""A naive extraction of everything that looks like an image, held against what `pintle images` lists.

    extract.py [-v] PINTLE FOLDER...

Declarations are scalars under keys called `image` and the like, `repository` with `tag`, `FROM`, `uses: docker://` and
`Image=`; commands are lines of scripts on which a tool that pulls stands. A line is *listed* if a row of the inventory
has its place there or in the map that the line opens (within five lines), or if the same image is listed at all from
the same file; *named* if the image, or another tag of it that a build puts in its place, is in the inventory elsewhere;
*counted* if the report says that it was not read there; and *lost* otherwise. A command is *told* if it is any of the
first three: what a variable holds that a run sets, nobody can list.

What decides no image is *about* one, and of a class that its shape tells:
  schema      its document is a schema, a policy, a report, or an image that somebody watches
  status      it is below `status:` or `annotations:`
  passes-on   nothing but a variable or an expression: the image is decided where that gets its value
  code        a call or a name in a language, a target of Make
  machine     an image of a machine in HCL: no slash and no colon
  built       a service of compose that is built here
  replaced    an entry of `images:` in a kustomization replaces it
  deleted     a patch of a kustomization deletes its object
`-v` prints what is lost, `-vv` also what is about.
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
REPOSITORY = re.compile(r"""^[\s-]*["']?(?:repository|imageRepository)["']?:\s*["']?(?P<value>[^\s"'#,}\]]+)""")
TAG = re.compile(r"""^[\s-]*["']?(?:tag|digest|sha|imageTag)["']?:\s*["']?[^\s"'#]""")
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
TEXTS += (".jsonnet", ".libsonnet", ".tf", ".hcl", ".nomad", ".toml", ".in", ".json", ".cue")
CODE = (".jsonnet", ".libsonnet", ".tf", ".hcl", ".nomad", ".cue")
SKIPPED = ("/.git/", "/.kyverno-test/", "/testdata/", "/node_modules/", "/charts/crds/", "/crds/", "/templates/", "/.chainsaw", "chainsaw-test")
ABOUT = re.compile(
    r"^\s{0,2}\"?kind\"?:\s*[\"']?(ImageRepository|CustomResourceDefinition|ClusterPolicy|Policy|\w*ValidatingPolicy|\w*MutatingPolicy|\w*GeneratingPolicy"
    r"|\w*DeletingPolicy|ConstraintTemplate|ValidatingAdmissionPolicy|AdmissionReview|PolicyReport|Test|PolicyException)\b",
    re.M,
)
NO_IMAGE = re.compile(r"^(https?://|/|\.\.?/|true|false|null|\[|\{|\||>|&|\*|~|!)|\.(png|svg|jpe?g|webp|ico|gif|iso|qcow2|img|raw)\b|^$")


def is_text(name):
    base = os.path.basename(name)
    return name.endswith(TEXTS + SCRIPTS) or base in NAMES or base.startswith(("Dockerfile", "Containerfile", "Jenkinsfile"))


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
    """Of each line, the class of its document, if that only speaks about images; and its kind and name."""
    out, of, start = [None] * len(lines), [None] * len(lines), 0
    for at in range(len(lines) + 1):
        if at == len(lines) or lines[at].startswith("---"):
            text = "\n".join(lines[start:at])
            kind, name = re.search(r"^kind:\s*(\S+)", text, re.M), re.search(r"^metadata:\n(?:  .*\n)*?  name:\s*(\S+)", text, re.M)
            of[start:at] = [(kind and kind[1], name and name[1])] * (at - start)
            if ABOUT.search(text):
                out[start:at] = ["schema"] * (at - start)
            start = at
    return out, of


def builds(folder):
    """What kustomizations replace by name, and which objects their patches delete."""
    replaced, deleted = set(), set()
    for root, _, files in os.walk(folder):
        for base in files:
            if not base.endswith((".yaml", ".yml")) or "/.git/" in root + "/":
                continue
            text = open(os.path.join(root, base), encoding="utf-8", errors="replace").read()
            if base.startswith("kustomization."):
                for block in re.findall(r"^images:\n((?:[ -].*\n|#.*\n|\n)*)", text + "\n", re.M):
                    replaced |= {bare(name) for name in re.findall(r"^\s*-?\s*name:\s*[\"']?([^\s\"']+)", block, re.M)}
            for block in re.split(r"^---|^- ", text, flags=re.M) if "$patch: delete" in text else []:
                head = block.split("$patch: delete", 1)[-1]
                kind, name = re.search(r"kind:\s*(\S+)", head), re.search(r"metadata:\s*\n\s+name:\s*(\S+)", head)
                if "$patch: delete" in block and kind and name:
                    deleted.add((kind[1], name[1]))
    return replaced, deleted


def block_of(lines, at):
    """The lines of the map in which a line is: those around it that are as deep, or deeper."""
    deep = lambda line: len(re.match(r"[\s-]*", line)[0])
    own, first, last = deep(lines[at]), at, at
    while first > 0 and (not lines[first].lstrip().startswith("- ") and deep(lines[first - 1]) >= own or not lines[first - 1].strip()):
        first -= 1
    while last + 1 < len(lines) and (deep(lines[last + 1]) > own or deep(lines[last + 1]) == own and not lines[last + 1].lstrip().startswith("- ") or not lines[last + 1].strip()):
        last += 1
    return [line for line in lines[first : last + 1] if deep(line) == own]


PASSED = re.compile(r"\$\{\{.*|\{\{.*|\$\{[^}]*\}?|\$\([^)]*\)?|\$\w+|__\w+__")


def about(name, lines, at, value, of, replaced, deleted):
    """The class of what decides no image; nothing if it may decide one."""
    has_default = re.search(r"\$\{\w+:?[-=]\w|default", value)
    rest = PASSED.sub("", value)
    if not has_default and not re.search(r"\w", rest) or name.endswith(".sh") and re.match(r"\$\{\w+//", value):
        return "passes-on"
    is_quoted = re.search(r"[:=]\s*[\"']", lines[at])
    if "(" in value or name.endswith(CODE) and not is_quoted or os.path.basename(name) == "Makefile" and re.match(r"\w+:[^=]", lines[at]):
        return "code"
    if is_script(name) and not re.search(r"[/:@]", value):
        return "code"
    if name.endswith((".tf", ".hcl")) and not re.search(r"[/:]", value):
        return "machine"
    if re.search(r"compose[^/]*\.ya?ml", name) and any(re.match(r"\s*build:", line) for line in block_of(lines, at)):
        return "built"
    if bare(repository(value)) in replaced:
        return "replaced"
    return "deleted" if of[at] in deleted and all(of[at]) else None


def found(name, lines, replaced, deleted):
    """Line, kind, and the image as written."""
    (schema, of), status = objects(lines), None
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
        pair = REPOSITORY.match(line)
        if pair and any(TAG.match(other) for other in block_of(lines, at)):
            match = pair
        if not match:
            continue
        value = match["value"]
        if is_docker:
            alias = re.search(r"\s+as\s+(\S+)", line, re.I)
            if value in stages or value == "scratch":
                continue
            stages |= {alias[1]} if alias else set()
        if NO_IMAGE.search(value) or not re.search(r"[/:@]", value) and match is not pair and "image" != match.groupdict().get("key"):
            continue
        kind = schema[at] or ("status" if status is not None else None)
        yield at, kind or about(name, lines, at, value, of, replaced, deleted) or "declared", value


def judge(at, kind, value, places, names, counted, lines):
    near = range(at + 1, at + (14 if kind == "command" else 7))
    if kind == "command":
        end = at
        while end + 1 < len(lines) and lines[end].rstrip().endswith("\\"):
            end += 1
        near = range(at + 1, max(at + 14, end + 2))
        # An image in a variable is listed where the variable is set.
        asked = set(re.findall(r"\$\{?(\w+)", "\n".join(lines[at : at + 12])))
        is_set = re.compile(r"\b(%s)\s*[:?]?=" % "|".join(asked or ["-"]))
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
    words = [word for word in sys.argv[1:] if word not in ("-v", "-vv")]
    pintle, folders, verbose = words[0], words[1:], "-v" in sys.argv or "-vv" in sys.argv
    total = collections.Counter()
    for folder in folders:
        places, names, counted = inventory(pintle, folder)
        replaced, deleted = builds(folder)
        count = collections.Counter()
        for root, _, files in os.walk(folder):
            for base in sorted(files):
                path = os.path.join(root, base)
                name = os.path.relpath(path, folder)
                if not is_text(name) or not os.path.isfile(path) or any(part in "/" + name for part in SKIPPED) or os.path.getsize(path) > 1 << 20:
                    continue
                text = open(path, encoding="utf-8", errors="replace").read()
                # JSON has images where it has objects, and in a few files that are known by name.
                if name.endswith(".json") and '"apiVersion"' not in text and not base.endswith("devcontainer.json"):
                    continue
                lines = text.split("\n")
                for at, kind, value in found(name, lines, replaced, deleted):
                    if kind not in ("declared", "command"):
                        count["about", kind] += 1
                        if "-vv" in sys.argv:
                            print(f"  {kind} {name}:{at + 1}: {value[:110]}")
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
        told = seen + (count[kind, "counted"] if kind == "command" else 0)
        share = f"{100 * told / all_of:.1f} %" if all_of else "-"
        out.append(f"{kind} {seen} of {all_of} ({share}), counted {count[kind, 'counted']}, lost {count[kind, 'lost']};")
    classes = {kind: number for (about, kind), number in sorted(count.items()) if about == "about"}
    return " ".join(out) + " about " + (", ".join(f"{kind} {number}" for kind, number in classes.items()) or "0")


main()
