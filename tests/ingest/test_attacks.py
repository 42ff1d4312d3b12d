"""What an attacker who may send a file can try: filing for others, being read in two ways, small files that cost much."""

import time
from itertools import pairwise

import pytest

from tests.ingest.builder import envelope, file_of, hoso, tables
from yba import audit, ingest
from yba.ingest.checks import check
from yba.ingest.claims_xml import documents, read_claim
from yba.ingest.claims_xml.reader import MOST_PER_RULE
from yba.ingest.context import context
from yba.ingest.landing.peek import ranges, read_head
from yba.ingest.landing.scanner import Part, scan
from yba.ingest.model import Envelope
from yba.kit import Actor, Forbidden, NotFound
from yba.kit.db import reading, unit_of_work

OPERATOR = Actor.operator()
A, B = Actor.facility_client("11001"), Actor.facility_client("99999")
GATEWAY = ingest.Channel.GATEWAY


def lone(facility):
    return hoso(tables(MA_CSKCB=facility), nested=True).split("<NOIDUNGFILE>")[1].split("</NOIDUNGFILE>")[0].encode()


def check_in(*facilities):
    rows = "".join(f"<TRANG_THAI_KCB><MA_LK>{n}</MA_LK><MA_CSKCB>{one}</MA_CSKCB></TRANG_THAI_KCB>" for n, one in enumerate(facilities))
    return f"<CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB>{rows}</DSACH_TRANG_THAI_KCB></CHI_TIEU_TRANG_THAI_KCB>".encode()


def foreign_files():
    """Files that name facility 99999 somewhere, in ways in which two readers could differ."""
    theirs = hoso(tables(MA_CSKCB="99999"))
    ours = hoso(tables("25.000002"))
    yield "plain", envelope(theirs, facility="99999")
    yield "envelope says ours", envelope(theirs)
    yield "second claim", envelope(ours, theirs)
    yield "no envelope facility", envelope(theirs, facility="")
    yield "lone", lone("99999")
    yield "lone and an empty claim", lone("99999") + b"<HOSO/>"
    yield "lone after a comment", b"<!-- <HOSO> -->" + lone("99999") + b"<HOSO></HOSO>"
    yield "lone and junk", lone("99999") + b"<HOSO>"
    yield "hoso as root", theirs.encode()
    yield "hoso roots", (ours + theirs).encode()
    yield "after an unfinished one", envelope(ours.removesuffix("</HOSO>"), theirs)
    yield "outside the list", file_of(tables()).replace(b"<CHUKYDONVI/>", b"<CHUKYDONVI>" + theirs.encode() + b"</CHUKYDONVI>")
    yield "utf-16", envelope(theirs).decode().replace('"utf-8"', '"utf-16"').encode("utf-16")
    yield "comment in the code", envelope(hoso(tables(MA_CSKCB="99999"), nested=True).replace("99999", "99<!-- 11001 -->999"))
    yield "cdata", envelope(hoso(tables(MA_CSKCB="99999"), nested=True).replace("99999", "<![CDATA[99999]]>"))
    yield "namespace", envelope(hoso(tables(MA_CSKCB="99999"), nested=True).replace("<TONG_HOP>", '<TONG_HOP xmlns="x">'))
    yield "empty one first", envelope(hoso(tables(MA_CSKCB="99999"), nested=True).replace("<MA_CSKCB>", "<MA_CSKCB/><MA_CSKCB>"))
    yield "look-alike", envelope(hoso(tables(MA_CSKCB="１１００１")))
    yield "check-in", check_in("99999")
    yield "second check-in", check_in("11001", "99999")
    yield "check-in in utf-16", b'<?xml version="1.0" encoding="utf-16"?>'.decode().encode("utf-16") + check_in("99999").decode().encode("utf-16-le")


@pytest.mark.parametrize(("name", "data"), [pytest.param(*one, id=one[0]) for one in foreign_files()])
@pytest.mark.law("BHYT-DATA-R01")
def test_no_way_of_writing_it_files_for_another_facility(database, name, data):
    assert ingest.peek(data).facilities - A.facilities
    landing = ingest.land(by=A, channel=GATEWAY, data=data)
    ingest.process(by=OPERATOR)
    assert (landing.refusal and landing.refusal.rule) == "LAND009"
    with reading(by=OPERATOR) as conn:
        for query in ("SELECT 1 FROM claim", "SELECT 1 FROM check_in", "SELECT 1 FROM resource"):
            assert conn.execute(query).fetchone() is None


def test_what_the_face_let_in_by_mistake_is_rejected_when_it_is_processed(database, monkeypatch):
    monkeypatch.setattr("yba.ingest.door._mismatch", lambda _by, _data: "")
    landing = ingest.land(by=A, channel=GATEWAY, data=file_of(tables(), tables("25.000002", MA_CSKCB="99999")))
    ingest.process(by=OPERATOR)
    found = ingest.receipt(by=A, transaction=landing.transaction)
    assert [claim.outcome.name for claim in found.claims] == ["ACCEPTED", "REJECTED"]
    assert "LAND009" in {one.rule for one in found.claims[1].findings}


@pytest.mark.parametrize("data", [lone("11001"), check_in("11001"), b"no xml"])
def test_a_receipt_is_the_senders_whatever_the_file_says(database, data):
    landing = ingest.land(by=A, channel=GATEWAY, data=data)
    ingest.process(by=OPERATOR)
    assert ingest.receipt(by=A, transaction=landing.transaction.lower()).transaction == landing.transaction
    with pytest.raises(NotFound):
        ingest.receipt(by=B, transaction=landing.transaction)
    with reading(by=OPERATOR) as conn:
        (refused,) = audit.trail(conn, by=OPERATOR, tag=audit.Tag.INGEST_RECEIPT_REFUSED)
    assert (refused.who, refused.about_id) == (B.name, landing.transaction)


def test_naming_another_facility_in_the_envelope_does_not_show_it_the_receipt(database):
    landing = ingest.land(by=A, channel=GATEWAY, data=envelope(hoso(tables()), facility="99999"))
    with pytest.raises(NotFound):
        ingest.receipt(by=B, transaction=landing.transaction)
    assert ingest.messages(by=B) == []
    assert [one.transaction for one in ingest.messages(by=A)] == [landing.transaction]


def test_of_the_operators_file_a_facility_sees_its_own_claims(database):
    data = file_of(tables(GIOI_TINH="9"), tables("25.000002", MA_CSKCB="99999", GIOI_TINH="8"))
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    ingest.process(by=OPERATOR)
    assert len(ingest.receipt(by=OPERATOR, transaction=landing.transaction).claims) == 2
    seen = ingest.receipt(by=A, transaction=landing.transaction)
    assert [claim.facility for claim in seen.claims] == ["11001"]
    assert "8" not in {one.value for one in seen.findings}


@pytest.mark.parametrize("code", ["", "\0", "A" * 26, "' OR 1=1 --", "x" * 100_000])
def test_codes_that_are_none_find_nothing(database, code):
    with pytest.raises(NotFound):
        ingest.receipt(by=A, transaction=code)


def test_an_original_refused_to_a_client_stands_in_the_trail(database):
    landing = ingest.land(by=A, channel=GATEWAY, data=file_of(tables()))
    with pytest.raises(Forbidden):
        ingest.original(by=A, transaction=landing.transaction, reason="tò mò")
    with pytest.raises(Forbidden):
        ingest.withdraw(by=A, transaction=landing.transaction, reason="xoá dấu vết")
    with reading(by=OPERATOR) as conn:
        assert len(audit.trail(conn, by=OPERATOR, tag=audit.Tag.INGEST_ORIGINAL_REFUSED)) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_seen_in_every_character_set(encoding):
    text = '<!DOCTYPE x [<!ENTITY e "11001">]><TONG_HOP><MA_CSKCB>&e;</MA_CSKCB></TONG_HOP>'
    root, notes = documents.parse((text if encoding == "utf-8" else "\ufeff" + text).encode(encoding.replace("utf-16-be", "utf-16-be")))
    assert root is None
    assert ("READ017", "<!DOCTYPE") in notes


def xml2(inner):
    return b"<HOSO><FILEHOSO><NOIDUNGFILE><DSACH_CHI_TIET_THUOC>" + inner + b"</DSACH_CHI_TIET_THUOC></NOIDUNGFILE></FILEHOSO></HOSO>"


def test_records_inside_records_do_not_multiply_their_text():
    claim = read_claim(xml2(b"<CHI_TIET_THUOC>" * 200 + b"a" * 100_000 + b"</CHI_TIET_THUOC>" * 200), Envelope())
    assert sum(len(text) for row in claim.tables["XML2"] for text in row.values()) < 200_000


def test_a_million_faults_are_told_in_thousands():
    broken = read_claim(b"<HOSO>" + b"<FILEHOSO><NOIDUNGFILE>!</NOIDUNGFILE></FILEHOSO>" * 5000 + b"</HOSO>", Envelope())
    assert len(broken.reading) < 2 * MOST_PER_RULE
    assert any(one.value == f"+{5000 - MOST_PER_RULE}" for one in broken.reading)
    made = tables(GIOI_TINH=None, MA_LK=None)
    made["XML1"][0] |= {f"LA{number}": "1" for number in range(30_000)}
    claim = read_claim(hoso(made).encode(), Envelope())
    found = check(claim, context())
    assert len(found) < 2_100
    assert max(int(one.value) for one in found if one.row == 0 and one.value[:1] == "+") > 27_000


# Each is a small file whose cost grew with the square of its size. Twice the size may cost little more than twice the time.
COSTLY = {
    "declarations": (lambda n: documents.parse(b"<a>" + b"<?xml " * n), 8_000),
    "blanks": (lambda n: documents.parse(b"<a>" + b" " * n), 40_000),
    "nils": (lambda n: documents.parse(b"<a" + b' xsi:nil="1' * n), 40_000),
    "less-than": (lambda n: documents.parse(b"<a>" + b"<a b='1' " * n), 20_000),
    "ampersands": (lambda n: documents.parse(b"<a>" + b"&#" * n), 40_000),
    "comments": (lambda n: read_head(b"<GIAMDINHHS>" + b"<!--" * n), 8_000),
    "tiny claims": (lambda n: sum(1 for _ in scan([b"<HOSO/>" * n])), 60_000),
    "openings": (lambda n: sum(1 for _ in scan([b"<HOSO " * n])), 60_000),
    "nested records": (lambda n: read_claim(xml2((b"<CHI_TIET_THUOC>" * 200 + b"</CHI_TIET_THUOC>" * 200) * (n // 200)), Envelope()), 40_000),
    "tables": (lambda n: read_claim(b"<HOSO>" + b"<FILEHOSO/>" * n + b"</HOSO>", Envelope()), 20_000),
}


@pytest.mark.parametrize("name", COSTLY)
def test_cost_grows_with_the_size_and_not_with_its_square(name):
    run, size = COSTLY[name]

    def seconds(n):
        begun = time.process_time()
        run(n)
        return time.process_time() - begun

    seconds(size // 8)
    taken = [min(seconds(size * times) for _ in range(2)) for times in (1, 4)]
    assert all(later < 10 * before + 0.05 for before, later in pairwise(taken)), taken  # a square would be 16
    assert taken[0] < 1.0


def test_a_tag_longer_than_any_edge_is_found_in_chunks_too():
    data = b"<HOSO a='" + b"x" * 5000 + b"'>1</HOSO" + b" " * 5000 + b"><HOSO/>"
    whole = [(one.part, one.data) for one in scan([data])]
    assert [part for part, _ in whole] == [Part.CLAIM, Part.CLAIM]
    assert [(one.part, one.data) for one in scan([data[at : at + 1000] for at in range(0, len(data), 1000)])] == whole
    assert [one.part for _, one in ranges([data])] == [Part.CLAIM, Part.CLAIM]


def test_app_role_without_settings_sees_no_record(database):
    ingest.land(by=A, channel=GATEWAY, data=file_of(tables()))
    ingest.process(by=OPERATOR)
    hostile = Actor("client:x", A.kind, frozenset({'11001"},{"', "NULL", "{}", "\\"}), "claims-intake")
    with unit_of_work(by=hostile) as conn:
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == (0,)
    with database.connect() as conn:
        for table in ("resource", "resource_history", "locator", "resource_seen"):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  # constants
