"""The FHIR package of the national profiles: every canonical resource, its index and the examples, as foreign tools read it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from yba import terminology
from yba.fhir import parameters
from yba.specs import fhir as specs
from yba.specs import systems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Doc = dict[str, Any]
_FHIR: Final = "4.0.1"
_INDEXED: Final = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content", "valueSet", "derivation")
_INTERACTIONS: Final = ("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type")
_PROPERTIES: Final = [
    {"code": "parent", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"},
    {"code": "notSelectable", "uri": "http://hl7.org/fhir/concept-properties#notSelectable", "type": "boolean"},
]


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


def canonical_resources() -> tuple[Doc, ...]:
    """Give every resource of the package but the examples: profiles, extensions, value sets, code systems with their codes, and what lists them."""
    listed = (
        *specs.profiles().values(), *specs.value_sets().values(), *code_systems(), *specs.naming_systems(), *specs.search_parameters(), _capability(),
    )  # fmt: skip
    return (*listed, _guide((*listed, *specs.examples())))


def code_systems() -> Iterator[Doc]:
    """Give a CodeSystem for every edition of every national list, and for each list that this package holds no codes of."""
    head = specs.head()
    for found in terminology.all_lists():
        if not found.uri.startswith(specs.package().canonical) or found.uri == systems.identifier("facility"):
            continue
        for edition in found.editions:
            name = found.uri.rsplit("/", 1)[1]
            id_ = name if edition is found.editions[-1] else f"{name}-{edition.id}"
            yield _system(id_, found.uri, (found.title_vi, found.title_en), _of_edition(edition), _concepts(found.id, edition.id))
    for one in specs.code_systems():
        why = f" Thiếu / missing: {one.why}." if one.why else ""
        more = {"version": head["version"], "content": one.content, "description": f"{one.vi}. {one.en}. Nguồn / source: {one.source or '-'}.{why}"}
        concepts = [_concept(code.code, code.display, code.english) for code in one.codes]
        yield _system(one.url.rsplit("/", 1)[1], one.url, (one.vi, one.en), more, concepts)


def _system(id_: str, url: str, titles: tuple[str, str], more: Mapping[str, Any], concepts: list[Doc]) -> Doc:
    name = "".join(part.capitalize() for part in id_.replace("_", "-").replace(".", "-").split("-"))
    made: Doc = {
        "resourceType": "CodeSystem",
        "id": id_,
        "language": "vi",
        "url": url,
        **specs.head(),
        "name": name,
        "title": f"{titles[0]} / {titles[1]}",
    }
    made |= {"caseSensitive": True, **more}
    if more["content"] == "not-present":
        return made
    kept = {one["code"] for concept in concepts for one in concept.get("property", ())}
    properties = [one for one in _PROPERTIES if one["code"] in kept]
    if more["content"] == "complete":  # of a fragment FHIR's count would be that of the whole list, which nobody knows
        made["count"] = len(concepts)
    made["description"] += f" Ở đây / here: {len(concepts)}."
    return {**made, **({"property": properties} if properties else {}), "concept": concepts}


def _of_edition(edition: terminology.EditionInfo) -> Doc:
    days = f"{edition.valid_from or '…'} – {edition.valid_to or '…'}"
    missing = f" Thiếu / missing: {edition.why}." if edition.why else ""
    flaws = f" {edition.flaws}" if edition.flaws else ""
    text = f"{edition.name}; hiệu lực / in force {days}. Nguồn / source: {edition.source} ({edition.as_of}).{missing}{flaws}"
    content = "complete" if edition.complete else "fragment"
    return {"version": edition.id, "content": content, "description": text, "copyright": edition.licence}


def _concepts(list_id: str, edition: str) -> list[Doc]:
    return [_concept(one.code, one.display, one.display_en, one.parent, abstract=one.abstract) for one in terminology.concepts(list_id, edition)]


def _concept(code: str, display: str, english: str = "", parent: str = "", *, abstract: bool = False) -> Doc:
    made: Doc = {"code": code}
    if display or english:
        made["display"] = display or english
    if english and display:
        made["designation"] = [{"language": "en", "value": english}]
    said: list[Doc] = [{"code": "parent", "valueCode": one} for one in parent.split(";") if one]
    if abstract:
        said.append({"code": "notSelectable", "valueBoolean": True})
    return made | ({"property": said} if said else {})


def _capability() -> Doc:
    """What software of a facility may count on: the profiles, and the search parameters that are indexed or national."""
    url = f"{specs.package().canonical}CapabilityStatement/yba"
    profiled = {one["type"]: one["url"] for one in specs.profiles().values() if one["type"] != "Extension"}
    words = {
        "name": "Yba",
        "title": "yba FHIR R4 server",
        "description": "Máy chủ FHIR R4 của y bạ. What a yba server offers for the profiled types.",
    }
    return {
        "resourceType": "CapabilityStatement", "id": "yba", "url": url, **specs.head(), **words, "kind": "requirements", "fhirVersion": _FHIR,
        "format": ["json", "xml"], "patchFormat": ["application/json-patch+json", "application/fhir+json", "application/fhir+xml"],
        "implementationGuide": [_guide_url()],
        "rest": [{"mode": "server", "resource": [_rest(rtype, url) for rtype, url in sorted(profiled.items())]}],
    }  # fmt: skip


def _rest(rtype: str, profile: str) -> Doc:
    national = {one["code"]: one["url"] for one in specs.search_parameters() if rtype in one["base"]}
    indexed = {one.code for one in parameters.profile(rtype).tokens} | national.keys()
    params = [
        {"name": code, **({"definition": national[code]} if code in national else {}), "type": one.type}
        for code, one in sorted(parameters.parameters(rtype).items())
        if code in indexed
    ]
    interactions = [{"code": code} for code in _INTERACTIONS]
    return {"type": rtype, "supportedProfile": [profile], "interaction": interactions, "versioning": "versioned-update", "searchParam": params}


def _guide_url() -> str:
    return f"{specs.package().canonical}ImplementationGuide/{specs.package().name}"


def _guide(listed: Iterable[Doc]) -> Doc:
    told = specs.package()
    resources = [
        {
            "reference": {"reference": f"{one['resourceType']}/{one['id']}"},
            **({} if "url" in one or one["resourceType"] == "NamingSystem" else {"exampleBoolean": True}),
        }
        for one in listed
    ]
    words = {"name": "Yba", "title": told.title, "packageId": told.name, "license": told.license, "fhirVersion": [_FHIR]}
    made = {"resourceType": "ImplementationGuide", "id": told.name, "url": _guide_url(), **specs.head(), **words}
    return made | {"definition": {"resource": resources}}


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
