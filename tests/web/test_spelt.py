"""Papers of a record: what was abbreviated is spelled out in the printed record and the summary; names, numbers and codes stay."""

from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

import pytest

from tests.web.test_views import PERSON, province, related, signed_in  # noqa: F401  # fixtures
from yba import record
from yba.kit import Actor, clock
from yba.record.page import model
from yba.specs import abbreviations
from yba.web import spelt

OPERATOR = Actor.operator()
KNOWN = abbreviations._spelt()[1]


def texts_in(type_):
    """Whether a text stands in a type of the page's model."""
    return type_ is str or any(texts_in(one) for one in get_args(type_))


def test_every_text_of_the_page_is_spelled_out_or_kept_on_purpose():
    done = {"Page": {"vaccines"}, "Visit": {"diagnoses"}}  # by hand: half of each is a code or a day
    for name, kind in vars(model).items():
        if is_dataclass(kind):
            hints = get_type_hints(kind, vars(model))
            texts = {one.name for one in fields(kind) if texts_in(hints[one.name])}
            told = {*spelt.SPELT.get(name, ()), *spelt.KEPT.get(name, ()), *done.get(name, ())}
            assert texts == told, name


@pytest.mark.law("EMR-R04")
def test_the_printed_record_and_the_summary_hold_no_abbreviation(signed_in, province):  # noqa: F811
    browser, account = signed_in("doctor")
    related(province, account)
    typed = "BN có THA, ĐTĐ típ 2, mã THA01"
    doc = {
        "resourceType": "Condition", "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"}], "text": typed},
        "subject": {"reference": f"Patient/{PERSON}"}, "recordedDate": clock.now().isoformat(),
    }  # fmt: skip
    (source,) = {one.id for one in record.of_person(province, by=OPERATOR, person_id=PERSON) if one.rtype == "Patient"} - {str(PERSON)} or {
        str(PERSON)
    }
    record.save(province, by=OPERATOR, writes=[record.Write("Condition", None, doc | {"subject": {"reference": f"Patient/{source}"}}, "11001")])
    assert typed in browser.get(f"/record/{PERSON}").text, "the screen shows what was typed"
    for page in ("print", "summary"):
        body = browser.get(f"/record/{PERSON}/{page}").text.split("<main", 1)[1]
        assert "Người bệnh có tăng huyết áp, đái tháo đường típ 2, mã THA01" in body, page
        assert abbreviations.spelled("\u0001" + body) == "\u0001" + body, [one for one in KNOWN if f" {one} " in body]
