"""Read one medical assessment (a record of XML12): it travels alone, has no link id and does not name the centre that sends it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from yba.ingest.faults import finding
from yba.ingest.model import ParsedClaim
from yba.specs.claims import in_force

from .check_in import ASSESSMENT, read_rows

if TYPE_CHECKING:
    from yba.ingest.model import Envelope, Row

_PREFIX: Final = "XML12"
_NEWEST: Final = "3176"
_DAY: Final = len("yyyyMMdd")
_LINK: Final = 200


def read_assessment(data: bytes, envelope: Envelope) -> ParsedClaim:
    """Read one record as a claim without XML1; its facility is the one its sender may file for, "" when that is not known.

    Its link is made of the year of the meeting and the number of the minutes, else of the day and the person's number; READ021 (reject)
    where there is neither. Never raises on content.
    """
    rows, notes = read_rows(data, ASSESSMENT)
    row = rows[0] if rows else {}
    link = _link(row)
    facility = envelope.only[0] if len(envelope.only) == 1 else envelope.facility
    if not link and rows:
        notes = [*notes, finding("READ021", table=ASSESSMENT, row=1, field="SO_BIEN_BAN")]
    elif not rows:
        notes = [*notes, finding("READ002", table=ASSESSMENT)]
    return ParsedClaim(_decision(row), facility, link, {ASSESSMENT: rows[:1]}, envelope, notes)


def _link(row: Row) -> str:
    said = {name: value.strip() for name, value in row.items()}
    day, number = said.get("NGAY_HOP", ""), said.get("SO_BIEN_BAN", "")
    if number:
        return f"{_PREFIX}/{day[:4]}/{number}"[:_LINK]
    person = said.get("SO_CCCD") or said.get("MA_BHXH") or said.get("MA_THE_BHYT")
    return f"{_PREFIX}/{day}/{person}"[:_LINK] if person else ""


def _decision(row: Row) -> str:
    day = row.get("NGAY_HOP", "").strip()[:_DAY]
    try:
        edition = in_force(date(int(day[:4]), int(day[4:6]), int(day[6:])), "130")
    except ValueError:
        return _NEWEST
    return edition.decision if edition is not None and ASSESSMENT in edition.tables else _NEWEST
