"""Content is as old as its first coming: sent again and mapped again, it says nothing newer of its person."""

import pytest

from tests.ingest.builder import file_of, tables
from tests.record.world import OPERATOR, snapshot, take
from yba import ingest


def visit(link, **said):
    return tables(link, **{"NGAY_VAO": "202602030800", "NGAY_RA": "202602031000", "HO_TEN": "Lò Văn Pánh", "MA_BN": "BN77", **said})


def replayed_twice_is_as_now():
    now = snapshot()
    for _ in range(2):  # mapping again writes a version of its own, which must not become the first
        assert ingest.replay(by=OPERATOR, every=True)
        assert snapshot() == now


@pytest.mark.parametrize("number", ["BN77", None])
def test_an_earlier_claim_sent_again_after_a_later_one_was_withdrawn(database, number):
    take(visit("25.000001", MA_BN=number, DIEN_THOAI="0911111111"))
    later = take(visit("25.000002", MA_BN=number, DIEN_THOAI="0922222222"))
    ingest.withdraw(by=OPERATOR, transaction=later.transaction, reason="gửi nhầm")
    before = snapshot()
    take(visit("25.000001", MA_BN=number, DIEN_THOAI="0911111111"), visit("25.000003", MA_BN="BN78", HO_TEN="Vàng A Sử"))
    after = snapshot()
    assert before["person_source"] == [row for row in after["person_source"] if "BN78" not in row]
    replayed_twice_is_as_now()


def test_content_that_comes_back_after_a_correction_is_as_old_as_its_first_coming(database):
    first = visit("25.000004", MA_BN=None, SO_CCCD=None, MA_THE_BHYT=None)
    take(first)
    take(first, visit("25.000005", MA_BN="BN79", HO_TEN="Vàng A Sử"))
    wrong = take(visit("25.000004", MA_BN=None, SO_CCCD=None, MA_THE_BHYT=None, CHAN_DOAN_RV="Tăng huyết áp"))
    ingest.withdraw(by=OPERATOR, transaction=wrong.transaction, reason="gửi nhầm")
    replayed_twice_is_as_now()
    data = file_of(first)
    assert [one.outcome for one in ingest.receipt(by=OPERATOR, transaction=send(data).transaction).claims] == [ingest.Outcome.UNCHANGED]
    replayed_twice_is_as_now()


def send(data):
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data + b"\n")
    ingest.process(by=OPERATOR)
    return landing
