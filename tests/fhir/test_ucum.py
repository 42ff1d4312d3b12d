"""UCUM: factors and dimensions as the standard gives them, conversions there and back, and what is no unit."""

from decimal import Decimal
from fractions import Fraction

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.fhir import ucum


@pytest.mark.parametrize(
    ("value", "unit", "to", "found"),
    [
        (1, "kg", "g", 1000),
        (37, "Cel", "[degF]", Fraction("98.6")),
        (0, "Cel", "K", Fraction("273.15")),
        (1, "[lb_av]", "kg", Fraction("0.45359237")),
        (1, "mmol/L", "mol/m3", 1),
        (120, "mm[Hg]", "kPa", Fraction("15.99864")),
        (1, "10*9/L", "10*3/uL", 1),
        (1, "[in_i]", "cm", Fraction("2.54")),
        (60, "{beats}/min", "Hz", 1),
        (1, "d", "h", 24),
        (5, "%", "1", Fraction(1, 20)),
        (1, "mg/(24.h)", "mg/d", 1),
    ],
)
def test_conversions(value, unit, to, found):
    assert ucum.convert(Decimal(value), unit, to) == found


@pytest.mark.parametrize(
    "code", ["", "x", "kgg", "mg/", "(mg", "mg)", "m g", "1e3", "µg", "m" * 300, "m999999", "(" * 50 + "m" + ")" * 50, "kg9999.kg9999", "0", "kCelx"]
)
def test_no_units(code):
    assert ucum.parse(code) is None


def test_what_measures_something_else_is_not_converted():
    assert ucum.convert(Decimal(1), "kg", "m") is None
    assert not ucum.comparable("[pH]", "mol/L")
    assert ucum.comparable("cm", "[in_i]")


def test_every_unit_of_the_standard_is_read():
    assert [code for code in ucum._data()["units"] if ucum.parse(code) is None] == []
    assert orjson.dumps(ucum._data()["source"])  # the notice goes along


@given(st.decimals(-1000, 1000, places=4), st.sampled_from(["Cel", "[degF]", "K", "mK"]), st.sampled_from(["Cel", "[degF]", "K"]))
def test_there_and_back(value, unit, to):
    there = ucum.convert(value, unit, to)
    assert there is not None
    unit_, to_ = ucum.parse(unit), ucum.parse(to)
    assert ((there + to_.offset) * to_.factor) / unit_.factor - unit_.offset == Fraction(value)
