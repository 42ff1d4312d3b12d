"""Every envelope variant of real files gives the same rows; what cannot be read is said and loses nothing else."""

import base64
import unicodedata

import pytest

from tests.ingest.builder import hoso, tables
from yba.ingest.claims_xml import read_claim
from yba.ingest.model import Envelope, Severity
from yba.specs.claims import edition
from yba.specs.claims_writer import write_table

MADE = tables()


def read(text):
    return read_claim(text.encode() if isinstance(text, str) else text, Envelope("11001"))


def single(content, name="XML1"):
    return f"<HOSO><FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO></HOSO>"


def xml1(**changes):
    return write_table(edition("3176").tables["XML1"], tables(**changes)["XML1"])


def encoded(data):
    return base64.b64encode(data).decode()


def rules(claim):
    return [one.rule for one in claim.reading]


PLAIN = xml1()
VARIANTS = {
    "base64": encoded(PLAIN.encode()),
    "wrapped at 64": "\n".join(encoded(PLAIN.encode())[at : at + 64] for at in range(0, len(encoded(PLAIN.encode())), 64)),
    "wrapped with CRLF and indented": "\r\n    ".join(encoded(PLAIN.encode())[at : at + 76] for at in range(0, len(encoded(PLAIN.encode())), 76)),
    "padding lost": encoded((PLAIN + " ").encode()).rstrip("="),
    "nested": PLAIN.split("?>", 1)[1],
    "cdata": f"<![CDATA[{PLAIN}]]>",
    "escaped": PLAIN.replace("&", "&amp;").replace("<", "&lt;"),
    "utf-8 with BOM": encoded(b"\xef\xbb\xbf" + PLAIN.encode()),
    "utf-16": encoded(PLAIN.replace("utf-8", "utf-16").encode("utf-16")),
    "no declaration": encoded(PLAIN.split("?>", 1)[1].encode()),
    "single quotes": encoded(PLAIN.replace('"', "'").encode()),
    "CRLF and pretty": encoded(PLAIN.replace("><", ">\r\n  <").encode()),
    "attributes on the root": encoded(PLAIN.replace("<TONG_HOP>", '<TONG_HOP xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">').encode()),
    "default namespace": encoded(PLAIN.replace("<TONG_HOP>", '<TONG_HOP xmlns="urn:x">').encode()),
    "cdata fields": encoded(PLAIN.replace("<HO_TEN>", "<HO_TEN><![CDATA[").replace("</HO_TEN>", "]]></HO_TEN>").encode()),
}


@pytest.mark.law("BHYT-DATA-R02")
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_reads_the_same(name):
    claim = read(single(VARIANTS[name]))
    assert claim.tables["XML1"] == MADE["XML1"]
    assert (claim.facility, claim.link, claim.decision) == ("11001", "25.000001", "3176")
    assert not [one for one in claim.reading if one.severity is not Severity.NOTE]


def test_blanks_for_plus_are_restored_and_noted():
    text = encoded(xml1(GHI_CHU="þþþ~~~>>>").encode())
    assert "+" in text
    claim = read(single(text.replace("+", " ")))
    assert claim.tables["XML1"][0]["GHI_CHU"] == "þþþ~~~>>>"
    assert rules(claim) == ["READ006"]


def test_windows_1258_is_recognised():
    tones = "\u0300\u0301\u0303\u0309\u0323"

    def apart(letter):
        """Windows-1258 has no precomposed toned letters beyond Latin-1's."""
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(c for c in parts if c in tones)
        return unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones)) + tone

    data = "".join(map(apart, xml1().replace("utf-8", "windows-1258"))).encode("cp1258")
    claim = read(single(encoded(data)))
    assert claim.tables["XML1"][0]["HO_TEN"] == "Nguyễn Thị Thử"
    assert rules(claim) in ([], ["READ008"])


def test_bare_markup_is_mended_and_said():
    broken = xml1().replace("Khám tăng huyết áp", "ho & sốt CSST<M75_T37_HA120/70_NT18_HL2> x < 3")
    claim = read(single(encoded(broken.encode())))
    assert claim.tables["XML1"][0]["LY_DO_VV"] == "ho & sốt CSST<M75_T37_HA120/70_NT18_HL2> x < 3"
    assert rules(claim) == ["READ007"]


def test_one_broken_table_loses_nothing_else():
    text = hoso(MADE).replace("<LOAIHOSO>XML2</LOAIHOSO><NOIDUNGFILE>", "<LOAIHOSO>XML2</LOAIHOSO><NOIDUNGFILE>!!!")
    claim = read(text)
    assert set(claim.tables) == {"XML1", "XML3", "XML4"}
    assert [(one.rule, one.table) for one in claim.reading][-1] == ("READ005", "XML2")


def test_broken_summary_rejects():
    claim = read(single(encoded(PLAIN.encode())[:200]))
    assert any(one.rule == "READ004" and one.severity is Severity.REJECT for one in claim.reading)


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><TONG_HOP><HO_TEN>&x;</HO_TEN></TONG_HOP>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><TONG_HOP><HO_TEN>&b;</HO_TEN></TONG_HOP>',
    ],
)
def test_entities_are_never_read(attack):
    for text in (single(encoded(attack.encode())), f"{attack.split('<TONG_HOP')[0]}{single('x')}"):
        claim = read(text)
        assert "XML1" not in claim.tables
        assert "READ017" in rules(claim)


def test_empty_in_every_form_is_absent():
    empty = "<A/><B></B><C><![CDATA[]]></C>"
    claim = read(single(encoded(PLAIN.replace("<MA_BN>", empty + "<MA_BN>").encode())))
    assert claim.tables["XML1"] == MADE["XML1"]


def test_blanks_and_tabs_stay_as_sent():
    claim = read(single(encoded(xml1(MA_BN="BN1\t", GHI_CHU="  ").encode())))
    assert claim.tables["XML1"][0]["MA_BN"] == "BN1\t"
    assert claim.tables["XML1"][0]["GHI_CHU"] == "  "


def test_empty_part_is_no_finding_and_unknown_table_is():
    assert rules(read(single(""))) == []
    assert rules(read(single(encoded(b"<LA_LAM/>"), "XML2"))) == ["READ009"]


def test_table_is_told_by_its_root_not_by_its_name():
    claim = read(single(encoded(PLAIN.encode()), "XML5"))
    assert set(claim.tables) == {"XML1"}
    assert rules(claim) == ["READ010"]


@pytest.mark.parametrize("decision", ["917", "4210"])
def test_old_decisions_are_recognised(decision):
    row = {
        "MA_LK": "1",
        "MA_BN": "1",
        "HO_TEN": "A",
        "MA_THE": "HT2110123456789",
        "MA_LYDO_VVIEN": "1",
        "MA_CSKCB": "11001",
        "NGAY_RA": "201801010000",
    }
    row |= {"MUC_HUONG": "80"} if decision == "917" else {"T_TONGCHI": "1", "T_BNCCT": "0"}
    body = "".join(f"<{k}>{v}</{k}>" for k, v in row.items())
    assert read(single(encoded(f"<TONG_HOP>{body}</TONG_HOP>".encode()))).decision == decision


@pytest.mark.law("BHYT-DATA-R23")
@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"NGAY_RA": "202407150000", "MA_NGHE_NGHIEP": "00000"}, "4750"),
        ({"NGAY_RA": "202501150000", "MA_NGHE_NGHIEP": "00000"}, "3176"),
        ({"NGAY_RA": "202607020000"}, "1931"),
        ({"NGAY_RA": "202401150000", "MA_NGHE_NGHIEP": "00000", "NHOM_MAU": None, "DU_PHONG": None}, "130"),
    ],
)
def test_decision_by_content_and_end_of_visit(changes, decision):
    row = {k: v for k, v in tables(**changes)["XML1"][0].items() if v is not None}
    body = "".join(f"<{k}>{v}</{k}>" for k, v in row.items())
    assert read(single(encoded(f"<TONG_HOP>{body}</TONG_HOP>".encode()))).decision == decision


def test_two_values_of_one_field_keep_the_first_and_say_so():
    claim = read(single(encoded(PLAIN.replace("<MA_BN>", "<MA_BN>first</MA_BN><MA_BN>").encode())))
    assert claim.tables["XML1"][0]["MA_BN"] == "first"
    assert rules(claim) == ["READ019"]


@pytest.mark.parametrize(
    "written", ["<CHITIEUTONGHOPKCBBHYT>{}</CHITIEUTONGHOPKCBBHYT>", "<CHITIEUTONGHOPKCBBHYT><!-- -->{}</CHITIEUTONGHOPKCBBHYT>"]
)
def test_a_summary_in_a_wrapper_keeps_its_decision(written):
    """One exporter wraps TONG_HOP (envelope.md section 3); the signs of QĐ 4210 stand in its fields all the same."""
    summary = write_table(edition("4210").tables["XML1"], [{"MA_LK": "1", "MA_THE": "HT2110123456789", "MA_LYDO_VVIEN": "1", "T_TONGCHI": "0"}])
    wrapped = written.format(summary.split("?>", 1)[1])
    assert {read(single(encoded(one.encode()))).decision for one in (summary, wrapped)} == {"4210"}
