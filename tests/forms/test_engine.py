"""The engine on the form of vital signs: reading what is typed, asking conditions, calculating, checking, laying out."""

from decimal import Decimal

import pytest

from yba import forms
from yba.forms import Value

VITALS = forms.form("vitals")


def posted(**fields):
    return {f"a:{name}": [text] for name, text in fields.items()}


def problems(**fields):
    return {(one.link_id, one.rule, one.hard) for one in forms.check(VITALS, forms.answers(VITALS, posted(**fields)))}


def test_a_decimal_comma_and_a_point_are_the_same_number():
    for text in ("36,7", "36.7", " 36,7 "):
        assert forms.answers(VITALS, posted(temperature=text)).get("temperature") == (Value("Decimal", Decimal("36.7")),)


def test_the_very_text_stays_where_it_cannot_be_read():
    given = forms.answers(VITALS, posted(weight="sáu mươi"))
    assert given.texts["weight", ()] == ("sáu mươi",)
    assert not given.get("weight")
    assert problems(weight="sáu mươi") == {("weight", "type", True)}
    assert next(line for line in forms.view(VITALS, given).walk() if line.at == "weight").texts == ("sáu mươi",)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [("60", set()), ("170", {("weight", "unusual", False)}), ("700", {("weight", "maximum", True)}), ("-3", {("weight", "minimum", True)})],
)
def test_a_weight_is_asked_about_then_refused(weight, expected):
    assert problems(weight=weight) == expected


def test_the_body_mass_index_is_calculated_and_never_taken_from_the_browser():
    given = forms.answers(VITALS, posted(weight="60", height="165", bmi="99"))
    settled = forms.settle(VITALS, given)
    assert settled.values["bmi", ()] == (Value("Decimal", Decimal("22.0")),)
    assert forms.settle(VITALS, forms.answers(VITALS, posted(weight="60"))).values.get(("bmi", ())) is None


def test_the_upper_pressure_is_above_the_lower():
    assert problems(systolic="80", diastolic="90") >= {("pressure", "bp-order", True)}
    assert problems(systolic="120", diastolic="80") == set()
    assert problems(systolic="120") == {("pressure", "bp-both", False)}


def test_answers_survive_as_they_were_posted():
    given = forms.answers(VITALS, posted(weight="60", note="Đo sau nghỉ\n5 phút", systolic="x"))
    assert forms.answers(VITALS, forms.posted(VITALS, given)) == given


def test_what_the_form_does_not_ask_is_said_and_left_out():
    given = forms.answers(VITALS, posted(weight="60", haemoglobin="120"))
    assert [one.rule for one in given.unread] == ["unknown"]
    assert set(given.texts) == {("weight", ())}
