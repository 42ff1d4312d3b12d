"""Duties of the desks: priority in the queue, papers looked at, children's prescriptions, dual codes, reasons of changes, the unborn."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.care.conftest import COMMUNE, HOSPITAL, OPERATOR, STATION, doctor
from yba import care, record
from yba.care import priority
from yba.kit import Conflict, Invalid, NotFound, clock
from yba.kit.db import unit_of_work
from yba.specs.unborn import tells_sex

D = Decimal
CHILD = care.Newcomer("Lò Thị Mai", "female", "", commune=COMMUNE)


def newcomer(mine, by, years, name="Lò Thị Mai", months=0):
    today = clock.today()
    birth = today.replace(year=today.year - years, day=1) - timedelta(days=30 * months)
    facts = CHILD._replace(name=name, birth=birth.isoformat())
    return care.register(mine, by=by, facts=facts, facility=STATION, is_new=True).person_id


def waiting(mine, by):
    return [(one.seen.name, one.priority) for one in care.work(mine, by=by, facility=STATION) if one.why is care.Why.WAITING]


def test_the_groups_of_the_law_go_first_by_age_by_the_record_and_as_said(mine, by):
    assert len(priority.care_desk.priorities()) == 7
    people = {name: newcomer(mine, by, years, name) for name, years in (("Ba", 40), ("Già", 76), ("Bé", 3), ("Mang Thai", 25), ("Ngã", 30))}
    visit = care.start(mine, by=by, person_id=people["Mang Thai"], facility=STATION)
    care.diagnose(mine, by=by, visit=visit.id, number=1, diagnoses=[care.Diagnosis("Z34.9")])
    care.close(mine, by=by, visit=visit.id, number=2)
    now = clock.now()
    for place, (name, person) in enumerate(people.items()):
        said = care.Arrival(priority=("emergency",)) if name == "Ngã" else care.Arrival()
        with clock.frozen(now + timedelta(minutes=place)):
            care.queue_up(mine, by=by, person_id=person, facility=STATION, arrival=said)
    assert waiting(mine, by) == [
        ("Ngã", ("emergency",)), ("Già", ("from-75",)), ("Bé", ("under-6",)), ("Mang Thai", ("pregnant",)), ("Ba", ()),
    ]  # fmt: skip
    last = next(one.visit for one in care.work(mine, by=by, facility=STATION) if one.seen.name == "Ba")
    changed = care.prioritise(mine, by=by, visit=last, number=1, groups=["severe-disability"])
    assert changed.visit.state is care.State.WAITING
    assert ("Ba", ("severe-disability",)) in waiting(mine, by)[1:4]
    with pytest.raises(Invalid):
        care.prioritise(mine, by=by, visit=last, number=2, groups=["friends"])
    care.start(mine, by=by, person_id=people["Ba"], facility=STATION)
    with pytest.raises(Conflict):
        care.prioritise(mine, by=by, visit=last, number=3, groups=[])


@pytest.mark.parametrize(("birth", "found"), [("1951", ()), ("1950", ("from-75",)), ("2020", ()), ("2021-06", ("under-6",)), ("", ()), ("x", ())])
def test_a_birth_that_leaves_it_open_speaks_for_no_group(birth, found):
    with clock.frozen(clock.now().replace(year=2026, month=11, day=22)):
        assert priority.by_age(birth, clock.today()) == found


@pytest.mark.law("SKDT-R06")
def test_papers_looked_at_are_noted_with_who_when_and_how_and_nothing_asks_for_a_copy(mine, by, person):
    seen = care.Paper("insurance-card", "vneid")
    visit = care.start(mine, by=by, person_id=person, facility=STATION, arrival=care.Arrival(papers=(seen,))).id
    care.see_papers(mine, by=by, visit=visit, number=1, papers=[seen, care.Paper("citizen-card", "vneid")])
    doc = record.get(mine, by=by, rtype="Encounter", id=str(visit)).doc
    assert care.papers_of(doc) == [seen, care.Paper("citizen-card", "vneid")]
    parts = {part["url"]: part for part in doc["extension"][0]["extension"]}
    assert parts["who"]["valueReference"]["identifier"]["value"] == by.name
    assert parts["at"]["valueInstant"]
    assert "Binary" not in {one.rtype for one in record.of_person(mine, by=by, person_id=person)}
    with pytest.raises(Invalid):
        care.see_papers(mine, by=by, visit=visit, number=2, papers=[care.Paper("photo", "scan")])
    assert care.close(mine, by=by, visit=visit, number=2).visit.state is care.State.CLOSED  # without any paper scanned


DRUG = care.Drug("40.30.501", "Paracetamol", "gói", D(1), 2, 3)


def test_a_small_childs_prescription_names_weight_and_companion(mine, by):
    child, grown = newcomer(mine, by, 3, "Bé"), newcomer(mine, by, 7, "Lớn")
    visit = care.start(mine, by=by, person_id=child, facility=STATION).id
    with pytest.raises(care.NotPlausible) as told:
        care.prescribe(mine, by=by, visit=visit, number=1, drugs=[DRUG])
    assert [one.field for one in told.value.doubts] == ["weight", "companion"]
    care.measure(mine, by=by, visit=visit, number=1, values={"weight": D("13.4")})
    done = care.prescribe(mine, by=by, visit=visit, number=2, drugs=[DRUG], companion=care.Companion("Lò Thị Hoa", "mẹ"))
    doc = done.saved[0].doc
    assert doc["extension"][-1]["valueString"] == "Lò Thị Hoa – mẹ"
    assert doc["supportingInformation"][0]["display"] == "Cân nặng 13.4 kg"
    other = care.start(mine, by=by, person_id=grown, facility=STATION).id
    assert care.prescribe(mine, by=by, visit=other, number=1, drugs=[DRUG]).saved


@pytest.mark.parametrize(
    "drug",
    [
        DRUG._replace(text="Thực phẩm bảo vệ sức khỏe Bổ gan"), DRUG._replace(text="Viên uống TPCN Omega"),
        DRUG._replace(text="Canxi Nano", registration="4567/2021/ĐKSP"), DRUG._replace(words="thuc pham chuc nang, uống sau ăn"),
    ],
)  # fmt: skip
def test_what_is_no_medicine_is_not_prescribed(mine, by, person, drug):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    with pytest.raises(care.NotPlausible):
        care.prescribe(mine, by=by, visit=visit, number=1, drugs=[drug])
    assert care.prescribe(mine, by=by, visit=visit, number=1, drugs=[DRUG._replace(text="Tpcnol")]).saved


@pytest.mark.law("MA-LT-R05")
def test_an_asterisk_code_is_never_the_main_one_and_its_partner_is_suggested(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    for listed in ([care.Diagnosis("M14.2")], [care.Diagnosis("E11.6"), care.Diagnosis("M14.2*", principal=True)]):
        with pytest.raises(care.NotPlausible) as told:
            care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=listed)
        assert told.value.doubts[0].field == "M14.2"
    alone = care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("E11.6")])
    assert [(one.kind, one.about) for one in alone.warned] == [("pair", "E11.6")]
    assert "M14.2" in alone.warned[0].vi
    both = care.diagnose(mine, by=by, visit=visit, number=2, diagnoses=[care.Diagnosis("E11.6"), care.Diagnosis("M14.2")])
    assert both.warned == ()
    stored = {one.doc["code"]["coding"][0]["code"]: one.doc for one in record.of_person(mine, by=by, person_id=person) if one.rtype == "Condition"}
    (due,) = stored["M14.2*" if "M14.2*" in stored else "M14.2"]["extension"]
    dagger = next(doc for code, doc in stored.items() if code.startswith("E11.6"))
    assert (due["url"].rpartition("-")[2], due["valueReference"]["reference"]) == ("dueTo", f"Condition/{dagger['id']}"), "claims cannot say it"
    lost = care.diagnose(mine, by=by, visit=visit, number=3, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("M14.2")], reason="khám lại")
    assert [one.about.rstrip("*") for one in lost.warned] == ["M14.2"]
    alone = next(one.doc for one in record.of_person(mine, by=by, person_id=person) if one.doc["code"]["coding"][0]["code"].startswith("M14.2"))
    assert "extension" not in alone, "a pair that is none any more is not kept as one"


@pytest.mark.law("MA-LT-R05")
def test_the_lists_own_guidance_is_shown_and_names_partners_the_table_of_2020_has_not():
    assert "viêm khớp† (M01.3-*)" in care.guidance("A02.2")
    assert care.guidance("XXX") == ""
    (told,) = care.pairs(["A18.6"])
    assert "H67.0" in told.vi
    assert care.pairs(["A18.6", "H67.0"]) == ()


@pytest.mark.parametrize(
    "changed",
    [
        [care.Diagnosis("I10")], [care.Diagnosis("E11.9"), care.Diagnosis("I10")], [care.Diagnosis("I10", "Tăng huyết áp độ 2"), care.Diagnosis("E11.9")],
    ],
    ids=["left out", "no longer the main one", "other words"],
)  # fmt: skip
def test_a_recorded_diagnosis_changes_with_a_reason_alone_and_adding_needs_none(mine, by, person, changed):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    first = [care.Diagnosis("I10"), care.Diagnosis("E11.9")]
    care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=first)
    care.diagnose(mine, by=by, visit=visit, number=2, diagnoses=[*first, care.Diagnosis("J06.9")])
    with pytest.raises(care.NotPlausible) as told:
        care.diagnose(mine, by=by, visit=visit, number=3, diagnoses=[*changed, care.Diagnosis("J06.9")])
    assert [one.field for one in told.value.doubts] == ["reason"]
    done = care.diagnose(mine, by=by, visit=visit, number=3, diagnoses=[*changed, care.Diagnosis("J06.9")], reason="đo lại huyết áp")
    assert done.visit.number == 4
    with unit_of_work(by=OPERATOR) as inner:
        found = inner.execute("SELECT DISTINCT tag FROM record_access_seen WHERE reason = 'đo lại huyết áp'").fetchall()
    assert {"care:visit:write", "record:resource:put"} <= {row[0] for row in found}


def test_what_was_taken_back_comes_back_with_its_reason_and_every_version_stays(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    measured = care.measure(mine, by=by, visit=visit, number=1, values={"pulse": D(71)}).saved[0]
    booked = care.appoint(mine, by=by, visit=visit, number=2, on=clock.today() + timedelta(days=7)).saved[0]
    refs = [("Observation", measured.id), ("Appointment", booked.id)]
    with pytest.raises(NotFound):
        care.restore(mine, by=by, visit=visit, number=3, refs=refs, reason="nhầm")
    care.take_back(mine, by=by, visit=visit, number=3, refs=refs, reason="nhầm người")
    with pytest.raises(Invalid):
        care.restore(mine, by=by, visit=visit, number=4, refs=refs, reason=" ")
    assert care.restore(mine, by=by, visit=visit, number=4, refs=refs, reason="đúng người").visit.number == 5
    versions = record.history(mine, by=by, rtype="Observation", id=measured.id)
    assert [one.deleted for one in versions] == [False, True, False]
    assert versions[0].doc["valueQuantity"]["value"] == 71
    on = clock.today() + timedelta(days=7)
    assert care.Why.TODAY in {one.why for one in care.work(mine, by=by, facility=STATION, on=on)}


TELLING = "Siêu âm thai 22 tuần: giới tính thai nhi: nam"


def acts(mine, by, visit):
    """Every act of a desk that takes words."""
    where = {"by": by, "visit": visit, "number": None}
    return {
        "diagnose": lambda: care.diagnose(mine, **where, diagnoses=[care.Diagnosis("Z34.9", TELLING)]),
        "order": lambda: care.order(mine, **where, orders=[care.Order("", TELLING)]),
        "note": lambda: care.order(mine, **where, orders=[care.Order("", "Siêu âm", TELLING)]),
        "result": lambda: care.result(mine, **where, results=[care.Result("Siêu âm", words=TELLING)]),
        "anatomy": lambda: care.result(mine, **where, results=[care.Result("Siêu âm", words="Thai 20 tuần, thấy dương vật")]),
        "conclusion": lambda: care.result(mine, **where, results=[care.Result("Siêu âm", conclusion=TELLING)]),
        "prescribe": lambda: care.prescribe(mine, **where, drugs=[DRUG._replace(words=TELLING)]),
        "refer": lambda: care.refer(mine, **where, referral=care.Referral(HOSPITAL, TELLING)),
        "appoint": lambda: care.appoint(mine, **where, on=clock.today() + timedelta(days=7), words=TELLING),
    }


@pytest.mark.law("BAOMAT-CB-R13")
def test_no_act_of_a_desk_takes_words_that_tell_the_sex_of_the_unborn(mine, by, person):
    with pytest.raises(care.NotPlausible):
        care.start(mine, by=by, person_id=person, facility=STATION, reason=TELLING)
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    for name, act in acts(mine, by, visit).items():
        with pytest.raises(care.NotPlausible) as told, mine.transaction():
            act()
        assert [one.field for one in told.value.doubts] == ["fetal-sex"], name
    stored = "".join(one.json for one in record.of_person(mine, by=by, person_id=person))
    assert not tells_sex(stored)
    born = care.diagnose(mine, by=by, visit=visit, number=None, diagnoses=[care.Diagnosis("Z39.2", "Sau sinh một bé trai 3200 g")])
    assert born.saved


def test_registration_takes_ethnicity_occupation_and_two_homes(mine, by):
    facts = CHILD._replace(
        name="Lò Văn Inh", birth="1985-07-30", ethnicity="03", occupation="", address="Bản Mới", permanent_commune=COMMUNE,
        permanent_address="Bản Cũ",
    )  # fmt: skip
    with pytest.raises(care.NotPlausible) as told:
        care.register(mine, by=by, facts=facts._replace(ethnicity="XX", permanent_commune="99999"), facility=STATION)
    assert {one.field for one in told.value.doubts} == {"ethnicity", "permanent_commune"}
    done = care.register(mine, by=by, facts=facts, facility=STATION)
    sources = [one.doc for one in record.of_person(mine, by=by, person_id=done.person_id) if one.rtype == "Patient" and one.id != str(done.person_id)]
    now, before = sources[0]["address"]
    assert (now["use"], now["text"], before["text"]) == ("home", "Bản Mới", "Bản Cũ")
    assert {part["url"].rpartition("/")[2] for part in before["extension"]} == {"address-kind", "address-code"}
    golden = record.golden_patients(mine, by=by, person_ids=[done.person_id])[done.person_id].doc
    assert golden["address"][0]["text"] == "Bản Mới"


@pytest.mark.law("EMR-R04")
def test_each_entry_says_who_wrote_it_under_which_title_and_both_times(mine, by, person):
    other = doctor()
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    care.measure(mine, by=by, visit=visit, number=1, values={"pulse": D(71)})
    with unit_of_work(by=other) as theirs:
        care.diagnose(theirs, by=other, visit=visit, number=2, diagnoses=[care.Diagnosis("I10")])
    docs = [one.doc for one in record.of_person(mine, by=by, person_id=person)]
    signed = {
        one["resourceType"]: (one.get("performer") or [one.get("recorder")])[0] for one in docs if one["resourceType"] in {"Observation", "Condition"}
    }
    assert signed["Observation"] == {"identifier": {"system": "https://yba.vn/id/actor", "value": by.name}, "display": "Nhân viên y tế trạm"}
    assert signed["Condition"] == {"identifier": {"system": "https://yba.vn/id/actor", "value": other.name}, "display": "Bác sĩ"}
    stored = [one for one in record.of_person(mine, by=by, person_id=person) if one.rtype in signed]
    for one in stored:  # when it was so, and when the server wrote it: two moments, of which nobody types the second
        clinical = datetime.fromisoformat(one.doc.get("effectiveDateTime") or one.doc["recordedDate"])
        written = datetime.fromisoformat(one.doc["meta"]["lastUpdated"])
        assert written == one.updated
        assert abs(clinical - written) < timedelta(minutes=5)
