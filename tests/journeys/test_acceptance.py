"""Files that nobody who built the path wrote: every claim accounted for, nothing false said of legal files, every field given back, sound FHIR."""

import io
import json
import random
import re
import zipfile
from base64 import b64decode
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest
from lxml import etree

from yba import fhir, ingest, record
from yba.ingest import Outcome, Severity
from yba.ingest.pipeline.patients import forget_shared
from yba.kit import Actor
from yba.kit.db import reading
from yba.record.lines import whole

FOLDER = Path(__file__).parents[1] / "golden" / "acceptance"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))
OPERATOR = Actor.operator("claims-intake")
RECORDS = {
    "XML1": "TONG_HOP", "XML2": "CHI_TIET_THUOC", "XML3": "CHI_TIET_DVKT", "XML4": "CHI_TIET_CLS", "XML5": "CHI_TIET_DIEN_BIEN_BENH",
    "XML7": "CHI_TIEU_DU_LIEU_GIAY_RA_VIEN", "XML8": "CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN", "XML9": "DU_LIEU_GIAY_CHUNG_SINH",
    "XML14": "CHI_TIEU_GIAYHEN_KHAMLAI",
}  # fmt: skip


def ingested(*paths, workers=1):
    totals = ingest.ingest([str(path) for path in paths], by=OPERATOR, workers=workers)
    assert totals.claims_accepted + totals.claims_unchanged + totals.claims_replaced + totals.claims_rejected == totals.claims_present
    return totals


def receipts():
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT code, filename FROM message ORDER BY seq").fetchall()
    return {name: ingest.receipt(by=OPERATOR, transaction=code) for code, name in rows}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What is written once per process (facilities, practitioners) is not there in a fresh database."""
    forget_shared()


def wanted(key, of=None):
    return sum(what.get(key, 0) for name, what in EXPECTED.items() if of is None or name.startswith(of))


def elements(text):
    """A plain reading of our own of well-formed text; undefined prefixes and pasted declarations are looked over."""
    text = re.sub(r"<\?xml[^>]*\?>|\sxmlns=\"[^\"]*\"|\sxsi:nil=\"true\"", "", text)
    return etree.fromstring(text.encode("utf-8", "surrogatepass"), etree.XMLParser(recover=True, huge_tree=True))


def rows_of(root):
    """Table -> rows of raw text; what a claim holds by names of records alone."""
    found = {}
    for name, tag in RECORDS.items():
        for element in [root] if root.tag == tag else root.iter(tag):
            found.setdefault(name, []).append({child.tag: child.text for child in element if child.text})
    return found


def decoded(text):
    data = b64decode(text)
    return data.decode("utf-16-le") if data[1:2] == b"\0" else data.decode("utf-8-sig")


def claims_of(data):
    """Read a file of any odd shape apart from the reader under test: facility and link -> tables."""
    text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8-sig")
    root = elements(re.sub(r"<!--.*?-->", "", text))
    for hoso in [root] if root.tag in ("HOSO", "TONG_HOP") else root.iter("HOSO"):
        tables = {}
        for content in hoso.iter("NOIDUNGFILE") if hoso.tag == "HOSO" else ():
            inner = content if len(content) else None
            if inner is None and (content.text or "").strip():
                plain = content.text if content.text.lstrip().startswith("<") else decoded(content.text)
                inner = elements(plain) if re.sub(r"<\?xml[^>]*\?>", "", plain).strip() else None
            for name, rows in rows_of(inner).items() if inner is not None else ():
                tables.setdefault(name, []).extend(rows)
        tables = tables or rows_of(hoso)
        yield tables["XML1"][0]["MA_CSKCB"], tables["XML1"][0]["MA_LK"], tables


@pytest.mark.parametrize("workers", [1, 2])
def test_every_claim_is_accounted_for(database, workers):
    totals = ingested(FOLDER / "odd", FOLDER / "bad", FOLDER / "clean", workers=workers)
    assert (totals.files, totals.claims_present, totals.claims_rejected) == (len(EXPECTED), wanted("present"), wanted("rejected"))
    assert (totals.files_refused, totals.set_aside) == (wanted("refused"), wanted("set_aside"))
    for name, receipt in receipts().items():
        what = EXPECTED[str(Path(name).relative_to(FOLDER))]
        assert (name, receipt.claims_present, receipt.counts[Outcome.REJECTED]) == (name, what["present"], what["rejected"])
    again = ingested(FOLDER / "clean", FOLDER / "odd", FOLDER / "bad")
    assert (again.claims_unchanged, again.claims_accepted, again.resources_written) == (totals.claims_accepted, 0, 0)


def test_order_archive_and_stream_change_nothing(database, tmp_path, monkeypatch):
    names = [name for name, what in EXPECTED.items() if what["present"]]
    random.Random(7).shuffle(names)
    archive = tmp_path / "gói hồ sơ.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names[::2]:
            packed.write(FOLDER / name, name)
    totals = ingested(archive, *(FOLDER / name for name in names[1::2]), workers=2)
    assert (totals.claims_present, totals.claims_rejected) == (wanted("present"), wanted("rejected"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(archive.read_bytes())))
    assert ingested("-").claims_accepted == 0


def test_legal_files_draw_no_finding(database):
    ingested(FOLDER / "clean")
    said = [(name, one) for name, receipt in receipts().items() for claim in receipt.claims for one in claim.findings]
    wrong = Counter((one.rule, one.table, one.field) for name, one in said if one.severity is not Severity.NOTE)
    assert not wrong


def test_what_cannot_be_taken_says_why_once(database):
    ingested(FOLDER / "bad")
    for name, receipt in receipts().items():
        for claim in receipt.claims:
            reasons = [one for one in claim.findings if one.severity is Severity.REJECT]
            assert bool(reasons) == (claim.outcome is Outcome.REJECTED), name
            assert all(ingest.render(one).strip() for one in claim.findings)
            assert not {"READ007", "READ005"}.intersection(one.rule for one in reasons), name


def test_every_field_comes_back(database):
    ingested(FOLDER / "clean", FOLDER / "odd")
    checked = 0
    for name in EXPECTED:
        if name.startswith("bad") or name == "odd/bare-ampersand.xml":
            continue
        for facility, link, tables in claims_of((FOLDER / name).read_bytes()):
            back = next(claims_of(ingest.export_claim(by=OPERATOR, facility=facility, link=link)))[2]
            assert (name, back) == (name, tables)
            checked += 1
    assert checked == wanted("present", "clean") + wanted("present", "odd") - 1


def shown(number):
    with reading(by=OPERATOR) as conn:
        page = record.page_of(conn, by=OPERATOR, person_id=record.find_person(conn, by=OPERATOR, number=number))
    return page, record.as_text(page, today=date(2026, 11, 21))


def test_the_record_reads_right(database):
    ingested(FOLDER / "clean")
    mother, text = shown("046198007766")
    assert "Cân nặng khi sinh" not in text
    assert not [one for one in mother.results if one.name == "Cân nặng khi sinh"]
    assert "Kết luận: Siêu âm thai" in text
    child, text = shown("TE1464645678901")  # the newborn's temporary card opens its own record, and nobody else's
    assert (child.person_id != mother.person_id, child.identity.birth, child.identity.sex, child.visits) == (True, "2026-08-10", "male", [])
    assert [(one.name, one.value) for one in child.results] == [("Cân nặng khi sinh", "3200")]
    for page in (child, mother):
        assert "Giấy chứng sinh" in [paper.title for paper in page.papers]
    dead, text = shown("HT2464656789012")
    assert dead.identity.deceased.startswith("2025-03-14T04:25")
    assert "ĐÃ MẤT 14/03/2025" in text
    assert "84 tuổi" not in text
    assert "Ban ngày" not in text
    woman, _ = shown("GD4464612345678")  # the card of 2019 and the citizen number of 2026 are one person
    assert len(woman.visits) == 7
    assert [code for code, _ in woman.visits[0].diagnoses] == ["E11.9", "I10"]
    assert (woman.data.first, woman.data.last) == ("2019-05-06", "2026-09-10")


def test_what_was_withdrawn_is_no_fact_for_a_reader(database):
    ingested(FOLDER / "clean" / "3176-outpatient.xml", FOLDER / "clean" / "nested.xml")
    before, _ = shown("046168003322")
    (wrong,) = [one for one in ingest.messages(by=OPERATOR) if one.filename.endswith("3176-outpatient.xml")]
    ingest.withdraw(by=OPERATOR, transaction=wrong.transaction, reason="gửi nhầm")
    after, text = shown("046168003322")
    assert (len(before.visits), len(after.visits)) == (2, 1)
    assert {one.times for one in before.medicines} == {2}
    assert {one.times for one in after.medicines} == {1}
    assert " – 2 lần" not in text  # "2 lần/ngày" is a dose


def test_the_record_is_sound_fhir(database):
    ingested(FOLDER / "clean", FOLDER / "odd")
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT rtype, id, doc::text FROM resource WHERE NOT deleted").fetchall()
    known = {f"{rtype}/{id_}" for rtype, id_, _ in rows}
    for rtype, id_, text in rows:
        assert (f"{rtype}/{id_}", fhir.errors(orjson.loads(whole(rtype, str(id_), text)))) == (f"{rtype}/{id_}", [])
        assert not set(re.findall(r'"reference": ?"([A-Z][A-Za-z]+/[^"]+)"', text)) - known, f"{rtype}/{id_}"
        assert "bé trai" not in text or rtype not in ("Observation", "DiagnosticReport"), "the sex of a fetus stays sealed"
