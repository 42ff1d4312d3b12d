"""The person's page names the channels that tell of one visit, in both languages, and shows it once."""

from datetime import date

from yba.operations.sample_record import PERSON, Made
from yba.record import as_text
from yba.record.page import build
from yba.record.page.twice import Again
from yba.web import record_html

AGAIN = [Again("b", "a", "fhir", "claims")]


def visit(id_, **more):
    when = {"start": "2026-03-12T08:00:00+07:00", "end": "2026-03-12T09:00:00+07:00"}
    return Made("Encounter", id_, {"status": "finished", "class": {"code": "AMB"}, "period": when, **more}, "11001")


def test_both_sources_are_named_and_the_visit_stands_once():
    page = build(PERSON, [visit("a"), visit("b", reasonCode=[{"text": "đau đầu"}])], facilities={}, again=AGAIN)
    assert [len(one.sources) for one in page.visits] == [2]
    assert page.visits[0].reason == "đau đầu", "what the primary telling does not say, the other one does"
    assert "hồ sơ thanh toán BHYT; phần mềm của cơ sở (FHIR)" in record_html(page, lang="vi", full=1)
    assert "insurance claim; facility&#39;s software (FHIR)" in record_html(page, lang="en", full=1)
    assert "nhiều nguồn" in as_text(page, today=date(2026, 11, 21))


def test_who_sees_one_telling_alone_sees_a_visit_like_any_other():
    page = build(PERSON, [visit("b")], facilities={}, again=AGAIN)
    assert [len(one.sources) for one in page.visits] == [0]
    assert "<dt>Sources</dt>" not in record_html(page, lang="en", full=1)
