"""Packing is exact for any bytes, small for base64 tables, and refuses damaged input."""

import base64
from hashlib import sha256

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from yba.ingest.landing.packing import DATA, FORMS, RESIDUE, Packer, pieces
from yba.ingest.landing.sealing import BrokenSealError, Sealer, open_sealed, seal
from yba.kit import keys

PACKER = Packer.create()


@given(st.binary(max_size=500), st.binary(max_size=300), st.sampled_from([b"", b"\n", b" ", b"="]))
def test_unpack_gives_back_every_byte(before, inside, damage):
    encoded = base64.b64encode(inside)
    data = before + b"<NOIDUNGFILE>" + encoded[:40] + damage + encoded[40:] + b"</NOIDUNGFILE>" + before
    assert PACKER.unpack(PACKER.pack(data)) == data


@given(
    st.binary(min_size=40, max_size=400),
    st.integers(1, 100),
    st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 500),
    st.sampled_from([b"", b"", b"\n", b"\r", b"A", b"="]),
)
def test_unpack_gives_back_base64_in_lines_of_any_layout(inside, width, end, before, after, at, damage):
    text = laid_out(inside, width, end, before=before, after=after)
    data = b"<NOIDUNGFILE>" + text[:at] + damage + text[at:] + b"</NOIDUNGFILE>"
    assert PACKER.unpack(PACKER.pack(data)) == data


def laid_out(table: bytes, width: int, end: bytes, *, before: bool, after: bool) -> bytes:
    encoded = base64.b64encode(table)
    lines = end.join(encoded[at : at + width] for at in range(0, len(encoded), width))
    return end * before + lines + end * after


@pytest.mark.parametrize("width", [64, 76, 100_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("around", [False, True])
def test_tables_in_base64_are_packed_decoded(width, end, around):
    table = "".join(
        f"<CHI_TIET_THUOC><STT>{n}</STT><TEN_THUOC>Paracetamol {n * 7919 % 1000}</TEN_THUOC></CHI_TIET_THUOC>" for n in range(60)
    ).encode()
    data = b"<NOIDUNGFILE>" + laid_out(table, width, end, before=around, after=around) + b"</NOIDUNGFILE>"
    assert PACKER.unpack(PACKER.pack(data)) == data
    if width < len(table) or not around:
        assert len(PACKER.pack(data)) < len(data) / 8


def test_the_dictionaries_are_those_that_stored_originals_were_packed_with():
    """A changed dictionary would lose every original; a new one is a new file with a new number."""
    assert {path.name: sha256(path.read_bytes()).hexdigest()[:32] for path in DATA.glob("*.zdict")} == {
        "original-40001.zdict": "a713ade6b47a66195094db2588f9c01e",
        "residue-40002.zdict": "3d91ce7fc803f39b6c750fba2c713191",
    }
    assert {zstandard.ZstdCompressionDict((DATA / f"{form}-{id_}.zdict").read_bytes()).dict_id() for form, id_ in FORMS.items()} == set(
        FORMS.values()
    )


@given(st.binary(max_size=2000))
def test_what_was_packed_before_there_were_dictionaries_opens(data):
    assert PACKER.unpack(zstandard.ZstdCompressor(level=3).compress(b"".join(pieces(data)))) == data


@given(st.binary(max_size=2000))
def test_a_residue_comes_back(data):
    assert PACKER.unpack(PACKER.pack(data, RESIDUE)) == data


def test_a_dictionary_that_is_not_there_is_named():
    trained = zstandard.train_dictionary(2000, [f"<A>{n * 7919}</A>".encode() * 20 for n in range(400)], dict_id=50_000)
    with pytest.raises(ValueError, match="dictionary 50000"):
        PACKER.unpack(zstandard.ZstdCompressor(dict_data=trained).compress(b"<A>1</A>" * 50))


def test_damaged_packing_is_an_error():
    packed = PACKER.pack(b"x" * 1000)
    with pytest.raises(ValueError, match="damaged"):
        PACKER.unpack(packed[:-3] + b"zzz")


def test_a_seal_opens_only_unchanged_and_with_its_own_key(tmp_path):
    sealer = Sealer(keys.Ring(tmp_path / "a"))
    key, wrapped = sealer.new_key()
    body = seal(key, b"secret", b"original")
    assert open_sealed(sealer.unwrap(wrapped), body, b"original") == b"secret"
    for changed in (body[:-1] + bytes([body[-1] ^ 1]), body[1:]):
        with pytest.raises(BrokenSealError):
            open_sealed(key, changed, b"original")
    with pytest.raises(BrokenSealError):
        open_sealed(key, body, b"residue")
    with pytest.raises(BrokenSealError):
        Sealer(keys.Ring(tmp_path / "b")).unwrap(wrapped)
