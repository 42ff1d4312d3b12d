"""Find secrets in the tree: private keys, tokens of known services, passwords in addresses, long random values given to a secret's name."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
SKIP = re.compile(r"(^uv\.lock|package-lock\.json|sbom\.cdx\.json|\.(png|woff2|mo|zip|gz|zst|parquet|pdf|p12))$")
# A line that must look like a secret says so, with its reason.
ALLOWED = "no secret:"
LARGEST = 2 << 20  # bytes; larger files are catalogues
FORMS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=\n]{40}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20}"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{12,}"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "PyPI token": re.compile(r"\bpypi-AgEI[A-Za-z0-9_-]{40,}"),
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    "password in an address": re.compile(r"\b[a-z][a-z+]*://[^\s:/@\"'{}]+:(?!PASSWORD|password|\$|\{|…|%)[^\s:/@\"'{}]{6,}@[^\s\"']+"),
}
NAMED = re.compile(r"(?i)(?:secret|passw(?:or)?d|token|api_?key|private_?key|master)\w*[\"']?\s*[:=]\s*[\"']([A-Za-z0-9+/_=-]{20,})[\"']")
RANDOM = 3.9  # bits per sign: words stay below, base64 of random bytes lies above
HEX = 3.0  # same, of hexadecimal


def entropy(text: str) -> float:
    """Return the Shannon entropy of a text in bits per sign."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def looks_random(value: str) -> bool:
    """Whether a value is no words: long hexadecimal, or small and capital letters and digits without a pattern."""
    mixed = all(any(test(sign) for sign in value) for test in (str.isupper, str.islower, str.isdigit))
    return bool(re.fullmatch(r"[0-9a-f]{32,}", value) and entropy(value) > HEX) or (mixed and entropy(value) > RANDOM)


def findings(text: str) -> list[tuple[int, str]]:
    """Return (line, what it looks like) for everything in a text that looks like a secret."""
    lines = text.splitlines()
    found = [(text.count("\n", 0, hit.start()) + 1, kind) for kind, form in FORMS.items() for hit in form.finditer(text)]
    found += [
        (number, "random value given to a secret's name")
        for number, line in enumerate(lines, 1)
        for hit in NAMED.finditer(line)
        if looks_random(hit[1])
    ]
    return sorted((number, kind) for number, kind in found if ALLOWED not in lines[number - 1])


def files() -> list[Path]:
    """Return every file of the tree that git knows or would know."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)  # noqa: S607  # git of the PATH
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and not SKIP.search(name)]


def main() -> int:
    """Scan the tree; 1 when something was found. What was found is not repeated."""
    faults = []
    for path in files():
        if not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST:
            continue
        faults += [f"{path.relative_to(ROOT)}:{number} {kind}" for number, kind in findings(path.read_bytes().decode("utf-8", "replace"))]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
