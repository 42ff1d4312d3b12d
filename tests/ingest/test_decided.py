"""A receipt that is read again tells what became of a conflict of identity, and not a word of the other person."""

import pytest

from tests.ingest.builder import file_of, tables
from tests.ingest.test_pipeline import OPERATOR, land
from yba import identity, ingest
from yba.gateway.receipts import as_page
from yba.identity import Act, Decided
from yba.ingest import Channel, receipt_json, receipt_text
from yba.kit import Actor, NotFound
from yba.kit.db import unit_of_work

HERE = Actor.facility_client("11001")
OTHER = {"MA_BN": "BN0002", "HO_TEN": "Lò Văn Thử", "NGAY_SINH": "198801010000", "GIOI_TINH": "1", "MA_THE_BHYT": None}
RULE = "identity:number-shared"


@pytest.fixture
def landed(database):
    """Two claims of one facility with one citizen number on two clearly different people."""
    found = land(file_of(tables(), tables("25.000002", **OTHER)))
    ingest.process(by=OPERATOR)
    return found.transaction


def decide(kind, reason, words=""):
    with unit_of_work(by=OPERATOR) as conn:
        (item,) = identity.reviews(conn, by=OPERATOR, kind="number-shared")
        held = identity.hold_review(conn, by=OPERATOR, review=item.id)
        identity.conclude_review(conn, by=OPERATOR, item=held, done=Act(kind, reason, words))


def conflict(transaction, by=OPERATOR):
    document = receipt_json(ingest.receipt(by=by, transaction=transaction))
    return next(one for claim in document["claims"] for one in claim["findings"] if one["rule"] == RULE)


def test_until_somebody_decides_there_is_only_the_finding(landed):
    assert "decided" not in conflict(landed)
    assert "→" not in receipt_text(ingest.receipt(by=OPERATOR, transaction=landed))


def test_a_question_stands_in_the_receipt_in_its_ready_words_only(landed):
    decide(Decided.ASKED, "number", "trùng với Nguyễn Thị Thử, sinh 1959")
    receipt = ingest.receipt(by=OPERATOR, transaction=landed)
    text, page = receipt_text(receipt), as_page(receipt)
    for shown in (text, page, str(receipt_json(receipt))):
        assert "Cán bộ định danh hỏi: Xin kiểm tra số định danh cá nhân với giấy tờ gốc" in shown
        assert "Thử" not in shown, "what a clerk typed may be about somebody else"
    assert "Số giấy tờ tùy thân này đang thuộc về một người khác" in page, "a conflict has its words on the page too"
    decide(Decided.ASKED, "", "Nguyễn Thị Thử đã có số này")
    assert conflict(landed)["decided_text"].endswith("xin kiểm tra định danh của người bệnh này với giấy tờ gốc")


def test_the_decision_follows(landed):
    decide(Decided.DIFFERENT, "typing")
    found = conflict(landed)
    assert found["decided"] == "different"
    assert "là hai người khác nhau" in found["decided_text"]
    assert "two different people" in found["decided_text_en"]


def test_a_facilitys_software_reads_it_of_its_own_and_another_nothing(database):
    sent = ingest.land(by=HERE, channel=Channel.GATEWAY, data=file_of(tables(), tables("25.000002", **OTHER)))
    ingest.process(by=OPERATOR)
    decide(Decided.DIFFERENT, "typing")
    assert conflict(sent.transaction, HERE)["decided"] == "different"
    with pytest.raises(NotFound):
        ingest.receipt(by=Actor.facility_client("99999"), transaction=sent.transaction)
