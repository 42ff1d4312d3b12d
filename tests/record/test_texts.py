"""Texts written through FHIR are composed before they are stored, and tell nothing of the sex of an unborn child."""

import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.record.rest_world import observation, patient, save
from yba.record import texts
from yba.specs.unborn import CUT, texts_of

TEXT = st.text(st.sampled_from("aeoAăâêơ\u0301\u0300\u0323\u0302đĐ\u00d0 <b>\"'&\n"), max_size=12)
DOCS = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "div", "note"]), inner, max_size=3), max_leaves=8
)


def test_what_other_software_writes_decomposed_is_stored_composed_and_found(database):
    name = unicodedata.normalize("NFD", "Nguyễn Thị Ưởng")
    (saved,) = save(patient("BN7", "011159000007", name=name))
    assert "Nguyễn Thị Ưởng" in saved.json
    doc = observation(saved.id, note=[{"text": unicodedata.normalize("NFD", "Đau đầu dữ dội")}])
    (stored,) = save(doc)
    assert stored.doc["note"][0]["text"] == "Đau đầu dữ dội"
    (again,) = save({**doc, "id": stored.id, "note": [{"text": "Đau đầu dữ dội"}]})
    assert again.outcome == "unchanged", "the same words are the same, however they were written"


@given(st.fixed_dictionaries({"text": DOCS}))
def test_every_text_is_composed_and_nothing_else_changes(doc):
    whole = {"resourceType": "Basic", **doc}
    made = texts.kept("Basic", whole, orjson.dumps(whole))
    assert all(unicodedata.is_normalized("NFC", text) for text in texts_of(made))
    if all(unicodedata.is_normalized("NFC", text) and "\u00d0" not in text for text in texts_of(whole)):
        assert made is whole


@pytest.mark.law("BAOMAT-CB-R13")
@pytest.mark.parametrize(
    ("text", "gone"),
    [("Thai nhi giới tính: nam", "nam"), ("Fetal sex: male", "male"), (unicodedata.normalize("NFD", "giới tính thai nhi: gái"), "gái")],
)
def test_no_words_of_other_software_tell_the_sex_of_the_unborn(database, text, gone):
    (person,) = save(patient("BN8", "011159000008"))
    (stored,) = save(observation(person.id, note=[{"text": text}], valueString=text))
    for words in (stored.doc["note"][0]["text"], stored.doc["valueString"]):
        assert gone not in words
        assert CUT in words


def test_a_narrative_stays_a_narrative(database):
    (person,) = save(patient("BN9", "011159000009"))
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Thai 20 tuần, thấy <b>dương vật</b></p></div>'
    (stored,) = save(observation(person.id, text={"status": "generated", "div": div}, valueString="Thai 20 tuần, thấy dương vật rõ"))
    assert stored.doc["text"]["div"].count("<") == div.count("<")
    assert "dương vật" not in stored.doc["valueString"]
