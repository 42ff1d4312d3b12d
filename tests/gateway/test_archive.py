"""Zip archives as posted: bounded, whatever they claim of themselves."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.gateway import archive


def zipped(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return held.getvalue()


def read(data, max_file=1 << 20, max_all=4 << 20):
    return list(archive.files(io.BytesIO(data), max_file=max_file, max_all=max_all))


def test_members_in_order_and_a_climbing_name_is_only_a_label():
    data = zipped(**{"../../etc/passwd": b"a", "b/": b"", "b/c.xml": b"c"})
    assert archive.is_zip(data)
    assert read(data) == [("../../etc/passwd", b"a"), ("b/c.xml", b"c")]


def test_a_bomb_stops_at_the_limit():
    with pytest.raises(archive.TooLarge):
        read(zipped(bomb=b"\0" * (8 << 20)))
    with pytest.raises(archive.TooLarge):
        read(zipped(**{f"m{place}": b"\0" * (1 << 20) for place in range(6)}))


@pytest.mark.parametrize("cut", [10, 40, -20])
def test_a_damaged_archive_is_said_so(cut):
    with pytest.raises(archive.BadArchive):
        read(zipped(a=b"abc" * 1000)[:cut])


def test_a_wrong_checksum_is_said_so():
    data = bytearray(zipped(a=bytes(range(256)) * 20))
    data[60] ^= 0xFF
    with pytest.raises(archive.BadArchive):
        read(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_a_gigabyte_at_once_are_not_begun(method):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as file:
        file.writestr("a.xml", b"\0" * (1 << 20))
    with pytest.raises(archive.BadArchive):
        read(held.getvalue(), max_file=1 << 30, max_all=1 << 30)


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_damage_raises_anything_else(place, value):
    data = bytearray(zipped(a=b"abc" * 50, b=bytes(range(200))))
    data[place % len(data)] = value
    try:
        held = read(bytes(data))
    except (archive.BadArchive, archive.TooLarge):
        return
    assert len(held) <= 2
