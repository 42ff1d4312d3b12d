"""Facilities: made from what arrives, confirmed by an administrator, resolved by the day of the visit."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from yba import directory
from yba.audit import Tag, trail
from yba.directory import Known, seen
from yba.kit import Actor, Conflict, Forbidden, Invalid, NotFound
from yba.kit.db import unit_of_work
from yba.kit.text import fold

DAY = date(2026, 9, 1)
AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
GLN = "8935212600019"[:12] + directory.gs1_check_digit("8935212600019"[:12])
BY = Actor.operator()


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_no_gln(twelve, at, more):
    gln = twelve + directory.gs1_check_digit(twelve)
    assert directory.is_gln(gln)
    wrong = gln[:at] + str((int(gln[at]) + more) % 10) + gln[at + 1 :]
    assert not directory.is_gln(wrong)


@pytest.mark.parametrize(
    ("code", "expected"), [("01013", True), ("0101A", True), ("0101", False), ("010133", False), ("0101a", False), ("٠١٠١٣", False), ("", False)]
)
def test_facility_codes(code, expected):
    assert directory.is_facility_code(code) is expected


def test_the_published_example_of_gs1():
    assert directory.is_gln("4006381333931")
    assert not directory.is_gln("400638133393१")


def ensure(conn, *codes, at=AT, **more):
    return directory.ensure_many(conn, by=BY, seen_at=at, facilities=codes, **more)


def test_a_facility_is_made_from_what_arrives(conn):
    made = ensure(
        conn, "11007", "01020", "11007 ", "", departments=[("11007", "K01"), ("11007", "K01")], practitioners=[("012345/HNO-CCHN", "11007")]
    )
    assert (made.facilities, made.departments, made.practitioners) == (2, 1, 1)
    unknown = directory.facility_at(conn, by=BY, code="11007", on=DAY)
    assert (unknown.source, unknown.name, unknown.province, unknown.complete) == (Known.CLAIMS, "", "11", False)
    listed = directory.facility_at(conn, by=BY, code="01020", on=DAY)
    assert (listed.source, listed.complete) == (Known.LIST, False)
    assert listed.name.startswith("Phòng khám 107 Tôn Đức Thắng")
    assert [d.code for d in directory.departments_of(conn, by=BY, facility="11007")] == ["K01"]
    assert ensure(conn, "11007").facilities == 0


def test_first_and_last_seen_widen_in_both_directions(conn):
    for shift in (0, 3, -5, 1):
        ensure(conn, practitioners=[("1/HNO-CCHN", "11007")], at=AT + timedelta(days=shift))
    ensure(conn, practitioners=[("1/HNO-CCHN", "11008", "Nguyễn Thị Thử")], at=AT)
    found = directory.practitioner(conn, by=BY, licence="1/HNO-CCHN")
    assert (found.first_seen, found.last_seen) == (AT - timedelta(days=5), AT + timedelta(days=3))
    assert (found.facilities, found.name) == (("11007", "11008"), "Nguyễn Thị Thử")
    own = directory.practitioner(conn, by=Actor.facility_client("11007"), licence="1/HNO-CCHN")
    assert (own.facilities, own.name) == (("11007",), "")
    assert directory.departments_of(conn, by=Actor.facility_client("11008"), facility="11007") == []


@pytest.mark.parametrize("hostile", ["'; DROP TABLE facility; --", "<script>", "\0", "x" * 300, " ", "Ủ"])
def test_hostile_values_are_kept_as_text_or_passed_over(conn, hostile):
    ensure(conn, hostile, departments=[("11007", hostile)], practitioners=[(hostile, "11007", hostile)])
    kept = directory.facility_at(conn, by=BY, code=hostile, on=DAY) if "\0" not in hostile else None
    assert (kept is not None) == (hostile in {"'; DROP TABLE facility; --", "<script>", "Ủ"})


class Counting:
    """A connection that counts its statements."""

    def __init__(self, conn):
        self.conn, self.count = conn, 0

    def execute(self, *args):
        self.count += 1
        return self.conn.execute(*args)


def test_one_round_trip_a_kind_and_none_for_what_is_known(database):
    seen.forget()
    with unit_of_work(by=BY) as real:
        conn = Counting(real)
        named = {"departments": [("11007", f"K{n:02d}") for n in range(40)], "practitioners": [(f"{n}/HNO-CCHN", "11007") for n in range(500)]}
        ensure(conn, *(f"11{n:03d}" for n in range(200)), **named)
        assert conn.count == 3
        ensure(conn, "11007", **named)  # not yet on disk: said again
        assert conn.count == 6
    with unit_of_work(by=BY) as real:
        seen.remember(conn, 0, [("11007",)], AT.date())
        ensure(conn, "11007", **named)
        assert conn.count == 6
        ensure(conn, "11007", at=AT + timedelta(days=1))
        assert conn.count == 7


def test_what_was_rolled_back_is_said_again(database):
    seen.forget()
    with unit_of_work(by=BY) as conn:
        ensure(conn, "11007")
        transaction.set_rollback(True)
    with unit_of_work(by=BY) as conn:
        assert ensure(conn, "11007").facilities == 1
    with unit_of_work(by=BY) as conn:
        assert directory.facility_at(conn, by=BY, code="11007", on=DAY) is not None


@pytest.mark.law("BHYT-DATA-R24")
def test_a_code_is_resolved_by_the_day_of_the_visit(conn):
    ensure(conn, "11007")
    directory.complete_facility(conn, by=BY, code="11007", name="Trạm y tế xã Thử")
    directory.complete_facility(conn, by=BY, code="11007", name="Trạm y tế phường Thử", since=date(2025, 7, 1), gln=GLN, province="11")
    directory.complete_facility(conn, by=BY, code="11900", name="Trung tâm y tế khu vực Thử", since=date(2026, 1, 1))
    directory.end_facility(conn, by=BY, code="11007", valid_to=date(2025, 12, 31), successor="11900")

    def name(day):
        row = directory.facility_at(conn, by=BY, code="11007", on=day)
        return row and row.name

    assert name(date(2025, 6, 30)) == "Trạm y tế xã Thử"
    assert name(date(2025, 7, 1)) == "Trạm y tế phường Thử"
    assert name(date(2025, 12, 31)) == "Trạm y tế phường Thử"
    assert name(date(2026, 1, 1)) is None
    assert directory.facility_now(conn, by=BY, code="11007", on=DAY).code == "11900"
    assert directory.facility_by_gln(conn, by=BY, gln=GLN, on=date(2025, 8, 1)).code == "11007"
    assert directory.facility_by_gln(conn, by=BY, gln=GLN, on=DAY) is None
    ensure(conn, "11007", at=AT + timedelta(days=2))  # a late claim does not reopen the code
    assert name(DAY) is None
    assert len(directory.facility_history(conn, by=BY, code="11007")) == 2


def test_a_confirmed_row_is_never_overwritten(conn):
    directory.complete_facility(conn, by=BY, code="11007", name="A", since=date(2025, 1, 1))
    with pytest.raises(Conflict, match="since when"):
        directory.complete_facility(conn, by=BY, code="11007", name="B")
    for since in (date(2025, 1, 1), date(2024, 1, 1)):
        with pytest.raises(Conflict):
            directory.complete_facility(conn, by=BY, code="11007", name="B", since=since)
    assert [row.name for row in directory.facility_history(conn, by=BY, code="11007")] == ["A"]


def test_successors_in_a_circle_end(conn):
    for code, other in (("11001", "11002"), ("11002", "11001")):
        ensure(conn, code)
        directory.end_facility(conn, by=BY, code=code, valid_to=date(2026, 1, 1), successor=other)
    assert directory.facility_now(conn, by=BY, code="11001", on=DAY) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "1100"},
        {"name": "  "},
        {"gln": GLN[:-1] + str((int(GLN[-1]) + 1) % 10)},
        {"gln": "893"},
        {"level": "huyện"},
        {"province": "02"},
        {"commune": "00004"},
    ],
)
def test_what_cannot_be_is_refused(conn, wrong):
    with pytest.raises(Invalid):
        directory.complete_facility(conn, by=BY, **({"code": "11007", "name": "A", "province": "11"} | wrong))


def test_only_the_province_keeps_the_directory(conn):
    client = Actor.facility_client("11007")
    with pytest.raises(Forbidden):
        directory.complete_facility(conn, by=client, code="11007", name="A")
    with pytest.raises(Forbidden):
        directory.end_facility(conn, by=client, code="11007", valid_to=DAY)
    with pytest.raises(NotFound):
        directory.end_facility(conn, by=BY, code="11999", valid_to=DAY)


def test_changes_are_audited_with_before_and_after(conn):
    directory.complete_facility(conn, by=BY, code="11007", name="A")
    directory.complete_facility(conn, by=BY, code="11007", name="B", since=date(2026, 1, 1))
    rows = [row for row in trail(conn, by=BY, about="11007") if row.tag in {Tag.FACILITY_CREATE.value, Tag.FACILITY_UPDATE.value}]
    assert [row.tag for row in rows] == [Tag.FACILITY_UPDATE.value, Tag.FACILITY_CREATE.value]
    assert rows[0].detail["before"]["name"] == "A"
    assert rows[0].detail["after"]["name"] == "B"


def test_the_packaged_list_is_loaded_once(conn):
    assert directory.load_packaged(conn, by=BY, seen_at=AT) == 543
    assert directory.load_packaged(conn, by=BY, seen_at=AT + timedelta(days=1)) == 0
    assert len(directory.facilities_to_complete(conn, by=BY, limit=1000)) == 543


def test_the_database_refuses_what_python_would(conn):
    for values in (
        "gln = '8935212600010'",
        "valid_to = '2020-01-01', valid_from = '2021-01-01'",
        "complete = true",
        "successor = '11001'",
        "source = 'rumour'",
    ):
        ensure(conn, "11007")
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute(f"UPDATE facility SET {values} WHERE code = '11007'")  # noqa: S608  # written above
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("DELETE FROM facility")


NAMES = {
    "11001": "Trạm Y tế phường  Mường Thanh",
    "11002": "BỆNH VIỆN ĐA KHOA TỈNH ĐIỆN BIÊN",
    "11003": "Bệnh viện Đa khoa Mường Ảng",
    "11004": "Phòng khám Ðại’s\u00a0Thanh Hoà",
    "11005": "",
}


@pytest.fixture
def named(conn):
    with conn.transaction():
        for code, name in NAMES.items():
            conn.execute("INSERT INTO facility (code, name, source) VALUES (%s, %s, 'list')", (code, name))
        conn.execute("INSERT INTO facility (code, name, source, valid_to, successor) VALUES ('11006', 'Trạm Y tế cũ', 'list', '2020-01-01', '11001')")
    return lambda words, **more: [one.code for one in directory.facilities_named(conn, by=BY, words=words, on=DAY, **more)]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("muong", ["11003", "11001"]),
        ("Mường th", ["11001"]),
        ("bệnh viện", ["11002", "11003"]),
        ("dien b", ["11002"]),
        ("đa khoa bien", ["11002"]),
        ("dai's thanh", ["11004"]),
        ("1100", ["11002", "11003", "11004", "11001"]),
        ("11005", []),  # no name
        ("khoa%", []),
        ("ien", []),  # no beginning of a word
        ("tram y te cu", []),  # not in force
        (" ", []),
        ("\0", []),
    ],
)
def test_facilities_are_found_by_beginnings_of_words_without_tones(named, words, codes):
    assert named(words) == codes


def test_what_begins_with_the_first_word_comes_first_and_no_more_than_asked_for(named):
    assert named("thanh") == ["11004", "11001"]
    assert named("tram thanh") == ["11001"]
    assert named("khoa", limit=1) == named("khoa")[:1]
    assert named("b", limit=9)[:2] == ["11002", "11003"]


def test_the_database_folds_names_as_we_do(conn):
    letters = "AaĂăÂâBbDdĐđÐðEeÊêIiOoÔôƠơUuƯưYy"
    marked = [unicodedata.normalize("NFC", letter + tone) for letter in letters for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")]
    names = ["  ".join(marked), " ".join(unicodedata.normalize("NFD", one) for one in marked), "A\u2019\u02bc`\u00b4B\u00a0\tC", "Ü ç Ñ ß 7/2"]
    for at, name in enumerate(names):
        conn.execute("INSERT INTO facility (code, name, source) VALUES (%s, %s, 'list')", (f"99{at:03d}", name))
    rows = conn.execute("SELECT name, words, code FROM facility WHERE code LIKE '99%'").fetchall()
    assert {row[1] for row in rows} == {f" {fold(name)} {code}" for name, _, code in rows}
    assert len(rows) == len(names)
