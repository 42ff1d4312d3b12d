"""What a restricted category hides stays hidden in every form in which a record leaves: page, text, bundle."""

import pytest

from tests.ingest.builder import file_of, tables
from yba import ingest, record, web
from yba.kit import Actor, clock
from yba.kit.db import reading

OPERATOR = Actor.operator()
TELLING = ("B20", "HIV", "TENOFOVIR-THU", "ARV")


@pytest.fixture
def person(database):
    made = tables(MA_BENH_CHINH="B20", CHAN_DOAN_RV="Nhiễm HIV", CHAN_DOAN_VAO="HIV", LY_DO_VV="Lĩnh thuốc ARV")
    made["XML2"][0] |= {"TEN_THUOC": "TENOFOVIR-THU (ARV)"}
    made["XML3"][0] |= {"MA_BENH": "B20", "TEN_DICH_VU": "Xét nghiệm HIV Ab"}
    made["XML4"][0] |= {"TEN_CHI_SO": "HIV Ab", "GIA_TRI": "HIV dương tính"}
    ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=file_of(made))
    ingest.process(by=OPERATOR)
    with reading(by=OPERATOR) as conn:
        return record.find_person(conn, by=OPERATOR, number="011159000001")


@pytest.mark.parametrize("form", ["html", "text", "fhir"])
def test_no_form_of_the_record_tells_what_is_restricted(person, form):
    with reading(by=OPERATOR) as conn:
        if form == "fhir":
            shown = record.bundle_of(conn, by=OPERATOR, person_id=person).decode()
        else:
            page = record.page_of(conn, by=OPERATOR, person_id=person)
            shown = web.record_html(page, full=100) if form == "html" else record.as_text(page, today=clock.today())
    assert not [word for word in TELLING if word in shown]
