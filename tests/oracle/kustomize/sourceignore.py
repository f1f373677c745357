"""Which files a Flux source leaves out: .sourceignore and a source's `ignore`, matched as github.com/fluxcd/pkg/sourceignore does.

That is go-git's gitignore, not Git's: the last pattern that matches a file decides, so `!/a/b` takes back what `/*` excluded.
"""

import functools
import os
import re

EXCLUDED_ALWAYS = [".git/", ".gitignore", ".gitmodules", ".gitattributes"]
EXCLUDED_BY_DEFAULT = [
    "*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip", ".github/", ".circleci/", ".travis.yml",
    ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml",
    "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml",
]


@functools.lru_cache(maxsize=None)
def _segment(pattern):
    """Go's filepath.Match for one segment, or None for a pattern that it calls malformed."""
    out = []
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "\\":
            i += 1
            if i == len(pattern):
                return None
            out.append(re.escape(pattern[i]))
        elif char == "[":
            end = pattern.find("]", i + 2)
            if end < 0:
                return None
            out.append("[" + pattern[i + 1 : end] + "]")
            i = end
        else:
            out.append(re.escape(char))
        i += 1
    try:
        return re.compile("".join(out), re.DOTALL)
    except re.error:
        return None


def _matches(pattern, name):
    compiled = _segment(pattern)
    return bool(compiled and compiled.fullmatch(name))


class Pattern:
    def __init__(self, text, folder):
        self.domain = folder.split("/") if folder else []
        self.includes = text.startswith("!")
        text = text[1:] if self.includes else text
        if not text.endswith("\\ "):
            text = text.rstrip(" ")
        self.folders_only = text.endswith("/")
        text = text[:-1] if self.folders_only else text
        self.segments = text.split("/")

    def match(self, path):
        """Whether the pattern speaks about a file; `path` is its list of names."""
        if path[: len(self.domain)] != self.domain or len(path) <= len(self.domain):
            return False
        path = path[len(self.domain) :]
        if len(self.segments) == 1:
            return self.match_name(path)
        return self.match_glob(path)

    def match_name(self, path):
        for i, name in enumerate(path):
            if _matches(self.segments[0], name):
                # A file is no folder: the pattern ends here, as in the original.
                return not (self.folders_only and i == len(path) - 1)
        return False

    def match_glob(self, path):
        path = list(path)
        matched = anywhere = False
        for i, segment in enumerate(self.segments):
            if segment == "":
                anywhere = False
            elif segment == "**":
                if i == len(self.segments) - 1:
                    break
                anywhere = True
            elif "**" in segment or not path:
                return False
            elif anywhere:
                anywhere = False
                while path:
                    if _matches(segment, path.pop(0)):
                        matched = True
                        break
                    if not path:
                        matched = False
            else:
                if not _matches(segment, path.pop(0)):
                    return False
                matched = True
        return matched and not (self.folders_only and not path)


def read_patterns(text, folder=""):
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return [Pattern(line, folder) for line in lines if line.strip() and not line.startswith("#")]


def artifact_paths(repo, paths, extra_ignore):
    """The files that the artifact of a source has. `extra_ignore` is the source's own `spec.ignore`."""
    patterns = []
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        if os.path.basename(path) == ".sourceignore":
            with open(os.path.join(repo, path), encoding="utf-8", errors="replace") as source:
                patterns += read_patterns(source.read(), os.path.dirname(path))
    patterns += read_patterns(extra_ignore)
    # Own patterns replace the defaults.
    first = EXCLUDED_ALWAYS + ([] if patterns else EXCLUDED_BY_DEFAULT)
    patterns = [Pattern(text, "") for text in first] + patterns

    def kept(path):
        names = path.split("/")
        for pattern in reversed(patterns):
            if pattern.match(names):
                return pattern.includes
        return True

    return [path for path in paths if kept(path)]
