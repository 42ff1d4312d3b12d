"""The export takes every change once: created, changed, deleted, moved, restricted; whatever is under way meanwhile."""

import sys
import threading
from datetime import timedelta

import duckdb
import orjson
import pytest
from django.db import connections
from psycopg import sql

from tests.warehouse.lake_world import AN, BINH, OPERATOR, SYSTEM, bury, in_lake, in_record, put, write
from yba import access, warehouse
from yba.access import Columns, Denied, Right
from yba.kit import Actor, Invalid, clock
from yba.kit.db import unit_of_work
from yba.kit.postgres.layout import SUPER_ROLE
from yba.record.lines import columns_of, locator_key
from yba.record.store import changed as store
from yba.specs.side import side_tables
from yba.specs.views import views
from yba.warehouse import jobs
from yba.warehouse.settings import LAKE_MINUTES


def refresh(**given):
    return warehouse.refresh(by=SYSTEM, views=(), **given)


def test_from_empty_and_again(lake):
    write(*(put(number) for number in range(1, 6)), put(9, rtype="QuestionnaireResponse"), put(7, id_="tự-chọn.1"))
    assert refresh().rows == {"Condition": 6, "QuestionnaireResponse": 1}
    assert in_lake() == in_record()
    assert refresh().rows == {}, "twice is once"
    assert in_lake() == in_record()


def test_changed_and_deleted(lake):
    write(put(1), put(2), put(3))
    refresh()
    write(put(1, text="b"))
    bury(2)
    assert refresh().rows == {"Condition": 2}
    assert in_lake() == in_record()
    assert len(in_lake()) == 2


def test_what_changed_twice_comes_once(lake):
    write(put(1))
    refresh()
    write(put(1, text="b"))
    write(put(1, text="c"))
    assert refresh().rows == {"Condition": 1}
    assert in_lake() == in_record()


def test_moved_to_another_person_without_a_version(lake):
    write(put(1), put(2))
    refresh()
    write(put(1, person=BINH))
    assert refresh().rows == {"Condition": 1}
    assert in_lake()["Condition", str(columns_of(put(1).id)[0])][1] == str(BINH)
    assert in_lake() == in_record()
    assert refresh().rows == {}


def test_a_transaction_that_began_before_and_ends_after_is_taken_by_the_next_once(lake, migrated):
    """Rows of a savepoint bear a number of their own that no snapshot names: by `pg_visible_in_snapshot` they would be taken as seen, and lost."""
    write(put(1))
    other = migrated.as_owner()
    insert = (
        "INSERT INTO resource (updated, version, deleted, person_id, source_id, rtype, id, facility_id, mapped_by, tokens, doc)"
        " VALUES (now(), 1, false, %s, NULL, 'Condition', %s, '11001', 'test', '{}', '{\"status\":\"final\"}')"
    )
    with other:
        other.execute(insert, (AN, columns_of(put(21).id)[0]))
        other.execute("SAVEPOINT one")
        other.execute(insert, (AN, columns_of(put(22).id)[0]))
        other.execute("RELEASE one")
        write(put(2))
        assert refresh().rows == {"Condition": 2}
        write(put(3))
        assert refresh().rows == {"Condition": 1}, "2 is not taken again though the open transaction holds the mark back"
        other.commit()
    other.close()
    assert refresh().rows == {"Condition": 2}
    assert refresh().rows == {}
    assert in_lake() == in_record()


def test_label_set_and_taken_off(lake):
    write(put(1, text="kín"), put(2), put(3, labels=("hiv",)))
    refresh()
    write(put(1, text="kín", labels=("hiv",)))
    refresh()
    assert in_lake() == in_record()
    assert in_lake(restricted=False) == in_record(restricted=False)
    assert len(in_lake(restricted=False)) == 1
    write(put(1, text="kín"), put(3))
    refresh()
    assert in_lake() == in_record()
    assert in_lake(restricted=False) == in_record(restricted=False)
    assert len(in_lake(restricted=False)) == 3


def test_what_is_restricted_now_is_not_shown_by_a_day_before_it_was(lake):
    write(put(1), put(2))
    first = refresh().seq
    write(put(1, labels=("hiv",)))
    refresh()
    assert len(in_lake(as_of=first)) == 2
    assert len(in_lake(as_of=first, restricted=False)) == 1


@pytest.mark.parametrize("as_of", [None, 2])
def test_who_reads_restricted_rows_too_takes_those_alone_into_memory(lake, as_of):
    write(*(put(number) for number in range(1, 9)), put(9, labels=("hiv",)))
    warehouse.refresh(by=SYSTEM)
    write(put(1, text="b"), put(10, labels=("hiv",)))
    warehouse.refresh(by=SYSTEM)
    with warehouse.reader(by=SYSTEM, restricted=True, types=["Condition"], as_of=as_of) as engine:
        held = engine.execute("SELECT sum(estimated_size) FROM duckdb_tables() WHERE sql LIKE '%doc VARCHAR%'").fetchone()
        assert held == (2,), "the open ones stay in their files, where who asks for keys alone reads no document"
        assert engine.execute('SELECT count(*) FROM lake."Condition"').fetchone() == (10,)
        assert engine.execute("SELECT count(*) FROM condition").fetchone() == (10,)


def test_nothing_restricted_lies_readable(lake):
    write(put(1, text="BÍ-MẬT-MỘT", labels=("hiv",)), put(2, text="BÍ-MẬT-HAI", labels=("hiv",)), put(3, text="công khai"))
    refresh()
    everything = b"".join(path.read_bytes() for path in lake.rglob("*") if path.is_file())
    assert b"hiv" not in everything
    assert not any(path.read_bytes().startswith(b"PAR1") for path in (lake / "restricted").rglob("*.parquet"))
    assert [path.stat().st_mode & 0o077 for path in (lake, lake / "restricted", lake / "open")] == [0, 0, 0]


@pytest.mark.parametrize("many", [0, 10_000])
def test_a_clock_set_back_loses_nothing(lake, monkeypatch, many):
    monkeypatch.setattr(sys.modules["yba.record.changed"], "MANY", many)  # of more people than this every row is looked at
    with clock.frozen(clock.now()):
        write(put(1))
    refresh()
    with clock.frozen("2020-01-01T00:00:00"):
        write(put(2), put(1, text="b"))
    with clock.frozen("2031-01-01T00:00:00"):
        write(put(3))
    assert refresh().rows == {"Condition": 3}
    assert in_lake() == in_record()
    assert refresh().rows == {}, "what was written in the future is not taken again and again"


def test_a_row_the_owner_changed_is_found_when_every_row_is_looked_at(lake, migrated):
    write(put(1), put(2))
    refresh()
    with migrated.connect(SUPER_ROLE) as other:
        other.execute("SET session_replication_role = replica")  # no trigger tells of it
        other.execute(
            "UPDATE resource SET doc = '{\"status\":\"amended\"}', updated = now() - interval '1 day' WHERE id = %s", (columns_of(put(1).id)[0],)
        )
    assert refresh().rows == {}
    assert refresh(everywhere=True).rows == {"Condition": 1}
    assert in_lake() == in_record()


def test_one_type_built_anew(lake):
    write(put(1), put(2, rtype="Observation"))
    refresh()
    write(put(1, text="b"))
    refresh()
    seq = refresh(anew=["Condition"]).seq
    assert in_lake() == in_record()
    with pytest.raises(Invalid, match="not kept"):
        in_lake(as_of=seq - 1)


def test_touched_people_are_forgotten_once_kept(lake):
    write(put(1))
    refresh()
    write(put(1, person=BINH))
    with unit_of_work(by=SYSTEM) as conn:
        assert conn.execute("SELECT count(*) FROM record_touched").fetchone()[0] == 1
    refresh()
    with unit_of_work(by=SYSTEM) as conn:
        assert conn.execute("SELECT count(*) FROM record_touched").fetchone()[0] == 0
        assert conn.execute("SELECT count(*) FROM locator WHERE key = %s", (locator_key("Condition", put(1).id),)).fetchone()[0] == 1


def test_lag_and_trail(lake):
    write(put(1))
    refresh()
    assert warehouse.status(by=OPERATOR).lag_seconds == 0
    write(put(2))
    assert 0 <= warehouse.status(by=OPERATOR).lag_seconds < 60
    with unit_of_work(by=SYSTEM) as conn:
        rows = conn.execute("SELECT detail FROM audit_event WHERE tag = 'warehouse:lake:refresh'").fetchall()
    assert [orjson.loads(row[0])["rows"] for row in rows] == [{"Condition": 1}]


def test_a_document_longer_than_a_line(lake):
    write(put(1, text="ă" * (5 << 20)), put(2))
    refresh()
    assert in_lake() == in_record()


def test_who_sees_a_part_exports_nothing(lake):
    write(put(1))
    with pytest.raises(Denied):
        warehouse.refresh(by=Actor.facility_client("11001"))
    assert not list(lake.rglob("*.parquet"))


def test_changes_are_found_by_index_as_the_app_role(lake):
    """By time (BRIN) and by person, under row security: an operator that is not leakproof would read everything."""
    write(put(1))
    with unit_of_work(by=SYSTEM) as conn:
        conn.execute("SET LOCAL enable_seqscan = off")
        seen = access.predicate(conn, by=SYSTEM, right=Right.WAREHOUSE_LAKE_REFRESH, columns=Columns(alias="r"))
        where, given = store._where(store.Wanted(store.moment(conn).number, clock.now(), 5, (7,), (AN, BINH)))
        asked = sql.SQL("EXPLAIN " + store._COUNT).format(where=where, seen=seen.sql)
        plan = "\n".join(row[0] for row in conn.execute(asked, {**given, **seen.params}).fetchall())
    assert "Seq Scan" not in plan
    assert plan.count("BitmapOr") >= 20


def test_every_column_of_every_table_is_described():
    entries = warehouse.dictionary()
    assert [one for one in entries if not one.meaning or not one.type] == []
    assert {one.table for one in entries} == {*views(), *side_tables()}


def test_a_reader_reaches_nothing_outside_of_the_lake(lake, tmp_path):
    write(put(1))
    refresh()
    (tmp_path / "other.csv").write_text("a\n1\n")
    with warehouse.reader(by=OPERATOR) as engine:
        assert engine.execute('SELECT count(*) FROM lake."Condition"').fetchone() == (1,)
        for statement in (f"FROM '{tmp_path}/other.csv'", f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", "SET enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                engine.execute(statement)
    with pytest.raises(Denied), warehouse.reader(by=OPERATOR, restricted=True):
        pass


def test_the_job_exports_when_it_is_time(lake):
    write(put(1))
    jobs.export(by=SYSTEM)
    seq = warehouse.status(by=OPERATOR).seq
    write(put(2))
    jobs.export(by=SYSTEM)
    assert warehouse.status(by=OPERATOR).seq == seq, "not yet"
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        jobs.export(by=SYSTEM)
        assert in_lake() == in_record()
        write(put(3))
    with LAKE_MINUTES.set_to(0), clock.frozen(clock.now() + timedelta(days=1)):
        jobs.export(by=SYSTEM)
        jobs.tend(by=SYSTEM)
    assert len(in_lake()) == 2, "nobody wants it"
    jobs.tend(by=SYSTEM)
    assert in_lake() == in_record()


def test_a_steady_unit_sees_one_moment(lake):
    write(put(1))
    with unit_of_work(by=SYSTEM, steady=True) as conn:
        before = conn.execute("SELECT count(*) FROM resource").fetchone()
        worker = threading.Thread(target=lambda: (write(put(2)), connections.close_all()))  # each thread has its own
        worker.start()
        worker.join()
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == before
        with pytest.raises(RuntimeError), unit_of_work(by=SYSTEM, steady=True):
            pass
    assert len(in_record()) == 2
