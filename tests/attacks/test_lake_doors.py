"""The lake attacked from within SQL and from its folder: files of the machine, settings, extensions, values as SQL, what is kept replaced by garbage."""

import os
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from tests.warehouse.conftest import lake  # noqa: F401  # a fixture
from tests.warehouse.lake_world import FACILITY, OPERATOR, SYSTEM, write
from tests.warehouse.test_mirror import far, server  # noqa: F401  # fixtures
from yba import warehouse
from yba.access import Denied, Right
from yba.kit import Actor, Grant, Invalid, NotFound
from yba.kit.errors import YbaError
from yba.record import Put
from yba.specs.access import roles
from yba.specs.measures import Dimension, measures
from yba.warehouse import Ask, period
from yba.warehouse.kept.shelf import Shelf
from yba.warehouse.lake import Folder, LakeDamaged
from yba.warehouse.lake import folder as folders
from yba.warehouse.lake import mirror as mirrors
from yba.warehouse.lake.engine import engine_error
from yba.warehouse.lake.model import LakeFile

MANAGER = OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration")
OCTOBER = period("2026-10")
DOORS = [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/etc/*')", "SELECT * FROM read_csv('{root}/../../keys/ring/lake-1.json')",
    "SELECT * FROM read_blob('{root}/../results/*/*/*.json')", "SELECT * FROM read_parquet('/proc/self/fd/*')",
    "COPY (SELECT 1) TO '/tmp/yba-attack.csv'", "COPY (SELECT 1) TO '{root}/../attack.csv'", "ATTACH '/tmp/yba-attack.db'", "ATTACH '{root}/../attack.db'",
    "EXPORT DATABASE '/tmp/yba-attack'", "INSTALL httpfs", "LOAD httpfs", "INSTALL postgres; ATTACH 'dbname=yba' AS live (TYPE postgres)",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x')", "SELECT * FROM read_csv('s3://bucket/x')", "SET enable_external_access = true",
    "SET allowed_directories = ['/']", "SET lock_configuration = false", "RESET memory_limit", "SET memory_limit = '100GB'", "PRAGMA enable_profiling",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", "CALL pragma_database_size(); SELECT * FROM read_csv('/etc/passwd')",
]  # fmt: skip
VALUES = [
    "' OR '1'='1",
    "'; DROP TABLE encounter; --",
    '11001\') UNION SELECT doc FROM lake."Encounter" --',
    "$start",
    "{0}",
    "%s",
    "../../x",
    "11001,11002",
]


def visit(number, labels=()):
    """One visit in October 2026 of one person each."""
    ident, person = str(UUID(int=number)), UUID(int=0xA000 + number)
    doc = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": "AMB"}, "reasonCode": [{"text": "BIMAT"}]}
    doc["period"] = {"start": "2026-10-05T08:00:00+07:00", "end": "2026-10-05T09:00:00+07:00"}
    return Put("Encounter", ident, person, orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), labels, "test")


@pytest.fixture
def filled(lake):  # noqa: F811  # the fixture
    write(*[visit(number) for number in range(1, 9)], *[visit(number, ("hiv",)) for number in range(9, 12)])
    warehouse.refresh(by=SYSTEM)
    return lake


def test_no_statement_reaches_beyond_the_lake(filled, tmp_path):
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    for restricted, by in ((False, OPERATOR), (True, SYSTEM)):
        with warehouse.reader(by=by, restricted=restricted) as engine:
            for sql in DOORS:
                with pytest.raises(engine_error()):
                    engine.execute(sql.format(root=filled)).fetchall()
            assert engine.execute("SELECT count(*) FROM encounter").fetchone() == (11 if restricted else 8,)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert not os.path.exists("/tmp/yba-attack.csv")  # noqa: PTH110  what an attack would have left


def test_what_is_restricted_lies_nowhere_in_the_clear(filled, tmp_path):
    """Neither in the open files nor in what is kept of them: only a sealed file holds it, which SQL reads as noise."""
    with warehouse.reader(by=OPERATOR) as engine:
        sealed = engine.execute(f"SELECT content FROM read_blob('{filled}/restricted/*/*.parquet')").fetchall()  # noqa: S608  a path of our own
        with pytest.raises(engine_error()):
            engine.execute(f"SELECT * FROM read_parquet('{filled}/restricted/*/*.parquet')").fetchall()  # noqa: S608  same
    assert sealed
    assert all(b"BIMAT" not in content and content[:4] != b"PAR1" for (content,) in sealed)
    warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    for path in (tmp_path / "lake").rglob("*.parquet"):
        if "restricted" in path.parts:
            assert path.stat().st_mode & 0o077 == 0 or any(parent.stat().st_mode & 0o077 == 0 for parent in path.parents)
    (shelf,) = (tmp_path / "lake" / "results").glob("visits@*/all/*.json")
    assert shelf.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", VALUES)
def test_values_are_values_in_every_place(filled, value):
    for only in ({"facilities": [value]}, {"areas": [value]}, {"facilities": [value], "areas": [value]}):
        for by in ((), (Dimension.FACILITY,), (Dimension.COMMUNE, Dimension.DETAIL)):
            for answer in (warehouse.kept("visits", by=MANAGER, period=OCTOBER, dimensions=by, **only).answer,
                           warehouse.measure("visits", by=MANAGER, period=OCTOBER, dimensions=by, **only)):  # fmt: skip
                assert sum(cell.value or 0 for cell in answer.cells) == 0, "a place nobody has"
    with pytest.raises(NotFound):
        warehouse.kept(value, by=MANAGER, period=OCTOBER)
    with pytest.raises(Invalid):
        period(value)


@pytest.mark.parametrize(
    "when",
    ["0001", "9999", "0001-01-01..9999-12-30", "9999-12-31..9999-12-31", "0000", "0001-W01", "9999-W52", "0001-01@15", "2026-10-01..2026-10-01" * 9],
)
def test_the_ends_of_the_calendar_are_answered_or_refused(filled, when):
    for name in measures():
        try:
            asked = period(when)
            answer = warehouse.kept(name, by=MANAGER, period=asked).answer
        except Invalid:
            continue
        assert all(cell.value is None or cell.value >= 0 for cell in answer.cells)


def test_names_of_kept_files_stay_below_their_shelf(filled):
    shelf = Shelf()
    for text in ("2026-10-01..2026-10-14", "20261001..20261014", "2026-W40-4..2026-10-14", " 2026-10 "):
        path = shelf.path(Ask("visits", period(text), (), frozenset({"../../../etc", "a/b"}), frozenset({"..\x00"})))
        assert path.resolve().is_relative_to(shelf.root.resolve())
    for text in ("2026-10/../../x", "2026-10-01..2026-10-14/../../../x", "..", "../x..y", "２０２６-10"):
        with pytest.raises(Invalid):
            period(text)


def test_a_kept_result_replaced_by_garbage_or_anothers_is_counted_anew(filled):
    shelf, one = Shelf(), Ask("visits", OCTOBER)
    warehouse.kept("visits", by=MANAGER, period=OCTOBER)
    for garbage in (b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"form": 1}', b"{" * 100_000, b'{"form":1,"by":["x"],"cells":[],"people":[]}'):
        shelf.path(one).write_bytes(garbage)
        assert [cell.value for cell in warehouse.kept("visits", by=MANAGER, period=OCTOBER).answer.cells] == [8]


@pytest.mark.parametrize("role", sorted(roles()))
def test_the_lake_itself_opens_for_the_platform_and_its_operators_alone(filled, role):
    """A role that may ask for numbers may not read rows, whatever it says of itself."""
    may = {right for rule in roles()[role].may for right in rule.rights}
    if roles()[role].kind == "machine":
        return
    by = Actor.user(UUID(int=77), [Grant(role, frozenset({FACILITY}))], purpose=roles()[role].purpose)
    assert Right.WAREHOUSE_LAKE_READ not in may
    assert Right.WAREHOUSE_RESTRICTED_READ not in may
    for restricted in (False, True):
        with pytest.raises(Denied), warehouse.reader(by=by, restricted=restricted):
            raise AssertionError(role)
    if Right.WAREHOUSE_MEASURE_READ not in may:
        for ask in (warehouse.kept, warehouse.measure):
            with pytest.raises(Denied):
                ask("visits", by=by, period=OCTOBER)


HOSTILE = [
    {"path": "../../../outside.parquet"}, {"path": "/tmp/yba-attack.parquet"}, {"path": "open/../../../outside"}, {"path": "open/.hidden"}, {"path": "manifest/000001.json"},
    {"path": "open/Encounter/a'); SELECT * FROM read_csv('/etc/passwd') --"}, {"rtype": 'Encounter" AS SELECT * FROM read_text(\'/etc/passwd\') --'}, {"of": "../x"},
    {"view": "encounter@1/../../x"}, {"seq": "1) OR (1=1"}, {"path": "open/Encounter/x\x00"}, {"path": ""}, {"path": "open"},
]  # fmt: skip


def forged(manifest, change):
    """A manifest whose first file is called otherwise, with the digest made anew: whoever writes to the bucket can."""
    first = {
        name: getattr(manifest.files[0], name) for name in ("path", "rtype", "zone", "role", "seq", "rows", "bytes", "digest", "key", "view", "of")
    }
    return folders.write(replace(manifest, number=manifest.number + 1, files=(LakeFile(**(first | change)), *manifest.files[1:])))


@pytest.mark.parametrize("change", HOSTILE)
def test_a_manifest_that_leads_out_of_the_lake_or_into_sql_is_damaged(filled, change):
    folder = Folder()
    manifest = folder.newest()
    (folder.manifests / f"{manifest.number + 1:06}.json").write_bytes(forged(manifest, change))
    for read in (folder.newest, lambda: warehouse.kept("visits", by=MANAGER, period=OCTOBER), lambda: warehouse.status(by=OPERATOR)):
        with pytest.raises(LakeDamaged) as refused:
            read()
        assert "passwd" not in str(refused.value)


def test_a_bucket_that_others_write_to_puts_no_file_outside_of_the_lake(far, tmp_path):  # noqa: F811  # the fixture
    """The manifest in the bucket names a file above the lake, and the object is there, whole and with its digest."""
    write(*[visit(number) for number in range(1, 9)])
    warehouse.refresh(by=SYSTEM)
    manifest, evil = Folder().newest(), b"ssh-ed25519 AAAA attacker"
    there = mirrors.bucket()
    for name in ("../../../outside", "/tmp/yba-attack.parquet"):
        bad = {"path": name, "bytes": len(evil), "digest": folders.digest_of([evil])}
        there.put_once(f"1/manifest/{manifest.number + 1 + len(name):06}.json", forged(replace(manifest, number=manifest.number + len(name)), bad))
        with pytest.raises((LakeDamaged, YbaError)):
            warehouse.refresh(by=SYSTEM)
    assert not list(tmp_path.rglob("outside"))
    assert not os.path.exists("/tmp/yba-attack.parquet")  # noqa: PTH110
    with pytest.raises(LakeDamaged):
        warehouse.mirrored(by=SYSTEM)


def test_what_people_think_of_does_not_fill_the_disk(filled):
    """Results of places and days of somebody's choice go after two days; what boards show stays."""
    shelf = Shelf()
    asks = [Ask("visits", OCTOBER), Ask("visits", OCTOBER, (), None, frozenset({"x1234"})), Ask("visits", period("2026-10-01..2026-10-14"))]
    for ask, only in ((asks[0], {}), (asks[1], {"areas": ["x1234"]}), (asks[2], {})):
        warehouse.kept(
            "visits", by=OPERATOR.acting_as(Grant("provincial-manager"), purpose="administration"), period=ask.period, dimensions=[], **only
        )
    old = time.time() - timedelta(days=3).total_seconds()
    for path in shelf.root.rglob("*.json"):
        os.utime(path, (old, old))
    left = {path.name for path in shelf.root.rglob("*.json")}
    assert shelf.sweep() >= 1
    assert "2026-10.json" in left
    assert [path.name for path in shelf.root.rglob("*.json") if ".." in path.name] == []
    assert shelf.path(asks[0]).exists()
    assert len(shelf.path(asks[1]).stem.rpartition("-")[2]) == 32, "a digest nobody makes two of"
