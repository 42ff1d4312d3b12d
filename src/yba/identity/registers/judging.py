"""What a register's record says of what was asked, as verdicts; the record itself goes no further than here; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yba import directory
from yba.kit.text import fold, looks_lost, name_key

from .model import FIELDS, Asked, Verdict

if TYPE_CHECKING:
    from datetime import date


class Found(NamedTuple):
    """A register's record in words; "" is not told."""

    number: str = ""
    old_number: str = ""
    name: str = ""
    birth: str = ""
    sex: str = ""
    communes: tuple[str, ...] = ()
    head: str = ""


def judge(asked: Asked, found: Found, on: date) -> dict[str, Verdict]:
    """Compare field by field: yes, no, or not known where a side says nothing or says it too vaguely."""
    verdicts = {
        "number": Verdict.YES,  # the answer is about this number, or it was refused as another person's
        "name": _name(asked.name, found.name),
        "birth": _birth(asked.birth[:10], found.birth),
        "sex": _same(asked.sex if asked.sex != "unknown" else "", found.sex if found.sex != "unknown" else ""),
        "address": _address(asked.commune, found.communes, on),
        "household": _same(asked.head, found.head),
    }
    return {name: verdicts[name] for name in FIELDS}


def _same(one: str, other: str) -> Verdict:
    if not one or not other:
        return Verdict.NOT_KNOWN
    return Verdict.YES if one == other else Verdict.NO


def _name(one: str, other: str) -> Verdict:
    """A name without its marks is neither confirmed nor contradicted by one with them."""
    if not one.strip() or not other.strip():
        return Verdict.NOT_KNOWN
    if name_key(one) == name_key(other):
        return Verdict.YES
    bare = one.isascii() or other.isascii()
    if looks_lost(one) or (bare and fold(one) == fold(other)):
        return Verdict.NOT_KNOWN
    return Verdict.NO


def _birth(one: str, other: str) -> Verdict:
    """Compared as far as both say it: a year alone is confirmed by a date of that year."""
    if not one or not other:
        return Verdict.NOT_KNOWN
    short = min(len(one), len(other))
    return Verdict.YES if one[:short] == other[:short] else Verdict.NO


def _address(commune: str, communes: tuple[str, ...], on: date) -> Verdict:
    if not commune or not communes:
        return Verdict.NOT_KNOWN
    wanted, known = _today(commune, on), {_today(one, on) for one in communes}
    if wanted and wanted in known:
        return Verdict.YES
    return Verdict.NOT_KNOWN if not wanted or "" in known else Verdict.NO


def _today(commune: str, on: date) -> str:
    """A commune code of any time as the one of today; "" for a commune that was divided, or a code nobody knows."""
    area = directory.commune_of(commune, on)
    return area.code if area is not None else ""
