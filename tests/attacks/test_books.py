"""Books attacked: rows of others, restricted rows and how many there are, what the lake does not know yet, files, pages beyond the end."""

from uuid import UUID

import pytest

from tests.ingest.builder import tables
from tests.record.test_moving import ONE, TWO
from tests.record.world import merge, people, take, undo
from tests.warehouse.books.library import (
    ACCOUNT,
    AN,
    BINH,
    CHI,
    DOCTOR,
    HERE,
    HOME,
    LAKE,
    MANAGER,
    NURSE,
    OFFICER,
    OTHER_NURSE,
    OURS,
    SYSTEM,
    THEIRS,
    dispensed,
    exported,
    key,
    live_in,
    made,
    month,
    names,
    patient,
    put,
    read,
    tie,
    trail,
    visit,
)  # fmt: skip
from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from yba import access, record, warehouse
from yba.access import Denied, RelationKind, Right, UnitKind
from yba.kit import Actor, Grant
from yba.kit.db import reading, unit_of_work
from yba.specs.access import roles
from yba.specs.books import books
from yba.warehouse import period
from yba.warehouse.books import Place, as_csv, book, may_open

pytestmark = pytest.mark.usefixtures("lake")
RESTRICTED = {name for name, one in books().items() if one.restricted}


def relabel(person, number, *labels):
    """Label a visit and its diagnosis in the record; the lake does not hear of it."""
    put(visit(person, number, "2026-10-05", labels=labels))


def test_rows_of_another_facility_are_no_rows_and_are_not_counted():
    month()
    found = read(at=Place(THEIRS))
    assert (names(found), found.total) == (["CHI"], 1), "her resident alone; the hospital's others are nowhere"
    put(patient(BINH, "TRẦN THỊ BÌNH"), visit(BINH, 30, "2026-10-08", facility=THEIRS))
    exported()
    again = read(at=Place(THEIRS))
    assert (names(again), again.total, again.pages) == (["CHI"], 1, 1)
    assert "BÌNH" not in as_csv(read(at=Place(THEIRS), page=None))


@pytest.mark.law("BAOMAT-CB-R02")
def test_a_row_labelled_since_the_export_is_gone_at_once_from_page_count_file_and_trail():
    month()
    assert names(read()) == ["AN", "BÌNH"]
    relabel(AN, 10, "hiv")
    for found in (read(), read(page=None), read(at=Place(commune=HOME))):
        assert "AN" not in names(found)
    assert read().total == 1
    assert "LÒ THỊ AN" not in as_csv(read(page=None))
    shown = [row for row in trail() if row[3] == AN]
    assert len(shown) == 1, "only the reading before it was labelled"
    exported()
    assert names(read()) == ["BÌNH"]


def test_a_restricted_visit_leaves_no_mark_whoever_asks_without_a_ground():
    month()
    before = read(), read(at=Place(commune=HOME))
    put(patient(UUID(int=0xE << 64), "GIÀNG THỊ Ê"), visit(UUID(int=0xE << 64), 10, "2026-10-05", labels=("psychiatry",), codes=("F20",)))
    live_in(UUID(int=0xE << 64))
    exported()
    for one, at in zip(before, (HERE, Place(commune=HOME)), strict=True):
        after = read(at=at)
        assert [row.cells for row in after.rows] == [row.cells for row in one.rows]
        assert (after.total, after.pages, after.notes) == (one.total, one.pages, one.notes)


def test_a_part_with_a_label_is_not_told_where_its_visit_has_none():
    month()
    put(dispensed(AN, 20, 10, "Efavirenz 600mg", labels=("hiv",)))
    exported()
    assert "Efavirenz" not in as_csv(read(page=None))
    put(dispensed(AN, 19, 10, "Paracetamol 500mg", labels=("hiv",)))
    assert "Paracetamol" not in as_csv(read(page=None)), "labelled since the export"


@pytest.mark.parametrize("name", sorted(RESTRICTED))
def test_a_restricted_book_opens_for_nobody_without_a_rule_for_its_categories(name):
    month()
    needed = set(books()[name].restricted)
    for role, spec in roles().items():
        by = Actor.user(UUID(int=99), [Grant(role, frozenset({OURS}), frozenset({HOME}))], purpose=spec.purpose)
        rules = [one for one in spec.may if "warehouse:row:read" in one.rights]
        opens = needed <= {label for one in rules for label in one.labels}
        assert may_open(books()[name], by=by) == opens, role
        if not opens:
            with pytest.raises(Denied):
                read(name, by=by)


def test_a_restricted_book_shows_the_treating_doctor_the_own_patient_and_no_other():
    for person, name in ((AN, "LÒ THỊ AN"), (BINH, "TRẦN THỊ BÌNH")):
        put(patient(person, name), visit(person, 10, "2026-10-05", labels=("psychiatry",), codes=("F20.0",)))
        tie(person, OURS)
    exported()
    assert (names(read("a8", by=DOCTOR)), read("a8", by=DOCTOR).total) == ([], 0), "the facility's doctor is not yet the one who treats"
    tie(AN, str(DOCTOR.account), of=UnitKind.USER)
    found = read("a8", by=DOCTOR)
    assert (names(found), found.total) == (["AN"], 1)
    assert "BÌNH" not in as_csv(read("a8", by=DOCTOR, page=None))
    assert names(read(by=DOCTOR)) == ["AN"], "in the clinic book the same, by the same ground"
    with pytest.raises(Denied):
        read("a8", by=NURSE)


def test_an_officer_reads_the_enrolled_of_the_own_programme_only():
    for person, name in ((AN, "LÒ THỊ AN"), (BINH, "TRẦN THỊ BÌNH")):
        put(patient(person, name), visit(person, 10, "2026-10-05", codes=("I10",)))
    exported()
    assert names(read("a12", by=OFFICER)) == []
    tie(AN, OURS, kind=RelationKind.ENROLMENT)
    assert names(read("a12", by=OFFICER)) == ["AN"]


@pytest.mark.parametrize(
    "role", ["provincial-manager", "data-scientist", "facility-administrator", "system-administrator", "record-clerk", "citizen"]
)
def test_roles_without_rows_are_refused_whatever_they_ask(role):
    month()
    by = Actor.user(UUID(int=98), [Grant(role, frozenset({OURS}), frozenset({HOME}))], purpose=roles()[role].purpose)
    for name in ("a1", "a10", "a11"):
        with pytest.raises(Denied):
            read(name, by=by)
    assert trail() == []


def test_an_operator_bound_to_a_role_sees_no_more_than_that_role():
    month()
    bound = Actor.operator().acting_as(Grant("station-nurse", frozenset({OURS}), frozenset({HOME})), purpose="treatment")
    assert names(read(by=bound)) == ["AN", "BÌNH"]
    assert names(read(by=bound, at=Place(THEIRS))) == ["CHI"]
    with pytest.raises(Denied):
        read("a9", by=bound)  # the nurse may, for whom she treats; the operator may not
    with pytest.raises(Denied):
        read(by=Actor.operator().acting_as(Grant("provincial-manager"), purpose="administration"))


def test_pages_beyond_the_end_and_below_the_beginning_show_nothing():
    month()
    for page in (2, 99):
        found = read(page=page)
        assert (found.rows, found.total) == ((), 2)


def test_what_was_deleted_cancelled_or_moved_to_another_day_since_the_export_is_no_row():
    month()
    put(visit(AN, 10, "2026-11-05"))
    assert names(read()) == ["BÌNH"], "moved out of the month"
    put(visit(AN, 10, "2026-10-05", status="cancelled"))
    assert names(read()) == ["BÌNH"]
    with unit_of_work(by=SYSTEM) as conn:
        record.tombstone_many(conn, by=SYSTEM, refs=[("Encounter", key(BINH, 10))], reason="test")
    found = read()
    assert (names(found), found.total) == ([], 1), "cancelled ones may be counted until the next export: whoever reads may see them"


def test_a_disease_that_was_taken_back_since_the_export_takes_its_row_along():
    put(patient(AN, "LÒ THỊ AN"), visit(AN, 10, "2026-10-05", codes=("I10",)))
    exported()
    assert read("a12").total == 1
    relabelled = [one for one in visit(AN, 10, "2026-10-05", codes=("I10",), labels=("genetic",)) if one.rtype == "Condition"]
    put(*relabelled)
    found = read("a12")
    assert (found.rows, found.total) == ((), 0), "the visit stands and is no row of this book without its disease; nor is it counted"


def test_rows_follow_a_merge_and_its_undoing_before_the_lake_knows():
    """Real claims through the front door, seen by a doctor with a visit of the one: what is the other's, is hers only while they are one."""
    take(tables("25.000001", **ONE))
    take(tables("25.000002", **TWO))
    exported()
    keep, drop = people()
    elsewhere = read(by=OTHER_NURSE, at=Place(THEIRS), when=period("2026-03"))
    assert names(elsewhere) == ["Hạnh"], "who lives far away stands in the book of who saw her, by the name that was sent"
    tie(keep, OURS)
    march = {"by": DOCTOR, "when": period("2026-03")}
    assert names(read(**march)) == ["Thử"]
    assert (names(read(at=Place(THEIRS), **march)), read(at=Place(THEIRS), **march).total) == ([], 0)
    act = merge(keep, drop).act
    found = read(at=Place(THEIRS), **march)
    assert (names(found), {row.person_id for row in found.rows}) == (["Hạnh"], {keep})
    assert trail()[-1][3] == keep, "the look stands in the record it is now"
    undo(act)
    assert (names(read(at=Place(THEIRS), **march)), read(at=Place(THEIRS), **march).total) == ([], 0)


def test_row_security_alone_hides_what_a_forgotten_predicate_would_show():
    month()
    relabel(AN, 10, "hiv")
    with reading(by=NURSE) as conn:
        access.predicate(conn, by=NURSE, right=Right.WAREHOUSE_ROW_READ)
        rows = conn.execute("SELECT id::text FROM resource WHERE rtype = 'Encounter'").fetchall()
    assert {one[0] for one in rows} == {key(BINH, 10), key(CHI, 10)}


def test_a_part_of_another_person_is_never_told_whatever_refers_to_what():
    month()
    wrong = made(
        "MedicationDispense", key(CHI, 55), CHI, status="completed", context={"reference": f"Encounter/{key(AN, 10)}"},
        subject={"reference": f"Patient/{key(CHI, 1)}"}, medicationCodeableConcept={"text": "Warfarin"},
    )  # fmt: skip
    put(wrong)
    exported()
    assert "Warfarin" not in as_csv(read(page=None))


def test_who_reads_is_asked_of_the_platform_only_for_keys():
    month()
    read()
    with reading(by=LAKE) as conn:
        (row,) = conn.execute("SELECT who FROM audit_event WHERE tag = 'warehouse:lake:read'").fetchall()
    assert row[0] == "system:warehouse:row:read"
    assert (ACCOUNT, MANAGER.kind, warehouse.books.book) == (NURSE.account, NURSE.kind, book)
