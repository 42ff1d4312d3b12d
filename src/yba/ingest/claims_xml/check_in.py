"""Read the files that are not claims: check-ins (XML0) and medical assessments (XML12)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from yba.ingest.faults import finding
from yba.specs.claims import editions

from . import documents
from .reader import plain_names, records_of, row_of

if TYPE_CHECKING:
    from yba.ingest.model import Finding, Row

CHECK_IN: Final = "XML0"
ASSESSMENT: Final = "XML12"


def read_rows(data: bytes, table: str) -> tuple[list[Row], list[Finding]]:
    """Read the records of a file of its own; findings say what had to be mended, READ005 that nothing could be read."""
    root, notes = documents.parse(data)
    found = [finding(rule, table=table, value=value) for rule, value in notes]
    if root is None:
        return [], [*found, finding("READ005", table=table)]
    plain_names(root)
    records = _records(table)
    elements = list(records_of(root, records)) or [root]
    return [row_of(element)[0] for element in elements], found


@cache
def _records(table: str) -> frozenset[str]:
    return frozenset(one.tables[table].record for one in editions() if table in one.tables)
