"""What is indexed of a FHIR resource (`index`) and the same hashes for queries (`token`, `asked`)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.errors import Invalid

from . import ucum, values
from .amounts import UCUM
from .asked import Asked, asked
from .extract import Extractor, Index, compile_extractor, routes
from .parameters import RANGE_LIKE, TOKEN_LIKE, Profile, parameters, profile
from .said import Moment, Number, Quantity, Said
from .texts import compile_texts
from .tokens import token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .extract import Bound

__all__ = ["Asked", "Index", "MalformedResource", "Times", "asked", "index", "of_one", "reckoned", "times", "token"]


_WHOLE_TIMES: Final = frozenset({"date", "dateTime", "instant", "Period"})


class Times(NamedTuple):
    """What start and end of a type are taken from.

    ``first``: names in JSON of the element looked at first; ``others``: whether another one stands in where it is absent; ``exact``: it says one
    moment or period, all of which start and end hold.
    """

    first: tuple[str, ...]
    others: bool
    exact: bool


@cache
def times(rtype: str) -> Times:
    """Return what says when a resource of a type happened, by the file. Raises KeyError for a type that R4 does not have."""
    period = profile(rtype).period
    found = routes(rtype, period[0]) if period else []
    names = tuple(dict.fromkeys(route.hops[0].key for route in found))
    return Times(names, len(period) > 1, bool(found) and {route.hops[-1].type for route in found} <= _WHOLE_TIMES)


class MalformedResource(Invalid):
    """The document has not the shape of its resource type."""


def index(rtype: str, doc: dict[str, Any]) -> Index:
    """Tokens and period of a resource, by the parameters that `specs/fhir/search_index.toml` names for its type; texts and ranges too.

    `start` and `end` are aware; both None = the resource says no time; one None = open on that side.
    Raises MalformedResource where the document has not the shape of its type, KeyError for a type that R4 does not have.
    """
    extract = _EXTRACTORS.get(rtype) or _extractor(rtype)
    try:
        return extract(doc)
    except (AttributeError, TypeError) as error:
        message = f"{rtype}: {error}"
        raise MalformedResource(message) from error


@cache
def of_one(rtype: str, param: str) -> Extractor:
    """Return the function that gives what one parameter says of a resource, whatever the file names: its tokens, texts or ranges.

    Raises KeyError for a parameter R4 does not have, UnsupportedExpressionError for one that cannot be compiled.
    """
    one = parameters(rtype)[param]
    wanted = Profile(
        (one,) if one.type in TOKEN_LIKE else (), (), (one,) if one.type == "string" else (), (one,) if one.type in RANGE_LIKE else ()
    )  # fmt: skip
    narrow = compile_extractor(rtype, wanted)
    return _with_rows(rtype, narrow, wanted) if wanted.texts or wanted.ranges else narrow


def _extractor(rtype: str) -> Extractor:
    wanted = profile(rtype)
    narrow = compile_extractor(rtype, wanted)
    made = _EXTRACTORS[rtype] = _with_rows(rtype, narrow, wanted) if wanted.texts or wanted.ranges else narrow
    return made


def _with_rows(rtype: str, narrow: Extractor, wanted: Profile) -> Extractor:
    """Add the rows of texts and ranges to what an extractor gives."""
    texts = compile_texts(rtype, wanted)
    ranges = [(one.code, values.getter(rtype, one.code)) for one in wanted.ranges]

    def extract(doc: dict[str, Any]) -> Index:
        found = narrow(doc)
        found.texts = texts(doc)
        if ranges:
            found.ranges = [*{row: None for code, get in ranges for said in get(doc) for row in _range(code, said)}]
        return found

    return extract


def reckoned(param: str) -> str:
    """Return the name under which ranges of a quantity parameter stand in base units of UCUM: 5.4 mg there are 0.0054 g."""
    return f"{param}~"  # no parameter of R4 is named so


def _range(code: str, said: Said) -> Sequence[tuple[str, Bound, Bound]]:
    if isinstance(said, Moment):
        return ((code, _utc(said.low), _utc(said.high)),)
    if isinstance(said, Quantity):
        return ((code, said.low, said.high), *_in_base(code, said))
    return ((code, said.low, said.high),) if isinstance(said, Number) else ()


def _in_base(code: str, said: Quantity) -> Sequence[tuple[str, Bound, Bound]]:
    if said.system != UCUM or ucum.parse(said.code) is None:
        return ()
    low, high = (None if side is None else ucum.canonical(side, said.code) for side in (said.low, said.high))
    return ((reckoned(code), low and low[0], high and high[0]),)


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:
        return moment  # the first or last hours of the calendar


_EXTRACTORS: Final[dict[str, Extractor]] = {}
