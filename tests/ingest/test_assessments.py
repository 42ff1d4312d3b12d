"""XML12 from file to record: its person, its resources, its place beside the claims, and the way back."""

import orjson
import pytest

from tests.ingest.builder import file_of, tables
from tests.ingest.mapping.test_assessment import ROW
from tests.ingest.test_pipeline import OPERATOR, run, snapshot
from yba import ingest, record
from yba.ingest import Channel, Envelope
from yba.ingest.claims_xml import ASSESSMENT, read_assessment, read_rows
from yba.ingest.history import replay
from yba.ingest.landing.peek import ranges
from yba.ingest.landing.scanner import Part
from yba.kit import Actor, NotFound
from yba.kit.db import unit_of_work
from yba.specs.claims_writer import write_assessment

LINK = "XML12/2026/0123/BB-GĐYK"
OTHER = ROW | {"HO_TEN": "Lò Thị Mai", "SO_CCCD": "011185000077", "MA_BHXH": "1185000077", "SO_BIEN_BAN": "0124/BB-GĐYK", "NGAY_SINH": "19850101"}
CENTRE = Actor.facility_client("11099")


def file(*rows, signed="<CHUKYDONVI/>"):
    return write_assessment("3176", list(rows)).replace(b"</CHI_TIEU_GIAM_DINH_YKHOA>", signed.encode() + b"</CHI_TIEU_GIAM_DINH_YKHOA>")


def send(data, by=CENTRE):
    landed = ingest.land(by=by, channel=Channel.GATEWAY, data=data)
    return landed, ingest.process(by=OPERATOR)


def page(number):
    with unit_of_work(by=OPERATOR) as conn:
        return record.page_of(conn, by=OPERATOR, person_id=record.find_person(conn, by=OPERATOR, number=number))


def export(facility="11099", link=LINK):
    return read_rows(ingest.export_claim(by=OPERATOR, facility=facility, link=link), ASSESSMENT)[0]


def test_a_file_is_cut_into_its_records_byte_for_byte():
    data = file(ROW, OTHER)
    parts = [part for _, part in ranges([data])]
    assert b"".join(part.data for part in parts) == data
    assert [part.part for part in parts] == [Part.HEAD, Part.CLAIM, Part.CLAIM, Part.GAP]
    assert [read_assessment(part.data, Envelope()).tables["XML12"][0]["SO_CCCD"] for part in parts[1:3]] == [ROW["SO_CCCD"], OTHER["SO_CCCD"]]


@pytest.mark.parametrize("root", ["CHI_TIEU_GIAM_DINH_YKHOA", "CHI_TIEU_GIAM_DINH_Y_KHOA", "GIAM_DINH_Y_KHOA"])
def test_other_roots_and_a_root_that_is_the_record(root):
    inside = b"<SO_BIEN_BAN>7</SO_BIEN_BAN><NGAY_HOP>20260101</NGAY_HOP>"
    for body in (b"<GIAM_DINH_YKHOA>" + inside + b"</GIAM_DINH_YKHOA>", inside):
        data = f"<{root}>".encode() + body + f"</{root}>".encode()
        (claim,) = (part for _, part in ranges([data]) if part.part is Part.CLAIM)
        assert read_assessment(claim.data, Envelope()).link == "XML12/2026/7"


def test_it_goes_into_the_record_and_counts_as_no_claim(database):
    landed, totals = send(file(ROW, OTHER))
    assert (landed.claims_present, totals.claims_present, totals.claims_accepted, totals.set_aside) == (0, 0, 0, 0)
    assert (totals.persons_new, totals.messages) == (2, 1)
    assert totals.resources_written >= 8
    assert totals.flawless
    shown = page(ROW["SO_CCCD"])
    assert [paper.title for paper in shown.papers] == ["Biên bản giám định y khoa"]
    assert {(one.name, one.value) for one in shown.results} >= {("Tổng tỷ lệ tổn thương cơ thể", "45")}
    assert (shown.identity.name, shown.visits) == ("Lò Văn Đồng", [])
    assert export() == [ROW]


def test_the_receipt_says_what_became_of_it(database):
    landed, _ = send(file(ROW, {"HO_TEN": "Không rõ"}))
    receipt = ingest.receipt(by=CENTRE, transaction=landed.transaction)
    assert (receipt.state, receipt.claims_present, sum(receipt.counts.values())) == ("done", 0, 0)
    assert [(one.link, one.outcome.name) for one in receipt.claims] == [(LINK, "ACCEPTED"), ("", "REJECTED")]
    assert "READ021" in {one.rule for one in receipt.claims[1].findings}
    assert [one.rule for one in receipt.findings] == ["LAND014"]
    assert not {one.rule for claim in receipt.claims for one in claim.findings} & {"VR001", "VR002", "VR007", "VR008"}


def test_a_rejected_one_is_told_by_the_exit_code_and_not_by_the_counts(database, tmp_path):
    totals = run(tmp_path, file({"HO_TEN": "Không rõ"}), file_of(tables()))
    assert (totals.claims_present, totals.claims_accepted, totals.claims_rejected, totals.flawless) == (1, 1, 0, False)
    assert list(totals.as_json())[:4] == ["files", "files_refused", "messages", "set_aside"]
    assert "assessments_rejected" not in totals.as_json()


def test_twice_is_once_a_correction_replaces_and_mapped_again_it_is_the_same(database, tmp_path):
    send(file(ROW))
    before = snapshot()
    _, again = send(file(ROW, signed="<CHUKYDONVI></CHUKYDONVI>"))
    assert (again.resources_written, again.claims_unchanged) == (0, 0)
    assert replay(by=OPERATOR, every=True) == 1
    assert snapshot() == before
    send(file(ROW | {"TONG_TYLE_TTCT": "48"}))
    assert [one.value for one in page(ROW["SO_CCCD"]).results if one.name.startswith("Tổng")] == ["48"]
    assert export() == [ROW | {"TONG_TYLE_TTCT": "48"}]


def test_the_same_bytes_again_from_a_file_count_nothing(database, tmp_path):
    data = file(ROW, {"HO_TEN": "Không rõ"})
    run(tmp_path, data)
    totals = run(tmp_path, data, data)
    assert (totals.claims_present, totals.claims_unchanged, totals.claims_rejected, totals.flawless) == (0, 0, 0, False)


def test_it_meets_the_person_of_the_claims(database, tmp_path):
    run(tmp_path, file_of(tables()))
    who = {"HO_TEN": "Nguyễn Thị Thử", "NGAY_SINH": "19590312", "SO_CCCD": "011159000001"}
    _, totals = send(file(ROW | who))
    assert (totals.persons_new, totals.persons_touched) == (0, 1)
    shown = page("011159000001")
    assert len(shown.visits) == 1
    assert "Biên bản giám định y khoa" in [paper.title for paper in shown.papers]


def test_two_people_under_one_number_of_minutes_are_told_apart(database):
    send(file(ROW))
    landed, _ = send(file(OTHER | {"SO_BIEN_BAN": ROW["SO_BIEN_BAN"]}))
    (claim,) = ingest.receipt(by=CENTRE, transaction=landed.transaction).claims
    assert (claim.outcome.name, {one.rule for one in claim.findings} >= {"READ018"}) == ("REJECTED", True)
    assert export() == [ROW]


def test_of_a_file_at_the_command_line_the_centre_is_unknown(database, tmp_path):
    run(tmp_path, file(ROW))
    assert export("") == [ROW]
    with unit_of_work(by=OPERATOR) as conn:
        person = record.find_person(conn, by=OPERATOR, number=ROW["SO_CCCD"])
        docs = [one.doc for one in record.of_person(conn, by=OPERATOR, person_id=person)]
        assert b'""' not in orjson.dumps(docs)
    with pytest.raises(NotFound), unit_of_work(by=CENTRE) as conn:
        record.page_of(conn, by=CENTRE, person_id=person)


def test_withdrawn_it_is_entered_in_error(database):
    landed, _ = send(file(ROW))
    assert ingest.withdraw(by=OPERATOR, transaction=landed.transaction, reason="gửi nhầm").in_error == 1
    assert page(ROW["SO_CCCD"]).papers == []
    with pytest.raises(NotFound):
        export()
