"""The cold archive: what leaves the tables was verified where it lies, stays verifiable without a database, and nothing else leaves."""

# ruff: noqa: S608  tables and attacks are spelled here
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from yba import audit
from yba.audit import Note, Store, Tag, TroubleKind, keys
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, NotFound
from yba.kit.ids import new_id

OPERATOR = Actor.operator()
MEAN = ['a "quoted" word', "tab\tnew\nline\rback\\slash", "\\N", "", "NULL", "x,y;'z", "Nguyễn Thị Ánh", "\b\f\v", "  "]


def month(ago):
    """The first of the month some months ago."""
    day = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(ago):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


@pytest.fixture
def aged(database, var):
    """Two months of old rows, a seal that reaches over the end of the second, and rows of today."""
    with database.as_owner() as conn:
        for ago in (3, 2, 1):
            conn.execute("SELECT audit_make_partition('record_access', %s)", (month(ago).date(),))
    for at, count in ((month(3), 20), (month(2), 20), (month(1) - timedelta(hours=1), 3), (None, 4)):
        old(database, at, count)
        if count != 3:
            audit.seal(by=OPERATOR)
    return database


def old(database, at, count):
    if at is None:
        with unit_of_work(by=OPERATOR) as conn:
            audit.note_many(conn, by=OPERATOR, rows=[Note(Tag.PAGE_READ, "Patient", str(i), new_id()) for i in range(count)])
        return
    with database.as_owner() as conn:
        for i in range(count):
            conn.execute(
                "INSERT INTO record_access (at, who, actor_kind, purpose, tag, about_type, about_id, reason, detail, facility)"
                " VALUES (%s, 'user:x', 'user', 'p', 't', 'Patient', %s, %s, %s, %s)",
                (
                    at + timedelta(minutes=i),
                    str(i),
                    MEAN[i % len(MEAN)],
                    json.dumps({"t": MEAN[i % len(MEAN)]}),
                    MEAN[i % len(MEAN)] if i % 2 else None,
                ),
            )


def count(database, where="true"):
    with database.as_owner() as conn:
        return conn.execute(f"SELECT count(*) FROM record_access WHERE {where}").fetchone()[0]


def tampering(verdict):
    return [trouble.kind for trouble in verdict.troubles if trouble.kind not in {TroubleKind.CLOCK_WENT_BACK, TroubleKind.ARCHIVED_UNSEEN}]


@pytest.mark.law("BAOMAT-CB-R22")
def test_old_months_leave_the_tables_and_stay_verifiable(aged, tmp_path):
    out = tmp_path / "cold"
    before = count(aged)
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=out, detach=True)
    assert made.rows == 40  # the seal that reaches into this month stays whole in the tables
    assert count(aged) == before - 40
    assert count(aged, f"at < '{month(0)}'") == 3
    verdict = audit.verify_archive(out)
    assert (verdict.rows, tampering(verdict)) == (40, [])
    live = audit.verify(by=OPERATOR)
    assert tampering(live) == []
    assert TroubleKind.ARCHIVED_UNSEEN in [trouble.kind for trouble in live.troubles]
    assert [one.archived for one in live.checked] == [40, 0]
    with unit_of_work(by=OPERATOR) as conn:
        assert audit.archived_before(conn, by=OPERATOR) is not None
    assert audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=out, detach=True) is None
    audit.seal(by=OPERATOR)
    assert tampering(audit.verify(by=OPERATOR)) == []


def test_an_archive_is_verified_without_a_database(aged, tmp_path, var):
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path / "cold")
    done = subprocess.run(
        [sys.executable, "-m", "yba", "audit", "verify", "--archive", tmp_path / "cold" / made.name, "--keys", var / "keys", "--json"],
        env={"PATH": "/usr/bin", "YBA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 40


def test_what_is_in_the_parquet_file_is_what_was_in_the_table(aged, tmp_path):
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path)
    with duckdb.connect() as db:
        rows = db.execute(f"SELECT reason, facility, detail FROM '{tmp_path / made.name / 'rows.parquet'}' ORDER BY id::bigint").fetchall()
    assert [row[0] for row in rows] == [MEAN[i % len(MEAN)] for i in range(20)] * 2
    assert [row[1] for row in rows] == [MEAN[i % len(MEAN)] if i % 2 else None for i in range(20)] * 2
    assert [json.loads(row[2])["t"] for row in rows] == [row[0] for row in rows]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE rows SET who = 'user:nobody' WHERE id = '7'", (TroubleKind.ROW_CHANGED, 7)),
        ("DELETE FROM rows WHERE id = '7'", (TroubleKind.ROW_MISSING, None)),
        ("INSERT INTO rows SELECT * REPLACE ('7' AS id, 'x' AS who) FROM rows WHERE id = '8'", (TroubleKind.ARCHIVE_WRONG, None)),
    ],
)
def test_a_changed_archive_is_found(aged, tmp_path, change, expected):
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path)
    file = tmp_path / made.name / "rows.parquet"
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE rows AS SELECT * FROM '{file}'")
        db.execute(change)
        db.execute(f"COPY rows TO '{file}' (FORMAT parquet)")
    troubles = audit.verify_archive(tmp_path).troubles
    assert (TroubleKind.ARCHIVE_WRONG, None) in [(t.kind, t.row) for t in troubles]
    assert expected in [(t.kind, t.row) for t in troubles]


def test_an_archive_is_believed_by_trusted_keys_only(aged, tmp_path):
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path)
    (tmp_path / "elsewhere").mkdir()
    troubles = audit.verify_archive(tmp_path / made.name, keys=tmp_path / "elsewhere").troubles
    assert {trouble.kind for trouble in troubles} - {TroubleKind.CLOCK_WENT_BACK} == {TroubleKind.KEY_UNKNOWN}


def test_a_changed_row_is_not_archived_away(aged, tmp_path):
    """Tampering cannot be laundered: an archive that does not verify detaches nothing."""
    with aged.as_owner() as conn:
        conn.execute("UPDATE record_access SET who = 'user:nobody' WHERE id = 7")
    with pytest.raises(Conflict):
        audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path, detach=True)
    assert count(aged) == 47
    assert audit.verify(by=OPERATOR).is_whole is False


def test_where_no_archive_lies(tmp_path):
    with pytest.raises(NotFound):
        audit.verify_archive(tmp_path, keys=tmp_path)


def test_the_key_prints_as_the_archive_carries_it(aged, tmp_path):
    made = audit.archive(by=OPERATOR, store=Store.RECORD_ACCESS, before=month(0), out=tmp_path)
    assert (tmp_path / made.name / f"audit-{made.key}.pub").read_bytes() == keys.public_pem(keys.signing_key().public_key())
