"""A link id stays its patient's when its claim was taken back: what was written of one human is never read in the record of another."""

from __future__ import annotations

from typing import Any

from tests.ingest.builder import tables
from tests.record.world import OPERATOR, take
from yba import ingest
from yba.kit.db import reading

LINK = "25.000777"
ANOTHER = {
    "MA_BN": "B9",
    "HO_TEN": "Lò Thị Hoàn Toàn Khác",
    "NGAY_SINH": "199905050000",
    "GIOI_TINH": "2",
    "SO_CCCD": "011399000777",
    "MA_THE_BHYT": None,
}


def people_of(rtype: str = "Encounter") -> dict[str, set[Any]]:
    """Whose every version of the resources of a type is, now and then, by id."""
    with reading(by=OPERATOR) as conn:
        rows = conn.execute(
            "SELECT id::text, person_id FROM resource WHERE rtype = %s UNION ALL SELECT id::text, person_id FROM resource_history WHERE rtype = %s",
            (rtype, rtype),
        ).fetchall()
    found: dict[str, set[Any]] = {}
    for id_, person in rows:
        found.setdefault(id_, set()).add(person)
    return found


def outcome(landing: ingest.Landing) -> tuple[str, bool]:
    (claim,) = ingest.receipt(by=OPERATOR, transaction=landing.transaction).claims
    return claim.outcome.name, "READ018" in {one.rule for one in claim.findings}


def test_a_link_id_that_was_taken_back_is_not_another_humans(database: Any) -> None:
    first = take(tables(LINK))
    ingest.withdraw(by=OPERATOR, transaction=first.transaction, reason="nhầm người")
    assert outcome(take(tables(LINK, **ANOTHER))) == ("REJECTED", True)
    assert [len(people) for people in people_of().values()] == [1]
    assert outcome(take(tables("25.000778", **ANOTHER))) == ("ACCEPTED", False)
    assert [len(people) for people in people_of().values()] == [1, 1]


def test_its_own_patient_comes_back_under_it(database: Any) -> None:
    first = take(tables(LINK))
    ingest.withdraw(by=OPERATOR, transaction=first.transaction, reason="nhầm")
    again, refused = outcome(take(tables(LINK, HO_TEN="Nguyễn Văn Sửa Lại")))
    assert (again != "REJECTED", refused) == (True, False)
    assert [len(people) for people in people_of().values()] == [1]
