"""What became of conflicts of identity after a claim was received: asked and decided on the clerk's desk, told in the receipt that is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yba import access, identity
from yba.access import Right
from yba.kit import clock
from yba.specs.identity.desk import desk

from . import store
from .model import CONFLICT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from yba.identity import Told
    from yba.kit.actor import Actor

    from .model import Finding
    from .stored import StoredOutcome

_ASKED = "asked"


class DecidedWords(NamedTuple):
    """One decision in both languages, with its day."""

    vi: str
    en: str


def since(
    conn: Connection[Any], *, by: Actor, outcomes: Sequence[StoredOutcome], findings: Mapping[int, Sequence[Finding]]
) -> dict[int, dict[str, Told]]:
    """Return landing number -> rule of a conflict -> what was asked or decided since; two round trips, none for a receipt without conflicts."""
    met = {landing: {one.rule for one in found if one.rule.startswith(CONFLICT)} for landing, found in findings.items()}
    claims = {one.claim_id: one.landing for one in outcomes if one.claim_id is not None and met.get(one.landing)}
    if not claims:
        return {}
    seen = access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=store.CLAIM)
    patients = store.patients_of(conn, list(claims), seen)
    told = identity.reviews_told(conn, by=by, patients=list(patients.values()))
    result: dict[int, dict[str, Told]] = {}
    for claim, patient in patients.items():
        landing = claims[claim]
        known = {rule: told.get((patient, rule.removeprefix(CONFLICT))) for rule in met[landing]}
        result[landing] = {rule: one for rule, one in known.items() if one is not None}
    return result


def words(told: Told) -> DecidedWords:
    """Say what was decided; of a question its ready words, never what a clerk typed: that may be about somebody else."""
    said, day = desk().decided[told.kind.value], f"{told.at.astimezone(clock.VIETNAM):%d/%m/%Y}"
    asked = desk().reasons["ask"].get(told.reason) if told.kind.value == _ASKED else None
    more = (asked.vi, asked.en) if asked else ("", "")
    if told.kind.value == _ASKED and asked is None:
        more = ("xin kiểm tra định danh của người bệnh này với giấy tờ gốc", "please check this patient's identity against original papers")
    return DecidedWords(f"{day}: {said.vi}{more[0]}", f"{day}: {said.en}{more[1]}")
