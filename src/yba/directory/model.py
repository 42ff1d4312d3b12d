"""Facilities, departments and practitioners as the directory knows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class Known(StrEnum):
    """Where what we know of a facility comes from; a better source never gives way to a worse one."""

    CLAIMS = "claims"
    LIST = "list"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Facility:
    """One dated row of a facility: in force from ``valid_from`` to ``valid_to``, both included, None = open.

    ``code`` five characters (MA_CSKCB), ``gln`` thirteen digits or "", ``province`` a code of the 34, ``successor`` the
    code that took over after ``valid_to``. ``complete``: an administrator has confirmed the row.
    """

    code: str
    valid_from: date | None
    valid_to: date | None
    name: str
    level: str
    kind: str
    province: str
    commune: str
    address: str
    gln: str
    successor: str
    source: Known
    complete: bool


@dataclass(frozen=True, slots=True)
class Practitioner:
    """One practitioner by licence number as claims name it, with the facilities it was seen at."""

    licence: str
    name: str
    first_seen: datetime
    last_seen: datetime
    facilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Department:
    """One department code seen at a facility."""

    facility: str
    code: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Ensured:
    """How many rows were new to the directory."""

    facilities: int
    departments: int
    practitioners: int
