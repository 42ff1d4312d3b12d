"""Write docs/sbom.cdx.json, the list of everything that is shipped (CycloneDX 1.6), from the lock files; --check says whether it is current."""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "sbom.cdx.json"
LOCK = ROOT / "uv.lock"
NPM = ROOT / "tools" / "web" / "package-lock.json"
OURS = "yba"


def shipped(packages: dict[str, dict[str, Any]]) -> list[str]:
    """Return the names of what the installed platform needs, our own apart: dependencies of dependencies, not the tools of developers."""
    found: set[str] = set()
    todo = [(OURS, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        needs = list(packages[name].get("dependencies", []))
        for extra in extras:
            needs += packages[name].get("optional-dependencies", {}).get(extra, [])
        todo += [(need["name"], frozenset(need.get("extra", []))) for need in needs]
    return sorted(found - {OURS})


def component(package: dict[str, Any]) -> dict[str, Any]:
    """Describe one package of the lock: name, version, address, and the digest of its source."""
    purl = f"pkg:pypi/{package['name']}@{quote(package['version'])}"
    held = [package["sdist"]] if "sdist" in package else package.get("wheels", [])  # what it is built from; wheels only where there is no source
    files = [
        {"type": "distribution", "url": each["url"], "hashes": [{"alg": "SHA-256", "content": each["hash"].removeprefix("sha256:")}]}
        for each in held
        if "url" in each
    ]
    return {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["version"], "purl": purl, "externalReferences": files}


def from_npm() -> list[dict[str, Any]]:
    """Describe what the build fetches from npm and the platform serves: the font."""
    found = []
    for place, package in sorted(json.loads(NPM.read_text("utf-8"))["packages"].items()):
        if place and "version" in package:
            name = place.removeprefix("node_modules/")
            purl = f"pkg:npm/{quote(name, safe='/')}@{package['version']}"
            licences = [{"license": {"id": package["license"]}}] if "license" in package else []
            found.append({"type": "file", "bom-ref": purl, "name": name, "version": package["version"], "purl": purl, "licenses": licences})
    return found


def sbom() -> str:
    """Return the document: the same for the same lock files, whoever writes it and when."""
    packages = {package["name"]: package for package in tomllib.loads(LOCK.read_text("utf-8"))["package"]}
    names = shipped(packages)
    parts = [component(packages[name]) for name in names] + from_npm()
    refs = {name: f"pkg:pypi/{name}@{quote(packages[name]['version'])}" for name in [OURS, *names]}
    needs = [
        {"ref": refs[name], "dependsOn": sorted({refs[need["name"]] for need in packages[name].get("dependencies", []) if need["name"] in refs})}
        for name in [OURS, *names]
    ]
    ours = {
        "type": "application",
        "bom-ref": refs[OURS],
        "name": OURS,
        "version": packages[OURS]["version"],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    content = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts))}",
        "version": 1,
        "metadata": {"component": ours},
        "components": parts,
        "dependencies": needs,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write the list, or with --check say whether the one there is current."""
    content = sbom()
    current = TARGET.exists() and TARGET.read_text("utf-8") == content
    if "--check" in sys.argv[1:]:
        if not current:
            print(f"out of date: {TARGET.relative_to(ROOT)}; run tools/sbom.py")
        return 0 if current else 1
    TARGET.write_text(content, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
