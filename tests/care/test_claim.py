"""The claim of a visit: our own gateway takes it, and it says the same as the visit did."""

from __future__ import annotations

import base64
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.care.conftest import HOSPITAL, OPERATOR, STATION, doctor, new_person, nurse
from tests.care.test_visit import whole_visit
from yba import care, directory, ingest, record
from yba.care import claim_money
from yba.care.pricing import Offer, Prices
from yba.directory import Basis, Price, PriceList
from yba.kit import Conflict, Invalid, clock
from yba.kit.db import reading, unit_of_work


def test_a_claim_is_written_when_a_visit_is_closed(conn, person):
    by = doctor()
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION)
        with pytest.raises(Conflict):
            care.claim(mine, by=by, visit=visit.id)
        care.close(mine, by=by, visit=visit.id, number=1)
        assert b"GIAMDINHHS" in care.claim(mine, by=by, visit=visit.id)


def test_our_own_gateway_reads_the_claim_back_to_the_same_content(database):
    by = doctor()
    person = new_person()
    with unit_of_work(by=by) as mine:
        visit = whole_visit(mine, by, person)
        data = care.claim(mine, by=by, visit=visit.id)
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    totals = ingest.process(by=OPERATOR)
    assert (totals.claims_accepted, totals.claims_rejected) == (1, 0)
    assert landing.facility == STATION
    with reading(by=OPERATOR) as conn:
        found = record.of_person(conn, by=OPERATOR, person_id=person)
        told = record.visit_of(conn, by=OPERATOR, id=visit.encounter)
        page = record.page_of(conn, by=OPERATOR, person_id=person)
    assert [one.channel for one in told] == ["claims", "desk"]
    assert len(page.visits) == 1
    desk, claimed = ([one.doc for one in found if one.mapped_by == "desk"], [one.doc for one in found if one.mapped_by not in {"", "fhir", "desk"}])
    assert {one["resourceType"] for one in claimed} >= {"Claim", "MedicationDispense", "Appointment"}
    for said in (diagnoses, values, revisits, span, reports):
        assert said(claimed) == said(desk), said.__name__


def diagnoses(docs):
    """Codes with the words for them, the principal one marked."""
    (visit,) = [one for one in docs if one["resourceType"] == "Encounter"]
    first = visit["diagnosis"][0]["condition"]["reference"]
    return {(one["code"]["coding"][0]["code"], f"Condition/{one['id']}" == first) for one in docs if one["resourceType"] == "Condition"}


def values(docs):
    """What was measured, by LOINC code: numbers with their UCUM unit; what is computed stays out of a claim."""
    found = {}
    for one in docs:
        if one["resourceType"] == "Observation" and one["code"].get("coding", [{}])[0].get("code") != "39156-5":
            for part in one.get("component", [one]):
                found[part["code"]["coding"][-1]["code"]] = (part["valueQuantity"]["value"], part["valueQuantity"].get("code"))
    return found


def revisits(docs):
    """Days of appointments."""
    return [one["requestedPeriod"][0]["start"] for one in docs if one["resourceType"] == "Appointment"]


def span(docs):
    """From when to when, what kind of visit, why."""
    (visit,) = [one for one in docs if one["resourceType"] == "Encounter"]
    kind = [part["code"] for part in visit["type"][0]["coding"]]
    return visit["status"], visit["class"]["code"], visit["period"], kind, visit["reasonCode"][0]["text"], visit["location"][0]["location"]["display"]


def reports(docs):
    """Services with what was concluded."""
    return {(one["code"]["text"], one["code"]["coding"][0]["code"], one["conclusion"]) for one in docs if one["resourceType"] == "DiagnosticReport"}


def header(data):
    """XML1 of a file, by name."""
    found = re.search(rb"<FILEHOSO>\s*<LOAIHOSO>XML1</LOAIHOSO>\s*<NOIDUNGFILE>(.*?)</NOIDUNGFILE>", data, re.DOTALL)
    return rows_of(found[1])


def rows_of(text):
    plain = base64.b64decode(text) if b"<" not in text else text
    return {name.decode(): value.decode() for name, value in re.findall(rb"<([A-Z_0-9]+)>([^<]*)</", plain)}


GLUCOSE = "23.0075.1494"
MONEY = {f"VR{number:03d}" for number in (*range(81, 100), 105, 116, 117, 118, 136)}
LIST = """list,code,name,unit,price,basis,tender
exam,02.1900,Khám Nội,Lần,36500,,
exam,03.1900,Khám Nhi,Lần,39000,,
service,23.0075.1494,Định lượng Glucose,Lần,22400,,
drug,VD-7969-09,Amlodipin,viên,415.5,,1234/QĐ-SYT;G1;N4;2026
drug,40.48,Paracetamol 500mg,viên,250,other,
"""
CARD = "GD4111234567890"


def load(text=LIST, since=None):
    with unit_of_work(by=OPERATOR) as conn:
        lines = directory.read_prices(text.encode())
        day = since or clock.today()
        directory.load_prices(conn, by=OPERATOR, facilities=[STATION], document="NQ 12/2026", since=day, lines=lines)


def examined(mine, by, person, *, drugs=()):
    """A visit that is charged: a consultation, a test that was done, drugs."""
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    care.diagnose(mine, by=by, visit=visit, number=None, diagnoses=[care.Diagnosis("I10")])
    ordered = care.order(mine, by=by, visit=visit, number=None, orders=[care.Order(GLUCOSE, "Định lượng Glucose [Máu]")])
    one = care.Result("Glucose", Decimal("7.8"), "mmol/L", request=ordered.saved[0].id)
    care.result(mine, by=by, visit=visit, number=None, results=[one])
    if drugs:
        care.prescribe(mine, by=by, visit=visit, number=None, drugs=drugs)
    return visit


AMLODIPINE = care.Drug("40.491", "Amlodipin", "Viên", Decimal(1), 1, 28, "5mg", "1.01", registration="VD-7969-09")
PARACETAMOL = care.Drug("40.48", "Paracetamol", "viên", Decimal(1), 3, 5, "500mg", "1.01")
STRANGE = care.Drug("40.30", "Diclofenac", "viên", Decimal(1), 2, 5)


def findings(data):
    """The rules about money that our own gateway finds broken in a claim."""
    ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    assert ingest.process(by=OPERATOR).claims_rejected == 0
    with reading(by=OPERATOR) as conn:
        return {rule for (rule,) in conn.execute("SELECT DISTINCT rule FROM finding").fetchall()} & MONEY


def amounts(told):
    return {name: Decimal(told[f"T_{name}"]) for name in ("THUOC", "TONGCHI_BV", "TONGCHI_BH", "BHTT", "BNTT", "BNCCT")}


@pytest.mark.parametrize("insured", [True, False])
def test_a_claim_adds_up_to_what_the_price_list_of_the_facility_says(database, insured):
    load()
    by, person = doctor(), new_person(**({"card": CARD} if insured else {}))
    with unit_of_work(by=by) as mine:
        visit = examined(mine, by, person, drugs=[AMLODIPINE, PARACETAMOL])
        told = care.costs(mine, by=by, visit=care.visit_of(mine, by=by, visit=visit))
        care.close(mine, by=by, visit=visit, number=None, outcome="2")
        data = care.claim(mine, by=by, visit=visit)
    drugs, outside = Decimal("415.5") * 28, Decimal(250 * 15)
    whole = 36500 + 22400 + drugs + outside
    assert (told.total, told.unpriced) == (whole, ())
    assert [one.words for one in told.lines] == ["Khám Nội", "Định lượng Glucose [Máu]", "Amlodipin", "Paracetamol"]
    head = amounts(header(data))
    assert (head["THUOC"], head["TONGCHI_BV"]) == (drugs + outside, whole)
    covered = whole - outside if insured else 0
    assert (head["TONGCHI_BH"], head["BNTT"]) == (covered, whole - covered), "what only patients pay is outside of the insurance"
    assert (told.insurer, told.patient) == (head["BHTT"], head["BNTT"] + head["BNCCT"])
    assert findings(data) <= {"VR105"}, "the ingredient's price names no tender: nothing else about money is wrong"


def test_what_nobody_names_a_price_of_is_said_before_the_visit_is_closed(database):
    by, person = doctor(), new_person()
    with unit_of_work(by=by) as mine:
        visit = examined(mine, by, person, drugs=[STRANGE])
        told = care.costs(mine, by=by, visit=care.visit_of(mine, by=by, visit=visit))
    assert (told.unpriced, told.total) == (("Khám bệnh", "Định lượng Glucose [Máu]", "Diclofenac"), 0), "nothing is built in"
    load(LIST.replace("drug,40.48,Paracetamol 500mg,viên", "drug,40.30,Diclofenac,vỉ"), clock.today())
    with unit_of_work(by=by) as mine:
        told = care.costs(mine, by=by, visit=care.visit_of(mine, by=by, visit=visit))
    assert (told.unpriced, told.total) == (("Diclofenac",), 36500 + 22400), "the price of a blister is none of a tablet"


@pytest.mark.parametrize(
    ("department", "found"), [("", "02.1900"), ("K01", "02.1900"), ("K18", "03.1900"), ("K27", "")]
)  # fmt: skip
def test_a_consultation_is_that_of_the_departments_specialty(department, found):
    day = clock.today()
    listed = [
        Price(STATION, PriceList.EXAM, code, Basis.INSURANCE, day, Decimal(1), name, "", "", "x")
        for code, name in (("02.1900", "a"), ("03.1900", "b"))
    ]
    prices = Prices(listed, insured=True)
    assert prices.consultation(department).code == found
    assert Prices(listed[:1], insured=True).consultation(department).code == "02.1900", "the only one there is"


def test_a_claim_says_how_the_visit_ended_and_who_treated(database):
    by, typist = doctor(), nurse()
    person = new_person()
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION).id
        care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("I10")])
    with unit_of_work(by=typist) as theirs:
        ordered = care.order(theirs, by=typist, visit=visit, number=2, orders=[care.Order(GLUCOSE, "Định lượng Glucose [Máu]")])
        one = care.Result("Glucose", Decimal("7.8"), "mmol/L", request=ordered.saved[0].id)
        care.result(theirs, by=typist, visit=visit, number=3, results=[one])
        care.refer(theirs, by=typist, visit=visit, number=4, referral=care.Referral(HOSPITAL, "Khám tim mạch"))
        with pytest.raises(Invalid):
            care.close(theirs, by=typist, visit=visit, number=5, outcome="99")
        care.close(theirs, by=typist, visit=visit, number=5, outcome="2")
        data = care.claim(theirs, by=typist, visit=visit)
    told = header(data)
    assert {name: told[name] for name in ("KET_QUA_DTRI", "MA_LOAI_RV", "MA_DOITUONG_KCB")} == {
        "KET_QUA_DTRI": "2", "MA_LOAI_RV": "2", "MA_DOITUONG_KCB": "9",
    }  # fmt: skip
    assert findings(data) == {"VR091"}, "no price list: a claim that costs nothing is said to"


@pytest.mark.parametrize(
    ("card", "kind", "more", "object_", "share"),
    [
        ("", "tram y te", {}, "9", 0), ("DN4011234567890", "tram y te", {}, "1.2", 100), ("DN4011234567890", "benh vien", {}, "", 80),
        ("HC3011234567890", "benh vien", {"papers": ["referral"]}, "1.3", 95), ("CC1011234567890", "benh vien", {"groups": ["emergency:said"]}, "2", 100),
        ("DN4011234567890", "tram y te", {"papers": ["appointment"]}, "1.5", 100), ("DN4011234567890", "", {"refill": True}, "10", 80),
    ],
)  # fmt: skip
def test_who_pays_follows_from_the_card_the_place_and_what_was_noted(card, kind, more, object_, share):
    pays = claim_money.payment(card, kind=kind, **{"refill": False, "groups": (), "papers": (), **more})
    assert (pays.object, pays.share) == (object_, share)


@given(st.integers(1, 100), st.decimals(0, 10**7, places=2), st.sampled_from([0, 80, 95, 100]), st.booleans())
def test_the_parts_of_a_line_are_the_whole(quantity, price, share, insured):
    row = claim_money.shared(Decimal(quantity), Offer(price), claim_money.Payment("1.2" if insured else "9", share))
    part = {name: Decimal(row[name]) for name in ("THANH_TIEN_BV", "THANH_TIEN_BH", "T_BHTT", "T_BNCCT", "T_BNTT")}
    assert part["T_BHTT"] + part["T_BNCCT"] == part["THANH_TIEN_BH"]
    assert part["THANH_TIEN_BH"] + part["T_BNTT"] == part["THANH_TIEN_BV"] == quantity * price
    assert min(part.values()) >= 0
