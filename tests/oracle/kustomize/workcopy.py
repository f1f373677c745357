"""Copies of a repository to build in, and the real kustomize, run without a network."""

import os
import posixpath
import re
import shutil
import subprocess
import tempfile

import kube_yaml

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def git(repo, *arguments):
    result = subprocess.run(["git", "-C", repo, *arguments], capture_output=True)
    if result.returncode:
        raise SystemExit("git %s in %s: %s" % (arguments[0], repo, result.stderr.decode("utf-8", "replace").strip()))
    return result.stdout


def tracked_files(repo):
    """Paths of the files that git tracks and that the checkout has, sorted."""
    found = []
    for entry in git(repo, "ls-files", "-s", "-z").split(b"\0"):
        if not entry:
            continue
        head, path = entry.split(b"\t", 1)
        path = os.fsdecode(path)
        # 160000 is a submodule: a folder of somebody else.
        if not head.startswith(b"160000") and os.path.lexists(os.path.join(repo, path)):
            found.append(path)
    return sorted(found)


def copy_files(repo, paths, into):
    """Copies `paths`; a symbolic link only if it ends inside of the repository."""
    root = os.path.realpath(repo)
    for path in paths:
        source = os.path.join(repo, path)
        target = os.path.join(into, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(source):
            end = os.path.realpath(source)
            link = os.readlink(source)
            if not os.path.isabs(link) and os.path.exists(end) and (end + os.sep).startswith(root + os.sep):
                os.symlink(link, target)
        elif os.path.isfile(source):
            shutil.copyfile(source, target)


REMOTE = re.compile(r"^(?:[a-z+]+://|git::|gh:|git@|(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)[:/])|[?&]ref=|\.git(?:/|$)")


def is_remote(entry):
    return isinstance(entry, str) and bool(REMOTE.search(entry))


def kustomization_file(folder):
    """The kustomization of a folder, or None. Kustomize refuses two; the caller then sees its error."""
    for name in KUSTOMIZATION_NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    return None


def write_json(path, value):
    """Writes YAML that is JSON, so that no loader can read a scalar differently. Never through a link."""
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w") as out:
        out.write(kube_yaml.dump(value))


def drop_remote_parts(root):
    """Takes everything that needs the network or helm out of the kustomizations below `root`, to see what is left."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name not in KUSTOMIZATION_NAMES:
                continue
            path = os.path.join(folder, name)
            try:
                with open(path, encoding="utf-8", errors="replace") as source:
                    value = kube_yaml.load(source.read())
            except Exception:
                continue
            if not isinstance(value, dict):
                continue
            kept = kube_yaml.json_value(value)
            for field in ("resources", "bases", "components", "crds", "transformers", "generators", "patchesStrategicMerge"):
                if isinstance(kept.get(field), list):
                    kept[field] = [entry for entry in kept[field] if not is_remote(entry)]
            if isinstance(kept.get("patches"), list):
                kept["patches"] = [
                    patch for patch in kept["patches"] if not (isinstance(patch, dict) and is_remote(patch.get("path")))
                ]
            # The name of a generated object is only right with all of its files; the content that is left is.
            for field in ("configMapGenerator", "secretGenerator"):
                for generator in kept[field] if isinstance(kept.get(field), list) else []:
                    for sources in ("files", "envs"):
                        if isinstance(generator, dict) and isinstance(generator.get(sources), list):
                            generator[sources] = [
                                entry for entry in generator[sources] if not is_remote(str(entry).split("=", 1)[-1])
                                and not is_remote(entry)
                            ]
            for field in ("helmCharts", "helmChartInflationGenerator", "helmGlobals"):
                kept.pop(field, None)
            if kept != value:
                # Keeps kustomize from refusing a file that became empty; changes nothing else.
                kept.setdefault("generatorOptions", {"disableNameSuffixHash": False})
                write_json(path, kept)


class Kustomize:
    def __init__(self, binary, timeout=20):
        self.binary = os.path.abspath(binary) if os.sep in binary else shutil.which(binary)
        if not self.binary or not os.access(self.binary, os.X_OK):
            raise SystemExit("no kustomize at %s: set --kustomize or KUSTOMIZE" % binary)
        self.timeout = timeout
        self.home = tempfile.TemporaryDirectory()

    def build(self, root, folder, unrestricted=False):
        """Builds `folder`, relative to `root`. Returns (ok, output, complaints)."""
        nowhere = "http://127.0.0.1:9"
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": self.home.name,
            "TMPDIR": self.home.name,
            # Remote bases must fail, and fast: over HTTP, and by git.
            "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere, "https_proxy": nowhere, "ALL_PROXY": nowhere,
            "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "false",
            "GOMAXPROCS": "1",
        }
        command = [self.binary, "build", folder or "."]
        if unrestricted:
            command += ["--load-restrictor", "LoadRestrictionsNone"]
        try:
            result = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=self.timeout, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return False, "", "timed out after %d s" % self.timeout
        complaints = result.stderr.decode("utf-8", "replace").replace(os.path.realpath(root), ".").replace(root, ".")
        ok = result.returncode == 0 and not re.search(r"^Error: ", complaints, re.MULTILINE)
        return ok, result.stdout.decode("utf-8", "replace"), complaints.strip()


NETWORK = re.compile(
    r"proxyconnect|dial tcp|connection refused|no such host|transport '[a-z+]+' not allowed|failed to run '[^']*git|"
    r"hit \d+s timeout|timed out after|URL is a git repository|HTTP Error|status code 4\d\d"
)
HELM = re.compile(r"must specify --enable-helm|helm version|unable to run: 'helm|helm not found")


RESTRICTED = re.compile(r"security; file '[^']*' is not in or below")


def classify(complaints):
    """Why a build failed: helm, network, restricted (a file outside of the folder, which Flux allows) or other."""
    if HELM.search(complaints):
        return "helm"
    if NETWORK.search(complaints):
        return "network"
    if RESTRICTED.search(complaints):
        return "restricted"
    return "other"


def clean_path(path):
    """A path inside of the repository: no `./` in front, no `..` out of it, "." for its root."""
    return posixpath.normpath("/" + (path or "")).lstrip("/") or "."
