"""The canonical resources of this country as FHIR: profiles, value sets, code systems, what lists them; made from data, stored nowhere."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.fhir import parameters
from yba.specs import fhir as specs
from yba.specs import systems

from .queries import concepts
from .queries import lists as all_lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .model import EditionInfo

Doc = dict[str, Any]
_FHIR: Final = "4.0.1"
_INTERACTIONS: Final = ("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type")
_PROPERTIES: Final = [
    {"code": "parent", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"},
    {"code": "notSelectable", "uri": "http://hl7.org/fhir/concept-properties#notSelectable", "type": "boolean"},
]


class Canonical(NamedTuple):
    """One resource: ``head`` is all of it but the concepts of a code system, which may be tens of thousands; ``whole`` makes it."""

    head: Doc
    whole: Callable[[], Doc]

    @property
    def ref(self) -> tuple[str, str]:
        """Its type and id."""
        return self.head["resourceType"], self.head["id"]


@cache
def canonicals() -> dict[tuple[str, str], Canonical]:
    """Give every canonical resource by type and id, without the examples of the package. Do not change the documents."""
    plain = (*specs.profiles().values(), *specs.value_sets().values())
    found = [Canonical(one, partial(_same, one)) for one in plain]
    found += _code_systems()
    found += [Canonical(one, partial(_same, one)) for one in (*specs.naming_systems(), *specs.search_parameters(), _capability())]
    guide = _guide((*(one.head for one in found), *specs.examples()))
    found.append(Canonical(guide, partial(_same, guide)))
    return {one.ref: one for one in found}


def _same(doc: Doc) -> Doc:
    return doc


def canonical_resources() -> tuple[Doc, ...]:
    """Give every resource of the package but the examples: profiles, extensions, value sets, code systems with their codes, and what lists them."""
    return tuple(one.whole() for one in canonicals().values())


def _code_systems() -> Iterator[Canonical]:
    """Give a CodeSystem for every edition of every national list, and for each list that this package holds no codes of."""
    head = specs.head()
    for found in all_lists():
        if not found.uri.startswith(specs.package().canonical) or found.uri == systems.identifier("facility"):
            continue
        for edition in found.editions:
            name = found.uri.rsplit("/", 1)[1]
            id_ = name if edition is found.editions[-1] else f"{name}-{edition.id}"
            make = partial(_system, id_, found.uri, (found.title_vi, found.title_en), _of_edition(edition))
            yield Canonical(_head(make([])), partial(_with_concepts, make, found.id, edition.id))
    for one in specs.code_systems():
        why = f" Thiếu / missing: {one.why}." if one.why else ""
        more = {"version": head["version"], "content": one.content, "description": f"{one.vi}. {one.en}. Nguồn / source: {one.source or '-'}.{why}"}
        listed = [_concept(code.code, code.display, code.english) for code in one.codes]
        make = partial(_system, one.url.rsplit("/", 1)[1], one.url, (one.vi, one.en), more)
        yield Canonical(_head(make([])), partial(make, listed))


def _head(doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if key not in {"concept", "count"}}


def _with_concepts(make: Callable[[list[Doc]], Doc], list_id: str, edition: str) -> Doc:
    return make(_concepts(list_id, edition))


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


def _of_edition(edition: EditionInfo) -> Doc:
    days = f"{edition.valid_from or '…'} – {edition.valid_to or '…'}"
    missing = f" Thiếu / missing: {edition.why}." if edition.why else ""
    flaws = f" {edition.flaws}" if edition.flaws else ""
    text = f"{edition.name}; hiệu lực / in force {days}. Nguồn / source: {edition.source} ({edition.as_of}).{missing}{flaws}"
    content = "complete" if edition.complete else "fragment"
    return {"version": edition.id, "content": content, "description": text, "copyright": edition.licence}


def _concepts(list_id: str, edition: str) -> list[Doc]:
    return [_concept(one.code, one.display, one.display_en, one.parent, abstract=one.abstract) for one in concepts(list_id, edition)]


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
