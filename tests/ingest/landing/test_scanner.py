"""The scanner counts claims by raw bytes, whatever the chunks, and loses no byte."""

from hypothesis import given
from hypothesis import strategies as st

from yba.ingest.landing.scanner import Part, scan

PIECES = st.sampled_from(
    [
        b"<HOSO>",
        b"</HOSO>",
        b"<HOSO/>",
        b"<HOSO a='1'>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<?x ",
        b"?>",
        b"text",
        b"<FILEHOSO>",
        b"<HOSOX>",
        b"<",
        b">",
        b"\xc4\x91",
    ]
)


def cut(data: bytes, size: int):
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(st.lists(PIECES, max_size=30).map(b"".join), st.integers(1, 9))
def test_ranges_are_the_file_and_do_not_depend_on_chunks(data, size):
    ranges = list(scan(cut(data, size)))
    assert b"".join(one.data for one in ranges) == data
    assert [(one.part, one.data) for one in ranges] == [(one.part, one.data) for one in scan([data])]


def parts(data: bytes):
    return [(one.part.name, one.data) for one in scan([data])]


def test_claims_in_comments_and_cdata_do_not_count():
    data = b"<a><!-- <HOSO></HOSO> --><HOSO><![CDATA[</HOSO><HOSO>]]></HOSO></a>"
    assert [name for name, _ in parts(data)] == ["HEAD", "CLAIM", "GAP"]


def test_a_cut_claim_is_counted_and_the_next_one_survives():
    found = parts(b"<HOSO>one</HOSO><HOSO>cut<HOSO>two</HOSO><HOSO>end")
    assert [name for name, _ in found] == ["CLAIM", "UNFINISHED", "CLAIM", "UNFINISHED"]


def test_self_closing_claim_is_present():
    assert [name for name, _ in parts(b"<x><HOSO/></x>")] == ["HEAD", "CLAIM", "GAP"]


def test_names_that_only_begin_like_a_claim_are_not_claims():
    assert {part for part, _ in parts(b"<HOSOX></HOSOX><HOSO_A/>")} == {"HEAD"}


def test_head_alone():
    assert [one.part for one in scan([b"<TONG_HOP/>"])] == [Part.HEAD]
