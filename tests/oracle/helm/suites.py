#!/usr/bin/env python3
"""Runs the suites that authors of charts wrote for helm-unittest over what pintle renders.

    suites.py REPO_DIR... --helm HELM --pintle target/debug/examples/render_chart [--truth UNITTEST] [--show N]

Every chart that has files `*_test.yaml` is copied, its dependencies filled as `objects.py` does. With `--truth` the
cases are run by helm-unittest itself too, on the same copies: cases that fail there, for a dependency is not at hand or
the suite is older than the chart, are counted apart. Nothing here uses the network.
"""
import argparse
import base64
import collections
import copy
import fnmatch
import json
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

import yaml

from compare import Loader
from objects import apis, copy as copied, rendered
from values import charts_of, load, pool_of

MISSING = object()
STEP = re.compile(r"""\.?(?P<name>[A-Za-z0-9_$/@:-]+) | \[(?P<index>-?\d+|\*)\] | \[["'](?P<quoted>[^"']*)["']\] | \.(?P<star>\*)
    | \[\?\((?P<filter>.*?)\)\](?=[.\[]|$)""", re.X)
TEST = re.compile(r"""@(?P<path>[^=!<>~ ]*)\s*(?:(?P<op>==|!=|=~)\s*(?P<value>.+))?$""")


class Suite(yaml.SafeLoader):
    """Reads suites: an anchor may be given again."""

    def compose_node(self, parent, index):
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)


Suite.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


class Unknown(Exception):
    """Something of a suite that this runner does not read."""


# Paths.


def steps(path):
    path = path[1:] if path.startswith("$") else path
    at, out = 0, []
    while at < len(path):
        found = STEP.match(path, at)
        if not found or path.startswith("..", at):
            raise Unknown(f"path {path}")
        out.append(found)
        at = found.end()
    return out


def passes(test, item):
    found = TEST.match(test.strip())
    if not found or "&&" in test or "||" in test:
        raise Unknown(f"filter {test}")
    values = list(select(item, found["path"]))
    if not found["op"]:
        return bool(values)
    if found["op"] == "=~":
        return any(isinstance(value, str) and re.search(found["value"].strip("/ "), value) for value in values)
    wanted = yaml.safe_load(found["value"])
    return any((value == wanted) == (found["op"] == "==") for value in values)


def select(root, path):
    """All that a path means."""
    level, is_first = [root], True
    for step in steps(path):
        after = []
        for value in level:
            if step["filter"] is not None:
                inner = [value] if is_first else value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
                after += [item for item in inner if passes(step["filter"], item)]
            elif step["index"] == "*" or step["star"]:
                after += value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
            elif step["index"] is not None:
                if isinstance(value, list) and -len(value) <= int(step["index"]) < len(value):
                    after.append(value[int(step["index"])])
            else:
                name = step["quoted"] if step["quoted"] is not None else step["name"]
                if isinstance(value, dict) and name in value:
                    after.append(value[name])
        level, is_first = after, False
    return level


# Values that a case sets.


def keys(path):
    """The keys of `a.b[0].c`; a dot is part of a key behind a backslash, or between quotes."""
    out, word = [], ""
    for found in re.finditer(r"""\\(.)|\["([^"]*)"\]|\['([^']*)'\]|\[(\d+)\]|(\.)|([^.\[\\]+|\[)""", path):
        escaped, double, single, index, dot, plain = found.groups()
        if escaped or plain:
            word += escaped or plain
            continue
        if word:
            out.append(word)
            word = ""
        if index is not None:
            out.append(int(index))
        elif not dot:
            out.append(double if double is not None else single)
    return out + [word] if word else out


def put(root, path, value):
    """Sets one value; what is on the way is made, or replaced."""
    path = keys(path)
    for key, after in zip(path, path[1:] + [None]):
        new = [] if isinstance(after, int) else {}
        if isinstance(root, list):
            root += [None] * (key + 1 - len(root))
        if after is None:
            root[key] = merged(root[key] if isinstance(root, list) or key in root else None, value)
        else:
            old = root[key] if isinstance(root, list) else root.get(key)
            if not isinstance(old, type(new)):
                root[key] = new
            root = root[key]


def merged(under, over):
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over
    return {**under, **{key: merged(under.get(key), value) for key, value in over.items()}}


# What is asserted.


def is_part(small, big):
    if isinstance(small, dict) and isinstance(big, dict):
        return all(key in big and is_part(value, big[key]) for key, value in small.items())
    return small == big


def holds(kind, asked, document):
    """Whether one document is as one assertion says."""
    values = list(select(document, asked["path"])) if isinstance(asked, dict) and "path" in asked else []
    each = lambda test: bool(values) and all(test(value) for value in values)
    if kind == "equal":
        decoded = lambda value: base64.b64decode(value).decode() if asked.get("decodeBase64") else value
        return each(lambda value: decoded(value) == asked.get("value"))
    if kind in ("exists", "isNotNull"):
        return each(lambda value: kind == "exists" or value is not None)
    if kind == "isNull":
        return all(value is None for value in values)
    if kind in ("isNullOrEmpty", "isEmpty"):
        return all(value in (None, "", [], {}) for value in values)
    if kind == "matchRegex":
        decoded = lambda value: base64.b64decode(value).decode() if asked.get("decodeBase64") else value
        return each(lambda value: re.search(asked["pattern"], str(decoded(value))) is not None)
    if kind == "contains":
        test = is_part if asked.get("any") else lambda small, big: small == big
        count = lambda value: sum(test(asked.get("content"), item) for item in value)
        return each(lambda value: isinstance(value, list) and (count(value) == asked["count"] if "count" in asked else count(value) > 0))
    if kind == "isSubset":
        return each(lambda value: is_part(asked["content"], value))
    if kind == "lengthEqual":
        return each(lambda value: len(value) == asked.get("count", len(values[0])))
    if kind == "isType":
        names = {"string": str, "int": int, "float": float, "bool": bool, "map": dict, "array": list, "slice": list}
        return each(lambda value: isinstance(value, names[asked["type"]]))
    if kind == "isKind":
        return document.get("kind") == asked["of"]
    if kind == "isAPIVersion":
        return document.get("apiVersion") == asked["of"]
    if kind == "containsDocument":
        meta = document.get("metadata") or {}
        return (
            document.get("kind") == asked["kind"]
            and document.get("apiVersion") == asked["apiVersion"]
            and asked.get("name") in (None, meta.get("name"))
            and asked.get("namespace") in (None, meta.get("namespace"))
        )
    raise Unknown(f"assertion {kind}")


NEGATED = {
    "notEqual": "equal", "notExists": "exists", "notContains": "contains", "notMatchRegex": "matchRegex", "isNotSubset": "isSubset",
    "isNotEmpty": "isEmpty", "isNotNullOrEmpty": "isNullOrEmpty", "notLengthEqual": "lengthEqual", "isNotType": "isType",
}


class Case:
    """A case with what its suite says of all its cases."""

    def __init__(self, file, suite, case):
        self.file, self.suite, self.case = file, suite, case
        self.name = case.get("it")

    def all(self, key):
        return {**(self.suite.get(key) or {}), **(self.case.get(key) or {})}

    def templates(self):
        own = self.case.get("templates") or ([self.case["template"]] if self.case.get("template") else None)
        return own or self.suite.get("templates") or ([self.suite["template"]] if self.suite.get("template") else [])

    def run(self, chart, known):
        """What pintle is asked, and what is set."""
        values = {}
        for suite_or_case in (self.suite, self.case):
            for name in suite_or_case.get("values") or []:
                for one in yaml.load_all((self.file.parent / name).read_text(), Loader):
                    values = merged(values, one or {})
        for suite_or_case in (self.suite, self.case):
            for path, value in (suite_or_case.get("set") or {}).items():
                put(values, path, copy.deepcopy(value))
        release, able, own = self.all("release"), self.all("capabilities"), self.all("chart")
        files = {}
        if own:
            files["Chart.yaml"] = yaml.safe_dump({**load(chart / "Chart.yaml"), **own})
        files["unit-values.yaml"] = yaml.safe_dump(values)
        kube = f"v{able.get('majorVersion', 1)}.{able.get('minorVersion', 34)}.0"
        return {
            "name": release.get("name", "RELEASE-NAME"), "namespace": release.get("namespace", "NAMESPACE"), "kube": kube,
            "apis": known + (able.get("apiVersions") or []), "only": True, "files": files,
        }

    def wanted(self, told):
        """The documents of each template that the case looks at."""
        out = collections.OrderedDict()
        for one in told["objects"]:
            out.setdefault(one["template"].split("/", 1)[1], []).append(one["object"])
        patterns = self.templates()
        full = lambda pattern: pattern if pattern.startswith(("templates/", "charts/")) else f"templates/{pattern}"
        is_in = lambda name: not patterns or any(fnmatch.fnmatch(name, full(pattern)) for pattern in patterns)
        return {name: documents for name, documents in out.items() if is_in(name)}

    def verdict(self, told, snapshots):
        """Whether pintle's answer is as the case says; and if not, why."""
        self.taken = 0
        failed = {name.split("/", 1)[1] for name in told.get("failed", [])}
        patterns = self.templates()
        full = lambda pattern: pattern if pattern.startswith(("templates/", "charts/")) else f"templates/{pattern}"
        is_seen = lambda name: not patterns or any(fnmatch.fnmatch(name, full(pattern)) for pattern in patterns)
        # Without `objects` the chart could not be loaded.
        is_broken = "objects" not in told or any(is_seen(name) for name in failed)
        broken = list(told.get("faults", [])) if is_broken else []
        breaches = told.get("breaches", [])
        broken += breaches
        documents = self.wanted(told) if "objects" in told else {}
        for asked in self.case.get("asserts") or []:
            asked = dict(asked)
            extra = {key: asked.pop(key) for key in ("template", "documentIndex", "documentSelector", "not") if key in asked}
            (kind, detail), = asked.items()
            says = self.one(kind, detail or {}, extra, documents, broken, breaches, snapshots)
            if says:
                return says
        return None

    def one(self, kind, asked, extra, documents, broken, breaches, snapshots):
        is_not = bool(extra.get("not"))
        if kind in ("failedTemplate", "notFailedTemplate"):
            text = "\n".join(broken)
            ok = bool(broken)
            # What a schema refuses pintle says in its own words.
            if breaches:
                asked = {}
            if "errorMessage" in asked:
                ok = ok and asked["errorMessage"].strip() in text
            if "errorPattern" in asked:
                ok = ok and re.search(asked["errorPattern"], text) is not None
            return None if ok != (is_not or kind == "notFailedTemplate") else f"{kind} {asked}: {text[:300]}"
        if kind in ("equalRaw", "matchRegexRaw", "notMatchRegexRaw", "notEqualRaw"):
            raise Unknown(f"assertion {kind}")
        if broken:
            return f"failed: {broken[0][:300]}"
        template = extra.get("template")
        if template:
            full = template if template.startswith(("templates/", "charts/")) else f"templates/{template}"
            documents = {name: all for name, all in documents.items() if fnmatch.fnmatch(name, full)}
        selected = self.selected(extra, documents)
        if kind == "hasDocuments":
            selected = selected if asked.get("filterAware") else documents
            counts = [len(all) for all in selected.values()] or [0]
            ok = all(count == asked["count"] for count in counts)
            return None if ok != is_not else f"hasDocuments {asked}: {counts}"
        every = [document for all in selected.values() for document in all]
        if kind == "matchSnapshot":
            return self.snapshot(asked, every, snapshots)
        inner = NEGATED.get(kind, kind)
        negated = (inner != kind) != is_not
        some = [holds(inner, asked, document) for document in every]
        if kind == "containsDocument" and asked.get("any"):
            ok = any(some) != negated
        else:
            ok = (bool(some) or negated) and all(one != negated for one in some)
        if ok:
            return None
        seen = [list(select(document, asked["path"])) for document in every][:2] if isinstance(asked, dict) and "path" in asked else len(every)
        return f"{kind} {json.dumps(asked, default=str)[:200]}: {json.dumps(seen, default=str)[:300]}"

    def selected(self, extra, documents):
        index = extra.get("documentIndex", self.case.get("documentIndex", -1))
        selector = extra.get("documentSelector", self.case.get("documentSelector", self.suite.get("documentSelector")))
        out = {}
        for name, all_of in documents.items():
            if selector:
                found = lambda document: any(selector.get("value", value) == value for value in select(document, selector["path"]))
                all_of = [document for document in all_of if found(document)]
                if not all_of:
                    continue
            elif index >= 0:
                all_of = all_of[index:index + 1]
            out[name] = all_of
        return out

    def snapshot(self, asked, documents, snapshots):
        kept = snapshots.get(self.name) or {}
        for document in documents:
            self.taken += 1
            values = list(select(document, asked["path"])) if asked.get("path") else [document]
            text = kept.get(self.taken)
            if text is None:
                return "no snapshot"
            if yaml.load(text, Loader) != values[0]:
                return f"snapshot {self.taken} differs"
        return None


def cases_of(chart):
    for path in sorted(chart.rglob("*_test.yaml")):
        # The suites of a chart within it are its own.
        if any((folder / "Chart.yaml").exists() for folder in path.parents if chart in folder.parents):
            continue
        for suite in yaml.load_all(path.read_text(), Suite):
            for case in (suite or {}).get("tests") or []:
                yield Case(path, suite, case)


def truth(unittest, chart, scratch):
    """Which cases helm-unittest lets pass."""
    out = {}
    for folder in sorted({path.parent for path in chart.rglob("*_test.yaml")}):
        report = scratch / "report.xml"
        report.unlink(missing_ok=True)
        command = [unittest, "-f", f"{folder.relative_to(chart)}/*_test.yaml", "-o", str(report), "-t", "JUnit", str(chart)]
        subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            continue
        for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
            for case in suite.iter("testcase"):
                ok = case.find("failure") is None and case.find("error") is None
                key = case.get("name")
                out[key] = out.get(key, True) and ok
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repos", nargs="+", type=pathlib.Path)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--pintle", required=True)
    parser.add_argument("--truth")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    counts, classes, shown = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as scratch:
        scratch, pools = pathlib.Path(scratch), {repo: pool_of(repo) for repo in options.repos}
        known = [api for api in apis(options.helm, scratch).split(",")]
        for number, (repo, chart) in enumerate((repo, chart) for repo in options.repos for chart in charts_of(repo)):
            if not any(cases_of(chart)):
                continue
            name = load(chart / "Chart.yaml").get("name") or "x"
            target = scratch / str(number) / name
            copied(chart, target, pools[repo])
            passing = truth(options.truth, target, scratch) if options.truth else {}
            cases, runs = list(cases_of(target)), []
            for case in cases:
                run = case.run(target, known)
                files = {f"{name}/{inner}": text for inner, text in run["files"].items()}
                runs.append({**run, "chart": name, "values": [f"{name}/unit-values.yaml"], "files": files})
            told = rendered(options.pintle, target.parent, runs)
            assert len(told) == len(runs), f"{chart}: {len(told)} answers to {len(runs)} runs"
            for case, answer in zip(cases, told):
                snap = case.file.parent / "__snapshot__" / (case.file.name + ".snap")
                try:
                    says = case.verdict(answer, load(snap) if snap.exists() else {})
                except Unknown as unknown:
                    says = f"not read: {unknown}"
                if passing.get(case.name) is False:
                    verdict = "fails in helm-unittest"
                elif says is None:
                    verdict = "passes"
                else:
                    verdict = "not read" if says.startswith("not read") else "fails"
                counts[f"{repo.name}: {verdict}"] += 1
                counts[f"all: {verdict}"] += 1
                if verdict in ("fails", "not read"):
                    classes[re.split(r"[ :]", says)[0]] += 1
                    shown.append(f"{chart.name} {case.file.name} · {case.name}\n    {says}")
    for name, count in sorted(counts.items()):
        print(f"{count:6} {name}")
    print(dict(classes.most_common()))
    for text in shown[: options.show]:
        print(text)


if __name__ == "__main__":
    main()
