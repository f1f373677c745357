"""Reads YAML as Kubernetes does: sigs.k8s.io/yaml, that is YAML 1.1 as go-yaml v2 resolves it, turned into JSON values.

It differs from PyYAML's own idea of YAML 1.1: timestamps and base 60 numbers are strings, `1e3` and `08` are numbers,
`y` and `n` are booleans, and every map key is a string.
"""

import json
import math
import re

import yaml


class KubeLoader(yaml.CSafeLoader):
    """Own tables: nothing of PyYAML's implicit types is kept."""

    yaml_implicit_resolvers = {}


BOOLEANS = {}
for _word in ("y", "yes", "true", "on"):
    BOOLEANS.update({_word: True, _word.capitalize(): True, _word.upper(): True})
for _word in ("n", "no", "false", "off"):
    BOOLEANS.update({_word: False, _word.capitalize(): False, _word.upper(): False})

KubeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:%s)$" % "|".join(BOOLEANS)), list("yYnNtTfFoO")
)
KubeLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
KubeLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
KubeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"^[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*|0)$"),
    list("-+0123456789"),
)
KubeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"),
    list("-+.0123456789"),
)


def _scalar(loader, node):
    return loader.construct_scalar(node)


def _bool(loader, node):
    return BOOLEANS[_scalar(loader, node)]


def _int(loader, node):
    written = _scalar(loader, node)
    digits = written.replace("_", "")
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-").lower()
    if digits.startswith("0b"):
        value = int(digits[2:], 2)
    elif digits.startswith("0x"):
        value = int(digits[2:], 16)
    elif digits.startswith("0o"):
        value = int(digits[2:], 8)
    elif digits.startswith("0") and digits != "0":
        value = int(digits, 8)
    else:
        value = int(digits)
    value *= sign
    # What does not fit into 64 bits is a float for Go.
    if not -(2**63) <= value < 2**64:
        return float(value)
    return value


def _float(loader, node):
    digits = _scalar(loader, node).replace("_", "").lower()
    if digits.endswith(".inf"):
        return -math.inf if digits.startswith("-") else math.inf
    if digits == ".nan":
        return math.nan
    return float(digits)


def _binary(loader, node):
    value = yaml.constructor.SafeConstructor.construct_yaml_binary(loader, node)
    return value.decode("utf-8", "replace")


def _unknown_tag(loader, _suffix, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return _scalar(loader, node)


KubeLoader.add_constructor("tag:yaml.org,2002:bool", _bool)
KubeLoader.add_constructor("tag:yaml.org,2002:int", _int)
KubeLoader.add_constructor("tag:yaml.org,2002:float", _float)
KubeLoader.add_constructor("tag:yaml.org,2002:binary", _binary)
KubeLoader.add_constructor("tag:yaml.org,2002:timestamp", _scalar)
KubeLoader.add_multi_constructor("", _unknown_tag)


def key_text(key):
    """A map key as JSON has it."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        return "null"
    if isinstance(key, float):
        return scalar_text(key)
    return str(key)


def scalar_text(value):
    """A number or boolean as Go writes it where a string is wanted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isinf(value):
            return "-.inf" if value < 0 else ".inf"
        if math.isnan(value):
            return ".nan"
        if value == int(value) and abs(value) < 1e21:
            return str(int(value))
        return repr(value)
    return str(value)


def json_value(value):
    """The value with string keys and without what JSON does not have. Also unshares what aliases shared."""
    if isinstance(value, dict):
        return {key_text(key): json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            return scalar_text(value)
        # JSON knows one kind of number; Go writes 1.0 as 1.
        if value == int(value) and abs(value) < 2**53:
            return int(value)
    if isinstance(value, set):
        return {key_text(key): None for key in value}
    return value


def load_all(text):
    """Every document of a stream, empty ones left out. Raises yaml.YAMLError."""
    try:
        documents = list(yaml.load_all(text, Loader=KubeLoader))
    except (ValueError, TypeError, RecursionError) as error:
        raise yaml.YAMLError(str(error)) from error
    return [json_value(document) for document in documents if document is not None]


def load(text):
    """The first document."""
    documents = load_all(text)
    return documents[0] if documents else None


def split_documents(text):
    """The texts of the documents of a stream that kustomize wrote: `---` at the start of a line never is content there."""
    return [part for part in re.split(r"^---\n", text, flags=re.MULTILINE) if part.strip()]


def dump(value):
    """Compact, ordered JSON: equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
