"""Extensions: an absolute url outside, a name inside; those of R4 itself exist and hold the types R4 gives them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import orjson

from .issue import Issue, error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yba.fhir.fhirpath import Node

    from .structure import Place

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LATER: Final = re.compile(r"\d\.\d/extension-|.*(?:-[45]\.0)$")  # of other versions of FHIR


@cache
def _known() -> dict[str, str]:
    """Name of an R4 extension -> types of its value, "+" for one that has extensions inside."""
    loaded: dict[str, Any] = orjson.loads(files("yba.fhir").joinpath("data/extensions.json").read_bytes())
    found: dict[str, str] = loaded["extensions"]
    return found


def check(places: Iterable[Place]) -> Iterator[Issue]:
    """Check every extension that was met."""
    for place in places:
        if place.node.type == "Extension" and isinstance(place.node.data, dict):
            yield from _one(place.node, place.node.data)


def _one(node: Node, data: dict[str, Any]) -> Iterator[Issue]:
    url = data.get("url")
    if not isinstance(url, str):
        return
    inside = node.parent is not None and node.parent.type == "Extension"
    if not inside and not _ABSOLUTE.fullmatch(url):
        yield error("extension", f"{node.path()}.url", "url của phần mở rộng phải là địa chỉ tuyệt đối", "the url of an extension is absolute")
        return
    if not url.startswith(CORE):
        return
    types = _known().get(url.removeprefix(CORE))
    if types is None:
        if not _LATER.match(url.removeprefix(CORE)):
            yield Issue("warning", "extension", f"{node.path()}.url", f"R4 không có phần mở rộng {url}", f"R4 has no extension {url}")
        return
    key = next((key for key in data if key.startswith("value")), None)
    if key is not None and types != "+" and key.removeprefix("value").lower() not in types.lower().split():
        yield error("extension", f"{node.path()}.{key}", f"phần mở rộng này chứa {types}", f"this extension holds {types}")
