"""What Flux's kustomize-controller does with a Kustomization object, up to but not including the apply.

Written after github.com/fluxcd/pkg/kustomize (generator and variable substitution) and the controller around it.
"""

import os
import re
import tempfile

import envsubst
import kube_yaml
import workcopy
from workcopy import clean_path

GROUP = "kustomize.toolkit.fluxcd.io"
SUBSTITUTE = GROUP + "/substitute"
ORIGIN = "config.kubernetes.io/origin"

# Stands for the value of a variable that nobody knows offline. Harmless as a name, in YAML and in JSON.
UNKNOWN = "xunknownvariablex"
# What the records have in its place: compare.py takes a scalar with it as equal to anything.
MARKER = "\0UNKNOWN"

# The fields of kustomize's Kustomization. Flux reads the file without strictness: others vanish, where the command refuses them.
KNOWN_FIELDS = {
    "apiVersion", "kind", "bases", "buildMetadata", "commonAnnotations", "commonLabels", "components", "configMapGenerator",
    "configurations", "crds", "generatorOptions", "generators", "helmChartInflationGenerator", "helmCharts", "helmGlobals",
    "imageTags", "images", "labels", "metadata", "namePrefix", "nameSuffix", "namespace", "openapi", "patches",
    "patchesJson6902", "patchesStrategicMerge", "replacements", "replicas", "resources", "secretGenerator", "sortOptions",
    "transformers", "validators", "vars",
}
VARIABLE_NAME = re.compile(r"^[_A-Za-z][_A-Za-z0-9]*$")


class FluxError(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def is_flux_kustomization(value):
    return (
        isinstance(value, dict)
        and value.get("kind") == "Kustomization"
        and str(value.get("apiVersion", "")).startswith(GROUP + "/")
        and isinstance(value.get("metadata"), dict)
    )


def dig(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def name_of(value):
    return str(dig(value, "metadata", "name") or "")


def namespace_of(value):
    return str(dig(value, "metadata", "namespace") or "")


def list_of(value):
    return value if isinstance(value, list) else []


def map_of(value):
    return value if isinstance(value, dict) else {}


# ---- the kustomization file ----


def generated_resources(folder):
    """What Flux lists where no kustomization is: every YAML file below, and folders that have a kustomization as folders."""
    found = []

    def walk(path):
        for entry in sorted(os.listdir(os.path.join(folder, path))):
            inside = os.path.join(path, entry)
            full = os.path.join(folder, inside)
            if os.path.isdir(full) and not os.path.islink(full):
                if workcopy.kustomization_file(full):
                    found.append("./" + inside)
                else:
                    walk(inside)
            elif os.path.splitext(entry)[1] in (".yaml", ".yml") and os.path.isfile(full):
                found.append("./" + inside)

    walk("")
    return found


def _stringify(value):
    return kube_yaml.scalar_text(value) if isinstance(value, (bool, int, float)) else value


def _stringify_map(value):
    return {key: _stringify(item) for key, item in value.items()} if isinstance(value, dict) else value


def read_leniently(value):
    """A kustomization as Flux reads it: unknown fields fall away, numbers become text where text is wanted."""
    kept = {key: item for key, item in value.items() if key in KNOWN_FIELDS and item is not None}
    for field in ("namespace", "namePrefix", "nameSuffix"):
        if field in kept:
            kept[field] = _stringify(kept[field])
    for field in ("commonLabels", "commonAnnotations"):
        if field in kept:
            kept[field] = _stringify_map(kept[field])
    for label in list_of(kept.get("labels")):
        if isinstance(label, dict) and "pairs" in label:
            label["pairs"] = _stringify_map(label["pairs"])
    if "images" in kept:
        kept["images"] = [_stringify_map(image) for image in list_of(kept["images"])]
    for field in ("configMapGenerator", "secretGenerator"):
        for generator in list_of(kept.get(field)):
            if isinstance(generator, dict) and "literals" in generator:
                generator["literals"] = [_stringify(item) for item in list_of(generator["literals"])]
    return kept


def _selector(target):
    if not isinstance(target, dict):
        return None
    fields = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
    return {field: target[field] for field in fields if field in target}


def _patch(patch):
    out = {"patch": patch.get("patch", "")}
    target = _selector(patch.get("target"))
    if target is not None:
        out["target"] = target
    return out


def edit(kustomization, spec, folder):
    """Writes what a Flux Kustomization asks for into a kustomization, in memory."""
    out = dict(kustomization)
    for field, key in (("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if isinstance(spec.get(field), str):
            out[key] = spec[field]
    patches = [_patch(patch) for patch in list_of(spec.get("patches")) if isinstance(patch, dict)]
    if patches:
        out["patches"] = list_of(out.get("patches")) + patches
    components = []
    for component in list_of(spec.get("components")):
        if workcopy.is_remote(component) or str(component).startswith("/"):
            raise FluxError("other", "component path '%s' must be local and relative" % component)
        if spec.get("ignoreMissingComponents") and not os.path.exists(os.path.join(folder, component)):
            continue
        components.append(component)
    if components:
        out["components"] = list_of(out.get("components")) + components
    merges = [kube_yaml.dump(patch) for patch in list_of(spec.get("patchesStrategicMerge"))]
    if merges:
        out["patchesStrategicMerge"] = list_of(out.get("patchesStrategicMerge")) + merges
    operations = [
        {"patch": kube_yaml.dump(patch.get("patch")), "target": _selector(patch.get("target"))}
        for patch in list_of(spec.get("patchesJson6902"))
        if isinstance(patch, dict)
    ]
    if operations:
        out["patchesJson6902"] = list_of(out.get("patchesJson6902")) + operations
    images = [dict(image) for image in list_of(out.get("images")) if isinstance(image, dict)]
    for image in list_of(spec.get("images")):
        if not isinstance(image, dict):
            continue
        same = next((old for old in images if old.get("name") == image.get("name")), None)
        if same is None:
            images.append({key: image[key] for key in ("name", "newName", "newTag", "digest") if image.get(key)})
            continue
        if image.get("newName"):
            same["newName"] = image["newName"]
        # Tag and digest are one unit: setting one clears the other.
        if image.get("newTag") or image.get("digest"):
            for key in ("newTag", "digest"):
                same.pop(key, None)
                if image.get(key):
                    same[key] = image[key]
    if images:
        out["images"] = images
    if list_of(spec.get("buildMetadata")):
        out["buildMetadata"] = spec["buildMetadata"]
    return out


class Build:
    def __init__(self, ok, texts, error, kind):
        self.ok = ok
        # One YAML text for each object: Flux substitutes in exactly this text.
        self.texts = texts
        self.error = error
        self.kind = kind


def build(kustomize, artifact, path, spec, origins=False, skip=()):
    """Builds `path` of the artifact as a Flux Kustomization with `spec` does, without substitution.

    `origins` lets kustomize annotate where objects come from; `skip` are resources to leave out.
    """
    folder = os.path.join(artifact, path)
    if not os.path.isdir(folder) or not (os.path.realpath(folder) + os.sep).startswith(os.path.realpath(artifact) + os.sep):
        return Build(False, [], "kustomization path not found: %s" % path, "path")
    file = workcopy.kustomization_file(folder)
    if file:
        with open(file, "rb") as source:
            before = source.read()
        link = os.readlink(file) if os.path.islink(file) else None
        try:
            value = kube_yaml.load(before.decode("utf-8", "replace"))
        except Exception as error:
            return Build(False, [], "%s: %s" % (os.path.basename(file), error), "other")
        value = read_leniently(value) if isinstance(value, dict) else {}
        value.setdefault("apiVersion", "kustomize.config.k8s.io/v1beta1")
        value.setdefault("kind", "Kustomization")
        if not list_of(value.get("resources")):
            # Flux does this so that kustomize does not call the file empty. The annotations are taken off again below.
            value["buildMetadata"] = ["originAnnotations"]
    else:
        file, before, link = os.path.join(folder, "kustomization.yaml"), None, None
        resources = generated_resources(folder)
        value = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
        value.update({"resources": resources} if resources else {"namespace": "_placeholder"})
    if skip:
        value["resources"] = [entry for entry in list_of(value.get("resources")) if entry not in skip]
        value.setdefault("generatorOptions", {"disableNameSuffixHash": False})
    asked = "originAnnotations" in list_of(value.get("buildMetadata")) and list_of(value.get("resources"))
    try:
        value = edit(value, spec, folder)
    except FluxError as error:
        return Build(False, [], str(error), error.kind)
    if origins:
        value["buildMetadata"] = list_of(value.get("buildMetadata")) + ["originAnnotations"]
    try:
        workcopy.write_json(file, value)
        ok, output, complaints = kustomize.build(artifact, path, unrestricted=True)
    finally:
        os.unlink(file)
        if link is not None:
            os.symlink(link, file)
        elif before is not None:
            with open(file, "wb") as out:
                out.write(before)
    texts = kube_yaml.split_documents(output)
    if not origins and not asked and not list_of(value.get("resources")):
        texts = [without_origin(text) for text in texts]
    return Build(ok, texts if ok else [], "" if ok else complaints, "" if ok else workcopy.classify(complaints))


def broken_resources(kustomize, artifact, path):
    """The resources of `path` that do not build even alone."""
    folder = os.path.join(artifact, path)
    file = workcopy.kustomization_file(folder)
    if file:
        try:
            with open(file, encoding="utf-8") as source:
                resources = list_of(map_of(kube_yaml.load(source.read())).get("resources"))
        except Exception:
            return []
    else:
        resources = generated_resources(folder) if os.path.isdir(folder) else []
    broken = []
    for entry in resources:
        inside = clean_path(os.path.join(path, str(entry)))
        if os.path.isdir(os.path.join(artifact, inside)):
            ok = kustomize.build(artifact, inside, unrestricted=True)[0]
        else:
            with tempfile.TemporaryDirectory(dir=artifact) as alone:
                target = os.path.relpath(os.path.join(artifact, inside), alone)
                workcopy.write_json(os.path.join(alone, "kustomization.yaml"), {"resources": [target]})
                ok = kustomize.build(artifact, os.path.relpath(alone, artifact), unrestricted=True)[0]
        if not ok:
            broken.append(entry)
    return broken


def without_origin(text):
    value = kube_yaml.load(text)
    annotations = dig(value, "metadata", "annotations")
    if not isinstance(annotations, dict) or ORIGIN not in annotations:
        return text
    # Written by kustomize: the annotation is a block scalar, its lines are indented deeper than its key.
    kept, skipping = [], False
    for line in text.split("\n"):
        if line.startswith("    " + ORIGIN + ":"):
            skipping = True
        elif not (skipping and line.startswith("      ")):
            skipping = False
            kept.append(line)
    text = "\n".join(kept)
    if len(annotations) == 1:
        text = re.sub(r"^  annotations:\n(?!    )", "", text, flags=re.MULTILINE)
    return text


# ---- substitution ----


class Variables:
    """What postBuild of a Flux Kustomization defines. `others`: a source that cannot be read here may define more."""

    def __init__(self):
        self.values = {}
        self.others = False
        self.asked = set()

    def __bool__(self):
        return bool(self.values) or self.others

    def lookup(self, name):
        if name in self.values:
            return self.values[name]
        if self.others:
            self.asked.add(name)
            return None
        return ""


def variables_of(kustomization, find_config_map):
    """Reads postBuild. `find_config_map(namespace, name)` gives the data of a ConfigMap, or None."""
    variables = Variables()
    post_build = map_of(dig(kustomization, "spec", "postBuild"))
    for source in list_of(post_build.get("substituteFrom")):
        data = None
        if dig(source, "kind") == "ConfigMap":
            data = find_config_map(namespace_of(kustomization), str(dig(source, "name")))
        if data is None:
            # A Secret, or a ConfigMap that comes from elsewhere.
            variables.others = True
            continue
        for key, value in data.items():
            # SOPS: the cluster sees the clear text.
            encrypted = isinstance(value, str) and value.startswith("ENC[")
            variables.values[key] = UNKNOWN if encrypted else str(value).replace("\n", "")
    for key, value in map_of(post_build.get("substitute")).items():
        variables.values[key] = str(_stringify(value)).replace("\n", "") if value is not None else ""
    for key in variables.values:
        if not VARIABLE_NAME.match(key):
            raise FluxError("other", "'%s' var name is invalid" % key)
    return variables


def substituted(text, variables):
    """One object after postBuild."""
    value = kube_yaml.load(text)
    if not variables:
        return value
    for place in ("labels", "annotations"):
        if dig(value, "metadata", place, SUBSTITUTE) == "disabled":
            return value
    try:
        after = envsubst.substitute(text, variables.lookup, UNKNOWN)
    except envsubst.BadSubstitution as error:
        raise FluxError("other", "envsubst error: variable substitution failed: %s" % error) from error
    if after == text:
        return value
    try:
        value = kube_yaml.load(after)
    except Exception as error:
        raise FluxError("other", "envsubst error: YAMLToJSON: %s" % error) from error
    if not isinstance(value, dict):
        raise FluxError("other", "envsubst error: not an object after substitution")
    return value


def delivered(values, spec):
    """The objects that Flux would apply: lists unrolled, kustomizations left out, common metadata set."""
    flat = []
    for value in values:
        if str(dig(value, "kind") or "").endswith("List") and isinstance(dig(value, "items"), list):
            flat.extend(value["items"])
        else:
            flat.append(value)
    objects = []
    for value in flat:
        if not (dig(value, "apiVersion") and dig(value, "kind") and name_of(value)):
            continue
        if value["kind"] == "Kustomization" and str(value["apiVersion"]).startswith("kustomize.config.k8s.io/"):
            continue
        for place in ("labels", "annotations"):
            common = map_of(dig(spec, "commonMetadata", place))
            if common:
                value["metadata"][place] = {**map_of(value["metadata"].get(place)), **_stringify_map(common)}
        objects.append(value)
    return objects


def with_markers(value):
    """The value with the marker of the records in place of the harmless word."""
    if isinstance(value, str):
        return value.replace(UNKNOWN, MARKER)
    if isinstance(value, list):
        return [with_markers(item) for item in value]
    if isinstance(value, dict):
        return {with_markers(key): with_markers(item) for key, item in value.items()}
    return value


def has_unknown(value):
    return UNKNOWN in kube_yaml.dump(value)


def artifact_path(kustomization):
    return clean_path(str(dig(kustomization, "spec", "path") or ""))
