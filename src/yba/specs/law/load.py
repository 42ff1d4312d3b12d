"""Loader of the law tables; fails loudly on a row it does not understand."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import orjson

from yba.kit.errors import Internal

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER: Final = files(__package__)


class Level(StrEnum):
    """How binding a duty is; MANDATORY_UNCLEAR: a legal ground exists, its reach or detail is unclear."""

    MANDATORY = "mandatory"
    MANDATORY_UNCLEAR = "mandatory?"
    RECOMMENDED = "recommended"
    DRAFT = "draft"


class Concern(StrEnum):
    """Whether the platform must act (YES), helps another who must (PARTLY), or has nothing to do with it (NO)."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One duty: what the law says, to whom, since when, what software must do, and which rooms of ours it falls to (owner first)."""

    id: str
    title_vi: str
    title_en: str
    legal_basis: str
    applies_to: str
    level: Level
    in_force_from: date | None
    in_force_to: date | None
    concern: Concern
    what: str
    rooms: tuple[str, ...]
    verification: str


@dataclass(frozen=True, slots=True)
class DatedDuty:
    """One line of what comes next: a day, a duty, whose it is, its ground, and the rooms it falls to."""

    on: date
    duty: str
    who: str
    basis: str
    rooms: tuple[str, ...]


@cache
def requirements() -> Mapping[str, Requirement]:
    """Return every duty by its id, in the order of the table."""
    found: dict[str, Requirement] = {}
    for row in _rows("requirements.csv"):
        duty = _requirement(row)
        if duty.id in found:
            message = f"specs/law/requirements.csv: {duty.id} stands there twice"
            raise Internal(message)
        found[duty.id] = duty
    return found


@cache
def timeline() -> tuple[DatedDuty, ...]:
    """Return the dated duties in the order of their days."""
    made = (DatedDuty(date.fromisoformat(r["date"]), r["duty"], r["who"], r["basis"], _rooms(r["room"])) for r in _rows("timeline.csv"))
    return tuple(sorted(made, key=lambda duty: duty.on))


@cache
def proofs() -> Mapping[str, tuple[str, ...]]:
    """Return the tests that prove a duty, by its id; written by `make docs` from the test files, checked by `make check`."""
    return {key: tuple(tests) for key, tests in orjson.loads(_FOLDER.joinpath("proofs.json").read_bytes()).items()}


def _rows(name: str) -> list[dict[str, str]]:
    text = _FOLDER.joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _requirement(row: dict[str, str]) -> Requirement:
    try:
        return Requirement(
            id=row["id"],
            title_vi=row["title_vi"],
            title_en=row["title_en"],
            legal_basis=row["legal_basis"],
            applies_to=row["applies_to"],
            level=Level(row["level"]),
            in_force_from=_day(row["in_force_from"]),
            in_force_to=_day(row["in_force_to"]),
            concern=Concern(row["concerns_yba"]),
            what=row["what_software_must_do"],
            rooms=_rooms(row["room"]),
            verification=row["verification_level"],
        )
    except (KeyError, ValueError) as error:
        message = f"specs/law/requirements.csv: row {row.get('id', '?')}: {error}"
        raise Internal(message) from error


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _rooms(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
