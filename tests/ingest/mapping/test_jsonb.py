"""The way through PostgreSQL's jsonb loses nothing that the inverse needs: scales of numbers, text, ids of items."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import pytest

from tests.ingest.mapping import samples
from yba.ingest.mapping import map_claim, read, unmap

HARD = ["6300.000", "0.000000", "-1.50", "\u00a0 a\tb\r\nc", "\U0001f600", "e\u0301", "\\u0000", '"', "\u2028", "999999999999999.999999"]


@pytest.mark.parametrize("decision", ["4210", "3176"])
def test_through_jsonb(conn: psycopg.Connection[Any], decision: str) -> None:
    claims = [samples.full(decision), samples.inpatient()]
    for value in HARD:
        one = samples.full(decision)
        one.tables |= {
            name: [{key: raw if key in {"MA_LK", "MA_CSKCB"} else value for key, raw in row.items()} for row in rows]
            for name, rows in one.tables.items()
        }
        claims.append(one)
    for claim in claims:
        mapped = map_claim(claim, samples.keys(claim))
        docs = [orjson.dumps(one.doc).decode() for one in mapped.resources]
        stored = conn.execute("SELECT d::jsonb::text FROM unnest(%s::text[]) AS d", (docs,)).fetchall()
        assert unmap([read(row[0] if isinstance(row, tuple) else next(iter(row.values()))) for row in stored], mapped.residue) == claim.tables
