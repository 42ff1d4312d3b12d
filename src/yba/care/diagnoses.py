"""Diagnoses of a visit: Conditions by the ICD-10 edition of the day, named in the Encounter as a claim names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.ids import new_id

from . import shapes, store
from .acts import again, hold, moment, write
from .dual_codes import is_asterisk, paired, pairs
from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Diagnosis, Visit
    from .shapes import Doc

ICD10: Final = "icd10"
MOST: Final = 12  # MA_BENH_KT holds 100 characters
_LONGEST: Final = 2_000


def diagnose(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, diagnoses: Sequence[Diagnosis], reason: str = "", key: str = ""
) -> Acted:
    """Write the diagnoses of a visit in place of those written before: all of them, the principal one first where none is named.

    ``reason``: why what was written before is left out, worded otherwise, or no longer the main one (EMR-R10); adding needs none. An asterisk
    code is never the main one. Raises NotPlausible naming each code the edition of the day does not have and what a reason is missing for,
    Invalid, NotFound, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    coded = _coded(diagnoses, clock.today())
    principal, others = _ordered(coded)
    ref = ("Encounter", held.visit.encounter)
    over = record.to_change(conn, by=by, refs=[ref])
    encounter = over[ref]
    kept, gone = _sorted_out(conn, by, encounter, coded)
    why = reason.strip()
    if not why and (gone or _said_otherwise(encounter, kept, principal, others)):
        raise NotPlausible([_NO_REASON])
    docs = paired(_conditions(held.visit, by, [principal, *others], kept))
    encounter = shapes.with_diagnoses(encounter, docs[principal[0]]["id"], [(docs[one[0]]["id"], one[0]) for one in others])
    if gone:
        record.delete(conn, by=by, refs=gone, reason=why)
    writes = [shapes.of_desk(doc, held.visit.facility, fresh=code not in kept) for code, doc in docs.items()]
    saved = record.save(conn, by=by, writes=[*writes, shapes.of_desk(encounter, held.visit.facility)], reason=why, over=over)
    store.use(conn, held.visit.facility, ICD10, list(docs), clock.today())
    return write(conn, by=by, held=held, kind="diagnose", saved=saved, reason=why, warned=pairs([principal[0], *(one[0] for one in others)]))


_NO_REASON: Final = Doubt(
    "reason", hard=True, vi="Ghi lý do đổi hoặc bỏ chẩn đoán đã ghi.", en="Say why a diagnosis that was recorded is changed or left out."
)


def _said_otherwise(encounter: Doc, kept: Mapping[str, Doc], principal: _Coded, others: Sequence[_Coded]) -> bool:
    """Whether a recorded diagnosis gets other words, or is the main one no more."""
    words = {code: text for code, text, _, _ in (principal, *others)}
    first = next((one["condition"]["reference"] for one in encounter.get("diagnosis", ())), "")
    main = next((code for code, doc in kept.items() if f"Condition/{doc['id']}" == first), "")
    return any(doc["code"].get("text", "") != words[code] for code, doc in kept.items()) or (bool(main) and main != principal[0])


def diagnosed(visit: Visit, by: Actor, diagnosis: Diagnosis) -> tuple[str, Doc]:
    """Return the code and the Condition of the one diagnosis of a new visit; no database. Raises NotPlausible for a code there is none of today."""
    coded = _coded([diagnosis], clock.today())
    ((code, doc),) = _conditions(visit, by, coded, {}).items()
    return code, doc


def with_diagnosis(
    conn: Connection[Any], by: Actor, visit: Visit, encounter: Doc, diagnosis: Diagnosis
) -> tuple[Doc, tuple[str, Doc] | None]:  # fmt: skip
    """Return an Encounter that names a diagnosis too, with its code and Condition; None of these where the visit has that diagnosis already."""
    named = encounter.get("diagnosis", [])
    code, condition = diagnosed(visit, by, diagnosis)
    refs = [("Condition", one["condition"]["reference"].removeprefix("Condition/")) for one in named]
    known = record.to_change(conn, by=by, refs=refs).values() if refs else ()
    if any(doc["code"]["coding"][0]["code"] == code for doc in known):
        return encounter, None
    if not named:
        return shapes.with_diagnoses(encounter, condition["id"], []), (code, condition)
    entry = {"id": f"kt{len(named)}", "condition": {"reference": f"Condition/{condition['id']}", "display": code}}
    return {**encounter, "diagnosis": [*named, entry]}, (code, condition)


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
    once = list({one[0]: one for one in reversed(found)}.values())[::-1]
    refused = _never_main(_ordered(once)[0][0])
    if refused is not None:
        raise NotPlausible([refused])
    return once


def _never_main(code: str) -> Doubt | None:
    """Say why a code may not be the main one: an asterisk code names where a disease shows, never the disease (TT 06/2026 art. 4)."""
    if not is_asterisk(code):
        return None
    vi = f"{code} là mã hoa thị: không làm bệnh chính, hãy chọn mã chữ thập (†) của bệnh gốc trước."
    return Doubt(code, hard=True, vi=vi, en=f"{code} is an asterisk code: never the main one, choose the dagger code of the disease first.")


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


def _conditions(visit: Visit, by: Actor, coded: Sequence[_Coded], kept: dict[str, Doc]) -> dict[str, Doc]:
    docs = {}
    for code, text, coding, _ in coded:
        known = kept.get(code)
        doc = {**known, "code": {"coding": coding, "text": text}} if known else shapes.condition(visit, by, moment(), coding, text)
        docs[code] = doc if known else {**doc, "id": str(new_id())}
    return docs
