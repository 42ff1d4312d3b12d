"""A file is put down whole, for nobody else to read; one that could not be written leaves nothing behind."""

import os
import stat

import pytest

from yba.kit.durable import put


def test_a_file_is_put_down_whole_and_private(tmp_path):
    path = tmp_path / "new" / "one.json"
    for data in (b"first", b"", b"third" * 1000):
        put(path, data)
        assert path.read_bytes() == data
    assert [one.name for one in path.parent.iterdir()] == ["one.json"]
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_what_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "one.json"
    put(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space"):
        put(path, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("one.json", b"old")]
