"""What people really send: text pasted from Word, HTML, days to come, half a form when the session ends, the back button; nothing is lost."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest

from tests.forms.test_drafts import VITALS, doctor, finish, given, keep, opened, person  # noqa: F401  the fixture
from yba import forms, record
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict

PERSONAL = forms.form("ehr-831-personal")
WORD = "\ufeff“Đau đầu”\u200b – 3\u00a0ngày,\u00adsốt…\r\n\u2022 ho\u2028\u202emệt"
PASTED = [
    (WORD, "“Đau đầu” – 3 ngày,sốt…"),
    (unicodedata.normalize("NFD", "Nguyễn Thị Ưởng"), "Nguyễn Thị Ưởng"),
    ('O\'Brien <script>alert(1)</script> & "Tèo"', 'O\'Brien <script>alert(1)</script> & "Tèo"'),
    ("<b>&amp;</b> ]]>", "<b>&amp;</b> ]]>"),
]


@pytest.mark.parametrize(("typed", "kept"), PASTED)
def test_pasted_text_is_stored_as_its_words_and_shown_as_text(person, typed, kept):  # noqa: F811
    draft = opened(person, doctor())
    done = finish(doctor(), draft, draft.number, weight="60", note=typed)
    assert done.done, done.problems
    with unit_of_work(by=doctor()) as conn:
        _, answers = forms.response_of(conn, by=doctor(), id=done.response)
    stored = answers.get("note")[0].data
    assert stored.startswith(kept)
    assert unicodedata.is_normalized("NFC", stored)
    assert not {one for one in stored if unicodedata.category(one) in {"Cf", "Cc"} and one != "\n"}


def test_a_birth_that_is_to_come_is_refused_and_stays_in_its_box():
    tomorrow = (clock.today() + timedelta(days=1)).strftime("%d/%m/%Y")
    for text, rules in ((tomorrow, ["not-future"]), ("31/02/1990", ["type"]), ("01/01/1700", ["minimum"]), ("1985", [])):
        answers = forms.answers(PERSONAL, {"a:A.HOTEN": ["Lò Thị Un"], "a:A.NGAYSINH": [text]})
        found = [one for one in forms.check(PERSONAL, answers) if one.link_id == "A.NGAYSINH"]
        assert [one.rule for one in found] == rules, (text, found)
        assert all(one.hard for one in found)
        assert answers.texts["A.NGAYSINH", ()] == (text,)


def test_seven_hundred_kilograms_are_refused_whatever_is_confirmed_and_a_hundred_and_seventy_asked_about(person):  # noqa: F811
    draft = opened(person, doctor())
    for text, confirmed, rules in (("170", (), ["unusual"]), ("700", ("weight",), ["maximum"]), ("-1", ("weight",), ["minimum"])):
        told = finish(doctor(), draft, draft.number, weight=text, confirmed=confirmed)
        assert [one.rule for one in told.problems] == rules
        assert told.draft.answers.texts["weight", ()] == (text,)


def test_half_a_form_outlives_the_session_it_was_typed_in(person):  # noqa: F811
    draft = opened(person, doctor())
    keep(doctor(), draft, draft.number, weight="6", note="đang đo thì")
    with clock.frozen(clock.now() + timedelta(hours=20)):
        again = opened(person, Actor.user(doctor().account, list(doctor().grants), purpose="treatment"))
    assert again.id == draft.id
    assert again.answers.texts == {("weight", ()): ("6",), ("note", ()): ("đang đo thì",)}


def test_the_back_button_after_the_end_changes_nothing(person):  # noqa: F811
    draft = opened(person, doctor())
    done = finish(doctor(), draft, draft.number, weight="60")
    again = finish(doctor(), draft, draft.number, weight="99")
    assert (again.response, again.problems) == (done.response, ())
    with pytest.raises(Conflict):
        keep(doctor(), draft, draft.number, weight="99")
    with unit_of_work(by=doctor()) as conn:
        held = [one for one in record.of_person(conn, by=doctor(), person_id=person[0]) if one.rtype == "Observation"]
    assert [one.doc["valueQuantity"]["value"] for one in held] == [60]


def test_an_older_page_of_ones_own_goes_on_where_one_was(person):  # noqa: F811
    draft = opened(person, doctor())
    kept = keep(doctor(), draft, draft.number, weight="60", pulse="72")
    back = keep(doctor(), draft, draft.number, weight="61")
    assert back.aside == ()
    assert (back.number > kept.number, back.answers.texts) == (True, {("weight", ()): ("61",)})


@pytest.mark.law("BAOMAT-CB-R13")
@pytest.mark.parametrize("text", ["Siêu âm: giới tính thai nhi: nam", "THAI TRAI 32 tuần", "Thai 20 tuần, thấy dương vật"])
def test_no_form_stores_words_that_tell_the_sex_of_the_unborn(person, text):  # noqa: F811
    draft = opened(person, doctor())
    told = finish(doctor(), draft, draft.number, weight="60", note=text, confirmed=("note",))
    assert [(one.link_id, one.rule, one.hard) for one in told.problems] == [("note", "fetal-sex", True)]
    for form in forms.forms():
        asked = {item.vi.lower() for item in form.items.values() if item.is_question}
        assert not [words for words in asked if "giới tính thai" in words], form.name
    assert not forms.check(VITALS, given(weight="60", note="Sau sinh một bé trai"))
