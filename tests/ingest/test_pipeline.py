"""The main path against a real database: every claim accounted for, twice equals once, late never wins, withdrawn comes back."""

import orjson
import pytest

from tests.ingest.builder import DRUG, envelope, file_of, hoso, tables
from yba import ingest
from yba.ingest import Channel, Envelope
from yba.ingest.claims_xml import read_claim
from yba.ingest.landing.scanner import Part, scan
from yba.kit import Actor, Forbidden, Invalid, NotFound
from yba.kit.db import reading

OPERATOR = Actor.operator("claims-intake")


def run(tmp_path, *files, workers=1):
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for number, data in enumerate(files):
        (folder / f"{number:03}.xml").write_bytes(data)
    totals = ingest.ingest([str(folder)], by=OPERATOR, workers=workers)
    for path in folder.iterdir():
        path.unlink()
    assert totals.claims_accepted + totals.claims_unchanged + totals.claims_replaced + totals.claims_rejected == totals.claims_present
    return totals


def snapshot():
    """Everything the record holds, versions included."""
    with reading(by=OPERATOR) as conn:
        return conn.execute("SELECT rtype, id, person_id, version, doc::text, tokens, labels, deleted FROM resource ORDER BY 1, 2").fetchall()


def docs(rtype):
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT doc::text FROM resource WHERE rtype = %s AND NOT deleted ORDER BY id", (rtype,)).fetchall()
    return [orjson.loads(row[0]) for row in rows]


def land(data, by=OPERATOR):
    return ingest.land(by=by, channel=Channel.INTAKE, data=data)


def test_a_visit_becomes_resources_of_one_person(database, tmp_path):
    totals = run(tmp_path, file_of(tables()))
    assert (totals.files, totals.claims_accepted, totals.persons_new) == (1, 1, 1)
    assert {row[0] for row in snapshot()} >= {"Patient", "Encounter", "Condition", "MedicationDispense", "Observation", "Claim", "Coverage"}
    golden = [one for one in docs("Patient") if one.get("link")]
    assert golden
    assert docs("Observation")


@pytest.mark.law("BHYT-DATA-R06")
def test_twice_is_once(database, tmp_path):
    first = file_of(tables(), tables("25.000002", MA_BN="BN2", HO_TEN="Lò Văn Thử", SO_CCCD="011088000002", MA_THE_BHYT="DN4110987654321"))
    run(tmp_path, first)
    before = snapshot()
    again = run(tmp_path, first)
    assert (again.claims_unchanged, again.resources_written) == (2, 0)
    other_envelope = envelope(hoso(tables(), nested=True), facility="11001")
    assert run(tmp_path, other_envelope).claims_unchanged == 1
    assert snapshot() == before


@pytest.mark.law("BHYT-DATA-R06")
def test_a_correction_makes_versions_and_tombstones_what_vanished(database, tmp_path):
    two = tables()
    two["XML2"].append({**DRUG, "MA_LK": "25.000001", "STT": "2", "TEN_THUOC": "Metformin 500mg", "MA_THUOC": "40.805"})
    run(tmp_path, file_of(two))
    count = len(docs("MedicationDispense"))
    one = tables(NGAY_TTOAN="202603111000")
    totals = run(tmp_path, file_of(one))
    assert (totals.claims_replaced, totals.persons_new) == (1, 0)
    assert len(docs("MedicationDispense")) == count - 1
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE rtype = 'MedicationDispense' AND deleted").fetchone()[0] == 1
        assert conn.execute("SELECT max(version) FROM resource WHERE rtype = 'Claim'").fetchone()[0] == 2


def test_an_older_file_processed_late_never_wins(database, tmp_path):
    old, new = land(file_of(tables(GHI_CHU="cũ"))), land(file_of(tables(GHI_CHU="mới")))
    ingest.process(by=OPERATOR, transactions=[new.transaction])
    before = snapshot()
    late = ingest.process(by=OPERATOR, transactions=[old.transaction])
    assert (late.claims_unchanged, late.claims_replaced) == (1, 0)
    assert snapshot() == before


def test_the_same_claim_twice_in_one_file_and_one_batch(database, tmp_path):
    totals = run(tmp_path, file_of(tables(), tables(), tables(GHI_CHU="sửa")))
    assert (totals.claims_accepted, totals.claims_unchanged, totals.claims_replaced) == (1, 1, 1)


def test_withdrawing_restores_the_earlier_version_and_then_enters_in_error(database, tmp_path):
    first, second = land(file_of(tables())), land(file_of(tables(GHI_CHU="sai người")))
    ingest.process(by=OPERATOR)
    done = ingest.withdraw(by=OPERATOR, transaction=second.transaction, reason="gửi nhầm")
    assert (done.restored, done.in_error) == (1, 0)
    assert export() == tables()
    done = ingest.withdraw(by=OPERATOR, transaction=first.transaction, reason="gửi nhầm")
    assert (done.restored, done.in_error) == (0, 1)
    assert {one["status"] for one in docs("Encounter")} == {"entered-in-error"}
    with pytest.raises(NotFound):
        ingest.export_claim(by=OPERATOR, facility="11001", link="25.000001")
    assert ingest.receipt(by=OPERATOR, transaction=first.transaction).state == "withdrawn"


def export(facility="11001", link="25.000001"):
    """The tables of a claim as rebuilt from the record, read by our own reader."""
    data = ingest.export_claim(by=OPERATOR, facility=facility, link=link)
    found = [one.data for one in scan([data]) if one.part is Part.CLAIM]
    return read_claim(found[0], Envelope()).tables


def test_export_equals_what_was_sent_with_the_originals_hidden(database, tmp_path):
    made = tables(GHI_CHU="a & b <c>\ttab", CAN_NANG="54,5", T_THUOC="0090000.00", NGAY_SINH="195900000000")
    run(tmp_path, file_of(made))
    with database.as_owner() as conn:
        conn.execute("UPDATE segment SET body = ''::bytea")
    assert export() == made


def test_replay_of_the_same_release_makes_no_version(database, tmp_path):
    run(tmp_path, file_of(tables()))
    before = snapshot()
    told = []
    assert ingest.replay(by=OPERATOR, every=True, progress=lambda done, total: told.append((done, total))) == 1
    assert told == [(1, 1)]
    with reading(by=OPERATOR) as conn:
        tags = conn.execute("SELECT tag FROM audit_event WHERE tag LIKE 'ingest:claim:%' ORDER BY id").fetchall()
    assert [tag for (tag,) in tags] == ["ingest:claim:accept", "ingest:claim:replay"]
    assert snapshot() == before
    assert ingest.replay(by=OPERATOR) == 0


def test_replay_by_a_release_that_is_not_there_is_refused(database, tmp_path):
    run(tmp_path, file_of(tables()))
    before = snapshot()
    with pytest.raises(Invalid):
        ingest.replay(by=OPERATOR, release="99")
    assert snapshot() == before


def test_two_people_under_one_link_are_not_mixed(database, tmp_path):
    run(tmp_path, file_of(tables()))
    before = snapshot()
    other = tables(MA_BN="BN9", HO_TEN="Vàng A Khác", SO_CCCD="011201000009", NGAY_SINH="200101010000", GIOI_TINH="1", MA_THE_BHYT="DK2110555555555")
    totals = run(tmp_path, file_of(other))
    assert totals.claims_rejected == 1
    assert snapshot() == before


def test_one_value_the_database_refuses_costs_one_claim(database, tmp_path, monkeypatch):
    good = [tables(f"L{number}", MA_BN=f"B{number}", SO_CCCD=None, MA_THE_BHYT=None) for number in range(5)]
    real = ingest.pipeline.write.record.put_many

    def refuse(conn, *, by, puts):
        if any(b"poison" in put.doc for put in puts):
            conn.execute("SELECT 1 / 0")
        return real(conn, by=by, puts=puts)

    monkeypatch.setattr(ingest.pipeline.write.record, "put_many", refuse)
    good[2]["XML1"][0]["GHI_CHU"] = "poison"
    totals = run(tmp_path, file_of(*good))
    assert (totals.claims_accepted, totals.claims_rejected) == (4, 1)


def test_workers_give_the_same_result_as_one(database, tmp_path):
    files = []
    for number in range(240):
        person = number % 60
        files.append(
            file_of(
                tables(
                    f"V{number}",
                    MA_BN=f"BN{person}",
                    SO_CCCD=f"0110590{person:05}" if person % 3 else None,
                    MA_THE_BHYT=None,
                    HO_TEN=f"Nguyễn Văn {chr(65 + person % 26)}",
                )
            )
        )
    one = run(tmp_path, *files, workers=1)
    alone = snapshot()
    database.renew()
    two = run(tmp_path, *files, workers=2)
    assert snapshot() == alone
    assert {**one.as_json(), "seconds": 0} == {**two.as_json(), "seconds": 0}


def test_receipt_names_every_claim_and_is_the_facilities_own(database, tmp_path):
    client = Actor.facility_client("11001")
    landing = land(file_of(tables(GIOI_TINH="9"), tables("L2", MA_BN="B2")), by=client)
    assert ingest.receipt(by=client, transaction=landing.transaction).state == "received"
    ingest.process(by=OPERATOR)
    receipt = ingest.receipt(by=client, transaction=landing.transaction)
    assert receipt.state == "done"
    assert [claim.link for claim in receipt.claims] == ["25.000001", "L2"]
    assert any(one.field == "GIOI_TINH" for one in receipt.claims[0].findings)
    assert "GIOI_TINH" in ingest.receipt_text(receipt)
    with pytest.raises(NotFound):
        ingest.receipt(by=Actor.facility_client("11002"), transaction=landing.transaction)


def test_one_facility_never_files_for_another(database):
    landing = land(file_of(tables()), by=Actor.facility_client("11002"))
    assert landing.refusal is not None
    assert landing.refusal.rule == "LAND009"
    assert ingest.process(by=OPERATOR).messages == 0


@pytest.mark.law("BHYT-DATA-R22")
def test_same_bytes_same_transaction(database):
    data = file_of(tables())
    first, second = land(data), land(data)
    assert (first.transaction, first.again, second.again) == (second.transaction, False, True)


def test_a_cut_file_keeps_its_whole_claims(database, tmp_path):
    whole = file_of(*[tables(f"L{number}", MA_BN=f"B{number}", SO_CCCD=None, MA_THE_BHYT=None) for number in range(3)])
    totals = run(tmp_path, whole[: whole.rindex(b"<HOSO>") + 500])
    assert (totals.claims_present, totals.claims_accepted, totals.claims_rejected) == (3, 2, 1)


@pytest.mark.law("BHYT-DATA-R03")
def test_a_check_in_is_status_only(database, tmp_path):
    row = "".join(f"<{k}>{v}</{k}>" for k, v in {"MA_LK": "L1", "STT": "1", "MA_BN": "B1", "HO_TEN": "A", "MA_CSKCB": "11001"}.items())
    data = f"<CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB><TRANG_THAI_KCB>{row}</TRANG_THAI_KCB></DSACH_TRANG_THAI_KCB></CHI_TIEU_TRANG_THAI_KCB>".encode()
    totals = run(tmp_path, data)
    assert (totals.claims_present, totals.messages, totals.files_refused) == (0, 1, 0)
    assert snapshot() == []
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT facility, link FROM check_in").fetchall() == [("11001", "L1")]


def test_other_standards_are_set_aside_or_refused_with_a_receipt(database, tmp_path):
    totals = run(
        tmp_path,
        b"<KHAMSUCKHOE><THONGTINHOSO/></KHAMSUCKHOE>",
        b"{}",
        b"",
        b"<HS><HOSO/></HS>",
        b"<GIAMDINHHS><DANHSACHHOSO><HOSO/></DANHSACHHOSO></GIAMDINHHS>",
    )
    assert (totals.files, totals.set_aside, totals.files_refused, totals.claims_rejected) == (5, 1, 4, 1)


def test_every_claim_has_its_audit_row_in_the_same_transaction(database, tmp_path):
    run(tmp_path, file_of(tables(), tables("L2", MA_BN="B2", SO_CCCD=None, MA_THE_BHYT=None)))
    with database.as_owner() as conn:
        found = conn.execute("SELECT count(*), count(DISTINCT about_id) FROM record_access WHERE tag = 'ingest:claim:accept'").fetchone()
    assert found == (2, 2)


@pytest.mark.parametrize(
    "data",
    [
        file_of(tables(), tables("L2")),
        file_of(tables()).replace(b"></", b">\r\n  </"),
        b"\xef\xbb\xbf" + file_of(tables()),
        file_of(tables()).decode().encode("utf-16"),
        envelope(hoso(tables()) + "\n" + hoso(tables("L2")) + "<HOSO>cut"),
        b"<TONG_HOP><MA_LK>1</MA_LK></TONG_HOP>",
        b"",
        bytes(range(256)),
    ],
)
def test_the_original_comes_back_byte_for_byte(database, data):
    landing = land(data)
    assert ingest.original(by=OPERATOR, transaction=landing.transaction, reason="test") == data
    with pytest.raises(Forbidden):
        ingest.original(by=Actor.facility_client("11001"), transaction=landing.transaction, reason="test")


@pytest.mark.law("BHYT-DATA-R09")
def test_rows_of_another_link_are_named_and_stay_out_of_the_record(database, tmp_path):
    made = tables()
    made["XML2"].append({**DRUG, "MA_LK": "OTHER", "STT": "2", "TEN_THUOC": "Thuốc của người khác"})
    run(tmp_path, file_of(made))
    assert len(docs("MedicationDispense")) == 1
    assert "Thuốc của người khác" not in str(snapshot())
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT tbl, row FROM finding WHERE rule = 'VR002'").fetchall() == [("XML2", 2)]
    assert export() == made


def test_a_contradiction_of_papers_is_told_in_words(database, tmp_path):
    run(tmp_path, file_of(tables()))
    other = tables("L2", MA_BN="BN7", HO_TEN="Giàng Thị Khác", NGAY_SINH="199901010000")
    landing = land(file_of(other))
    ingest.process(by=OPERATOR)
    receipt = ingest.receipt(by=OPERATOR, transaction=landing.transaction)
    found = [one for one in receipt.claims[0].findings if one.rule.startswith("identity:")]
    assert found
    assert "người khác" in ingest.render(found[0])


def test_a_code_missing_from_an_incomplete_list_is_one_note_per_claim(database, tmp_path):
    made = tables()
    made["XML2"] += [{**DRUG, "STT": "2", "MA_THUOC": "99.1"}, {**DRUG, "STT": "3", "MA_THUOC": "99.2"}, {**DRUG, "STT": "4", "MA_THUOC": "99.1"}]
    for row in made["XML2"]:
        row["MA_LK"] = "25.000001"
    run(tmp_path, file_of(made))
    with reading(by=OPERATOR) as conn:
        found = conn.execute("SELECT severity, row, value FROM finding WHERE field = 'MA_THUOC'").fetchall()
    assert found == [(3, 0, "99.1, 99.2")]


def test_the_newest_messages_are_listed_for_whom_they_concern(database, tmp_path):
    run(tmp_path, file_of(tables()))
    land(b"<nothing/>", by=Actor.facility_client("11002"))
    (newest, first) = ingest.messages(by=OPERATOR)
    assert (first.state, first.claims_present, first.rejected, first.facility) == ("done", 1, 0, "11001")
    assert (newest.state, newest.received_at.utcoffset().total_seconds()) == ("refused", 7 * 3600)
    assert [one.transaction for one in ingest.messages(by=Actor.facility_client("11001"))] == [first.transaction]
    assert [one.transaction for one in ingest.messages(by=OPERATOR, limit=1)] == [newest.transaction]


@pytest.mark.parametrize("filler", ["NULL", "null", "undefined", "N/A"])
def test_filler_words_are_no_facts_and_come_back_as_sent(database, tmp_path, filler):
    made = tables(MA_BENH_YHCT=filler, GHI_CHU=filler, MA_BENH_KT=filler, NHOM_MAU=filler, MA_TAI_NAN=filler)
    run(tmp_path, file_of(made))
    assert filler not in str([one for rtype in ("Condition", "Encounter", "Observation", "Claim") for one in docs(rtype)])
    assert export() == made
