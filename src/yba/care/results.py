"""Results of a visit: entered with their range, approved, corrected after they were given out; who ordered finds them in the work list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import audit, record
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id

from . import result_shapes, shapes, store
from .acts import WRITE, again, hold, write
from .model import Doubt, NotPlausible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .acts import Held
    from .model import Acted, Result, Visit
    from .shapes import Doc

GIVEN_OUT: Final = frozenset({"final", "corrected"})
KINDS: Final = frozenset({"result", "corrected"})


def result(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, results: Sequence[Result], key: str = "") -> Acted:
    """Write results: an Observation each, a DiagnosticReport for each order they answer; who ordered finds them in the work list.

    A number gets the range of its laboratory, else terminology's for adults, and whether it is high or low. One that is not ``released`` is
    preliminary until `approve`. Raises NotPlausible for times that cannot be, Invalid for a result without a value, NotFound for an order of
    another visit, Overtaken, Conflict, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key)
    done = again(held)
    if done is not None:
        return done
    if not results or any(one.value is None and not one.words.strip() and not one.conclusion.strip() for one in results):
        raise Invalid("Kết quả chưa có giá trị.", advice="Give each result a value or words.")
    wrong = [doubt for one in results for doubt in _doubts(one)]
    if wrong:
        raise NotPlausible(wrong)
    asked = _asked(conn, by, held.visit, results)
    docs, reports = result_shapes.documents(held.visit, by, results, asked, _whose(conn, by, held.visit, results))
    for doc in asked.values():
        doc["status"] = "completed"
    changed = [shapes.of_desk(doc, held.visit.facility) for doc in asked.values()]
    new = [shapes.of_desk(doc, held.visit.facility, fresh=True) for doc in (*docs, *reports)]
    saved = record.save(conn, by=by, writes=[*new, *changed])
    _tell(conn, held.visit, "result")
    return write(conn, by=by, held=held, kind="result", saved=saved)


def _tell(conn: Connection[Any], one: Visit, kind: str) -> None:
    store.add_due(conn, store.Due(new_id(), one.person_id, one.patient_id, one.facility, kind, one.programme, clock.today(), one.id, clock.now()))


def _doubts(one: Result) -> Iterator[Doubt]:
    name = one.text[:60]
    if one.value is not None and not one.value.is_finite():
        yield Doubt("value", hard=True, vi=f"{name}: không phải là số.", en=f"{name}: this is no number.")
    if one.low is not None and one.high is not None and one.low > one.high:
        yield Doubt("low", hard=True, vi=f"{name}: khoảng tham chiếu ngược.", en=f"{name}: the range ends before it begins.")
    now = clock.now()
    times = [when for when in (one.taken, one.received, now) if when is not None]
    if times != sorted(times):
        vi = f"{name}: giờ lấy mẫu phải trước giờ nhận, và cả hai trước bây giờ."
        yield Doubt("taken", hard=True, vi=vi, en=f"{name}: a specimen is taken, then received, and both before now.")


def _asked(conn: Connection[Any], by: Actor, visit: Visit, results: Sequence[Result]) -> dict[str, Doc]:
    wanted = list(dict.fromkeys(one.request for one in results if one.request))
    found = record.to_change(conn, by=by, refs=[("ServiceRequest", id_) for id_ in wanted]) if wanted else {}
    docs = {id_: doc for (_, id_), doc in found.items() if doc.get("encounter", {}).get("reference") == f"Encounter/{visit.encounter}"}
    if len(docs) < len(wanted):
        raise NotFound("Không có chỉ định này trong lượt khám.", advice="There is no such order in this visit.")
    return docs


def _whose(conn: Connection[Any], by: Actor, visit: Visit, results: Sequence[Result]) -> Doc:
    """Return the person's Patient where a range depends on sex and age; nothing is asked where no number was told."""
    if all(one.value is None for one in results):
        return {}
    found = record.golden_patients(conn, by=by, person_ids=[visit.person_id]).get(visit.person_id)
    return found.doc if found else {}


def approve(conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, reports: Sequence[str], key: str = "") -> Acted:
    """Approve preliminary reports (ids): they and their results are final, with who approved them; a visit that is over takes it too.

    Raises NotFound for a report of another visit, Conflict for one that was given out before, Overtaken, Denied.
    """
    held = hold(conn, by=by, visit=visit, number=number, key=key, over=True)
    done = again(held)
    if done is not None:
        return done
    found = [_reported(conn, by, held, id_) for id_ in dict.fromkeys(reports)]
    if not found or any(report["status"] in GIVEN_OUT for report, _ in found):
        raise Conflict("Kết quả này đã được duyệt.", advice="There is nothing to approve.")
    docs = [result_shapes.approved(doc, by, held.visit.facility) for report, observations in found for doc in (report, *observations)]
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility) for doc in docs])
    _tell(conn, held.visit, "result")
    return write(conn, by=by, held=held, kind="approve", saved=saved)


def correct(
    conn: Connection[Any], *, by: Actor, visit: UUID, number: int | None, report: str, observation: str, result: Result, reason: str, key: str = ""
) -> Acted:
    """Correct a result that was given out: a new version of Observation and DiagnosticReport, marked, with the reason; the old ones stay.

    Who ordered is told in the work list; a visit that is over takes it too. Raises Invalid without a reason or a value, NotPlausible, NotFound
    for what this visit did not write, Overtaken, Denied.
    """
    if not reason.strip() or (result.value is None and not result.words.strip()):
        raise Invalid("Ghi kết quả đúng và lý do sửa.", advice="Give the right result and the reason.")
    held = hold(conn, by=by, visit=visit, number=number, key=key, over=True)
    done = again(held)
    if done is not None:
        return done
    wrong = list(_doubts(result))
    if wrong:
        raise NotPlausible(wrong)
    named, observations = _reported(conn, by, held, report)
    old = next((one for one in observations if one["id"] == observation), None)
    if old is None:
        raise NotFound("Không có kết quả này trong phiếu.", advice="The report has no such result.")
    docs = result_shapes.corrected(held.visit, by, named, old, result, reason.strip(), _whose(conn, by, held.visit, [result]))
    saved = record.save(conn, by=by, writes=[shapes.of_desk(doc, held.visit.facility) for doc in docs], reason=reason.strip())
    _tell(conn, held.visit, "corrected")
    return write(conn, by=by, held=held, kind="correct", saved=saved, reason=reason.strip())


def _reported(conn: Connection[Any], by: Actor, held: Held, report: str) -> tuple[Doc, list[Doc]]:
    """Return a report of this visit and its results. Raises NotFound."""
    ref = ("DiagnosticReport", report)
    found = record.to_change(conn, by=by, refs=[ref]).get(ref)
    if found is None or found.get("encounter") != shapes.encounter(held.visit):
        raise NotFound("Không có phiếu kết quả này trong lượt khám.", advice="There is no such report in this visit.")
    refs = [("Observation", one["reference"].partition("/")[2]) for one in found.get("result", ())]
    return found, list(record.to_change(conn, by=by, refs=refs).values()) if refs else []


def result_read(conn: Connection[Any], *, by: Actor, item: UUID) -> bool:
    """Take a new or corrected result from the work list because it was read; False when somebody else has. Raises Denied; noted in the trail."""
    taken = store.close_due(conn, item, sorted(KINDS), store.to_write(conn, by))
    if taken is not None:
        person, facility, visit = taken
        audit.note(
            conn, by=by, tag=Tag.RESULT_READ, about_type="Encounter", about_id=str(visit or ""), person_id=person, facility=facility,
            under=WRITE.value,
        )  # fmt: skip
    return taken is not None
