"""What is read by cutting text is what the XML parser reads, however documents are written, nested, damaged or forged."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ingest.builder import hoso, tables
from yba.ingest.claims_xml import plain, read_claim
from yba.ingest.claims_xml.reader import parsed_claim
from yba.ingest.model import Envelope

SENDER = Envelope("11001")
SCHEMAS = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
VALUES = st.sampled_from(
    [
        "", "1", " ", "Nguyễn Văn Thử", "a > b", "a &lt; b &amp; c", "&#65;", "&xyz;", "&", "<", "]]>", "x[1]]", "<![CDATA[]]>", "<![CDATA[Tổ 5]]>",
        "<![CDATA[x [10]]]>", "<![CDATA[CSST<M74_T36.5>]]>", "<![CDATA[</A><MA_BN>forged</MA_BN><A>]]>", "<![CDATA[a & b]]>", "a<![CDATA[b]]>c",
        "<![CDATA[a]]><![CDATA[b]]>", "<![CDATA[never closed", "dòng\r\ndòng\rdòng", "\x0b", "\ufffe", "\u0085", "<!-- no -->", "<B>in</B>", "/>", "\t",
        "&lt;![CDATA[ ]]&gt;", "&amp;lt;", "<?x y?>", "\ufeff", "<!DOCTYPE",
    ]
)  # fmt: skip
GOOD = st.sampled_from(
    ["", "1", " ", "Nguyễn Văn Thử", "a > b", "a &lt; b &amp; c", "<![CDATA[Tổ 5]]>", "<![CDATA[CSST<M74_T36.5>]]>", "<![CDATA[x [10]]]>"]
)
FORMS = ["<{0}>{1}</{0}>"] * 8 + ["<{0}/>", "<{0} />"]
ODD = [*FORMS, "<{0} a='1'>{1}</{0}>", "<{0}>{1}</{0} >", "<{0}>{1}", "{1}</{0}>", "<{0}<![CDATA[X]]>>{1}</{0}>"]
NAMES = ["MA_LK", "STT", "MA_BN", "HO_TEN", "MA_CSKCB", "A", "B"]
STRANGE = [*NAMES, "CHI_TIET_THUOC", "NOIDUNGFILE", "x:y", "Tên"]
BLANK = st.sampled_from(["", "", "\n", "\n  ", "\r\n"])
BETWEEN = st.sampled_from(["", "", "\n", "\n  ", "\r\n", "\u00a0", "text", "<![CDATA[ ]]>", "<!-- -->"])


def fields(forms, names, values, between):
    return st.builds(lambda form, name, value, after: form.format(name, value) + after, st.sampled_from(forms), names, values, between)


ORDERLY = st.permutations(NAMES).flatmap(lambda names: st.tuples(*(fields(FORMS, st.just(name), GOOD, BLANK) for name in names[:4]))).map("".join)
WILD = st.lists(fields(ODD, st.sampled_from(STRANGE), VALUES, BETWEEN), max_size=5).map("".join)
STARTS = [
    "",
    "",
    "",
    "\ufeff",
    "\n",
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "<?xml version='1.0' standalone='yes'?>",
    '\ufeff<?xml version="1.0"?>',
]
STARTS += [' <?xml version="1.0" encoding="latin-1"?>', '\ufeff <?xml version="1.0"?>', "<!-- -->", "<!DOCTYPE x>", "<![CDATA[ ]]>"]


def table(draw):
    """One table document: half of them in order, of the others parts are missing, doubled or in the wrong place."""
    wild = draw(st.booleans())
    between, some = (BETWEEN, WILD) if wild else (BLANK, ORDERLY)
    kinds = [("TONG_HOP", "", ""), ("CHITIEU_CHITIET_THUOC", "DSACH_CHI_TIET_THUOC", "CHI_TIET_THUOC")] * 4
    root, list_, record = draw(st.sampled_from([*kinds, ("X", "", "")] if wild else kinds))
    gap = draw(between)
    if record:
        alike = draw(some)
        rows = [f"<{record}>{gap}{one}</{record}>{gap}" for one in draw(st.lists(st.one_of(st.just(alike), some), max_size=4))]
        inner = f"{gap}<{list_}>{''.join(rows)}</{list_}>"
        inner = draw(
            st.sampled_from([inner, inner, inner, inner + gap, f"<{list_}/>", f"<{list_}></{list_}>", *[inner + inner, "".join(rows)] * wild])
        )
    else:
        inner = gap + draw(some)
    attributes = draw(st.sampled_from(["", "", "", SCHEMAS, *[SCHEMAS + SCHEMAS, ' xmlns="urn:x"', " a='1'"] * wild]))
    end = draw(st.sampled_from(["", "", "\n", *["<![CDATA[ ]]>", "<!-- -->", "x", "\u00a0"] * wild]))
    start = draw(st.sampled_from(STARTS if wild else STARTS[:5]))
    return f"{start}<{root}{attributes}>{inner}</{root}>{end}"


@st.composite
def claims(draw):
    """One HOSO of such tables, nested or in base64 of several layouts, at times with a byte too much."""
    wild = draw(st.sampled_from([False, False, True]))
    files = []
    for _ in range(draw(st.integers(1, 3))):
        text = table(draw)
        if draw(st.booleans()):
            encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
            lines = "\r\n".join(encoded[at : at + 64] for at in range(0, len(encoded), 64))
            text = draw(st.sampled_from([encoded, lines, *[encoded[:-1], " " + encoded, encoded.replace("+", " ")] * wild]))
        name = draw(st.sampled_from(["XML1", "XML2", "xml2 ", "", *["X<!-- -->ML1"] * wild]))
        forms = ["<FILEHOSO>{a}<LOAIHOSO>{n}</LOAIHOSO>{a}<NOIDUNGFILE>{t}</NOIDUNGFILE>{a}</FILEHOSO>{a}"] * 4
        form = draw(st.sampled_from([*forms, *["{t}", "<FILEHOSO>{t}</FILEHOSO>"] * wild]))
        files.append(form.format(a=draw(BETWEEN if wild else BLANK), n=name, t=text))
    whole = f"<HOSO>{''.join(files)}</HOSO>".encode("utf-8", "surrogatepass")
    if not wild:
        return whole
    at, damage = draw(st.integers(0, len(whole))), draw(st.sampled_from([b"", b"<", b">", b"&", b"\xff", b"]]>", b"<![CDATA[", b"</A>", b"\x00"]))
    return whole[:at] + damage + whole[at:]


def same(one, other):
    assert one == other
    assert [[list(row.items()) for row in rows] for rows in one.tables.values()] == [
        [list(row.items()) for row in rows] for rows in other.tables.values()
    ]
    assert list(one.tables) == list(other.tables)


@given(claims())
@example(b"<HOSO><FILEHOSO><LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE><TONG_HOP><A>1</A><B>x<![CDATA[<]]></B></TONG_HOP></NOIDUNGFILE></FILEHOSO></HOSO>")
def test_cutting_reads_what_the_parser_reads(data):
    same(read_claim(data, SENDER), parsed_claim(data, SENDER))


@st.composite
def lone_tables(draw):
    return table(draw)


@given(lone_tables())
def test_a_lone_table_reads_the_same(text):
    data = text.encode("utf-8", "surrogatepass")
    same(read_claim(data, SENDER, lone=True), parsed_claim(data, SENDER, lone=True))


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("wrap", [0, 64])
def test_what_programs_write_is_read_without_the_parser(nested, wrap):
    """Should the fast way silently stop taking ordinary claims, only the speed would tell."""
    data = hoso(tables(HO_TEN="Nguyễn > <![CDATA[x]]>"), nested=nested, wrap=wrap).encode()
    found = plain.parts(data)
    assert found is not None
    for _, content in found:
        text = plain.text_of(content if nested else plain.decoded(content))
        assert plain.table(text, nested=nested) is not None


def test_two_names_that_change_places_are_not_taken_for_rows_alike():
    """A B | A B C and A | B A B hold the same fields in the same order."""
    for rows in (["<A>1</A><B>2</B>", "<A>3</A><B>4</B>"], ["<A>1</A>", "<B>2</B><A>3</A><B>4</B>"], ["<A>1</A><B>2</B><A>3</A>", "<B>4</B>"]):
        records = "".join(f"<CHI_TIET_THUOC>{row}</CHI_TIET_THUOC>" for row in rows)
        data = f"<DSACH_CHI_TIET_THUOC>{records}</DSACH_CHI_TIET_THUOC>".encode()
        same(read_claim(data, SENDER, lone=True), parsed_claim(data, SENDER, lone=True))
