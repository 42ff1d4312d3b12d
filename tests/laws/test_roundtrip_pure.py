"""Law: the mapping loses nothing. Whatever a hospital writes, map then unmap gives every row back, raw text for raw text."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.mapping import samples
from yba.fhir import errors
from yba.ingest.mapping import map_claim, read, unmap
from yba.specs import claims

if TYPE_CHECKING:
    from yba.ingest.mapping.model import Doc
    from yba.ingest.model import ParsedClaim, Row

_WIDE_BLANK = re.compile(r"\\x85|\\xa0|\\x1[c-f]|\\u(?:1680|20[0-2][0-9a-f]|205f|3000)")
DECISIONS = [edition.decision for edition in claims.editions()]
EXAMPLES = int(os.environ.get("YBA_EXAMPLES", "60"))
HOSTILE = [
    " ", "\t", "\n", "\u00a0", " I10 ", "I10 ", "\tN03.01.020", "a  b", "<b>&amp;</b>", "'; DROP TABLE claim;--", "1,5", "1.234,5", "+3", "007",
    "-0", "-0.0", "-1.50", "0.000000", "0.0000001", "1e5", "6300.000", "9" * 400, "0." + "3" * 50, "٣", "²", "Infinity", "NaN", "null", "true",
    "<0.5", "> 1000", "≤5", "Âm tính", "20250230", "202513010000", "202503012460", "202503010000", "20250301", "195000000000", "19500000", "1950",
    "00000000", "99991231", "2025-03-01", "a;b", "a;;b", ";", "; ", "I10;E11.9;", "I10; E11", "B20;B20", "?", "Vi?m ph?i", "e\u0301", "\u1ebf",
    "\U0001f600", "\u2028", "\u0085", "\u200b", "\ufeff", "thai nhi giới tính: nam", "Gi?i t?nh thai: n?", "CSST<M75_T37_HA120/70_NT18_HL2>",
    "CSST<HA70/120>", "=", "@link", "=T_BHTT", "0", "1", "2", "100", samples.LINK, f" {samples.LINK} ", samples.FACILITY, "x" * 300,
    "5 ngày", "2 lần/ngày * 400 ngày", "23.0075.1494", "</div>", "&lt;", "&amp;lt;",
]  # fmt: skip
ANYTHING = st.text(
    st.characters(codec="utf-8", exclude_characters="".join(map(chr, {*range(32)} - {9, 10, 13})) + "\ufffe\uffff"), min_size=1, max_size=12
)
VALUE = st.one_of(st.sampled_from(HOSTILE), ANYTHING)


def broken(doc: Doc) -> list[str]:
    """What is wrong with a resource. Blanks beyond ASCII are legal in FHIR strings (XML Schema's \\S), Python's \\s is wider: not counted."""
    return [fault for fault in errors(doc) if not (fault.endswith(" is no string") and _WIDE_BLANK.search(fault))]


def rebuilt(claim: ParsedClaim, keys: dict[str, list[int]]) -> dict[str, list[Row]]:
    """Map, write and read everything as the database would, unmap."""
    mapped = map_claim(claim, keys)
    stored = [read(orjson.dumps(one.doc)) for one in mapped.resources]
    return unmap(stored, orjson.loads(orjson.dumps(mapped.residue)))


@st.composite
def claims_of(draw: st.DrawFn, decision: str) -> tuple[ParsedClaim, dict[str, list[int]]]:
    """A claim of any tables with any rows of any fields with any values, and row keys as corrections leave them."""
    tables: dict[str, list[Row]] = {}
    for name, table in claims.edition(decision).tables.items():
        if name in {"XML0", "XML12"} or (name != "XML1" and draw(st.booleans())):
            continue
        count = 1 if name == "XML1" else draw(st.integers(0, 3))
        tables[name] = [draw(_rows(decision, name)) for _ in range(count)]
        if count and draw(st.integers(0, 9)) == 0:
            tables[name].append(dict(tables[name][0]))
        assert table.columns
    if draw(st.integers(0, 9)) == 0:
        tables["XML99"] = [{"LA": draw(VALUE)}]
    tables["XML1"][0] |= {"MA_LK": draw(st.sampled_from([samples.LINK, f"{samples.LINK} "]))}
    keys = {name: draw(_keys(len(rows))) for name, rows in tables.items()}
    return samples.claim(tables, decision), keys


@st.composite
def _rows(draw: st.DrawFn, decision: str, table: str) -> Row:
    row = samples.full_row(table, decision, draw(st.integers(0, 30)))
    fields = list(row)
    for name in draw(st.lists(st.sampled_from(fields), max_size=8)):
        row.pop(name, None)
    for name in draw(st.lists(st.sampled_from(fields), max_size=8)):
        row[name] = draw(VALUE)
    if draw(st.integers(0, 9)) == 0:
        row["LA_LUNG"] = draw(VALUE)
    return row


def _keys(count: int) -> st.SearchStrategy[list[int]]:
    return st.one_of(
        st.just(list(range(1, count + 1))),
        st.lists(st.integers(1, 10_000), min_size=count, max_size=count, unique=True),
    )


@pytest.mark.parametrize("decision", DECISIONS)
def test_unmap_undoes_map(decision: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(claims_of(decision))
    def law(made: tuple[ParsedClaim, dict[str, list[int]]]) -> None:
        claim, keys = made
        assert rebuilt(claim, keys) == claim.tables

    law()


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_resource_is_valid_whatever_is_written(decision: str) -> None:
    @settings(max_examples=max(EXAMPLES // 6, 8), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(claims_of(decision))
    def law(made: tuple[ParsedClaim, dict[str, list[int]]]) -> None:
        mapped = map_claim(*made)
        faults = [(one.rtype, fault) for one in mapped.resources for fault in broken(read(orjson.dumps(one.doc)))]
        assert not faults, faults[:5]
        ids = [(one.rtype, one.id) for one in mapped.resources]
        assert len(ids) == len(set(ids))

    law()


@pytest.mark.parametrize("value", HOSTILE)
def test_one_hostile_value_everywhere(value: str) -> None:
    for decision in ("4210", "3176"):
        claim = samples.full(decision)
        for name, rows in claim.tables.items():
            claim.tables[name] = [{field: raw if field in {"MA_LK", "MA_CSKCB"} else value for field, raw in row.items()} for row in rows]
        assert rebuilt(claim, samples.keys(claim)) == claim.tables
