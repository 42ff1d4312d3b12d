"""The whole set of tables goes in and comes out: every column of XML1–11 and 13–15, through files, record and export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest import builder
from tests.ingest.mapping import samples
from yba import ingest
from yba.ingest import Envelope
from yba.ingest.claims_xml import read_claim
from yba.ingest.landing.scanner import Part, scan
from yba.specs.claims import edition

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import TestDatabase
    from yba.ingest import Row
    from yba.kit import Actor

CURRENT = ("130", "4750", "3176", "1931")
NEVER_A_CLAIM = {"XML0", "XML12"}


def read(data: bytes) -> dict[str, list[Row]]:
    (found,) = (piece.data for piece in scan([data]) if piece.part is Part.CLAIM)
    return read_claim(found, Envelope()).tables


@pytest.mark.law("BHYT-DATA-R01")
@pytest.mark.parametrize("decision", CURRENT)
def test_every_column_of_every_table_goes_in_and_comes_out(database: TestDatabase, tmp_path: Path, operator: Actor, decision: str) -> None:
    given = samples.full(decision).tables
    assert given.keys() == edition(decision).tables.keys() - NEVER_A_CLAIM
    assert all(rows[0].keys() == edition(decision).tables[name].by_field.keys() for name, rows in given.items())
    (tmp_path / "full.xml").write_bytes(builder.envelope(builder.hoso(given, decision=decision), facility=samples.FACILITY))
    totals = ingest.ingest([str(tmp_path)], by=operator)
    assert (totals.claims_present, totals.claims_accepted) == (1, 1)
    exported = ingest.export_claim(by=operator, facility=samples.FACILITY, link=samples.LINK)
    assert read(exported) == given
    assert b"XML12" not in exported
