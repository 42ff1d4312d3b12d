"""The engine on the form of vital signs: reading what is typed, asking conditions, calculating, checking, laying out."""

from decimal import Decimal

import pytest

from yba import forms
from yba.forms import Value
from yba.kit.errors import NotFound, TooMuch

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


@pytest.mark.parametrize("typed", ["31/02/2020", "2020-13-01", "00/00/0000", "hôm qua", "1e400", "٣٤", "NaN", "--", "9" * 400])
def test_what_is_no_date_or_number_is_kept_and_said(typed):
    form = forms.form("ehr-831-personal")
    given = forms.answers(form, {"a:A.NGAYSINH": [typed]})
    assert [one.rule for one in given.unread] == ["type"]
    assert given.texts["A.NGAYSINH", ()] == (typed,)
    assert problems(weight=typed) & {("weight", "type", True)}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("12/03/1959", "1959-03-12"), ("3/1959", "1959-03"), ("1959", "1959"), ("1959-03-12", "1959-03-12"), ("12.3.1959", "1959-03-12")],
)
def test_a_date_is_read_as_people_here_write_it(typed, stored):
    form = forms.form("ehr-831-personal")
    assert forms.answers(form, {"a:A.NGAYSINH": [typed]}).get("A.NGAYSINH") == (Value("Date", stored),)


def test_a_birth_in_the_future_is_refused():
    form = forms.form("ehr-831-personal")
    given = forms.answers(form, {"a:A.HOTEN": ["Nguyễn Thị Mai"], "a:A.NGAYSINH": ["01/01/2999"]})
    assert [(one.link_id, one.rule, one.hard) for one in forms.check(form, given)] == [("A.NGAYSINH", "not-future", True)]


def test_ten_thousand_rows_are_a_hundred_and_the_rest_is_said():
    form = forms.form("ehr-831-personal")
    given = forms.answers(
        form, {"n:A.QH": ["10000"], "a:A.QH.HOTEN~99": ["cuối"], "a:A.QH.HOTEN~100": ["quá"], "a:A.QH.HOTEN~9999": ["xa"], "a:A.QH.HOTEN~-1": ["âm"]}
    )
    assert given.rows["A.QH", ()] == 100
    assert given.get("A.QH.HOTEN", 99)[0].data == "cuối"
    assert [one.rule for one in given.unread] == ["unknown"] * 3
    assert not forms.add_row(form, given, "A.QH").rows["A.QH", ()] > 100


def test_a_form_that_is_too_large_is_refused():
    with pytest.raises(TooMuch):
        forms.answers(VITALS, {"a:note": ["ă" * 1_000_001]})
    with pytest.raises(TooMuch):
        forms.answers(VITALS, {f"a:{number}": ["x"] for number in range(20_001)})


def test_word_text_loses_only_what_cannot_be_seen():
    pasted = "\ufeffTim\u00a0đều\u200b,\u000bT1\u2028T2 “rõ” – \u202ebt\u0000"
    assert forms.answers(VITALS, {"a:note": [pasted]}).get("note")[0].data == "Tim đều,\nT1\nT2 “rõ” – bt"


def test_a_row_taken_out_moves_the_others_up():
    form = forms.form("ehr-831-personal")
    given = forms.answers(form, {f"a:A.QH.HOTEN~{row}": [name] for row, name in enumerate("ABC")})
    left = forms.drop_row(form, given, "A.QH", 1)
    assert [left.get("A.QH.HOTEN", row)[0].data for row in range(2)] == ["A", "C"]
    assert left.rows["A.QH", ()] == 2
    assert forms.drop_row(form, left, "A.QH", 7) == left


def test_codes_are_found_by_words_without_tones():
    url = "https://yba.vn/ValueSet/icd10"
    assert "I10" in [one["code"] for one in forms.search_list(url, "tang huyet ap vo can")]
    form = forms.form("ehr-831-visit")
    for typed in ("I10", "i10", "I10 – Tăng huyết áp vô căn"):
        assert forms.answers(form, {"a:D5.CHANDOANBENH.MABENH~0": [typed]}).get("D5.CHANDOANBENH.MABENH", 0)[0].data["code"] == "I10"
    with pytest.raises(NotFound):
        forms.search_list("https://example.org/ValueSet/x", "a")


def test_words_that_name_several_codes_are_refused_with_what_they_may_mean():
    form = forms.form("ehr-831-visit")
    given = forms.answers(form, {"a:D5.CHANDOANBENH.MABENH~0": ["tang huyet ap"]})
    line = next(one for one in forms.view(form, given).walk() if one.at == "D5.CHANDOANBENH.MABENH~0")
    assert line.texts == ("tang huyet ap",)
    assert 1 < len(line.choices) <= 8
    assert forms.answers(form, {"a:D5.CHANDOANBENH.MABENH~0": [line.choices[0].key]}).get("D5.CHANDOANBENH.MABENH", 0)


def asks(*items, **more):
    return forms.compiled(
        {"resourceType": "Questionnaire", "url": "https://example.org/q", "version": "1", "title": "q", "item": list(items), **more}
    )


@pytest.mark.parametrize(
    "item",
    [
        {"linkId": "a", "type": "attachment"},
        {"linkId": "", "type": "string"},
        {"linkId": "a", "type": "choice", "answerValueSet": "https://example.org/ValueSet/x"},
        {"linkId": "a", "type": "choice", "answerValueSet": "#missing"},
        {"linkId": "a", "type": "string", "enableWhen": [{"question": "nobody", "operator": "exists", "answerBoolean": True}]},
        {"linkId": "a", "type": "group", "item": [{"linkId": "a", "type": "string"}]},
        {
            "linkId": "a",
            "type": "decimal",
            "extension": [
                {
                    "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
                    "valueExpression": {"language": "text/fhirpath", "expression": "1 +"},
                }
            ],
        },
    ],
)
def test_what_cannot_be_asked_is_refused_when_the_form_is_read(item):
    with pytest.raises(forms.BadForm):
        asks(item)


def when(question, operator, **answer):
    return {"linkId": "then", "type": "string", "enableWhen": [{"question": question, "operator": operator, **answer}]}


@pytest.mark.parametrize(
    ("type_", "typed", "operator", "answer", "shown"),
    [
        ("integer", "5", ">", {"answerInteger": 4}, True), ("integer", "4", ">", {"answerInteger": 4}, False), ("integer", "4", ">=", {"answerInteger": 4}, True),
        ("decimal", "3,9", "<", {"answerDecimal": 4}, True), ("decimal", "4", "<=", {"answerDecimal": 4}, True), ("date", "02/03/2020", ">", {"answerDate": "2020-01-01"}, True),
        ("boolean", "true", "=", {"answerBoolean": True}, True), ("boolean", "false", "=", {"answerBoolean": True}, False), ("boolean", "false", "!=", {"answerBoolean": True}, True),
        ("string", "x", "exists", {"answerBoolean": True}, True), ("string", "", "exists", {"answerBoolean": True}, False), ("string", "", "exists", {"answerBoolean": False}, True),
        ("string", "", "!=", {"answerString": "x"}, False),
    ],
)  # fmt: skip
def test_every_operator_of_enable_when(type_, typed, operator, answer, shown):
    form = asks({"linkId": "if", "type": type_}, when("if", operator, **answer))
    assert forms.settle(form, forms.answers(form, {"a:if": [typed]})).is_shown("then", ()) is shown


def test_what_is_not_asked_does_not_decide_either_and_is_not_stored():
    form = asks(
        {"linkId": "one", "type": "boolean"},
        {"linkId": "two", "type": "boolean", "enableWhen": [{"question": "one", "operator": "=", "answerBoolean": True}]},
        when("two", "=", answerBoolean=True),
    )
    fields = {"a:one": ["false"], "a:two": ["true"], "a:then": ["x"]}
    settled = forms.settle(form, forms.answers(form, fields))
    assert [one["linkId"] for one in settled.doc["item"]] == ["one"]
    assert forms.answers(form, fields).texts["then", ()] == ("x",)  # what was typed stays, should the answer change again


def test_a_condition_inside_a_row_looks_at_its_own_row():
    form = asks(
        {"linkId": "row", "type": "group", "repeats": True, "item": [{"linkId": "if", "type": "boolean"}, when("if", "=", answerBoolean=True)]}
    )
    settled = forms.settle(form, forms.answers(form, {"a:if~0": ["true"], "a:if~1": ["false"]}))
    assert [settled.is_shown("then", (row,)) for row in (0, 1)] == [True, False]
