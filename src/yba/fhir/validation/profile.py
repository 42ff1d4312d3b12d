"""A StructureDefinition of kind constraint, from its differential or snapshot, as a tree of what it asks of each element."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from yba.kit import Invalid

from .rules import Rule, known_keys, make

UNBOUNDED: Final = -1
CORE: Final = "http://hl7.org/fhir/StructureDefinition/"


@dataclass(slots=True)
class Discriminator:
    """What tells the slices of an element apart."""

    type: str  # value, pattern, exists, type, profile
    path: str


@dataclass(slots=True)
class Asked:
    """What a profile asks of one element, or of one slice of it."""

    name: str  # "identifier", "value"
    path: str  # id in the profile: "Patient.identifier:cccd.system"
    minimum: int = 0
    maximum: int = UNBOUNDED
    fixed: tuple[str, Any] | None = None  # (type, value) that it must be
    pattern: tuple[str, Any] | None = None  # (type, value) that it must contain
    types: tuple[str, ...] = ()  # allowed types; empty = as R4
    profiles: tuple[str, ...] = ()  # profiles that the element itself follows (extensions, datatypes)
    targets: tuple[str, ...] = ()  # allowed types of what a reference leads to
    binding: str = ""  # required value set
    extensible: str = ""  # value set to be used wherever it has a code
    longest: int = 0  # characters
    least: tuple[str, Any] | None = None  # (type, value)
    most: tuple[str, Any] | None = None
    rules: tuple[Rule, ...] = ()
    discriminators: tuple[Discriminator, ...] = ()
    slicing: str = ""  # closed, open, openAtEnd; "" = not sliced
    children: dict[str, Asked] = field(default_factory=dict)
    slices: dict[str, Asked] = field(default_factory=dict)


@dataclass(slots=True)
class Profile:
    """A compiled profile."""

    url: str
    type: str
    base: str
    root: Asked


def compile_profile(definition: dict[str, Any]) -> Profile:
    """Read a StructureDefinition. Raises Invalid for one that cannot be read."""
    if definition.get("resourceType") != "StructureDefinition" or not isinstance(definition.get("url"), str):
        raise Invalid("a profile is a StructureDefinition with a url")
    part = definition.get("snapshot") or definition.get("differential") or {}
    listed = part.get("element", [])
    type_ = definition.get("type")
    if not isinstance(type_, str) or not isinstance(listed, list):
        message = f"{definition['url']}: a profile has a type and elements"
        raise Invalid(message)
    top = Asked(type_, type_)
    for element in listed:
        _place(top, element)
    base = "" if definition.get("snapshot") else str(definition.get("baseDefinition", ""))
    return Profile(definition["url"], type_, base, top)


def _place(top: Asked, element: dict[str, Any]) -> None:
    """Write an element of the list into the tree; its id says which slice it belongs to, else path and sliceName."""
    id_ = str(element.get("id") or element.get("path", ""))
    if "id" not in element and element.get("sliceName"):
        id_ = f"{id_}:{element['sliceName']}"
    at = top
    for step in id_.split(".")[1:]:
        name, _, slice_ = step.partition(":")
        name = name.removesuffix("[x]")
        at = at.children.setdefault(name, Asked(name, f"{at.path}.{name}"))
        if slice_:
            at = at.slices.setdefault(slice_, Asked(name, f"{at.path}:{slice_}"))
    _fill(at, element)


def _fill(asked: Asked, element: dict[str, Any]) -> None:
    asked.minimum = int(element.get("min", asked.minimum))
    if "max" in element:
        asked.maximum = UNBOUNDED if element["max"] == "*" else int(element["max"])
    asked.fixed = _typed(element, "fixed") or asked.fixed
    asked.pattern = _typed(element, "pattern") or asked.pattern
    asked.least = _typed(element, "minValue") or asked.least
    asked.most = _typed(element, "maxValue") or asked.most
    asked.longest = int(element.get("maxLength", asked.longest))
    types = element.get("type", ())
    asked.types = tuple(_code(one) for one in types) or asked.types
    asked.profiles = tuple(url for one in types for url in one.get("profile", ()) if not url.startswith(CORE) or "-" in url) or asked.profiles
    asked.targets = tuple(url.rsplit("/", 1)[1] for one in types for url in one.get("targetProfile", ()) if url.startswith(CORE)) or asked.targets
    bound = element.get("binding", {})
    if bound.get("strength") == "required":
        asked.binding = str(bound.get("valueSet", "")).split("|")[0]
    elif bound.get("strength") == "extensible":
        asked.extensible = str(bound.get("valueSet", "")).split("|")[0]
    asked.rules += tuple(
        make(one["key"], one.get("severity", "error"), one["expression"], one.get("human", ""))
        for one in element.get("constraint", ())
        if one.get("expression") and one.get("key") not in known_keys()
    )
    slicing = element.get("slicing")
    if slicing:
        asked.slicing = slicing.get("rules", "open")
        asked.discriminators = tuple(Discriminator(one["type"], one["path"]) for one in slicing.get("discriminator", ()))


def _code(type_: dict[str, Any]) -> str:
    code = str(type_.get("code", ""))
    return "string" if code.startswith("http://hl7.org/fhirpath/") else code


def _typed(element: dict[str, Any], prefix: str) -> tuple[str, Any] | None:
    for key, value in element.items():
        if key.startswith(prefix) and key != prefix and key[len(prefix)].isupper():
            return key[len(prefix) :], value
    return None
