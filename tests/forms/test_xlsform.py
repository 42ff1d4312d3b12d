"""A form goes into a spreadsheet and comes back as it was, as far as a spreadsheet can say it; what it cannot say is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forms.test_designer import workbook
from yba import forms
from yba.forms import extensions as ext
from yba.forms.compiling import BadForm
from yba.forms.xlsform import _HELP, _english

BASE = "https://yba.vn/Questionnaire/own-phieu"
WORDS = st.text(st.sampled_from("aăâđêôơưÀỆ019'\"<>&=+-.,()/% \u2013"), min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
CODES = st.text(st.sampled_from("abcxyz019_-"), min_size=1, max_size=6)
NUMBERS = st.integers(-1000, 1000)


@st.composite
def labelled(draw, name, type_):
    """What every row says."""
    doc = {"linkId": name, "text": draw(WORDS), "type": type_}
    if draw(st.booleans()):
        doc["_text"] = _english(draw(WORDS))
    if type_ not in {"group", "display"} and draw(st.booleans()):
        doc["required"] = True
    if draw(st.booleans()):
        doc["item"] = [{"linkId": f"{name}.help", "text": draw(WORDS), "type": "display", "extension": [_HELP]}]
    return doc


@st.composite
def question(draw, name, before):
    """One question, asked only when an earlier one was answered so."""
    type_ = draw(st.sampled_from(["string", "text", "integer", "decimal", "date", "dateTime", "time", "display", "boolean", "choice", "open-choice"]))
    doc = draw(labelled(name, type_))
    if type_ in {"choice", "open-choice"}:
        listed = draw(st.lists(st.tuples(CODES, WORDS), min_size=1, max_size=4, unique_by=lambda one: one[0]))
        doc["answerOption"] = [{"valueCoding": {"system": f"{BASE}/l_{name}", "code": code, "display": vi}} for code, vi in listed]
        doc |= {"repeats": True} if draw(st.booleans()) else {}
    if type_ in {"integer", "decimal"} and draw(st.booleans()):
        low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
        key, kind = ("valueInteger", int) if type_ == "integer" else ("valueDecimal", float)
        doc["extension"] = [{"url": ext.MIN_VALUE, key: kind(low)}, {"url": ext.MAX_VALUE, key: kind(high)}]
    if before and draw(st.booleans()):
        doc |= draw(asked(before))
    return doc


@st.composite
def asked(draw, before):
    """When a question is asked."""
    when = [draw(condition(one)) for one in draw(st.lists(st.sampled_from(before), min_size=1, max_size=3))]
    return {"enableWhen": when, **({"enableBehavior": draw(st.sampled_from(["all", "any"]))} if len(when) > 1 else {})}


@st.composite
def condition(draw, one):
    operator = draw(st.sampled_from(["=", "!="]))
    if draw(st.booleans()):
        return {"question": one["linkId"], "operator": "exists", "answerBoolean": draw(st.booleans())}
    match one["type"]:
        case "choice" | "open-choice":
            answer = {"answerCoding": {name: one["answerOption"][0]["valueCoding"][name] for name in ("system", "code")}}
        case "integer":
            answer = {"answerInteger": draw(NUMBERS)}
        case "decimal":
            answer = {"answerDecimal": float(draw(NUMBERS))}
        case "boolean":
            answer = {"answerBoolean": draw(st.booleans())}
        case "date":
            answer = {"answerDate": "2026-11-22"}
        case _:
            answer = {"answerString": draw(CODES)}
    return {"question": one["linkId"], "operator": operator, **answer}


@st.composite
def questionnaires(draw):
    """Forms that use everything a spreadsheet can say."""
    items, before = [], []
    for number in range(draw(st.integers(1, 7))):
        doc = draw(question(f"q{number}", before))
        before += [doc] if doc["type"] != "display" else []
        items.append(doc)
    if draw(st.booleans()):
        group = draw(labelled("g", "group")) | ({"repeats": True} if draw(st.booleans()) else {})
        items = [items[0], {**group, "item": [*group.get("item", []), *items[1:]]}] if items[1:] else items
    if any(one["type"] in {"integer", "decimal"} for one in before) and draw(st.booleans()):
        first = next(one["linkId"] for one in before if one["type"] in {"integer", "decimal"})
        path = f"%resource.repeat(item).where(linkId='{first}').answer.value * 2"
        extension = [{"url": ext.CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": path}}]
        items.append({"linkId": "sum", "text": "Gấp đôi", "type": "decimal", "readOnly": True, "extension": extension})
    return {
        "resourceType": "Questionnaire", "url": BASE, "version": draw(CODES), "name": "phieu", "title": draw(WORDS), "status": "draft",
        "subjectType": ["Patient"], "publisher": "XLSForm", "purpose": "XLSForm", "item": items,
    }  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(questionnaires())
def test_what_a_spreadsheet_can_say_comes_back_as_it_was(doc):
    book = forms.export_xlsform(forms.compiled(doc))
    assert book.left_out == ()
    assert forms.import_xlsform(book.data) == doc


@pytest.mark.parametrize("name", sorted(one.name for one in forms.forms()))
def test_every_form_of_the_platform_goes_into_a_spreadsheet_and_what_is_lost_is_named(name):
    form = forms.form(name)
    book = forms.export_xlsform(form)
    assert book.left_out
    back = forms.compiled(forms.import_xlsform(book.data))
    assert [one.vi for one in back.items.values() if not one.link_id.endswith(".help")] == [
        one.vi for one in form.items.values() if not one.link_id.endswith(".help")
    ]
    again = forms.export_xlsform(back)
    assert again.left_out == ()
    assert forms.import_xlsform(again.data) == back.doc


def test_the_spreadsheet_of_a_designer_comes_back():
    first = forms.import_xlsform(workbook())
    book = forms.export_xlsform(forms.compiled(first))
    assert (forms.import_xlsform(book.data), book.left_out) == (first, ())


@pytest.mark.parametrize("told", [". > 1.5", ". < 3"])
def test_a_strict_limit_of_a_decimal_is_refused_not_weakened(told):
    with pytest.raises(BadForm):
        forms.import_xlsform(workbook([("type", "name", "label", "constraint"), ("decimal", "x", "X", told)]))
