"""Facilities, departments and practitioners as the directory knows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal


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


class PriceList(StrEnum):
    """What a price is of: a drug (by SO_DANG_KY, else MA_THUOC), a consultation or a service (by MA_DICH_VU)."""

    DRUG = "drug"
    EXAM = "exam"
    SERVICE = "service"


class Basis(StrEnum):
    """The four kinds of price of Law 15/2023 art. 110: paid by the insurance, by the budget, by the patient, on request."""

    INSURANCE = "insurance"
    BUDGET = "budget"
    OTHER = "other"
    REQUEST = "request"


class PriceLine(NamedTuple):
    """One line of a price list; ``amount`` dong a unit, None = not offered any more."""

    list: PriceList
    code: str
    basis: Basis
    amount: Decimal | None
    name: str
    unit: str = ""
    tender: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is the price of."""
        return self.list, self.code, self.basis


class Price(NamedTuple):
    """What something costs at a facility since a day, and the document that says so."""

    facility: str
    list: PriceList
    code: str
    basis: Basis
    since: date
    amount: Decimal
    name: str
    unit: str
    tender: str
    document: str


class Loaded(NamedTuple):
    """What loading a price list did: rows that are new, that were other ones, that stood already."""

    added: int
    changed: int
    unchanged: int
