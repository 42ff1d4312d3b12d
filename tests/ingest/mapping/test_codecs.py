"""Codecs are exact or nothing, and what they show of damaged values is never a guess."""

from __future__ import annotations

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.ingest.mapping.codecs import CODECS
from yba.ingest.mapping.dates import birth, moment
from yba.ingest.mapping.plan import NUMBER, result_kind
from yba.ingest.mapping.rules.medicines import days_of


@pytest.mark.parametrize("name", sorted(CODECS))
@given(
    raw=st.one_of(
        st.text(min_size=1, max_size=15),
        st.from_regex(r"[+-]?[0-9]{1,14}([.,][0-9]{1,7})?", fullmatch=True),
        st.from_regex(r"(19|20)[0-9]{6}([0-9]{4})?", fullmatch=True),
    )
)
def test_what_is_encoded_comes_back(name: str, raw: str) -> None:
    codec = CODECS[name]
    value = codec.encode(raw)
    if value is not None:
        stored = json.loads(orjson.dumps(value), parse_float=Decimal)
        assert codec.decode(stored) == raw


@pytest.mark.parametrize("raw", ["007", "1,5", "+3", "9" * 400, "-0", "1e5", ".5", "5.", " 5", "٣", "0.0000001", ""])
def test_numbers_that_would_change_are_not_exact(raw: str) -> None:
    assert CODECS["decimal"].encode(raw) is None


@pytest.mark.parametrize("raw", ["6300.000", "0", "0.5", "-1.50", "999999999999999", "3.000"])
def test_decimals_keep_their_text(raw: str) -> None:
    assert orjson.dumps(CODECS["decimal"].encode(raw)).decode() == raw


@pytest.mark.parametrize(
    ("raw", "shown"), [("1,5", "1.5"), ("007", "7"), ("<0.5", "0.5"), ("+3", None), ("9" * 400, None), ("Âm tính", None), ("-0,5", "-0.5")]
)
def test_loose_numbers(raw: str, shown: str | None) -> None:
    value = CODECS["decimal"].loose(raw)
    assert (None if value is None else orjson.dumps(value).decode()) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("202503011230", "2025-03-01T12:30:00+07:00"), ("20250301", "2025-03-01"), ("20250230", None), ("202503012460", None),
        ("00000000", None), ("1950", None), ("2025030112", None), (" 20250301", None),
    ],
)  # fmt: skip
def test_moments(raw: str, shown: str | None) -> None:
    assert CODECS["when"].encode(raw) == shown


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("195000000000", "1950"), ("19500000", "1950"), ("1950", "1950"), ("195003000000", "1950-03"), ("195003120000", "1950-03-12"),
        ("202503011030", "2025-03-01T10:30"), ("19500231", ""), ("00000000", ""), ("abc", ""), ("198513010000", ""), ("", ""),
    ],
)  # fmt: skip
def test_births_are_as_partial_as_they_are_known(raw: str, said: str) -> None:
    assert birth(raw) == said


def test_moments_are_vietnamese() -> None:
    found = moment("202503011230")
    assert found is not None
    assert found.isoformat() == "2025-03-01T12:30:00+07:00"
    assert moment("202502300000") is None


@pytest.mark.parametrize(
    ("dose", "days"),
    [
        ("1 viên/lần * 2 lần/ngày * 5 ngày [10 viên]", 5), ("2 lần/ngày", 0), ("uống 7 ngày", 7), ("", 0), ("Sáng 1, chiều 1", 0),
        ("1 viên/ngày x 30 ngày", 30), ("1000 ngày", 0), ("1,5 ngày", 0),
    ],
)  # fmt: skip
def test_days_of_a_dose(dose: str, days: int) -> None:
    assert days_of(dose) == days


@pytest.mark.parametrize(
    ("value", "number"), [("5.60", True), ("<0.5", True), ("1,5", True), ("1,500", False), ("Âm tính", False), ("1/80", False), ("120/70", False)]
)
def test_what_counts_as_a_number(value: str, number: bool) -> None:
    assert (result_kind({"GIA_TRI": value}) is NUMBER) == number
