"""The watched folder: finished files only, each with its receipt, and a crash at any point loses and doubles nothing."""

import io
import os
import zipfile

import orjson
import pytest

from tests.ingest.builder import file_of, tables
from yba import ingest
from yba.gateway import Watcher
from yba.gateway import watch as module
from yba.kit import Actor
from yba.kit.db import reading

OPERATOR = Actor.operator()


@pytest.fixture
def watcher(database, tmp_path):
    return Watcher(tmp_path, OPERATOR, stable=0)


def claims():
    with reading(by=OPERATOR) as conn:
        return conn.execute("SELECT count(*) FROM resource WHERE rtype = 'Claim' AND NOT deleted").fetchone()[0]


def receipt(path):
    return orjson.loads(path.with_name(path.name + ".receipt.json").read_bytes())


def test_a_file_is_processed_and_moved_beside_its_receipt(watcher, tmp_path):
    (tmp_path / "a.xml").write_bytes(file_of(tables(GIOI_TINH="9")))
    assert watcher.sweep() == 1
    done = tmp_path / "done" / "a.xml"
    assert done.exists()
    assert not (tmp_path / "a.xml").exists()
    (transaction,) = receipt(done)["transactions"]
    assert (transaction["state"], transaction["counts"]["accepted"]) == ("done", 1)
    assert "GIOI_TINH" in (tmp_path / "done" / "a.xml.receipt.txt").read_text("utf-8")
    assert claims() == 1
    assert watcher.sweep() == 0


def test_what_cannot_be_read_goes_to_refused_with_the_reason(watcher, tmp_path):
    (tmp_path / "junk.xml").write_bytes(b"no xml")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    (tmp_path / "empty.xml").write_bytes(b"")
    assert watcher.sweep() == 3
    assert {path.name for path in (tmp_path / "refused").iterdir() if ".receipt." not in path.name} == {"junk.xml", "broken.zip", "empty.xml"}
    assert receipt(tmp_path / "refused" / "junk.xml")["transactions"][0]["state"] == "refused"
    assert "nén" in receipt(tmp_path / "refused" / "broken.zip")["fault"]


def test_a_zip_gives_one_receipt_for_all_its_files(watcher, tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for number in range(3):
            file.writestr(f"{number}.xml", file_of(tables(f"25.{number}")))
    (tmp_path / "day.zip").write_bytes(held.getvalue())
    watcher.sweep()
    assert [each["counts"]["accepted"] for each in receipt(tmp_path / "done" / "day.zip")["transactions"]] == [1, 1, 1]
    assert claims() == 3


def test_a_file_still_being_written_is_left_alone(watcher, tmp_path):
    watcher.stable = 3600
    path = tmp_path / "a.xml"
    path.write_bytes(b"<GIAM")
    (tmp_path / "b.xml.part").write_bytes(file_of(tables()))
    (tmp_path / ".hidden.xml").write_bytes(file_of(tables()))
    (tmp_path / "folder").mkdir()
    assert watcher.sweep() == 0
    assert path.exists()
    first = watcher._seen["a.xml"]
    path.write_bytes(file_of(tables()))
    watcher.sweep()
    assert watcher._seen["a.xml"][2] > first[2], "the clock starts anew with every change"
    watcher.stable = 0
    assert watcher.sweep() == 1


@pytest.mark.parametrize("cut", ["land", "process", "receipt", "write", "rename"])
def test_a_crash_at_any_point_loses_and_doubles_nothing(watcher, tmp_path, monkeypatch, cut):
    class PowerCut(BaseException):
        pass

    def dead(*_args, **_kwargs):
        raise PowerCut

    (tmp_path / "a.xml").write_bytes(file_of(tables("25.1"), tables("25.2")))
    with monkeypatch.context() as broken:
        if cut in {"land", "process", "receipt"}:
            real = getattr(ingest, cut)

            def after(*args, **kwargs):
                real(*args, **kwargs)
                raise PowerCut

            broken.setattr(ingest, cut, after)
        elif cut == "write":
            broken.setattr(os, "fsync", dead)
            broken.setattr(module, "_write", dead)
        else:
            broken.setattr(type(tmp_path), "rename", dead)
        with pytest.raises(PowerCut):
            watcher.sweep()
    assert (tmp_path / "a.xml").exists()
    assert Watcher(tmp_path, OPERATOR, stable=0).sweep() == 1
    assert claims() == 2
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM message").fetchone() == (1,)
        assert conn.execute("SELECT max(version) FROM resource WHERE rtype = 'Claim'").fetchone() == (1,)
    (transaction,) = receipt(tmp_path / "done" / "a.xml")["transactions"]
    assert transaction["counts"] == {"accepted": 2, "unchanged": 0, "replaced": 0, "rejected": 0}
    assert not [path for path in (tmp_path / "done").iterdir() if path.name.endswith(".part")]


def test_the_same_name_again_keeps_the_earlier_receipt(watcher, tmp_path):
    for name in ("An", "Bình"):
        (tmp_path / "a.xml").write_bytes(file_of(tables(HO_TEN=name)))
        watcher.sweep()
    assert (tmp_path / "done" / "a.xml.receipt.json").exists()
    assert receipt(tmp_path / "done" / "2-a.xml")["transactions"][0]["counts"]["replaced"] == 1


def test_a_folder_of_one_facility_refuses_the_files_of_others(database, tmp_path):
    watcher = Watcher(tmp_path, Actor.facility_client("11001"), stable=0)
    (tmp_path / "own.xml").write_bytes(file_of(tables()))
    (tmp_path / "foreign.xml").write_bytes(file_of(tables("25.9", MA_CSKCB="11002")))
    watcher.sweep()
    assert (tmp_path / "done" / "own.xml").exists()
    assert (tmp_path / "refused" / "foreign.xml").exists()
    assert claims() == 1


def test_links_are_not_followed_wherever_they_point(watcher, tmp_path):
    """Whoever may write into the folder is not the one who runs the watcher: nothing outside is read, nothing outside is written."""
    secret, elsewhere = tmp_path / "other" / "secret.xml", tmp_path / "other" / "out"
    elsewhere.mkdir(parents=True)
    secret.write_bytes(file_of(tables()))
    (tmp_path / "a.xml").symlink_to(secret)
    assert watcher.sweep() == 0
    (tmp_path / "done").symlink_to(elsewhere)
    (tmp_path / "b.xml").write_bytes(file_of(tables("25.000002")))
    assert watcher.sweep() == 0
    assert list(elsewhere.iterdir()) == []
    (tmp_path / "done").unlink()
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / ".b.xml.receipt.json.part").symlink_to(secret)
    assert watcher.sweep() == 1
    assert secret.read_bytes() == file_of(tables())
    written = tmp_path / "done" / "b.xml.receipt.json"
    assert not written.stat().st_mode & 0o007


def test_a_file_exchanged_for_a_link_after_the_look_is_not_read(tmp_path):
    (tmp_path / "a.xml").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic link"):
        list(module._contents(tmp_path / "a.xml"))
    os.mkfifo(tmp_path / "pipe.xml")
    with pytest.raises(OSError, match="not a file"):
        list(module._contents(tmp_path / "pipe.xml"))


def test_one_file_that_cannot_be_read_does_not_hold_up_the_others(watcher, tmp_path, monkeypatch):
    (tmp_path / "a.xml").write_bytes(b"x")
    (tmp_path / "b.xml").write_bytes(file_of(tables()))
    real = module._contents

    def contents(path):
        if path.name == "a.xml":
            raise PermissionError(path.name)
        return real(path)

    monkeypatch.setattr(module, "_contents", contents)
    assert watcher.sweep() == 1
    assert (tmp_path / "done" / "b.xml").exists()
