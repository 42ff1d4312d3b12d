"""Diagnoses of a visit: Conditions by the ICD-10 edition of the day, named in the Encounter as a claim names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.ids import new_id

from . import shapes, store
from .acts import again, hold, moment, write
from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Diagnosis, Visit
    from .shapes import Doc

ICD10: Final = "icd10"
MOST: Final = 12  # MA_BENH_KT holds 100 characters
_LONGEST: Final = 2_000


def diagnose(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, diagnoses: Sequence[Diagnosis], key: str = "") -> Acted:
    """Write the diagnoses of a visit in place of those written before: all of them, the principal one first where none is named.

    Raises NotPlausible naming each code the edition of the day does not have, Invalid, NotFound, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    coded = _coded(diagnoses, clock.today())
    principal, others = _ordered(coded)
    ref = ("Encounter", held.visit.encounter)
    encounter = record.to_change(conn, by=by, refs=[ref])[ref]
    kept, gone = _sorted_out(conn, by, encounter, coded)
    docs = _conditions(held.visit, by.name, [principal, *others], kept)
    encounter = shapes.with_diagnoses(encounter, docs[principal[0]]["id"], [(docs[one[0]]["id"], one[0]) for one in others])
    if gone:
        record.delete(conn, by=by, refs=gone, reason="diagnosis changed in the same visit")
    writes = [shapes.of_desk(doc, held.visit.facility) for doc in docs.values()]
    saved = record.save(conn, by=by, writes=[*writes, shapes.of_desk(encounter, held.visit.facility)])
    store.use(conn, held.visit.facility, ICD10, list(docs), clock.today())
    return write(conn, by=by, held=held, kind="diagnose", saved=saved)


def diagnosed(visit: Visit, who: str, diagnosis: Diagnosis) -> tuple[str, Doc]:
    """Return the code and the Condition of the one diagnosis of a new visit; no database. Raises NotPlausible for a code there is none of today."""
    coded = _coded([diagnosis], clock.today())
    ((code, doc),) = _conditions(visit, who, coded, {}).items()
    return code, doc


_Coded = tuple[str, str, list["Doc"], bool]  # code, text, codings, principal


def _coded(diagnoses: Sequence[Diagnosis], on: date) -> list[_Coded]:
    if not diagnoses or len(diagnoses) > MOST:
        raise Invalid(f"Hãy chọn từ 1 đến {MOST} chẩn đoán.", advice="Choose diagnoses.")
    found, wrong = [], []
    for one in diagnoses:
        known = shapes.icd10(one.code, on)
        if known is None:
            wrong.append(Doubt(one.code[:20], hard=True, vi=f"Không có mã ICD-10 {one.code[:20]}.", en=f"There is no ICD-10 code {one.code[:20]}."))
        else:
            found.append((known[0], (one.text.strip() or known[1])[:_LONGEST], known[2], one.principal))
    if wrong:
        raise NotPlausible(wrong)
    return list({one[0]: one for one in reversed(found)}.values())[::-1]


def _ordered(coded: Sequence[_Coded]) -> tuple[_Coded, list[_Coded]]:
    principal = next((one for one in coded if one[3]), coded[0])
    return principal, [one for one in coded if one is not principal]


def _sorted_out(conn: Connection[Any], by: Actor, encounter: Doc, coded: Sequence[_Coded]) -> tuple[dict[str, Doc], list[record.Ref]]:
    """Say which Conditions of this visit stay (by code), and which are not said any more."""
    named = [one["condition"]["reference"] for one in encounter.get("diagnosis", ()) if one.get("condition", {}).get("reference")]
    refs = [("Condition", one.removeprefix("Condition/")) for one in named]
    stored = record.to_change(conn, by=by, refs=refs) if refs else {}
    wanted = {one[0] for one in coded}
    kept = {doc["code"]["coding"][0]["code"]: doc for doc in stored.values() if doc["code"]["coding"][0]["code"] in wanted}
    staying = {doc["id"] for doc in kept.values()}
    return kept, [ref for ref in stored if ref[1] not in staying]


def _conditions(visit: Visit, who: str, coded: Sequence[_Coded], kept: dict[str, Doc]) -> dict[str, Doc]:
    docs = {}
    for code, text, coding, _ in coded:
        known = kept.get(code)
        doc = {**known, "code": {"coding": coding, "text": text}} if known else shapes.condition(visit, who, moment(), coding, text)
        docs[code] = doc if known else {**doc, "id": str(new_id())}
    return docs
