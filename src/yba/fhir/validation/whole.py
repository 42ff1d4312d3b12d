"""Everything that is wrong with a resource."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.fhir.fhirpath import Environment, Node, Purse, root

from . import extensions, rules
from .profiles import Holding, library_of
from .structure import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .issue import Issue


STEPS: Final = 200_000  # of all invariants of one document, some two seconds; a Synthea bundle of 15,790 elements takes 3,700


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """Return the profiles that R4 itself defines, by url: of their differentials what is checked here."""
    loaded: dict[str, dict[str, Any]] = orjson.loads(files("yba.fhir").joinpath("data/profiles.json").read_bytes())
    return loaded["profiles"]


def validate(
    doc: Any,  # noqa: ANN401  whatever JSON holds
    *,
    profiles: Iterable[str | dict[str, Any]] = (),
    codes: Callable[[str, str | None, str], bool | None] | None = None,
    library: Mapping[str, dict[str, Any]] | None = None,
    environment: Environment | None = None,
) -> list[Issue]:
    """Say everything that is wrong with a resource by R4 and by profiles; empty = nothing.

    profiles: urls (found in `library` or among R4's own) or StructureDefinitions; those that meta.profile names are held too where known.
    codes: (value set, system, code) -> whether it holds the code, None = cannot say; asked where the package has no list.
    library: StructureDefinitions by url: bases of profiles, profiles of extensions and datatypes.
    Warnings (dom-6: a narrative should be there) have severity "warning". A document that is no JSON object is one issue.
    """
    walk = Walk(codes, places=True)
    walk.document(doc)
    found = walk.issues
    if not isinstance(doc, dict) or not walk.places or walk.full():
        return found
    outside = environment or Environment()
    found += extensions.check(walk.places)
    purse = Purse(STEPS)
    found += rules.check(walk.places, outside, purse)
    if all(place.sound for place in walk.places if place.node.parent is None):
        found += _profiles(root(doc), profiles, library or {}, codes, outside, purse)
    return found


def _profiles(
    node: Node,
    profiles: Iterable[str | dict[str, Any]],
    library: Mapping[str, dict[str, Any]],
    codes: Callable[[str, str | None, str], bool | None] | None,
    environment: Environment,
    purse: Purse,
) -> list[Issue]:
    given = tuple(profiles)
    holding = Holding({**shipped(), **library, **library_of(tuple(one for one in given if isinstance(one, dict)))}, codes, environment, purse)
    urls = [one if isinstance(one, str) else one["url"] for one in given]
    stated = node.data.get("meta", {}).get("profile", ())
    urls += [url for url in stated if isinstance(url, str) and url not in urls and holding.knows(url)]
    own = f"http://hl7.org/fhir/StructureDefinition/{node.type}"
    return [issue for url in urls if url != own for issue in holding.check(node, url)]
