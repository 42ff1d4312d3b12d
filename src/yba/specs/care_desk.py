"""What our own desks ask and write: vital signs with their limits, kinds of visit, follow-ups of programmes (specs/care)."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).with_name("care")


class Range(NamedTuple):
    """From and to, both included."""

    low: Decimal
    high: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high


class Vital(NamedTuple):
    """One vital sign; ``unit`` is UCUM, ``shown`` how readers have it; outside of ``soft`` a desk asks, outside of ``hard`` it refuses."""

    name: str
    vi: str
    en: str
    loinc: str
    unit: str
    shown: str
    soft: Range
    hard: Range
    decimals: int
    panel: str
    sign: str


class Panel(NamedTuple):
    """Several signs in one Observation, or one that is computed."""

    vi: str
    en: str
    loinc: str
    unit: str = ""
    shown: str = ""
    decimals: int = 0


class VisitKind(NamedTuple):
    """A kind of visit; ``visit_type`` is MA_LOAI_KCB, ``act`` the class of the Encounter, ``consultation`` whether a consultation is charged."""

    name: str
    vi: str
    en: str
    visit_type: str
    act: str
    consultation: bool


class Priority(NamedTuple):
    """A group that goes before others: by months of age, or by what the record says; ``rank`` 1 goes first."""

    name: str
    vi: str
    en: str
    rank: int
    below: int | None  # months
    since: int | None  # months
    conditions: tuple[str, ...]
    loinc: frozenset[str]
    days: int
    cards: frozenset[str]


class Prescribing(NamedTuple):
    """What a prescription asks of a child under ``months`` and which lines are no medicines."""

    months: int
    weight_days: int
    words: tuple[str, ...]
    numbers: tuple[str, ...]


class ClaimRules(NamedTuple):
    """How a visit's claim is filled: the insurer's share by the card, MA_DOITUONG_KCB by what was noted.

    ``specialty``: how MA_DICH_VU of a consultation begins, by department; under "default" for all others.
    """

    benefit: Mapping[str, int]
    primary: int
    object: Mapping[str, str]
    specialty: Mapping[str, str]


class Programme(NamedTuple):
    """The quick follow-up of a programme; ``days`` until the next one, ``days_above`` while a ``target`` is not met."""

    name: str
    vi: str
    en: str
    diagnosis: str
    asks: tuple[str, ...]
    needs: frozenset[str]
    days: int
    days_above: int
    target: Mapping[str, Decimal]


@cache
def vitals() -> dict[str, Vital]:
    """Read the vital signs, in the order in which a desk asks."""
    return {name: _vital(name, told) for name, told in _file("vitals")["vital"].items()}


def _vital(name: str, told: dict[str, Any]) -> Vital:
    soft, hard = (Range(*(Decimal(str(one)) for one in told[key])) for key in ("soft", "hard"))
    if not (hard.low <= soft.low < soft.high <= hard.high):
        message = f"specs/care/vitals.toml, {name}: the soft limits must lie inside the hard ones"
        raise SpecError(message)
    return Vital(
        name, told["vi"], told["en"], told["loinc"], told["unit"], told["shown"], soft, hard, told["decimals"], told.get("panel", ""),
        told.get("sign", ""),
    )  # fmt: skip


@cache
def panels() -> dict[str, Panel]:
    """Read the panels."""
    return {name: Panel(**told) for name, told in _file("vitals")["panel"].items()}


@cache
def bmi() -> Panel:
    """Read what the body mass index is called."""
    return Panel(**_file("vitals")["bmi"])


@cache
def visit_kinds() -> dict[str, VisitKind]:
    """Read the kinds of visit, the usual one first."""
    return {
        name: VisitKind(name, told["vi"], told["en"], told["visit_type"], told["class"], told.get("consultation", False))
        for name, told in _file("visits")["kind"].items()
    }


@cache
def priorities() -> dict[str, Priority]:
    """Read the groups that go before others, in the order of the law."""
    return {name: _priority(name, told) for name, told in _file("priority")["group"].items()}


def _priority(name: str, told: dict[str, Any]) -> Priority:
    conditions, loinc, cards = (told.get(key, []) for key in ("conditions", "loinc", "cards"))
    return Priority(
        name, told["vi"], told["en"], told["rank"], told.get("below"), told.get("from"), tuple(conditions), frozenset(loinc), told.get("days", 0),
        frozenset(cards),
    )  # fmt: skip


@cache
def papers() -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Read the kinds of paper a desk looks at and the forms in which they are shown: (Vietnamese, English) by name."""
    told = _file("papers")
    kinds, forms = ({name: (one["vi"], one["en"]) for name, one in told[key].items()} for key in ("kind", "shown"))
    return kinds, forms


@cache
def prescribing() -> Prescribing:
    """Read what a prescription asks and refuses."""
    told = _file("prescribing")
    return Prescribing(told["months"], told["weight_days"], tuple(told["words"]), tuple(told["numbers"]))


@cache
def claim_rules() -> ClaimRules:
    """Read how the claim of a visit is filled."""
    told = _file("claim")
    return ClaimRules(told["benefit"], told["primary"], told["object"], told["specialty"])


@cache
def programmes() -> dict[str, Programme]:
    """Read the programmes that have a quick follow-up."""
    return {name: _programme(name, told) for name, told in _file("programmes")["programme"].items()}


def _programme(name: str, told: dict[str, Any]) -> Programme:
    unknown = {*told["asks"], *told["needs"], *told["target"]} - vitals().keys()
    if unknown or not set(told["needs"]) <= set(told["asks"]):
        message = f"specs/care/programmes.toml, {name}: not asked, or no vital sign: {sorted(unknown) or told['needs']}"
        raise SpecError(message)
    target = {one: Decimal(str(value)) for one, value in told["target"].items()}
    asks, needs = tuple(told["asks"]), frozenset(told["needs"])
    return Programme(name, told["vi"], told["en"], told["diagnosis"], asks, needs, told["days"], told["days_above"], target)


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
