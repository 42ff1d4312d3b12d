"""The lake in a bucket of a real S3 server: killed between any two objects, two machines, wrong bytes, no access; never half a lake."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest

from tests.warehouse.lake_world import BINH, OPERATOR, SYSTEM, VIEWS, flat_in_lake, flat_in_record, in_lake, in_record, put, write
from yba import warehouse
from yba.kit import Invalid, settings
from yba.kit.errors import Unavailable
from yba.kit.postgres.layout import SUPER_ROLE
from yba.warehouse import store
from yba.warehouse.lake import Folder
from yba.warehouse.lake.mirror import MirrorDenied, MirrorUnreachable, bucket, mirroring
from yba.warehouse.lake.mirror.bucket import Taken
from yba.warehouse.settings import LAKE, LAKE_ENDPOINT, LAKE_KEY, LAKE_SECRET

SECRET = "tuyệt-mật-0123456789"
SERVE = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"


@pytest.fixture(scope="module")
def server():
    """A server of its own on loopback; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", SERVE, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            for _ in range(600):
                with socket.socket() as trying:
                    if trying.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.kill()


def call(address, method="POST", data=b""):
    with urlopen(Request(address, data=data, method=method, headers={"Content-Type": "text/plain"}), timeout=60) as answer:  # noqa: S310  our own server on loopback
        return answer.read()


@pytest.fixture
def far(server, database, tmp_path):
    """An empty bucket, and this machine's settings for it."""
    call(f"{server}/moto-api/reset")
    call(f"{server}/lake", "PUT")
    with machine(tmp_path / "one", server):
        yield server


@contextmanager
def machine(var, server):
    """Be a machine: a data folder of its own, with the keys of the installation."""
    if not var.exists() and (keys := settings.VAR() / "keys").exists() and var.parent == settings.VAR().parent:
        shutil.copytree(keys, var / "keys")
    with ExitStack() as stack:
        for setting, value in (
            (settings.VAR, var), (LAKE, "s3://lake/tỉnh/kho"), (LAKE_ENDPOINT, server), (LAKE_KEY, "k"), (LAKE_SECRET, SECRET),
        ):  # fmt: skip
            stack.enter_context(setting.set_to(value))
        yield


def refresh(**given):
    return warehouse.refresh(by=SYSTEM, views=VIEWS, **given)


def objects():
    return {one.path: one.bytes for one in bucket().list()}


def same():
    assert in_lake() == in_record()
    assert flat_in_lake() == flat_in_record(in_record())
    assert {f"1/{one.path}": one.bytes for one in Folder().newest().stored()}.items() <= objects().items()


def test_what_is_exported_is_in_the_bucket_and_another_machine_has_it(far, tmp_path):
    write(put(1), put(2, rtype="Observation", labels=("hiv",)), put(3))
    refresh()
    same()
    with machine(tmp_path / "two", far):
        assert warehouse.mirrored(by=OPERATOR).brought == len(Folder().newest().stored())
        same()
        write(put(1, text="b"), put(4))
        refresh()
        same()
    refresh()  # the first machine goes on from what the second wrote
    same()
    assert Folder().newest().seq == 3
    assert warehouse.compact(by=SYSTEM, types=["Condition"], views=VIEWS).types == ("Condition",)
    same()


EXPORT = """
import os, signal, sys
from yba import app
app.setup(migrate=False, quiet=True)
from tests.warehouse.lake_world import VIEWS
from yba import warehouse
from yba.kit import Actor
from yba.warehouse.lake.mirror.bucket import Bucket
left, after = int(sys.argv[1]), sys.argv[2] == "after"
def counted(act):
    def run(self, *given):
        global left
        left -= 1
        if left == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = act(self, *given)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    return run
for name in ("put", "put_once", "delete"):
    setattr(Bucket, name, counted(getattr(Bucket, name)))
warehouse.refresh(by=Actor.system("warehouse:lake:refresh"), views=VIEWS)
"""


@pytest.mark.parametrize(
    ("after", "places"),
    [(True, (4,)), pytest.param(False, range(1, 40), marks=pytest.mark.long), pytest.param(True, range(1, 40), marks=pytest.mark.long)],
)
def test_killed_between_any_two_objects(far, database, tmp_path, after, places):
    """Whatever the last object was: the bucket holds the lake of before or the new one, whole; another machine can go on with it."""
    env = {
        **database.env, "YBA_VAR": str(settings.VAR()), "YBA_LAKE": LAKE(), "YBA_LAKE_ENDPOINT": far, "YBA_LAKE_KEY": "k",
        "YBA_LAKE_SECRET": SECRET,
    }  # fmt: skip
    write(put(1), put(2, rtype="Observation"))
    refresh()
    died = 0
    for left in places:
        write(put(1, text=str(left)), put(2, rtype="Observation", text=str(left), labels=("hiv",) if left % 2 else ()))
        before, now = in_lake(), in_record()
        died = subprocess.run([sys.executable, "-c", EXPORT, str(left), "after" if after else "before"], env=env, check=False).returncode
        with machine(tmp_path / f"other-{left}", far):
            warehouse.mirrored(by=OPERATOR)
            assert in_lake() in (before, now)
            if left % 3 == 0:
                refresh()
                same()
        if left % 2:
            refresh()
            same()
        if died == 0:
            break
    assert len(places) < 40 - 1 or died == 0, "every place to die at was tried"
    refresh()
    same()


def test_of_two_machines_at_once_one_waits(far, database, tmp_path):
    write(put(1))
    refresh()
    with database.connect() as other:
        assert other.execute("SELECT pg_try_advisory_lock(%s)", (store._LOCK,)).fetchone() == (True,)
        with machine(tmp_path / "two", far), pytest.raises(warehouse.LakeBusy, match="another machine"):
            refresh()
    with machine(tmp_path / "two", far):  # the other's connection is gone, and with it its lock
        refresh()
        same()


def test_a_manifest_somebody_else_wrote_first_stays(far):
    write(put(1))
    refresh()
    bucket().put_once("1/manifest/000002.json", b"{}")
    write(put(2))
    with pytest.raises(warehouse.LakeDamaged, match="000002"):
        refresh()
    bucket().delete("1/manifest/000002.json")
    there = bucket().get("1/manifest/000001.json")
    with pytest.raises(Taken):
        bucket().put_once("1/manifest/000001.json", b"x")
    assert bucket().get("1/manifest/000001.json") == there
    refresh()
    same()


def test_somebody_is_first_while_we_send(far, monkeypatch):
    """The manifest is written by one: the other is told, and has nothing in the lake."""
    write(put(1))
    refresh()
    write(put(2))
    first = type(bucket()).put_once

    def overtaken(self, path, data):
        if path.endswith("000002.json"):
            first(self, path, b"somebody else's")
        return first(self, path, data)

    with monkeypatch.context() as patched:
        patched.setattr(type(bucket()), "put_once", overtaken)
        with pytest.raises(warehouse.LakeBusy, match="exported meanwhile"):
            refresh()
    assert Folder().newest().number == 1
    assert len(in_lake()) == 1


def test_an_answer_that_was_lost_is_no_conflict(far, monkeypatch):
    write(put(1))
    first = type(bucket()).put_once

    def twice(self, path, data):
        if path.endswith(".json"):
            first(self, path, data)
        return first(self, path, data)

    with monkeypatch.context() as patched:
        patched.setattr(type(bucket()), "put_once", twice)
        refresh()
    same()


def test_wrong_bytes_in_the_bucket_are_said_by_name_and_sent_again(far, tmp_path):
    write(put(1), put(2, rtype="Observation"))
    refresh()
    lost, changed, short = [f"1/{one.path}" for one in Folder().newest().stored()[:3]]
    good = bucket().get(changed)
    bucket().delete(lost)
    put_bytes(changed, bytes([good[0], good[1], good[2], good[3], good[4] ^ 1]) + good[5:], tmp_path)
    put_bytes(short, bucket().get(short)[:-7], tmp_path)
    found = warehouse.status(by=OPERATOR, deep=True).faults
    assert [fault.removeprefix("s3://lake/tỉnh/kho/").split(":")[0] for fault in found] == sorted(
        [lost, changed, short], key=[lost, changed, short].index
    )
    with machine(tmp_path / "two", far), pytest.raises(warehouse.LakeDamaged, match=r"missing|changed"):
        warehouse.mirrored(by=OPERATOR)
    assert warehouse.mirrored(by=OPERATOR, check=True).sent == 3
    assert warehouse.status(by=OPERATOR, deep=True).faults == ()
    same()


def put_bytes(path, data, folder):
    (folder / "object").write_bytes(data)
    bucket().put(path, folder / "object")


def test_no_access_is_said_without_the_secret(far, capfd):
    write(put(1))
    refresh()
    before = in_lake()
    write(put(2))
    call(f"{far}/moto-api/reset-auth", data=b"0")
    try:
        with pytest.raises(MirrorDenied, match="access denied") as raised:
            refresh()
    finally:
        call(f"{far}/moto-api/reset-auth", data=b"inf")
    told = f"{raised.value!r} {raised.value} {capfd.readouterr()}"
    assert SECRET not in told
    assert "<Error>" not in told, "nor what the server says"
    assert in_lake() == before
    refresh()
    same()


def test_a_server_that_is_away_leaves_the_lake_readable(far):
    write(put(1))
    refresh()
    write(put(2))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with LAKE_ENDPOINT.set_to(f"http://127.0.0.1:{free.getsockname()[1]}"):
            with pytest.raises(Unavailable):
                refresh()
            assert len(in_lake()) == 1
            assert warehouse.status(by=OPERATOR).seq == 1
    refresh()
    same()


def test_no_such_bucket_is_said(far):
    write(put(1))
    with LAKE.set_to("s3://nosuch/a"), pytest.raises(MirrorUnreachable, match="such a bucket"):
        refresh()


def test_a_database_brought_back_and_another_lake_are_refused(far, migrated, tmp_path):
    write(put(1))
    refresh()
    with machine(tmp_path / "two", far):
        with LAKE.set_to(str(tmp_path / "apart")):
            refresh()
        shutil.copytree(tmp_path / "apart", tmp_path / "two" / "lake")
        with pytest.raises(warehouse.LakeForeign, match="another lake"):
            refresh()
    with migrated.connect(SUPER_ROLE) as other:
        other.execute("DELETE FROM lake_export")
    with pytest.raises(warehouse.LakeForeign, match="does not know"):
        refresh()
    write(put(1, person=BINH), put(5))
    refresh(anew=["all"])
    same()


@pytest.mark.parametrize(
    ("lake", "endpoint", "key", "words"),
    [
        ("s3:///a", "", "k", "no address of a bucket"),
        ("s3://k:secret@lake/a", "", "k", "no address of a bucket"),
        ("s3://lake/a", "", "", "without key and secret"),
        ("s3://lake/a", "http://s3.example", "k", "must begin with https"),
        ("s3://lake/a", "ftp://127.0.0.1", "k", "must begin with https"),
    ],
)
def test_settings_that_will_not_do_are_refused(lake, endpoint, key, words):
    with (
        LAKE.set_to(lake),
        LAKE_ENDPOINT.set_to(endpoint),
        LAKE_KEY.set_to(key),
        LAKE_SECRET.set_to("s"),
        pytest.raises(Invalid, match=words) as raised,
    ):
        bucket()
    assert "secret@" not in str(raised.value)


def test_what_nothing_names_goes_after_an_hour(far, monkeypatch):
    write(put(1))
    refresh()
    bucket().put_once("1/open/Condition/999999-0.parquet", b"of an export that died")
    bucket().put_once("1/notes.txt", b"somebody's own")
    write(put(2))
    refresh()
    refresh(anew=["all"])
    assert "1/open/Condition/999999-0.parquet" in objects(), "a reader elsewhere may hold it"
    monkeypatch.setattr(mirroring, "GRACE", timedelta(seconds=-2))  # an hour later
    write(put(3))
    refresh()
    left = {name for name in objects() if "/manifest/" not in name}
    assert left == {f"1/{one.path}" for one in Folder().newest().stored()} | {"1/notes.txt"}
    same()


def test_the_environments_own_keys_are_not_used(far, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    write(put(1))
    refresh()
    same()
