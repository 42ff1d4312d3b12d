"""Services ordered in a visit, and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import audit, record, terminology
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs import systems

from . import shapes, store
from .acts import WRITE, again, hold, moment, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Acted, Order, Result, Visit
    from .shapes import Doc

SERVICE: Final = "service"
_LONGEST: Final = 2_000


def order(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, orders: Sequence[Order], key: str = "") -> Acted:
    """Order services: one ServiceRequest each. Raises Invalid, NotFound, Overtaken, Conflict, Denied."""
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not orders or any(not one.text.strip() or len(one.text) > _LONGEST for one in orders):
        raise Invalid("Hãy chọn dịch vụ.", advice="Choose services, each with a name.")
    writes = [shapes.of_desk(_request(held.visit, by.name, one), held.visit.facility) for one in orders]
    saved = record.save(conn, by=by, writes=writes)
    store.use(conn, held.visit.facility, SERVICE, [one.code for one in orders if one.code], clock.today())
    return write(conn, by=by, held=held, kind="order", saved=saved)


def _request(visit: Visit, who: str, one: Order) -> Doc:
    doc: Doc = {
        "resourceType": "ServiceRequest", "meta": shapes.meta(), "status": "active", "intent": "order",
        "code": shapes.concept("service", one.code, one.text.strip()), "subject": shapes.subject(visit), "encounter": shapes.encounter(visit),
        "authoredOn": moment().isoformat(), "requester": shapes.actor(who),
    }  # fmt: skip
    if one.note.strip():
        doc["note"] = [{"text": one.note.strip()[:_LONGEST]}]
    return doc


def result(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, results: Sequence[Result], key: str = "") -> Acted:
    """Write results: an Observation each, a DiagnosticReport for each order they answer; who ordered finds them in the work list.

    Raises Invalid for a result without a value, NotFound for an order of another visit, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not results or any(one.value is None and not one.words.strip() and not one.conclusion.strip() for one in results):
        raise Invalid("Kết quả chưa có giá trị.", advice="Give each result a value or words.")
    asked = _asked(conn, by, held.visit, results)
    docs, reports = _documents(held.visit, by.name, results, asked)
    for doc in asked.values():
        doc["status"] = "completed"
    changed = [shapes.of_desk(doc, held.visit.facility) for doc in asked.values()]
    new = [shapes.of_desk(doc, held.visit.facility, fresh=True) for doc in (*docs, *reports)]
    saved = record.save(conn, by=by, writes=[*new, *changed])
    one = held.visit
    due = store.Due(new_id(), one.person_id, one.patient_id, one.facility, "result", one.programme, clock.today(), one.id, clock.now())
    store.add_due(conn, due)
    return write(conn, by=by, held=held, kind="result", saved=saved)


def _asked(conn: Connection[Any], by: Actor, visit: Visit, results: Sequence[Result]) -> dict[str, Doc]:
    wanted = list(dict.fromkeys(one.request for one in results if one.request))
    found = record.to_change(conn, by=by, refs=[("ServiceRequest", id_) for id_ in wanted]) if wanted else {}
    docs = {id_: doc for (_, id_), doc in found.items() if doc.get("encounter", {}).get("reference") == f"Encounter/{visit.encounter}"}
    if len(docs) < len(wanted):
        raise NotFound("Không có chỉ định này trong lượt khám.", advice="There is no such order in this visit.")
    return docs


def _documents(visit: Visit, who: str, results: Sequence[Result], asked: dict[str, Doc]) -> tuple[list[Doc], list[Doc]]:
    docs: list[Doc] = []
    reports: dict[str, Doc] = {}
    for one in results:
        request = asked.get(one.request or "")
        named = request["code"].get("text", "") if request else ""
        report = reports.setdefault(one.request or "", _report(visit, who, one, request))
        if one.value is not None or one.words.strip():
            doc = _observation(visit, who, one, named)
            docs.append(doc)
            report["result"] = [*report.get("result", ()), {"reference": f"Observation/{doc['id']}"}]
        if one.conclusion.strip():
            report["conclusion"] = "; ".join(filter(None, (report.get("conclusion", ""), one.conclusion.strip()[:_LONGEST])))
    return docs, list(reports.values())


def _observation(visit: Visit, who: str, one: Result, service: str) -> Doc:
    known = terminology.labs.find(one.text, one.unit, service)
    unit = terminology.units.canonical(one.unit) or "" if one.unit else ""
    value: Doc = {"valueString": one.words.strip()[:_LONGEST]}
    if one.value is not None:
        amount: Doc = {"value": one.value}
        if one.unit:
            amount["unit"] = one.unit
        if unit:
            amount |= {"system": shapes.UCUM, "code": unit}
        value = {"valueQuantity": amount}
    doc = shapes.observation(visit, who, moment(), known.loinc if known else "", one.text.strip() or service, shapes.LABORATORY, **value)
    return {**doc, "id": str(new_id())}


def _report(visit: Visit, who: str, one: Result, request: Doc | None) -> Doc:
    doc: Doc = {
        "resourceType": "DiagnosticReport", "id": str(new_id()), "meta": shapes.meta(), "status": "final",
        "code": request["code"] if request else {"text": one.text.strip()}, "subject": shapes.subject(visit), "encounter": shapes.encounter(visit),
        "effectiveDateTime": moment().isoformat(), "issued": clock.now().isoformat(timespec="seconds"), "performer": [shapes.actor(who)],
    }  # fmt: skip
    if request:
        doc["basedOn"] = [{"reference": f"ServiceRequest/{request['id']}"}]
        coding = request["code"].get("coding", ())
        if coding and coding[0].get("system") != systems.system("service"):
            doc["code"] = {"text": request["code"].get("text", "?")}
    return doc


def result_read(conn: Connection[Any], *, by: Actor, item: UUID) -> bool:
    """Take a new result from the work list because it was read; False when somebody else has. Raises Denied; noted in the person's trail."""
    taken = store.close_due(conn, item, "result", store.to_write(conn, by))
    if taken is not None:
        person, facility, visit = taken
        audit.note(
            conn, by=by, tag=Tag.RESULT_READ, about_type="Encounter", about_id=str(visit or ""), person_id=person, facility=facility,
            under=WRITE.value,
        )  # fmt: skip
    return taken is not None
