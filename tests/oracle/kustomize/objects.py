"""Compares sets of Kubernetes objects: which are the same, and where they differ."""

import collections
import re

import kube_yaml

# Takes the place of a text that nobody knows offline: equal to anything.
MARKER = "\0UNKNOWN"
HASHED = re.compile(r"^(.+)-[bcdfghkmt2456789]{10}$")
CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
STORAGE_FIELDS = ("storageClassName", "storageClass")

Identity = collections.namedtuple("Identity", "group kind namespace name")
Difference = collections.namedtuple("Difference", "sort path want got")


def _map(value):
    return value if isinstance(value, dict) else {}


def identity(value):
    metadata = _map(value.get("metadata"))
    api = str(value.get("apiVersion") or "")
    group = api.rsplit("/", 1)[0] if "/" in api else ""
    return Identity(group, str(value.get("kind") or ""), str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))


def show_identity(key):
    return "%s%s %s%s" % (key.kind, "." + key.group if key.group else "", key.namespace + "/" if key.namespace else "", key.name)


# ---- generated names ----


def without_hashes(values):
    """Takes the hashes of generated ConfigMaps and Secrets off, in names and in all that refers to them."""
    names = {}
    for value in values:
        key = identity(value)
        match = HASHED.match(key.name)
        if match and key.kind in ("ConfigMap", "Secret") and not key.group:
            names[key.name] = match.group(1)
    if not names:
        return values

    def renamed(value):
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, list):
            return [renamed(item) for item in value]
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        return value

    return [renamed(value) for value in values]


# ---- differences ----


def unknown(value):
    return isinstance(value, str) and MARKER in value


def like(want, got):
    """Whether a name fits one that has unknown parts."""
    pattern = ".*".join(re.escape(part) for part in want.split(MARKER))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


def same_scalar(want, got):
    if isinstance(want, bool) or isinstance(got, bool):
        return want is got
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return want == got
    return type(want) is type(got) and want == got


def differences(want, got, path=""):
    """Every place where `got` is not what is wanted. The order of maps does not matter, that of lists does."""
    if unknown(want):
        return
    if isinstance(want, dict) and isinstance(got, dict):
        # A key that nobody knows may stand for any key that is left over.
        free = [key for key in want if MARKER in key]
        left_over = [key for key in got if key not in want]
        for key in free:
            match = next((other for other in left_over if like(key, other)), None)
            if match is not None:
                left_over.remove(match)
        for key, value in want.items():
            if key in free:
                continue
            inside = "%s.%s" % (path, key) if path else key
            if key not in got:
                if not unknown(value):
                    yield Difference("missing field", inside, value, None)
            else:
                yield from differences(value, got[key], inside)
        for key in left_over:
            yield Difference("extra field", "%s.%s" % (path, key) if path else key, None, got[key])
    elif isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            yield Difference("list length", path, want, got)
        elif sorted(map(kube_yaml.dump, want)) == sorted(map(kube_yaml.dump, got)) and want != got:
            yield Difference("list order", path, want, got)
        else:
            for i, (a, b) in enumerate(zip(want, got)):
                yield from differences(a, b, "%s[%d]" % (path, i))
    elif isinstance(want, (dict, list)) or isinstance(got, (dict, list)) or not same_scalar(want, got):
        same_text = not isinstance(want, (dict, list)) and not isinstance(got, (dict, list)) and type(want) is not type(got)
        yield Difference("type" if same_text else "value", path, want, got)


def pair(want, got):
    """Pairs two sets of objects by identity. Returns (pairs, missing, extra)."""
    waiting = collections.defaultdict(list)
    for value in got:
        waiting[identity(value)].append(value)
    pairs, missing, vague = [], [], []
    for value in want:
        key = identity(value)
        if any(MARKER in part for part in key):
            vague.append(value)
        elif waiting[key]:
            same = waiting[key]
            # Twice the same identity (two versions of an API): the equal one first.
            best = min(same, key=lambda other: (other.get("apiVersion") != value.get("apiVersion"), next(differences(value, other), None) is not None))
            same.remove(best)
            pairs.append((value, best))
        else:
            missing.append(value)
    for value in vague:
        key = identity(value)
        fitting = [
            other for others in waiting.values() for other in others
            if all(like(a, b) for a, b in zip(key, identity(other)))
        ]
        if fitting:
            best = min(fitting, key=lambda other: sum(1 for _ in differences(value, other)))
            waiting[identity(best)].remove(best)
            pairs.append((value, best))
        else:
            missing.append(value)
    return pairs, missing, [value for others in waiting.values() for value in others]


# ---- facts that rules ask for ----


def _walk(value, path):
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, path + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _walk(item, path + (i,))


def _path_text(path):
    out = ""
    for step in path:
        out += "[%s]" % step if isinstance(step, int) else ("." if out else "") + step
    return out


def images_of(value):
    """(kind, namespace, name, path, image) of each container. A container goes by its name, not by its position."""
    key = identity(value)
    for path, item in _walk(value, ()):
        if not (path and path[-1] in CONTAINER_LISTS and isinstance(item, list)):
            continue
        for i, container in enumerate(item):
            if isinstance(container, dict) and isinstance(container.get("image"), str):
                name = container.get("name") if isinstance(container.get("name"), str) else str(i)
                yield (key.kind, key.namespace, key.name, "%s[%s].image" % (_path_text(path), name), container["image"])


def storage_of(value):
    """(kind, namespace, name, path, class) of each storage class that is asked for."""
    key = identity(value)
    for path, item in _walk(value, ()):
        if path and path[-1] in STORAGE_FIELDS and not isinstance(item, (dict, list)):
            yield (key.kind, key.namespace, key.name, _path_text(path), kube_yaml.dump(item) if not isinstance(item, str) else item)


def claims_of(value):
    """(kind, namespace, name, path, name or size) of each claim, each use of one and each template for one."""
    key = identity(value)
    if key.kind == "PersistentVolumeClaim" and not key.group:
        size = _map(_map(_map(value.get("spec")).get("resources")).get("requests")).get("storage")
        yield (key.kind, key.namespace, key.name, "spec.resources.requests.storage", str(size))
    for path, item in _walk(value, ()):
        if path and path[-1] in ("claimName", "existingClaim") and isinstance(item, str):
            yield (key.kind, key.namespace, key.name, _path_text(path), item)
        elif path and path[-1] == "volumeClaimTemplates" and isinstance(item, list):
            for i, template in enumerate(item):
                name = _map(_map(template).get("metadata")).get("name")
                if isinstance(name, str):
                    yield (key.kind, key.namespace, key.name, "%s[%d]" % (_path_text(path), i), name)


def secrets_of(value):
    """(kind, namespace, name, path, value) of each entry of a Secret."""
    key = identity(value)
    if key.kind != "Secret" or key.group:
        return
    for field in ("data", "stringData"):
        for name, item in _map(value.get(field)).items():
            yield (key.kind, key.namespace, key.name, "%s.%s" % (field, name), item if isinstance(item, str) else kube_yaml.dump(item))


FACTS = {"images": images_of, "storage": storage_of, "claims": claims_of, "secrets": secrets_of}


def compare_facts(extract, want, got):
    """Multisets. Returns (wanted, found, missing, extra); what is not known is in none of them."""
    wanted = collections.Counter(fact for value in want for fact in extract(value))
    given = collections.Counter(fact for value in got for fact in extract(value))
    for fact in [fact for fact in wanted if any(MARKER in part for part in fact)]:
        for _ in range(wanted.pop(fact)):
            match = next((other for other in given if given[other] > 0 and all(like(a, b) for a, b in zip(fact[:4], other[:4]))), None)
            if match is not None:
                given[match] -= 1
    found = wanted & given
    return sum(wanted.values()), sum(found.values()), list((wanted - given).elements()), list((given - wanted).elements())


def clip(value, width=160):
    text = value if isinstance(value, str) and not value.startswith("{") else kube_yaml.dump(value)
    text = text.replace("\n", "\\n").replace(MARKER, "<unknown>")
    return text if len(text) <= width else text[: width - 1] + "…"
