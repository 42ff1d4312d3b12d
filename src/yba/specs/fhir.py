"""The national FHIR profiles as data: profiles, extensions, value sets, identifier systems, search parameters, examples, read from `specs/fhir/`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from . import access, acts, codes, labels, systems
from .claims import SpecError
from .fhir_structure import Maker

Doc = dict[str, Any]
FOLDER: Final = Path(__file__).with_name("fhir")
_GENERAL: Final = frozenset({"owner", "valid_from", "checked_by", "next_review"})
_VIETNAM: Final = [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "VN"}]}]
_EXTENSION: Final = re.compile(r"\{([a-z-]+)\}")
_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a code system that this room holds itself."""

    code: str
    display: str
    english: str = ""


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A national code system: its codes where they stand in this room, else why there are none (or the terminology room has them)."""

    name: str
    url: str
    vi: str
    en: str
    content: str  # complete, fragment, not-present
    source: str
    why: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What the FHIR package is called."""

    name: str
    version: str
    title: str
    canonical: str
    license: str
    publisher: str
    date: str


@cache
def package() -> Package:
    """Give the name and version of the package of national profiles."""
    data = tomllib.loads((FOLDER / "package.toml").read_text("utf-8"))
    return Package(**{key: str(data[key]) for key in Package.__slots__})


def head() -> Doc:
    """Give what every canonical resource of ours says: version, status, date, publisher, jurisdiction."""
    told = package()
    return {
        "version": told.version,
        "status": "active",
        "experimental": False,
        "date": told.date,
        "publisher": told.publisher,
        "jurisdiction": _VIETNAM,
    }


@cache
def profiles() -> dict[str, Doc]:
    """Give every StructureDefinition (profiles of resources, extensions) by url: the `library` of `fhir.validate`. Do not change them."""
    sets, extensions, resources = _table("value_sets"), _table("extensions"), _table("resources")
    maker = Maker(package().canonical, head(), sets)
    contexts = {name: said["context"] for name, said in extensions.items()}
    made = [maker.profile(name, said, contexts) for name, said in resources.items()]
    made += [maker.extension(name, said) for name, said in extensions.items()]
    return {one["url"]: one for one in made}


@cache
def profile_of(rtype: str) -> str:
    """Give the url of the national profile of a resource type; "" where there is none."""
    return next((url for url, one in profiles().items() if one["type"] == rtype), "")


@cache
def value_sets() -> dict[str, Doc]:
    """Give every national ValueSet by url; each holds all codes of the systems it includes."""
    made = {}
    for name, said in _table("value_sets").items():
        url = f"{package().canonical}ValueSet/{name}"
        include = [{"system": systems.system(one)} for one in said["systems"]]
        words = {"name": _pascal(name), "title": said["en"], "description": f"{said['vi']}. {said['en']}."}
        made[url] = {"resourceType": "ValueSet", "id": name, "url": url, **head(), **words, "compose": {"include": include}}
    return made


@cache
def naming_systems() -> tuple[Doc, ...]:
    """Give a NamingSystem for every identifier system."""
    return tuple(_naming(name, said) for name, said in _table("naming", "codes")["identifier"].items())


@cache
def code_systems() -> tuple[CodeSystem, ...]:
    """Give the national code systems that the terminology room has no list of, with their codes as far as they are held."""
    return tuple(_code_system(name, said) for name, said in _table("index", "codes")["system"].items())


@cache
def search_parameters() -> tuple[Doc, ...]:
    """Give the SearchParameters that this country adds to R4's."""
    data = tomllib.loads((FOLDER / "national_parameters.toml").read_text("utf-8"))
    return tuple(_parameter(rtype, code, said) for rtype, found in data.items() for code, said in found.items())


@cache
def examples() -> tuple[Doc, ...]:
    """Give the examples: synthetic people only, each naming its profile."""
    return tuple(orjson.loads(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("*.json")))


def _table(name: str, folder: str = "profiles") -> dict[str, Any]:
    path = FOLDER / folder / f"{name}.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    if missing := _GENERAL - data.keys():
        message = f"{path}: say {sorted(missing)}"
        raise SpecError(message)
    return {key: value for key, value in data.items() if key not in _GENERAL | {"source"}}


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))


def _naming(name: str, said: Doc) -> Doc:
    local = name == "local-patient"
    url = systems.identifier(name)
    made: Doc = {"resourceType": "NamingSystem", "id": name, "name": _pascal(name), "status": "active", "kind": "identifier", "date": package().date}
    made |= {
        "publisher": package().publisher,
        "responsible": said["responsible"],
        "description": f"{said['vi']}. {said['en']}.",
        "jurisdiction": _VIETNAM,
    }
    if said["type"]:
        made["type"] = {"coding": [{"system": _TYPES, "code": said["type"]}]}
    comment = {"comment": "Mã cơ sở đứng sau địa chỉ này. The facility code follows this address."} if local else {}
    made["uniqueId"] = [{"type": "uri", "value": url, "preferred": True, **comment}]
    return {key: value for key, value in made.items() if value != ""}


def _code_system(name: str, said: Doc) -> CodeSystem:
    url = systems.national(name)
    if "claims" in said:
        held = codes.code_list(said["claims"])
        listed = tuple(Code(one.code, one.meaning_vi) for one in held.codes)
        content = "complete" if held.complete and held.grammar is None else "fragment"
        return CodeSystem(name, url, held.title_vi, held.title_en, content, held.source, held.why, listed)
    if "own" in said:
        return CodeSystem(name, url, said["vi"], said["en"], "complete", "yba", "", tuple(_own(said["own"])))
    return CodeSystem(name, url, said["vi"], said["en"], "not-present", "", said["why"], ())


def _own(kind: str) -> list[Code]:
    if kind == "labels":
        told = tomllib.loads(labels.PATH.read_text("utf-8"))["category"]
        return [Code(name, told[name]["name_vi"]) for name in labels.names()]
    if kind == "acts":
        return [Code(name, one.vi, one.en) for name, one in acts.acts().items()]
    found = access.roles() if kind == "roles" else access.rights()
    return [Code(name, one.vi, one.en) for name, one in found.items()]


def _parameter(rtype: str, code: str, said: Doc) -> Doc:
    id_ = f"{rtype}-{code}"
    expression = _EXTENSION.sub(lambda found: systems.extension(found[1]), said["expression"])
    words = {
        "name": _pascal(f"{rtype}-{code}"),
        "description": f"{rtype}: {code} của phần mở rộng quốc gia. {rtype}: {code} of a national extension.",
    }
    search = {"code": code, "base": [rtype], "type": said["type"], "expression": expression}
    told = {key: value for key, value in head().items() if key != "experimental"}
    return {"resourceType": "SearchParameter", "id": id_, "url": f"{package().canonical}SearchParameter/{id_}", **told, **words, **search}
