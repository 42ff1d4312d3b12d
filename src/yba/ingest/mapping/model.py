"""What the mapping gives: resources, the residue and what the claim says of its person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from yba.identity import PersonFacts

Doc = dict[str, Any]
"""A FHIR R4 resource or a part of one. Constant parts are shared between resources: read them, never change them."""
Row = dict[str, str]
RowKeys = dict[str, list[int]]
"""Table -> the row keys of its rows, in their order (`ingest` gives them; they survive corrections)."""


@dataclass(slots=True)
class Resource:
    """One FHIR resource made from one row (`shared`: from a code that many claims name; not owned by the claim)."""

    rtype: str
    id: str
    doc: Doc
    table: str
    row_key: int
    labels: tuple[str, ...] = ()
    """Restricted categories, from `specs/labels.toml`."""
    shared: bool = False
    whose: int = 0
    """Whose record it is at home in: 0 the claim's person, n the n-th of `Mapped.births`."""
    both: bool = False
    """It stands in the record of the claim's person as well (a birth certificate)."""


@dataclass(slots=True)
class Mapped:
    """A mapped claim. `residue` is JSON-able and, with the resources, gives every row back (`unmap`).

    `residue` holds texts the record must not show (sex of an unborn child, superseded demographics): store it sealed.
    `period` is (start, end) of the visit, aware; a part that cannot be read is taken from the other, then from the envelope's date.
    """

    resources: list[Resource]
    residue: Doc
    facts: PersonFacts
    period: tuple[datetime, datetime]
    births: list[PersonFacts] = field(default_factory=list)
    """Newborns the claim tells of (XML9), each a person of its own."""
