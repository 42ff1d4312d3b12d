"""The FHIR package of the national profiles: every canonical resource, its index and the examples, as foreign tools read it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from yba.specs import fhir as specs
from yba.terminology import canonical_resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Doc = dict[str, Any]
_FHIR: Final = "4.0.1"
_INDEXED: Final = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content", "valueSet", "derivation")


class IgBuilt(NamedTuple):
    """The package that was written: where, its name and version, resources by type, examples, bytes."""

    path: Path
    name: str
    version: str
    resources: dict[str, int]
    examples: int
    size: int


def build_ig(out: Path) -> IgBuilt:
    """Write `package.tgz` (FHIR NPM package) into a folder, which is made; the same release writes the same bytes."""
    told, resources, examples = specs.package(), canonical_resources(), specs.examples()
    files = {"package/package.json": _json(_manifest())}
    files |= _folder("package", resources) | _folder("package/example", examples)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "package.tgz"
    path.write_bytes(_packed(files))
    counted = Counter(one["resourceType"] for one in resources)
    return IgBuilt(path, told.name, told.version, dict(sorted(counted.items())), len(examples), path.stat().st_size)


def _manifest() -> Doc:
    told = specs.package()
    return {
        "name": told.name, "version": told.version, "type": "fhir.ig", "date": told.date.replace("-", "") + "000000", "license": told.license,
        "canonical": told.canonical.rstrip("/"), "url": told.canonical.rstrip("/"), "title": told.title, "description": told.title,
        "fhirVersions": [_FHIR], "dependencies": {"hl7.fhir.r4.core": _FHIR}, "author": told.publisher, "jurisdiction": "urn:iso:std:iso:3166#VN",
    }  # fmt: skip


def _folder(name: str, resources: Iterable[Doc]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    index: list[Doc] = []
    for one in resources:
        file = f"{one['resourceType']}-{one['id']}.json"
        files[f"{name}/{file}"] = _json(one)
        index.append({"filename": file} | {key: one[key] for key in _INDEXED if isinstance(one.get(key), str)})
    return {f"{name}/.index.json": _json({"index-version": 2, "files": index}), **files}


def _json(doc: Doc) -> bytes:
    return orjson.dumps(doc, option=orjson.OPT_APPEND_NEWLINE)


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Make the archive with no times and owners in it."""
    plain, squeezed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with gzip.GzipFile(fileobj=squeezed, mode="wb", mtime=0) as stream:
        stream.write(plain.getvalue())
    return squeezed.getvalue()
