"""What goes wrong: killed while it writes, files missing or changed, a database brought back, two at once, keys that rotate."""

import random
import shutil
import subprocess
import sys
import time
import traceback
from datetime import timedelta

import duckdb
import orjson
import pytest

from tests.warehouse.lake_world import BINH, OPERATOR, SYSTEM, TYPES, VIEWS, flat_in_lake, flat_in_record, in_lake, in_record, put, write
from yba import operations, warehouse
from yba.fhir import views as sql_on_fhir
from yba.kit import Conflict, Internal, Invalid, clock
from yba.kit.keys import Purpose
from yba.kit.postgres.layout import SUPER_ROLE
from yba.warehouse.lake import Folder, Role, Zone
from yba.warehouse.lake.engine import connect
from yba.warehouse.lake.writing import Writer
from yba.warehouse.settings import LAKE_DAYS

EXPORT = """
import sys
from yba import app
app.setup(migrate=False, quiet=True)
import duckdb
from yba import warehouse
from yba.kit import Actor
print("ready", flush=True)
warehouse.refresh(by=Actor.system("warehouse:lake:refresh"), anew=sys.argv[1:], views=())
"""


def on_disk(lake):
    return {str(path.relative_to(lake)) for path in lake.rglob("*.parquet")}


def named():
    manifest = Folder().newest()
    return {one.path for one in manifest.stored()} | {path for path, _ in manifest.leaving}


def killed_export(env, after, *arguments):
    """Begin an export in a process of its own and kill it after so many seconds (it may be done by then)."""
    with subprocess.Popen([sys.executable, "-c", EXPORT, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout.readline() == b"ready\n"
        time.sleep(after)
        child.kill()


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.long)])
def test_killed_while_it_writes(lake, database, times):
    """Whenever it dies, the lake is what the manifest before said or what the new one says, and the next export makes it what the record is."""
    dice = random.Random(7)
    env = {**database.env, "YBA_VAR": str(lake.parents[1]), "YBA_LAKE": str(lake.parent)}
    write(*(put(number, rtype=("Condition", "Observation")[number % 2], text="x" * 3000) for number in range(1, 1000)))
    begun = time.monotonic()
    warehouse.refresh(by=SYSTEM, views=())
    usual = 1.5 * (time.monotonic() - begun)
    for turn in range(times):
        write(*(put(number, rtype=("Condition", "Observation")[number % 2], text=str(turn)) for number in range(1 + turn, 400, 2)))
        before = in_lake()
        killed_export(env, dice.uniform(0, usual), *(["all"] if turn % 3 == 2 else []))
        assert in_lake() in (before, in_record())
        if turn % 2:
            warehouse.refresh(by=SYSTEM, views=())
            assert in_lake() == in_record()
    warehouse.refresh(by=SYSTEM, views=())
    assert in_lake() == in_record()
    warehouse.refresh(by=SYSTEM, views=())
    assert on_disk(lake) <= named(), "half files are swept"
    assert warehouse.status(by=OPERATOR, deep=True).faults == ()


def test_damaged_files_are_said_by_name_and_built_anew(lake):
    write(put(1), put(2, rtype="Observation"), put(3, rtype="Observation", labels=("hiv",)))
    warehouse.refresh(by=SYSTEM, views=())
    condition, observation = sorted((lake / "open").rglob("*.parquet"))
    sealed = next((lake / "restricted").rglob("*.parquet"))
    condition.write_bytes(condition.read_bytes()[:-1])
    changed = bytearray(observation.read_bytes())
    changed[40] ^= 1
    observation.write_bytes(changed)
    sealed.unlink()
    shallow, deep = (warehouse.status(by=OPERATOR, deep=each).faults for each in (False, True))
    assert [fault.split(":")[0] for fault in shallow] == [str(path.relative_to(lake)) for path in (condition, sealed)]
    assert sorted(fault.split(":")[0] for fault in deep) == sorted(str(path.relative_to(lake)) for path in (condition, observation, sealed))
    with pytest.raises(warehouse.LakeDamaged, match="restricted/Observation"):
        in_lake(types=("Observation",))
    warehouse.refresh(by=SYSTEM, views=(), anew=["Condition", "Observation"])
    assert warehouse.status(by=OPERATOR, deep=True).faults == ()
    assert in_lake() == in_record()


def test_a_manifest_that_cannot_be_read_is_said_and_the_lake_built_anew(lake):
    write(put(1))
    warehouse.refresh(by=SYSTEM, views=())
    manifest = next((lake / "manifest").glob("*.json"))
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows": 1', b'"rows": 2'))
    with pytest.raises(warehouse.LakeDamaged, match="000001"):
        warehouse.refresh(by=SYSTEM, views=())
    warehouse.refresh(by=SYSTEM, views=(), anew=["all"])
    assert in_lake() == in_record()


def test_a_database_brought_back_is_refused(lake, migrated):
    write(put(1))
    warehouse.refresh(by=SYSTEM, views=())
    with migrated.connect(SUPER_ROLE) as other:
        backup = other.execute("SELECT * FROM lake_export").fetchone()
    write(put(2))
    warehouse.refresh(by=SYSTEM, views=())
    with migrated.connect(SUPER_ROLE) as other:  # what a backup holds: an earlier export
        other.execute("UPDATE lake_export SET seq = %s, token = %s, previous = %s", backup[1:4])
    with pytest.raises(warehouse.LakeForeign, match="brought back"):
        warehouse.refresh(by=SYSTEM, views=())
    with migrated.connect(SUPER_ROLE) as other:
        other.execute("DELETE FROM lake_export")
    with pytest.raises(warehouse.LakeForeign, match="does not know"):
        warehouse.refresh(by=SYSTEM, views=())
    warehouse.refresh(by=SYSTEM, views=(), anew=["all"])
    assert in_lake() == in_record()


def test_a_lake_brought_back_is_caught_up(lake):
    """Notes of moved people are gone by then: every row is looked at."""
    write(put(1), put(2))
    warehouse.refresh(by=SYSTEM, views=())
    shutil.copytree(lake, lake.parent / "backup")
    write(put(1, person=BINH, text="b"), put(3))
    warehouse.refresh(by=SYSTEM, views=())
    write(put(2, text="c"))
    warehouse.refresh(by=SYSTEM, views=())
    shutil.rmtree(lake)
    shutil.move(lake.parent / "backup", lake)
    assert warehouse.refresh(by=SYSTEM, views=()).everywhere
    assert in_lake() == in_record()


def test_two_at_once(lake):
    write(put(1))
    warehouse.refresh(by=SYSTEM, views=())
    with Folder().held(), pytest.raises(warehouse.LakeBusy):
        warehouse.refresh(by=SYSTEM, views=())


def test_a_key_of_the_lake_retires_only_when_nothing_needs_it(lake):
    write(put(1, rtype="Observation", labels=("hiv",)))
    warehouse.refresh(by=SYSTEM, views=VIEWS[1:2])
    operations.rotate_key(by=OPERATOR, purpose=Purpose.LAKE)
    write(put(2, rtype="Observation", labels=("hiv",)))
    warehouse.refresh(by=SYSTEM, views=VIEWS[1:2])
    assert warehouse.key_versions() == {1: 2, 2: 2}, "a file of the lake and one of a view"
    with pytest.raises(Conflict, match="still opens"):
        operations.retire_key(by=OPERATOR, purpose=Purpose.LAKE, version=1)
    operations.rewrap_keys(by=OPERATOR)
    assert set(warehouse.key_versions()) == {2}
    assert in_lake() == in_record()


def test_compaction_keeps_promised_days_and_drops_the_rest(lake):
    write(put(1), put(2), put(3, text="kín"))
    with clock.frozen(clock.now()):
        first = warehouse.refresh(by=SYSTEM, views=()).seq
    write(put(1, text="b"), put(3, text="kín", labels=("hiv",)))
    second = warehouse.refresh(by=SYSTEM, views=()).seq
    was = in_record()
    warehouse.compact(by=SYSTEM, types=["Condition"], views=())
    assert in_lake() == was
    assert in_lake(restricted=False) == in_record(restricted=False)
    assert len(in_lake(as_of=first)) == 3
    assert sorted(ref[1][-1] for ref in in_lake(as_of=first, restricted=False)) == ["1", "2"]
    assert b"".join(path.read_bytes() for path in lake.rglob("000003*")).count(b"k\xc3\xadn") == 0
    with LAKE_DAYS.set_to(1), clock.frozen(clock.now().replace(year=clock.now().year + 1)):
        done = warehouse.compact(by=SYSTEM, types=["Condition"], views=())
        assert done.dropped == 2
        assert in_lake() == was
        assert in_lake(as_of=second) == was
        with pytest.raises(Invalid, match="not kept"):
            in_lake(as_of=first)
    assert warehouse.refresh(by=SYSTEM, views=()).rows == {}


KIN = "NGUYỄN VĂN KÍN\n".encode()


def written(lake, lines):
    """Have lines made into a file."""
    with Folder().held(), connect() as engine, Writer(engine, lake, 1) as writer:
        writer.take("Patient", Zone.OPEN, Role.BASE, lines)
        writer.finish()


def test_nothing_of_people_is_said_when_duckdb_refuses(lake, capfd):
    """DuckDB quotes the line it stumbles over."""
    with pytest.raises(Internal) as refused:
        written(lake, [KIN] * 3)
    assert "Patient" in str(refused.value)
    assert "NGUY" not in "".join(traceback.format_exception(refused.value)) + capfd.readouterr().err


def test_a_writer_whose_reader_dies_does_not_wait_for_ever(lake):
    with pytest.raises(Internal):
        written(lake, [b"no line of ours\n" * 1000] * 3000)  # more than a pipe holds


def test_a_view_that_a_document_does_not_fit_into_stops_nobody(lake, capfd):
    """Its table says that it is not caught up; the lake and the other views go on; once the document is mended it is caught up."""
    one = {"name": "one_note", "resource": "Condition", "status": "active", "select": [{"column": [{"name": "text", "path": "note.text"}]}]}
    strict = (*VIEWS, sql_on_fhir.read(one))
    two = put(1)
    two.doc = orjson.dumps({"resourceType": "Condition", "id": two.id, "note": [{"text": "KÍN MỘT"}, {"text": "KÍN HAI"}]})
    write(two, put(2))
    warehouse.refresh(by=SYSTEM, views=strict)
    assert in_lake() == in_record()
    with warehouse.reader(by=SYSTEM, views=strict) as engine, pytest.raises(duckdb.Error, match="one_note is not caught up"):
        engine.execute("SELECT text FROM one_note")
    assert len(flat_in_lake()) == 3
    assert "KÍN" not in capfd.readouterr().err
    write(put(1, text="một"))
    warehouse.refresh(by=SYSTEM, views=strict)
    warehouse.compact(by=SYSTEM, types=["Condition"], views=strict)
    with LAKE_DAYS.set_to(0), clock.frozen(clock.now() + timedelta(days=2)):
        warehouse.refresh(by=SYSTEM, views=strict)
        warehouse.compact(by=SYSTEM, types=["Condition"], views=strict)
    with warehouse.reader(by=SYSTEM, views=strict) as engine:
        assert sorted(engine.execute("SELECT text FROM one_note").fetchall()) == [("a",), ("một",)]


def test_sealed_files_that_share_a_path_in_memory_are_not_taken_for_one_another(lake):
    """DuckDB remembers parts of files by path; an opened file's is the number of a descriptor, which the next one gets too."""
    write(*(put(number, rtype=TYPES[number % 3], text=str(number) * 2000, labels=("hiv",)) for number in range(60)))
    warehouse.refresh(by=SYSTEM, views=VIEWS)
    for turn in range(4):
        write(*(put(number, rtype=TYPES[number % 3], text=str(turn), labels=("hiv",)) for number in range(turn, 60, 2)))
        warehouse.refresh(by=SYSTEM, views=VIEWS)
        assert in_lake() == in_record()
        assert flat_in_lake() == flat_in_record(in_record())
