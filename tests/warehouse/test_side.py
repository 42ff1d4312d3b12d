"""Side tables: claims as they were received, findings, population, beds; exported once, read as of any kept day, of nobody."""

from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest

from tests.ingest.builder import file_of, tables
from tests.record.test_moving import ONE, TWO
from tests.record.world import OPERATOR, take
from tests.warehouse.lake_world import SYSTEM
from yba import directory, ingest, warehouse
from yba.access import Denied
from yba.directory import Beds, People
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.specs.side import side_tables
from yba.warehouse.lake import Folder
from yba.warehouse.lake.model import SideFile
from yba.warehouse.lake.side import thinned


def refresh(**given):
    return warehouse.refresh(by=SYSTEM, views=(), **given)


def ask(sql, **given):
    with warehouse.reader(by=SYSTEM, views=(), types=(), **given) as engine:
        return engine.execute(sql).fetchall()


def files(table=""):
    return [one for one in Folder().newest().side if table in {"", one.table}]


@pytest.fixture
def back_dated(migrated):
    """Move a message to another time, as the owner; the app never does."""

    def move(landing, at):
        with migrated.as_owner() as conn:
            conn.execute("UPDATE message SET received_at = %s WHERE code = %s", (at, landing.transaction))

    return move


CLAIMS = "SELECT facility, start_date::VARCHAR, end_date::VARCHAR, receipts, versions, state FROM intake_claim ORDER BY ALL"


def test_claims_and_findings_as_they_were_received(lake):
    take(tables("25.000001", **ONE), tables("25.000002", **TWO, MA_BENH_CHINH="ZZZ"))
    refresh()
    assert ask(CLAIMS) == [("11001", "2026-03-10", "2026-03-10", 1, 1, "accepted"), ("11002", "2026-03-10", "2026-03-10", 1, 1, "accepted")]
    found = ask("SELECT facility, xml_table, field, severity, cause, n FROM intake_finding WHERE field = 'MA_BENH_CHINH'")
    assert ("11002", "XML1", "MA_BENH_CHINH", "finding", "coding", 1) in found
    ((tables_, findings),) = ask("SELECT tables, findings FROM intake_claim WHERE facility = '11002'")
    assert "XML1" in tables_.split()
    assert findings > 0


def test_sent_again_corrected_and_taken_back(lake):
    first = take(tables("25.000001", **ONE))
    refresh()
    again = take(tables("25.000001", **ONE), tables("25.000002", **TWO))  # unchanged, in another file
    second = take(tables("25.000001", **ONE, CHAN_DOAN_RV="Khác"))
    refresh()
    assert ask("SELECT receipts, versions FROM intake_claim WHERE facility = '11001'") == [(3, 2)]
    ingest.withdraw(by=OPERATOR, transaction=second.transaction, reason="nhầm")
    refresh()
    assert ask("SELECT receipts, state FROM intake_claim WHERE facility = '11001'") == [(2, "accepted")]
    for one in (first, again):
        ingest.withdraw(by=OPERATOR, transaction=one.transaction, reason="nhầm")
    refresh()
    assert ask("SELECT * FROM intake_claim") == []
    assert ask("SELECT * FROM intake_finding") == []


def test_only_months_that_changed_are_exported_and_twice_is_once(lake, back_dated):
    old = take(tables("25.000001", **ONE))
    back_dated(old, "2026-05-05 10:00+07")
    take(tables("25.000002", **TWO))
    refresh()
    assert len({one.part for one in files("intake_claim")}) == 2
    before = files()
    refresh()
    assert files() == before, "twice is once"
    refresh(everywhere=True)
    assert files() == before, "what says the same is not written again"
    take(tables("25.000003", **TWO))
    refresh()
    assert {one.part for one in files("intake_claim") if one not in before} == {f"{clock.today():%Y-%m}"}
    take(tables("25.000001", **ONE, CHAN_DOAN_RV="Khác"))  # a claim of May comes again: May says so
    refresh()
    assert ask("SELECT receipts FROM intake_claim WHERE first_received_at < '2026-06-01'") == [(2,)]


def test_a_withdrawal_of_the_first_receipt_moves_a_claim_to_the_month_of_the_next(lake, back_dated):
    old = take(tables("25.000001", **ONE))
    back_dated(old, "2026-05-05 10:00+07")
    take(tables("25.000001", **ONE, CHAN_DOAN_RV="Khác"))
    refresh()
    assert ask("SELECT strftime(first_received_at, '%Y-%m') FROM intake_claim") == [("2026-05",)]
    ingest.withdraw(by=OPERATOR, transaction=old.transaction, reason="nhầm")
    refresh()
    assert ask("SELECT strftime(first_received_at, '%Y-%m'), receipts FROM intake_claim") == [(f"{clock.today():%Y-%m}", 1)]


def test_what_is_judged_while_an_export_reads_comes_with_the_next(lake, migrated):
    take(tables("25.000001", **ONE))
    with unit_of_work(by=SYSTEM, steady=True) as conn:
        seen = ingest.touched(conn, by=SYSTEM)
        with migrated.as_owner() as other:  # the same message is touched again meanwhile
            other.execute("INSERT INTO intake_touched (message) VALUES (%s)", (seen.rows[0][1],))
    with unit_of_work(by=SYSTEM) as conn:
        assert ingest.forget_touched(conn, by=SYSTEM, seen=seen) == 1
        assert len(ingest.touched(conn, by=SYSTEM).rows) == 1
    refresh()
    with unit_of_work(by=SYSTEM) as conn:
        assert ingest.touched(conn, by=SYSTEM).rows == ()


def test_an_export_that_died_before_its_manifest_is_made_up_for(lake, monkeypatch):
    take(tables("25.000001", **ONE))
    refresh()
    take(tables("25.000002", **TWO))
    with monkeypatch.context() as broken:
        broken.setattr(Folder, "publish", lambda *_: (_ for _ in ()).throw(OSError("no room")))
        with pytest.raises(OSError, match="no room"):
            refresh()
    assert len(ask(CLAIMS)) == 1
    refresh()
    assert len(ask(CLAIMS)) == 2


def test_time_travel(lake):
    """The end of an earlier day stays readable, whatever comes later."""
    take(tables("25.000001", **ONE))
    refresh()
    manifest = Folder().newest()
    yesterday = clock.today() - timedelta(1)
    Folder().publish(replace(manifest, number=manifest.number + 1, days={yesterday: manifest.seq}))
    take(tables("25.000002", **TWO))
    refresh()
    take(tables("25.000003", **TWO))
    refresh()
    assert [len(ask(CLAIMS, as_of=day)) for day in (yesterday, clock.today(), None)] == [1, 3, 3]


def test_what_is_not_kept_any_more_is_said(lake):
    one = refresh().seq
    for number in range(3):
        take(tables(f"25.00000{number}", **ONE))
        refresh()
    part = f"{clock.today():%Y-%m}"
    assert [(file.part, file.hides) for file in files("intake_claim")] == [(part, one + 1)]
    assert ask(CLAIMS, as_of=one) == []
    with pytest.raises(duckdb.Error, match="ask for the end of a day"):
        ask(CLAIMS, as_of=one + 1)
    assert len(ask(CLAIMS, as_of=one + 3)) == 3


def side(seq, hides=0, part="2026-10", layout="a"):
    return SideFile(f"{part}-{seq}", "t", part, seq, 1, 1, "", "", layout, hides)


@pytest.mark.parametrize(
    ("files_", "days", "expected"),
    [
        ([side(1), side(2), side(3)], {3}, [side(3, hides=1)]),
        ([side(1), side(2), side(3)], {1, 3}, [side(1), side(3, hides=2)]),
        ([side(1), side(4)], {3, 5}, [side(1), side(4)]),
        ([side(1, hides=0), side(4, hides=2), side(6)], {3, 6}, [side(1), side(6, hides=2)]),
        ([side(1, layout="b"), side(4)], {3, 5}, [side(4, hides=1)]),
        ([side(2), side(2, part="2026-11")], set(), [side(2), side(2, part="2026-11")]),
    ],
)
def test_thinning_keeps_what_promised_days_read(files_, days, expected):
    assert list(thinned(files_, days)) == expected


def test_population_beds_facilities_and_communes(lake):
    with unit_of_work(by=OPERATOR) as conn:
        directory.load_population(conn, by=OPERATOR, lines=[People("03127", 2026, "male", "5-14", 120, "Cục Thống kê")])
        directory.load_beds(conn, by=OPERATOR, lines=[Beds("11001", clock.today() - timedelta(9), 30, "a"), Beds("11001", clock.today(), 0, "b")])
        directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=["11001"])
    refresh()
    assert ask("SELECT * FROM area_population") == [("03127", 2026, "male", "5-14", 120, "Cục Thống kê")]
    assert ask("SELECT facility, valid_to, beds FROM facility_bed ORDER BY valid_from") == [
        ("11001", clock.today() - timedelta(1), 30),
        ("11001", None, 0),
    ]
    assert ask("SELECT code, name FROM facility") == [("11001", "")]
    assert (
        ask("SELECT name, province FROM area WHERE code = '03127'") == [("Phường Mường Thanh", "11")] or ask("SELECT count(*) FROM area")[0][0] > 3300
    )
    with unit_of_work(by=OPERATOR) as conn:
        directory.load_population(conn, by=OPERATOR, lines=[People("03127", 2026, "male", "5-14", 121, "x")])
    refresh()
    assert ask("SELECT people FROM area_population") == [(121,)]


def test_a_damaged_side_file_is_said_by_name_and_built_anew(lake):
    take(tables("25.000001", **ONE))
    refresh()
    (one,) = files("intake_claim")
    (lake / one.path).unlink()
    assert warehouse.status(by=OPERATOR).faults == (f"{one.path}: missing",)
    with pytest.raises(duckdb.Error, match="--anew intake_claim"):
        ask(CLAIMS)
    assert ask("SELECT count(*) FROM intake_finding")[0][0] > 0, "the other tables stand"
    refresh(anew=["intake_claim"])
    assert warehouse.status(by=OPERATOR, deep=True).faults == ()
    assert len(ask(CLAIMS)) == 1
    assert warehouse.status(by=OPERATOR).tables["intake_claim"] == 1


def test_no_person_and_no_senders_own_words_are_in_them(lake):
    """Names of elements, codes of facilities and values are what a sender writes; only the law's own words go on."""
    data = file_of(tables("25.000001", **ONE)).replace(b"<THONGTINHOSO>", b"<LoVanBinh>x</LoVanBinh><THONGTINHOSO>")
    ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    take(tables("25.000002", **{**TWO, "MA_BENH_CHINH": "Giàng A Dế", "MA_CSKCB": "Vừ Thị"}))
    ingest.process(by=OPERATOR)
    refresh()
    told = repr([ask(f"SELECT * FROM {name}") for name in ("intake_claim", "intake_finding")])  # noqa: S608  our own
    for word in ("LoVan", "Giàng", "Vừ Thị", "25.0000", "BN0001", "Nguyễn", "0111"):
        assert word not in told


def test_who_may_not_export_may_not_count(lake):
    client = Actor.facility_client("11001")
    with unit_of_work(by=client) as conn:
        for act in (ingest.touched, ingest.received_months, ingest.received_claims, ingest.received_findings):
            given = {"since": None} if act is ingest.received_months else {"month": clock.today()} if act is not ingest.touched else {}
            with pytest.raises(Denied):
                list(act(conn, by=client, **given) or ())


def test_the_doors_and_the_dictionary_have_the_same_columns():
    known = {name: tuple(one.name for one in table.columns) for name, table in side_tables().items()}
    assert known["intake_claim"] == ingest.CLAIM_COLUMNS
    assert known["intake_finding"] == ingest.FINDING_COLUMNS
    assert {name: known[name] for name in directory.SIDE_TABLES} == directory.SIDE_TABLES
    assert {entry.table for entry in warehouse.dictionary()} >= known.keys()
