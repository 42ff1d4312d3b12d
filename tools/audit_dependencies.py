"""Ask about known vulnerabilities of every locked package: OSV (by `uv audit`), else the registry the packages came from; being unable to ask is said.

A vulnerability that is judged and lived with for a while stands in accepted_vulnerabilities.toml with its reason and its last day.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "uv.lock"
ACCEPTED = Path(__file__).with_name("accepted_vulnerabilities.toml")
SERVICE = "api.osv.dev"
COULD_NOT_ASK = 75  # EX_TEMPFAIL: tools/check.py says so and goes on
WAIT = 15  # seconds for one answer


class Locked(NamedTuple):
    """One package of the lock file, and where the registry tells of exactly this version."""

    name: str
    version: str
    address: str


class UnaskedError(Exception):
    """Nobody told."""


def locked(lock: Path) -> list[Locked]:
    """Return what is locked from a registry, by name; the registry's own description of a version stands beside its list of files."""
    found = tomllib.loads(lock.read_text("utf-8"))["package"]
    return [
        Locked(one["name"], one["version"], f"{one['source']['registry'].removesuffix('/simple')}/pypi/{one['name']}/{one['version']}/json")
        for one in found
        if "registry" in one["source"]
    ]


def told_of(one: Locked) -> list[dict[str, Any]]:
    """Return what the registry knows against one version. Raises UnaskedError: it does not answer, or does not tell of versions."""
    try:
        with urllib.request.urlopen(one.address, timeout=WAIT) as answer:  # noqa: S310  # the registry of the lock file
            told = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise UnaskedError(f"{one.name} {one.version}: {error}") from error
    if told.get("info", {}).get("version") != one.version or "vulnerabilities" not in told:
        raise UnaskedError(f"{one.name} {one.version}: the registry told of something else")
    return [each for each in told["vulnerabilities"] if not each.get("withdrawn")]


def accepted(file: Path, today: date) -> dict[tuple[str, str], str]:
    """Return (package, id) of what is lived with today; each needs a reason and a last day."""
    entries = tomllib.loads(file.read_text("utf-8")).get("accepted", []) if file.exists() else []
    for entry in entries:
        if entry.keys() != {"package", "id", "why", "until"} or not entry["why"].strip() or type(entry["until"]) is not date:
            raise SystemExit(f"{file.name}: package, id, why and until (a day) are needed: {entry}")
    return {(entry["package"], entry["id"]): entry["why"] for entry in entries if entry["until"] >= today}


def ask_registry(packages: list[Locked], lived_with: dict[tuple[str, str], str]) -> int:
    """Ask version by version; the first answer decides whether the registry tells of versions at all, so that nobody is asked in vain."""
    hits, unasked = [], []
    for number, one in enumerate(packages):
        try:
            told = told_of(one)
        except UnaskedError as error:
            if number == 0:
                print(f"could not ask: {error}")
                return COULD_NOT_ASK
            unasked.append(str(error))
            continue
        for each in told:
            names = {each["id"], *each.get("aliases", [])}
            if not any((one.name, name) in lived_with for name in names):
                hits.append(
                    f"{one.name} {one.version}: {each['id']} {each.get('summary') or ''} mended in {', '.join(each.get('fixed_in', [])) or '?'}"
                )
    print("\n".join([*hits, *(f"could not ask: {each}" for each in unasked)]) or f"{len(packages)} packages, nothing known against them")
    return 1 if hits else COULD_NOT_ASK if unasked else 0


def reachable() -> bool:
    """Whether OSV can be spoken to from here."""
    try:
        socket.create_connection((SERVICE, 443), timeout=5).close()
    except OSError:
        return False
    return True


def ask_osv(uv: str, lived_with: dict[tuple[str, str], str]) -> int:
    """Let uv ask; an answer we could not get although the network is there fails the build."""
    ignored = [word for _, name in sorted(lived_with) for word in ("--ignore", name)]
    done = subprocess.run(
        [uv, "audit", "--locked", "--preview-features", "audit", *ignored], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    print((done.stdout + done.stderr).strip())
    if done.returncode == 0 or "vulnerabilit" in (done.stdout + done.stderr).lower():
        return 1 if done.returncode else 0
    return 1 if os.environ.get("CI") else COULD_NOT_ASK


def main() -> int:
    """0 nothing known, 1 something known, 75 nobody could be asked."""
    lived_with = accepted(ACCEPTED, datetime.now(UTC).date())
    uv = shutil.which(str(ROOT / ".uv" / "bin" / "uv")) or shutil.which("uv")
    if uv is not None and reachable():
        return ask_osv(uv, lived_with)
    print(f"{SERVICE} cannot be reached from here; asking the registry of the lock file")
    return ask_registry(locked(LOCK), lived_with)


if __name__ == "__main__":
    sys.exit(main())
