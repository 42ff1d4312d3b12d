"""The health identifier as a dated fact; temporary identifiers that no software takes for another number; unknown patients and their clock."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.identity.people import facts
from yba import access, audit, identity
from yba.access import Denied
from yba.identity import HealthIdStatus, ReviewState, temporary
from yba.kit import Actor, Conflict, Grant, Invalid, NotFound, clock
from yba.kit.db import unit_of_work

NUMBER, ANOTHER = "011159000001", "011159000002"
FACILITY, OTHER = "11001", "11002"
DIGITS = "0123456789"
facilities = st.from_regex(r"[0-9]{2}[0-9A-Z]{3}", fullmatch=True)
days = st.dates(date(2025, 7, 1), date(2099, 12, 31))


def clerk(facility=FACILITY):
    return Actor.user(UUID(int=7), [Grant("record-clerk", frozenset({facility}))], purpose="administration")


def doctor(facility=FACILITY):
    return Actor.user(UUID(int=8), [Grant("doctor", frozenset({facility}))], purpose="treatment")


def somebody(conn, **given):
    return identity.resolve_many(conn, by=Actor.system("test"), facts=[facts(**given)])[0].person_id


# The code


@pytest.mark.law("SKDT-R10", "SKDT-R05")
@given(facilities, days, st.integers(1, 9999))
def test_no_software_takes_a_temporary_code_for_another_number(facility, day, number):
    code = temporary.make(facility, day, number)
    assert not code.isdigit()
    assert sum(letter.isdigit() for letter in code) >= 16
    assert not temporary.looks_like_another(code)
    assert temporary.read(code) == (facility, day, number)


@given(facilities, days, st.integers(1, 9999), st.sampled_from(["lower", "bare", "spaces", "dashes"]))
def test_a_code_is_read_however_it_was_typed(facility, day, number, way):
    code = temporary.make(facility, day, number)
    typed = {"lower": code.lower(), "bare": code.replace("-", ""), "spaces": f"  {code.replace('-', ' ')} ", "dashes": code.replace("-", "–")}[way]
    assert temporary.canonical(typed) == code


@given(days, st.integers(1, 9999), st.data())
def test_every_wrong_digit_and_every_swap_of_neighbours_is_noticed(day, number, data):
    code = temporary.make("11001", day, number).replace("-", "")
    at = data.draw(st.integers(2, len(code) - 1))
    wrong = code[:at] + data.draw(st.sampled_from([digit for digit in DIGITS if digit != code[at]])) + code[at + 1 :]
    assert temporary.read(wrong) is None
    at = data.draw(st.integers(2, len(code) - 2))
    if code[at] != code[at + 1]:
        assert temporary.read(code[:at] + code[at + 1] + code[at] + code[at + 2 :]) is None


@pytest.mark.parametrize(
    "text", ["", "VD", NUMBER, "VD-11001-20261122-0001-78", "XX-11001-20261122-0001-77", "VD-11001-20261122-0001-77-1", "VD-" * 999]
)
def test_what_is_no_code_is_none(text):
    assert temporary.canonical(text) == ""


@pytest.mark.parametrize(("facility", "number"), [("1100", 1), ("ABCDE", 1), ("11001", 0), ("11001", 10_000)])
def test_out_of_bounds(facility, number):
    with pytest.raises(Invalid):
        temporary.make(facility, date(2026, 1, 1), number)


# The number in force


@pytest.mark.law("SKDT-R05", "SKDT-R13")
def test_a_number_is_cancelled_and_issued_anew_and_both_keep_answering(conn, operator):
    person = somebody(conn, local_id="A", citizen_number="")
    first = identity.record_health_id(conn, by=operator, person_id=person, number="011 159 000 001", source="paper", since=date(2021, 5, 1))
    assert first == identity.record_health_id(conn, by=operator, person_id=person, number=NUMBER, source="paper")
    with pytest.raises(Conflict):
        identity.record_health_id(conn, by=operator, person_id=person, number=ANOTHER, source="paper")
    identity.record_health_id(conn, by=operator, person_id=person, number=ANOTHER, source="population", since=date(2026, 3, 1), replaces=True)
    now, before = identity.health_ids(conn, by=operator, person_id=person)
    assert (now.value, now.status, now.valid_from) == (ANOTHER, HealthIdStatus.ACTIVE, date(2026, 3, 1))
    assert (before.value, before.status, before.valid_to) == (NUMBER, HealthIdStatus.CANCELLED, date(2026, 3, 1))
    assert identity.find(conn, by=operator, id=NUMBER) == identity.find(conn, by=operator, id=ANOTHER) == [person]
    tags = [row.tag for row in audit.trail(conn, by=operator, person=person)]
    assert tags.count("identity:identifier:write") == 2
    assert tags.count("identity:identifier:cancel") == 1


@pytest.mark.law("SKDT-R05")
def test_two_living_people_never_hold_one_number_and_after_its_cancelling_the_other_may(conn, operator):
    one, other = somebody(conn, local_id="A", citizen_number=""), somebody(conn, local_id="B", name="Lò Văn Khác", citizen_number="")
    identity.record_health_id(conn, by=operator, person_id=one, number=NUMBER, source="paper")
    with pytest.raises(Conflict), conn.transaction():
        identity.record_health_id(conn, by=operator, person_id=other, number=NUMBER, source="paper")
    identity.cancel_health_id(conn, by=operator, person_id=one, number=NUMBER, reason="cấp nhầm người")
    identity.record_health_id(conn, by=operator, person_id=other, number=NUMBER, source="paper")
    assert identity.find(conn, by=operator, id=NUMBER) == [other, one]


@pytest.mark.parametrize("number", ["", "01115900000", "0111590000012", "AB1159000001", "VD-11001-20261122-0001-77", "٠١١١٥٩٠٠٠٠٠١"])
def test_only_twelve_digits_are_a_health_identifier(conn, operator, number):
    person = somebody(conn, local_id="A", citizen_number="")
    with pytest.raises(Invalid):
        identity.record_health_id(conn, by=operator, person_id=person, number=number, source="paper")


@pytest.mark.law("EMR-R05")
def test_a_newborns_code_is_replaced_by_the_number_and_nothing_is_lost(conn, operator):
    child = somebody(conn, local_id="C", name="Con bà Thử", birth="2026-10-01", citizen_number="")
    given = identity.give_temporary(conn, by=operator, facility=FACILITY, kind="newborn", person_id=child)
    assert identity.find(conn, by=operator, id=given.code.lower()) == [child]
    identity.record_health_id(conn, by=operator, person_id=child, number="011226000009", source="birth registration")
    after = identity.temporary_id(conn, by=operator, code=given.code)
    assert (after.person_id, after.replaced_by) == (child, "011226000009")
    assert identity.find(conn, by=operator, id=given.code) == [child]


@pytest.mark.law("SKDT-R13", "SKDT-R14")
def test_after_a_merge_the_numbers_of_both_answer_with_the_one_who_stays(conn, operator):
    keep, drop = somebody(conn, local_id="A", citizen_number=""), somebody(conn, local_id="B", name="Lò Văn Khác", citizen_number="")
    code = identity.give_temporary(conn, by=operator, facility=FACILITY, kind="other", person_id=drop).code
    identity.record_health_id(conn, by=operator, person_id=drop, number=ANOTHER, source="paper")
    conn.execute("UPDATE person SET merged_into = %s WHERE id = %s", (keep, drop))  # what a merge does to the two ids
    assert identity.find(conn, by=operator, id=ANOTHER) == identity.find(conn, by=operator, id=code) == [keep]
    assert [one.value for one in identity.health_ids(conn, by=operator, person_id=keep)] == [ANOTHER]
    conn.execute("UPDATE person SET merged_into = NULL WHERE id = %s", (drop,))  # and its undo
    assert identity.find(conn, by=operator, id=ANOTHER) == [drop]


def test_labels_printed_ahead_are_attached_once(conn, operator):
    one, other = somebody(conn, local_id="A"), somebody(conn, local_id="B", name="Lò Văn Khác", citizen_number="")
    codes = [identity.give_temporary(conn, by=operator, facility=FACILITY, kind="other").code for _ in range(3)]
    assert [temporary.read(code).number for code in codes] == [1, 2, 3]
    assert identity.find(conn, by=operator, id=codes[0]) == []
    identity.attach_temporary(conn, by=operator, code=codes[0], person_id=one)
    identity.attach_temporary(conn, by=operator, code=codes[0], person_id=one)
    with pytest.raises(Conflict):
        identity.attach_temporary(conn, by=operator, code=codes[0], person_id=other)


def test_a_clerk_reaches_the_own_facilitys_people_and_no_others(conn, operator):
    own, strange = somebody(conn, local_id="A"), somebody(conn, facility=OTHER, local_id="B", name="Lò Văn Khác", citizen_number="")
    with unit_of_work(by=clerk()) as mine:
        identity.record_health_id(mine, by=clerk(), person_id=own, number=NUMBER, source="paper")
        assert identity.give_temporary(mine, by=clerk(), facility=FACILITY, kind="other", person_id=own).code
        for act in (
            lambda: identity.record_health_id(mine, by=clerk(), person_id=strange, number=ANOTHER, source="paper"),
            lambda: identity.give_temporary(mine, by=clerk(), facility=OTHER, kind="other"),
        ):
            with pytest.raises((NotFound, Denied)):
                act()


# Unknown patients


@pytest.mark.law("SKDT-R10")
def test_an_unknown_patient_has_a_record_a_code_and_a_clock(conn, operator):
    with clock.frozen("2026-11-22T08:00"):
        with unit_of_work(by=doctor()) as at_work:
            made = identity.register_unknown(at_work, by=doctor(), facility=FACILITY, sex="male", age=(35, 45), marks="Xăm hình con hổ ở vai trái")
        patient = made.patient
        assert patient.notify_by == clock.now() + timedelta(hours=48)
        assert identity.find(conn, by=operator, id=patient.code) == [patient.person_id]
    golden = made.resolution.golden
    assert (golden["gender"], "birthDate" in golden, "name" in golden) == ("male", False, False)
    assert "hổ" not in str(golden) + str(made.resolution.source)
    [item] = identity.reviews(conn, by=operator, kind="unknown-patient")
    assert item.persons == (patient.person_id,)
    with clock.frozen("2026-11-24T08:01"):
        [listed] = identity.unknowns(conn, by=operator)
        assert listed.is_overdue
        dead = identity.note_unknown_death(conn, by=operator, code=patient.code, at=listed.arrived_at + timedelta(hours=3))
        assert dead.notify_by == listed.arrived_at + timedelta(hours=27)
        told = identity.note_commune_told(conn, by=operator, code=patient.code, how="Công văn 12/BV gửi UBND xã")
        assert not told.is_overdue
        with pytest.raises(Conflict):
            identity.note_commune_told(conn, by=operator, code=patient.code, how="lần nữa")
    [item] = identity.reviews(conn, by=operator, kind="unknown-patient", state=None)
    assert item.state is ReviewState.SETTLED


def test_two_unknown_patients_of_one_minute_are_two_people(conn, operator):
    with clock.frozen("2026-11-22T08:00"):
        made = [identity.register_unknown(conn, by=operator, facility=FACILITY, sex="male", age=(30, 40)).patient for _ in range(2)]
    assert len({one.person_id for one in made}) == len({one.code for one in made}) == 2


@pytest.mark.law("SKDT-R10")
def test_the_hospitals_own_claim_under_the_code_goes_to_the_unknown_patient(conn, operator):
    patient = identity.register_unknown(conn, by=operator, facility=FACILITY, sex="male").patient
    later = facts(local_id=patient.code, facility=FACILITY, name="Lò Văn Thật", birth="1985-02-03", sex="male", citizen_number=NUMBER)
    assert identity.resolve_many(conn, by=Actor.system("test"), facts=[later])[0].person_id == patient.person_id


@pytest.mark.law("SKDT-R10")
def test_who_it_was_is_noted_and_the_code_keeps_answering(conn, operator):
    patient = identity.register_unknown(conn, by=operator, facility=FACILITY).patient
    known = somebody(conn, local_id="K")
    after = identity.note_identified(conn, by=operator, code=patient.code, known=known, reason="Người nhà nhận dạng, có CCCD")
    assert after.identified_as == known
    assert identity.temporary_id(conn, by=operator, code=patient.code).replaced_by == str(known)
    assert [one.code for one in identity.unknowns(conn, by=operator)] == [patient.code]  # until `record` merges the two
    assert identity.find(conn, by=operator, id=patient.code) == [patient.person_id]
    identity.note_identified(conn, by=operator, code=patient.code, known=patient.person_id, reason="Tỉnh lại, có CCCD")
    assert identity.unknowns(conn, by=operator) == []
    with pytest.raises(Conflict):
        identity.note_identified(conn, by=operator, code=patient.code, known=known, reason="lần nữa")


def test_another_facility_sees_no_unknown_patient_of_ours(conn, operator):
    identity.register_unknown(conn, by=operator, facility=FACILITY, marks="sẹo")
    with unit_of_work(by=clerk(OTHER)) as elsewhere:
        assert identity.unknowns(elsewhere, by=clerk(OTHER), every=True) == []
        with pytest.raises(Denied):
            identity.register_unknown(elsewhere, by=clerk(OTHER), facility=FACILITY)
    with unit_of_work(by=clerk()) as here:
        assert len(identity.unknowns(here, by=clerk())) == 1


@pytest.mark.parametrize(
    "wrong", [{"sex": "M"}, {"age": (50, 40)}, {"age": (-1, 3)}, {"marks": "x" * 2001}, {"arrived_at": clock.now() + timedelta(days=1)}]
)
def test_nonsense_is_refused(conn, operator, wrong):
    with pytest.raises(Invalid):
        identity.register_unknown(conn, by=operator, facility=FACILITY, **wrong)


def test_relations_stay_out_of_it(conn, operator):
    """Identity writes no relation of care: who opens the record by it is `record`'s matter."""
    patient = identity.register_unknown(conn, by=operator, facility=FACILITY).patient
    assert access.relations_of(conn, by=operator, person_id=patient.person_id) == []


# The label


def test_the_qr_code_is_the_one_of_the_code():
    code = temporary.make("11001", date(2026, 11, 22), 1)
    path, side = temporary.qr_path(code)
    dark = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", path):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    made = segno.make_qr(code, error="q")
    assert made.mode == "alphanumeric"
    wanted = {(x, y) for y, row in enumerate(made.matrix_iter(border=4)) for x, module in enumerate(row) if module}
    assert (dark, side) == (wanted, made.symbol_size(border=4)[0])


@pytest.mark.law("SKDT-R10")
def test_a_label_says_what_is_needed_and_that_it_is_no_personal_number(conn, operator):
    patient = identity.register_unknown(conn, by=operator, facility=FACILITY, sex="male", marks="Xăm hình con hổ").patient
    svg = identity.label_svg(identity.temporary_id(conn, by=operator, code=patient.code), sex="male", name='<b>"&')
    root = etree.fromstring(svg.encode())
    text = " ".join(root.itertext())
    assert patient.code in text
    assert "NAM" in text
    assert "không phải số định danh cá nhân" in text
    assert "hổ" not in text
    assert '<b>"&' in text
    assert (root.get("width"), root.get("height")) == ("75mm", "25mm")
