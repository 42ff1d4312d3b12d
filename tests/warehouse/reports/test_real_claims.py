"""Reports over claims that came in by the front door: what is counted of them, and who sent late after the lock."""

from tests.ingest.builder import tables
from tests.record.test_moving import ONE, TWO
from tests.record.world import take
from tests.warehouse.lake_world import SYSTEM
from tests.warehouse.reports.test_acts import CDC, MANAGER, PROVINCE, lock
from yba import warehouse
from yba.warehouse import reports
from yba.warehouse.reports import Late, Verdict

MARCH = "2026-03"


def numbers(found, row, place=""):
    return [one.value for one in found.figures.cells[place][row]]


def test_a_claim_sent_after_the_lock_is_named_with_its_facility(lake):
    take(tables("25.000001", **ONE))
    warehouse.refresh(by=SYSTEM)
    kept = lock(PROVINCE, period=MARCH, maker=CDC, signer=MANAGER)
    assert numbers(kept, "visits") == [1]
    assert numbers(kept, "visits.insured") == [1]
    take(tables("25.000002", **TWO))
    take(tables("25.000001", **ONE, CHAN_DOAN_RV="Khác"))
    warehouse.refresh(by=SYSTEM)
    fixed = reports.correct("facility-activity", by=CDC, unit=PROVINCE, period=MARCH, words="hai cơ sở gửi muộn, gửi lại")
    assert ("facility:11002", "visits", None, 1) in {(one.place, one.row, one.old, one.new) for one in fixed.differences}
    assert fixed.late == (Late("11001", 0, 1), Late("11002", 1, 0))
    chapters = reports.draft("morbidity", by=CDC, unit=PROVINCE, period=MARCH)
    assert numbers(chapters, "total")[0] == 2
    assert {one.verdict for one in chapters.figures.checks} == {Verdict.HOLDS}
    assert numbers(chapters, "none")[0] == 0, "every claim has its main diagnosis within a chapter"
    assert reports.recount(kept.id, by=CDC) is True
