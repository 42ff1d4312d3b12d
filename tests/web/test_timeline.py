"""The line of time is written by us and not by a template: what is given is escaped all the same, and each document is parsed once."""

import re
from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_page import page, visit
from yba.operations.sample_record import Made, sample_record
from yba.record import Origin, Paper, Visit
from yba.record.page import build
from yba.record.page.twice import Again
from yba.web import record_html

TODAY = date(2026, 11, 21)
texts = st.text(alphabet=st.sampled_from("<>&\"' a"), max_size=6)
pairs = st.lists(st.tuples(texts, texts), max_size=2)
drawn = st.builds(
    Visit, texts, texts, texts, texts, texts, texts, texts, texts, texts, diagnoses=pairs, medicines=st.lists(texts, max_size=2),
    results=st.lists(st.tuples(texts, texts, texts), max_size=2), procedures=st.lists(texts, max_size=2), notes=st.lists(texts, max_size=2),
)  # fmt: skip
OURS = re.compile(
    r'</?(?:div|details|summary|dl|dt|dd|span)>|<div class="flat(?: k-\w)*">|<details class="visit(?: k-\w)*">|<span class="(?:num|soft|code|turn)[^"<>]*"'
    r'(?: aria-hidden="true")?>|<p class="soft">|</p>'
)


def line(html):
    """What stands between the head and the foot of the line of time."""
    return html.split('<div class="entries" id="line">')[1].split("</section>")[0]


@given(st.lists(drawn, max_size=3), texts, texts, st.integers(0, 2))
def test_nothing_given_is_taken_for_our_own(visits, title, place, full):
    made = replace(
        page([]), visits=visits, papers=[Paper("2026-01-01", title, title, Origin(place, ""))], vaccines=[(title, title, Origin(place, ""))]
    )
    made.facilities = {place: place + "<"}
    rest = OURS.sub("", line(record_html(made, full=full)))
    assert not re.search("[<>]", rest)
    assert all(found in ("&amp;", "&lt;", "&gt;", "&#34;", "&#39;", "&nbsp;") for found in re.findall("&[^;]{0,5};?", rest))


def test_details_stand_for_the_newest_and_all_say_their_day_and_place():
    html = line(record_html(page([*visit(1, "2026-01-02"), *visit(2, "2026-03-04"), *visit(3, "2026-02-03")]), full=2))
    assert re.findall(r'<(details|div) class="[^"]+">(?:<summary>)?<span class="num">([\d/]+)</span><span>([^<]+)<', html) == [
        ("details", "04/03/2026", "Khám – Trạm Y tế Mường Thanh"),
        ("details", "03/02/2026", "Khám – Trạm Y tế Mường Thanh"),
        ("div", "02/01/2026", "Khám – Trạm Y tế Mường Thanh"),
    ]
    assert html.count("<dl>") == 2


def test_an_empty_line_says_so():
    assert "Chưa ghi nhận." in line(record_html(page([])))


class Counted:
    """A resource that counts how often its document is parsed."""

    def __init__(self, made: Made) -> None:
        self.rtype, self.id, self.facility_id, self._doc, self.asked = made.rtype, made.id, made.facility_id, made.doc, 0

    @property
    def doc(self):
        self.asked += 1
        return self._doc


def test_a_document_is_parsed_once_and_the_page_is_the_same_whatever_order_rows_come_in():
    made = sample_record(300, last=TODAY)
    again = [Again("e3", "e4", "fhir", "claims")]
    counted = [Counted(one) for one in made]
    told = build("x", counted, facilities={}, again=again)
    assert {one.asked for one in counted if one.rtype != "Patient"} == {1}
    other = build("x", made[::-1], facilities={}, again=again)
    assert all(getattr(told, each.name) == getattr(other, each.name) for each in fields(told))
