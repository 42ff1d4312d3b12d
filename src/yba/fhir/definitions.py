"""Element types, cardinalities and required bindings of FHIR R4, from the compiled StructureDefinitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

UNBOUNDED: Final = -1
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # R4 (datatypes.html): never in a string; XML cannot hold them


@dataclass(frozen=True, slots=True)
class Field:
    """One JSON property that an element may take: `effectiveDateTime` and `effectivePeriod` are two fields of one element."""

    key: str  # JSON property
    type: str  # "CodeableConcept", "code", "Reference", "Resource", or the path of a backbone: "Encounter.location"
    targets: tuple[str, ...]  # of a Reference; empty = any


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type."""

    name: str  # FHIRPath name: "effective", "code"
    minimum: int
    maximum: int  # UNBOUNDED = *
    fields: tuple[Field, ...]
    binding: str | None  # value set of a required binding

    @property
    def many(self) -> bool:
        """Whether JSON writes it as an array."""
        return self.maximum != 1


@cache
def _data() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = orjson.loads(files("yba.fhir").joinpath("data/elements.json").read_bytes())
    return loaded


@cache
@cache
def resource_types() -> frozenset[str]:
    """Names of all R4 resource types, abstract ones left out."""
    return frozenset(name for name, kind in _data()["kinds"].items() if kind == "resource" and name not in {"Resource", "DomainResource"})


@cache
def is_resource(type_: str) -> bool:
    """Whether it is the name of an R4 resource type that can be instantiated."""
    return type_ in resource_types()


def is_primitive(type_: str) -> bool:
    """Whether the type is written as a JSON string, number or boolean."""
    return type_ in _data()["patterns"]


def pattern(primitive: str) -> str:
    """Return the regular expression of a primitive type; empty = none given."""
    found: str = _data()["patterns"][primitive]
    return found


@cache
def supertypes(type_: str) -> tuple[str, ...]:
    """Return what a type specialises, nearest first: Patient -> DomainResource, Resource."""
    base = _data()["bases"].get(type_)
    return () if base is None else (base, *supertypes(base))


def is_type(name: str) -> bool:
    """Whether R4 has a type of this name: resource, datatype or primitive, abstract ones too."""
    return name in _data()["kinds"] or name in _data()["patterns"]


@cache
def _compiled(primitive: str) -> re.Pattern[str]:
    return re.compile(pattern(primitive) or r".*", re.DOTALL | re.ASCII)  # XML Schema's \s is four characters: a no-break space is text


def primitive_matches(primitive: str, text: str) -> bool:
    """Whether a text has the form of a primitive type."""
    # XML Schema's \\S and \\s mean the same in Python for what JSON text may hold; line breaks count inside.
    return _compiled(primitive).fullmatch(text) is not None and _CONTROL.search(text) is None


def known(type_: str) -> bool:
    """Whether the type has elements here."""
    return type_ in _data()["types"]


@cache
def elements(type_: str) -> dict[str, Element]:
    """Elements by their FHIRPath name. Raises KeyError for a type that R4 does not have."""
    return {element.name: element for key, text in _data()["types"][type_].items() for element in [_element(key, text)]}


@cache
def properties(type_: str) -> dict[str, tuple[Element, Field]]:
    """Return the JSON properties that an object of the type may have."""
    return {field.key: (element, field) for element in elements(type_).values() for field in element.fields}


@cache
def value_set(url: str) -> dict[str, frozenset[str]] | None:
    """System -> codes of a value set; None when it cannot be enumerated from the package."""
    found = _data()["valuesets"].get(url)
    return None if found is None else {system: frozenset(codes) for system, codes in found.items()}


def _element(key: str, text: str) -> Element:
    head, *types = text.split(" ")
    low, high = head.split("..")
    binding = types.pop()[1:] if types[-1].startswith("!") else None
    name = key.removesuffix("[x]")
    fields = tuple(_field(name + part[0].upper() + part[1:] if name != key else key, part) for part in types)
    return Element(name, int(low), UNBOUNDED if high == "*" else int(high), fields, binding)


def _field(key: str, text: str) -> Field:
    if not text.startswith("Reference("):
        return Field(key, text, ())
    return Field(key.partition("(")[0], "Reference", tuple(text[len("Reference(") : -1].split(",")))
