"""The words the steps of ingest say to each other: a parsed claim, its rows, its envelope and the findings made on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Row = dict[str, str]
"""Raw text by the law's field name, in document order, without empty values."""

CONFLICT = "identity:"
"""Findings whose rule begins so name a kind of conflict of `yba.specs.identity.reviews`."""
VALUE_LENGTH = 200
"""A finding quotes at most this many characters of what was found."""


class Severity(StrEnum):
    """How much a finding weighs here; it is ours, not the insurer's."""

    REJECT = "reject"
    """What is named cannot be read or attributed to one visit of one person."""
    FINDING = "finding"
    """Somebody at the facility should mend it; the claim is kept and mapped."""
    NOTE = "note"
    """Worth knowing; nothing to mend, or our own list is incomplete."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one value, row, table or envelope.

    `row` counts from 1; 0 means the whole table. An empty `field` means the whole row.
    `expected` is data for the message ("<= 12"); the texts come from `yba.specs.rules`.
    `edition` names what it was judged by ("3176", "ICD-10 TT 06/2026").
    """

    rule: str
    severity: Severity
    table: str
    row: int
    field: str
    value: str
    expected: str
    edition: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the claims of one file: THONGTINDONVI and THONGTINHOSO."""

    facility: str = ""
    created: str = ""
    """NGAYLAP as sent."""
    declared_count: int | None = None
    """SOLUONGHOSO; None when absent or not a number."""
    signed: bool = False
    """True when CHUKYDONVI holds something."""
    channel: str = ""
    """How it came: one of `yba.ingest.Channel`, empty when unknown."""
    trusted: bool = False
    """True when the signature holds and its certificate is trusted."""
    only: tuple[str, ...] = ()
    """The facilities its sender may file for; empty: all of them (the operator)."""


@dataclass(slots=True)
class ParsedClaim:
    """One HOSO (or a lone TONG_HOP) as read: raw rows by table."""

    decision: str
    """Dialect recognised from the content: 917, 4210, 130, 4750, 3176 or 1931."""
    facility: str
    """XML1.MA_CSKCB, else the envelope's; empty when neither is there."""
    link: str
    """MA_LK of XML1, stripped of outer blanks; empty when absent."""
    tables: dict[str, list[Row]]
    """"XML1": [one row], in document order."""
    envelope: Envelope = field(default_factory=Envelope)
    reading: list[Finding] = field(default_factory=list)
    """Findings made while reading."""
