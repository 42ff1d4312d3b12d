"""Files, folders and archives are walked in a fixed order; hostile archives are refused and write nothing."""

import io
import os
import socket
import threading
import zipfile

import pytest

from yba.ingest.landing.sources import Limits, UnreadableError, walk


def make_zip(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data, **options)
    return path


def read_all(paths, limits=None):
    found = []
    for source in walk([str(one) for one in paths], limits or Limits()):
        try:
            found.append((source.name.rsplit("/", 1)[-1], b"".join(source.chunks((limits or Limits()).file_bytes))))
        except UnreadableError as error:
            found.append((source.name.rsplit("/", 1)[-1], error.args[0]))
    return found


def test_folder_sorted_and_zip_in_archive_order(tmp_path):
    (tmp_path / "b.xml").write_bytes(b"b")
    (tmp_path / "a.xml").write_bytes(b"a")
    make_zip(tmp_path / "c.zip", [("2.xml", b"2"), ("1.xml", b"1")])
    assert read_all([tmp_path]) == [("a.xml", b"a"), ("b.xml", b"b"), ("c.zip!2.xml", b"2"), ("c.zip!1.xml", b"1")]


def test_path_that_climbs_out_is_only_a_label(tmp_path):
    archive = make_zip(tmp_path / "x.zip", [("../../evil.xml", b"x")])
    assert read_all([archive])[0][1] == b"x"
    assert not (tmp_path.parent.parent / "evil.xml").exists()


def test_archive_in_archive_is_read_and_a_third_level_refused(tmp_path):
    inner = io.BytesIO()
    make_zip(inner, [("deep.xml", b"deep")])
    middle = io.BytesIO()
    make_zip(middle, [("inner.zip", inner.getvalue()), ("m.xml", b"m")])
    found = read_all([make_zip(tmp_path / "outer.zip", [("middle.zip", middle.getvalue())])])
    assert [what for _, what in found] == ["LAND006", b"m"]


def test_bomb_is_refused_by_its_claim_and_by_its_bytes(tmp_path):
    archive = make_zip(tmp_path / "bomb.zip", [("bomb.xml", b"\0" * (80 << 20)), ("good.xml", b"good")])
    assert [what for _, what in read_all([archive])] == ["LAND006", b"good"]
    (tmp_path / "big.xml").write_bytes(b"x" * 5000)
    assert read_all([tmp_path / "big.xml"], Limits(file_bytes=4000))[0][1] == "LAND006"


@pytest.mark.parametrize("damage", [b"PK\x03\x04 not an archive", b"PK\x05\x06"])
def test_damaged_archive_is_one_refusal(tmp_path, damage):
    (tmp_path / "x.zip").write_bytes(damage)
    assert [what for _, what in read_all([tmp_path / "x.zip"])] == ["LAND007"]


def test_damaged_member_loses_only_itself(tmp_path):
    path = make_zip(tmp_path / "x.zip", [("a.xml", b"a" * 1000 + bytes(range(256))), ("b.xml", b"b")])
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)
    assert [what for _, what in read_all([path])] == ["LAND007", b"b"]


def test_missing_path_is_said(tmp_path):
    assert [what for _, what in read_all([tmp_path / "no"])] == ["LAND010"]


def test_what_is_no_file_neither_hangs_nor_is_lost(tmp_path):
    (tmp_path / "a.xml").write_bytes(b"a")
    (tmp_path / "tên lạ\n có dấu.xml").write_bytes(b"b")
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "nowhere.xml").symlink_to(tmp_path / "gone.xml")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "empty").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "sock.xml"))
        assert read_all([tmp_path]) == [("a.xml", b"a"), ("nowhere.xml", "LAND010"), ("tên lạ\n có dấu.xml", b"b")]


def test_a_named_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"x" * 100_000,))
    writer.start()
    assert read_all([pipe]) == [("pipe", b"x" * 100_000)]
    writer.join()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_by_a_method_that_unpacks_a_gigabyte_at_once_is_not_begun(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.xml", b"a" * 100_000, compress_type=method)
        archive.writestr("b.xml", b"b")
    assert [what for _, what in read_all([tmp_path / "x.zip"])] == ["LAND007", b"b"]
