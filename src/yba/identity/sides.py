"""Two people side by side as a clerk compares them: each fact with who said it and when, how far it agrees in words, and the weights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit import clock

from . import matching
from .compare import Level, birth_level, name_level
from .matching import Description
from .model import IdType
from .normalise import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from .matching import Explanation
    from .model import PersonView

_SENT: Final = ("name", "birth", "sex", "address", "phone")
_NUMBERS: Final = (IdType.CITIZEN, IdType.OLD_CITIZEN, IdType.INSURANCE, IdType.CARD, IdType.PASSPORT)
_PHONE_DIGITS: Final = 9


class Agreement(StrEnum):
    """How far two sides agree about one fact."""

    SAME = "same"
    NEAR = "near"
    OTHER = "other"
    NOTHING = "nothing"


class Said(NamedTuple):
    """One value with the facility that said it last and the day (ISO) it did."""

    value: str
    facility: str
    day: str
    commune: str = ""
    """Of an address the code of its commune as written."""


class Line(NamedTuple):
    """One fact of both sides; ``fact`` is name, birth, sex, address, phone or a kind of identifier."""

    fact: str
    left: tuple[Said, ...]
    right: tuple[Said, ...]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines, and under which release of weights how much speaks for one person (None: a side says too little or is out of reach)."""

    lines: tuple[Line, ...]
    weights: Explanation | None
    release: str


def compare_people(left: PersonView, right: PersonView) -> Comparison:
    """Hold two people against each other, as far as the reader sees them; pure but for reading the release of weights."""
    sides = _facts(left), _facts(right)
    facts = [fact for fact in (*_SENT, *(one.value for one in _NUMBERS)) if any(side.get(fact) for side in sides)]
    lines = tuple(_line(fact, *(side.get(fact, ()) for side in sides)) for fact in facts)
    if not left.sources or not right.sources:
        return Comparison(lines, None, "")
    model = matching.load()
    weighed = model.explain(*(matching.features(_description(one)) for one in (left, right)))
    return Comparison(lines, weighed, model.release.name)


def lines_of(one: PersonView) -> tuple[Line, ...]:
    """Lay out what is said of one person alone: the left side holds what was said first under each fact, the right side what contradicts it."""
    facts = _facts(one)
    return tuple(_line(fact, said[:1], said[1:]) for fact, said in facts.items())


def _facts(one: PersonView) -> dict[str, tuple[Said, ...]]:
    """Each fact's different values, the latest first."""
    found: dict[str, dict[str, Said]] = {}
    for source in sorted(one.sources, key=lambda each: each.seen_at, reverse=True):
        day = source.seen_at.astimezone(clock.VIETNAM).date().isoformat()
        for fact in _SENT:
            value, commune = _value(source.demographics.get(fact))
            if value and value != "unknown":
                found.setdefault(fact, {}).setdefault(_folded(fact, value), Said(value, source.facility, day, commune))
    for known in sorted(one.identifiers, key=lambda each: each.last_seen, reverse=True):
        found.setdefault(known.type.value, {}).setdefault(known.value, Said(known.value, known.facility, known.last_seen))
    return {fact: tuple(said.values()) for fact, said in found.items()}


def _value(sent: Any) -> tuple[str, str]:  # noqa: ANN401  a text, or the four texts of an address
    if isinstance(sent, list):
        return (str(sent[0]) if sent else ""), next((str(code) for code in reversed(sent[1:]) if code), "")
    return str(sent or ""), ""


def _folded(fact: str, value: str) -> str:
    """What makes two spellings one value in the list of a side."""
    return " ".join(value.casefold().split()) if fact in {"name", "address"} else clean(value) if fact == "phone" else value


def _line(fact: str, left: tuple[Said, ...], right: tuple[Said, ...]) -> Line:
    if not left or not right:
        return Line(fact, left, right, Agreement.NOTHING)
    judge = _JUDGES.get(fact, _number)
    found = [judge(one.value, other.value) for one in left for other in right]
    order = (Agreement.SAME, Agreement.NEAR, Agreement.OTHER, Agreement.NOTHING)
    return Line(fact, left, right, min(found, key=order.index))


_LEVELS: Final = {Level.SAME: Agreement.SAME, Level.NEAR: Agreement.NEAR, Level.OTHER: Agreement.OTHER, Level.NOTHING: Agreement.NOTHING}


def _name(one: str, other: str) -> Agreement:
    return _LEVELS[name_level(one, other)]


def _birth(one: str, other: str) -> Agreement:
    """Equal as far as both say; the first of January beside another day of that year says only the year."""
    level = birth_level(one, other)
    return Agreement.NEAR if level is Level.NOTHING and one and other else _LEVELS[level]


def _text(one: str, other: str) -> Agreement:
    return Agreement.SAME if _folded("address", one) == _folded("address", other) else Agreement.OTHER


def _phone(one: str, other: str) -> Agreement:
    return Agreement.SAME if clean(one)[-_PHONE_DIGITS:] == clean(other)[-_PHONE_DIGITS:] else Agreement.OTHER


def _number(one: str, other: str) -> Agreement:
    """Equal; or one or two places apart, as a typist leaves it."""
    if one == other:
        return Agreement.SAME
    apart = sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else len(one)
    return Agreement.NEAR if apart <= 2 else Agreement.OTHER  # noqa: PLR2004  a digit, or two that changed places


_JUDGES: Final[dict[str, Callable[[str, str], Agreement]]] = {"name": _name, "birth": _birth, "address": _text, "phone": _phone, "sex": _text}


def _description(one: PersonView) -> Description:
    """Return what is known of a person as matching reads it: the value said last of each fact."""
    facts = _facts(one)

    def first(*asked: str) -> str:
        return next((said[0].value for said in (facts.get(fact, ()) for fact in asked) if said), "")

    address = facts.get("address", ())
    return Description(
        name=first("name"), birth=first("birth"), sex=first("sex"), citizen=first(IdType.CITIZEN), old=first(IdType.OLD_CITIZEN),
        insurance=first(IdType.INSURANCE, IdType.CARD), phone=first("phone"), commune=address[0].commune if address else "",
        address=address[0].value if address else "",
    )  # fmt: skip
